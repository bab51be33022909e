/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file; see config.h. What an output takes is in its own table of settings, so this file
 * knows no output by name. `capture` is read in config_capture.c.
 */
#include "cli/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cli/config_read.h"
#include "engine/window.h"
#include "parser/codes.h"
#include "parser/read.h"
#include "parser/yaml.h"

#define DEFAULT_STATE "/var/lib/execwatch"
#define DEFAULT_USER "execwatch"
/* What useradd(8) lets a name be made of. */
#define USER_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
#define USER_LENGTH 32

struct reading {
	struct config *c;
	struct str folder; /* of the file, with its last slash; empty: the working directory */
	struct diags *ds;
};

void config_init(struct config *c)
{
	*c = (struct config){
		.arena = ARENA_INIT,
		.backend = BACKEND_AUTO,
		.max_argv = CAPTURE_DEFAULT_ARGV,
		.return_timeout_ns = CAPTURE_RETURN_TIMEOUT_NS,
		.state = STR(DEFAULT_STATE),
		.user = STR(DEFAULT_USER),
		.window_memory = WINDOW_MEMORY,
	};
}

void config_done(struct config *c)
{
	arena_done(&c->arena);
	*c = (struct config)CONFIG_INIT;
}

/* A path as the configuration means it: relative to its own folder. */
static int resolve(struct reading *r, struct str path, struct str *ret)
{
	struct str s;
	char *p;

	if (path.len && path.p[0] == '/') {
		s = arena_str(&r->c->arena, path);
	} else {
		p = arena_alloc(&r->c->arena, r->folder.len + path.len + 1);
		s = (struct str){ p, r->folder.len + path.len };
		if (p) {
			memcpy(p, r->folder.p, r->folder.len);
			memcpy(p + r->folder.len, path.p, path.len);
		}
	}
	if (!s.p)
		return -ENOMEM;
	*ret = s;
	return 0;
}

static int read_version(struct reading *r, const struct node *n)
{
	int64_t version;

	return read_int(n, "`version`", 1, 1, r->ds, &version);
}

static int read_rules(struct reading *r, const struct node *n)
{
	struct strs texts;
	struct str *paths;
	int ret = read_texts(n, "`rules`", &r->c->arena, r->ds, &texts);

	if (ret < 0)
		return ret;
	paths = arena_array(&r->c->arena, texts.n, sizeof(*paths));
	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < texts.n; i++) {
		ret = resolve(r, texts.item[i], &paths[i]);
		if (ret < 0)
			return ret;
	}
	r->c->rules = (struct strs){ paths, texts.n };
	return 0;
}

static int read_labels(struct reading *r, const struct node *n)
{
	struct pair *items;
	int ret = read_map(n, "`labels`", r->ds);

	if (ret < 0)
		return ret;
	items = arena_array(&r->c->arena, n->n, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < n->n; i++) {
		items[i].name = arena_str(&r->c->arena, n->keys[i]->text);
		ret = worse(ret, read_text(n->items[i], "a label", r->ds, &items[i].value));
		items[i].value = arena_str(&r->c->arena, items[i].value);
		if (!items[i].name.p || (ret == 0 && !items[i].value.p))
			return -ENOMEM;
	}
	r->c->labels = (struct pairs){ items, n->n, true };
	return ret;
}

static int read_state(struct reading *r, const struct node *n)
{
	struct str path;
	struct stat st;
	int ret = read_text(n, "`state`", r->ds, &path);

	if (ret == 0)
		ret = resolve(r, path, &r->c->state);
	if (ret < 0)
		return ret;
	if (stat(r->c->state.p, &st) == 0 && !S_ISDIR(st.st_mode))
		return diag_error(r->ds, &code_wrong_type, n->at, "`state` is a directory, and %s is none",
				  r->c->state.p);
	return 0;
}

static int read_user(struct reading *r, const struct node *n)
{
	struct str user;
	int ret = read_text(n, "`user`", r->ds, &user);

	if (ret < 0)
		return ret;
	if (strspn(user.p, USER_CHARACTERS) != user.len || user.len > USER_LENGTH ||
	    strchr("-0123456789", user.p[0]))
		return diag_error(r->ds, &code_bad_name, n->at, "`user` takes the name of a user, not `%.*s`",
				  STR_ARG(user));
	user = arena_str(&r->c->arena, user);
	if (!user.p)
		return -ENOMEM;
	r->c->user = user;
	return 0;
}

/* One setting of an output into its place in the output's struct. */
static int read_setting(struct reading *r, const struct setting *s, const char *what, const struct node *n,
			char *into)
{
	struct str text;
	int ret;

	switch (s->type) {
	case SETTING_TEXT:
		ret = read_text(n, what, r->ds, &text);
		if (ret < 0)
			return ret;
		*(struct str *)into = arena_str(&r->c->arena, text);
		return ((struct str *)into)->p ? 0 : -ENOMEM;
	case SETTING_PATH:
		ret = read_text(n, what, r->ds, &text);
		return ret < 0 ? ret : resolve(r, text, (struct str *)into);
	case SETTING_CHOICE:
		return read_choice(n, what, s->choices, r->ds, (int *)into);
	case SETTING_DURATION:
		return read_duration(n, what, r->ds, (int64_t *)into);
	case SETTING_SIZE:
		return read_size(n, what, r->ds, (uint64_t *)into);
	case SETTING_BOOL:
		return read_bool(n, what, r->ds, (bool *)into);
	}
	return -EINVAL;
}

