"""Periods as people name them, between two instants."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clockodo_mcp.domain.moments import (
    CALENDARS_END,
    DAY_HELP,
    NoSuchDay,
    Outside,
    day_start,
    is_day,
    local_day,
    parse_day,
    parse_moment,
    refuse_outside,
)
from clockodo_mcp.errors import Contradiction, Refusal, Refusals, Unreadable

HELP = (
    "write a period such as 'today', 'this_week', 'last_month', 'last_7_days', '2026-11-23', '2026-10', '2026-W41', "
    "'2026-Q3', '2026' or '2026-11-01..2026-11-15' (both included)."
)

OTHER_NAMES = {
    "diese_woche": "this_week",
    "letzte_woche": "last_week",
    "vorletzte_woche": "week_before_last",
    "the_week_before_last": "week_before_last",
    "dieser_monat": "this_month",
    "diesen_monat": "this_month",
    "letzter_monat": "last_month",
    "letzten_monat": "last_month",
    "dieses_quartal": "this_quarter",
    "letztes_quartal": "last_quarter",
    "dieses_jahr": "this_year",
    "letztes_jahr": "last_year",
    "morgen": "tomorrow",
}
"""What people call a period, and its name."""

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """A span of time: `start` included, `end` not, both aware and in UTC."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def last(self) -> datetime:
        """The last whole second inside: what Clockodo, which counts its `time_until` in, is asked for."""
        return self.end - SECOND

    @property
    def is_of_whole_days(self) -> bool:
        """Whether it begins and ends with local days."""
        first, final = local_day(self.start, self.zone), local_day(self.last, self.zone)
        return day_start(first, self.zone) == self.start and day_start(final + DAY, self.zone) == self.end

    @property
    def dates(self) -> str:
        """The local dates, with times only where the period does not follow whole days.

        A whole day reads `Mon 2026-11-23`, several read `Mon 2026-11-16 – Sun 2026-11-22`.
        """
        first, final = self.start.astimezone(self.zone), self.last.astimezone(self.zone)
        style = "%a %Y-%m-%d" if self.is_of_whole_days else "%a %Y-%m-%d %H:%M"
        return " – ".join(dict.fromkeys((first.strftime(style), final.strftime(style))))


def days(first: date, last: date, zone: ZoneInfo) -> Period:
    """Whole local days, both included; as far as the calendar goes."""
    return Period(day_start(first, zone), day_start(last + DAY, zone) if last < date.max else CALENDARS_END, zone)


