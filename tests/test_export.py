"""Exports: what stands in the file, where it may be, and that there is a whole file or none."""

import csv
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import anyio
import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mcp import Client
from mcp.types import CallToolResult, ResourceLink
from python_calamine import CalamineWorkbook

from clockodo_mcp.api.pacing import Pace, Retries
from clockodo_mcp.domain.exportrows import COLUMNS, LocalTimes
from clockodo_mcp.domain.filenames import wanted_file
from clockodo_mcp.errors import Refusal
from clockodo_mcp.reading.export_files import XlsxSheet
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER
from clockodo_mcp.sandbox.serve import listening
from clockodo_mcp.sandbox.store import ENTRY_COLUMNS
from clockodo_mcp.server import build_server
from tests.conftest import NOW, Office, facts, office_of, said, settings
from tests.processes import linked

pytestmark = pytest.mark.anyio

BERLIN = ZoneInfo("Europe/Berlin")
FORMATS = pytest.mark.parametrize("format", ["csv", "json", "xlsx"])
HOSTILE = [
    '=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(A1:A9)", "\t=1+1", "\r=1+1", "  =1+1", "\n=1+1",
    "＝1+1", 'a "quoted", text', "two\r\nlines", "ümläut 漢字 🎉", "'already", "1,5", "007", "x" * 1000, "a\x0bb",
]  # fmt: skip
NEUTRAL = {text: re.sub(r"^(\s*)", r"\1'", text) for text in HOSTILE[:9]}
"""What csv has instead, of the texts that a program would calculate."""


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """The folder that conftest's environment names."""
    return tmp_path / "exports"


def filled(path: Path, text: str) -> Path:
    """A file with a text, in a folder that is made for it."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def left(folder: Path) -> list[str]:
    """Every file and folder below, hidden ones too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) if folder.exists() else []


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a file as its format has them, read by others than those who wrote it."""
    if path.suffix == ".json":
        found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
        return found
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def expected(store: Store, entry: dict[str, Any]) -> dict[str, Any]:
    """A row by the sandbox's database alone; None where it is to be empty."""

    def name(table: str, id: int | None) -> str | None:
        row = store.one(f"SELECT name FROM {table} WHERE id = ?", (id,))  # noqa: S608 - our own tables
        return row["name"] if row else None

    start = datetime.fromisoformat(entry["time_since"]).astimezone(BERLIN)
    end = datetime.fromisoformat(entry["time_until"]).astimezone(BERLIN) if entry["time_until"] else None
    ended = end is not None and entry["type"] == 1
    return {
        "id": entry["id"],
        "type": {1: "time", 2: "lumpsum_value", 3: "lumpsum_service"}[entry["type"]],
        "date": f"{start:%Y-%m-%d}",
        "start": f"{start:%Y-%m-%dT%H:%M:%S}",
        "start_offset": f"{start:%:z}" if sys.version_info >= (3, 12) else start.isoformat()[-6:],
        "end": f"{end:%Y-%m-%dT%H:%M:%S}" if end and ended else None,
        "end_offset": end.isoformat()[-6:] if end and ended else None,
        "seconds": entry["duration"] if ended else None,
        "hours": entry["duration"] / 3600 if ended else None,
        "lumpsum": entry["lumpsum"],
        "quantity": entry["lumpsum_services_amount"],
        "customer": name("customers", entry["customers_id"]),
        "project": name("projects", entry["projects_id"]),
        "subproject": name("subprojects", entry["subprojects_id"]),
        "service": name("services", entry["services_id"]) or name("lumpsum_services", entry["lumpsum_services_id"]),
        "billable": ("not_billable", "billable", "billed")[entry["billable"]],
        "text": entry["text"],
        "user": name("users", entry["users_id"]),
        "customer_id": entry["customers_id"],
        "project_id": entry["projects_id"],
        "subproject_id": entry["subprojects_id"],
        "service_id": entry["services_id"],
        "lumpsum_service_id": entry["lumpsum_services_id"],
        "user_id": entry["users_id"],
        "text_id": entry["texts_id"],
    }


