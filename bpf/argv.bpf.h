/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * argv, read when it can be read: on success as soon as there is a new image, to whose stack the kernel has
 * just written it; on failure when the call returns, by when it has usually touched the caller's pages. On
 * entry they often are not there.
 *
 * The words are gathered in a chunk of their own. A few bytes are copied into the record; more are sent
 * ahead of it, one chunk after the other.
 */
#ifndef BPF_ARGV_BPF_H
#define BPF_ARGV_BPF_H

/*
 * What bounds the time spent on an argv. The kernel itself takes no more than 6 MiB of words and pointers
 * to them; of what it would not take a beginning is enough. A page that cannot be read takes long to find
 * out.
 */
#define ARGV_MAX_STEPS (1 << 20)
#define ARGV_MAX_FAULTS 256
#define PAGE 4096

/* Bytes of argv that are kept, at most WIRE_MAX_ARGV. Set by the loader. */
const volatile __u32 max_argv = WIRE_MAX_ARGV;

/* Sends what is gathered, unless chunks have had their share. Nothing follows one that found no room. */
static __always_inline void argv_flush(struct scratch *s)
{
	__u64 n = s->argv.fill, size;

	opaque(n);
	if (n == 0 || n > sizeof(s->bytes) || s->argv.failed)
		return;
	size = sizeof(s->chunk) + n;
	s->chunk.head.size = size;
	s->chunk.head.kind = WIRE_KIND_CHUNK;
	s->chunk.head.slot = s->slot;
	s->chunk.head.call = s->start.head.call;
	s->chunk.offset = s->argv.sent;
	s->chunk.unused = 0;
	if (bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > WIRE_CHUNKS_SHARE || ring_output(&s->chunk, size))
		s->argv.failed = 1;
	s->argv.sent += n;
	s->argv.fill = 0;
}

/* The next word. False: no more, or none whose place can be read. */
static __always_inline bool argv_next(struct argv_walk *w)
{
	__u64 pointer = 0;

	if (!w->array) {
		if (!w->left) {
			w->done = 1;
			return false;
		}
		w->left--;
		w->string = w->next;
		w->argc++;
		return true;
	}
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
	w->array += w->bits == 32 ? 4 : 8;
	w->string = pointer;
	w->argc++;
	return true;
}

/* One piece of a word, at most to the end of its page. Its length, or -errno; *ended: with its NUL. */
static __always_inline long argv_read_word(struct argv_walk *w, char *to, __u64 n, bool *ended)
{
	long got;

	*ended = false;
	if (n == 1) {
		/* A string of size 1 would always be the NUL that the helper adds. */
		got = bpf_probe_read_user(to, 1, (void *)w->string);
		*ended = *to == '\0';
		return got ? got : 1;
	}
	got = read_user_string(to, n, w->string);
	/* As long as the room: the NUL may be the helper's. Take the rest, ask again. */
	*ended = got < (long)n;
	return *ended ? got : (long)n - 1;
}

/*
 * A piece never crosses a page, so that an unreadable page costs no more than itself. Behind the limit
 * words are read on, over each other, for the true argc and bytes.
 */
static __always_inline void argv_piece(struct scratch *s)
{
	struct argv_walk *w = &s->argv;
	__u64 at = w->fill, n = PAGE - (w->string & (PAGE - 1));
	bool ended = false;
	long got;

	if (w->end && n > w->end - w->string)
		n = w->end - w->string;
	opaque(at);
	if (at > WIRE_CHUNK)
		return;
	opaque(n);
	if (n > PAGE)
		return;
	if (w->end)
		got = bpf_probe_read_user(s->bytes + at, n, (void *)w->string) ? -EFAULT : (long)n;
	else
		got = argv_read_word(w, s->bytes + at, n, &ended);
	w->next = w->string + (got > 0 ? got : (long)n);
	if (got < 0) {
		/* Where it lies is known, what it says is not. */
		w->flags |= WIRE_ARGV_PARTIAL;
		w->faults++;
		s->bytes[at] = '\0';
		got = 1;
		ended = true;
	}
	w->bytes += got;
	if (w->end)
		w->string = w->next < w->end ? w->next : 0;
	else
		w->string = ended ? 0 : w->next;
	if (w->flags & WIRE_ARGV_CUT)
		return;
	if (w->sent + at + got <= w->limit) {
		w->fill = at + got;
		return;
	}
	w->flags |= WIRE_ARGV_CUT;
	/* How much there is of a range is known. */
	if (w->end)
		w->string = 0;
}

static long argv_step(__u32 i, struct scratch **walk)
{
	struct scratch *s = *walk;

	if (!s->argv.string && (s->argv.end || !argv_next(&s->argv))) {
		s->argv.done |= s->argv.end != 0;
		return 1;
	}
	if (s->argv.bytes + s->argv.argc * sizeof(__u64) > WIRE_MAX_ARGV || s->argv.faults > ARGV_MAX_FAULTS)
		return 1;
	if (s->argv.fill >= WIRE_CHUNK)
		argv_flush(s);
	if (s->argv.failed)
		return 1;
	argv_piece(s);
	return 0;
}

