"""`summarize_entries`: entries added up in groups."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.rows import table
from clockodo_mcp.asking import find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.choices import FEW
from clockodo_mcp.domain.groups import (
    LEVELS,
    OF_TIME,
    Compared,
    Groups,
    Sums,
    beside,
    compared,
    levels_of,
    ordered,
    parse_grouping,
    rounded,
    together,
)
from clockodo_mcp.domain.moments import hours
from clockodo_mcp.domain.periods import Period as Span
from clockodo_mcp.domain.periods import previous
from clockodo_mcp.errors import Contradiction
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.summaries import Told, calendar_of, summed
from clockodo_mcp.resolving import filters
from clockodo_mcp.resolving.times import of_period, period_of

MOST_ROWS = 200
BAR = 10
"""Blocks of the longest bar."""

IDS = {
    "customer": "customers_id", "project": "projects_id", "subproject": "subprojects_id", "service": "services_id",
    "user": "users_id", "lumpsum_service": "lumpsum_services_id",
}  # fmt: skip
"""Fields of a row that hold an id, and their level."""

Sort = Literal["", "hours", "revenue", "name", "time"]


class SumsOut(Facts):
    """Exact sums, without running entries."""

    seconds: int
    hours: str = Field(description="h:mm")
    billable_seconds: int = Field(description="Billable or billed")
    revenue: float | None = Field(default=None, description="With lump sums; absent where not visible")
    lump_sums: float | None = Field(default=None, description="What of the revenue is for no hours")
    rate: float | None = Field(default=None, description="Revenue of hours, per billable hour that counts for it")


class GroupRow(SumsOut):
    """One group, or all that are not shown. Ids are for the next call."""

    group: str
    groups: int | None = Field(default=None, description="Only of the last row: how many groups it adds up")
    customer: int | None = None
    project: int | None = None
    subproject: int | None = None
    service: int | None = None
    user: int | None = None
    lumpsum_service: int | None = None
    share: float | None = Field(default=None, description="Of all hours, 0 to 1")
    rounded_seconds: int | None = Field(default=None, description="As shown with round_to_minutes")
    before: SumsOut | None = Field(default=None, description="In the period of compare_to")


class ComparedPeriod(Facts):
    """The period that is compared with."""

    period: str
    totals: SumsOut


class EntrySummary(Facts):
    """The answer of `summarize_entries`. The rows, with the one for the rest, add up to the totals."""

    period: str
    timezone: str
    group_by: list[str]
    totals: SumsOut
    compared_to: ComparedPeriod | None = None
    groups: int = Field(description="All, shown or not")
    rows: list[GroupRow]
    notes: list[str]


@tool(
    title="Summarize entries",
    writes=False,
    search_hint="report, total hours per customer, project, month, revenue, statistics, how many hours; "
    "Auswertung, Bericht, Summe, Stunden pro Kunde, Projekt, Monat, Umsatz, wie viele Stunden",
)
async def summarize_entries(
    call: Call,
    period: Annotated[
        str,
        take.Text,
        Field(description="last_week, this_month, last_7_days, 2026-10, 2026-W41, 2026-Q3, 2026, A..B"),
    ] = "this_month",
    group_by: Annotated[list[str], take.Words, Field(description=f"Up to three of {', '.join(LEVELS)}")] = [],  # noqa: B006 - a schema default, never changed
    compare_to: Annotated[str, take.Text, Field(description="'previous' or a period")] = "",
    user: take.AnyUser = "me",
    customer: take.NameOrId = "",
    project: take.NameOrId = "",
    subproject: take.NameOrId = "",
    service: take.NameOrId = "",
    lumpsum_service: take.NameOrId = "",
    billable: Annotated[str, take.State, Field(description="As in list_entries")] = "",
    text: take.OnlyText = "",
    budget_type: Annotated[str, take.Text, Field(description="As in list_entries")] = "",
    round_to_minutes: Annotated[int, Field(ge=0, le=60, description="Per row, not in totals")] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS, description="Rows; one more sums the rest")] = 15,
    sort: Annotated[Sort, Field(description="Default hours, or time")] = "",
) -> Answer[EntrySummary]:
    """Add up entries in groups: hours, share, billable share, revenue and average rate where visible.
    Use it for "where did the week go?"; single entries: list_entries. Running entries do not count.
    Default: the caller's month by project. Example: {"period": "2026-Q3", "group_by": ["customer", "month"]}.
    """
    grouping = parse_grouping(group_by)
    levels = levels_of(grouping)
    if sort == "time" and not any(level in OF_TIME for level in levels):
        why = "only groups by day, week, month, year or weekday have a time."
        raise Contradiction(why, argument="sort", value=sort)
    wanted = filters.entries(
        user=user, customer=customer, project=project, subproject=subproject, service=service,
        lumpsum_service=lumpsum_service, billable=billable, text=text, budget_type=budget_type,
    )  # fmt: skip
    span = await find_or_ask(call, of_period(period or "this_month"), wanted)
    other = _compared_to(call, compare_to, span)
    asked = [wanted.found.value.over(one) for one in (span, other) if one]
    found = await summed(call.app.clockodo, call.app.catalog, asked, levels, call.caller, _progress(call))
    now = found.groups[0]
    before = beside(found.groups[1], other, span, calendar_of(call.caller)) if other else None
    groups = compared(now, before)
    whole = together(now.sums.values())
    by = "hours" if sort == "revenue" and whole.revenue is None else sort
    shown = ordered(groups, grouping, by, limit) if levels else []
    rows = [_row(one, levels, whole, round_to_minutes, other) for one in shown]
    if levels and (rest := _rest(groups, shown)):
        rows.append(_row(rest, (), whole, round_to_minutes, other))
        rows[-1].groups = len(groups) - len(shown)
    facts = EntrySummary(
        period=span.dates,
        timezone=call.zone.key,
        group_by=list(grouping),
        totals=_sums_out(whole),
        compared_to=ComparedPeriod(period=other.dates, totals=_sums_out(together(before.sums.values())))
        if other and before
        else None,
        groups=len(groups) if levels else 0,
        rows=rows,
        notes=[],
    )
    left_out = _left_out(call, found.groups)
    notes = [*map(str, call.notes), *found.notes, *left_out, *_notes(facts, levels, sort, groups, round_to_minutes)]
    if levels == ("users_id",) and wanted.found.value.users_id is None:
        notes += await _without_hours(call, groups)
    if other and span.end > call.now:
        notes.append("The period is not over yet; the other one counts in full.")
    facts.notes = notes
    columns = _columns(facts, round_to_minutes, by_revenue=sort == "revenue" and whole.revenue is not None)
    whose = await _whose(call, wanted.found.value.users_id)
    is_empty = not (rows or whole.seconds or whole.revenue or left_out)
    return Answer(_words(facts, whose, columns, is_empty=is_empty), facts)


def _compared_to(call: Call, text: str, span: Span) -> Span | None:
    if text.strip().lower() != "previous":
        return period_of(call, text, "compare_to") if text else None
    try:
        return previous(span)
    except (ValueError, OverflowError):
        why = "the calendar has nothing before this period."
        raise Contradiction(why, argument="compare_to", value=text) from None


def _progress(call: Call) -> Told:
    """Reports how many entries are read; it never falls, also where pages are read again."""
    furthest = 0

    async def tell(read: int, of: int) -> None:
        nonlocal furthest
        if read > furthest:
            furthest = read
            await call.report(read, of, f"{read:,} of {of:,} entries read")

    return tell


def _rest(groups: list[Compared], shown: list[Compared]) -> Compared | None:
    """What is not shown, as one group."""
    paths = {one.path for one in shown}
    rest = [one for one in groups if one.path not in paths]
    if not rest:
        return None
    name = f"other ({len(rest)} {'group' if len(rest) == 1 else 'groups'})"
    return Compared((), name, together(one.now for one in rest), together(one.before for one in rest))


def _row(one: Compared, levels: tuple[str, ...], whole: Sums, minutes: int, other: Span | None) -> GroupRow:
    keys = dict(zip(levels, one.path, strict=True))
    ids = {field: key for field, level in IDS.items() if isinstance(key := keys.get(level), int)}
    return GroupRow(
        group=one.label,
        **_sums_out(one.now).model_dump(),
        **ids,
        share=round(one.now.seconds / whole.seconds, 4) if whole.seconds else None,
        rounded_seconds=rounded(one.now.seconds, minutes) if minutes else None,
        before=_sums_out(one.before) if other else None,
    )


def _sums_out(sums: Sums) -> SumsOut:
    return SumsOut(
        seconds=sums.seconds,
        hours=hours(sums.seconds),
        billable_seconds=sums.billable_seconds,
        revenue=sums.revenue,
        lump_sums=sums.lump_sums or None,
        rate=sums.rate,
    )


def _notes(facts: EntrySummary, levels: tuple[str, ...], sort: str, groups: list[Compared], minutes: int) -> list[str]:
    said = []
    if sort == "revenue" and facts.totals.revenue is None and groups:
        said.append("This key sees no revenue; the groups are sorted by hours.")
    hidden = sum(one.now.revenue is None and one.now.seconds > 0 for one in groups)
    if facts.totals.revenue is not None and hidden:
        said.append(f"The revenue of {hidden} of {len(groups)} groups is not visible, and is in no sum.")
    if facts.compared_to and any(level in OF_TIME and level != "weekday" for level in levels):
        said.append("Times are compared by their place in the period: the first with the first.")
    if minutes and facts.rows:
        made = sum(row.rounded_seconds or 0 for row in facts.rows)
        said.append(f"Each row's hours are rounded to the nearest {minutes} minutes, and so make {hours(made)} h.")
    return said


def _left_out(call: Call, periods: list[Groups]) -> list[str]:
    """What is in no revenue, of the period and of the one that is compared with."""
    seconds = [sum(one.uncounted_seconds for one in groups.sums.values()) for groups in periods]
    parts = [f"{hours(seconds[0])} h of the billable ones"] if seconds[0] else []
    parts += [f"{hours(earlier)} h of those of the other period" for earlier in seconds[1:] if earlier]
    parts += ["lump sums"] if any(groups.uncounted_lump_sums for groups in periods) else []
    seen = "; list_entries shows it with include_hard_budget_revenue" if "list_entries" in call.offered else ""
    why = f"projects with a hard budget. Clockodo counts no revenue for them, and they are in no rate{seen}."
    return [f"{' and '.join(parts)} are on {why}"] if parts else []


YOURS = "your entries"


async def _whose(call: Call, users_id: int | None) -> str:
    if users_id is None:
        return "all visible entries"
    if users_id == call.caller.id:
        return YOURS
    person = await call.app.catalog.users.by_id(users_id)
    return f"entries of {cell(person.name)}" if person else f"entries of user {users_id}"


async def _without_hours(call: Call, groups: list[Compared]) -> list[str]:
    """Who has no hours, where the caller sees everybody's entries."""
    if not call.caller.sees_everybody:
        return []
    there = {one.path[0] for one in groups if one.now.seconds or one.now.revenue}
    idle = [cell(one.name) for one in await call.app.catalog.users.all() if not one.closed and one.id not in there]
    more = f" and {len(idle) - FEW} more" if len(idle) > FEW else ""
    return [f"Without hours: {', '.join(idle[:FEW])}{more}."] if idle else []


