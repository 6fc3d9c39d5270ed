"""What is wrong with a timesheet: the rules, each a pure function, and the one table of them with their sources.

A rule looks at local days of one person. Answers show minutes, so what is off by less than a minute is not named. What
was worked against the law has no call that mends it: the record is to stay true.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from clockodo_mcp import steps
from clockodo_mcp.api.models import Project
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.moments import hours
from clockodo_mcp.domain.targets import Target
from clockodo_mcp.domain.working_days import SECOND, Timesheet
from clockodo_mcp.domain.worktime import (
    FORGOTTEN,
    LONG_DAY,
    Work,
    breaks_by_day,
    rests,
    runs,
    seconds_between,
    stretches,
)
from clockodo_mcp.errors import Step, Unreadable

HOUR = 3600
MINUTE = 60
SLACK = MINUTE - 1
"""What is off by no more is not named."""

TARGET_SOURCES = ("target hours", "absences", "public holidays")


@dataclass(frozen=True)
class RuleFinding:
    """Something that a rule found: on which local day, in one sentence, with entries and the call that mends it."""

    rule: str
    day: date
    says: str
    entries: tuple[int, ...] = ()
    call: Step | None = None


@dataclass(frozen=True)
class Rule:
    """How a rule looks and what for, the figure in seconds that it compares with, its source, what it needs to know.

    `source` is empty where the rule is about the record and not about working time.
    """

    look: Callable[[Timesheet], Iterable[RuleFinding]]
    looks_for: str
    seconds: int = 0
    source: str = ""
    needs: tuple[str, ...] = ()


BREAKS = ((9 * HOUR, 45 * MINUTE), (6 * HOUR, 30 * MINUTE))
"""After more than so many seconds of work, so many of break are due. Source: ArbZG §4, sentence 1."""

BREAK_PIECE = 15 * MINUTE
"""A shorter one is no break. Source: ArbZG §4, sentence 2."""


def chosen_rules(words: Sequence[str]) -> tuple[str, ...]:
    """The rules that words choose, in their order: those named, or all but the ones with a `-` before them.

    Raises:
        Unreadable: a word is no rule, or none is left.

    >>> chosen_rules(["rest", "break"]), "gap" in chosen_rules(["-gap"])
    (('break', 'rest'), False)
    """
    plain = [word.strip().lower().replace(" ", "_") for word in words if word.strip()]
    off = {word[1:].strip("_") for word in plain if word.startswith("-")}
    on = {word for word in plain if not word.startswith("-")}
    unknown = sorted((on | off) - RULES.keys())
    chosen = tuple(rule for rule in RULES if (not on or rule in on) and rule not in off)
    if unknown or not chosen:
        why = "there is no such rule" if unknown else "no rule is left"
        form = f"The rules are {', '.join(RULES)}; name some, or turn some off with '-' before them."
        raise Unreadable(f"{why}. {form}", argument="rules", value=", ".join(words))
    return chosen


def check(sheet: Timesheet, rules: Collection[str]) -> list[RuleFinding]:
    """What the rules find, by day. Days that are not over are neither missing nor short."""
    order = list(RULES)
    found = [finding for rule in order if rule in rules for finding in RULES[rule].look(sheet)]
    return sorted(found, key=lambda one: (one.day, order.index(one.rule), one.entries))


def _below_target(sheet: Timesheet) -> Iterator[tuple[date, int, Target]]:
    """The days that are over and have fewer hours than due, with what is missing."""
    open_days = {sheet.day_of(one.time_since) for one in sheet.forgotten}
    for day in sheet.days:
        target = sheet.targets.of(day)
        if day >= sheet.today or day in open_days or not target.seconds:
            continue
        lacking = target.seconds - sheet.worked.get(day, 0)
        if lacking > SLACK:
            yield day, lacking, target


def missing(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Days without any hours."""
    for day, lacking, target in _below_target(sheet):
        if not sheet.worked.get(day):
            asked = " An absence is asked for, and not approved." if target.asked_for else ""
            call = sheet.logged(day, time_since=str(day), duration=hours(lacking))
            yield RuleFinding("missing", day, f"No hours, {due(target)}.{asked}", call=call)