def as_written(row: dict[str, Any], format: str) -> dict[str, Any]:
    """How a row's values come back out of a format."""
    if format == "json":
        return row
    if format == "csv":
        return {name: "" if value is None else NEUTRAL.get(value, str(value)) for name, value in row.items()}
    moments = {name: datetime.fromisoformat(row[name]) for name in ("start", "end") if row[name] is not None} | {
        "date": date.fromisoformat(row["date"])
    }
    return {name: "" if value is None else moments.get(name, value) for name, value in row.items()}


def add_time(store: Store, since: str, minutes: int = 30, **columns: Any) -> int:
    until = datetime.fromisoformat(since) + timedelta(minutes=minutes)
    common = {"users_id": 101, "customers_id": 1001, "services_id": 502, "hourly_rate": 90.0}
    times = {"time_since": since, "time_until": f"{until:%Y-%m-%dT%H:%M:%SZ}", "duration": minutes * 60}
    return store.add_entry(**{**common, **times, **columns})


def add_pages(store: Store, count: int = 1100) -> None:
    """Entries of 2025, many enough for several pages."""
    first = datetime(2025, 2, 1, 8, tzinfo=UTC)
    store.insert_entries(
        tuple(
            {
                "type": 1, "users_id": 101, "customers_id": 1001, "services_id": 502, "billable": 1, "duration": 600,
                "clocked": 0, "time_since": f"{at:%Y-%m-%dT%H:%M:%SZ}", "time_until": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "time_insert": f"{at:%Y-%m-%dT%H:%M:%SZ}", "time_last_change": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            }.get(column)
            for column in ENTRY_COLUMNS
        )
        for at in (first + timedelta(minutes=30 * number) for number in range(count))
    )  # fmt: skip


# What stands in the file


async def test_the_answer_says_dates_totals_and_path_and_links_the_file(office: Office, exports: Path) -> None:
    result = await office.call("export_entries", period="2026-10")
    assert said(result) == (
        "Thu 2026-10-01 – Sat 2026-10-31 (Europe/Berlin): 90 entries, 120:45 h (90:00 h billable or billed), revenue 8,122.50.\n"  # noqa: E501 - a whole answer
        f"Saved as {exports / 'clockodo-2026-10.csv'} on the machine where this server runs (csv, 17 KiB)."
    )
    [link] = [block for block in result.content if isinstance(block, ResourceLink)]
    path = exports / "clockodo-2026-10.csv"
    assert (link.uri, link.name, link.mime_type) == (path.as_uri(), path.name, "text/csv")
    assert link.size == path.stat().st_size == facts(result)["size"]
    assert facts(result)["path"] == str(path)
    assert facts(result)["columns"] == path.read_text().splitlines()[0].split(",") == list(COLUMNS)
    assert left(exports) == [path.name]


@FORMATS
async def test_every_entry_of_every_kind_comes_back_out_of_the_file(store: Store, exports: Path, format: str) -> None:
    """Both clock changes, an hour that comes twice, hostile texts, a running entry, lump sums, another person's."""
    subproject = store.add_subproject(2001, "=Phase 1")
    for since in ("2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"):
        add_time(store, since, projects_id=2001, subprojects_id=subproject)
    add_time(store, "2026-03-28T22:59:59Z", 24 * 60, users_id=102)
    for number, text in enumerate(HOSTILE):
        add_time(store, f"2026-05-{number + 1:02}T08:00:00Z", text=text, billable=number % 3)
    store.add_lumpsum_service("@Flat", 12.5, id=699)
    store.add_entry(
        type=3, users_id=101, customers_id=1003, lumpsum_services_id=699, lumpsum_services_amount=2.5,
        time_since="2026-05-30T08:00:00Z",
    )  # fmt: skip
    NEUTRAL.update({"=Phase 1": "'=Phase 1", "@Flat": "'@Flat"})
    async with office_of(store) as office:
        result = await office.call("export_entries", period="2025-01-01..2026-11-25", user="all", format=format)
    want = sorted(store.entries(), key=lambda entry: (entry["time_since"], entry["id"]))
    found = rows_of(Path(str(facts(result)["path"])))
    revenues = [row.pop("revenue") for row in found]
    assert found == [as_written(expected(store, entry), format) for entry in want]
    assert len(found) > 400
    assert {row["type"] for row in found} == {"time", "lumpsum_value", "lumpsum_service"}
    assert sum(one == "" or one is None for one in (row["end"] for row in found)) > 5
    totals = facts(result)["totals"]
    assert isinstance(totals, dict)
    assert totals["seconds"] == sum(entry["duration"] or 0 for entry in want)
    assert round(sum(float(one or 0) for one in revenues), 2) == totals["revenue"]
    twice = [row for row in found if str(row["date"])[:10] == "2025-10-26"]
    assert [row["start_offset"] for row in twice] == ["+02:00", "+01:00"]


