# SPDX-License-Identifier: Apache-2.0
"""What a Sigma rule says of an exec, from the specification (2.1.0) and as plainly as it can be said: nothing
here is fast, and nothing is shared with the program that is held against it.

A rule is a dict as YAML has it, an exec a record as a dict. Text is str; a byte that is no valid UTF-8 is one
lone surrogate, as Python's surrogateescape has it, so that `?` is a character or such a byte.
"""
import base64
import datetime
import ipaddress
import itertools
import operator
import re


class Refused(Exception):
    """The rule has something that has no meaning."""


STAR, ONE = "*any*", "*one*"
DASHES = "-/\u2013\u2014\u2015"
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
BLANKS = " \t\n\v\f\r"
ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
# The fields in which a value without a field is looked for.
KEYWORD_FIELDS = ("Image", "CommandLine", "ParentImage", "ParentCommandLine", "CurrentDirectory", "User",
                  "LogonId")
NS_PER_MS = 1_000_000
OUTCOME_FIELDS = ("ReturnValue", "Errno")


# Values of an exec

def joined(words):
    return None if words is None else " ".join(words)


def text_of(record, key, index=None):
    """A text of a record, its exact bytes preferred."""
    value = record.get(key)
    exact = record.get(key + "_b64")
    if index is not None:
        value = value[index]
        exact = (exact or {}).get(str(index))
    return value if exact is None else base64.b64decode(exact).decode("utf-8", "surrogateescape")


def words_of(record, key):
    return [text_of(record, key, i) for i in range(len(record[key]))] if key in record else None


def sigma_fields(record):
    """Sigma's name of a field -> its values, of which Image may have two; what is not known is not there."""
    parent = record.get("parent", {})
    failed = record.get("retval", 0) != 0
    fields = {
        "Image": [text_of(record, "exe"), text_of(record, "filename")],
        "CommandLine": [joined(words_of(record, "argv"))],
        "ParentImage": [text_of(parent, "exe")],
        "ParentCommandLine": [joined(words_of(parent, "argv"))],
        "CurrentDirectory": [text_of(record, "cwd")],
        "User": [text_of(record, "user")],
        "LogonId": [record.get("uid")],
        "ProcessId": [record.get("pid")],
        "ParentProcessId": [record.get("ppid"), parent.get("pid")],
        "UtcTime": [record.get("time")],
        "Comm": [text_of(record, "comm")],
        "ReturnValue": [record.get("retval")],
        "Errno": [record.get("errno") if failed else None],
        "Duration": [record["duration_ns"] / NS_PER_MS if "duration_ns" in record else None],
    }
    return {name: known for name, values in fields.items() if (known := [v for v in values if v is not None])}


# Values of a rule

def tokens(text):
    """The characters of a value and its wildcards; a backslash escapes a wildcard or itself, nothing else."""
    found = re.findall(r"\\[*?\\]|.", text, re.DOTALL)
    return [STAR if t == "*" else ONE if t == "?" else t[-1] for t in found]


def plain(parts, what):
    if STAR in parts or ONE in parts:
        raise Refused(f"{what} takes no wildcards")
    return "".join(parts)


def data_of(parts, what):
    """The bytes of a value: those of an encoding before, else UTF-8."""
    return parts if isinstance(parts, bytes) else plain(parts, what).encode("utf-8", "surrogateescape")


def encoded(parts, encoding, mark=b""):
    return mark + plain(parts, encoding).encode(encoding)


def base64_offsets(data):
    """What of the base64 of a text that holds @data at any place depends on @data alone."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + data).decode()
        first = (8 * before + 5) // 6
        last = 8 * (before + len(data)) // 6
        yield list(text[first:last])


def with_dashes(parts):
    """Each option's dash in all its forms: a dash or slash in front of a word, and not behind one."""
    is_word = [re.fullmatch(r"\w", p) is not None for p in parts]
    places = [i for i, p in enumerate(parts)
              if p in ("-", "/") and not (i > 0 and is_word[i - 1]) and is_word[i + 1:i + 2] == [True]]
    for choice in itertools.product(DASHES, repeat=len(places)):
        changed = list(parts)
        for place, dash in zip(places, choice):
            changed[place] = dash
        yield changed


def pattern(parts, cased):
    """A regex that is the value, wildcards and all."""
    special = {STAR: ".*", ONE: "."}
    text = "".join(special.get(p) or re.escape(p if cased else lower(p)) for p in parts)
    return re.compile(text, re.DOTALL)


