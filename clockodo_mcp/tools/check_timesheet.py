"""`check_timesheet`: what is missing or wrong in somebody's days, before somebody else finds it."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Annotated

from pydantic import Field

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.refusals import call_of
from clockodo_mcp.answers.rows import so_far, table
from clockodo_mcp.api.models import TimeEntry
from clockodo_mcp.asking import find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.moments import hours, local_day
from clockodo_mcp.domain.periods import days
from clockodo_mcp.domain.timesheet_rules import RULES, RuleFinding, chosen_rules
from clockodo_mcp.domain.working_days import Timesheet
from clockodo_mcp.errors import Contradiction
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.timesheet import CheckedTimesheet
from clockodo_mcp.reading.timesheet import check_timesheet as checked
from clockodo_mcp.resolving import objects
from clockodo_mcp.resolving.times import of_period

LONGEST = 366
"""Days of one call: a leap year."""

IDS_SHOWN = 5
"""Entries of a finding in the table."""

IDS_TOLD = 50
"""Entries of a finding in structured content."""


class FindingRow(Facts):
    """One finding. `call` is the call that mends it, where there is one; `source` the law behind the rule."""

    day: str = Field(description="Local day, ISO")
    rule: str
    source: str | None = None
    says: str
    entries: list[int] = Field(description="Ids, at most the first 50")
    more_entries: int | None = Field(default=None, description="How many ids were left out")
    call: str | None = None


class NotCheckedRow(Facts):
    """Rules that did not look, or not at everything."""

    rules: list[str]
    why: str


class TimesheetCheck(Facts):
    """The answer of `check_timesheet`. Seconds are shared out over midnight, and without running entries.

    The target counts holidays and absences; it is absent where it was not needed or is not known. `due_seconds` is the
    target of the days that are over.
    """

    period: str
    timezone: str
    user: str
    worked_seconds: int
    worked_hours: str
    target_seconds: int | None = None
    due_seconds: int | None = None
    findings: int
    by_rule: dict[str, int]
    rows: list[FindingRow]
    not_checked: list[NotCheckedRow]
    notes: list[str]


@tool(
    title="Check a timesheet",
    writes=False,
    search_hint="missing hours, gaps, overlaps, breaks, overtime, timesheet check; "
    "fehlende Stunden, Lücken, Überschneidungen, Pausen, Überstunden, Arbeitszeit prüfen",
)
async def check_timesheet(
    call: Call,
    period: take.Period = "last_week",
    user: Annotated[str, take.Name, Field(description="'me', or a name or id")] = "me",
    rules: Annotated[list[str], take.Words, Field(description=f"These, or all but '-these': {', '.join(RULES)}")] = [],  # noqa: B006 - a schema default, never changed
    limit: Annotated[int, Field(ge=0, le=200, description="Findings shown")] = 30,
) -> Answer[TimesheetCheck]:
    """Find what is missing or wrong in one person's days: missing hours, gaps, overlaps, texts, forgotten clocks,
    budgets, German working-time law. Each finding has the call that mends it. For the entries use list_entries.
    Example: {"period": "last_month"}.
    """
    person = objects.one_user(user, "a timesheet is one person's; name one, or 'me' for the caller.")
    span = await find_or_ask(call, of_period(period), person)
    chosen, users_id = chosen_rules(rules), person.found.value
    first, last = local_day(span.start, call.zone), local_day(span.last, call.zone)
    if (last - first).days >= LONGEST:
        why = f"a timesheet of at most {LONGEST} days is checked in one call."
        raise Contradiction(why, argument="period", value=period)
    found = await checked(call.app.clockodo, call.app.catalog, call.caller, first, last, users_id, chosen, call.now)
    card = _card(call, found, users_id, days(first, last, call.zone).dates, limit)
    return Answer("\n".join([_totals(found, card), *_lines(found, card)]), card)


def _card(call: Call, found: CheckedTimesheet, users_id: int, dates: str, limit: int) -> TimesheetCheck:
    sheet = found.sheet
    counted = Counter(one.rule for one in found.findings)
    gaps = {one.day for one in found.findings if one.rule == "gap"}
    own = f"user {users_id}" if sheet.user else "me"
    return TimesheetCheck(
        period=dates,
        timezone=sheet.zone.key,
        user=f"{cell(found.person.name)} (id {users_id})" if found.person else own,
        worked_seconds=(worked := sum(sheet.recorded.get(day, 0) for day in sheet.days)),
        worked_hours=hours(worked),
        target_seconds=sum(_due(sheet, day) for day in sheet.days) if found.due else None,
        due_seconds=sum(_due(sheet, day) for day in sheet.days if day < sheet.today) if found.due else None,
        findings=len(found.findings),
        by_rule={rule: counted[rule] for rule in RULES if counted[rule]},
        rows=[_row(call, one, mended_by_gap=one.rule == "short" and one.day in gaps) for one in found.findings[:limit]],
        not_checked=[NotCheckedRow(rules=list(one.rules), why=one.why) for one in found.not_checked],
        notes=[*map(str, call.notes)],
    )


def _due(sheet: Timesheet, day: date) -> int:
    return sheet.targets.of(day).seconds or 0


def _row(call: Call, finding: RuleFinding, *, mended_by_gap: bool) -> FindingRow:
    """A row of the answer. Hours that are missing where there is a gap are advised once, to fill it."""
    mend = finding.call if finding.call and finding.call.tool in call.offered and not mended_by_gap else None
    return FindingRow(
        day=finding.day.isoformat(),
        rule=finding.rule,
        source=RULES[finding.rule].source or None,
        says=finding.says,
        entries=list(finding.entries[:IDS_TOLD]),
        more_entries=max(0, len(finding.entries) - IDS_TOLD) or None,
        call=call_of(mend) if mend else None,
    )


def _totals(found: CheckedTimesheet, card: TimesheetCheck) -> str:
    """The dates, the hours against the target, the findings by rule; and how far a period is that is not over."""
    sheet = found.sheet
    who = f", {card.user}" if sheet.user else ""
    said = f"{card.period} ({card.timezone}){who}: {hours(card.worked_seconds)} h"
    if card.target_seconds is not None:
        said += f" of {hours(card.target_seconds)} h due"
    if card.findings:
        kinds = ", ".join(f"{rule} {count}" for rule, count in card.by_rule.items())
        said += f"; {card.findings} finding{'' if card.findings == 1 else 's'}: {kinds}."
    else:
        said += "; no findings." if found.checked else "; nothing was checked."
    if sheet.last >= sheet.today and card.due_seconds is not None:
        said += f" Until yesterday {hours(card.due_seconds)} h were due."
    if sheet.holds(sheet.today):
        due = f" of {hours(_due(sheet, sheet.today))} h" if found.due else ""
        said += f" Today so far {hours(sheet.recorded.get(sheet.today, 0))} h{due}."
    return said


def _ids(one: FindingRow) -> str:
    more = len(one.entries) - IDS_SHOWN + (one.more_entries or 0)
    return ", ".join(map(str, one.entries[:IDS_SHOWN])) + (f" and {more} more" if more > 0 else "")


COLUMNS: dict[str, Callable[[FindingRow], str]] = {
    "day": lambda one: f"{date.fromisoformat(one.day):%a} {one.day}",
    "rule": lambda one: f"{one.rule} ({one.source})" if one.source else one.rule,
    "finding": lambda one: one.says,
    "entries": _ids,
    "to mend": lambda one: one.call or "",
}


def _lines(found: CheckedTimesheet, card: TimesheetCheck) -> list[str]:
    sheet = found.sheet
    lines = [f"Note: {note}" for note in card.notes]
    running = [one for one in sheet.inside if isinstance(one, TimeEntry) and one.running]
    lines += [so_far(one, sheet.now, sheet.zone) for one in running if not sheet.runs_too_long(one)]
    if card.rows:
        lines += ["", table(card.rows, COLUMNS), ""]
    if card.findings > len(card.rows):
        lines.append(f"{card.findings - len(card.rows)} more; see them with a higher limit, a shorter period or rules.")
    if "gap" in card.by_rule:
        lines.append(f"gap: more than {hours(RULES['gap'].seconds)} h, longer than any break that the law asks for.")
    lines += [f"Not checked: {', '.join(one.rules)} ({one.why})." for one in card.not_checked]
    return lines
