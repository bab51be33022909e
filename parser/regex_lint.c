/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A short-sighted reader of regexes: atoms, quantifiers, alternatives and groups, one pass, no recursion.
 * Of each branch it keeps two facts: does it hold a character for certain, and can it be nothing but
 * repeats, which is what makes (a+)+ explode.
 */
#include "parser/regex_lint.h"

#include <string.h>

/* Groups deeper than this are not looked into; base/regex.h accepts 50. */
#define MAX_GROUPS 64

struct branch {
	bool literal;			/* some character is certain */
	bool fixed;			/* something stands in it exactly once */
	bool repeat;			/* an unbounded repeat is in it */
	bool wild;			/* ... of `.` */
};

struct group {
	struct branch branch;		/* the one that is being read */
	bool all_literal;		/* of the branches before */
	bool any_nested;		/* one of them is nothing but repeats */
	bool extended;			/* (?x) */
	bool lookaround;		/* matches nothing itself */
};

struct lint {
	struct str p;
	size_t i;
	struct group groups[MAX_GROUPS];
	size_t depth;
	struct regex_lint result;
};

struct quantifier {
	size_t at;
	bool there, optional, unbounded;
};

/* What an atom is for the branch that it stands in. */
struct atom {
	bool literal, fixed, repeat, wild, nested;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool begins(const struct lint *l, const char *text)
{
	return str_has_prefix(str_skip(l->p, l->i), str_of(text));
}

/* {n}, {n,} and {n,m}; any other brace is itself. */
static bool read_braces(struct lint *l, struct quantifier *q)
{
	size_t i = l->i + 1, digits = i;
	bool zero = true;

	for (; i < l->p.len && is_digit(l->p.p[i]); i++)
		zero &= l->p.p[i] == '0';
	if (i == digits || i >= l->p.len)
		return false;
	q->optional = zero;
	if (l->p.p[i] == ',') {
		i++;
		q->unbounded = i < l->p.len && l->p.p[i] == '}';
		while (i < l->p.len && is_digit(l->p.p[i]))
			i++;
	}
	if (i >= l->p.len || l->p.p[i] != '}')
		return false;
	l->i = i + 1;
	return true;
}

static struct quantifier read_quantifier(struct lint *l)
{
	struct quantifier q = { .at = l->i };

