"""From when until when an entry lasts, out of what was given, and which entries share time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.domain.moments import DAY, from_local, hours, local_day
from clockodo_mcp.errors import Contradiction, WrongState
from clockodo_mcp.speech import joined, say

BEGIN_OF_WORK = time(9)
"""Where the first entry of a day goes when only the day was said."""

PLAUSIBLE = timedelta(hours=12)
"""How far an end before its start may be over midnight: a night's work, and no slip."""


@dataclass(frozen=True)
class EntrySpan:
    """Start and end in UTC; `duration` in seconds only where it is less than the span."""

    start: datetime
    end: datetime
    duration: int | None = None


def next_free(entries: Iterable[Entry], day: date, *, zone: ZoneInfo, now: datetime) -> tuple[datetime, str]:
    """Where an entry goes for which only the day was said, and a note that says so.

    Raises:
        WrongState: an entry of that day is still running.
    """
    begin = from_local(datetime.combine(day, BEGIN_OF_WORK), zone=zone, argument="time_since", text=str(day))
    of_the_day = [
        one for one in entries if isinstance(one, TimeEntry) and local_day(one.time_until or now, zone) >= day
    ]
    for one in of_the_day:
        if one.running and local_day(one.time_since, zone) <= day <= local_day(now, zone):
            why = f"entry {one.id} is still running, so nothing can follow it; give the time of day."
            raise WrongState(why, argument="time_since", value=day)
    last = max((one for one in of_the_day if one.time_until), key=lambda one: one.time_until or now, default=None)
    if last is None or last.time_until is None:
        return begin, f"Start {BEGIN_OF_WORK:%H:%M}: only the day was given, and it had no entry."
    end = last.time_until
    before = f"entry {last.id}" if last.id else "the one before it"
    return end, f"Start {end.astimezone(zone):%H:%M}: only the day was given, and {before} ends then."


def too_long(duration: str, span: int) -> Contradiction:
    """A duration that does not fit between its start and its end. A shorter one is fine: there was a break."""
    why = f"from time_since to time_until it is {hours(span)} h only."
    return Contradiction(why, argument="duration", value=duration)


def clock_change(start: datetime, end: datetime, zone: ZoneInfo) -> list[str]:
    """A note where the clocks change in between, so that the times of day are not the hours."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    shift = (last.utcoffset() or timedelta()) - (first.utcoffset() or timedelta())
    if not shift:
        return []
    lasts = hours(int((end - start).total_seconds()))
    return [f"The clocks change in between, so {first:%H:%M}–{last:%H:%M} are {lasts} h."]


def checked_span(start: datetime, end: datetime, said: str, zone: ZoneInfo, argument: str = "time_until") -> int:
    """The seconds from start to end; `argument` is what was said.

    Raises:
        Contradiction: the end is not after the start, or more than 24 hours later.
    """
    seconds = int((end - start).total_seconds())
    if 0 < seconds <= DAY:
        return seconds
    if seconds > 0:
        raise Contradiction(say("an entry lasts 24 hours at most; log several."), argument=argument, value=said)
    why = say("the end must lie after the start, {start}.", start=f"{start.astimezone(zone):%Y-%m-%d %H:%M}")
    later = end.astimezone(zone) + timedelta(days=1)
    if timedelta() < later - start <= PLAUSIBLE:
        why = joined(" ", (why, say("If the next day is meant, write {end}.", end=later.isoformat(timespec="minutes"))))
    raise Contradiction(why, argument=argument, value=said)


def overlapping(entry: Entry, others: Iterable[Entry], now: datetime) -> list[Entry]:
    """The other time entries of the same person that share time with this one; a running one lasts until now."""
    if not isinstance(entry, TimeEntry):
        return []
    end = entry.time_until or now
    return [
        other
        for other in others
        if isinstance(other, TimeEntry)
        and other.id != entry.id
        and other.users_id == entry.users_id
        and other.time_since < end
        and entry.time_since < (other.time_until or now)
    ]
