"""One table in and out of a TOML file: it goes to the end, and all other bytes stay where they are."""

import re
import tomllib
from collections.abc import Mapping

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table


def with_table(text: str, key: str, name: str, entry: Mapping[str, object]) -> str:
    """The text with the table `[key.name]`; what is there already and the same stays as it is written."""
    there = tomllib.loads(text).get(key, {}).get(name)
    if there == dict(entry):
        return text
    if isinstance(there, dict):
        return _changed(text, key, name, entry) or with_table(without_table(text, key, name), key, name, entry)
    line = line_end(text)
    block = tomlkit.dumps({key: {name: dict(entry)}}).strip().replace("\n", line)
    gap = "" if not text else line if text.endswith("\n") else line + line
    return f"{text}{gap}{block}{line}"


def _changed(text: str, key: str, name: str, entry: Mapping[str, object]) -> str:
    """The text with what is another in the table; empty where that cannot be done in its place."""
    try:
        document = tomlkit.parse(text)
        tables = document[key]
        table = tables[name] if isinstance(tables, dict) else None
        if tomlkit.dumps(document) != text or not isinstance(table, Table):
            return ""
        for gone in table.keys() - entry.keys():
            del table[gone]
        for member, value in entry.items():
            if member not in table or table[member] != value:
                table[member] = value
    except (TOMLKitError, TypeError):
        return ""
    return tomlkit.dumps(document)


def line_end(text: str) -> str:
    """How the lines of a text end."""
    return "\r\n" if "\r\n" in text else "\n"


def without_table(text: str, key: str, name: str) -> str:
    r"""The text without that table and those inside of it. What is said between it and the next one is the next one's.

    >>> without_table("[a.b]\nc = 1\n\n# of d\n[d]\n", "a", "b")
    '\n# of d\n[d]\n'
    """
    quoted = "|".join(re.escape(one) for one in (name, f'"{name}"', f"'{name}'"))
    own = re.compile(rf"[ \t]*\[\[?[ \t]*{re.escape(key)}[ \t]*\.[ \t]*(?:{quoted})[ \t]*[\].]")
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    kept: list[str] = []
    between: list[str] | None = None  # behind what is ours, if anything is
    for number, one in enumerate(lines):
        is_head = re.match(r"[ \t]*\[", one) and (between is not None or own.match(one))
        if is_head and _is_whole("".join(lines[:number])):
            if own.match(one):
                if between is None and kept and not kept[-1].strip():
                    kept.pop()
                between = []
                continue
            kept, between = [*kept, *(between or ())], None
        if between is None:
            kept.append(one)
        else:
            between = [*between, one] if re.match(r"[ \t]*(#.*)?\r?$", one) else []
    return "".join([*kept, *(between or ())])


def _is_whole(text: str) -> bool:
    """Whether a text ends where a table can begin: not in a longer string, nor in a list."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
