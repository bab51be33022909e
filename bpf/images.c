/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths and words are in two stores, so that large words can displace only words. A value begins with the
 * address of the image's stack, which is compared: the key has room for the other two. What was not asked
 * for longest goes first, so that the shells and services which start others stay.
 */
#include "bpf/images.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/store.h"

#define PATHS_BYTES ((size_t)8 << 20)
#define WORDS_BYTES ((size_t)8 << 20)
#define MAX_IMAGES 32768

struct images {
	struct store *paths, *words;
	uint64_t hits, misses;
};

int images_new(uint64_t seed, struct images **ret)
{
	_cleanup_(images_free) struct images *im = calloc(1, sizeof(*im));
	int r;

	if (!im)
		return -ENOMEM;
	r = store_new(PATHS_BYTES, MAX_IMAGES, seed, &im->paths);
	if (r == 0)
		r = store_new(WORDS_BYTES, MAX_IMAGES, seed, &im->words);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(im);
	return 0;
}

struct images *images_free(struct images *im)
{
	if (im) {
		store_free(im->paths);
		store_free(im->words);
		free(im);
	}
	return NULL;
}

static struct store_key key_of(const struct wire_image *key)
{
	return (struct store_key){ key->file, key->dentry };
}

static void put(struct store *s, const struct wire_image *key, struct str value)
{
	const struct str piece[] = { { (const char *)&key->stack, sizeof(key->stack) }, value };

	if (str_known(value))
		store_put(s, key_of(key), piece, 2);
	else
		store_remove(s, key_of(key));
}

static struct str get(struct store *s, const struct wire_image *key)
{
	struct str value = store_get(s, key_of(key));

	if (!str_known(value) || memcmp(value.p, &key->stack, sizeof(key->stack)) != 0)
		return (struct str){ 0 };
	return str_skip(value, sizeof(key->stack));
}

void images_put(struct images *im, const struct wire_image *key, struct str exe, struct str argv)
{
	if (!key->file)
		return;
	put(im->paths, key, exe);
	put(im->words, key, str_known(exe) && argv.len <= IMAGES_MAX_ARGV ? argv : (struct str){ 0 });
}

void images_learn(struct images *im, const struct wire_image *key, struct str exe)
{
	if (key->file && str_known(exe) && !str_known(get(im->paths, key)))
		put(im->paths, key, exe);
}

bool images_get(struct images *im, const struct wire_image *key, struct image *ret)
{
	if (!key->file)
		return false;
	ret->exe = get(im->paths, key);
	if (!str_known(ret->exe)) {
		im->misses++;
		return false;
	}
	im->hits++;
	ret->argv = get(im->words, key);
	return true;
}

void images_forget(struct images *im)
{
	store_clear(im->paths);
	store_clear(im->words);
}

void images_counts(const struct images *im, uint64_t *ret_hits, uint64_t *ret_misses)
{
	*ret_hits = im->hits;
	*ret_misses = im->misses;
}
