/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execwatch status: what the run on this machine says of itself. The run writes both forms; here they are
 * only printed, with whatever could steer a terminal escaped.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/config.h"
#include "cli/control.h"
#include "cli/rules.h"
#include "cli/verb.h"

struct status_options {
	const char *config, *state;
	int format;
};

enum { FORMAT_TEXT, FORMAT_JSON };
static const char *const formats[] = { "text", "json", NULL };

static const struct cli_option options[] = {
	{ "config", 'c', OPTION_TEXT, offsetof(struct status_options, config), "FILE", NULL,
	  "the run's configuration; default " CONFIG_DEFAULT_PATH " where it exists" },
	{ "state", 0, OPTION_TEXT, offsetof(struct status_options, state), "DIR", NULL,
	  "the run's state directory; default: the configuration's" },
	{ "format", 0, OPTION_CHOICE, offsetof(struct status_options, format), "text|json", formats,
	  "lines for people, or one JSON object" },
	{ 0 },
};

static void complain(const char *state, int r)
{
	if (r == -ENOENT || r == -ECONNREFUSED || r == -ENOTDIR)
		log_error("no run answers in %s; does one go on, with this as its state directory?", state);
	else if (r == -EACCES)
		log_error("may not ask the run in %s: that is for root and for the user that it runs as",
			  state);
	else if (r == -ETIMEDOUT)
		log_error("the run in %s does not answer", state);
	else if (r == -EBADMSG)
		log_error("what answers in %s does not speak as this execwatch does", state);
	else
		log_error("cannot ask the run in %s: %s", state, strerror(-r));
}

static int print(struct str text)
{
	_cleanup_(buf) struct buf shown = BUF_INIT;

	while (text.len > 0) {
		const char *end = memchr(text.p, '\n', text.len);
		struct str line = { text.p, end ? (size_t)(end - text.p) : text.len };

		escape_controls(line, &shown);
		buf_char(&shown, '\n');
		text = str_skip(text, line.len + 1);
	}
	if (shown.error) {
		log_error("out of memory");
		return EXIT_SYSTEM;
	}
	fwrite(buf_get(&shown).p, 1, shown.len, stdout);
	return EXIT_FINE;
}

static int ask(const char *state, int format)
{
	_cleanup_(buf) struct buf answer = BUF_INIT;
	int r = control_ask(state, format == FORMAT_JSON ? CONTROL_STATUS_JSON : CONTROL_STATUS_TEXT,
			    &answer);

	if (r == 0)
		return print(buf_get(&answer));
	complain(state, r);
	return EXIT_SYSTEM;
}

static int status(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(config) struct config config = CONFIG_INIT;
	const struct status_options *o = opts;
	int r;

	if (n_args) {
		log_error("`status` takes no arguments (`%s`); --state names the directory", arg[0]);
		return EXIT_USAGE;
	}
	if (o->state)
		return ask(o->state, o->format);
	r = load_config(o->config, UINT32_MAX, &config, &sources);
	return r == EXIT_FINE ? ask(config.state.p, o->format) : r;
}

const struct verb verb_status = {
	.name = "status",
	.arguments = "[options]",
	.summary = "ask the running `run` how it is",
	.details = "Exits with 3 where nobody answers.",
	.options = options,
	.options_size = sizeof(struct status_options),
	.run = status,
};
