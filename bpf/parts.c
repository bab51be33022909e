/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head, the lengths of the parts, which must add up to the record exactly, and the NULs that end what
 * is text; see parts.h.
 */
#include "bpf/parts.h"

#include <stdint.h>
#include <string.h>

static const struct {
	uint32_t max;
	uint32_t flag;			/* without it the part must be empty; 0: none */
} part_rules[WIRE_PARTS] = {
	[WIRE_ANCESTORS] = { WIRE_MAX_ANCESTORS * sizeof(struct wire_ancestor), 0 },
	[WIRE_FILENAME] = { WIRE_MAX_FILENAME, 0 },
	[WIRE_EXE] = { WIRE_MAX_PATH + WIRE_MAX_NAME, WIRE_EXE_KNOWN },
	[WIRE_CWD] = { WIRE_MAX_PATH + WIRE_MAX_NAME, WIRE_CWD_KNOWN },
	[WIRE_PARENT_EXE] = { WIRE_MAX_PATH + WIRE_MAX_NAME, WIRE_PARENT_EXE_KNOWN },
	[WIRE_CGROUP] = { WIRE_MAX_PATH + WIRE_MAX_NAME, WIRE_CGROUP_KNOWN },
	[WIRE_ENV] = { WIRE_MAX_ENV, WIRE_ENV_KNOWN },
	[WIRE_ARGV] = { WIRE_INLINE_ARGV, WIRE_ARGV_KNOWN },
};

static bool ends_with_nul(struct str s)
{
	return s.len == 0 || s.p[s.len - 1] == '\0';
}

bool parts_is_text(struct str s)
{
	return s.len == 0 || memchr(s.p, '\0', s.len) == s.p + s.len - 1;
}

static bool split(const char *record, size_t size, struct parts *ret)
{
	const struct wire_exec *h = &ret->head;
	size_t at = sizeof(*h);

	if (size < sizeof(*h))
		return false;
	memcpy(&ret->head, record, sizeof(*h));
	if (h->head.size != size)
		return false;
	for (size_t i = 0; i < WIRE_PARTS; i++) {
		uint32_t len = h->part_len[i], flag = part_rules[i].flag;

		if (len > size - at || len > part_rules[i].max || (len > 0 && flag && !(h->flags & flag)))
			return false;
		ret->part[i] = (struct str){ record + at, len };
		at += len;
	}
	ret->argv = (struct str){ NULL, 0 };
	ret->comm = record + offsetof(struct wire_exec, comm);
	ret->caller_comm = record + offsetof(struct wire_exec, caller_comm);
	return at == size;
}

static bool is_sound(const struct parts *p)
{
	const struct wire_exec *h = &p->head;
	bool entered = h->flags & WIRE_ENTERED, returned = h->flags & WIRE_RETURNED;

	if (entered && (h->syscall > WIRE_EXECVEAT || (h->bits != 64 && h->bits != 32) ||
			h->entry_ns > h->seen_ns))
		return false;
	return (entered || !returned) && returned == !(h->flags & WIRE_EXECUTED) && h->retval <= 0 &&
	       (h->retval == 0) == !returned && h->seen_ns <= INT64_MAX &&
	       p->part[WIRE_ANCESTORS].len % sizeof(struct wire_ancestor) == 0 &&
	       parts_is_text(p->part[WIRE_FILENAME]) && ends_with_nul(p->part[WIRE_EXE]) &&
	       ends_with_nul(p->part[WIRE_CWD]) && ends_with_nul(p->part[WIRE_PARENT_EXE]) &&
	       ends_with_nul(p->part[WIRE_CGROUP]) && ends_with_nul(p->part[WIRE_ENV]);
}

bool parts_take(const char *record, size_t size, struct parts *ret)
{
	return split(record, size, ret) && is_sound(ret);
}
