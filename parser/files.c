/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding rule files. Each is known by its device and inode, so that two names of one file (a link, a
 * directory given twice) load it once, and links that lead in circles end.
 */
#include "parser/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
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

/* Remembers what @st is. 0, -EEXIST: known already, -ENOMEM. */
static int see(struct files *files, const struct stat *st)
{
	unsigned long long id[2] = { st->st_dev, st->st_ino };
	struct str name = arena_str(files->arena, (struct str){ (const char *)id, sizeof(id) });
	size_t number;

	return name.p ? names_add(&files->seen, name, 0, &number) : -ENOMEM;
}

/* Others who can write it could turn every rule off. */
static int check_ownership(const struct files *files, const char *path, const struct stat *st,
			   struct sources *sources, struct diags *ds)
{
	if (!files->check_ownership)
		return 0;
	if (st->st_uid != 0 && st->st_uid != files->owner)
		return file_error(sources, ds, &code_ownership, path, "user %u owns this, so it is not read",
				  st->st_uid) < 0 ? -ENOMEM : -EPERM;
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return file_error(sources, ds, &code_ownership, path,
				  "%s can write this, so it is not read",
				  st->st_mode & S_IWOTH ? "everybody" : "its group") < 0 ? -ENOMEM : -EPERM;
	return 0;
}

static bool is_rule_file(const char *name)
{
	struct str s = str_of(name);

	return name[0] != '.' && (str_has_suffix(s, STR_LIT(".yaml")) || str_has_suffix(s, STR_LIT(".yml")));
}

static int add_path(struct files *files, const char *path)
{
	struct str copy = arena_str(files->arena, str_of(path));
	int err = make_room(&files->paths, files->n, &files->cap, sizeof(*files->paths));

	if (err < 0 || !copy.p)
		return -ENOMEM;
	files->paths[files->n++] = copy.p;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
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
		err = make_room(ret, *ret_n, &cap, sizeof(**ret));
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
	int err;

	if (stat(path, &st) < 0)
		return is_rule_file(name) ? unreadable(files, path, errno, sources, ds) : 0;
	if (!S_ISDIR(st.st_mode) && !(S_ISREG(st.st_mode) && is_rule_file(name)))
		return 0;
	err = see(files, &st);
	if (err == -EEXIST)
		return 0;
	if (err == 0)
		err = check_ownership(files, path, &st, sources, ds);
	if (err == -EPERM)
		return 0;
	if (err < 0)
		return err;
	return S_ISDIR(st.st_mode) ? add_directory(files, path, sources, ds) : add_path(files, path);
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
	size_t first = files->n;
	int err;

	if (strcmp(path, "-") == 0)
		return add_path(files, path);
	if (stat(path, &st) < 0)
		return unreadable(files, path, errno, sources, ds);
	err = see(files, &st);
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
		return add_path(files, path);
	err = add_directory(files, path, sources, ds);
	if (err == 0 && files->n > first)
		qsort(files->paths + first, files->n - first, sizeof(*files->paths), by_bytes);
	return err;
}

void files_done(struct files *files)
{
	free(files->paths);
	names_done(&files->seen);
}
