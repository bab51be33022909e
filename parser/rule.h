/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checked rules: what every kind of rule file becomes and all that the engine sees of it.
 *
 * Names are resolved, types are right, regexes are compiled: whatever a user can do wrong has been said
 * before. Everything here lives in the ruleset's arena and never changes once loaded.
 */
#ifndef PARSER_RULE_H
#define PARSER_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/regex.h"
#include "base/str.h"
#include "event/field.h"
#include "event/template.h"
#include "parser/operator.h"

/* syslog's (RFC 5424, table 2); lower is worse. */
enum severity {
	SEVERITY_EMERGENCY,
	SEVERITY_ALERT,
	SEVERITY_CRITICAL,
	SEVERITY_ERROR,
	SEVERITY_WARNING,
	SEVERITY_NOTICE,
	SEVERITY_INFO,
	SEVERITY_DEBUG,
	N_SEVERITIES
};

/* "emergency" ...; static. */
extern const char *const severity_names[N_SEVERITIES + 1];	/* NULL at the end */

enum rule_mode {
	MODE_ALERT,
	MODE_OBSERVE,		/* as alert, but outputs do not get it */
	MODE_OFF,		/* checked only */
};

extern const char *const mode_names[];	/* "alert" ...; NULL at the end */

/* Where one operand of a test stands. */
struct operand_place {
	struct loc at;			/* itself, be it in the test or in the list */
	struct str list;		/* the list that the author named for it; unknown: none */
};

/* Where a test stands. */
struct test_origin {
	struct loc at;			/* the operand */
	const struct operand_place *places;	/* of each value, text and regex; NULL: of none */
};

/* What a test compares with: which member of its union there is. */
enum operand_form {
	FORM_TEXTS,			/* a glob is its pattern; a bound of a text field is decimal */
	FORM_NUMBERS,			/* of a number field; PRESENCE: one, 0 or 1 */
	FORM_REGEXES,
	FORM_FIELD,			/* SAME_AS, or an operator of texts with { field: NAME } */
};

/* One operator with its operand; holds for one value of the field. Small, for rule sets have tens of
 * thousands of them, and without padding. */
struct test {
	enum op op : 16;
	enum operand_form form : 8;
	bool nocase;			/* A to Z; of texts, never of regexes */
	uint32_t n;			/* operands, any of; FORM_FIELD: 0 */
	union {
		const struct str *texts;
		const int64_t *numbers;
		struct regex *const *regexes;
		const struct field_ref *other;
	};
	const struct test_origin *origin;	/* NULL unless load_options.authoring or warnings */
};

enum cond_kind {
	COND_TRUE,		/* an empty map: holds for every exec */
	COND_ALL,		/* every child */
	COND_ANY,		/* some child */
	COND_NOT,		/* not its only child */
	COND_FIELD,		/* one value of the field satisfies all tests */
};

/* What the author wrote for a condition. */
struct cond_origin {
	struct loc at;			/* the key */
	/* Which key: all, any, none, not or macro; static. Unknown: a field, or what no key stands for: the
	 * AND of a map's keys, the OR within a `none`. */
	struct str key;
	struct str label;		/* macro's name where this is its use; else unknown */
};

/* A condition; small, as a test is. A macro's tree is shared by all that use it, and without origins all
 * conditions that say the same are one. */
struct cond {
	enum cond_kind kind : 16;
	uint16_t n_tests;		/* COND_FIELD: 1 or more; else 0 */
	uint32_t n_children;		/* COND_FIELD: 0 */
	union {
		const struct test *tests;
		const struct cond *const *children;
	};
	const struct field_ref *field;	/* also of a NOT or an ALL that stands in a field's map; NULL: none */
	const struct cond_origin *origin;	/* NULL unless load_options.authoring or warnings */
};

/* What authors are shown. Of a test or condition without an origin all of this is nowhere and unknown. */
static inline struct loc test_at(const struct test *t)
{
	return t->origin ? t->origin->at : (struct loc){ NULL, 0, 0, 0 };
}

static inline const struct operand_place *test_places(const struct test *t)
{
	return t->origin ? t->origin->places : NULL;
}

/* Bytes of one operand in its array; 0 where there is none. */
static inline size_t test_operand_size(const struct test *t)
{
	switch (t->form) {
	case FORM_TEXTS:
		return sizeof(*t->texts);
	case FORM_NUMBERS:
		return sizeof(*t->numbers);
	case FORM_REGEXES:
		return sizeof(*t->regexes);
	case FORM_FIELD:
		break;
	}
	return 0;
}

/* The test for its operand number @i alone, which it borrows; the places stay those of all. */
static inline struct test test_single(const struct test *t, size_t i)
{
	struct test one = *t;

	one.n = 1;
	one.texts = (const void *)((const char *)t->texts + i * test_operand_size(t));
	return one;
}

/* Do the tests, of one form, compare with the same in these places? */
static inline bool test_same_operand(const struct test *a, size_t i, const struct test *b, size_t k)
{
	if (a->form == FORM_TEXTS)
		return str_eq(a->texts[i], b->texts[k]);
	return a->form == FORM_NUMBERS ? a->numbers[i] == b->numbers[k] : a->regexes[i] == b->regexes[k];
}

/* The text number @i, or the pattern of the regex. */
static inline struct str test_operand_text(const struct test *t, size_t i)
{
	return t->form == FORM_REGEXES ? regex_pattern(t->regexes[i]) : t->texts[i];
}

static inline struct loc cond_at(const struct cond *c)
{
	return c->origin ? c->origin->at : (struct loc){ NULL, 0, 0, 0 };
}

static inline struct str cond_key(const struct cond *c)
{
	return c->origin ? c->origin->key : (struct str){ NULL, 0 };
}

