/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of keys.def, and the maps of a file held against them. */
#include "parser/keys.h"

#include "base/cleanup.h"
#include "parser/codes.h"
#include "parser/elsewhere.h"
#include "parser/read.h"

#define KEY_OPTIONAL false
#define KEY_REQUIRED true

const struct key_row key_table[] = {
#define KEY(map, name, need, value, help) { map, name, KEY_##need, value, help },
#include "parser/keys.def"
#undef KEY
};
const size_t n_keys = ARRAY_SIZE(key_table);

const char *const flag_names[] = { "sigma", NULL };
const char *const nocase_changes[] = {
	"in", "not", "all", "prefix", "suffix", "contains", "glob", "same_as", NULL
};

int keys_known(const struct node *map, const char *what, enum key_map keys, struct diags *ds)
{
	const char *known[ARRAY_SIZE(key_table) + 1];
	size_t n = 0;

	for (size_t i = 0; i < n_keys; i++)
		if (key_table[i].map == keys)
			known[n++] = key_table[i].name;
	known[n] = NULL;
	return read_known_keys(map, what, known, keys == MAP_RULE ? elsewhere_rule_key : NULL,
			       ds);
}

int keys_check(const struct node *map, const char *what, enum key_map keys, struct diags *ds)
{
	int err = keys_known(map, what, keys, ds);

	for (size_t i = 0; i < n_keys && !map->incomplete; i++)
		if (key_table[i].map == keys && key_table[i].required && !node_get(map, key_table[i].name))
			err = diag_error(ds, &code_missing_key, map->at, "%s has no `%s`", what,
					 key_table[i].name);
	return err;
}
