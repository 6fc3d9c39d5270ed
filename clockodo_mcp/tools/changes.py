"""The two halves of a correction: what is sent for what was asked, and the answer to any write."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mcp.types import CallToolResult

from clockodo_mcp.api.errors import ClockodoError
from clockodo_mcp.api.models import Entry, EntryChange, TimeEntry
from clockodo_mcp.domain.checks import warnings_about
from clockodo_mcp.domain.durations import hours, parse_duration
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.moments import is_day, local_day, parse_day, parse_moment
from clockodo_mcp.domain.summaries import totals_of
from clockodo_mcp.services.account import Caller
from clockodo_mcp.services.desk import Desk
from clockodo_mcp.services.entries import EntryInItsDay, in_its_day
from clockodo_mcp.services.places import Place
from clockodo_mcp.services.spans import checked_span
from clockodo_mcp.tools.answers import ENTRY_COLUMNS, WrittenEntry, answer, row, table

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
    for name, value in (dict(given) | {name: word for name, word in said.items() if word}).items():
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
    end = parse_moment(said.time_until, zone=zone, today=day, argument="time_until") if said.time_until else None
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
    if final is not None and (start is not None or end is not None):
        span = checked_span(
            start or before.time_since, final, said.time_until or said.duration or said.time_since, zone
        )
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
    desk: Desk, caller: Caller, done: str, stored: Entry, *, before: Entry | None = None, notes: list[str]
) -> CallToolResult:
    """The answer to a write that succeeded: the stored entry, before → after, the day, warnings, how to undo it.

    One request, for the day. The write has happened, so what is known of it is said even where that request fails.
    """
    day_seconds: int | None = None
    warnings: list[str] = []
    try:
        seen = await in_its_day(desk.clockodo, stored, caller.zone)
    except ClockodoError:
        warnings.append("The day could not be read afterwards, so its total and overlaps are not known.")
        seen = EntryInItsDay(stored, [], [])
    else:
        day_seconds = totals_of(seen.day).seconds
        warnings += warnings_about(
            seen.entry, seen.day, seen.around, now=desk.now(), zone=caller.zone, edit_lock=caller.edit_lock
        )
    entries = await desk.catalog.named([seen.entry, *([] if before is None else [before])])
    after, *earlier = [row(entry, caller.zone, caller=caller.id) for entry in entries]
    old = earlier[0] if earlier else None
    undo = f"delete_entry with id={stored.id}" if before is None else "update_entry with the values before"
    said = [f"{done.capitalize()} entry {stored.id} ({caller.zone.key})."]
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
        done=done,
        entry=after,
        before=old,
        timezone=caller.zone.key,
        day_seconds=day_seconds,
        notes=notes,
        warnings=warnings,
        undo=undo,
    )
    return answer("\n".join([*said, "", shown]), facts)
