"""`copy_entries`: entries of one period again in another, what is there already left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp.types import CallToolResult
from pydantic import Field

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.models import Billable, Entry, NewEntry, TimeEntry
from clockodo_mcp.cells import cell
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.differences import booking_of, is_booking_of
from clockodo_mcp.domain.durations import hours
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.moments import from_local, local_day
from clockodo_mcp.domain.periods import Period, days, parse_period
from clockodo_mcp.domain.totals import seconds_to_book
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.reading.entries import every_entry
from clockodo_mcp.tools import arguments as take
from clockodo_mcp.tools.answers import row
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.batch_answers import WrittenBatch, booked, planned, reporter
from clockodo_mcp.tools.bookings import in_words
from clockodo_mcp.tools.consent import Consent, Given, consent_or_question, kept_of, order_of
from clockodo_mcp.tools.filters import EntriesWanted, Wanted
from clockodo_mcp.tools.speaking import tool
from clockodo_mcp.writing.batches import book_in_order

MOST = 200
"""Entries in one call."""

WEEK = 7


@dataclass(frozen=True)
class Copies:
    """What is to be booked, and what is left out with its reason."""

    news: list[NewEntry]
    skipped: list[str]
    notes: list[str]


class CannotCopy(ClockodoMcpError):
    """Some of the entries cannot be copied. None was written."""


async def copies(ctx: Ctx, wanted: EntriesWanted, period: str, to: str) -> Copies:
    """The entries of `period`, moved to `to`.

    Raises:
        Unreadable: the two periods do not fit each other.
        CannotCopy: there is nothing, or too much, or a time that a clock change skips or repeats.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    source = _days_of(desk, caller, period, "period")
    target = target_days(source, _days_of(desk, caller, to, "to"), period, to)
    found = await _entries(desk, wanted, days(*source, caller.zone))
    if not found:
        raise CannotCopy(
            f"There is nothing to copy in {period}. To see what there is, call list_entries with period={period!r}."
        )
    if len(found) > MOST:
        raise CannotCopy(
            f"{len(found)} entries are more than the {MOST} that one call copies. Nothing was written. Call again with "
            "a shorter period or a customer."
        )
    there = await _entries(desk, Wanted({"users_id": wanted.filters["users_id"]}), days(*target, caller.zone))
    return await _planned(desk, caller, found, there, target[0] - source[0])


def target_days(source: tuple[date, date], target: tuple[date, date], period: str, to: str) -> tuple[date, date]:
    """First and last day of where the copies go.

    The target is as long as the source; or it is one day: then the copies begin on it, and of a whole week they go
    into the week that it lies in, weekday to weekday.

    Raises:
        Unreadable: they are not of the same length.
    """
    length, of_target = source[1] - source[0], target[1] - target[0]
    if length == of_target:
        return target
    if of_target:
        raise Unreadable(
            "to",
            to,
            f"it has {of_target.days + 1} days and {period} has {length.days + 1}; give a period of the same length, "
            "or its first day.",
            to=target[0].isoformat(),
        )
    first = target[0]
    if length.days + 1 == WEEK:
        first -= timedelta(days=(first.weekday() - source[0].weekday()) % WEEK)
    return first, first + length


async def _entries(desk: Desk, wanted: Wanted, span: Period) -> list[Entry]:
    return await every_entry(desk.clockodo, wanted.query(span))


def _days_of(desk: Desk, caller: Caller, text: str, argument: str) -> tuple[date, date]:
    if not text:
        raise Unreadable(
            argument, "", "give a day or a period.", **{argument: "last_week" if argument == "period" else "today"}
        )
    span = parse_period(
        text, zone=caller.zone, today=caller.today(desk.now()), weekstart_monday=caller.user.weekstart_monday,
        argument=argument,
    )  # fmt: skip
    return local_day(span.start, caller.zone), local_day(span.last, caller.zone)


async def _planned(desk: Desk, caller: Caller, found: Iterable[Entry], there: Sequence[Entry], by: timedelta) -> Copies:
    news: list[NewEntry] = []
    skipped: list[str] = []
    problems: list[str] = []
    billed = 0
    for entry in found:
        shown = in_words(row(entry, caller.zone, caller=caller.id))
        if isinstance(entry, TimeEntry) and entry.running:
            skipped.append(f"{shown}: it is running.")
            continue
        if reason := await _closed(desk, entry):
            skipped.append(f"{shown}: {reason}.")
            continue
        try:
            new = moved(entry, by, caller)
        except Unreadable as error:
            problems.append(f"{shown}: {error}")
            continue
        twin = next((one for one in there if is_booking_of(one, new, entry.users_id)), None)
        if twin is not None:
            skipped.append(f"{shown}: it is there already (entry {twin.id}).")
            continue
        billed += entry.billable == Billable.BILLED
        news.append(new)
    if problems:
        listed = "\n".join(problems)
        raise CannotCopy(
            f"Nothing was written, since these times cannot be moved:\n{listed}\nCreate them on their own."
        )
    notes = [f"{billed} billed entries are copied as billable, not as billed."] if billed else []
    return Copies(news, skipped, notes)