async def test_csv_for_excel_is_as_excel_reads_it_in_the_language_of_the_account(store: Store, exports: Path) -> None:
    add_time(store, "2026-10-04T08:00:00Z", text="a; b, c")
    store.update("users", 101, {"language": "de"})
    async with office_of(store) as office:
        found = facts(await office.call("export_entries", period="2026-10-04", path="excel", excel=True))
        plain = facts(await office.call("export_entries", period="2026-10-04", path="plain"))
        book = facts(await office.call("export_entries", period="2026-10-04", path="book", format="xlsx"))
        json_too = facts(
            await office.call("export_entries", period="2026-10-04", path="keys", format="json", excel=True)
        )
    assert book["columns"] == found["columns"]
    assert plain["columns"][2] == "date"  # type: ignore[index]
    assert json_too["columns"] == plain["columns"]
    workbook = CalamineWorkbook.from_path(exports / "book.xlsx")
    assert workbook.sheet_names == ["Einträge"]
    [header, _] = workbook.get_sheet_by_index(0).to_python()
    with (exports / "excel.csv").open(encoding="utf-8-sig", newline="") as file:
        [read] = csv.DictReader(file, delimiter=";")
    assert list(read) == found["columns"] == header
    assert (read["Datum"], read["Text"]) == ("2026-10-04", "a; b, c")
    assert "," in read["Stunden"]
    assert "." not in read["Stunden"] + read["Umsatz"]


async def test_csv_is_rfc_4180_and_has_a_byte_order_mark_only_for_excel(store: Store, exports: Path) -> None:
    add_time(store, "2026-10-07T08:00:00Z", text='say "hi", then\nleave')
    store.update("users", 101, {"language": "en"})
    async with office_of(store) as office:
        await office.call("export_entries", period="2026-10-07", path="plain")
        await office.call("export_entries", period="2026-10-07", path="excel", excel=True)
        for format in ("json", "xlsx"):
            result = await office.call("export_entries", period="2026-10-07", format=format, excel=True)
            assert "excel is for csv only" in said(result)
    plain, excel = (exports / "plain.csv").read_bytes(), (exports / "excel.csv").read_bytes()
    assert excel == b"\xef\xbb\xbf" + plain
    assert plain.startswith(b"id,type,date,")
    assert plain.endswith(b"\r\n")
    assert b'"say ""hi"", then\nleave"' in plain
    assert plain.count(b"\n") == plain.count(b"\r\n") + 1


async def test_in_a_workbook_texts_stay_texts_even_when_their_cell_is_edited(office: Office, exports: Path) -> None:
    """A string cell is not calculated; `quotePrefix` keeps it so after F2 and Enter in Excel."""
    add_time(office.store, "2026-10-07T08:00:00Z", text="=1+1")
    await office.call("export_entries", period="2026-10-07", path="book.xlsx")
    with zipfile.ZipFile(exports / "book.xlsx") as book:
        sheet, styles = (book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "styles"))
    assert "<f>" not in sheet
    assert 't="inlineStr"><is><t>=1+1</t>' in sheet
    assert 'quotePrefix="1"' in styles


def test_a_workbook_goes_on_with_another_sheet_after_excels_last_row() -> None:
    file = BytesIO()
    sheet = XlsxSheet(file, rows=3)
    sheet.add((number, *[None] * (len(COLUMNS) - 1)) for number in range(5))
    sheet.finish()
    sheet.drop()
    book = CalamineWorkbook.from_filelike(BytesIO(file.getvalue()))
    assert [[row[0] for row in book.get_sheet_by_name(name).to_python()] for name in book.sheet_names] == [
        ["id", 0, 1], ["id", 2, 3], ["id", 4],
    ]  # fmt: skip


