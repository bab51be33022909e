/* SPDX-License-Identifier: Apache-2.0 */
/* What YAML allows and this project refuses, and what it says to that. */
#ifndef PARSER_YAML_FAULT_H
#define PARSER_YAML_FAULT_H

#include "base/diag.h"
#include "base/str.h"

enum yaml_fault_kind {
	FAULT_ANCHOR,
	FAULT_ALIAS,
	FAULT_TAG,
	FAULT_MERGE,
	FAULT_KEY,
	FAULT_NUL,
	FAULT_DUPLICATE,
	FAULT_DOCUMENT,
	FAULT_DEPTH,
	FAULT_NODES,
};

/* Kept until the text need not be read again. */
struct yaml_fault {
	enum yaml_fault_kind kind;
	struct loc at, second;
	struct str text;
	struct yaml_fault *next;
};

void yaml_fault_report(const struct yaml_fault *f, struct diags *ds);

#endif
