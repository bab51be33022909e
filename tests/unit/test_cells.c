/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of windows: cells, their index, lists, texts, and the heap of silences within them. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "engine/cells.h"
#include "engine/due.h"

#define N 500

static uint32_t random_state = 1;

static uint32_t draw(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % n;
}

static void taken_and_given(void **state)
{
	struct cells c;
	uint32_t id;

	assert_int_equal(cells_init(&c, 10 * (CELL_SIZE + 4)), 0);
	assert_int_equal(c.n_free, 10);
	for (uint32_t i = 1; i <= 10; i++)
		assert_int_equal(cell_take(&c), i);
	assert_int_equal(cell_take(&c), 0);
	memset(&c.cell[7], 0xff, sizeof(c.cell[7]));
	cell_give(&c, 7);
	id = cell_take(&c);
	assert_int_equal(id, 7);
	assert_int_equal(c.cell[id].silence.due_ns, 0);
	assert_int_equal(c.cell[id].in.hash, 0);
	cells_done(&c);

	assert_int_equal(cells_init(&c, 0), 0);
	assert_int_equal(cell_take(&c), 0);
	assert_int_equal(cells_find(&c, 5, 1), 0);
	cells_done(&c);
}

/* Few different hashes, so that chains are long. */
static void found_by_hash(void **state)
{
	struct cells c;

	assert_int_equal(cells_init(&c, 100 * (CELL_SIZE + 4)), 0);
	for (uint32_t i = 1; i <= 100; i++) {
		uint32_t id = cell_take(&c);

		c.cell[id].in = (struct indexed){ .hash = i % 10 * UINT64_C(0x100000000), .table = i };
		cells_index(&c, id);
	}
	for (uint32_t i = 1; i <= 100; i += 3)
		cells_unindex(&c, i);
	for (uint32_t i = 1; i <= 100; i++) {
		assert_int_equal(cells_find(&c, i % 10 * UINT64_C(0x100000000), i), i % 3 == 1 ? 0 : i);
		assert_int_equal(cells_find(&c, (i + 1) % 10 * UINT64_C(0x100000000), i), 0);
	}
	cells_done(&c);
}

static void texts(void **state)
{
	char text[300], back[300];
	struct cells c;

	assert_int_equal(cells_init(&c, 20 * (CELL_SIZE + 4)), 0);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	for (size_t len = 0; len <= sizeof(text); len++) {
		uint32_t id = text_put(&c, (struct str){ text, len });

		assert_int_equal(id == 0, len == 0);
		assert_int_equal(c.n_free, 20 - text_cells(len));
		memset(back, 'x', sizeof(back));
		text_get(&c, id, len, back);
		assert_memory_equal(back, text, len);
		text_give(&c, id);
		assert_int_equal(c.n_free, 20);
	}
	cells_done(&c);
}

/* Ranks are right and lean left, parents are, and nothing ends before what stands above it. */
static size_t check_heap(struct cells *c, uint32_t id, uint32_t parent)
{
	const struct silence_cell *s = &c->cell[id].silence, *above = &c->cell[parent].silence;
	unsigned int left, right;

	if (!id)
		return 0;
	assert_int_equal(s->parent, parent);
	if (parent)
		assert_true(above->due_ns < s->due_ns ||
			    (above->due_ns == s->due_ns && above->order < s->order));
	left = s->left ? c->cell[s->left].silence.rank : 0;
	right = s->right ? c->cell[s->right].silence.rank : 0;
	assert_true(left >= right);
	assert_int_equal(s->rank, right + 1);
	return 1 + check_heap(c, s->left, id) + check_heap(c, s->right, id);
}

static void silences_in_order(void **state)
{
	uint32_t root = 0, in[N], n = 0, order = 0;
	struct cells c;

	assert_int_equal(cells_init(&c, (N + 1) * (CELL_SIZE + 4)), 0);
	for (int i = 0; i < 20000; i++) {
		uint32_t at = n ? draw(n) : 0;

		if (n < N && draw(5) < (i < 10000 ? 3 : 2)) {
			uint32_t id = cell_take(&c);

			c.cell[id].silence.due_ns = draw(50);
			c.cell[id].silence.order = order++;
			due_insert(&c, &root, id);
			in[n++] = id;
		} else if (n) {
			/* The first one as often as any other. */
			for (uint32_t k = 0; k < n && i % 2; k++)
				at = in[k] == root ? k : at;
			due_remove(&c, &root, in[at]);
			cell_give(&c, in[at]);
			in[at] = in[--n];
		}
		if (i % 16 == 0)
			assert_int_equal(check_heap(&c, root, 0), n);
	}
	cells_done(&c);
}

/* All in one order, which is what a stream of events gives. */
static void many_in_a_row(void **state)
{
	uint32_t root = 0;
	struct cells c;

	assert_int_equal(cells_init(&c, (N + 1) * (CELL_SIZE + 4)), 0);
	for (uint32_t i = 1; i <= N; i++) {
		assert_int_equal(cell_take(&c), i);
		c.cell[i].silence.due_ns = i;
		due_insert(&c, &root, i);
	}
	assert_int_equal(check_heap(&c, root, 0), N);
	for (uint32_t i = 1; i <= N; i++) {
		assert_int_equal(root, i);
		due_remove(&c, &root, i);
	}
	assert_int_equal(root, 0);
	cells_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_and_given),
		cmocka_unit_test(found_by_hash),
		cmocka_unit_test(texts),
		cmocka_unit_test(silences_in_order),
		cmocka_unit_test(many_in_a_row),
	};

	return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
