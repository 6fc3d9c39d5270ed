"""What a call to the clock is going to do, settled before it runs: the start, the stop, the move, and the consent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve

from clockodo_mcp.api.days import ClockStart
from clockodo_mcp.api.models import Billable, TimeEntry
from clockodo_mcp.domain.differences import is_start_of
from clockodo_mcp.domain.errors import Unreadable, call_again, shown
from clockodo_mcp.domain.moments import parse_moment
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.services.account import Caller
from clockodo_mcp.services.clocking import LONGEST, RECENT_DAYS, ClockNow, clock_around, clock_with_last, running_entry
from clockodo_mcp.services.desk import Desk
from clockodo_mcp.services.kept import at_once
from clockodo_mcp.services.places import Place, default_billable, refuse_closed_place
from clockodo_mcp.tools.answers import local, row
from clockodo_mcp.tools.arguments import billable_of, clock
from clockodo_mcp.tools.asking import Choice, Ctx, after_answer, can_be_asked, desk_of, found_or_asked
from clockodo_mcp.tools.before_after import word
from clockodo_mcp.tools.bookings import in_words
from clockodo_mcp.tools.consent import FORM, Consent, Given, agreed_to_this, consent_or_question, kept_of, order_of
from clockodo_mcp.tools.parameters import Found, fetched, named_place, service_or_usual

Asked = ElicitationResult[Consent]


class AlreadyRunning(ClockodoMcpError):
    """The clock runs, and nobody can be asked whether to stop it. Nothing was started."""

    def __init__(self, runs: str) -> None:
        super().__init__(
            f"{runs}. One entry runs at a time, so nothing was started. If the person wants to stop it and start the "
            f"new one instead, repeat the call with one more argument.{call_again(switch=True)}"
        )


class NothingRuns(ClockodoMcpError):
    """The clock does not run, so there is nothing to stop or to move."""


@dataclass(frozen=True)
class Starting:
    """What is to be started, what runs until then, and notes about what was chosen."""

    new: ClockStart
    stops: TimeEntry | None
    notes: list[str]


@dataclass(frozen=True)
class Running:
    """What runs, and the moment that is to become its end or its start; None for now."""

    entry: TimeEntry
    moment: datetime | None


def since(moment: datetime, caller: Caller, now: datetime) -> str:
    """The local time of day, with its day where that is not today."""
    said = local(moment, caller.zone).replace("T", " ")
    return said.removeprefix(f"{caller.today(now)} ")


def runs_on(running: TimeEntry, caller: Caller, now: datetime) -> str:
    """`Entry 400 runs since 15:38: Acme GmbH › Relaunch, Design, …`. Without hours, so a question stays as it is."""
    seen = row(running, caller.zone)
    on = ", ".join(part for part in (seen.booked_on, seen.service, seen.text) if part)
    return f"Entry {running.id} runs since {since(running.time_since, caller, now)}: {on}"


def now_as(argument: str, text: str, desk: Desk, caller: Caller) -> datetime | None:
    """A moment of the clock in UTC, None where none is given.

    Raises:
        Unreadable: it is none, or lies in the future: a clock is no calendar.
    """
    if not text:
        return None
    now = desk.now()
    moment = parse_moment(
        text, zone=caller.zone, today=caller.today(now), argument=argument, example=local(now, caller.zone)
    )
    if moment > now:
        raise Unreadable(
            argument,
            text,
            f"this lies in the future, and it is {local(now, caller.zone).replace('T', ' ')} in {caller.zone.key}; "
            f"leave it out for now, or log planned time with create_time_entry. Nothing was written.",
            **{argument: ""},
        )
    return moment


async def what_runs(desk: Desk, *reads: Callable[[], Awaitable[object]]) -> tuple[TimeEntry | None, Caller]:
    """What runs, without names and text, and the caller; read at the same time as what else is needed."""
    found: list[TimeEntry | None] = []

    async def read_clock() -> None:
        found.append(await running_entry(desk.clockodo))

    await at_once(read_clock, desk.account.caller, *reads)
    return found[0], await desk.account.caller()


# Start


@dataclass(frozen=True)
class Before:
    """The moment before a start: when it is to be, None for now, and what runs and ran."""

    start: datetime | None
    clock: ClockNow


async def before_start(
    ctx: Ctx,
    customer: str,
    project: str,
    subproject: str,
    service: str,
    time_since: str,
    billable: str,
    resume: bool,
) -> Before:
    """What runs, read together with what the words need. Then, where it matters, the entries around: one request.

    Raises:
        Unreadable: nothing is named, or a word of `billable` or `time_since` is none, or the start lies in the future;
            said here, before any question is asked.
    """
    billable_of(billable)
    desk = desk_of(ctx)
    if not (customer or project or subproject or resume):
        raise Unreadable(
            "customer",
            "",
            "name the customer or the project that the clock runs for, or give resume=True to go on with the last "
            "entry. Nothing was started. To see what there is, call search_catalog.",
        )

    async def read_lists() -> None:
        await fetched(
            desk, customer=customer, project=project, subproject=subproject, service=service, user="",
            new=not resume, billable=billable,
        )  # fmt: skip

    running, caller = await what_runs(desk, read_lists)
    now = desk.now()
    start = now_as("time_since", time_since, desk, caller)
    if resume:
        return Before(start, await clock_with_last(desk.clockodo, caller, running, now))
    if running:
        return Before(start, await clock_around(desk.clockodo, caller, running, [], now))
    return Before(start, ClockNow(None, [], caller.today(now), caller))


BeforeStart = Annotated[Before, Resolve(before_start)]


async def place_to_start(place: Annotated[Place, Resolve(named_place)]) -> Place:
    """Where the clock is to run; empty where the last entry tells it.

    Raises:
        Unreadable: it is closed.
    """
    refuse_closed_place(place)
    return place


async def ask_service_to_start(
    ctx: Ctx,
    service: str,
    resume: bool,
    before: BeforeStart,
    place: Annotated[Place, Resolve(place_to_start)],
) -> Found | Elicit[Choice]:
    """The service that is named, else the usual one there, or the question for it. A resumed entry has its own.

    `before` fetches together what is looked up here one by one.
    """
    if resume and not service:
        return None, []
    return await found_or_asked(ctx, service_or_usual(desk_of(ctx), place), {"service": service})


async def service_to_start(
    ctx: Ctx,
    service: str,
    resume: bool,
    place: Annotated[Place, Resolve(place_to_start)],
    asked: Annotated[ElicitationResult[Choice], Resolve(ask_service_to_start)],
) -> Found:
    """The service that the clock runs for; None where the last entry tells it."""
    if resume and not service:
        return None, []
    return await after_answer(asked, service_or_usual(desk_of(ctx), place), {"service": service})


async def clock_to_start(
    ctx: Ctx,
    before: BeforeStart,
    place: Annotated[Place, Resolve(place_to_start)],
    of_service: Annotated[Found, Resolve(service_to_start)],
    time_since: str,
    billable: str,
    text: str,
    resume: bool,
    switch: bool,
) -> Starting:
    """What `start_clock` starts. Where the same call comes again after a lost answer, what runs is no other entry.

    Raises:
        Unreadable: there is no last entry to go on with, or the start lies before that of what runs.
    """
    desk = desk_of(ctx)
    notes = [*place.notes, *of_service[1]]
    if resume:
        last = to_resume(before.clock, place)
        given = {"services_id": of_service[0], "billable": billable_of(billable), "text": text or None}
        given = {name: value for name, value in given.items() if value is not None}
        new = resumed(last).model_copy(update=given)
        kept = [word(field) for field in ("services_id", "billable", "text") if field not in given]
        ended = since(last.time_until or last.time_since, before.clock.caller, desk.now())
        notes.append(f"Goes on with entry {last.id}, which ended {ended}: its {', '.join(['place', *kept])}.")
    else:
        billable_as = billable_of(billable)
        if billable_as is None:
            billable_as, note = await default_billable(desk.catalog, place)
            notes.append(note)
        assert place.customers_id is not None, "settled in place_to_start"
        assert of_service[0] is not None, "settled in service_to_start"
        new = ClockStart(
            customers_id=place.customers_id,
            projects_id=place.projects_id,
            subprojects_id=place.subprojects_id,
            services_id=of_service[0],
            billable=billable_as,
            text=text or None,
        )
    running = before.clock.running
    again = running is not None and is_start_of(running, new) and desk.writer.lost_call(order_of(ctx)) is not None
    if running and before.start and before.start <= running.time_since and not again:
        raise Unreadable(
            "time_since",
            time_since,
            f"entry {running.id} runs since {since(running.time_since, before.clock.caller, desk.now())}, and the new "
            "start has to lie after that. Nothing was written. To book what runs on another place, call update_entry "
            f"with id={running.id}; to start now instead of it, leave time_since out.",
            time_since="",
            switch=True,
        )
    return Starting(
        new.model_copy(update={"time_since": before.start}), None if again and not switch else running, notes
    )


def to_resume(now: ClockNow, place: Place) -> TimeEntry:
    """The last entry, on a place where one is named.

    Raises:
        Unreadable: there is none.
    """
    last = now.last(place)
    if last is None:
        there = " there" if place.customers_id else ""
        raise Unreadable(
            "resume",
            "True",
            f"you have no time entry{there} in the last {RECENT_DAYS} days to go on with. Nothing was started. Name "
            "customer or project, and service.",
            resume=False,
        )
    return last


def resumed(last: TimeEntry) -> ClockStart:
    """What goes on with an entry. What was billed was billable."""
    assert last.services_id is not None, "a time entry has a service"
    return ClockStart(
        customers_id=last.customers_id,
        projects_id=last.projects_id,
        subprojects_id=last.subprojects_id,
        services_id=last.services_id,
        billable=min(last.billable, int(Billable.BILLABLE)),
        text=last.text,
    )


ToStart = Annotated[Starting, Resolve(clock_to_start)]


async def ask_to_start(ctx: Ctx, starting: ToStart, switch: bool, confirm: str) -> Consent | Elicit[Consent]:
    """Consent to a start. Where something runs and `switch` does not say so, the person is asked whether to stop it.

    Raises:
        AlreadyRunning: the client cannot ask.
    """
    desk = desk_of(ctx)
    caller, stops = await desk.account.caller(), starting.stops
    if stops is not None and not switch and (desk.confirm == "never" or not can_be_asked(ctx)):
        raise AlreadyRunning(runs_on(stops, caller, desk.now()))
    if desk.confirm != "always" and (stops is None or switch):
        return Given()
    when, what = at(starting.new.time_since, caller, desk.now()), await start_in_words(desk, starting.new, caller)
    if stops is None:
        preview = f"This would start the clock {when} on {what}."
        return consent_or_question(ctx, confirm, preview=preview, needed=False, stored="", keep=starting.new)
    runs, stored = runs_on(stops, caller, desk.now()), stops.model_dump_json()
    if not switch:
        return Elicit(f"{runs}. Stop it {when} and start the clock on {what}?", FORM)
    preview = f"{runs}. This would stop it {when} and start the clock on {what}."
    return consent_or_question(ctx, confirm, preview=preview, needed=False, stored=stored, keep=starting.new)


def at(moment: datetime | None, caller: Caller, now: datetime) -> str:
    """`at 15:38`, or just `now`: a question that names the minute would be another one when the answer comes."""
    return f"at {since(moment, caller, now)}" if moment else "now"


async def start_in_words(desk: Desk, new: ClockStart, caller: Caller) -> str:
    """Where a start is booked, with what and how: names, no times."""
    fields = {"id": 0, "users_id": caller.id, "time_since": desk.now(), **new.model_dump(exclude_none=True)}
    seen = row(await desk.catalog.with_names(TimeEntry.model_validate(fields)), caller.zone, caller=caller.id)
    return ", ".join(part for part in (seen.booked_on, seen.service, seen.billable, seen.text) if part)


async def consent_to_start(
    ctx: Ctx, starting: ToStart, asked: Annotated[Asked, Resolve(ask_to_start)]
) -> ClockStart | None:
    """The start that the person was shown with a code; None where it is the one at hand.

    Raises:
        Declined: the person did not agree to this.
    """
    new: ClockStart | None = kept_of(asked)
    if starting.stops is not None:
        await agreed_to_this(ctx, asked, starting.stops)
    return new


# Stop and move


async def running_or_refused(ctx: Ctx, *, named: bool, otherwise: str) -> tuple[TimeEntry, Caller]:
    """What runs, with names and text where they are needed. One request or two, and one for the account.

    Where the same call comes again after a lost answer, what it was about, even if it runs no longer.

    Raises:
        NothingRuns: with the last entry, and what to call instead: `otherwise`, where `{id}` is that entry's.
    """
    desk = desk_of(ctx)
    running, caller = await what_runs(desk)
    now = desk.now()
    if running is None and (lost := desk.writer.lost_call(order_of(ctx))) and isinstance(lost.before, TimeEntry):
        return lost.before, caller
    if running is None:
        last = (await clock_with_last(desk.clockodo, caller, None, now)).last()
        raise NothingRuns(f"The clock does not run, so nothing was done. {how_to_go_on(last, caller, otherwise)}")
    if named:
        around = await clock_around(desk.clockodo, caller, running, [], now)
        running = around.running or running
    return running, caller


def how_to_go_on(last: TimeEntry | None, caller: Caller, otherwise: str = "") -> str:
    """The last entry, and the calls that start the clock or mend that entry."""
    start = "call start_clock with customer or project"
    if last is None:
        return f"You have no entry in the last {RECENT_DAYS} days. To start the clock, {start}."
    ended = in_words(row(last, caller.zone, caller=caller.id))
    go_on = f"To go on with it, call start_clock with resume=True; for other work, {start}."
    return f"The last one is {ended}. {go_on}{otherwise.format(id=last.id)}"


async def clock_to_stop(ctx: Ctx, time_until: str, text: str) -> Running:
    """What `stop_clock` stops, and when.

    Raises:
        NothingRuns
        Unreadable: the end lies in the future, or not after the start.
    """
    desk = desk_of(ctx)
    otherwise = " To correct its end, call update_entry with id={id} and time_until."
    named = bool(text) or desk.confirm == "always"
    running, caller = await running_or_refused(ctx, named=named, otherwise=otherwise)
    until = now_as("time_until", time_until, desk, caller)
    if until is not None and until <= running.time_since:
        begun = since(running.time_since, caller, desk.now())
        raise Unreadable(
            "time_until",
            time_until,
            f"entry {running.id} runs since {begun}, and its end has to lie after that. Nothing was stopped. To stop "
            "it now, leave time_until out; if it began earlier, call adjust_clock first; if it should not be there, "
            f"delete_entry with id={running.id}.",
            time_until="",
        )
    return Running(running, until)


ToStop = Annotated[Running, Resolve(clock_to_stop)]


async def clock_to_move(ctx: Ctx, time_since: str) -> Running:
    """What `adjust_clock` moves, and to when.

    Raises:
        NothingRuns
        Unreadable: the start lies in the future, over 24 hours back, or where it is already.
    """
    desk = desk_of(ctx)
    otherwise = " To correct its start, call update_entry with id={id} and time_since."
    running, caller = await running_or_refused(ctx, named=desk.confirm == "always", otherwise=otherwise)
    example = local(running.time_since, caller.zone)
    if not time_since.strip():
        raise Unreadable("time_since", time_since, "say when the work began.", time_since=example)
    start, now = now_as("time_since", time_since, desk, caller), desk.now()
    assert start is not None, "a text is there"
    if now - start > LONGEST:
        earliest = (now - LONGEST + timedelta(minutes=1)).replace(second=0, microsecond=0)
        raise Unreadable(
            "time_since",
            time_since,
            "that is more than 24 hours ago, and an entry lasts 24 hours at most. Nothing was written. For work of "
            "several days, log each day with create_time_entry.",
            time_since=local(earliest, caller.zone),
        )
    if start == running.time_since:
        raise Unreadable(
            "time_since",
            time_since,
            f"entry {running.id} runs since {clock(start, caller.zone)} already; nothing was changed. To see it, call "
            "get_clock.",
        )
    return Running(running, start)


ToMove = Annotated[Running, Resolve(clock_to_move)]


async def ask_to_stop(ctx: Ctx, stopping: ToStop, text: str, confirm: str) -> Consent | Elicit[Consent]:
    """Consent to a stop; asked for with `CLOCKODO_CONFIRM=always` only."""
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    runs, when = runs_on(stopping.entry, caller, desk.now()), at(stopping.moment, caller, desk.now())
    preview = f"{runs}. This would stop it {when}{f' with the text {shown(text)}' if text else ''}."
    return consent_or_question(ctx, confirm, preview=preview, needed=False, stored=stopping.entry.model_dump_json())


async def ask_to_move(ctx: Ctx, moving: ToMove, confirm: str) -> Consent | Elicit[Consent]:
    """Consent to another start; asked for with `CLOCKODO_CONFIRM=always` only."""
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    assert moving.moment is not None, "settled in clock_to_move"
    runs, start = runs_on(moving.entry, caller, desk.now()), since(moving.moment, caller, desk.now())
    preview = f"{runs}. This would move its start to {start}."
    return consent_or_question(ctx, confirm, preview=preview, needed=False, stored=moving.entry.model_dump_json())


async def consent_to_stop(ctx: Ctx, stopping: ToStop, asked: Annotated[Asked, Resolve(ask_to_stop)]) -> None:
    """Raises `Declined` where the person did not agree to this."""
    await agreed_to_this(ctx, asked, stopping.entry)


async def consent_to_move(ctx: Ctx, moving: ToMove, asked: Annotated[Asked, Resolve(ask_to_move)]) -> None:
    """As `consent_to_stop`."""
    await agreed_to_this(ctx, asked, moving.entry)
