"""What deserves a word of warning about an entry that was written. Nothing here forbids anything."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.domain.durations import hours
from clockodo_mcp.domain.moments import local_day
from clockodo_mcp.domain.totals import totals_of

LONG_DAY = 10 * 3600
"""Seconds of work after which a day is named long. Source: ArbZG §3 (ten hours at most)."""

OVERLAPS = 3
"""How many overlaps are named; the rest is a number."""

LONG_AGO = 365
"""Days after which an entry is named old: it may be a slip in the year."""


def overlapping(entry: Entry, others: Iterable[Entry], now: datetime) -> list[Entry]:
    """The other time entries of the same person that share time with this one; a running one lasts until now."""
    if not isinstance(entry, TimeEntry):
        return []
    end = entry.time_until or now
    return [
        other
        for other in others
        if isinstance(other, TimeEntry)
        and other.id != entry.id
        and other.users_id == entry.users_id
        and other.time_since < end
        and entry.time_since < (other.time_until or now)
    ]


def warnings_about(
    entry: Entry,
    of_the_day: list[Entry],
    around: list[Entry],
    *,
    now: datetime,
    zone: ZoneInfo,
    edit_lock: date | None,
) -> list[str]:
    """Sentences about a written entry: overlap, long day, future, weekend, edit lock.

    `around` are the entries that may overlap: the day's, and what began the evening before.
    """
    said = []
    overlaps = overlapping(entry, around, now)
    for other in overlaps[:OVERLAPS]:
        end = other.time_until.astimezone(zone).strftime("%H:%M") if other.time_until else "now"
        said.append(f"It overlaps entry {other.id} ({other.time_since.astimezone(zone):%H:%M}–{end}).")
    if len(overlaps) > OVERLAPS:
        said.append(f"It overlaps {len(overlaps) - OVERLAPS} more.")
    day = local_day(entry.time_since, zone)
    if (worked := totals_of(of_the_day).seconds) > LONG_DAY:
        said.append(f"That makes {hours(worked)} h on {day}, more than 10 hours.")
    today = local_day(now, zone)
    if entry.time_since > now:
        ahead = (day - today).days
        said.append("It lies in the future." if ahead <= 1 else f"It lies {ahead} days in the future, on {day:%A}.")
    if (today - day).days > LONG_AGO:
        said.append(f"It lies more than a year back, in {day:%B %Y}.")
    if day.weekday() >= 5:
        said.append(f"{day} is a {day:%A}.")
    if edit_lock is not None and day <= edit_lock:
        said.append(f"The day is behind the edit lock of {edit_lock}.")
    return said