static __always_inline void argv_walk(struct scratch *s, __u64 limit)
{
	struct argv_walk *w = &s->argv;

	w->limit = limit;
	w->sent = w->fill = 0;
	w->argc = w->bytes = w->faults = 0;
	w->flags = 0;
	w->done = w->failed = 0;
	bpf_loop(ARGV_MAX_STEPS, argv_step, &s, 0);
	if (!w->done && !w->failed && !(w->flags & WIRE_ARGV_PARTIAL))
		w->flags |= WIRE_ARGV_CUT;
}

/* The words of a caller, from its array of pointers. NULL is an empty argv to the kernel too. */
static __always_inline void argv_from_pointers(struct argv_walk *w, __u64 array, __u8 bits)
{
	w->array = array;
	w->string = w->next = w->end = 0;
	w->left = 0;
	w->bits = bits;
}

/* @argc words, one behind the other. */
static __always_inline void argv_from_row(struct argv_walk *w, __u64 first, __u32 argc)
{
	w->array = w->string = w->end = 0;
	w->next = first;
	w->left = argc;
}

/* Words of which the last one ends at @end. */
static __always_inline void argv_from_range(struct argv_walk *w, __u64 first, __u64 end)
{
	w->array = w->next = 0;
	w->left = 0;
	w->string = first < end ? first : 0;
	w->end = end;
}

enum argv_source {
	ARGV_EXECUTED,			/* of the new image */
	ARGV_GIVEN,			/* of the caller, whose memory is still there */
	ARGV_COMMITTED,			/* of a new image that failed before it was ready */
};

static __always_inline void argv_from(struct scratch *s, enum argv_source source, struct mm_struct *mm)
{
	__u64 from = mm->arg_start;

	if (source == ARGV_EXECUTED)
		argv_from_range(&s->argv, from, mm->arg_end);
	else if (source == ARGV_GIVEN)
		argv_from_pointers(&s->argv, s->start.argv, s->start.bits);
	else
		argv_from_row(&s->argv, from, s->start.argc);
}

/* What a walk that went over all words has counted. Of an unreadable word the length is not known. */
static __always_inline void argv_put_counts(struct scratch *s)
{
	if (!s->argv.done)
		return;
	s->exec.argc = s->argv.argc;
	if (!(s->argv.flags & WIRE_ARGV_PARTIAL))
		s->exec.argv_bytes = s->argv.bytes;
}

/* Appends what is gathered to the record. */
static __always_inline void argv_put_inline(struct scratch *s)
{
	__u64 at = s->len, n = s->argv.fill;

	opaque(at);
	opaque(n);
	if (at > SCRATCH_ARGV || n > WIRE_INLINE_ARGV)
		return;
	bpf_probe_read_kernel(s->data + at, n, s->bytes);
	s->exec.part_len[WIRE_ARGV] = n;
	s->len = at + n;
}

/* The new image's words in one piece, as nearly all are. False: too large, or not all of it is there. */
static __always_inline bool argv_put_whole(struct scratch *s, struct mm_struct *mm)
{
	__u64 from = mm->arg_start, n = mm->arg_end - from, at = s->len;

	opaque(n);
	opaque(at);
	if (n > WIRE_INLINE_ARGV || n > max_argv || at > SCRATCH_ARGV)
		return false;
	if (bpf_probe_read_user(s->data + at, n, (void *)from))
		return false;
	s->exec.argv_bytes = n;
	s->exec.flags |= WIRE_ARGV_KNOWN;
	s->exec.part_len[WIRE_ARGV] = n;
	s->len = at + n;
	return true;
}

/*
 * Puts argv into the record, or, where it is too large and @may_chunk, into chunks ahead of it. False, and
 * nothing put: there was no room for chunks.
 */
static __noinline bool argv_put(struct scratch *s, enum argv_source source, struct mm_struct *mm,
			       bool may_chunk)
{
	__u64 limit = max_argv;
	bool chunked;

	if (!may_chunk && limit > WIRE_INLINE_ARGV)
		limit = WIRE_INLINE_ARGV;
	argv_from(s, source, mm);
	argv_walk(s, limit);
	chunked = s->argv.sent || s->argv.fill > WIRE_INLINE_ARGV;
	if (chunked)
		argv_flush(s);
	if (s->argv.failed)
		return false;
	if (source == ARGV_EXECUTED) {
		s->exec.argc = s->start.argc;
		s->exec.argv_bytes = mm->arg_end - mm->arg_start;
	} else {
		argv_put_counts(s);
	}
	s->exec.flags |= s->argv.flags;
	if (chunked) {
		s->exec.argv_len = s->argv.sent;
		s->exec.flags |= WIRE_ARGV_CHUNKED | WIRE_ARGV_KNOWN;
	} else if (s->argv.argc || s->argv.fill || s->argv.done) {
		s->exec.flags |= WIRE_ARGV_KNOWN;
		argv_put_inline(s);
	}
	return true;
}

/*
 * Sends the words that a call handed over, while the caller's memory is there: those of a script are
 * replaced by others. True when all of it found room.
 */
static __always_inline bool argv_send_given(struct scratch *s)
{
	struct wire_given given = { .head = { .size = sizeof(given), .kind = WIRE_KIND_GIVEN } };

	argv_from_pointers(&s->argv, s->start.argv, s->start.bits);
	argv_walk(s, max_argv);
	argv_flush(s);
	if (s->argv.failed)
		return false;
	given.head.slot = s->slot;
	given.head.call = s->start.head.call;
	given.len = s->argv.sent;
	given.flags = s->argv.flags;
	return ring_output(&given, sizeof(given)) == 0;
}

#endif
