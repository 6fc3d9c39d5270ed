"""The tools that write entries: create (time, lump sum), update, delete."""

from datetime import datetime
from typing import Annotated

from mcp.server.mcpserver.resolve import Resolve
from mcp.types import CallToolResult
from pydantic import Field

from clockodo_mcp.api.models import NewLumpsumServiceEntry, NewLumpsumValue, NewTimeEntry
from clockodo_mcp.domain.durations import hours
from clockodo_mcp.domain.moments import is_day, parse_day, parse_moment
from clockodo_mcp.services.account import Caller
from clockodo_mcp.services.desk import Desk
from clockodo_mcp.services.entries import in_its_day
from clockodo_mcp.services.places import Place, default_billable
from clockodo_mcp.services.spans import BEGIN_OF_WORK, EntrySpan
from clockodo_mcp.tools import arguments as take
from clockodo_mcp.tools.answers import ENTRY_COLUMNS, WrittenEntry, answer, row, table
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.changes import Times, changed_entry, written
from clockodo_mcp.tools.parameters import (
    Before,
    ByValue,
    Found,
    desk_to_book,
    desk_to_read,
    desk_to_sell,
    named_lumpsum_service,
    named_service,
    new_place,
    place_to_book,
    service_of_value,
    service_to_book,
    span_to_book,
    user_to_book,
)
from clockodo_mcp.tools.speaking import tool


@tool(title="Log time", writes=True)
async def create_time_entry(
    desk: Annotated[Desk, Resolve(desk_to_book)],
    place: Annotated[Place, Resolve(place_to_book)],
    of_user: Annotated[tuple[int, list[str]], Resolve(user_to_book)],
    span: Annotated[EntrySpan, Resolve(span_to_book)],
    of_service: Annotated[Found, Resolve(service_to_book)],
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    time_since: take.Moment = "",
    time_until: take.Moment = "",
    duration: take.Duration = "",
    billable: take.BillableState = "",
    text: take.EntryText = "",
    user: take.User = "",
    hourly_rate: take.Money = None,
) -> Annotated[CallToolResult, WrittenEntry]:
    """Log working time: one entry with a start and an end. Books it at once and answers with what is stored.
    Give time_since with time_until or duration; time_until with duration; or duration alone, ending now. A day alone
    as time_since, with duration, goes after that day's last entry. customer may be left out where project is given;
    service where the person said none: their usual one there is taken; billable defaults to the project's. For a fixed
    price or pieces use create_lumpsum_entry, to correct an entry update_entry.
    Example: {"customer": "Acme", "project": "Relaunch", "time_since": "yesterday 09:00", "duration": "2h",
    "text": "Kick-off"}.
    """
    caller = await desk.account.caller()
    users_id, user_notes = of_user
    services_id, service_notes = of_service
    billable_as, billable_notes = await _billable(desk, place, billable)
    new = NewTimeEntry(
        customers_id=_known(place.customers_id),
        projects_id=place.projects_id,
        subprojects_id=place.subprojects_id,
        services_id=_known(services_id),
        billable=billable_as,
        time_since=span.start,
        time_until=span.end,
        duration=span.duration,
        users_id=users_id if users_id != caller.id else None,
        text=text or None,
        hourly_rate=hourly_rate,
    )
    notes = [*place.notes, *service_notes, *billable_notes, *span.notes, *user_notes]
    return await written(desk, caller, "created", await desk.clockodo.add_entry(new), notes=notes)


@tool(title="Book a lump sum", writes=True)
async def create_lumpsum_entry(
    by_value: ByValue,
    desk: Annotated[Desk, Resolve(desk_to_sell)],
    place: Annotated[Place, Resolve(place_to_book)],
    of_user: Annotated[tuple[int, list[str]], Resolve(user_to_book)],
    of_service: Annotated[Found, Resolve(service_of_value)],
    of_lumpsum_service: Annotated[Found, Resolve(named_lumpsum_service)],
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    lumpsum: take.Lumpsum = None,
    lumpsum_service: take.LumpsumService = "",
    amount: take.Amount = None,
    time_since: take.Moment = "",
    billable: take.BillableState = "",
    text: take.EntryText = "",
    user: take.User = "",
) -> Annotated[CallToolResult, WrittenEntry]:
    """Book a fixed price or pieces, no hours: either lumpsum (money) with service, or lumpsum_service with amount.
    For working time use create_time_entry. time_since defaults to now.
    Example: {"customer": "Acme GmbH", "lumpsum_service": "Travel", "amount": 2, "time_since": "2026-11-23T09:00"}.
    """
    caller = await desk.account.caller()
    users_id, user_notes = of_user
    services_id, service_notes = of_service
    lumpsum_services_id, lumpsum_notes = of_lumpsum_service
    start, time_notes = _moment_of_sale(time_since, caller, desk.now())
    billable_as, billable_notes = await _billable(desk, place, billable)
    common = {
        "customers_id": place.customers_id,
        "projects_id": place.projects_id,
        "subprojects_id": place.subprojects_id,
        "billable": billable_as,
        "time_since": start,
        "users_id": users_id if users_id != caller.id else None,
        "text": text or None,
    }
    new: NewLumpsumValue | NewLumpsumServiceEntry
    if by_value:
        new = NewLumpsumValue.model_validate({**common, "services_id": services_id, "lumpsum": lumpsum})
    else:
        new = NewLumpsumServiceEntry.model_validate(
            {**common, "lumpsum_services_id": lumpsum_services_id, "lumpsum_services_amount": amount}
        )
    notes = [*place.notes, *service_notes, *lumpsum_notes, *billable_notes, *time_notes, *user_notes]
    return await written(desk, caller, "created", await desk.clockodo.add_entry(new), notes=notes)


