#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random Sigma rules and execs that have much in common, so that rules often hold, or fail by a little.

    tests/sigma/generate.py SEED FOLDER       writes rules.yml and execs.jsonl there

A seed makes the same ones wherever it is used. A Mix says what they may hold: the reference evaluators know
less than the program does, and regexes speak of bytes here and of characters there.
"""
import base64
import dataclasses
import json
import random
import string
import sys
import uuid

import yaml

WORDS = [
    "sh", "-c", "curl", "/etc/passwd", "/usr/bin/python3", "-foo-bar", "--inode", "/i:x", "a*b", "what?",
    "C:\\x\\*", "\\\\host\\share", "  two  ", "", "-R", "-", "x\ny", "\ttab", "a_b%c", "[ab]", "{1,2}",
    "$HOME", "(a|b)", "1000", "10.1.2.3", "2130706433", "Zm9vYmFy", "AB", "Ab", "ABAB", "aaaa", "'q'", '"d"',
    "%name%", "true", "null",
]
WIDE_WORDS = ["caf\u00e9", "\u2013foo", "\u2014bar", "\u212aelvin", "\u0130I\u0131i", "\U0001f600?",
              "\u00e4*\u00f6", "\ufffd", "-R \u2015b", "\U0010ffffa"]
SECRETS = ["foobar", "ping", "/bin/bash", "a", "xy"]
BAD_BYTES = [b"\xff", b"a\xc3", b"\xe2\x82x", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\xaf*"]
PATHS = ["/usr/bin/sh", "/bin/bash", "/tmp/x", "/opt/App/run", "/usr/bin/python3.11", "/x/prog", "/", "sh",
         "/bin/a b"]
USERS = ["root", "ROOT", "www-data", "alice", "1000", "01000", "1000.0", "7", "10.1.2.3", "::1", "fe80::12",
         "True", "-2", " 7", "+7\n", "1e3", ".7e1", "7.", "1000.5", "0x7", "7 7"]
TIMES = ["2026-01-01T00:00:00.000000000Z", "2024-12-31T23:59:59.000000001Z",
         "2026-08-05T03:04:05.000000000Z"]
ERRNOS = {"ENOENT": 2, "EACCES": 13, "ENOEXEC": 8}
CLASSIC = ["Image", "CommandLine", "ParentImage", "ParentCommandLine", "CurrentDirectory", "User", "LogonId"]
NUMBERS = ["LogonId", "ProcessId", "ParentProcessId", "ReturnValue"]
ABSENT = ["OriginalFileName", "Hashes", "image", "Nonesuch"]
DASHES = "-/\u2013\u2014\u2015"
NETWORKS = ["10.0.0.0/8", "10.1.2.3", "10.1.2.0/30", "::1/128", "fe80::/10", "0.0.0.0/0", "::/0"]
TIME_VALUES = {"minute": [0, 4, 59], "hour": [0, 3, 23], "day": [1, 5, 31], "week": [1, 32],
               "month": [1, 8, 12], "year": [2024, 2026]}


@dataclasses.dataclass
class Mix:
    """What may occur."""

    regexes: bool = True        # and only ASCII texts
    own_fields: bool = False    # beyond those of every process_creation rule, and execs that fail
    bad_bytes: bool = False


class Generator:
    """One sequence of random rules and execs."""

    def __init__(self, seed, mix):
        self.random = random.Random(seed)
        self.mix = mix
        self.fields = CLASSIC + (["ProcessId", "ParentProcessId", "Comm", "ReturnValue", "Errno"]
                                 if mix.own_fields else [])
        self.execs = []                 # of each exec so far, by field: its texts
        self.exec = {}                  # the one that a rule is made for, and
        self.about = "CommandLine"      # the field of it

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def pick(self, items):
        return self.random.choice(items)

    # Execs

    def word(self):
        words = WORDS if self.mix.regexes else WORDS + WIDE_WORDS
        if self.chance(15):
            text = self.pick(["", "a", "bc"]) + self.pick(SECRETS) + self.pick(["", "d", "ef"])
            return base64.b64encode(text.encode(self.pick(["utf-8", "utf-16-le", "utf-16-be"]))).decode()
        return self.pick(words) if not self.chance(6) else self.pick(words) + self.pick(words)

    def words(self):
        return [self.word() for _ in range(self.random.randrange(6))]

    def put_text(self, record, key, text, field):
        """A text, in some mixes with bytes that are no characters."""
        record[key] = text
        self.execs[-1].setdefault(field, []).append(text)
        if self.mix.bad_bytes and self.chance(2):
            raw = text.encode() + self.pick(BAD_BYTES) + self.pick([b"", b"end"])
            record[key], record[key + "_b64"] = in_json(raw)
            self.execs[-1][field].append(raw.decode("utf-8", "surrogateescape"))

    def put_words(self, record, field):
        words = self.words()
        record["argv"] = words
        self.execs[-1][field] = words + 3 * [" ".join(words)]
        if self.mix.bad_bytes and words and self.chance(2):
            i = self.random.randrange(len(words))
            raw = words[i].encode() + self.pick(BAD_BYTES)
            record["argv"][i], exact = in_json(raw)
            record["argv_b64"] = {str(i): exact}

    def record(self, seq):
        record = {"seq": seq}
        r = self.random
        self.execs.append({})
        if not self.chance(9):
            record["time"] = self.pick(TIMES)
        if not self.chance(8):
            self.put_text(record, "filename", self.pick(PATHS), "Image")
        if not self.chance(8):
            if "filename" in record and r.random() < 0.5:
                for key in ("filename", "filename_b64"):
                    if key in record:
                        record[key.replace("filename", "exe")] = record[key]
            else:
                self.put_text(record, "exe", self.pick(PATHS), "Image")
        if not self.chance(12):
            self.put_words(record, "CommandLine")
        if not self.chance(8):
            self.put_text(record, "user", self.pick(USERS), "User")
        if not self.chance(8):
            record["uid"] = self.pick([0, 4, 5, 7, 45, 1000, 10001, 4294967295])
        if not self.chance(8):
            self.put_text(record, "cwd", self.pick(PATHS + [self.word()]), "CurrentDirectory")
        record["retval"] = 0
        if not self.chance(6):
            record["parent"] = self.parent()
        if self.mix.own_fields:
            self.put_own(record)
        return record

    def parent(self):
        parent = {}
        if not self.chance(5):
            self.put_text(parent, "exe", self.pick(PATHS), "ParentImage")
        if not self.chance(5):
            self.put_words(parent, "ParentCommandLine")
        if self.mix.own_fields and self.chance(3):
            parent["pid"] = self.pick([7, 45])
        return parent

    def put_own(self, record):
        for key, values in (("pid", [1, 7, 1000, 45]), ("ppid", [1, 7, 1000]),
                            ("duration_ns", [500_000, 10**6, 1_000_001, 10**10])):
            if not self.chance(4):
                record[key] = self.pick(values)
        if not self.chance(4):
            self.put_text(record, "comm", self.pick(["sh", "bash", "7", "a b"]), "Comm")
        if self.chance(3):
            record["errno"] = self.pick(list(ERRNOS))
            record["retval"] = -ERRNOS[record["errno"]]
            for key in ("exe", "exe_b64"):
                record.pop(key, None)
        elif self.chance(8):
            del record["retval"]
            record["returned"] = False

    # Values of rules

    def piece(self, text, how):
        """A part of a text that it begins with, ends with, or contains."""
        if not text or not how:
            return text
        a = self.random.randrange(len(text))
        b = a + 1 + self.random.randrange(min(len(text) - a, 12))
        return text[a if how != "startswith" else 0:b if how != "endswith" else None]

    def changed(self, text):
        """Something nearly the same."""
        if not text:
            return text
        i = self.random.randrange(len(text))
        other = self.pick([text.swapcase(), text.upper()]) if text.isascii() else text
        longer = text[:i] + self.pick(string.printable[:95]) + text[i:]
        return self.pick([text[:i] + text[i + 1:], longer, other, text])

    def subject(self, how):
        """A text that an exec has, or would nearly have."""
        text = self.pick(self.exec.get(self.about) or WORDS)
        if self.chance(8):
            text = self.word()
        text = self.piece(text, how)
        return self.changed(text) if self.chance(6) else text

    def escaped(self, text):
        """As a value: wildcards escaped, as a rule, and backslashes where they have to be, or anyhow. What a
        file cannot hold becomes a wildcard.
        """
        out = ""
        for i, c in enumerate(text):
            if not is_writable(c):
                out += self.pick("????*")
            elif c in "*?":
                out += c if self.chance(5) else "\\" + c
            elif c == "\\":
                out += self.pick(["\\\\", "\\"]) if text[i + 1:i + 2] not in ("*", "?", "\\") else "\\\\"
            else:
                out += c
        return out

    def with_wildcards(self, text):
        """Some of it left to wildcards."""
        chars = [self.escaped(c) for c in text]
        for _ in range(self.random.randrange(3)):
            if not chars:
                break
            i = self.random.randrange(len(chars))
            if self.chance(2):
                chars[i] = "?"
            else:
                chars[i:i + self.random.randrange(4)] = ["*"]
        return "".join(chars)

    def value(self, how):
        text = self.subject(how)
        return self.with_wildcards(text) if self.chance(3) else self.escaped(text)

    def keyword(self):
        return self.value("contains")

    def option(self, how):
        """Something with dashes of whatever kind, but few."""
        text = self.value(how)
        if not 0 < sum(c in DASHES for c in text) < 4:
            text = self.pick(["-foo", " -R", "/i", "-c *-x", "a-b -c", "--inode", "-b"])
        return "".join(self.pick("-/") if c in DASHES and self.chance(2) else c for c in text)

    def literal(self):
        """A value in which nothing is special, for what is encoded."""
        if self.chance(2):
            return self.pick(SECRETS)
        text = self.subject("contains").replace("*", "").replace("?", "").replace("\\", "")
        return text if text.isascii() and text else self.pick(SECRETS)

    def regex(self, multiline):
        """One that means the same everywhere, made of a text that it mostly finds. Whether a line begins
        behind a last newline is seen in two ways, so that something has to follow.
        """
        out = []
        for c in self.subject("contains")[:12]:
            kinds = [re_literal(c)] * 5 + ["."]
            kinds += [r"\d", "[0-9]", r"\w", "[^a-z]"] if c.isdigit() else []
            kinds += ["[a-z]", "[A-Z]", r"\w", "[^0-9]", r"\D"] if c.isalpha() else []
            kinds += [r"\s", r"\W", r"[\s]"] if c.isspace() else []
            out.append(self.pick(kinds) + self.pick([""] * 6 + ["+", "*", "?", "+?", "{1,3}", "{0,2}"]))
        if len(out) > 2 and self.chance(4):
            i = self.random.randrange(len(out) - 1)
            out[i:i + 2] = ["(" + out[i] + "|" + out[i + 1] + ")" + out[i + 1]]
        if self.chance(4):
            out.insert(0, r"^(?=[\s\S])" if multiline else "^")
        if self.chance(5):
            out.append("$")
        for part in (".*", r"\b", "(?=.)", "(?!x)", "(?:a|)", "(?<=[a-z])", "[^x]*?"):
            if self.chance(20):
                out.insert(self.random.randrange(len(out) + 1), part)
        return "".join(out) or "sh"

    # Items

    def several(self, make, most=3):
        """One value, or a list of some."""
        return make() if self.chance(2) else [make() for _ in range(1 + self.random.randrange(most))]

    def text_item(self, field):
        how = self.pick(["", "", "contains", "contains", "contains", "startswith", "endswith"])
        modifiers = [how] if how else []
        value = self.several(lambda: self.value(how or ("" if field else "contains")))
        kind = self.random.randrange(12)
        if kind == 0:
            modifiers.insert(0, "windash")
            value = self.several(lambda: self.option(how), 2)
        elif kind == 1:
            encoding = self.pick([[], [], ["wide"], ["utf16le"], ["utf16be"], ["utf16"]])
            modifiers = encoding + [self.pick(["base64", "base64offset"]), "contains"]
            value = self.several(self.literal, 2)
        if self.chance(5):
            modifiers.append("cased")
        if isinstance(value, list) and self.chance(3):
            modifiers.append("all")
        if field and not modifiers and self.chance(2):
            value = self.mixed(value)
        if field and self.chance(10):
            modifiers.append("neq")
        return "|".join([field] + modifiers), value

    def mixed(self, value):
        """Values of several types."""
        others = [None, "", 0, 1000, True, False, 7, 1000.0, -2]
        if not isinstance(value, list):
            return self.pick(others)
        return value + [self.pick(others)]

    def number_item(self, field):
        kind = self.random.randrange(4)
        numbers = [0, 1, 4, 5, 7, 45, 999, 1000, 10001, -2, -13]
        if kind == 0:
            return field, self.several(lambda: self.pick(numbers))
        if kind == 1:
            texts = ["0", "1000", "10*", "?", "*", "4?", "-2", "07", ""]
            return field, self.several(lambda: self.pick(texts))
        if kind == 2:
            return f"{field}|{self.pick(['contains', 'startswith', 'endswith'])}", self.several(
                lambda: self.pick(["0", "00", "10", "5", "-", ""]))
        value = self.pick(numbers + [999.5, 4.0, 1000.25])
        return f"{field}|{self.pick(['lt', 'lte', 'gt', 'gte'])}", value

    def regex_item(self, field):
        modifiers = ["re"] + self.random.sample(["i", "m", "s"], self.random.randrange(3))
        value = self.several(lambda: self.regex("m" in modifiers), 2)
        if isinstance(value, list) and self.chance(2):
            modifiers.append("all")
        return "|".join([field] + modifiers), value

    def other_item(self, field):
        kind = self.random.randrange(4 + self.mix.own_fields)
        if kind == 0:
            return f"{field}|exists", self.pick([True, False])
        if kind == 1:
            return f"{self.pick(['User', 'CurrentDirectory', 'CommandLine'])}|cidr", self.several(
                lambda: self.pick(NETWORKS), 2)
        if kind == 2:
            return field, self.pick([None, "", "*", "?"])
        if kind == 3:
            others = [f for f in CLASSIC if f != "Image" or self.mix.own_fields]
            how = self.pick(["", "", "|contains", "|startswith", "|endswith"])
            return f"{field}|fieldref{how}", self.pick(others)
        part = self.pick(list(TIME_VALUES))
        return f"UtcTime|{part}", self.several(lambda: self.pick(TIME_VALUES[part]), 2)

    def item(self):
        field = self.pick(self.fields) if not self.chance(15) else self.pick(ABSENT)
        self.about = field
        kind = self.random.randrange(10)
        if kind == 0 or (field in NUMBERS and kind < 7):
            return self.number_item(field)
        if kind == 1 and self.mix.regexes:
            return self.regex_item(field)
        if kind in (2, 3):
            return self.other_item(field)
        return self.text_item(field)

    # Detections

    def selection_map(self):
        return dict(self.item() for _ in range(self.pick([1, 1, 2, 2, 3])))

    def selection(self):
        kind = self.random.randrange(12)
        self.about = self.pick(CLASSIC)
        if kind == 0:
            return self.several(self.keyword)
        if kind == 1:
            key, value = self.text_item("")
            return {"|" + key.strip("|"): value} if key else self.several(self.keyword)
        if kind in (2, 3):
            parts = [self.selection_map() for _ in range(self.pick([1, 2, 3]))]
            if self.chance(4):
                parts.append(self.keyword())
            return parts
        return self.selection_map()

    def condition(self, names, depth=0):
        kind = self.random.randrange(10 if depth < 4 else 3)
        if kind in (0, 1):
            return self.pick(names)
        if kind == 2:
            patterns = [n[:-1] + "*" for n in names] + [n[0] + "*" + n[-1] for n in names]
            patterns += ["them"] * any(n[0] != "_" for n in names)
            patterns = [p for p in patterns if p == "them" or p[0] == "_" or any(
                n[0] != "_" and n.startswith(p.split("*")[0]) and n.endswith(p.split("*")[1]) for n in names)]
            return self.pick(["1 of ", "all of ", "any of "]) + self.pick(patterns or names)
        if kind in (3, 4):
            return self.pick(["not ", "NOT "]) + self.condition(names, depth + 1)
        if kind in (5, 6):
            return "(" + self.condition(names, depth + 1) + self.pick([")", " )"])
        link = self.pick([" and ", " or ", " AND ", "  or ", "\nand "])
        return self.condition(names, depth + 1) + link + self.condition(names, depth + 1)

    def rule(self, number):
        pool = ["sel_a", "sel_b", "filter_x", "filter_main.y", "_hidden", "x1_sel", "selection", "sel"]
        self.exec = self.pick(self.execs)
        names = self.random.sample(pool, self.pick([1, 1, 2, 3, 4]))
        detection = {name: self.selection() for name in names}
        condition = self.pick(names) if self.chance(3) else self.condition(names)
        detection["condition"] = [condition, self.condition(names)] if self.chance(10) else condition
        return {
            "title": f"rule {number}",
            "id": str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
            "status": "test", "level": self.pick(["low", "medium", "high", "critical", "informational"]),
            "logsource": {"category": "process_creation", "product": "linux"},
            "detection": detection,
        }


def in_json(raw):
    """Bytes as a record has them: the text, and what is exact beside it."""
    return raw.decode("utf-8", "replace"), base64.b64encode(raw).decode()


def is_writable(text):
    """Can YAML hold it?"""
    return all(c in "\t\n" or (ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0 and not 0xD800 <= ord(c) < 0xE000)
               for c in text)


def re_literal(c):
    if c in "\n\t":
        return {"\n": r"\n", "\t": r"\t"}[c]
    return c if c.isalnum() or c in " _-/:,'\"%=<>@!~#&;`" else "\\" + c


def main(seed, folder):
    """Writes rules and execs of all kinds, for whoever compares engines with each other."""
    generator = Generator(seed, Mix(own_fields=True))
    with open(f"{folder}/execs.jsonl", "w", encoding="utf-8") as f:
        f.writelines(json.dumps(generator.record(seq)) + "\n" for seq in range(100))
    with open(f"{folder}/rules.yml", "w", encoding="utf-8") as f:
        yaml.safe_dump_all([generator.rule(i) for i in range(400)], f, sort_keys=False, allow_unicode=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
