# SPDX-License-Identifier: Apache-2.0
#
# Compares what the guest ran with what execwatch said, and prints a line of TAP (without its number) for each
# thing that was to hold. tests/vm/run calls it with $kernel and a variable for each file of the guest's
# results.

# --- What was run ------------------------------------------------------------------------------------------

# The lines of one pid, laid together: what the caller was about to do and what came of it.
def truths: reduce .[] as $line ({}; .[$line.pid | tostring] += $line) | [.[]];

# --- What was said -----------------------------------------------------------------------------------------

def events: map(select(.rule.id == "vm.every-exec") | .event);

# Words as base64 of their exact bytes.
def exact($words; $exact): [range($words | length) | $exact[tostring] // ($words[.] | @base64)];

# --- The comparison of one exec ----------------------------------------------------------------------------

def differs($key; $ran; $said): if $ran == $said then empty else "\($key): ran \($ran), said \($said)" end;

# A key that need not be there, but must be right.
def differs_if_said($key; $ran; $said): if $said == null then empty else differs($key; $ran; $said) end;

def argv_differs($truth; $event):
	($truth.argv // $truth.given) as $ran |
	if $truth.case == "bad-pointer" then
		# Its last word cannot be read by anybody.
		differs("argv_state"; "partial"; $event.argv_state),
		differs("argv"; $ran; exact($event.argv; $event.argv_b64)[:$ran | length])
	elif ($ran | map(length) | add) > 300000 and $event.argv_state == "cut" then
		differs("argc"; $ran | length; $event.argc),
		($ran | map(@base64d) | join(" ")) as $whole | ($event.argv | join(" ")) as $part |
		if ($part | length) >= 250000 and ($whole | startswith($part)) then empty
		else "argv: the \($part | length) bytes said are not a beginning of what was run" end
	else
		differs("argv_state"; "complete"; $event.argv_state // "complete"),
		differs_if_said("argc"; $ran | length; $event.argc),
		exact($event.argv; $event.argv_b64) as $said |
		if $ran == $said then empty
		else "argv: ran \($ran | tostring | .[:200]), said \($said | tostring | .[:200])" end
	end;

def event_differs($truth; $event):
	(("pid", "tid", "ppid", "uid", "gid", "euid", "filename", "syscall", "comm", "retval", "errno")
		as $key | differs($key; $truth[$key]; $event[$key])),
	differs("caller.comm"; $truth.caller_comm; $event.caller.comm),
	differs("parent.comm"; $truth.parent_comm; $event.parent.comm),
	(("egid", "exe", "cwd") as $key | differs_if_said($key; $truth[$key]; $event[$key])),
	differs_if_said("abi"; "64"; $event.abi),
	differs_if_said("host"; "guest"; $event.host),
	differs_if_said("parent.pid"; $truth.ppid; $event.parent.pid),
	differs_if_said("parent.exe"; "/bin/attempt"; $event.parent.exe),
	differs_if_said("caller.exe"; "/bin/attempt"; $event.caller.exe),
	argv_differs($truth; $event),
	(if $event.duration_ns > 0 and $event.duration_ns <= $truth.after - $truth.before then empty
		else "duration_ns: \($event.duration_ns), at most \($truth.after - $truth.before)" end),
	(if $event.mono_ns - $event.duration_ns >= $truth.before and $event.mono_ns <= $truth.after then empty
		else "mono_ns: \($event.mono_ns), not between \($truth.before) and \($truth.after)" end),
	(if $event.time >= $truth.wall_before and $event.time <= $truth.wall_after then empty
		else "time: \($event.time), not between \($truth.wall_before) and \($truth.wall_after)" end);

# --- Checks: each gives {what, wrong: [TEXT]} --------------------------------------------------------------

def check($what; wrong): { what: $what, wrong: [wrong] };

# Exactly $n execs of a case were run, there is exactly one event for each, and it says what was run.
def case_check($what; $truths; $events; $case; $n):
	($truths | map(select(.case == $case))) as $ran |
	(reduce ($events[] | select(.argv | index($case))) as $event ({};
		.[$event.pid | tostring] += [$event])) as $by_pid |
	check($what;
		differs("execs of \($case) that were run"; $n; $ran | length),
		($ran[] | . as $truth | ($by_pid[.pid | tostring] // []) as $said |
			if ($said | length) != 1 then "pid \(.pid): \($said | length) events"
			else event_differs($truth; $said[0]) | "pid \($truth.pid): \(.)" end));

# A 32-bit image, started by a 64-bit call, that makes two 32-bit calls: the first fails.
def abi_check($what; $truths; $events):
	($truths | map(select(.case == "abi"))[0]) as $truth |
	($events | map(select(.pid == $truth.pid)) | sort_by(.mono_ns)) as $said |
	check($what;
		differs("calls"; [
			["/bin/hop32", "64", "caller", "hop32", 0, null],
			["/nonexistent/hop32", "32", "hop32", "hop32", -2, "ENOENT"],
			["/bin/report", "32", "hop32", "report", 0, null]];
			$said | map([.filename, .abi, .caller.comm, .comm, .retval, .errno])),
		differs("argv"; [$truth.given, $truth.given[1:], $truth.argv];
			$said | map(exact(.argv; .argv_b64))));

# --- The account of a run, from its last words on stderr ---------------------------------------------------

def counters:
	capture("execs: (?<entered>\\d+) entered, (?<returned>\\d+) returned, " +
		"(?<reported>\\d+) reported; lost: (?<lost>\\d+)") | map_values(tonumber);

def account_check($what; $err; $events):
	check($what;
		([$err | counters] | last) as $said |
		if $said == null then "no counters on stderr"
		else
			differs("lost"; 0; $said.lost),
			differs("reported"; $events | length; $said.reported),
			differs("returned"; $said.entered; $said.returned)
		end);

def end_check($what; $run; $left):
	check($what;
		differs("exit"; 0; ($ends | map(select(.run == $run))[0].exit)),
		differs("probes left"; ""; $left));

# --- Alerts at their receivers -----------------------------------------------------------------------------

# A rule has one alert for each of these pids, $n at least, and no other; the alert holds the exec as it was
# reported.
def rule_check($what; $rule; $severity; $n; $pids):
	($main | map(select(.rule.id == $rule))) as $alerts |
	($main | events | INDEX(.pid)) as $event |
	check($what;
		(if ($pids | length) >= $n then empty else "execs that it speaks of: \($pids | length)" end),
		differs("pids"; $pids | sort; $alerts | map(.event.pid) | sort),
		($alerts[] |
			differs("severity"; $severity; .rule.severity), differs("kind"; "match"; .kind),
			differs("backend"; "kprobe"; .backend), differs("host"; "guest"; .host),
			(. as $alert | ($event[.event.pid | tostring]) as $whole |
				differs("event"; $whole; $alert.event))));

# The alerts that go to every output.
def everywhere: $main | map(select(.rule.id != "vm.every-exec"));

def http_check($what):
	check($what;
		everywhere as $sent | ($http | INDEX(.id)) as $got |
		(if ($sent | length) >= 7 then empty else "only \($sent | length) alerts were sent" end),
		differs("bodies"; $sent | length; $http | length),
		($sent[] | if . == $got[.id] then empty
			else "alert \(.id) of \(.rule.id): \($got[.id] | tostring)" end));

def syslog_name: { alert: "alert", critical: "crit", error: "err", warning: "warn", notice: "notice" }[.];

# 1.5ms and the like, in nanoseconds.
def nanoseconds: capture("^(?<n>[0-9.]+)(?<unit>ns|us|ms|s)$") |
	(.n | tonumber) * { ns: 1, us: 1e3, ms: 1e6, s: 1e9 }[.unit];

# What a line of syslog says of a fact: name=value or name="value" with \" and \\ for those two.
def fact($name): (capture(" \($name)=(?:\"(?<quoted>(?:[^\"\\\\]|\\\\.)*)|(?<plain>[^ \"]*))") |
	.plain // (.quoted | gsub("\\\\(?<c>[\"\\\\])"; .c))) // null;

def syslog_differs($alert):
	.line as $line | $alert.event as $event |
	(if $line | contains(" auth.\($alert.rule.severity | syslog_name) execwatch[") then empty
		else "priority: \($line)" end),
	(if $line | contains($alert.rule.id) then empty else "no rule: \($line)" end),
	differs("retval"; $event.retval | tostring; $line | fact("retval")),
	differs("errno"; $event.errno; $line | fact("errno")),
	# Three digits, for people.
	(($line | fact("duration") // "0ns" | nanoseconds) as $said |
		if ($said - $event.duration_ns | fabs) <= $event.duration_ns / 200 then empty
		else "duration: ran \($event.duration_ns) ns, said \($said)" end),
	(($line | fact("argv") // "") as $said | ($event.argv | join(" ")) as $whole |
		($said | capture("^(?<text>.*)…\\(\\+[0-9]+ bytes\\)$").text // null) as $part |
		# A long one ends in "…(+N bytes)", or where syslogd stops reading, after its 1,024 bytes.
		($part // if ($line | utf8bytelength) > 1000 then $said else null end) as $part |
		if $said == $whole or ($part != null and ($whole | startswith($part))) then empty
		else "argv: ran \($whole | .[:200]), said \($said)" end);

def syslog_check($what):
	($syslog | split("\n") | map(select(contains(" execwatch[")))) as $lines |
	check($what;
		everywhere as $sent |
		(if ($sent | length) >= 7 then empty else "only \($sent | length) alerts were sent" end),
		differs("lines"; $sent | length; $lines | length),
		($sent[] | . as $alert | ($lines | map(select(contains(" id=\($alert.id)")))) as $mine |
			if ($mine | length) != 1 then "\($mine | length) lines for \(.id) of \(.rule.id)"
			else { line: $mine[0] } | syslog_differs($alert) end));

def median: sort | .[length / 2 | floor];

# --- All of it ---------------------------------------------------------------------------------------------

($measure_truth | truths) as $measured | ($measure | events) as $measure_events |
($main_truth | truths) as $ran | ($main | events) as $events |
($raw_tp_truth | truths) as $ran_raw | ($raw_tp | events) as $raw_events |
def ran_pids($case): $ran | map(select(.case == $case).pid);

[
check("execwatch runs with kprobes, by its own choice";
	(if $main_err | test("watching by kprobe") then empty else "stderr: \($main_err | .[:400])" end),
	(if $main_kprobes | test("execve") then empty else "no probe of execve in the kernel's list" end),
	differs("backend"; ["kprobe"]; $main | map(.backend) | unique)),

case_check("a command that succeeds, field by field"; $ran; $events; "plain"; 2),
case_check("ENOENT, field by field"; $ran; $events; "missing"; 1),
case_check("EACCES, field by field, as root and as a user"; $ran; $events; "denied"; 2),
case_check("ENOEXEC, field by field"; $ran; $events; "no-format"; 1),
case_check("a megabyte of argv, field by field"; $ran; $events; "slow"; 1),
case_check("32 KiB of argv intact, in many words, in one, and of a failure"; $ran; $events; "long"; 3),
case_check("every byte in argv intact, of a success and of a failure"; $ran; $events; "bytes"; 2),
case_check("a setuid program: euid is the new one"; $ran; $events; "suid"; 1),
case_check("execveat by descriptor"; $ran; $events; "by-fd"; 1),
case_check("exec by a thread that is not the leader, a success and a failure"; $ran; $events; "thread"; 2),
case_check("a script behind a shebang: argv as executed"; $ran; $events; "script"; 1),
case_check("E2BIG: a word of 200 KB"; $ran; $events; "too-big"; 1),
case_check("EFAULT: argv that cannot be read is said to be partial"; $ran; $events; "bad-pointer"; 1),
abi_check("32-bit calls"; $ran; $events),
case_check("1,000 execs give exactly 1,000 events, each as it was run";
	$ran; $events; "thousand-ok"; 1000),
case_check("1,000 failing execs give exactly 1,000 events, each as it was run";
	$ran; $events; "thousand-missing"; 1000),
account_check("the counters agree: nothing lost, nothing twice"; $main_err; $events),
check("alerts are numbered without gaps and have ids of their own";
	differs("seq"; [range($main | length) + ($main[0].seq // 0)]; $main | map(.seq)),
	differs("ids"; $main | length; $main | map(.id) | unique | length)),

rule_check("alerts of the success"; "vm.ran"; "warning"; 2; ran_pids("plain")),
rule_check("alerts of ENOENT"; "vm.missing"; "error"; 1; ran_pids("missing")),
rule_check("alerts of EACCES"; "vm.denied"; "critical"; 2; ran_pids("denied")),
rule_check("alerts of ENOEXEC"; "vm.no-format"; "notice"; 1; ran_pids("no-format")),
rule_check("a rule without an outcome is silent on failures"; "vm.silent"; "emergency"; 0; []),
rule_check("alerts of the slow execs: those over the measured limit"; "vm.slow"; "alert"; 1;
	$events | map(select(.filename == "/bin/report" and (.argv[1] | IN("plain", "slow"))
		and .duration_ns >= $limit).pid)),
check("the slow exec is slower than the plain one, and over the limit that was measured";
	([$measure_events[], $events[]] | map(select(.filename == "/bin/report"))) as $reports |
	($reports | map(select(.argv[1] == "plain").duration_ns) | median) as $plain |
	($reports | map(select(.argv[1] == "slow").duration_ns) | min) as $slow |
	(if $slow > $plain then empty else "slow \($slow), plain \($plain)" end),
	(ran_pids("slow")[0] as $pid | $main | map(select(.rule.id == "vm.slow").event.pid) |
		if index($pid) then empty else "no alert for \($pid), the limit being \($limit) ns" end)),
http_check("every alert at the HTTP receiver, once, the same JSON"),
syslog_check("every alert in the syslogd's file, once: priority, rule, argv, retval, errno, duration"),

case_check("backend raw_tp: a success"; $ran_raw; $raw_events; "plain"; 1),
case_check("backend raw_tp: ENOENT"; $ran_raw; $raw_events; "missing"; 1),
case_check("backend raw_tp: EACCES"; $ran_raw; $raw_events; "denied"; 1),
case_check("backend raw_tp: ENOEXEC"; $ran_raw; $raw_events; "no-format"; 1),
case_check("backend raw_tp: a thread"; $ran_raw; $raw_events; "thread"; 1),
case_check("backend raw_tp: execveat"; $ran_raw; $raw_events; "by-fd"; 1),
abi_check("backend raw_tp: 32-bit calls"; $ran_raw; $raw_events),
account_check("backend raw_tp: the counters agree"; $raw_tp_err; $raw_events),

end_check("backend raw_tp: SIGTERM ends it cleanly"; "raw_tp"; $raw_tp_left),

check("the shipped rules name an attempt: argv, retval, errno, duration";
	($shipped | map(select(.rule.id == "reverse-shell-attempt"))) as $alerts |
	differs("alerts"; [["/nonexistent/nc -e /bin/sh 127.0.0.1 1", 5, -2, "ENOENT", true]];
		$alerts | map(.event |
			[(.argv | join(" ")), (.argv | length), .retval, .errno, .duration_ns > 0]))),
end_check("the shipped rules load strictly, and it ends cleanly"; "shipped"; $shipped_left),

case_check("alerts on stdout with --format jsonl"; $measured; $measure_events; "plain"; 5),
end_check("SIGINT ends it cleanly and no probe is left behind"; "main"; $main_left),
end_check("so does SIGTERM"; "measure"; $measure_left)
] | .[] |
if .wrong == [] then "ok - \($kernel): \(.what)"
else
	"not ok - \($kernel): \(.what)",
	(.wrong[:12][] | "# \(.[:600])"),
	(.wrong[12:] | select(. != []) | "# and \(length) more")
end
