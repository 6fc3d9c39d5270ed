"""Timesheets: the rules over small weeks made by hand, their properties, and the tool against the sandbox."""
# ruff: noqa: E501 - rows of a table, and whole answers

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from mcp import Client
from mcp.types import CallToolResult

from clockodo_mcp.answers.refusals import call_of
from clockodo_mcp.api.models import (
    Budget,
    Entry,
    EntryGroup,
    LumpsumServiceEntry,
    LumpsumValue,
    Project,
    TimeEntry,
)
from clockodo_mcp.api.models.clock import Absence, NonbusinessDay, TargetHours
from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.domain.moments import WEEKDAYS, hours
from clockodo_mcp.domain.targets import Targets
from clockodo_mcp.domain.timesheet_rules import RULES, RuleFinding, check, chosen_rules
from clockodo_mcp.domain.working_days import Timesheet
from clockodo_mcp.domain.worktime import shares
from clockodo_mcp.errors import Refusal
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.seed import WORKER_KEY, WORKER_USER
from clockodo_mcp.server import build_server
from tests.conftest import NOW, Office, facts, office_of, said, settings

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 16)
AFTER = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""The Monday after, at ten in Berlin."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def at(words: str, monday: date = MONDAY) -> datetime:
    """`tue 09:00` as a moment; `-sun` is the Sunday before, `+mon` the Monday after."""
    day, clock = words.split()
    weeks = {"-": -1, "+": 1}.get(day[0], 0)
    local = monday + timedelta(weeks=weeks, days=DAYS.index(day.strip("+-")))
    return datetime.combine(local, time.fromisoformat(clock), tzinfo=BERLIN).astimezone(UTC)


def entry(id: int, words: str, *, monday: date = MONDAY, **fields: object) -> Entry:
    """`mon 09:00-12:00`, `mon 22:00-tue 02:00`, `mon 09:00-` (running), `mon 09:00 lump` or `mon 09:00 pieces`."""
    common = {"id": id, "customers_id": 1, "users_id": 101, "billable": 1, "text": "x", "texts_id": 1, **fields}
    if words.endswith(" lump"):
        start = at(words.removesuffix(" lump"), monday)
        return LumpsumValue.model_validate({**common, "time_since": start, "lumpsum": 5})
    if words.endswith(" pieces"):
        start = at(words.removesuffix(" pieces"), monday)
        fields = {"lumpsum_services_id": 601, "lumpsum_services_amount": 2}
        return LumpsumServiceEntry.model_validate({**common, "time_since": start, **fields})
    marker = words.index("-", 1)
    since, until = words[:marker], words[marker + 1 :]
    start = at(since, monday)
    end = at(until if " " in until else f"{since.split()[0]} {until}", monday) if until else None
    seconds = int((end - start).total_seconds()) if end else None
    return TimeEntry.model_validate({"time_since": start, "time_until": end, "duration": seconds, **common})


def week(
    *entries: str | Entry,
    monday: date = MONDAY,
    now: datetime = AFTER,
    hours: Sequence[float] = (),
    absences: Sequence[Absence] = (),
    holidays: Sequence[NonbusinessDay] = (),
    projects: Sequence[Project] = (),
    used: Sequence[EntryGroup] = (),
    lock: date | None = None,
    user: str = "",
) -> Timesheet:
    """A week from Monday to Sunday; entries have their place as id. Without `hours` no target is known."""
    rows = [one if not isinstance(one, str) else entry(n, one, monday=monday) for n, one in enumerate(entries, 1)]
    weekdays = dict(zip(WEEKDAYS, hours, strict=False))
    targets = [TargetHours(id=1, users_id=101, date_since=date(2020, 1, 1), **weekdays)] if hours else []
    return Timesheet(
        first=monday,
        last=monday + timedelta(days=6),
        zone=BERLIN,
        now=now,
        entries=rows,
        targets=Targets(targets, absences, {day: one for one in holidays if (day := one.on(monday.year))}),
        projects={one.id: one for one in projects},
        used={int(one.group): one for one in used},
        edit_lock=lock,
        user=user,
    )


def told(found: Sequence[RuleFinding]) -> list[str]:
    """`short Mon 1: 7:00 h, 8:00 h due: 1:00 h short.`"""
    return [f"{one.rule} {one.day:%a}{''.join(f' {id}' for id in one.entries)}: {one.says}" for one in found]


def away(first: str, last: str = "", **fields: object) -> Absence:
    """An approved vacation from a day of the week to another one."""
    since, until = (at(f"{day} 12:00").date() for day in (first, last or first))
    row = {"id": 1, "users_id": 101, "date_since": since, "date_until": until, "type": 1, "count_days": 1.0}
    return Absence.model_validate({**row, **fields})


def free(day: str, name: str = "Bußtag", **fields: object) -> NonbusinessDay:
    return NonbusinessDay.model_validate({"name": name, "evaluated_date": at(f"{day} 12:00").date(), **fields})


def project(**fields: object) -> Project:
    return Project.model_validate({"id": 7, "name": "Relaunch", "customers_id": 1, **fields})


def group(hours: float, revenue: float | None = None) -> EntryGroup:
    return EntryGroup(group="7", duration=round(hours * 3600), revenue=revenue)


EIGHT = (8.0, 0, 0, 0, 0, 0, 0)
"""Only the Monday has a target."""
FULL = (8.0,) * 5
ON_7: dict[str, Any] = {"projects_id": 7}
DAY_OFF = date(2026, 11, 22)
HALF_BREAK = ("mon 08:00-12:00", "mon 12:30-16:30")

