/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch fmt: native rule files in their canonical form. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "cli/replace.h"
#include "cli/rules.h"
#include "cli/verb.h"
#include "parser/files.h"
#include "parser/format.h"

struct fmt_options {
	bool write, check;
};

static const struct cli_option options[] = {
	{ "write", 'w', OPTION_FLAG, offsetof(struct fmt_options, write), NULL, NULL,
	  "write what differs back to its file, and print its name" },
	{ "check", 0, OPTION_FLAG, offsetof(struct fmt_options, check), NULL, NULL,
	  "print the names of files that differ, and exit 1 if there is one" },
	{ 0 },
};

/* A file that has its canonical form now, or could have: the text itself, its name, or its new content. */
static int deliver(const struct fmt_options *o, const char *path, struct str before, struct str after)
{
	int err;

	if (!o->write && !o->check) {
		fwrite(after.p, 1, after.len, stdout);
		return EXIT_FINE;
	}
	if (str_eq(before, after))
		return EXIT_FINE;
	err = o->write ? replace_file(path, after) : 0;
	if (err < 0) {
		log_error("%s: cannot be written: %s", path, strerror(-err));
		return EXIT_SYSTEM;
	}
	printf("%s\n", path);
	return o->check ? EXIT_FINDINGS : EXIT_FINE;
}

/* Whatever is wrong, the file stays as it is. */
static int format_file(const struct fmt_options *o, const char *path)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(buf) struct buf text = BUF_INIT;
	const struct source *src;
	int err = sources_read(&sources, path, YAML_MAX_BYTES, &src);

	if (err == -EFBIG) {
		log_error("%s: larger than 16 MiB", path);
		return EXIT_FINDINGS;
	}
	if (err < 0) {
		log_error("%s: cannot be read: %s", path, strerror(-err));
		return EXIT_SYSTEM;
	}
	err = format_rules(src, &ds, &text);
	if (err == 0)
		return deliver(o, path, src->text, buf_get(&text));
	if (err == -ENOTSUP) {
		log_warning("%s: no native rule file, left as it is", path);
		return deliver(o, path, src->text, src->text);
	}
	diags_sort(&ds);
	print_diags(&ds, stderr);
	if (err == -EFBIG)
		log_error("%s: its canonical form would be larger than 16 MiB; left as it is", path);
	if (err == -EBADMSG)
		log_error("%s: internal error: the canonical form would not read the same; left as it is",
			  path);
	if (err == -ENOMEM)
		log_error("%s: out of memory", path);
	return err == -ENOMEM ? EXIT_SYSTEM : EXIT_FINDINGS;
}

/* Without an option there is one text on stdout. False after a message. */
static bool usage_is_fine(const struct fmt_options *o, const char *const *arg, size_t n_args)
{
	struct stat st;

	if (o->write && o->check) {
		log_error("--write and --check exclude each other");
		return false;
	}
	if (n_args == 0) {
		log_error("`fmt` needs rule files or directories, or - for standard input");
		return false;
	}
	for (size_t i = 0; i < n_args; i++) {
		bool folder = stat(arg[i], &st) == 0 && S_ISDIR(st.st_mode);

		if (!o->write && !o->check && (n_args > 1 || folder)) {
			log_error("%s: --write or --check is needed", folder ? arg[i] : "several files");
			return false;
		}
		if (o->write && strcmp(arg[i], "-") == 0) {
			log_error("--write cannot write standard input back");
			return false;
		}
	}
	return true;
}

static int fmt(const void *opts, const char *const *arg, size_t n_args)
{
	const struct fmt_options *o = opts;
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(arena) struct arena arena = ARENA_INIT;
	struct files files = { .arena = &arena };
	int err = 0, worst = EXIT_FINE;

	if (!usage_is_fine(o, arg, n_args))
		return EXIT_USAGE;
	for (size_t i = 0; i < n_args && err == 0; i++)
		err = files_add(&files, arg[i], &sources, &ds);
	for (size_t i = 0; i < files.n && err == 0; i++) {
		int code = format_file(o, files.items[i]->path);

		worst = code > worst ? code : worst;
	}
	print_diags(&ds, stderr);
	if (err < 0)
		log_error("out of memory");
	if (err < 0 || files.error < 0)
		worst = EXIT_SYSTEM;
	files_done(&files);
	return worst;
}

const struct verb verb_fmt = {
	.name = "fmt",
	.arguments = "[--write|--check] PATH...",
	.summary = "write native rule files in their canonical form",
	.details = "Prints the canonical form of one file, or of standard input (-). Comments are kept, and\n"
		   "the keys and values are the same: the result is read and compared before it is used.",
	.options = options,
	.options_size = sizeof(struct fmt_options),
	.run = fmt,
};
