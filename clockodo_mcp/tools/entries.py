"""The six tools for entries: list, get, create (time, lump sum), update, delete."""

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult
from pydantic import Field

from clockodo_mcp.api.models import BudgetType, EntryQuery, NewLumpsumServiceEntry, NewLumpsumValue, NewTimeEntry
from clockodo_mcp.domain.durations import hours
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.moments import parse_moment
from clockodo_mcp.domain.periods import Period as Span
from clockodo_mcp.domain.periods import between, parse_period
from clockodo_mcp.services.account import Caller
from clockodo_mcp.services.booking import Booking, default_billable, default_service, resolve_booking, users_id_of
from clockodo_mcp.services.desk import Desk
from clockodo_mcp.services.entries import in_its_day, listing, listing_of_kind
from clockodo_mcp.services.spans import entry_span
from clockodo_mcp.tools import arguments as take
from clockodo_mcp.tools.answers import (
    EntryCard,
    EntryList,
    WrittenEntry,
    answer,
    local,
    row,
    so_far,
    table,
    totals_line,
    totals_out,
)
from clockodo_mcp.tools.changes import changed_entry, written
from clockodo_mcp.tools.speaking import tool

Ctx = Context[Desk, Any]
BudgetWord = Annotated[str, Field(description="Projects by budget", json_schema_extra={"enum": ["", *BudgetType]})]


def desk_of(ctx: Ctx) -> Desk:
    """The desk that the server's lifespan yields."""
    desk: Desk = ctx.request_context.lifespan_context
    return desk


