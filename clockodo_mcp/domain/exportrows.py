"""The rows of an export: which columns there are, and how an entry becomes one, quickly."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from clockodo_mcp.api.models import Billable, Entry, LumpsumServiceEntry, LumpsumValue, TimeEntry
from clockodo_mcp.cells import UNSEEN
from clockodo_mcp.speech import say

Cell = str | int | float | None
Row = tuple[Cell, ...]

COLUMNS = (
    "id", "type", "date", "start", "start_offset", "end", "end_offset", "seconds", "hours", "lumpsum", "quantity",
    "customer", "project", "subproject", "service", "billable", "text", "user", "revenue",
    "customer_id", "project_id", "subproject_id", "service_id", "lumpsum_service_id", "user_id", "text_id",
)  # fmt: skip
"""The same in every export that a program reads; a cell is empty where it does not apply or is not visible to this
account.

`date`, `start` and `end` are local, the offsets are from UTC; `seconds` and `hours` (decimal) are empty while an entry
runs and for lump sums, whose money is in `lumpsum` or whose pieces are in `quantity`.
"""

DECIMAL_COMMAS = ("de", "fr")
"""Languages in which Excel reads decimal commas, and semicolons between columns."""


def headings(language: str) -> list[str]:
    """`COLUMNS` for a person who opens the file, in the language of an account."""
    return [say(name).in_language(language) for name in COLUMNS]


TYPED = tuple(COLUMNS.index(name) for name in ("customer", "project", "subproject", "service", "text", "user"))
"""Where people typed."""

TYPES = {TimeEntry: "time", LumpsumValue: "lumpsum_value", LumpsumServiceEntry: "lumpsum_service"}
BILLABLE = {one.value: one.name.lower() for one in Billable}
FORMULAS = re.compile(rf'(^|[,;|\t\r\n"\x0b\x0c\x85])([{UNSEEN}]*)(?=[=+\-@＝＋－＠])')
"""Where a cell may begin to calculate: at its own begin, and behind whatever another program takes for a separator.

What shows nothing does not help. Source: OWASP, "CSV Injection"; full-width forms for Excel.
"""

DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LocalTimes:
    """Local date and time of moments, by an offset that is looked up once a day: far quicker than `astimezone`."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets: dict[int, int | None] = {}
        self._dates: dict[int, str] = {}
        self._offset_texts: dict[int, str] = {}
        self._minutes = [f"T{minute // 60:02}:{minute % 60:02}" for minute in range(DAY // 60)]
        self._seconds = [f":{second:02}" for second in range(60)]

    def of(self, moment: datetime) -> tuple[str, str, str]:
        """Local date, date and time, and offset from UTC: `2026-10-25`, `2026-10-25T02:30:00`, `+02:00`."""
        at = int(moment.timestamp())
        day = at // DAY
        try:
            offset = self._offsets[day]
        except KeyError:
            offset = self._offset_of_day(day)
        if offset is None:
            offset = self._offset_at(at)
        local_day, second = divmod(at + offset, DAY)
        date = self._dates.get(local_day) or self._date(local_day)
        text = self._offset_texts.get(offset) or self._offset_text(offset)
        return date, f"{date}{self._minutes[second // 60]}{self._seconds[second % 60]}", text

    def _offset_at(self, at: int) -> int:
        offset = (EPOCH + timedelta(seconds=at)).astimezone(self._zone).utcoffset()
        return int(offset.total_seconds()) if offset else 0

    def _offset_of_day(self, day: int) -> int | None:
        """Seconds from UTC on a UTC day; None where they change on it."""
        at_begin, at_end = self._offset_at(day * DAY), self._offset_at(day * DAY + DAY - 1)
        self._offsets[day] = offset = at_begin if at_begin == at_end else None
        return offset

    def _date(self, day: int) -> str:
        self._dates[day] = text = (EPOCH + timedelta(days=day)).date().isoformat()
        return text

    def _offset_text(self, offset: int) -> str:
        minutes = abs(offset) // 60
        self._offset_texts[offset] = text = f"{'-' if offset < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
        return text


def row_of(entry: Entry, local: LocalTimes, lumpsum_services: Mapping[int, str]) -> Row:
    """An entry as a row of `COLUMNS`. `lumpsum_services` are names by id, which no list of entries carries."""
    date, start, start_offset = local.of(entry.time_since)
    end = end_offset = service = None
    seconds = service_id = lumpsum_service_id = None
    hours = lumpsum = quantity = None
    if isinstance(entry, TimeEntry):
        service, service_id = entry.services_name, entry.services_id
        if entry.time_until is not None:
            _, end, end_offset = local.of(entry.time_until)
            seconds = entry.duration
            hours = None if seconds is None else round(seconds / 3600, 4)
    elif isinstance(entry, LumpsumValue):
        service, service_id, lumpsum = entry.services_name, entry.services_id, entry.lumpsum
    else:
        lumpsum_service_id, quantity = entry.lumpsum_services_id, entry.lumpsum_services_amount
        service = entry.services_name or lumpsum_services.get(entry.lumpsum_services_id)
    return (
        entry.id, TYPES[type(entry)], date, start, start_offset, end, end_offset, seconds, hours, lumpsum, quantity,
        entry.customers_name, entry.projects_name, entry.subprojects_name, service,
        BILLABLE.get(entry.billable, str(entry.billable)), entry.text, entry.users_name, entry.revenue,
        entry.customers_id, entry.projects_id, entry.subprojects_id, service_id, lumpsum_service_id, entry.users_id,
        entry.texts_id,
    )  # fmt: skip


def calculates(text: str) -> bool:
    """Whether a program that opens a table would take a text for a formula; what shows nothing before it is no help.

    >>> calculates("=1+1"), calculates(" @SUM(A1)"), calculates("1+1")
    (True, True, False)
    """
    return FORMULAS.match(text) is not None


def neutral(row: Row) -> Row:
    """A row in which no program takes a text or a part of it for a formula: an apostrophe stands before it."""
    changed: list[Cell] | None = None
    for index in TYPED:
        text = row[index]
        if text and isinstance(text, str) and FORMULAS.search(text):
            changed = changed or list(row)
            changed[index] = FORMULAS.sub(r"\1\2'", text)
    return row if changed is None else tuple(changed)