def texts_in(file: BytesIO) -> list[str]:
    """The texts of a workbook's first column below its header, by the rules of XML and of `ST_Xstring` alone."""
    with zipfile.ZipFile(file) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own file
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    found = [row.find(f"{name}c/{name}is/{name}t") for row in sheet.iter(f"{name}row")]
    plain = [(one.text or "") if one is not None else "" for one in found[1:]]
    return [re.sub("_x([0-9A-F]{4})_", lambda code: chr(int(code[1], 16)), text) for text in plain]


@example(["_x0000\x1f"])
@pytest.mark.slow
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.from_regex("_?x[0-9a-fA-F]{3,4}_?|_x005F_")))
def test_any_text_comes_out_of_a_workbook_as_it_went_in(texts: list[str]) -> None:
    file = BytesIO()
    sheet = XlsxSheet(file)
    sheet.add((text, *[None] * (len(COLUMNS) - 1)) for text in texts)
    sheet.finish()
    sheet.drop()
    assert texts_in(file) == texts


def test_a_workbook_names_all_of_its_parts() -> None:
    """Every part has a type, every relation leads to a part, and all of them are XML."""
    file = BytesIO()
    sheet = XlsxSheet(file, rows=2)
    sheet.add((number, *[None] * (len(COLUMNS) - 1)) for number in range(3))
    sheet.finish()
    with zipfile.ZipFile(file) as book:
        parts = {name: ElementTree.fromstring(book.read(name)) for name in book.namelist()}  # noqa: S314 - our own file
        assert book.testzip() is None
    typed = {one.get("PartName", "").removeprefix("/") for one in parts["[Content_Types].xml"]} - {""}
    related = {f"xl/{one.get('Target')}" for one in parts["xl/_rels/workbook.xml.rels"]}
    [root] = parts["_rels/.rels"]
    assert root.get("Target") == "xl/workbook.xml"
    assert typed == related | {"xl/workbook.xml"}
    assert typed == {name for name in parts if "rels" not in name} - {"[Content_Types].xml"}
    assert sum(name.startswith("xl/worksheets/") for name in typed) == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
@pytest.mark.filterwarnings("error")
def test_a_full_disk_is_said_and_a_workbook_lets_go_quietly() -> None:
    """What is given up is closed by us: left to Python, it would complain of the disk again, to nobody."""
    file = Path("/dev/full").open("wb")  # noqa: SIM115 - closing it fails, too
    sheet = XlsxSheet(file)
    none = [None] * (len(COLUMNS) - 1)
    with pytest.raises(OSError, match="No space left"):
        sheet.add((secrets.token_hex(5000), *none) for _ in range(100_000))
    sheet.drop()
    sheet.drop()
    with pytest.raises(OSError, match="No space left"):
        file.close()
    assert file.closed


@FORMATS
async def test_a_period_without_entries_is_a_complete_file_without_rows(
    office: Office, exports: Path, format: str
) -> None:
    result = await office.call("export_entries", period="2020", format=format)
    assert ": 0 entries, 0:00 h." in said(result)
    assert rows_of(exports / f"clockodo-2020.{format}") == []


async def test_a_running_entry_has_no_end_and_is_in_no_sum_and_hidden_money_leaves_its_column_empty(
    store: Store, exports: Path
) -> None:
    for row in store.entries():
        store.delete_entry(row["id"])
    add_time(store, "2026-11-25T06:00:00Z", users_id=102)
    add_time(store, "2026-11-25T15:00:00Z", users_id=102, time_until=None, duration=None)
    worker = store.one("SELECT email, key FROM users WHERE id = 102")
    assert worker
    async with office_of(store, account=settings(user=worker["email"], key=worker["key"])) as office:
        result = await office.call("export_entries", period="today")
    assert (
        said(result).splitlines()[0] == "Wed 2026-11-25 (Europe/Berlin): 2 entries, 0:30 h (0:30 h billable or billed)."
    )
    assert said(result).endswith("Note: 1 entry still runs: it has no end and no hours in the file.")
    first, running = rows_of(exports / "clockodo-2026-11-25.csv")
    assert (first["end"], first["hours"], first["revenue"]) == ("2026-11-25T07:30:00", "0.5", "")
    assert (running["end"], running["end_offset"], running["seconds"], running["hours"]) == ("", "", "", "")