@tool(title="List entries")
async def list_entries(
    ctx: Ctx,
    period: take.Period = "",
    time_since: take.Moment = "",
    time_until: take.Moment = "",
    user: Annotated[str, take.Text, Field(description="'me', 'all', or a co-worker's name or id")] = "me",
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    lumpsum_service: take.LumpsumService = "",
    billable: Annotated[str, take.Text, Field(description="not_billable, billable, billed or billable_or_billed")] = "",
    text: Annotated[str, take.Text, Field(description="Only entries with this text")] = "",
    text_id: Annotated[int, Field(ge=0, description="Only entries with this texts_id")] = 0,
    budget_type: Annotated[str, take.Text, Field(description=f"Budget of the project: {', '.join(BudgetType)}")] = "",
    entry_type: Annotated[take.EntryKind, Field(description="Only one kind")] = "",
    include_hard_budget_revenue: Annotated[
        bool, Field(description="Revenue also of projects with a hard budget")
    ] = False,
    limit: Annotated[int, Field(ge=0, le=200, description="Rows shown; 0 for totals only")] = 25,
    cursor: Annotated[str, take.Text, Field(description="next_cursor of the answer before")] = "",
) -> Annotated[CallToolResult, EntryList]:
    """List entries of a period with exact totals (hours, billable hours, revenue where visible), oldest first.
    Use it for "what did I do?" and to find ids; totals cover all, however few rows are shown. For one id use get_entry.
    Default: the caller's entries of this week; give period, or time_since and time_until.
    Example: {"period": "last_week", "customer": "Acme GmbH"}.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    span = _span(desk, caller, period, time_since, time_until)
    booking = await resolve_booking(desk, customer=customer, project=project, subproject=subproject)
    asked = EntryQuery(
        time_since=span.start,
        time_until=span.last,
        users_id=await users_id_of(desk, user),
        customers_id=booking.customers_id,
        projects_id=booking.projects_id,
        subprojects_id=booking.subprojects_id,
        services_id=await desk.catalog.services.id_of(service) if service else None,
        lumpsum_services_id=await desk.catalog.lumpsum_services.id_of(lumpsum_service) if lumpsum_service else None,
        billable=take.billable_filter(billable),
        text=text or None,
        texts_id=text_id or None,
        budget_type=_budget_type(budget_type),
        calc_also_revenues_for_projects_with_hard_budget=include_hard_budget_revenue or None,
        enhanced_list=True,
    )
    offset = _offset(cursor)
    now = desk.now()
    if entry_type:
        found = await listing_of_kind(desk.clockodo, asked, take.KINDS[entry_type], offset=offset, limit=limit, now=now)
    else:
        found = await listing(desk.clockodo, asked, offset=offset, limit=limit, now=now)
    rows = [row(entry, caller.zone, caller=caller.id) for entry in await desk.catalog.named(found.rows)]
    lines = [f"{span.dates} ({caller.zone.key}): {totals_line(found.totals)}."]
    lines += [so_far(entry, now, caller.zone) for entry in found.rows if entry.kind == "time" and entry.running]
    if rows:
        lines += ["", table(rows)]
    after = found.next_offset
    if after is not None:
        lines += ["", f"Rows {offset + 1}–{after} of {found.totals.count}; the next with cursor='{after}'."]
    facts = EntryList(
        period=span.dates,
        timezone=caller.zone.key,
        totals=totals_out(found.totals),
        running_seconds=found.running_seconds or None,
        entries=rows,
        next_cursor=None if after is None else str(after),
    )
    return answer("\n".join(lines), facts)


def _span(desk: Desk, caller: Caller, period: str, time_since: str, time_until: str) -> Span:
    today = caller.today(desk.now())
    if not (time_since or time_until):
        return parse_period(
            period or "this_week", zone=caller.zone, today=today, weekstart_monday=caller.user.weekstart_monday
        )
    if period:
        raise Unreadable("period", period, "give period, or time_since and time_until, not both.")
    if not (time_since and time_until):
        missing = "time_until" if time_since else "time_since"
        raise Unreadable(missing, "", "time_since and time_until belong together; or use period.")
    start = parse_moment(time_since, zone=caller.zone, today=today, argument="time_since")
    end = parse_moment(time_until, zone=caller.zone, today=today, argument="time_until")
    return between(start, end, caller.zone)


def _budget_type(word: str) -> BudgetType | None:
    if not word:
        return None
    try:
        return BudgetType(word.strip().lower())
    except ValueError:
        raise Unreadable("budget_type", word, f"use one of {', '.join(BudgetType)}.") from None


def _offset(cursor: str) -> int:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 12):
        raise Unreadable("cursor", cursor, "use the next_cursor of the answer before, with the same filters.")
    return int(cursor or 0)


@tool(title="Get entry")
async def get_entry(ctx: Ctx, id: take.EntryId) -> Annotated[CallToolResult, EntryCard]:
    """Show one entry: local times, hours, where it is booked, its text, when it was last changed.
    Use it when an id is known, for example before update_entry. To find entries, use list_entries.
    Example: {"id": 4711}.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    entry = (await in_its_day(desk.clockodo, await desk.clockodo.entry(id), caller.zone)).entry
    [entry] = await desk.catalog.named([entry])
    shown = row(entry, caller.zone, caller=caller.id)
    facts = EntryCard(
        entry=shown,
        timezone=caller.zone.key,
        hourly_rate=entry.hourly_rate if entry.kind == "time" else None,
        inserted=local(entry.time_insert, caller.zone) if entry.time_insert else None,
        last_changed=local(entry.time_last_change, caller.zone) if entry.time_last_change else None,
    )
    said = [f"Entry {id} ({caller.zone.key})."]
    if facts.hourly_rate is not None:
        said.append(f"{facts.hourly_rate:,.2f} per hour.")
    if facts.last_changed:
        said.append(f"Last changed {facts.last_changed}.")
    if entry.kind == "time" and entry.running:
        said.append(so_far(entry, desk.now(), caller.zone))
    return answer(f"{' '.join(said)}\n\n{table([shown])}", facts)


