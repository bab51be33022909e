/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bounded store: what it keeps, what it gives up and in which order, and that it takes memory only when
 * it is made. A long random run is held against a reference that looks at every value for each question.
 */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bpf/store.h"
#include "tests/unit/failing_malloc.h"

/* What a value takes in the memory beside its bytes, as store.h says, and to what its length is rounded. */
#define HEADER 16
#define ALIGN 8

static struct store *new_store(size_t bytes, size_t max_entries)
{
	struct store *s = NULL;

	assert_int_equal(store_new(bytes, max_entries, 1, &s), 0);
	return s;
}

static struct store_key key_of(uint64_t a)
{
	return (struct store_key){ a, 0 };
}

static int put(struct store *s, uint64_t key, struct str value)
{
	return store_put(s, key_of(key), &value, 1);
}

static bool has(struct store *s, uint64_t key)
{
	return str_known(store_get(s, key_of(key)));
}

static void test_pieces_and_replacement(void **state)
{
	_cleanup_(store_free) struct store *s = new_store(1024, 8);
	const struct str pieces[] = { STR("ab"), { 0 }, STR(""), STR("cde") };

	assert_false(has(s, 1));
	assert_int_equal(store_put(s, key_of(1), pieces, ARRAY_SIZE(pieces)), 0);
	assert_str(store_get(s, key_of(1)), "abcde");
	assert_int_equal(put(s, 1, STR_LIT("f")), 0);
	assert_str(store_get(s, key_of(1)), "f");
	assert_int_equal(store_counts(s).entries, 1);

	/* Both halves of a key count. */
	assert_false(str_known(store_get(s, (struct store_key){ 1, 1 })));
	assert_false(str_known(store_get(s, (struct store_key){ 0, 1 })));
	assert_int_equal(store_put(s, (struct store_key){ 1, 1 }, pieces, 1), 0);
	assert_str(store_get(s, (struct store_key){ 1, 1 }), "ab");
	assert_str(store_get(s, key_of(1)), "f");

	assert_true(store_remove(s, key_of(1)));
	assert_false(store_remove(s, key_of(1)));
	assert_false(has(s, 1));
	assert_str(store_get(s, (struct store_key){ 1, 1 }), "ab");
}

static void test_values_of_no_length(void **state)
{
	_cleanup_(store_free) struct store *s = new_store(STORE_MIN_BYTES, 100);
	struct str value;

	assert_int_equal(store_put(s, key_of(1), NULL, 0), 0);
	value = store_get(s, key_of(1));
	assert_true(str_known(value));
	assert_int_equal(value.len, 0);

	/* Each takes a header, so that eight are all that there is room for. */
	for (uint64_t i = 2; i <= 9; i++)
		assert_int_equal(store_put(s, key_of(i), NULL, 0), 0);
	assert_int_equal(store_counts(s).entries, STORE_MIN_BYTES / HEADER);
	assert_false(has(s, 1));
	assert_true(has(s, 2));
}

static void test_every_length_up_to_the_limit(void **state)
{
	static char bytes[STORE_MIN_BYTES * 2];

	memset(bytes, 'x', sizeof(bytes));
	for (size_t size = STORE_MIN_BYTES; size < sizeof(bytes); size++) {
		_cleanup_(store_free) struct store *s = new_store(size, 64);

		for (size_t len = 0; len <= size / 4; len++) {
			struct str value = { bytes, len };

			assert_int_equal(put(s, len, value), 0);
			assert_true(str_eq(store_get(s, key_of(len)), value));
		}
		assert_int_equal(put(s, 3, (struct str){ bytes, size / 4 }), 0);
		assert_int_equal(store_counts(s).puts, size / 4 + 2);
	}
}

static void test_too_long(void **state)
{
	_cleanup_(store_free) struct store *s = new_store(1024, 8);
	static const char bytes[257];
	const struct str pieces[] = { { bytes, 200 }, { bytes, 56 }, { bytes, 1 }, { bytes, SIZE_MAX } };

	assert_int_equal(put(s, 1, STR_LIT("a")), 0);
	assert_int_equal(put(s, 2, STR_LIT("b")), 0);
	assert_int_equal(store_put(s, key_of(1), pieces, 3), -E2BIG);
	assert_false(has(s, 1));
	assert_str(store_get(s, key_of(2)), "b");
	assert_int_equal(store_put(s, key_of(1), &pieces[2], 2), -E2BIG);
	assert_int_equal(store_put(s, key_of(1), pieces, 2), 0);
	assert_int_equal(store_get(s, key_of(1)).len, 256);
	assert_int_equal(store_counts(s).puts, 3);
	assert_int_equal(store_counts(s).evicted, 0);
}

