/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this room share while rules are checked: one struct checker for all files of a ruleset,
 * one struct scope a file while it is read, and what stays of that for the files that include it, one struct
 * module. Not for other rooms; what leaves this one is rule.h.
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

#include "parser/files.h"
#include "parser/intern.h"
#include "parser/load.h"
#include "parser/names.h"
#include "parser/rule.h"
#include "parser/yaml.h"

/* What lists and macros may grow to; they are named, so that a few lines could stand for billions. */
#define MAX_NESTING 12
#define MAX_LIST ((size_t)1000000)
#define MAX_VALUES ((size_t)10000000)
#define MAX_CONDITIONS ((size_t)100000)

/* What files may include, directly or not: the files in one of which the next is included; all files that one
 * of them sees; and the names that they all see, each counted once for each file that sees it. */
#define MAX_INCLUDE_DEPTH 10
#define MAX_MODULES ((size_t)1000)
#define MAX_SIGHTS ((size_t)10000000)
/* Names that are held against unknown ones to propose the nearest. */
#define MAX_GUESSES ((size_t)200000)

/* Longest id, and the space that a thing's name takes in a message. */
#define MAX_ID 200
#define WHAT_SIZE 128

struct pattern {
	struct regex *regex;		/* NULL: it does not compile */
	struct loc at;			/* where it was first met */
};

struct loader;
struct module;
struct sigma_tables;

struct checker {
	struct arena *arena;		/* the ruleset's */
	struct intern intern;		/* in it */
	struct loader *loader;
	struct files *files;
	struct arena kept;		/* of modules; until all files are loaded */
	struct module *modules, **last_module;
	unsigned int n_open_files;	/* each but the first is included by the one before it */
	size_t n_sights;		/* against MAX_SIGHTS */
	size_t n_guesses;		/* against MAX_GUESSES */
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
	size_t n_record_bytes;		/* of the tests' records so far */
	size_t n_steps;			/* of the search for what can never hold (warnings.c) */
	struct names never;		/* places of which it has been said */
	const struct template *default_summary;
	const struct sigma_tables *sigma;	/* what the user says of Sigma's names */
};

enum state { STATE_NEW, STATE_OPEN, STATE_READY, STATE_BAD };

/* A value of a list, as it stands in the file or as an entry of a named list. */
struct entry {
	const struct node *node;	/* lives as the entry does */
	struct str text;		/* in the ruleset's arena where @kept, else the node's */
	bool kept;
	bool told;			/* a warning about it has been recorded */
};

/* What lists and macros have in common. They are ready or bad before another file sees them: what they name
 * is looked up in their own file. */
struct definition {
	struct str name;
	struct loc at;			/* its key */
	const struct node *node;	/* until it is ready or bad */
	enum state state;
	bool used;			/* in whatever file */
	const struct definition *rival;	/* one with its name, of which has been told */
};

struct list {
	struct definition def;		/* first */
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
	struct definition def;		/* first */
	const struct cond *cond;
	struct tally tally;
};

/* What stays of a file until all are loaded. */
struct module {
	struct module *next;		/* in the order of loading */
	const struct source *source;
	size_t first_diag;		/* what was recorded before is of other files */
	struct list *lists;
	struct macro *macros;
	size_t n_lists, n_macros;
	struct module **seen;		/* itself first, then all that it includes, directly or not, once */
	size_t n_seen, cap_seen;
	unsigned int depth;		/* of its includes; 0: none */
	const struct module *seer;	/* the last that has found it among what it includes */
	/* Something kept definitions from being read, and has been told: unknown names may be among them. */
	bool lacks_lists, lacks_macros;
	bool has_rules;
	bool incomplete;		/* not all of its rules are known */
};

/* The definitions of one kind that a file sees: its own and those of what it includes. */
struct view {
	struct names names;		/* to sights */
	struct sight {
		struct definition *def;
		bool ambiguous;		/* there are others; whoever needs it cannot be read */
	} *sights;
	size_t n, cap;
	bool lacks_some;		/* see struct module */
};

