/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks of words; see pieces.h. */
#include "bpf/pieces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bpf/store.h"

/* What a slot may keep of the memory of a large argv until the next one. */
#define KEPT_BYTES ((size_t)256 << 10)
#define MIN_GIVEN_BYTES ((size_t)4 << 20)
#define MAX_GIVEN 16384

struct slot {
	char *bytes;
	size_t len;
	uint64_t call;
};

struct pieces {
	struct store *given;
	char *memory;
	size_t max_bytes, n_slots;
	struct slot slot[];
};

int pieces_new(size_t slots, size_t max_bytes, uint64_t seed, struct pieces **ret)
{
	_cleanup_(pieces_free) struct pieces *p = calloc(1, sizeof(*p) + slots * sizeof(p->slot[0]));
	size_t given = max_bytes * 5 > MIN_GIVEN_BYTES ? max_bytes * 5 : MIN_GIVEN_BYTES;
	int r;

	if (!p)
		return -ENOMEM;
	p->max_bytes = max_bytes;
	p->n_slots = slots;
	p->memory = mmap(NULL, slots * max_bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p->memory == MAP_FAILED) {
		p->memory = NULL;
		return -ENOMEM;
	}
	for (size_t i = 0; i < slots; i++)
		p->slot[i].bytes = p->memory + i * max_bytes;
	/* A value takes at most a quarter of its store. */
	r = store_new(given, MAX_GIVEN, seed, &p->given);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(p);
	return 0;
}

struct pieces *pieces_free(struct pieces *p)
{
	if (!p)
		return NULL;
	if (p->memory)
		munmap(p->memory, p->n_slots * p->max_bytes);
	store_free(p->given);
	free(p);
	return NULL;
}

/* Whole pages only; what shares one with another slot stays. */
static void give_back(struct slot *s)
{
	char *from = s->bytes + KEPT_BYTES, *page = (char *)(((uintptr_t)from + 4095) & ~(uintptr_t)4095);
	char *end = (char *)((uintptr_t)(s->bytes + s->len) & ~(uintptr_t)4095);

	if (s->len > KEPT_BYTES && end > page)
		madvise(page, (size_t)(end - page), MADV_DONTNEED);
}

int pieces_add(struct pieces *p, const char *record, size_t size)
{
	struct wire_chunk head;
	struct slot *s;
	size_t n;

	if (size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, record, sizeof(head));
	n = size - sizeof(head);
	if (head.head.slot >= p->n_slots)
		return -EBADMSG;
	s = &p->slot[head.head.slot];
	if (head.offset == 0) {
		give_back(s);
		s->len = 0;
		s->call = head.head.call;
	}
	if (s->call != head.head.call || s->len != head.offset || n > p->max_bytes - s->len)
		return -EBADMSG;
	memcpy(s->bytes + s->len, record + sizeof(head), n);
	s->len += n;
	return 0;
}

struct str pieces_words(const struct pieces *p, const struct wire_head *head, uint32_t len)
{
	const struct slot *s = head->slot < p->n_slots ? &p->slot[head->slot] : NULL;

	if (!s || s->call != head->call || s->len != len)
		return (struct str){ 0 };
	return (struct str){ s->bytes, len };
}

int pieces_keep_given(struct pieces *p, const char *record, size_t size)
{
	struct wire_given given;
	struct str piece[2];

	if (size != sizeof(given))
		return -EBADMSG;
	memcpy(&given, record, sizeof(given));
	/* Of no word there is no chunk. */
	piece[1] = given.len ? pieces_words(p, &given.head, given.len) : STR_LIT("");
	if (!str_known(piece[1]))
		return -EBADMSG;
	piece[0] = (struct str){ (const char *)&given.flags, sizeof(given.flags) };
	return store_put(p->given, (struct store_key){ given.head.call, 0 }, piece, 2) < 0 ? -EBADMSG : 0;
}

struct str pieces_given(struct pieces *p, uint64_t call, uint32_t *ret_flags)
{
	struct str value = store_get(p->given, (struct store_key){ call, 0 });

	if (value.len < sizeof(*ret_flags))
		return (struct str){ 0 };
	memcpy(ret_flags, value.p, sizeof(*ret_flags));
	return str_skip(value, sizeof(*ret_flags));
}
