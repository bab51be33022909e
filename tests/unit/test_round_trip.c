/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever an event holds, what is written of it reads as the same event: random ones, and recorded ones. */
#include "tests/unit/record.h"

#include <errno.h>
#include <stdio.h>

#include "event/field.h"

#define FFFD "\xef\xbf\xbd"

static unsigned int dice(unsigned int sides, unsigned int *seed)
{
	return (unsigned int)rand_r(seed) % sides;
}

static int64_t any_number(unsigned int *seed)
{
	switch (dice(4, seed)) {
	case 0: return INT64_MIN;
	case 1: return INT64_MAX;
	case 2: return (int)dice(100, seed) - 50;
	}
	return (int64_t)((uint64_t)dice(INT32_MAX, seed) << 33 ^ dice(INT32_MAX, seed));
}

static struct str any_text(struct arena *a, unsigned int *seed)
{
	static const char *const pieces[] = { "a", "/usr/bin", " ", "\"", "\\", "\n", "\x1b", "\x7f",
					      "\xc3\xa4", "\xe2\x82\xac",
					      "\xf0\x9f\x98\x80", FFFD, "\xff", "\xc3", "\xed\xa0\x80",
					      "_b64", "\xc2\x85" };
	unsigned int n = dice(8, seed);
	struct str s = { arena_alloc(a, 64), 0 };

	for (unsigned int i = 0; i < n; i++) {
		struct str piece = str_of(pieces[dice(ARRAY_SIZE(pieces), seed)]);

		memcpy((char *)s.p + s.len, piece.p, piece.len);
		s.len += piece.len;
	}
	return s;
}

static struct words any_words(struct arena *a, unsigned int *seed)
{
	struct words w = { .n = dice(20, seed), .known = true };
	struct str *item = arena_array(a, w.n, sizeof(*item));
	char *text = arena_alloc(a, w.n * 65);

	w.item = item;
	w.joined.p = text;
	for (size_t i = 0; i < w.n; i++) {
		struct str word = any_text(a, seed);

		if (i > 0)
			text[w.joined.len++] = ' ';
		memcpy(text + w.joined.len, word.p, word.len);
		item[i] = (struct str){ text + w.joined.len, word.len };
		w.joined.len += word.len;
	}
	return w;
}

static struct pairs any_pairs(struct arena *a, unsigned int *seed)
{
	static const struct str names[] = { STR("A"), STR("A\"\n"), STR("B_b64"), STR(""), STR("\xc3\xa4") };
	struct pairs p = { .n = dice(ARRAY_SIZE(names) + 1, seed), .known = true };
	struct pair *item = arena_array(a, p.n, sizeof(*item));

	for (size_t i = 0; i < p.n; i++)
		item[i] = (struct pair){ names[i], any_text(a, seed) };
	p.item = item;
	return p;
}

static void set_any(const struct field *f, void *base, struct arena *a, unsigned int *seed)
{
	void *member = (char *)base + f->offset;
	size_t n = 0;

	switch (f->type) {
	case FT_INT: case FT_DURATION: case FT_TIME:
		*(struct num *)member = NUM(any_number(seed));
		break;
	case FT_BOOL:
		*(struct num *)member = NUM(dice(2, seed));
		break;
	case FT_TEXT:
		*(struct str *)member = any_text(a, seed);
		break;
	case FT_ENUM:
		while (f->values[n])
			n++;
		*(struct str *)member = str_of(f->values[dice((unsigned int)n, seed)]);
		break;
	case FT_WORDS:
		*(struct words *)member = any_words(a, seed);
		break;
	case FT_MAP:
		*(struct pairs *)member = any_pairs(a, seed);
		break;
	case FT_TEXTS:
		break;
	}
}

static void assert_same_member(const struct field *f, const void *base_a, const void *base_b)
{
	const void *a = (const char *)base_a + f->offset, *b = (const char *)base_b + f->offset;
	const struct words *wa = a, *wb = b;
	const struct pairs *pa = a, *pb = b;
	bool same = true;

	switch (f->type) {
	case FT_INT: case FT_DURATION: case FT_TIME: case FT_BOOL: {
		const struct num *na = a, *nb = b;

		same = na->known == nb->known && (!na->known || na->value == nb->value);
		break;
	}
	case FT_TEXT: case FT_ENUM:
		same = str_eq(*(const struct str *)a, *(const struct str *)b);
		break;
	case FT_WORDS:
		same = wa->known == wb->known && wa->n == wb->n && str_eq(wa->joined, wb->joined);
		for (size_t i = 0; same && i < wa->n; i++)
			same = str_eq(wa->item[i], wb->item[i]);
		break;
	case FT_MAP:
		same = pa->known == pb->known && pa->n == pb->n;
		for (size_t i = 0; same && i < pa->n; i++)
			same = str_eq(pa->item[i].name, pb->item[i].name) &&
			       str_eq(pa->item[i].value, pb->item[i].value);
		break;
	case FT_TEXTS:
		break;
	}
	if (!same)
		fail_msg("%s changed", f->name);
}

