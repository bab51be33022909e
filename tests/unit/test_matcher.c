/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules hold for an event: order, modes, failed execs, exceptions and their last day. */
#include "tests/unit/rules.h"

#include "engine/matcher.h"

/* A matcher over rules, with an event. */
struct fixture {
	struct loaded l;
	struct arena arena;
	struct matcher *matcher;
	struct match_scratch *scratch;
	struct event ev;
};

static void begin(struct fixture *f, const char *yaml)
{
	*f = (struct fixture){ .arena = ARENA_INIT };
	rules_from(&f->l, yaml);
	assert_int_equal(matcher_new(f->l.rules, &f->matcher), 0);
	assert_int_equal(match_scratch_new(f->matcher, &f->scratch), 0);
}

static void end(struct fixture *f)
{
	match_scratch_free(f->scratch);
	matcher_free(f->matcher);
	arena_done(&f->arena);
	rules_done(&f->l);
}

static size_t run(struct fixture *f, const char *record, const struct match **ret)
{
	arena_reset(&f->arena);
	event_from(&f->ev, &f->arena, record);
	return matcher_run(f->matcher, &f->ev, f->scratch, ret);
}

/* "b:c?" - the matches by id; `?` behind an undecided one, `-X` behind one with the exception X. */
static void check(struct fixture *f, const char *record, const char *want)
{
	const struct match *m;
	size_t n = run(f, record, &m);
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(&b, ':');
		buf_str(&b, m[i].rule->id);
		if (m[i].outcome == TRUTH_UNDECIDED)
			buf_char(&b, '?');
		if (m[i].exception)
			buf_printf(&b, "-%.*s", STR_ARG(m[i].exception->id));
		if (m[i].expired)
			buf_printf(&b, "+%.*s", STR_ARG(m[i].expired->id));
	}
	assert_str(buf_get(&b), want);
	buf_done(&b);
}

static void every_rule_by_id(void **state)
{
	struct fixture f;

	begin(&f, "version: 1\nrules:\n"
		  "  - { id: c, match: { comm: sh } }\n"
		  "  - { id: a, match: { comm: [sh, bash] } }\n"
		  "  - { id: b, match: { user: root } }\n"
		  "  - { id: d, mode: 'off', match: { comm: sh } }\n"
		  "  - { id: e, mode: observe, match: { comm: sh } }\n");
	check(&f, "{\"comm\":\"sh\",\"user\":\"root\"}", "a:b:c:e");
	check(&f, "{\"comm\":\"bash\"}", "a");
	check(&f, "{}", "");
	end(&f);
}

static void no_rules(void **state)
{
	struct fixture f;

	begin(&f, "version: 1\nrules: []\n");
	check(&f, "{\"comm\":\"sh\"}", "");
	end(&f);
}

static void failed_execs(void **state)
{
	struct fixture f;

	begin(&f, "version: 1\n"
		  "macros: { missing: { errno: ENOENT } }\n"
		  "rules:\n"
		  "  - { id: any-errno, match: { errno: [ENOENT, EACCES] } }\n"
		  "  - { id: by-macro, match: { any: [ { macro: missing }, { comm: sh } ] } }\n"
		  "  - { id: plain, match: { filename: /bin/x } }\n"
		  "  - { id: result, match: { filename: /bin/x, result: [ok, failed] } }\n"
		  "  - { id: retval, match: { retval: { lt: 0 } } }\n");
	check(&f, "{\"filename\":\"/bin/x\",\"retval\":-2}", "any-errno:by-macro:result:retval");
	check(&f, "{\"filename\":\"/bin/x\",\"retval\":-8}", "result:retval");
	check(&f, "{\"filename\":\"/bin/x\",\"retval\":0}", "plain:result");
	/* A hidden return must not hide an exec. */
	check(&f, "{\"filename\":\"/bin/x\",\"returned\":false}", "plain");
	end(&f);
}

static void exceptions(void **state)
{
	struct fixture f;

	begin(&f, "version: 1\nrules:\n"
		  "  - id: r\n"
		  "    match: { comm: sh }\n"
		  "    except:\n"
		  "      - { id: x, match: { user: root } }\n"
		  "      - { id: y, match: { user: [root, alice] } }\n");
	check(&f, "{\"comm\":\"sh\",\"user\":\"bob\"}", "r");
	check(&f, "{\"comm\":\"sh\",\"user\":\"root\"}", "r-x");
	check(&f, "{\"comm\":\"sh\",\"user\":\"alice\"}", "r-y");
	check(&f, "{\"comm\":\"bash\",\"user\":\"root\"}", "");
	end(&f);
}

