/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of bytes; see pattern_set.h. The named ones are PCRE2's where it goes by bytes and the C locale; a
 * test compares them with it, byte for byte.
 */
#include "engine/pattern_set.h"

#include <stdint.h>

#include "base/cleanup.h"

#define ALL UINT64_MAX
#define BIT(c) (UINT64_C(1) << (c) % 64)
#define IN(c, quarter) ((c) / 64 == (quarter) ? BIT(c) : 0)
#define TWO(b, c)                                                                                            \
	{                                                                                                    \
		{                                                                                            \
			IN(b, 0) | IN(c, 0), IN(b, 1) | IN(c, 1), IN(b, 2) | IN(c, 2), IN(b, 3) | IN(c, 3)   \
		}                                                                                            \
	}
#define ONE_4(c) TWO(c, c), TWO((c) + 1, (c) + 1), TWO((c) + 2, (c) + 2), TWO((c) + 3, (c) + 3)
#define ONE_16(c) ONE_4(c), ONE_4((c) + 4), ONE_4((c) + 8), ONE_4((c) + 12)
#define ONE_64(c) ONE_16(c), ONE_16((c) + 16), ONE_16((c) + 32), ONE_16((c) + 48)
#define CASES(c) TWO(c, (c) + 'A' - 'a')
#define CASES_4(c) CASES(c), CASES((c) + 1), CASES((c) + 2), CASES((c) + 3)

/* Each byte by itself, then the letters in both cases. */
static const struct byte_set literals[] = {
	ONE_64(0),    ONE_64(64),   ONE_64(128),  ONE_64(192),	CASES_4('a'), CASES_4('e'),
	CASES_4('i'), CASES_4('m'), CASES_4('q'), CASES_4('u'), CASES('y'),   CASES('z'),
};

const struct byte_set set_any = { { ALL, ALL, ALL, ALL } };
const struct byte_set set_not_newline = { { ALL & ~BIT('\n'), ALL, ALL, ALL } };

#define DIGITS UINT64_C(0x03ff000000000000)
#define LETTERS UINT64_C(0x07fffffe07fffffe)
#define WORD UINT64_C(0x07fffffe87fffffe)
#define SPACES (UINT64_C(0x3e00) | BIT(' '))
#define BLANKS (BIT('\t') | BIT(' '))
#define ENDS_OF_LINES UINT64_C(0x3c00)

const struct byte_set set_word = { { DIGITS, WORD, 0, 0 } };
const struct byte_set set_not_word = { { ~DIGITS, ~WORD, ALL, ALL } };

static const struct {
	char letter;
	struct byte_set set;
} escapes[] = {
	{ 'd', { { DIGITS, 0, 0, 0 } } },
	{ 'D', { { ~DIGITS, ALL, ALL, ALL } } },
	{ 's', { { SPACES, 0, 0, 0 } } },
	{ 'S', { { ~SPACES, ALL, ALL, ALL } } },
	{ 'h', { { BLANKS, 0, BIT(0xa0), 0 } } },
	{ 'H', { { ~BLANKS, ALL, ~BIT(0xa0), ALL } } },
	{ 'v', { { ENDS_OF_LINES, 0, BIT(0x85), 0 } } },
	{ 'V', { { ~ENDS_OF_LINES, ALL, ~BIT(0x85), ALL } } },
};

static const struct {
	struct str name;
	struct byte_set set;
} classes[] = {
	{ STR("alnum"), { { DIGITS, LETTERS, 0, 0 } } },
	{ STR("alpha"), { { 0, LETTERS, 0, 0 } } },
	{ STR("ascii"), { { ALL, ALL, 0, 0 } } },
	{ STR("blank"), { { BLANKS, 0, 0, 0 } } },
	{ STR("cntrl"), { { UINT32_MAX, BIT(0x7f), 0, 0 } } },
	{ STR("digit"), { { DIGITS, 0, 0, 0 } } },
	{ STR("graph"), { { ALL << 33, ALL >> 1, 0, 0 } } },
	{ STR("lower"), { { 0, LETTERS &ALL << 32, 0, 0 } } },
	{ STR("print"), { { ALL << 32, ALL >> 1, 0, 0 } } },
	{ STR("punct"), { { ALL << 33 & ~DIGITS, ALL >> 1 & ~LETTERS, 0, 0 } } },
	{ STR("space"), { { SPACES, 0, 0, 0 } } },
	{ STR("upper"), { { 0, LETTERS &UINT32_MAX, 0, 0 } } },
	{ STR("word"), { { DIGITS, WORD, 0, 0 } } },
	{ STR("xdigit"), { { DIGITS, UINT64_C(0x0000007e0000007e), 0, 0 } } },
};

