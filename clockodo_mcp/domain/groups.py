"""Entries in groups: by which words, under which keys, and what adds up under each.

Groups are computed in two ways, from Clockodo's own tree of groups or from the entries themselves. Both end in the same
`Groups`, under the same keys, so that one can be held against the other.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clockodo_mcp.api.models import Billable, Entry, TimeEntry
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.moments import local_day
from clockodo_mcp.domain.periods import Period
from clockodo_mcp.errors import Unreadable

MOST = 3
"""Words of one grouping."""

LEVELS: dict[str, tuple[str, ...]] = {
    "customer": ("customers_id",),
    "project": ("customers_id", "projects_id"),
    "subproject": ("customers_id", "projects_id", "subprojects_id"),
    "service": ("services_id",),
    "user": ("users_id",),
    "text": ("texts_id",),
    "billable": ("billable",),
    "day": ("day",),
    "week": ("week",),
    "month": ("month",),
    "year": ("year",),
    "weekday": ("weekday",),
    "lumpsum_service": ("lumpsum_services_id",),
    "total": (),
}
"""What one can group by (`total`: by nothing), and the levels of it, named as Clockodo's `grouping`. A project comes
with its customer, so that two of the same name are told apart."""

OF_TIME = ("day", "week", "month", "year", "weekday")
"""Levels whose keys are dates: the first day of what they stand for."""

NAMES = {
    "customers_id": "customer", "projects_id": "project", "subprojects_id": "subproject", "services_id": "service",
    "users_id": "user", "texts_id": "text", "lumpsum_services_id": "lump sum service",
}  # fmt: skip
"""Levels whose keys are ids, and the word for one."""

A_MONDAY = date(2024, 1, 1)
"""Weekdays are keyed by the days from here on, or from the Sunday before."""

NAME_LENGTH = 100

Key = int | date | None
"""An id, a value of `billable`, or a first day; None where an entry has none."""
Keys = tuple[Key, ...]
Order = tuple[Any, ...]
"""What groups are sorted by: numbers, days and names, of the same kinds in the same places."""


@dataclass(frozen=True)
class Calendar:
    """Where days and weeks begin."""

    zone: ZoneInfo
    weekstart_monday: bool = True

    def first_day(self, level: str, day: date) -> date:
        """The first day of the day, week, month or year that a day is in; for `weekday` the day that stands for it."""
        match level:
            case "week":
                return day - timedelta(days=self._days_into_week(day))
            case "month":
                return day.replace(day=1)
            case "year":
                return day.replace(month=1, day=1)
            case "weekday":
                begin = A_MONDAY if self.weekstart_monday else A_MONDAY - timedelta(days=1)
                return begin + timedelta(days=self._days_into_week(day))
        return day

    def _days_into_week(self, day: date) -> int:
        return day.weekday() if self.weekstart_monday else day.isoweekday() % 7


@dataclass(slots=True)
class Sums:
    """What adds up in a group. `revenue` is None where it is not visible. Running entries are in no sum.

    `lump_sums` are what of the revenue is for no hours; `uncounted_seconds` are billable, on projects with a hard
    budget, whose revenue Clockodo leaves out.
    """

    seconds: int = 0
    billable_seconds: int = 0
    revenue: float | None = None
    lump_sums: float = 0.0
    uncounted_seconds: int = 0

    def add(self, seconds: int, *, billable: bool, revenue: float | None) -> None:
        """Add an entry, or a group of entries that are all billable or all not."""
        self.seconds += seconds
        if billable:
            self.billable_seconds += seconds
        if revenue is not None:
            self.revenue = revenue if self.revenue is None else self.revenue + revenue

    @property
    def rate(self) -> float | None:
        """Money per billable hour, of the hours that count for money: without lump sums, and without hard budgets."""
        seconds = self.billable_seconds - self.uncounted_seconds
        earned = (self.revenue or 0.0) - self.lump_sums
        return round(earned * 3600 / seconds, 2) if earned > 0 and seconds > 0 else None


def together(parts: Iterable[Sums]) -> Sums:
    """The sum of sums."""
    whole = Sums()
    for one in parts:
        whole.seconds += one.seconds
        whole.billable_seconds += one.billable_seconds
        if one.revenue is not None:
            whole.revenue = round((whole.revenue or 0.0) + one.revenue, 2)
        whole.lump_sums = round(whole.lump_sums + one.lump_sums, 2)
        whole.uncounted_seconds += one.uncounted_seconds
    return whole


@dataclass
class Groups:
    """Sums under the keys of each group, one key for each level; and the names of what the keys stand for."""

    levels: tuple[str, ...]
    sums: dict[Keys, Sums] = field(default_factory=dict)
    names: dict[tuple[str, Key], str] = field(default_factory=dict)
    silent: Counter[tuple[Keys, Key]] = field(default_factory=Counter)
    """Billable seconds without revenue, by their group and project; 0 for lump sums."""
    uncounted_lump_sums: bool = False

    def leave_out(self, hard: Collection[int]) -> None:
        """Count what has no revenue on these projects, whose budgets are hard, for no rate."""
        for (path, project), seconds in self.silent.items():
            if project in hard:
                self.sums[path].uncounted_seconds += seconds
                self.uncounted_lump_sums |= not seconds

    def finished(self) -> "Groups":
        """The groups in which something adds up, with money in cents, so that what is shown adds up, too."""
        kept = {
            path: replace(
                one,
                revenue=None if one.revenue is None else round(one.revenue, 2),
                lump_sums=round(one.lump_sums, 2),
            )
            for path, one in self.sums.items()
            if one.seconds or one.revenue
        }
        return Groups(self.levels, kept, self.names, uncounted_lump_sums=self.uncounted_lump_sums)


def parse_grouping(words: Sequence[str]) -> tuple[str, ...]:
    """The words to group by, without repetition; `project` where there is none.

    Raises:
        Unreadable: a word is none of `LEVELS`, or there are more than three.

    >>> parse_grouping(["Projects", "month"])
    ('project', 'month')
    """
    found = []
    for word in words:
        plain = re.sub(r"[\W_]+", "_", word.strip().lower()).removesuffix("_id")
        one = plain if plain in LEVELS else plain.removesuffix("s")
        if one not in LEVELS:
            raise Unreadable(f"group by up to three of {', '.join(LEVELS)}.", argument="group_by", value=word)
        found.append(one)
    wanted = tuple(dict.fromkeys(found)) or ("project",)
    if "total" in wanted and len(wanted) > 1:
        raise Unreadable("'total' is without groups, and goes alone.", argument="group_by", value=", ".join(wanted))
    if len(wanted) > MOST:
        raise Unreadable("at most three at a time.", argument="group_by", value=", ".join(wanted))
    return wanted


def levels_of(wanted: Iterable[str]) -> tuple[str, ...]:
    """The levels of a grouping, outermost first.

    >>> levels_of(("project", "customer", "month"))
    ('customers_id', 'projects_id', 'month')
    """
    return tuple(dict.fromkeys(level for word in wanted for level in LEVELS[word]))


# From entries


def adding(levels: tuple[str, ...], calendar: Calendar) -> Callable[[Groups, list[Entry]], Groups]:
    """A function that adds a page of entries to groups; running ones add nothing. A million may pass through it."""
    columns = [_keys_of_entries(level, calendar) for level in levels]
    not_billable = int(Billable.NOT_BILLABLE)

    def add(groups: Groups, entries: list[Entry]) -> Groups:
        known = groups.sums.get
        paths: Iterable[Keys] = zip(*[column(entries) for column in columns], strict=True)
        if not columns:
            paths = [()] * len(entries)
        for path, entry in zip(paths, entries, strict=True):
            seconds, is_time = 0, isinstance(entry, TimeEntry)
            if isinstance(entry, TimeEntry):
                if entry.time_until is None:
                    continue
                seconds = entry.duration or 0
            sums = known(path)
            if sums is None:
                sums = groups.sums[path] = Sums()
                _take_names(groups, path, entry)
            billable, revenue = entry.billable != not_billable, entry.revenue
            sums.add(seconds, billable=billable, revenue=revenue)
            if not is_time:
                sums.lump_sums += revenue or 0.0
            if billable and revenue == 0:
                groups.silent[path, entry.projects_id] += seconds
        return groups

    return add


def _keys_of_entries(level: str, calendar: Calendar) -> Callable[[list[Entry]], list[Key]]:
    if level not in OF_TIME:
        # A lump sum service has no service, and a time entry no lump sum service.
        return lambda entries: [getattr(entry, level, None) for entry in entries]
    zone = calendar.zone
    firsts: dict[date, date] = {}

    def first_days(entries: list[Entry]) -> list[Key]:
        on = [entry.time_since.astimezone(zone).date() for entry in entries]
        for day in set(on) - firsts.keys():
            firsts[day] = calendar.first_day(level, day)
        return [firsts[day] for day in on]

    return first_days


def _take_names(groups: Groups, path: Keys, entry: Entry) -> None:
    for level, key in zip(groups.levels, path, strict=True):
        if level in NAMES and key is not None and (level, key) not in groups.names:
            attribute = "text" if level == "texts_id" else level.replace("_id", "_name")
            if name := getattr(entry, attribute, None):
                groups.names[level, key] = name


# In words


def label(groups: Groups, path: Keys) -> str:
    """A group's name as a cell: `Acme GmbH › Wartung › 2026-10`. What lies below nothing is left out."""
    said: list[str] = []
    levels = dict(zip(groups.levels, path, strict=True))
    for level, key in levels.items():
        if level == "subprojects_id" and levels.get("projects_id", 0) is None:
            continue
        said.append(_key_in_words(groups, level, key))
    return " › ".join(said)


