/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libyaml's events to nodes; the one file that sees <yaml.h>.
 *
 * The event API is used and not the document API, since every node needs its place and every limit has to
 * hold while reading. A syntax error ends the reading, but libyaml reads ahead and then throws away
 * what it has: so the text is read once more, cut where the error is, and all that stands before it is kept.
 */
#include "parser/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "parser/codes.h"
#include "parser/names.h"
#include "parser/node_pack.h"
#include "parser/yaml_fault.h"
#include "parser/yaml_marks.h"
#include "parser/yaml_text.h"

/* A text is read again, shorter, at most this often. */
#define MAX_ATTEMPTS 4

struct reader {
	const struct source *src;
	struct str text;			/* of the document, up to the cut */
	size_t skipped;				/* bytes of the source in front of it */
	uint32_t line;				/* at which it begins, from 0 */
	bool cut;
	struct arena *arena;
	const char *packed;			/* the key whose list's entries are packed; NULL: none */
	struct node *packing;			/* that list, while it is open */
	struct arena entry;			/* of the nodes of an entry of it */
	struct buf bytes;			/* what an entry becomes */
	yaml_parser_t parser;
	struct node *open[YAML_MAX_DEPTH];	/* lists and maps around the next node */
	size_t first[YAML_MAX_DEPTH];		/* their first entry in pending */
	size_t depth;
	const struct node **pending;		/* finished nodes of the open ones; keys and values in turn */
	size_t n_pending, cap_pending;
	size_t n_nodes, n_documents;
	struct yaml_fault *faults, **last_fault;
	struct node *root;
	struct yaml_marks marks;
};

static size_t byte_of(struct reader *r, size_t index)
{
	return yaml_byte(&r->marks, r->text, index);
}

/* libyaml counts from 0. A node of several lines has no end. */
static struct loc place_of(const struct reader *r, const yaml_mark_t *start, const yaml_mark_t *end)
{
	return (struct loc){
		.source = r->src, .line = r->line + (uint32_t)start->line + 1,
		.col = (uint32_t)start->column + 1,
		.end_col = end->line == start->line ? (uint32_t)end->column + 1 : 0,
	};
}

static const struct loc nowhere;

/* Of the next node. */
static struct arena *arena_of(struct reader *r)
{
	return r->packing ? &r->entry : r->arena;
}

/* -ENOMEM or -EINVAL. */
static int fault(struct reader *r, enum yaml_fault_kind kind, struct loc at, struct loc second,
		 struct str text)
{
	struct yaml_fault *f = arena_alloc(r->arena, sizeof(*f));

	if (!f)
		return -ENOMEM;
	*f = (struct yaml_fault){ kind, at, second, arena_str(r->arena, text), NULL };
	*r->last_fault = f;
	r->last_fault = &f->next;
	for (size_t i = 0; i < r->depth; i++) {
		r->open[i]->faulty = true;
		r->open[i]->n_faults++;
	}
	return -EINVAL;
}

/* The same of a node that is not open itself. */
static int fault_of(struct reader *r, struct node *n, enum yaml_fault_kind kind, struct loc at,
		    struct loc second, struct str text)
{
	n->faulty = true;
	n->n_faults++;
	return fault(r, kind, at, second, text);
}

/* A node whose content is packed, in the place of an entry; there is none other left of it. NULL: out of
 * memory. */
static struct node *pack_entry(struct reader *r, const struct node *n)
{
	struct node *packed = arena_alloc(r->arena, sizeof(*packed));
	struct str bytes;

	buf_reset(&r->bytes);
	node_pack(n, &r->bytes);
	bytes = arena_str(r->arena, buf_get(&r->bytes));
	if (!packed || !bytes.p || r->bytes.error)
		return NULL;
	*packed = (struct node){
		.kind = n->kind, .at = n->at, .offset = n->offset, .end = n->end, .incomplete = n->incomplete,
		.faulty = n->faulty, .n_faults = n->n_faults, .packed = (const unsigned char *)bytes.p,
	};
	arena_reset(&r->entry);
	return packed;
}

