/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of which rules and events are made: such as rules are about, and such as a search for them may
 * stumble over, being parts of each other, very short, periodic, or the same but for their case.
 */
#include "tests/matcher/make.h"

#include <stdlib.h>
#include <string.h>

static const char *const known[] = {
	"sh", "/sh", "bash", "/bin/sh", "/bin/bash", "-c", "sh -c", "curl", "wget", "http://", "https://",
	"/tmp/", "/dev/shm/", "/dev/tcp/", "| sh", "|bash", "base64", "-d", "--decode", "python3",
	"/python3", "perl", "nc", "-e", "/etc/shadow", "/etc/", "/etc/passwd", "chmod", "+x", "u+s",
	"busybox", "toybox", "/usr/bin/", "/usr/bin/id", "id", "whoami", "root", "nginx", "sshd",
	"cron.service", ".service", "user.slice", "LD_PRELOAD=", ".so", "socket", "import", "eval",
	"exec", "system(", "powershell", "PowerShell", "-enc", "-EncodedCommand", "FromBase64String",
	"C:/Windows/System32/", "tar", "xmrig", "stratum+tcp://", "authorized_keys", ".ssh/", "\xc3\xa9",
	"\xc5\xbf", "\xe2\x84\xaa", "na\xc3\xafve", "a b", "a  b", "a\nb", "a\tb", "'", "\"", "\\", "*",
	"?", "[a]", "a.b", "a|b", "$x ", "(a)", "{1}", "^a",
};

static const char *const alphabets[] = {
	"a", "ab", "abAB", "abc/", "abc/.-", "sh/", "etaoin shrdlu", "0123456789abcdef", "ABCabc019_",
	" a", "-ac", "kKsS", "@`[{az", "zyxwvutsrqponmlkjihgfedcba",
};

struct str text_copy(struct arena *a, struct str s)
{
	struct str copy = arena_str(a, s);

	if (!copy.p && s.p)
		abort();
	return copy;
}

struct str pool_text(struct maker *m)
{
	return pool_any(m, &m->random);
}

static void letters_write(struct random *r, size_t n, struct buf *b)
{
	const char *alphabet = alphabets[pick(r, ARRAY_SIZE(alphabets))];

	for (size_t i = 0; i < n; i++)
		buf_char(b, alphabet[pick(r, strlen(alphabet))]);
}

void junk_write(struct random *r, struct buf *b)
{
	static const char *const blanks[] = { " ", "  ", "\t", "\n", " \r\n ", "\v" };
	uint32_t n;

	switch (pick(r, 8)) {
	case 0:
	case 1:
		buf_text(b, blanks[pick(r, ARRAY_SIZE(blanks))]);
		break;
	case 2:
		n = random_bits(r);
		buf_printf(b, "%u", n >> pick(r, 32));
		break;
	case 3:
		n = random_bits(r);
		buf_printf(b, "%x", n >> pick(r, 32));
		break;
	case 4:
		buf_char(b, (char)(random_bits(r) | 0x80));
		break;
	case 5:
		buf_char(b, (char)(1 + pick(r, 127)));
		break;
	default:
		letters_write(r, pick(r, 12), b);
		break;
	}
}

/* No character of UTF-8 is cut in two. */
static struct str whole_characters(struct str s)
{
	while (s.len > 0 && ((unsigned char)s.p[0] & 0xc0) == 0x80)
		s = str_skip(s, 1);
	for (size_t back = 1; back <= s.len && back <= 3; back++) {
		unsigned char c = (unsigned char)s.p[s.len - back];

		if (c < 0x80)
			break;
		if (c >= 0xc0) {
			if (back < (c >= 0xf0 ? 4U : c >= 0xe0 ? 3U : 2U))
				s.len -= back;
			break;
		}
	}
	return s;
}

static struct str slice(struct random *r, struct str s)
{
	size_t from = chance(r, 40) ? 0 : pick(r, s.len + 1);
	size_t len = chance(r, 40) ? s.len - from : pick(r, s.len - from + 1);

	return whole_characters((struct str){ s.p + from, len });
}

static void flip_write(struct random *r, struct str s, struct buf *b)
{
	unsigned int percent = chance(r, 50) ? 100 : 40;

	for (size_t i = 0; i < s.len; i++)
		buf_char(b, is_letter(s.p[i]) && chance(r, percent) ? s.p[i] ^ 0x20 : s.p[i]);
}

/* A text out of another of the pool. */
static void derive_write(struct maker *m, struct str s, struct buf *b)
{
	struct random *r = &m->random;

	switch (pick(r, 8)) {
	case 0:
	case 1:
	case 2:
		buf_str(b, slice(r, s));
		break;
	case 3:
		flip_write(r, s, b);
		break;
	case 4:
		buf_str(b, s);
		letters_write(r, 1, b);
		break;
	case 5:
		letters_write(r, 1, b);
		buf_str(b, s);
		break;
	case 6:
		buf_char(b, '/');
		buf_str(b, str_basename(s));
		break;
	default:
		buf_str(b, s);
		buf_text(b, chance(r, 50) ? "" : " ");
		buf_str(b, pool_text(m));
		break;
	}
}

static void new_text(struct maker *m, struct buf *b)
{
	struct random *r = &m->random;
	size_t period;

	if (m->n_pool > 4 && chance(r, 45)) {
		derive_write(m, pool_text(m), b);
		return;
	}
	switch (pick(r, 10)) {
	case 0:
	case 1:
		letters_write(r, 1 + pick(r, 3), b);
		break;
	case 2:
		letters_write(r, 4 + pick(r, 9), b);
		break;
	case 3:
		letters_write(r, 13 + pick(r, 28), b);
		break;
	case 4:
		letters_write(r, 1 + pick(r, 3), b);
		period = b->len;
		while (b->len < 8 + pick(r, 24))
			buf_char(b, b->p[b->len - period]);
		break;
	default:
		buf_text(b, known[pick(r, ARRAY_SIZE(known))]);
		break;
	}
}

void maker_begin(struct maker *m, uint64_t seed, struct arena *a)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	size_t n;

	*m = (struct maker){ .random = { seed * UINT64_C(0x9e3779b97f4a7c15) + 1 }, .arena = a };
	n = 8 + pick(&m->random, POOL_TEXTS - 7);
	while (m->n_pool < n) {
		buf_reset(&b);
		new_text(m, &b);
		if (b.len > 0 && b.len <= 60)
			m->pool[m->n_pool++] = text_copy(a, buf_get(&b));
	}
}
