/* SPDX-License-Identifier: Apache-2.0 */
/* That each mutant differs from its rule where it should, and that making it changes nothing else. */
#include "tests/unit/mutants.h"

#include "engine/eval.h"

/* A rule of all shapes, and for each of its mutants an event of which the two do not say the same. */
#define EVERYTHING                                                                                          \
	"version: 1\n"                                                                                      \
	"lists: { shells: [sh, bash] }\n"                                                                   \
	"macros:\n"                                                                                         \
	"  web: { any: [{ parent.comm: [nginx, httpd] }, { ancestors.comm: init, uid: 3 }] }\n"             \
	"rules:\n"                                                                                          \
	"  - id: a\n"                                                                                       \
	"    match:\n"                                                                                      \
	"      comm: [$shells, zsh]\n"                                                                      \
	"      macro: web\n"                                                                                \
	"      exe: { suffix: [/A, b], prefix: /, not: [/x/b, /y/b], nocase: true }\n"                      \
	"      gid: { gt: 4, le: 9 }\n"                                                                     \
	"      none: [{ user: [bob, eve] }, { cwd: /, tty: pts/1 }]\n"                                      \
	"      arg: { all: [-c, -d] }\n"                                                                    \
	"    except:\n"                                                                                     \
	"      - { id: hook, match: { cwd: /hook, not: { macro: web } } }\n"                                \
	"      - { id: cron, match: { cwd: /cron, unit: { re: ['^a', 'b$'] } } }\n"

/* As the plain matcher goes about it. */
static bool alerts(const struct rule *rule, const struct event *ev, struct regex_scratch *scratch)
{
	assert_int_equal(rule_prepare(rule, false), 0);
	if (!rule_applies(rule, ev) || cond_eval(rule->match, ev, scratch) != TRUTH_YES)
		return false;
	for (size_t i = 0; i < rule->n_exceptions; i++)
		if (cond_eval(rule->exceptions[i].match, ev, scratch) == TRUTH_YES)
			return false;
	return true;
}

#define SH "{\"comm\":\"sh\","
#define GID "\"gid\":5,"
#define ARGV "\"argv\":[\"-c\",\"-d\"]"
#define COMMON "\"exe\":\"/a\"," GID ARGV
#define NGINX ",\"parent\":{\"comm\":\"nginx\"}}"

