/* SPDX-License-Identifier: Apache-2.0 */
/* What other rule languages call things; see elsewhere.h. */
#include "parser/elsewhere.h"

#include <stddef.h>

#include "base/cleanup.h"

struct word {
	const char *theirs, *ours;
};

/* Names of programs become `name`, which a renamed copy does not escape. */
static const struct word fields[] = {
	{ "cmdline", "argv" },
	{ "command_line", "argv" },
	{ "CommandLine", "argv" },
	{ "proc.cmdline", "argv" },
	{ "args", "arg" },
	{ "proc.args", "arg" },
	{ "Image", "exe" },
	{ "path", "exe" },
	{ "proc.exe", "exe" },
	{ "proc.exepath", "exe" },
	{ "proc.name", "name" },
	{ "process.name", "name" },
	{ "username", "user" },
	{ "user.name", "user" },
	{ "user.uid", "uid" },
	{ "user.loginname", "login" },
	{ "user.loginuid", "login_uid" },
	{ "group.gid", "gid" },
	{ "proc.pid", "pid" },
	{ "proc.ppid", "ppid" },
	{ "proc.tty", "tty" },
	{ "proc.env", "env.NAME" },
	{ "ParentImage", "parent.exe" },
	{ "ParentCommandLine", "parent.argv" },
	{ "proc.pname", "parent.name" },
	{ "proc.pexe", "parent.exe" },
	{ "proc.pexepath", "parent.exe" },
	{ "proc.pcmdline", "parent.argv" },
	{ "proc.aname", "ancestors.name" },
	{ "proc.aexe", "ancestors.exe" },
	{ "proc.aexepath", "ancestors.exe" },
	{ "CurrentDirectory", "cwd" },
	{ "proc.cwd", "cwd" },
	{ "ret", "retval" },
	{ "evt.res", "errno" },
	{ "latency", "duration" },
	{ "and", "all" },
	{ "or", "any" },
};

static const struct word operators[] = {
	{ "startswith", "prefix" },
	{ "endswith", "suffix" },
	{ "regex", "re" },
	{ "regexp", "re" },
	{ "matches", "re" },
	{ "pmatch", "prefix" },
	{ "exists", "set" },
	{ "eq", "in" },
	{ "equals", "in" },
	{ "field", "same_as" },
	{ "ne", "not" },
	{ "neq", "not" },
	{ "not_in", "not" },
	{ "min", "ge" },
	{ "max", "le" },
	{ "gte", "ge" },
	{ "lte", "le" },
};

static const struct word rule_keys[] = {
	{ "rule", "id" },
	{ "name", "title" },
	{ "desc", "why" },
	{ "description", "why" },
	{ "condition", "match" },
	{ "detection", "match" },
	{ "exceptions", "except" },
	{ "output", "summary" },
	{ "message", "summary" },
	{ "priority", "severity" },
	{ "level", "severity" },
	{ "enabled", "mode" },
};

static const char *find(const struct word *words, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(name, str_of(words[i].theirs)))
			return words[i].ours;
	return NULL;
}

const char *elsewhere_field(struct str name)
{
	return find(fields, ARRAY_SIZE(fields), name);
}

const char *elsewhere_operator(struct str name)
{
	return find(operators, ARRAY_SIZE(operators), name);
}

const char *elsewhere_rule_key(struct str name)
{
	return find(rule_keys, ARRAY_SIZE(rule_keys), name);
}