async def test_the_filters_are_those_of_a_list_and_the_name_says_the_period(office: Office, exports: Path) -> None:
    listed = facts(
        await office.call("list_entries", period="2026-09-15..2026-11-14", customer="Acme GmbH", user="all", limit=0)
    )
    asked = {"period": "2026-09-15..2026-11-14", "customer": "Acme GmbH", "user": "all", "format": "json"}
    result = await office.call("export_entries", **asked)
    assert facts(result)["totals"] == listed["totals"]
    rows = rows_of(exports / "clockodo-2026-09-15_2026-11-14.json")
    assert {row["customer"] for row in rows} == {"Acme GmbH"}
    assert len({row["user"] for row in rows}) > 1
    await office.call("export_entries")
    await office.call("export_entries", period="2026")
    assert left(exports) == [
        "clockodo-2026-09-15_2026-11-14.json", "clockodo-2026-11.csv", "clockodo-2026.csv",
    ]  # fmt: skip


@given(
    st.datetimes(datetime(1975, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants them so
    st.sampled_from(
        ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]
    ),
)
def test_local_times_are_those_of_the_time_zone(moment: datetime, zone: str) -> None:
    """Zones whose clocks change by half an hour, at odd minutes, and twice within weeks."""
    moment = moment.replace(microsecond=0)
    local = moment.astimezone(ZoneInfo(zone))
    date_, time, offset = LocalTimes(ZoneInfo(zone)).of(moment)
    assert (date_, f"{time}{offset}") == (str(local.date()), local.isoformat())


# Where it may be


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "/home/x.csv", "//server/share/x.csv", "../x.csv", "..", ".", "a/../../x.csv", "a/../x.csv",
        "./x.csv", "a//x.csv", "a/", "~/x.csv", "~root/x.csv", "C:\\x.csv", "C:/x.csv", "C:x.csv", "a\\..\\..\\x.csv",
        "\\\\server\\share\\x.csv", "x.csv:stream", "file:///etc/x.csv", ".ssh/authorized_keys", ".x.csv", "a/.git/x",
        "nul", "NUL.csv", "con.txt.csv", "aux/x.csv", "COM1.json", "lpt¹.xlsx", "a/prn .csv", "x\x00.csv", "x\n.csv",
        "x\u202evsc.exe", "x?.csv", "x*.csv", "a<b>.csv", 'a"b.csv', "a|b.csv", "a`b`.csv", "a./x.csv", "a /x.csv",
        "x" * 300, "ü" * 140, "/".join("abc" * 40),
    ],
)  # fmt: skip
async def test_a_path_that_could_lead_elsewhere_is_refused_before_anything_is_asked(
    store: Store, tmp_path: Path, path: str
) -> None:
    async with office_of(store) as office:
        refused = await office.call("export_entries", path=path)
        assert refused.is_error
        assert left(tmp_path) == []
        assert {one.path for one in office.seen} <= {"/api/v4/users/me"}
        assert said(refused).startswith(("path=", "export_entries: path "))
        assert said(refused).endswith("Nothing was done.")


@given(st.text(max_size=40) | st.text("./\\~:ab c-", max_size=20))
def test_whatever_the_path_a_file_is_inside_the_folder_or_nowhere(path: str) -> None:
    folder = Path("/exports")
    try:
        parts = wanted_file(path, None).parts
    except Refusal as error:
        assert str(error).startswith("path")
        return
    if parts:
        inside = Path(os.path.normpath(folder.joinpath(*parts)))
        assert inside == folder.joinpath(*parts)
        assert inside.is_relative_to(folder)
        assert inside.suffix.lower() in (".csv", ".json", ".xlsx")


async def test_the_format_follows_the_path_and_an_ending_of_another_one_is_refused(
    office: Office, exports: Path
) -> None:
    for path, format in (("a.json", ""), ("b/c.XLSX", ""), ("october.2026", ""), ("d", "json"), ("e.csv", "csv")):
        facts(await office.call("export_entries", period="today", path=path, format=format))
    assert left(exports) == ["a.json", "b", "b/c.XLSX", "d.json", "e.csv", "october.2026.csv"]
    refused = await office.call("export_entries", period="today", path="f.xlsx", format="csv")
    assert "its ending is not that of format='csv'" in said(refused)