static int read_queue(struct reading *r, const struct node *n, struct output_config *o)
{
	static const char *const known[] = { "alerts", NULL };
	const struct node *v;
	int64_t alerts;
	int ret = read_map(n, "`queue`", r->ds);

	if (ret < 0)
		return ret;
	ret = read_known_keys(n, "`queue`", known, NULL, r->ds);
	v = node_get(n, "alerts");
	if (!v)
		return ret;
	ret = worse(ret, read_int(v, "`alerts`", 1, 1000000, r->ds, &alerts));
	if (ret == 0)
		o->queue_alerts = (uint32_t)alerts;
	return ret;
}

/* Keys that every output has. */
static const char *const common_keys[] = { "type", "min_severity", "queue" };

static int read_output_keys(const struct output_type *type, const struct node *n, struct diags *ds)
{
	const char *known[64] = { NULL };
	size_t k = 0;

	for (; k < ARRAY_SIZE(common_keys); k++)
		known[k] = common_keys[k];
	for (const struct setting *s = type->settings; s->name && k < ARRAY_SIZE(known) - 1; s++)
		known[k++] = s->name;
	return read_known_keys(n, "an output of this type", known, NULL, ds);
}

static int check_output(struct reading *r, const struct output_config *o, const struct node *n)
{
	char error[256] = "", warning[256] = "";
	int ret;

	if (!o->type->check)
		return 0;
	ret = o->type->check(o->self, error, sizeof(error), warning, sizeof(warning));
	if (ret < 0)
		return diag_error(r->ds, &code_output_setting, n->at, "output `%.*s`: %s", STR_ARG(o->name),
				  error);
	if (warning[0])
		diag_warning(r->ds, &code_output_warning, n->at, "output `%.*s`: %s", STR_ARG(o->name),
			     warning);
	return 0;
}

static int output_type_of(struct reading *r, const struct node *n, const struct output_type **ret)
{
	const struct node *type = node_get(n, "type");
	const char *names[32] = { NULL };
	int i, got;

	if (!type)
		return diag_error(r->ds, &code_missing_key, n->at, "an output needs a `type`");
	for (i = 0; output_types[i] && i < (int)ARRAY_SIZE(names) - 1; i++)
		names[i] = output_types[i]->type;
	got = read_choice(type, "an output's `type`", names, r->ds, &i);
	if (got == 0)
		*ret = output_types[i];
	return got;
}

static int read_output(struct reading *r, const struct node *key, const struct node *n,
		       struct output_config *o)
{
	const struct node *v;
	char what[96];
	int ret = read_map(n, "an output", r->ds);

	if (ret == 0)
		ret = output_type_of(r, n, &o->type);
	if (ret < 0)
		return ret;
	o->name = arena_str(&r->c->arena, key->text);
	o->min_severity = N_SEVERITIES;
	o->self = arena_alloc(&r->c->arena, o->type->size);
	if (!o->name.p || !o->self)
		return -ENOMEM;
	if (o->type->init)
		o->type->init(o->self);

	ret = read_output_keys(o->type, n, r->ds);
	for (const struct setting *s = o->type->settings; s->name; s++) {
		v = node_get(n, s->name);
		snprintf(what, sizeof(what), "`%s`", s->name);
		if (v)
			ret = worse(ret, read_setting(r, s, what, v, (char *)o->self + s->offset));
		else if (s->required)
			ret = worse(ret, diag_error(r->ds, &code_missing_key, n->at,
						    "output `%.*s` needs a `%s`", STR_ARG(o->name), s->name));
	}
	if ((v = node_get(n, "min_severity")))
		ret = worse(ret, read_choice(v, "`min_severity`", severity_names, r->ds, &o->min_severity));
	if ((v = node_get(n, "queue")))
		ret = worse(ret, read_queue(r, v, o));
	return ret < 0 ? ret : check_output(r, o, n);
}

static int read_outputs(struct reading *r, const struct node *n)
{
	int ret = read_map(n, "`outputs`", r->ds);

	if (ret < 0)
		return ret;
	r->c->outputs = arena_array(&r->c->arena, n->n, sizeof(*r->c->outputs));
	if (!r->c->outputs)
		return -ENOMEM;
	for (size_t i = 0; i < n->n; i++)
		ret = worse(ret, read_output(r, n->keys[i], n->items[i], &r->c->outputs[i]));
	r->c->n_outputs = n->n;
	return ret;
}

static int read_capture(struct reading *r, const struct node *n)
{
	return config_read_capture(r->c, n, r->ds);
}

