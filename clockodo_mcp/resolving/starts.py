"""A start of the clock out of the words of a call: where, since when, and what it stops."""

from clockodo_mcp import steps
from clockodo_mcp.answers.before_after import word
from clockodo_mcp.api.client import at_once
from clockodo_mcp.api.models import Billable, TimeEntry
from clockodo_mcp.api.models.clock import ClockStart
from clockodo_mcp.call import Call
from clockodo_mcp.domain.booking import Place, billable_of
from clockodo_mcp.domain.commands import Start
from clockodo_mcp.domain.differences import is_start_of
from clockodo_mcp.domain.moments import since_text
from clockodo_mcp.errors import Contradiction, WrongState
from clockodo_mcp.reading.clock import RECENT_DAYS, ClockNow, clock_around, clock_with_last, running_entry
from clockodo_mcp.resolving import objects, places, times
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.resolving.running import since

NO_PLACE = "name the customer or the project that the clock runs for, or give resume=True to go on with the last entry."


def of_clock(
    *,
    customer: str,
    project: str,
    subproject: str,
    service: str,
    text: str,
    billable: str,
    time_since: str,
    resume: bool,
    switch: bool,
) -> Finding[Start]:
    """What is to be started, and what runs until then.

    Where the same call comes again after a lost answer, what runs is no other entry.
    """
    place = places.open_place(customer, project, subproject, or_else="" if resume else NO_PLACE)
    own = resume and not service
    work = objects.open_service("") if own else objects.service_or_usual(service, place)
    state = places.billable_as_said(billable) if resume else places.billable_or_default(billable, place)
    moment = times.of_clock("time_since", time_since)
    clock = _clock(resume=resume)

    async def look(call: Call, _: Words) -> Found[Start]:
        await at_once(*((lambda one=one: one.look_up(call)) for one in (clock, place, work, state, moment)))
        at, now = await place.value(call), await clock.value(call)
        services_id, billable_as = await work.value(call), await state.value(call)
        notes: list[str] = []
        if resume:
            new, note = _resumed(call, now, at, services_id, billable_of(billable), text)
            notes.append(note)
        else:
            assert at.customers_id is not None, "a place to start on has a customer"
            assert services_id is not None, "a new entry has a service"
            new = ClockStart(
                customers_id=at.customers_id,
                projects_id=at.projects_id,
                subprojects_id=at.subprojects_id,
                services_id=services_id,
                billable=billable_as,
                text=text or None,
            )
        start, running = await moment.value(call), now.running
        lost = await call.app.writer.lost_call(call.asked_for)
        again = lost is not None and running is not None and is_start_of(running, new)
        if running and start and start <= running.time_since and not again:
            why = (
                f"entry {running.id} runs since {since(call, running)}, and the new start has to lie after that. To "
                "start now instead of it, leave time_since out."
            )
            move = steps.correct(running.id, "the place", to="to book what runs on another place")
            raise Contradiction(why, argument="time_since", value=time_since, next=(move,))
        stops = None if again and not switch else running
        return Found(Start(new.model_copy(update={"time_since": start}), stops), notes)

    return Finding(look, parts=(place, work, state, moment, clock))


def _clock(*, resume: bool) -> Finding[ClockNow]:
    """What runs, and the entries around it; where it is to go on, those of the last weeks."""

    async def look(call: Call, _: Words) -> Found[ClockNow]:
        running = await running_entry(call.app.clockodo)
        if resume:
            return Found(await clock_with_last(call.app.clockodo, call.caller, running, call.now))
        if running:
            return Found(await clock_around(call.app.clockodo, call.caller, running, [], call.now))
        return Found(ClockNow(None, [], call.today, call.caller, call.now))

    return Finding(look)


def _resumed(
    call: Call, now: ClockNow, place: Place, services_id: int | None, billable: int | None, text: str
) -> tuple[ClockStart, str]:
    """What goes on with the last entry, on a place where one is named, and a note that says so."""
    last = now.last(place)
    if last is None:
        there = " there" if place.customers_id else ""
        why = (
            f"you have no time entry{there} in the last {RECENT_DAYS} days to go on with; name customer or project, "
            "and service."
        )
        raise WrongState(why, argument="resume", value=True)
    given = {"services_id": services_id, "billable": billable, "text": text or None}
    given = {name: value for name, value in given.items() if value is not None}
    kept = [word(field) for field in ("services_id", "billable", "text") if field not in given]
    ended = since_text(last.time_until or last.time_since, call.zone, call.today)
    note = f"Goes on with entry {last.id}, which ended {ended}: its {', '.join(['place', *kept])}."
    return _start_of(last).model_copy(update=given), note


def _start_of(last: TimeEntry) -> ClockStart:
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