	if (l->i >= l->p.len)
		return q;
	switch (l->p.p[l->i]) {
	case '*':
		q.optional = q.unbounded = true;
		l->i++;
		break;
	case '+':
		q.unbounded = true;
		l->i++;
		break;
	case '?':
		q.optional = true;
		l->i++;
		break;
	case '{':
		if (read_braces(l, &q))
			break;
		return (struct quantifier){ .at = q.at };
	default:
		return q;
	}
	q.there = true;
	l->result.is_literal = false;
	/* Possessive: it gives nothing back, so nothing explodes. */
	if (l->i < l->p.len && l->p.p[l->i] == '+') {
		q.unbounded = false;
		l->i++;
	} else if (l->i < l->p.len && l->p.p[l->i] == '?') {
		l->i++;
	}
	return q;
}

/* Puts the atom, with the quantifier behind it, in the branch. */
static void add_atom(struct lint *l, struct atom a)
{
	struct branch *b = &l->groups[l->depth].branch;
	struct quantifier q = read_quantifier(l);

	if (q.unbounded && a.nested && !l->result.has_nested_repeat) {
		l->result.has_nested_repeat = true;
		l->result.nested_at = q.at;
	}
	b->literal |= a.literal && !q.optional;
	b->fixed |= a.fixed && !q.unbounded && !q.optional;
	b->repeat |= a.repeat || q.unbounded;
	b->wild |= a.wild && (q.unbounded || a.repeat);
}

static void end_branch(struct group *g)
{
	g->all_literal &= g->branch.literal;
	g->any_nested |= g->branch.repeat && (!g->branch.fixed || g->branch.wild);
	g->branch = (struct branch){ 0 };
}

static void skip_class(struct lint *l)
{
	l->i++;
	l->i += begins(l, "^");
	l->i += begins(l, "]");
	while (l->i < l->p.len && l->p.p[l->i] != ']') {
		if (begins(l, "[:")) {
			const char *end = memmem(l->p.p + l->i, l->p.len - l->i, ":]", 2);

			l->i = end ? (size_t)(end - l->p.p) + 2 : l->i + 1;
			continue;
		}
		l->i += l->p.p[l->i] == '\\' ? 2 : 1;
	}
	l->i++;
}

/* Past `(?...` of a group, to its first atom. True: it was a setting or a comment, without a group. */
static bool skip_introduction(struct lint *l, struct group *g)
{
	size_t i = l->i + 1;
	char end;

	l->i = i;
	if (i >= l->p.len || l->p.p[i] != '?')
		return false;
	if (begins(l, "?#")) {
		while (l->i < l->p.len && l->p.p[l->i] != ')')
			l->i++;
		l->i++;
		return true;
	}
	g->lookaround = begins(l, "?=") || begins(l, "?!") || begins(l, "?<=") || begins(l, "?<!");
	if (begins(l, "?<") || begins(l, "?P<") || begins(l, "?'")) {
		end = begins(l, "?'") ? '\'' : '>';
		if (g->lookaround) {
			l->i += 3;
			return false;
		}
		for (l->i += 3; l->i < l->p.len && l->p.p[l->i] != end; )
			l->i++;
		l->i++;
		return false;
	}
	for (l->i++; l->i < l->p.len && !strchr(":=!>|)", l->p.p[l->i]); l->i++)
		l->groups[l->depth].extended |= l->p.p[l->i] == 'x';
	if (l->i < l->p.len && l->p.p[l->i] == ')') {
		l->i++;
		return true;
	}
	l->i++;
	return false;
}

static void open_group(struct lint *l)
{
	struct group g = { .all_literal = true, .extended = l->groups[l->depth].extended };

	l->result.is_literal = false;
	if (skip_introduction(l, &g))
		return;
	if (l->depth + 1 < MAX_GROUPS)
		l->groups[++l->depth] = g;
}

static void close_group(struct lint *l)
{
	struct group *g = &l->groups[l->depth];
	bool repeat = g->branch.repeat;
	struct atom a;

	l->i++;
	end_branch(g);
	a = (struct atom){
		.literal = g->all_literal && !g->lookaround, .fixed = !g->lookaround && !g->any_nested,
		.repeat = repeat || g->any_nested, .nested = g->any_nested && !g->lookaround,
	};
	if (l->depth > 0)
		l->depth--;
	add_atom(l, a);
}

static void read_escape(struct lint *l)
{
	char c = l->i + 1 < l->p.len ? l->p.p[l->i + 1] : '\0';
	bool letter = (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || is_digit(c);

	l->i += 2;
	if (strchr("bBAzZG", c) && c) {
		l->result.is_literal = false;
		return;
	}
	l->result.is_literal &= !letter;
	add_atom(l, (struct atom){ .literal = !letter || strchr("aefnrt", c), .fixed = true });
}

static void read_atom(struct lint *l)
{
	char c = l->p.p[l->i];

	switch (c) {
	case '\\':
		read_escape(l);
		return;
	case '[':
		l->result.is_literal = false;
		skip_class(l);
		add_atom(l, (struct atom){ .fixed = true });
		return;
	case '(':
		open_group(l);
		return;
	case ')':
		close_group(l);
		return;
	case '|':
		l->result.is_literal = false;
		end_branch(&l->groups[l->depth]);
		l->i++;
		return;
	case '^':
	case '$':
		l->result.is_literal = false;
		l->i++;
		return;
	case '.':
		l->result.is_literal = false;
		l->i++;
		add_atom(l, (struct atom){ .fixed = true, .wild = true });
		return;
	default:
		l->i++;
		if (!l->groups[l->depth].extended)
			add_atom(l, (struct atom){ .literal = true, .fixed = true });
	}
}

struct regex_lint regex_lint(struct str pattern)
{
	struct lint l = { .p = pattern, .groups[0].all_literal = true, .result.is_literal = true };

	/* \Q...\E, comments of (?x) and verbs are beyond this reader. */
	if (memmem(pattern.p, pattern.len, "\\Q", 2) || memmem(pattern.p, pattern.len, "(*", 2))
		return (struct regex_lint){ .has_literal = true };
	while (l.i < l.p.len)
		read_atom(&l);
	end_branch(&l.groups[0]);
	l.result.has_literal = l.groups[0].all_literal || l.groups[0].extended;
	l.result.is_literal &= l.p.len > 0;
	return l.result;
}
