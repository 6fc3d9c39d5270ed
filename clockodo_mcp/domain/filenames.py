"""Names of files that an export may have: what is inside one folder, on every system, and is no trick."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from clockodo_mcp.cells import seen
from clockodo_mcp.domain.periods import Period
from clockodo_mcp.errors import Contradiction, Unreadable

ExportFormat = Literal["csv", "json", "xlsx"]
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

LONGEST = 200
"""Characters of a whole path, so that it fits beside any folder where systems count them."""

LONGEST_PART = 255
"""Bytes of one name. Source: NAME_MAX of Linux and macOS; NTFS takes as many UTF-16 units."""

FORBIDDEN = frozenset('<>:"|?*\\`')
"""What Windows does not take in a name (a colon would also be a drive or a stream), and the backtick of Markdown."""

RESERVED = frozenset(
    [
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "CONIN$",
        "CONOUT$",
        *(f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³"),
    ]
)
"""Devices of Windows, which they are with any ending. Source: Microsoft, "Naming Files, Paths, and Namespaces"."""


@dataclass(frozen=True)
class WantedFile:
    """A file that may be written: the parts of its path, none where the period names it, and its format."""

    parts: tuple[str, ...]
    format: ExportFormat

    def parts_for(self, period: Period) -> tuple[str, ...]:
        """The parts, by the period where no path was given."""
        return self.parts or (f"clockodo-{dates_for_name(period)}.{self.format}",)


def wanted_file(path: str, format: ExportFormat | None) -> WantedFile:
    """Check a path relative to the export folder and settle the format: named, else by the ending, else csv.

    Raises:
        Unreadable: the path could lead elsewhere, or is no name on some system.
        Contradiction: it has the ending of another format.

    >>> wanted_file("reports/october", None)
    WantedFile(parts=('reports', 'october.csv'), format='csv')
    """
    plain = path.strip()
    if not plain:
        return WantedFile((), format or "csv")
    *folders, name = plain.split("/")
    stem, _, ending = name.rpartition(".")
    by_ending = next((one for one in FORMATS if stem and ending.lower() == one), None)
    chosen = format or by_ending or "csv"
    if by_ending is None:
        name = f"{name}.{chosen}"
    if wrong := _wrong(plain, (*folders, name)):
        raise Unreadable(f"{wrong}.", argument="path", value=path)
    if by_ending not in (None, chosen):
        raise Contradiction(f"its ending is not that of format='{chosen}'.", argument="path", value=path)
    return WantedFile((*folders, name), chosen)


def _wrong(path: str, parts: tuple[str, ...]) -> str:
    """What a path has against it; empty where it may be written."""
    if path.startswith(("/", "~")) or "\\" in path or ":" in path:
        return "a path is relative to the export folder, with / between folders, and never leads out of it"
    if len(path) > LONGEST or any(len(part.encode(errors="replace")) > LONGEST_PART for part in parts):
        return f"a path has at most {LONGEST} characters, and a name {LONGEST_PART} bytes"
    for part in parts:
        if part.startswith(".") or not part:
            return "a path stays in the export folder: no part is empty, '.' or '..' or begins with a dot"
        if seen(part) != part or FORBIDDEN & set(part) or part != part.strip() or part.endswith("."):
            return 'a name has no control character, none of < > : " | ? * \\ ` and no space or dot at its end'
        if part.split(".")[0].rstrip().upper() in RESERVED:
            return "this name is reserved for a device on Windows"
    return ""


def dates_for_name(period: Period) -> str:
    """The local dates of a period, as short as they are exact to the day.

    >>> from clockodo_mcp.domain.periods import ZoneInfo, days
    >>> october = [date(2026, 10, day) for day in (1, 2, 31)]
    >>> [dates_for_name(days(october[0], last, ZoneInfo("Europe/Berlin"))) for last in october]
    ['2026-10-01', '2026-10-01_2026-10-02', '2026-10']
    """
    first, last = (moment.astimezone(period.zone).date() for moment in (period.start, period.last))
    after = last + timedelta(days=1)
    if (first.month, first.day) == (1, 1) and after == date(first.year + 1, 1, 1):
        return f"{first.year}"
    if first.day == 1 and after.day == 1 and (first.year, first.month) == (last.year, last.month):
        return f"{first:%Y-%m}"
    return f"{first}" if first == last else f"{first}_{last}"
