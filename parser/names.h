/* SPDX-License-Identifier: Apache-2.0 */
/* Texts to numbers: finds keys, ids, names and patterns again without looking at all of them. */
#ifndef PARSER_NAMES_H
#define PARSER_NAMES_H

#include <stddef.h>

#include "base/str.h"

struct names {
	struct name_slot {
		struct str name;	/* p NULL: free */
		size_t number;
	} *slots;
	size_t n, cap;
};

/* All zeros is a valid, empty table. */
#define NAMES_INIT { NULL, 0, 0 }

/*
 * Remembers @number under @name, which is borrowed for the life of the table. 0; -EEXIST, with the number
 * that it was given before in *ret_number; -ENOMEM.
 */
int names_add(struct names *t, struct str name, size_t number, size_t *ret_number);
/* 0 with *ret_number, or -ENOENT. */
int names_find(const struct names *t, struct str name, size_t *ret_number);
void names_done(struct names *t);

static inline void names_cleanup(struct names *t)
{
	names_done(t);
}

#endif