static bool is_letter(unsigned char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

const struct byte_set *set_of_byte(unsigned char c, bool nocase)
{
	return nocase && is_letter(c) ? &literals[256 + (c | 0x20) - 'a'] : &literals[c];
}

bool set_is_literal(const struct byte_set *set, unsigned char *ret_byte, bool *ret_nocase)
{
	size_t i = (size_t)((uintptr_t)set - (uintptr_t)literals) / sizeof(*set);

	if (i >= ARRAY_SIZE(literals))
		return false;
	*ret_byte = (unsigned char)(i < 256 ? i : i - 256 + 'a');
	*ret_nocase = i >= 256;
	return true;
}

const struct byte_set *set_of_escape(char letter)
{
	if (letter == 'w')
		return &set_word;
	if (letter == 'W')
		return &set_not_word;
	if (letter == 'N')
		return &set_not_newline;
	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
		if (escapes[i].letter == letter)
			return &escapes[i].set;
	return NULL;
}

const struct byte_set *set_of_class(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (str_eq(classes[i].name, name))
			return &classes[i].set;
	return NULL;
}

/* The table's own of @set, which is not empty; NULL: it is no literal. */
static const struct byte_set *find_literal(const struct byte_set *set)
{
	unsigned int first = 0;

	while (set->bits[first / 64] == 0)
		first += 64;
	first += (unsigned int)__builtin_ctzll(set->bits[first / 64]);
	if (set_equal(set, &literals[first]))
		return &literals[first];
	return set_equal(set, set_of_byte((unsigned char)first, true))
		       ? set_of_byte((unsigned char)first, true)
		       : NULL;
}

const struct byte_set *set_keep(const struct byte_set *set, struct arena *a)
{
	static const struct byte_set *const named[] = { &set_any, &set_not_newline, &set_word,
							&set_not_word };
	const struct byte_set *found = set_size(set) - 1 < 2 ? find_literal(set) : NULL;
	struct byte_set *copy;

	for (size_t i = 0; !found && i < ARRAY_SIZE(named); i++)
		if (set_equal(set, named[i]))
			found = named[i];
	for (size_t i = 0; !found && i < ARRAY_SIZE(escapes); i++)
		if (set_equal(set, &escapes[i].set))
			found = &escapes[i].set;
	if (found)
		return found;
	copy = arena_alloc(a, sizeof(*copy));
	if (copy)
		*copy = *set;
	return copy;
}

void set_add(struct byte_set *set, const struct byte_set *other)
{
	for (size_t i = 0; i < 4; i++)
		set->bits[i] |= other->bits[i];
}

void set_add_byte(struct byte_set *set, unsigned char c)
{
	set->bits[c / 64] |= BIT(c);
}

void set_fold(struct byte_set *set)
{
	uint64_t letters = set->bits[1] & LETTERS;

	set->bits[1] |= letters << 32 | letters >> 32;
}

void set_invert(struct byte_set *set)
{
	for (size_t i = 0; i < 4; i++)
		set->bits[i] = ~set->bits[i];
}

struct byte_set set_and(const struct byte_set *a, const struct byte_set *b)
{
	struct byte_set both;

	for (size_t i = 0; i < 4; i++)
		both.bits[i] = a->bits[i] & b->bits[i];
	return both;
}

bool set_is_empty(const struct byte_set *set)
{
	return (set->bits[0] | set->bits[1] | set->bits[2] | set->bits[3]) == 0;
}

bool set_equal(const struct byte_set *a, const struct byte_set *b)
{
	for (size_t i = 0; i < 4; i++)
		if (a->bits[i] != b->bits[i])
			return false;
	return true;
}

bool set_within(const struct byte_set *part, const struct byte_set *whole)
{
	for (size_t i = 0; i < 4; i++)
		if (part->bits[i] & ~whole->bits[i])
			return false;
	return true;
}

bool set_disjoint(const struct byte_set *a, const struct byte_set *b)
{
	struct byte_set both = set_and(a, b);

	return set_is_empty(&both);
}

unsigned int set_size(const struct byte_set *set)
{
	unsigned int n = 0;

	for (size_t i = 0; i < 4; i++)
		n += (unsigned int)__builtin_popcountll(set->bits[i]);
	return n;
}
