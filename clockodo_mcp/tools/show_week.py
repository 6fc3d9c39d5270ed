"""`show_week`: one week in words, and as a page where the host shows pages."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Annotated

from pydantic import Field

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.rows import so_far, table
from clockodo_mcp.answers.week_page import absence, week_page
from clockodo_mcp.api.models import TimeEntry
from clockodo_mcp.asking import find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.moments import hours, local_clock
from clockodo_mcp.domain.periods import days as days_of
from clockodo_mcp.domain.timesheet_rules import RULES
from clockodo_mcp.domain.weeks import SIX_DAYS, Weekday, WeekTotals, totals, week_name, week_of, weekdays
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.timesheet import CheckedTimesheet
from clockodo_mcp.reading.timesheet import check_timesheet as checked
from clockodo_mcp.resolving import objects
from clockodo_mcp.resolving.times import of_period
from clockodo_mcp.week import URI

LOOKED_AT = tuple(rule for rule in RULES if rule not in ("missing", "gap", "budget", "locked"))
"""What is odd. Days without hours and gaps are seen in the table itself; budgets are not a week's."""

NAMED = 6
"""Customers in the words."""


class DayRow(Facts):
    """One day. `gaps` are local; `odd` are rules of check_timesheet, with how often."""

    day: str = Field(description="Local day, ISO")
    seconds: int
    due_seconds: int | None = None
    special: str = ""
    gaps: list[str]
    odd: dict[str, int]


class WeekShown(Facts):
    """The answer of `show_week`. Seconds are shared out over midnight, and without running entries."""

    week: str
    period: str
    timezone: str
    user: str
    seconds: int
    due_seconds: int | None = None
    balance_seconds: int | None = Field(default=None, description="Of the days that are over")
    days: list[DayRow]
    customers: dict[str, int]
    notes: list[str]


@tool(
    title="Show a week",
    writes=False,
    search_hint="show my week, calendar, timesheet, week view, overview; "
    "Woche zeigen, Wochenansicht, Kalender, Stundenzettel, Wochenübersicht",
    for_pages=True,
    page=URI,
)
async def show_week(
    call: Call,
    week: Annotated[str, take.Text, Field(description="A week or a day of it: last_week, 2026-W48")] = "this_week",
    user: Annotated[str, take.Name, Field(description="'me', or a name or id")] = "me",
) -> Answer[WeekShown]:
    """Show one person's week: each day with hours, what was due, gaps, what is odd; where the host can, as a calendar
    that the person edits. For single entries use list_entries, for findings with their mends check_timesheet.
    Example: {"week": "last_week"}.
    """
    person = objects.one_user(user, "a week is one person's; name one, or 'me' for the caller.")
    span = await find_or_ask(call, of_period(week, "week"), person)
    first = week_of(span, call.today, week, weekstart_monday=call.caller.user.weekstart_monday)
    users_id = person.found.value
    found = await checked(
        call.app.clockodo, call.app.catalog, call.caller, first, first + SIX_DAYS, users_id,
        ("missing", *LOOKED_AT), call.now,
    )  # fmt: skip
    sheet = found.sheet
    days = weekdays(sheet, [one for one in found.findings if one.rule != "missing"], sheet.targets.absences)
    unknown = [f"{', '.join(one.rules)} ({one.why})" for one in found.not_checked]
    name = found.person.name if found.person else sheet.user and f"user {users_id}"
    sums = totals(sheet, days, due=found.due)
    card = _card(call, found, days, sums, cell(name))
    page = week_page(call, sheet, days, sums, person=name, unknown=unknown)
    return Answer(_words(call, found, card, unknown), card, page=page)


def _card(call: Call, found: CheckedTimesheet, days: list[Weekday], sums: WeekTotals, name: str) -> WeekShown:
    sheet = found.sheet
    own = f"{name} (id {sheet.user})" if sheet.user else "me"
    return WeekShown(
        week=week_name(sheet.first),
        period=days_of(sheet.first, sheet.last, call.zone).dates,
        timezone=sheet.zone.key,
        user=own,
        seconds=sums.seconds,
        due_seconds=sums.due,
        balance_seconds=sums.balance,
        days=[_row(call, one, due=found.due) for one in days],
        customers=dict(sums.customers),
        notes=[*map(str, call.notes)],
    )


def _row(call: Call, one: Weekday, *, due: bool) -> DayRow:
    special = [cell(one.holiday), *(str(absence(away)) for away in one.absences)]
    return DayRow(
        day=one.day.isoformat(),
        seconds=one.seconds,
        due_seconds=one.target.seconds if due else None,
        special=", ".join(filter(None, special)),
        gaps=[f"{local_clock(gap.since, call.zone)}–{local_clock(gap.until, call.zone)}" for gap in one.gaps],
        odd=dict(Counter(found.rule for found in one.findings)),
    )


def _odd(one: DayRow) -> str:
    rules = [rule if times == 1 else f"{rule} ×{times}" for rule, times in one.odd.items()]
    return ", ".join(filter(None, [one.special, *rules]))


def _words(call: Call, found: CheckedTimesheet, card: WeekShown, unknown: list[str]) -> str:
    sheet = found.sheet
    who = f", {card.user}" if sheet.user else ""
    head = f"{card.week}, {card.period} ({card.timezone}){who}: {hours(card.seconds)} h"
    head += f" of {hours(card.due_seconds)} h due." if card.due_seconds is not None else "."
    if card.balance_seconds:
        more = "more" if card.balance_seconds > 0 else "fewer"
        head += f" On the days that are over {hours(abs(card.balance_seconds))} h {more} than due."
    lines = [head, *(f"Note: {note}" for note in card.notes)]
    running = [one for one in sheet.inside if isinstance(one, TimeEntry) and one.running]
    lines += [so_far(one, sheet.now, sheet.zone) for one in running]
    if card.customers:
        shown = [f"{cell(name, 60)} {hours(seconds)}" for name, seconds in [*card.customers.items()][:NAMED]]
        others = len(card.customers) - NAMED
        lines.append(f"By customer: {', '.join(shown)}{f' and {others} more' if others > 0 else ''}.")
    lines += ["", table(card.days, COLUMNS), ""]
    lines += [f"Not looked at: {one}." for one in unknown]
    if call.shows_pages:
        lines.append("The person sees this week as a page and can change it there; tell only what stands out.")
    else:
        lines.append(f"To see and change it in a browser, the person can run: {_command(call, found, card)}")
    return "\n".join(lines)


def _command(call: Call, found: CheckedTimesheet, card: WeekShown) -> str:
    """The command that shows the same week of the same person and account."""
    settings = call.app.settings
    user = f" --user {found.sheet.user}" if found.sheet.user else ""
    account = " --demo" if call.app.demo else f" --account {settings.account}" if settings.account else ""
    return f"clockodo-mcp week {card.week}{user}{account}"


COLUMNS: dict[str, Callable[[DayRow], str]] = {
    "day": lambda one: f"{date.fromisoformat(one.day):%a %d}",
    "hours": lambda one: hours(one.seconds) if one.seconds else "",
    "due": lambda one: hours(one.due_seconds) if one.due_seconds else "",
    "gaps": lambda one: ", ".join(one.gaps),
    "odd": _odd,
}