WEEKS: list[tuple[str, Timesheet, list[str]]] = [
    ("nothing at all, no target", week(), []),
    ("a good day", week(*HALF_BREAK, hours=EIGHT), []),
    # missing and short
    ("a day is missing", week(hours=EIGHT), ["missing Mon: No hours, 8:00 h due."]),
    ("five are", week(hours=FULL), [f"missing {day}: No hours, 8:00 h due." for day in ("Mon", "Tue", "Wed", "Thu", "Fri")]),
    ("a lump sum is no work", week("mon 09:00 lump", hours=EIGHT), ["missing Mon: No hours, 8:00 h due."]),
    ("pieces are none either", week("mon 09:00 pieces", hours=EIGHT), ["missing Mon: No hours, 8:00 h due."]),
    ("a short day", week("mon 08:00-12:00", hours=EIGHT), ["short Mon 1: 4:00 h, 8:00 h due: 4:00 h short."]),
    ("a minute is short", week("mon 08:00-12:00", "mon 12:30-16:29", hours=EIGHT), ["short Mon 1 2: 7:59 h, 8:00 h due: 0:01 h short."]),
    ("less than a minute is not", week("mon 08:00-12:00", "mon 12:30-16:29:30", hours=EIGHT), []),
    ("what counts is the duration, not the span", week(entry(1, "mon 08:00-16:30", duration=7 * 3600), hours=EIGHT), ["short Mon 1: 7:00 h, 8:00 h due: 1:00 h short."]),
    ("today is not judged", week("mon 08:00-09:00", now=at("mon 10:00"), hours=FULL), []),
    ("yesterday is", week("tue 08:00-09:00", now=at("tue 10:00"), hours=FULL), ["missing Mon: No hours, 8:00 h due."]),
    ("the future is not", week(now=at("-mon 10:00"), hours=FULL), []),
    ("a whole holiday has no target", week(hours=EIGHT, holidays=[free("mon")]), []),
    ("half a holiday has half", week(hours=EIGHT, holidays=[free("mon", half_day=True)]), ["missing Mon: No hours, 4:00 h due on half a holiday."]),
    ("vacation has none", week(hours=EIGHT, absences=[away("mon")]), []),
    ("half a day of vacation has half", week("mon 08:00-11:00", hours=EIGHT, absences=[away("mon", count_days=0.5)]), ["short Mon 1: 3:00 h, 4:00 h due beside an absence: 1:00 h short."]),
    ("two half ones make a whole", week(hours=EIGHT, absences=[away("mon", count_days=0.5), away("mon", id=2, type=4, count_days=0.5)]), []),
    ("a week of half days", week(hours=FULL, absences=[away("mon", "fri", count_days=2.5)]), [f"missing {day}: No hours, 4:00 h due beside an absence." for day in ("Mon", "Tue", "Wed", "Thu", "Fri")]),
    ("a week off over a holiday", week(hours=FULL, absences=[away("mon", "fri", count_days=4)], holidays=[free("wed")]), []),
    ("half a day off on half a holiday", week(hours=EIGHT, absences=[away("mon", count_days=0.5)], holidays=[free("mon", half_day=True)]), []),
    ("home office is work", week(hours=EIGHT, absences=[away("mon", type=8)]), ["missing Mon: No hours, 8:00 h due."]),
    ("beside an absence of a hidden kind nothing is known", week(hours=EIGHT, absences=[away("mon", type=None)]), []),
    ("what is asked for does not, and is told", week(hours=EIGHT, absences=[away("mon", status=0)]), ["missing Mon: No hours, 8:00 h due. An absence is asked for, and not approved."]),
    ("what was declined is not told", week(hours=EIGHT, absences=[away("mon", status=2)]), ["missing Mon: No hours, 8:00 h due."]),
    ("two hours of overtime taken off", week("mon 08:00-12:00", hours=EIGHT, absences=[away("mon", type=3, count_days=None, count_hours=2)]), ["short Mon 1: 4:00 h, 6:00 h due beside an absence: 2:00 h short."]),
    ("overtime taken off for days", week(hours=EIGHT, absences=[away("mon", "tue", type=3, count_days=None, count_hours=8)]), []),
    # overlaps
    ("two share an hour", week("mon 09:00-11:00", "mon 10:00-12:00"), ["overlap Mon 1 2: 09:00–11:00 and 10:00–12:00 share 1:00 h."]),
    ("one inside another", week("mon 09:00-12:00", "mon 10:00-11:00"), ["overlap Mon 1 2: 09:00–12:00 and 10:00–11:00 share 1:00 h."]),
    ("the same twice", week("mon 09:00-10:00", "mon 09:00-10:00"), ["overlap Mon 1 2: 09:00–10:00 and 09:00–10:00 share 1:00 h."]),
    ("a long one and two in it", week("mon 09:00-12:00", "mon 09:30-10:00", "mon 11:00-11:30"), ["overlap Mon 1 2: 09:00–12:00 and 09:30–10:00 share 0:30 h.", "overlap Mon 1 3: 09:00–12:00 and 11:00–11:30 share 0:30 h."]),
    ("touching is none", week("mon 09:00-10:00", "mon 10:00-11:00"), []),
    ("a second is none", week("mon 09:00-10:00:01", "mon 10:00-11:00"), []),
    ("the evening before reaches in", week("-sun 22:00-mon 00:30", "mon 00:00-01:00"), ["overlap Mon 1 2: 22:00–00:30 and 00:00–01:00 share 0:30 h."]),
    ("a lump sum overlaps nothing", week("mon 09:00-10:00", "mon 09:30 lump"), []),
    ("a running one does", week("mon 09:00-", "mon 10:00-11:00", now=at("mon 12:00")), ["overlap Mon 1 2: 09:00–running and 10:00–11:00 share 1:00 h."]),
    # gaps
    ("a gap", week("mon 09:00-10:00", "mon 11:30-12:00"), ["gap Mon 1 2: Nothing from 10:00 to 11:30, 1:30 h."]),
    ("an hour is a lunch", week("mon 09:00-10:00", "mon 11:00-12:00"), []),
    ("a night is no gap", week("mon 09:00-10:00", "tue 09:00-10:00"), []),
    ("what overlaps leaves no gap", week("mon 09:00-14:00", "mon 09:00-10:00", "mon 13:00-14:30"), ["overlap Mon 1 2: 09:00–14:00 and 09:00–10:00 share 1:00 h.", "overlap Mon 1 3: 09:00–14:00 and 13:00–14:30 share 1:00 h."]),
    # texts and clocks
    ("no text", week(entry(1, "mon 09:00-10:00", text=None, texts_id=None)), ["text Mon 1: No text: 09:00–10:00."]),
    ("blank is none", week(entry(1, "mon 09:00-10:00", text=" ", texts_id=None)), ["text Mon 1: No text: 09:00–10:00."]),
    ("a lump sum without", week(entry(1, "mon 09:00 lump", text=None, texts_id=None)), ["text Mon 1: No text: the lump sum at 09:00."]),
    ("a text that was not told is one", week(entry(1, "mon 09:00-10:00", text=None)), []),
    ("a clock for 13 hours", week("mon 09:00-", now=at("mon 22:00")), ["clock Mon 1: The clock runs since 09:00, 13:00 h so far, in no hours here."]),
    ("a clock for 12", week("mon 09:00-", now=at("mon 21:00")), ["long_day Mon 1: 12:00 h of work, at most 10:00 h.", "break Mon 1: 12:00 h of work with 0:00 h of break, 0:45 h due."]),
    ("the day of a forgotten clock is not short", week("mon 08:00-09:00", "mon 09:00-", hours=EIGHT), ["clock Mon 2: The clock runs since 09:00, 169:00 h so far, in no hours here."]),
    # Sundays, holidays, long days
    ("a Sunday", week("sun 10:00-12:00"), ["sunday Sun 1: 2:00 h on a Sunday."]),
    ("Saturday's night reaches into it", week("sat 23:00-sun 01:00"), ["sunday Sun 1: 1:00 h on a Sunday."]),
    ("until midnight it does not", week("sat 20:00-sun 00:00"), []),
    ("a lump sum on a Sunday", week("sun 10:00 lump"), []),
    ("a holiday, by its name", week("mon 10:00-12:00", holidays=[free("mon", "Buß|tag")]), ["holiday Mon 1: 2:00 h on a public holiday: Buß\\|tag."]),
    ("half a holiday is none", week("mon 10:00-12:00", holidays=[free("mon", half_day=True)]), []),
    ("a holiday on a Sunday", week("sun 10:00-12:00", holidays=[free("sun", "Neujahr")]), ["sunday Sun 1: 2:00 h on a Sunday.", "holiday Sun 1: 2:00 h on a public holiday: Neujahr."]),
    ("eleven hours", week("mon 07:00-13:00", "mon 13:45-18:45"), ["long_day Mon 1 2: 11:00 h of work, at most 10:00 h."]),
    ("ten are allowed", week("mon 07:00-13:00", "mon 13:45-17:45"), []),
    ("what overlaps is worked once", week("mon 08:00-12:00", "mon 08:00-12:00", "mon 13:00-16:00"), ["overlap Mon 1 2: 08:00–12:00 and 08:00–12:00 share 4:00 h."]),
    ("over midnight both days have their share", week("mon 14:00-19:00", "mon 20:00-tue 01:00", "tue 14:00-16:00"), []),
    ("a rest is no gap", week("mon 00:10-04:10", "mon 22:00-23:00"), []),
    # the breaks of a day
    ("seven hours without", week("mon 08:00-15:00"), ["break Mon 1: 7:00 h of work with 0:00 h of break, 0:30 h due."]),
    ("what ends at midnight is no break of the next day", week("mon 18:00-tue 00:00", "tue 11:00-18:00"), ["break Tue 2: 7:00 h of work with 0:00 h of break, 0:30 h due."]),
    ("six hours need none", week("mon 08:00-14:00"), []),
    ("twenty minutes are too few", week("mon 08:00-12:00", "mon 12:20-16:20"), ["break Mon 1 2: 8:00 h of work with 0:20 h of break, 0:30 h due."]),
    ("ten minutes are no break", week("mon 08:00-11:00", "mon 11:10-13:00", "mon 13:25-17:00"), ["break Mon 1 2 3: 8:25 h of work with 0:25 h of break, 0:30 h due."]),
    ("two quarters of an hour are enough", week("mon 08:00-11:00", "mon 11:15-13:00", "mon 13:15-17:00"), []),
    ("half an hour after nine is not", week("mon 08:00-13:00", "mon 13:30-18:00"), ["break Mon 1 2: 9:30 h of work with 0:30 h of break, 0:45 h due."]),
    ("a break taken off the entry counts", week(entry(1, "mon 08:00-16:30", duration=8 * 3600)), []),
    ("a break that comes too late", week("mon 08:00-14:30", "mon 15:00-16:00"), ["break Mon 1: 08:00–14:30: 6:30 h in a row without a break, at most 6:00 h."]),
    ("a night in a row", week("mon 22:00-tue 05:00"), ["break Mon 1: 22:00–05:00: 7:00 h in a row without a break, at most 6:00 h."]),
    ("a pause in one is work in the other", week(entry(1, "mon 08:00-16:00", duration=7 * 3600), "mon 09:00-14:00"), ["overlap Mon 1 2: 08:00–16:00 and 09:00–14:00 share 5:00 h."]),
    ("an overlap is no break", week("mon 08:00-12:00", "mon 11:00-15:00"), ["overlap Mon 1 2: 08:00–12:00 and 11:00–15:00 share 1:00 h.", "break Mon 1 2: 7:00 h of work with 0:00 h of break, 0:30 h due."]),
    # rests
    ("nine hours of rest", week("mon 18:00-22:00", "tue 07:00-09:00"), ["rest Tue 1 2: 9:00 h of rest between Mon 22:00 and Tue 07:00, 11:00 h due."]),
    ("eleven are enough", week("mon 18:00-20:00", "tue 07:00-09:00"), []),
    ("since the Sunday before", week("-sun 18:00-22:00", "mon 07:00-09:00"), ["rest Mon 1 2: 9:00 h of rest between Sun 22:00 and Mon 07:00, 11:00 h due."]),
    ("after midnight the evening goes on", week("mon 21:00-23:30", "tue 00:15-01:00", "tue 13:00-14:00"), []),
    ("and the rest begins when it ends", week("mon 21:00-tue 01:00", "tue 09:00-10:00"), ["gap Tue 1 2: Nothing from 01:00 to 09:00, 8:00 h.", "rest Tue 1 2: 8:00 h of rest between Tue 01:00 and Tue 09:00, 11:00 h due."]),
    ("a day between is rest", week("mon 18:00-22:00", "wed 06:00-07:00"), []),
    # projects and the lock
    ("over its hours", week(entry(1, "mon 09:00-10:00", **ON_7), projects=[project(budget=Budget(amount=300))], used=[group(310.5)]), ["budget Mon 1: Relaunch (project 7): 310:30 h of 300:00 h used."]),
    ("within its hours", week(entry(1, "mon 09:00-10:00", **ON_7), projects=[project(budget=Budget(amount=300))], used=[group(300)]), []),
    ("over its money", week(entry(1, "mon 09:00-10:00", **ON_7), projects=[project(budget=Budget(amount=2000, monetary=True))], used=[group(1, 2000.01)]), ["budget Mon 1: Relaunch (project 7): 2,000.01 of 2,000.00 used."]),
    ("money that nobody sees", week(entry(1, "mon 09:00-10:00", **ON_7), projects=[project(budget=Budget(amount=20, monetary=True))], used=[group(1)]), []),
    ("a budget of every month", week(entry(1, "mon 09:00-10:00", **ON_7), projects=[project(budget=Budget(amount=1, interval=1))], used=[group(9)]), []),
    ("a completed project", week(entry(1, "mon 09:00-10:00", **ON_7), entry(2, "tue 09:00 lump", **ON_7), projects=[project(completed=True, name="A`b")]), ["completed Tue 1 2: A'b (project 7) is completed."]),
    ("behind the lock", week("mon 09:00-10:00", "tue 09:00-10:00", "wed 09:00-10:00", lock=date(2026, 11, 17)), ["locked Tue 1 2: 2 entries up to the edit lock of 2026-11-17 cannot be changed any more."]),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "expected"), [pytest.param(*rest, id=name) for name, *rest in WEEKS])
