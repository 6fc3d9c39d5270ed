"""The tools that write entries: create (time, lump sum), update, delete."""

from typing import Annotated

from mcp.server.mcpserver.resolve import Resolve
from mcp.types import CallToolResult
from pydantic import Field

from clockodo_mcp.api.models import NewEntry
from clockodo_mcp.tools import arguments as take
from clockodo_mcp.tools.answers import WrittenEntry
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.bookings import (
    ToBook,
    ToCorrect,
    ToSell,
    consent_to_book,
    consent_to_correct,
    consent_to_delete,
    consent_to_sell,
)
from clockodo_mcp.tools.changes import deleted, written
from clockodo_mcp.tools.consent import order_of
from clockodo_mcp.tools.parameters import Before
from clockodo_mcp.tools.speaking import tool


@tool(title="Log time", writes=True)
async def create_time_entry(
    ctx: Ctx,
    booking: ToBook,
    shown: Annotated[NewEntry | None, Resolve(consent_to_book)],
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
    confirm: take.Confirm = "",
) -> Annotated[CallToolResult, WrittenEntry]:
    """Log working time: one entry with a start and an end. Books it at once and answers with what is stored.
    Give time_since with time_until or duration; time_until with duration; or duration alone, ending now. A day alone
    as time_since, with duration, goes after that day's last entry. customer may be left out where project is given;
    service where the person said none: their usual one there is taken; billable defaults to the project's. For a fixed
    price or pieces use create_lumpsum_entry, to correct an entry update_entry.
    Example: {"customer": "Acme", "project": "Relaunch", "time_since": "yesterday 09:00", "duration": "2h",
    "text": "Kick-off"}.
    """
    desk = desk_of(ctx)
    new = shown or booking.new
    done = await desk.writer.create(order_of(ctx), new)
    return await written(desk, await desk.account.caller(), "created", done, asked=new, notes=booking.notes)


@tool(title="Book a lump sum", writes=True)
async def create_lumpsum_entry(
    ctx: Ctx,
    booking: ToSell,
    shown: Annotated[NewEntry | None, Resolve(consent_to_sell)],
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
    confirm: take.Confirm = "",
) -> Annotated[CallToolResult, WrittenEntry]:
    """Book a fixed price or pieces, no hours: either lumpsum (money) with service, or lumpsum_service with amount.
    For working time use create_time_entry. time_since defaults to now.
    Example: {"customer": "Acme GmbH", "lumpsum_service": "Travel", "amount": 2, "time_since": "2026-11-23T09:00"}.
    """
    desk = desk_of(ctx)
    new = shown or booking.new
    done = await desk.writer.create(order_of(ctx), new)
    return await written(desk, await desk.account.caller(), "created", done, asked=new, notes=booking.notes)


@tool(title="Update entry", writes=True, destructive=True, idempotent=True)
async def update_entry(
    ctx: Ctx,
    before: Before,
    corrected: ToCorrect,
    consent: Annotated[None, Resolve(consent_to_correct)],
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
    clear: Annotated[list[str], take.Words, Field(description="What becomes empty: project, subproject, text")] = [],  # noqa: B006 - a schema default, never changed
    confirm: take.Confirm = "",
) -> Annotated[CallToolResult, WrittenEntry]:
    """Correct one entry; only what is given changes. Answers with before → after.
    time_since alone moves the start and keeps the end, a day alone moves the entry to that day; duration alone keeps
    the start and moves the end; time_since with duration moves the whole entry. Find the id with list_entries.
    Example: {"id": 4711, "duration": "1h30m", "text": "Review"}.
    """
    desk = desk_of(ctx)
    done = await desk.writer.edit(order_of(ctx), before.entry, corrected.change)
    return await written(
        desk,
        await desk.account.caller(),
        "updated",
        done,
        asked=corrected.change,
        before=before.entry,
        notes=corrected.notes,
    )


@tool(title="Delete entry", writes=True, destructive=True, idempotent=True)
async def delete_entry(
    ctx: Ctx,
    before: Before,
    consent: Annotated[None, Resolve(consent_to_delete)],
    id: take.EntryId,
    confirm: take.Confirm = "",
) -> Annotated[CallToolResult, WrittenEntry]:
    """Delete one entry. Answers with what was deleted; undo_change creates it again, with a new id.
    To change an entry use update_entry. Example: {"id": 4711}.
    """
    desk = desk_of(ctx)
    done = await desk.writer.delete(order_of(ctx), before.entry)
    return await deleted(desk, await desk.account.caller(), done, before)
