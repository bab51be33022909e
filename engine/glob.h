/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Globs over bytes: `*` any bytes, `/` among them; `?` one byte; `[a-z_]` one of a set, `[!a-z]` one that is
 * not in it (`]` right behind the opening is a member); `\` takes the next byte literally, in a set too. A
 * `[` that is never closed and a `\` at the very end are themselves.
 */
#ifndef ENGINE_GLOB_H
#define ENGINE_GLOB_H

#include <stdbool.h>

#include "base/str.h"
#include "base/truth.h"

/* Does the whole of @text fit @pattern? @nocase: A to Z. At worst as many steps as the length of @text times
 * that of the longest piece between two stars. */
bool glob_matches(struct str pattern, struct str text, bool nocase);

/* The same of a text that begins with @text and may go on: yes where it fits however it goes on, no where it
 * cannot. */
enum truth glob_matches_cut(struct str pattern, struct str text, bool nocase);

#endif
