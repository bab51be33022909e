/* SPDX-License-Identifier: Apache-2.0 */
/* Any YAML text in its canonical form: it reads the same, it has the same comments, and it is its own
 * canonical form. Nothing is refused but keys that are too long to be written. */
#include <errno.h>
#include <stdint.h>

#include "parser/format.h"
#include "parser/formatter.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/fuzz.h"

struct text {
	struct sources sources;
	struct diags ds;
	struct arena arena;
	const struct source *src;
	const struct node *root;
};

/* False: it has errors. */
static bool text_read(struct text *t, struct str bytes)
{
	*t = (struct text){ SOURCES_INIT, DIAGS_INIT, ARENA_INIT, NULL, NULL };
	CHECK(sources_add(&t->sources, STR_LIT("x.yaml"), bytes, &t->src) == 0);
	return yaml_read(t->src, &t->ds, &t->arena, &t->root) == 0;
}

static void text_done(struct text *t)
{
	arena_done(&t->arena);
	diags_done(&t->ds);
	sources_done(&t->sources);
}

/* A key has 1024 characters, escapes and quotes included. */
static bool has_long_key(const struct node *n)
{
	for (size_t i = 0; n && n->kind != NODE_SCALAR && i < n->n; i++)
		if (has_long_key(n->items[i]) || (n->kind == NODE_MAP && n->keys[i]->text.len > 250))
			return true;
	return false;
}

static void check_same(const struct node *a, const struct node *b)
{
	CHECK(a->kind == b->kind && a->n == b->n);
	if (a->kind == NODE_SCALAR) {
		CHECK(str_eq(a->text, b->text));
		CHECK(scalar_is_void(a) == scalar_is_void(b));
	}
	for (size_t i = 0; a->kind != NODE_SCALAR && i < a->n; i++) {
		const struct node *other = b->items[i];

		if (a->kind == NODE_MAP)
			other = node_get(b, a->keys[i]->text.p);
		CHECK(other);
		check_same(a->items[i], other);
	}
}

/* Canonical files end in one newline, and no line but those of texts ends in a blank. */
static void check_look(const struct text *t)
{
	struct str s = t->src->text;

	CHECK(s.len == 0 || s.p[s.len - 1] == '\n');
	CHECK(!memchr(s.p, '\r', s.len) && !str_has_prefix(s, STR_LIT("\xef\xbb\xbf")));
}

static void check_comments(const struct text *a, const struct text *b)
{
	struct comments x = { 0 }, y = { 0 };
	size_t length = 0;

	CHECK(comments_read(a->src, a->root, &x) == 0 && comments_read(b->src, b->root, &y) == 0);
	CHECK(x.n == y.n);
	for (size_t i = 0; i < x.n; i++)
		length += x.items[i].text.len - y.items[i].text.len;
	CHECK(length == 0);
	comments_done(&x);
	comments_done(&y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct text before, after;
	int err;

	if (!text_read(&before, (struct str){ (const char *)data, size })) {
		text_done(&before);
		return 0;
	}
	err = format_nodes(before.src, before.root, &first);
	CHECK(err == 0 || (err == -EBADMSG && has_long_key(before.root)));
	if (err == 0) {
		CHECK(text_read(&after, buf_get(&first)));
		if (!after.root)
			CHECK(!before.root || scalar_is_void(before.root));
		else
			check_same(before.root, after.root);
		check_look(&after);
		check_comments(&before, &after);
		CHECK(format_nodes(after.src, after.root, &second) == 0);
		CHECK(str_eq(buf_get(&first), buf_get(&second)));
		text_done(&after);
	}
	text_done(&before);
	buf_done(&first);
	buf_done(&second);
	return 0;
}