def _words(facts: EntrySummary, whose: str, columns: dict[str, Callable[[GroupRow], str]], *, is_empty: bool) -> str:
    by = f" by {next(iter(columns))}" if facts.rows or facts.group_by != ["total"] else ""
    lines = [f"{facts.period} ({facts.timezone}), {whose}{by}: {_sums_in_words(facts.totals)}."]
    if facts.compared_to:
        then = facts.compared_to
        change = _signed(facts.totals.seconds - then.totals.seconds)
        lines.append(f"Compared with {then.period}: {_sums_in_words(then.totals)}; change {change} h.")
    if is_empty:
        others = " or user='all'" if whose == YOURS else ""
        lines.append(f"There are no finished entries. To look further, call again with another period{others}.")
    lines += [f"Note: {note}" for note in facts.notes]
    if facts.rows:
        lines += ["", table(facts.rows, columns)]
    if facts.rows and facts.rows[-1].groups:
        lines += ["", f"{facts.groups} groups in all; more of them with limit={min(facts.groups, MOST_ROWS)}."]
    return "\n".join(lines)


def _sums_in_words(sums: SumsOut) -> str:
    said = f"{hours(sums.seconds)} h"
    if sums.seconds:
        said += f" ({hours(sums.billable_seconds)} h billable or billed)"
    if sums.revenue is not None:
        said += f", revenue {sums.revenue:,.2f}"
    about = [f"{sums.lump_sums:,.2f} of it lump sums"] if sums.lump_sums else []
    about += [f"{sums.rate:,.2f} per billable hour"] if sums.rate is not None else []
    return f"{said} ({', '.join(about)})" if about else said


