"""The two halves of a correction: what is sent for what was asked, and the answer to any write."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mcp.types import CallToolResult

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.failures import ClockodoError
from clockodo_mcp.api.models import Billable, Entry, EntryChange, NewEntry, TimeEntry
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.checks import warnings_about
from clockodo_mcp.domain.differences import differences, not_taken
from clockodo_mcp.domain.durations import hours, parse_duration
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.moments import is_day, local_day, parse_day, parse_moment
from clockodo_mcp.domain.place import Place
from clockodo_mcp.domain.totals import totals_of
from clockodo_mcp.reading.entries import EntryInItsDay, in_its_day
from clockodo_mcp.resolving.spans import checked_span, too_long
from clockodo_mcp.tools.answers import ENTRY_COLUMNS, WrittenEntry, answer, local, row, table
from clockodo_mcp.tools.before_after import said as said_of
from clockodo_mcp.tools.before_after import word
from clockodo_mcp.writing.journal import JournalUnavailable
from clockodo_mcp.writing.writer import Done

CLEARABLE = {"project": "projects_id", "subproject": "subprojects_id", "text": "text"}
ARGUMENTS = {
    "services_id": "service",
    "hourly_rate": "hourly_rate",
    "lumpsum": "lumpsum",
    "lumpsum_services_id": "lumpsum_service",
    "lumpsum_services_amount": "amount",
    "time_until": "time_until",
    "duration": "duration",
}
"""Fields that not every kind of entry has, and the arguments that set them."""

OF_KIND = {
    "time": {"services_id", "time_until", "duration", "hourly_rate"},
    "value": {"services_id", "lumpsum"},
    "service": {"lumpsum_services_id", "lumpsum_services_amount"},
}
KIND_NAMES = {"time": "a time entry", "value": "a lump sum", "service": "a lump sum service"}


@dataclass(frozen=True)
class Times:
    """Start, end and duration of a correction as they were said."""

    time_since: str
    time_until: str
    duration: str


def changed_entry(
    before: Entry,
    given: Mapping[str, object],
    *,
    place: Place,
    times: Times,
    clear: list[str],
    zone: ZoneInfo,
    today: date,
) -> tuple[EntryChange, list[str]]:
    """What to send for a correction, and notes about what follows from it. `given` are fields with their new values.

    Raises:
        Unreadable: nothing to change, or something that this kind of entry does not have.
    """
    said = {"time_until": times.time_until, "duration": times.duration}
    for name, value in (dict(given) | {name: value for name, value in said.items() if value}).items():
        if name in ARGUMENTS and name not in OF_KIND[before.kind]:
            raise Unreadable(
                ARGUMENTS[name],
                str(value),
                f"entry {before.id} is {KIND_NAMES[before.kind]} and has none; nothing was written. To see what it "
                f"has, call get_entry with id={before.id}.",
            )
    change: dict[str, object] = {}
    notes: list[str] = []
    for name in clear:
        if name not in CLEARABLE:
            raise Unreadable(
                "clear", name, f"only {', '.join(CLEARABLE)} can become empty; nothing was written.", clear=["text"]
            )
        change[CLEARABLE[name]] = None
    if "projects_id" in change and before.subprojects_id is not None:
        change["subprojects_id"] = None
    change |= _moved(before, place, notes, clears_project="project" in clear)
    change |= _timed(before, times, zone, today)
    change |= given
    if not change:
        raise Unreadable(
            "id",
            str(before.id),
            "nothing to change was given; name at least one field, or clear. "
            f"To see the entry, call get_entry with id={before.id}.",
        )
    return EntryChange.model_validate(change), notes


def _moved(before: Entry, to: Place, notes: list[str], *, clears_project: bool) -> dict[str, object]:
    """Where the entry goes. A project brings its customer; what would no longer fit is emptied or asked about."""
    moved: dict[str, object] = {}
    if to.customers_id is not None and to.customers_id != before.customers_id:
        moved["customers_id"] = to.customers_id
        if before.projects_id is not None and to.projects_id is None and not clears_project:
            raise Unreadable(
                "customer",
                str(to.customers_id),
                f"entry {before.id} is on a project of another customer; give project too, or empty it.",
                clear=["project"],
            )
    if to.projects_id is not None and to.projects_id != before.projects_id:
        moved["projects_id"] = to.projects_id
        if before.subprojects_id is not None and to.subprojects_id is None:
            moved["subprojects_id"] = None
            notes.append("Subproject: emptied, since it belongs to the project before.")
    if to.subprojects_id is not None:
        moved["subprojects_id"] = to.subprojects_id
    return moved


def _timed(before: Entry, said: Times, zone: ZoneInfo, today: date) -> dict[str, object]:
    """Start, end and duration as they become; what is not given stays. A day alone moves the entry to that day."""
    start = _new_start(before, said.time_since, zone, today)
    day = local_day(start or before.time_since, zone)
    later = ((start or before.time_since) + timedelta(hours=1)).astimezone(zone).isoformat(timespec="minutes")
    end = (
        parse_moment(said.time_until, zone=zone, today=today, argument="time_until", example=later, on=day)
        if said.time_until
        else None
    )
    seconds = parse_duration(said.duration) if said.duration else None
    if not isinstance(before, TimeEntry):
        return {} if start is None else {"time_since": start}
    if before.running and seconds is not None and end is None:
        ends = before.time_since + timedelta(seconds=seconds)
        raise Unreadable(
            "duration",
            said.duration,
            f"entry {before.id} is running; give time_until to end it. Nothing was written.",
            duration="",
            time_until=ends.astimezone(zone).isoformat(timespec="minutes"),
        )
    if start is not None and is_day(said.time_since) and end is None and seconds is None and before.time_until:
        end = before.time_until + (start - before.time_since)
    if seconds is not None:
        if end is not None and start is None:
            start = end - timedelta(seconds=seconds)
        elif end is None:
            end = (start or before.time_since) + timedelta(seconds=seconds)
    final = end or before.time_until
    if start is not None and end is None and final is not None and start >= final:
        raise Unreadable(
            "time_since",
            said.time_since,
            f"entry {before.id} ends at {final.astimezone(zone):%Y-%m-%d %H:%M}; to move it as a whole, give its "
            "duration too. Nothing was written.",
            duration=hours(before.duration or 0),
        )
    if final is not None and (start is not None or end is not None):
        span = checked_span(
            start or before.time_since, final, said.time_until or said.duration or said.time_since, zone
        )
        if seconds is not None and seconds > span:
            raise too_long(said.duration, span)
        seconds = max(0, span + before.offset) if seconds is None else seconds
    times: dict[str, object] = {"time_since": start, "time_until": end, "duration": seconds if end or start else None}
    return {
        name: value for name, value in times.items() if value is not None and not (name == "duration" and final is None)
    }


def _new_start(before: Entry, said: str, zone: ZoneInfo, today: date) -> datetime | None:
    if is_day(said):
        day = parse_day(said, today=today, argument="time_since")
        said = f"{day}T{before.time_since.astimezone(zone):%H:%M:%S}"
    return parse_moment(said, zone=zone, today=today, argument="time_since") if said else None


async def written(
    desk: Desk,
    caller: Caller,
    deed: str,
    done: Done,
    *,
    asked: NewEntry | EntryChange | None = None,
    before: Entry | None = None,
    notes: Sequence[str] = (),
) -> CallToolResult:
    """The answer to a write that succeeded: the stored entry, before → after, the day, warnings, how to undo it.

    One request, for the day. The write has happened, so what is known of it is said even where that request fails.
    """
    stored = done.entry
    day_seconds: int | None = None
    warnings: list[str] = []
    try:
        with desk.writer.answering(done.change):
            seen = await in_its_day(desk.clockodo, stored, caller.zone)
    except ClockodoError:
        warnings.append("The day could not be read afterwards, so its total and overlaps are not known.")
        seen = EntryInItsDay(stored, [], [])
    else:
        day_seconds = totals_of(seen.day).seconds
        warnings += warnings_about(
            seen.entry, seen.day, seen.around, now=desk.now(), zone=caller.zone, edit_lock=caller.edit_lock
        )
        noted(desk, done, seen.entry)
    warnings += [
        f"Clockodo did not take {word(field)}: it is {said_value(field, seen.entry, caller.zone)} now."
        for field in (not_taken(seen.entry, asked) if asked else ())
    ]
    if before is not None and (touchy := touchiness(before, caller.id)):
        warnings.append(touchy)
    entries = await desk.catalog.named([seen.entry, *([] if before is None else [before])])
    after, *earlier = [row(entry, caller.zone, caller=caller.id) for entry in entries]
    old = earlier[0] if earlier else None
    notes = [*notes, *done.notes]
    undo = undo_of(
        desk, done, f"delete_entry with id={stored.id}" if before is None else "update_entry with the values before"
    )
    said = [f"{deed.capitalize()} entry {stored.id} ({caller.zone.key})."]
    said += [] if day_seconds is None else [f"{after.date} now has {hours(day_seconds)} h."]
    said += [f"Note: {note}" for note in notes]
    said += [f"Warning: {warning}" for warning in warnings]
    said += [f"To undo: {undo}."]
    shown = (
        table([old, after], ENTRY_COLUMNS) + "\n\nFirst row: before; second row: after."
        if old is not None
        else table([after], ENTRY_COLUMNS)
    )
    facts = WrittenEntry(
        done=deed,
        entry=after,
        before=old,
        change=done.change if desk.undoable else None,
        timezone=caller.zone.key,
        day_seconds=day_seconds,
        notes=notes,
        warnings=warnings,
        undo=undo,
    )
    return answer("\n".join([*said, "", shown]), facts)


async def deleted(
    desk: Desk, caller: Caller, done: Done, before: EntryInItsDay, notes: Sequence[str] = ()
) -> CallToolResult:
    """The answer to a deletion: what was deleted, the day without it, how to undo it. No request."""
    entry = before.entry
    left = totals_of(one for one in before.day if one.id != entry.id).seconds
    [named] = await desk.catalog.named([entry])
    gone = row(named, caller.zone, caller=caller.id)
    again = "create_time_entry" if entry.kind == "time" else "create_lumpsum_entry"
    undo = undo_of(desk, done, f"{again} with the values shown; it gets a new id")
    if isinstance(entry, TimeEntry) and entry.running:
        start = f"start_clock with the values shown and time_since='{local(entry.time_since, caller.zone)}'"
        undo = start if entry.users_id == caller.id else f"{again} with the values shown and an end"
    notes = [*notes, *done.notes]
    touchy = touchiness(entry, caller.id)
    facts = WrittenEntry(
        done="deleted",
        entry=gone,
        change=done.change if desk.undoable else None,
        timezone=caller.zone.key,
        day_seconds=left,
        notes=notes,
        warnings=[touchy.replace("is already", "was already")] if touchy else [],
        undo=undo,
    )
    said = [f"Deleted entry {entry.id} ({caller.zone.key}).", f"{gone.date} now has {hours(left)} h."]
    said += [f"Note: {note}" for note in notes]
    said += [f"Warning: {warning}" for warning in facts.warnings]
    said += [f"To undo: {undo}."]
    return answer("\n".join([*said, "", table([gone], ENTRY_COLUMNS)]), facts)


def undo_of(desk: Desk, done: Done, otherwise: str) -> str:
    """The call that takes a change back."""
    return f"undo_change with change_id={done.change}" if desk.undoable else otherwise


def noted(desk: Desk, done: Done, entry: Entry) -> None:
    """Let the journal have the entry with its names and text, if it still is as the change left it."""
    if not differences(done.entry, entry):
        with suppress(JournalUnavailable):
            desk.journal.describe(done.change, entry)


def said_value(field: str, entry: Entry, zone: ZoneInfo) -> str:
    """A field of an entry, in words."""
    return said_of(field, getattr(entry, field, None), entry, zone)


def touchiness(entry: Entry, caller: int) -> str:
    """Why an entry should not be changed in passing; empty where it may."""
    reasons = [
        "It is already billed." if entry.billable == Billable.BILLED else "",
        "It belongs to another person." if entry.users_id != caller else "",
    ]
    return " ".join(reason for reason in reasons if reason)
