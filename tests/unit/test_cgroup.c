/* SPDX-License-Identifier: Apache-2.0 */
/* Units and containers by the paths of their cgroups: those that engines make, and what looks like it. */
#include "tests/unit/test.h"

#include <string.h>

#include "bpf/cgroup.h"

#define ID "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970"
#define ID2 "e857a4bf05a69080a759574949d7a0e69572e27647800fa7faff6a05a8332aa1"
#define POD "c704ef4c-297a-b110-32b8-3ce52cbfc87b"
#define POD_SLICE "kubepods-burstable-podc704ef4c_297a_b110_32b8_3ce52cbfc87b.slice"
#define USER "/user.slice/user-1000.slice/user@1000.service"
#define TASK "34dc0b5e626f2c5c4c5170e34b10e765"

struct row {
	const char *path, *unit, *id, *runtime; /* NULL: unknown */
};

static void check(struct str path, const struct row *want)
{
	struct cgroup_names got = cgroup_names(path);

	if (!str_eq(got.unit, str_of(want->unit)) || !str_eq(got.container_id, str_of(want->id)) ||
	    !str_eq(got.container_runtime, str_of(want->runtime)))
		fail_msg("%.*s: got unit \"%.*s\", container \"%.*s\" of \"%.*s\"", STR_ARG(path),
			 STR_ARG(got.unit), STR_ARG(got.container_id), STR_ARG(got.container_runtime));
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(str_of(rows[i].path), &rows[i]);
}