def previous(period: Period) -> Period:
    """The period of the same kind that ends where this one begins.

    As many months where it is whole months, as many days where it is whole days, else as long.

    Raises:
        ValueError, OverflowError: it would begin before the calendar does.

    >>> previous(days(date(2026, 3, 1), date(2026, 3, 31), ZoneInfo("Europe/Berlin"))).dates
    'Sun 2026-02-01 – Sat 2026-02-28'
    """
    zone, first, after = period.zone, local_day(period.start, period.zone), local_day(period.end, period.zone)
    if (day_start(first, zone), day_start(after, zone)) != (period.start, period.end):
        return Period(period.start - (period.end - period.start), period.start, zone)
    if first.day == after.day == 1:
        months = 2 * (first.year * 12 + first.month - 1) - (after.year * 12 + after.month - 1)
        return days(date(months // 12, months % 12 + 1, 1), first - DAY, zone)
    return days(first - (after - first), first - DAY, zone)


def parse_period(text: str, *, zone: ZoneInfo, today: date, weekstart_monday: bool, argument: str = "period") -> Period:
    """A period by its name, in local days of `zone`.

    Weeks by name begin as the account says; `2026-W41` is an ISO week and begins on Monday.

    Raises:
        Unreadable: not a period.
        Contradiction: its end lies before its start.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> parse_period("last_week", zone=berlin, today=date(2026, 11, 23), weekstart_monday=True).dates
    'Mon 2026-11-16 – Sun 2026-11-22'
    """
    plain = text.strip()
    try:
        if ".." in plain:
            return _between(plain, zone=zone, today=today, argument=argument)
        first, last = (
            _named("_".join(plain.lower().split()), today, weekstart_monday)
            or (parse_day(plain, today=today, argument=argument),) * 2
        )
        if plain[:1].isdigit():
            for day in (first, last):
                refuse_outside(day, argument=argument, text=text)
        return days(first, last, zone)
    except (ValueError, OverflowError):
        raise Unreadable(HELP, argument=argument, value=text) from None
    except (Outside, NoSuchDay):
        raise
    except Refusal as error:
        if ".." in plain:
            raise
        raise Unreadable(HELP, argument=argument, value=text) from error


def _between(text: str, *, zone: ZoneInfo, today: date, argument: str) -> Period:
    a, _, b = (part.strip() for part in text.partition(".."))
    try:
        start = _edge(a, zone=zone, today=today, argument=argument)
        end = _edge(b, zone=zone, today=today, argument=argument, after=True, on=local_day(start, zone))
    except Refusal as error:
        raise Unreadable(error.why, argument=argument, value=text, choices=error.choices) from error
    if end <= start:
        raise Contradiction("the end lies before the start.", argument=argument, value=text)
    return Period(start, end, zone)


def parse_span(since: str, until: str, *, zone: ZoneInfo, today: date) -> Period:
    """A period by its two edges, days or moments, both included.

    Raises:
        Unreadable, Refusals: one is neither, or both are not.
        Contradiction: the end lies before the start.
    """
    edges: list[tuple[datetime, datetime]] = []
    wrong: list[Refusal] = []
    for argument, text in (("time_since", since), ("time_until", until)):
        on = local_day(edges[0][0], zone) if edges else None
        try:
            begin, after = (
                _edge(text, zone=zone, today=today, argument=argument, after=it, on=on) for it in (False, True)
            )
            edges.append((begin, after))
        except Refusal as error:
            wrong.append(error)
        except OverflowError:
            wrong.append(Unreadable(DAY_HELP, argument=argument, value=text))
    if wrong:
        raise wrong[0] if len(wrong) == 1 else Refusals(wrong)
    start, end = edges[0][0], edges[1][1]
    if end <= start:
        raise Contradiction("it lies before time_since.", argument="time_until", value=until)
    return Period(start, end, zone)


def _edge(
    text: str, *, zone: ZoneInfo, today: date, argument: str, after: bool = False, on: date | None = None
) -> datetime:
    plain = text.lower()
    if is_day(plain):
        day = parse_day(plain, today=today, argument=argument)
        return day_start(day + DAY if after else day, zone)
    moment = parse_moment(text, zone=zone, today=today, argument=argument, on=on)
    return moment + SECOND if after else moment


def _named(plain: str, today: date, weekstart_monday: bool) -> tuple[date, date] | None:
    """First and last day; None where the name is not one of these."""
    week = today - timedelta(days=(today.weekday() if weekstart_monday else (today.weekday() + 1) % 7))
    month, year = today.replace(day=1), today.year
    quarter = date(year, (today.month - 1) // 3 * 3 + 1, 1)
    names: dict[str, Callable[[], tuple[date, date]]] = {
        "this_week": lambda: (week, week + 6 * DAY),
        "last_week": lambda: (week - 7 * DAY, week - DAY),
        "week_before_last": lambda: (week - 14 * DAY, week - 8 * DAY),
        "this_month": lambda: (month, _month_after(month) - DAY),
        "last_month": lambda: ((month - DAY).replace(day=1), month - DAY),
        "this_quarter": lambda: (quarter, _month_after(quarter + timedelta(days=62)) - DAY),
        "last_quarter": lambda: ((quarter - timedelta(days=80)).replace(day=1), quarter - DAY),
        "this_year": lambda: (date(year, 1, 1), date(year, 12, 31)),
        "last_year": lambda: (date(year - 1, 1, 1), date(year - 1, 12, 31)),
    }
    if name := names.get(OTHER_NAMES.get(plain, plain)):
        return name()
    if match := re.fullmatch(r"(?:last|past|letzte)_([1-9]\d{0,3})_(?:days|tage)", plain):
        return today - (int(match[1]) - 1) * DAY, today
    if re.fullmatch(r"\d{4}", plain):
        return date(int(plain), 1, 1), date(int(plain), 12, 31)
    if match := re.fullmatch(r"(\d{4})-(\d{2})", plain):
        first = date(int(match[1]), int(match[2]), 1)
        return first, _month_after(first) - DAY
    if match := re.fullmatch(r"(\d{4})-w(\d{2})", plain):
        first = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return first, first + 6 * DAY
    if match := re.fullmatch(r"(\d{4})-q([1-4])", plain):
        first = date(int(match[1]), int(match[2]) * 3 - 2, 1)
        return first, _month_after(first + timedelta(days=62)) - DAY
    return None


def _month_after(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
