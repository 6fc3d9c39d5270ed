"""One table in and out of a TOML file: it goes to the end, and all other bytes stay where they are."""

import json
import re
import tomllib
from collections.abc import Mapping

import tomlkit


class FixedToml(ValueError):
    """The file is written in a way in which nothing can be changed without touching the rest."""


def with_table(text: str, key: str, name: str, entry: Mapping[str, object]) -> str:
    """The text with the table `[key.name]`, in place of one of that name.

    Raises:
        FixedToml: the tables of `key`, or this one, are not written as tables of their own.
    """
    tables = tomllib.loads(text).get(key, {})
    text = without_table(text, key, name) if name in tables else text
    line = "\r\n" if "\r\n" in text else "\n"
    block = tomlkit.dumps({key: {name: dict(entry)}}).strip().replace("\n", line)
    gap = "" if not text else line if text.endswith("\n") else line + line
    added = f"{text}{gap}{block}{line}"
    return _checked(added, key, {**tables, name: dict(entry)})


def without_table(text: str, key: str, name: str) -> str:
    """The text without that table and those inside of it. Raises as `with_table`."""
    tables = tomllib.loads(text).get(key, {})
    quoted = "|".join(re.escape(one) for one in (name, f'"{name}"', f"'{name}'"))
    own = re.compile(rf"[ \t]*\[\[?[ \t]*{re.escape(key)}[ \t]*\.[ \t]*(?:{quoted})[ \t]*[\].]")
    kept: list[str] = []
    inside = False
    for one in text.splitlines(keepends=True):
        if re.match(r"[ \t]*\[", one):
            inside = own.match(one) is not None
            if inside and kept and not kept[-1].strip():
                kept.pop()
        if not inside:
            kept.append(one)
    return _checked("".join(kept), key, {one: table for one, table in tables.items() if one != name})


def _checked(text: str, key: str, tables: Mapping[str, object]) -> str:
    """The text, if it says this; what looked like the head of a table may have stood in a longer string."""
    try:
        said = tomllib.loads(text).get(key, {})
    except tomllib.TOMLDecodeError as error:
        raise FixedToml(key) from error
    if json.dumps(said, default=str, sort_keys=True) != json.dumps(tables, default=str, sort_keys=True):
        raise FixedToml(key)
    return text