def test_a_week_has_these_findings_and_no_others(sheet: Timesheet, expected: list[str]) -> None:
    """ArbZG §3 to §5 and §9 for working time; all else is ours."""
    assert told(check(sheet, RULES)) == expected


@pytest.mark.parametrize(
    ("sheet", "call"),
    [
        (week(hours=EIGHT), "create_time_entry with time_since='2026-11-16', duration='8:00', project and text"),
        (week(hours=EIGHT, user="102"), "create_time_entry with time_since='2026-11-16', duration='8:00', user='102', project and text"),
        (week("mon 08:00-15:15", hours=EIGHT), "create_time_entry with time_since='2026-11-16', duration='0:45', project and text"),
        (week("mon 09:00-11:00", "mon 10:00-12:00"), "update_entry with id=2, time_since='2026-11-16T11:00'"),
        (week("mon 09:00-12:00", "mon 10:00-11:00"), "update_entry with id=2, time_since and time_until"),
        (week("mon 09:00-10:00", "mon 11:30-12:00"), "create_time_entry with time_since='2026-11-16T10:00', time_until='2026-11-16T11:30', project and text"),
        (week(entry(1, "mon 09:00-10:00", text=None, texts_id=None)), "update_entry with id=1 and text"),
        (week("mon 09:00-", now=at("mon 22:00")), "stop_clock with time_until"),
        (week("mon 09:00-", now=at("mon 22:00"), user="102"), "update_entry with id=1 and time_until"),
        (week(hours=EIGHT, lock=MONDAY), ""),
        (week("mon 07:00-13:00", "mon 13:45-18:45"), ""),
        (week("mon 18:00-22:00", "tue 07:00-09:00"), ""),
    ],
)  # fmt: skip
def test_a_finding_has_the_call_that_mends_it_unless_the_day_is_locked_or_the_law_was_broken(
    sheet: Timesheet, call: str
) -> None:
    """Ours: a record of what was worked against the law is not mended by changing it."""
    found = check(sheet, RULES)[0].call
    assert (call_of(found) if found else "") == call


