"""What the clock's tools answer: the entry that runs, ran or was stopped, and today without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.failures import ClockodoError
from clockodo_mcp.api.models import Entry, EntryChange, TimeEntry
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.checks import warnings_about
from clockodo_mcp.domain.differences import not_taken
from clockodo_mcp.domain.durations import hours
from clockodo_mcp.domain.moments import local_day
from clockodo_mcp.domain.totals import seconds_so_far
from clockodo_mcp.reading.clock import LONGEST, ClockNow, clock_around, was_cut
from clockodo_mcp.tools.answers import ENTRY_COLUMNS, EntryRow, answer, row, so_far, table
from clockodo_mcp.tools.before_after import word
from clockodo_mcp.tools.changes import noted, said_value
from clockodo_mcp.tools.clocking import how_to_go_on, since
from clockodo_mcp.writing.writer import Done


class ClockCard(BaseModel):
    """The answer of `get_clock`: what runs, else what ran last. Times are local; what runs is in no total."""

    timezone: str
    running: EntryRow | None = None
    running_seconds: int | None = Field(default=None, description="So far")
    last: EntryRow | None = Field(default=None, description="Where nothing runs: the entry that ended last")
    today_seconds: int = Field(description="Today's total without what runs")
    warnings: list[str]


class ClockChange(BaseModel):
    """The answer of a start, a stop or a move: what runs, what was stopped, how to undo it."""

    done: str = Field(description="started, stopped or moved")
    timezone: str
    running: EntryRow | None = None
    running_seconds: int | None = Field(default=None, description="So far")
    stopped: EntryRow | None = None
    before: EntryRow | None = Field(default=None, description="For a move: as it was")
    change: int | None = Field(default=None, description="The change's id, for undo_change")
    today_seconds: int | None = Field(default=None, description="Today's total without what runs")
    notes: list[str]
    warnings: list[str]
    undo: str


def card(desk: Desk, clock: ClockNow) -> CallToolResult:
    """What runs, else the last entry and how to go on with it."""
    caller, now = clock.caller, desk.now()
    zone, today = caller.zone.key, hours(clock.today_seconds)
    if clock.running is None:
        last = clock.last()
        shown = row(last, caller.zone, caller=caller.id) if last else None
        facts = ClockCard(timezone=zone, last=shown, today_seconds=clock.today_seconds, warnings=[])
        return answer(f"Nothing runs ({zone}). Today {today} h. {how_to_go_on(last, caller)}", facts)
    shown = row(clock.running, caller.zone, caller=caller.id)
    warnings = length_warnings(clock.running, caller, now)
    said = [f"{so_far(clock.running, now, caller.zone)} Today {today} h without it ({zone})."]
    said += [f"Warning: {warning}" for warning in warnings]
    facts = ClockCard(
        timezone=zone,
        running=shown,
        running_seconds=seconds_so_far(clock.running, now),
        today_seconds=clock.today_seconds,
        warnings=warnings,
    )
    return answer("\n".join([*said, "", table([shown], ENTRY_COLUMNS)]), facts)


@dataclass(frozen=True)
class Stored:
    """An entry as a change of the clock left it, the clock afterwards (None where it could not be read), warnings."""

    entry: TimeEntry
    clock: ClockNow | None
    warnings: list[str]


async def stored(desk: Desk, caller: Caller, done: Done, asked: EntryChange, stops: Entry | None = None) -> Stored:
    """The entry of a change that has happened, with its names, and warnings about it. One request.

    It covers the entry's day, that of what it `stops`, and today. What was `asked` for and not taken is said. What is
    known is said even where that request fails.
    """
    entry, now, warnings = done.entry, desk.now(), list[str]()
    moments = [one.time_since for one in (entry, stops) if one is not None]
    clock: ClockNow | None = None
    try:
        clock = await clock_around(desk.clockodo, caller, None, moments, now)
    except ClockodoError:
        warnings.append("The day could not be read afterwards, so its total and overlaps are not known.")
    else:
        entry = clock.named(entry)
        noted(desk, done, entry)
        of_the_day = clock.on(local_day(entry.time_since, caller.zone))
        warnings += warnings_about(
            entry, of_the_day, list(clock.entries), now=now, zone=caller.zone, edit_lock=caller.edit_lock
        )
    warnings += [
        f"Clockodo did not take {word(name)}: it is {said_value(name, entry, caller.zone)} now."
        for name in not_taken(entry, asked)
    ]
    assert isinstance(entry, TimeEntry), "the clock runs on time entries"
    return Stored(entry, clock, warnings + length_warnings(entry, caller, now))


def changed(
    desk: Desk,
    caller: Caller,
    deed: str,
    done: Done,
    after: Stored,
    *,
    undo: str,
    stopped: TimeEntry | None = None,
    before: TimeEntry | None = None,
    notes: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> CallToolResult:
    """The answer to a change of the clock. `stopped` is what a start ended, `before` what a move moved."""
    entry, now = after.entry, desk.now()
    shown, *others = [row(one, caller.zone, caller=caller.id) for one in (entry, stopped, before) if one]
    notes, warnings = [*notes, *done.notes], [*after.warnings, *warnings]
    said = f"{deed.capitalize()} entry {entry.id} ({caller.zone.key}): {lasts(entry, caller, now)}."
    if before is not None:
        was, is_now = (since(one.time_since, caller, now) for one in (before, entry))
        said = (
            f"Moved the start of entry {entry.id} from {was} to {is_now} ({caller.zone.key}), {so_far_of(entry, now)}."
        )
    if stopped is not None:
        said += f" Stopped entry {stopped.id}: {lasts(stopped, caller, now)}."
    if after.clock is not None:
        said += f" Today {hours(after.clock.today_seconds)} h{' without it' if entry.running else ''}."
    lines = [said, *(f"Note: {note}" for note in notes), *(f"Warning: {warning}" for warning in warnings)]
    rows = [*others, shown]
    facts = ClockChange(
        done=deed,
        timezone=caller.zone.key,
        running=shown if entry.running else None,
        running_seconds=seconds_so_far(entry, now) if entry.running else None,
        stopped=others[0] if stopped else None if entry.running else shown,
        before=others[0] if before else None,
        change=done.change if desk.undoable else None,
        today_seconds=after.clock.today_seconds if after.clock else None,
        notes=notes,
        warnings=warnings,
        undo=undo,
    )
    return answer("\n".join([*lines, f"To undo: {undo}.", "", table(rows, ENTRY_COLUMNS)]), facts)


def lasts(entry: TimeEntry, caller: Caller, now: datetime) -> str:
    """`runs since 15:38, 0:52 h so far`, or `15:38–16:30, 0:52 h`."""
    if entry.running:
        return f"runs since {since(entry.time_since, caller, now)}, {so_far_of(entry, now)}"
    shown = row(entry, caller.zone)
    return f"{shown.times}, {shown.hours} h"


def so_far_of(entry: TimeEntry, now: datetime) -> str:
    """`0:52 h so far`."""
    return f"{hours(seconds_so_far(entry, now))} h{' so far' if entry.running else ''}"


def length_warnings(entry: TimeEntry, caller: Caller, now: datetime) -> list[str]:
    """A warning where an entry runs for so long that Clockodo will cut it."""
    ends = entry.time_since + LONGEST
    if not entry.running or now <= ends:
        return []
    would_end = since(ends, caller, now)
    said = f"It began more than 24 hours ago. When it stops, Clockodo cuts it at 24 hours, so it would end {would_end}."
    return [f"{said} If the work ended earlier, call stop_clock with time_until."]


def cut_warnings(stopped: TimeEntry, wanted: datetime, caller: Caller, now: datetime) -> list[str]:
    """A warning where Clockodo ended an entry at 24 hours, before the moment at which it was to end."""
    if not was_cut(stopped, wanted):
        return []
    ended = since(stopped.time_until or wanted, caller, now)
    mend = f"If the work ended earlier, call update_entry with id={stopped.id} and time_until."
    return [f"Entry {stopped.id} was cut at 24 hours: it ended {ended}. {mend}"]
