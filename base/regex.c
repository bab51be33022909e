/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one file that sees PCRE2; see regex.h.
 *
 * Two halves. Compiling turns PCRE2's errors into something that an author can act on: PCRE2 reports where
 * it stopped, often far behind the culprit, so that each known error has a row which says how to find the
 * place and what to write instead. Matching maps PCRE2's many results to three, in bounded time.
 *
 * PCRE2's match limit counts backtracking from one start of a match; over all starts, and in the runs of
 * one character class that it does not count, the work may still be the square of a subject that an
 * attacker chooses, and more. So patterns are compiled with callouts in them (regex_meter.h), which count
 * what was read and gone back to, and end the search when its budget is used up.
 */
#include "base/regex.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/buf.h"
#include "base/regex_meter.h"
#include "base/regex_syntax.h"

/* Steps, nesting of backtracking, and KiB of the interpreter. PCRE2's own are 10 million and 20 GB, with
 * which one argv can hold up everything for minutes. */
#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 10000
#define HEAP_LIMIT_KIB 1024

/* Work is counted in bytes read, of which each takes a nanosecond or less. A search costs so much, and
 * one more for so many places where a match may begin, at which the interpreter is slower by so much; a
 * callout, with what follows it, so much beside what was read in front of it. */
#define SEARCH_COST 64
#define STARTS_FOR_ONE 2
#define INTERPRETED_COST 16
#define CALLOUT_COST 8
#define SEARCH_BUDGET (UINT64_C(1) << 24)
#define SEARCH_BUDGET_PER_BYTE 64
#define EVENT_BUDGET (UINT64_C(1) << 28)
/* Longest text for a pattern too large to have callouts. */
#define UNMETERED_LENGTH 4096
/* The interpreter looks for the first byte of a match up to the end, also behind a window. To be called for
 * each place by itself costs it as much as to read so many bytes. */
#define CALL_COST 512

#define JIT_STACK_FIRST ((size_t)32 * 1024)
#define JIT_STACK_MOST ((size_t)512 * 1024)

/* What a search needs. */
struct program {
	pcre2_code *code;
	bool jit, anchored;
	bool metered;			/* it has callouts */
	bool whole;			/* where the search began matters to the pattern */
	enum regex_reach reach;
};

/* Large rule sets have ten thousand of them, of which few are ever run. */
struct regex {
	const char *pattern;
	struct program *program;	/* NULL: not prepared */
	uint32_t length, flags;
};

struct regex_scratch {
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *jit_stack;	/* NULL: compiled code runs on 32 KiB of the caller's */
	uint64_t event_budget;		/* left of it, as of the next: what all searches may cost together */
	uint64_t budget;		/* this search */
	size_t at;			/* in the subject: the place of the last callout */
};

