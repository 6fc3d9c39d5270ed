"""`copy_entries`: entries of one period again in another, what is there already left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from clockodo_mcp import steps
from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.batch_receipts import BatchReceipt, booked, planned
from clockodo_mcp.answers.rows import row
from clockodo_mcp.api.models import Billable, Entry, NewEntry, NewTimeEntry, TimeEntry
from clockodo_mcp.asking import consent, find_or_ask
from clockodo_mcp.call import Call, Note
from clockodo_mcp.domain.commands import Create
from clockodo_mcp.domain.differences import booking_of, is_booking_of
from clockodo_mcp.domain.moments import ClockChange, from_local, hours, local_day
from clockodo_mcp.domain.periods import days
from clockodo_mcp.domain.spans import clock_change
from clockodo_mcp.errors import Contradiction, Refusal, Unreadable, WrongState
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.entries import every_entry
from clockodo_mcp.resolving import filters
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.resolving.places import closed_for
from clockodo_mcp.resolving.times import period_of
from clockodo_mcp.speech import say
from clockodo_mcp.writing.batches import one_after_another, works_of

MOST = 200
"""Entries in one call."""

WEEK = 7

Days = tuple[date, date]
"""The first and the last."""


@tool(
    title="Copy entries",
    writes=True,
    for_pages=True,
    search_hint="copy yesterday, repeat last week, same as, duplicate entries; "
    "kopieren, wiederholen, wie gestern, wie letzte Woche, duplizieren",
)
async def copy_entries(
    call: Call,
    period: Annotated[str, take.Text, Field(description="From: a day or period, e.g. 'last_week', '2026-11-20'")] = "",
    to: Annotated[str, take.Text, Field(description="To: a day, or a period of the same length, e.g. 'today'")] = "",
    user: take.User = "",
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    lumpsum_service: take.LumpsumService = "",
    billable: take.BillableState = "",
    text: take.OnlyText = "",
    budget_type: take.Budget = "",
    dry_run: Annotated[bool, Field(description="Only check and show")] = False,
) -> Answer[BatchReceipt]:
    """Copy entries of a day or period to another, at the same local times; what is there already is skipped. A whole
    week goes weekday to weekday. Use it for "the same as yesterday"; for other entries use log_entries.
    Example: {"period": "yesterday", "to": "today"}.
    """
    call = await call.resumed()
    source, target = _days_of("period", period), _days_of("to", to)
    wanted = filters.entries(
        user=user, customer=customer, project=project, subproject=subproject, service=service,
        lumpsum_service=lumpsum_service, billable=billable, text=text, budget_type=budget_type, reads=False,
    )  # fmt: skip
    first = await find_or_ask(call, source, target, wanted)
    onto = target_days(first, target.found.value, period, to)
    found = await _entries(call, wanted.found.value, first, period)
    own = await call.app.writer.written_before(call.asked_for)
    of_the_days = filters.of_person(wanted.found.value.users_id).over(days(*onto, call.zone))
    there = [one for one in await every_entry(call.app.clockodo, of_the_days) if one.id not in own]
    copies = await _copies(call, found, there, onto[0] - first[0])
    news = list(copies.news.values())
    if dry_run or not news:
        return await planned(call, news, copies.skipped)
    await consent(call, *map(Create, news), needed=False)
    works = works_of(call.app.writer, {key: Create(new) for key, new in copies.news.items()})
    batch = await one_after_another(call.app.writer, call.asked_for, works, call.told)
    return await booked(call, batch, news, copies.skipped, numbered=False)


@dataclass
class _Copies:
    """What is to be booked, by the id of what it is copied from; and what is left out with its reason."""

    news: dict[int, NewEntry] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


def _days_of(argument: str, text: str) -> Finding[Days]:
    async def look(call: Call, _: Words) -> Found[Days]:
        if not text:
            raise Unreadable("give a day or a period.", argument=argument)
        span = period_of(call, text, argument)
        if not span.is_of_whole_days:
            why = "entries are copied by whole days; name days, and choose among them by customer, project or text."
            raise Unreadable(why, argument=argument, value=text)
        return Found((local_day(span.start, call.zone), local_day(span.last, call.zone)))

    return Finding(look)


def target_days(source: tuple[date, date], target: tuple[date, date], period: str, to: str) -> tuple[date, date]:
    """First and last day of where the copies go.

    The target is as long as the source; or it is one day: then the copies begin on it, and of a whole week they go
    into the week that it lies in, weekday to weekday.

    Raises:
        Contradiction: they are not of the same length.
    """
    length, of_target = source[1] - source[0], target[1] - target[0]
    if length == of_target:
        return target
    if of_target:
        why = (
            f"it has {of_target.days + 1} days and {period} has {length.days + 1}; give a period of the same length, "
            "or its first day."
        )
        raise Contradiction(why, argument="to", value=to)
    first = target[0]
    if length.days + 1 == WEEK:
        first -= timedelta(days=(first.weekday() - source[0].weekday()) % WEEK)
    return first, first + length


async def _entries(call: Call, wanted: filters.Wanted, source: Days, period: str) -> list[Entry]:
    found = await every_entry(call.app.clockodo, wanted.over(days(*source, call.zone)))
    if not found:
        see = steps.list_entries(period, to="to see what there is")
        raise WrongState(say("there is nothing to copy."), argument="period", value=period, next=(see,))
    if len(found) > MOST:
        why = (
            f"{len(found)} entries are more than the {MOST} that one call copies; name a shorter period or a customer."
        )
        raise Contradiction(why, argument="period", value=period)
    return found


async def _copies(call: Call, found: Iterable[Entry], there: Sequence[Entry], by: timedelta) -> _Copies:
    """The entries, moved by some days.

    Raises:
        WrongState: a clock change skips or repeats some of the times there.
    """
    copies = _Copies()
    problems: list[Refusal] = []
    billed = 0
    for entry in found:
        shown = row(entry, call.caller).in_words()
        if isinstance(entry, TimeEntry) and entry.running:
            copies.skipped.append(f"{shown}: it is running.")
            continue
        if reason := await closed_for(call, entry):
            copies.skipped.append(f"{shown}: {reason}.")
            continue
        try:
            new = moved(entry, by, call)
        except ClockChange as error:
            error.rename(shown, {})
            problems.append(error)
            continue
        twins = (one for one in there if is_booking_of(one, new, entry.users_id) and _break_of(one) == _break_of(entry))
        twin = next(twins, None)
        if twin is not None:
            copies.skipped.append(f"{shown}: it is there already (entry {twin.id}).")
            continue
        if isinstance(new, NewTimeEntry):
            said = clock_change(new.time_since, new.time_until, call.zone)
            call.notes += [Note(note, shown) for note in said or _out_of_clock_change(entry, new, call)]
        billed += entry.billable == Billable.BILLED
        copies.news[entry.id] = new
    if problems:
        listed = "\n".join(map(str, problems))
        raise WrongState(f"These times cannot be moved; create those entries on their own.\n{listed}")
    if billed:
        call.notes.append(Note(f"{billed} billed entries are copied as billable, not as billed."))
    return copies


def _break_of(entry: Entry) -> int:
    """The seconds between an entry's start and end that do not count."""
    return entry.offset if isinstance(entry, TimeEntry) else 0


