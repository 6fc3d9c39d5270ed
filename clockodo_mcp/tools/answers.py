"""Answers: a line with the totals and one compact table for the model, the same facts as structured content."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, Field

from clockodo_mcp.api.models import Entry, LumpsumServiceEntry, LumpsumValue, TimeEntry
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.durations import hours
from clockodo_mcp.domain.totals import Totals, seconds_so_far
from clockodo_mcp.tools.arguments import billable_word, clock

R = TypeVar("R")


class EntryRow(BaseModel):
    """One entry as answers show it. Times are local; `seconds` is absent while it runs."""

    id: int
    date: str = Field(description="Local day, ISO")
    start: str = Field(description="Local time of day")
    end: str | None = Field(default=None, description="Local end; with its day where that is another one")
    running: bool = False
    seconds: int | None = None
    quantity: str | None = Field(default=None, description="Lump sums: what was booked instead of hours")
    booked_on: str = Field(description="customer › project › subproject")
    service: str | None = None
    billable: str
    text: str | None = None
    user: str | None = None
    revenue: float | None = None

    @property
    def times(self) -> str:
        """`09:00–11:00`, `09:00–running`, or just the start."""
        if self.running:
            return f"{self.start}–running"
        return f"{self.start}–{self.end}" if self.end else self.start

    @property
    def hours(self) -> str:
        """`2:00`, or what a lump sum is, or nothing while it runs."""
        return self.quantity or (hours(self.seconds) if self.seconds is not None else "")


def row(entry: Entry, zone: ZoneInfo, *, caller: int | None = None, service: str | None = None) -> EntryRow:
    """An entry for people. The user is named only where it is not the caller's."""
    start = entry.time_since.astimezone(zone)
    end = entry.time_until.astimezone(zone) if entry.time_until and entry.kind == "time" else None
    places = (
        (entry.customers_name, entry.customers_id, "customer"),
        (entry.projects_name, entry.projects_id, "project"),
        (entry.subprojects_name, entry.subprojects_id, "subproject"),
    )
    running = isinstance(entry, TimeEntry) and entry.running
    return EntryRow(
        id=entry.id,
        date=start.date().isoformat(),
        start=f"{start:%H:%M}",
        end=None if end is None else f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}",
        running=running,
        seconds=entry.duration if isinstance(entry, TimeEntry) and not running else None,
        quantity=_quantity(entry),
        booked_on=" › ".join(cell(name) if name else f"{what} {id}" for name, id, what in places if id),
        service=_service(entry) if service is None else service,
        billable=billable_word(entry.billable),
        text=cell(entry.text) if entry.text else None,
        user=None if entry.users_id == caller else cell(entry.users_name or f"user {entry.users_id}"),
        revenue=entry.revenue,
    )


def _quantity(entry: Entry) -> str | None:
    if isinstance(entry, LumpsumValue):
        return f"lump sum {entry.lumpsum:,.2f}"
    if isinstance(entry, LumpsumServiceEntry):
        return f"{entry.lumpsum_services_amount:g} ×"
    return None


def _service(entry: Entry) -> str | None:
    if isinstance(entry, LumpsumServiceEntry):
        return cell(entry.services_name or f"lump sum service {entry.lumpsum_services_id}")
    if entry.services_name:
        return cell(entry.services_name)
    return f"service {entry.services_id}" if entry.services_id else None


ENTRY_COLUMNS: dict[str, Callable[[EntryRow], str]] = {
    "id": lambda one: str(one.id),
    "date": lambda one: one.date,
    "time": lambda one: one.times,
    "hours": lambda one: one.hours,
    "booked on": lambda one: one.booked_on,
    "service": lambda one: one.service or "",
    "billable": lambda one: one.billable,
    "text": lambda one: one.text or "",
    "user": lambda one: one.user or "",
    "revenue": lambda one: "" if one.revenue is None else f"{one.revenue:,.2f}",
}
"""Columns of a table of entries; those that are empty in every row are left out."""


def table(rows: Sequence[R], columns: Mapping[str, Callable[[R], str]]) -> str:
    """The one Markdown table of an answer, without the columns that are empty."""
    cells = {name: [make(one) for one in rows] for name, make in columns.items()}
    kept = {name: column for name, column in cells.items() if any(column)}
    lines = [
        " | ".join(kept),
        " | ".join("---" for _ in kept),
        *(" | ".join(line) for line in zip(*kept.values(), strict=True)),
    ]
    return "\n".join(f"| {line} |" for line in lines)


class TotalsOut(BaseModel):
    """Exact totals of everything that matches, shown or not. A running entry is in no sum."""

    entries: int
    seconds: int
    billable_seconds: int
    revenue: float | None = None


def totals_out(totals: Totals) -> TotalsOut:
    """Totals as structured content."""
    return TotalsOut(
        entries=totals.count, seconds=totals.seconds, billable_seconds=totals.billable_seconds, revenue=totals.revenue
    )


def totals_line(totals: Totals) -> str:
    """`23 entries, 38:15 h (31:00 h billable), revenue 2,945.00`."""
    said = f"{totals.count} {'entry' if totals.count == 1 else 'entries'}, {hours(totals.seconds)} h"
    if totals.seconds:
        said += f" ({hours(totals.billable_seconds)} h billable)"
    return said if totals.revenue is None else f"{said}, revenue {totals.revenue:,.2f}"


class EntryList(BaseModel):
    """The answer of `list_entries`: local dates of the period, exact totals, the rows shown."""

    period: str
    timezone: str
    totals: TotalsOut
    running_seconds: int | None = Field(default=None, description="So far, of running entries; in no total")
    entries: list[EntryRow]
    next_cursor: str | None = None


class EntryCard(BaseModel):
    """The answer of `get_entry`."""

    entry: EntryRow
    timezone: str
    hourly_rate: float | None = None
    inserted: str | None = None
    last_changed: str | None = None


class WrittenEntry(BaseModel):
    """The answer of a write: what is now stored, what was before, and how to undo it."""

    done: str = Field(description="created, updated or deleted")
    entry: EntryRow = Field(description="As stored now; for a deletion as it was")
    before: EntryRow | None = None
    change: int | None = Field(default=None, description="The change's id, for undo_change")
    timezone: str
    day_seconds: int | None = Field(default=None, description="The day's new total, without running entries")
    notes: list[str] = Field(description="Defaults that were chosen, with their reason")
    warnings: list[str]
    undo: str


def answer(markdown: str, facts: BaseModel) -> CallToolResult:
    """What the model reads, and the same for programs; what is absent stays absent."""
    return CallToolResult(
        content=[TextContent(type="text", text=markdown)],
        structured_content=facts.model_dump(mode="json", exclude_none=True),
    )


def local(moment: datetime, zone: ZoneInfo) -> str:
    """Local date and time, as arguments take it."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"


def so_far(entry: Entry, now: datetime, zone: ZoneInfo) -> str:
    """The line about a running entry, whose hours are in no total."""
    taken = hours(seconds_so_far(entry, now))
    return f"Running: entry {entry.id} since {clock(entry.time_since, zone)}, {taken} h so far, in no total."