/* By PCRE2's error numbers (pcre2.h). No message: PCRE2's own, which is good enough in most cases. */
static const struct culprit {
	int error;
	enum regex_place place;
	const char *label, *help, *message;
} culprits[] = {
	{ PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS, PLACE_OPEN_GROUP, "this group is never closed",
	  "add `)` or write `\\(` for a literal parenthesis", NULL },
	{ PCRE2_ERROR_MISSING_SQUARE_BRACKET, PLACE_OPEN_CLASS, "this class is never closed",
	  "add `]` or write `\\[` for a literal bracket", "missing closing bracket" },
	{ PCRE2_ERROR_MISSING_COMMENT_CLOSING, PLACE_OPEN_COMMENT, "this comment is never closed", "add `)`",
	  "missing closing parenthesis of a comment" },
	{ PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS, PLACE_AT, "no group is open here",
	  "write `\\)` for a literal parenthesis", NULL },
	{ PCRE2_ERROR_QUANTIFIER_INVALID, PLACE_AT, "nothing to repeat here",
	  "write a backslash in front for the character itself", "nothing to repeat" },
	{ PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER, PLACE_BRACE, "the first number is the larger one", NULL,
	  "numbers of a repetition out of order" },
	{ PCRE2_ERROR_QUANTIFIER_TOO_BIG, PLACE_BRACE, "at most 65535", NULL, "repetition too large" },
	{ PCRE2_ERROR_END_BACKSLASH, PLACE_BEFORE, "nothing follows",
	  "write `\\\\` for a literal backslash", "backslash at the end" },
	{ PCRE2_ERROR_CLASS_RANGE_ORDER, PLACE_AT, "less than the start of the range", NULL, NULL },
	{ PCRE2_ERROR_CLASS_INVALID_RANGE, PLACE_ESCAPE, "stands for many characters",
	  "write the `-` first or last for a literal one", NULL },
	{ PCRE2_ERROR_POSIX_CLASS_NOT_IN_CLASS, PLACE_AT, "only within brackets",
	  "double the brackets, as in `[[:alpha:]]`", "POSIX class outside of a class" },
	{ PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH, PLACE_AT, "matches texts of different lengths",
	  "each alternative of a lookbehind must have one fixed length",
	  "lookbehind without a fixed length" },
	{ PCRE2_ERROR_UNKNOWN_ESCAPE, PLACE_ESCAPE, "no such escape",
	  "write the character without the backslash, or `\\\\` for a backslash", "unknown escape" },
	{ PCRE2_ERROR_UNSUPPORTED_ESCAPE_SEQUENCE, PLACE_ESCAPE, "no such escape",
	  "a byte by its number is `\\xHH`", "unknown escape" },
	{ PCRE2_ERROR_ESCAPE_INVALID_IN_CLASS, PLACE_ESCAPE, "not within brackets", NULL, NULL },
	{ PCRE2_ERROR_CODE_POINT_TOO_BIG, PLACE_ESCAPE, "at most `\\xff`",
	  "text is matched as bytes; write the UTF-8 character itself", "a byte is at most 0xff" },
	{ PCRE2_ERROR_UNICODE_DISALLOWED_CODE_POINT, PLACE_ESCAPE, "no code points here",
	  "text is matched as bytes; write the UTF-8 character itself", NULL },
	{ PCRE2_ERROR_BACKSLASH_U_CODE_POINT_TOO_BIG, PLACE_ESCAPE, "", NULL, NULL },
	{ PCRE2_ERROR_ESCAPE_INVALID_IN_VERB, PLACE_ESCAPE, "", NULL, NULL },
	{ PCRE2_ERROR_MALFORMED_UNICODE_PROPERTY, PLACE_ESCAPE, "", NULL, NULL },
	{ PCRE2_ERROR_UNKNOWN_UNICODE_PROPERTY, PLACE_ESCAPE, "no such property", NULL, NULL },
	{ PCRE2_ERROR_BACKSLASH_G_SYNTAX, PLACE_ESCAPE, "", NULL, NULL },
	{ PCRE2_ERROR_BACKSLASH_K_SYNTAX, PLACE_ESCAPE, "", NULL, NULL },
	{ PCRE2_ERROR_BACKSLASH_O_MISSING_BRACE, PLACE_ESCAPE, "", NULL, NULL },
	{ PCRE2_ERROR_INVALID_HEXADECIMAL, PLACE_ESCAPE, "", NULL, NULL },
	{ PCRE2_ERROR_INVALID_OCTAL, PLACE_ESCAPE, "", NULL, NULL },
	{ PCRE2_ERROR_END_BACKSLASH_C, PLACE_ESCAPE, "", NULL, NULL },
	{ PCRE2_ERROR_BACKSLASH_C_SYNTAX, PLACE_ESCAPE, "", NULL, NULL },
	{ PCRE2_ERROR_BACKSLASH_C_CALLER_DISABLED, PLACE_ESCAPE, "not available", "any byte is `.`",
	  "`\\C` is not available" },
	{ PCRE2_ERROR_UTF_IS_DISABLED, PLACE_PAREN, "not available",
	  "text is matched as bytes, which need not be UTF-8", "UTF mode is not available" },
	{ PCRE2_ERROR_UCP_IS_DISABLED, PLACE_PAREN, "not available",
	  "text is matched as bytes, which need not be UTF-8", "Unicode properties are not available" },
	{ PCRE2_ERROR_VERB_UNKNOWN, PLACE_PAREN, "no such verb",
	  "write `\\(` for a literal parenthesis", "unknown verb" },
	{ PCRE2_ERROR_MARK_MISSING_ARGUMENT, PLACE_PAREN, "", NULL, NULL },
	{ PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE, PLACE_INTRO, "no such group", NULL,
	  "reference to a group that does not exist" },
	{ PCRE2_ERROR_MISSING_NAME_TERMINATOR, PLACE_PAREN, "the name of this group does not end", NULL,
	  "syntax error in the name of a group" },
	{ PCRE2_ERROR_DUPLICATE_SUBPATTERN_NAME, PLACE_PAREN, "a group before has this name", NULL,
	  "two groups have the same name" },
	{ PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP, PLACE_BEFORE, "at most 50 groups within each other", NULL,
	  NULL },
	{ PCRE2_ERROR_PATTERN_TOO_LARGE, PLACE_START, "too large when its repetitions are written out",
	  "use smaller numbers in `{}`", NULL },
};

