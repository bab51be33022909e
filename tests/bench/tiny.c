/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image that is started: it ends at once, so that what is measured is the kernel's part of a start. It
 * has no C library, whose first steps ask the processor what it can; in a virtual machine that takes longer
 * than all the rest.
 */
void _start(void)
{
	__asm__ volatile("syscall" : : "a"(60 /* exit */), "D"(0));
	__builtin_unreachable();
}
