// SPDX-License-Identifier: Apache-2.0
/*
 * Ends the guest with an exit code: `vmexit N`, N from 0 to 15. qemu ends at once, so what is not on the wire
 * yet is lost: whoever calls has drained its serial port before. The byte V = 16 + N becomes qemu's exit code
 * 2V + 1: on x86 the exit device makes that of what is written to its port, on arm64 it is what is asked for.
 *
 * A locked down kernel gives no port to anyone (kernel_lockdown(7)). `vmexit hold COMMAND [WORD…]` takes it
 * before, and executes COMMAND, which keeps it (ioperm(2)) and may execute `vmexit N` at its end.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_BASE 16

#if defined(__x86_64__)

#include <sys/io.h>

#define EXIT_PORT 0xf4	/* iobase of isa-debug-exit in tests/vm/machine */

/* Refused, it may be held; where it is not, outb() is a fault, and no exit code reaches the host. */
static void hold(void)
{
	if (ioperm(EXIT_PORT, 1, 1) < 0)
		perror("ioperm");
}

static void end(unsigned char byte)
{
	outb(byte, EXIT_PORT);
}

#elif defined(__aarch64__)

/* "Semihosting for AArch32 and AArch64", Arm, 2.0: SYS_EXIT and ADP_Stopped_ApplicationExit. */
#define SYS_EXIT 0x18
#define APPLICATION_EXIT 0x20026

static void hold(void)
{
}

static void end(unsigned char byte)
{
	const uint64_t block[] = { APPLICATION_EXIT, 2 * (uint64_t)byte + 1 };
	register uint64_t x0 __asm__("x0") = SYS_EXIT;
	register const uint64_t *x1 __asm__("x1") = block;

	__asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

#endif

int main(int argc, char **argv)
{
	int code = argc > 1 ? atoi(argv[1]) : 1;

	hold();
	if (argc > 2 && strcmp(argv[1], "hold") == 0) {
		execv(argv[2], argv + 2);
		perror(argv[2]);
		return 1;
	}
	end((unsigned char)(EXIT_BASE + (code & 15)));
	return 1;
}
