/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A script of matches for a threshold and a throttle with little room: nothing may crash, no alert may be
 * missing that there would have been with room for all, and every alert that a throttle took is raised or is
 * in exactly one summary.
 */
#include <stdint.h>
#include <string.h>

#include "base/diag.h"
#include "engine/window.h"
#include "parser/load.h"
#include "tests/fuzz/fuzz.h"

#define N_HOSTS 2
#define N_KEYS 16
#define MAX_STEPS 2000
#define MAX_COUNT 64
#define COUNT 5
#define WITHIN 100

static const char rules[] =
	"version: 1\nrules:\n"
	"  - { id: a, match: {}, threshold: { count: 5, within: 100ns, by: comm } }\n"
	"  - { id: b, match: {}, threshold: { count: 5, within: 100ns, by: comm, distinct: user } }\n"
	"  - { id: c, match: {}, throttle: { every: 100ns, by: comm } }\n";

enum { TIMES, VALUES, QUIET };

/* All matches of each key that count. */
struct model {
	struct {
		int64_t ns;
		unsigned int value;
	} match[2][N_HOSTS][N_KEYS][MAX_COUNT];
	size_t n[2][N_HOSTS][N_KEYS];
	int64_t due[2][N_HOSTS][N_KEYS];	/* alerts that there should be, less those that there were */
	uint64_t taken, raised, summed;
};

static void on_owed(void *ctx, struct owed *o)
{
	struct model *m = ctx;

	CHECK(o->suppressed > 0 && o->time_ns >= o->since_ns);
	m->summed += o->suppressed;
}

static void count(struct model *m, struct windows *w, unsigned int rule, unsigned int host, int64_t now,
		  unsigned int key, unsigned int value, const struct event *ev, uint16_t number)
{
	size_t *n = &m->n[rule][host][key], kept = 0;
	uint32_t held;

	m->due[rule][host][key] -= threshold_take(w, rule, ev->host, number, ev, &held);
	for (size_t i = 0; i < *n; i++) {
		bool same = rule == VALUES && m->match[rule][host][key][i].value == value;

		if (now - m->match[rule][host][key][i].ns <= WITHIN && !same)
			m->match[rule][host][key][kept++] = m->match[rule][host][key][i];
	}
	m->match[rule][host][key][kept].ns = now;
	m->match[rule][host][key][kept++].value = value;
	*n = kept >= COUNT ? 0 : kept;
	m->due[rule][host][key] += *n == 0;
	CHECK(m->due[rule][host][key] <= 0);
}

/* Three bytes: whose match, of which value, how much later. */
static void step(struct model *m, struct windows *w, const uint8_t *script, int64_t *clock)
{
	char comm[2] = { (char)('a' + script[0] % N_KEYS) }, user[2] = { (char)('a' + script[1] % 8) };
	unsigned int host = script[0] >> 4 & 1, rule = (script[0] >> 5) % 3;
	struct event ev;
	uint16_t number;

	clock[host] += script[2] & 0x80 ? (script[2] & 0x7f) : script[2] & 7;
	event_clear(&ev);
	ev.host = str_of(host ? "h" : "g");
	ev.comm = str_of(comm);
	ev.user = str_of(user);
	if (script[1] == 0xff)
		windows_tick(w, clock[host] > clock[!host] ? clock[!host] : clock[host]);
	number = windows_advance(w, ev.host, clock[host]);
	if (rule != QUIET) {
		count(m, w, rule, host, clock[host], script[0] % N_KEYS, script[1] % 8, &ev, number);
		return;
	}
	m->taken++;
	if (!throttle_take(w, QUIET, ev.host, number, &ev))
		return;
	m->raised++;
	throttle_begin(w, QUIET, ev.host, number, &ev, "01234567-0123-7123-8123-0123456789ab");
}

static void run(const struct ruleset *rs, const uint8_t *data, size_t size)
{
	static struct model m;
	struct windows_options options = { .owed = on_owed, .ctx = &m, .seed = data[2] };
	int64_t clock[N_HOSTS] = { 0 };
	struct windows *w, *next;

	memset(&m, 0, sizeof(m));
	options.memory = (size_t)68 * data[0];
	options.max_keys = 1 + data[1];
	CHECK(windows_new(rs, &options, &w) == 0);
	for (size_t i = 3; i + 3 <= size && i < 3 * MAX_STEPS; i += 3) {
		step(&m, w, data + i, clock);
		/* Now and then other rules take over, which are the same. */
		if (data[i] != 0xf7)
			continue;
		options.memory = (size_t)68 * data[i + 1];
		CHECK(windows_new(rs, &options, &next) == 0);
		windows_adopt(next, w);
		windows_finish(w);
		windows_free(w);
		w = next;
	}
	windows_finish(w);
	windows_free(w);
	CHECK(m.raised + m.summed == m.taken);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };
	static struct sources sources;
	static struct ruleset *rs;
	struct diags ds = DIAGS_INIT;

	if (!rs)
		CHECK(rules_load_text(STR_LIT("f.yaml"), str_of(rules), &options, &sources, &ds, &rs) == 0);
	if (size > 3)
		run(rs, data, size);
	return 0;
}
