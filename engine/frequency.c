/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text is as rare as its letters in a row: the share of lines that have the first two, then each behind
 * the two before it where that was counted, else behind the one. The costs, logarithms of shares, add up.
 * Such tables are small and know no words; a list of the most usual ones makes up for that, and a text
 * inside a word costs no more than the word. No text costs less than one inside it: no step is below 0, and
 * tools/frequency rounds up the costs of what a text can begin with.
 *
 * That a letter depends only on those just before it is wrong for words, which rules are made of: long ones
 * are in more lines than their letters tell. So what a cost has beyond PLAIN is taken for a quarter, as was
 * found by estimating each recording from the others.
 */
#include "engine/frequency.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define CLASSES 42
/* In quarters of a bit: up to where a cost is taken as it is, and where it ends, which makes 2^-26. */
#define PLAIN 44
#define DEAREST (PLAIN + 4 * 60)
/* Three classes as one number, by the bytes that stand for them. */
#define KEY(a, b, c) ((uint32_t)(unsigned char)(a) << 16 | (uint32_t)(unsigned char)(b) << 8 | \
		      (uint32_t)(unsigned char)(c))

static const unsigned char class_of[256] = {
#define BYTE(byte, class) [(unsigned char)(byte)] = (class),
#include "engine/frequency.def"
};

static const struct class {
	unsigned char sample, one, within;
	uint16_t triples;	/* where those that begin with it begin */
	uint64_t behind;	/* the classes behind it in words, a bit each */
	unsigned char pair[CLASSES];
} classes[CLASSES] = {
#define CLASS(sample, one, within, triples, behind, ...) \
	{ sample, one, within, triples, behind, { __VA_ARGS__ } },
#include "engine/frequency.def"
};

static const struct triple {
	uint32_t key : 24, cost : 8;
} triples[] = {
#define TRIPLE(a, b, c, cost) { KEY(a, b, c), cost },
#include "engine/frequency.def"
};

/* One after the other, so that one search looks through all; the newlines count them. */
static const char words[] =
#define WORD(text, cost) text "\n"
#include "engine/frequency.def"
	;

static const unsigned char word_costs[] = {
#define WORD(text, cost) cost,
#include "engine/frequency.def"
};

static const struct name {
	const char *name;
	float share;
} names[] = {
#define NAME(name, share) { name, share },
#include "engine/frequency.def"
};

static const float other_name =
#define OTHER_NAME(share) share;
#include "engine/frequency.def"

static unsigned int cost_of_second(unsigned int a, unsigned int b)
{
	return classes[a].pair[b] - classes[a].one;
}

static unsigned int cost_of_third(unsigned int a, unsigned int b, unsigned int c)
{
	uint32_t key = KEY(classes[a].sample, classes[b].sample, classes[c].sample);
	size_t low = classes[a].triples;
	size_t high = a + 1 < CLASSES ? classes[a + 1].triples : sizeof(triples) / sizeof(triples[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (triples[middle].key == key)
			return triples[middle].cost;
		if (triples[middle].key > key)
			high = middle;
		else
			low = middle + 1;
	}
	return cost_of_second(b, c);
}

static unsigned int cost_of_letters(struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	unsigned int a = 0, b = class_of[p[0]], cost = classes[b].one + classes[b].within;

	for (size_t i = 1; i < text.len && cost < DEAREST; i++) {
		unsigned int c = class_of[p[i]];

		cost += classes[c].within;
		cost += i == 1 ? cost_of_second(b, c) : cost_of_third(a, b, c);
		a = b;
		b = c;
	}
	return cost < DEAREST ? cost : DEAREST;
}

/* Most texts that are in no word have two letters that are in none: found sooner than by a search. */
static bool can_be_in_word(struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p;

	for (size_t i = 1; i < text.len; i++)
		if (!(classes[class_of[p[i - 1]]].behind >> class_of[p[i]] & 1))
			return false;
	/* Bytes of no class, the newline among them, are in no word. */
	return class_of[p[0]] != 0;
}

/* Of the most usual word that @text is in, DEAREST of none. */
static unsigned int cost_of_words(struct str text)
{
	const char *found;
	size_t before = 0;

	if (!can_be_in_word(text))
		return DEAREST;
	found = memmem(words, sizeof(words) - 1, text.p, text.len);
	if (!found)
		return DEAREST;
	for (const char *p = words; p < found; p++)
		before += *p == '\n';
	return word_costs[before];
}

float frequency_in_line(struct str text)
{
	unsigned int letters, word;
	float cost;

	if (!text.len)
		return 1;
	letters = cost_of_letters(text);
	word = cost_of_words(text);
	cost = letters < word ? letters : word;
	if (cost > PLAIN)
		cost = PLAIN + (cost - PLAIN) / 4;
	return exp2f(-cost / 4);
}

float frequency_of_name(struct str name)
{
	size_t low = 0, high = sizeof(names) / sizeof(names[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = str_cmp(name, str_of(names[middle].name));

		if (!order)
			return names[middle].share;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return other_name;
}
