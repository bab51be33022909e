/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * argv, read when the call returns, which is when it can be read: on success the kernel has just written it
 * to the new stack, on failure it has usually touched the caller's pages. On entry they often are not there.
 */
#ifndef BPF_ARGV_BPF_H
#define BPF_ARGV_BPF_H

/* Pieces of words that a failed call's argv is followed for; bounds the time spent. */
#define ARGV_MAX_STEPS 32768
#define PAGE 4096

/* Bytes of argv that are kept, at most WIRE_MAX_ARGV. Set by the loader. */
const volatile __u32 max_argv = WIRE_MAX_ARGV;

/* The words of the new image lie one behind the other. @argc as the kernel counted them. */
static __always_inline void argv_put_executed(struct scratch *s, struct mm_struct *mm, __u32 argc)
{
	__u64 from = BPF_CORE_READ(mm, arg_start), to = BPF_CORE_READ(mm, arg_end);
	__u64 n = to - from, at = s->len;

	s->exec.argc = argc;
	s->exec.argv_bytes = n;
	if (to < from || n > max_argv) {
		n = max_argv;
		s->exec.flags |= WIRE_ARGV_CUT;
	}
	opaque(n);
	opaque(at);
	if (n > WIRE_MAX_ARGV || at > SCRATCH_ARGV)
		return;
	if (bpf_probe_read_user(s->data + at, n, (void *)from)) {
		s->exec.flags |= WIRE_ARGV_PARTIAL;
		return;
	}
	s->exec.flags |= WIRE_ARGV_KNOWN;
	s->exec.part_len[WIRE_ARGV] = n;
	s->len = at + n;
}

/* The next pointer of the array. False: no more, or none that can be read. */
static __always_inline bool argv_next(struct argv_walk *w)
{
	__u64 pointer = 0;
	__u32 size = w->bits == 32 ? 4 : 8;

	/* Little endian: four bytes fill the lower half. */
	if (w->bits == 32 ? bpf_probe_read_user(&pointer, 4, (void *)w->array)
			  : bpf_probe_read_user(&pointer, 8, (void *)w->array)) {
		w->flags |= WIRE_ARGV_PARTIAL;
		return false;
	}
	if (!pointer) {
		w->done = 1;
		return false;
	}
	w->array += size;
	w->string = pointer;
	w->argc++;
	return true;
}

/*
 * One piece of a word, which never crosses a page, so that an unreadable page costs no more than itself.
 * Behind the limit words are read on, over each other, for the true argc and bytes.
 */
static __always_inline void argv_piece(struct scratch *s)
{
	struct argv_walk *w = &s->argv;
	__u64 at = s->len, n = PAGE - (w->string & (PAGE - 1));
	bool ended;
	long got;

	opaque(at);
	if (at > SCRATCH_ARGV + WIRE_MAX_ARGV)
		return;
	opaque(n);
	if (n > PAGE)
		return;
	if (n == 1) {
		/* A string of size 1 would always be the NUL that the helper adds. */
		got = bpf_probe_read_user(s->data + at, 1, (void *)w->string);
		ended = s->data[at] == '\0';
		if (!got)
			got = 1;
	} else {
		got = read_user_string(s->data + at, n, w->string);
		ended = got < (long)n;
		/* As long as the room: the NUL may be the helper's. Take the rest, ask again. */
		if (!ended)
			got = n - 1;
	}
	if (got < 0) {
		/* Where it lies in the array is known, what it says is not. */
		w->flags |= WIRE_ARGV_PARTIAL;
		s->data[at] = '\0';
		got = 1;
		ended = true;
	}
	w->bytes += got;
	w->string = ended ? 0 : w->string + got;
	if (w->flags & WIRE_ARGV_CUT)
		return;
	if (at + got > w->limit)
		w->flags |= WIRE_ARGV_CUT;
	else
		s->len = at + got;
}

static long argv_step(__u32 i, void *unused)
{
	struct scratch *s = scratch_get();

	if (!s || (!s->argv.string && !argv_next(&s->argv)))
		return 1;
	argv_piece(s);
	return 0;
}

/* The words of a caller, from its array of pointers. */
static __always_inline void argv_put_given(struct scratch *s, __u64 array, __u8 bits)
{
	__u64 from = s->len;

	s->argv.array = array;
	s->argv.string = 0;
	s->argv.limit = from + max_argv;
	s->argv.argc = 0;
	s->argv.bytes = 0;
	s->argv.flags = WIRE_ARGV_KNOWN;
	s->argv.bits = bits;
	s->argv.done = array == 0;	/* NULL is an empty argv to the kernel too */
	if (array)
		bpf_loop(ARGV_MAX_STEPS, argv_step, NULL, 0);

	s->exec.part_len[WIRE_ARGV] = s->len - from;
	s->exec.flags |= s->argv.flags;
	if (s->argv.done) {
		s->exec.argc = s->argv.argc;
		/* Of an unreadable word the length is not known. */
		if (!(s->argv.flags & WIRE_ARGV_PARTIAL))
			s->exec.argv_bytes = s->argv.bytes;
	} else if (!(s->argv.flags & WIRE_ARGV_PARTIAL)) {
		s->exec.flags |= WIRE_ARGV_CUT;
	} else if (s->argv.argc == 0) {
		s->exec.flags &= ~WIRE_ARGV_KNOWN;
	}
}

#endif