/* One file while it is read. */
struct scope {
	struct checker *checker;
	struct arena *scratch;		/* lives as long as the file's nodes */
	struct module *module;
	struct view lists, macros;
	unsigned int n_open;		/* lists or macros that wait for another */
	struct entry **entries;		/* of the operand that is being read */
	size_t n_entries, cap_entries;
	struct operand_place *places;	/* of these, for options->authoring */
	size_t cap_places;
	unsigned int regex_flags;	/* for its regexes */
	size_t fault;			/* in the diags: the one in the YAML of a rule that was found last */
};

/* Of two results the one to report: out of memory before an error, an error before none. */
static inline int worse(int a, int b)
{
	return a == -ENOMEM || b == 0 ? a : b;
}

/* What a message calls a thing: "macro `NAME`", cut where that is too long. */
void name_thing(char what[WHAT_SIZE], const char *before, struct str name);

/* load.c: reads the file unless that was begun before; what cannot be read leaves its reason in f->error. */
int loader_read(struct loader *l, struct file *f);
/* Rules that nobody has seen are lost with a file, or with the rest of one: that is listed, too. @first: the
 * first of its diagnostics. */
int skip_file(struct checker *c, size_t first);

/* include.c: loads what the file includes; its module sees it then. */
int include_read(struct scope *s, struct file *self, const struct node *include);

/* module.c */
/* One that lacks everything yet. NULL: out of memory. */
struct module *module_new(struct checker *c, const struct source *src);
/* Frees what the arena does not. */
void modules_done(struct checker *c);
/* Adds what @other sees, where an entry @at includes it. */
int module_see(struct checker *c, struct module *m, const struct module *other, struct loc at);
/* The list or macro (@what) of key @i in the map. *ret is written unless out of memory. */
int definition_read(struct scope *s, const struct node *map, size_t i, const char *what,
		    struct definition *ret);
/* Fills the views, when the file's own names are declared. */
int views_fill(struct scope *s);
void views_done(struct scope *s);
/* 0, -ENOENT: it is unknown, -EINVAL: that is all that can be said, since something was not read, or since
 * the name means several. */
int view_find(const struct view *v, struct str name, struct definition **ret);
/* The nearest of the names in view; unknown: none is near. */
struct str view_nearest(struct scope *s, const struct view *v, struct str name);

/* lists.c */
int lists_declare(struct scope *s, const struct node *lists);
int lists_read(struct scope *s);
/* The values of an operand, a scalar or a list, with $NAME replaced; in s->entries until the next call. */
int entries_read(struct scope *s, const struct node *n, const char *what);
/* Keeps where the test stands, and for authors its operands. @many: they are in s->entries. */
int origin_read(struct scope *s, struct test *t, struct loc at, bool many);
/* Errors at an entry of a named list show the list's @use too. */
void entry_second(struct scope *s, const struct entry *e, const struct node *use);
bool is_name(struct str text);

/* conditions.c */
int macros_declare(struct scope *s, const struct node *macros);
int macros_read(struct scope *s);
int condition_read(struct scope *s, const struct node *n, const char *what, struct tally *tally,
		   const struct cond **ret);
/* -ENOMEM or 0. @children is copied; @key is static, NULL where no key stands for it. */
int cond_new(struct scope *s, enum cond_kind kind, struct loc at, const char *key,
	     const struct cond *const *children, size_t n, const struct cond **ret);

/* predicates.c */
/* Does a rule that reads the field speak of failed execs, too? */
bool is_outcome(const struct field_ref *ref);
/* Does the condition read one? */
bool cond_reads_outcome(const struct cond *c);
/* `FIELD: OPERAND`. */
int predicate_read(struct scope *s, const struct node *key, const struct node *operand, struct tally *tally,
		   const struct cond **ret);

/* operands.c: fills what @t needs for its operator; @t->op and nocase are set. The array of operands lives as
 * long as the nodes. */
int operand_read(struct scope *s, const struct field_ref *ref, const char *what, const struct node *n,
		 struct test *t);
int field_read(struct scope *s, const struct node *n, const struct field_ref **ret);
/* One value of a field that holds numbers; of an enumeration, as the field's own list spells it. @e is not
 * looked up among the lists. */
