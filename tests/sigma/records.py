# SPDX-License-Identifier: Apache-2.0
"""Exec records of maps of Sigma fields, for what the specification says of events that no exec can be.

A field that an exec has becomes that of the record. Any other, and a value of another type than the record's,
becomes an environment variable of the field's name, and the mapping says so: execwatch then reads it there.
"""

TEXTS = {"Image": "exe", "CurrentDirectory": "cwd", "User": "user", "Comm": "comm"}
NUMBERS = {"LogonId": "uid", "ProcessId": "pid", "ParentProcessId": "ppid"}


def put(record, field, value):
    """One field; false where no record has it so."""
    if field in TEXTS and isinstance(value, str):
        record[TEXTS[field]] = value
    elif field in NUMBERS and type(value) is int:
        record[NUMBERS[field]] = value
    elif field == "CommandLine":
        record["argv"] = value.split(" ")
    elif field == "ParentImage":
        record.setdefault("parent", {})["exe"] = value
    elif field == "ParentCommandLine":
        record.setdefault("parent", {})["argv"] = value.split(" ")
    elif field == "UtcTime":
        record["time"] = value + "Z"
    else:
        return False
    return True


def record_of(fields, mapped=(), null=None):
    """The record of a map. @mapped: the fields that become variables in any case; @null: what stands for
    null, which no record can hold, None being nothing at all.
    """
    record = {}
    for field, value in fields.items():
        value = null if value is None else value
        if field == "record":
            record.update(value)
        elif value is not None and (field in mapped or not put(record, field, value)):
            text = str(value)
            record.setdefault("env", {})[field] = text.lower() if isinstance(value, bool) else text
    return record


def mapping_of(maps):
    """The fields of which some map has a value that becomes a variable, and of each the native field."""
    mapped = {field for fields in maps for field, value in fields.items()
              if value is not None and field != "record" and not put({}, field, value)}
    return {field: f"env.{field}" for field in sorted(mapped)}
