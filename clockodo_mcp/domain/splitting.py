"""Where an entry is split in two, and what the second part is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clockodo_mcp import steps
from clockodo_mcp.api.models import Entry, EntryChange, NewEntry, NewTimeEntry, TimeEntry
from clockodo_mcp.api.models.entries import is_at_the_end_of_time
from clockodo_mcp.domain.differences import booking_of
from clockodo_mcp.domain.moments import hours, is_day, local_day, parse_duration, parse_moment
from clockodo_mcp.errors import Contradiction, Refusal, Unreadable, WrongState

OF_PLACE = {"customers_id", "projects_id", "subprojects_id", "services_id"}
"""What the hourly rate follows from."""


def divisible(entry: Entry) -> tuple[TimeEntry, datetime]:
    """An entry that can be split, and its end.

    Raises:
        WrongState: it has no hours, or no end yet, or a break that may lie in either part.
    """
    if not isinstance(entry, TimeEntry):
        raise WrongState(f"entry {entry.id} is a lump sum and has none.", argument="at")
    if is_at_the_end_of_time(entry):
        raise WrongState(f"entry {entry.id} lies in the first or the last hours of the calendar, and stays as it is.")
    if entry.time_until is None:
        on = steps.start("time_since", to="to end it at a moment and go on with something else")
        raise WrongState(f"entry {entry.id} is running and has no end yet.", argument="at", next=(on,))
    if entry.offset > 0:
        why = f"entry {entry.id} counts {hours(entry.offset)} h more than lie between its start and its end."
        raise WrongState(why, next=(steps.correct(entry.id, "time_until or duration", to="to mend it before"),))
    if entry.offset:
        why = f"entry {entry.id} has a break of {hours(-entry.offset)} h, and nobody knows in which part it lies."
        whole = hours(int((entry.time_until - entry.time_since).total_seconds()))
        without = steps.correct(entry.id, to="to have it without the break before", duration=whole)
        raise WrongState(why, next=(without,))
    return entry, entry.time_until


def moment_in(entry: Entry, at: str, after: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment between start and end that is said, by itself or by how long after the start it is.

    A time of day alone is the one inside, also after midnight.

    Raises:
        Unreadable: nothing, or no moment or duration, is said.
        Contradiction: both are, or it lies outside.
        WrongState: as `divisible`.
    """
    entry, end = divisible(entry)
    if bool(at) == bool(after):
        if at:
            raise Contradiction("give at or after, not both.", argument="at", value=at)
        raise Unreadable("say where: at, or after.", argument="at")
    if after:
        seconds, lasts = parse_duration(after, "after"), int((end - entry.time_since).total_seconds())
        if seconds >= lasts:
            why = f"entry {entry.id} has {hours(lasts)} h only."
            raise Contradiction(why, argument="after", value=after)
        return entry.time_since + timedelta(seconds=seconds)
    if is_day(at):
        raise Unreadable("give the time of day.", argument="at", value=at)
    moments, refused = [], None
    for edge in (entry.time_since, end):
        try:
            moments.append(parse_moment(at, zone=zone, today=local_day(now, zone), argument="at", on=edge, now=now))
        except Refusal as error:
            refused = error
    inside = [one for one in dict.fromkeys(moments) if entry.time_since < one < end]
    if inside:
        return inside[0]
    if refused is not None:
        raise refused
    first, last = entry.time_since.astimezone(zone), end.astimezone(zone)
    until = f"{last:%H:%M} of {first:%Y-%m-%d}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    start = f"{first:%H:%M}" if first.date() == last.date() else f"{first:%Y-%m-%d %H:%M}"
    raise Contradiction(f"it has to lie between {start} and {until}.", argument="at", value=at)


def first_part(entry: Entry, at: datetime) -> EntryChange:
    """What makes an entry end at a moment."""
    return EntryChange(time_until=at, duration=int((at - entry.time_since).total_seconds()))


def second_part(entry: Entry, at: datetime, change: EntryChange | None, caller: int) -> NewEntry:
    """The rest of an entry from a moment on, as it was but for what changes.

    Where that moves it or makes it other work, its hourly rate is Clockodo's to set.
    """
    changed = change.model_dump(exclude_unset=True) if change else {}
    rate = {"hourly_rate": None} if OF_PLACE & changed.keys() else {}
    whose = {"users_id": entry.users_id if entry.users_id != caller else None}
    rest = booking_of(entry)
    assert isinstance(rest, NewTimeEntry), "only what has hours is divisible"
    return rest.model_copy(update={"time_since": at, "duration": None, **rate, **whose, **changed})
