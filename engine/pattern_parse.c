/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the syntax of PCRE2 into a tree. Only of patterns that PCRE2 takes, so that what is wrong need
 * not be told. Three answers to a part: it is understood; nothing is known of what it matches, which
 * leaves the rest as it is; or, where how the rest is to be read depends on it, the whole is not
 * understood. The same where versions of PCRE2 differ, as in {,3}.
 */
#include <errno.h>
#include <string.h>

#include "base/regex.h"
#include "engine/pattern_set.h"
#include "engine/pattern_tree.h"

/* PCRE2 is told the same limit, so that no pattern reaches it. */
#define MAX_DEPTH 60

/* Set within a group, they hold to its end, beyond bars too. */
struct settings {
	bool nocase, dotall;
	bool lines; /* (?m) */
};

struct parser {
	struct str p;
	size_t at;
	struct settings settings;
	bool sigma, quoted, regular;
	unsigned int depth;
	char *bytes; /* of all texts; room for as many as the pattern has */
	size_t n_bytes;
	struct arena *scratch, *a;
	int error; /* of a NULL; 0: not understood */
};

static struct str rest_of(const struct parser *p)
{
	return str_skip(p->p, p->at);
}

/* A string behind the place; moves behind it. */
static bool take(struct parser *p, const char *text)
{
	struct str wanted;

	if (p->at >= p->p.len || p->p.p[p->at] != text[0])
		return false;
	wanted = str_of(text);
	if (!str_has_prefix(rest_of(p), wanted))
		return false;
	p->at += wanted.len;
	return true;
}

/* Moves behind the next @end; false: there is none. */
static bool take_past(struct parser *p, char end)
{
	struct str rest = rest_of(p);
	const char *found = rest.len > 0 ? memchr(rest.p, end, rest.len) : NULL;

	if (found)
		p->at += (size_t)(found - rest.p) + 1;
	return found;
}

/* \Q and \E may stand anywhere between two items, and mean nothing by themselves. */
static void take_quotes(struct parser *p)
{
	char c;

	while (p->at + 1 < p->p.len && p->p.p[p->at] == '\\') {
		c = p->p.p[p->at + 1];
		if (c != 'E' && (c != 'Q' || p->quoted))
			return;
		p->quoted = c == 'Q';
		p->at += 2;
	}
}

static struct part *part_new(struct parser *p, enum part_kind kind)
{
	struct part *n = arena_alloc(p->scratch, sizeof(*n));

	if (n)
		n->kind = kind;
	else
		p->error = -ENOMEM;
	return n;
}

static struct part *set_part(struct parser *p, const struct byte_set *set)
{
	struct part *n = part_new(p, PART_SET);

	if (n)
		n->run = (struct run){ set, 1, 1 };
	return n;
}

/* Of which no more is known than its length, 0 to @most. */
static struct part *unknown_part(struct parser *p, uint32_t most)
{
	struct part *n = part_new(p, PART_UNKNOWN);

	p->regular = false;
	if (n)
		n->run.max = most;
	return n;
}