def test_a_clock_change_neither_lengthens_nor_shortens_a_rest_or_a_night() -> None:
    """In the night to Sunday 2026-10-25 an hour comes twice, on 2026-03-29 one is left out."""
    autumn = week("sat 18:00-22:00", "sun 08:00-09:00", "sun 20:30-20:45", monday=date(2026, 10, 19), now=NOW)
    assert told(check(autumn, ["rest"])) == []
    spring = week("sat 18:00-22:00", "sun 09:00-10:00", monday=date(2026, 3, 23), now=NOW)
    assert told(check(spring, ["rest"])) == [
        "rest Sun 1 2: 10:00 h of rest between Sat 22:00 and Sun 09:00, 11:00 h due."
    ]
    night = week("sat 23:00-sun 05:00", monday=date(2026, 10, 19), now=NOW)
    assert told(check(night, ["break", "sunday"])) == [
        "break Sat 1: 23:00–05:00: 7:00 h in a row without a break, at most 6:00 h.",
        "sunday Sun 1: 6:00 h on a Sunday.",
    ]


def test_a_time_that_comes_twice_is_offered_with_its_offset() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC)
    common = {"customers_id": 1, "users_id": 101, "billable": 1, "texts_id": 1}
    entries = [
        TimeEntry.model_validate({"id": 1, "time_since": first - timedelta(hours=1), "time_until": first, **common}),
        TimeEntry.model_validate({"id": 2, "time_since": second, "time_until": second + timedelta(hours=1), **common}),
    ]
    [gap] = check(week(*entries, monday=date(2026, 10, 19), now=NOW), ["gap"])
    assert gap.call is not None
    assert gap.call.arguments == {"time_since": "2026-10-25T02:30+02:00", "time_until": "2026-10-25T03:00"}


