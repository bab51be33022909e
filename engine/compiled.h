/* SPDX-License-Identifier: Apache-2.0 */
/* What a matcher is made of; only compile.c, which builds it, and matcher.c, which runs it, know. */
#ifndef ENGINE_COMPILED_H
#define ENGINE_COMPILED_H

#include "base/arena.h"
#include "engine/lookup.h"
#include "engine/matcher.h"
#include "engine/program.h"
#include "engine/scan.h"
#include "engine/shorts.h"

/* How the values of a haystack are searched. */
struct search {
	bool whole, name;		/* there are needles with that place */
	bool for_failed;		/* of a failed exec, too */
	struct scan *scan;		/* NULL: none */
	struct shorts *shorts;		/* NULL: none */
};

struct compiled_rule {
	const struct rule *rule;
	uint32_t match;			/* where its condition is in the program */
	uint32_t exceptions;		/* where theirs are is in matcher.exceptions, from this on */
};

/* Rules as bits, of which only those words are there that are not 0. */
struct rule_set {
	struct rule_word {
		uint32_t word;		/* the number of its first rule, by 64 */
		uint64_t bits;
	} *words;
	size_t n;
};

struct matcher {
	struct arena arena;
	const struct ruleset *ruleset;
	struct compiled_rule *rules;	/* by id, without those that are off */
	size_t n_rules;
	uint32_t *exceptions;
	struct program program;
	size_t n_haystacks;
	struct search *searches;	/* by haystack */
	struct lookup *lookup;
	uint32_t *first_rule, *triggered;	/* as in struct hits */
	struct rule_set always;		/* rules without a trigger */
	struct rule_set of_argv;	/* with one that may be hidden where argv is not whole */
	uint64_t *of_outcome;		/* by rule: it speaks of failed execs, too */
	bool any_of_outcome;
};

/* 64 rules a word. */
static inline size_t rule_words(const struct matcher *m)
{
	return m->n_rules / 64 + 1;
}

#endif
