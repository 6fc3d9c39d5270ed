"""From when until when an entry lasts, out of a start, an end and a duration of which some are given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.domain.durations import DAY, hours, parse_duration
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.moments import from_local, is_day, local_day, parse_day, parse_moment
from clockodo_mcp.reading.entries import around_day

BEGIN_OF_WORK = time(9)
"""Where the first entry of a day goes when only the day was said."""


@dataclass(frozen=True)
class EntrySpan:
    """Start and end in UTC; `duration` in seconds only where it is less than the span; `notes` name what was chosen."""

    start: datetime
    end: datetime
    duration: int | None = None
    notes: list[str] = field(default_factory=list)


async def entry_span(
    clockodo: Clockodo,
    time_since: str,
    time_until: str,
    duration: str,
    *,
    caller: Caller,
    users_id: int,
    now: datetime,
    planned: Sequence[TimeEntry] = (),
) -> EntrySpan:
    """A start with an end or a duration, an end with a duration, or a duration alone, which ends now.

    A day as the start with a duration goes after the last entry of that person on that day, or to 9:00: one request.
    `planned` are entries that come before this one in the same call; they have no id yet (0).

    Raises:
        Unreadable: too little was given, the end is not after the start, or it is longer than 24 hours.
    """
    zone, today = caller.zone, caller.today(now)
    seconds = parse_duration(duration) if duration else None
    notes: list[str] = []
    if is_day(time_since):
        day = parse_day(time_since, today=today, argument="time_since")
        if time_until or seconds is None:
            raise Unreadable(
                "time_since",
                time_since,
                "a day alone goes with a duration; or give the time of day.",
                **({"time_until": "", "duration": duration or "1h"} if time_until else {"duration": "1h"}),
            )
        of_that_day = [one for one in planned if local_day(one.time_since, zone) == day]
        entries = [*await around_day(clockodo, day, zone, users_id), *of_that_day]
        start, note = next_free(entries, day, zone=zone, now=now)
        if local_day(start + timedelta(seconds=seconds, microseconds=-1), zone) != day:
            raise Unreadable(
                "time_since",
                time_since,
                f"the last entry of {day} ends at {start.astimezone(zone):%H:%M}, so {hours(seconds)} h do not fit "
                "after it; give the time of day.",
                time_since=f"{day}T00:00",
            )
        return EntrySpan(start, start + timedelta(seconds=seconds), notes=[note])
    start_given = parse_moment(time_since, zone=zone, today=today, argument="time_since") if time_since else None
    day = local_day(start_given, zone) if start_given else today
    later = (start_given + timedelta(hours=1)).astimezone(zone).isoformat(timespec="minutes") if start_given else ""
    end_given = (
        parse_moment(time_until, zone=zone, today=today, argument="time_until", example=later, on=day)
        if time_until
        else None
    )
    if start_given is None and end_given is None and seconds is not None:
        end_given = now.replace(second=0, microsecond=0)
        notes.append(f"Ends now ({end_given.astimezone(zone):%H:%M}): no start or end was given.")
    if start_given is not None:
        start, end = start_given, end_given or (seconds and start_given + timedelta(seconds=seconds))
    elif end_given is not None and seconds is not None:
        start, end = end_given - timedelta(seconds=seconds), end_given
    else:
        end = None
    if not end:
        raise Unreadable(
            "duration",
            duration,
            "give time_since with time_until or duration, or a duration alone to end now.",
            duration="1h",
        )
    span = checked_span(start, end, time_until or duration, zone)
    if seconds is not None and seconds > span:
        raise too_long(duration, span)
    return EntrySpan(start, end, seconds if seconds is not None and seconds != span else None, notes)


def next_free(entries: Iterable[Entry], day: date, *, zone: ZoneInfo, now: datetime) -> tuple[datetime, str]:
    """Where an entry goes for which only the day was said, and a note that says so.

    Raises:
        Unreadable: an entry of that day is still running.
    """
    begin = from_local(datetime.combine(day, BEGIN_OF_WORK), zone=zone, argument="time_since", text=str(day))
    of_the_day = [
        one for one in entries if isinstance(one, TimeEntry) and local_day(one.time_until or now, zone) >= day
    ]
    for one in of_the_day:
        if one.running and local_day(one.time_since, zone) <= day <= local_day(now, zone):
            raise Unreadable(
                "time_since",
                str(day),
                f"entry {one.id} is still running, so nothing can follow it; give the time of day.",
                time_since=f"{day}T{BEGIN_OF_WORK:%H:%M}",
            )
    last = max((one for one in of_the_day if one.time_until), key=lambda one: one.time_until or now, default=None)
    if last is None or last.time_until is None:
        return begin, f"Start {BEGIN_OF_WORK:%H:%M}: only the day was given, and it had no entry."
    end = last.time_until
    before = f"entry {last.id}" if last.id else "the one before it"
    return end, f"Start {end.astimezone(zone):%H:%M}: only the day was given, and {before} ends then."


def too_long(duration: str, span: int) -> Unreadable:
    """A duration that does not fit between its start and its end. A shorter one is fine: there was a break."""
    return Unreadable(
        "duration",
        duration,
        f"from time_since to time_until it is {hours(span)} h only. Nothing was written.",
        duration=hours(span),
    )


PLAUSIBLE = timedelta(hours=12)
"""How far an end before its start may be over midnight: a night's work, and no slip."""


def checked_span(start: datetime, end: datetime, said: str, zone: ZoneInfo) -> int:
    """The seconds from start to end.

    Raises:
        Unreadable: the end is not after the start, or more than 24 hours later.
    """
    seconds = int((end - start).total_seconds())
    if 0 < seconds <= DAY:
        return seconds
    later = end.astimezone(zone) + timedelta(days=1)
    if not timedelta() < later - start <= PLAUSIBLE:
        later = (start + timedelta(hours=1)).astimezone(zone)
    why = "the end must lie after the start" if seconds <= 0 else "an entry lasts 24 hours at most; log several"
    raise Unreadable("time_until", said, f"{why}. Nothing was written.", time_until=later.isoformat(timespec="minutes"))