def _known(id: int | None) -> int:
    assert id is not None, "settled before the tool runs"
    return id


async def _billable(desk: Desk, place: Place, word: str) -> tuple[int, list[str]]:
    said = take.billable_of(word)
    if said is not None:
        return said, []
    default, note = await default_billable(desk.catalog, place)
    return default, [note]


def _moment_of_sale(time_since: str, caller: Caller, now: datetime) -> tuple[datetime, list[str]]:
    """When a lump sum is booked, in whole seconds: now where nothing is said, 9:00 where only the day is."""
    if not time_since:
        return now.replace(microsecond=0), ["Time: now, since none was given."]
    today, said, notes = caller.today(now), time_since, []
    if is_day(time_since):
        said = f"{parse_day(time_since, today=today, argument='time_since')}T{BEGIN_OF_WORK:%H:%M}"
        notes = [f"Time: {BEGIN_OF_WORK:%H:%M}, since only the day was given."]
    return parse_moment(said, zone=caller.zone, today=today, argument="time_since"), notes


@tool(title="Update entry", writes=True, destructive=True, idempotent=True)
async def update_entry(
    desk: Annotated[Desk, Resolve(desk_to_read)],
    before: Before,
    place: Annotated[Place, Resolve(new_place)],
    of_service: Annotated[Found, Resolve(named_service)],
    of_lumpsum_service: Annotated[Found, Resolve(named_lumpsum_service)],
    of_user: Annotated[tuple[int, list[str]], Resolve(user_to_book)],
    id: take.EntryId,
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    time_since: take.Moment = "",
    time_until: take.Moment = "",
    duration: take.Duration = "",
    billable: take.BillableState = "",
    text: take.EntryText = "",
    user: take.User = "",
    hourly_rate: take.Money = None,
    lumpsum: take.Lumpsum = None,
    lumpsum_service: take.LumpsumService = "",
    amount: take.Amount = None,
    clear: Annotated[list[str], Field(description="What becomes empty: project, subproject, text")] = [],  # noqa: B006 - a schema default, never changed
) -> Annotated[CallToolResult, WrittenEntry]:
    """Correct one entry; only what is given changes. Answers with before → after.
    time_since alone moves the start and keeps the end, a day alone moves the entry to that day; duration alone keeps
    the start and moves the end; time_since with duration moves the whole entry. Find the id with list_entries.
    Example: {"id": 4711, "duration": "1h30m", "text": "Review"}.
    """
    caller = await desk.account.caller()
    given: dict[str, object] = {
        "services_id": of_service[0],
        "lumpsum_services_id": of_lumpsum_service[0],
        "users_id": of_user[0] if user else None,
        "billable": take.billable_of(billable),
        "text": text or None,
        "hourly_rate": hourly_rate,
        "lumpsum": lumpsum,
        "lumpsum_services_amount": amount,
    }
    change, notes = changed_entry(
        before.entry,
        {name: value for name, value in given.items() if value is not None},
        place=place,
        times=Times(time_since, time_until, duration),
        clear=clear,
        zone=caller.zone,
        today=caller.today(desk.now()),
    )
    notes = [*place.notes, *of_service[1], *of_lumpsum_service[1], *of_user[1], *notes]
    after = await desk.clockodo.edit_entry(id, change)
    return await written(desk, caller, "updated", after, before=before.entry, notes=notes)


@tool(title="Delete entry", writes=True, destructive=True, idempotent=True)
async def delete_entry(ctx: Ctx, id: take.EntryId) -> Annotated[CallToolResult, WrittenEntry]:
    """Delete one entry for good. Answers with what was deleted, so that it can be created again.
    To change an entry use update_entry. Example: {"id": 4711}.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    before = await in_its_day(desk.clockodo, await desk.clockodo.entry(id), caller.zone)
    await desk.clockodo.delete_entry(id)
    left = sum(one.duration or 0 for one in before.day if one.kind == "time" and one.id != id and not one.running)
    [deleted] = await desk.catalog.named([before.entry])
    gone = row(deleted, caller.zone, caller=caller.id)
    again = "create_time_entry" if before.entry.kind == "time" else "create_lumpsum_entry"
    facts = WrittenEntry(
        done="deleted",
        entry=gone,
        timezone=caller.zone.key,
        day_seconds=left,
        notes=[],
        warnings=[],
        undo=f"Call {again} with the values shown; it gets a new id.",
    )
    said = f"Deleted entry {id} ({caller.zone.key}). {gone.date} now has {hours(left)} h. To undo: {facts.undo}"
    return answer(f"{said}\n\n{table([gone], ENTRY_COLUMNS)}", facts)
