/* SPDX-License-Identifier: Apache-2.0 */
/* Files of Sigma rules, which may have several documents; what is wrong with one keeps no other from being
 * read. */
#include <errno.h>

#include "parser/codes.h"
#include "parser/sigma.h"

/* Documents of a file, and those of them that are no YAML: to find the place of what is wrong takes as long
 * as all that stands before it. */
#define MAX_DOCUMENTS 10000
#define MAX_BROKEN 100

/* The place of a document behind which is no other, or not yet. */
static struct sigma_place place_of(const struct source *src, unsigned int number, size_t first)
{
	return (struct sigma_place){ number, { src, UINT32_MAX, 1, 0 }, first };
}

/* @err: what reading its YAML gave. Behind a document that is whole, what cannot be read is something else,
 * and lost. */
static int read_whole(struct checker *c, struct file *f, const struct node *root, struct sigma_place *place,
		      int err, struct arena *scratch)
{
	int lost = 0;

	if (err < 0 && !root->incomplete && !root->faulty) {
		lost = skip_file(c, place->first);
		place->first = c->ds->n;
	}
	err = sigma_read(c, f, root, place, scratch);
	return worse(err, lost);
}

int sigma_document_read(struct checker *c, struct file *f, const struct node *root, size_t first, int err,
			struct arena *scratch)
{
	struct sigma_place place = place_of(f->module->source, 1, first);

	return read_whole(c, f, root, &place, err, scratch);
}

/* One document of a file of Sigma rules; what is wrong with it is its own matter. */
static int read_document(struct checker *c, struct file *f, const struct source *src,
			 const struct yaml_part *part, unsigned int number, struct arena *scratch,
			 unsigned int *broken)
{
	struct yaml_part next = *part;
	struct sigma_place place = place_of(src, number, c->ds->n);
	const struct node *root;
	int err = yaml_read_part(src, part, c->ds, scratch, NULL, &root);

	if (err == -ENOMEM)
		return err;
	*broken += err < 0;
	if (!root)
		return skip_file(c, place.first);
	if (root->kind == NODE_SCALAR && root->text.len == 0 && root->style == SCALAR_PLAIN && !root->faulty)
		return 0;
	if (yaml_next_part(src->text, &next))
		place.next.line = next.line + 1;
	return read_whole(c, f, root, &place, err, scratch);
}

/* What stands from @part on is not read. */
static int too_many(struct checker *c, const struct source *src, const struct yaml_part *part,
		    unsigned int broken)
{
	const struct loc at = { src, part->line + 1, 1, 0 };
	size_t first = c->ds->n;

	if (broken > MAX_BROKEN)
		diag_error(c->ds, &code_too_large, at, "more than %d documents that are no YAML",
			   MAX_BROKEN);
	else
		diag_error(c->ds, &code_too_large, at, "more than %d documents", MAX_DOCUMENTS);
	return skip_file(c, first);
}

int sigma_file_read(struct checker *c, struct file *f, const struct source *src)
{
	struct arena scratch = ARENA_INIT;
	struct yaml_part part = { 0 };
	unsigned int broken = 0;
	int err = 0;

	for (unsigned int number = 1; err == 0 && yaml_next_part(src->text, &part); number++) {
		if (number > MAX_DOCUMENTS || broken > MAX_BROKEN) {
			err = too_many(c, src, &part, broken);
			break;
		}
		err = read_document(c, f, src, &part, number, &scratch, &broken);
		arena_reset(&scratch);
	}
	arena_done(&scratch);
	return err;
}

/* Is the document one of Sigma's, as far as it can be read? */
static int is_sigma_part(const struct source *src, const struct yaml_part *part, bool *ret)
{
	_cleanup_(arena) struct arena scratch = ARENA_INIT;
	_cleanup_(diags) struct diags quiet = DIAGS_INIT;
	const struct node *root;
	int err = yaml_read_part(src, part, &quiet, &scratch, "rules", &root);

	if (err == -ENOMEM)
		return err;
	*ret = root && is_sigma(root);
	return 0;
}

/* Of several documents, which are Sigma's alone. */
int sigma_is_file(const struct source *src, bool *ret)
{
	struct yaml_part part = { 0 }, next;
	unsigned int n = 0;
	int err = 0;

	*ret = false;
	if (!yaml_next_part(src->text, &part))
		return 0;
	next = part;
	if (!yaml_next_part(src->text, &next))
		return 0;
	do
		err = is_sigma_part(src, &part, ret);
	while (err == 0 && !*ret && ++n < MAX_BROKEN && yaml_next_part(src->text, &part));
	return err;
}