static void test_units(void **state)
{
	static const struct row rows[] = {
		{ "/system.slice/nginx.service", "nginx.service", NULL, NULL },
		{ "/system.slice/nginx.service/worker/1", "nginx.service", NULL, NULL },
		{ "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", NULL, NULL },
		{ "/system.slice/a@b@c.service", "a@b@c.service", NULL, NULL },
		{ "/init.scope", "init.scope", NULL, NULL },
		{ "/nginx.service", "nginx.service", NULL, NULL },
		{ "/user.slice/user-1000.slice/session-3.scope", "session-3.scope", NULL, NULL },
		{ USER "/app.slice/foot.service", "user@1000.service", NULL, NULL },
		{ USER "/init.scope", "user@1000.service", NULL, NULL },
		{ "/system.slice/systemd-journald-dev-log.socket", "systemd-journald-dev-log.socket", NULL,
		  NULL },
		{ "/system.slice/dev-mqueue.mount", "dev-mqueue.mount", NULL, NULL },
		{ "/system.slice/home.automount", "home.automount", NULL, NULL },
		{ "/system.slice/swapfile.swap", "swapfile.swap", NULL, NULL },
		{ "/a.target", "a.target", NULL, NULL },
		{ "/a.timer", "a.timer", NULL, NULL },
		{ "/a.path", "a.path", NULL, NULL },
		{ "/a.device", "a.device", NULL, NULL },
		{ "/system.slice/dev-disk-by\\x2duuid-1.swap", "dev-disk-by\\x2duuid-1.swap", NULL, NULL },

		/* A name of the kernel's, one that begins with an underscore, a hidden one. */
		{ "/system.slice/_cpu.service", "cpu.service", NULL, NULL },
		{ "/system.slice/_cgroup.service/x", "cgroup.service", NULL, NULL },
		{ "/system.slice/__x.service", "_x.service", NULL, NULL },
		{ "/_.slice/_io.slice/x.service", NULL, NULL, NULL },
		{ "/_io.slice/x.service", "x.service", NULL, NULL },
		{ "/system.slice/_.service", NULL, NULL, NULL },
		{ "/system.slice/_", NULL, NULL, NULL },

		/* As systemd, which also takes what it is given without a slash, and any number of them. */
		{ "system.slice/nginx.service", "nginx.service", NULL, NULL },
		{ "//system.slice///nginx.service//", "nginx.service", NULL, NULL },

		{ "", NULL, NULL, NULL },
		{ "/", NULL, NULL, NULL },
		{ "////", NULL, NULL, NULL },
		{ "/system.slice", NULL, NULL, NULL },
		{ "/user.slice/user-1000.slice", NULL, NULL, NULL },
		{ "/system.slice/worker/nginx.service", NULL, NULL, NULL },
		{ "/../nginx.service", NULL, NULL, NULL },
		{ "/system.slice/getty@.service", NULL, NULL, NULL },
		{ "/system.slice/@x.service", NULL, NULL, NULL },
		{ "/system.slice/x@y.slice", NULL, NULL, NULL },
		{ "/system.slice/x@y.slice/nginx.service", NULL, NULL, NULL },
		{ "/system.slice/nginx.Service", NULL, NULL, NULL },
		{ "/system.slice/x:y@z:1.service", "x:y@z:1.service", NULL, NULL },
		{ "/system.slice/nginx.services", NULL, NULL, NULL },
		{ "/system.slice/nginx.conf", NULL, NULL, NULL },
		{ "/system.slice/nginx", NULL, NULL, NULL },
		{ "/system.slice/.service", NULL, NULL, NULL },
		{ "/system.slice/service", NULL, NULL, NULL },
		{ "/system.slice/nginx.", NULL, NULL, NULL },
		{ "/system.slice/ng inx.service", NULL, NULL, NULL },
		{ "/system.slice/ng#inx.service", NULL, NULL, NULL },
		{ "/system.slice/n\xc3\xa4.service", NULL, NULL, NULL },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_engines(void **state)
{
	static const struct row rows[] = {
		/* Docker, with either driver, in a parent of its user's choice, without root. */
		{ "/system.slice/docker-" ID ".scope", "docker-" ID ".scope", ID, "docker" },
		{ "/docker/" ID, NULL, ID, "docker" },
		{ "/docker/" ID "/init", NULL, ID, "docker" },
		{ "/build.slice/docker-" ID ".scope/init", "docker-" ID ".scope", ID, "docker" },
		{ USER "/app.slice/docker-" ID ".scope", "user@1000.service", ID, "docker" },
		{ "/system.slice/system.slice:docker:" ID, NULL, ID, "docker" },
		{ "/system.slice/docker.service", "docker.service", NULL, NULL },
		{ "/system.slice/containerd.service", "containerd.service", NULL, NULL },

		{ "/kubepods.slice/kubepods-burstable.slice/" POD_SLICE "/cri-containerd-" ID ".scope",
		  "cri-containerd-" ID ".scope", ID, "containerd" },
		{ "/system.slice/nerdctl-" ID ".scope", "nerdctl-" ID ".scope", ID, "containerd" },
		{ USER "/user.slice/nerdctl-" ID ".scope", "user@1000.service", ID, "containerd" },
		{ "/system.slice/containerd.service/" POD_SLICE ":cri-containerd:" ID, "containerd.service",
		  ID, "containerd" },

		{ "/kubepods.slice/" POD_SLICE "/crio-" ID ".scope", "crio-" ID ".scope", ID, "cri-o" },
		{ "/kubepods.slice/" POD_SLICE "/crio-" ID ".scope/container", "crio-" ID ".scope", ID,
		  "cri-o" },
		{ "/kubepods/besteffort/pod" POD "/crio-" ID, NULL, ID, "cri-o" },
		{ "/kubepods.slice/" POD_SLICE "/crio-conmon-" ID ".scope", "crio-conmon-" ID ".scope", NULL,
		  NULL },
		{ "/kubepods/besteffort/pod" POD "/crio-conmon-" ID, NULL, NULL, NULL },

		{ "/machine.slice/libpod-" ID ".scope", "libpod-" ID ".scope", ID, "podman" },
		{ "/machine.slice/libpod-" ID ".scope/container", "libpod-" ID ".scope", ID, "podman" },
		{ USER "/user.slice/libpod-" ID ".scope/container", "user@1000.service", ID, "podman" },
		{ "/machine.slice/machine-libpod_pod_" ID2 ".slice/libpod-" ID ".scope",
		  "libpod-" ID ".scope", ID, "podman" },
		{ "/libpod_parent/libpod-" ID, NULL, ID, "podman" },
		{ "/libpod_parent/" ID2 "/libpod-" ID, NULL, ID, "podman" },
		{ "/system.slice/nginx.service/libpod-payload-" ID, "nginx.service", ID, "podman" },
		{ "/system.slice/nginx.service/runtime", "nginx.service", NULL, NULL },
		{ "/machine.slice/libpod-conmon-" ID ".scope", "libpod-conmon-" ID ".scope", NULL, NULL },
		{ USER "/user.slice/libpod-conmon-" ID ".scope", "user@1000.service", NULL, NULL },
		{ "/libpod_parent/conmon", NULL, NULL, NULL },

		/* Kubernetes with cgroupfs' driver does not say what runs the container. */
		{ "/kubepods/burstable/pod" POD "/" ID, NULL, ID, "kubernetes" },
		{ "/kubepods/pod" POD "/" ID "/x", NULL, ID, "kubernetes" },
		{ "/kubelet/kubepods/besteffort/pod" POD "/" ID, NULL, ID, "kubernetes" },
		{ "/kubepods.slice/kubepods-burstable.slice/" POD_SLICE "/" ID, NULL, ID, "kubernetes" },
		{ "/kubepods.slice/" POD_SLICE "/docker-" ID ".scope", "docker-" ID ".scope", ID, "docker" },

		{ "/ecs/" TASK "/" ID, NULL, ID, "ecs" },
		{ "/ecs/cluster/" TASK "/" ID, NULL, ID, "ecs" },
		{ "/ecs/" TASK "/" TASK "-3057940393", NULL, TASK "-3057940393", "ecs" },
		{ "/ecs/" TASK "/" ID "-1", NULL, ID "-1", "ecs" },
		{ "/ecstasks.slice/ecstasks-" TASK ".slice/docker-" ID ".scope", "docker-" ID ".scope", ID,
		  "docker" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_named_containers(void **state)
{
	static const struct row rows[] = {
		{ "/machine.slice/machine-web.scope", "machine-web.scope", "web", "systemd-nspawn" },
		{ "/machine.slice/machine-web\\x2d1.scope/payload/system.slice/nginx.service",
		  "machine-web\\x2d1.scope", "web\\x2d1", "systemd-nspawn" },
		{ "/machine.slice/machine-web.scope/supervisor", "machine-web.scope", NULL, NULL },
		{ "/machine.slice/systemd-nspawn@web.service/payload", "systemd-nspawn@web.service", "web",
		  "systemd-nspawn" },
		{ "/machine.slice/systemd-nspawn@web.service/payload/init.scope",
		  "systemd-nspawn@web.service", "web", "systemd-nspawn" },
		{ "/machine.slice/systemd-nspawn@web.service/supervisor", "systemd-nspawn@web.service", NULL,
		  NULL },
		{ "/machine.slice/systemd-nspawn@web.service", "systemd-nspawn@web.service", NULL, NULL },
		{ "/machine.slice/machine-.scope", "machine-.scope", NULL, NULL },
		{ "/machine.slice/machine-web.service", "machine-web.service", NULL, NULL },
		{ "/system.slice/machine-web.scope", "machine-web.scope", NULL, NULL },
		{ "/system.slice/systemd-machined.service", "systemd-machined.service", NULL, NULL },

		/* libvirt's. */
		{ "/machine.slice/machine-qemu\\x2d1\\x2ddebian.scope/libvirt/emulator",
		  "machine-qemu\\x2d1\\x2ddebian.scope", NULL, NULL },
		{ "/machine.slice/machine-qemu-1-debian.scope", "machine-qemu-1-debian.scope", NULL, NULL },
		{ "/machine.slice/machine-ch\\x2d1\\x2ddebian.scope", "machine-ch\\x2d1\\x2ddebian.scope",
		  NULL, NULL },
		{ "/machine.slice/machine-lxc\\x2d12\\x2dweb.scope", "machine-lxc\\x2d12\\x2dweb.scope",
		  "lxc\\x2d12\\x2dweb", "libvirt-lxc" },
		{ "/machine.slice/machine-qemulator.scope", "machine-qemulator.scope", "qemulator",
		  "systemd-nspawn" },

		{ "/lxc.payload.web", NULL, "web", "lxc" },
		{ "/lxc.payload.web/system.slice/nginx.service", NULL, "web", "lxc" },
		{ "/lxc/101", NULL, "101", "lxc" },
		{ "/lxc/101/ns/init.scope", NULL, "101", "lxc" },
		{ "/lxc/outer/lxc/inner", NULL, "inner", "lxc" },
		{ "/lxc.monitor.web", NULL, NULL, NULL },
		{ "/lxc.monitor/101", NULL, NULL, NULL },
		{ "/lxc.payload.", NULL, NULL, NULL },
		{ "/lxc.payload", NULL, NULL, NULL },
		{ "/lxc", NULL, NULL, NULL },
		{ "/lxc/", NULL, NULL, NULL },
		{ USER "/lxc/notes", "user@1000.service", NULL, NULL },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_innermost_wins(void **state)
{
	static const struct row rows[] = {
		{ "/docker/" ID2 "/docker/" ID, NULL, ID, "docker" },
		{ "/system.slice/docker-" ID2 ".scope/docker/" ID "/x", "docker-" ID2 ".scope", ID,
		  "docker" },
		/* kind, in Docker and in Podman without root */
		{ "/docker/" ID2 "/kubelet/kubepods/besteffort/pod" POD "/" ID, NULL, ID, "kubernetes" },
		{ "/system.slice/docker-" ID2 ".scope/kubelet.slice/kubelet-kubepods.slice/kubelet-" POD_SLICE
		  "/cri-containerd-" ID ".scope",
		  "docker-" ID2 ".scope", ID, "containerd" },
		{ USER "/user.slice/libpod-" ID2
		       ".scope/container/kubelet.slice/kubelet-kubepods.slice/kubelet-" POD_SLICE "/" ID,
		  "user@1000.service", ID, "kubernetes" },
		{ "/lxc.payload.web/system.slice/docker-" ID ".scope", NULL, ID, "docker" },
		{ "/ecs/" TASK "/" TASK "-1/kubepods/pod" POD "/" ID, NULL, ID, "kubernetes" },
		/* The monitor of a container in a container belongs to the outer one. */
		{ "/docker/" ID2 "/machine.slice/libpod-conmon-" ID ".scope", NULL, ID2, "docker" },
		{ "/lxc/a/lxc.monitor.b", NULL, "a", "lxc" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

#define ID63 "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c3842814297"
#define ID_UPPER "4F797C539E6C745DE61A93CA3FF892358ECBCACCD8414D5DB545C38428142970"

static void test_near_misses(void **state)
{
	static const struct row rows[] = {
		{ "/system.slice/docker-" ID63 ".scope", "docker-" ID63 ".scope", NULL, NULL },
		{ "/system.slice/docker-" ID "0.scope", "docker-" ID "0.scope", NULL, NULL },
		{ "/system.slice/docker-" ID_UPPER ".scope", "docker-" ID_UPPER ".scope", NULL, NULL },
		{ "/system.slice/docker-" ID ".service", "docker-" ID ".service", NULL, NULL },
		{ "/system.slice/docker-" ID, NULL, NULL, NULL },
		{ "/system.slice/docker" ID ".scope", "docker" ID ".scope", NULL, NULL },
		{ "/system.slice/docker_" ID ".scope", "docker_" ID ".scope", NULL, NULL },
		{ "/system.slice/mydocker-" ID ".scope", "mydocker-" ID ".scope", NULL, NULL },
		{ "/system.slice/docker-x-" ID ".scope", "docker-x-" ID ".scope", NULL, NULL },
		{ "/system.slice/-" ID ".scope", "-" ID ".scope", NULL, NULL },
		{ "/system.slice/" ID ".scope", ID ".scope", NULL, NULL },
		{ "/system.slice/docker:" ID, NULL, NULL, NULL },
		{ "/system.slice/x:y:" ID, NULL, NULL, NULL },
		{ "/system.slice/system.slice:docker:" ID ".scope", "system.slice:docker:" ID ".scope", NULL,
		  NULL },
		{ "/system.slice/system.slice:docker:jvifp9a6b1lxa1kuw8bwfcovf", NULL, NULL, NULL },
		{ "/system.slice/libpod-payload-" ID ".scope", "libpod-payload-" ID ".scope", NULL, NULL },
		{ "/" ID, NULL, NULL, NULL },
		{ "/docker/" ID63, NULL, NULL, NULL },
		{ "/docker/" ID_UPPER, NULL, NULL, NULL },
		{ "/docker/" ID "0", NULL, NULL, NULL },
		{ "/docker/buildkit/" ID, NULL, NULL, NULL },
		{ "/Docker/" ID, NULL, NULL, NULL },
		{ USER "/docker/notes", "user@1000.service", NULL, NULL },
		{ "/home/docker", NULL, NULL, NULL },
		{ "/pod" POD "/" ID, NULL, NULL, NULL },
		{ "/kubepods/burstable/" ID, NULL, NULL, NULL },
		{ "/kubepods/burstable/pod" POD "/" ID63, NULL, NULL, NULL },
		{ "/mykubepods/pod" POD "/" ID, NULL, NULL, NULL },
		{ "/system.slice/ecs/" TASK "/" ID, NULL, NULL, NULL },
		{ "/ecs/" TASK, NULL, NULL, NULL },
		{ "/ecs/" TASK "/" TASK, NULL, NULL, NULL },
		{ "/ecs/" TASK "/" TASK "-", NULL, NULL, NULL },
		{ "/ecs/" TASK "/" TASK "-1x", NULL, NULL, NULL },
		{ "/ecs/" TASK "/" TASK "0-1", NULL, NULL, NULL },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

#define LONG (8u << 20)

static void test_bytes_of_any_kind(void **state)
{
	static const char nul_in_unit[] = "/system.slice/a\0b.service", nul_in_name[] = "/lxc/\0";
	_cleanup_(free) char *bytes = malloc(LONG);
	struct str path = { bytes, LONG };
	const struct row none = { 0 };

	assert_non_null(bytes);
	check((struct str){ 0 }, &none);
	check((struct str){ nul_in_unit, sizeof(nul_in_unit) - 1 }, &none);
	assert_int_equal(cgroup_names((struct str){ nul_in_name, sizeof(nul_in_name) - 1 }).container_id.len,
			 1);

	for (size_t i = 0; i < LONG; i += 8)
		memcpy(bytes + i, "/a.slice", 8);
	check(path, &none);
	memcpy(bytes + LONG - 8, "/b.mount", 8);
	check(path, &(struct row){ .unit = "b.mount" });
	memset(bytes, '/', LONG);
	check(path, &none);
	memset(bytes, 'a', LONG);
	check(path, &none);
	memcpy(bytes, "/lxc/", 5);
	assert_int_equal(cgroup_names(path).container_id.len, LONG - 5);
}

/* 255 bytes are the longest that systemd takes. */
static void test_long_unit(void **state)
{
	char path[300];

	for (size_t len = 250; len < 260; len++) {
		memset(path, 'a', len);
		memcpy(path + len - 8, ".service", 8);
		assert_int_equal(cgroup_names((struct str){ path, len }).unit.len, len <= 255 ? len : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_engines),
		cmocka_unit_test(test_named_containers),
		cmocka_unit_test(test_innermost_wins),
		cmocka_unit_test(test_near_misses),
		cmocka_unit_test(test_bytes_of_any_kind),
		cmocka_unit_test(test_long_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
