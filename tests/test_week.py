"""`show_week`: its words, what its page is told, the guard of what was drawn, and the document itself."""

import hashlib
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from mcp.client import advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp.types import CallToolResult

from clockodo_mcp.domain.weeks import week_name
from clockodo_mcp.protocol.tool import FOR_PAGES
from clockodo_mcp.sandbox import Store
from clockodo_mcp.week import document
from tests.conftest import Office, office_of, said, settings

pytestmark = pytest.mark.anyio

VENDOR = Path(__file__).parent.parent / "clockodo_mcp" / "week" / "vendor"


def told(result: CallToolResult) -> Any:
    return (result.meta or {})[FOR_PAGES]


def add(store: Store, since: str, until: str, **more: Any) -> int:
    """An entry of the caller in the week of the tests, by UTC: `23T08:00`."""
    start, end = (f"2026-11-{one}:00Z" for one in (since, until))
    seconds = int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
    row: dict[str, Any] = {
        "users_id": 101, "customers_id": 1001, "projects_id": 2001, "services_id": 503, "text": "x",
        "time_since": start, "time_until": end, "duration": seconds,
    }  # fmt: skip
    return store.add_entry(**{**row, **more})


async def test_the_page_is_offered_with_the_tool_and_holds_to_what_hosts_ask_of_one(office: Office) -> None:
    [tool] = [one for one in (await office.assistant.list_tools()).tools if one.name == "show_week"]
    uri = (tool.meta or {})["ui"]["resourceUri"]
    [resource] = [one for one in (await office.assistant.list_resources()).resources if str(one.uri) == uri]
    assert (resource.mime_type, resource.meta) == (APP_MIME_TYPE, {"ui": {"prefersBorder": True}})
    [content] = (await office.assistant.read_resource(uri)).contents
    assert content.mime_type == APP_MIME_TYPE
    html = content.text  # type: ignore[union-attr]
    assert html == document()
    assert html.startswith("<!DOCTYPE html>")
    assert len(html.encode()) <= 250_000
    ours = html.replace((VENDOR / "event-calendar.min.js").read_text(encoding="utf-8").partition("//# source")[0], "")
    assert not re.search(r"(src|href)=|@import|url\(|https?://(?!github)", ours)
    assert "{{" not in html.partition("<script>")[0]


async def test_without_the_toolset_there_is_no_page(store: Store) -> None:
    async with office_of(store, account=settings().model_copy(update={"toolsets": ("entries",)})) as office:
        assert not [one for one in (await office.assistant.list_resources()).resources if "ui://" in str(one.uri)]


def test_what_is_vendored_is_what_its_page_says() -> None:
    page = (VENDOR / "README.md").read_text(encoding="utf-8")
    sums = dict(re.findall(r"`([\w.-]+)` \| sha256 `(\w{64})`", page))
    assert sums.keys() == {one.name for one in VENDOR.iterdir()} - {"README.md", "LICENSE"}
    for name, sha256 in sums.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == sha256


async def test_a_host_with_pages_is_told_otherwise_than_one_without(store: Store) -> None:
    async with office_of(store) as office:
        assert "clockodo-mcp week 2026-W48" in said(await office.call("show_week"))
    able = [advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})]
    async with office_of(store, extensions=able) as office:
        words = said(await office.call("show_week"))
    assert "sees this week as a page" in words
    assert "clockodo-mcp week" not in words


async def test_a_full_week_is_read_for_less_than_five_hundred_tokens(store: Store) -> None:
    """Sixty entries with gaps, overlaps and without texts, of ten customers with long names."""
    for n in range(10):
        store._db.execute(
            "UPDATE customers SET name = ? WHERE id = ?", [f"A customer with a name of some length No. {n}", 1001 + n]
        )
    for n in range(60):
        day, slot = 23 + n % 7, n // 7
        add(
            store, f"{day}T{6 + slot * 2:02}:00", f"{day}T{7 + slot * 2:02}:10", customers_id=1001 + n % 10,
            projects_id=None, text=None,
        )  # fmt: skip
    async with office_of(store, account=settings().model_copy(update={"structured": False})) as office:
        result = await office.call("show_week")
    assert len(said(result)) / 4 <= 500, said(result)
    assert len(told(result)["entries"]) >= 60
    assert result.structured_content is None


@pytest.mark.parametrize(
    ("week", "means"),
    [
        ("this_week", "2026-W48"), ("last_week", "2026-W47"), ("yesterday", "2026-W48"), ("2026-11-22", "2026-W47"),
        ("2026-W53", "2026-W53"), ("2027-01-03", "2026-W53"), ("2026-12-28..2027-01-03", "2026-W53"),
        ("diese Woche", "2026-W48"),
    ],
)  # fmt: skip
async def test_a_week_is_named_by_any_day_of_it(office: Office, week: str, means: str) -> None:
    assert told(await office.call("show_week", week=week))["week"] == means


@pytest.mark.parametrize("week", ["this_month", "2026", "2026-11-22..2026-11-23"])
async def test_what_is_no_week_is_refused(office: Office, week: str) -> None:
    result = await office.call("show_week", week=week)
    assert result.is_error
    assert "longer than a week, or lies in two" in said(result)
    assert told(result)["kind"] == "refused"


def test_a_week_has_the_name_of_its_thursday() -> None:
    assert [week_name(date.fromisoformat(day)) for day in ("2026-12-28", "2027-01-04", "2024-12-30")] == [
        "2026-W53", "2027-W01", "2025-W01",
    ]  # fmt: skip


