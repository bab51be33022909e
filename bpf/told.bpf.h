/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the consumer was told lately. A path takes longer to walk than all the rest of a record takes, and
 * it is mostly the same few shells and services that exec; so it is sent once with the key that stands for
 * it (an image, a cgroup), and again after a while. The consumer keeps far more of them than are remembered
 * here.
 *
 * Two CPUs may write the same place at the same time. What comes of it is a key that is none, or a path
 * that the consumer does not have: it is not known then, until it is sent again.
 */
#ifndef BPF_TOLD_BPF_H
#define BPF_TOLD_BPF_H

#define TOLD_PLACES 1024		/* a power of two */
#define TOLD_NS 10000000000ull

/* What was written or read before is read again. */
#define again() asm volatile("" ::: "memory")

struct told {
	__u64 a, b, c;			/* the key */
	__u64 when_ns;
};

static struct told told[TOLD_PLACES];

static __always_inline struct told *told_place(__u64 a, __u64 c)
{
	__u64 hash = (a ^ c << 1) * 0x9e3779b97f4a7c15ull;

	return &told[hash >> 54 & (TOLD_PLACES - 1)];
}

/*
 * Does this record have to say what @a, @b and @c stand for? If so that is noted for when it has been sent.
 * They are read back, for the verifier lets nobody calculate with a pointer, but does not know one in a
 * map.
 */
static __always_inline bool told_need(struct scratch *s, enum told_kind kind, const void *a, const void *b,
				      __u64 c)
{
	const struct told *place;
	__u64 key;

	s->tell[kind].a = (__u64)a;
	s->tell[kind].b = (__u64)b;
	s->tell[kind].c = c;
	again();
	key = s->tell[kind].a;
	place = told_place(key, c);
	if (place->a != key || place->b != s->tell[kind].b || place->c != c ||
	    s->exec.seen_ns - place->when_ns >= TOLD_NS)
		return true;
	s->tell[kind].a = 0;
	return false;
}

/* It could not be said after all. */
static __always_inline void told_not(struct scratch *s, enum told_kind kind)
{
	s->tell[kind].a = 0;
}

/* The record is in the ring. */
static __always_inline void told_all(struct scratch *s)
{
	struct told *place;

	for (int i = 0; i < TOLD_KINDS; i++) {
		if (!s->tell[i].a)
			continue;
		place = told_place(s->tell[i].a, s->tell[i].c);
		place->a = s->tell[i].a;
		place->b = s->tell[i].b;
		place->c = s->tell[i].c;
		place->when_ns = s->exec.seen_ns;
	}
}

#endif
