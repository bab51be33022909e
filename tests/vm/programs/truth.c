// SPDX-License-Identifier: Apache-2.0
/*
 * Lines of truth: built in memory, written at once.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "truth.h"

int64_t truth_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void truth_begin(struct truth *t)
{
	t->out = open_memstream(&t->text, &t->size);
	if (!t->out)
		abort();
	fprintf(t->out, "{\"pid\": %d", getpid());
}

void truth_int(struct truth *t, const char *key, int64_t value)
{
	fprintf(t->out, ", \"%s\": %lld", key, (long long)value);
}

void truth_ids(struct truth *t)
{
	truth_int(t, "ppid", getppid());
	truth_int(t, "uid", getuid());
	truth_int(t, "gid", getgid());
	truth_int(t, "euid", geteuid());
	truth_int(t, "egid", getegid());
}

void truth_text(struct truth *t, const char *key, const char *value)
{
	fprintf(t->out, ", \"%s\": \"%s\"", key, value);
}

static void put_base64(FILE *out, const char *word)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)word;
	size_t left = strlen(word);

	for (; left > 0; p += 3) {
		size_t n = left < 3 ? left : 3;
		uint32_t group = (uint32_t)p[0] << 16 | (n > 1 ? p[1] << 8 : 0) | (n > 2 ? p[2] : 0);

		putc(digits[group >> 18], out);
		putc(digits[group >> 12 & 63], out);
		putc(n > 1 ? digits[group >> 6 & 63] : '=', out);
		putc(n > 2 ? digits[group & 63] : '=', out);
		left -= n;
	}
}

void truth_words(struct truth *t, const char *key, char *const words[])
{
	fprintf(t->out, ", \"%s\": [", key);
	for (size_t i = 0; words[i]; i++) {
		fputs(i > 0 ? ",\"" : "\"", t->out);
		put_base64(t->out, words[i]);
		putc('"', t->out);
	}
	putc(']', t->out);
}

void truth_wall(struct truth *t, const char *key, int seconds)
{
	struct timespec now;
	struct tm tm;
	char day[32];

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += seconds;
	gmtime_r(&now.tv_sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(t->out, ", \"%s\": \"%s.%09ldZ\"", key, day, now.tv_nsec);
}

void truth_end(struct truth *t)
{
	fputs("}\n", t->out);
	if (fclose(t->out) != 0 || write(TRUTH_FD, t->text, t->size) != (ssize_t)t->size)
		abort();
	free(t->text);
}
