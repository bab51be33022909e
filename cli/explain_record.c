/* SPDX-License-Identifier: Apache-2.0 */
/* One record out of a file; see explain_record.h. What stands behind it is counted and not read. */
#include "cli/explain_record.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "cli/lines.h"
#include "cli/verb.h"
#include "event/record.h"

struct picker {
	const struct record_choice *choice;
	struct picked_record *record;
	struct lines lines;
	struct buf spread;		/* a record over several lines, so far */
	uint64_t first_line;		/* of the record that is being read */
	bool found, bad;
};

/* Is the line only @brace, but for white space behind it (and before it, unless @at_start)? */
static bool is_alone(struct str line, char brace, bool at_start)
{
	size_t n = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] == ' ' || line.p[i] == '\t' || line.p[i] == '\r')
			continue;
		if (line.p[i] != brace || (at_start && i > 0))
			return false;
		n++;
	}
	return n == 1;
}

static void complain(struct picker *p, const char *what)
{
	log_error("%s:%" PRIu64 ": %s", p->record->path, p->first_line, what);
	p->bad = true;
}

static void complain_of(struct picker *p, const struct record_error *error)
{
	char message[256];

	snprintf(message, sizeof(message), "column %zu: %s", error->offset + 1, error->message);
	complain(p, p->spread.len ? error->message : message);
}

static bool is_chosen(const struct picker *p, const struct event *ev)
{
	return !p->choice->seq.known || ev->seq.value == p->choice->seq.value;
}

/* One whole record. 0 or -ENOMEM. */
static int take(struct picker *p, struct str text)
{
	struct picked_record *to = p->record;
	struct record_error error;
	int r;

	to->n_records++;
	if (p->found || (p->bad && !p->choice->seq.known) ||
	    (p->choice->line && (int64_t)p->first_line != p->choice->line))
		return 0;
	arena_reset(&to->arena);
	r = record_read(text, &to->arena, &to->event, &error);
	if (r == -EINVAL) {
		complain_of(p, &error);
		return 0;
	}
	if (r < 0)
		return r;
	if (!to->event.seq.known)
		to->event.seq = NUM((int64_t)p->first_line - 1);
	p->found = is_chosen(p, &to->event);
	if (p->found)
		to->line = p->first_line;
	return 0;
}

static int take_line(struct picker *p, struct str line)
{
	int r;

	if (p->spread.len == 0) {
		p->first_line = p->lines.number;
		if (line_is_blank(line))
			return 0;
		if (!is_alone(line, '{', false))
			return take(p, line);
	}
	if (p->spread.len + line.len > RECORD_MAX_BYTES)
		return -EFBIG;
	buf_str(&p->spread, line);
	buf_char(&p->spread, '\n');
	if (p->spread.error)
		return p->spread.error;
	if (!is_alone(line, '}', true))
		return 0;
	r = take(p, buf_get(&p->spread));
	buf_reset(&p->spread);
	return r;
}

static int read_lines(struct picker *p)
{
	struct str line;
	int r;

	while ((r = lines_next(&p->lines, &line)) != 0) {
		if (r == 1)
			r = take_line(p, line);
		if (r == -EFBIG) {
			complain(p, "the line is too long for a record");
			buf_reset(&p->spread);
			r = 0;
		}
		if (r < 0)
			return r;
	}
	return p->spread.len ? take(p, buf_get(&p->spread)) : 0;
}

static void say_not_found(const struct picker *p)
{
	const struct picked_record *r = p->record;

	if (p->choice->line)
		log_error("%s: no record begins in line %" PRId64, r->path, p->choice->line);
	else if (p->choice->seq.known)
		log_error("%s: none of the %" PRIu64 " records has the seq %" PRId64, r->path, r->n_records,
			  p->choice->seq.value);
	else
		log_error("%s: there is no record in it", r->path);
}

int record_pick(const char *path, const struct record_choice *choice, struct picked_record *ret)
{
	struct picker p = { .choice = choice, .record = ret, .spread = BUF_INIT };
	int r;

	*ret = (struct picked_record){ .path = strcmp(path, "-") == 0 ? "<stdin>" : path };
	r = lines_open(&p.lines, path, RECORD_MAX_BYTES);
	if (r < 0) {
		log_error("%s: %s", ret->path, strerror(-r));
		return EXIT_SYSTEM;
	}
	r = read_lines(&p);
	if (r < 0)
		log_error("%s: %s", ret->path, lines_error(r));
	else if (!p.found && (choice->seq.known || !p.bad))
		say_not_found(&p);
	lines_close(&p.lines);
	buf_done(&p.spread);
	if (r < 0)
		return EXIT_SYSTEM;
	return p.found && !p.bad ? EXIT_FINE : EXIT_FINDINGS;
}
