"""What is sent for a correction: only what changes, with what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clockodo_mcp import steps
from clockodo_mcp.api.models import Entry, EntryChange, TimeEntry
from clockodo_mcp.domain.booking import Place
from clockodo_mcp.domain.differences import comparable, unknown, value_of
from clockodo_mcp.domain.moments import (
    hours,
    is_day,
    local_day,
    parse_added,
    parse_day,
    parse_duration,
    parse_moment,
    refuse_one_zone,
)
from clockodo_mcp.domain.spans import checked_span, clock_change, too_long
from clockodo_mcp.errors import Contradiction, Refusal, Refusals, Unreadable, WrongState

LONGEST_TEXT = 1000
"""Characters of a text."""

CLEARABLE = {"project": "projects_id", "subproject": "subprojects_id", "text": "text"}

ARGUMENTS = {
    "services_id": "service",
    "hourly_rate": "hourly_rate",
    "lumpsum": "lumpsum",
    "lumpsum_services_id": "lumpsum_service",
    "lumpsum_services_amount": "amount",
    "time_until": "time_until",
    "duration": "duration",
}
"""Fields that not every kind of entry has, and the arguments that set them."""

OF_KIND = {
    "time": {"services_id", "time_until", "duration", "hourly_rate"},
    "value": {"services_id", "lumpsum"},
    "service": {"lumpsum_services_id", "lumpsum_services_amount"},
}
KIND_NAMES = {"time": "a time entry", "value": "a lump sum", "service": "a lump sum service"}


@dataclass(frozen=True)
class Times:
    """Start, end and duration of a correction as they were said; `now` is what moments may be told from."""

    time_since: str = ""
    time_until: str = ""
    duration: str = ""
    now: datetime | None = None


def correction_of(
    before: Entry,
    given: Mapping[str, object],
    *,
    place: Place,
    times: Times,
    clear: Sequence[str],
    zone: ZoneInfo,
    today: date,
) -> tuple[EntryChange | None, list[str]]:
    """What to send for a correction, None where nothing was given, and notes about what follows from it.

    `given` are fields with their new values.

    Raises:
        Unreadable: a time has no form that is known, or what is to become empty cannot.
        Contradiction: the times exclude each other, or the entry would be on another customer's project.
        WrongState: this kind of entry does not have what is to change, or it runs.
    """
    wrong: list[Refusal] = _not_of_kind(before, given, times)
    change: dict[str, object] = {}
    notes: list[str] = []
    for name in clear:
        if name not in CLEARABLE:
            why = f"only {', '.join(CLEARABLE)} can become empty."
            wrong.append(Unreadable(why, argument="clear", value=name))
        elif (name == "text" and "text" in given) or (name in ("project", "subproject") and _names(place, name)):
            why = f"{name} is given, and to become empty as well; leave one of them out."
            wrong.append(Contradiction(why, argument="clear", value=name))
        else:
            change[CLEARABLE[name]] = None
    if "projects_id" in change and before.subprojects_id is not None:
        change["subprojects_id"] = None
    try:
        change |= _moved(before, place, notes, clears_project="project" in clear)
    except Refusal as refused:
        wrong.append(refused)
    try:
        change |= _timed(before, times, zone, today, notes)
    except Refusal as refused:
        wrong.append(refused)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else Refusals(wrong)
    change |= given
    return (EntryChange.model_validate(change) if change else None), notes


def appended(before: Entry, text: str) -> str:
    """The text of an entry with some more behind it, on a line of its own where it has several.

    Raises:
        WrongState: the text is not known, or has no room for it.
    """
    if unknown(before, "text"):
        raise WrongState("the text that is there is not known to this key.", argument="append_text", value=text)
    if not before.text:
        return text
    between = "\n" if len(before.text.splitlines()) > 1 else " "
    whole = f"{before.text}{between}{text}"
    if len(whole) > LONGEST_TEXT:
        why = f"with it the text has {len(whole):,} characters, and it takes at most {LONGEST_TEXT:,}."
        raise WrongState(why, argument="append_text", value=text)
    return whole


def _names(place: Place, argument: str) -> bool:
    """Whether a project or subproject was named to move to."""
    return (place.projects_id if argument == "project" else place.subprojects_id) is not None


def is_so_already(entry: Entry, change: EntryChange) -> bool:
    """Whether a correction would change nothing."""
    sent = change.model_dump(exclude_unset=True)
    return all(value_of(entry, name) == comparable(value) for name, value in sent.items())


def _not_of_kind(before: Entry, given: Mapping[str, object], times: Times) -> list[Refusal]:
    said = {"time_until": times.time_until, "duration": times.duration}
    asked = dict(given) | {name: value for name, value in said.items() if value}
    why = f"entry {before.id} is {KIND_NAMES[before.kind]} and has none."
    return [
        WrongState(
            why, argument=ARGUMENTS[name], value=value, next=(steps.see_entry(before.id, to="to see what it has"),)
        )
        for name, value in asked.items()
        if name in ARGUMENTS and name not in OF_KIND[before.kind]
    ]


def _moved(before: Entry, to: Place, notes: list[str], *, clears_project: bool) -> dict[str, object]:
    """Where the entry goes. A project brings its customer; what would no longer fit is emptied or asked about."""
    moved: dict[str, object] = {}
    if to.customers_id is not None and to.customers_id != before.customers_id:
        moved["customers_id"] = to.customers_id
        if before.projects_id is not None and to.projects_id is None and not clears_project:
            why = (
                f"entry {before.id} is on a project of another customer; give project too, or empty it with "
                "clear=['project']."
            )
            raise Contradiction(why, argument="customer", value=to.label or to.customers_id)
    if to.projects_id is not None and to.projects_id != before.projects_id:
        moved["projects_id"] = to.projects_id
        if before.subprojects_id is not None and to.subprojects_id is None:
            moved["subprojects_id"] = None
            notes.append("Subproject: emptied, since it belongs to the project before.")
    if to.subprojects_id is not None:
        moved["subprojects_id"] = to.subprojects_id
    return moved


def _timed(before: Entry, said: Times, zone: ZoneInfo, today: date, notes: list[str]) -> dict[str, object]:
    """Start, end and duration as they become; what is not given stays, and what follows from it is noted.

    A day alone moves the entry to that day, and so does a start on another day: its length stays.
    """
    refuse_one_zone(said.time_since, said.time_until, zone)
    start = _new_start(before, said.time_since, zone, today, said.now)
    on = local_day(start or before.time_since, zone)
    end = (
        parse_moment(
            said.time_until, zone=zone, today=today, argument="time_until", on=start or before.time_since, now=said.now
        )
        if said.time_until
        else None
    )
    added = parse_added(said.duration)
    seconds = parse_duration(said.duration) if said.duration and added is None else None
    if not isinstance(before, TimeEntry):
        return {} if start is None else {"time_since": start}
    if before.running and said.duration and end is None:
        why = f"entry {before.id} is running; give time_until to end it."
        raise WrongState(why, argument="duration", value=said.duration)
    if start is not None and end is None and seconds is None and before.time_until and on != _day(before, zone):
        end = before.time_until + (start - before.time_since)
        if not is_day(said.time_since):
            notes.append("Only the start was given, on another day: the entry was moved as a whole.")
    if added is not None:
        end, seconds = _longer(before, added, said, end)
    elif seconds is not None and seconds == before.duration and start is None and end is None:
        end = before.time_until  # so already: the break in it stays
    elif seconds is not None:
        if end is not None and start is None:
            start = end - timedelta(seconds=seconds)
        elif end is None:
            end = (start or before.time_since) + timedelta(seconds=seconds)
    final = end or before.time_until
    if start is not None and end is None and final is not None and start >= final:
        ends = f"{final.astimezone(zone):%Y-%m-%d %H:%M}"
        why = f"entry {before.id} ends at {ends}; to move it as a whole, give its duration too."
        lasts = before.duration or 0
        length = {"duration": f"{lasts}s" if lasts % 60 else hours(lasts)} if not before.offset else {}
        raise Contradiction(why, argument="time_since", value=said.time_since, again=length)
    if final is not None and (start is not None or end is not None):
        seconds = _length(before, said, (start or before.time_since, final), seconds, zone, notes)
    times: dict[str, object] = {"time_since": start, "time_until": end, "duration": seconds if end or start else None}
    return {
        name: value for name, value in times.items() if value is not None and not (name == "duration" and final is None)
    }


def _longer(before: TimeEntry, by: int, said: Times, end: datetime | None) -> tuple[datetime, int]:
    """The end and the hours of an entry whose start stays, and its break."""
    had = before.duration or 0
    if end is not None or said.time_since or before.time_until is None:
        edge = "end" if end is not None else "start"
        why = f"give the {edge}, or what is added, not both."
        raise Contradiction(why, argument="duration", value=said.duration)
    if had + by <= 0:
        raise Contradiction(f"nothing would be left of its {hours(had)} h.", argument="duration", value=said.duration)
    return before.time_until + timedelta(seconds=by), had + by


def _length(
    before: TimeEntry,
    said: Times,
    span: tuple[datetime, datetime],
    seconds: int | None,
    zone: ZoneInfo,
    notes: list[str],
) -> int:
    """The seconds that count between a start and an end: those that were said, else all but the break that was."""
    argument = "time_until" if said.time_until else "duration" if said.duration else "time_since"
    value = getattr(said, argument)
    whole = checked_span(*span, value, zone, argument)
    if seconds is not None and seconds > whole:
        raise too_long(said.duration, whole)
    if seconds is None:
        seconds = whole + before.offset
        if seconds <= 0:
            why = f"the break of {hours(-before.offset)} h in it would be all of it; give its duration, too."
            raise Contradiction(why, argument=argument, value=value)
    if before.offset:
        stays = "stays" if seconds - whole == before.offset else "is no longer"
        notes.append(f"The break of {hours(-before.offset)} h {stays} in it.")
    notes += clock_change(*span, zone)
    return seconds


def _day(entry: Entry, zone: ZoneInfo) -> date:
    return local_day(entry.time_since, zone)


def _new_start(before: Entry, said: str, zone: ZoneInfo, today: date, now: datetime | None) -> datetime | None:
    if is_day(said):
        day = parse_day(said, today=today, argument="time_since")
        said = f"{day}T{before.time_since.astimezone(zone):%H:%M:%S}"
    # A time of day alone corrects the entry, and does not move it to today.
    on = before.time_since
    return parse_moment(said, zone=zone, today=today, argument="time_since", on=on, now=now) if said else None
