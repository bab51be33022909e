/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: the one door to PCRE2.
 *
 * Patterns and subjects are bytes (NEVER_UTF, NEVER_UCP): what an attacker puts into argv need not be UTF-8,
 * and one bad byte must not break a rule. By default `.` matches a newline and `$` only the very end, since
 * otherwise a newline in argv would hide the rest of it.
 *
 * A search is bounded by work and memory, never by time or by the length of the subject alone; one that hits
 * a bound is undecided. Beside PCRE2's limit for each place where a match may start there is a budget of what
 * a search may read, which grows with the subject, and one of what all searches of an event may. A search has
 * enough for some dozen bytes read, or a few steps of backtracking, at every byte of the subject.
 */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "base/truth.h"

struct regex;		/* once prepared, immutable and shareable */
struct regex_scratch;	/* what a match writes; one per thread */

enum regex_flags {
	REGEX_SIGMA = 1,	/* neither DOTALL nor DOLLAR_ENDONLY, as Sigma rules expect */
};

/* Longest pattern accepted, in bytes. */
#define REGEX_MAX_PATTERN 65536

struct regex_error {
	size_t offset;		/* byte of the pattern that is at fault (for an unclosed group: its start) */
	char message[160];	/* lower case, no place in it */
	char label[80];		/* for behind the caret; may be empty */
	char help[120];		/* may be empty */
};

/*
 * Checks the pattern and remembers it: borrowed, to be there as long as the regex is. What it is compiled to
 * is not kept, since most regexes of a large rule set are never run. 0, -EINVAL with *ret_error filled, or
 * -ENOMEM. Free with regex_free().
 */
int regex_new(struct str pattern, unsigned int flags, struct regex_error *ret_error, struct regex **ret);
struct regex *regex_free(struct regex *re);	/* NULL in, NULL out */

/*
 * Makes ready for searching, by machine code where @jit is set and the system allows it. Again: nothing, but
 * for machine code that was not asked for before. Not while others use the regex. 0 or -ENOMEM.
 */
int regex_prepare(struct regex *re, bool jit);

/* As it was given. */
struct str regex_pattern(const struct regex *re);
unsigned int regex_flags(const struct regex *re);

/* True where the empty subject matches: such a regex holds for anything. Need not be prepared. */
bool regex_matches_empty(const struct regex *re, struct regex_scratch *scratch);

int regex_scratch_new(struct regex_scratch **ret);
/*
 * From here on all searches together have one budget, that of an event: what a few hundred milliseconds
 * suffice for. When it is used up, what would need more is undecided. Without it there is only each search's
 * own.
 */
void regex_scratch_refill(struct regex_scratch *s);
struct regex_scratch *regex_scratch_free(struct regex_scratch *s);

/*
 * Is the pattern somewhere in @subject (which must be known)? @cut: the subject goes on beyond what is there,
 * so that only what holds however it goes on is yes or no, and everything else is undecided.
 * The interpreter's answer is the answer: where compiled code fails, the interpreter runs. What was not
 * prepared is undecided.
 */
enum truth regex_search(const struct regex *re, struct str subject, bool cut, struct regex_scratch *s);

/*
 * The same of a whole subject of which is known that no match begins elsewhere than at @from to @to, both
 * counted: only there is looked. What is before @from may be looked at.
 */
enum truth regex_search_between(const struct regex *re, struct str subject, size_t from, size_t to,
				struct regex_scratch *s);

/* Can it only be at the start of a text? Of one that is prepared. */
bool regex_is_anchored(const struct regex *re);

/* Can this process make executable memory for compiled patterns? */
bool regex_has_jit(void);

DEFINE_CLEANUP(struct regex *, regex_free)
DEFINE_CLEANUP(struct regex_scratch *, regex_scratch_free)

#endif
