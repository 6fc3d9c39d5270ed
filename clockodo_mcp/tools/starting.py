"""What a start of the clock is going to do, settled before it runs: where, since when, what it stops, the consent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.days import ClockStart
from clockodo_mcp.api.models import Billable, TimeEntry
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.differences import is_start_of
from clockodo_mcp.domain.errors import Unreadable, call_again
from clockodo_mcp.domain.place import Place
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.reading.clock import RECENT_DAYS, ClockNow, clock_around, clock_with_last
from clockodo_mcp.resolving.places import default_billable, refuse_closed_place
from clockodo_mcp.tools.answers import row
from clockodo_mcp.tools.arguments import billable_of
from clockodo_mcp.tools.asking import Choice, Ctx, after_answer, can_be_asked, desk_of, found_or_asked
from clockodo_mcp.tools.before_after import word
from clockodo_mcp.tools.clocking import Asked, at, now_as, runs_on, since, what_runs
from clockodo_mcp.tools.consent import FORM, Consent, Given, agreed_to_this, consent_or_question, kept_of, order_of
from clockodo_mcp.tools.parameters import Found, fetched, named_place, service_or_usual


class AlreadyRunning(ClockodoMcpError):
    """The clock runs, and nobody can be asked whether to stop it. Nothing was started."""

    def __init__(self, runs: str) -> None:
        super().__init__(
            f"{runs}. One entry runs at a time, so nothing was started. If the person wants to stop it and start the "
            f"new one instead, repeat the call with one more argument.{call_again(switch=True)}"
        )


@dataclass(frozen=True)
class Starting:
    """What is to be started, what runs until then, and notes about what was chosen."""

    new: ClockStart
    stops: TimeEntry | None
    notes: list[str]


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
    return Before(start, ClockNow(None, [], caller.today(now), caller, now))


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
