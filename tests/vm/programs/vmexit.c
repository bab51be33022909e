// SPDX-License-Identifier: Apache-2.0
/*
 * Ends the guest with an exit code: `vmexit N`, N from 0 to 15. A byte to the exit device's port ends qemu at
 * once, so what is not on the wire yet is lost: whoever calls has drained its serial port before.
 *
 * A locked down kernel gives no port to anyone (kernel_lockdown(7)). `vmexit hold COMMAND [WORD…]` takes it
 * before, and executes COMMAND, which keeps it (ioperm(2)) and may execute `vmexit N` at its end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>

#define EXIT_PORT 0xf4	/* iobase of isa-debug-exit in tests/vm/boot */
#define EXIT_BASE 16

int main(int argc, char **argv)
{
	int code = argc > 1 ? atoi(argv[1]) : 1;

	/* Refused, it may be held; where it is not, outb() is a fault, and no exit code reaches the host. */
	if (ioperm(EXIT_PORT, 1, 1) < 0)
		perror("ioperm");
	if (argc > 2 && strcmp(argv[1], "hold") == 0) {
		execv(argv[2], argv + 2);
		perror(argv[2]);
		return 1;
	}
	outb(EXIT_BASE + (code & 15), EXIT_PORT);
	return 1;
}