def lower(text):
    return text.translate(ASCII_LOWER)


def shown(value):
    """A value of an exec as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def number(value):
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip(BLANKS)
        return float(value) if NUMBER.match(value) else None
    return float(value)


# One `field|modifiers: values`

ENCODINGS = {
    "wide": lambda p: encoded(p, "utf-16-le"),
    "utf16le": lambda p: encoded(p, "utf-16-le"),
    "utf16be": lambda p: encoded(p, "utf-16-be"),
    "utf16": lambda p: encoded(p, "utf-16-le", b"\xff\xfe"),
}
SURROUND = {"contains": (True, True), "startswith": (False, True), "endswith": (True, False)}
COMPARE = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}
TIME_PARTS = {
    "minute": lambda t: t.minute, "hour": lambda t: t.hour, "day": lambda t: t.day,
    "week": lambda t: t.isocalendar()[1], "month": lambda t: t.month, "year": lambda t: t.year,
}
RE_FLAGS = {"i": re.I, "ignorecase": re.I, "m": re.M, "multiline": re.M, "s": re.S, "dotall": re.S}


class Item:
    """One key of a selection with its values."""

    def __init__(self, key, values, placeholders):
        self.field, *self.modifiers = key.split("|")
        self.values = values if isinstance(values, list) else [values]
        self.needs_all = "all" in self.modifiers
        self.negated = "neq" in self.modifiers
        if "expand" in self.modifiers:
            self.values = [w for v in self.values for w in expanded(v, placeholders)]
        self.other = str(self.values[0]) if "fieldref" in self.modifiers else None
        self.tests = [self.test_of(v) for v in self.values]

    def has(self, *names):
        return next((m for m in self.modifiers if m in names), None)

    def test_of(self, value):
        """value of the exec -> does it fit this value of the rule?"""
        if self.has("exists", "fieldref"):
            return None
        if self.has("re"):
            flags = re.ASCII
            for m in self.modifiers:
                flags |= RE_FLAGS.get(m, 0)
            found = re.compile(str(value), flags).search
            return lambda v: found(shown(v)) is not None
        if compare := self.has(*COMPARE):
            return lambda v: number(v) is not None and COMPARE[compare](number(v), value)
        if part := self.has(*TIME_PARTS):
            return lambda v: TIME_PARTS[part](datetime.datetime.fromisoformat(v[:19])) == value
        if self.has("cidr"):
            return self.network_test(ipaddress.ip_network(str(value)))
        if value is None:
            return lambda v: False          # what is known is not null
        if isinstance(value, bool):
            return lambda v: lower(shown(v)) == shown(value)
        if isinstance(value, (int, float)):
            return self.number_test(value)
        return self.text_test(value)

    @staticmethod
    def network_test(network):
        def test(v):
            try:
                return ipaddress.ip_address(shown(v)) in network
            except ValueError:
                return False
        return test

    def number_test(self, value):
        if not self.field:
            return lambda v: str(value) in shown(v)
        return lambda v: shown(v) == str(value) or number(v) == float(value)

    def text_test(self, value):
        forms = [tokens(value)]
        for m in self.modifiers:
            if m in ENCODINGS:
                forms = [ENCODINGS[m](f) for f in forms]
            elif m == "base64":
                forms = [list(base64.b64encode(data_of(f, m)).decode()) for f in forms]
            elif m == "base64offset":
                forms = [o for f in forms for o in base64_offsets(data_of(f, m))]
            elif m == "windash":
                forms = [w for f in forms for w in with_dashes(f)]
            elif m in SURROUND:
                before, behind = SURROUND[m]
                forms = [before * [STAR] + f + behind * [STAR] for f in forms]
        if not self.field:
            forms = [[STAR] + f + [STAR] for f in forms]
        cased = "cased" in self.modifiers
        patterns = [pattern(f, cased) for f in forms]
        return lambda v: any(p.fullmatch(shown(v) if cased else lower(shown(v))) for p in patterns)

    def holds(self, fields):
        return self.value_holds(fields) != self.negated

    def value_holds(self, fields):
        known = fields.get(self.field, [])
        join = all if self.needs_all else any
        if self.has("exists"):
            return any(bool(v) == bool(known) for v in self.values)
        if self.other:
            return any(self.refers(a, b) for a in known for b in fields.get(self.other, []))
        if not self.field:
            values = [v for name in KEYWORD_FIELDS for v in fields.get(name, [])]
            return join(any(t(v) for v in values) for t in self.tests)
        if not known:
            return join(v is None for v in self.values)
        return any(join(t(v) for t in self.tests) for v in known)

    def refers(self, value, other):
        value, other = lower(shown(value)), lower(shown(other))
        how = self.has(*SURROUND)
        return {"contains": other in value, "startswith": value.startswith(other),
                "endswith": value.endswith(other), None: value == other}[how]


def expanded(value, placeholders):
    """A value for each of the placeholder's."""
    names = re.findall(r"%([^%]+)%", value) if isinstance(value, str) else []
    if not names:
        return [value]
    if any(n not in placeholders for n in names):
        raise Refused("a placeholder without values")
    texts = [value]
    for name in names:
        texts = [t.replace(f"%{name}%", str(v), 1) for t in texts for v in placeholders[name]]
    return texts


