"""Entries as answers need them: a list with exact totals in one or two requests, an entry together with its day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import BILLABLE_OR_BILLED, Billable, Entry, EntryQuery, TimeEntry
from clockodo_mcp.domain.moments import local_day
from clockodo_mcp.domain.periods import days
from clockodo_mcp.domain.totals import Totals, seconds_so_far, totals_of, totals_of_groups

FITS = 1_000
"""A list up to this many entries is one request; Clockodo's largest page."""


AMONG: dict[int | None, set[int]] = {
    None: set(Billable),
    BILLABLE_OR_BILLED: {Billable.BILLABLE, Billable.BILLED},
    **{one: {one} for one in Billable},
}
"""Which values of `billable` a filter lets through."""


@dataclass(frozen=True)
class Listing:
    """The rows that were asked for, and exact totals of all that match. `offset` counts from the first match."""

    rows: list[Entry]
    offset: int
    totals: Totals
    running_seconds: int

    @property
    def next_offset(self) -> int | None:
        """Where the rows after these begin; None where these are the last."""
        after = self.offset + len(self.rows)
        return after if self.rows and after < self.totals.count else None


async def listing(clockodo: Clockodo, asked: EntryQuery, *, offset: int, limit: int, now: datetime) -> Listing:
    """Rows from `offset`, at most `limit`, and the totals of everything.

    One request when all of it fits one page; else the page of the rows and one `entrygroups`, at any size. Rows
    never cross a page's end, so there may be fewer than `limit` with more to come.
    """
    page = await clockodo.entries(asked, page=offset // FITS + 1, items_per_page=FITS)
    begin = offset - (page.paging.current_page - 1) * page.paging.items_per_page
    if not 0 <= begin <= page.paging.items_per_page:
        # The server chose another page size than the one asked for: ask for the page that holds the offset.
        page = await clockodo.entries(asked, page=offset // page.paging.items_per_page + 1, items_per_page=FITS)
        begin = offset % page.paging.items_per_page
    rows = page.entries[begin : begin + limit]
    running = running_seconds(page.entries, now)
    if page.paging.count_pages <= 1:
        return Listing(rows, offset, totals_of(page.entries), running)
    totals = await exact_totals(clockodo, asked, page.paging.count_items)
    return Listing(rows, offset, totals, running)


async def listing_of_kind(
    clockodo: Clockodo, asked: EntryQuery, kind: str, *, offset: int, limit: int, now: datetime
) -> Listing:
    """As `listing`, for one kind of entry (`time`, `value` or `service`), which Clockodo cannot filter by.

    Every page is read, in constant memory.
    """

    @dataclass
    class Sum:
        rows: list[Entry]
        totals: Totals
        running: int

    def take(so_far: Sum, entries: list[Entry]) -> Sum:
        wanted = [entry for entry in entries if entry.kind == kind]
        begin = max(0, offset - so_far.totals.count)
        so_far.rows += wanted[begin : begin + limit - len(so_far.rows)]
        so_far.totals += totals_of(wanted)
        so_far.running += running_seconds(wanted, now)
        return so_far

    found = await clockodo.fold_entries(asked, lambda: Sum([], totals_of([]), 0), take)
    return Listing(found.rows, offset, found.totals, found.running)


def running_seconds(entries: Iterable[Entry], now: datetime) -> int:
    """How long the running ones among `entries` have been running, together."""
    return sum(seconds_so_far(entry, now) for entry in entries if isinstance(entry, TimeEntry) and entry.running)


async def exact_totals(clockodo: Clockodo, asked: EntryQuery, count: int) -> Totals:
    """The totals of any number of entries, from one `entrygroups` request; `count` is what the list's paging said.

    `entrygroups` does not know "billable or billed" as a filter, so all are grouped and the wanted groups added.
    """
    among = AMONG[asked.billable]
    unfiltered = asked.model_copy(update={"billable": None}) if asked.billable == BILLABLE_OR_BILLED else asked
    groups = await clockodo.entrygroups(unfiltered, ["billable"])
    return totals_of_groups(groups, count, among=among)


async def every_entry(clockodo: Clockodo, asked: EntryQuery) -> list[Entry]:
    """All entries of a query, in memory. One request for each thousand; where they shift meanwhile, all over again."""

    def take(so_far: list[Entry], entries: list[Entry]) -> list[Entry]:
        so_far += entries
        return so_far

    return await clockodo.fold_entries(asked, list[Entry], take)


@dataclass(frozen=True)
class EntryInItsDay:
    """An entry with its names and text, which only lists carry.

    `day` is everything that its person has on that local day; `around` is that and the day before, since what began
    the evening before may reach into it.
    """

    entry: Entry
    day: list[Entry]
    around: list[Entry]


async def in_its_day(clockodo: Clockodo, entry: Entry, zone: ZoneInfo) -> EntryInItsDay:
    """Read the local day of an entry. One request.

    Should the list not hold the entry (somebody moved it meanwhile), the entry is returned as it came.
    """
    day = local_day(entry.time_since, zone)
    around = await around_day(clockodo, day, zone, entry.users_id)
    full = next((one for one in around if one.id == entry.id), entry)
    return EntryInItsDay(full, [one for one in around if local_day(one.time_since, zone) == day], around)


async def around_day(clockodo: Clockodo, day: date, zone: ZoneInfo, users_id: int) -> list[Entry]:
    """What a person has on a local day and the day before, which may reach into it. One request."""
    span = days(day, day, zone)
    asked = EntryQuery(
        time_since=span.start - timedelta(days=1), time_until=span.last, users_id=users_id, enhanced_list=True
    )
    return (await clockodo.entries(asked)).entries
