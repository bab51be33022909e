/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rules/each.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

static int is_yaml(const struct dirent *entry)
{
	return str_has_suffix(str_of(entry->d_name), STR_LIT(".yaml"));
}

int each_rule_file(int argc, char **argv, bool (*run)(const char *folder, const char *name, int number))
{
	int number = 0, failed = 0;

	for (int i = 1; i < argc; i++) {
		struct dirent **names;
		int n = scandir(argv[i], &names, is_yaml, alphasort);

		if (n <= 0) {
			printf("not ok %d - no rule file in %s\n", ++number, argv[i]);
			failed++;
			continue;
		}
		for (int j = 0; j < n; j++) {
			failed += !run(argv[i], names[j]->d_name, ++number);
			free(names[j]);
		}
		free(names);
	}
	printf("1..%d\n", number);
	return failed || number == 0;
}