static void assert_survives(const struct event *ev)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct record_error error;
	struct event got;

	record_write(ev, &first);
	if (read_copy(buf_get(&first), &a, &got, &error))
		fail_msg("%.*s\nbyte %zu: %s", STR_ARG(buf_get(&first)), error.offset, error.message);
	record_write(&got, &second);
	if (!str_eq(buf_get(&first), buf_get(&second)))
		fail_msg("wrote\n%.*s\nthen\n%.*s", STR_ARG(buf_get(&first)), STR_ARG(buf_get(&second)));

	assert_int_equal(got.n_ancestors, ev->n_ancestors);
	for (size_t i = 0; i < n_fields; i++) {
		if (field_table[i].place == PLACE_EVENT)
			assert_same_member(&field_table[i], ev, &got);
		for (size_t k = 0; field_table[i].place == PLACE_ANCESTORS && k < ev->n_ancestors; k++)
			assert_same_member(&field_table[i], &ev->ancestor[k], &got.ancestor[k]);
	}
	buf_done(&first);
	buf_done(&second);
	arena_done(&a);
}

static void any_event(struct event *ev, unsigned int holes, struct arena *a, unsigned int *seed)
{
	event_clear(ev);
	ev->n_ancestors = dice(3, seed) ? dice(4, seed) : EVENT_MAX_ANCESTORS;
	if (holes == 1 && ev->n_ancestors == 0)
		ev->n_ancestors = 1;
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];

		if (f->place == PLACE_EVENT && dice(holes, seed) == 0)
			set_any(f, ev, a, seed);
		for (size_t k = 0; f->place == PLACE_ANCESTORS && k < ev->n_ancestors; k++)
			if (dice(holes, seed) == 0)
				set_any(f, &ev->ancestor[k], a, seed);
	}
	event_complete(ev);
}

static void test_any_event_survives(void **state)
{
	static struct event ev;
	struct arena a = ARENA_INIT;
	unsigned int seed = 20260101;

	for (int i = 0; i < 1500; i++) {
		arena_reset(&a);
		any_event(&ev, 1 + (unsigned int)i % 5, &a, &seed);
		assert_survives(&ev);
	}
	arena_done(&a);
}

/* Every proper beginning of a record is refused, with a place inside it. */
static void test_no_beginning_is_a_record(void **state)
{
	static struct event ev;
	struct arena made = ARENA_INIT, a = ARENA_INIT;
	struct buf b = BUF_INIT;
	struct record_error error;
	struct event got;
	unsigned int seed = 7;

	any_event(&ev, 2, &made, &seed);
	record_write(&ev, &b);
	for (size_t n = 0; n < b.len; n++) {
		arena_reset(&a);
		assert_int_equal(read_copy((struct str){ b.p, n }, &a, &got, &error), -EINVAL);
		assert_true(error.offset <= n);
	}
	buf_done(&b);
	arena_done(&a);
	arena_done(&made);
}

static void read_file(const char *name, size_t lines)
{
	struct arena a = ARENA_INIT;
	struct record_error error;
	char path[512], *line = NULL;
	size_t cap = 0, n = 0;
	ssize_t len;
	struct event ev;
	FILE *f;

	/* meson compiles by a path from the build directory, in which it also runs the test. */
	snprintf(path, sizeof(path), "%.*s/../../../shared/%s", (int)(strrchr(__FILE__, '/') - __FILE__),
		 __FILE__, name);
	f = fopen(path, "r");
	if (!f) {
		print_message("# no reference data beside the checkout: %s\n", path);
		skip();
	}
	while ((len = getline(&line, &cap, f)) > 0) {
		arena_reset(&a);
		if (record_read((struct str){ line, (size_t)len }, &a, &ev, &error))
			fail_msg("%s:%zu: byte %zu: %s", name, n + 1, error.offset, error.message);
		assert_int_equal(ev.seq.value, n);
		assert_true(ev.argv.known && ev.argc.value == (int64_t)ev.argv.n);
		assert_survives(&ev);
		n++;
	}
	assert_int_equal(n, lines);
	free(line);
	fclose(f);
	arena_done(&a);
}

static void test_reference_events(void **state) { read_file("sigma/events.jsonl", 4899); }
static void test_reference_failures(void **state) { read_file("sigma/failed_execs.jsonl", 1200); }
static void test_reference_bench(void **state) { read_file("bench/events.jsonl", 5521); }

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_event_survives),
		cmocka_unit_test(test_no_beginning_is_a_record),
		cmocka_unit_test(test_reference_events),
		cmocka_unit_test(test_reference_failures),
		cmocka_unit_test(test_reference_bench),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
