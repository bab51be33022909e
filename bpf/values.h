/* SPDX-License-Identifier: Apache-2.0 */
/* Single values of the kernel in the words of events. */
#ifndef BPF_VALUES_H
#define BPF_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "bpf/wire.h"

/* "BOOT-PID-START": 8, 10 and 20 characters at most, two dashes and a NUL. */
#define VALUES_ID_ROOM 41
#define VALUES_BOOT_ROOM 9
#define VALUES_TTY_ROOM (WIRE_TTY + 1)
/* Names each with a NUL become names each with a slash. A lone root is one byte too. */
#define VALUES_PATH_ROOM (WIRE_MAX_PATH + WIRE_MAX_NAME + 1)

/* A fixed array of the kernel's, with or without a NUL. */
struct str value_text(const char *p, size_t size);

/* Names from the leaf to the root, each with its NUL, as a path. @memory has VALUES_PATH_ROOM. */
struct str value_path(struct str names, char *memory);

/* A process by when it started, CLOCK_BOOTTIME. @memory has VALUES_ID_ROOM. */
struct str value_id(const char *boot, uint32_t pid, uint64_t start_ns, char *memory);

/* A terminal by the kernel's name; unknown: none. @memory has VALUES_TTY_ROOM. */
struct str value_tty(const char *name, char *memory);

/* What a descriptor is; unknown where that is. */
struct str value_fd(const struct wire_fd *fd);

#endif
