"""When: periods, the span of a new entry, the moment of a sale, the moments of the clock."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from clockodo_mcp import steps
from clockodo_mcp.api.models import NewEntry, NewTimeEntry, TimeEntry
from clockodo_mcp.call import Call
from clockodo_mcp.domain.moments import (
    hours,
    is_day,
    local_day,
    local_text,
    parse_day,
    parse_duration,
    parse_moment,
    refuse_one_zone,
    round_up_unit,
)
from clockodo_mcp.domain.periods import Period, parse_period, parse_span
from clockodo_mcp.domain.spans import BEGIN_OF_WORK, EntrySpan, checked_span, clock_change, next_free, too_long
from clockodo_mcp.errors import Contradiction, Refusal, Refusals, Unreadable, WrongState
from clockodo_mcp.reading.clock import running_entry
from clockodo_mcp.reading.entries import around_day
from clockodo_mcp.resolving.finding import Finding, Found, Words


def period_of(call: Call, text: str, argument: str = "period") -> Period:
    """A period by its name, in the caller's days. Raises as `parse_period`."""
    monday = call.caller.user.weekstart_monday
    return parse_period(text, zone=call.zone, today=call.today, weekstart_monday=monday, argument=argument)


A_YEAR = timedelta(days=366)
A_DAY = 24 * 3600

EARLIEST = "2000-01-01"

TIME_OF_DAY = re.compile(r"\d{1,2}:\d\d")


def period_or_span(period: str, time_since: str, time_until: str, *, looks_back: bool = False) -> Finding[Period]:
    """A period by name, or by both its edges; this week where nothing is said.

    Where it `looks_back`, it needs no beginning: then it is the year before `time_until`, or before tomorrow.
    """

    async def look(call: Call, _: Words) -> Found[Period]:
        if looks_back and not (period or time_since):
            until = parse_span(EARLIEST, time_until or "today", zone=call.zone, today=call.today).end
            return Found(Period(until - A_YEAR, until, call.zone))
        if not (time_since or time_until):
            return Found(period_of(call, period or "this_week"))
        if period:
            why = "give period, or time_since and time_until, not both."
            raise Contradiction(why, argument="period", value=period)
        if not (time_since and time_until):
            # What is there may be wrong as well, and is said together with what is missing.
            missing, other = ("time_until", time_since) if time_since else ("time_since", time_until)
            lacking = Unreadable("time_since and time_until belong together.", argument=missing)
            try:
                parse_span(other, other, zone=call.zone, today=call.today)
            except Refusal as wrong:
                parts = wrong.parts[:1] if isinstance(wrong, Refusals) else [wrong]
                raise Refusals([*parts, lacking]) from wrong
            raise lacking
        refuse_one_zone(time_since, time_until, call.zone)
        return Found(parse_span(time_since, time_until, zone=call.zone, today=call.today))

    return Finding(look)


def of_period(period: str, argument: str = "period") -> Finding[Period]:
    """A period by its name."""

    async def look(call: Call, _: Words) -> Found[Period]:
        return Found(period_of(call, period, argument))

    return Finding(look)


def of_new_entry(
    time_since: str,
    time_until: str,
    duration: str,
    whose: Finding[int],
    planned: Sequence[Finding[NewEntry]] = (),
    round_up_to: str = "",
) -> Finding[EntrySpan]:
    """A start with an end or a duration, an end with a duration, or a duration alone, which ends now.

    A day as the start with a duration goes after the last entry of that person on that day, or to 9:00: one request.
    `planned` come before this entry in the same call. Its hours are rounded up where `round_up_to` says so: then it
    ends later, or begins earlier where its end was said.
    """

    async def look(call: Call, _: Words) -> Found[EntrySpan]:
        seconds = parse_duration(duration) if duration else None
        unit = round_up_unit(round_up_to) if round_up_to else 0
        if unit and time_since and time_until and duration:
            why = "the hours are said, with a break in them, and to be rounded as well; leave one of them out."
            raise Contradiction(why, argument="round_up_to", value=round_up_to)
        to_book = None if seconds is None else _whole(seconds, unit)
        if seconds is not None and to_book is not None and seconds <= A_DAY < to_book:
            why = f"{hours(seconds)} h would be rounded up to {hours(to_book)} h, and an entry lasts 24 hours at most."
            raise Contradiction(why, argument="round_up_to", value=round_up_to)
        if is_day(time_since):
            found, notes = await _on_day(call, time_since, time_until, to_book, whose, planned)
        else:
            found, notes = _between(call, time_since, time_until, duration, to_book)
        if unit:
            found, notes = _rounded(call, found, notes, unit, seconds)
        return Found(found, [*notes, *clock_change(found.start, found.end, call.zone)], _in_words(call, found))

    return Finding(look)