async def test_links_that_lead_out_of_the_folder_are_refused(office: Office, tmp_path: Path, exports: Path) -> None:
    outside = tmp_path / "outside"
    filled(outside / "theirs", "theirs")
    filled(exports / "ours", "ours")
    linked(exports / "out", outside)
    linked(exports / "gone", tmp_path / "not-there")
    linked(exports / "circle", exports / "circle")
    linked(exports / "in", exports / "real")
    for path in ("out/x.csv", "out/deep/x.csv", "gone/x.csv"):
        refused = await office.call("export_entries", path=path, overwrite=True)
        assert "a link in it leads out of the export folder. Nothing was written" in said(refused)
        assert "Call again with path='x.csv'." in said(refused)
    assert (await office.call("export_entries", path="circle/x.csv")).is_error
    assert left(outside) == ["theirs"]
    facts(await office.call("export_entries", path="in/x.csv"))
    assert (exports / "real" / "x.csv").exists()


async def test_a_link_in_the_files_place_is_replaced_and_what_it_leads_to_is_not(
    office: Office, tmp_path: Path, exports: Path
) -> None:
    secret = filled(tmp_path / "secret", "mine")
    filled(exports / "ours", "ours")
    linked(exports / "x.csv", secret)
    linked(exports / "dangling.csv", tmp_path / "new")
    for path in ("x.csv", "dangling.csv"):
        assert "exists already" in said(await office.call("export_entries", path=path))
        facts(await office.call("export_entries", path=path, overwrite=True))
        assert not (exports / path).is_symlink()
    assert secret.read_text() == "mine"
    assert not (tmp_path / "new").exists()


async def test_an_existing_file_is_left_alone_and_both_calls_that_are_offered_work(
    office: Office, exports: Path
) -> None:
    facts(await office.call("export_entries", period="2026-10"))
    path = exports / "clockodo-2026-10.csv"
    path.write_text("mine")
    refused = await office.call("export_entries", period="2026-10")
    assert refused.is_error
    assert said(refused).endswith(
        "path='clockodo-2026-10.csv': this file exists already and was left as it is. "
        "Call again with path='clockodo-2026-10-2.csv', or with overwrite=true to replace it."
    )
    assert path.read_text() == "mine"
    facts(await office.call("export_entries", period="2026-10", path="clockodo-2026-10-2.csv"))
    assert "path='clockodo-2026-10-3.csv'" in said(await office.call("export_entries", period="2026-10"))
    facts(await office.call("export_entries", period="2026-10", overwrite=True))
    assert path.read_bytes() == (exports / "clockodo-2026-10-2.csv").read_bytes()
    (exports / "folder.csv").mkdir()
    in_the_way = await office.call("export_entries", path="folder.csv", overwrite=True)
    assert "there is a folder of this name" in said(in_the_way)
    facts(await office.call("export_entries", path="folder.csv/folder.csv"))
    long = "x" * 196 + ".csv"
    facts(await office.call("export_entries", path=long))
    assert said(await office.call("export_entries", path=long)).endswith(
        "Call again with overwrite=true to replace it."
    )


async def test_a_folder_that_cannot_be_written_is_said_with_what_to_do(store: Store, exports: Path) -> None:
    blocked = filled(exports, "a file, where a folder should be")
    async with office_of(store) as office:
        refused = await office.call("export_entries")
    assert refused.is_error
    assert f"The file could not be written to {exports} (" in said(refused)
    assert "set CLOCKODO_EXPORT_DIR to a folder that can be written" in said(refused)
    assert blocked.read_text() == "a file, where a folder should be"


async def test_where_nothing_may_be_written_in_clockodo_a_file_still_may(store: Store, exports: Path) -> None:
    """An export changes its environment, this machine, so it is not read-only; Clockodo it leaves alone."""
    before = store.entries()
    async with office_of(store, account=settings().model_copy(update={"read_only": True})) as office:
        [tool] = [one for one in (await office.assistant.list_tools()).tools if one.name == "export_entries"]
        assert tool.annotations is not None
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (False, True)
        facts(await office.call("export_entries"))
        assert {one.method for one in office.seen} == {"GET"}
    assert store.entries() == before
    assert left(exports) == ["clockodo-2026-11.csv"]


# A whole file or none


class Intervening(httpx2.AsyncBaseTransport):
    """The sandbox, and something that happens before it answers page 2 of a list."""

    def __init__(self, store: Store, act: Callable[[], Awaitable[None]]) -> None:
        self._inner = httpx2.ASGITransport(app=create_app(store, now=lambda: NOW))
        self._act = act

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/api/v2/entries" and request.url.params["page"] == "2":
            await self._act()
        return await self._inner.handle_async_request(request)


