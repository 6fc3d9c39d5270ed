"""The three kinds of file that an export can be: each takes rows and writes them on at once, in constant memory."""

import csv
import json
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import BinaryIO, ClassVar, Protocol

from clockodo_mcp.domain.exportrows import COLUMNS, DECIMAL_COMMAS, Cell, Row, calculates, neutral
from clockodo_mcp.domain.filenames import ExportFormat
from clockodo_mcp.reading.workbook import (
    ROWS,
    Style,
    Workbook,
    column_name,
    day_number,
    moment_number,
    number_cell,
    text_cell,
)
from clockodo_mcp.speech import say


class Sheet(Protocol):
    """A file under way. After `finish` it is complete, but neither flushed to disk nor closed."""

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows.

        Raises:
            OSError: the disk is full, or worse.
        """

    def finish(self) -> None:
        """Write what comes after the last row. Raises as `add`."""

    def drop(self) -> None:
        """Let go of everything but the file itself. It may follow `finish`."""


class CsvSheet:
    """RFC 4180: commas, quotes where needed, CRLF, a header; UTF-8.

    Where `excel`, as a person reads it in a `language`: with a byte order mark, and the separators that Excel takes
    from the system there.
    """

    def __init__(self, file: BinaryIO, columns: Sequence[str], *, excel: bool, language: str) -> None:
        self._text = TextIOWrapper(file, encoding="utf-8-sig" if excel else "utf-8", newline="")
        self._commas = excel and language in DECIMAL_COMMAS
        self._writer = csv.writer(self._text, delimiter=";" if self._commas else ",")
        self._writer.writerow(columns)

    def add(self, rows: Iterable[Row]) -> None:
        """As `Sheet`; texts are neutralised, since a program that opens the file would calculate."""
        safe = map(neutral, rows)
        self._writer.writerows(map(_with_commas, safe) if self._commas else safe)

    def finish(self) -> None:
        """As `Sheet`."""
        self._text.flush()

    def drop(self) -> None:
        """As `Sheet`: nothing else is held."""


def _with_commas(row: Row) -> Row:
    return tuple(str(value).replace(".", ",") if isinstance(value, float) else value for value in row)


class JsonSheet:
    """One array of objects, an object a line. What does not apply is null; texts are as they were typed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._before = b"[\n"

    def add(self, rows: Iterable[Row]) -> None:
        """As `Sheet`."""
        lines = [json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in rows]
        if lines:
            self._file.write(self._before + ",\n".join(lines).encode())
            self._before = b",\n"

    def finish(self) -> None:
        """As `Sheet`."""
        self._file.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")

    def drop(self) -> None:
        """As `Sheet`: nothing else is held."""


class XlsxSheet:
    """A workbook with real dates and numbers. Texts are strings, and stay so when a cell is edited.

    After the last of `rows` that a sheet takes another one begins. Its name is in `language`, as `columns` are.
    """

    WIDTHS: ClassVar = {"date": 11, "start": 19, "end": 19, "customer": 24, "project": 24, "text": 40, "user": 20}

    def __init__(
        self, file: BinaryIO, columns: Sequence[str] = COLUMNS, *, language: str = "en", rows: int = ROWS
    ) -> None:
        self._columns = columns
        self._widths = {columns[COLUMNS.index(name)]: width for name, width in self.WIDTHS.items()}
        self._name = say("Entries").in_language(language)
        self._book = Workbook(file)
        self._rows = rows
        self._sheets = 0
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._book.begin(name, self._columns, self._widths)

    def add(self, rows: Iterable[Row]) -> None:
        """As `Sheet`."""
        for row in rows:
            if not self._book.has_room(self._rows):
                self._begin()
            number = self._book.next_row
            self._book.add(
                cell(f"{letters}{number}", value)
                for (letters, cell), value in zip(CELLS, row, strict=True)
                if value is not None
            )

    def finish(self) -> None:
        """As `Sheet`."""
        self._book.finish()

    def drop(self) -> None:
        """As `Sheet`."""
        self._book.drop()


def _cell(reference: str, value: Cell) -> str:
    if isinstance(value, str):
        return text_cell(reference, value, Style.QUOTED if calculates(value) else Style.PLAIN)
    return number_cell(reference, value or 0)


def _date_cell(reference: str, value: Cell) -> str:
    return number_cell(reference, day_number(str(value)), Style.DATE)


def _moment_cell(reference: str, value: Cell) -> str:
    return number_cell(reference, moment_number(str(value)), Style.MOMENT)


CELLS = [
    (column_name(index), {"date": _date_cell, "start": _moment_cell, "end": _moment_cell}.get(name, _cell))
    for index, name in enumerate(COLUMNS)
]
"""Of each column of a workbook: its letters, and what makes a cell of a value."""


def sheet_for(format: ExportFormat, file: BinaryIO, columns: Sequence[str], *, excel: bool, language: str) -> Sheet:
    """A sheet of a format in an open file.

    Raises:
        OSError: the file cannot be written.
    """
    if format == "xlsx":
        return XlsxSheet(file, columns, language=language)
    return JsonSheet(file) if format == "json" else CsvSheet(file, columns, excel=excel, language=language)
