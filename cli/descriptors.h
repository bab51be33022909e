/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptors that whoever started the process has left in it, or has not. */
#ifndef CLI_DESCRIPTORS_H
#define CLI_DESCRIPTORS_H

/*
 * To be called first of all: holds the places of the standard streams that are closed, so that no file that
 * is opened later becomes one of them. They stay of no use: reading or writing fails as it would have. 0 or
 * -errno.
 */
int descriptors_hold_standard(void);

/*
 * Closes everything but the standard streams: what was opened for whoever started the process is not to be
 * carried over to another user. EXIT_FINE, or EXIT_SYSTEM after a sentence on stderr.
 */
int descriptors_close_inherited(void);

#endif
