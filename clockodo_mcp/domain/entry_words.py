"""Which of some entries words mean: words of a text, of where it is booked, of its service, and times of day."""

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.moments import local_clock
from clockodo_mcp.domain.words import begin, plain, spellings

TIME = re.compile(
    r"(?:\b(?:at|from|since|to|until|till|um|von|ab|bis) )?\b(\d{1,2})(?::(\d\d)(?: ?uhr)?| ?uhr(?: ([0-5]\d))?)\b",
    re.IGNORECASE,
)
"""A time of day, with what joins it to its neighbours."""


def says_something(which: str) -> bool:
    """Whether words have anything by which an entry can be known."""
    _, words = _taken_apart(which)
    return bool(TIME.search(which)) or any(words)


def meant_by(which: str, entries: Sequence[Entry], zone: ZoneInfo) -> list[Entry]:
    """The entries that words mean; all of them where nothing is said.

    A text to the letter, but for case, wins over one that has it. Else every word begins another one of the entry's
    text, places and service, umlauts as one letter or two; and each time of day is one at which it starts or ends.
    """
    exact = [one for one in entries if one.text and plain(which) in (plain(one.text), plain(cell(one.text)))]
    if exact:
        return exact
    times, words = _taken_apart(which)
    return [one for one in entries if _at(one, times, zone) and _has(one, words)]


def _taken_apart(which: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """The times of day in some words, as `09:00`, and the rest in its spellings."""
    times = [f"{int(match[1]):02}:{match[2] or match[3] or '00'}" for match in TIME.finditer(which)]
    rest = TIME.sub(" ", which)
    return times, [words for words in dict.fromkeys(spellings(rest)) if words]


def _at(entry: Entry, times: Sequence[str], zone: ZoneInfo) -> bool:
    ends = entry.time_until if isinstance(entry, TimeEntry) else None
    edges = {local_clock(one, zone) for one in (entry.time_since, ends) if one is not None}
    return edges.issuperset(times)


def _has(entry: Entry, words: Sequence[tuple[str, ...]]) -> bool:
    names = (entry.customers_name, entry.projects_name, entry.subprojects_name, entry.services_name)
    there = spellings(" ".join(part for part in (entry.text, *names) if part))
    return not words or any(begin(said, of) for said in words for of in there)
