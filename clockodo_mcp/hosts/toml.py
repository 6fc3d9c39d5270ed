"""One table in and out of a TOML file: it goes to the end, and all other bytes stay where they are."""

import re
import tomllib
from collections.abc import Iterator, Mapping

import tomlkit


def with_table(text: str, key: str, name: str, entry: Mapping[str, object]) -> str:
    """The text with the table `[key.name]`, in place of one of that name; one that says the same stays as it is."""
    if tomllib.loads(text).get(key, {}).get(name) == dict(entry):
        return text
    text = without_table(text, key, name)
    line = line_end(text)
    block = tomlkit.dumps({key: {name: dict(entry)}}).strip().replace("\n", line)
    gap = "" if not text else line if text.endswith("\n") else line + line
    return f"{text}{gap}{block}{line}"


def line_end(text: str) -> str:
    """How the lines of a text end."""
    return "\r\n" if "\r\n" in text else "\n"


def without_table(text: str, key: str, name: str) -> str:
    r"""The text without that table and those inside of it. What is said between it and the next one is the next one's.

    >>> without_table("[a.b]\nc = 1\n\n# of d\n[d]\n", "a", "b")
    '\n# of d\n[d]\n'
    """
    kept: list[str] = []
    inside = False
    for one, is_own in _lines(text, key, name):
        if is_own and not inside and kept and not kept[-1].strip():
            kept.pop()
        inside = is_own
        if not is_own:
            kept.append(one)
    return "".join(kept)


def table(text: str, key: str, name: str) -> str:
    """The lines of that table and of those inside of it."""
    return "".join(one for one, is_own in _lines(text, key, name) if is_own)


def _lines(text: str, key: str, name: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is of that table or of one inside of it."""
    quoted = "|".join(re.escape(one) for one in (name, f'"{name}"', f"'{name}'"))
    own = re.compile(rf"[ \t]*\[\[?[ \t]*{re.escape(key)}[ \t]*\.[ \t]*(?:{quoted})[ \t]*[\].]")
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    inside = False
    open_ones: list[str] = []  # blank lines and comments, of which the next line says whose they are
    for number, one in enumerate(lines):
        is_own = own.match(one) is not None
        if re.match(r"[ \t]*\[", one) and (inside or is_own) and _is_whole("".join(lines[:number])):
            yield from ((before, is_own and inside) for before in open_ones)
            inside, open_ones = is_own, []
            yield one, inside
        elif inside and re.match(r"[ \t]*(#.*)?\r?$", one):
            open_ones.append(one)
        else:
            yield from ((before, inside) for before in open_ones)
            open_ones = []
            yield one, inside
    yield from ((before, False) for before in open_ones)


def _is_whole(text: str) -> bool:
    """Whether a text ends where a table can begin: not in a longer string, nor in a list."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