static void describe(struct str pattern, int error, size_t offset, struct regex_error *ret)
{
	const struct culprit *row = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(culprits); i++)
		if (culprits[i].error == error)
			row = &culprits[i];

	*ret = (struct regex_error){ .offset = offset };
	pcre2_get_error_message(error, (PCRE2_UCHAR *)ret->message, sizeof(ret->message));
	if (row) {
		ret->offset = regex_find_place(pattern, offset, row->place);
		if (row->message)
			snprintf(ret->message, sizeof(ret->message), "%s", row->message);
		snprintf(ret->label, sizeof(ret->label), "%s", row->label);
		snprintf(ret->help, sizeof(ret->help), "%s", row->help ? row->help : "");
	}
	if (ret->offset >= pattern.len)
		ret->offset = pattern.len > 0 ? pattern.len - 1 : 0;
}

static int compile(struct str pattern, uint32_t options, struct regex_error *ret_error, pcre2_code **ret)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	PCRE2_SIZE offset;
	pcre2_code *code;
	int error;

	if (!context)
		return -ENOMEM;
	pcre2_set_parens_nest_limit(context, REGEX_NEST_LIMIT);
	code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.len, options, &error, &offset, context);
	pcre2_compile_context_free(context);
	if (!code && error == PCRE2_ERROR_HEAP_FAILED)
		return -ENOMEM;
	if (!code) {
		describe(pattern, error, offset, ret_error);
		return -EINVAL;
	}
	*ret = code;
	return 0;
}

static uint32_t options_of(unsigned int flags)
{
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;

	return flags & REGEX_SIGMA ? options : options | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY;
}

/*
 * What PCRE2 10.42 finds out about a pattern beforehand is wrong at times, and then a match is missed: by
 * compiled code behind an alternative that may be empty, as in (^|a)b+?c, or in an atomic group, and by
 * both where something is looked ahead at. And `.*` is no start that all matches have when it is in a group
 * that is never there.
 */
static uint32_t search_options(const struct regex *re)
{
	struct str pattern = regex_pattern(re);
	uint32_t options = options_of(re->flags) | PCRE2_USE_OFFSET_LIMIT | PCRE2_NO_START_OPTIMIZE;

	if (str_contains(pattern, STR_LIT("{0}")) || str_contains(pattern, STR_LIT("{0,0}")))
		options |= PCRE2_NO_DOTSTAR_ANCHOR;
	return options;
}

/* With callouts: a few, or PCRE2's own, where the pattern is not too large for them. */
static int compile_metered(struct str pattern, uint32_t options, struct program *p)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct regex_error ignored;
	int r = -EINVAL;

	p->metered = true;
	if (regex_meter(pattern, &b))
		r = compile(buf_get(&b), options, &ignored, &p->code);
	if (b.error)
		return b.error;
	if (r == -EINVAL)
		r = compile(pattern, options | PCRE2_AUTO_CALLOUT, &ignored, &p->code);
	if (r != -EINVAL)
		return r;
	p->metered = false;
	return compile(pattern, options, &ignored, &p->code);
}

int regex_new(struct str pattern, unsigned int flags, struct regex_error *ret_error, struct regex **ret)
{
	pcre2_code *code;
	struct regex *re;
	int r;

	if (pattern.len > REGEX_MAX_PATTERN) {
		*ret_error = (struct regex_error){ .offset = 0 };
		snprintf(ret_error->message, sizeof(ret_error->message), "longer than %d bytes",
			 REGEX_MAX_PATTERN);
		return -EINVAL;
	}
	if (!regex_check_bytes(pattern, ret_error))
		return -EINVAL;
	r = compile(pattern, options_of(flags), ret_error, &code);
	if (r < 0)
		return r;
	pcre2_code_free(code);
	re = malloc(sizeof(*re));
	if (!re)
		return -ENOMEM;
	*re = (struct regex){ pattern.p, NULL, (uint32_t)pattern.len, flags };
	*ret = re;
	return 0;
}

static struct program *program_free(struct program *p)
{
	if (!p)
		return NULL;
	pcre2_code_free(p->code);
	free(p);
	return NULL;
}

DEFINE_CLEANUP(struct program *, program_free)

struct regex *regex_free(struct regex *re)
{
	if (re)
		program_free(re->program);
	free(re);
	return NULL;
}