def test_a_gap_between_seconds_is_offered_in_whole_minutes() -> None:
    begins = datetime(2026, 11, 23, 8, tzinfo=UTC)
    common = {"customers_id": 1, "users_id": 101, "billable": 1, "texts_id": 1}
    ends, again = begins + timedelta(minutes=30, seconds=1), begins + timedelta(hours=3, seconds=37)
    entries = [
        TimeEntry.model_validate({"id": 1, "time_since": begins, "time_until": ends, **common}),
        TimeEntry.model_validate({"id": 2, "time_since": again, "time_until": again + timedelta(hours=1), **common}),
    ]
    [gap] = check(week(*entries, monday=date(2026, 11, 23), now=NOW), ["gap"])
    assert gap.call is not None
    assert gap.call.arguments == {"time_since": "2026-11-23T09:31", "time_until": "2026-11-23T12:00"}


def test_targets_hold_from_a_day_to_a_day_and_those_of_a_month_name_no_day() -> None:
    until, since = date(2026, 11, 17), date(2026, 11, 18)
    rows = [
        TargetHours(id=1, users_id=101, date_since=date(2026, 11, 17), date_until=until, tuesday=4),
        TargetHours(id=2, users_id=101, date_since=since, type="monthly"),
    ]
    targets = Targets(rows, [], {})
    assert [targets.of(MONDAY + timedelta(days=n)).seconds for n in range(3)] == [0, 4 * 3600, None]
    assert Targets([], [], {}).of(MONDAY).seconds is None


def test_rules_are_named_or_turned_off() -> None:
    assert chosen_rules([]) == tuple(RULES)
    assert chosen_rules(["Long day", "rest"]) == ("long_day", "rest")
    assert chosen_rules(["-rest", "-gap"]) == tuple(rule for rule in RULES if rule not in ("rest", "gap"))
    assert chosen_rules(["rest", "gap", "-gap"]) == ("rest",)
    for words in (["brake"], ["rest", "brake"], ["rest", "-rest"]):
        with pytest.raises(Refusal, match="The rules are missing, short"):
            chosen_rules(words)


def test_every_rule_says_what_it_looks_for_and_can_be_turned_off() -> None:
    assert all(rule.looks_for for rule in RULES.values())
    for _, sheet, _ in WEEKS:
        every = check(sheet, RULES)
        for rule in {one.rule for one in every}:
            assert check(sheet, chosen_rules([f"-{rule}"])) == [one for one in every if one.rule != rule]


# Properties

ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "UTC", "Asia/Kathmandu", "Australia/Lord_Howe")]
)
MOMENTS = st.datetimes(datetime.fromisoformat("2026-10-15"), datetime.fromisoformat("2026-11-05")).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
SPANS = st.integers(0, 30 * 3600)


@pytest.mark.slow
@given(MOMENTS, st.integers(0, 5 * 86_400), ZONES)
def test_shares_over_midnight_add_up_to_the_second(start: datetime, span: int, zone: ZoneInfo) -> None:
    found = shares(start, start + timedelta(seconds=span), zone)
    assert sum(found.values()) == span
    assert list(found) == sorted(found)
    assert all(0 < seconds <= 25 * 3600 for seconds in found.values())


@given(MOMENTS, st.integers(0, 86_400), SPANS, ZONES)
def test_so_do_those_of_a_duration_that_is_not_the_span(
    start: datetime, span: int, seconds: int, zone: ZoneInfo
) -> None:
    assert sum(shares(start, start + timedelta(seconds=span), zone, seconds).values()) == seconds


@st.composite
def any_entry(draw: st.DrawFn) -> Entry:
    start, kind = draw(MOMENTS), draw(st.sampled_from(["time", "time", "time", "running", "lump"]))
    common = {
        "id": draw(st.integers(1, 99)), "customers_id": 1, "users_id": 101, "billable": 1, "time_since": start,
        "projects_id": draw(st.sampled_from([None, 7, 8])), "text": draw(st.sampled_from([None, "", "a | b"])),
    }  # fmt: skip
    if kind == "lump":
        return LumpsumValue.model_validate({**common, "lumpsum": 1.0})
    if kind == "running":
        return TimeEntry.model_validate(common)
    end = start + timedelta(seconds=draw(SPANS))
    return TimeEntry.model_validate({**common, "time_until": end, "duration": draw(st.none() | SPANS)})


@pytest.mark.slow
@examples(deadline=None)
@given(st.lists(any_entry(), max_size=12), ZONES, MOMENTS, st.integers(0, 14), st.none() | st.just(date(2026, 10, 27)))
def test_no_rule_stumbles_over_any_entries_and_every_finding_lies_in_the_period(
    entries: list[Entry], zone: ZoneInfo, now: datetime, length: int, lock: date | None
) -> None:
    first = date(2026, 10, 19)
    hours = dict.fromkeys(WEEKDAYS[:5], 8.0)
    sheet = Timesheet(
        first=first,
        last=first + timedelta(days=length),
        zone=zone,
        now=now,
        entries=entries,
        targets=Targets([TargetHours(id=1, users_id=101, date_since=date(2020, 1, 1), **hours)], [], {}),
        projects={7: project(budget=Budget(amount=1), completed=True)},
        used={7: group(2)},
        edit_lock=lock,
    )
    found = check(sheet, RULES)
    ids = {one.id for one in entries}
    assert found == sorted(found, key=lambda one: (one.day, list(RULES).index(one.rule), one.entries))
    for one in found:
        assert sheet.holds(one.day)
        assert ids.issuperset(one.entries)
        assert "\n" not in one.says + (call_of(one.call) if one.call else "")
    assert sum(sheet.worked.values()) == sum(one.seconds for one in sheet.works)
    assert all(0 <= seconds <= sheet.worked[day] for day, seconds in sheet.present.items())


