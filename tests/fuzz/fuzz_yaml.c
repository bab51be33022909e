/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as YAML: nodes are well formed, limits hold, every place is where it says it is, and what is
 * packed comes out as it went in. */
#include <errno.h>
#include <stdint.h>

#include "parser/node_pack.h"
#include "parser/yaml.h"
#include "tests/fuzz/nodes.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/fuzz.h"

/* Where text and source must agree byte for byte, they do. */
static void check_scalar(const struct node *n)
{
	struct str text = n->text;

	CHECK(text.p[text.len] == '\0' && !memchr(text.p, '\0', text.len));
	for (size_t i = 0; i <= text.len; i += 1 + text.len / 16) {
		struct loc at = node_place(n, i, 1);
		struct str rest = place_check(at);
		bool told = at.line != n->at.line || at.col != n->at.col;

		CHECK(at.line >= n->at.line);
		/* White space may have been folded, and an escape is something else. */
		if (i < text.len && told && rest.len > 0 && rest.p[0] != '\\' && text.p[i] > ' ' &&
		    text.p[i] < 0x7f)
			CHECK(rest.p[0] == text.p[i]);
	}
	if (n->style == SCALAR_PLAIN && n->at.end_col && !n->faulty)
		CHECK(str_has_prefix(str_skip(n->at.source->text, n->offset), text));
}

static size_t check_node(const struct node *n, size_t depth)
{
	size_t total = 1;

	place_check(n->at);
	CHECK(depth <= YAML_MAX_DEPTH && n->offset <= n->at.source->text.len);
	CHECK(!n->incomplete || n->faulty);
	if (n->kind == NODE_SCALAR) {
		check_scalar(n);
		return 1;
	}
	for (size_t i = 0; i < n->n; i++) {
		if (n->kind == NODE_MAP) {
			CHECK(n->keys[i]->kind == NODE_SCALAR);
			check_scalar(n->keys[i]);
			CHECK(node_get(n, n->keys[i]->text.p) == n->items[i]);
		}
		total += check_node(n->items[i], depth + 1);
		CHECK(!n->items[i]->faulty || n->faulty);
	}
	return total;
}

static void check_packed(const struct node *root, struct arena *a)
{
	struct node packed = { .at = root->at, .offset = root->offset };
	struct buf b = BUF_INIT;
	const struct node *n;

	node_pack(root, &b);
	CHECK(!b.error);
	packed.packed = (const unsigned char *)b.p;
	n = node_unpack(&packed, a);
	CHECK(n && trees_alike(n, root));
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sources sources = SOURCES_INIT;
	struct diags ds = DIAGS_INIT;
	struct arena arena = ARENA_INIT;
	const struct source *src;
	const struct node *root = NULL;
	int err;

	err = sources_add(&sources, STR_LIT("x.yaml"), (struct str){ (const char *)data, size }, &src);
	CHECK(err == 0);
	err = yaml_read(src, &ds, &arena, &root);
	CHECK(err == (ds.n_errors ? -EINVAL : 0));
	if (root) {
		CHECK(check_node(root, 0) <= YAML_MAX_NODES);
		check_packed(root, &arena);
	}
	diags_check(&ds);
	arena_done(&arena);
	diags_done(&ds);
	sources_done(&sources);
	return 0;
}