def _out_of_clock_change(entry: Entry, new: NewTimeEntry, call: Call) -> list[str]:
    """A note where the clocks change in what is copied, so that the same times of day are other hours."""
    if not isinstance(entry, TimeEntry) or entry.time_until is None:
        return []
    if not clock_change(entry.time_since, entry.time_until, call.zone):
        return []
    was = hours(int((entry.time_until - entry.time_since).total_seconds()))
    is_now = hours(int((new.time_until - new.time_since).total_seconds()))
    return [f"The clocks changed in it, so its {was} h are {is_now} h at the same times."] if was != is_now else []


def moved(entry: Entry, by: timedelta, call: Call) -> NewEntry:
    """The same entry some days later (or earlier), at the same local times, for the same person.

    Raises:
        ClockChange: a clock change skips or repeats a time there.
    """
    copy = booking_of(entry)
    start = _at(entry.time_since, by, call, "time_since")
    update: dict[str, object] = {
        "time_since": start,
        "users_id": entry.users_id if entry.users_id != call.caller.id else None,
        "billable": min(int(entry.billable), int(Billable.BILLABLE)),
    }
    if isinstance(entry, TimeEntry) and entry.time_until is not None:
        lasts = entry.time_until - entry.time_since
        on_the_wall = _wall(entry.time_until, call.zone) - _wall(entry.time_since, call.zone)
        # Over the hour that comes twice it may end earlier on the wall than it began: it lasts as long as it did.
        bent = on_the_wall <= timedelta() < lasts
        end = start + lasts if bent else _at(entry.time_until, by, call, "time_until")
        # The rate is Clockodo's to set; a break stays a break.
        duration = int((end - start).total_seconds()) + entry.offset if entry.offset else None
        if duration is not None and duration <= 0:
            why = f"the clocks change, and its break of {hours(-entry.offset)} h leaves nothing of it."
            raise ClockChange(why, argument="duration")
        update |= {"time_until": end, "hourly_rate": None, "duration": duration}
    return copy.model_copy(update=update)


def _at(moment: datetime, by: timedelta, call: Call, argument: str) -> datetime:
    local = _wall(moment, call.zone) + by
    return from_local(local, zone=call.zone, argument=argument, text=f"{local:%Y-%m-%dT%H:%M}")


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
