/* SPDX-License-Identifier: Apache-2.0 */
/* Matches by what they have in common; see clusters.h. */
#include "cli/clusters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/heavy.h"
#include "base/text.h"

#define PLACES 4096
/* A longer value is asked for by nobody. */
#define MAX_VALUE 512
#define MAX_KEY (N_PARTS * (MAX_VALUE + 4))
/* A part is added to a proposal when so many in a hundred of its matches share its value. */
#define SHARED_PERCENT 90

const char *const part_names[N_PARTS] = {
	"exe", "filename", "caller.exe", "parent.exe", "user", "uid", "unit", "container.runtime", "ns.host",
	"argv",
};

/* Beside the places of the table. */
struct seen {
	int64_t first_ns, last_ns;
	bool timed;
	char *argv;		/* owned; NULL: it varies, or cannot be asked for */
	size_t argv_len;
};

struct cluster {
	struct parts parts;
	uint64_t count;
	const struct seen *seen;
	bool done;		/* in a proposal already */
	bool chosen;		/* in the one at hand */
};

struct clusters {
	struct heavy *keys;
	struct seen *seen;
	uint64_t n_matches;
	char key[MAX_KEY];
	struct cluster *cluster;	/* made of the table by the first proposal */
	size_t n;
};

int clusters_new(struct clusters **ret)
{
	_cleanup_(clusters_free) struct clusters *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->seen = calloc(PLACES, sizeof(*c->seen));
	c->cluster = calloc(PLACES, sizeof(*c->cluster));
	if (!c->seen || !c->cluster || heavy_new(PLACES, &c->keys) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(c);
	return 0;
}

struct clusters *clusters_free(struct clusters *c)
{
	if (c) {
		for (size_t i = 0; c->seen && i < PLACES; i++)
			free(c->seen[i].argv);
		free(c->seen);
		free(c->cluster);
		heavy_free(c->keys);
	}
	free(c);
	return NULL;
}

/* What a rule file can hold, else the unknown string: YAML is text and knows no NUL. */
static struct str askable(struct str s)
{
	bool is = str_known(s) && s.len <= MAX_VALUE && utf8_valid(s) && !memchr(s.p, '\0', s.len);

	return is ? s : (struct str){ NULL, 0 };
}

/* A scope is named anew each time (session-12.scope). */
static struct str unit_of(const struct event *ev)
{
	return str_has_suffix(ev->unit, STR_LIT(".scope")) ? (struct str){ NULL, 0 } : askable(ev->unit);
}

/* @uid has 24 bytes. */
static void parts_of(const struct event *ev, char *uid, struct parts *ret)
{
	*ret = (struct parts){ .value = { [PART_EXE] = askable(ev->exe) } };
	if (!str_known(ev->exe)) {
		ret->value[PART_FILENAME] = askable(ev->filename);
		ret->value[PART_CALLER_EXE] = askable(ev->caller.exe);
	}
	ret->value[PART_PARENT_EXE] = askable(ev->parent.exe);
	ret->value[PART_USER] = askable(ev->user);
	if (!str_known(ret->value[PART_USER]) && ev->uid.known) {
		snprintf(uid, 24, "%" PRId64, ev->uid.value);
		ret->value[PART_UID] = str_of(uid);
	}
	ret->value[PART_UNIT] = unit_of(ev);
	ret->value[PART_RUNTIME] = askable(ev->container_runtime);
	if (ev->ns_host.known)
		ret->value[PART_NS_HOST] = str_of(ev->ns_host.value ? "true" : "false");
}

/* Each value behind its length; of an unknown one -1. */
static struct str key_of(struct clusters *c, const struct parts *parts)
{
	struct buf b;

	buf_init_fixed(&b, c->key, sizeof(c->key));
	for (size_t i = 0; i < N_PARTS; i++) {
		struct str value = parts->value[i];
		int32_t len = str_known(value) ? (int32_t)value.len : -1;

		buf_add(&b, &len, sizeof(len));
		buf_str(&b, value);
	}
	return buf_get(&b);
}

static void read_key(struct str key, struct parts *ret)
{
	for (size_t i = 0; i < N_PARTS; i++) {
		int32_t len;

		memcpy(&len, key.p, sizeof(len));
		key = str_skip(key, sizeof(len));
		ret->value[i] = (struct str){ len < 0 ? NULL : key.p, len < 0 ? 0 : (size_t)len };
		key = str_skip(key, ret->value[i].len);
	}
}

/* Of a cut argv equality can never be known. */
static struct str argv_of(const struct event *ev)
{
	if (!ev->argv.known || event_argv_state(ev) != ARGV_COMPLETE)
		return (struct str){ NULL, 0 };
	return askable(ev->argv.joined);
}

static int begin_argv(struct seen *seen, struct str argv)
{
	free(seen->argv);
	*seen = (struct seen){ .argv = NULL };
	if (!str_known(argv))
		return 0;
	seen->argv = malloc(argv.len + 1);
	if (!seen->argv)
		return -ENOMEM;
	memcpy(seen->argv, argv.p, argv.len);
	seen->argv_len = argv.len;
	return 0;
}

static struct str seen_argv(const struct seen *seen)
{
	return (struct str){ seen->argv, seen->argv_len };
}

static void add_time(struct seen *seen, int64_t ns)
{
	if (!seen->timed || ns < seen->first_ns)
		seen->first_ns = ns;
	if (!seen->timed || ns > seen->last_ns)
		seen->last_ns = ns;
	seen->timed = true;
}

int clusters_add(struct clusters *c, const struct event *ev)
{
	struct parts parts;
	struct seen *seen;
	char uid[24];
	size_t place;
	bool is_new;
	int r;

	parts_of(ev, uid, &parts);
	r = heavy_add(c->keys, key_of(c, &parts), &place, &is_new);
	if (r < 0)
		return r;
	seen = &c->seen[place];
	if (is_new) {
		r = begin_argv(seen, argv_of(ev));
	} else if (seen->argv && !str_eq(seen_argv(seen), argv_of(ev))) {
		free(seen->argv);
		seen->argv = NULL;
	}
	if (ev->time.known)
		add_time(seen, ev->time.value);
	c->n_matches++;
	return r;
}

uint64_t clusters_matches(const struct clusters *c)
{
	return c->n_matches;
}

static void make_clusters(struct clusters *c)
{
	for (; c->n < heavy_count(c->keys); c->n++) {
		struct heavy_item item = heavy_get(c->keys, c->n);
		struct cluster *cluster = &c->cluster[c->n];

		read_key(item.text, &cluster->parts);
		cluster->seen = &c->seen[c->n];
		if (cluster->seen->argv)
			cluster->parts.value[PART_ARGV] = seen_argv(cluster->seen);
		cluster->count = item.count - item.error;
	}
}

/* The known value of @part that most matches of the chosen clusters have; unknown: there is none. */
static struct str most_common(const struct clusters *c, enum part part, uint64_t *ret_matches)
{
	struct str best = { NULL, 0 };
	uint64_t most = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct str value = c->cluster[i].parts.value[part];
		uint64_t n = 0;

		if (!c->cluster[i].chosen || !str_known(value) || str_eq(value, best))
			continue;
		for (size_t k = i; k < c->n; k++)
			if (c->cluster[k].chosen && str_eq(c->cluster[k].parts.value[part], value))
				n += c->cluster[k].count;
		if (n > most) {
			most = n;
			best = value;
		}
	}
	*ret_matches = most;
	return best;
}

