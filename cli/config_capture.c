/* SPDX-License-Identifier: Apache-2.0 */
/* The section `capture` of the configuration file: how is watched, and how much of it is kept. */
#include <errno.h>
#include <string.h>

#include "base/timefmt.h"
#include "cli/config_read.h"
#include "parser/codes.h"
#include "parser/read.h"

#define MIN_MAX_ARGV 4096

static int read_max_argv(struct config *c, const struct node *n, struct diags *ds)
{
	uint64_t bytes;
	int ret = read_size(n, "`max_argv`", ds, &bytes);

	if (ret < 0)
		return ret;
	if (bytes < MIN_MAX_ARGV || bytes > CAPTURE_MAX_ARGV)
		return diag_error(ds, &code_out_of_range, n->at, "`max_argv` must be from 4KiB to 6MiB");
	c->max_argv = bytes;
	return 0;
}

static int read_return_timeout(struct config *c, const struct node *n, struct diags *ds)
{
	int64_t ns;
	int ret = read_duration(n, "`return_timeout`", ds, &ns);

	if (ret < 0)
		return ret;
	if (ns < NS_PER_S)
		return diag_error(ds, &code_out_of_range, n->at, "`return_timeout` must be at least 1s");
	c->return_timeout_ns = ns;
	return 0;
}

/* Of a list the place of the one name that is wrong, of a single text its own. */
static const struct node *nth(const struct node *n, size_t i)
{
	return n->kind == NODE_LIST ? n->items[i] : n;
}

static int read_env(struct config *c, const struct node *n, struct diags *ds)
{
	struct strs names;
	int ret = read_texts(n, "`env`", &c->arena, ds, &names);

	if (ret < 0)
		return ret;
	if (names.n > CAPTURE_MAX_ENV)
		return diag_error(ds, &code_out_of_range, n->at, "`env` names at most %d variables",
				  CAPTURE_MAX_ENV);
	for (size_t i = 0; i < names.n; i++) {
		struct str name = names.item[i];

		if (name.len > 0 && name.len <= CAPTURE_ENV_NAME && !memchr(name.p, '=', name.len))
			continue;
		ret = diag_error(ds, &code_bad_name, nth(n, i)->at,
				 "`env` takes names of variables, of at most %d bytes and without `=`",
				 CAPTURE_ENV_NAME);
	}
	if (ret == 0)
		c->env = names;
	return ret;
}

int config_read_capture(struct config *c, const struct node *n, struct diags *ds)
{
	static const char *const known[] = { "backend", "max_argv", "return_timeout", "env", NULL };
	const struct node *v;
	int ret = read_map(n, "`capture`", ds), got, backend;

	if (ret < 0)
		return ret;
	ret = read_known_keys(n, "`capture`", known, NULL, ds);
	if ((v = node_get(n, "backend"))) {
		got = read_choice(v, "`backend`", backend_names, ds, &backend);
		if (got == 0)
			c->backend = (enum backend)backend;
		ret = worse(ret, got);
	}
	if ((v = node_get(n, "max_argv")))
		ret = worse(ret, read_max_argv(c, v, ds));
	if ((v = node_get(n, "return_timeout")))
		ret = worse(ret, read_return_timeout(c, v, ds));
	if ((v = node_get(n, "env")))
		ret = worse(ret, read_env(c, v, ds));
	return ret;
}
