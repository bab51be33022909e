/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IP addresses and networks as text, as strictly as Python's ipaddress reads them: no leading zeros, no
 * blanks, no short forms of IPv4. What stands behind a `%` in an IPv6 address, its zone, is looked over.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct ip {
	bool is_v6;
	unsigned char bytes[16];	/* of IPv4 the first four, the others are 0 */
};

struct ip_network {
	struct ip address;
	unsigned int bits;		/* at its start that are the network's */
};

/* False: the text is no address. */
bool ip_parse(struct str text, struct ip *ret);
/* "10.0.0.0/8", of IPv4 also with a mask behind the slash; an address alone is a network of one. An address
 * may have bits behind the network's; ip_network_trim() says so. False: the text is no network. */
bool ip_network_parse(struct str text, struct ip_network *ret);
/* Clears the bits of the address behind the network's. False: there were some. */
bool ip_network_trim(struct ip_network *network);
void ip_network_write(const struct ip_network *network, struct buf *b);
/* IPv4 and IPv6 are never in each other. */
bool ip_in(const struct ip *ip, const struct ip_network *network);

#endif
