/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from the members of an event, whoever made it; see event.h. The sources set what they saw, and
 * this file draws the conclusions once, so that a live exec and a recorded one answer a rule alike.
 */
#include "event/event.h"

#include <string.h>

#include "base/errnos.h"

/* The ancestors are nine tenths of an event, and behind n_ancestors nobody looks. */
void event_clear(struct event *ev)
{
	memset(ev, 0, offsetof(struct event, ancestor));
	memset(&ev->n_ancestors, 0, sizeof(*ev) - offsetof(struct event, n_ancestors));
}

struct process *event_add_ancestor(struct event *ev)
{
	struct process *p;

	if (ev->n_ancestors == EVENT_MAX_ANCESTORS)
		return NULL;
	p = &ev->ancestor[ev->n_ancestors++];
	*p = (struct process){ .id = { NULL, 0 } };
	return p;
}

bool event_failed(const struct event *ev)
{
	return ev->retval.known && ev->retval.value != 0;
}

bool event_return_missed(const struct event *ev)
{
	return ev->returned.known && !ev->returned.value;
}

enum argv_state event_argv_state(const struct event *ev)
{
	if (str_eq(ev->argv_state, STR_LIT("cut")))
		return ARGV_CUT;
	if (str_eq(ev->argv_state, STR_LIT("partial")))
		return ARGV_PARTIAL;
	return ARGV_COMPLETE;
}

static void complete_outcome(struct event *ev)
{
	int64_t number = ev->retval.value;

	if (event_return_missed(ev))
		return;
	/* Errnos end at 4095 (the kernel's MAX_ERRNO); below -4095 there is no name to look for. */
	if (ev->retval.known && !str_known(ev->err) && number < 0 && number >= -4095)
		ev->err = errno_name((int)-number);
	if (!ev->retval.known && str_known(ev->err) && errno_number(ev->err))
		ev->retval = NUM(-errno_number(ev->err));
}

/* The text holds one separator between two words where memory holds a NUL behind each: one byte more. */
static void complete_argv(struct event *ev)
{
	const struct words *argv = &ev->argv;

	if (!argv->known || event_argv_state(ev) != ARGV_COMPLETE)
		return;
	if (!ev->argc.known)
		ev->argc = NUM((int64_t)argv->n);
	if (!ev->argv_bytes.known)
		ev->argv_bytes = NUM(argv->n ? (int64_t)argv->joined.len + 1 : 0);
}

static void complete_process(struct process *to, const struct process *from)
{
	if (!str_known(to->id))
		to->id = from->id;
	if (!str_known(to->comm))
		to->comm = from->comm;
	if (!str_known(to->exe))
		to->exe = from->exe;
	if (!to->pid.known)
		to->pid = from->pid;
}

/* Two ids that differ are two processes, whatever the source meant; mixing them would make up a third. */
static bool may_be_same(const struct process *a, const struct process *b)
{
	if (str_known(a->id) && str_known(b->id) && !str_eq(a->id, b->id))
		return false;
	return !a->pid.known || !b->pid.known || a->pid.value == b->pid.value;
}

static void complete_parent(struct event *ev)
{
	struct process *parent = &ev->parent, *nearest = &ev->ancestor[0];

	if (ev->n_ancestors == 0) {
		if (!str_known(parent->id) && !str_known(parent->comm) && !str_known(parent->exe) &&
		    !parent->pid.known)
			return;
		event_add_ancestor(ev);
	}
	if (!may_be_same(parent, nearest))
		return;
	complete_process(parent, nearest);
	complete_process(nearest, parent);
}

void event_complete(struct event *ev)
{
	complete_outcome(ev);
	complete_argv(ev);
	complete_parent(ev);
}
