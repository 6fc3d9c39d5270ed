"""The answer to every write: what is stored now, what was before, the day, warnings, how to take it back.

The write has happened, so what is known of it is said even where reading it afterwards fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import Field

from clockodo_mcp import steps
from clockodo_mcp.answers import warnings
from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.before_after import said, word
from clockodo_mcp.answers.refusals import call_of
from clockodo_mcp.answers.rows import ENTRY_COLUMNS, EntryRow, changed_table, row, table
from clockodo_mcp.api.failures import ClockodoError
from clockodo_mcp.api.models import Entry, EntryChange, NewEntry, TimeEntry
from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Command, Create, Delete, Edit, Move, Start, Stop, reasons_for_care
from clockodo_mcp.domain.differences import chosen_otherwise, not_taken, unknown
from clockodo_mcp.domain.moments import hours, local_day, local_text, since_text
from clockodo_mcp.domain.totals import seconds_so_far, totals_of
from clockodo_mcp.errors import Step
from clockodo_mcp.reading.clock import clock_around
from clockodo_mcp.reading.entries import in_its_day
from clockodo_mcp.writing.outcomes import Done

UNREAD = "The day could not be read afterwards, so its total and overlaps are not known."

GONE = "{} was not there when the day was read again: somebody may have deleted or moved it meanwhile."

DEEDS = {Create: "created", Edit: "updated", Delete: "deleted", Start: "started", Stop: "stopped", Move: "moved"}


class Receipt(Facts):
    """The answer of a write: what is now stored, what was before, and how to undo it. Times are local."""

    done: str = Field(description="created, updated, deleted, started, stopped or moved")
    timezone: str
    entry: EntryRow = Field(description="As stored now; for a deletion as it was")
    before: EntryRow | None = None
    running: EntryRow | None = Field(default=None, description="What the clock runs on now")
    running_seconds: int | None = Field(default=None, description="So far")
    stopped: EntryRow | None = Field(default=None, description="What was stopped")
    change: int | None = Field(default=None, description="The change's id, for undo_change")
    day_seconds: int | None = Field(default=None, description="The day's new total, without running entries")
    today_seconds: int | None = Field(
        default=None, description="Of a change of the clock: today's total without what runs"
    )
    notes: list[str]
    warnings: list[str]
    undo: str


@dataclass
class _Seen:
    """What is stored after a write, as far as it could be read: the entry, its day, and what was stopped with it."""

    entry: Entry
    day: Sequence[Entry] | None = None
    around: Sequence[Entry] = ()
    today_seconds: int | None = None
    stopped: TimeEntry | None = None
    warnings: list[str] = field(default_factory=list)


async def receipt(
    call: Call, done: Done, command: Command, *, day: Sequence[Entry] | None = None, warned: Sequence[str] = ()
) -> Answer[Receipt]:
    """What a write of one entry answers.

    One request, for the day; none for a deletion: `day` is what is left of its day then. `warned` are warnings that are
    known before.
    """
    deed = DEEDS[type(command)]
    async with call.app.writer.answering(done.change):
        seen = await _seen(call, done, command, day)
        await call.app.writer.tell(done, None if isinstance(command, Delete) else seen.entry)
    before = command.before if isinstance(command, Edit | Move) else None
    if isinstance(command, Move) and isinstance(seen.entry, TimeEntry):
        before = seen.entry.model_copy(update={"time_since": command.before.time_since})
    # What was planned anew, such as an end now, is not what the same call stored when it came first.
    notes = [*([] if done.earlier else map(str, call.notes)), *done.notes]
    all_warnings = [*warned, *seen.warnings, *_warnings(call, done, seen, command)]
    shown, *others = [
        row(one, call.caller)
        for one in await call.app.catalog.named([one for one in (seen.entry, before, seen.stopped) if one is not None])
    ]
    old = others[0] if before is not None else None
    stopped = others[-1] if seen.stopped is not None else None
    undo = _undo(call, done, command, seen.entry)
    day_seconds = totals_of(seen.day).seconds if seen.day is not None else None
    is_clock = isinstance(command, Start | Stop | Move)
    runs = isinstance(seen.entry, TimeEntry) and seen.entry.running and not isinstance(command, Delete)
    facts = Receipt(
        done=deed,
        timezone=call.zone.key,
        entry=shown,
        before=old,
        running=shown if runs else None,
        running_seconds=seconds_so_far(seen.entry, call.now) if runs else None,
        stopped=stopped or (shown if isinstance(command, Stop) else None),
        change=done.change if "undo_change" in call.offered else None,
        day_seconds=day_seconds if not is_clock else None,
        today_seconds=seen.today_seconds,
        notes=notes,
        warnings=all_warnings,
        undo=undo,
    )
    lines = [_head(call, facts, seen, command)]
    lines += [f"Note: {note}" for note in notes]
    lines += [f"Warning: {warning}" for warning in all_warnings]
    lines += [f"To undo: {undo}.", ""]
    rows = [*([stopped] if stopped else []), shown]
    lines.append(changed_table([(old, shown)]) if old is not None else table(rows, ENTRY_COLUMNS))
    return Answer("\n".join(lines), facts)


def _head(call: Call, facts: Receipt, seen: _Seen, command: Command) -> str:
    entry, zone = seen.entry, call.zone.key
    if isinstance(command, Start | Stop | Move) and isinstance(entry, TimeEntry):
        if isinstance(command, Move):
            was, now = (since_text(one, call.zone, call.today) for one in (command.before.time_since, entry.time_since))
            head = f"Moved the start of entry {entry.id} from {was} to {now} ({zone}), {_so_far(call, entry)}."
        else:
            head = f"{facts.done.capitalize()} entry {entry.id} ({zone}): {_lasts(call, entry)}."
        if seen.stopped is not None:
            head += f" Stopped entry {seen.stopped.id}: {_lasts(call, seen.stopped)}."
        if seen.today_seconds is not None:
            head += f" Today {hours(seen.today_seconds)} h{' without it' if entry.running else ''}."
        return head
    head = f"{facts.done.capitalize()} entry {entry.id} ({zone})."
    if facts.day_seconds is None or not isinstance(entry, TimeEntry):
        return head
    date = facts.entry.date
    day = f"Your {date}" if entry.users_id == call.caller.id else f"The {date} of {facts.entry.user}"
    return f"{head} {day} now has {hours(facts.day_seconds)} h."


def _lasts(call: Call, entry: TimeEntry) -> str:
    """`runs since 15:38, 0:52 h so far`, or `15:38–16:30, 0:52 h`."""
    if entry.running:
        return f"runs since {since_text(entry.time_since, call.zone, call.today)}, {_so_far(call, entry)}"
    shown = row(entry, call.caller)
    return f"{shown.times}, {shown.hours} h"


def _so_far(call: Call, entry: TimeEntry) -> str:
    return f"{hours(seconds_so_far(entry, call.now))} h{' so far' if entry.running else ''}"


async def _seen(call: Call, done: Done, command: Command, day: Sequence[Entry] | None) -> _Seen:
    """Read what a write has left."""
    match command:
        case Delete(before):
            return _Seen(before, day)
        case Start() | Stop() | Move():
            return await _clock_seen(call, done, command)
    try:
        seen = await in_its_day(call.app.clockodo, done.entry, call.zone)
    except ClockodoError:
        return _Seen(done.entry, warnings=[UNREAD])
    there = any(one.id == seen.entry.id for one in seen.day)
    return _Seen(seen.entry, seen.day, seen.around, warnings=[] if there else [GONE.format("It")])


async def _clock_seen(call: Call, done: Done, command: Start | Stop | Move) -> _Seen:
    """The entry's day, that of what was stopped, and today, in one request."""
    stops = command.stops if isinstance(command, Start) else None
    moments = [one.time_since for one in (done.entry, stops) if one is not None]
    try:
        clock = await clock_around(call.app.clockodo, call.caller, None, moments, call.now)
    except ClockodoError:
        return _Seen(done.entry, warnings=[UNREAD])
    entry = clock.named(done.entry)
    ended = clock.named(stops) if stops else None
    stopped = ended if isinstance(ended, TimeEntry) and not ended.running else None
    day = clock.on(local_day(entry.time_since, call.zone))
    return _Seen(entry, day, clock.entries, clock.today_seconds, stopped)


