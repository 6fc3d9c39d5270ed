"""What the page of a week draws: the week as data, in local times with their offset.

The page moves with the person, so it is told more than words hold; no model reads it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain

from pydantic import Field

from clockodo_mcp.answers.answer import Facts
from clockodo_mcp.answers.rows import EntryRow, row
from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.api.models.clock import Absence, AbsenceStatus
from clockodo_mcp.call import Call
from clockodo_mcp.cells import line, whole
from clockodo_mcp.domain.differences import state_of
from clockodo_mcp.domain.weeks import Weekday, WeekTotals, in_week, week_name
from clockodo_mcp.domain.working_days import Timesheet
from clockodo_mcp.speech import Said, in_both, say

ABSENCES = {
    1: "vacation", 2: "special leave", 3: "overtime taken off", 4: "sick", 5: "child sick", 6: "education",
    7: "maternity leave", 8: "home office", 9: "work out of office", 10: "unpaid special leave", 11: "sick, unpaid",
    12: "child sick, unpaid", 13: "quarantine", 14: "military or alternative service", 15: "sick, sickness benefit",
}  # fmt: skip
"""What an absence is. Source: OpenAPI `AbsenceType`."""

A_WEEK = timedelta(days=7)

OF_ONE_ENTRY = ("overlap", "text", "clock", "completed")
"""Rules that find an entry odd; what the others find is the day's."""


class InTwo(Facts):
    """A text in both languages of the page."""

    en: str
    de: str


class DrawnGap(Facts):
    """A place to log: both ends local, with their offset."""

    since: str
    until: str
    seconds: int


class DrawnDay(Facts):
    """A day's head: hours against the target, and what is special about it."""

    day: str
    seconds: int
    target: int | None = None
    holiday: str = ""
    absences: list[InTwo]
    gaps: list[DrawnGap]
    odd: list[str] = Field(description="The rules that found something")
    locked: bool


class DrawnEntry(Facts):
    """A block. `state` is what is sent as `drawn` with a change of it; ids are what a copy is booked on."""

    id: int
    state: str
    kind: str
    since: str
    until: str | None = None
    seconds: int | None = None
    pause: int = 0
    running: bool
    locked: bool
    customer: str
    project: str = ""
    subproject: str = ""
    service: str = ""
    customers_id: int
    projects_id: int | None = None
    subprojects_id: int | None = None
    services_id: int | None = None
    billable: int
    text: str = ""
    quantity: InTwo | None = None
    odd: list[str] = Field(description="The rules that found this one")


class CustomerHours(Facts):
    """The hours of a customer in the week."""

    name: str
    seconds: int


class WeekPage(Facts):
    """Everything that is drawn. `offset` is the account's present one, `can` the tools that the page may call."""

    week: str
    first: str
    last: str
    before: str
    after: str
    timezone: str
    offset: str
    now: str
    today: str
    language: str
    user: str = Field(description="What the argument takes; empty for the caller")
    person: str = Field(description="The name; empty for the caller")
    can: list[str]
    days: list[DrawnDay]
    entries: list[DrawnEntry]
    seconds: int
    target: int | None = None
    balance: int | None = Field(default=None, description="Of the days that are over")
    customers: list[CustomerHours]
    unknown: list[str] = Field(description="What could not be looked at")


def week_page(
    call: Call, sheet: Timesheet, days: Sequence[Weekday], sums: WeekTotals, *, person: str, unknown: Sequence[str]
) -> WeekPage:
    """A week as it is drawn."""
    offset = call.now.astimezone(call.zone).isoformat()[-6:]
    odd: defaultdict[int, list[str]] = defaultdict(list)
    for found in chain.from_iterable(one.findings for one in days):
        for id in found.entries if found.rule in OF_ONE_ENTRY else ():
            odd[id].append(found.rule)
    return WeekPage(
        week=week_name(sheet.first),
        first=sheet.first.isoformat(),
        last=sheet.last.isoformat(),
        before=week_name(sheet.first - A_WEEK),
        after=week_name(sheet.first + A_WEEK),
        timezone=call.zone.key,
        offset=offset,
        now=local(call.now, sheet),
        today=sheet.today.isoformat(),
        language=call.caller.user.language,
        user=sheet.user,
        person=line(person),
        can=sorted(call.offered),
        days=[_day(one, sheet, due=sums.due is not None) for one in days],
        entries=[_entry(one, sheet, row(one, call.caller), odd[one.id]) for one in in_week(sheet)],
        seconds=sums.seconds,
        target=sums.due,
        balance=sums.balance,
        customers=[CustomerHours(name=line(name), seconds=seconds) for name, seconds in sums.customers.items()],
        unknown=list(unknown),
    )


def local(moment: datetime, sheet: Timesheet) -> str:
    """A moment in the account's time, with its offset."""
    return moment.astimezone(sheet.zone).isoformat(timespec="seconds")


def absence(one: Absence) -> Said:
    """What an absence is; where its kind is hidden, that it is one."""
    kind = say(ABSENCES.get(one.type or 0, "absence"))
    return say("{kind}, asked for", kind=kind) if one.status == AbsenceStatus.REQUESTED else kind


def _in_two(text: str) -> InTwo:
    return InTwo.model_validate(in_both(text))


def _day(one: Weekday, sheet: Timesheet, *, due: bool) -> DrawnDay:
    return DrawnDay(
        day=one.day.isoformat(),
        seconds=one.seconds,
        target=one.target.seconds if due else None,
        holiday=line(one.holiday),
        absences=[_in_two(absence(away)) for away in one.absences],
        gaps=[
            DrawnGap(since=local(gap.since, sheet), until=local(gap.until, sheet), seconds=gap.seconds)
            for gap in one.gaps
        ],
        odd=[*dict.fromkeys(found.rule for found in one.findings)],
        locked=one.locked,
    )


def _entry(entry: Entry, sheet: Timesheet, shown: EntryRow, odd: Sequence[str]) -> DrawnEntry:
    is_time = isinstance(entry, TimeEntry)
    running = isinstance(entry, TimeEntry) and entry.running
    until = entry.time_until if is_time else None
    span = int((until - entry.time_since).total_seconds()) if until else 0
    return DrawnEntry(
        id=entry.id,
        state=state_of(entry),
        kind=entry.kind,
        since=local(entry.time_since, sheet),
        until=local(until, sheet) if until else None,
        seconds=shown.seconds,
        pause=max(0, span - (shown.seconds or 0)) if until else 0,
        running=running,
        locked=sheet.locked(sheet.day_of(entry.time_since)),
        customer=line(entry.customers_name or f"{entry.customers_id}"),
        project=line(entry.projects_name or ""),
        subproject=line(entry.subprojects_name or ""),
        service=line(shown.service or ""),
        customers_id=entry.customers_id,
        projects_id=entry.projects_id,
        subprojects_id=entry.subprojects_id,
        services_id=getattr(entry, "services_id", None),
        billable=int(entry.billable),
        text=whole(entry.text or ""),
        quantity=_in_two(shown.quantity) if shown.quantity else None,
        odd=[*dict.fromkeys(odd)],
    )