/* Narrows what is chosen to those with that value. */
static void narrow(struct clusters *c, struct proposal *p, enum part part, struct str value, uint64_t matches)
{
	for (size_t i = 0; i < c->n; i++)
		if (!str_eq(c->cluster[i].parts.value[part], value))
			c->cluster[i].chosen = false;
	p->parts.value[part] = value;
	p->matches = matches;
}

/* Does it say who runs the program, which the caller cannot choose as it likes? */
static bool says_who(const struct proposal *p)
{
	const struct str *v = p->parts.value;

	return str_known(v[PART_CALLER_EXE]) || str_known(v[PART_PARENT_EXE]) || str_known(v[PART_USER]) ||
	       str_known(v[PART_UID]) || str_known(v[PART_UNIT]) || str_known(v[PART_RUNTIME]);
}

/* The program that makes most matches; PART_EXE or PART_FILENAME. */
static enum part choose_program(struct clusters *c, struct proposal *p)
{
	uint64_t by_exe, by_filename;
	struct str exe = most_common(c, PART_EXE, &by_exe);
	struct str filename = most_common(c, PART_FILENAME, &by_filename);

	if (by_exe >= by_filename)
		narrow(c, p, PART_EXE, exe, by_exe);
	else
		narrow(c, p, PART_FILENAME, filename, by_filename);
	return by_exe >= by_filename ? PART_EXE : PART_FILENAME;
}