def short(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Days with hours, and too few."""
    for day, lacking, target in _below_target(sheet):
        if worked := sheet.worked.get(day):
            says = f"{hours(worked)} h, {due(target)}: {hours(lacking)} h short."
            call = sheet.logged(day, time_since=str(day), duration=hours(lacking))
            yield RuleFinding("short", day, says, sheet.ids_on(day), call)


def due(target: Target) -> str:
    """`4:00 h due beside an absence`."""
    return f"{hours(target.seconds or 0)} h due{f' {target.why}' if target.why else ''}"


def overlap(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Each entry that begins before an earlier one ends."""
    latest: Work | None = None
    for one in sheet.works:
        if latest is not None and latest.end > one.start:
            shared = seconds_between(one.start, min(one.end, latest.end))
            day = sheet.day_of(one.start)
            if shared > SLACK and sheet.holds(day):
                says = f"{shared_time(sheet, latest, one)} share {hours(shared)} h."
                yield RuleFinding("overlap", day, says, (latest.id, one.id), _apart(sheet, day, latest, one))
        if latest is None or one.end > latest.end:
            latest = one


def shared_time(sheet: Timesheet, *works: Work) -> str:
    """`09:00–11:00 and 10:00–12:00`."""
    return " and ".join(
        f"{sheet.clock(one.start)}–{'running' if one.running else sheet.clock(one.end)}" for one in works
    )


def _apart(sheet: Timesheet, day: date, before: Work, after: Work) -> Step | None:
    """Let the later one begin where the earlier one ends; where it lies inside that one, only the person knows."""
    if after.end > before.end and not before.running:
        return sheet.mended(day, steps.correct(after.id, to="to mend it", time_since=sheet.written(before.end)))
    return sheet.mended(day, steps.correct(after.id, "time_since", "time_until", to="to mend it"))


def gap(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Long times without an entry between two entries of a day, and shorter than the rest between two days."""
    for before, after in pairwise(stretches(sheet.works)):
        day = sheet.day_of(after.start)
        seconds = seconds_between(before.end, after.start)
        is_rest = seconds >= RULES["rest"].seconds  # between two working days, and not inside one
        in_day = sheet.holds(day) and sheet.day_of(before.end - SECOND) == day
        if in_day and not is_rest and seconds > RULES["gap"].seconds + SLACK:
            says = f"Nothing from {sheet.clock(before.end)} to {sheet.clock(after.start)}, {hours(seconds)} h."
            # Whole minutes inside of it: with its seconds, what is logged would not add up to who reads it.
            since, until = -(-before.end.timestamp() // 60), after.start.timestamp() // 60
            times = {
                name: sheet.written(datetime.fromtimestamp(60 * minutes, UTC))
                for name, minutes in (("time_since", since), ("time_until", until))
            }
            call = sheet.logged(day, **times)
            yield RuleFinding("gap", day, says, (before.last, after.first), call)


def text(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Entries without a text, lump sums too."""
    for one in sheet.inside:
        # With an id of a text and without the text, the list did not tell it.
        if one.texts_id is None and not (one.text or "").strip():
            day = sheet.day_of(one.time_since)
            says = f"No text: {sheet.times(one)}."
            yield RuleFinding(
                "text", day, says, (one.id,), sheet.mended(day, steps.correct(one.id, "text", to="to mend it"))
            )


def clock(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Clocks that somebody forgot to stop."""
    for one in sheet.forgotten:
        day = sheet.day_of(one.time_since)
        lasts = hours(seconds_between(one.time_since, sheet.now))
        end = (
            steps.correct(one.id, "time_until", to="to end it")
            if sheet.user
            else steps.stop("time_until", to="to end it")
        )
        call = sheet.mended(day, end)
        says = f"The clock runs since {sheet.clock(one.time_since)}, {lasts} h so far, in no hours here."
        yield RuleFinding("clock", day, says, (one.id,), call)


def sunday(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Hours on a Sunday."""
    for day in sheet.days:
        if day.weekday() == 6 and (worked := sheet.present.get(day, 0)) > SLACK:
            yield RuleFinding("sunday", day, f"{hours(worked)} h on a Sunday.", sheet.ids_on(day))


def holiday(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Hours on a whole public holiday."""
    for day in sheet.days:
        name = sheet.targets.holiday(day)
        if name and (worked := sheet.present.get(day, 0)) > SLACK:
            says = f"{hours(worked)} h on a public holiday: {cell(name)}."
            yield RuleFinding("holiday", day, says, sheet.ids_on(day))


def long_day(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Too many hours on one day."""
    most = RULES["long_day"].seconds
    for day in sheet.days:
        if (worked := sheet.present.get(day, 0)) > most + SLACK:
            yield RuleFinding(
                "long_day", day, f"{hours(worked)} h of work, at most {hours(most)} h.", sheet.ids_on(day)
            )


def breaks(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Too little break in a day, else too long without one; work over midnight counts where it begins."""
    had = breaks_by_day(sheet.works, sheet.zone, BREAK_PIECE - SLACK)
    found = set()
    for day in sheet.days:
        worked = sheet.present.get(day, 0)
        need = next((need for after, need in BREAKS if worked > after + SLACK), 0)
        if (lacking := need - had.get(day, 0)) > SLACK:
            found.add(day)
            says = f"{hours(worked)} h of work with {hours(need - lacking)} h of break, {hours(need)} h due."
            yield RuleFinding("break", day, says, sheet.ids_on(day))
    most = RULES["break"].seconds
    for run, seconds in runs(sheet.works, BREAK_PIECE - SLACK):
        day = sheet.day_of(run.start)
        if seconds > most + SLACK and sheet.holds(day) and day not in found:
            times = f"{sheet.clock(run.start)}–{sheet.clock(run.end)}"
            says = f"{times}: {hours(seconds)} h in a row without a break, at most {hours(most)} h."
            yield RuleFinding("break", day, says, tuple(one.id for one in run.works))


def rest(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Too little time between two working days, in elapsed hours."""
    least = RULES["rest"].seconds
    for one in rests(sheet.works, sheet.zone):
        if sheet.holds(one.day) and one.seconds < least - SLACK:
            between = f"{one.start.astimezone(sheet.zone):%a %H:%M} and {one.end.astimezone(sheet.zone):%a %H:%M}"
            says = f"{hours(one.seconds)} h of rest between {between}, {hours(least)} h due."
            yield RuleFinding("rest", one.day, says, one.entries)


def _by_project(sheet: Timesheet) -> Iterator[tuple[Project, date, tuple[int, ...]]]:
    """The projects that are booked on, with the last day on which they are, and their entries."""
    for id in sorted({one.projects_id for one in sheet.inside if one.projects_id is not None} & sheet.projects.keys()):
        entries = [one for one in sheet.inside if one.projects_id == id]
        day = max(sheet.day_of(one.time_since) for one in entries)
        yield sheet.projects[id], day, tuple(one.id for one in entries)


def budget(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Projects that used more than their budget in their whole life; hours count whether they are billable or not."""
    for project, day, ids in _by_project(sheet):
        used = sheet.used.get(project.id)
        if used is None or not budgeted(project) or project.budget is None or project.budget.amount is None:
            continue
        amount = project.budget.amount
        if not project.budget.monetary and used.duration > amount * HOUR + SLACK:
            spent = f"{hours(used.duration)} h of {hours(round(amount * HOUR))} h used"
        elif project.budget.monetary and used.revenue is not None and round(used.revenue - amount, 2) > 0:
            spent = f"{used.revenue:,.2f} of {amount:,.2f} used"
        else:
            continue
        yield RuleFinding("budget", day, f"{named(project)}: {spent}.", ids)


def budgeted(project: Project) -> bool:
    """Whether a project has one budget for its whole life, which its hours or its revenue can be held against."""
    one = project.budget
    return one is not None and bool(one.amount) and one.interval is None and not one.from_subprojects


def completed(sheet: Timesheet) -> Iterator[RuleFinding]:
    """Projects that are completed, and so take no new entries."""
    for project, day, ids in _by_project(sheet):
        if project.completed:
            yield RuleFinding("completed", day, f"{named(project)} is completed.", ids)


def named(project: Project) -> str:
    """A project with its id."""
    return f"{cell(project.name)} (project {project.id})"


def locked(sheet: Timesheet) -> Iterator[RuleFinding]:
    """What cannot be changed any more, as one finding."""
    found = [one for one in sheet.inside if sheet.locked(sheet.day_of(one.time_since))]
    if found:
        count = f"{len(found)} {'entry' if len(found) == 1 else 'entries'}"
        says = f"{count} up to the edit lock of {sheet.edit_lock} cannot be changed any more."
        day = max(sheet.day_of(one.time_since) for one in found)
        yield RuleFinding("locked", day, says, tuple(one.id for one in found))


RULES: Mapping[str, Rule] = {
    "missing": Rule(missing, "days without hours that have target hours", needs=TARGET_SOURCES),
    "short": Rule(short, "days with fewer hours than due", needs=TARGET_SOURCES),
    "overlap": Rule(overlap, "entries that share time"),
    "gap": Rule(gap, "time without an entry inside a day, longer than any break that the law asks for", HOUR),
    "text": Rule(text, "entries without a text"),
    "clock": Rule(clock, "clocks that run for too long", FORGOTTEN),
    "sunday": Rule(sunday, "work on a Sunday", 0, "ArbZG §9, exceptions §10"),
    "holiday": Rule(holiday, "work on a public holiday", 0, "ArbZG §9, exceptions §10", needs=("public holidays",)),
    "long_day": Rule(long_day, "days of more than ten hours of work", LONG_DAY, "ArbZG §3"),
    "break": Rule(breaks, "breaks that are missing, and more than six hours without one", 6 * HOUR, "ArbZG §4"),
    "rest": Rule(rest, "less than eleven hours between two working days", 11 * HOUR, "ArbZG §5"),
    "budget": Rule(budget, "projects over their budget", needs=("projects", "budget use")),
    "completed": Rule(completed, "projects that are completed", needs=("projects",)),
    "locked": Rule(locked, "entries behind the edit lock", needs=("edit lock",)),
}
"""All rules, in the order in which the findings of a day are told."""
