"""Workbooks as Excel opens them, streamed into the file itself: a row is gone from memory once it is written.

Apart from what an export holds. The libraries that stream keep rows in temporary files, which a workbook that is given
up can only be rid of by their innards; here there is nothing but the archive under way.

Source: ECMA-376 (Office Open XML), part 1, "SpreadsheetML"; Microsoft, "Excel specifications and limits".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from enum import IntEnum
from typing import IO, BinaryIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

ROWS = 1_048_576
"""Rows of a sheet."""

TEXT = 32_767
"""Characters of a cell."""

LARGEST_PART = 2**31 - 2**24
"""Bytes of a sheet: 2 GiB, less than a row can have. Beyond, an archive needs extensions that Excel complains of."""

EPOCH = date(1899, 12, 30).toordinal()
"""Day 0, so that every day since March 1900 has Excel's number."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}[_\x00-\x08\x0b-\x1f\ufffe\uffff])|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""What XML cannot carry, and what would be taken for the escape of it, also with that of what follows.

Source: ECMA-376, `ST_Xstring`."""

UNUSUAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x|^\s|\s$")
"""Where a text is not its own XML."""


class Style(IntEnum):
    """How a cell looks; the numbers are positions in `STYLES`. `QUOTED` stays a text after it was edited."""

    PLAIN = 0
    BOLD = 1
    DATE = 2
    MOMENT = 3
    QUOTED = 4


STYLES = f"""{HEAD}<styleSheet xmlns="{MAIN}">\
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/>\
<numFmt numFmtId="165" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


def column_name(index: int) -> str:
    """A column's letters.

    >>> column_name(0), column_name(25), column_name(26), column_name(701), column_name(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    before, letter = divmod(index, 26)
    return (column_name(before - 1) if before else "") + chr(ord("A") + letter)


def day_number(day: str) -> int:
    """A day of ISO 8601 as Excel counts.

    >>> day_number("2026-11-25"), day_number("1900-03-01")
    (46351, 61)
    """
    return date.fromisoformat(day).toordinal() - EPOCH


def moment_number(moment: str) -> float:
    """A local moment of ISO 8601 with seconds as Excel counts: in days.

    >>> moment_number("2026-11-25T18:00:00")
    46351.75
    """
    hours, minutes, seconds = moment[11:].split(":")
    return day_number(moment[:10]) + (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) / 86_400


def text_cell(reference: str, text: str, style: Style = Style.PLAIN) -> str:
    r"""A cell with a text, cut to what a cell takes.

    >>> text_cell("B2", "a & b")
    '<c r="B2" t="inlineStr"><is><t>a &amp; b</t></is></c>'
    >>> text_cell("B2", " \x01", Style.QUOTED)
    '<c r="B2" s="4" t="inlineStr"><is><t xml:space="preserve"> _x0001_</t></is></c>'
    """
    text, space = text[:TEXT], ""
    if UNUSUAL.search(text):
        space = ' xml:space="preserve"' if text != text.strip() else ""
        text = escape(ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text))
    return f'<c r="{reference}"{_styled(style)} t="inlineStr"><is><t{space}>{text}</t></is></c>'


def number_cell(reference: str, number: float, style: Style = Style.PLAIN) -> str:
    """A cell with a number.

    >>> number_cell("C2", 46351, Style.DATE)
    '<c r="C2" s="2"><v>46351</v></c>'
    """
    return f'<c r="{reference}"{_styled(style)}><v>{number}</v></c>'


def _styled(style: Style) -> str:
    return f' s="{style.value}"' if style else ""


class Workbook:
    """A workbook under way in an open file. Sheets follow each other; each has a header that stays in sight."""

    def __init__(self, file: BinaryIO) -> None:
        self._archive = ZipFile(file, "w", ZIP_DEFLATED)
        self._part: IO[bytes] | None = None
        self._ranges: dict[str, str] = {}
        self._name = ""
        self._header: Sequence[str] = ()
        self._row = 0
        self._bytes = 0

    def begin(self, name: str, header: Sequence[str], widths: Mapping[str, float]) -> None:
        """Begin a sheet, after the one before has ended. `widths` are in characters, by the header's names."""
        self._end_sheet()
        self._part = self._archive.open(f"xl/worksheets/sheet{len(self._ranges) + 1}.xml", "w")
        self._name, self._header, self._row, self._bytes = name, header, 0, 0
        columns = "".join(
            f'<col min="{number}" max="{number}" width="{widths.get(title, 12)}" customWidth="1"/>'
            for number, title in enumerate(header, 1)
        )
        self._write(
            f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>'
        )
        self.add(text_cell(f"{column_name(index)}1", title, Style.BOLD) for index, title in enumerate(header))

    @property
    def next_row(self) -> int:
        """The number of the row that comes next in this sheet, from 1."""
        return self._row + 1

    def has_room(self, rows: int = ROWS) -> bool:
        """Whether one more row fits into a sheet of `rows`."""
        return self._row < rows and self._bytes < LARGEST_PART

    def add(self, cells: Iterable[str]) -> None:
        """Write the next row: cells of `text_cell` and `number_cell`, from left to right.

        Raises:
            OSError: the disk is full, or worse.
        """
        self._row += 1
        self._write(f'<row r="{self._row}">{"".join(cells)}</row>')

    def finish(self) -> None:
        """End the last sheet and the archive. Raises as `add`."""
        self._end_sheet()
        for path, text in _parts(self._ranges).items():
            self._archive.writestr(path, text)
        self._archive.close()

    def drop(self) -> None:
        """Let go of a workbook that is given up. What is in the file is of no use then."""
        with suppress(OSError):  # nobody needs what does not reach the disk
            self._close_part()
        with suppress(OSError):
            self._archive.close()

    def _end_sheet(self) -> None:
        if self._part is None:
            return
        last = column_name(len(self._header) - 1)
        self._write(f'</sheetData><autoFilter ref="A1:{last}{self._row}"/></worksheet>')
        self._ranges[self._name] = f"$A$1:${last}${self._row}"
        self._close_part()

    def _close_part(self) -> None:
        part, self._part = self._part, None
        if part is not None:
            part.close()

    def _write(self, text: str) -> None:
        assert self._part is not None, "begin first"
        self._bytes += self._part.write(text.encode())


def _parts(ranges: Mapping[str, str]) -> dict[str, str]:
    """What stands around sheets, by its path. `ranges` are the filtered cells by the sheets' names."""
    sheets = list(enumerate(ranges.items(), 1))
    listed = "".join(f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>' for number, (name, _) in sheets)
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{number - 1}" hidden="1">\'{name}\'!{cells}'
        "</definedName>"
        for number, (name, cells) in sheets
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number, _ in sheets
    )
    typed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{CONTENT}.worksheet+xml"/>'
        for number, _ in sheets
    )
    return {
        "xl/styles.xml": STYLES,
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets>'
        f"<definedNames>{filters}</definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{related}'
        f'<Relationship Id="rId{len(sheets) + 1}" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{typed}'
        f'<Override PartName="/xl/styles.xml" ContentType="{CONTENT}.styles+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{CONTENT}.sheet.main+xml"/></Types>',
    }