async def test_where_weeks_begin_on_sunday_so_does_the_one_that_is_shown(store: Store) -> None:
    store.update("users", 101, {"weekstart_monday": 0})
    async with office_of(store) as office:
        for week in ("this_week", "yesterday", "2026-11-22", "2026-W48", "2026-11-22..2026-11-28"):
            page = told(await office.call("show_week", week=week))
            assert (page["week"], page["first"]) == ("2026-11-22..2026-11-28", "2026-11-22")
        assert page["before"] == "2026-11-15..2026-11-21"
        assert told(await office.call("show_week", week=page["after"]))["first"] == "2026-11-29"


async def test_gaps_are_named_from_a_quarter_of_an_hour_on_and_not_on_days_off(store: Store) -> None:
    store._db.execute("DELETE FROM entries")
    for day in ("23", "28"):  # a Monday, and a Saturday without target hours
        for since, until in (("08:00", "09:00"), ("09:14", "10:00"), ("10:15", "11:00")):
            add(store, f"{day}T{since}", f"{day}T{until}")
    async with office_of(store) as office:
        days = {one["day"]: one["gaps"] for one in told(await office.call("show_week"))["days"]}
    assert [(one["since"], one["seconds"]) for one in days["2026-11-23"]] == [("2026-11-23T11:00:00+01:00", 900)]
    assert days["2026-11-28"] == []


async def test_what_goes_over_midnight_and_the_edges_is_shared_out(store: Store) -> None:
    store._db.execute("DELETE FROM entries")
    before = add(store, "22T21:00", "23T01:00")  # Sunday 22:00 to Monday 02:00
    after = add(store, "29T21:00", "29T23:59", duration=10740)
    add(store, "22T09:00", "22T10:00")
    add(store, "29T23:30", "29T23:40")  # Monday after, half past midnight
    async with office_of(store) as office:
        page = told(await office.call("show_week"))
    assert [one["id"] for one in page["entries"]] == [before, after]
    assert [one["seconds"] for one in page["days"]] == [7200, 0, 0, 0, 0, 0, 7200]
    assert page["seconds"] == sum(one["seconds"] for one in page["customers"]) == 14400


async def test_a_drawn_state_guards_a_change_and_a_deletion(store: Store) -> None:
    id = add(store, "23T20:00", "23T21:00")
    async with office_of(store) as office:

        async def drawn() -> str:
            entries = told(await office.call("show_week"))["entries"]
            return str(next(one["state"] for one in entries if one["id"] == id))

        old = await drawn()
        for change in ({"text": "y"}, {"time_since": "20:45"}, {"billable": "not_billable"}, {"service": "Beratung"}):
            assert not (await office.call("update_entry", id=id, drawn=await drawn(), **change)).is_error
            for tool, more in (("update_entry", {"text": "z"}), ("delete_entry", {})):
                refused = await office.call(tool, id=id, drawn=old, **more)
                assert refused.is_error
                assert (told(refused)["kind"], told(refused)["argument"]) == ("refused", "drawn")
                assert told(refused)["why"] == {
                    "en": f"entry {id} was changed since it was drawn.",
                    "de": f"Eintrag {id} wurde geändert, seit er gezeichnet wurde.",
                }
        # What only the customer's name tells is none of the entry's own.
        new = await drawn()
        store._db.execute("UPDATE customers SET name = 'Another name' WHERE id = 1001")
        assert await drawn() == new
        assert not (await office.call("delete_entry", id=id, drawn=new)).is_error


async def test_the_page_is_told_what_it_may_call_and_what_is_special(store: Store) -> None:
    account = settings().model_copy(update={"read_only": True})
    async with office_of(store, account=account) as office:
        assert "update_entry" not in told(await office.call("show_week"))["can"]
    async with office_of(store) as office:
        days = {one["day"]: one for one in told(await office.call("show_week", week="2026-W52"))["days"]}
        away = {one["day"]: one for one in told(await office.call("show_week", week="2026-W47"))["days"]}
    assert days["2026-12-25"]["holiday"] == "1. Weihnachtstag"
    assert days["2026-12-21"]["absences"] == [{"en": "vacation, asked for", "de": "Urlaub, beantragt"}]
    assert away["2026-11-20"]["absences"] == [{"en": "vacation", "de": "Urlaub"}]
    assert (away["2026-11-20"]["target"], away["2026-11-19"]["target"]) == (14400, 28800)  # half a day


async def test_only_what_pages_call_has_data_for_them(office: Office) -> None:
    for tool in ("list_entries", "get_context", "check_timesheet"):
        assert FOR_PAGES not in ((await office.call(tool)).meta or {})
    made = await office.call("create_time_entry", project="Relaunch", service="Design", duration="1h")
    assert told(made)["entry"]["id"]
    assert told(made)["change"]
    assert told(await office.call("undo_change"))["change"]


async def test_a_preview_that_waits_is_told_with_its_code_in_both_languages(store: Store) -> None:
    async with office_of(store, account=settings().model_copy(update={"confirm": "always"})) as office:
        waits = told(await office.call("delete_entry", id=2))
        assert waits["preview"]["en"].startswith("This would delete entry 2")
        assert waits["preview"]["de"].startswith("Gelöscht wird Eintrag 2")
        assert not (await office.call("delete_entry", id=2, confirm=waits["confirm"])).is_error
