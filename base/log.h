/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What execwatch says of itself to its operator, on stderr: one line, "execwatch: ..." in front. The tool's
 * results never go through here, and diagnostics of rules are diag.h's.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

__attribute__((format(printf, 1, 2))) void log_error(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_warning(const char *fmt, ...);
/* For what is said while events come in: where stderr takes nothing (a pipe that nobody reads), the line is
 * dropped after a tenth of a second. The others wait. */
__attribute__((format(printf, 1, 2))) void log_info(const char *fmt, ...);

#endif
