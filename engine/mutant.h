/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mutants of a rule: what it would be with one part of it dropped or moved by one. A mutant that passes
 * all tests of its rule is a part that no test holds.
 *
 * What is mutated is what an author wrote: each key of a condition, each entry of any, all and none, each
 * operator, each value; a named list is one value where it is used. The body of a macro and the entries of a
 * list are mutated where they are defined, once, in all of their uses at the same time: an entry goes from
 * every operand that has it, except where it is all that the operand has, since no list is empty. Numeric
 * bounds, a threshold's count and its time move by one, exceptions and what throttle and threshold tell
 * matches apart by are dropped. What would only say the same in other words is left out: of a condition that
 * stands alone under any, not or in a field's map, the whole is dropped and the part is not.
 */
#ifndef ENGINE_MUTANT_H
#define ENGINE_MUTANT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/str.h"
#include "parser/rule.h"

/* Of one rule; what is beyond is only counted. */
#define MUTANTS_MAX 10000
/* Of one operand, and of one list; the values of longer ones are not dropped one by one. */
#define MUTANT_VALUES_MAX 1000

enum mutant_change {
	MUTANT_ANYTHING,	/* @target, a whole `match`, holds for everything */
	MUTANT_DROP_CHILDREN,	/* of @target, from @first to before @end */
	MUTANT_DROP_TEST,	/* of @target, number @test */
	MUTANT_DROP_VALUES,	/* of that test, from @first to before @end */
	MUTANT_DROP_ENTRY,	/* the values whose place is @at, in all tests */
	MUTANT_SHIFT,		/* ge and gt, le and lt change places in that test */
	MUTANT_CASE,		/* @target no longer ignores case */
	MUTANT_DROP_EXCEPTION,	/* number @first */
	MUTANT_WINDOW,		/* @threshold and @throttle are all that is different */
};

struct mutant {
	/* "match.any[1].exe.suffix[0]": unique in its rule. What is in a macro begins with "macros.NAME".
	 * The same path at the same place in two rules is one mutant: of a macro, or of defaults. An entry of
	 * a list is "lists.NAME[1]", counted in the list that an operand names, with the lists within it; by
	 * whichever names two rules reach it, it is one mutant. */
	struct str path;
	const char *verb;		/* "dropping" or "shifting"; static */
	struct str what;		/* "exe suffix ' (deleted)'"; may be empty */
	struct loc at;
	/* How to make it. */
	enum mutant_change change;
	const struct cond *target;
	size_t test, first, end;
	const struct threshold *threshold;
	const struct throttle *throttle;
};

struct mutants {
	const struct mutant *item;
	size_t n;
	/* Those that the bounds above left out; an entry of a list counts as often as it is used. */
	size_t n_left;
};

/* All mutants of @rule, which was loaded for authors, in the author's order; in @a. 0 or -ENOMEM. */
int mutants_find(const struct rule *rule, struct arena *a, struct mutants *ret);

/* The rule that @m makes of @rule: shares with it what is the same, the rest is @a's. Whether it speaks of
 * failed execs is not changed, whatever is dropped. 0 or -ENOMEM. */
int mutant_make(const struct rule *rule, const struct mutant *m, struct arena *a, struct rule *ret);

/* The bound that is one unit away: gt of ge, ge of gt, lt of le, le of lt. */
enum op mutant_shifted(enum op op);

/* "dropping `match.any[1]` (exe suffix ' (deleted)')" */
void mutant_write(const struct mutant *m, struct buf *b);

/* mutant_text.c: what a part says, for people, short: "exe suffix ' (deleted)'". */
void mutant_describe(const struct cond *c, struct buf *b);
void mutant_describe_test(const struct cond *c, const struct test *t, struct buf *b);
void mutant_describe_value(const struct cond *c, const struct test *t, size_t i, struct buf *b);
/* The value alone: "'bash'". */
void mutant_describe_entry(const struct cond *c, const struct test *t, size_t i, struct buf *b);

#endif
