// SPDX-License-Identifier: Apache-2.0
/*
 * A 32-bit image that calls execve the 32-bit way: first of a file that is not there, then of its argv[2]
 * with what is left of argv. Without a C library, since a 64-bit machine need not have a 32-bit one.
 */
#define NR_EXIT 1
#define NR_EXECVE 11

static int call(int number, const void *b, const void *c, const void *d)
{
	int ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(number), "b"(b), "c"(c), "d"(d) : "memory");
	return ret;
}

__attribute__((used)) static void start(int *stack)
{
	char **argv = (char **)(stack + 1), *none[] = { 0 };

	call(NR_EXECVE, "/nonexistent/hop32", argv + 1, none);
	call(NR_EXECVE, argv[2], argv + 2, none);
	call(NR_EXIT, (void *)1, 0, 0);
}

/* start(stack), with the stack aligned as a call wants it. */
__asm__(".globl _start\n"
	"_start:\n"
	"\tmov %esp, %eax\n"
	"\tand $-16, %esp\n"
	"\tsub $12, %esp\n"
	"\tpush %eax\n"
	"\tcall start\n");
