/* SPDX-License-Identifier: Apache-2.0 */
/* What a recording covers; see survey.h. */
#include "cli/survey.h"

#include <errno.h>
#include <stdlib.h>

struct survey_host {
	int64_t seq;			/* of its last record */
	size_t file;			/* that was out of; 0: it had no seq */
};

int survey_init(struct survey *s)
{
	*s = (struct survey){ .records = 0 };
	s->by_host = calloc(SURVEY_HOSTS, sizeof(*s->by_host));
	return s->by_host ? heavy_new(SURVEY_HOSTS, &s->hosts) : -ENOMEM;
}

void survey_done(struct survey *s)
{
	heavy_free(s->hosts);
	free(s->by_host);
	*s = (struct survey){ .records = 0 };
}

static void add_time(struct survey *s, int64_t ns)
{
	int64_t silence;

	if (s->records == s->untimed) {
		s->first_ns = s->last_ns = ns;
		return;
	}
	if (!__builtin_sub_overflow(ns, s->last_ns, &silence) && silence > s->silence_ns) {
		s->silence_ns = silence;
		s->silence_from_ns = s->last_ns;
	}
	if (ns < s->first_ns)
		s->first_ns = ns;
	if (ns > s->last_ns)
		s->last_ns = ns;
}

static void add_seq(struct survey *s, const struct event *ev, bool has_seq, size_t file)
{
	struct survey_host *host;
	size_t place;
	bool is_new;
	int64_t step;

	if (heavy_add(s->hosts, ev->host, &place, &is_new) < 0)
		return;
	host = &s->by_host[place];
	if (is_new)
		*host = (struct survey_host){ 0 };
	if (has_seq && host->file == file && !__builtin_sub_overflow(ev->seq.value, host->seq, &step) &&
	    step > 1) {
		s->gaps++;
		s->missing += (uint64_t)step - 1;
	}
	*host = (struct survey_host){ ev->seq.value, has_seq ? file : 0 };
}

void survey_add(struct survey *s, const struct event *ev, bool has_seq, size_t file)
{
	if (ev->time.known)
		add_time(s, ev->time.value);
	else
		s->untimed++;
	s->records++;
	s->numbered += has_seq;
	add_seq(s, ev, has_seq, file);
}

int64_t survey_span(const struct survey *s)
{
	int64_t span;

	if (s->records == s->untimed || __builtin_sub_overflow(s->last_ns, s->first_ns, &span))
		return 0;
	return span;
}

size_t survey_hosts(const struct survey *s, bool *ret_more)
{
	size_t n = heavy_count(s->hosts), named = n;

	for (size_t i = 0; i < n; i++)
		named -= heavy_get(s->hosts, i).text.len == 0;
	*ret_more = heavy_evictions(s->hosts) > 0;
	return named;
}
