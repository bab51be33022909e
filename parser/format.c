/* SPDX-License-Identifier: Apache-2.0 */
/* Formatting from the outside: what is a native rule file, and the proof that nothing was lost. */
#include "parser/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "parser/formatter.h"
#include "parser/sigma.h"

/* Quotes may come and go, but not where somebody might read something else. */
static bool scalars_agree(const struct node *a, const struct node *b)
{
	if (b->kind != NODE_SCALAR || !str_eq(a->text, b->text))
		return false;
	return (a->style == SCALAR_PLAIN) == (b->style == SCALAR_PLAIN) || !scalar_plainness_counts(a->text);
}

/* Does @b hold what @a does, its keys in canonical order? 0, -EBADMSG: no, -ENOMEM. */
static int compare(const struct node *a, const struct node *b, const struct shape *s)
{
	_cleanup_(free) struct member *members = NULL;
	int err;

	if (a->kind == NODE_SCALAR)
		return scalars_agree(a, b) ? 0 : -EBADMSG;
	if (a->kind != b->kind || a->n != b->n)
		return -EBADMSG;
	err = members_of(a, s, &members);
	for (size_t i = 0; i < a->n && err == 0; i++) {
		const struct node *key = members[i].key;

		if (key && !str_eq(key->text, b->keys[i]->text))
			return -EBADMSG;
		err = compare(members[i].value, b->items[i], shape_below(s, key));
	}
	return err;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(((const struct comment *)a)->text, ((const struct comment *)b)->text);
}

/* Are they the same, in whatever order? Sorts both. */
static bool same_comments(struct comments *a, struct comments *b)
{
	if (a->n != b->n)
		return false;
	if (a->n == 0)
		return true;
	qsort(a->items, a->n, sizeof(*a->items), by_text);
	qsort(b->items, b->n, sizeof(*b->items), by_text);
	for (size_t i = 0; i < a->n; i++)
		if (!str_eq(a->items[i].text, b->items[i].text))
			return false;
	return true;
}

/* Reads what was written. */
static int verify(const struct node *root, struct comments *comments, struct str text)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(arena) struct arena arena = ARENA_INIT;
	_cleanup_(comments) struct comments again = { 0 };
	const struct source *src;
	const struct node *copy;
	int err = sources_add(&sources, STR_LIT("formatted"), text, &src);

	if (err == 0)
		err = yaml_read(src, &ds, &arena, &copy);
	if (err == -EINVAL || (err == 0 && !root != !copy))
		return -EBADMSG;
	if (err == 0 && root)
		err = compare(root, copy, &shape_file);
	if (err == 0)
		err = comments_read(src, copy, &again);
	if (err == 0 && !same_comments(comments, &again))
		err = -EBADMSG;
	return err;
}

int format_verify(const struct source *src, const struct node *root, struct str text)
{
	_cleanup_(comments) struct comments comments = { 0 };
	int err = comments_read(src, root, &comments);

	return err < 0 ? err : verify(root, &comments, text);
}

int format_nodes(const struct source *src, const struct node *root, struct buf *b)
{
	_cleanup_(comments) struct comments comments = { 0 };
	size_t start = b->len;
	int err;

	/* What stands behind `---` alone. */
	if (root && root->kind == NODE_SCALAR && scalar_is_void(root))
		root = NULL;
	err = comments_read(src, root, &comments);
	if (err == 0)
		err = format_write(src, root, &comments, b);
	if (err == 0)
		err = b->error;
	if (err == 0 && b->len - start > YAML_MAX_BYTES)
		err = -EFBIG;
	return err < 0 ? err : verify(root, &comments, str_skip(buf_get(b), start));
}

/* A configuration has a version and may have `rules`, too, which are paths there. */
static bool is_native(const struct node *root)
{
	static const char *const foreign[] = {
		"detection", "logsource", "outputs", "labels", "capture", "state", "user", "windows",
	};
	const struct node *rules = node_get(root, "rules");

	if (!root)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		if (node_get(root, foreign[i]))
			return false;
	if (rules && rules->kind == NODE_LIST)
		for (size_t i = 0; i < rules->n; i++)
			if (rules->items[i]->kind == NODE_SCALAR)
				return false;
	return rules || node_get(root, "version");
}

int format_rules(const struct source *src, struct diags *ds, struct buf *b)
{
	_cleanup_(arena) struct arena arena = ARENA_INIT;
	const struct node *root;
	bool sigma;
	int err = sigma_is_file(src, &sigma);

	if (err < 0 || sigma)
		return err < 0 ? err : -ENOTSUP;
	err = yaml_read(src, ds, &arena, &root);
	if (err < 0)
		return err;
	return is_native(root) ? format_nodes(src, root, b) : -ENOTSUP;
}