static void test_oldest_goes_first(void **state)
{
	_cleanup_(store_free) struct store *s = new_store(1024, 100);
	static const char bytes[240];
	struct store_counts counts;

	/* 1024 are four values of 240 bytes. */
	for (uint64_t i = 1; i <= 6; i++)
		assert_int_equal(put(s, i, (struct str){ bytes, sizeof(bytes) }), 0);
	assert_false(has(s, 1));
	assert_false(has(s, 2));
	counts = store_counts(s);
	assert_int_equal(counts.entries, 4);
	assert_int_equal(counts.evicted, 2);
	assert_int_equal(counts.misses, 2);
	assert_int_equal(counts.hits, 0);

	/* 3 and 4 are the older half: asked for, they outlive 5. */
	assert_true(has(s, 3));
	assert_int_equal(put(s, 7, (struct str){ bytes, sizeof(bytes) }), 0);
	assert_false(has(s, 4));
	assert_true(has(s, 3));
	assert_int_equal(put(s, 8, (struct str){ bytes, sizeof(bytes) }), 0);
	assert_false(has(s, 5));
	assert_true(has(s, 3));
	assert_int_equal(store_counts(s).hits, 3);
}

/* What is asked for again and again stays whatever comes and goes. */
static void test_what_is_used_stays(void **state)
{
	_cleanup_(store_free) struct store *s = new_store(4096, 1000);
	static const char bytes[100];

	assert_int_equal(put(s, 0, STR_LIT("used")), 0);
	for (uint64_t i = 1; i < 1000; i++) {
		assert_int_equal(put(s, i, (struct str){ bytes, i % sizeof(bytes) }), 0);
		assert_str(store_get(s, key_of(0)), "used");
	}
	assert_false(has(s, 1));
}

static void test_full_index(void **state)
{
	_cleanup_(store_free) struct store *s = new_store(1 << 16, 3);
	_cleanup_(store_free) struct store *one = new_store(1024, 1);

	for (uint64_t i = 1; i <= 3; i++)
		assert_int_equal(put(s, i, STR_LIT("v")), 0);
	/* Replacing needs no new entry. */
	assert_int_equal(put(s, 1, STR_LIT("w")), 0);
	assert_int_equal(store_counts(s).evicted, 0);
	assert_int_equal(put(s, 4, STR_LIT("v")), 0);
	assert_false(has(s, 2));
	assert_true(has(s, 1) && has(s, 3) && has(s, 4));
	assert_true(store_remove(s, key_of(3)));
	assert_int_equal(put(s, 5, STR_LIT("v")), 0);
	assert_true(has(s, 1) && has(s, 4) && has(s, 5));
	assert_int_equal(store_counts(s).evicted, 1);

	assert_int_equal(put(one, 1, STR_LIT("a")), 0);
	assert_int_equal(put(one, 2, STR_LIT("b")), 0);
	assert_false(has(one, 1));
	assert_str(store_get(one, key_of(2)), "b");
}

static void test_memory(void **state)
{
	struct store *s = NULL;
	size_t n_failed = 0;

	assert_null(store_free(NULL));
	assert_int_equal(store_new(STORE_MIN_BYTES - 1, 1, 0, &s), -EINVAL);
	assert_int_equal(store_new(STORE_MIN_BYTES, 0, 0, &s), -EINVAL);
	assert_int_equal(store_new(STORE_MIN_BYTES, UINT32_MAX, 0, &s), -EINVAL);
	for (;;) {
		int r;

		n_allocations = 0;
		failing = n_failed;
		r = store_new(4096, 16, 0, &s);
		failing = SIZE_MAX;
		if (r == 0)
			break;
		assert_int_equal(r, -ENOMEM);
		assert_null(s);
		n_failed++;
	}
	assert_int_equal(n_failed, 4);

	n_allocations = 0;
	for (uint64_t i = 0; i < 1000; i++) {
		put(s, i, STR_LIT("some value"));
		has(s, i / 2);
		store_remove(s, key_of(i - 5));
	}
	assert_int_equal(n_allocations, 0);
	store_free(s);
}

/*
 * The reference: a list without order, in which each value has its position in an endless log. What begins
 * further back than the memory is long is gone.
 */
#define MODEL_KEYS 48
#define MODEL_BYTES 700

struct model {
	uint64_t random;
	size_t size, max_len, max_entries;
	uint64_t head;
	struct {
		bool live;
		uint64_t at;
		size_t len;
		char bytes[MODEL_BYTES];
	} value[MODEL_KEYS];
	struct store_counts counts;
};

