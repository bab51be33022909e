/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For programs that count their allocations, or make one of them fail. The linker sends malloc and its kin
 * here (--wrap, see meson.build). Included by one file of a program.
 */
#ifndef TESTS_UNIT_FAILING_MALLOC_H
#define TESTS_UNIT_FAILING_MALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The allocation number @failing, counted from 0, gets no memory. */
static size_t n_allocations, failing = SIZE_MAX, n_failures;

static bool allowed(void)
{
	if (n_allocations++ != failing)
		return true;
	n_failures++;
	return false;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

void *__wrap_malloc(size_t size)
{
	return allowed() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return allowed() ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *p, size_t size)
{
	return allowed() ? __real_realloc(p, size) : NULL;
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return allowed() ? __real_reallocarray(p, n, size) : NULL;
}

#endif