static void part_append(struct part *parent, struct part *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

static struct part *only_child_or_all(struct part *parent)
{
	return parent->first && parent->first == parent->last ? parent->first : parent;
}

/* The length of the quantifier at the place without what makes it lazy; 0: there is none. */
static size_t peek_quantifier(struct parser *p, struct run *ret)
{
	take_quotes(p);
	return p->quoted ? 0 : tree_parse_quantifier(rest_of(p), ret);
}

/* Wraps @n in the quantifier that follows, if one does. */
static struct part *parse_quantifier(struct parser *p, struct part *n)
{
	struct part *repeat;
	struct run run;
	size_t length = peek_quantifier(p, &run);

	if (length == 0)
		return n;
	/* What it does to a place in the text is not worth knowing. And with (?:a|.*){0}b PCRE2 looks for
	 * the b at the starts of lines only. */
	if (n->kind >= PART_UNKNOWN || run.max == 0)
		return NULL;
	p->at += length;
	if (!take(p, "?") && take(p, "+"))
		p->regular = false;
	if (peek_quantifier(p, &(struct run){ 0 }) > 0)
		return NULL;
	repeat = part_new(p, PART_REPEAT);
	if (!repeat)
		return NULL;
	repeat->run = run;
	part_append(repeat, n);
	return repeat;
}

/* A byte that stands for itself; false: something else is at the place. */
static bool take_byte(struct parser *p, unsigned char *ret)
{
	char c = p->p.p[p->at];

	if (!p->quoted) {
		if (c == '\\')
			return tree_parse_byte(p->p, &p->at, ret);
		if (memchr("^$.[|()?*+", c, 10))
			return false;
		if (c == '{' && tree_is_quantifier(rest_of(p)))
			return false;
	}
	p->at++;
	*ret = (unsigned char)c;
	return true;
}

/* Appends to the text that ends @parent, if that is one of the same kind and goes to the last byte. */
static bool append_bytes(struct parser *p, struct part *parent, const char *bytes, size_t length)
{
	bool nocase = p->settings.nocase;
	struct part *n = parent->last;

	if (!n || n->kind != PART_TEXT || n->nocase != nocase ||
	    n->text.p + n->text.len != p->bytes + p->n_bytes) {
		n = part_new(p, PART_TEXT);
		if (!n)
			return false;
		n->nocase = nocase;
		n->text.p = p->bytes + p->n_bytes;
		part_append(parent, n);
	}
	for (size_t i = 0; i < length; i++)
		p->bytes[p->n_bytes++] = nocase ? ascii_lower(bytes[i]) : bytes[i];
	n->text.len += length;
	return true;
}

/* A byte that has been taken, with what quantifies it. */
static bool append_byte(struct parser *p, struct part *parent, unsigned char c)
{
	struct run ignored;
	struct part *n;

	if (peek_quantifier(p, &ignored) == 0)
		return append_bytes(p, parent, &(char){ (char)c }, 1);
	n = set_part(p, set_of_byte(c, p->settings.nocase));
	n = n ? parse_quantifier(p, n) : NULL;
	if (n)
		part_append(parent, n);
	return n;
}

/* How many bytes from here on stand for themselves, whatever follows them. */
static size_t count_plain(const struct parser *p)
{
	static const struct byte_set special = { {
		/* $ ( ) * + . ? */
		UINT64_C(1) << '$' | UINT64_C(0xf) << '(' | UINT64_C(1) << '.' | UINT64_C(1) << '?',
		/* [ \ ^ { | */
		UINT64_C(3) << ('[' - 64) | UINT64_C(1) << ('^' - 64) | UINT64_C(3) << ('{' - 64),
	} };
	struct str rest = rest_of(p);
	size_t n = 0;

	while (n < rest.len && !byte_set_has(&special, (unsigned char)rest.p[n]))
		n++;
	/* The last may be quantified, and not only by what is right behind it. */
	return p->quoted || n == 0 ? 0 : n - (n < rest.len);
}

static struct part *parse_choice(struct parser *p);

/* The rest of a group, its introduction taken. */
static struct part *parse_group(struct parser *p)
{
	struct settings outer = p->settings;
	struct part *n;

	if (++p->depth > MAX_DEPTH)
		return NULL;
	n = parse_choice(p);
	p->depth--;
	p->settings = outer;
	return n && take(p, ")") ? n : NULL;
}

/* What it asks for is not part of the match. */
static struct part *parse_look(struct parser *p)
{
	return parse_group(p) ? unknown_part(p, 0) : NULL;
}

/* "(?i)", which holds from here, or "(?i:", a group. *ret_group: it is one. False: not understood. */
static bool take_settings(struct parser *p, struct settings *ret, bool *ret_group)
{
	struct settings s = p->settings;
	struct str rest = rest_of(p);
	bool on = true;
	size_t i = 0;

	for (; i < rest.len && rest.p[i] != ')' && rest.p[i] != ':'; i++) {
		switch (rest.p[i]) {
		case 'i':
			s.nocase = on;
			break;
		case 's':
			s.dotall = on;
			break;
		case 'm':
			s.lines = on;
			break;
		case '-':
			if (!on)
				return false;
			on = false;
			break;
		case 'n':
			break;
		default:
			return false;
		}
	}
	if (i >= rest.len)
		return false;
	p->at += i + 1;
	*ret = s;
	*ret_group = rest.p[i] == ':';
	return true;
}

/* What begins with "(?", which has been taken, or is a comment. Settings and comments give an empty
 * part. */
static struct part *parse_special(struct parser *p)
{
	struct settings s, outer = p->settings;
	struct part *n;
	bool group;

	if (take(p, ":") || take(p, "|"))
		return parse_group(p);
	if (take(p, "=") || take(p, "!") || take(p, "<=") || take(p, "<!"))
		return parse_look(p);
	if (take(p, ">")) {
		p->regular = false;
		return parse_group(p);
	}
	if (take(p, "P<") || take(p, "<"))
		return take_past(p, '>') ? parse_group(p) : NULL;
	if (take(p, "'"))
		return take_past(p, '\'') ? parse_group(p) : NULL;
	if (take(p, "#")) {
		if (!take_past(p, ')') || peek_quantifier(p, &(struct run){ 0 }) > 0)
			return NULL;
		return part_new(p, PART_CONCAT);
	}
	if (!take_settings(p, &s, &group))
		return NULL;
	p->settings = s;
	if (!group)
		return part_new(p, PART_CONCAT);
	n = parse_group(p);
	p->settings = outer;
	return n;
}

/* \A and the like, of one letter. */
static struct part *parse_escape(struct parser *p)
{
	const struct byte_set *set;
	char c;

	if (p->at + 1 >= p->p.len)
		return NULL;
	c = p->p.p[p->at + 1];
	p->at += 2;
	set = set_of_escape(c);
	/* \N{name} is no set. */
	if (set)
		return c == 'N' && str_has_prefix(rest_of(p), STR_LIT("{")) ? NULL : set_part(p, set);
	switch (c) {
	case 'A':
		return part_new(p, PART_START);
	case 'z':
		return part_new(p, PART_END);
	case 'Z':
		return part_new(p, PART_LAST);
	case 'b':
		return part_new(p, PART_BORDER);
	case 'B':
		return part_new(p, PART_NO_BORDER);
	case 'R':
		return unknown_part(p, 2);
	default:
		/* A reference to a group; of two digits it may be an octal number. */
		if (c < '1' || c > '9' || (p->at < p->p.len && p->p.p[p->at] >= '0' && p->p.p[p->at] <= '9'))
			return NULL;
		return unknown_part(p, RUN_NO_END);
	}
}

static struct part *parse_class(struct parser *p)
{
	const struct byte_set *set;
	int r;

	/* Borders of words. */
	if (str_has_prefix(rest_of(p), STR_LIT("[[:<:]]")) || str_has_prefix(rest_of(p), STR_LIT("[[:>:]]")))
		return NULL;
	r = tree_parse_class(p->p, &p->at, p->settings.nocase, p->a, &set);
	if (r == -ENOMEM)
		p->error = r;
	return r < 0 ? NULL : set_part(p, set);
}

/* What is no byte by itself. */
static struct part *parse_atom(struct parser *p)
{
	switch (p->p.p[p->at]) {
	case '\\':
		return parse_escape(p);
	case '[':
		return parse_class(p);
	case '.':
		p->at++;
		return set_part(p, p->settings.dotall ? &set_any : &set_not_newline);
	case '^':
		p->at++;
		return p->settings.lines ? unknown_part(p, 0) : part_new(p, PART_START);
	case '$':
		p->at++;
		if (p->settings.lines)
			return unknown_part(p, 0);
		return part_new(p, p->sigma ? PART_LAST : PART_END);
	case '(':
		p->at++;
		if (take(p, "?"))
			return parse_special(p);
		return str_has_prefix(rest_of(p), STR_LIT("*")) ? NULL : parse_group(p);
	default:
		return NULL;
	}
}

static bool at_end_of_branch(struct parser *p)
{
	take_quotes(p);
	return p->at >= p->p.len || (!p->quoted && (p->p.p[p->at] == '|' || p->p.p[p->at] == ')'));
}

static struct part *parse_branch(struct parser *p)
{
	struct part *parent = part_new(p, PART_CONCAT), *n;
	unsigned char c;
	size_t plain;

	if (!parent)
		return NULL;
	while (!at_end_of_branch(p)) {
		plain = count_plain(p);
		if (plain > 0) {
			if (!append_bytes(p, parent, p->p.p + p->at, plain))
				return NULL;
			p->at += plain;
			continue;
		}
		if (take_byte(p, &c)) {
			if (!append_byte(p, parent, c))
				return NULL;
			continue;
		}
		n = parse_atom(p);
		n = n ? parse_quantifier(p, n) : NULL;
		if (!n)
			return NULL;
		if (n->kind != PART_CONCAT || n->first)
			part_append(parent, n);
	}
	return only_child_or_all(parent);
}

const struct byte_set *part_is_byte(const struct part *n)
{
	if (n->kind == PART_SET)
		return n->run.set;
	if (n->kind == PART_TEXT && n->text.len == 1)
		return set_of_byte((unsigned char)n->text.p[0], n->nocase);
	return NULL;
}

/* Branches of one byte are one set: which of them it was makes no difference. */
static bool add_branch(struct parser *p, struct part *choice, struct part *branch, struct part **bytes)
{
	const struct byte_set *set = part_is_byte(branch);
	struct byte_set both;

	if (!set || !*bytes) {
		if (set) {
			branch = set_part(p, set);
			*bytes = branch;
		}
		if (branch)
			part_append(choice, branch);
		return branch;
	}
	both = *(*bytes)->run.set;
	set_add(&both, set);
	(*bytes)->run.set = set_keep(&both, p->a);
	if (!(*bytes)->run.set)
		p->error = -ENOMEM;
	return (*bytes)->run.set;
}

static struct part *parse_choice(struct parser *p)
{
	struct part *branch = parse_branch(p), *choice, *bytes = NULL;

	if (!branch || p->at >= p->p.len || p->p.p[p->at] != '|')
		return branch;
	choice = part_new(p, PART_CHOICE);
	if (!choice || !add_branch(p, choice, branch, &bytes))
		return NULL;
	while (take(p, "|")) {
		branch = parse_branch(p);
		if (!branch || !add_branch(p, choice, branch, &bytes))
			return NULL;
	}
	return only_child_or_all(choice);
}

int tree_parse(struct str pattern, unsigned int flags, struct arena *scratch, struct arena *a,
	       struct tree *ret)
{
	struct parser p = {
		.p = pattern,
		.scratch = scratch,
		.a = a,
		.regular = true,
		.sigma = flags & REGEX_SIGMA,
		.settings.dotall = !(flags & REGEX_SIGMA),
		.bytes = arena_alloc(scratch, pattern.len + 1),
	};
	struct part *root;

	if (!p.bytes)
		return -ENOMEM;
	root = parse_choice(&p);
	if (p.error)
		return p.error;
	*ret = (struct tree){ root && p.at == pattern.len ? root : NULL, p.regular };
	return 0;
}