@examples(deadline=None)
@given(st.integers(6 * 60 + 1, 12 * 60), st.integers(45, 120), st.integers(0, 9 * 60))
def test_a_sufficient_break_in_the_middle_takes_the_finding_away(minutes: int, pause: int, begin: int) -> None:
    start = datetime(2026, 11, 16, tzinfo=BERLIN).astimezone(UTC) + timedelta(minutes=begin)
    half = start + timedelta(minutes=minutes // 2)
    later = half + timedelta(minutes=pause)
    common = {"customers_id": 1, "users_id": 101, "billable": 1}

    def work(id: int, since: datetime, until: datetime) -> TimeEntry:
        return TimeEntry.model_validate({"id": id, "time_since": since, "time_until": until, **common})

    whole = week(work(1, start, start + timedelta(minutes=minutes)))
    assert [one.rule for one in check(whole, ["break"])] == ["break"]
    split = week(work(1, start, half), work(2, later, later + timedelta(minutes=minutes - minutes // 2)))
    assert check(split, ["break"]) == []


# The tool


@asynccontextmanager
async def refusing(store: Store, *faults: dict[str, object]) -> AsyncIterator[Client]:
    """An assistant whose sandbox answers as the faults say."""
    app = create_app(store, now=lambda: NOW, faults=True)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as control:
        armed = await control.post("/_sandbox/faults", json={"faults": faults})
        assert armed.status_code == 200, armed.text
    server = build_server(settings(), transport=transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        yield assistant


MARA, JONAS = 101, 102
RELAUNCH, KASSE = 2001, 2004


def add(store: Store, since: str, until: str | None, user: int = MARA, **fields: object) -> int:
    """An entry of the sandbox, its moments local to Berlin."""
    start, end = (
        datetime.fromisoformat(one).replace(tzinfo=BERLIN).astimezone(UTC) if one else None for one in (since, until)
    )
    assert start is not None
    row = {
        "users_id": user, "customers_id": 1001, "services_id": 501, "time_since": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "time_until": f"{end:%Y-%m-%dT%H:%M:%SZ}" if end else None,
        "duration": int((end - start).total_seconds()) if end else None, "text": "x",
    }  # fmt: skip
    return store.add_entry(**{**row, **fields})  # type: ignore[arg-type]


def rules_found(result: CallToolResult) -> dict[str, int]:
    found = facts(result)["by_rule"]
    assert isinstance(found, dict)
    return found


def paths(office: Office) -> list[str]:
    return [one.path.removeprefix("/api") for one in office.seen]


@pytest.mark.anyio
async def test_the_sample_week_reads_like_this(office: Office) -> None:
    """Mara had half a day off on Friday: 36 hours are due."""
    result = await office.call("check_timesheet")
    assert (
        said(result)
        == """\
Mon 2026-11-16 – Sun 2026-11-22 (Europe/Berlin): 37:00 h of 36:00 h due; 4 findings: short 1, gap 2, text 1.

| day | rule | finding | entries | to mend |
| --- | --- | --- | --- | --- |
| Mon 2026-11-16 | text | No text: 10:00–11:15. | 90 | update_entry with id=90 and text |
| Thu 2026-11-19 | short | 7:00 h, 8:00 h due: 1:00 h short. | 50, 51, 52, 53, 54 |  |
| Thu 2026-11-19 | gap | Nothing from 10:00 to 11:15, 1:15 h. | 50, 51 | create_time_entry with time_since='2026-11-19T10:00', time_until='2026-11-19T11:15', project and text |
| Fri 2026-11-20 | gap | Nothing from 11:15 to 15:00, 3:45 h. | 39, 40 | create_time_entry with time_since='2026-11-20T11:15', time_until='2026-11-20T15:00', project and text |

gap: more than 1:00 h, longer than any break that the law asks for."""
    )
    card = facts(result)
    assert (card["worked_seconds"], card["target_seconds"], card["due_seconds"]) == (133_200, 129_600, 129_600)
    assert card["rows"][0] == {  # type: ignore[index]
        "day": "2026-11-16", "rule": "text", "says": "No text: 10:00–11:15.", "entries": [90],
        "call": "update_entry with id=90 and text",
    }  # fmt: skip


@pytest.mark.anyio
async def test_everything_is_fetched_at_once_and_budgets_in_one_more_request(office: Office) -> None:
    await office.call("check_timesheet")
    seen = paths(office)
    days = ["/targethours", "/v2/entries", "/v2/usersNonbusinessDays", "/v4/absences", "/v4/projects"]
    assert (seen[0], sorted(seen[1:6]), seen[6:]) == ("/v4/users/me", days, ["/v2/entrygroups"])
    office.seen.clear()
    await office.call("check_timesheet", rules="rest, break")
    assert paths(office) == ["/v2/entries"]


@pytest.mark.anyio
async def test_without_a_budget_nothing_is_added_up(store: Store) -> None:
    add(store, "2026-08-03T08:00", "2026-08-03T12:00", projects_id=2002)
    async with office_of(store) as office:
        assert rules_found(await office.call("check_timesheet", period="2026-08-03")) == {"short": 1}
        assert "/v4/projects" in paths(office)
        assert "/v2/entrygroups" not in paths(office)


@pytest.mark.anyio
async def test_the_calls_that_are_offered_mend_what_was_found(office: Office) -> None:
    """Both as the answer says them, with what only the person knows."""
    await office.call("update_entry", id=90, text="Abstimmung")
    made = await office.call(
        "create_time_entry", time_since="2026-11-19", duration="1:00", project=str(RELAUNCH), text="x", service="501"
    )
    assert not made.is_error
    assert rules_found(await office.call("check_timesheet", rules=["short", "text"])) == {}


@pytest.mark.anyio
async def test_vacation_and_sick_days_are_not_missing_and_days_without_a_reason_are(office: Office) -> None:
    result = await office.call("check_timesheet", period="2026-09-28..2026-10-04")
    assert rules_found(result) == {"missing": 2}
    rows = facts(result)["rows"]
    assert isinstance(rows, list)
    assert [one["day"] for one in rows] == ["2026-10-01", "2026-10-02"]
    assert "0:00 h of 16:00 h due" in said(result)


@pytest.mark.anyio
async def test_a_week_that_is_not_over_says_how_far_it_is(office: Office) -> None:
    result = await office.call("check_timesheet", period="this_week")
    assert "18:45 h of 40:00 h due; 3 findings: short 2, text 1." in said(result)
    assert "Until yesterday 16:00 h were due. Today so far 4:15 h of 8:00 h." in said(result)
    assert "Running: entry 1 since 15:38, 0:52 h so far, in no total." in said(result)


@pytest.mark.anyio
async def test_a_week_in_the_future_has_a_target_and_no_findings(office: Office) -> None:
    result = await office.call("check_timesheet", period="2026-11-30..2026-12-06")
    assert "0:00 h of 40:00 h due; no findings. Until yesterday 0:00 h were due." in said(result)


@pytest.mark.anyio
async def test_christmas_and_new_year_take_the_holidays_and_absences_of_both_years(store: Store) -> None:
    """25 December is a Friday, 1 January too; the vacation of Mara, approved here, goes until the 24th."""
    store.add_absence(MARA, "2026-12-30", "2027-01-04", count_days=3.0)
    add(store, "2026-12-25T10:00", "2026-12-25T12:00")
    add(store, "2027-01-01T10:00", "2027-01-01T12:00")
    async with office_of(store, now=lambda: datetime(2027, 1, 11, 9, tzinfo=UTC)) as office:
        result = await office.call("check_timesheet", period="2026-12-24..2027-01-05", rules=["-short"])
    rows = facts(result)["rows"]
    assert isinstance(rows, list)
    assert [(one["day"], one["rule"]) for one in rows] == [
        ("2026-12-24", "missing"), ("2026-12-25", "holiday"), ("2026-12-28", "missing"), ("2026-12-29", "missing"),
        ("2027-01-01", "holiday"), ("2027-01-05", "missing"),
    ]  # fmt: skip
    assert "An absence is asked for, and not approved." in rows[0]["says"]
    assert "1. Weihnachtstag" in rows[1]["says"]
    assert "Neujahr" in rows[4]["says"]
    years = [one.query for one in office.seen if one.path.endswith(("absences", "usersNonbusinessDays"))]
    assert sorted(query.count("2026") - query.count("2027") for query in years) == [-1, -1, 1, 1]


@pytest.mark.anyio
async def test_the_week_of_a_clock_change_counts_elapsed_hours(store: Store) -> None:
    add(store, "2026-03-28T18:00", "2026-03-28T22:00")
    add(store, "2026-03-29T09:00", "2026-03-29T10:00")
    async with office_of(store) as office:
        result = await office.call("check_timesheet", period="2026-W13", rules=["rest", "sunday"])
    assert "| Sun 2026-03-29 | rest (ArbZG §5) | 10:00 h of rest between Sat 22:00 and Sun 09:00" in said(result)
    assert rules_found(result) == {"sunday": 1, "rest": 1}


@pytest.mark.anyio
async def test_the_evening_before_the_period_counts(store: Store) -> None:
    add(store, "2026-08-02T20:00", "2026-08-03T01:00")
    add(store, "2026-08-03T06:00", "2026-08-03T07:00")
    async with office_of(store) as office:
        result = await office.call("check_timesheet", period="2026-08-03", rules=["rest", "sunday"])
    assert "5:00 h of rest between Mon 01:00 and Mon 06:00" in said(result)
    assert "2:00 h; 1 finding: rest 1." in said(result)


@pytest.mark.anyio
async def test_a_worker_sees_what_is_not_checked_and_why(store: Store) -> None:
    add(store, "2026-11-18T10:00", "2026-11-18T12:00", JONAS, projects_id=RELAUNCH)
    async with office_of(store, account=settings(user=WORKER_USER, key=WORKER_KEY)) as office:
        own = await office.call("check_timesheet")
        assert "of 18:00 h due" in said(own)
        assert facts(own)["not_checked"] == [
            {"rules": ["budget"], "why": "revenue is not visible to this key, so budgets in money are left out"},
            {"rules": ["budget"], "why": "only entries that this key sees were added up, so more may be used"},
        ]
        other = await office.call("check_timesheet", user=str(MARA))
    assert f"user='{MARA}': no user has this name, number or id. There are: Jonas Wolf (id {JONAS})." in said(other)


@pytest.mark.parametrize(("kind", "due"), [(None, None), (8, 28_800), (1, 0)])
def test_beside_an_absence_whose_kind_is_hidden_nobody_knows_what_is_due(kind: int | None, due: int | None) -> None:
    """Home office and the like are work, and hide no missing hours; what is hidden may be either."""
    assert week(hours=EIGHT, absences=[away("mon", type=kind)]).targets.of(MONDAY).seconds == due


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "status", "rules", "source"),
    [
        ("/api/targethours", 403, ["missing", "short"], "target hours"),
        ("/api/v4/absences", 403, ["missing", "short"], "absences"),
        ("/api/v2/usersNonbusinessDays", 404, ["missing", "short", "holiday"], "public holidays"),
        ("/api/v4/projects", 403, ["budget", "completed"], "projects"),
        ("/api/v2/entrygroups", 403, ["budget"], "budget use"),
        ("/api/v4/absences", 410, ["missing", "short"], "absences"),
    ],
)
async def test_what_a_key_may_not_see_is_not_checked_and_the_rest_is(
    store: Store, path: str, status: int, rules: list[str], source: str
) -> None:
    """A missing day is not told from vacation where absences are unknown, so neither rule looks."""
    fault = {"kind": "status", "path": path, "nth": 0, "status": status, "body": {}}
    async with refusing(store, fault) as assistant:
        result = await assistant.call_tool("check_timesheet", {})
    why = f"{source}: {'this key may not see them; ' if status != 410 else ''}Clockodo answered {status}"
    assert {"rules": rules, "why": why} in facts(result)["not_checked"]  # type: ignore[operator]
    assert f"Not checked: {', '.join(rules)} ({why})." in said(result)
    assert rules_found(result) == ({"gap": 2, "text": 1} if "short" in rules else {"short": 1, "gap": 2, "text": 1})


@pytest.mark.anyio
async def test_entries_that_nobody_may_see_are_an_error(store: Store) -> None:
    async with refusing(
        store, {"kind": "status", "path": "/api/v2/entries", "nth": 0, "status": 403, "body": {}}
    ) as it:
        result = await it.call_tool("check_timesheet", {})
    assert result.is_error
    assert "403" in said(result)


@pytest.mark.anyio
async def test_budgets_are_held_against_the_whole_life_of_a_project(store: Store) -> None:
    """Kassensystem has 300 hours, used by others and years ago, too."""
    one = add(store, "2026-11-18T16:00", "2026-11-18T16:30", projects_id=KASSE, customers_id=1002)
    for day in range(1, 28):
        add(store, f"2019-02-{day:02}T08:00", f"2019-02-{day:02}T20:00", JONAS, projects_id=KASSE, customers_id=1002)
    async with office_of(store) as office:
        result = await office.call("check_timesheet", rules=["budget"])
    rows = facts(result)["rows"]
    assert isinstance(rows, list)
    [row] = rows
    mine = [
        e["id"]
        for e in store.entries()
        if e["projects_id"] == KASSE and "2026-11-15T23" <= e["time_since"] < "2026-11-22T23" and e["users_id"] == MARA
    ]
    assert one in mine
    assert sorted(row["entries"]) == mine
    total = sum(e["duration"] or 0 for e in store.entries() if e["projects_id"] == KASSE)
    assert row["says"] == f"Kassensystem (project {KASSE}): {hours(total)} h of 300:00 h used."
    assert [one.path for one in office.seen].count("/api/v2/entrygroups") == 1


@pytest.mark.anyio
async def test_behind_the_edit_lock_nothing_is_offered(store: Store) -> None:
    store.update("users", MARA, {"edit_lock": "2026-11-19"})
    async with office_of(store) as office:
        result = await office.call("check_timesheet")
    rows = facts(result)["rows"]
    assert isinstance(rows, list)
    assert {one["day"] for one in rows if "call" in one} == {"2026-11-20"}
    [locked] = [one for one in rows if one["rule"] == "locked"]
    assert "23 entries up to the edit lock of 2026-11-19 cannot be changed any more." in locked["says"]
    assert f"{', '.join(map(str, locked['entries'][:5]))} and 18 more" in said(result)


@pytest.mark.anyio
async def test_a_forgotten_clock_is_found_and_stopped_by_the_call_that_is_offered(store: Store) -> None:
    add(store, "2026-11-24T17:30", None)
    async with office_of(store, now=lambda: datetime(2026, 11, 25, 13, tzinfo=UTC)) as office:
        store.delete_entry(1)
        result = await office.call("check_timesheet", period="2026-11-24", rules="clock")
        assert "The clock runs since 17:30, 20:30 h so far" in said(result)
        assert "stop_clock with time_until" in said(result)
        assert "Running:" not in said(result)
        stopped = await office.call("stop_clock", time_until="2026-11-24T18:30")
        assert not stopped.is_error, said(stopped)
        assert rules_found(await office.call("check_timesheet", period="2026-11-24", rules="clock")) == {}


@pytest.mark.anyio
async def test_a_server_that_only_reads_offers_no_calls(store: Store) -> None:
    async with office_of(store, account=settings().model_copy(update={"read_only": True})) as office:
        result = await office.call("check_timesheet")
    assert "4 findings" in said(result)
    assert "to mend" not in said(result)


@pytest.mark.anyio
async def test_more_findings_than_the_limit_are_counted(office: Office) -> None:
    result = await office.call("check_timesheet", period="2026-10", user="102", limit=3)
    card = facts(result)
    assert len(card["rows"]) == 3  # type: ignore[arg-type]
    assert card["findings"] == sum(rules_found(result).values()) > 3
    assert f"{card['findings'] - 3} more; see them with a higher limit, a shorter period or rules." in said(result)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            {"rules": ["brake"]},
            ["there is no such rule", "missing, short, overlap", "name some, or turn some off with '-' before them"],
        ),
        ({"user": "all"}, ["a timesheet is one person's", "name one, or 'me' for the caller"]),
        ({"user": "Jonas"}, ["Jonas Wolf (id 102)", "Jonas Adler (id 103)"]),
        ({"period": "soon"}, ["period='soon'"]),
        ({"period": "2024-01-01..2025-06-30"}, ["at most 366 days", "at most 366 days"]),
        ({"limit": 300}, ["limit must be"]),
    ],
)
async def test_a_bad_call_is_refused_with_one_that_works(
    office: Office, arguments: dict[str, object], words: list[str]
) -> None:
    result = await office.call("check_timesheet", **arguments)
    assert result.is_error
    for word in words:
        assert word in said(result)
    assert "/api/v2/entries" not in [one.path for one in office.seen]


