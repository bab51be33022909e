/* SPDX-License-Identifier: Apache-2.0 */
/* The mutants of a rule out of text. */
#ifndef TESTS_UNIT_MUTANTS_H
#define TESTS_UNIT_MUTANTS_H

#include "engine/mutant.h"
#include "tests/unit/rules.h"

struct fixture {
	struct loaded loaded;
	struct arena arena;
	struct mutants mutants;
	const struct rule *rule;
};

/* Of the first rule of the file. */
static inline void mutants_from(struct fixture *f, const char *yaml)
{
	rules_from(&f->loaded, yaml);
	assert_true(f->loaded.rules->n_rules > 0);
	f->arena = (struct arena)ARENA_INIT;
	f->rule = &f->loaded.rules->rules[0];
	assert_int_equal(mutants_find(f->rule, &f->arena, &f->mutants), 0);
}

static inline void mutants_done(struct fixture *f)
{
	arena_done(&f->arena);
	rules_done(&f->loaded);
}

#endif