static const struct probe {
	const char *path;
	const char *event;
	bool alerts;			/* the rule; the mutant does the opposite */
} probes[] = {
	{ "match.comm", "{\"comm\":\"x\"," COMMON NGINX, false },
	{ "match.comm[$shells]", "{\"comm\":\"bash\"," COMMON NGINX, true },
	{ "lists.shells[0]", SH COMMON NGINX, true },
	{ "lists.shells[1]", "{\"comm\":\"bash\"," COMMON NGINX, true },
	{ "match.comm[1]", "{\"comm\":\"zsh\"," COMMON NGINX, true },
	{ "match.macro.web", SH COMMON "}", false },
	{ "macros.web.any[0]", SH COMMON NGINX, true },
	{ "macros.web.any[0].parent.comm[0]", SH COMMON NGINX, true },
	{ "macros.web.any[0].parent.comm[1]", SH COMMON ",\"parent\":{\"comm\":\"httpd\"}}", true },
	{ "macros.web.any[1]", SH "\"uid\":3," COMMON ",\"ancestors\":[{\"comm\":\"init\"}]}", true },
	{ "macros.web.any[1].ancestors.comm", SH "\"uid\":3," COMMON "}", false },
	{ "macros.web.any[1].uid", SH COMMON ",\"ancestors\":[{\"comm\":\"init\"}]}", false },
	{ "match.exe", SH "\"gid\":5,\"argv\":[\"-c\",\"-d\"]" NGINX, false },
	{ "match.exe.suffix", SH "\"exe\":\"/c\"," GID ARGV NGINX, false },
	{ "match.exe.suffix[0]", SH COMMON NGINX, true },
	{ "match.exe.suffix[1]", SH "\"exe\":\"/b\"," GID ARGV NGINX, true },
	{ "match.exe.prefix", SH "\"exe\":\"b\"," GID ARGV NGINX, false },
	{ "match.exe.not", SH "\"exe\":\"/x/b\"," GID ARGV NGINX, false },
	{ "match.exe.not[0]", SH "\"exe\":\"/X/b\"," GID ARGV NGINX, false },
	{ "match.exe.not[1]", SH "\"exe\":\"/y/b\"," GID ARGV NGINX, false },
	{ "match.exe.nocase", SH COMMON NGINX, true },
	{ "match.gid", SH "\"exe\":\"/a\"," ARGV NGINX, false },
	{ "match.gid.gt", SH "\"exe\":\"/a\",\"gid\":1," ARGV NGINX, false },
	{ "match.gid.gt-1", SH "\"exe\":\"/a\",\"gid\":4," ARGV NGINX, false },
	{ "match.gid.le", SH "\"exe\":\"/a\",\"gid\":99," ARGV NGINX, false },
	{ "match.gid.le-1", SH "\"exe\":\"/a\",\"gid\":9," ARGV NGINX, true },
	{ "match.none", SH "\"user\":\"bob\"," COMMON NGINX, false },
	{ "match.none[0]", SH "\"user\":\"eve\"," COMMON NGINX, false },
	{ "match.none[0].user[0]", SH "\"user\":\"bob\"," COMMON NGINX, false },
	{ "match.none[0].user[1]", SH "\"user\":\"eve\"," COMMON NGINX, false },
	{ "match.none[1]", SH "\"cwd\":\"/\",\"tty\":\"pts/1\"," COMMON NGINX, false },
	{ "match.none[1].cwd", SH "\"tty\":\"pts/1\"," COMMON NGINX, true },
	{ "match.none[1].tty", SH "\"cwd\":\"/\"," COMMON NGINX, true },
	{ "match.arg", SH "\"exe\":\"/a\",\"gid\":5" NGINX, false },
	{ "match.arg.all[0]", SH "\"exe\":\"/a\",\"gid\":5,\"argv\":[\"-d\"]" NGINX, false },
	{ "match.arg.all[1]", SH "\"exe\":\"/a\",\"gid\":5,\"argv\":[\"-c\"]" NGINX, false },
	{ "except.hook.match.not", SH "\"cwd\":\"/hook\"," COMMON NGINX, true },
	{ "except.cron", SH "\"cwd\":\"/cron\",\"unit\":\"a\"," COMMON NGINX, false },
	{ "except.cron.match.cwd", SH "\"unit\":\"a\"," COMMON NGINX, true },
	{ "except.cron.match.unit", SH "\"cwd\":\"/cron\"," COMMON NGINX, true },
	{ "except.cron.match.unit.re[0]", SH "\"cwd\":\"/cron\",\"unit\":\"ax\"," COMMON NGINX, false },
	{ "except.cron.match.unit.re[1]", SH "\"cwd\":\"/cron\",\"unit\":\"xb\"," COMMON NGINX, false },
};

static const struct mutant *mutant_of(const struct mutants *mutants, const char *path)
{
	for (size_t i = 0; i < mutants->n; i++)
		if (str_eq(mutants->item[i].path, str_of(path)))
			return &mutants->item[i];
	return NULL;
}

static void test_each_differs(void **state)
{
	/* What can hold nowhere that its rule holds: the macro is needed there. */
	static const char *const alike[] = { "except.hook", "except.hook.match.cwd" };
	struct regex_scratch *scratch;
	struct arena arena = ARENA_INIT;
	struct fixture f;

	mutants_from(&f, EVERYTHING);
	assert_int_equal(regex_scratch_new(&scratch), 0);
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		const struct probe *p = &probes[i];
		const struct mutant *m = mutant_of(&f.mutants, p->path);
		struct event ev;
		struct rule made;

		if (!m)
			fail_msg("no mutant %s", p->path);
		event_from(&ev, &arena, p->event);
		assert_int_equal(mutant_make(f.rule, m, &arena, &made), 0);
		if (alerts(f.rule, &ev, scratch) != p->alerts || alerts(&made, &ev, scratch) == p->alerts)
			fail_msg("%s: %s", p->path, p->event);
		arena_reset(&arena);
	}
	assert_int_equal(f.mutants.n, ARRAY_SIZE(probes) + ARRAY_SIZE(alike));
	for (size_t i = 0; i < ARRAY_SIZE(alike); i++)
		assert_non_null(mutant_of(&f.mutants, alike[i]));
	regex_scratch_free(scratch);
	arena_done(&arena);
	mutants_done(&f);
}