@pytest.mark.anyio
async def test_a_year_is_one_call(office: Office) -> None:
    result = await office.call("check_timesheet", period="2026", limit=0)
    assert "Thu 2026-01-01 – Thu 2026-12-31" in said(result)
    assert paths(office).count("/v2/entries") == 1
    assert "| day |" not in said(result)


@pytest.mark.anyio
async def test_a_period_with_times_counts_in_whole_days(office: Office) -> None:
    result = await office.call("check_timesheet", period="2026-11-16T12:00..2026-11-16T13:00", rules="text")
    assert said(result).startswith("Mon 2026-11-16 (Europe/Berlin): 8:15 h; 1 finding: text 1.")


@pytest.mark.anyio
async def test_a_person_without_target_hours_is_checked_for_the_rest(store: Store) -> None:
    add(store, "2026-11-18T08:00", "2026-11-18T15:00", 104)
    async with office_of(store) as office:
        result = await office.call("check_timesheet", user="Zoë", rules=["missing", "short", "break"])
    assert "Zoë Ünal (id 104)" in said(result)
    assert rules_found(result) == {"break": 1}
    why = "target hours: none are set for this person, or this key does not see them"
    assert f"Not checked: missing, short ({why})." in said(result)
    assert "due;" not in said(result)


@pytest.mark.anyio
async def test_years_of_which_clockodo_tells_no_holidays_are_not_asked_for(store: Store) -> None:
    """It refuses to be asked for them."""
    async with office_of(store) as office:
        told = await office.call("check_timesheet", period="2100-01-04")
        asked = [one.path for one in office.seen]
    assert "Clockodo tells those of 2000 to 2037 only" in said(told)
    assert not [path for path in asked if path.endswith(("absences", "usersNonbusinessDays"))]
