"""The three kinds of file that an export can be: each takes rows and writes them on at once, in constant memory."""

import csv
import json
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date, datetime
from io import TextIOWrapper
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, ClassVar, Protocol

from clockodo_mcp.domain.exportrows import COLUMNS, Row, calculates, neutral
from clockodo_mcp.domain.filenames import ExportFormat
from clockodo_mcp.errors import ClockodoMcpError


class ExtraMissing(ClockodoMcpError):
    """A format needs a library that is an extra of the package."""


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
    """RFC 4180: commas, quotes where needed, CRLF, a header; UTF-8, with a byte order mark where `excel`."""

    def __init__(self, file: BinaryIO, *, excel: bool) -> None:
        self._text = TextIOWrapper(file, encoding="utf-8-sig" if excel else "utf-8", newline="")
        self._writer = csv.writer(self._text)
        self._writer.writerow(COLUMNS)

    def add(self, rows: Iterable[Row]) -> None:
        """As `Sheet`; texts are neutralised, since a program that opens the file would calculate."""
        self._writer.writerows(map(neutral, rows))

    def finish(self) -> None:
        """As `Sheet`."""
        self._text.flush()

    def drop(self) -> None:
        """As `Sheet`: nothing else is held."""


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

    After Excel's last row another worksheet begins. Row data wait in a folder of their own for `finish`.

    Raises:
        ExtraMissing: XlsxWriter is not installed.
    """

    ROWS = 1_048_576
    """Rows of a worksheet. Source: Microsoft, "Excel specifications and limits"."""

    TEXT = 32_767
    """Characters of a cell. Source: as above."""

    DATES: ClassVar = {COLUMNS.index("date"): "yyyy-mm-dd"} | {
        COLUMNS.index(name): "yyyy-mm-dd hh:mm:ss" for name in ("start", "end")
    }
    WIDTHS: ClassVar = {"date": 11, "start": 19, "end": 19, "customer": 24, "project": 24, "text": 40, "user": 20}

    def __init__(self, file: BinaryIO, *, rows: int = ROWS) -> None:
        try:
            import xlsxwriter  # noqa: PLC0415 - an extra, and only this format pays for it
        except ImportError:
            raise ExtraMissing(
                "format='xlsx' needs a library that is not installed here: install clockodo-mcp[xlsx] and restart the "
                "server. Nothing was written. Call again with format='csv', excel=true, which Excel opens, too."
            ) from None
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="clockodo-mcp-"))
            self._book: Any = xlsxwriter.Workbook(
                file, {"constant_memory": True, "tmpdir": folder, "use_zip64": True, "remove_timezone": False}
            )
            self._cleanup = stack.pop_all()
        self._dates = {index: self._book.add_format({"num_format": form}) for index, form in self.DATES.items()}
        self._bold = self._book.add_format({"bold": True})
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._rows = rows
        self._begin()

    def _begin(self) -> None:
        number = len(self._book.worksheets()) + 1
        self._sheet: Any = self._book.add_worksheet("Entries" if number == 1 else f"Entries {number}")
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(COLUMNS):
            self._sheet.set_column(column, column, self.WIDTHS.get(name, 12))
            self._sheet.write_string(0, column, name, self._bold)
        self._sheet.autofilter(0, 0, self._rows - 1, len(COLUMNS) - 1)
        self._next = 1

    def add(self, rows: Iterable[Row]) -> None:
        """As `Sheet`."""
        for row in rows:
            if self._next == self._rows:
                self._begin()
            number, sheet = self._next, self._sheet
            for column, value in enumerate(row):
                if value is None:
                    continue
                if not isinstance(value, str):
                    sheet.write_number(number, column, value)
                elif column in self._dates:
                    moment = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
                    sheet.write_datetime(number, column, moment, self._dates[column])
                else:
                    sheet.write_string(number, column, value[: self.TEXT], self._quoted if calculates(value) else None)
            self._next += 1

    def finish(self) -> None:
        """As `Sheet`."""
        from xlsxwriter.exceptions import XlsxFileError  # noqa: PLC0415 - as above

        try:
            self._book.close()
        except XlsxFileError as error:
            raise (
                error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error))
            ) from None

    def drop(self) -> None:
        """As `Sheet`: the folder of the row data goes."""
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()
        self._cleanup.close()


def sheet_for(format: ExportFormat, file: BinaryIO, *, excel: bool) -> Sheet:
    """A sheet of a format in an open file.

    Raises:
        ExtraMissing: the format's library is not installed.
        OSError: the file cannot be written.
    """
    if format == "xlsx":
        return XlsxSheet(file)
    return JsonSheet(file) if format == "json" else CsvSheet(file, excel=excel)
