"""Moments, days and durations as people write them in a local time zone, and hours as people read them.

A local time that a clock change skips or repeats is an error that says so: guessing would move somebody's pay.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from clockodo_mcp.cells import quoted
from clockodo_mcp.errors import Unreadable
from clockodo_mcp.speech import joined, say

DAY = 24 * 3600
"""An entry is at most this long: Clockodo cuts at 24 hours."""

EIGHT_HOURS = 8 * 3600

HELP = "write a duration such as '2h', '1h30m', '1:30', '90m', '1.5h' or '5400s'."

MINUTES_OF_A_DAY = 1440

NUMBER = r"\d{1,6}(?:[.,]\d{1,6})?"
BARE = re.compile(r"(\d{1,6})(?:[.,](\d{1,6}))?", re.ASCII)
"""A number without a unit."""

HOURS_MINUTES = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?(?: ?(?:h|hrs?|hours?|std\.?|stunden?))?")
UNITS = re.compile(
    rf"(?:pt)?(?:({NUMBER}) ?(?:h|hrs?|hours?|std\.?|stunden?))?"
    rf"(?: ?({NUMBER}) ?(?:m|mins?\.?|minutes?|minuten?))?(?: ?({NUMBER}) ?(?:s|secs?|seconds?|sek\.?|sekunden?))?"
)
HOURS_AND = re.compile(r"(\d{1,2}) ?h ?([0-5]\d)")
"""`1h30`."""

THOUSANDS = re.compile(r"(?<!\d)([1-9]\d{0,2})[.,](\d{3})(?!\d)")
"""`1.440`, which may be 1440."""

SIGNS = {"+": 1, "-": -1, "−": -1}

MINUTES_OR_PARTS = re.compile(r"(\d{1,2})[.,]([0-5]\d) ?(?:h|hrs?|hours?|std\.?|stunden?)")
"""`1,30 h`, which may be an hour and 30 minutes."""


def parse_duration(text: str, argument: str = "duration") -> int:
    """Seconds, more than none and at most 24 hours.

    Raises:
        Unreadable: not a duration, or out of bounds. A bare number is seconds to Clockodo and minutes to people: one
            that may be either is refused with all of its readings.

    >>> [parse_duration(text) for text in ("2h", "1h30m", "1:30", "90m", "1.5h", "1,5 h", "5400", "1h30", "90 Minuten")]
    [7200, 5400, 5400, 5400, 5400, 5400, 5400, 5400, 5400]
    >>> [parse_duration(text) for text in ("0:45:00", "PT1H30M", "2 Stunden 15 Min.")]
    [2700, 5400, 8100]
    """
    plain = _spelt(text)
    if match := BARE.fullmatch(plain):
        number = Decimal(f"{match[1]}.{match[2] or 0}").normalize()
        seconds = int(number)
        either = _either({f"{number:f}{unit}": round(number * of) for unit, of in (("h", 3600), ("m", 60), ("s", 1))})
        if either and (seconds <= MINUTES_OF_A_DAY or seconds % 60 or number != seconds):
            raise Unreadable(f"it has no unit; write {either}.", argument=argument, value=text)
    elif match := HOURS_MINUTES.fullmatch(plain):
        seconds = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)
    elif match := HOURS_AND.fullmatch(plain):
        seconds = int(match[1]) * 3600 + int(match[2]) * 60
    elif (match := MINUTES_OR_PARTS.fullmatch(plain)) and int(match[2]) % 25:
        parts = round(Decimal(f"{match[1]}.{match[2]}") * 3600)
        either = _either({f"{match[1]}h{match[2]}m": int(match[1]) * 3600 + int(match[2]) * 60, f"{parts}s": parts})
        why = f"it may be hours and minutes or parts of an hour; write {either}."
        raise Unreadable(why, argument=argument, value=text)
    elif (in_units := _in_units(plain)) is not None:
        seconds = in_units
        whole = THOUSANDS.sub(r"\1\2", plain)
        if whole != plain and 0 < (_in_units(whole) or 0) <= DAY:
            either = _either({whole: _in_units(whole) or 0, f"{seconds}s": seconds})
            raise Unreadable(f"its sign may stand between thousands; write {either}.", argument=argument, value=text)
    else:
        raise Unreadable(HELP, argument=argument, value=text)
    if not 0 < seconds <= DAY:
        why = "an entry is longer than nothing and at most 24 hours"
        raise Unreadable(f"{why}; {HELP}", argument=argument, value=text)
    return seconds


def _spelt(text: str) -> str:
    return " ".join(text.lower().split())


def parse_added(text: str, argument: str = "duration") -> int | None:
    """Seconds that are added to what is there, or taken from it; None where nothing of the kind is said.

    Raises:
        Unreadable: as `parse_duration`.

    >>> parse_added("+30m"), parse_added("-1:30"), parse_added("30m")
    (1800, -5400, None)
    """
    sign, amount = text.strip()[:1], text.strip()[1:].strip()
    if sign not in SIGNS:
        return None
    return SIGNS[sign] * parse_duration(amount, argument)


def round_up_unit(text: str) -> int:
    """The seconds to whose multiples hours are rounded up.

    Raises:
        Unreadable: as `parse_duration`, or more than eight hours.
    """
    seconds = parse_duration(text, "round_up_to")
    if seconds > EIGHT_HOURS:
        raise Unreadable("time is rounded to 8 hours at most.", argument="round_up_to", value=text)
    return seconds


def _in_units(plain: str) -> int | None:
    """Seconds of numbers with units; None for anything else."""
    match = UNITS.fullmatch(plain) if plain else None
    if match is None or not any(match.groups()):
        return None
    amounts = [Decimal((amount or "0").replace(",", ".")) for amount in match.groups()]
    return round(amounts[0] * 3600 + amounts[1] * 60 + amounts[2])


def _either(readings: dict[str, int]) -> str:
    """Readings that an entry can have, each as it is written."""
    return " or ".join(f"'{one}' ({hours(seconds)} h)" for one, seconds in readings.items() if 0 < seconds <= DAY)


def hours(seconds: int) -> str:
    """Seconds as `h:mm`, rounded to the nearest minute.

    >>> hours(5400), hours(137_700), hours(-60), hours(29)
    ('1:30', '38:15', '-0:01', '0:00')
    """
    minutes = (abs(seconds) + 30) // 60
    return f"{'-' if seconds < 0 and minutes else ''}{minutes // 60}:{minutes % 60:02d}"


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MOMENT_HELP = (
    "write a moment such as '2026-11-23T09:00', 'yesterday 09:00' or '09:00' (today), local unless it has an offset."
)
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
"""Between them lies whatever is meant: another year is a slip, and would be booked where nobody finds it."""

CALENDARS_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

DAY_HELP = "write a day such as '2026-11-23', 'today', 'yesterday' or 'monday'."

BEFORE_YESTERDAY = "day before yesterday"

NAMES_OF_DAYS = {
    "heute": "today", "gestern": "yesterday", "vorgestern": BEFORE_YESTERDAY, "morgen": "tomorrow",
    "montag": "monday", "dienstag": "tuesday", "mittwoch": "wednesday", "donnerstag": "thursday", "freitag": "friday",
    "samstag": "saturday", "sonntag": "sunday",
}  # fmt: skip
"""The German words for the English ones."""

TIME = r"(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?: ?uhr)?"
UHR = re.compile(r"\b(\d{1,2}) ?uhr(?: ([0-5]\d))?$", re.IGNORECASE | re.ASCII)
"""`9 Uhr`, `9 Uhr 30`."""
IN_ZONE = re.compile(r"(.*\d.*?) ([A-Z]\w+/[A-Z]\w+(?:/[A-Z]\w+)?)", re.ASCII)
"""A moment in another time zone: `09:00 America/New_York`."""

WEST, EAST = -12 * 60, 14 * 60
"""Minutes between which the offsets of all zones lie. Source: IANA time zone database."""

AGO = re.compile(r"(.+) ago|vor (.+)")
LENGTHS = {
    "a minute": "1m", "an hour": "1h", "half an hour": "30m", "a quarter of an hour": "15m", "one hour": "1h",
    "einer minute": "1m", "einer stunde": "1h", "einer halben stunde": "30m", "einer viertelstunde": "15m",
}  # fmt: skip
"""Durations that have no digit."""

CLOCK = re.compile(rf"(?:(?:at|um) |([a-z ]+?) (?:at |um )?)?{TIME}", re.IGNORECASE | re.ASCII)
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(
    rf"({ISO_DAY.pattern})(?:T| (?:at |um )?){TIME} ?(Z|[+-]\d{{2}}(?::?[0-5]\d)?)?", re.IGNORECASE | re.ASCII
)


class NoSuchDay(Unreadable):
    """A day that the calendar does not have."""


class Outside(Unreadable):
    """A day before `FIRST` or after `LAST`."""


def refuse_outside(day: date, *, argument: str, text: str) -> None:
    """Raises `Outside`."""
    if not FIRST <= day <= LAST:
        raise Outside(f"it has to lie between {FIRST} and {LAST}.", argument=argument, value=text)


class ClockChange(Unreadable):
    """A local time that a clock change skips or repeats; what is repeated can be said by its offset."""

    @property
    def plainly(self) -> str:
        """As of any refusal; of a time that comes twice, what somebody does who is shown no offsets."""
        if not self.choices:
            return super().plainly
        why = say("this time comes twice on that day; tell the assistant which of the two, or take another.")
        return joined(": ", (quoted(self._value), why))


def parse_moment(
    text: str,
    *,
    zone: ZoneInfo,
    today: date,
    argument: str,
    on: date | datetime | None = None,
    now: datetime | None = None,
) -> datetime:
    """An aware moment in UTC, whole seconds.

    A time of day alone is one of the day `on`, or of the day of that moment; by default of `today`. `yesterday 09:00`
    is told from `today` always. Behind either the name of another time zone may stand: then all days are those there.
    Where `now` is given, a moment may be told from it, as `now` and `10 minutes ago`, in whole minutes.

    Raises:
        Unreadable: not a moment, outside of `FIRST` to `LAST`, or a local time that does not exist or exists twice in
            `zone`.

    >>> parse_moment("2026-11-23 09:00", zone=ZoneInfo("Europe/Berlin"), today=date(2026, 1, 1), argument="time_since")
    datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.timezone.utc)
    """
    if (match := IN_ZONE.fullmatch(text.strip())) and (other := zone_of(match[2])) is not None:
        if (dated := MOMENT.fullmatch(match[1])) and dated[3]:
            raise Unreadable("it has an offset and a time zone; give one of them.", argument=argument, value=text)
        if now is None and not dated:
            raise Unreadable("with a time zone, give the date, too.", argument=argument, value=text)
        there = local_day(now, other) if now is not None else today
        moment = parse_moment(match[1], zone=other, today=there, argument=argument, on=on)
        refuse_outside(local_day(moment, zone), argument=argument, text=text)
        return moment
    if now is not None and (ago := _ago(text, argument)) is not None:
        return now.astimezone(UTC).replace(second=0, microsecond=0) - ago
    plain = _with_colons(text)
    if (match := CLOCK.fullmatch(plain)) and is_day(match[1] or "today"):
        usual = local_day(on, zone) if isinstance(on, datetime) else on or today
        day = parse_day(match[1], today=today, argument=argument, said=text) if match[1] else usual
        clock, offset = match[2], None
    elif match := MOMENT.fullmatch(plain):
        day, clock, offset = parse_day(match[1], today=today, argument=argument, said=text), match[2], match[3]
    else:
        raise Unreadable(MOMENT_HELP, argument=argument, value=text)
    try:
        moment = _at(day, clock.partition(".")[0])
        if offset:
            _refuse_end(clock, offset, is_iso="T" in plain.upper(), argument=argument, text=text)
            there = _with_offset(moment, offset).astimezone(UTC)
            refuse_outside(local_day(there, zone), argument=argument, text=text)
            return there
        return from_local(moment, zone=zone, argument=argument, text=text)
    except (ValueError, OverflowError):
        why = f"there is no such date or time; {MOMENT_HELP}"
        raise Unreadable(why, argument=argument, value=text) from None


def _with_colons(text: str) -> str:
    """A moment with nothing but its spacing, and hours that are written in German, made equal."""
    return UHR.sub(lambda found: f"{found[1]}:{found[2] or '00'}", " ".join(text.split()))


def _with_offset(moment: datetime, offset: str) -> datetime:
    """A naive moment with an offset as `Z`, `+02`, `+0200` or `+02:00`. Raises ValueError."""
    return datetime.fromisoformat(f"{moment.isoformat()}{offset.upper() if len(offset) != 3 else f'{offset}:00'}")


def refuse_one_zone(time_since: str, time_until: str, zone: ZoneInfo) -> None:
    """Refuse a local time beside one with the name or the offset of another time zone: it may be of either.

    Raises:
        Unreadable: with how to write either.
    """
    for argument, text, beside in (("time_since", time_since, time_until), ("time_until", time_until, time_since)):
        plain = _with_colons(text)
        dated = MOMENT.fullmatch(plain)
        if not (CLOCK.fullmatch(plain) or (dated and not dated[3])):
            continue
        if (named := IN_ZONE.fullmatch(beside.strip())) and zone_of(named[2]) and named[2] != zone.key:
            why = f"of which time zone? Write '{text.strip()} {named[2]}' or '{text.strip()} {zone.key}'."
            raise Unreadable(why, argument=argument, value=text)
        other = MOMENT.fullmatch(_with_colons(beside))
        if other and other[3] and not _is_offset_of(zone, other):
            why = f"of which time zone? Write both times with an offset, or both in {zone.key} without one."
            raise Unreadable(why, argument=argument, value=text)


def _is_offset_of(zone: ZoneInfo, said: re.Match[str]) -> bool:
    """Whether a moment with an offset has that of a zone, then."""
    try:
        moment = _with_offset(_at(date.fromisoformat(said[1]), said[2].partition(".")[0]), said[3])
        return moment.utcoffset() == moment.astimezone(zone).utcoffset()
    except (ValueError, OverflowError):
        return True  # refused where it is read


def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of a name; None where this machine knows none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


def _refuse_end(clock: str, offset: str, *, is_iso: bool, argument: str, text: str) -> None:
    """Refuse what looks like an offset and is none in any zone, or may be the end of a span: `09:00-17:00`.

    Raises:
        Unreadable: with how to write either.
    """
    if offset in "Zz":
        return
    hour, minute = int(offset[1:3]), int(offset[-2:] if len(offset) > 3 else 0)
    ahead = (hour * 60 + minute) * (1 if offset[0] == "+" else -1)
    begun = int(clock.split(":", maxsplit=1)[0]) * 60 + int(clock.split(":")[1])
    may_end = offset[0] == "-" and clock.count(":") == 1 and (not is_iso or hour * 60 + minute > begun)
    if may_end or not WEST <= ahead <= EAST:
        why = "it may be a span; give its end as time_until. An offset is written behind seconds, as 09:00:00-05:00."
        raise Unreadable(why, argument=argument, value=text)


def _ago(text: str, argument: str) -> timedelta | None:
    """How long ago a moment is that is told from now; None for any other. Raises as `parse_duration`."""
    plain = _spelt(text)
    if plain in ("now", "jetzt"):
        return timedelta()
    if not (match := AGO.fullmatch(plain)):
        return None
    amount = match[1] or match[2]
    if HOURS_MINUTES.fullmatch(amount):
        return None  # `vor 9:00` is before nine
    return timedelta(seconds=parse_duration(LENGTHS.get(amount, amount), argument))


def _at(day: date, clock: str) -> datetime:
    """A time of day on a day; 24:00 is where the next one begins. Raises ValueError where there is no such time."""
    hour, minute, second = map(int, f"{clock}:00".split(":")[:3])
    if (hour, minute, second) == (24, 0, 0):
        return datetime.combine(day + timedelta(days=1), time())
    return datetime.combine(day, time(hour, minute, second))


def from_local(moment: datetime, *, zone: ZoneInfo, argument: str, text: str) -> datetime:
    """A naive local time as a moment in UTC.

    Raises:
        ClockChange: the time is skipped, or repeated by a clock change; then its `choices` are both, with offsets.
        Outside: before `FIRST` or after `LAST`.
    """
    refuse_outside(moment.date(), argument=argument, text=text)
    early, late = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        why = say("the clocks skip this time in {zone} on that day; use a time outside it.", zone=zone.key)
        raise ClockChange(why, argument=argument, value=text)
    why = say("this time comes twice in {zone} on that day; say which, with its offset.", zone=zone.key)
    raise ClockChange(why, argument=argument, value=text, choices=(early.isoformat(), late.isoformat()))


def parse_day(text: str, *, today: date, argument: str, said: str = "") -> date:
    """A day: ISO, `today`, `yesterday`, `tomorrow`, or a weekday, which is the latest one not in the future.

    Raises:
        Unreadable: it is none of them; `NoSuchDay` or `Outside` where it has the form of one. What was `said` is the
            whole of it.

    >>> parse_day("monday", today=date(2026, 11, 24), argument="period")
    datetime.date(2026, 11, 23)
    """
    plain = _day_word(text)
    if plain == "today":
        return today
    if plain == "yesterday":
        return today - timedelta(days=1)
    if plain == "tomorrow":
        return today + timedelta(days=1)
    if plain == BEFORE_YESTERDAY:
        return today - timedelta(days=2)
    if plain in WEEKDAYS:
        return today - timedelta(days=(today.weekday() - WEEKDAYS.index(plain)) % 7)
    if ISO_DAY.fullmatch(plain):
        try:
            day = date.fromisoformat(plain)
        except ValueError:
            why = f"there is no such day{_length_of_month(plain)}; ask which one is meant."
            raise NoSuchDay(why, argument=argument, value=said or text) from None
        refuse_outside(day, argument=argument, text=text)
        return day
    raise Unreadable(DAY_HELP, argument=argument, value=text)


def _length_of_month(day: str) -> str:
    """How many days the month has that a day is said to be of; empty where there is no such month."""
    year, month, _ = map(int, day.split("-"))
    if not (1 <= month <= 12 and year):
        return ""
    return f": {day[:7]} has {monthrange(year, month)[1]} days"


def _day_word(text: str) -> str:
    plain = text.strip().lower()
    return NAMES_OF_DAYS.get(plain, plain)


def is_day(text: str) -> bool:
    """Whether a text has the form of a day and not of a moment."""
    plain = _day_word(text)
    return plain in ("today", "yesterday", "tomorrow", BEFORE_YESTERDAY, *WEEKDAYS) or bool(ISO_DAY.fullmatch(plain))


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC. Where midnight is skipped, the day begins at the clock change.

    A midnight that lies beyond the calendar in UTC is where the calendar begins or ends.
    """
    try:
        return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return CALENDARS_END if day.year > FIRST.year else datetime.min.replace(tzinfo=UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The local day that a moment falls on; at the calendar's ends that of UTC."""
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()


def local_text(moment: datetime, zone: ZoneInfo) -> str:
    """Local date and time, as arguments take it: `2026-11-23T09:00`; at the calendar's ends those of UTC."""
    try:
        return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
    except OverflowError:
        return f"{moment:%Y-%m-%dT%H:%M}"


def local_clock(moment: datetime, zone: ZoneInfo) -> str:
    """The local time of day."""
    return moment.astimezone(zone).strftime("%H:%M")


def since_text(moment: datetime, zone: ZoneInfo, today: date) -> str:
    """The local time of day, with its day where that is not today."""
    return local_text(moment, zone).replace("T", " ").removeprefix(f"{today} ")