def _warnings(call: Call, done: Done, seen: _Seen, command: Command) -> list[str]:
    found = []
    if seen.day is not None and not isinstance(command, Delete):
        found += warnings.about_one(call, seen.entry, seen.day, seen.around)
    asked = _asked(command) if not done.earlier else None
    for name in not_taken(seen.entry, asked) if asked is not None else ():
        now = said(name, getattr(seen.entry, name, None), seen.entry, call.zone)
        found.append(f"Clockodo did not take {word(name)}: it is {now} now.")
    if done.earlier and isinstance(command, Create):
        for name in chosen_otherwise(done.entry, command.new, call.caller.id):
            was = said(name, getattr(done.entry, name, None), done.entry, call.zone)
            found.append(f"It was booked as it was said before, with {word(name)} {was}; now something else was said.")
    if isinstance(command, Edit | Delete) and (reasons := reasons_for_care(command.before, call.caller.id)):
        found.append(reasons.replace("is already", "was already") if isinstance(command, Delete) else reasons)
    if isinstance(command, Start) and isinstance(seen.entry, TimeEntry) and not seen.entry.running:
        found.append("It runs no longer: it was stopped since.")
    if isinstance(seen.entry, TimeEntry) and isinstance(command, Start | Move):
        found += warnings.about_length(call, seen.entry)
    if isinstance(command, Stop) and isinstance(seen.entry, TimeEntry):
        found += warnings.about_cut(call, seen.entry, command.until or call.app.now())
    if seen.stopped is not None:
        found += warnings.about_cut(call, seen.stopped, seen.entry.time_since)
    return found


