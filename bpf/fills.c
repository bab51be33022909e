/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which fields a capture fills. Only those stand here that some backend, kernel or host cannot; a test
 * holds the table against what events really have.
 */
#include "bpf/fills.h"

#include <stdint.h>
#include <string.h>

#define B(backend) (1u << BACKEND_##backend)
#define KPROBES (B(KPROBE) | B(KPROBE_FEXIT))
#define CALLS (KPROBES | B(RAW_TP) | B(TRACEPOINT))

static const char *const no_calls = "the backend sees no calls, only the new images of those that succeed";
static const char *const no_failures = "the backend sees successes only";

static const struct {
	const char *field;
	uint32_t backends;		/* that fill it */
	uint32_t same;			/* that fill it with one value, if at all; */
	enum fill how;			/* ... MAY_SAME or ALWAYS_SAME, */
	struct value only;		/* ... and which that is */
	size_t needs;			/* a bool of struct fill_facts; 0: none */
	const char *why;		/* the others do not, or the fact is not so */
} rows[] = {
	{ "seq", 0, 0, 0, { { 0 }, 0 }, 0, "recordings number their records, a live exec has no number" },
	{ "duration", CALLS, 0, 0, { { 0 }, 0 }, 0, no_calls },
	{ "syscall", CALLS, B(EXEC_ONLY), FILL_MAY_SAME, { STR("kernel"), 0 }, 0, NULL },
	{ "abi", CALLS, 0, 0, { { 0 }, 0 }, 0, no_calls },
	{ "caller.comm", CALLS, 0, 0, { { 0 }, 0 }, 0, no_calls },
	{ "caller.exe", CALLS, 0, 0, { { 0 }, 0 }, 0, no_calls },
	{ "retval", CALLS, B(EXEC_ONLY), FILL_ALWAYS_SAME, { { 0 }, 0 }, 0, NULL },
	{ "errno", CALLS, 0, 0, { { 0 }, 0 }, 0, no_failures },
	{ "returned", 0, CALLS, FILL_MAY_SAME, { { 0 }, 0 }, 0, no_calls },
	{ "stage", KPROBES, B(RAW_TP) | B(TRACEPOINT), FILL_MAY_SAME, { STR("commit"), 0 }, 0, no_failures },
	{ "given_argv", CALLS, 0, 0, { { 0 }, 0 }, offsetof(struct fill_facts, see_given),
	  "it takes kprobes, or a kernel from 6.10 on" },
	{ "login_uid", UINT32_MAX, 0, 0, { { 0 }, 0 }, offsetof(struct fill_facts, has_audit),
	  "the kernel is built without CONFIG_AUDIT" },
	{ "login", UINT32_MAX, 0, 0, { { 0 }, 0 }, offsetof(struct fill_facts, has_audit),
	  "the kernel is built without CONFIG_AUDIT" },
	{ "audit_session", UINT32_MAX, 0, 0, { { 0 }, 0 }, offsetof(struct fill_facts, has_audit),
	  "the kernel is built without CONFIG_AUDIT" },
	{ "ns.host", UINT32_MAX, 0, 0, { { 0 }, 0 }, offsetof(struct fill_facts, knows_host),
	  "/proc/1/ns/mnt cannot be read" },
};

enum fill fills(const struct fill_facts *facts, const char *field_name, struct value *ret_only,
		const char **ret_why)
{
	uint32_t backend = 1u << facts->backend;
	size_t i = 0;

	while (i < ARRAY_SIZE(rows) && strcmp(rows[i].field, field_name) != 0)
		i++;
	if (i == ARRAY_SIZE(rows))
		return FILL_MAY;
	if (rows[i].same & backend) {
		*ret_only = rows[i].only;
		return rows[i].how;
	}
	if ((rows[i].backends & backend) &&
	    (!rows[i].needs || *(const bool *)((const char *)facts + rows[i].needs)))
		return FILL_MAY;
	*ret_why = rows[i].backends == CALLS && !(CALLS & backend) ? no_calls : rows[i].why;
	return FILL_NEVER;
}
