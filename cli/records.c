/* SPDX-License-Identifier: Apache-2.0 */
/* Exec records out of files; see records.h. */
#include "cli/records.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "cli/verb.h"
#include "event/record.h"

void records_open(struct records *r, const char *const *paths, size_t n_paths)
{
	*r = (struct records){ .paths = paths, .n_paths = n_paths, .lines = { .fd = -1 } };
}

void records_close(struct records *r)
{
	lines_close(&r->lines);
	arena_done(&r->arena);
}

static const char *shown_path(const char *path)
{
	return strcmp(path, "-") == 0 ? "<stdin>" : path;
}

/* The next file that opens; false: there is none. */
static bool open_next(struct records *r)
{
	while (r->next_path < r->n_paths) {
		const char *path = r->paths[r->next_path++];
		int e = lines_open(&r->lines, path, RECORD_MAX_BYTES);

		if (e == 0) {
			r->n_files++;
			return true;
		}
		log_error("%s: %s", shown_path(path), strerror(-e));
		r->failed = true;
	}
	return false;
}

static void complain(struct records *r, const char *what)
{
	if (r->progress)
		progress_hide(r->progress);
	log_error("%s:%" PRIu64 ": %s", shown_path(r->lines.path), r->lines.number, what);
	r->n_bad++;
}

/* 1: a record, 0: this line is none. */
static int read_line(struct records *r, struct str line, struct event *ret)
{
	struct record_error error;
	char message[256];
	int e;

	if (line_is_blank(line))
		return 0;
	if (!r->keep)
		arena_reset(&r->arena);
	e = record_read(line, &r->arena, ret, &error);
	if (e == 0) {
		r->n_read++;
		r->has_seq = ret->seq.known;
		if (!ret->seq.known)
			ret->seq = NUM((int64_t)r->lines.number - 1);
		return 1;
	}
	if (e == -EINVAL)
		snprintf(message, sizeof(message), "column %zu: %s", error.offset + 1, error.message);
	else
		snprintf(message, sizeof(message), "%s", strerror(-e));
	complain(r, message);
	return 0;
}

bool records_next(struct records *r, struct event *ret)
{
	struct str line;
	int e;

	for (;;) {
		if (!r->lines.memory && !open_next(r)) {
			if (r->progress)
				progress_hide(r->progress);
			return false;
		}
		e = lines_next(&r->lines, &line);
		if (e == 1 && read_line(r, line, ret)) {
			if (r->progress)
				progress_step(r->progress, r->lines.fd, r->n_read);
			return true;
		}
		if (e == -EFBIG)
			complain(r, "the line is too long for a record");
		if (e == 0 || (e < 0 && e != -EFBIG)) {
			if (r->progress)
				progress_file_end(r->progress, r->lines.fd);
			if (e < 0) {
				log_error("%s: %s%s", shown_path(r->lines.path), lines_error(e),
					  e == -EISDIR ? "; rules are named with -r" : "");
				r->failed = true;
			}
			lines_close(&r->lines);
		}
	}
}

int records_exit_code(const struct records *r)
{
	if (r->failed)
		return EXIT_SYSTEM;
	return r->n_bad ? EXIT_FINDINGS : EXIT_FINE;
}
