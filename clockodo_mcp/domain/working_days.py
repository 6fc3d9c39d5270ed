"""The working days of one person, as rules and pages look at them: entries, targets, and what is known of the days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from clockodo_mcp import steps
from clockodo_mcp.api.models import Entry, EntryGroup, Project, TimeEntry
from clockodo_mcp.domain.moments import local_day
from clockodo_mcp.domain.targets import Targets
from clockodo_mcp.domain.worktime import (
    DAY,
    FORGOTTEN,
    Work,
    present_by_day,
    seconds_between,
    worked_by_day,
    works_of,
)
from clockodo_mcp.errors import Step

SECOND = DAY / 86_400


@dataclass(frozen=True)
class Timesheet:
    """Everything the rules look at: one person's local days from `first` to `last`, both included.

    `entries` are those of these days and of two days before, since an evening reaches into the first day. `used` are
    the sums over the whole life of projects, by their id. `user` is what the argument `user` takes for the person,
    empty for the caller.
    """

    first: date
    last: date
    zone: ZoneInfo
    now: datetime
    entries: Sequence[Entry]
    targets: Targets
    projects: Mapping[int, Project]
    used: Mapping[int, EntryGroup]
    edit_lock: date | None = None
    user: str = ""

    @property
    def today(self) -> date:
        """The local day."""
        return local_day(self.now, self.zone)

    @property
    def days(self) -> Iterator[date]:
        """Its days."""
        return (self.first + DAY * n for n in range((self.last - self.first).days + 1))

    @cached_property
    def works(self) -> list[Work]:
        """The time entries, lump sums and forgotten clocks aside."""
        return works_of(self.entries, self.now)

    @cached_property
    def worked(self) -> Mapping[date, int]:
        """The hours of each day as Clockodo counts them, with what runs; shared out over midnight."""
        return worked_by_day(self.works, self.zone)

    @cached_property
    def recorded(self) -> Mapping[date, int]:
        """As `worked`, without what runs."""
        return worked_by_day((one for one in self.works if not one.running), self.zone)

    @cached_property
    def present(self) -> Mapping[date, int]:
        """The hours of each day that the law looks at: what overlaps counts once."""
        return present_by_day(self.works, self.zone)

    @cached_property
    def inside(self) -> list[Entry]:
        """The entries that begin on these days."""
        return [one for one in self.entries if self.holds(self.day_of(one.time_since))]

    @cached_property
    def forgotten(self) -> list[TimeEntry]:
        """The clocks of these days that run for too long."""
        return [one for one in self.inside if isinstance(one, TimeEntry) and self.runs_too_long(one)]

    def runs_too_long(self, entry: TimeEntry) -> bool:
        """Whether a clock was forgotten."""
        return entry.running and seconds_between(entry.time_since, self.now) > FORGOTTEN

    def holds(self, day: date) -> bool:
        """Whether a day is one of these."""
        return self.first <= day <= self.last

    def locked(self, day: date) -> bool:
        """Whether nothing can be changed on a day."""
        return self.edit_lock is not None and day <= self.edit_lock

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment."""
        return local_day(moment, self.zone)

    def clock(self, moment: datetime) -> str:
        """The local time of day."""
        return f"{moment.astimezone(self.zone):%H:%M}"

    def times(self, entry: Entry) -> str:
        """From when until when an entry lasts."""
        start = self.clock(entry.time_since)
        if not isinstance(entry, TimeEntry):
            return f"the lump sum at {start}"
        return f"{start}–{self.clock(entry.time_until) if entry.time_until else 'running'}"

    def ids_on(self, day: date) -> tuple[int, ...]:
        """The entries with time on a day."""
        return tuple(
            one.id
            for one in self.works
            if one.seconds and self.day_of(one.start) <= day <= self.day_of(max(one.start, one.end - SECOND))
        )

    def written(self, moment: datetime) -> str:
        """A moment as an argument takes it: local, and with its offset where a clock change repeats it."""
        local = moment.astimezone(self.zone)
        twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        shown = local if twice else local.replace(tzinfo=None)
        return shown.isoformat(timespec="seconds" if local.second else "minutes")

    def mended(self, day: date, by: Step) -> Step | None:
        """The call that mends something on a day; None behind the edit lock."""
        return None if self.locked(day) else by

    def logged(self, day: date, **times: object) -> Step | None:
        """The call that logs what is missing on a day; where, only the person knows."""
        whose = {"user": self.user} if self.user else {}
        return self.mended(day, steps.create("project", "text", to="to log it", **times, **whose))