def _asked(command: Command) -> NewEntry | EntryChange | None:
    """What was sent, to be held against what is stored."""
    match command:
        case Create(new):
            return new
        case Edit(_, change):
            return change
        case Start(new):
            return EntryChange.model_validate(new.model_dump(exclude_none=True))
        case Stop(_, until):
            return EntryChange(time_until=until) if until else EntryChange()
        case Move(_, start):
            return EntryChange(time_since=start)
    return None


def _undo(call: Call, done: Done, command: Command, entry: Entry) -> str:
    """The call that takes a change back, out of those that are offered."""
    if isinstance(command, Delete) and isinstance(entry, TimeEntry) and entry.running:
        mine = entry.users_id == call.caller.id
        again = steps.start(to="", time_since=local_text(entry.time_since, call.zone)) if mine else steps.create(to="")
        return f"{_by(call, again)} and the values shown{'' if mine else ' and an end'}; it gets a new id"
    if isinstance(command, Delete) and unknown(entry, "text"):
        return "by hand in Clockodo, since its text is not known here"
    if isinstance(command, Stop):
        return "not possible" + _or(call, steps.start(to="", resume=True), "; {} goes on in a new entry")
    if "undo_change" in call.offered:
        return call_of(steps.undo(done.change))
    match command:
        case Create() | Start():
            return _by(call, steps.delete(entry.id, to=""))
        case Edit():
            return f"{_by(call, steps.correct(entry.id, to=''))} and the values before"
        case Move(before):
            return _by(call, steps.move_start(to="", time_since=local_text(before.time_since, call.zone)))
    again = steps.create(to="") if entry.kind == "time" else steps.create_lumpsum(to="")
    return f"{_by(call, again)} with the values shown; it gets a new id"


def _by(call: Call, step: Step) -> str:
    return call_of(step) if step.tool in call.offered else "by hand in Clockodo"


def _or(call: Call, step: Step, form: str) -> str:
    return form.format(call_of(step)) if step.tool in call.offered else ""