@tool(title="Log time", writes=True)
async def create_time_entry(
    ctx: Ctx,
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
    Give time_since with time_until or duration; time_until with duration; or duration alone, ending now.
    customer may be left out where project is given; service where earlier entries leave no doubt; billable defaults
    to the project's. For a fixed price or pieces use create_lumpsum_entry, to correct an entry update_entry.
    Example: {"project": "Relaunch", "time_since": "2026-11-23T09:00", "duration": "2h", "text": "Kick-off"}.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    now = desk.now()
    state = take.billable_of(billable)
    span = entry_span(time_since, time_until, duration, caller=caller, now=now)
    booking = await _booked(desk, customer, project, subproject)
    booking.notes += span.notes
    users_id = await users_id_of(desk, _one_user(user))
    new = NewTimeEntry(
        customers_id=booking.customers_id or 0,
        projects_id=booking.projects_id,
        subprojects_id=booking.subprojects_id,
        services_id=await desk.catalog.services.id_of(service)
        if service
        else await default_service(desk, booking, users_id=users_id or caller.id, now=now),
        billable=state if state is not None else await default_billable(desk, booking),
        time_since=span.start,
        time_until=span.end,
        duration=span.duration,
        users_id=users_id if users_id != caller.id else None,
        text=text or None,
        hourly_rate=hourly_rate,
    )
    return await written(desk, caller, "created", await desk.clockodo.add_entry(new), notes=booking.notes)


@tool(title="Book a lump sum", writes=True)
async def create_lumpsum_entry(
    ctx: Ctx,
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
    by_value, by_service = lumpsum is not None, bool(lumpsum_service) or amount is not None
    if by_value == by_service or (by_service and (not lumpsum_service or amount is None or service)):
        raise Unreadable(
            "lumpsum" if by_value or not by_service else "lumpsum_service",
            "" if lumpsum is None else f"{lumpsum:g}",
            "give either lumpsum with service, or lumpsum_service with amount; nothing was written.",
        )
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    now = desk.now()
    state = take.billable_of(billable)
    today = caller.today(now)
    start = parse_moment(time_since, zone=caller.zone, today=today, argument="time_since") if time_since else now
    booking = await _booked(desk, customer, project, subproject)
    if not time_since:
        booking.notes.append("Time: now, since none was given.")
    users_id = await users_id_of(desk, _one_user(user))
    common = {
        "customers_id": booking.customers_id,
        "projects_id": booking.projects_id,
        "subprojects_id": booking.subprojects_id,
        "billable": state if state is not None else await default_billable(desk, booking),
        "time_since": start.replace(microsecond=0),
        "users_id": users_id if users_id != caller.id else None,
        "text": text or None,
    }
    new: NewLumpsumValue | NewLumpsumServiceEntry
    if by_value:
        services_id = (
            await desk.catalog.services.id_of(service)
            if service
            else await default_service(desk, booking, users_id=users_id or caller.id, now=now)
        )
        new = NewLumpsumValue.model_validate({**common, "services_id": services_id, "lumpsum": lumpsum})
    else:
        id = await desk.catalog.lumpsum_services.id_of(lumpsum_service)
        new = NewLumpsumServiceEntry.model_validate(
            {**common, "lumpsum_services_id": id, "lumpsum_services_amount": amount}
        )
    return await written(desk, caller, "created", await desk.clockodo.add_entry(new), notes=booking.notes)


async def _booked(desk: Desk, customer: str, project: str, subproject: str) -> Booking:
    booking = await resolve_booking(desk, customer=customer, project=project, subproject=subproject)
    if booking.customers_id is None:
        raise Unreadable("customer", customer, "name the customer or the project that this is booked on.")
    return booking


def _one_user(user: str) -> str:
    if user == "all":
        raise Unreadable("user", user, "an entry belongs to one person; leave user out for the caller.")
    return user


@tool(title="Update entry", writes=True, destructive=True, idempotent=True)
async def update_entry(
    ctx: Ctx,
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
    time_since alone moves the start and keeps the end; duration alone keeps the start and moves the end;
    give time_since with duration to move the whole entry. Find the id with list_entries.
    Example: {"id": 4711, "duration": "1h30m", "text": "Review"}.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    before = await in_its_day(desk.clockodo, await desk.clockodo.entry(id), caller.zone)
    change, notes = await changed_entry(
        desk,
        caller,
        before.entry,
        customer=customer,
        project=project,
        subproject=subproject,
        service=service,
        time_since=time_since,
        time_until=time_until,
        duration=duration,
        billable=take.billable_of(billable),
        text=text,
        users_id=await users_id_of(desk, _one_user(user)) if user else None,
        hourly_rate=hourly_rate,
        lumpsum=lumpsum,
        lumpsum_service=lumpsum_service,
        amount=amount,
        clear=clear,
    )
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
    return answer(f"{said}\n\n{table([gone])}", facts)


READING = (list_entries, get_entry)
WRITING = (create_time_entry, create_lumpsum_entry, update_entry, delete_entry)