def _whole(seconds: int, unit: int) -> int:
    """Seconds rounded up to whole units of so many; as they are where there is no unit."""
    return -(-seconds // unit) * unit if unit else seconds


def _rounded(call: Call, span: EntrySpan, notes: list[str], unit: int, said: int | None) -> tuple[EntrySpan, list[str]]:
    """A span with its hours rounded up, and a note where that changes them."""
    lasts = int((span.end - span.start).total_seconds())
    whole = _whole(lasts, unit)
    end = span.start + timedelta(seconds=whole)
    checked_span(span.start, end, hours(whole), call.zone, "round_up_to")
    if (had := said or lasts) != whole:
        notes = [*notes, f"{hours(had)} h are rounded up to {hours(whole)} h."]
    return EntrySpan(span.start, end), notes


def _in_words(call: Call, span: EntrySpan) -> str:
    start, end = span.start.astimezone(call.zone), span.end.astimezone(call.zone)
    return f"{start:%a %Y-%m-%d %H:%M}–{end:%H:%M}"


async def _on_day(
    call: Call,
    said: str,
    time_until: str,
    seconds: int | None,
    whose: Finding[int],
    planned: Sequence[Finding[NewEntry]],
) -> tuple[EntrySpan, list[str]]:
    zone = call.zone
    day = parse_day(said, today=call.today, argument="time_since")
    if time_until or seconds is None:
        why = "a day alone goes with a duration; or give the time of day."
        raise Unreadable(why, argument="time_since", value=said)
    users_id = await whose.value(call)
    before = [await one.value(call) for one in planned]
    own = await call.app.writer.written_before(call.asked_for)
    there = [one for one in await around_day(call.app.clockodo, day, zone, users_id) if one.id not in own]
    entries = [*there, *_as_entries(call, before, users_id)]
    start, note = next_free(entries, day, zone=zone, now=call.now)
    if local_day(start + timedelta(seconds=seconds, microseconds=-1), zone) != day:
        why = (
            f"from {start.astimezone(zone):%H:%M} on, where {day} is free, {hours(seconds)} h do not fit into it; give "
            "the time of day."
        )
        raise WrongState(why, argument="time_since", value=said)
    return EntrySpan(start, start + timedelta(seconds=seconds)), [note]


def _as_entries(call: Call, planned: Sequence[NewEntry], users_id: int) -> list[TimeEntry]:
    """New time entries of a person as if they were stored; they have no id yet."""
    return [
        TimeEntry(
            id=0, users_id=users_id, customers_id=one.customers_id, billable=one.billable,
            time_since=one.time_since, time_until=one.time_until,
        )
        for one in planned
        if isinstance(one, NewTimeEntry) and (one.users_id or call.caller.id) == users_id
    ]  # fmt: skip


def _between(
    call: Call, time_since: str, time_until: str, duration: str, seconds: int | None
) -> tuple[EntrySpan, list[str]]:
    zone, today = call.zone, call.today
    refuse_one_zone(time_since, time_until, zone)
    start = (
        parse_moment(time_since, zone=zone, today=today, argument="time_since", now=call.now) if time_since else None
    )
    end = (
        parse_moment(time_until, zone=zone, today=today, argument="time_until", on=start, now=call.now)
        if time_until
        else None
    )
    notes = []
    if start is None and end is None and seconds is not None:
        end = call.now.replace(second=0, microsecond=0)
        notes.append(f"Ends now ({end.astimezone(zone):%H:%M}): no start or end was given.")
    if start is None and end is not None and seconds is not None:
        start = end - timedelta(seconds=seconds)
    if end is None and start is not None and seconds is not None:
        end = start + timedelta(seconds=seconds)
    if start is None or end is None:
        why = "give time_since with time_until or duration, or a duration alone to end now."
        raise Unreadable(why, argument="duration" if not duration else "time_since")
    span = checked_span(start, end, time_until or duration, zone)
    if seconds is not None and seconds > span:
        raise too_long(duration, span)
    return EntrySpan(start, end, seconds if seconds is not None and seconds != span else None), notes


def of_lump_sum(time_since: str) -> Finding[datetime]:
    """When a lump sum is booked, in whole seconds: now where nothing is said, 9:00 where only the day is."""

    async def look(call: Call, _: Words) -> Found[datetime]:
        if not time_since:
            return Found(call.now.replace(microsecond=0), ["Time: now, since none was given."])
        said, notes = time_since, []
        if is_day(time_since):
            day = parse_day(time_since, today=call.today, argument="time_since")
            said = f"{day}T{BEGIN_OF_WORK:%H:%M}"
            notes = [f"Time: {BEGIN_OF_WORK:%H:%M}, since only the day was given."]
        moment = parse_moment(said, zone=call.zone, today=call.today, argument="time_since", now=call.now)
        if notes and day == call.today and moment > call.now:
            moment, notes = call.now.replace(microsecond=0), ["Time: now, since only today was given."]
        return Found(moment, notes)

    return Finding(look)


def of_clock(argument: str, text: str) -> Finding[datetime | None]:
    """A moment of the clock, None for now. It does not lie in the future: a clock is no calendar."""

    async def look(call: Call, _: Words) -> Found[datetime | None]:
        if not text.strip():
            return Found(None)
        moment = parse_moment(text, zone=call.zone, today=call.today, argument=argument, now=call.now)
        if moment > call.now:
            now = local_text(call.now, call.zone).replace("T", " ")
            why = (
                f"this lies in the future, and it is {now} in {call.zone.key}; a clock is no calendar. Ask the person: "
                "for now leave it out."
            )
            if (evening := await _of_yesterday(call, argument, text)) is not None:
                raise Contradiction(f"{why[:-1]}, or say 'yesterday'.", argument=argument, value=text, again=evening)
            planned = steps.create(to="for planned time")
            raise Contradiction(why, argument=argument, value=text, next=(planned,))
        return Found(moment)

    return Finding(look)


async def _of_yesterday(call: Call, argument: str, text: str) -> dict[str, object] | None:
    """The same time of day yesterday, where it alone was said and the clock ran then, or may have been started."""
    plain = text.strip().lower()
    if not TIME_OF_DAY.fullmatch(plain):
        return None
    yesterday = f"yesterday {plain}"
    moment = parse_moment(yesterday, zone=call.zone, today=call.today, argument=argument, now=call.now)
    running = await running_entry(call.app.clockodo)
    if running is None or (argument == "time_until" and moment <= running.time_since):
        return None
    return {argument: yesterday}
