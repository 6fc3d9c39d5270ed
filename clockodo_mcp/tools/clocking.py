"""What a stop or a move of the clock is going to do, settled before it runs, and the consent; `starting` has the start.

Also how all of them speak of what runs.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve

from clockodo_mcp.account.cache import at_once
from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.models import TimeEntry
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.errors import Unreadable, shown
from clockodo_mcp.domain.moments import parse_moment
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.reading.clock import LONGEST, RECENT_DAYS, clock_around, clock_with_last, running_entry
from clockodo_mcp.tools.answers import local, row
from clockodo_mcp.tools.arguments import clock
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.bookings import in_words
from clockodo_mcp.tools.consent import Consent, agreed_to_this, consent_or_question, order_of

Asked = ElicitationResult[Consent]


class NothingRuns(ClockodoMcpError):
    """The clock does not run, so there is nothing to stop or to move."""


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


def at(moment: datetime | None, caller: Caller, now: datetime) -> str:
    """`at 15:38`, or just `now`: a question that names the minute would be another one when the answer comes."""
    return f"at {since(moment, caller, now)}" if moment else "now"


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
            "a clock is no calendar. Nothing was written. Ask the person: for now leave it out, planned time is logged "
            "with create_time_entry.",
        )
    return moment


async def what_runs(desk: Desk, *reads: Callable[[], Awaitable[object]]) -> tuple[TimeEntry | None, Caller]:
    """What runs, without names and text, and the caller; read at the same time as what else is needed."""
    found: list[TimeEntry | None] = []

    async def read_clock() -> None:
        found.append(await running_entry(desk.clockodo))

    await at_once(read_clock, desk.account.caller, *reads)
    return found[0], await desk.account.caller()


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
            f"delete_entry with id={running.id}. Ask the person which of these it is.",
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
