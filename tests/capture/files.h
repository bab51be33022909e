/* SPDX-License-Identifier: Apache-2.0 */
/* The files that the scenarios execute. */
#ifndef TESTS_CAPTURE_FILES_H
#define TESTS_CAPTURE_FILES_H

/* All of them, in the current folder. @programs: where the 32-bit program lies. 0 or -errno. */
int files_make(const char *programs);
void files_remove(void);

/* The bytes of a small static program that does nothing; 0 or -errno. */
int files_write_program(int fd);

/* A group of processes in the hierarchy of version 2; 0 or -errno. */
int files_make_cgroup(const char *name);
void files_remove_cgroup(const char *name);
/* Moves the calling process into it. */
int files_join_cgroup(const char *name);

#endif
