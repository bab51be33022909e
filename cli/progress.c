/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line about progress; see progress.h. How much of a file was read is where its descriptor stands, which
 * for a compressed one is what counts: how much of it is left.
 */
#include "cli/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/timefmt.h"
#include "cli/clock.h"
#include "cli/numbers.h"

/* The clock is looked at once in so many records. */
#define LOOK_EVERY 2048
#define DRAW_EVERY_NS (NS_PER_S / 5)
/* Nothing is drawn of what is over so soon. */
#define PATIENCE_NS (NS_PER_S / 2)
#define BAR_WIDTH 20
#define CLEAR "\r\033[K"

/* 0: it is no regular file. */
static uint64_t size_of(const char *path)
{
	struct stat st;
	int r = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(path, &st);

	return r == 0 && S_ISREG(st.st_mode) && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

void progress_open(struct progress *p, int fd, const char *const *paths, size_t n_paths, int64_t now_ns)
{
	const char *term = getenv("TERM");
	bool can_erase = isatty(fd) && !(term && strcmp(term, "dumb") == 0);

	*p = (struct progress){ .fd = can_erase ? fd : -1, .started_ns = now_ns,
				.next_ns = now_ns + PATIENCE_NS };
	for (size_t i = 0; can_erase && i < n_paths; i++) {
		uint64_t size = size_of(paths[i]);

		if (size == 0) {
			p->total = 0;
			break;
		}
		p->total += size;
	}
}

/* What is unknown is nothing: a pipe has no place. */
static uint64_t place_in(int fd)
{
	off_t at = lseek(fd, 0, SEEK_CUR);

	return at > 0 ? (uint64_t)at : 0;
}

static unsigned int columns(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* A terminal that takes nothing loses the line, nothing else. */
static void show(struct progress *p, struct str line)
{
	ssize_t n = write(p->fd, line.p, line.len);

	p->is_drawn = n > 0;
}

static void draw(struct progress *p, uint64_t done, uint64_t n_records, int64_t now_ns)
{
	char memory[256];
	size_t width = columns(p->fd), start = strlen(CLEAR);
	struct buf b;

	buf_init_fixed(&b, memory, sizeof(memory));
	buf_text(&b, CLEAR);
	progress_write(p, done, n_records, now_ns, &b);
	/* The last column stays free: many terminals break the line there. */
	if (b.len > start + width - 1)
		buf_cut(&b, start + width - 1);
	show(p, buf_get(&b));
}

void progress_step(struct progress *p, int from, uint64_t n_records)
{
	int64_t now_ns;

	if (p->fd < 0 || n_records % LOOK_EVERY != 0)
		return;
	now_ns = clock_monotonic();
	if (now_ns < p->next_ns)
		return;
	p->next_ns = now_ns + DRAW_EVERY_NS;
	draw(p, p->ended + place_in(from), n_records, now_ns);
}

void progress_file_end(struct progress *p, int from)
{
	if (p->fd >= 0)
		p->ended += place_in(from);
}

void progress_hide(struct progress *p)
{
	if (p->fd >= 0 && p->is_drawn)
		show(p, STR_LIT(CLEAR));
	p->is_drawn = false;
}

static void write_bar(uint64_t done, uint64_t total, struct buf *b)
{
	uint64_t full = done >= total ? BAR_WIDTH : (uint64_t)((double)done / (double)total * BAR_WIDTH);

	buf_char(b, '[');
	for (uint64_t i = 0; i < BAR_WIDTH; i++)
		buf_char(b, i < full ? '#' : '.');
	buf_printf(b, "] %3u %%  ", percent_of(done < total ? done : total, total));
}

void progress_write(const struct progress *p, uint64_t done, uint64_t n_records, int64_t now_ns,
		    struct buf *b)
{
	int64_t elapsed_ns = now_ns - p->started_ns, left_ns;

	if (p->total)
		write_bar(done, p->total, b);
	write_grouped(n_records, b);
	buf_text(b, " records");
	if (elapsed_ns > 0) {
		buf_text(b, ", ");
		write_rate(n_records, elapsed_ns, b);
	}
	if (p->total && done > 0 && done < p->total && elapsed_ns > 0) {
		/* A guess: to the second, and never none. */
		left_ns = (int64_t)((double)elapsed_ns / (double)done * (double)(p->total - done));
		buf_text(b, ", ");
		duration_write((left_ns / NS_PER_S + 1) * NS_PER_S, b);
		buf_text(b, " left");
	}
}
