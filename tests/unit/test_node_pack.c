/* SPDX-License-Identifier: Apache-2.0 */
/* Entries that were packed while they were read are what they would have been. */
#include <errno.h>

#include "parser/node_pack.h"
#include "parser/yaml.h"
#include "tests/fuzz/nodes.h"
#include "tests/unit/failing_malloc.h"
#include "tests/unit/test.h"

/* The document as it is read, and with the entries under `rules` packed. */
struct fixture {
	struct sources sources;
	struct diags ds, packed_ds;
	struct arena arena;
	const struct node *root, *packed;
};

static int read_twice(struct fixture *f, const char *text)
{
	const struct source *src;
	int err;

	*f = (struct fixture){ SOURCES_INIT, DIAGS_INIT, DIAGS_INIT, ARENA_INIT, NULL, NULL };
	assert_int_equal(sources_add(&f->sources, STR_LIT("t.yaml"), str_of(text), &src), 0);
	err = yaml_read(src, &f->ds, &f->arena, &f->root);
	assert_int_equal(yaml_read_packed(src, &f->packed_ds, &f->arena, "rules", &f->packed), err);
	assert_int_equal(f->ds.n, f->packed_ds.n);
	return err;
}

static void done(struct fixture *f)
{
	arena_done(&f->arena);
	diags_done(&f->ds);
	diags_done(&f->packed_ds);
	sources_done(&f->sources);
}

/* The packed entries of a list come out as they went in, and what can be told before is told. */
static void assert_unpacks(const struct node *list, const struct node *packed)
{
	struct arena arena = ARENA_INIT;

	assert_true(nodes_alike(list, packed));
	for (size_t i = 0; i < list->n; i++) {
		const struct node *entry = packed->items[i], *n;

		assert_non_null(entry->packed);
		assert_int_equal(entry->at.line, list->items[i]->at.line);
		assert_int_equal(entry->faulty, list->items[i]->faulty);
		assert_int_equal(entry->n_faults, list->items[i]->n_faults);
		arena_reset(&arena);
		n = node_unpack(entry, &arena);
		assert_non_null(n);
		assert_true(trees_alike(n, list->items[i]));
	}
	arena_done(&arena);
}

static void assert_same(const char *text)
{
	struct fixture f;

	read_twice(&f, text);
	assert_unpacks(node_get(f.root, "rules"), node_get(f.packed, "rules"));
	done(&f);
}

static void test_entries(void **state)
{
	/* All styles, empty things, texts that are not in the source as they are, places beyond ASCII. */
	assert_same("rules:\n"
		    "  - { a: 1, b: [x, 'y y', \"z\\n\\u00e4\", ''] }\n"
		    "  -\n"
		    "  - plain\n"
		    "  - []\n"
		    "  - {}\n"
		    "  - text: |\n"
		    "      one\n"
		    "       two\n"
		    "    folded: >-\n"
		    "      a\n"
		    "      b\n"
		    "    ä: ö,\n"
		    "    'ö': 'it''s'\n"
		    "  - - - - deep\n"
		    "  - two\n"
		    "    lines\n"
		    "  - \"\xf0\x9f\x98\x80\": \xf0\x9f\x98\x80 b\n"
		    "    c:\n");
	assert_same("\xef\xbb\xbfrules: [{ a: b }, c]\r\n");
	assert_same("rules: [{ a: b }, { c: [d, { e: f }] },\n{ g: h }]\nother: [x]\n");
}

static void test_faulty_entries(void **state)
{
	assert_same("rules:\n"
		    "  - { a: 1, a: 2, b: &x y, c: *x, ? [k] : v, d: !!str z, <<: {}, e: \"\\0\" }\n"
		    "  - ok\n");
	/* What stood before a syntax error, and what it has left open. */
	assert_same("rules:\n  - { a: 1 }\n  - { b: 2, c: [d, e\n  - { f: g }\n");
	assert_same("rules:\n  - a: b\n    c: d: e\n");
	assert_same("rules:\n  - a: b\n    c: @\n  - d\n");
}

/* Another key, another depth, another list: nothing else is packed. */
static void test_others_are_not_packed(void **state)
{
	struct fixture f;

	assert_int_equal(read_twice(&f, "other: [a, { b: c }]\n"
					"map: { rules: [d] }\n"
					"rules: { rules: [e] }\n"), 0);
	assert_true(trees_alike(f.root, f.packed));
	done(&f);
	assert_int_equal(read_twice(&f, "- rules: [a]\n"), 0);
	assert_true(trees_alike(f.root, f.packed));
	done(&f);
	/* Of two lists the first stays, and goes on to be packed. */
	assert_int_equal(read_twice(&f, "rules: [a, b]\nrules: [c]\nx: [d]\n"), -EINVAL);
	assert_unpacks(node_get(f.root, "rules"), node_get(f.packed, "rules"));
	assert_true(trees_alike(node_get(f.root, "x"), node_get(f.packed, "x")));
	done(&f);
}

static void test_long_texts(void **state)
{
	struct fixture f;
	struct buf b = BUF_INIT;

	buf_text(&b, "rules: [{ a: '");
	for (int i = 0; i < 70000; i++)
		buf_text(&b, i % 100 == 0 ? "''" : "x");
	buf_text(&b, "' }");
	for (int i = 0; i < 300; i++)
		buf_text(&b, ",\n\n x");
	buf_char(&b, ']');
	buf_char(&b, '\0');
	assert_int_equal(read_twice(&f, b.p), 0);
	assert_unpacks(node_get(f.root, "rules"), node_get(f.packed, "rules"));
	done(&f);
	buf_done(&b);
}

static void test_out_of_memory(void **state)
{
	size_t n_failed = 0;
	struct fixture f;

	assert_int_equal(read_twice(&f, "rules: [{ a: 'b''c', d: [e, f] }, g]\n"), 0);
	for (size_t n = 0; n_failed == n; n++) {
		struct arena arena = ARENA_INIT, unpacked = ARENA_INIT;
		const struct node *root, *rules, *entry = NULL;
		int err;

		n_allocations = n_failures = 0;
		failing = n;
		err = yaml_read_packed(f.sources.first, &f.ds, &arena, "rules", &root);
		rules = err == 0 ? node_get(root, "rules") : NULL;
		if (rules)
			entry = node_unpack(rules->items[0], &unpacked);
		failing = SIZE_MAX;
		assert_int_equal(err == -ENOMEM || !entry, n_failures);
		n_failed += n_failures;
		arena_done(&arena);
		arena_done(&unpacked);
	}
	assert_true(n_failed > 3);
	done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_faulty_entries),
		cmocka_unit_test(test_others_are_not_packed),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
