/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts as key=value. The keys are the fields' names in rules, so that what is read in a log can be searched
 * for in rules and recordings. Values come from whoever was executed: each is bounded and escaped here.
 */
#include "alerts/facts.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/timefmt.h"

/* What a value may take: names are short, paths may be PATH_MAX but rarely are. */
#define MAX_NAME 128
#define MAX_PATH 512
/* "…(+18446744073709551615 bytes)" and the closing quote. */
#define MAX_CUT_MARK 34

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* Length of the longest prefix that stands for itself, at most @max. */
static size_t plain_length(struct str s, size_t max, bool quoted)
{
	size_t n = 0;

	while (n < s.len && n < max && is_printable(s.p[n]) && !(quoted && (s.p[n] == '"' || s.p[n] == '\\')))
		n++;
	return n;
}

/* The first character of @s, or its first byte where that begins none, escaped. Returns its length in @s. */
static size_t escape_one(struct str s, bool quoted, struct buf *b)
{
	size_t n = utf8_length(s);

	if (n == 0)
		n = 1;
	if (quoted && (s.p[0] == '"' || s.p[0] == '\\'))
		buf_char(b, '\\');
	escape_controls((struct str){ s.p, n }, b);
	return n;
}

void text_cut(struct str s, size_t max, bool quoted, struct buf *b)
{
	size_t n;

	while (s.len > 0) {
		char one[16];
		struct buf piece;

		n = plain_length(s, max, quoted);
		buf_add(b, s.p, n);
		s = str_skip(s, n);
		max -= n;
		if (s.len == 0 || max == 0)
			break;
		buf_init_fixed(&piece, one, sizeof(one));
		n = escape_one(s, quoted, &piece);
		if (piece.len > max)
			break;
		buf_str(b, buf_get(&piece));
		s = str_skip(s, n);
		max -= piece.len;
	}
	if (s.len > 0)
		buf_printf(b, "…(+%zu bytes)", s.len);
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_printable(s.p[i]) || strchr(" \"\\'=", s.p[i]))
			return false;
	return s.len > 0;
}

void fact_str(const char *name, struct str value, size_t max, struct buf *b)
{
	bool quoted = value.len > max || !is_plain(value);

	if (!str_known(value))
		return;
	buf_char(b, ' ');
	buf_text(b, name);
	buf_text(b, quoted ? "=\"" : "=");
	text_cut(value, max, quoted, b);
	if (quoted)
		buf_char(b, '"');
}

static void fact_num(const char *name, struct num value, struct buf *b)
{
	if (!value.known)
		return;
	buf_char(b, ' ');
	buf_text(b, name);
	buf_char(b, '=');
	buf_int(b, value.value);
}

static void fact_duration(const char *name, struct num value, struct buf *b)
{
	char text[64];
	struct buf t;

	if (!value.known)
		return;
	buf_init_fixed(&t, text, sizeof(text));
	duration_write(value.value, &t);
	fact_str(name, buf_get(&t), sizeof(text), b);
}

/* "nginx[812]" */
static void fact_process(const char *name, const struct process *p, struct buf *b)
{
	char text[MAX_NAME + 32];
	struct buf t;

	if (!str_known(p->comm) && !p->pid.known)
		return;
	buf_init_fixed(&t, text, sizeof(text));
	buf_str(&t, (struct str){ p->comm.p, p->comm.len < MAX_NAME ? p->comm.len : MAX_NAME });
	if (p->pid.known)
		buf_printf(&t, "[%lld]", (long long)p->pid.value);
	fact_str(name, buf_get(&t), sizeof(text), b);
}

static void facts_outcome(const struct event *ev, struct buf *b)
{
	if (event_return_missed(ev))
		buf_text(b, " returned=false");
	fact_str("errno", ev->err, MAX_NAME, b);
	fact_str("stage", ev->stage, MAX_NAME, b);
	fact_duration("duration", ev->duration, b);
}

static void facts_of_self(const struct alert *a, struct buf *b)
{
	for (size_t i = 0; i < a->n_detail; i++)
		if (str_known(a->detail[i].text))
			fact_str(a->detail[i].name, a->detail[i].text, MAX_PATH, b);
		else
			fact_num(a->detail[i].name, NUM(a->detail[i].number), b);
}