static int read_windows(struct reading *r, const struct node *n)
{
	static const char *const known[] = { "memory", NULL };
	const struct node *v;
	uint64_t bytes;
	int ret = read_map(n, "`windows`", r->ds), got;

	if (ret < 0)
		return ret;
	ret = read_known_keys(n, "`windows`", known, NULL, r->ds);
	v = node_get(n, "memory");
	got = v ? read_size(v, "`memory`", r->ds, &bytes) : 0;
	if (!v || got < 0)
		return worse(ret, got);
	if (bytes < WINDOW_MEMORY_MIN || bytes > WINDOW_MEMORY_MAX)
		return diag_error(r->ds, &code_out_of_range, v->at, "`memory` must be from 4MiB to 4GiB");
	r->c->window_memory = bytes;
	return ret;
}

static const struct {
	const char *key;
	int (*read)(struct reading *r, const struct node *n);
} top_keys[] = {
	{ "version", read_version }, { "rules", read_rules },	  { "outputs", read_outputs },
	{ "labels", read_labels },   { "capture", read_capture }, { "state", read_state },
	{ "user", read_user },	     { "windows", read_windows },
};

static int read_top(struct reading *r, const struct node *root)
{
	const char *known[ARRAY_SIZE(top_keys) + 1] = { NULL };
	const struct node *v;
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(top_keys); i++)
		known[i] = top_keys[i].key;
	ret = read_known_keys(root, "the configuration", known, NULL, r->ds);
	for (size_t i = 0; i < ARRAY_SIZE(top_keys); i++) {
		v = node_get(root, top_keys[i].key);
		if (v)
			ret = worse(ret, top_keys[i].read(r, v));
	}
	if (!node_get(root, "version") && !root->incomplete) {
		diag_error(r->ds, &code_missing_key, root->at, "the configuration needs a `version`");
		diag_help(r->ds, "begin it with `version: 1`");
		ret = worse(ret, -EINVAL);
	}
	return ret;
}

/* A configuration decides where alerts go: who can write it can silence them. */
static int check_writers(const struct source *src, const char *path, uint32_t owner, struct diags *ds)
{
	struct loc whole = { .source = src };
	struct stat st;

	if (owner == UINT32_MAX || stat(path, &st) < 0)
		return 0;
	if ((st.st_uid == 0 || st.st_uid == owner) && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	diag_error(ds, &code_ownership, whole, "others than root can write this file (owner %u, mode %04o)",
		   st.st_uid, st.st_mode & 07777);
	diag_help(ds, "chown root: and chmod go-w");
	return -EINVAL;
}

int config_read(struct config *c, const char *path, uint32_t owner, struct sources *sources, struct diags *ds)
{
	struct reading r = { .c = c, .ds = ds };
	const char *slash = strrchr(path, '/');
	const struct source *src;
	const struct node *root;
	int ret, got;

	got = sources_read(sources, path, YAML_MAX_BYTES, &src);
	if (got < 0) {
		diag_error(ds, &code_unreadable, (struct loc){ 0 }, "cannot read the configuration %s: %s",
			   path, strerror(-got));
		return got;
	}
	ret = check_writers(src, path, owner, ds);
	got = yaml_read(src, ds, &c->arena, &root);
	if (got == -ENOMEM)
		return got;
	ret = worse(ret, got);
	if (!root)
		return ret;
	r.folder = slash ? (struct str){ path, (size_t)(slash - path) + 1 } : (struct str){ "", 0 };
	got = read_map(root, "a configuration", ds);
	return worse(ret, got < 0 ? got : read_top(&r, root));
}

const char *const *config_output_names(struct config *c)
{
	const char **names = arena_array(&c->arena, c->n_outputs + 1, sizeof(*names));

	for (size_t i = 0; names && i < c->n_outputs; i++)
		names[i] = c->outputs[i].name.p;
	return names;
}

int config_add_output(struct config *c, const char *name, const char *type, const char *setting,
		      const char *choice)
{
	struct output_config *o = arena_array(&c->arena, c->n_outputs + 1, sizeof(*o));
	const struct output_type *found = output_type_find(str_of(type));
	struct output_config *added;

	if (!found)
		return -ENOENT;
	if (!o)
		return -ENOMEM;
	if (c->n_outputs)
		memcpy(o, c->outputs, c->n_outputs * sizeof(*o));
	added = &o[c->n_outputs];
	*added = (struct output_config){ .name = str_of(name),
					 .type = found,
					 .self = arena_alloc(&c->arena, found->size),
					 .min_severity = N_SEVERITIES };
	if (!added->self)
		return -ENOMEM;
	if (added->type->init)
		added->type->init(added->self);
	for (const struct setting *s = added->type->settings; s->name; s++)
		for (int i = 0; strcmp(s->name, setting) == 0 && s->choices && s->choices[i]; i++)
			if (strcmp(s->choices[i], choice) == 0)
				*(int *)((char *)added->self + s->offset) = i;
	c->outputs = o;
	c->n_outputs++;
	return 0;
}
