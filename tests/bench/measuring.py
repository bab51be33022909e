# SPDX-License-Identifier: Apache-2.0
"""What the scripts of this folder share: running programs, and tables that can be read without a renderer."""
import glob
import json
import os
import platform
import re
import subprocess
import tempfile
import textwrap

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
BUILD = os.path.join(ROOT, os.environ.get("EXECWATCH_BUILD", "build"))
PROGRAM = os.path.join(BUILD, "execwatch")
PAGE = os.path.join(ROOT, "docs", "performance.md")
# What each checkout has: a recording of a package build, and what the tests of the shipped rules are made of.
EVENTS = [os.path.join(ROOT, path) for path in (
    "examples/recordings/package-build.jsonl", "tests/shipped/attacks.jsonl", "tests/shipped/ordinary.jsonl")]


class Broken(Exception):
    """Something could not be measured."""


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def run(*command, **options):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                              **options)
    except OSError as error:
        raise Broken(f"{os.path.basename(command[0])}: {error.strerror}") from error
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().split("\n")
        raise Broken(f"{os.path.basename(command[0])}: {words[-1] or f'exit code {done.returncode}'}")
    return done.stdout


def plural(n, word):
    return f"{n:g} {word}{'' if n == 1 or word.endswith('s') else 's'}"


def table(heads, rows):
    """As Markdown that can be read without a renderer: names to the left, figures to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    left = [not all(re.match(r"[\d+]|$", row[i]) for row in rows) or head in ("", "remark")
            for i, head in enumerate(heads)]
    line = ["-" * (w if le else w - 1) + ("" if le else ":") for w, le in zip(widths, left)]
    return "".join("| " + " | ".join(c.ljust(w) if le else c.rjust(w) for c, w, le in zip(row, widths, left))
                   + " |\n" for row in [heads, line, *rows])


def paragraph(text):
    return textwrap.fill(" ".join(text.split()), 108, break_on_hyphens=False)


def block(name, page):
    """What stands between the marks of that name in a page."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", page, re.DOTALL)
    if not found:
        raise Broken(f"there is no place for {name}")
    return found[1]


def write_block(name, text, path=PAGE):
    page = read(path)
    old = block(name, page)
    with open(path, "w", encoding="utf-8") as f:
        f.write(page.replace(f"<!-- {name} -->\n{old}", f"<!-- {name} -->\n\n{text.strip()}\n\n"))


def print_table(heads, rows):
    print(table(heads, rows), flush=True)


def print_section(head, text):
    print(f"{head}\n\n{paragraph(text)}\n", flush=True)


def processor():
    model = re.search(r"^model name\s*: (.*)$", read("/proc/cpuinfo"), re.MULTILINE)
    return f"{os.cpu_count()} x {model.group(1) if model else platform.machine()}"


def grow(size, folder):
    """The path of a file of @size rules, in @folder."""
    path = f"{folder}/rules_{size}.yaml"
    with open(path, "w", encoding="utf-8") as f:
        f.write(run(f"{HERE}/grow", str(size)))
    return path


def bench(rules, events, *options):
    """What `execwatch bench` says, as a dictionary. @rules: a path; @events: paths."""
    return json.loads(run(PROGRAM, "bench", "-r", rules, *options, *events))


def instructions(rules, events, rounds):
    """Instructions that each round executes, which are the same in every run; and what bench said. The first
    round is dearer: what is remembered of texts is not there yet, regexes are compiled."""
    with tempfile.TemporaryDirectory() as folder:
        said = run("valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
                   "--toggle-collect=matcher_run", "--dump-after=rounds_run",
                   PROGRAM, "bench", "-r", rules, "--rounds", str(rounds), *events)
        counts = [int(re.search(r"^totals: (\d+)$", read(f"{folder}/out.{i + 1}"), re.MULTILINE)[1])
                  for i in range(len(glob.glob(f"{folder}/out.*")))]
    if len(counts) != rounds or 0 in counts:
        raise Broken(f"valgrind: {len(counts)} of {rounds} rounds counted; is the program stripped?")
    return counts, json.loads(said)


def made_with():
    """What a count of instructions depends on beside the code."""
    compiler = re.search(r"\] +(.*)$", run("readelf", "-p", ".comment", PROGRAM), re.MULTILINE)
    vector = re.search(r"^flags\s*:.*\b(avx2)\b", read("/proc/cpuinfo"), re.MULTILINE)
    return (f"{compiler[1] if compiler else 'an unknown compiler'}, {' '.join(platform.libc_ver())}, "
            f"PCRE2 {run('pkg-config', '--modversion', 'libpcre2-8').strip()}, "
            f"{run('valgrind', '--version').strip().replace('-', ' ')}, "
            f"{platform.machine()}{' with ' + vector[1] if vector else ''}")
