/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding rule files. Each is known by its device and inode, so that two names of one file (a link, a
 * directory given twice, an include) load it once, and links that lead in circles end.
 */
#include "parser/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/grow.h"
#include "parser/checker.h"
#include "parser/codes.h"

int file_error(struct sources *sources, struct diags *ds, const struct diag_code *code, const char *path,
	       const char *fmt, ...)
{
	const struct source *src;
	struct loc whole = { 0 };
	char message[256];
	va_list args;
	int err = sources_add(sources, str_of(path), STR_LIT(""), &src);

	if (err < 0)
		return err;
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	whole.source = src;
	diag_error(ds, code, whole, "%s", message);
	return 0;
}

static int unreadable(struct files *files, const char *path, int error, struct sources *sources,
		      struct diags *ds)
{
	if (!files->error)
		files->error = -error;
	return file_error(sources, ds, &code_unreadable, path, "cannot read this: %s", strerror(error));
}

/* Remembers what @st is. 0, -EEXIST with the number in files->known that it has already, -ENOMEM. */
static int see(struct files *files, const struct stat *st, size_t *ret_number)
{
	unsigned long long id[2] = { st->st_dev, st->st_ino };
	struct str name = arena_str(files->arena, (struct str){ (const char *)id, sizeof(id) });
	int err = grow_array(&files->known, files->n_known, &files->cap_known, sizeof(*files->known));

	if (err < 0 || !name.p)
		return -ENOMEM;
	err = names_add(&files->seen, name, files->n_known, ret_number);
	if (err < 0)
		return err;
	*ret_number = files->n_known;
	files->known[files->n_known++] = NULL;
	return 0;
}

/* Others who can write it could turn every rule off. NULL: nobody can; else who, for "... this". */
static const char *stranger(const struct files *files, const struct stat *st, char *buf, size_t size)
{
	if (!files->check_ownership)
		return NULL;
	if (st->st_uid != 0 && st->st_uid != files->owner) {
		snprintf(buf, size, "user %u owns", st->st_uid);
		return buf;
	}
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return st->st_mode & S_IWOTH ? "everybody can write" : "its group can write";
	return NULL;
}

static int check_ownership(const struct files *files, const char *path, const struct stat *st,
			   struct sources *sources, struct diags *ds)
{
	char buf[32];
	const char *who = stranger(files, st, buf, sizeof(buf));

	if (!who)
		return 0;
	return file_error(sources, ds, &code_ownership, path, "%s this, so it is not read", who) < 0 ?
	       -ENOMEM : -EPERM;
}

static bool is_rule_file(const char *name)
{
	struct str s = str_of(name);

	return name[0] != '.' && (str_has_suffix(s, STR_LIT(".yaml")) || str_has_suffix(s, STR_LIT(".yml")));
}

static struct file *file_new(struct files *files, struct str path)
{
	struct file *f = arena_alloc(files->arena, sizeof(*f));
	struct str copy = arena_str(files->arena, path);

	if (!f || !copy.p)
		return NULL;
	f->path = copy.p;
	return f;
}

static int add_file(struct files *files, struct file *f)
{
	int err = f ? grow_array(&files->items, files->n, &files->cap, sizeof(*files->items)) : -ENOMEM;

	if (err == 0)
		files->items[files->n++] = f;
	return err;
}

/* @number: what see() gave it. */
static int add_known(struct files *files, const char *path, size_t number)
{
	files->known[number] = file_new(files, str_of(path));
	return add_file(files, files->known[number]);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_path(const void *a, const void *b)
{
	return strcmp((*(const struct file *const *)a)->path, (*(const struct file *const *)b)->path);
}

/* The names in a directory: "a.yaml", and "sub/" for what may be one. */
static int list_directory(struct files *files, const char *path, char ***ret, size_t *ret_n)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t cap = 0;
	int err = 0;

	if (!dir)
		return -errno;
	while (err == 0 && (entry = readdir(dir))) {
		char **names;

		if (entry->d_name[0] == '.')
			continue;
		err = grow_array(ret, *ret_n, &cap, sizeof(**ret));
		names = *ret;
		if (err == 0 &&
		    asprintf(&names[*ret_n], "%s%s%s", path,
			     str_has_suffix(str_of(path), STR_LIT("/")) ? "" : "/", entry->d_name) < 0)
			err = -ENOMEM;
		*ret_n += err == 0;
	}
	closedir(dir);
	return err;
}

static int add_directory(struct files *files, const char *path, struct sources *sources, struct diags *ds);

