// SPDX-License-Identifier: Apache-2.0
/*
 * Ends the guest with an exit code: `vmexit N`, N from 0 to 15. A byte to the exit device's port ends qemu at
 * once, so what is not on the wire yet is lost: whoever calls has drained its serial port before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>

#define EXIT_PORT 0xf4	/* iobase of isa-debug-exit in tests/vm/boot */
#define EXIT_BASE 16

int main(int argc, char **argv)
{
	int code = argc > 1 ? atoi(argv[1]) : 1;

	if (ioperm(EXIT_PORT, 1, 1) < 0) {
		perror("ioperm");
		return 1;
	}
	outb(EXIT_BASE + (code & 15), EXIT_PORT);
	return 1;
}