int regex_prepare(struct regex *re, bool jit)
{
	_cleanup_(program_free) struct program *p = NULL;
	struct str pattern = regex_pattern(re);
	uint32_t options = 0;
	int r;

	if (!re->program) {
		p = calloc(1, sizeof(*p));
		if (!p)
			return -ENOMEM;
		r = compile_metered(pattern, search_options(re), p);
		if (r < 0)
			return r;
		pcre2_pattern_info(p->code, PCRE2_INFO_ALLOPTIONS, &options);
		p->anchored = options & PCRE2_ANCHORED;
		p->whole = !regex_starts_alone(pattern);
		p->reach = regex_reach(pattern);
		re->program = TAKE_PTR(p);
	}
	/* Refused where memory must not be both writable and executable; the interpreter does it all. Verbs
	 * within a recursion are not to compiled code what they are to the interpreter. */
	if (jit && !re->program->jit && !re->program->whole)
		re->program->jit = pcre2_jit_compile(re->program->code, PCRE2_JIT_COMPLETE) == 0;
	return 0;
}

/* False: it is more than there is. */
static bool spend(struct regex_scratch *s, uint64_t cost)
{
	bool enough = cost <= s->budget;

	s->budget = enough ? s->budget - cost : 0;
	return enough;
}

/* What was read since the last callout counts: to come back costs nothing. */
static int count(pcre2_callout_block *block, void *scratch)
{
	struct regex_scratch *s = scratch;
	uint64_t cost = CALLOUT_COST;

	if (block->callout_number <= METER_MAX_NUMBER)
		cost += block->callout_number * METER_READ_AHEAD;
	if (block->current_position > s->at)
		cost += block->current_position - s->at;
	s->at = block->current_position;
	return spend(s, cost) ? 0 : PCRE2_ERROR_CALLOUT;
}

int regex_scratch_new(struct regex_scratch **ret)
{
	_cleanup_(regex_scratch_free) struct regex_scratch *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	/* One pair: only whether there is a match is asked, not what its groups hold. */
	s->data = pcre2_match_data_create(1, NULL);
	s->context = pcre2_match_context_create(NULL);
	if (!s->data || !s->context)
		return -ENOMEM;
	s->event_budget = UINT64_MAX;
	pcre2_set_callout(s->context, count, s);
	pcre2_set_match_limit(s->context, MATCH_LIMIT);
	pcre2_set_depth_limit(s->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(s->context, HEAP_LIMIT_KIB);
	s->jit_stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MOST, NULL);
	pcre2_jit_stack_assign(s->context, NULL, s->jit_stack);
	*ret = TAKE_PTR(s);
	return 0;
}

struct regex_scratch *regex_scratch_free(struct regex_scratch *s)
{
	if (!s)
		return NULL;
	pcre2_jit_stack_free(s->jit_stack);
	pcre2_match_context_free(s->context);
	pcre2_match_data_free(s->data);
	free(s);
	return NULL;
}

void regex_scratch_refill(struct regex_scratch *s)
{
	s->event_budget = EVENT_BUDGET;
}

/* Where matches may begin: from @from to @to, both counted; @to is at most the subject's length. */
struct window {
	size_t from, to;
};

static int match(const struct program *p, struct str subject, size_t from, uint32_t options,
		 struct regex_scratch *s)
{
	s->at = from;
	return pcre2_match(p->code, (PCRE2_SPTR)subject.p, subject.len, from, options, s->data, s->context);
}

/* A result of pcre2_match(). */
static int interpret(const struct program *p, struct str subject, const struct window *w,
		     struct regex_scratch *s)
{
	int r = PCRE2_ERROR_NOMATCH;

	if (p->whole || w->to - w->from > (subject.len - w->from) / CALL_COST)
		return match(p, subject, w->from, PCRE2_NO_JIT, s);
	for (size_t i = w->from; i <= w->to && r == PCRE2_ERROR_NOMATCH; i++)
		r = match(p, subject, i, PCRE2_ANCHORED | PCRE2_NO_JIT, s);
	return r;
}

/* Is it no result that the interpreter might better? Its steps are at least those that compiled code
 * counts, and the budget is the same. */
static bool is_settled(int result)
{
	return result >= 0 || result == PCRE2_ERROR_NOMATCH || result == PCRE2_ERROR_MATCHLIMIT ||
	       result == PCRE2_ERROR_CALLOUT;
}

/* A result of pcre2_match(). Where the interpreter gives another than compiled code, that counts. */
static int run(const struct program *p, struct str subject, const struct window *w, struct regex_scratch *s)
{
	int r = p->jit ? match(p, subject, w->from, 0, s) : interpret(p, subject, w, s);

	if (p->jit && !is_settled(r))
		r = interpret(p, subject, w, s);
	return r;
}

