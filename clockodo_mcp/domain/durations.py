"""Durations as people write them, in whole seconds, and hours as people read them."""

import re
from decimal import Decimal

from clockodo_mcp.errors import Unreadable

DAY = 24 * 3600
"""An entry is at most this long: Clockodo cuts at 24 hours."""

HELP = "write a duration such as '2h', '1h30m', '1:30', '90m' or '1.5h' (a bare number of 60 or more is seconds)."

NUMBER = r"\d{1,6}(?:[.,]\d{1,6})?"
CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?: ?h)?")
UNITS = re.compile(
    rf"(?:({NUMBER}) ?(?:h|hr|hrs|hour|hours|std))?(?: ?({NUMBER}) ?(?:m|min|mins|minute|minutes))?(?: ?({NUMBER}) ?s)?"
)


def parse_duration(text: str, argument: str = "duration") -> int:
    """Seconds, more than none and at most 24 hours.

    Raises:
        Unreadable: not a duration, or out of bounds. A bare number under 60 is refused, since a model that means
            two hours would otherwise book two seconds.

    >>> [parse_duration(text) for text in ("2h", "1h30m", "1:30", "90m", "1.5h", "1,5 h", "5400")]
    [7200, 5400, 5400, 5400, 5400, 5400, 5400]
    """
    plain = " ".join(text.lower().split())
    if plain.isascii() and plain.isdigit():
        seconds = int(plain[:9])
        if seconds < 60:
            raise Unreadable(f"that would be {seconds} seconds; {HELP}", argument=argument, value=text)
    elif match := CLOCK.fullmatch(plain):
        seconds = int(match[1]) * 3600 + int(match[2]) * 60
    elif plain and (match := UNITS.fullmatch(plain)):
        amounts = [Decimal((amount or "0").replace(",", ".")) for amount in match.groups()]
        seconds = round(amounts[0] * 3600 + amounts[1] * 60 + amounts[2])
    else:
        raise Unreadable(HELP, argument=argument, value=text)
    if not 0 < seconds <= DAY:
        why = "an entry is longer than nothing and at most 24 hours"
        raise Unreadable(f"{why}; {HELP}", argument=argument, value=text)
    return seconds


def hours(seconds: int) -> str:
    """Seconds as `h:mm`, rounded to the nearest minute.

    >>> hours(5400), hours(137_700), hours(-60), hours(29)
    ('1:30', '38:15', '-0:01', '0:00')
    """
    minutes = (abs(seconds) + 30) // 60
    return f"{'-' if seconds < 0 and minutes else ''}{minutes // 60}:{minutes % 60:02d}"
