"""The two halves of a correction: what is sent for what was asked, and the answer to any write."""

from datetime import timedelta

from mcp.types import CallToolResult

from clockodo_mcp.api.errors import ClockodoError
from clockodo_mcp.api.models import Entry, EntryChange, TimeEntry
from clockodo_mcp.domain.checks import warnings_about
from clockodo_mcp.domain.durations import hours, parse_duration
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.moments import parse_moment
from clockodo_mcp.domain.summaries import totals_of
from clockodo_mcp.services.account import Caller
from clockodo_mcp.services.booking import resolve_booking
from clockodo_mcp.services.desk import Desk
from clockodo_mcp.services.entries import EntryInItsDay, in_its_day
from clockodo_mcp.services.spans import checked_span
from clockodo_mcp.tools.answers import WrittenEntry, answer, row, table

CLEARABLE = {"project": "projects_id", "subproject": "subprojects_id", "text": "text"}
OF_KIND = {
    "time": ("service", "time_until", "duration", "hourly_rate"),
    "value": ("service", "lumpsum"),
    "service": ("lumpsum_service", "amount"),
}
KIND_NAMES = {"time": "a time entry", "value": "a lump sum", "service": "a lump sum service"}


async def changed_entry(
    desk: Desk,
    caller: Caller,
    before: Entry,
    *,
    customer: str,
    project: str,
    subproject: str,
    service: str,
    time_since: str,
    time_until: str,
    duration: str,
    billable: int | None,
    text: str,
    users_id: int | None,
    hourly_rate: float | None,
    lumpsum: float | None,
    lumpsum_service: str,
    amount: float | None,
    clear: list[str],
) -> tuple[EntryChange, list[str]]:
    """What to send for a correction, and notes about what follows from it.

    Raises:
        Unreadable: nothing to change, or something that this kind of entry does not have.
        NoSuchObject, SeveralObjects: with the choices.
    """
    given: dict[str, object] = {
        "service": service or None,
        "time_until": time_until or None,
        "duration": duration or None,
        "hourly_rate": hourly_rate,
        "lumpsum": lumpsum,
        "lumpsum_service": lumpsum_service or None,
        "amount": amount,
    }
    for name, value in given.items():
        if value is not None and name not in OF_KIND[before.kind]:
            raise Unreadable(
                name, str(value), f"entry {before.id} is {KIND_NAMES[before.kind]} and has none; nothing was written."
            )
    change: dict[str, object] = {}
    notes: list[str] = []
    for name in clear:
        if name not in CLEARABLE:
            raise Unreadable("clear", name, f"only {', '.join(CLEARABLE)} can become empty; nothing was written.")
        change[CLEARABLE[name]] = None
    if "projects_id" in change and before.subprojects_id is not None:
        change["subprojects_id"] = None
    change |= await _place(desk, before, customer, project, subproject, notes, clears_project="project" in clear)
    change |= _times(caller, desk, before, time_since, time_until, duration)
    if service:
        change["services_id"] = await desk.catalog.services.id_of(service)
    if lumpsum_service:
        change["lumpsum_services_id"] = await desk.catalog.lumpsum_services.id_of(lumpsum_service)
    plain = {"billable": billable, "text": text or None, "users_id": users_id, "hourly_rate": hourly_rate}
    plain |= {"lumpsum": lumpsum, "lumpsum_services_amount": amount}
    change |= {name: value for name, value in plain.items() if value is not None}
    if not change:
        raise Unreadable("id", str(before.id), "nothing to change was given; name at least one field, or clear.")
    return EntryChange.model_validate(change), notes


async def _place(
    desk: Desk, before: Entry, customer: str, project: str, subproject: str, notes: list[str], *, clears_project: bool
) -> dict[str, object]:
    """Where the entry goes. A project brings its customer; what would no longer fit is emptied or asked about."""
    if not (customer or project or subproject):
        return {}
    to = await resolve_booking(
        desk,
        customer=customer,
        project=project or ("" if customer or not subproject else str(before.projects_id or "")),
        subproject=subproject,
    )
    place: dict[str, object] = {}
    if to.customers_id is not None and to.customers_id != before.customers_id:
        place["customers_id"] = to.customers_id
        if before.projects_id is not None and to.projects_id is None and not clears_project:
            raise Unreadable(
                "customer",
                customer,
                f"entry {before.id} is on a project of another customer; give project too, or clear=['project'].",
            )
    if to.projects_id is not None and to.projects_id != before.projects_id:
        place["projects_id"] = to.projects_id
        if before.subprojects_id is not None and to.subprojects_id is None:
            place["subprojects_id"] = None
            notes.append("Subproject: emptied, since it belongs to the project before.")
    if to.subprojects_id is not None:
        place["subprojects_id"] = to.subprojects_id
    return place


def _times(
    caller: Caller, desk: Desk, before: Entry, time_since: str, time_until: str, duration: str
) -> dict[str, object]:
    """Start, end and duration as they become; what is not given stays."""
    today = caller.today(desk.now())
    start = parse_moment(time_since, zone=caller.zone, today=today, argument="time_since") if time_since else None
    end = parse_moment(time_until, zone=caller.zone, today=today, argument="time_until") if time_until else None
    seconds = parse_duration(duration) if duration else None
    if not isinstance(before, TimeEntry):
        return {} if start is None else {"time_since": start}
    if before.running and seconds is not None and end is None:
        raise Unreadable(
            "duration", duration, f"entry {before.id} is running; give time_until to end it. Nothing was written."
        )
    if seconds is not None:
        if end is not None and start is None:
            start = end - timedelta(seconds=seconds)
        elif end is None:
            end = (start or before.time_since) + timedelta(seconds=seconds)
    final = end or before.time_until
    if final is not None and (start is not None or end is not None):
        span = checked_span(start or before.time_since, final, time_until or duration or time_since)
        seconds = max(0, span + before.offset) if seconds is None else seconds
    times: dict[str, object] = {"time_since": start, "time_until": end, "duration": seconds if end or start else None}
    return {
        name: value for name, value in times.items() if value is not None and not (name == "duration" and final is None)
    }


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
    shown = table([old, after]) + "\n\nFirst row: before; second row: after." if old is not None else table([after])
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
