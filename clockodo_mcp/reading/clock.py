"""What runs for the caller, with their entries around it, and the last entry, which a new start can go on with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import Entry, EntryQuery, TimeEntry
from clockodo_mcp.domain.booking import Place
from clockodo_mcp.domain.moments import day_start, local_day
from clockodo_mcp.domain.periods import days
from clockodo_mcp.domain.totals import totals_of
from clockodo_mcp.reading.entries import every_entry

RECENT_DAYS = 31
"""How far back the last entry is looked for: over a holiday."""

LONGEST = timedelta(hours=24)
"""What Clockodo cuts an entry to when the clock stops. Source: OpenAPI, `stopped_has_been_truncated`."""


@dataclass(frozen=True)
class ClockNow:
    """What runs, None where nothing does; and `entries` of the caller up to the end of today, in order, with names."""

    running: TimeEntry | None
    entries: Sequence[Entry]
    today: date
    caller: Caller
    now: datetime

    @property
    def of_today(self) -> list[Entry]:
        """What began on the local day that is today."""
        return self.on(self.today)

    @property
    def today_seconds(self) -> int:
        """Today's total, without what runs."""
        return totals_of(self.of_today).seconds

    def on(self, day: date) -> list[Entry]:
        """What began on a local day."""
        return [one for one in self.entries if local_day(one.time_since, self.caller.zone) == day]

    def named(self, entry: Entry) -> Entry:
        """An entry with its names and text; as it came where it is not among the entries."""
        return next((one for one in self.entries if one.id == entry.id), entry)

    def last(self, place: Place | None = None) -> TimeEntry | None:
        """The time entry that ended last, of those on a place where one is named. What is planned has not ended."""
        times = (one for one in self.entries if isinstance(one, TimeEntry) and one.services_id is not None)
        ended = (one for one in times if one.time_until and one.time_until <= self.now and _is_on(one, place))
        return max(ended, key=lambda one: (one.time_until or one.time_since, one.time_since, one.id), default=None)


def _is_on(entry: Entry, place: Place | None) -> bool:
    wanted = (place.customers_id, place.projects_id, place.subprojects_id) if place else ()
    booked = (entry.customers_id, entry.projects_id, entry.subprojects_id)
    return all(one is None or one == other for one, other in zip(wanted, booked, strict=False))


async def running_entry(clockodo: Clockodo) -> TimeEntry | None:
    """What runs, without names and text. One request."""
    running = (await clockodo.clock()).running
    return running if isinstance(running, TimeEntry) else None


async def clock_with_last(clockodo: Clockodo, caller: Caller, running: TimeEntry | None, now: datetime) -> ClockNow:
    """What runs with its names, and the entries of the last 31 days. One request for each thousand of them."""
    since = [now - timedelta(days=RECENT_DAYS), *([running.time_since] if running else [])]
    return await _clock_since(clockodo, caller, running, min(since), now)


async def clock_around(
    clockodo: Clockodo, caller: Caller, running: TimeEntry | None, moments: Iterable[datetime], now: datetime
) -> ClockNow:
    """What runs with its names, and the entries from the day before the earliest of these moments on. One request.

    What began the evening before may reach into a day.
    """
    earliest = min([now, *moments, *([running.time_since] if running else [])])
    since = day_start(local_day(earliest, caller.zone) - timedelta(days=1), caller.zone)
    return await _clock_since(clockodo, caller, running, since, now)


async def _clock_since(
    clockodo: Clockodo, caller: Caller, running: TimeEntry | None, since: datetime, now: datetime
) -> ClockNow:
    today = caller.today(now)
    until = days(today, today, caller.zone).last
    asked = EntryQuery(time_since=since, time_until=until, users_id=caller.id, enhanced_list=True)
    entries = await every_entry(clockodo, asked)
    found = ClockNow(None, entries, today, caller, now)
    named = found.named(running) if running else None
    return ClockNow(named if isinstance(named, TimeEntry) and named.running else running, entries, today, caller, now)


def was_cut(stopped: TimeEntry, wanted: datetime) -> bool:
    """Whether Clockodo ended an entry at 24 hours, before the moment at which it was to end."""
    return (
        stopped.time_until is not None
        and stopped.time_until - stopped.time_since >= LONGEST
        and (stopped.time_until < wanted)
    )