static int push(struct reader *r, struct node *n)
{
	if (r->packing && r->open[r->depth - 1] == r->packing) {
		n = pack_entry(r, n);
		if (!n)
			return -ENOMEM;
	}
	if (r->depth == 0) {
		r->root = n;
		return 0;
	}
	if (r->n_pending == r->cap_pending) {
		size_t cap = r->cap_pending ? r->cap_pending * 2 : 256;
		const struct node **p = reallocarray(r->pending, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		r->pending = p;
		r->cap_pending = cap;
	}
	r->pending[r->n_pending++] = n;
	return 0;
}

/* Is the next node a key? */
static bool expects_key(const struct reader *r)
{
	if (r->depth == 0 || r->open[r->depth - 1]->kind != NODE_MAP)
		return false;
	return (r->n_pending - r->first[r->depth - 1]) % 2 == 0;
}

static bool is_merge(const struct node *n)
{
	return n->style == SCALAR_PLAIN && str_eq(n->text, STR_LIT("<<"));
}

static bool usable_key(const struct node *key)
{
	return key->kind == NODE_SCALAR && !key->incomplete && !is_merge(key);
}

/* Up to so many keys of a map are compared with each other; more are looked up. */
#define FEW_KEYS 8

/* As names_add() does with the key that comes behind all of the map. */
static int add_key(const struct node *map, struct str key, struct names *names, bool few, size_t *ret_number)
{
	if (!few)
		return names_add(names, key, map->n, ret_number);
	for (*ret_number = 0; *ret_number < map->n; ++*ret_number)
		if (str_eq(map->keys[*ret_number]->text, key))
			return -EEXIST;
	return 0;
}

/* Puts the pairs with usable keys in @n; of equal keys the first stays. */
static int fill_map(struct reader *r, struct node *n, const struct node **pair, size_t n_pairs)
{
	_cleanup_(names) struct names names = NAMES_INIT;
	bool few = n_pairs <= FEW_KEYS;
	const struct node **keys = arena_array(arena_of(r), n_pairs, sizeof(*keys));
	const struct node **items = arena_array(arena_of(r), n_pairs, sizeof(*items));

	if (!keys || !items)
		return -ENOMEM;
	n->keys = keys;
	n->items = items;
	for (; n_pairs > 0; n_pairs--, pair += 2) {
		size_t other;
		int err;

		if (!usable_key(pair[0]))
			continue;
		err = add_key(n, pair[0]->text, &names, few, &other);
		if (err == -EEXIST) {
			err = fault_of(r, n, FAULT_DUPLICATE, pair[0]->at, keys[other]->at,
				       pair[0]->text);
			if (err != -EINVAL)
				return err;
			continue;
		}
		if (err < 0)
			return err;
		keys[n->n] = pair[0];
		items[n->n++] = pair[1];
	}
	return 0;
}

/* The innermost open list or map gets what is pending for it, and becomes an entry of the one around it. */
static int close_node(struct reader *r)
{
	struct node *n = r->open[--r->depth];
	size_t first = r->first[r->depth], count = r->n_pending - first;
	const struct node **entry = count ? r->pending + first : NULL, **items;
	int err;

	r->n_pending = first;
	if (n == r->packing)
		r->packing = NULL;
	if (n->kind == NODE_MAP) {
		err = fill_map(r, n, entry, count / 2);
		if (err < 0)
			return err;
	} else {
		items = arena_array(arena_of(r), count, sizeof(*items));
		if (!items)
			return -ENOMEM;
		if (count > 0)
			memcpy(items, entry, count * sizeof(*items));
		n->items = items;
		n->n = count;
	}
	return push(r, n);
}

/* Does nothing but white space stand between this byte and the cut? */
static bool reaches_cut(const struct reader *r, size_t byte)
{
	while (byte < r->text.len && strchr(" \t\r\n", r->text.p[byte]))
		byte++;
	return r->cut && byte >= r->text.len;
}

static int new_node(struct reader *r, enum node_kind kind, const yaml_event_t *ev, struct node **ret)
{
	struct node *n = arena_alloc(arena_of(r), sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->kind = kind;
	n->at = place_of(r, &ev->start_mark, &ev->end_mark);
	n->offset = (uint32_t)(r->skipped + byte_of(r, ev->start_mark.index));
	n->end = (uint32_t)(r->skipped + byte_of(r, ev->end_mark.index));
	/* For libyaml the end of the text is a line of its own, also where no line break stands in front. */
	if (n->offset >= r->skipped + r->text.len)
		n->at = yaml_place(r->src, n->offset, n->offset);
	*ret = n;
	if (++r->n_nodes > YAML_MAX_NODES)
		return fault(r, FAULT_NODES, n->at, nowhere, STR_LIT(""));
	return 0;
}

/* What may stand in front of a node and is not wanted there. The place is the word's. */
static int check_properties(struct reader *r, struct node *n, const yaml_char_t *anchor,
			    const yaml_char_t *tag)
{
	struct str rest = str_skip(r->text, n->offset - r->skipped);
	struct loc at = n->at;
	uint32_t length = 0;

	if (!anchor && !tag)
		return 0;
	while (length < rest.len && !strchr(" \t\r\n,]}", rest.p[length]))
		length++;
	at.end_col = at.col + length;
	return fault_of(r, n, anchor ? FAULT_ANCHOR : FAULT_TAG, at, nowhere, STR_LIT(""));
}

/* "Any" is never an event's. */
static const enum scalar_style styles[] = {
	[YAML_PLAIN_SCALAR_STYLE] = SCALAR_PLAIN,
	[YAML_SINGLE_QUOTED_SCALAR_STYLE] = SCALAR_SINGLE_QUOTED,
	[YAML_DOUBLE_QUOTED_SCALAR_STYLE] = SCALAR_DOUBLE_QUOTED,
	[YAML_LITERAL_SCALAR_STYLE] = SCALAR_LITERAL,
	[YAML_FOLDED_SCALAR_STYLE] = SCALAR_FOLDED,
};

static int read_scalar(struct reader *r, const yaml_event_t *ev)
{
	struct str text = { (const char *)ev->data.scalar.value, ev->data.scalar.length };
	bool cut;
	struct node *n;
	int err = new_node(r, NODE_SCALAR, ev, &n);

	if (err < 0)
		return err;
	n->style = styles[ev->data.scalar.style];
	n->text = arena_str(arena_of(r), text);
	if (!n->text.p)
		return -ENOMEM;
	err = check_properties(r, n, ev->data.scalar.anchor, ev->data.scalar.tag);
	if (memchr(text.p, '\0', text.len)) {
		n->text = STR_LIT("");
		n->incomplete = true;
		if (err == 0)
			err = fault_of(r, n, FAULT_NUL, n->at, nowhere, STR_LIT(""));
	}
	if (err == 0 && expects_key(r) && is_merge(n))
		err = fault(r, FAULT_MERGE, n->at, nowhere, STR_LIT(""));
	if (err == -ENOMEM)
		return err;
	/* The text may have gone on where it is cut; an empty one there stands for what could not be read. */
	if (text.len == 0 && n->style == SCALAR_PLAIN)
		cut = reaches_cut(r, n->offset - r->skipped);
	else
		cut = r->cut && byte_of(r, ev->end_mark.index) >= r->text.len;
	if (cut)
		n->incomplete = n->faulty = true;
	return push(r, n);
}

static int read_alias(struct reader *r, const yaml_event_t *ev)
{
	struct node *n;
	int err = new_node(r, NODE_SCALAR, ev, &n);

	if (err < 0)
		return err;
	n->text = STR_LIT("");
	n->incomplete = true;
	err = fault_of(r, n, FAULT_ALIAS, n->at, nowhere, STR_LIT(""));
	if (err == -ENOMEM)
		return err;
	return push(r, n);
}

/* Is the list that begins the one whose entries are to be packed? */
static bool begins_packing(const struct reader *r, const struct node *list)
{
	if (!r->packed || list->kind != NODE_LIST || r->depth != 1 || r->open[0]->kind != NODE_MAP ||
	    expects_key(r))
		return false;
	return str_eq(r->pending[r->n_pending - 1]->text, str_of(r->packed));
}

static int read_start(struct reader *r, const yaml_event_t *ev)
{
	bool map = ev->type == YAML_MAPPING_START_EVENT;
	struct node *n;
	int err = new_node(r, map ? NODE_MAP : NODE_LIST, ev, &n);

	if (err < 0)
		return err;
	n->flow = map ? ev->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
		      : ev->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	/* One caret: where it ends is not known yet. */
	n->at.end_col = 0;
	err = check_properties(r, n, map ? ev->data.mapping_start.anchor : ev->data.sequence_start.anchor,
			       map ? ev->data.mapping_start.tag : ev->data.sequence_start.tag);
	if (err == 0 && expects_key(r))
		err = fault(r, FAULT_KEY, n->at, nowhere, STR_LIT(""));
	if (err == -ENOMEM)
		return err;
	/* This is what keeps libyaml, which is quadratic in the depth, from going on. */
	if (r->depth == YAML_MAX_DEPTH)
		return fault(r, FAULT_DEPTH, n->at, nowhere, STR_LIT(""));
	if (begins_packing(r, n))
		r->packing = n;
	r->first[r->depth] = r->n_pending;
	r->open[r->depth++] = n;
	return 0;
}

static int read_end(struct reader *r, const yaml_event_t *ev)
{
	struct node *n = r->open[r->depth - 1];

	n->end = (uint32_t)(r->skipped + byte_of(r, ev->end_mark.index));
	if (r->cut && byte_of(r, ev->end_mark.index) >= r->text.len)
		n->incomplete = n->faulty = true;
	return close_node(r);
}

/* 0; -EINVAL: nothing behind this event is read; -ENOMEM. */
static int read_event(struct reader *r, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (r->n_documents++ == 0)
			return 0;
		r->root->incomplete = r->root->faulty = true;
		return fault(r, FAULT_DOCUMENT, place_of(r, &ev->start_mark, &ev->end_mark), nowhere,
			     STR_LIT(""));
	case YAML_ALIAS_EVENT:
		return read_alias(r, ev);
	case YAML_SCALAR_EVENT:
		return read_scalar(r, ev);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return read_start(r, ev);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return read_end(r, ev);
	default:
		return 0;
	}
}

/* Closes what an error left open, from the inside out. A key without its value is dropped. */
static int close_all(struct reader *r)
{
	int err = 0;

	while (r->depth > 0 && err == 0) {
		r->open[r->depth - 1]->incomplete = r->open[r->depth - 1]->faulty = true;
		err = close_node(r);
	}
	return err;
}

/* 0; -EINVAL: libyaml gave up (parser.error is set) or a limit was hit (it is not); -ENOMEM. */
static int read_events(struct reader *r)
{
	bool more = true;
	int err = 0, closed;

	while (more && err == 0) {
		yaml_event_t ev;

		if (!yaml_parser_parse(&r->parser, &ev)) {
			err = r->parser.error == YAML_MEMORY_ERROR ? -ENOMEM : -EINVAL;
			break;
		}
		more = ev.type != YAML_STREAM_END_EVENT;
		err = read_event(r, &ev);
		yaml_event_delete(&ev);
	}
	if (err != -EINVAL)
		return err;
	closed = close_all(r);
	return closed < 0 ? closed : err;
}

/* One attempt. -EINVAL with *ret_problem->problem not NULL: libyaml gave up there. */
static int attempt(struct reader *r, struct yaml_problem *ret_problem)
{
	const yaml_parser_t *p = &r->parser;
	int err;

	*ret_problem = (struct yaml_problem){ 0 };
	r->faults = NULL;
	r->last_fault = &r->faults;
	r->depth = r->n_pending = r->n_nodes = r->n_documents = 0;
	r->marks = (struct yaml_marks){ 0, 0, 0 };
	r->root = r->packing = NULL;
	arena_reset(&r->entry);
	if (!yaml_parser_initialize(&r->parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text.p, r->text.len);
	err = read_events(r);
	if (err == -EINVAL && p->error != YAML_NO_ERROR) {
		*ret_problem = (struct yaml_problem){
			.problem = p->problem ? p->problem : "unreadable", .context = p->context,
			.at = p->error == YAML_READER_ERROR ? p->problem_offset + r->skipped
							    : r->skipped + byte_of(r, p->problem_mark.index),
			.context_at = r->skipped + byte_of(r, p->context_mark.index),
		};
	}
	yaml_parser_delete(&r->parser);
	return err;
}

/* Reads the text, again and shorter after syntax errors; the first of them is reported. */
static int read_all(struct reader *r, struct diags *ds)
{
	struct yaml_problem problem;

	for (int i = 0; ; i++) {
		int err = attempt(r, &problem);
		size_t start;

		if (err != -EINVAL || !problem.problem)
			return err;
		if (!r->cut)
			yaml_problem_report(r->src, &problem, ds);
		start = yaml_problem_start(r->src->text, &problem) - r->skipped;
		if ((r->cut && start >= r->text.len) || i == MAX_ATTEMPTS - 1)
			return err;
		r->cut = true;
		r->text.len = start;
	}
}

int yaml_read(const struct source *src, struct diags *ds, struct arena *a, const struct node **ret)
{
	return yaml_read_packed(src, ds, a, NULL, ret);
}

int yaml_read_packed(const struct source *src, struct diags *ds, struct arena *a, const char *packed,
		     const struct node **ret)
{
	const struct yaml_part whole = { yaml_bom_length(src->text), src->text.len, 0 };

	return yaml_read_part(src, &whole, ds, a, packed, ret);
}

int yaml_read_part(const struct source *src, const struct yaml_part *part, struct diags *ds, struct arena *a,
		   const char *packed, const struct node **ret)
{
	struct reader r = {
		.src = src, .skipped = part->from, .line = part->line, .arena = a, .packed = packed,
		.text = { src->text.p + part->from, part->to - part->from },
	};
	size_t n_errors = ds->n_errors, bad;
	struct loc whole = { .source = src };
	int err;

	*ret = NULL;
	if (src->text.len > YAML_MAX_BYTES)
		return diag_error(ds, &code_too_large, whole, "larger than 16 MiB");
	if (yaml_bad_byte(src, part->from, part->to, ds, &bad)) {
		r.cut = true;
		r.text.len = bad - r.skipped;
	}
	err = read_all(&r, ds);
	free(r.pending);
	arena_done(&r.entry);
	buf_done(&r.bytes);
	if (err == -ENOMEM)
		return err;
	for (const struct yaml_fault *f = r.faults; f; f = f->next)
		yaml_fault_report(f, ds);
	*ret = r.root;
	return ds->n_errors > n_errors ? -EINVAL : 0;
}
