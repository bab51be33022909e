/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates from anywhere over hostile values. The input up to the first NUL is the template, the rest the
 * values. However a template is written, a value brings no control byte into its output, and a smaller buffer
 * holds a beginning of what a larger one does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/template.h"
#include "tests/fuzz/fuzz.h"

static size_t count_controls(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f;
	return n;
}

static void fill(struct event *ev, struct str value, struct str *word, struct pair *pair)
{
	word[0] = (struct str){ value.p, value.len / 2 };
	word[1] = str_skip(value, value.len / 2);
	*pair = (struct pair){ STR("A"), value };
	event_clear(ev);
	ev->comm = ev->exe = ev->filename = value;
	ev->argv = (struct words){ word, 2, value, true };
	ev->env = (struct pairs){ pair, 1, true };
	ev->pid = ev->duration = ev->time = NUM((int64_t)value.len << 48);
	ev->n_ancestors = 2;
	ev->ancestor[0].comm = word[0];
	ev->ancestor[1].comm = word[1];
}

static void check_render(const struct template *t, struct str text, const struct event *ev,
			 const struct template_vars *vars, size_t room)
{
	struct buf whole = BUF_INIT, part;
	char memory[256];

	template_render(t, ev, vars, &whole);
	CHECK(whole.error == 0);
	CHECK(count_controls(buf_get(&whole)) <= count_controls(text));
	if (!str_contains(text, STR_LIT("{{")))
		CHECK(str_eq(buf_get(&whole), (struct str){ text.p ? text.p : "", text.len }));

	buf_init_fixed(&part, memory, room);
	template_render(t, ev, vars, &part);
	CHECK(str_has_prefix(buf_get(&whole), buf_get(&part)));
	CHECK(part.error ? part.error == -ENOBUFS : part.len == whole.len);
	buf_done(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *nul = size ? memchr(data, 0, size) : NULL;
	struct str text = { (const char *)data, nul ? (size_t)(nul - (const char *)data) : size };
	struct str value = nul ? str_skip((struct str){ (const char *)data, size }, text.len + 1) : text;
	const struct template_var items[] = { { "title", value }, { "count", { NULL, 0 } } };
	const struct template_vars vars = { items, 2 };
	struct arena a = ARENA_INIT;
	struct template_error error;
	const struct template *t;
	static struct event ev;
	struct str word[2];
	struct pair pair;
	int e;

	if (!data)
		return 0;
	e = template_parse(text, &vars, &a, &error, &t);
	if (e) {
		CHECK(e == -EINVAL);
		CHECK(error.message[0] && error.length >= 1 && error.offset <= text.len);
		CHECK(error.offset + error.length <= text.len + 1);
		CHECK(count_controls(str_of(error.message)) + count_controls(str_of(error.help)) == 0);
	} else {
		fill(&ev, value, word, &pair);
		check_render(t, text, &ev, &vars, value.len % 256);
		event_clear(&ev);
		check_render(t, text, &ev, &vars, text.len % 256);
	}
	arena_done(&a);
	return 0;
}
