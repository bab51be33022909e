/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "event/event.h"

static void test_clear_knows_nothing(void **state)
{
	static struct event ev = { .comm = STR("sh"), .pid = { 1, true }, .n_ancestors = 3 };

	event_clear(&ev);
	assert_false(str_known(ev.comm));
	assert_false(ev.pid.known);
	assert_int_equal(ev.n_ancestors, 0);
	assert_false(event_failed(&ev));
	assert_false(event_return_missed(&ev));
	assert_int_equal(event_argv_state(&ev), ARGV_COMPLETE);
}

static void test_retval_and_errno_imply_each_other(void **state)
{
	static struct event by_number, by_name, neither;

	by_number.retval = NUM(-13);
	event_complete(&by_number);
	assert_str(by_number.err, "EACCES");
	assert_true(event_failed(&by_number));

	by_name.err = STR_LIT("ENOENT");
	event_complete(&by_name);
	assert_true(by_name.retval.known);
	assert_int_equal(by_name.retval.value, -2);

	event_complete(&neither);
	assert_false(neither.retval.known);
	assert_false(str_known(neither.err));
	assert_false(event_failed(&neither));
}

static void test_no_errno_without_a_name(void **state)
{
	static struct event ok, odd, huge, least;

	ok.retval = NUM(0);
	odd.retval = NUM(-4000);
	huge.retval = NUM(INT64_C(-4294967298));	/* -2, cut to 32 bits */
	least.retval = NUM(INT64_MIN);
	event_complete(&ok);
	event_complete(&odd);
	event_complete(&huge);
	event_complete(&least);
	assert_false(str_known(ok.err));
	assert_false(str_known(odd.err));
	assert_false(str_known(huge.err));
	assert_false(str_known(least.err));
	assert_true(event_failed(&odd));
}

static void test_missed_return_implies_nothing(void **state)
{
	static struct event ev;

	ev.returned = NUM(0);
	ev.err = STR_LIT("ENOENT");
	event_complete(&ev);
	assert_true(event_return_missed(&ev));
	assert_false(ev.retval.known);
	ev.returned = NUM(1);
	assert_false(event_return_missed(&ev));
}

static void test_argc_and_bytes_of_complete_argv(void **state)
{
	static const struct str words[] = { STR("ls"), STR(""), STR("-l") };
	static struct event whole, none, cut, told;

	whole.argv = (struct words){ words, 3, STR("ls  -l"), true };
	event_complete(&whole);
	assert_int_equal(whole.argc.value, 3);
	assert_int_equal(whole.argv_bytes.value, 3 + 1 + 3);

	none.argv = (struct words){ NULL, 0, STR(""), true };
	event_complete(&none);
	assert_true(none.argc.known && none.argv_bytes.known);
	assert_int_equal(none.argc.value, 0);
	assert_int_equal(none.argv_bytes.value, 0);

	cut.argv = whole.argv;
	cut.argv_state = STR_LIT("cut");
	event_complete(&cut);
	assert_false(cut.argc.known);
	assert_false(cut.argv_bytes.known);

	told.argv = whole.argv;
	told.argc = NUM(7);
	event_complete(&told);
	assert_int_equal(told.argc.value, 7);
}

static void test_argv_states(void **state)
{
	static struct event ev;

	ev.argv_state = STR_LIT("complete");
	assert_int_equal(event_argv_state(&ev), ARGV_COMPLETE);
	ev.argv_state = STR_LIT("cut");
	assert_int_equal(event_argv_state(&ev), ARGV_CUT);
	ev.argv_state = STR_LIT("partial");
	assert_int_equal(event_argv_state(&ev), ARGV_PARTIAL);
}

static void test_parent_gives_first_ancestor(void **state)
{
	static struct event ev, only_argv;
	static const struct str words[] = { STR("sh") };

	ev.parent.comm = STR_LIT("sh");
	ev.parent.pid = NUM(7);
	event_complete(&ev);
	assert_int_equal(ev.n_ancestors, 1);
	assert_str(ev.ancestor[0].comm, "sh");
	assert_int_equal(ev.ancestor[0].pid.value, 7);
	assert_false(str_known(ev.ancestor[0].exe));

	only_argv.parent.argv = (struct words){ words, 1, STR("sh"), true };
	event_complete(&only_argv);
	assert_int_equal(only_argv.n_ancestors, 0);
}

static void test_parent_and_ancestor_complete_each_other(void **state)
{
	static struct event ev;

	ev.parent.comm = STR_LIT("sh");
	ev.n_ancestors = 2;
	ev.ancestor[0].exe = STR_LIT("/bin/sh");
	ev.ancestor[0].id = STR_LIT("x");
	ev.ancestor[1].comm = STR_LIT("init");
	event_complete(&ev);
	assert_str(ev.parent.exe, "/bin/sh");
	assert_str(ev.parent.id, "x");
	assert_str(ev.ancestor[0].comm, "sh");
	assert_int_equal(ev.n_ancestors, 2);
	assert_str(ev.ancestor[1].comm, "init");
}

static void test_two_processes_are_not_mixed(void **state)
{
	static struct event by_pid, by_id;

	by_pid.parent.pid = NUM(1);
	by_pid.n_ancestors = 1;
	by_pid.ancestor[0].pid = NUM(2);
	by_pid.ancestor[0].comm = STR_LIT("other");
	event_complete(&by_pid);
	assert_false(str_known(by_pid.parent.comm));

	by_id.parent.id = STR_LIT("a");
	by_id.n_ancestors = 1;
	by_id.ancestor[0].id = STR_LIT("b");
	by_id.ancestor[0].comm = STR_LIT("other");
	event_complete(&by_id);
	assert_false(str_known(by_id.parent.comm));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clear_knows_nothing),
		cmocka_unit_test(test_retval_and_errno_imply_each_other),
		cmocka_unit_test(test_no_errno_without_a_name),
		cmocka_unit_test(test_missed_return_implies_nothing),
		cmocka_unit_test(test_argc_and_bytes_of_complete_argv),
		cmocka_unit_test(test_argv_states),
		cmocka_unit_test(test_parent_gives_first_ancestor),
		cmocka_unit_test(test_parent_and_ancestor_complete_each_other),
		cmocka_unit_test(test_two_processes_are_not_mixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