/*
 * What is there must be a match by itself, or be none however it goes on. "Hard": what looks at the end of
 * the subject stops there with "partial". Behind that there may still be a match that the readable part
 * proves: one that only took the end, and could have done with less. In front of the first match there is
 * none, so that it is gone on from there.
 */
static enum truth search_cut(const struct program *p, struct str subject, const struct window *w,
			     struct regex_scratch *s)
{
	int whole = run(p, subject, w, s), part;
	size_t end = whole >= 0 ? pcre2_get_ovector_pointer(s->data)[1] : 0, from = w->from;

	if (whole < 0 && !(whole == PCRE2_ERROR_NOMATCH && p->anchored))
		return TRUTH_UNDECIDED;
	if (whole >= 0 && (p->reach == REGEX_REACH_NONE ||
			   (p->reach == REGEX_REACH_NEXT && end + 1 < subject.len)))
		return TRUTH_YES;
	if (whole >= 0 && !p->whole)
		from = pcre2_get_startchar(s->data);
	part = match(p, subject, from, PCRE2_PARTIAL_HARD | PCRE2_NO_JIT, s);
	if (part >= 0)
		return TRUTH_YES;
	/* The only start has been tried, and what follows was not asked for. */
	if (part == PCRE2_ERROR_NOMATCH && p->reach != REGEX_REACH_FAR && p->anchored && subject.len > 0)
		return TRUTH_NO;
	return TRUTH_UNDECIDED;
}

static enum truth search_whole(const struct program *p, struct str subject, const struct window *w,
			       struct regex_scratch *s)
{
	int r = run(p, subject, w, s);

	if (r >= 0)
		return TRUTH_YES;
	return r == PCRE2_ERROR_NOMATCH ? TRUTH_NO : TRUTH_UNDECIDED;
}

static enum truth search(const struct program *p, struct str subject, const struct window *w, bool cut,
			 struct regex_scratch *s)
{
	uint64_t granted = SEARCH_BUDGET + SEARCH_BUDGET_PER_BYTE * subject.len, cost = SEARCH_COST;
	enum truth truth;

	if (!p->metered && subject.len > UNMETERED_LENGTH)
		return TRUTH_UNDECIDED;
	if (granted > s->event_budget)
		granted = s->event_budget;
	s->budget = granted;
	if (!p->anchored)
		cost += (w->to - w->from) * (p->jit ? 1 : INTERPRETED_COST) / STARTS_FOR_ONE;
	pcre2_set_offset_limit(s->context, w->to < subject.len ? w->to : PCRE2_UNSET);
	if (!spend(s, cost))
		truth = TRUTH_UNDECIDED;
	else
		truth = cut ? search_cut(p, subject, w, s) : search_whole(p, subject, w, s);
	s->event_budget -= granted - s->budget;
	return truth;
}

enum truth regex_search(const struct regex *re, struct str subject, bool cut, struct regex_scratch *s)
{
	if (!re->program)
		return TRUTH_UNDECIDED;
	return search(re->program, subject, &(struct window){ 0, subject.len }, cut, s);
}

enum truth regex_search_between(const struct regex *re, struct str subject, size_t from, size_t to,
				struct regex_scratch *s)
{
	struct window w = { from, to < subject.len ? to : subject.len };

	if (w.from > w.to)
		return TRUTH_NO;
	if (!re->program)
		return TRUTH_UNDECIDED;
	if (re->program->whole)
		w.from = 0;
	return search(re->program, subject, &w, false, s);
}

bool regex_is_anchored(const struct regex *re)
{
	return re->program && re->program->anchored;
}

struct str regex_pattern(const struct regex *re)
{
	return (struct str){ re->pattern, re->length };
}

unsigned int regex_flags(const struct regex *re)
{
	return re->flags;
}

bool regex_matches_empty(const struct regex *re, struct regex_scratch *scratch)
{
	struct program p = { .metered = true };
	const struct window w = { 0, 0 };
	struct regex_error ignored;
	enum truth truth;

	if (re->program)
		return search(re->program, STR_LIT(""), &w, false, scratch) == TRUTH_YES;
	if (compile(regex_pattern(re), options_of(re->flags), &ignored, &p.code) < 0)
		return false;
	truth = search(&p, STR_LIT(""), &w, false, scratch);
	pcre2_code_free(p.code);
	return truth == TRUTH_YES;
}

bool regex_has_jit(void)
{
	_cleanup_(regex_free) struct regex *re = NULL;
	struct regex_error error;

	return regex_new(STR_LIT("a"), 0, &error, &re) == 0 && regex_prepare(re, true) == 0 &&
	       re->program->jit;
}