# Selections and conditions

class Selection:
    """A map (all of its items), a list (any of its parts), or keywords."""

    def __init__(self, definition, placeholders):
        self.parts, self.join = [], any
        if isinstance(definition, dict):
            self.parts = [Item(k, v, placeholders) for k, v in definition.items()]
            self.join = all
        elif isinstance(definition, list):
            self.parts = [Selection(d, placeholders) for d in definition]
        else:
            self.parts = [Item("", definition, placeholders)]

    def holds(self, fields):
        return self.join(p.holds(fields) for p in self.parts)

    def reads(self):
        for p in self.parts:
            if isinstance(p, Selection):
                yield from p.reads()
            else:
                yield from (p.field, p.other)


class Condition:
    """`or` over `and` over `not` over names, `N of PATTERN` and parentheses; evaluated while it is read."""

    def __init__(self, text, selections):
        self.words = re.findall(r"[()]|[^\s()]+", text)
        self.selections = selections
        self.used = set()
        self.tree = self.either()
        if self.words:
            raise Refused(f"`{self.words[0]}` behind the end of the condition")

    def next_is(self, *words):
        if self.words and self.words[0].lower() in words:
            return self.words.pop(0).lower()
        return None

    def either(self):
        parts = [self.both()]
        while self.next_is("or"):
            parts.append(self.both())
        return ("any", parts)

    def both(self):
        parts = [self.negation()]
        while self.next_is("and"):
            parts.append(self.negation())
        return ("all", parts)

    def negation(self):
        return ("not", [self.negation()]) if self.next_is("not") else self.primary()

    def primary(self):
        if not self.words:
            raise Refused("the condition ends early")
        if self.next_is("("):
            tree = self.either()
            if not self.next_is(")"):
                raise Refused("`)` is missing")
            return tree
        word = self.words.pop(0)
        if word in ("1", "any", "all") and self.next_is("of"):
            return ("all" if word == "all" else "any", [("name", n) for n in self.names(self.words.pop(0))])
        return ("name", self.name(word))

    def name(self, name):
        if name not in self.selections:
            raise Refused(f"no selection `{name}`")
        self.used.add(name)
        return name

    def names(self, wanted):
        parts = "*" if wanted == "them" else wanted
        shape = re.compile(".*".join(map(re.escape, parts.split("*"))))
        found = [n for n in self.selections if shape.fullmatch(n) and (n[0] != "_" or parts[0] == "_")]
        if not found:
            raise Refused(f"no selection is `{wanted}`")
        return [self.name(n) for n in found]

    def holds(self, fields, tree=None):
        kind, rest = tree or self.tree
        if kind == "name":
            return self.selections[rest].holds(fields)
        if kind == "not":
            return not self.holds(fields, rest[0])
        return (all if kind == "all" else any)(self.holds(fields, t) for t in rest)


class Rule:
    """A rule that can be asked."""

    def __init__(self, rule, placeholders=None):
        detection = dict(rule["detection"])
        conditions = detection.pop("condition")
        detection.pop("timeframe", None)
        selections = {name: Selection(d, placeholders or {}) for name, d in detection.items()}
        self.id = rule["id"]
        self.conditions = [Condition(c, selections)
                           for c in (conditions if isinstance(conditions, list) else [conditions])]
        used = set().union(*(c.used for c in self.conditions))
        read = {name for u in used for name in selections[u].reads()}
        self.reads_outcome = not read.isdisjoint(OUTCOME_FIELDS)

    def matches(self, record, fields=None):
        """Does it hold of the record? @fields: its fields, where they are known already."""
        if record.get("retval", 0) != 0 and not self.reads_outcome:
            return False
        fields = sigma_fields(record) if fields is None else fields
        return any(c.holds(fields) for c in self.conditions)
