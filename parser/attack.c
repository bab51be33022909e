/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of MITRE ATT&CK. Whether a technique of that number exists is not known here. */
#include "parser/attack.h"

const char *const attack_tactics[] = {
	"reconnaissance", "resource-development", "initial-access", "execution", "persistence",
	"privilege-escalation", "defense-evasion", "credential-access", "discovery", "lateral-movement",
	"collection", "command-and-control", "exfiltration", "impact", NULL
};

/* @n digits at @at. */
static bool digits_at(struct str s, size_t at, size_t n)
{
	if (s.len < at + n)
		return false;
	for (size_t i = at; i < at + n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

enum attack_kind attack_tag(struct str tag, struct str *ret_name)
{
	struct str name;

	if (!str_has_prefix(tag, STR_LIT("attack.")))
		return ATTACK_NONE;
	name = str_skip(tag, STR_LIT("attack.").len);
	*ret_name = name;
	for (size_t i = 0; attack_tactics[i]; i++)
		if (str_eq(name, str_of(attack_tactics[i])))
			return ATTACK_TACTIC;
	if (!digits_at(name, 1, 4))
		return ATTACK_NONE;
	if (name.p[0] == 't' && name.len == 9 && name.p[5] == '.' && digits_at(name, 6, 3))
		return ATTACK_TECHNIQUE;
	if (name.len != 5)
		return ATTACK_NONE;
	switch (name.p[0]) {
	case 't': return ATTACK_TECHNIQUE;
	case 'g': return ATTACK_GROUP;
	case 's': return ATTACK_SOFTWARE;
	default: return ATTACK_NONE;
	}
}