def _columns(facts: EntrySummary, minutes: int, *, by_revenue: bool) -> dict[str, Callable[[GroupRow], str]]:
    """The columns of the table, the group first; those that say nothing in any row are left out by it."""
    by = " › ".join(word.replace("_", " ") for word in facts.group_by)
    place = next((word for word in ("subproject", "project", "customer") if word in facts.group_by), "")

    def size(row: GroupRow) -> float:
        return 0 if row.groups else (row.revenue or 0.0) if by_revenue else row.seconds

    longest = max(map(size, facts.rows), default=0)

    def bar(row: GroupRow) -> str:
        return "█" * max(1, round(BAR * size(row) / longest)) if size(row) > 0 else ""

    def change(row: GroupRow, before: SumsOut) -> str:
        return _signed(rounded(row.seconds, minutes) - rounded(before.seconds, minutes))

    return {
        by: lambda row: row.group,
        f"{place} id": lambda row: str(getattr(row, place) or "") if place else "",
        "hours": lambda row: hours(rounded(row.seconds, minutes)),
        "share": lambda row: "" if row.share is None else f"{row.share:.0%}",
        "bar": bar,
        "billable or billed": lambda row: f"{row.billable_seconds / row.seconds:.0%}" if row.seconds else "",
        "revenue": lambda row: "" if row.revenue is None else f"{row.revenue:,.2f}",
        "lump sums": lambda row: "" if row.lump_sums is None else f"{row.lump_sums:,.2f}",
        "rate": lambda row: "" if row.rate is None else f"{row.rate:,.2f}",
        "before": lambda row: hours(rounded(row.before.seconds, minutes)) if row.before else "",
        "change": lambda row: change(row, row.before) if row.before else "",
    }


def _signed(seconds: int) -> str:
    return f"+{hours(seconds)}" if seconds > 0 else hours(seconds)
