/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit is found as systemd does it (cg_path_get_unit() of its basic/cgroup-util.c): slices lead the
 * path, and what follows them is the unit or there is none.
 *
 * Container engines name their cgroups in three ways, by the driver in use: systemd's, a scope
 * "PREFIX-ID.scope"; cgroupfs', folders of their own above a bare id; and a mixture, "SLICE:PREFIX:ID",
 * where cgroupfs' was handed what systemd's expects. An id is 64 hexadecimal digits. The monitors that
 * engines run beside a container (conmon, lxc.monitor, nspawn's supervisor) are no part of it.
 */
#include "bpf/cgroup.h"

#include <string.h>

#include "base/cleanup.h"

#define ID_LEN 64
#define TASK_LEN 32
/* UNIT_NAME_MAX of systemd, with its NUL. */
#define UNIT_ROOM 256

static const struct str unit_suffixes[] = {
	STR("service"), STR("socket"), STR("target"), STR("device"), STR("mount"), STR("automount"),
	STR("swap"), STR("timer"), STR("path"), STR("slice"), STR("scope"),
};

struct engine {
	struct str prefix, runtime;
	bool scope, folder;		/* how "PREFIX-ID" occurs: with ".scope", without */
};

static const struct engine engines[] = {
	{ STR("docker"), STR("docker"), true, false },
	{ STR("cri-containerd"), STR("containerd"), true, false },
	{ STR("nerdctl"), STR("containerd"), true, false },
	{ STR("crio"), STR("cri-o"), true, true },
	{ STR("libpod"), STR("podman"), true, true },
	/* Split off below a service of its own (podman run --cgroups=split, quadlets). */
	{ STR("libpod-payload"), STR("podman"), false, true },
};

/* One component on the way down, with what is around it. */
struct place {
	struct str name, parent, rest;
	bool in_kubepods, in_ecs;	/* somewhere above */
	bool in_lxc;			/* the parent is the folder that LXC had before its version 4 */
};

static struct str before(struct str s, size_t len)
{
	return (struct str){ s.p, len };
}

static struct str without_suffix(struct str s, size_t suffix_len)
{
	return before(s, s.len - suffix_len);
}

/* Takes the next component off @path; false: no more. */
static bool next_component(struct str *path, struct str *ret)
{
	const char *slash;

	while (path->len > 0 && path->p[0] == '/')
		*path = str_skip(*path, 1);
	if (path->len == 0)
		return false;
	slash = memchr(path->p, '/', path->len);
	*ret = before(*path, slash ? (size_t)(slash - path->p) : path->len);
	*path = str_skip(*path, ret->len);
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Its number of leading characters that are lower case hexadecimal digits. */
static size_t hex_len(struct str s)
{
	size_t n = 0;

	while (n < s.len && (is_digit(s.p[n]) || (s.p[n] >= 'a' && s.p[n] <= 'f')))
		n++;
	return n;
}

static bool is_id(struct str s)
{
	return s.len == ID_LEN && hex_len(s) == ID_LEN;
}

static bool is_unit_character(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("@:-_.\\", c));
}

/* A name of systemd's for a unit that can run, so no template: unit_name_is_valid(). */
static bool is_unit(struct str name)
{
	const char *dot = name.len ? memrchr(name.p, '.', name.len) : NULL;
	struct str stem = before(name, dot ? (size_t)(dot - name.p) : 0), suffix;
	const char *at = stem.len ? memchr(stem.p, '@', stem.len) : NULL;
	bool known = false;

	if (stem.len == 0 || name.len >= UNIT_ROOM || at == stem.p || at == stem.p + stem.len - 1)
		return false;
	suffix = str_skip(name, stem.len + 1);
	for (size_t i = 0; i < ARRAY_SIZE(unit_suffixes); i++)
		known |= str_eq(suffix, unit_suffixes[i]);
	for (size_t i = 0; i < stem.len; i++)
		known &= is_unit_character(stem.p[i]);
	return known;
}

/* systemd puts a "_" before a name that the kernel's own files might bear (cg_escape()). */
static struct str unescape(struct str component)
{
	return component.len > 0 && component.p[0] == '_' ? str_skip(component, 1) : component;
}

static bool is_slice(struct str name)
{
	return str_has_suffix(name, STR_LIT(".slice"));
}

static struct str unit_of(struct str path)
{
	struct str component;

	while (next_component(&path, &component)) {
		struct str name = unescape(component);

		if (!is_unit(name))
			break;
		if (!is_slice(name))
			return name;
		/* There are no instances of slices. */
		if (memchr(name.p, '@', name.len))
			break;
	}
	return (struct str){ 0 };
}

/* "PREFIX-ID.scope", "PREFIX-ID" and "SLICE:PREFIX:ID". */
static bool engine_named(struct str name, struct cgroup_names *ret)
{
	struct str stem = name, id;
	bool scope = str_has_suffix(name, STR_LIT(".scope"));
	char separator;

	if (scope)
		stem = without_suffix(name, strlen(".scope"));
	if (stem.len < ID_LEN + 2 || !is_id(id = str_skip(stem, stem.len - ID_LEN)))
		return false;
	stem = without_suffix(stem, ID_LEN + 1);
	separator = stem.p[stem.len];
	if (separator == ':' && !scope) {
		const char *colon = memrchr(stem.p, ':', stem.len);

		if (!colon)
			return false;
		stem = str_skip(stem, (size_t)(colon + 1 - stem.p));
	} else if (separator != '-') {
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		const struct engine *e = &engines[i];

		if (!str_eq(stem, e->prefix) || !(separator == ':' || (scope ? e->scope : e->folder)))
			continue;
		ret->container_id = id;
		ret->container_runtime = e->runtime;
		return true;
	}
	return false;
}

/* The slice or the folder for all pods, at the root or below the kubelet's own: "kubelet-kubepods.slice". */
static bool is_kubepods(struct str name)
{
	if (!is_slice(name))
		return str_eq(name, STR_LIT("kubepods"));
	return str_has_prefix(name, STR_LIT("kubepods")) || str_contains(name, STR_LIT("-kubepods"));
}

static bool is_pod(struct str name)
{
	return is_slice(name) ? str_contains(name, STR_LIT("-pod")) : str_has_prefix(name, STR_LIT("pod"));
}

/* ECS: an id, or where Fargate runs the task "TASK-NUMBER", in which a task is 32 digits. */
static bool is_ecs_id(struct str name)
{
	size_t n = hex_len(name);

	if (is_id(name))
		return true;
	if ((n != TASK_LEN && n != ID_LEN) || name.len < n + 2 || name.p[n] != '-')
		return false;
	for (size_t i = n + 1; i < name.len; i++)
		if (!is_digit(name.p[i]))
			return false;
	return true;
}

/* Folders of an engine above a bare id. */
static bool folder_named(const struct place *at, struct cgroup_names *ret)
{
	struct str runtime = { 0 };

	if (is_id(at->name) && str_eq(at->parent, STR_LIT("docker")))
		runtime = STR_LIT("docker");
	else if (is_id(at->name) && at->in_kubepods && is_pod(at->parent))
		runtime = STR_LIT("kubernetes");
	else if (is_ecs_id(at->name) && at->in_ecs)
		runtime = STR_LIT("ecs");
	if (!str_known(runtime))
		return false;
	ret->container_id = at->name;
	ret->container_runtime = runtime;
	return true;
}

/* "lxc.payload.NAME", or the folder "lxc" above NAME. */
static bool lxc_named(const struct place *at, struct cgroup_names *ret)
{
	struct str prefix = STR("lxc.payload."), id = at->name;

	if (str_has_prefix(at->name, prefix))
		id = str_skip(at->name, prefix.len);
	else if (!at->in_lxc)
		return false;
	if (id.len == 0)
		return false;
	ret->container_id = id;
	ret->container_runtime = STR_LIT("lxc");
	return true;
}

/*
 * Scopes that systemd-machined makes for systemd-nspawn, and for libvirt, whose names begin with the
 * driver's; and the service systemd-nspawn@NAME, of which the container is only a part.
 */
static bool machine_named(const struct place *at, struct cgroup_names *ret)
{
	struct str scope = STR("machine-"), service = STR("systemd-nspawn@"), runtime = STR("systemd-nspawn");
	struct str rest = at->rest, part = { 0 }, id;

	if (!str_eq(at->parent, STR_LIT("machine.slice")))
		return false;
	next_component(&rest, &part);
	if (str_has_prefix(at->name, scope) && str_has_suffix(at->name, STR_LIT(".scope"))) {
		id = str_skip(without_suffix(at->name, strlen(".scope")), scope.len);
		if (str_eq(part, STR_LIT("supervisor")))
			return false;
	} else if (str_has_prefix(at->name, service) && str_has_suffix(at->name, STR_LIT(".service"))) {
		id = str_skip(without_suffix(at->name, strlen(".service")), service.len);
		if (!str_eq(part, STR_LIT("payload")))
			return false;
	} else {
		return false;
	}
	/* Virtual machines of QEMU and of Cloud Hypervisor. */
	if (id.len == 0 || str_has_prefix(id, STR_LIT("qemu\\x2d")) || str_has_prefix(id, STR_LIT("qemu-")) ||
	    str_has_prefix(id, STR_LIT("ch\\x2d")))
		return false;
	if (str_has_prefix(id, STR_LIT("lxc\\x2d")))
		runtime = STR_LIT("libvirt-lxc");
	ret->container_id = id;
	ret->container_runtime = runtime;
	return true;
}

struct cgroup_names cgroup_names(struct str path)
{
	struct cgroup_names names = { .unit = unit_of(path) };
	struct place at = { .rest = path };
	bool in_container = true;	/* the root's LXC folder is as good as a container's */

	while (next_component(&at.rest, &at.name)) {
		bool lxc_folder = in_container && str_eq(at.name, STR_LIT("lxc"));

		in_container = engine_named(at.name, &names) || folder_named(&at, &names) ||
			       lxc_named(&at, &names) || machine_named(&at, &names);
		at.in_lxc = lxc_folder && !in_container;
		at.in_kubepods |= is_kubepods(at.name);
		at.in_ecs |= !str_known(at.parent) && str_eq(at.name, STR_LIT("ecs"));
		at.parent = at.name;
	}
	return names;
}
