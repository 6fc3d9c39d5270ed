"""From when until when an entry lasts, out of a start, an end and a duration of which some are given."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clockodo_mcp.domain.durations import DAY, parse_duration
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.moments import parse_moment
from clockodo_mcp.services.account import Caller


@dataclass(frozen=True)
class EntrySpan:
    """Start and end in UTC; `duration` in seconds only where it is less than the span; `notes` name what was chosen."""

    start: datetime
    end: datetime
    duration: int | None = None
    notes: list[str] = field(default_factory=list)


def entry_span(time_since: str, time_until: str, duration: str, *, caller: Caller, now: datetime) -> EntrySpan:
    """A start with an end or a duration, an end with a duration, or a duration alone, which ends now.

    Raises:
        Unreadable: too little was given, the end is not after the start, or it is longer than 24 hours.
    """
    today = caller.today(now)
    start = parse_moment(time_since, zone=caller.zone, today=today, argument="time_since") if time_since else None
    end = parse_moment(time_until, zone=caller.zone, today=today, argument="time_until") if time_until else None
    seconds = parse_duration(duration) if duration else None
    notes: list[str] = []
    if start is None and end is None and seconds is not None:
        end = now.replace(second=0, microsecond=0)
        notes.append(f"Ends now ({end.astimezone(caller.zone):%H:%M}): no start or end was given.")
    if start is None and end is not None and seconds is not None:
        start = end - timedelta(seconds=seconds)
    if end is None and start is not None and seconds is not None:
        end = start + timedelta(seconds=seconds)
    if start is None or end is None:
        raise Unreadable(
            "time_since", time_since, "give time_since with time_until or duration, or a duration alone to end now."
        )
    span = checked_span(start, end, time_until or duration)
    return EntrySpan(start, end, seconds if seconds is not None and seconds != span else None, notes)


def checked_span(start: datetime, end: datetime, said: str) -> int:
    """The seconds from start to end.

    Raises:
        Unreadable: the end is not after the start, or more than 24 hours later.
    """
    seconds = int((end - start).total_seconds())
    if seconds <= 0:
        raise Unreadable("time_until", said, "the end must lie after the start; nothing was written.")
    if seconds > DAY:
        raise Unreadable("time_until", said, "an entry lasts 24 hours at most; log several. Nothing was written.")
    return seconds
