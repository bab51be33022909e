/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of MITRE ATT&CK as rules spell them: attack.t1059.004, attack.execution, attack.g0016. */
#ifndef PARSER_ATTACK_H
#define PARSER_ATTACK_H

#include <stdbool.h>

#include "base/str.h"

enum attack_kind { ATTACK_NONE, ATTACK_TECHNIQUE, ATTACK_TACTIC, ATTACK_GROUP, ATTACK_SOFTWARE };

/* What the tag names. Of anything but ATTACK_NONE *ret_name is what stands behind "attack.", borrowed. */
enum attack_kind attack_tag(struct str tag, struct str *ret_name);

/* The tactics of ATT&CK for enterprise; NULL at the end. */
extern const char *const attack_tactics[];

#endif