/* All that a tree says, its order included. */
static uint64_t sum_of(const struct cond *c, uint64_t sum)
{
	sum = sum * 31 + (uint64_t)c->kind + (uintptr_t)c->children;
	for (size_t i = 0; i < c->n_tests; i++) {
		const struct test *t = &c->tests[i];

		sum = sum * 31 + (uint64_t)t->op + t->nocase + t->n + (uintptr_t)t->texts;
		for (size_t j = 0; j < t->n && t->form == FORM_TEXTS; j++)
			sum = sum * 31 + (uintptr_t)t->texts[j].p;
	}
	for (size_t i = 0; i < c->n_children; i++)
		sum = sum_of(c->children[i], sum);
	return sum;
}

static void test_rule_stays(void **state)
{
	struct arena arena = ARENA_INIT;
	struct rule before;
	uint64_t sum;
	struct fixture f;

	mutants_from(&f, EVERYTHING);
	before = *f.rule;
	sum = sum_of(f.rule->match, sum_of(f.rule->exceptions[0].match, 0));
	for (size_t i = 0; i < f.mutants.n; i++) {
		struct rule made;

		assert_int_equal(mutant_make(f.rule, &f.mutants.item[i], &arena, &made), 0);
		assert_memory_equal(&before, f.rule, sizeof(before));
		assert_true(sum_of(f.rule->match, sum_of(f.rule->exceptions[0].match, 0)) == sum);
		arena_reset(&arena);
	}
	arena_done(&arena);
	mutants_done(&f);
}

/* A macro is changed wherever the rule uses it. */
static void test_macro_everywhere(void **state)
{
	struct arena arena = ARENA_INIT;
	struct fixture f;
	struct rule made;

	mutants_from(&f, EVERYTHING);
	assert_int_equal(mutant_make(f.rule, mutant_of(&f.mutants, "macros.web.any[0]"), &arena, &made), 0);
	assert_int_equal(made.match->children[1]->n_children, 1);
	assert_string_equal(cond_label(made.match->children[1]).p, "web");
	assert_int_equal(made.exceptions[0].match->children[1]->children[0]->n_children, 1);
	assert_ptr_equal(made.match->children[0], f.rule->match->children[0]);
	arena_done(&arena);
	mutants_done(&f);
}

/* What the entries of a list are dropped from: all that name it, beside whatever else they name. */
#define USES                                                                                                \
	"version: 1\n"                                                                                      \
	"lists: { l: [a, b], all: [c, $l], one: [a] }\n"                                                    \
	"macros: { m: { parent.comm: [x, $all] } }\n"                                                       \
	"rules:\n"                                                                                          \
	"  - id: a\n"                                                                                       \
	"    match:\n"                                                                                      \
	"      comm: [$l]\n"                                                                                \
	"      exe: { prefix: /, suffix: [$all, z, $l], not: [a, $l] }\n"                                   \
	"      arg: { all: [$l, $all] }\n"                                                                  \
	"      cwd: [a, b]\n"                                                                               \
	"      none: [{ macro: m }, { user: [$one] }]\n"                                                    \
	"    except: [{ id: x, match: { unit: [$l], macro: m } }, { id: y, match: { tty: a } }]\n"

static void write_cond(const struct cond *c, struct buf *b)
{
	const struct operand_place *place;

	for (size_t i = 0; i < c->n_tests; i++) {
		field_ref_write(c->field, b);
		for (size_t j = 0; j < c->tests[i].n; j++) {
			buf_char(b, j ? '|' : ' ');
			buf_str(b, c->tests[i].texts[j]);
			/* The places go with the values. */
			place = &test_places(&c->tests[i])[j];
			assert_true(place->at.line > 0);
			assert_int_equal(str_known(place->list), place->at.line == 2);
		}
		buf_text(b, "; ");
	}
	for (size_t i = 0; i < c->n_children; i++)
		write_cond(c->children[i], b);
}

static void assert_conditions(const struct rule *rule, const char *expected)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	write_cond(rule->match, &b);
	for (size_t i = 0; i < rule->n_exceptions; i++)
		write_cond(rule->exceptions[i].match, &b);
	buf_char(&b, '\0');
	assert_string_equal(b.p, expected);
}

