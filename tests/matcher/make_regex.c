/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regexes as detection rules have them, and now and then as nobody has them. With each goes a text in which
 * it may be found: mostly, not always, since lookarounds and anchors look at more than their own place.
 */
#include "tests/matcher/make.h"

#include <string.h>

struct writer {
	struct maker *m;
	struct random *r;
	struct buf *pattern, *sample;
	struct buf other;		/* what another alternative would be found in */
	unsigned int n_captures, depth;
};

/* A part of a pattern, and what it may stand for. */
struct piece {
	const char *pattern, *sample;
};

static const struct piece classes[] = {
	{ "[abc]", "b" }, { "[^ ]", "x" }, { "[a-z0-9]", "7" }, { "\\d", "5" }, { "\\w", "w" },
	{ "\\s", " " }, { "\\s", "\t" }, { "[A-Fa-f0-9]", "F" }, { "[\\x80-\\xff]", "\xc3" },
	{ "[-/]", "/" }, { ".", "." }, { "[^|]", "a" }, { "\\S", "S" }, { "\\W", "-" },
	{ "[[:alpha:]]", "q" }, { "[sS]", "s" }, { "[kK]", "K" }, { "[^\\S ]", "\n" }, { "\\D", "d" },
	{ "[a\\]]", "]" }, { "[\\w.-]", "." }, { "\\N", "n" }, { "[ \\t]", " " }, { "[^a-zA-Z]", "0" },
	{ "\\h", " " }, { "[]a]", "a" }, { "[\\-x]", "-" },
};

static const char *const quantifiers[] = {
	"*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "+?", "*?", "??", "++", "*+", "{1,3}?", "{3,5}",
	"{0}", "{0,64}",
};

static const struct piece gaps[] = {
	{ ".*", "" }, { ".*", " -x " }, { ".*?", "1" }, { ".+", "." }, { ".{0,10}", "12345" },
	{ "\\s+", " " }, { "\\s+", " \t " }, { "\\s*", "" }, { "[^|]*", " a b" }, { "[^ ]+", "abc" },
	{ "\\S*", "/x" }, { "(?:\\s+\\S+)*\\s+", " -a -b " }, { "(.*)", "a" }, { "\\s?", "" },
	{ "(\\s|$)", " " }, { "[\\s;&|]+", " ; " },
};

static const struct piece edges[] = {
	{ "^", "" }, { "$", "" }, { "\\b", "" }, { "\\b", " " }, { "\\B", "" }, { "(^|\\s)", " " },
	{ "(?:^|[\\s/])", "/" }, { "(?:^|/)", "" }, { "\\A", "" }, { "\\z", "" }, { "\\Z", "" },
	{ "(\\s|$)", " " }, { "(?:$|[\\s;|&])", ";" }, { "(?<![a-z])", "" }, { "(?<=\\s)", " " },
	{ "(?!x)", "" }, { "(?=.)", "" }, { "(?<!\\w)", "" }, { "(?![\\w-])", "" }, { "\\K", "" },
	{ "\\G", "" }, { "(?#note)", "" },
};

static const struct piece rare[] = {
	{ "(?x)a b # c", "ab" }, { "\\Qa.b*\\E", "a.b*" }, { "(?i)ab(?-i)CD", "aBCD" },
	{ "(?>ab|a)b", "abb" }, { "(*COMMIT)a", "a" }, { "a(*SKIP)b", "ab" }, { "(?|(a)|(b))\\1", "bb" },
	{ "(?<n>ab)\\k<n>", "abab" }, { "(a)(?1)", "aa" }, { "\\R", "\n" }, { "(?(?=a)ab|cd)", "cd" },
	{ "\\x{41}\\x42\\o{103}", "ABC" }, { "(?:a(?i)b|c)d", "aBD" }, { "(?i:ab)c", "ABc" },
	{ "((a|b)c)+\\2", "acbcb" }, { "\\cA", "\x01" }, { "(?s-i)a.b", "a\nb" },
	{ "(?m)^a$", "x\na\ny" }, { "a{,2}", "a{,2}" }, { "x{1,2", "x{1,2" },
	{ "a(?:b(?:c(?:d)?)?)?", "abc" }, { "(?:a|ab)(?:c|bcd)(?:d*)", "abcd" }, { "(?=ab)\\w+", "abx" },
	{ "(?=.*a)(?=.*b)^", "ab" }, { "(?!.*zz)^", "a" }, { "(?:(?:a|b)|(?:c|d))e", "ce" },
	{ "\\d{1,3}(?:\\.\\d{1,3}){3}", "10.0.0.1" },
	{ "[a-f0-9]{32}", "0123456789abcdef0123456789abcdef" },
	{ "(?:[A-Za-z0-9+/]{4}){4,}={0,2}", "QUJDREVGR0hJSktM" }, { "(?:a|b|)c", "c" }, { "(|a)b", "b" },
	{ "(?i)\xc3\xa9t\xc3\xa9", "\xc3\xa9T\xc3\xa9" }, { "(?U)a+b", "aab" }, { "(?n)(a)b", "ab" },
	{ "(a*)*b", "aab" }, { "(a+)+$", "aaa" }, { "\\101", "A" }, { "\\0", "" },
	{ "[^\\x00-\\x7f]", "\xe2" },
};

