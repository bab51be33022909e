// SPDX-License-Identifier: Apache-2.0
/*
 * A 32-bit image that calls execve the 32-bit way: first of a file that is not there, then of its argv[2]
 * with what is left of argv. Without a C library, since a 64-bit machine need not have a 32-bit one.
 */
#define NR_EXIT 1
#define NR_EXECVE 11

#if defined(__i386__)

static int call(int number, const void *b, const void *c, const void *d)
{
	int ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(number), "b"(b), "c"(c), "d"(d) : "memory");
	return ret;
}

/* start(stack), with the stack aligned as a call wants it. */
__asm__(".globl _start\n"
	"_start:\n"
	"\tmov %esp, %eax\n"
	"\tand $-16, %esp\n"
	"\tsub $12, %esp\n"
	"\tpush %eax\n"
	"\tcall start\n");

#elif defined(__arm__)

static int call(int number, const void *a, const void *b, const void *c)
{
	register int r7 __asm__("r7") = number;
	register const void *r0 __asm__("r0") = a;
	register const void *r1 __asm__("r1") = b;
	register const void *r2 __asm__("r2") = c;

	__asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2) : "memory");
	return (int)r0;
}

__asm__(".globl _start\n"
	"_start:\n"
	"\tmov r0, sp\n"
	"\tbic sp, sp, #7\n"
	"\tbl start\n");

#endif

__attribute__((used)) static void start(int *stack)
{
	char **argv = (char **)(stack + 1), *none[] = { 0 };

	call(NR_EXECVE, "/nonexistent/hop32", argv + 1, none);
	call(NR_EXECVE, argv[2], argv + 2, none);
	call(NR_EXIT, (void *)1, 0, 0);
}
