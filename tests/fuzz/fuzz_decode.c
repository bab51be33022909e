/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the records of a ring, one after the other to one decoder: two bytes of length, then the
 * record, whose own length is made right, since chance would never hit it. What the decoder accepts must hold
 * together: each text lies in the record or in the decoder's memory (a sanitizer looks at every byte), and no
 * word has a NUL.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/decode.h"
#include "bpf/wire.h"
#include "event/record.h"
#include "tests/fuzz/fuzz.h"

static unsigned int sum(struct str s)
{
	unsigned int total = 0;

	for (size_t i = 0; i < s.len; i++)
		total += (unsigned char)s.p[i];
	return total;
}

static void check_words(const struct words *w)
{
	const char *at = w->joined.p;

	CHECK(w->n == 0 || w->known);
	for (size_t i = 0; i < w->n; i++) {
		CHECK(w->item[i].p == at);
		CHECK(!memchr(w->item[i].p, '\0', w->item[i].len));
		at += w->item[i].len + 1;
	}
	CHECK(w->n == 0 || w->joined.len == (size_t)(at - 1 - w->joined.p));
	sum(w->joined);
}

static void check_path(struct str path)
{
	CHECK(!str_known(path) || (path.len > 0 && path.p[0] == '/'));
	CHECK(!str_known(path) || !memchr(path.p, '\0', path.len));
}

static void check_event(const struct event *ev, struct buf *b)
{
	CHECK(!ev->retval.known || ev->retval.value <= 0);
	CHECK(ev->retval.known != ev->returned.known);
	CHECK(!ev->duration.known || ev->duration.value >= 0);
	CHECK(!str_known(ev->filename) || !memchr(ev->filename.p, '\0', ev->filename.len));
	CHECK(ev->comm.len <= WIRE_COMM && ev->caller.comm.len <= WIRE_COMM);
	CHECK(ev->n_ancestors <= WIRE_MAX_ANCESTORS);
	check_path(ev->exe);
	check_path(ev->caller.exe);
	check_path(ev->cwd);
	check_path(ev->parent.exe);
	check_path(ev->cgroup);
	for (size_t i = 0; i < ev->n_ancestors; i++)
		check_path(ev->ancestor[i].exe);
	check_words(&ev->argv);
	check_words(&ev->given_argv);
	check_words(&ev->parent.argv);
	CHECK(ev->env.n <= WIRE_MAX_ENV_NAMES);
	for (size_t i = 0; i < ev->env.n; i++)
		for (size_t k = 0; k < i; k++)
			CHECK(!str_eq(ev->env.item[i].name, ev->env.item[k].name));

	/* Reads every text there is. */
	buf_reset(b);
	record_write(ev, b);
	CHECK(!b->error);
}

static void decode_copy(struct decoder *d, const uint8_t *data, size_t size, struct buf *b)
{
	char *copy = malloc(size ? size : 1);
	struct event ev;
	uint32_t whole = (uint32_t)size;
	int r;

	if (!copy)
		return;
	memcpy(copy, data, size);
	if (size >= sizeof(struct wire_head))
		memcpy(copy + offsetof(struct wire_head, size), &whole, sizeof(whole));
	r = decode(d, copy, size, &ev);
	CHECK(r == 0 || r == 1 || r == -EBADMSG);
	if (r == 1)
		check_event(&ev, b);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct decode_options options = {
		.host = STR("host"), .boot = STR("00112233-4455"), .epoch_offset_ns = INT64_C(1) << 60,
		.host_mnt_ns = 1, .slots = 4, .max_argv = 4096,
	};
	_cleanup_(decoder_free) struct decoder *d = NULL;
	_cleanup_(buf) struct buf b = BUF_INIT;

	if (decoder_new(&options, &d) < 0)
		return 0;
	while (size >= 2) {
		size_t n = data[0] | (size_t)data[1] << 8;

		data += 2;
		size -= 2;
		if (n > size)
			n = size;
		decode_copy(d, data, n, &b);
		data += n;
		size -= n;
	}
	return 0;
}
