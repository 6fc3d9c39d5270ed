"""What a timesheet is checked against, fetched at the same time; what the key may not see is said and not guessed."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.account.catalogue import Catalog
from clockodo_mcp.api.client import Clockodo, at_once
from clockodo_mcp.api.failures import ClockodoError, Forbidden, NotFound, Refused
from clockodo_mcp.api.models import Entry, EntryGroup, EntryQuery, Project, User
from clockodo_mcp.api.models.clock import YEARS, Absence, NonbusinessDay, TargetHours
from clockodo_mcp.domain.periods import days
from clockodo_mcp.domain.targets import Targets
from clockodo_mcp.domain.timesheet_rules import RULES, RuleFinding, budgeted, check, named
from clockodo_mcp.domain.working_days import Timesheet
from clockodo_mcp.domain.worktime import DAY
from clockodo_mcp.reading.entries import every_entry

BEFORE = 2 * DAY
"""Entries last up to 24 hours, so what ends on the evening before began at most two days before."""

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Since when the whole life of a project is looked at."""

SEES_ALL = ("owner", "manager")
"""Roles that see everybody's entries; others may have the right or not."""


@dataclass(frozen=True)
class NotChecked:
    """Rules that did not look, or not at everything, and why."""

    rules: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class CheckedTimesheet:
    """A timesheet, its findings, and what was not looked at.

    `checked` are the rules that looked; `due` tells whether the target of its days is known. `person` is None for the
    caller, and where not visible.
    """

    sheet: Timesheet
    findings: list[RuleFinding]
    not_checked: list[NotChecked]
    checked: list[str]
    due: bool
    person: User | None


async def check_timesheet(
    clockodo: Clockodo,
    catalog: Catalog,
    caller: Caller,
    first: date,
    last: date,
    users_id: int,
    rules: Collection[str],
    now: datetime,
) -> CheckedTimesheet:
    """Read one person's days and let the rules look at them.

    One request each for the entries, the target hours, and the absences and public holidays of every year that is
    touched, all at the same time, and only those that the rules need; then at most one for budgets. Projects and people
    come from memory where they are there.

    Raises:
        ClockodoError: the entries could not be read, or Clockodo could not be reached.
    """
    reading = _Reading(clockodo, catalog, users_id, now)
    sheet = await reading.timesheet(caller, first, last, rules)
    if users_id != caller.id and not sheet.entries and caller.user.role not in SEES_ALL:
        unseen = NotChecked(tuple(rules), "no entries of this person are visible to this key")
        return CheckedTimesheet(sheet, [], [unseen], [], due=False, person=reading.person)
    if "budget" in rules:
        sheet = replace(sheet, used=await reading.use_of_budgets(sheet))
    able = [rule for rule in rules if not any(need in reading.lacks for need in RULES[rule].needs)]
    not_checked = [
        NotChecked(tuple(rule for rule in rules if source in RULES[rule].needs), f"{source}: {why}")
        for source, why in reading.lacks.items()
    ]
    not_checked += _in_part(sheet, caller, able)
    due = bool({"missing", "short"} & {*able}) and all(sheet.targets.of(day).seconds is not None for day in sheet.days)
    return CheckedTimesheet(
        sheet, check(sheet, able), [one for one in not_checked if one.rules], able, due, reading.person
    )