/* An entry of a directory; what is neither a rule file nor a directory is left alone. */
static int add_entry(struct files *files, const char *path, struct sources *sources, struct diags *ds)
{
	const char *name = strrchr(path, '/') + 1;
	struct stat st;
	size_t number;
	int err;

	if (stat(path, &st) < 0)
		return is_rule_file(name) ? unreadable(files, path, errno, sources, ds) : 0;
	if (!S_ISDIR(st.st_mode) && !(S_ISREG(st.st_mode) && is_rule_file(name)))
		return 0;
	err = see(files, &st, &number);
	if (err == -EEXIST)
		return 0;
	if (err == 0)
		err = check_ownership(files, path, &st, sources, ds);
	if (err == -EPERM)
		return 0;
	if (err < 0)
		return err;
	return S_ISDIR(st.st_mode) ? add_directory(files, path, sources, ds) : add_known(files, path, number);
}

static int add_directory(struct files *files, const char *path, struct sources *sources, struct diags *ds)
{
	char **names = NULL;
	size_t n = 0;
	int err = list_directory(files, path, &names, &n);

	if (err < 0 && err != -ENOMEM)
		err = unreadable(files, path, -err, sources, ds);
	if (n > 0)
		qsort(names, n, sizeof(*names), by_bytes);
	for (size_t i = 0; i < n; i++) {
		if (err == 0)
			err = add_entry(files, names[i], sources, ds);
		free(names[i]);
	}
	free(names);
	return err;
}

int files_add(struct files *files, const char *path, struct sources *sources, struct diags *ds)
{
	struct stat st;
	size_t first = files->n, number;
	int err;

	if (strcmp(path, "-") == 0)
		return add_file(files, file_new(files, str_of(path)));
	if (stat(path, &st) < 0)
		return unreadable(files, path, errno, sources, ds);
	err = see(files, &st, &number);
	if (err == -EEXIST)
		return 0;
	if (err == 0)
		err = check_ownership(files, path, &st, sources, ds);
	if (err == -EPERM) {
		files->error = files->error ? files->error : -EPERM;
		return 0;
	}
	if (err < 0)
		return err;
	if (!S_ISDIR(st.st_mode))
		return add_known(files, path, number);
	err = add_directory(files, path, sources, ds);
	if (err == 0 && files->n > first)
		qsort(files->items + first, files->n - first, sizeof(*files->items), by_path);
	return err;
}

int files_add_text(struct files *files, struct str path, struct str text)
{
	struct file *f = file_new(files, path);

	if (f)
		f->text = text;
	files->in_memory = true;
	return add_file(files, f);
}

__attribute__((format(printf, 3, 4)))
static int refuse(struct refusal *ret, const struct diag_code *code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(ret->why, sizeof(ret->why), fmt, args);
	va_end(args);
	ret->code = code;
	return -EINVAL;
}

void file_refusal(int error, struct refusal *ret)
{
	if (error == -EFBIG)
		refuse(ret, &code_too_large, "larger than 16 MiB");
	else
		refuse(ret, &code_unreadable, "%s", strerror(-error));
}

static int find_on_disk(struct files *files, const char *path, struct file **ret, struct refusal *ret_refusal)
{
	const char *who;
	struct stat st;
	char buf[32];
	size_t number;
	int err;

	if (stat(path, &st) < 0) {
		err = -errno;
		file_refusal(err, ret_refusal);
		return err;
	}
	if (!S_ISREG(st.st_mode))
		return refuse(ret_refusal, &code_include, "this is %s",
			      S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
	who = stranger(files, &st, buf, sizeof(buf));
	if (who) {
		refuse(ret_refusal, &code_ownership, "%s it", who);
		return -EPERM;
	}
	err = see(files, &st, &number);
	if (err == -ENOMEM)
		return err;
	if (!files->known[number])
		files->known[number] = file_new(files, str_of(path));
	*ret = files->known[number];
	return *ret ? 0 : -ENOMEM;
}

int files_find(struct files *files, const char *path, struct file **ret, struct refusal *ret_refusal)
{
	if (!files->in_memory)
		return find_on_disk(files, path, ret, ret_refusal);
	for (size_t i = 0; i < files->n; i++) {
		if (strcmp(files->items[i]->path, path) == 0) {
			*ret = files->items[i];
			return 0;
		}
	}
	return refuse(ret_refusal, &code_unreadable, "%s", strerror(ENOENT));
}

int file_read(const struct file *f, size_t limit, struct sources *sources, const struct source **ret)
{
	return str_known(f->text) ? sources_add(sources, str_of(f->path), f->text, ret) :
				    sources_read(sources, f->path, limit, ret);
}

void files_done(struct files *files)
{
	free(files->items);
	free(files->known);
	names_done(&files->seen);
}
