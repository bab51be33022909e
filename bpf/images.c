/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value of the store is the length of the path, whether the words are known, the path, the words. What
 * was not asked for longest goes first, so that the shells and services which start others stay.
 */
#include "bpf/images.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/store.h"

#define MEMORY ((size_t)16 << 20)
#define MAX_IMAGES 32768

struct prefix {
	uint32_t exe_len;
	uint32_t has_argv;
};

struct images {
	struct store *store;
	uint64_t hits, misses;
};

int images_new(uint64_t seed, struct images **ret)
{
	_cleanup_(images_free) struct images *im = calloc(1, sizeof(*im));
	int r;

	if (!im)
		return -ENOMEM;
	r = store_new(MEMORY, MAX_IMAGES, seed, &im->store);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(im);
	return 0;
}

struct images *images_free(struct images *im)
{
	if (im) {
		store_free(im->store);
		free(im);
	}
	return NULL;
}

static struct store_key key_of(const struct wire_image *key)
{
	return (struct store_key){ key->file, key->dentry };
}

void images_put(struct images *im, const struct wire_image *key, struct str exe, struct str argv)
{
	struct prefix prefix = { (uint32_t)exe.len, str_known(argv) && argv.len <= IMAGES_MAX_ARGV };
	const struct str piece[] = { { (const char *)&prefix, sizeof(prefix) }, exe, argv };

	if (!key->file)
		return;
	if (str_known(exe))
		store_put(im->store, key_of(key), piece, prefix.has_argv ? 3 : 2);
	else
		store_remove(im->store, key_of(key));
}

void images_learn(struct images *im, const struct wire_image *key, struct str exe)
{
	if (key->file && str_known(exe) && !str_known(store_get(im->store, key_of(key))))
		images_put(im, key, exe, (struct str){ 0 });
}

bool images_get(struct images *im, const struct wire_image *key, struct image *ret)
{
	struct str value;
	struct prefix prefix;

	if (!key->file)
		return false;
	value = store_get(im->store, key_of(key));
	if (!str_known(value)) {
		im->misses++;
		return false;
	}
	im->hits++;
	memcpy(&prefix, value.p, sizeof(prefix));
	value = str_skip(value, sizeof(prefix));
	ret->exe = (struct str){ value.p, prefix.exe_len };
	ret->argv = prefix.has_argv ? str_skip(value, prefix.exe_len) : (struct str){ 0 };
	return true;
}

void images_counts(const struct images *im, uint64_t *ret_hits, uint64_t *ret_misses)
{
	*ret_hits = im->hits;
	*ret_misses = im->misses;
}
