/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are written anew as a whole. */
#ifndef CLI_REPLACE_H
#define CLI_REPLACE_H

#include "base/str.h"

/*
 * Puts @text in the place of what the file @path holds, at once: whoever opens it, and whatever happens in
 * between, finds the old text or the new one. Links are followed to the file; owner, group and mode stay as
 * they are. It is another file (inode) then, so that further hard links keep the old text,
 * and access control lists and other extended attributes are not taken over.
 *
 * 0 or -errno, then nothing has changed; -EPERM also where owner and group could not be kept.
 */
int replace_file(const char *path, struct str text);

#endif
