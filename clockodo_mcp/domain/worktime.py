"""Work as it lies in local days: shares over midnight, stretches without an interruption, breaks, rests.

Lengths are elapsed seconds, so a night with a clock change is as long as it was. Lump sums are no work.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.domain.moments import day_start, local_day

LONG_DAY = 10 * 3600
"""Seconds of work after which a day is named long. Source: ArbZG §3 (ten hours at most)."""

FORGOTTEN = 12 * 3600
"""Seconds after which a running clock was forgotten rather than worked by: when the work ended, nobody knows."""

EVENING = 3 * 3600
"""What goes on after midnight within so many seconds belongs to the evening before, and is no new working day."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Work:
    """The time of one entry, both ends in UTC. `seconds` is what Clockodo counts, which may differ from the span."""

    id: int
    start: datetime
    end: datetime
    seconds: int
    running: bool = False

    @property
    def span(self) -> int:
        """Seconds from start to end."""
        return seconds_between(self.start, self.end)

    @property
    def pause(self) -> int:
        """Seconds of the span that were no work; it is not known where they lie."""
        return max(0, self.span - self.seconds)


@dataclass(frozen=True)
class Stretch:
    """Work that touches or overlaps, as one."""

    start: datetime
    end: datetime
    works: tuple[Work, ...]

    @property
    def seconds(self) -> int:
        """How long somebody worked in it, as far as its span goes."""
        return min(seconds_between(self.start, self.end), sum(min(one.seconds, one.span) for one in self.works))

    @property
    def first(self) -> int:
        """The id of the entry with which it begins."""
        return self.works[0].id

    @property
    def last(self) -> int:
        """The id of the entry with which it ends."""
        return max(self.works, key=lambda one: one.end).id


@dataclass(frozen=True)
class Rest:
    """The time between two working days; it ends on `day`."""

    day: date
    start: datetime
    end: datetime
    entries: tuple[int, int]

    @property
    def seconds(self) -> int:
        """How long it was."""
        return seconds_between(self.start, self.end)


def works_of(entries: Iterable[Entry], now: datetime) -> list[Work]:
    """The time entries as work, by start. A running one lasts until now, a forgotten one is left out."""
    works = []
    for entry in entries:
        if not isinstance(entry, TimeEntry):
            continue
        end = entry.time_until or now
        span = seconds_between(entry.time_since, end)
        if span < 0 or (entry.running and span > FORGOTTEN):
            continue
        seconds = span if entry.running or entry.duration is None else entry.duration
        works.append(Work(entry.id, entry.time_since, end, seconds, entry.running))
    return sorted(works, key=lambda one: (one.start, one.id))


def shares(start: datetime, end: datetime, zone: ZoneInfo, seconds: int | None = None) -> dict[date, int]:
    """Share a span out over the local days that it touches, without losing a second.

    `seconds` are shared out in the span's proportion where they are not its length.

    >>> from datetime import UTC
    >>> shares(datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    {datetime.date(2026, 10, 24): 3600, datetime.date(2026, 10, 25): 14400}
    """
    span = seconds_between(start, end)
    total = span if seconds is None else seconds
    day = local_day(start, zone)
    if span <= 0:
        return {day: total} if total > 0 else {}
    found: dict[date, int] = {}
    given = 0
    while given < total:
        until = min(end, day_start(day + DAY, zone))
        so_far = total if until == end else seconds_between(start, until) * total // span
        if so_far > given:
            found[day] = so_far - given
        given = so_far
        day += DAY
    return found


def worked_by_day(works: Iterable[Work], zone: ZoneInfo) -> Mapping[date, int]:
    """The seconds of each local day as Clockodo counts them: what overlaps counts twice."""
    found: Counter[date] = Counter()
    for one in works:
        found.update(shares(one.start, one.end, zone, one.seconds))
    return found


def present_by_day(works: Sequence[Work], zone: ZoneInfo) -> Mapping[date, int]:
    """The seconds of each local day in which somebody worked: what overlaps counts once, and no pause counts.

    Where entries with pauses overlap, somebody may have worked on one in the pause of the other.
    """
    found: Counter[date] = Counter()
    for stretch in stretches(works):
        counted: Counter[date] = Counter()
        for one in stretch.works:
            counted.update(shares(one.start, one.end, zone, min(one.seconds, one.span)))
        for day, seconds in shares(stretch.start, stretch.end, zone).items():
            found[day] += min(seconds, counted[day])
    for one in works:
        # Work that was booked beyond its span.
        found.update(shares(one.start, one.end, zone, max(0, one.seconds - one.span)))
    return found


def stretches(works: Iterable[Work], within: int = 0) -> list[Stretch]:
    """Work that touches, overlaps, or follows in less than `within` seconds, joined; by start."""
    joined: list[Stretch] = []
    for one in sorted(works, key=lambda work: (work.start, work.id)):
        before = joined[-1] if joined else None
        if before and (one.start <= before.end or seconds_between(before.end, one.start) < within):
            joined[-1] = Stretch(before.start, max(before.end, one.end), (*before.works, one))
        else:
            joined.append(Stretch(one.start, one.end, (one,)))
    return joined


def breaks_by_day(works: Sequence[Work], zone: ZoneInfo, at_least: int) -> Mapping[date, int]:
    """Seconds of break inside each local day, in pieces of `at_least` seconds: between entries, or taken off one."""
    found: Counter[date] = Counter()
    for before, after in pairwise(stretches(works)):
        seconds, day = seconds_between(before.end, after.start), local_day(after.start, zone)
        # What ends at midnight ended on the day before.
        if seconds >= at_least and local_day(before.end - timedelta(seconds=1), zone) == day:
            found[day] += seconds
    for one in works:
        if one.pause >= at_least:
            found.update(shares(one.start, one.end, zone, one.pause))
    return found


def runs(works: Sequence[Work], at_least: int) -> Iterator[tuple[Stretch, int]]:
    """Work without a break of `at_least` seconds, over midnight, too, and its seconds without what was no work.

    A run with such a break taken off an entry is left out: where it lay, nobody knows.
    """
    for run in stretches(works, within=at_least):
        if any(one.pause >= at_least for one in run.works):
            continue
        yield run, sum(part.seconds for part in stretches(run.works))


def rests(works: Sequence[Work], zone: ZoneInfo) -> Iterator[Rest]:
    """The time between each working day and the next. What goes on after midnight belongs to its evening."""
    found = stretches(works)
    day = local_day(found[0].start, zone) if found else None
    for before, after in pairwise(found):
        begins = local_day(after.start, zone)
        if begins == day or seconds_between(before.end, after.start) < EVENING:
            continue
        yield Rest(begins, before.end, after.start, (before.last, after.first))
        day = begins


def seconds_between(start: datetime, end: datetime) -> int:
    """Whole elapsed seconds."""
    return int((end - start).total_seconds())
