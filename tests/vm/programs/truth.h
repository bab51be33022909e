/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the test programs know of an exec themselves, as JSON lines on descriptor 3. The caller writes what it
 * is about to do, then the failure that it got, or the new image (report) what it found itself to be. The
 * host lays the lines of one pid together and compares the sum with what execwatch said.
 *
 * Words are written as base64, since argv is bytes and JSON is not. Other texts are plain ones of our choice.
 */
#ifndef TESTS_VM_TRUTH_H
#define TESTS_VM_TRUTH_H

#include <stdint.h>
#include <stdio.h>

#define TRUTH_FD 3

struct truth {
	char *text;
	size_t size;
	FILE *out;
};

/* CLOCK_MONOTONIC, nanoseconds. */
int64_t truth_now(void);

/* A line with the pid of the calling process in it. Ends the program when there is no memory. */
void truth_begin(struct truth *t);
void truth_int(struct truth *t, const char *key, int64_t value);
/* Who the calling process is: ppid, uid, gid, euid, egid. */
void truth_ids(struct truth *t);
void truth_text(struct truth *t, const char *key, const char *value);
void truth_words(struct truth *t, const char *key, char *const words[]);
/* The wall clock, moved by @seconds, as execwatch writes a time. */
void truth_wall(struct truth *t, const char *key, int seconds);
/* Writes the line in one call, so that lines of several processes do not mix. */
void truth_end(struct truth *t);

#endif
