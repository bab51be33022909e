/* SPDX-License-Identifier: Apache-2.0 */
/* Rules written as native text again: what loads, loads once more, with the very same conditions. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "parser/load.h"
#include "parser/native_write.h"
#include "tests/fuzz/fuzz.h"

/* Longest id that a rule may have, without the letter that is put in front. */
#define MAX_ID 199

static const struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };

static const struct rule *find(const struct ruleset *rs, const struct rule *copy)
{
	for (size_t i = 0; i < rs->n_rules; i++)
		if (str_eq(rs->rules[i].id, str_skip(copy->id, 1)) &&
		    rs->rules[i].at.source != copy->at.source)
			return &rs->rules[i];
	return NULL;
}

static void check_same(const struct rule *a, const struct rule *b)
{
	CHECK(a->match == b->match && a->reads_outcome == b->reads_outcome);
	CHECK(a->severity == b->severity && a->mode == b->mode && a->n_exceptions == b->n_exceptions);
	for (size_t i = 0; i < a->n_exceptions; i++)
		CHECK(a->exceptions[i].match == b->exceptions[i].match &&
		      a->exceptions[i].until_ns == b->exceptions[i].until_ns);
	CHECK(!a->threshold == !b->threshold && !a->throttle == !b->throttle);
}

/* The file, and beside it what is written of its rules. */
static void check_beside(struct str file, struct str written)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(ruleset_free) struct ruleset *rs = NULL;
	struct rule_text files[] = { { STR("written"), { NULL, 0 } }, { STR("x.yaml"), file } };

	buf_text(&text, "version: 1\ninclude: [x.yaml]\nrules:\n");
	buf_str(&text, written);
	files[0].text = buf_get(&text);
	CHECK(rules_load_texts(files, 2, &options, &sources, &ds, &rs) == 0);
	for (size_t i = 0; i < rs->n_rules; i++) {
		const struct rule *copy = &rs->rules[i], *rule;

		if (!str_eq(copy->at.source->path, STR_LIT("written")))
			continue;
		rule = find(rs, copy);
		CHECK(rule);
		check_same(rule, copy);
	}
}

static bool write_all(const struct ruleset *rs, struct buf *b)
{
	for (size_t i = 0; i < rs->n_rules; i++) {
		char id[MAX_ID + 1];
		struct rule copy = rs->rules[i];
		size_t before = b->len;
		const char *why = NULL;
		int err;

		if (copy.id.len > MAX_ID)
			continue;
		id[0] = 'x';
		memcpy(id + 1, copy.id.p, copy.id.len);
		copy.id = (struct str){ id, copy.id.len + 1 };
		err = native_rule_write(&copy, b, &why);
		CHECK(err == 0 || (err == -ENOTSUP && why));
		if (err < 0)
			buf_cut(b, before);
	}
	return b->len > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf) struct buf written = BUF_INIT;
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(ruleset_free) struct ruleset *rs = NULL;
	struct str file = { (const char *)data, size };

	CHECK(rules_load_text(STR_LIT("x.yaml"), file, &options, &sources, &ds, &rs) == 0);
	/* What is written out of lists may be far larger than they are. */
	if (ds.n_errors == 0 && write_all(rs, &written) && written.len < 1 << 20)
		check_beside(file, buf_get(&written));
	return 0;
}
