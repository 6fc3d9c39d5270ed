"""Entries as answers show them: rows, the one table, totals."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field, SkipValidation

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.answers.answer import Facts
from clockodo_mcp.api.models import Entry, LumpsumServiceEntry, LumpsumValue, TimeEntry
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.booking import billable_word
from clockodo_mcp.domain.moments import hours, since_text
from clockodo_mcp.domain.totals import Totals, seconds_so_far
from clockodo_mcp.speech import Said, joined, say

R = TypeVar("R")


class EntryRow(Facts):
    """One entry as answers show it. Times are local; `seconds` is absent while it runs."""

    id: int
    date: str = Field(description="Local day, ISO")
    start: str = Field(description="Local time of day")
    end: str | None = Field(default=None, description="Local end; with its day where that is another one")
    running: bool = False
    seconds: int | None = None
    hours: str | None = Field(default=None, description="h:mm; absent while it runs and for lump sums")
    quantity: SkipValidation[str | None] = Field(
        default=None, description="Lump sums: what was booked instead of hours"
    )
    booked_on: str = Field(description="customer › project › subproject")
    service: str | None = None
    billable: SkipValidation[str]
    text: str | None = None
    user: SkipValidation[str | None] = None
    revenue: float | None = None

    @property
    def times(self) -> str:
        """`09:00–11:00`, `09:00–running`, or just the start."""
        if self.running:
            return say("{start}–running", start=self.start)
        return f"{self.start}–{self.end}" if self.end else self.start

    def in_words(self) -> Said:
        """The entry in one line."""
        id = say("entry {id}: ", id=self.id) if self.id else ""
        long = self.quantity or (f"{self.hours} h" if self.hours else "")
        on = (self.booked_on, self.service, self.billable, self.text, self.user)
        parts = (joined(" ", (self.date, self.times)), long, *on)
        return joined("", (id, joined(", ", parts)))

    @property
    def size(self) -> str:
        """`2:00`, or what a lump sum is, or nothing while it runs."""
        return self.quantity or self.hours or ""


def row(entry: Entry, caller: Caller) -> EntryRow:
    """An entry for people. The user is named only where it is not the caller's."""
    start = entry.time_since.astimezone(caller.zone)
    end = entry.time_until.astimezone(caller.zone) if entry.time_until and entry.kind == "time" else None
    places = (
        (entry.customers_name, entry.customers_id, "customer"),
        (entry.projects_name, entry.projects_id, "project"),
        (entry.subprojects_name, entry.subprojects_id, "subproject"),
    )
    running = isinstance(entry, TimeEntry) and entry.running
    seconds = entry.duration if isinstance(entry, TimeEntry) and not running else None
    return EntryRow(
        id=entry.id,
        date=start.date().isoformat(),
        start=f"{start:%H:%M}",
        end=None if end is None else f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}",
        running=running,
        seconds=seconds,
        hours=None if seconds is None else hours(seconds),
        quantity=_quantity(entry),
        booked_on=" › ".join(cell(name) if name else f"{what} {id}" for name, id, what in places if id),
        service=_service(entry),
        billable=billable_word(entry.billable),
        text=cell(entry.text) if entry.text else None,
        user=None if entry.users_id == caller.id else _person(entry),
        revenue=entry.revenue,
    )


def _person(entry: Entry) -> str:
    return cell(entry.users_name) if entry.users_name else say("user {id}", id=entry.users_id)


def _quantity(entry: Entry) -> str | None:
    if isinstance(entry, LumpsumValue):
        return say("lump sum {money}", money=f"{entry.lumpsum:,.2f}")
    if isinstance(entry, LumpsumServiceEntry):
        return f"{entry.lumpsum_services_amount:g} {cell(entry.unit) if entry.unit else '×'}"
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
    "hours": lambda one: one.size,
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


def changed_table(changed: Sequence[tuple[EntryRow, EntryRow]]) -> str:
    """A row for each entry before and after: what differs is `before → after`, the rest stands once."""

    def shown(make: Callable[[EntryRow], str]) -> Callable[[tuple[EntryRow, EntryRow]], str]:
        def cell_of(states: tuple[EntryRow, EntryRow]) -> str:
            was, now = map(make, states)
            return now if was == now else f"{was or 'nothing'} → {now or 'nothing'}"

        return cell_of

    return table(changed, {name: shown(make) for name, make in ENTRY_COLUMNS.items()})


def rows_of(rows: Sequence[EntryRow], count: int) -> str:
    """A table of the first of `count` entries, and how many are not shown; empty where there are none."""
    if not rows:
        return ""
    # What is only planned has no id yet.
    columns = {name: make for name, make in ENTRY_COLUMNS.items() if name != "id" or any(one.id for one in rows)}
    return table(rows, columns) + (f"\n\n{count - len(rows)} more are not shown." if count > len(rows) else "")


class TotalsOut(Facts):
    """Exact totals of everything that matches, shown or not. A running entry is in no sum."""

    entries: int
    seconds: int
    hours: str = Field(description="h:mm")
    billable_seconds: int = Field(description="Billable or billed")
    revenue: float | None = None


def totals_out(totals: Totals) -> TotalsOut:
    """Totals as structured content."""
    return TotalsOut(
        entries=totals.count,
        seconds=totals.seconds,
        hours=hours(totals.seconds),
        billable_seconds=totals.billable_seconds,
        revenue=totals.revenue,
    )


def totals_line(totals: Totals) -> str:
    """`23 entries, 38:15 h (31:00 h billable or billed), revenue 2,945.00`."""
    said = f"{counted(totals.count)}, {hours(totals.seconds)} h"
    if totals.seconds:
        said += f" ({hours(totals.billable_seconds)} h billable or billed)"
    return said if totals.revenue is None else f"{said}, revenue {totals.revenue:,.2f}"


def counted(count: int) -> Said:
    """`1 entry`, `2 entries`."""
    return say("{count} entry" if count == 1 else "{count} entries", count=count)


def so_far(entry: Entry, now: datetime, zone: ZoneInfo) -> str:
    """The line about a running entry, whose hours are in no total."""
    taken = hours(seconds_so_far(entry, now))
    begun = since_text(entry.time_since, zone, now.astimezone(zone).date())
    return f"Running: entry {entry.id} since {begun}, {taken} h so far, in no total."
