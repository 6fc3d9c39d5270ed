"""`get_context`: who and when we are, in one call that lets a model begin."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from pydantic import Field

from clockodo_mcp.account.habits import Use
from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.rows import EntryRow, row, so_far
from clockodo_mcp.api.client import at_once
from clockodo_mcp.api.models import Entry, EntryQuery, TimeEntry
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.moments import day_start, hours, local_day
from clockodo_mcp.domain.periods import Period
from clockodo_mcp.domain.totals import totals_of
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.entries import every_entry
from clockodo_mcp.resolving.times import period_of

USUAL = 5
"""How many combinations are shown."""

USUAL_DAYS = 30
"""How far back they are counted."""


class UsualPlace(Facts):
    """A customer › project › service that the caller books often."""

    entries: int
    booked_on: str = Field(description="customer › project › service")
    customer: int
    project: int | None = None
    service: int | None = None


class ContextCard(Facts):
    """The answer of `get_context`. Dates and times are local; hours are without running entries."""

    user: str
    id: int
    role: str | None = None
    timezone: str
    now: str = Field(description="Local, ISO")
    weekday: str
    week_begins_on: str
    mode: str = Field(description="live or demo; read_only where nothing can be written")
    not_visible: list[str]
    today_seconds: int
    today_hours: str
    week_seconds: int
    week_hours: str
    running: EntryRow | None = None
    edit_lock: str | None = None
    usual: list[UsualPlace]


@dataclass(frozen=True)
class _Week:
    """The caller's week, and what may still run since yesterday."""

    period: Period
    entries: list[Entry]


@tool(
    title="Who and when am I",
    writes=False,
    search_hint="Clockodo who am I, today, time zone, week, usual work; "
    "wer bin ich, heute, Datum, Zeitzone, Überblick, Start",
)
async def get_context(call: Call) -> Answer[ContextCard]:
    """Say who the caller is, the local date and time, today's and this week's hours, the running clock, what cannot be
    changed, and the customer, project and service ids used most. Call it first when a date, a person or an id is
    unclear; for other names use search_catalog. Example: {}.
    """
    found: list[_Week] = []

    async def read_week() -> None:
        found.append(await _week(call))

    await at_once(read_week, call.app.habits.uses)
    [week] = found
    card = _card(call, week, await call.app.habits.uses(USUAL_DAYS))
    return Answer(_words(call, card, week), card)


async def _week(call: Call) -> _Week:
    week = period_of(call, "this_week")
    asked = EntryQuery(
        time_since=min(week.start, day_start(call.today - timedelta(days=1), call.zone)),
        time_until=week.last,
        users_id=call.caller.id,
        enhanced_list=True,
    )
    return _Week(week, await every_entry(call.app.clockodo, asked))


def _card(call: Call, week: _Week, uses: list[Use]) -> ContextCard:
    caller, today = call.caller, call.today
    of_the_week = [one for one in week.entries if one.time_since >= week.period.start]
    of_today = [one for one in week.entries if local_day(one.time_since, caller.zone) == today]
    running = next((one for one in week.entries if isinstance(one, TimeEntry) and one.running), None)
    counted = Counter((use.customers_id, use.projects_id, use.services_id) for use in uses)
    names = {(use.customers_id, use.projects_id, use.services_id): use.names for use in uses}
    local = call.now.astimezone(caller.zone)
    return ContextCard(
        user=cell(caller.user.name),
        id=caller.id,
        role=caller.user.role,
        timezone=caller.zone.key,
        now=f"{local:%Y-%m-%dT%H:%M}",
        weekday=f"{local:%A}",
        week_begins_on="Monday" if caller.user.weekstart_monday else "Sunday",
        mode=("demo" if call.app.demo else "live") + (", read_only" if call.app.settings.read_only else ""),
        not_visible=["revenue", "hourly rates"] if uses and not any(use.priced for use in uses) else [],
        today_seconds=totals_of(of_today).seconds,
        today_hours=hours(totals_of(of_today).seconds),
        week_seconds=totals_of(of_the_week).seconds,
        week_hours=hours(totals_of(of_the_week).seconds),
        running=row(running, caller) if running else None,
        edit_lock=caller.edit_lock.isoformat() if caller.edit_lock else None,
        usual=[
            UsualPlace(
                entries=times,
                booked_on=" › ".join(map(cell, names[combination])),
                customer=combination[0],
                project=combination[1],
                service=combination[2],
            )
            for combination, times in counted.most_common(USUAL)
        ],
    )


def _words(call: Call, card: ContextCard, week: _Week) -> str:
    lines = [
        f"{card.user} (id {card.id}{f', {card.role}' if card.role else ''}), {card.mode}.",
        f"Now {card.weekday} {card.now.replace('T', ' ')} in {card.timezone}; weeks begin on {card.week_begins_on}.",
        f"Today {hours(card.today_seconds)} h, this week ({week.period.dates}) {hours(card.week_seconds)} h.",
    ]
    lines += [
        f"{so_far(one, call.now, call.zone)} On {card.running.booked_on}."
        for one in week.entries
        if card.running and one.id == card.running.id
    ]
    lines.append(f"Edit lock: entries up to {card.edit_lock} cannot be changed." if card.edit_lock else "No edit lock.")
    if card.not_visible:
        lines.append(f"This key does not see: {', '.join(card.not_visible)}.")
    if card.usual:
        lines += ["", f"| entries in {USUAL_DAYS} days | usual place › service | ids |", "| --- | --- | --- |"]
        lines += [
            f"| {one.entries} | {one.booked_on} | "
            f"{' › '.join(str(id) for id in (one.customer, one.project, one.service) if id)} |"
            for one in card.usual
        ]
    return "\n".join(lines)