/* How many, in how long, of which key; and what a summary stands for. */
static void facts_of_window(const struct alert *a, struct buf *b)
{
	char name[MAX_NAME];
	struct buf n;

	if (a->kind != ALERT_THRESHOLD && a->kind != ALERT_SUMMARY)
		return;
	if (a->kind == ALERT_THRESHOLD)
		fact_num("count", NUM((int64_t)a->count), b);
	else
		fact_num("suppressed", NUM((int64_t)a->suppressed), b);
	buf_text(b, " window_s=");
	seconds_write(a->window_ns, b);
	for (size_t i = 0; i < a->n_key; i++) {
		buf_init_fixed(&n, name, sizeof(name) - 1);
		buf_text(&n, "key.");
		buf_str(&n, a->key[i].name);
		name[n.len] = '\0';
		fact_str(name, a->key[i].value, MAX_PATH, b);
	}
}

/* attack.t1059,attack.execution */
static void fact_tags(const struct rule *rule, struct buf *b)
{
	char text[MAX_NAME];
	struct buf t;

	buf_init_fixed(&t, text, sizeof(text));
	for (size_t i = 0; i < rule->tags.n; i++) {
		if (i > 0)
			buf_char(&t, ',');
		buf_str(&t, rule->tags.item[i]);
	}
	if (t.len > 0)
		fact_str("tags", buf_get(&t), sizeof(text), b);
}

/* As container tools show it. */
static struct str short_id(struct str id)
{
	return (struct str){ id.p, id.len < 12 ? id.len : 12 };
}

void facts_short(const struct alert *a, struct buf *b)
{
	const struct event *ev = a->event;

	facts_of_window(a, b);
	if (ev) {
		fact_num("pid", ev->pid, b);
		if (str_known(ev->user))
			fact_str("user", ev->user, MAX_NAME, b);
		else
			fact_num("uid", ev->uid, b);
		fact_process("parent", &ev->parent, b);
		fact_str("unit", ev->unit, MAX_NAME, b);
		fact_str("container.id", short_id(ev->container_id), MAX_NAME, b);
		if (event_failed(ev) && !str_known(ev->err))
			fact_num("retval", ev->retval, b);
		facts_outcome(ev, b);
	}
	if (a->undecided)
		buf_text(b, " undecided=true");
	facts_of_self(a, b);
}

void facts_all(const struct alert *a, size_t max, struct buf *b)
{
	const struct event *ev = a->event;
	size_t begin = b->len, used;

	fact_str("id", str_of(a->id), MAX_NAME, b);
	fact_str("kind", str_of(alert_kind_names[a->kind]), MAX_NAME, b);
	fact_num("seq", NUM((int64_t)a->seq), b);
	fact_str("fingerprint", str_of(a->fingerprint), MAX_NAME, b);
	fact_str("source", a->rule->source, MAX_PATH, b);
	fact_tags(a->rule, b);
	facts_of_window(a, b);
	fact_str("first_id", a->first_id, MAX_NAME, b);
	if (a->undecided)
		buf_text(b, " undecided=true");
	facts_of_self(a, b);
	if (!ev)
		return;

	fact_num("pid", ev->pid, b);
	fact_num("ppid", ev->ppid, b);
	fact_num("uid", ev->uid, b);
	fact_num("gid", ev->gid, b);
	fact_num("euid", ev->euid, b);
	fact_str("user", ev->user, MAX_NAME, b);
	fact_str("login", ev->login, MAX_NAME, b);
	fact_str("tty", ev->tty, MAX_NAME, b);
	fact_process("parent", &ev->parent, b);
	fact_process("caller", &ev->caller, b);
	fact_str("comm", ev->comm, MAX_NAME, b);
	fact_str("exe", ev->exe, MAX_PATH, b);
	fact_str("filename", ev->filename, MAX_PATH, b);
	fact_str("cwd", ev->cwd, MAX_PATH, b);
	fact_str("unit", ev->unit, MAX_NAME, b);
	fact_str("container.id", ev->container_id, MAX_NAME, b);
	fact_num("retval", ev->retval, b);
	facts_outcome(ev, b);

	used = b->len - begin + strlen(" argv=\"") + MAX_CUT_MARK;
	if (ev->argv.known)
		fact_str("argv", ev->argv.joined, used < max ? max - used : 0, b);
}
