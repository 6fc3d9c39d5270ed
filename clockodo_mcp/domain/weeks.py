"""A week of one person, as people look at it: what each day has, what it lacks, and how the week stands."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from clockodo_mcp.api.models import Entry
from clockodo_mcp.api.models.clock import Absence
from clockodo_mcp.domain.periods import Period
from clockodo_mcp.domain.targets import Target
from clockodo_mcp.domain.timesheet_rules import RuleFinding
from clockodo_mcp.domain.working_days import SECOND, Timesheet
from clockodo_mcp.domain.worktime import DAY, Work, seconds_between, shares, stretches
from clockodo_mcp.errors import Contradiction

A_GAP = 15 * 60
"""Seconds between two entries from which on they are a place to log."""

SIX_DAYS = DAY * 6
"""From the first day of a week to its last."""

NO_CUSTOMER = "no customer"


@dataclass(frozen=True)
class Gap:
    """Time between two entries of a day, in UTC."""

    since: datetime
    until: datetime

    @property
    def seconds(self) -> int:
        """How long it is."""
        return seconds_between(self.since, self.until)


@dataclass(frozen=True)
class Weekday:
    """One day of a week. `seconds` are those of its entries, shared out over midnight, without what runs."""

    day: date
    seconds: int
    target: Target
    gaps: Sequence[Gap]
    findings: Sequence[RuleFinding]
    holiday: str
    absences: Sequence[Absence]
    locked: bool


def week_of(span: Period, today: date, text: str, *, weekstart_monday: bool) -> date:
    """The first day of the week that a period lies in. Weeks that begin on Sunday have most of the calendar's week.

    Raises:
        Contradiction: it is longer than a week, or lies in two.
    """
    first, last = (moment.astimezone(span.zone).date() for moment in (span.start, span.last))
    begins = first - DAY * (first.weekday() if weekstart_monday else first.isoweekday() % 7)
    is_calendars = first.weekday() == 0 and last == first + SIX_DAYS
    if last > begins + SIX_DAYS and not is_calendars:
        why = f"it is longer than a week, or lies in two; name one day of the week that is meant, such as '{today}'."
        raise Contradiction(why, argument="week", value=text)
    return begins


def week_name(first: date) -> str:
    """The week as a period is named, by its first day.

    >>> week_name(date(2026, 12, 28)), week_name(date(2026, 12, 27))
    ('2026-W53', '2026-12-27..2027-01-02')
    """
    if first.weekday():
        return f"{first}..{first + SIX_DAYS}"
    year, week, _ = first.isocalendar()
    return f"{year}-W{week:02}"


def weekdays(sheet: Timesheet, findings: Sequence[RuleFinding], absences: Sequence[Absence]) -> list[Weekday]:
    """The days of a timesheet, with its findings."""
    gaps = list(_gaps(sheet))
    return [
        Weekday(
            day=day,
            seconds=sheet.recorded.get(day, 0),
            target=(target := sheet.targets.of(day)),
            gaps=[one for one in gaps if target.seconds and sheet.day_of(one.since) == day],
            findings=[one for one in findings if one.day == day],
            holiday=sheet.targets.any_holiday(day),
            absences=[one for one in absences if one.date_since <= day <= one.date_until],
            locked=sheet.locked(day),
        )
        for day in sheet.days
    ]


def _gaps(sheet: Timesheet) -> Iterator[Gap]:
    """The times between two entries of the same day."""
    for before, after in pairwise(stretches(sheet.works)):
        gap = Gap(before.end, after.start)
        day = sheet.day_of(gap.until)
        # What ends at midnight ended on the day before.
        if gap.seconds >= A_GAP and sheet.holds(day) and sheet.day_of(gap.since - SECOND) == day:
            yield gap


def in_week(sheet: Timesheet) -> list[Entry]:
    """The entries with time on these days, and the lump sums of them; by start."""
    spans = {one.id: one for one in sheet.works}

    def is_inside(entry: Entry) -> bool:
        work = spans.get(entry.id)
        last = sheet.day_of(max(work.start, work.end - SECOND)) if work else sheet.day_of(entry.time_since)
        return sheet.day_of(entry.time_since) <= sheet.last and last >= sheet.first

    return sorted(filter(is_inside, sheet.entries), key=lambda one: (one.time_since, one.id))


@dataclass(frozen=True)
class WeekTotals:
    """What the days of a week add up to, without what runs; `customers` by their names, those with most first.

    `due` and `balance` are None where targets are not known.
    """

    seconds: int
    due: int | None
    balance: int | None
    customers: Mapping[str, int]


def totals(sheet: Timesheet, days: Sequence[Weekday], *, due: bool) -> WeekTotals:
    """Of these days, with what was `due` where that can be told."""
    return WeekTotals(
        seconds=sum(one.seconds for one in days),
        due=sum(one.target.seconds or 0 for one in days) if due else None,
        balance=_balance(days, sheet.today) if due else None,
        customers=_by_customer(sheet),
    )


def _by_customer(sheet: Timesheet) -> Mapping[str, int]:
    names = {one.id: one.customers_name or NO_CUSTOMER for one in sheet.entries}
    found: Counter[str] = Counter()
    for work in sheet.works:
        if not work.running:
            found[names[work.id]] += _inside(sheet, work)
    return {name: seconds for name, seconds in found.most_common() if seconds}


def _inside(sheet: Timesheet, work: Work) -> int:
    by_day = shares(work.start, work.end, sheet.zone, work.seconds)
    return sum(seconds for day, seconds in by_day.items() if sheet.holds(day))


def _balance(days: Sequence[Weekday], today: date) -> int | None:
    """Seconds more, or fewer, than were due on the days that are over; None where that is not known."""
    over = [one for one in days if one.day < today]
    if any(one.target.seconds is None for one in over):
        return None
    return sum(one.seconds - (one.target.seconds or 0) for one in over)