static void exceptions_end_with_their_day(void **state)
{
	struct fixture f;

	begin(&f, "version: 1\nrules:\n"
		  "  - id: r\n"
		  "    match: { comm: sh }\n"
		  "    except:\n"
		  "      - { id: old, until: 2026-03-01, match: { user: root } }\n"
		  "      - { id: new, until: 2026-06-01, match: { cwd: /x } }\n");
	/* Through that day, UTC. */
	check(&f, "{\"comm\":\"sh\",\"user\":\"root\",\"time\":\"2026-03-01T23:59:59.999999999Z\"}", "r-old");
	check(&f, "{\"comm\":\"sh\",\"user\":\"root\",\"time\":\"2026-03-02T00:00:00Z\"}", "r+old");
	check(&f, "{\"comm\":\"sh\",\"user\":\"root\",\"time\":\"2026-03-02T00:30:00+01:00\"}", "r-old");
	/* One that still applies holds although another has expired. */
	check(&f, "{\"comm\":\"sh\",\"user\":\"root\",\"cwd\":\"/x\",\"time\":\"2026-03-02T00:00:00Z\"}",
	      "r-new+old");
	check(&f, "{\"comm\":\"sh\",\"user\":\"root\",\"cwd\":\"/x\",\"time\":\"2027-03-02T00:00:00Z\"}",
	      "r+old");
	/* An expired one that does not fit is nobody's business. */
	check(&f, "{\"comm\":\"sh\",\"time\":\"2027-03-02T00:00:00Z\"}", "r");
	/* Without a time every day is still to come. */
	check(&f, "{\"comm\":\"sh\",\"user\":\"root\"}", "r-old");
	end(&f);
}

static void undecided(void **state)
{
	struct fixture f;

	begin(&f, "version: 1\nrules:\n"
		  "  - id: r\n"
		  "    match: { argv: { suffix: evil } }\n"
		  "    except:\n"
		  "      - { id: by-end, match: { argv: { suffix: fine } } }\n"
		  "      - { id: by-user, match: { user: root } }\n");
	check(&f, "{\"argv\":[\"a\"],\"argv_state\":\"cut\"}", "r?");
	check(&f, "{\"argv\":[\"a\"],\"argv_state\":\"cut\",\"user\":\"root\"}", "r?-by-user");
	check(&f, "{\"argv\":[\"a\"]}", "");
	end(&f);

	/* There are no words where argc says so, unless there are some. */
	begin(&f, "version: 1\nrules:\n"
		  "  - { id: r, match: { arg: { contains: x } } }\n");
	check(&f, "{\"argv\":[],\"argv_state\":\"cut\",\"argc\":0}", "");
	check(&f, "{\"argv_state\":\"cut\",\"argc\":0}", "");
	check(&f, "{\"argv\":[\"a\"],\"argv_state\":\"cut\",\"argc\":0}", "r?");
	check(&f, "{\"argv\":[\"a\"],\"argv_state\":\"cut\",\"argc\":1}", "r?");
	check(&f, "{\"argv\":[],\"argv_state\":\"cut\"}", "r?");
	end(&f);
}

static uint64_t clock_reads;

static int64_t counting_clock(void)
{
	return (int64_t)++clock_reads * 10;
}

static void counts(void **state)
{
	struct rule_cost costs[4] = { { 0 } };
	struct fixture f;

	begin(&f, "version: 1\n"
		  "rules:\n"
		  "  - { id: a, match: { comm: sh } }\n"
		  "  - { id: b, mode: \"off\", match: { comm: sh } }\n"
		  "  - { id: c, match: { argv: { re: '(a|b+)\\1 needle' } } }\n"
		  "  - { id: d, match: { duration: { ge: 1s } } }\n");
	match_scratch_count(f.scratch, costs, counting_clock, 2);
	for (int i = 0; i < 4; i++) {
		check(&f, "{\"comm\":\"sh\"}", "a");
		check(&f, "{\"comm\":\"sh\",\"argv\":[\"bbbb\",\"needle\"],\"retval\":-2,"
			  "\"errno\":\"ENOENT\"}", "");
		check(&f, "{\"comm\":\"bash\",\"argv\":[\"bbbb\",\"needle\"]}", "c");
	}
	assert_int_equal(costs[0].candidates, 4);
	assert_int_equal(costs[0].regex_runs, 0);
	assert_int_equal(costs[1].candidates, 0);
	assert_int_equal(costs[2].regex_runs, 4);
	/* Without a trigger: on each exec that it speaks of. */
	assert_int_equal(costs[3].candidates, 8);
	assert_int_equal(costs[3].timed, 4);
	assert_true(matcher_asks_always(f.matcher, &f.l.rules->rules[3]));
	assert_false(matcher_asks_always(f.matcher, &f.l.rules->rules[0]));
	/* Switched off: nothing asks for it. */
	assert_false(matcher_asks_always(f.matcher, &f.l.rules->rules[1]));
	/* Between two looks at the clock there is one reading, which is taken off. */
	assert_int_equal(costs[3].ns, 0);

	match_scratch_count(f.scratch, NULL, NULL, 0);
	clock_reads = 0;
	check(&f, "{\"comm\":\"sh\"}", "a");
	assert_int_equal(costs[0].candidates, 4);
	assert_int_equal(clock_reads, 0);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_by_id),
		cmocka_unit_test(no_rules),
		cmocka_unit_test(failed_execs),
		cmocka_unit_test(exceptions),
		cmocka_unit_test(exceptions_end_with_their_day),
		cmocka_unit_test(undecided),
		cmocka_unit_test(counts),
	};

	return cmocka_run_group_tests_name("matcher", tests, NULL, NULL);
}