static void piece_write(struct writer *w, const struct piece *p)
{
	buf_text(w->pattern, p->pattern);
	buf_text(w->sample, p->sample);
}

static void byte_write(struct writer *w, char c)
{
	unsigned char byte = (unsigned char)c;
	bool letter = is_letter(c), digit = c >= '0' && c <= '9';

	if (byte < 0x20)
		buf_printf(w->pattern, "\\x%02x", c);
	else if (letter && chance(w->r, 3))
		buf_printf(w->pattern, "[%c%c]", c, c ^ 0x20);
	else if (chance(w->r, 2) && byte < 0x80)
		buf_printf(w->pattern, "\\x%02x", c);
	else if (letter || digit || byte >= 0x80 || (strchr("/- =:,_'\"<>@%&~`!", c) && chance(w->r, 70)))
		buf_char(w->pattern, c);
	else if (c == ' ' && chance(w->r, 50))
		buf_text(w->pattern, "\\x20");
	else
		buf_printf(w->pattern, "\\%c", c);
}

static void literal_write(struct writer *w)
{
	struct str s = pool_text(w->m);

	for (size_t i = 0; i < s.len; i++)
		byte_write(w, s.p[i]);
	buf_str(w->sample, s);
}

static void quantifier_write(struct writer *w)
{
	buf_text(w->pattern, quantifiers[pick(w->r, ARRAY_SIZE(quantifiers))]);
}

static void class_write(struct writer *w)
{
	const struct piece *p = &classes[pick(w->r, ARRAY_SIZE(classes))];
	size_t n = 1 + pick(w->r, 4);

	buf_text(w->pattern, p->pattern);
	if (chance(w->r, 60))
		quantifier_write(w);
	else
		n = 1;
	while (n-- > 0)
		buf_text(w->sample, p->sample);
}

static void alternatives_write(struct writer *w);

static void group_write(struct writer *w)
{
	static const char *const opens[] = { "(", "(?:", "(?:", "(?i:", "(?>", "(?-i:" };
	const char *open = opens[pick(w->r, ARRAY_SIZE(opens))];

	w->depth++;
	buf_text(w->pattern, open);
	alternatives_write(w);
	buf_char(w->pattern, ')');
	w->depth--;
	w->n_captures += open[1] == '\0';
	if (chance(w->r, 30))
		quantifier_write(w);
}

/* What must not be there stands in the sample now and then, too. */
static void look_write(struct writer *w)
{
	static const char *const opens[] = { "(?=", "(?!", "(?<=", "(?<!" };
	const char *open = opens[pick(w->r, ARRAY_SIZE(opens))];
	size_t before = w->sample->len;

	buf_text(w->pattern, open);
	if (chance(w->r, 30) && open[2] != '<')
		buf_text(w->pattern, ".*");
	literal_write(w);
	buf_char(w->pattern, ')');
	if (strchr(open, '!') && chance(w->r, 70))
		buf_cut(w->sample, before);
}

