/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch record: live execs as records, one JSON object a line, for replay, tests and bug reports. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/config.h"
#include "cli/descriptors.h"
#include "cli/privileges.h"
#include "cli/rules.h"
#include "cli/session.h"
#include "cli/verb.h"
#include "cli/zstd.h"
#include "event/record.h"

struct record_options {
	const char *config, *output;
	int backend;
};

static const struct cli_option options[] = {
	{ "config", 'c', OPTION_TEXT, offsetof(struct record_options, config), "FILE", NULL,
	  "configuration (capture, labels, user); default " CONFIG_DEFAULT_PATH " where it exists" },
	{ "output", 'o', OPTION_TEXT, offsetof(struct record_options, output), "FILE", NULL,
	  "write to FILE, which must not exist yet, as zstd where it ends in .zst; default: stdout" },
	{ "backend", 0, OPTION_CHOICE, offsetof(struct record_options, backend), "BACKEND", backend_names,
	  "how to watch; default: the configuration's, or the best that the kernel lets attach" },
	{ 0 },
};

static void init(void *into)
{
	((struct record_options *)into)->backend = -1;
}

struct recorder {
	FILE *to;
	struct zstd_writer *zstd; /* NULL: plain */
	struct buf text;
	int64_t seq;		/* of the next event */
	int64_t safe;		/* those before are with the kernel */
	int error;		/* errno of the first write that failed */
};

static void on_event(void *ctx, const struct event *ev)
{
	struct recorder *r = ctx;
	struct event numbered = *ev;

	numbered.seq = NUM(r->seq++);
	buf_reset(&r->text);
	record_write(&numbered, &r->text);
	buf_char(&r->text, '\n');
	if (r->error)
		return;
	if (r->text.error)
		r->error = -r->text.error;
	else if (r->zstd)
		r->error = -zstd_write(r->zstd, buf_get(&r->text));
	else if (fwrite(r->text.p, 1, r->text.len, r->to) != r->text.len)
		r->error = errno;
}

/* What was recorded can be read, also when this process is killed. False: it cannot be written. */
static bool on_tick(void *ctx, int64_t now_ns, int64_t mono_ns)
{
	struct recorder *r = ctx;

	if (!r->error && r->zstd)
		r->error = -zstd_flush(r->zstd);
	else if (!r->error && fflush(r->to) != 0)
		r->error = errno;
	if (!r->error)
		r->safe = r->seq;
	return !r->error;
}

static void finish(struct recorder *r)
{
	if (r->zstd && !r->error) {
		r->error = -zstd_end(r->zstd);
		if (!r->error)
			r->safe = r->seq;
		return;
	}
	on_tick(r, 0, 0);
}

static void recorder_cleanup(struct recorder *r)
{
	buf_done(&r->text);
	zstd_writer_free(r->zstd);
	if (r->to && r->to != stdout)
		fclose(r->to);
}

/* @path NULL: to standard output. */
static int open_file(struct recorder *r, const char *path)
{
	r->to = path ? fopen(path, "wxe") : stdout;
	if (!r->to) {
		log_error("%s: %m", path);
		return EXIT_SYSTEM;
	}
	if (path && str_has_suffix(str_of(path), STR_LIT(".zst")) && zstd_writer_new(r->to, &r->zstd) < 0) {
		log_error("out of memory");
		return EXIT_SYSTEM;
	}
	return EXIT_FINE;
}

/*
 * Attaches, makes the file, and gives up what that took. Where it comes to nothing there is no file: an empty
 * one would be in the way of the next try.
 */
static int open_all(const struct session_options *so, const char *path, struct recorder *recorder,
		    struct session **ret)
{
	_cleanup_(session_free) struct session *session = NULL;
	struct privileges who;
	int r = descriptors_close_inherited();

	if (r == EXIT_FINE)
		r = privileges_find(so->config->user, &who);
	if (r == EXIT_FINE)
		r = session_open(so, &session);
	if (r == EXIT_FINE)
		r = open_file(recorder, path);
	if (r == EXIT_FINE)
		r = privileges_drop(&who);
	if (r == EXIT_FINE)
		*ret = TAKE_PTR(session);
	else if (path && recorder->to)
		unlink(path);
	return r;
}

static int record_all(struct recorder *recorder, const struct record_options *o, const struct config *config)
{
	_cleanup_(session_free) struct session *session = NULL;
	const struct session_options so = {
		.config = config,
		.backend = o->backend >= 0 ? (enum backend)o->backend : config->backend,
		.env = config->env,
		.event = on_event,
		.tick = on_tick,
		.ctx = recorder,
	};
	bool to_stdout = !o->output || strcmp(o->output, "-") == 0;
	struct capture_counters c;
	int r = open_all(&so, to_stdout ? NULL : o->output, recorder, &session);

	if (r != EXIT_FINE)
		return r;
	log_info("recording by %s, stop with Ctrl-C", capture_backend(session_capture(session)));
	r = session_run(session);
	finish(recorder);
	c = capture_counters(session_capture(session));
	log_info("%" PRId64 " execs recorded, %" PRIu64 " lost", recorder->safe, capture_lost(&c));
	if (recorder->error) {
		log_error("cannot write the recording: %s; %" PRId64 " execs may be missing at its end",
			  strerror(recorder->error), recorder->seq - recorder->safe);
		return EXIT_SYSTEM;
	}
	return r;
}

static int record(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(config) struct config config = CONFIG_INIT;
	_cleanup_(recorder) struct recorder recorder = { .text = BUF_INIT };
	const struct record_options *o = opts;
	int r;

	if (n_args) {
		log_error("`record` takes no arguments (`%s`); -o names the file", arg[0]);
		return EXIT_USAGE;
	}
	r = load_config(o->config, getuid(), &config, &sources);
	return r == EXIT_FINE ? record_all(&recorder, o, &config) : r;
}

const struct verb verb_record = {
	.name = "record",
	.arguments = "[options]",
	.summary = "write live execs as records",
	.options = options,
	.options_size = sizeof(struct record_options),
	.init = init,
	.run = record,
};
