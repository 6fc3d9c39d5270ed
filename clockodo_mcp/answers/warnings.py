"""What deserves a word of warning about entries that were written. Nothing here forbids anything."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from clockodo_mcp import steps
from clockodo_mcp.answers.refusals import advice
from clockodo_mcp.answers.rows import row
from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.call import Call
from clockodo_mcp.domain.moments import hours, local_day, local_text, since_text
from clockodo_mcp.domain.spans import overlapping
from clockodo_mcp.domain.totals import totals_of
from clockodo_mcp.domain.worktime import LONG_DAY
from clockodo_mcp.reading.clock import LONGEST, was_cut

OVERLAPS = 3
"""How many overlaps are named; the rest is a number."""

LONG_AGO = 365
"""Days after which an entry is named old: it may be a slip in the year."""

SHOWN = 10
"""Warnings of an answer about many entries at most."""


def about_one(call: Call, entry: Entry, of_the_day: Iterable[Entry], around: Iterable[Entry]) -> list[str]:
    """Sentences about a written entry: overlap, long day, future, long ago, weekend, edit lock.

    `around` are the entries that may overlap: the day's, and what began the evening before.
    """
    said = []
    overlaps = overlapping(entry, around, call.now)
    said += [f"It overlaps {_named(call, other)}." for other in overlaps[:OVERLAPS]]
    if len(overlaps) > OVERLAPS:
        said.append(f"It overlaps {len(overlaps) - OVERLAPS} more.")
    day = local_day(entry.time_since, call.zone)
    if isinstance(entry, TimeEntry) and (worked := totals_of(of_the_day).seconds) > LONG_DAY:
        said.append(f"That makes {hours(worked)} h on {day}, more than 10 hours.")
    said += [f"It {verb} {rest}." for verb, rest in _of_time(call, entry)]
    return said


def about_many(call: Call, entries: Sequence[Entry], around: Sequence[Entry]) -> list[str]:
    """As `about_one`, for entries of one call: what holds for several is said once, at most ten sentences."""
    by_text: dict[tuple[str, str], list[int]] = {}
    for entry in entries:
        for text in _of_time(call, entry):
            by_text.setdefault(text, []).append(entry.id)
    said = [
        f"Entry {ids[0]} {verb} {rest}."
        if len(ids) == 1
        else f"Entries {', '.join(map(str, ids))} {PLURAL[verb]} {rest}."
        for (verb, rest), ids in by_text.items()
    ]
    worked: dict[tuple[int, str], list[Entry]] = {}
    for one in around:
        worked.setdefault((one.users_id, local_day(one.time_since, call.zone).isoformat()), []).append(one)
    written = {(one.users_id, local_day(one.time_since, call.zone).isoformat()) for one in entries}
    for users_id, day in sorted(written):
        if (seconds := totals_of(worked.get((users_id, day), ())).seconds) > LONG_DAY:
            said.append(f"That makes {hours(seconds)} h on {day}, more than 10 hours.")
    overlaps = [
        f"Entry {entry.id} overlaps {_named(call, other)}."
        for entry in entries
        for other in overlapping(entry, around, call.now)
        if other.id < entry.id
    ]
    said += overlaps
    return said if len(said) <= SHOWN else [*said[:SHOWN], f"{len(said) - SHOWN} more warnings are not shown."]


PLURAL = {"lies": "lie", "is": "are"}


def _of_time(call: Call, entry: Entry) -> list[tuple[str, str]]:
    """What an entry's moment alone gives reason to say: a verb, and what follows it."""
    day, today = local_day(entry.time_since, call.zone), call.today
    said: list[tuple[str, str]] = []
    if entry.time_since > max(call.now, call.app.now()):
        ahead = (day - today).days
        when = "in the future" if ahead <= 1 else f"{ahead} days in the future, on {day:%A}"
        now = local_text(call.now, call.zone).replace("T", " ")
        said.append(("lies", f"{when} (now it is {now})"))
    if (today - day).days > LONG_AGO:
        said.append(("lies", f"more than a year back, in {day:%B %Y}"))
    if day.weekday() >= 5:
        said.append(("is", f"on a {day:%A} ({day})"))
    lock = call.caller.edit_lock
    if lock is not None and day <= lock:
        said.append(("is", f"behind the edit lock of {lock}"))
    return said


def _named(call: Call, other: Entry) -> str:
    """An entry that is overlapped, so that nobody has to look it up."""
    shown = row(other, call.caller)
    on = ", ".join(part for part in (shown.booked_on, shown.text) if part)
    return f"entry {other.id} ({shown.date} {shown.times}, {on})"


def about_length(call: Call, entry: TimeEntry) -> list[str]:
    """A warning where an entry runs for so long that Clockodo will cut it."""
    if not entry.running or call.now - entry.time_since <= LONGEST:
        return []
    ends = entry.time_since + LONGEST
    would_end = since_text(ends, call.zone, call.today)
    said = f"It began more than 24 hours ago. When it stops, Clockodo cuts it at 24 hours, so it would end {would_end}."
    return [said + advice(call.offered, steps.stop("time_until", to="if the work ended earlier"))]


def about_cut(call: Call, stopped: TimeEntry, wanted: datetime) -> list[str]:
    """A warning where Clockodo ended an entry at 24 hours, before the moment at which it was to end."""
    if not was_cut(stopped, wanted):
        return []
    ended = since_text(stopped.time_until or wanted, call.zone, call.today)
    mend = advice(call.offered, steps.correct(stopped.id, "time_until", to="if the work ended earlier"))
    return [f"Entry {stopped.id} was cut at 24 hours: it ended {ended}.{mend}"]
