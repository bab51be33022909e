/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Release on every way out of a scope. A function uses this or goto, never both.
 *
 *	DEFINE_CLEANUP(struct rule *, rule_free)	once, beside the type
 *	_cleanup_(rule_free) struct rule *r = NULL;	freed when r leaves its scope
 *	*ret = TAKE_PTR(r);				... unless it was handed on
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define DEFINE_CLEANUP(type, fn)                                                                            \
	static inline void fn##_cleanup(type *p)                                                            \
	{                                                                                                   \
		if (*p)                                                                                     \
			fn(*p);                                                                             \
	}
#define _cleanup_(fn) __attribute__((cleanup(fn##_cleanup)))

#define TAKE_PTR(p)                                                                                         \
	({                                                                                                  \
		typeof(p) taken_ = (p);                                                                     \
		(p) = NULL;                                                                                 \
		taken_;                                                                                     \
	})
#define TAKE_FD(fd)                                                                                         \
	({                                                                                                  \
		int taken_ = (fd);                                                                          \
		(fd) = -1;                                                                                  \
		taken_;                                                                                     \
	})

static inline void free_cleanup(void *p)
{
	free(*(void **)p);
}

DEFINE_CLEANUP(FILE *, fclose)

static inline void close_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
