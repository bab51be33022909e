/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4; see siphash.h. The names v0 to v3 and the constants are those of the paper. */
#include "base/siphash.h"

#include <endian.h>
#include <string.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(struct state *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static void add_word(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

/* Up to eight bytes, the first one lowest. */
static uint64_t load(const char *p, size_t n)
{
	uint64_t word = 0;

	if (n)
		memcpy(&word, p, n);
	return le64toh(word);
}

uint64_t siphash(const struct siphash_key *key, uint64_t first, struct str s)
{
	struct state state = {
		key->a ^ UINT64_C(0x736f6d6570736575),
		key->b ^ UINT64_C(0x646f72616e646f6d),
		key->a ^ UINT64_C(0x6c7967656e657261),
		key->b ^ UINT64_C(0x7465646279746573),
	};
	size_t at = 0;

	add_word(&state, first);
	for (; s.len - at >= 8; at += 8)
		add_word(&state, load(s.p + at, 8));
	add_word(&state, load(s.p + at, s.len - at) | (uint64_t)(s.len + sizeof(first)) << 56);
	state.v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(&state);
	return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}
