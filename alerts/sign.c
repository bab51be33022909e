/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HMAC-SHA256 (RFC 2104) over libmd, and the text around it. The key never is longer than SHA-256's block,
 * so the case of a longer one, which would be hashed first, does not arise.
 */
#include "alerts/sign.h"

#include <errno.h>
#include <sha2.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"

_Static_assert(SIGN_MAX_KEY <= SHA256_BLOCK_LENGTH, "a longer key must be hashed first");

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int sign_key_read(struct str secret, struct sign_key *ret)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;
	struct str prefix = STR("whsec_"), key;
	int r;

	while (secret.len > 0 && is_space(secret.p[secret.len - 1]))
		secret.len--;
	while (secret.len > 0 && is_space(secret.p[0]))
		secret = str_skip(secret, 1);
	if (!str_has_prefix(secret, prefix))
		return -EINVAL;
	r = base64_read(str_skip(secret, prefix.len), &a, &key);
	if (r < 0)
		return r;
	if (key.len < SIGN_MIN_KEY || key.len > SIGN_MAX_KEY)
		return -EINVAL;
	memcpy(ret->bytes, key.p, key.len);
	ret->len = key.len;
	explicit_bzero((char *)key.p, key.len);
	return 0;
}

/* Begins the inner or the outer hash with the padded key. */
static void begin(SHA2_CTX *c, const struct sign_key *key, unsigned char pad)
{
	unsigned char block[SHA256_BLOCK_LENGTH];

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < key->len; i++)
		block[i] ^= key->bytes[i];
	SHA256Init(c);
	SHA256Update(c, block, sizeof(block));
	explicit_bzero(block, sizeof(block));
}

static void update(SHA2_CTX *c, struct str s)
{
	SHA256Update(c, (const uint8_t *)s.p, s.len);
}

void sign_write(const struct sign_key *key, struct str id, int64_t time_s, struct str body, struct buf *b)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char digits[24];
	struct buf time;
	SHA2_CTX c;

	buf_init_fixed(&time, digits, sizeof(digits));
	buf_int(&time, time_s);

	begin(&c, key, 0x36);
	update(&c, id);
	update(&c, STR_LIT("."));
	update(&c, buf_get(&time));
	update(&c, STR_LIT("."));
	update(&c, body);
	SHA256Final(digest, &c);

	begin(&c, key, 0x5c);
	SHA256Update(&c, digest, sizeof(digest));
	SHA256Final(digest, &c);

	buf_text(b, "v1,");
	base64_write((struct str){ (const char *)digest, sizeof(digest) }, b);
}