static inline struct str cond_label(const struct cond *c)
{
	return c->origin ? c->origin->label : (struct str){ NULL, 0 };
}

struct exception {
	struct str id, why;
	struct loc at, until_at;
	/* First nanosecond at which it no longer applies; INT64_MAX: never. */
	int64_t until_ns;
	struct str until_day;		/* as written; unknown when never */
	const struct cond *match;
};

struct strs {
	const struct str *item;
	size_t n;
};

/* The fields that one `by` may name. */
#define RULE_MAX_BY 8

/* Fields by whose values matches are told apart; each has one value at most. */
struct key_fields {
	const struct field_ref *item;
	const struct str *name;		/* of each, as a rule spells it */
	size_t n;			/* at most RULE_MAX_BY */
};

/* Alert when @count matches fall within @within_ns for one key. */
struct threshold {
	struct loc at;
	uint32_t count;			/* 1 to 10,000 */
	int64_t within_ns;		/* above 0 */
	struct key_fields by;
	bool has_distinct;
	struct field_ref distinct;	/* then matches of the same value count once */
};

/* The first alert of a key at once, then one summary at most each @every_ns. */
struct throttle {
	struct loc at;
	int64_t every_ns;		/* above 0 */
	struct key_fields by;
};

/* The execs of a test, in virtual time: @repeat of them, the first at @at_ns, @every_ns apart. */
struct rule_test_step {
	struct loc at;
	struct str record;		/* as one JSON object; without `time` unless the author gave one */
	int64_t at_ns, every_ns;	/* not negative */
	uint32_t repeat;		/* 1 and more */
};

enum expect_kind {
	EXPECT_ALERT,			/* at least one */
	EXPECT_NONE,			/* neither alert nor summary */
	EXPECT_EXCEPTED,		/* no alert, and the exception applied */
	EXPECT_DETAILS,			/* what is known of the members of rule_test.expect below */
};

struct expect {
	enum expect_kind kind;
	struct loc at;
	struct str exception;		/* EXPECT_EXCEPTED */
	struct num alerts, summaries;
	struct num at_ns;		/* of the first alert, from the zero of the test */
	const struct pair *key;		/* field name, value as an alert's key has it; of the first alert */
	size_t n_key;
	struct str summary;		/* of the first alert; * stands for anything */
	bool has_route;
	struct strs route;
};

struct rule_test {
	struct str name;
	struct loc at;
	const struct rule_test_step *steps;
	size_t n_steps;
	struct expect expect;
};

/* A mutant that is known to survive: the author says why that is fine. */
struct kept_mutant {
	struct str path;		/* as `test` prints it */
	struct str why;
	struct loc at;
};

/* How far a rule has come, in Sigma's words: "stable" ...; NULL at the end. */
extern const char *const status_names[];

/* What a rule says of itself that alerts only hand on; each may be unknown. */
struct rule_about {
	struct str why, author, version, runbook;
	struct str status;		/* one of status_names */
	struct strs references, falsepositives;
};

struct rule {
	struct str id, title;
	struct str source;		/* "file:line" of its id */
	const struct rule_about *about;	/* NULL: all unknown; see rule_about() */
	struct strs tags, route;
	enum severity severity : 8;
	enum rule_mode mode : 8;
	/* Does `match` read errno, retval, result or stage? If not, it speaks of successful execs only. */
	bool reads_outcome;
	uint32_t n_exceptions;
	const struct cond *match;
	const struct exception *exceptions;
	struct loc at;			/* its id; valid while the sources are */
	const struct template *summary;	/* parsed with @vars */
	/* rule_template_vars, then key.FIELD for each field of threshold and throttle; their values are for
	 * whoever renders. At most RULE_MAX_VARS. */
	const struct template_vars *vars;
	const struct threshold *threshold;	/* NULL: none */
	const struct throttle *throttle;	/* NULL: none */
	/* Read only for load_options.authoring; what runs does not depend on them. */
	const struct rule_test *tests;
	const struct kept_mutant *mutants;
	uint32_t n_tests, n_mutants;
};

static inline const struct rule_about *rule_about(const struct rule *rule)
{
	static const struct rule_about nothing;

	return rule->about ? rule->about : &nothing;
}

/* The variables that the summary of any rule may use beside the fields. */
enum rule_var {
	RULE_VAR_TITLE,
	RULE_VAR_ID,
	RULE_VAR_SEVERITY,
	RULE_VAR_COUNT,
	RULE_VAR_WINDOW,
	N_RULE_VARS
};
#define RULE_MAX_VARS (N_RULE_VARS + 2 * RULE_MAX_BY)
extern const struct template_vars rule_template_vars;
/* The summary of a rule that has none of its own. */
extern const struct str rule_default_summary;

/* A rule that did not load, or all that a file or the rest of one may hold: `run` says so in an alert of its
 * own. */
struct skipped_rule {
	struct str id;			/* unknown where the id itself is missing, and of a file */
	struct str source;		/* "file:line", or "file" */
	struct str message;		/* of its first error */
};

struct ruleset {
	struct arena arena;
	const struct rule *rules;	/* sorted by id; ids are unique */
	size_t n_rules;
	const struct skipped_rule *skipped;
	size_t n_skipped;
	struct regex *const *regexes;	/* all that the rules use, each once */
	size_t n_regexes;
	size_t n_files;
	char sha256[65];		/* hex, of the bytes of all files in the order of loading */
};

struct ruleset *ruleset_free(struct ruleset *rs);	/* NULL in, NULL out; frees the regexes too */

DEFINE_CLEANUP(struct ruleset *, ruleset_free)

#endif