@asynccontextmanager
async def assistant_with(transport: httpx2.AsyncBaseTransport) -> AsyncIterator[Client]:
    server = build_server(settings(), transport=transport, now=lambda: NOW, pace=Pace(()), retries=Retries(attempts=1))
    async with Client(server) as client:
        yield client


@dataclass
class Line:
    """A sandbox over TCP that misbehaves on order, and a client of a server before it."""

    client: Client
    url: str

    async def arm(self, **fault: object) -> None:
        async with httpx2.AsyncClient(base_url=self.url.removesuffix("/api")) as control:
            armed = {"method": "GET", "path": "/api/v2/entries", **fault}
            answer = await control.post("/_sandbox/faults", json={"faults": [armed]})
            assert answer.status_code == 200, answer.text

    async def export(self, **arguments: object) -> CallToolResult:
        return await self.client.call_tool("export_entries", {"period": "2025", **arguments})


@asynccontextmanager
async def line_to(store: Store) -> AsyncIterator[Line]:
    async with listening(create_app(store, faults=True)) as url:
        server = build_server(settings(url), pace=Pace(()), retries=Retries(attempts=1))
        async with Client(server) as client:
            yield Line(client, url)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "format"),
    [("cut", "csv"), ("close_after", "csv"), ("garbage", "csv"), ("html", "csv"), ("cut", "json"), ("cut", "xlsx")],
)
async def test_a_download_that_breaks_leaves_nothing_and_an_older_file_as_it_was(
    store: Store, exports: Path, kind: str, format: str
) -> None:
    add_pages(store)
    async with line_to(store) as line:
        await line.arm(kind=kind, nth=2)
        broken = await line.export(format=format, path="deep/er/all")
        assert broken.is_error
        assert "Try again in a minute" in said(broken)
        assert left(exports) == []
        facts(await line.export(format=format, path="all"))
        [name] = left(exports)
        before = (exports / name).read_bytes()
        await line.arm(kind=kind, nth=2)
        assert (await line.export(format=format, path="all", overwrite=True)).is_error
    assert left(exports) == [name]
    assert (exports / name).read_bytes() == before


@pytest.mark.slow
@FORMATS
async def test_a_call_that_is_cancelled_leaves_nothing(
    store: Store, exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    add_pages(store)
    waits, ended = anyio.Event(), anyio.Event()

    async def hang() -> None:
        waits.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    async with assistant_with(Intervening(store, hang)) as client, anyio.create_task_group() as group:
        group.start_soon(client.call_tool, "export_entries", {"period": "2025", "format": format})
        with anyio.fail_after(10):
            await waits.wait()
            assert [name for name in left(exports) if name.endswith(".part")], "the file is under way"
            group.cancel_scope.cancel()
    with anyio.fail_after(10):
        await ended.wait()
    assert left(exports) == []
    assert left(tmp_path / "temporary") == []


async def test_a_file_that_appears_meanwhile_is_not_overwritten(store: Store, exports: Path) -> None:
    add_pages(store)
    path = exports / "clockodo-2025.csv"

    async def appear() -> None:
        path.write_text("mine")

    async with assistant_with(Intervening(store, appear)) as client:
        refused = await client.call_tool("export_entries", {"period": "2025"})
    assert "exists already and was left as it is" in said(refused)
    assert "path='clockodo-2025-2.csv'" in said(refused)
    assert left(exports) == [path.name]
    assert path.read_text() == "mine"


@pytest.mark.slow
@pytest.mark.parametrize(("change", "format"), [("add", "csv"), ("delete", "csv"), ("add", "json"), ("add", "xlsx")])
async def test_entries_that_shift_between_pages_begin_the_file_anew(
    store: Store, exports: Path, change: str, format: str
) -> None:
    add_pages(store)
    told: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)

    async with line_to(store) as line:
        await line.arm(kind="drift", change=change, nth=2)
        arguments = {"period": "2025", "user": "all", "format": format}
        result = await line.client.call_tool("export_entries", arguments, progress_callback=hear)
    facts(result)
    ids = [int(row["id"]) for row in rows_of(exports / f"clockodo-2025.{format}")]
    year = [row["id"] for row in store.entries() if "2024-12-31T23" <= row["time_since"] < "2025-12-31T23"]
    assert sorted(ids) == sorted(year)
    assert told == sorted(set(told)), "progress only grows, even when the file begins anew"


