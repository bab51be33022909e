/* SPDX-License-Identifier: Apache-2.0 */
/* The names of Linux's errno values (asm-generic, and the kernel's own 512 to 516), both ways. */
#ifndef BASE_ERRNOS_H
#define BASE_ERRNOS_H

#include "base/str.h"

/* "ENOENT" of 2; unknown where the number has no name. Static. */
struct str errno_name(int number);
/* 2 of "ENOENT"; 0: no such name. */
int errno_number(struct str name);
/* All names, NULL at the end, for proposals; without aliases. */
extern const char *const errno_names[];
/* The alias number @n, "EWOULDBLOCK" and so on, which errno_number() takes, too. NULL: there are no more. */
const char *errno_alias(size_t n);

#endif
