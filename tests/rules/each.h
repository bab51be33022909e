/* SPDX-License-Identifier: Apache-2.0 */
/* The rule files of folders, each of which is a test of its own. */
#ifndef TESTS_RULES_EACH_H
#define TESTS_RULES_EACH_H

#include <stdbool.h>

/* Runs @run on each *.yaml in the folders that are a program's arguments, in the order of their names; it
 * prints the TAP line with that number, and is false when the test fails. Returns the exit code. */
int each_rule_file(int argc, char **argv, bool (*run)(const char *folder, const char *name, int number));

#endif