async def _closed(desk: Desk, entry: Entry) -> str:
    """Why nothing new can be booked where an entry is; empty where it can. Looks in the catalogue, once fetched."""
    for one, id in ((desk.catalog.customers, entry.customers_id), (desk.catalog.projects, entry.projects_id)):
        found = await one.by_id(id) if id is not None else None
        if found is not None and found.closed:
            return f"{one.argument} {cell(found.name)} is {found.closed}"
    return ""


def moved(entry: Entry, by: timedelta, caller: Caller) -> NewEntry:
    """The same entry some days later (or earlier), at the same local times, for the same person.

    Raises:
        Unreadable: a clock change skips or repeats a time there.
    """
    copy = booking_of(entry)
    start = _at(entry.time_since, by, caller, "time_since")
    update: dict[str, object] = {
        "time_since": start,
        "users_id": entry.users_id if entry.users_id != caller.id else None,
        "billable": min(int(entry.billable), int(Billable.BILLABLE)),
    }
    if isinstance(entry, TimeEntry) and entry.time_until is not None:
        end = _at(entry.time_until, by, caller, "time_until")
        # The rate is Clockodo's to set; a break stays a break.
        broken = entry.duration is not None and entry.duration != (entry.time_until - entry.time_since).total_seconds()
        update |= {"time_until": end, "hourly_rate": None, "duration": entry.duration if broken else None}
    return copy.model_copy(update=update)


def _at(moment: datetime, by: timedelta, caller: Caller, argument: str) -> datetime:
    local = moment.astimezone(caller.zone).replace(tzinfo=None, fold=0) + by
    return from_local(local, zone=caller.zone, argument=argument, text=f"{local:%Y-%m-%dT%H:%M}")


ToCopy = Annotated[Copies, Resolve(copies)]


async def ask_to_copy(ctx: Ctx, to_copy: ToCopy, dry_run: bool, confirm: str) -> Consent | Elicit[Consent]:
    """Consent to the copies, or the question for it; asked with `CLOCKODO_CONFIRM=always` only."""
    if dry_run:
        return Given()
    seconds = sum(map(seconds_to_book, to_copy.news))
    preview = f"This would create {len(to_copy.news)} entries, {hours(seconds)} h."
    return consent_or_question(ctx, confirm, preview=preview, needed=False, stored="", keep=to_copy.news)


async def consent_to_copy(asked: Annotated[ElicitationResult[Consent], Resolve(ask_to_copy)]) -> list[NewEntry] | None:
    """As `bookings.consent_to_book`, for all copies."""
    news: list[NewEntry] | None = kept_of(asked)
    return news


@tool(title="Copy entries", writes=True)
async def copy_entries(
    ctx: Ctx,
    to_copy: ToCopy,
    shown: Annotated[list[NewEntry] | None, Resolve(consent_to_copy)],
    period: Annotated[str, take.Text, Field(description="From: a day or period, e.g. 'last_week', '2026-11-20'")] = "",
    to: Annotated[str, take.Text, Field(description="To: a day, or a period of the same length, e.g. 'today'")] = "",
    user: take.User = "",
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    lumpsum_service: take.LumpsumService = "",
    billable: take.BillableState = "",
    text: Annotated[str, take.Text, Field(description="Only exactly this text")] = "",
    budget_type: take.Budget = "",
    dry_run: Annotated[bool, Field(description="Only check and show")] = False,
    confirm: take.Confirm = "",
) -> Annotated[CallToolResult, WrittenBatch]:
    """Copy entries of a day or period to another, at the same local times; what is there already is skipped. A whole
    week goes weekday to weekday. Use it for "the same as yesterday"; for other entries use log_entries.
    Example: {"period": "yesterday", "to": "today"}.
    """
    desk = desk_of(ctx)
    news = shown or to_copy.news
    if dry_run or not news:
        so = "Nothing was written (dry_run). To write it, call again without dry_run." if news else "Nothing to write."
        return await planned(desk, news, to_copy.notes, so, to_copy.skipped)
    batch = await book_in_order(desk.writer, desk.journal, order_of(ctx), news, reporter(ctx))
    return await booked(desk, batch, news, to_copy.notes, "copy_entries", to_copy.skipped)