int number_read(struct scope *s, const struct field *field, const char *what, const struct node *n,
		int64_t *ret);
int enum_read(struct scope *s, const struct field *field, const char *what, const struct entry *e,
	      const struct node *use, bool nocase, struct str *ret);

/* patterns.c */
/* The operand of `re`. */
int regexes_read(struct scope *s, const char *what, const struct node *n, struct test *t);
/* Compiles the pattern, or finds it compiled. @at: where it stands. -EINVAL with *ret_error filled, and
 * nothing recorded. */
int pattern_compile(struct checker *c, struct str text, unsigned int flags, struct loc at,
		    struct regex_error *ret_error, struct regex **ret);

/* native.c: -EINVAL only where this is no file that it can read; what is wrong with rules is listed. */
int native_read(struct checker *c, struct file *f, const struct node *root, struct arena *scratch);

/* rules.c */
struct defaults {
	enum severity severity;
	enum rule_mode mode;
	struct strs tags, route;
	const struct throttle *throttle;	/* NULL: none */
};

int rules_read(struct scope *s, const struct node *rules, const struct defaults *defaults);
/* Lists a rule that is left out, or with an unknown @id what is lost of a file. */
int skip_rule(struct checker *c, struct str id, struct loc at, struct str message);
/* A rule of another language, read with the result @err, kept or skipped; @first: the first of its
 * diagnostics, @next: the place of what stands behind it. 0 or -ENOMEM. */
int foreign_rule_add(struct scope *s, const struct node *map, struct loc next, size_t first, int err,
		     struct rule *rule);
/* Remembers the id for all rules to come; of two rules with one id the first keeps it. */
int claim_id(struct scope *s, const struct rule *rule);
int route_read(struct scope *s, const struct node *n, struct strs *ret);
int tags_read(struct scope *s, const struct node *n, struct strs *ret);
/* The value of a key that must be there; NULL and an error where it is not. */
const struct node *required(struct scope *s, const struct node *map, const char *what, const char *key);
/* An id: of a rule or an exception. */
int id_read(struct scope *s, const struct node *n, const char *what, struct str *ret);
/* An optional text of a map, copied; unknown where the key is missing. */
int text_read(struct scope *s, const struct node *map, const char *key, struct str *ret);

/* exceptions.c */
/* The rule's match is read; @size: its conditions. */
int exceptions_read(struct scope *s, const struct node *n, struct rule *rule, size_t size);

/* windows.c */
int throttle_read(struct scope *s, const struct node *map, const struct throttle **ret);
/* Threshold, throttle and the variables of @rule's summary; its throttle is that of the defaults before. */
int windows_read(struct scope *s, const struct node *map, struct rule *rule);
/* tests.c: `tests`, when all else of the rule is read; @whole: without an error. What is wrong with a test
 * costs that test only: 0 or -ENOMEM. */
int tests_read(struct scope *s, const struct node *map, bool whole, struct rule *rule);

/* mutants.c: `mutants`, the mutants that may survive; read for options->authoring alone. */
int mutants_read(struct scope *s, const struct node *map, struct rule *rule);

/* warnings.c; all are silent unless options->warnings. */
bool warns(const struct scope *s);
void warn_comm(struct scope *s, const struct field_ref *ref, enum op op, struct entry *e);
void warn_text(struct scope *s, const struct field_ref *ref, enum op op, struct entry *e);
void warn_regex(struct scope *s, struct entry *e, const struct regex *re);
void warn_tags(struct scope *s, const struct node *n);
void warn_route(struct scope *s, const struct node *n);
void warn_key(struct scope *s, const struct node *n, const struct field_ref *ref);
/* What in the condition can never hold. */
void warn_never(struct scope *s, const struct cond *match);
void warn_exception(struct scope *s, const struct rule *rule, const struct exception *x,
		    size_t n_comparisons);
void warn_unused(struct checker *c);
/* Of a rule that has `tests`, of which @n stand there; where one is wrong, enough has been said. */
void warn_tests(struct scope *s, const struct rule *rule, size_t n);
/* Of @n rules of a file that have none, the first of which is @first. */
void warn_untested(struct scope *s, const struct rule *first, size_t n);

#endif
