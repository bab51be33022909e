/* SPDX-License-Identifier: Apache-2.0 */
/* Kept events; see keep.h. */
#include "engine/keep.h"

#include "event/record.h"

/* What is kept of argv, and how many ancestors, where not everything is. */
#define ARGV_BYTES 256
#define ANCESTORS 4

/* Whole words while they fit; of a first word that does not, its beginning, in @cut_word. */
static void cut_words(struct words *w, struct str *cut_word)
{
	size_t n = 0, bytes = 0;

	while (n < w->n && bytes + w->item[n].len + 1 <= ARGV_BYTES)
		bytes += w->item[n++].len + 1;
	if (n == 0) {
		*cut_word = (struct str){ w->item[0].p, ARGV_BYTES };
		*w = (struct words){ cut_word, 1, *cut_word, true };
		return;
	}
	*w = (struct words){ w->item, n, { w->joined.p, bytes - 1 }, true };
}

static bool try(const struct event *ev, struct buf *b)
{
	buf_reset(b);
	record_write(ev, b);
	return !b->error;
}

/* Without the words and the environment. */
static bool try_shorter(const struct event *ev, struct buf *b)
{
	const struct words no_words = { .known = false };
	struct event less = *ev;
	struct str cut_word;

	if (less.argv.known && less.argv.joined.len > ARGV_BYTES) {
		cut_words(&less.argv, &cut_word);
		less.argv_state = STR_LIT("cut");
	}
	less.given_argv = no_words;
	less.parent.argv = no_words;
	less.ancestor[0].argv = no_words;
	if (less.n_ancestors > ANCESTORS)
		less.n_ancestors = ANCESTORS;
	less.env = (struct pairs){ .known = false };
	return try(&less, b);
}

/* Only what has a bound of its own. */
static bool try_least(const struct event *ev, struct buf *b)
{
	struct event least;

	event_clear(&least);
	least.seq = ev->seq;
	least.time = ev->time;
	least.mono_ns = ev->mono_ns;
	least.duration = ev->duration;
	least.host = ev->host;
	least.argc = ev->argc;
	least.argv_bytes = ev->argv_bytes;
	least.comm = ev->comm;
	least.id = ev->id;
	least.pid = ev->pid;
	least.ppid = ev->ppid;
	least.uid = ev->uid;
	least.gid = ev->gid;
	least.euid = ev->euid;
	least.egid = ev->egid;
	least.user = ev->user;
	least.retval = ev->retval;
	least.returned = ev->returned;
	least.err = ev->err;
	least.stage = ev->stage;
	least.parent.pid = ev->parent.pid;
	least.parent.comm = ev->parent.comm;
	return try(&least, b);
}

void event_keep(const struct event *ev, struct buf *b)
{
	if (!try(ev, b) && !try_shorter(ev, b) && !try_least(ev, b))
		buf_reset(b);
}

void event_kept(struct str text, struct arena *a, struct event *ret)
{
	struct record_error error;

	arena_reset(a);
	if (!str_known(text) || record_read(text, a, ret, &error) < 0)
		event_clear(ret);
}