class _Reading:
    """One person's days as they are read. A source that is refused is in `lacks`, with the reason."""

    def __init__(self, clockodo: Clockodo, catalog: Catalog, users_id: int, now: datetime) -> None:
        self.lacks: dict[str, str] = {}
        self.person: User | None = None
        self._clockodo = clockodo
        self._catalog = catalog
        self._now = now
        self._users_id = users_id
        self._entries: list[Entry] = []
        self._hours: list[TargetHours] = []
        self._absences: dict[int, Absence] = {}
        self._holidays: dict[date, NonbusinessDay] = {}
        self._projects: dict[int, Project] = {}

    async def timesheet(self, caller: Caller, first: date, last: date, rules: Collection[str]) -> Timesheet:
        """Everything but the use of budgets."""
        needed = {need for rule in rules for need in RULES[rule].needs}
        own = self._users_id == caller.id
        reads = [self._read_entries(caller, first, last)]
        if "target hours" in needed:
            reads.append(self._tried("target hours", self._read_hours))
        for year in range(first.year, last.year + 1):
            if year not in YEARS:
                why = f"Clockodo tells those of {YEARS[0]} to {YEARS[-1]} only"
                self.lacks |= {source: why for source in ("absences", "public holidays") if source in needed}
                continue
            if "absences" in needed:
                reads.append(self._tried("absences", self._read_absences(year)))
            if "public holidays" in needed:
                reads.append(self._tried("public holidays", self._read_holidays(year)))
        if "projects" in needed:
            reads.append(self._tried("projects", self._read_projects))
        if not own:
            reads.append(self._tried("edit lock", self._read_person))
        await at_once(*reads)
        return Timesheet(
            first=first,
            last=last,
            zone=caller.zone,
            now=self._now,
            entries=self._entries,
            targets=Targets(self._hours, list(self._absences.values()), self._holidays),
            projects=self._projects,
            used={},
            edit_lock=caller.edit_lock if own else self.person.edit_lock if self.person else None,
            user="" if own else str(self._users_id),
        )

    async def use_of_budgets(self, sheet: Timesheet) -> dict[int, EntryGroup]:
        """The sums over the whole life of the projects with a budget that are booked on; at most one request.

        Clockodo filters by one project, so several are found among the sums of all.
        """
        wanted = {one.projects_id for one in sheet.inside} & {
            id for id, project in sheet.projects.items() if budgeted(project)
        }
        if not wanted:
            return {}
        asked = EntryQuery(
            time_since=BEGINNING,
            time_until=max(sheet.now, days(sheet.last, sheet.last, sheet.zone).last),
            projects_id=wanted.pop() if len(wanted) == 1 else None,
            calc_also_revenues_for_projects_with_hard_budget=True,
        )
        groups: list[EntryGroup] = []

        async def read() -> None:
            groups.extend(await self._clockodo.entrygroups(asked, ["projects_id"]))

        await self._tried("budget use", read)()
        return {int(one.group): one for one in groups if one.group.isdigit()}

    def _tried(self, source: str, read: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            try:
                await read()
            except (Forbidden, NotFound, Refused) as error:
                self.lacks[source] = _why(error)

        return run

    def _read_entries(self, caller: Caller, first: date, last: date) -> Callable[[], Awaitable[None]]:
        span = days(first, last, caller.zone)
        asked = EntryQuery(
            time_since=span.start - BEFORE, time_until=span.last, users_id=self._users_id, enhanced_list=True
        )

        async def read() -> None:
            self._entries = await every_entry(self._clockodo, asked)

        return read

    async def _read_hours(self) -> None:
        found = await self._clockodo.target_hours(self._users_id)
        self._hours = [one for one in found if one.users_id == self._users_id]
        if not self._hours:
            self.lacks["target hours"] = "none are set for this person, or this key does not see them"

    def _read_absences(self, year: int) -> Callable[[], Awaitable[None]]:
        async def read() -> None:
            found = await self._clockodo.absences(year, self._users_id)
            # One over New Year is in both years.
            self._absences |= {one.id: one for one in found if one.users_id == self._users_id}

        return read

    def _read_holidays(self, year: int) -> Callable[[], Awaitable[None]]:
        async def read() -> None:
            found = await self._clockodo.nonbusiness_days(year)
            mine = [one for one in found if one.users_id == self._users_id]
            if not mine:
                self.lacks["public holidays"] = "Clockodo names none for this person"
            # Of a half and a whole one on the same day, the whole one counts.
            for one in sorted((day for person in mine for day in person.days), key=lambda day: not day.half_day):
                if (falls := one.on(year)) is not None:
                    self._holidays.setdefault(falls, one)

        return read

    async def _read_projects(self) -> None:
        self._projects = {one.id: one for one in await self._catalog.projects.all()}

    async def _read_person(self) -> None:
        self.person = await self._catalog.users.by_id(self._users_id)
        if self.person is None:
            self.lacks["edit lock"] = "this key does not see the person"


def _why(error: ClockodoError) -> str:
    refused = isinstance(error, Forbidden | NotFound)
    return f"{'this key may not see them; ' if refused else ''}Clockodo answered {error.status}"


def _in_part(sheet: Timesheet, caller: Caller, rules: Collection[str]) -> Iterable[NotChecked]:
    """What the rules that did look could not see."""
    targets = tuple(rule for rule in ("missing", "short") if rule in rules)
    if targets and any(sheet.targets.of(day).seconds is None for day in sheet.days):
        hidden = "absences: their kind is hidden from this key"
        yield NotChecked(targets, hidden if sheet.targets.hides else "target hours: those of a month name no days")
    if "budget" not in rules:
        return
    booked = [
        sheet.projects[id] for id in sorted({one.projects_id or 0 for one in sheet.inside} & sheet.projects.keys())
    ]
    for project in booked:
        if project.budget and project.budget.from_subprojects:
            yield NotChecked(("budget",), f"{named(project)} has the budgets of its subprojects")
        elif project.budget and project.budget.interval is not None:
            yield NotChecked(("budget",), f"{named(project)} has a budget that begins anew")
    held = [one for one in booked if budgeted(one)]
    if any(one.budget and one.budget.monetary and _unpriced(sheet, one) for one in held):
        yield NotChecked(("budget",), "revenue is not visible to this key, so budgets in money are left out")
    if held and caller.user.role not in SEES_ALL:
        yield NotChecked(("budget",), "only entries that this key sees were added up, so more may be used")


def _unpriced(sheet: Timesheet, project: Project) -> bool:
    used = sheet.used.get(project.id)
    return used is not None and used.revenue is None
