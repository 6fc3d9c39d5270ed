"""Exact totals, of entries or of Clockodo's own groups."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from clockodo_mcp.api.models import Billable, Entry, EntryGroup, NewEntry, NewTimeEntry, TimeEntry


@dataclass(frozen=True)
class Totals:
    """Sums in seconds and money. Running entries are in `count`, and in no sum; `revenue` is None where not visible."""

    count: int
    seconds: int
    billable_seconds: int
    revenue: float | None

    def __add__(self, other: "Totals") -> "Totals":
        revenues = [money for money in (self.revenue, other.revenue) if money is not None]
        return Totals(
            self.count + other.count,
            self.seconds + other.seconds,
            self.billable_seconds + other.billable_seconds,
            round(sum(revenues), 2) if revenues else None,
        )


def totals_of(entries: Iterable[Entry]) -> Totals:
    """Add entries up. Billed time is billable time."""
    count = seconds = billable = 0
    revenues: list[float] = []
    for entry in entries:
        count += 1
        if isinstance(entry, TimeEntry) and entry.duration is not None and not entry.running:
            seconds += entry.duration
            billable += entry.duration if entry.billable != Billable.NOT_BILLABLE else 0
        if entry.revenue is not None:
            revenues.append(entry.revenue)
    return Totals(count, seconds, billable, round(sum(revenues), 2) if revenues else None)


def totals_of_groups(groups: Iterable[EntryGroup], count: int, *, among: set[int]) -> Totals:
    """Add up Clockodo's groups by `billable`, those `among` the wanted values; `count` is the paging's."""
    wanted = [group for group in groups if int(group.group) in among]
    revenues = [group.revenue for group in wanted if group.revenue is not None]
    return Totals(
        count,
        sum(group.duration for group in wanted),
        sum(group.duration for group in wanted if int(group.group) != Billable.NOT_BILLABLE),
        round(sum(revenues), 2) if revenues else None,
    )


def seconds_to_book(new: NewEntry) -> int:
    """How long a new entry will count; nothing for a lump sum."""
    if not isinstance(new, NewTimeEntry):
        return 0
    return new.duration if new.duration is not None else int((new.time_until - new.time_since).total_seconds())


def seconds_so_far(entry: Entry, now: datetime) -> int:
    """How long an entry took, or has been running."""
    if not isinstance(entry, TimeEntry):
        return 0
    if entry.running:
        return max(0, int((now - entry.time_since).total_seconds()))
    return entry.duration or 0
