/* SPDX-License-Identifier: Apache-2.0 */
/* IP addresses; see ip.h. The C library reads the two families, what it would forgive is refused before. */
#include "base/ip.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

/* The part in front of the first @c; *ret_rest is what follows that, unknown where there is none. */
static struct str split(struct str text, char c, struct str *ret_rest)
{
	const char *at = text.len ? memchr(text.p, c, text.len) : NULL;
	size_t n = at ? (size_t)(at - text.p) : text.len;

	*ret_rest = at ? str_skip(text, n + 1) : (struct str){ NULL, 0 };
	return (struct str){ text.p, n };
}

static bool parse(int family, struct str text, unsigned char *ret)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.p, '\0', text.len))
		return false;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	return inet_pton(family, copy, ret) == 1;
}

/* Is it a zone, or not there at all? */
static bool is_zone(struct str zone)
{
	return !str_known(zone) || (zone.len > 0 && !memchr(zone.p, '%', zone.len) &&
				    !memchr(zone.p, '/', zone.len));
}

bool ip_parse(struct str text, struct ip *ret)
{
	struct ip ip = { .is_v6 = false };
	struct str zone, address = split(text, '%', &zone);

	if (!str_known(zone) && parse(AF_INET, text, ip.bytes)) {
		*ret = ip;
		return true;
	}
	ip.is_v6 = true;
	if (!is_zone(zone) || !parse(AF_INET6, address, ip.bytes))
		return false;
	*ret = ip;
	return true;
}

/* Decimal digits, at most @most. */
static bool read_bits(struct str text, unsigned int most, unsigned int *ret)
{
	unsigned int n = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		n = n * 10 + (unsigned int)(text.p[i] - '0');
		if (n > most)
			return false;
	}
	*ret = n;
	return text.len > 0;
}

/* The bits of a mask, or of the reverse of one: 255.0.0.0 and 0.255.255.255 are both 8. */
static bool read_mask(struct str text, unsigned int *ret)
{
	unsigned char bytes[4];
	uint32_t mask;

	if (!parse(AF_INET, text, bytes))
		return false;
	mask = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
	for (int reversed = 0; reversed < 2; reversed++, mask = ~mask) {
		unsigned int bits = (unsigned int)__builtin_popcount(mask);

		if (mask == (bits ? UINT32_MAX << (32 - bits) : 0)) {
			*ret = bits;
			return true;
		}
	}
	return false;
}

bool ip_network_parse(struct str text, struct ip_network *ret)
{
	struct str length, address = split(text, '/', &length);
	struct ip_network network;
	unsigned int most;

	if (!ip_parse(address, &network.address))
		return false;
	most = network.address.is_v6 ? 128 : 32;
	network.bits = most;
	if (str_known(length) && !read_bits(length, most, &network.bits) &&
	    (network.address.is_v6 || !read_mask(length, &network.bits)))
		return false;
	*ret = network;
	return true;
}

/* Of byte @i of an address the bits that are the network's. */
static unsigned char mask_at(const struct ip_network *network, unsigned int i)
{
	unsigned int before = i * 8;

	if (network->bits <= before)
		return 0;
	return network->bits >= before + 8 ? 0xff : (unsigned char)(0xff << (before + 8 - network->bits));
}

bool ip_network_trim(struct ip_network *network)
{
	bool trimmed = false;

	for (unsigned int i = 0; i < sizeof(network->address.bytes); i++) {
		unsigned char *byte = &network->address.bytes[i], mask = mask_at(network, i);

		trimmed |= (*byte & ~mask) != 0;
		*byte &= mask;
	}
	return !trimmed;
}

void ip_network_write(const struct ip_network *network, struct buf *b)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(network->address.is_v6 ? AF_INET6 : AF_INET, network->address.bytes, text, sizeof(text));
	buf_printf(b, "%s/%u", text, network->bits);
}

bool ip_in(const struct ip *ip, const struct ip_network *network)
{
	if (ip->is_v6 != network->address.is_v6)
		return false;
	for (unsigned int i = 0; i < sizeof(ip->bytes); i++)
		if ((ip->bytes[i] ^ network->address.bytes[i]) & mask_at(network, i))
			return false;
	return true;
}
