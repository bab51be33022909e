/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a file of Sigma rules, a mapping of fields and placeholders, with lines `#file` between them:
 * something is said against each or it is loaded, what is loaded is what the engine may rely on, and the same
 * whether or not authors look at it.
 */
#include <errno.h>
#include <stdint.h>

#include "engine/eval.h"
#include "parser/load.h"
#include "tests/fuzz/checked.h"

static const struct str names[] = { STR("s.yml"), STR("mapping"), STR("placeholders") };

static size_t part(struct str input, struct rule_text *files)
{
	static const struct str line = STR("#file\n");
	size_t n = 0;

	for (; n + 1 < ARRAY_SIZE(names); n++) {
		const char *end = input.len ? memmem(input.p, input.len, line.p, line.len) : NULL;

		if (!end)
			break;
		files[n] = (struct rule_text){ names[n], { input.p, (size_t)(end - input.p) } };
		input = str_skip(input, files[n].text.len + line.len);
	}
	files[n] = (struct rule_text){ names[n], input };
	return n + 1;
}

static struct ruleset *load(const struct rule_text *files, size_t n_files, bool authoring,
			    struct sources *sources, struct diags *ds)
{
	const struct load_options options = {
		.now_ns = INT64_MIN, .warnings = authoring, .authoring = authoring,
		.max_severity = N_SEVERITIES, .sigma_mapping = n_files > 1 ? names[1].p : NULL,
		.placeholders = n_files > 2 ? names[2].p : NULL,
	};
	struct ruleset *rs = NULL;
	int err = rules_load_texts(files, n_files, &options, sources, ds, &rs);

	CHECK(err == 0 || (err == -EINVAL && n_files > 1));
	CHECK((err == 0) == (rs != NULL));
	CHECK(rs || ds->n_errors > 0);
	/* Places are kept for authors alone. */
	if (rs && authoring)
		check_ruleset(rs, ds);
	return rs;
}

/* Where values are, at least one in each type of field. */
static void evaluate(const struct ruleset *rs)
{
	static const struct event ev = {
		.exe = STR("/usr/bin/a"), .filename = STR("a"), .user = STR("5"), .uid = { 5, true },
		.argv = { .joined = STR("a -b \xe2\x80\x94 \xff"), .known = true }, .time = { 5, true },
		.retval = { 0, true }, .duration = { 5000000, true },
	};
	struct regex_scratch *scratch;

	CHECK(regex_scratch_new(&scratch) == 0);
	for (size_t i = 0; i < rs->n_rules; i++) {
		CHECK(rule_prepare(&rs->rules[i], false) == 0);
		regex_scratch_refill(scratch);
		cond_eval(rs->rules[i].match, &ev, scratch);
	}
	regex_scratch_free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sources sources = SOURCES_INIT, plain_sources = SOURCES_INIT;
	struct diags ds = DIAGS_INIT, plain_ds = DIAGS_INIT;
	struct rule_text files[ARRAY_SIZE(names)];
	size_t n = part((struct str){ (const char *)data, size }, files);
	struct ruleset *rs = load(files, n, true, &sources, &ds);
	struct ruleset *plain = load(files, n, false, &plain_sources, &plain_ds);

	CHECK(!rs == !plain);
	if (rs) {
		CHECK(rs->n_skipped >= plain->n_skipped);
		evaluate(rs);
	}
	ruleset_free(rs);
	ruleset_free(plain);
	diags_done(&ds);
	diags_done(&plain_ds);
	sources_done(&sources);
	sources_done(&plain_sources);
	return 0;
}