static void item_write(struct writer *w)
{
	size_t kind = pick(w->r, 100);

	if (kind < 40) {
		literal_write(w);
		if (chance(w->r, 8))
			quantifier_write(w);
	} else if (kind < 58) {
		piece_write(w, &gaps[pick(w->r, ARRAY_SIZE(gaps))]);
	} else if (kind < 70) {
		class_write(w);
	} else if (kind < 82 && w->depth < 3) {
		group_write(w);
	} else if (kind < 92) {
		piece_write(w, &edges[pick(w->r, ARRAY_SIZE(edges))]);
	} else if (kind < 94) {
		look_write(w);
	} else if (kind < 95) {
		buf_text(w->pattern, chance(w->r, 70) ? "(?i)" : "(?-i)");
	} else if (kind < 97 && w->n_captures > 0) {
		buf_printf(w->pattern, "\\%zu", 1 + pick(w->r, w->n_captures));
	} else {
		piece_write(w, &rare[pick(w->r, ARRAY_SIZE(rare))]);
	}
}

static void sequence_write(struct writer *w)
{
	size_t n = 1 + pick(w->r, w->depth ? 2 : 5);

	while (n-- > 0)
		item_write(w);
}

/* One of them is what the sample holds. */
static void alternatives_write(struct writer *w)
{
	size_t n = 1 + pick(w->r, w->depth ? 4 : 2), kept = pick(w->r, n);
	bool literals = chance(w->r, 50);

	for (size_t i = 0; i < n; i++) {
		size_t before = w->sample->len;

		if (i)
			buf_char(w->pattern, '|');
		if (literals)
			literal_write(w);
		else
			sequence_write(w);
		if (i == kept || w->sample->len <= before)
			continue;
		buf_reset(&w->other);
		buf_add(&w->other, w->sample->p + before, w->sample->len - before);
		buf_cut(w->sample, before);
	}
}

/* A class as often as it may be, or just not. */
static void run_write(struct writer *w)
{
	static const struct piece sets[] = {
		{ "[a-z]", "abcxyzqwertyu" }, { "[A-Z]", "QWERTZUIOPASD" },
		{ "[a-f0-9]", "0a1b2c3d4e5f6" }, { "\\d", "0123456789012" }, { "\\w", "aZ_9bY8cX7dW6" },
		{ "\\s", " \t  \n  \t    " }, { "[^ ]", "/;a|0-b.c,d_e" }, { "[\\w.-]", "a.b-c_d.e-f.g" },
		{ "[A-Za-z0-9+/]", "QUJDRE+/GR0hJ" },
	};
	const struct piece *p = &sets[pick(w->r, ARRAY_SIZE(sets))];
	size_t min = pick(w->r, 9), max = min + pick(w->r, 4);

	buf_printf(w->pattern, "%s{%zu,", p->pattern, min);
	if (chance(w->r, 60))
		buf_int(w->pattern, (int64_t)(max ? max : 1));
	buf_char(w->pattern, '}');
	buf_add(w->sample, p->sample, chance(w->r, 60) ? min : max);
}

static void front_write(struct writer *w)
{
	static const struct piece fronts[] = {
		{ "^", "" }, { "\\b", "" }, { "(^|\\s)", "" }, { "(^|\\s)", " " },
		{ "(?:^|[\\s/])", "/" }, { "(?:^|/)", "" }, { "\\A", "" }, { "(?<![a-z])", "" },
		{ "(?<!\\w)", "-" }, { "\\G", "" }, { "^.*", "x " }, { "\\s*", " " },
		{ "^\\S+\\s+", "a " }, { "(?=.*a)", "" }, { "\\B", "" },
	};

	if (chance(w->r, 60))
		piece_write(w, &fronts[pick(w->r, ARRAY_SIZE(fronts))]);
}

static void back_write(struct writer *w)
{
	static const struct piece backs[] = {
		{ "$", "" }, { "$", "" }, { "\\b", "" }, { "(\\s|$)", "" }, { "(\\s|$)", "\n" },
		{ "\\z", "" }, { "\\Z", "\n" }, { "(?![\\w-])", "" }, { "(?:$|[\\s;|&])", ";" },
		{ "(?!x)", "" }, { "\\s*$", " " }, { ".*$", "" }, { "['\"]?$", "'" }, { "(?=\\s)", " " },
		{ "\\B", "" },
	};

	if (chance(w->r, 60))
		piece_write(w, &backs[pick(w->r, ARRAY_SIZE(backs))]);
}

/* A text with runs of bytes on both sides, between edges. */
static void surrounded_write(struct writer *w)
{
	front_write(w);
	for (size_t n = pick(w->r, 3); n > 0; n--)
		run_write(w);
	literal_write(w);
	for (size_t n = pick(w->r, 3); n > 0; n--)
		run_write(w);
	if (chance(w->r, 15))
		look_write(w);
	back_write(w);
}

