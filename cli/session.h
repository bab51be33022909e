/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of a verb that watches live: the capture, a timer that ticks every second, and the signals that
 * end it.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/capture.h"
#include "cli/config.h"

struct session;

struct session_options {
	const struct config *config;
	enum backend backend;
	/* Names of the variables to capture, borrowed until session_free(); no item: the default ones. */
	struct strs env;
	void (*event)(void *ctx, const struct event *ev);
	/* Every second, with the time since the epoch and the monotonic one. False: end the run. */
	bool (*tick)(void *ctx, int64_t now_ns, int64_t mono_ns);
	void *ctx;
};

/* Ignores SIGPIPE, blocks SIGINT, SIGTERM and SIGHUP for the whole process, and attaches. Before any thread
 * is started. EXIT_FINE, or EXIT_SYSTEM after a sentence on stderr that says what is missing. */
int session_open(const struct session_options *options, struct session **ret);
struct session *session_free(struct session *s);

const struct capture *session_capture(const struct session *s);
struct str session_host(const struct session *s);
/* What the capture said of the backend that was chosen, empty: nothing. */
struct str session_why(const struct session *s);

/* Has session_run() call @ready, between events, whenever @fd is readable. One descriptor; -1: none. */
void session_serve(struct session *s, int fd, void (*ready)(void *ctx), void *ctx);

/*
 * Runs until a signal asks to stop, then hands on what was captured before it. Afterwards signals do again
 * what they do by default, so that a second one ends what takes too long. EXIT_FINE; EXIT_SYSTEM where the
 * capture failed or tick() ended the run.
 */
int session_run(struct session *s);

DEFINE_CLEANUP(struct session *, session_free)

#endif
