/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this room share while rules are checked: one struct checker for all files of a ruleset,
 * one struct scope a file. Not for other rooms; what leaves this one is rule.h.
 *
 * Every function that returns int gives 0, -EINVAL after an error was recorded (or when it rests on something
 * whose error was), or -ENOMEM. On -EINVAL the caller goes on with the next thing.
 */
#ifndef PARSER_CHECKER_H
#define PARSER_CHECKER_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parser/load.h"
#include "parser/names.h"
#include "parser/rule.h"
#include "parser/yaml.h"

/* What lists and macros may grow to; they are named, so that a few lines could stand for billions. */
#define MAX_NESTING 12
#define MAX_LIST ((size_t)1000000)
#define MAX_VALUES ((size_t)10000000)
#define MAX_CONDITIONS ((size_t)100000)

/* Longest id, and the space that a thing's name takes in a message. */
#define MAX_ID 200
#define WHAT_SIZE 128

struct pattern {
	struct regex *regex;		/* NULL: it does not compile */
	const struct node *at;		/* where it was first met */
};

struct checker {
	struct arena *arena;		/* the ruleset's */
	struct diags *ds;
	const struct load_options *options;
	struct regex_scratch *scratch;	/* for warnings; NULL without them */

	struct names pattern_names[2];	/* each regex is compiled once; by REGEX_SIGMA */
	struct pattern *patterns;
	size_t n_patterns, cap_patterns;

	struct names ids;		/* of all rules, good and bad */
	struct loc *id_places;
	size_t n_ids, cap_ids;

	struct rule *rules;
	size_t n_rules, cap_rules;
	struct skipped_rule *skipped;
	size_t n_skipped, cap_skipped;

	size_t n_values;		/* operands so far, against MAX_VALUES */
	const struct template *default_summary;
};

enum state { STATE_NEW, STATE_OPEN, STATE_READY, STATE_BAD };

/* A value of a list, as it stands in the file or as an entry of a named list. */
struct entry {
	const struct node *node;
	struct str text;		/* in the ruleset's arena where @kept, else the node's */
	bool kept;
	bool told;			/* a warning about it has been recorded */
};

struct list {
	const struct node *key, *node;
	enum state state;
	bool used;
	struct entry **entries;
	size_t n;
	unsigned int nesting;
};

/* What a condition adds up to with the macros in it. */
struct tally {
	size_t conditions;
	unsigned int nesting;		/* of macros */
	bool reads_outcome;
};

struct macro {
	const struct node *key, *node;
	enum state state;
	bool used;
	const struct cond *cond;
	struct tally tally;
};

/* One file. */
struct scope {
	struct checker *checker;
	struct arena *scratch;		/* lives as long as the file's nodes */
	struct names list_names, macro_names;
	struct list *lists;
	struct macro *macros;
	size_t n_lists, n_macros;
	unsigned int n_open;		/* lists or macros that wait for another */
	struct entry **entries;		/* of the operand that is being read */
	size_t n_entries, cap_entries;
	struct operand_place *places;	/* of these, for options->authoring */
	size_t cap_places;
	unsigned int regex_flags;	/* for its regexes */
};

/* Makes room for one more element of an array that grows by doubling. 0 or -ENOMEM. */
int make_room(void *array, size_t n, size_t *cap, size_t element_size);

/* Of two results the one to report: out of memory before an error, an error before none. */
static inline int worse(int a, int b)
{
	return a == -ENOMEM || b == 0 ? a : b;
}

/* lists.c */
int lists_read(struct scope *s, const struct node *lists);
/* The values of an operand, a scalar or a list, with $NAME replaced; in s->entries until the next call. */
int entries_read(struct scope *s, const struct node *n, const char *what);
/* Keeps where they stand, for authors. */
int places_read(struct scope *s, struct test *t);
/* Errors at an entry of a named list show the list's @use too. */
void entry_second(struct scope *s, const struct entry *e, const struct node *use);
bool is_name(struct str text);

/* conditions.c */
int macros_read(struct scope *s, const struct node *macros);
int condition_read(struct scope *s, const struct node *n, const char *what, struct tally *tally,
		   const struct cond **ret);
/* NULL: out of memory. @children is copied; @key is static, NULL where no key stands for it. */
struct cond *cond_new(struct scope *s, enum cond_kind kind, struct loc at, const char *key,
		      const struct cond *const *children, size_t n);

/* predicates.c: `FIELD: OPERAND`. */
int predicate_read(struct scope *s, const struct node *key, const struct node *operand, struct tally *tally,
		   const struct cond **ret);

/* operands.c: fills what @t needs for its operator; @t->op, nocase and at are set. */
int operand_read(struct scope *s, const struct field_ref *ref, const char *what, const struct node *n,
		 struct test *t);
int field_read(struct scope *s, const struct node *n, struct field_ref *ret);

/* patterns.c: the operand of `re`. */
int regexes_read(struct scope *s, const char *what, const struct node *n, struct test *t);

/* native.c: -EINVAL only where this is no file that it can read; what is wrong with rules is listed. */
int native_read(struct checker *c, const struct node *root, struct arena *scratch);

/* rules.c */
struct defaults {
	enum severity severity;
	enum rule_mode mode;
	struct strs tags, route;
};

int rules_read(struct scope *s, const struct node *rules, const struct defaults *defaults);
/* Lists a rule that is left out, or with an unknown @id what is lost of a file. */
int skip_rule(struct checker *c, struct str id, struct loc at, struct str message);
int route_read(struct scope *s, const struct node *n, struct strs *ret);
int tags_read(struct scope *s, const struct node *n, struct strs *ret);
/* An error for each of @keys (NULL at the end) that the map has: not supported yet. */
int refuse_keys(struct scope *s, const struct node *map, const char *const *keys);
/* The value of a key that must be there; NULL and an error where it is not. */
const struct node *required(struct scope *s, const struct node *map, const char *what, const char *key);
/* An id: of a rule or an exception. */
int id_read(struct scope *s, const struct node *n, const char *what, struct str *ret);
/* An optional text of a map, copied; unknown where the key is missing. */
int text_read(struct scope *s, const struct node *map, const char *key, struct str *ret);

/* exceptions.c */
/* The rule's match is read; @size: its conditions. */
int exceptions_read(struct scope *s, const struct node *n, struct rule *rule, size_t size);

/* warnings.c; all are silent unless options->warnings. */
bool warns(const struct scope *s);
void warn_comm(struct scope *s, const struct field_ref *ref, enum op op, struct entry *e);
void warn_regex(struct scope *s, struct entry *e, const struct regex *re);
void warn_bounds(struct scope *s, struct loc at, const struct test *tests, size_t n);
void warn_tags(struct scope *s, const struct node *n);
void warn_route(struct scope *s, const struct node *n);
void warn_rule(struct scope *s, const struct rule *rule);
void warn_exception(struct scope *s, const struct rule *rule, const struct exception *x,
		    size_t n_comparisons);
void warn_unused(struct scope *s);

#endif