/* Two texts that may overlap, apart or not. */
static void apart_write(struct writer *w)
{
	struct str s = pool_text(w->m);
	size_t shared = pick(w->r, s.len + 1);

	for (size_t i = 0; i < s.len; i++)
		byte_write(w, s.p[i]);
	buf_str(w->sample, s);
	piece_write(w, &gaps[chance(w->r, 40) ? 0 : pick(w->r, ARRAY_SIZE(gaps))]);
	if (chance(w->r, 30))
		run_write(w);
	if (chance(w->r, 50))
		buf_cut(w->sample, w->sample->len - (w->sample->len < shared ? 0 : shared));
	for (size_t i = s.len - shared; i < s.len; i++)
		byte_write(w, s.p[i]);
	buf_str(w->sample, str_skip(s, s.len - shared));
	if (chance(w->r, 50))
		literal_write(w);
	back_write(w);
}

/* As those have that look for keys and tokens: what may stand in front is bounded, and gives back. */
static void token_write(struct writer *w)
{
	front_write(w);
	run_write(w);
	w->depth = 1;
	group_write(w);
	piece_write(w, &gaps[pick(w->r, ARRAY_SIZE(gaps))]);
	run_write(w);
	back_write(w);
}

/* Groups of a text between runs, one of which it is: how far it is to the text depends on which. */
static void branches_write(struct writer *w)
{
	size_t n = 1 + pick(w->r, 3), kept = pick(w->r, n);

	front_write(w);
	if (chance(w->r, 30))
		run_write(w);
	buf_text(w->pattern, "(?:");
	for (size_t i = 0; i < n; i++) {
		size_t before = w->sample->len;

		buf_text(w->pattern, i ? "|" : "");
		run_write(w);
		literal_write(w);
		if (chance(w->r, 50))
			run_write(w);
		if (i == kept)
			continue;
		buf_reset(&w->other);
		buf_add(&w->other, w->sample->p + before, w->sample->len - before);
		buf_cut(w->sample, before);
	}
	buf_char(w->pattern, ')');
	if (chance(w->r, 30))
		class_write(w);
	else if (chance(w->r, 60))
		literal_write(w);
	back_write(w);
}

/* A short text a few times, next to others. */
static void repeated_write(struct writer *w)
{
	struct str s = pool_text(w->m);
	size_t min = pick(w->r, 4), max = min + 1 + pick(w->r, 3), n = min + pick(w->r, max - min + 1);

	if (s.len > 3 && is_letter(s.p[0]))
		s.len = 1 + pick(w->r, 3);
	front_write(w);
	if (chance(w->r, 60))
		literal_write(w);
	buf_text(w->pattern, "(?:");
	for (size_t i = 0; i < s.len; i++)
		byte_write(w, s.p[i]);
	buf_printf(w->pattern, "){%zu,", min);
	if (chance(w->r, 60))
		buf_int(w->pattern, (int64_t)max);
	else
		n += pick(w->r, 6);
	buf_char(w->pattern, '}');
	while (n-- > 0)
		buf_str(w->sample, s);
	if (chance(w->r, 60))
		literal_write(w);
	else
		run_write(w);
	back_write(w);
}

void regex_write(struct maker *m, struct buf *pattern, struct buf *sample)
{
	static void (*const shapes[])(struct writer *w) = {
		surrounded_write, surrounded_write, surrounded_write, apart_write, apart_write,
		token_write, token_write, alternatives_write, sequence_write, sequence_write,
		sequence_write, sequence_write, run_write, branches_write, branches_write,
		repeated_write,
	};
	struct writer w = { .m = m, .r = &m->random, .pattern = pattern, .sample = sample,
			    .other = BUF_INIT };

	if (chance(w.r, 45))
		buf_text(pattern, "(?i)");
	else if (chance(w.r, 8))
		buf_text(pattern, chance(w.r, 50) ? "(?s)" : chance(w.r, 50) ? "(?im)" : "(?is)");
	w.depth = chance(w.r, 20);
	shapes[pick(w.r, ARRAY_SIZE(shapes))](&w);
	if (chance(w.r, 30)) {
		buf_text(sample, chance(w.r, 60) ? " " : "");
		buf_str(sample, buf_get(&w.other));
	}
	buf_done(&w.other);
}
