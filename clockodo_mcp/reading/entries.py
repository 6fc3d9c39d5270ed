"""Entries as answers need them: a list with exact totals in one or two requests, an entry together with its day."""

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import BILLABLE_OR_BILLED, Billable, Entry, EntryQuery, TimeEntry
from clockodo_mcp.cells import cell
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


EntryKind = Literal["", "time", "value", "service"]
"""The `kind` of the model; empty for all."""

PIPES = re.compile(r"\\*\|")


@dataclass(frozen=True)
class Selection:
    """The entries that a call is about: what Clockodo filters by, and what only each entry itself tells.

    Clockodo's own filter takes a text whole (no document says more), and has none for the kind, nor for one id of
    several (`one_of`, by the field of the entry).
    """

    asked: EntryQuery
    text: str = ""
    kind: EntryKind = ""
    one_of: Mapping[str, AbstractSet[int]] = field(default_factory=dict)

    @property
    def is_for_clockodo(self) -> bool:
        """Whether Clockodo filters by all of it, so that its counts and groups are those of the selection."""
        return not (self.text or self.kind or self.one_of)

    def among(self, entries: list[Entry]) -> list[Entry]:
        """Those of the selection, in their order."""
        if self.is_for_clockodo:
            return entries
        part = as_shown(self.text.removesuffix("…") or self.text)
        return [
            entry
            for entry in entries
            if (not self.kind or entry.kind == self.kind)
            and part in as_shown(entry.text or "")
            and all(getattr(entry, name, None) in ids for name, ids in self.one_of.items())
        ]


def as_shown(text: str) -> str:
    r"""A text in lower case as any list shows it, so that what is shown finds what is stored.

    >>> as_shown("A  [b] | c") == as_shown(cell("A  [b] | c"))
    True
    """
    if text.isalnum():
        return text.casefold()
    return PIPES.sub("|", cell(unicodedata.normalize("NFC", text), len(text) + 1)).casefold()


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


async def listing(
    clockodo: Clockodo, selection: Selection, *, offset: int, limit: int, now: datetime, newest_first: bool = False
) -> Listing:
    """Rows from `offset`, at most `limit`, and the totals of everything.

    One request when all of it fits one page; else the page of the rows and one `entrygroups`, at any size (and the
    first page, where the newest come first). Rows never cross a page's end, so there may be fewer than `limit` with
    more to come. Where each entry must be looked at, every page is read, in constant memory.
    """
    if not selection.is_for_clockodo:
        return await _looked_for(clockodo, selection, offset, limit, now, newest_first=newest_first)
    asked = selection.asked
    page = await clockodo.entries(asked, page=1 if newest_first else offset // FITS + 1, items_per_page=FITS)
    size, count = page.paging.items_per_page, page.paging.count_items
    if page.paging.count_pages <= 1:
        rows = page.entries[::-1] if newest_first else page.entries
        return Listing(rows[offset : offset + limit], offset, totals_of(page.entries), running_seconds(rows, now))
    # Counted from the oldest; the server may have chosen another page size than the one asked for.
    last = count - offset if newest_first else min(count, offset + limit)
    first = max(0, last - limit) if newest_first else offset
    number = max(0, last - 1 if newest_first else first) // size
    if page.paging.current_page != number + 1 and number < page.paging.count_pages:
        page = await clockodo.entries(asked, page=number + 1, items_per_page=FITS)
    rows = page.entries[max(0, first - number * size) : max(0, last - number * size)]
    totals = await exact_totals(clockodo, asked, count)
    return Listing(rows[::-1] if newest_first else rows, offset, totals, running_seconds(page.entries, now))


async def _looked_for(
    clockodo: Clockodo, selection: Selection, offset: int, limit: int, now: datetime, *, newest_first: bool
) -> Listing:
    @dataclass
    class Sum:
        totals: Totals
        running: int
        rows: deque[Entry]

    def begin() -> Sum:
        return Sum(totals_of([]), 0, deque(maxlen=offset + limit if newest_first else None))

    def take(so_far: Sum, entries: list[Entry]) -> Sum:
        found = selection.among(entries)
        # Counted from the newest, only the last ones so far may be among the rows.
        missing = None if newest_first else offset + limit - so_far.totals.count
        so_far.rows += found if missing is None else found[: max(0, missing)]
        so_far.totals += totals_of(found)
        so_far.running += running_seconds(found, now)
        return so_far

    found = await clockodo.fold_entries(selection.asked, begin, take)
    rows = list(found.rows)[::-1] if newest_first else list(found.rows)
    return Listing(rows[offset : offset + limit], offset, found.totals, found.running)


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


async def every_entry(clockodo: Clockodo, asked: EntryQuery | Selection) -> list[Entry]:
    """All entries of a query, in memory. One request for each thousand; where they shift meanwhile, all over again."""
    selection = Selection(asked) if isinstance(asked, EntryQuery) else asked

    def take(so_far: list[Entry], entries: list[Entry]) -> list[Entry]:
        so_far += selection.among(entries)
        return so_far

    return await clockodo.fold_entries(selection.asked, list[Entry], take)


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