static void test_entry_everywhere(void **state)
{
	static const char as_written[] =
		"comm a|b; exe /; exe c|a|b|z|a|b; exe a|a|b; arg a; arg b; arg c; arg a; arg b; cwd a|b; "
		"parent.comm x|c|a|b; user a; unit a|b; parent.comm x|c|a|b; tty a; ";
	struct arena arena = ARENA_INIT;
	struct fixture f;
	struct rule made;

	mutants_from(&f, USES);
	assert_conditions(f.rule, as_written);
	assert_int_equal(mutant_make(f.rule, mutant_of(&f.mutants, "lists.l[0]"), &arena, &made), 0);
	assert_conditions(&made,
			  "comm b; exe /; exe c|b|z|b; exe a|b; arg b; arg c; arg b; cwd a|b; "
			  "parent.comm x|c|b; user a; unit b; parent.comm x|c|b; tty a; ");
	assert_int_equal(mutant_make(f.rule, mutant_of(&f.mutants, "lists.all[0]"), &arena, &made), 0);
	assert_conditions(&made,
			  "comm a|b; exe /; exe a|b|z|a|b; exe a|a|b; arg a; arg b; arg a; arg b; cwd a|b; "
			  "parent.comm x|a|b; user a; unit a|b; parent.comm x|a|b; tty a; ");
	/* What does not name the list is shared. */
	assert_ptr_equal(made.match->children[0], f.rule->match->children[0]);
	assert_ptr_equal(made.exceptions[1].match, f.rule->exceptions[1].match);
	assert_conditions(f.rule, as_written);
	assert_null(mutant_of(&f.mutants, "lists.one[0]"));
	arena_done(&arena);
	mutants_done(&f);
}

/* Where an entry is all that an operand has, it stays. */
static void test_lone_entry_stays(void **state)
{
	struct arena arena = ARENA_INIT;
	struct fixture f;
	struct rule made;

	mutants_from(&f, "version: 1\n"
			 "lists: { one: [a] }\n"
			 "rules:\n"
			 "  - id: a\n"
			 "    match: { comm: [$one, b], exe: [$one, $one], arg: { all: [$one] } }\n");
	assert_int_equal(mutant_make(f.rule, mutant_of(&f.mutants, "lists.one[0]"), &arena, &made), 0);
	assert_conditions(&made, "comm b; exe a; arg a; ");
	arena_done(&arena);
	mutants_done(&f);
}

/* The mutant speaks of the same execs as its rule, or each test of the rule would be none of its business. */
static void test_outcome_stays(void **state)
{
	struct arena arena = ARENA_INIT;
	struct fixture f;
	struct rule made;

	mutants_from(&f, "version: 1\nrules: [{ id: a, match: { errno: ENOENT, comm: a } }]\n");
	assert_true(f.rule->reads_outcome);
	assert_int_equal(mutant_make(f.rule, mutant_of(&f.mutants, "match.errno"), &arena, &made), 0);
	assert_true(made.reads_outcome);
	mutants_done(&f);
	mutants_from(&f, "version: 1\nrules: [{ id: a, match: { comm: a } }]\n");
	assert_int_equal(mutant_make(f.rule, mutant_of(&f.mutants, "match.comm"), &arena, &made), 0);
	assert_int_equal(made.match->kind, COND_TRUE);
	assert_false(made.reads_outcome);
	arena_done(&arena);
	mutants_done(&f);
}

static void test_by_entries(void **state)
{
	const struct cond everything = { .kind = COND_TRUE };
	static const struct str names[] = { STR("unit"), STR("filename"), STR("user") };
	struct field_ref by[3];
	const struct throttle throttle = { .every_ns = 1, .by = { by, names, 3 } };
	struct rule rule = { .match = &everything, .throttle = &throttle }, made;
	struct arena arena = ARENA_INIT;
	struct mutants mutants;

	assert_int_equal(field_ref_parse(STR_LIT("unit"), &by[0]), 0);
	assert_int_equal(field_ref_parse(STR_LIT("filename"), &by[1]), 0);
	assert_int_equal(field_ref_parse(STR_LIT("user"), &by[2]), 0);
	assert_int_equal(mutants_find(&rule, &arena, &mutants), 0);
	assert_int_equal(mutants.n, 4);
	assert_int_equal(mutant_make(&rule, &mutants.item[0], &arena, &made), 0);
	assert_null(made.throttle);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(mutant_make(&rule, &mutants.item[i + 1], &arena, &made), 0);
		assert_int_equal(made.throttle->by.n, 2);
		assert_ptr_equal(made.throttle->by.item[0].field, by[i == 0 ? 1 : 0].field);
		assert_ptr_equal(made.throttle->by.item[1].field, by[i == 2 ? 1 : 2].field);
	}
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_differs),
		cmocka_unit_test(test_rule_stays),
		cmocka_unit_test(test_macro_everywhere),
		cmocka_unit_test(test_entry_everywhere),
		cmocka_unit_test(test_lone_entry_stays),
		cmocka_unit_test(test_outcome_stays),
		cmocka_unit_test(test_by_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
