"""The tools that read entries: list and get."""

from collections.abc import Sequence
from typing import Annotated

from mcp.types import CallToolResult
from pydantic import Field

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.models import BudgetType, EntryQuery
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.moments import local_day
from clockodo_mcp.domain.periods import Period as Span
from clockodo_mcp.domain.periods import parse_period, parse_span
from clockodo_mcp.reading.entries import listing, listing_of_kind
from clockodo_mcp.tools import arguments as take
from clockodo_mcp.tools.answers import (
    ENTRY_COLUMNS,
    EntryCard,
    EntryList,
    answer,
    local,
    row,
    so_far,
    table,
    totals_line,
    totals_out,
)
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.filters import EntriesWanted
from clockodo_mcp.tools.parameters import (
    entry_of,
)
from clockodo_mcp.tools.speaking import tool


@tool(title="List entries")
async def list_entries(
    ctx: Ctx,
    wanted: EntriesWanted,
    period: take.Period = "",
    time_since: take.Moment = "",
    time_until: take.Moment = "",
    user: Annotated[str, take.Name, Field(description="'me', 'all', or a co-worker's name or id")] = "me",
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    lumpsum_service: take.LumpsumService = "",
    billable: Annotated[str, take.Text, Field(description="not_billable, billable, billed or billable_or_billed")] = "",
    text: Annotated[str, take.Text, Field(description="Only entries with exactly this text")] = "",
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
    hard = include_hard_budget_revenue or None
    asked = wanted.query(span, texts_id=text_id or None, calc_also_revenues_for_projects_with_hard_budget=hard)
    return answer(
        *await entry_list(
            desk, span, asked, entry_type=entry_type, offset=_offset(cursor), limit=limit, notes=wanted.notes
        )
    )


async def entry_list(
    desk: Desk,
    span: Span,
    asked: EntryQuery,
    *,
    entry_type: take.EntryKind = "",
    offset: int = 0,
    limit: int = 25,
    notes: Sequence[str] = (),
) -> tuple[str, EntryList]:
    """What `list_entries` answers, in words and as facts. One request where all fits one page, else two."""
    caller = await desk.account.caller()
    now = desk.now()
    if entry_type:
        found = await listing_of_kind(desk.clockodo, asked, take.KINDS[entry_type], offset=offset, limit=limit, now=now)
    else:
        found = await listing(desk.clockodo, asked, offset=offset, limit=limit, now=now)
    rows = [row(entry, caller.zone, caller=caller.id) for entry in await desk.catalog.named(found.rows)]
    lines = [f"{span.dates} ({caller.zone.key}): {totals_line(found.totals)}."]
    lines += [f"Note: {note}" for note in (*notes, *(() if found.totals.count else await unknown_ids(desk, asked)))]
    lines += [so_far(entry, now, caller.zone) for entry in found.rows if entry.kind == "time" and entry.running]
    if rows:
        lines += ["", table(rows, ENTRY_COLUMNS)]
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
    return "\n".join(lines), facts


async def own_entries(desk: Desk, period: str) -> tuple[str, EntryList]:
    """The caller's entries of a period, as `list_entries` answers them."""
    caller = await desk.account.caller()
    span = _span(desk, caller, period, "", "")
    asked = EntryQuery(time_since=span.start, time_until=span.last, users_id=caller.id, enhanced_list=True)
    return await entry_list(desk, span, asked, limit=200)


async def unknown_ids(desk: Desk, asked: EntryQuery) -> list[str]:
    """Notes on ids that nothing has, as far as that is known without a request: an id is not looked up before."""
    lists = (
        (desk.catalog.customers, asked.customers_id),
        (desk.catalog.projects, asked.projects_id),
        (desk.catalog.subprojects, asked.subprojects_id),
        (desk.catalog.services, asked.services_id),
        (desk.catalog.lumpsum_services, asked.lumpsum_services_id),
        (desk.catalog.users, asked.users_id),
    )
    return [
        f"No {one.argument.replace('_', ' ')} has the id {id}; to look around, call search_catalog."
        for one, id in lists
        if id is not None and await one.lacks(id)
    ]


def _span(desk: Desk, caller: Caller, period: str, time_since: str, time_until: str) -> Span:
    today = caller.today(desk.now())
    if not (time_since or time_until):
        return parse_period(
            period or "this_week", zone=caller.zone, today=today, weekstart_monday=caller.user.weekstart_monday
        )
    if period:
        raise Unreadable("period", period, "give period, or time_since and time_until, not both.", period="")
    span = parse_span(time_since or time_until, time_until or time_since, zone=caller.zone, today=today)
    if not (time_since and time_until):
        missing = "time_until" if time_since else "time_since"
        # All of the day that was named, or until now.
        day = local_day(span.start, caller.zone)
        again = {missing: day.isoformat() if missing == "time_since" or day < today else local(desk.now(), caller.zone)}
        raise Unreadable(missing, "", "time_since and time_until belong together.", **again)
    return span


def _offset(cursor: str) -> int:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 12):
        raise Unreadable(
            "cursor", cursor, "use the next_cursor of the answer before, with the same filters.", cursor=""
        )
    return int(cursor or 0)


@tool(title="Get entry")
async def get_entry(ctx: Ctx, id: take.EntryId) -> Annotated[CallToolResult, EntryCard]:
    """Show one entry: local times, hours, where it is booked, its text, when it was last changed.
    Use it when an id is known, for example before update_entry. To find entries, use list_entries.
    Example: {"id": 4711}.
    """
    return answer(*await entry_card(desk_of(ctx), id))


async def entry_card(desk: Desk, id: int) -> tuple[str, EntryCard]:
    """What `get_entry` answers, in words and as facts. Two requests: the entry, and its day for names and text."""
    caller = await desk.account.caller()
    entry = (await entry_of(desk, id)).entry
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
    return f"{' '.join(said)}\n\n{table([shown], ENTRY_COLUMNS)}", facts
