/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The passwd file as an array sorted by uid. What tells that the file is another one is its identity and
 * the time of its last change: useradd and vipw replace it by rename.
 */
#include "bpf/users.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"

struct user {
	uint32_t uid;
	size_t line;			/* of equal uids the first line counts, as for getpwuid() */
	struct str name;
};

struct table {
	struct arena names;
	struct user *user;
	size_t n, cap;
};

struct users {
	const char *path;
	struct stat seen;
	struct table table;
};

static void table_cleanup(struct table *t)
{
	free(t->user);
	arena_done(&t->names);
}

static int table_add(struct table *t, struct user user)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		struct user *grown = reallocarray(t->user, cap, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		t->user = grown;
		t->cap = cap;
	}
	user.name = arena_str(&t->names, user.name);
	if (!user.name.p)
		return -ENOMEM;
	t->user[t->n++] = user;
	return 0;
}

/* "name:password:uid:..." False: not such a line (NIS's `+` lines, comments). */
static bool parse_line(const char *line, struct user *ret)
{
	const char *name_end = strchr(line, ':'), *uid = name_end ? strchr(name_end + 1, ':') : NULL;
	unsigned long value;
	char *end;

	if (!uid || name_end == line || uid[1] < '0' || uid[1] > '9')
		return false;
	errno = 0;
	value = strtoul(uid + 1, &end, 10);
	if (*end != ':' || errno || value > UINT32_MAX)
		return false;
	ret->uid = (uint32_t)value;
	ret->name = (struct str){ line, (size_t)(name_end - line) };
	return true;
}

static int by_uid(const void *a, const void *b)
{
	const struct user *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static int table_read(struct table *t, FILE *f)
{
	_cleanup_(free) char *line = NULL;
	size_t cap = 0;
	int r;

	while (getline(&line, &cap, f) >= 0) {
		struct user user = { .line = t->n };

		if (!parse_line(line, &user))
			continue;
		r = table_add(t, user);
		if (r < 0)
			return r;
	}
	if (ferror(f))
		return -EIO;
	if (t->n > 0)
		qsort(t->user, t->n, sizeof(*t->user), by_uid);
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int load(struct users *u)
{
	_cleanup_(fclose) FILE *f = fopen(u->path, "re");
	_cleanup_(table) struct table fresh = { 0 };
	struct table old;
	struct stat st;
	int r;

	if (!f || fstat(fileno(f), &st) < 0)
		return -errno;
	r = table_read(&fresh, f);
	if (r < 0)
		return r;

	old = u->table;
	u->table = fresh;
	u->seen = st;
	fresh = old;			/* released on the way out */
	return 0;
}

int users_new(const char *path, struct users **ret)
{
	_cleanup_(users_free) struct users *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->path = path;
	if (load(u) == -ENOMEM)
		return -ENOMEM;
	*ret = TAKE_PTR(u);
	return 0;
}

struct users *users_free(struct users *u)
{
	if (u) {
		table_cleanup(&u->table);
		free(u);
	}
	return NULL;
}

bool users_refresh(struct users *u)
{
	struct stat now;

	if (stat(u->path, &now) < 0 || same_file(&now, &u->seen))
		return false;
	return load(u) == 0;
}

struct str users_name(const struct users *u, uint32_t uid)
{
	size_t low = 0, high = u ? u->table.n : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (u->table.user[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	if (!u || low == u->table.n || u->table.user[low].uid != uid)
		return (struct str){ 0 };
	return u->table.user[low].name;
}
