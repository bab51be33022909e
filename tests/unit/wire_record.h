/* SPDX-License-Identifier: Apache-2.0 */
/* Records of execs as the BPF programs make them, built by hand, and a decoder for them. */
#ifndef TESTS_UNIT_WIRE_RECORD_H
#define TESTS_UNIT_WIRE_RECORD_H

#include <stdlib.h>
#include <string.h>

#include "bpf/decode.h"
#include "bpf/wire.h"
#include "tests/unit/test.h"

#define MAX_ARGV (64 << 10)

struct record {
	struct wire_exec head;
	char tail[2 * WIRE_CHUNK];
	size_t len;			/* of tail */
};

/* Parts are added in the order of enum wire_part. */
static inline void add(struct record *r, enum wire_part part, const void *bytes, size_t n)
{
	memcpy(r->tail + r->len, bytes, n);
	r->len += n;
	r->head.part_len[part] = (uint32_t)n;
	r->head.head.size = (uint32_t)(sizeof(r->head) + r->len);
}

#define ADD(r, part, literal) add(r, part, literal, sizeof(literal) - 1)

static inline struct record *record_new(void)
{
	struct record *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->head = (struct wire_exec){
		.head = { .size = sizeof(r->head), .kind = WIRE_KIND_EXEC, .call = 9 }, .bits = 64,
		.entry_ns = 1000, .seen_ns = 3500, .start_ns = 120000000,
		.pid = 42, .tid = 43, .ppid = 7, .pgid = 40, .sid = 39, .ns_pid = 2,
		.uid = 1000, .gid = 1001, .euid = 0, .egid = 5,
		.login_uid = WIRE_UNKNOWN, .audit_session = WIRE_UNKNOWN,
		.argc = WIRE_UNKNOWN, .argv_bytes = WIRE_UNKNOWN,
		.comm = "nc", .caller_comm = "0123456789abcdef",
	};
	return r;
}

static inline struct decoder *decoder(void)
{
	struct decode_options options = {
		.host = STR("web1"), .boot = STR("0123456789-abcdef"), .labels = { .known = true },
		.epoch_offset_ns = 5000, .host_mnt_ns = 77, .slots = 2, .max_argv = MAX_ARGV, .seed = 1,
	};
	struct decoder *d = NULL;

	assert_int_equal(decoder_new(&options, &d), 0);
	return d;
}

#endif