@pytest.mark.slow
async def test_entries_that_go_on_shifting_end_in_an_error_and_no_file(store: Store, exports: Path) -> None:
    add_pages(store)
    async with line_to(store) as line:
        await line.arm(kind="drift", change="add", nth=0)
        refused = await line.export()
    assert refused.is_error
    assert "kept changing while they were being read" in said(refused)
    assert left(exports) == []


@pytest.mark.slow
async def test_progress_is_told_page_by_page_with_the_count(store: Store) -> None:
    add_pages(store, 2500)
    told: list[tuple[float, float | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total))

    async with office_of(store) as office:
        result = await office.assistant.call_tool("export_entries", {"period": "2025"}, progress_callback=hear)
    totals = facts(result)["totals"]
    assert isinstance(totals, dict)
    count = totals["entries"]
    assert count == 2500
    assert told == [(1000, count), (2000, count), (count, count)]


# On the command line


def command(url: str, exports: Path, *arguments: str) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CLOCKODO_")}
    account = {"CLOCKODO_API_USER": SANDBOX_USER, "CLOCKODO_API_KEY": SANDBOX_KEY, "CLOCKODO_BASE_URL": url}
    places = {"CLOCKODO_EXPORT_DIR": str(exports), "CLOCKODO_MCP_DATA_DIR": str(exports.parent / "data")}
    return subprocess.Popen(
        [sys.executable, "-m", "clockodo_mcp", "export", *arguments],
        env={**inherited, **account, **places},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


async def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = await anyio.to_thread.run_sync(lambda: process.communicate(timeout=30))
    return process.returncode, out, err


@pytest.mark.slow
async def test_the_command_writes_the_same_file_and_keeps_stdout_free(store: Store, exports: Path) -> None:
    add_pages(store)
    async with listening(create_app(store)) as url:
        arguments = ("2025", "--format", "csv", "--user", "all")
        code, out, err = await ended(command(url, exports, *arguments))
        assert (code, out) == (0, ""), err
        assert err.startswith("Wed 2025-01-01 – Wed 2025-12-31 (Europe/Berlin): ")
        assert f"Saved as {exports / 'clockodo-2025.csv'}" in err
        year = [row["id"] for row in store.entries() if "2024-12-31T23" <= row["time_since"] < "2025-12-31T23"]
        assert sorted(int(row["id"]) for row in rows_of(exports / "clockodo-2025.csv")) == sorted(year)
        code, out, err = await ended(command(url, exports, *arguments))
        assert (code, out) == (2, "")
        assert err.startswith("clockodo-mcp: path='clockodo-2025.csv': this file exists already")
        assert err.count("\n") == 1
        code, _, err = await ended(command(url, exports, *arguments, "--overwrite", "--customer", "nobody at all"))
        assert (code, "Traceback" in err) == (2, False)
        assert "nobody at all" in err
    assert left(exports) == ["clockodo-2025.csv"]


@pytest.mark.slow
@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_the_command_and_leaves_nothing(
    store: Store, exports: Path, signal_number: signal.Signals
) -> None:
    add_pages(store)
    app = create_app(store, faults=True)
    page_two = anyio.Event()

    async def hang(seconds: float) -> None:
        page_two.set()
        await anyio.sleep_forever()

    app.state.faults.sleep = hang
    async with listening(app) as url:
        async with httpx2.AsyncClient(base_url=url.removesuffix("/api")) as control:
            slow = {"kind": "delay_before", "seconds": 60, "method": "GET", "path": "/api/v2/entries", "nth": 2}
            assert (await control.post("/_sandbox/faults", json={"faults": [slow]})).status_code == 200
        process = command(url, exports, "2025")
        with anyio.fail_after(20):
            await page_two.wait()
        assert [name for name in left(exports) if name.endswith(".part")], "the file is under way"
        process.send_signal(signal_number)
        code, out, err = await ended(process)
    assert (code, out) == (2, "")
    assert err == "clockodo-mcp: The export was stopped; nothing was written.\n"
    assert left(exports) == []
