/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions as the matcher runs them: one array of words for all rules.
 *
 * A word is a code and a number. ALL and SOME are followed by their parts, as many words as the number
 * says; ANY by as many needles; NOT by one part. What settles most for the least is in front (plan.c), so
 * that most conditions end with their first word. The rest is atoms: what needs more than a bit is worked
 * out when it is first asked for, and kept until the event is done.
 */
#ifndef ENGINE_PROGRAM_H
#define ENGINE_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/regex.h"
#include "base/truth.h"
#include "engine/needle.h"
#include "engine/pattern.h"
#include "engine/haystack.h"
#include "event/event.h"
#include "parser/rule.h"

enum code {
	CODE_TRUE,
	CODE_NEEDLE,
	CODE_ANY,
	CODE_ATOM,
	CODE_ALL,
	CODE_SOME,
	CODE_NOT,
};

#define CODE_BITS 3
#define CODE_MOST (UINT32_MAX >> CODE_BITS)

static inline uint32_t code_word(enum code code, size_t number)
{
	return (uint32_t)(number << CODE_BITS) | code;
}

/* A sequence, and the needle at the first literal of it, or at a blank before that. */
struct located {
	const struct sequence *sequence;
	uint32_t needle;
};

enum atom_kind {
	ATOM_COND,			/* as the plain evaluator does it */
	ATOM_SEQUENCES,			/* a regex that is in a text when one of the sequences is */
	ATOM_REGEX,
};

struct atom {
	enum atom_kind kind;
	uint16_t haystack;		/* unless ATOM_COND; it has one value at most */
	bool anchored;			/* not ATOM_COND: it may be nowhere but at the start */
	const struct cond *cond;	/* what it means; also where argv is not whole */
	/* ATOM_SEQUENCES */
	struct located *located;
	size_t n_located;
	/* ATOM_REGEX: so many bytes of each set are in a row, and a match begins at most @lead bytes before
	 * one of the needles, each of which is of NEEDLE_IN; SIZE_MAX: anywhere. */
	struct regex *regex;
	const struct run *runs;
	size_t n_runs;
	uint32_t *needles;
	size_t n_needles;
	size_t lead;
};

struct program {
	const uint32_t *words;
	const struct haystack *haystacks;
	const struct needle *needles;
	uint32_t n_eager; /* those before it are all found beforehand, those behind it when asked */
	uint32_t n_needles;
	const struct atom *atoms;
	uint32_t n_atoms;
};

/* What running programs on one event needs and remembers. */
struct run_state {
	const struct program *program;
	const struct event *ev;
	bool argv_whole;
	struct hits hits;
	struct regex_scratch *regex;
	uint64_t regex_runs;
	uint8_t *atom_truth;		/* by atom: 0, or 1 + its truth */
	uint32_t *asked;		/* atoms that are not 0 */
	size_t n_asked;
	uint8_t *lazy_truth;		/* by needle from n_eager on: the same */
	uint32_t *asked_lazy;
	size_t n_asked_lazy;
};

/* The truth of what begins at that word. */
enum truth program_run(struct run_state *s, uint32_t at);
/* Room for all that running @p, of @n_rules rules, may find and remember; hits.first_rule and hits.rules
 * are for the caller to set. 0 or -ENOMEM, then too for run_state_done(). */
int run_state_init(struct run_state *s, const struct program *p, size_t n_rules);
void run_state_done(struct run_state *s);
/* Forgets the event. */
void run_state_reset(struct run_state *s);

#endif
