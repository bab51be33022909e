/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Of the new image's environment the variables that the loader named. Only these leave the kernel: others
 * often hold secrets.
 */
#ifndef BPF_ENV_BPF_H
#define BPF_ENV_BPF_H

/* Pieces of variables that are gone through; bounds the time spent. More fit into no environment. */
#define ENV_MAX_STEPS (1 << 20)

struct env_name {
	char text[WIRE_ENV_NAME];	/* zeros behind it */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WIRE_MAX_ENV_NAMES);
	__type(key, struct env_name);
	__type(value, __u32);
} env_names SEC(".maps");

/* For each byte whether some name in the map begins with it: most variables are passed over by that. Set
 * by the loader. */
const volatile bool env_begins[256];

/* Has "NAME=..." at @variable a name out of the map? */
static __always_inline bool env_is_wanted(const char *variable)
{
	struct env_name name = { 0 };

	/* What has no `=` is no variable, and what is longer than the map's names is none of them. */
	for (int i = 0; variable[i] != '='; i++) {
		if (variable[i] == '\0' || i == WIRE_ENV_NAME - 1)
			return false;
		name.text[i] = variable[i];
	}
	return bpf_map_lookup_elem(&env_names, &name) != NULL;
}

/*
 * Of a long value the beginning is kept. Where a variable is there so often that they do not all fit, the
 * last ones are kept: those are what the loader and shells go by.
 */
static __always_inline void env_keep(struct scratch *s, __u64 n)
{
	if (n == WIRE_MAX_ENV_VARIABLE)
		s->env.cut = 1;
	s->len += n;
	if (s->len - s->env.from <= WIRE_MAX_ENV)
		return;
	s->env.cut = 1;
	s->len = s->env.from;
}

static long env_step(__u32 i, struct scratch **walk)
{
	struct scratch *s = *walk;
	__u64 at;
	long n;

	if (s->env.at >= s->env.end) {
		s->env.done = 1;
		return 1;
	}
	at = s->len;
	opaque(at);
	if (at > SCRATCH_ARGV)
		return 1;
	n = read_user_string(s->data + at, WIRE_MAX_ENV_VARIABLE, s->env.at);
	if (n < 0)
		return 1;
	if (!s->env.in_value && env_begins[(__u8)s->data[at]] && env_is_wanted(s->data + at))
		env_keep(s, n);
	s->env.in_value = n == WIRE_MAX_ENV_VARIABLE;
	s->env.at += s->env.in_value ? n - 1 : n;
	return 0;
}

/* Where the rest cannot be read, what was found before it still counts. */
static __always_inline void env_put(struct scratch *s, struct mm_struct *mm)
{
	s->env.from = s->len;
	s->env.at = mm->env_start;
	s->env.end = mm->env_end;
	s->env.in_value = 0;
	s->env.cut = 0;
	s->env.done = 0;
	bpf_loop(ENV_MAX_STEPS, env_step, &s, 0);
	s->exec.part_len[WIRE_ENV] = s->len - s->env.from;
	if (s->env.done || s->len > s->env.from)
		s->exec.flags |= WIRE_ENV_KNOWN;
	if (s->env.cut || !s->env.done) {
		s->exec.flags |= WIRE_ENV_CUT;
		count(&counters.env_cut);
	}
}

#endif
