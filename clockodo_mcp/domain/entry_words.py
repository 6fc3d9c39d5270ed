"""Which of some entries words mean: words of a text, of where it is booked, of its service, and times of day."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.moments import local_clock
from clockodo_mcp.domain.words import (
    begin,
    has_digit,
    has_other_signs,
    id_in,
    id_perhaps,
    plain,
    says_little,
    spellings,
)

TIME = re.compile(
    r"(?:\b(at|from|since|um|von|ab|to|until|till|bis) )?\b(\d{1,2})(?::(\d\d)(?: ?uhr)?| ?uhr(?: ([0-5]\d))?)\b",
    re.IGNORECASE,
)
"""A time of day, with what says which edge it is."""

ENDS = {"to", "until", "till", "bis"}
"""Before an end; the others stand before a start."""

NEXT_TO_A_NUMBER = r"(?:[.,:/-]\d|\d)"
"""What makes another number of digits."""


@dataclass(frozen=True)
class _Said:
    """Words taken apart: a start, an end, a time that may be either, and the rest in its spellings."""

    start: str = ""
    end: str = ""
    edge: str = ""
    rest: str = ""

    @property
    def words(self) -> list[tuple[str, ...]]:
        """The rest, with umlauts as one letter and as two."""
        return [words for words in dict.fromkeys(spellings(self.rest)) if words]


def says_something(which: str) -> bool:
    """Whether words have anything by which an entry can be known."""
    return bool(TIME.search(which)) or bool(_taken_apart(which).words)


def meant_by(which: str, entries: Sequence[Entry], zone: ZoneInfo) -> list[Entry]:
    """The entries that words mean; all of them where nothing is said.

    A text to the letter, but for case, wins over one that has it, and not over another thing that is called so: a
    place, a service, a time, an id. Else every word begins another one of the entry's text, places and service, umlauts
    as one letter or two, numbers and signs as they are; a time of day is one at which it starts or ends, as its word
    says, or a part of a text. Scraps and placeholders mean a text only to the letter, and bare digits may be an id.
    """
    said, id = _taken_apart(which), id_perhaps(which)
    exact = [one for one in entries if is_text(which, one)]
    if exact:
        is_time = not said.words
        return exact + [
            one
            for one in entries
            if one not in exact and (one.id == id or _is_called(one, which) or (is_time and _at(one, said, zone)))
        ]
    if said.words and says_little(said.words[0]):
        return [one for one in entries if one.id == id]
    found = [one for one in entries if _at(one, said, zone) and _has(one, said)]
    if TIME.search(which):
        found += [one for one in entries if one not in found and plain(which) in plain(one.text or "")]
    if id is not None:
        found += [one for one in entries if one not in found and one.id == id]
        found = found if len(found) > 1 or id_in(which) or any(one.id == id for one in found) else []
    return found


def is_text(which: str, entry: Entry) -> bool:
    """Whether words are the text of an entry, as stored or as shown, but for case."""
    return bool(entry.text) and plain(which) in (plain(entry.text or ""), plain(cell(entry.text or "")))


def _is_called(entry: Entry, which: str) -> bool:
    return plain(which) in {plain(name) for name in _names(entry) if name}


def _names(entry: Entry) -> tuple[str | None, ...]:
    return (entry.customers_name, entry.projects_name, entry.subprojects_name, entry.services_name)


def ends_at(which: str, entry: Entry, zone: ZoneInfo) -> bool:
    """Whether words may say when an entry ends, and it ends then."""
    said = _taken_apart(which)
    end = said.end or said.edge
    return bool(end) and isinstance(entry, TimeEntry) and _at(entry, replace(said, end=end, edge=""), zone)


def _taken_apart(which: str) -> _Said:
    times = [(match[1] or "", f"{int(match[2]):02}:{match[3] or match[4] or '00'}") for match in TIME.finditer(which)]
    rest = TIME.sub(" ", which)
    if len(times) == 2 and times[0][0].lower() not in ENDS:
        return _Said(start=times[0][1], end=times[1][1], rest=rest)
    if len(times) != 1:
        return _Said(rest=which if times else rest)
    [(word, time)] = times
    if word.lower() in ENDS:
        return _Said(end=time, rest=rest)
    return _Said(start=time, rest=rest) if word else _Said(edge=time, rest=rest)


def _at(entry: Entry, said: _Said, zone: ZoneInfo) -> bool:
    def clock(moment: datetime | None) -> str:
        return local_clock(moment, zone) if moment else ""

    start, end = clock(entry.time_since), clock(entry.time_until if isinstance(entry, TimeEntry) else None)
    return said.start in ("", start) and said.end in ("", end) and said.edge in ("", start, end)


def _has(entry: Entry, said: _Said) -> bool:
    there = " ".join(part for part in (entry.text, *_names(entry)) if part)
    if not said.words:
        return True
    begun = any(begin(words, of) for words in said.words for of in spellings(there))
    return begun and not has_other_signs(said.rest, there) and all(_has_number(one, there) for one in said.rest.split())


def _has_number(part: str, there: str) -> bool:
    """Whether what has digits in it stands there as it is: `11` is not in `3.11`."""
    if not has_digit(part):
        return True
    number = re.escape(plain(part).strip("'\"()[]<>,;"))
    before, behind = r"(?<!\d)(?<!\d[.,:/-])", rf"(?!{NEXT_TO_A_NUMBER})"
    return re.search(f"{before}{number}{behind}", plain(there)) is not None