static size_t pick(struct model *m, size_t n)
{
	m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (m->random >> 33) % n;
}

static void model_append(struct model *m, size_t k)
{
	size_t size = HEADER + (m->value[k].len + ALIGN - 1) / ALIGN * ALIGN;

	m->value[k].live = false;
	if (m->head % m->size + size > m->size)
		m->head += m->size - m->head % m->size;
	for (size_t i = 0; i < MODEL_KEYS; i++) {
		if (m->value[i].live && m->value[i].at + m->size < m->head + size) {
			m->value[i].live = false;
			m->counts.entries--;
			m->counts.evicted++;
		}
	}
	m->value[k].live = true;
	m->value[k].at = m->head;
	m->head += size;
}

static void model_remove(struct model *m, size_t k)
{
	m->counts.entries -= m->value[k].live;
	m->value[k].live = false;
}

static bool model_put(struct model *m, size_t k, struct str value)
{
	size_t oldest = k;

	model_remove(m, k);
	if (value.len > m->max_len)
		return false;
	for (size_t i = 0; i < MODEL_KEYS; i++)
		if (m->value[i].live && (oldest == k || m->value[i].at < m->value[oldest].at))
			oldest = i;
	if (m->counts.entries == m->max_entries) {
		model_remove(m, oldest);
		m->counts.evicted++;
	}
	m->value[k].len = value.len;
	memcpy(m->value[k].bytes, value.p, value.len);
	m->counts.entries++;
	m->counts.puts++;
	model_append(m, k);
	return true;
}

static struct str model_get(struct model *m, size_t k)
{
	if (!m->value[k].live) {
		m->counts.misses++;
		return (struct str){ 0 };
	}
	m->counts.hits++;
	if (m->head - m->value[k].at > m->size / 2)
		model_append(m, k);
	return (struct str){ m->value[k].bytes, m->value[k].len };
}

/* Neighbours in either half, as addresses of one slab would be. */
static struct store_key model_key(size_t k)
{
	return (struct store_key){ UINT64_C(0xffff888100000000) + (k / 2) * 64, k % 2 };
}

static void random_step(struct model *m, struct store *s)
{
	char bytes[MODEL_BYTES];
	size_t k = pick(m, MODEL_KEYS), len, cut;

	switch (pick(m, 8)) {
	case 0:
		assert_int_equal(store_remove(s, model_key(k)), m->value[k].live);
		model_remove(m, k);
		break;
	case 1:
	case 2:
	case 3:
		len = pick(m, 4) ? pick(m, 40) : pick(m, m->max_len + 10);
		cut = pick(m, len + 1);
		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)pick(m, 256);
		assert_int_equal(store_put(s, model_key(k),
					   (struct str[]){ { bytes, cut }, { bytes + cut, len - cut } }, 2),
				 model_put(m, k, (struct str){ bytes, len }) ? 0 : -E2BIG);
		break;
	default:
		/* Some keys are wanted more often. */
		k = pick(m, 2) ? k : k % 5;
		assert_true(str_eq(store_get(s, model_key(k)), model_get(m, k)));
	}
}

static void test_against_the_reference(void **state)
{
	static const struct {
		size_t bytes, max_entries;
	} shapes[] = {
		{ STORE_MIN_BYTES, 100 }, { 131, 2 }, { 256, 10 }, { 1000, 3 }, { 1000, 48 }, { 2600, 20 },
		{ 2600, 48 },
	};
	static struct model m;

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		_cleanup_(store_free) struct store *s = NULL;
		uint64_t seed = 20261126 + i;

		print_message("# seed %" PRIu64 ", %zu bytes, %zu entries\n", seed, shapes[i].bytes,
			      shapes[i].max_entries);
		m = (struct model){
			.random = seed,
			.size = shapes[i].bytes / ALIGN * ALIGN,
			.max_len = shapes[i].bytes / 4,
			.max_entries = shapes[i].max_entries,
		};
		assert_int_equal(store_new(shapes[i].bytes, shapes[i].max_entries, seed, &s), 0);
		for (size_t round = 0; round < 50000; round++) {
			struct store_counts counts;

			random_step(&m, s);
			counts = store_counts(s);
			assert_memory_equal(&counts, &m.counts, sizeof(counts));
		}
		assert_true(m.counts.evicted > 0 && m.counts.hits > 0 && m.counts.misses > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_and_replacement),
		cmocka_unit_test(test_values_of_no_length),
		cmocka_unit_test(test_every_length_up_to_the_limit),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_oldest_goes_first),
		cmocka_unit_test(test_what_is_used_stays),
		cmocka_unit_test(test_full_index),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_against_the_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
