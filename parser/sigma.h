/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that read Sigma rules share; see sigma.c for how they divide the work. Not for other rooms;
 * what leaves this one is rule.h.
 *
 * Results as in checker.h.
 */
#ifndef PARSER_SIGMA_H
#define PARSER_SIGMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parser/checker.h"
#include "parser/sigma_fields.h"

/* One rule while it is read. */
struct sigma {
	struct scope *s;
	struct tally tally;		/* of the selection, then of the condition, so far */
	const struct sigma_selection *selections;
	size_t n_selections;
	struct names names;		/* theirs, to their numbers */
	const struct node *value;	/* that is being read */
	size_t n_tokens;		/* of the values so far */
	size_t n_expanded;		/* bytes, for what placeholders made of them */
	size_t n_comparisons;		/* of the condition's patterns with names */
	bool too_big;			/* that was said: nothing more is read for the rule */
};

/* What stands under `detection` beside the condition. */
struct sigma_selection {
	const struct node *key;
	const struct cond *cond;	/* NULL: it has an error */
	struct tally tally;
};

/* Where a document stands. */
struct sigma_place {
	unsigned int number;		/* in its file, from 1 */
	struct loc next;		/* where the one behind it begins */
	size_t first;			/* what was recorded before is not about it */
};

/* sigma_file.c */
/* Is it a file of several documents of which one is Sigma's? 0 or -ENOMEM. */
int sigma_is_file(const struct source *src, bool *ret);
/* All of such a file. 0 or -ENOMEM: what is wrong is recorded and listed. */
int sigma_file_read(struct checker *c, struct file *f, const struct source *src);
/* The same of a file of one document, whose nodes are there already; @first: what was recorded before is not
 * about it; @err: what reading them gave, 0 or -EINVAL. */
int sigma_document_read(struct checker *c, struct file *f, const struct node *root, size_t first, int err,
			struct arena *scratch);

/* sigma.c */
/* Is the outermost map of a document Sigma's? */
bool is_sigma(const struct node *root);
/* A document. 0 or -ENOMEM: what is wrong is recorded and listed. */
int sigma_read(struct checker *c, struct file *f, const struct node *root, const struct sigma_place *place,
	       struct arena *scratch);

/* A field, and the native ones that it stands for. */
struct sigma_field {
	struct str name;
	const struct field_ref **native;
	size_t n;			/* 0: no exec has it */
};

struct sigma_placeholder {
	struct str name;
	struct strs values;
};

/* What a user says of names in Sigma rules; lives as long as the ruleset. */
struct sigma_tables {
	const struct sigma_field *fields;
	const struct sigma_placeholder *placeholders;
	size_t n_fields, n_placeholders;
	bool has_placeholders;		/* a file was given */
};

/* sigma_tables.c: read a file's outermost map. */
int sigma_mapping_read(struct checker *c, const struct node *root, struct arena *scratch,
		       struct sigma_tables *tables);
int sigma_placeholders_read(struct checker *c, const struct node *root, struct arena *scratch,
			    struct sigma_tables *tables);

/* sigma_fields.c */

/* The field of that name; @at is the key, for what is to be said. */
int sigma_field_find(struct sigma *g, struct str name, const struct node *at, struct sigma_field *ret);
/* The fields in which values without a field are looked for, as one. */
int sigma_keyword_field(struct sigma *g, struct sigma_field *ret);

/* sigma_scalar.c: what YAML 1.1 takes a scalar for, since that is what Sigma's own tools read. */
enum sigma_type { SIGMA_NULL, SIGMA_BOOL, SIGMA_INT, SIGMA_FLOAT, SIGMA_TEXT };

struct sigma_scalar {
	enum sigma_type type;
	bool truth;			/* SIGMA_BOOL */
	int64_t integer;		/* SIGMA_INT */
	double number;			/* SIGMA_INT, SIGMA_FLOAT */
	struct str text;		/* as Sigma's tools write it: 7, true; borrowed or @a's */
};

int sigma_scalar_read(struct sigma *g, const struct node *n, struct sigma_scalar *ret);
bool sigma_is_null(const struct node *n);

/*
 * A text as Sigma sees it: bytes and what stands for others. Wildcards are told from bytes before modifiers
 * add theirs, so that nothing in a value can change what they add.
 */
enum {
	TOKEN_ANY = 256,		/* `*`: any bytes, also none */
	TOKEN_ONE,			/* `?`: one character of UTF-8, one byte where there is none */
	TOKEN_DASH,			/* windash: - or / or one of three other dashes */
};

struct tokens {
	const uint16_t *t;
	size_t n;
};

/* One value of an item, with what its modifiers made of it. */
struct sigma_value {
	const struct node *node;
	struct sigma_scalar scalar;
	struct tokens *texts;		/* SIGMA_TEXT but of a regex: any of them */
	size_t n_texts;
	bool several;			/* a modifier has made it stand for several */
	struct sigma_field other;	/* SIGMA_FIELDREF: what it names */
};

