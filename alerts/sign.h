/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of webhooks (Standard Webhooks 1.0.0, "Verifying webhook authenticity"). */
#ifndef ALERTS_SIGN_H
#define ALERTS_SIGN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define SIGN_MIN_KEY 24
#define SIGN_MAX_KEY 64

struct sign_key {
	unsigned char bytes[SIGN_MAX_KEY];
	size_t len;		/* 0: no key */
};

/* @secret is "whsec_" and base64, white space around it is fine. 0; -EINVAL: it is no such text, or the key
 * has not SIGN_MIN_KEY to SIGN_MAX_KEY bytes; -ENOMEM. */
int sign_key_read(struct str secret, struct sign_key *ret);

/* "v1,..." over id, time of sending and body. */
void sign_write(const struct sign_key *key, struct str id, int64_t time_s, struct str body, struct buf *b);

#endif
