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

/* One operator with its operand; holds for one value of the field. */
struct test {
	enum op op;
	bool nocase;			/* A to Z; of texts, never of regexes */
	struct loc at;			/* the operand */
	size_t n;			/* operands, any of */
	const struct str *texts;	/* of a text field; a glob is its pattern */
	const int64_t *numbers;		/* of a number field; PRESENCE: one, 0 or 1 */
	struct regex *const *regexes;
	struct field_ref other;		/* SAME_AS */
};

enum cond_kind {
	COND_TRUE,		/* an empty map: holds for every exec */
	COND_ALL,		/* every child */
	COND_ANY,		/* some child */
	COND_NOT,		/* not its only child */
	COND_FIELD,		/* one value of the field satisfies all tests */
};

/* A condition. A macro's tree is shared by all that use it. */
struct cond {
	enum cond_kind kind;
	struct loc at;			/* the key that the author wrote */
	struct str label;		/* macro's name where this is its use; else unknown */
	size_t n_children;
	const struct cond *const *children;
	struct field_ref field;
	size_t n_tests;
	const struct test *tests;
};

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

struct rule {
	struct str id, title, why, author, version, runbook;	/* title is set; others may be unknown */
	struct strs tags, references, route;
	enum severity severity;
	enum rule_mode mode;
	struct loc at;			/* its id; valid while the sources are */
	struct str source;		/* "file:line" of its id */
	/* Does `match` read errno, retval, result or stage? If not, it speaks of successful execs only. */
	bool reads_outcome;
	const struct cond *match;
	const struct exception *exceptions;
	size_t n_exceptions;
	const struct template *summary;	/* parsed with rule_template_vars */
};

/* The variables that a summary may use beside the fields. */
enum rule_var { RULE_VAR_TITLE, RULE_VAR_ID, RULE_VAR_SEVERITY, N_RULE_VARS };
extern const struct template_vars rule_template_vars;

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