def _key_in_words(groups: Groups, level: str, key: Key) -> str:
    if isinstance(key, date):
        return TIMES[level](key)
    if level in OF_TIME:
        return "after the end"
    if level in NAMES:
        name = groups.names.get((level, key))
        return f"no {NAMES[level]}" if key is None else cell(name, NAME_LENGTH) if name else f"{NAMES[level]} {key}"
    return next((one.name.lower() for one in Billable if one == key), str(key))


def _week(first: date) -> str:
    return f"{first:%G-W%V} from {first}" if first.weekday() == 0 else f"week from {first}"


TIMES: Mapping[str, Callable[[date], str]] = {
    "day": lambda first: f"{first:%a} {first}",
    "week": _week,
    "month": lambda first: f"{first.year:04}-{first.month:02}",
    "year": lambda first: f"{first.year:04}",
    "weekday": lambda first: f"{first:%A}",
}
"""Times as arguments take them, with the weekday where one wants to see it."""


# Two periods beside each other


def beside(before: Groups, earlier: Period, later: Period, calendar: Calendar) -> Groups:
    """The groups of another period under the keys of this one: the first day with the first day, and so on.

    What would come after the end of this period goes under None. Groups without a time keep their keys.
    """

    def moved(level: str, key: Key) -> Key:
        if level not in OF_TIME or level == "weekday" or not isinstance(key, date):
            return key
        there, here, end = (
            calendar.first_day(level, local_day(moment, calendar.zone))
            for moment in (earlier.start, later.start, later.last)
        )
        if level in ("day", "week"):
            there_now = here + (key - there)
        else:
            months = (here.year - there.year + key.year) * 12 + here.month - there.month + key.month - 1
            there_now = date(months // 12, months % 12 + 1, 1)
        return there_now if there_now <= end else None

    aligned = Groups(before.levels, names=before.names)
    for path, sums in before.sums.items():
        at = tuple(moved(level, key) for level, key in zip(before.levels, path, strict=True))
        aligned.sums[at] = together([aligned.sums[at], sums]) if at in aligned.sums else sums
    return aligned


# Order

NOTHING = Sums()
"""The sums of a group that is not in a period."""


@dataclass(frozen=True)
class Compared:
    """A group with its sums, and with those of the other period."""

    path: Keys
    label: str
    now: Sums
    before: Sums


def compared(now: Groups, before: Groups | None) -> list[Compared]:
    """Every group that is in one of the periods or in both."""
    earlier = before.sums if before else {}
    names = Groups(now.levels, names={**(before.names if before else {}), **now.names})
    paths = dict.fromkeys((*now.sums, *earlier))
    return [
        Compared(path, label(names, path), now.sums.get(path, NOTHING), earlier.get(path, NOTHING)) for path in paths
    ]


def ordered(groups: Sequence[Compared], wanted: Sequence[str], sort: str, limit: int) -> list[Compared]:
    """At most `limit` groups of a grouping by the words `wanted`, in order.

    By `hours` or `revenue` the largest first, by `name` or `time` the first. Without a word for it: in time where there
    are only times; else the largest by hours, those that share an outer group together, largest outer group first.
    """
    levels = levels_of(wanted)
    over_time = [level in OF_TIME for level in levels]
    depths = sorted({levels.index(LEVELS[word][-1]) + 1 for word in wanted})
    weights: Counter[Keys] = Counter()
    for one in groups:
        weights.update({one.path[:depth]: one.now.seconds for depth in depths})

    def by_hours(one: Compared) -> Order:
        return (-one.now.seconds, -(one.now.revenue or 0.0), -one.before.seconds, one.label.casefold())

    def by_time(one: Compared) -> Order:
        times = [key or date.max for key, timed in zip(one.path, over_time, strict=True) if timed]
        return (*times, *by_hours(one))

    def in_families(one: Compared) -> Order:
        outer: list[object] = []
        for depth in depths:
            weight = 0 if over_time[depth - 1] else -weights[one.path[:depth]]
            outer += [weight, [str(key or "none") for key in one.path[:depth]]]
        return (*outer, *by_hours(one))

    if sort == "time" or (not sort and all(over_time)):
        return sorted(groups, key=by_time)[:limit]
    if sort == "name":
        return sorted(groups, key=lambda one: (one.label.casefold(), *by_hours(one)))[:limit]
    if sort == "revenue":
        return sorted(groups, key=lambda one: (-(one.now.revenue or 0.0), *by_hours(one)))[:limit]
    largest = sorted(groups, key=by_hours)[:limit]
    return largest if sort or len(depths) == 1 else sorted(largest, key=in_families)


def rounded(seconds: int, minutes: int) -> int:
    """Seconds to the nearest multiple of `minutes`, a half upwards; as they are where `minutes` is 0.

    >>> rounded(3000, 15), rounded(449, 15), rounded(450, 15), rounded(449, 0)
    (2700, 0, 900, 449)
    """
    step = minutes * 60
    return (seconds + step // 2) // step * step if step else seconds