/* What a modifier changes of a text; see sigma_change.c. */
enum sigma_change {
	CHANGE_CONTAINS,
	CHANGE_STARTS,
	CHANGE_ENDS,
	CHANGE_WINDASH,
	CHANGE_WIDE,
	CHANGE_UTF16BE,
	CHANGE_UTF16,
	CHANGE_BASE64,
	CHANGE_BASE64_OFFSET,
};

/* What an item does with its values. */
enum sigma_kind {
	SIGMA_PLAIN,
	SIGMA_RE,
	SIGMA_CIDR,
	SIGMA_COMPARE,
	SIGMA_EXISTS,
	SIGMA_FIELDREF,
	SIGMA_PART,			/* of a time */
};

struct sigma_modifier {
	const char *name;
	enum sigma_role {
		ROLE_KIND, ROLE_CHANGE, ROLE_FLAG, ROLE_ALL, ROLE_NEGATION, ROLE_CASED, ROLE_EXPANSION,
	} role;
	enum sigma_kind kind;		/* ROLE_KIND */
	enum sigma_change change;	/* ROLE_CHANGE */
	enum op op;			/* SIGMA_COMPARE, and what contains and its like are */
	const char *text;		/* ROLE_FLAG: as PCRE2 has it; SIGMA_PART: as native fields do */
};

#define SIGMA_MAX_MODIFIERS 16
/* Values of an item that are wrong: who has seen so many has seen enough. */
#define SIGMA_MAX_BAD 100

/* `FIELD|modifier|modifier`. */
struct sigma_item {
	const struct node *key;
	struct str field;		/* empty: none, its values stand alone */
	enum sigma_kind kind;
	const char *kind_name;		/* the modifier that makes it that; NULL: SIGMA_PLAIN */
	enum op op;			/* SIGMA_COMPARE; SIGMA_FIELDREF: OP_SAME_AS, OP_PREFIX ... */
	const char *part;		/* of a time: "hour"; NULL: none. Also of SIGMA_COMPARE */
	bool all, negated, cased, expands;
	char flags[SIGMA_MAX_MODIFIERS + 1];	/* of a regex: "im" */
	const struct sigma_modifier *changes[SIGMA_MAX_MODIFIERS];	/* of texts, in their order */
	size_t n_changes;
	/* All of them, and where each stands: to find that takes as long as the key is. */
	const struct sigma_modifier *modifiers[SIGMA_MAX_MODIFIERS];
	struct loc places[SIGMA_MAX_MODIFIERS];
	size_t n_modifiers;
};

/* sigma_modifiers.c */
int sigma_item_parse(struct sigma *g, const struct node *key, struct sigma_item *ret);
/* Of a modifier that an item has, its name's place in the key. */
struct loc sigma_modifier_place(const struct sigma_item *item, const char *name);

/* sigma_tokens.c */
/* Room for so many tokens, as long as the nodes live. */
int sigma_tokens_new(struct sigma *g, size_t n, uint16_t **ret);
int sigma_tokenise(struct sigma *g, struct str text, struct tokens *ret);
/* Has the text wildcards? */
bool sigma_is_plain(const struct tokens *t);
/* The bytes of a text without wildcards; p NULL: out of memory. */
struct str sigma_bytes(struct sigma *g, const struct tokens *t);

/* sigma_expand.c: the texts that @text stands for, with the values of placeholders in their place. */
int sigma_expand(struct sigma *g, const struct node *n, struct str text, struct str **ret, size_t *ret_n);

/* sigma_change.c: makes of @value's texts what the modifier says. */
int sigma_change(struct sigma *g, const struct sigma_item *item, const struct sigma_modifier *m,
		 struct sigma_value *value);

/* sigma_values.c: the values of an item, read and changed. */
int sigma_values_read(struct sigma *g, const struct sigma_item *item, const struct node *n,
		      struct sigma_value **ret, size_t *ret_n);

/* sigma_match.c: a condition that holds where @ref has one of the values. Where there is none that could
 * hold, *ret is sigma_never(). Nulls among them are left out. */
int sigma_match(struct sigma *g, const struct sigma_item *item, const struct field_ref *ref,
		const struct sigma_value *values, size_t n, const struct cond **ret);

/* sigma_detection.c: what stands under a selection's name. */
int sigma_detection_read(struct sigma *g, const struct node *n, const struct cond **ret);

/* sigma_expression.c: the condition. */
int sigma_expression_read(struct sigma *g, const struct node *n, const struct cond **ret);

/* sigma_tree.c: conditions, with what can be known of them made use of. */
int sigma_always(struct sigma *g, struct loc at, const struct cond **ret);
int sigma_never(struct sigma *g, struct loc at, const struct cond **ret);
bool sigma_is_never(const struct cond *c);
int sigma_not(struct sigma *g, struct loc at, const struct cond *inner, const struct cond **ret);
/* @kind: COND_ALL or COND_ANY. What decides nothing is left out, and @children is changed by that. */
int sigma_join(struct sigma *g, enum cond_kind kind, struct loc at, const struct cond **children, size_t n,
	       const struct cond **ret);
int sigma_field_cond(struct sigma *g, const struct field_ref *ref, struct loc at, const struct test *tests,
		     size_t n, const struct cond **ret);
int sigma_set(struct sigma *g, const struct field_ref *ref, struct loc at, const struct cond **ret);

#endif