/* Where nothing is shared by nearly all, what most have: a program alone is too wide. */
static void choose_who(struct clusters *c, struct proposal *p)
{
	enum part best = N_PARTS;
	uint64_t most = 0, n;
	struct str value, best_value = { NULL, 0 };

	for (enum part part = PART_CALLER_EXE; part < PART_NS_HOST; part++) {
		value = most_common(c, part, &n);
		if (str_known(value) && n > most) {
			most = n;
			best = part;
			best_value = value;
		}
	}
	if (best < N_PARTS)
		narrow(c, p, best, best_value, most);
}

static void finish(struct clusters *c, struct proposal *p)
{
	for (size_t i = 0; i < c->n; i++) {
		struct cluster *cluster = &c->cluster[i];
		const struct seen *seen = cluster->seen;

		if (!cluster->chosen)
			continue;
		cluster->done = true;
		if (seen->timed && (!p->timed || seen->first_ns < p->first_ns))
			p->first_ns = seen->first_ns;
		if (seen->timed && (!p->timed || seen->last_ns > p->last_ns))
			p->last_ns = seen->last_ns;
		p->timed |= seen->timed;
	}
	p->at_least = heavy_evictions(c->keys) > 0;
}

/* An event with the parts of the proposal and nothing else. */
static void make_sample(struct proposal *p)
{
	const struct str *v = p->parts.value;
	struct event *ev = &p->sample;
	char uid[24];

	event_clear(ev);
	ev->exe = v[PART_EXE];
	ev->filename = v[PART_FILENAME];
	ev->caller.exe = v[PART_CALLER_EXE];
	ev->parent.exe = v[PART_PARENT_EXE];
	ev->user = v[PART_USER];
	if (str_known(v[PART_UID])) {
		snprintf(uid, sizeof(uid), "%.*s", STR_ARG(v[PART_UID]));
		ev->uid = NUM(strtoll(uid, NULL, 10));
	}
	ev->unit = v[PART_UNIT];
	ev->container_runtime = v[PART_RUNTIME];
	if (str_known(v[PART_NS_HOST]))
		ev->ns_host = NUM(str_eq(v[PART_NS_HOST], STR_LIT("true")));
	p->sample_argv = v[PART_ARGV];
	if (str_known(p->sample_argv))
		ev->argv = (struct words){ &p->sample_argv, 1, p->sample_argv, true };
}

/* Adds what nearly all of the chosen share. */
static void narrow_to_shared(struct clusters *c, struct proposal *p)
{
	for (enum part part = PART_CALLER_EXE; part < N_PARTS; part++) {
		struct str value;
		uint64_t n;

		if (str_known(p->parts.value[part]))
			continue;
		value = most_common(c, part, &n);
		if (str_known(value) && n * 100 >= p->matches * SHARED_PERCENT)
			narrow(c, p, part, value, n);
	}
}

/* What cannot be proposed is not looked at again. */
static void leave_out(struct clusters *c, enum part part, struct str program)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->cluster[i].parts.value[part], program))
			c->cluster[i].done = true;
}

bool clusters_propose(struct clusters *c, uint64_t min_matches, struct proposal *ret)
{
	make_clusters(c);
	for (;;) {
		enum part program;

		for (size_t i = 0; i < c->n; i++)
			c->cluster[i].chosen = !c->cluster[i].done;
		*ret = (struct proposal){ .matches = 0 };
		program = choose_program(c, ret);
		if (ret->matches == 0 || ret->matches < min_matches)
			return false;
		narrow_to_shared(c, ret);
		if (!says_who(ret)) {
			choose_who(c, ret);
			narrow_to_shared(c, ret);
		}
		if (ret->matches >= min_matches && (program == PART_EXE || says_who(ret)))
			break;
		leave_out(c, program, ret->parts.value[program]);
	}
	finish(c, ret);
	make_sample(ret);
	return true;
}
