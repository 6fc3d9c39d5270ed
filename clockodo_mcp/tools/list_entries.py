"""`list_entries`: the entries of a period, with exact totals."""

from typing import Annotated, Literal

from pydantic import Field

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.rows import ENTRY_COLUMNS, EntryRow, TotalsOut, row, so_far, table, totals_line, totals_out
from clockodo_mcp.api.models import TimeEntry
from clockodo_mcp.asking import find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.errors import Unreadable
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.entries import EntryKind, listing
from clockodo_mcp.resolving import filters, times

EntryType = Literal["", "time", "lumpsum_value", "lumpsum_service"]

KINDS: dict[EntryType, EntryKind] = {
    "": "", "time": "time", "lumpsum_value": "value", "lumpsum_service": "service"
}  # fmt: skip
"""`entry_type` as people say it, and the kind of the model."""


class EntryList(Facts):
    """The answer of `list_entries`: local dates of the period, exact totals, the rows shown."""

    period: str
    timezone: str
    totals: TotalsOut
    running_seconds: int | None = Field(default=None, description="So far, of running entries; in no total")
    entries: list[EntryRow]
    notes: list[str]
    next_cursor: str | None = None


@tool(
    title="List entries",
    writes=False,
    search_hint="time entries, timesheet, what did I do, last entry, hours worked; "
    "Zeiteinträge, Buchungen, Zeiterfassung anzeigen, was habe ich gemacht, letzter Eintrag",
)
async def list_entries(
    call: Call,
    period: take.Period = "",
    time_since: take.Moment = "",
    time_until: take.Moment = "",
    user: take.AnyUser = "me",
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    lumpsum_service: take.LumpsumService = "",
    billable: take.BillableFilter = "",
    text: take.OnlyText = "",
    text_id: Annotated[int, Field(ge=0, description="Only entries with this texts_id")] = 0,
    budget_type: take.Budget = "",
    entry_type: Annotated[EntryType, Field(description="Only one kind")] = "",
    include_hard_budget_revenue: Annotated[
        bool, Field(description="Revenue also of projects with a hard budget")
    ] = False,
    order: Annotated[Literal["oldest", "newest"], Field(description="Which come first")] = "oldest",
    limit: Annotated[int, Field(ge=0, le=200, description="Rows shown; 0 for totals only")] = 25,
    cursor: Annotated[str, take.Text, Field(description="next_cursor of the answer before")] = "",
) -> Answer[EntryList]:
    """List entries of a period with exact totals (hours, billable hours, revenue where visible).
    Use it for "what did I do?" and to find ids; totals cover all, however few rows are shown. For one id use get_entry.
    Default: the caller's entries of this week; give period, or time_since and time_until. For the last ones, order
    'newest' with a limit: it looks back a year where no beginning is given.
    Example: {"period": "last_week", "customer": "Acme GmbH"}.
    """
    newest_first = order == "newest"
    span = times.period_or_span(period, time_since, time_until, looks_back=newest_first)
    wanted = filters.entries(
        user=user, customer=customer, project=project, subproject=subproject, service=service,
        lumpsum_service=lumpsum_service, billable=billable, text=text, budget_type=budget_type,
    )  # fmt: skip
    offset = _offset(cursor)
    shown = await find_or_ask(call, span, wanted)
    hard = include_hard_budget_revenue or None
    selection = wanted.found.value.over(
        shown, KINDS[entry_type], texts_id=text_id or None, calc_also_revenues_for_projects_with_hard_budget=hard
    )
    clockodo, now = call.app.clockodo, call.now
    found = await listing(clockodo, selection, offset=offset, limit=limit, now=now, newest_first=newest_first)
    after = found.next_offset
    notes = [*map(str, call.notes)]
    if offset and offset >= found.totals.count:
        notes.append(f"There are no rows from {offset + 1} on; leave cursor out for the first ones.")
    facts = EntryList(
        period=shown.dates,
        timezone=call.zone.key,
        totals=totals_out(found.totals),
        running_seconds=found.running_seconds or None,
        entries=[row(one, call.caller) for one in await call.app.catalog.named(found.rows)],
        notes=notes,
        next_cursor=None if after is None else str(after),
    )
    lines = [f"{facts.period} ({facts.timezone}): {totals_line(found.totals)}.", *(f"Note: {one}" for one in notes)]
    lines += [so_far(one, now, call.zone) for one in found.rows if isinstance(one, TimeEntry) and one.running]
    if facts.entries:
        lines += ["", table(facts.entries, ENTRY_COLUMNS)]
    if after is not None:
        lines += ["", f"Rows {offset + 1}–{after} of {found.totals.count}; the next with cursor='{after}'."]
    return Answer("\n".join(lines), facts)


def _offset(cursor: str) -> int:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 12):
        why = "use the next_cursor of the answer before, with the same filters; leave it out for the first rows."
        raise Unreadable(why, argument="cursor", value=cursor)
    return int(cursor or 0)
