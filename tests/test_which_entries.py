"""Which entries a list holds by their text, and in which order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clockodo_mcp.sandbox import Store
from clockodo_mcp.sandbox.seed import SANDBOX_USER
from tests.conftest import Office, facts

pytestmark = pytest.mark.anyio


def add_text(store: Store, text: str, number: int, *, year: int = 2026) -> int:
    """An hour of Anna's, one every three, from the second of March."""
    at = datetime(year, 3, 2, 8, tzinfo=UTC) + timedelta(hours=3 * number)
    return store.add_entry(
        users_id=101, customers_id=1001, services_id=501, duration=3600, billable=1, hourly_rate=100.0, text=text,
        time_since=f"{at:%Y-%m-%dT%H:%M:%SZ}", time_until=f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
    )  # fmt: skip


def rows(found: dict[str, object]) -> list[dict[str, Any]]:
    listed = found["entries"]
    assert isinstance(listed, list)
    return listed


def totals(found: dict[str, object]) -> dict[str, Any]:
    summed = found["totals"]
    assert isinstance(summed, dict)
    return summed


AWKWARD = [
    "Kick-off",
    "Kick-off [draft] <b> | a \\| b `code`",
    "Line one\n\tline two",
    "Long. " + "word " * 60 + "End of it",
    "GRÜSSE vom Straßenfest",
]


@pytest.mark.parametrize(
    ("part", "finds"),
    [
        ("kick-OFF", {0, 1}),
        ("[draft] <b>", {1}),
        ("| a \\| b", {1}),
        ("one line", {2}),
        ("End of it", {3}),
        ("grüße VOM strassenfest", {4}),
        ("no such text", set()),
    ],
)
async def test_a_text_is_found_by_a_part_of_it_as_stored_in_any_case(
    office: Office, part: str, finds: set[int]
) -> None:
    ids = [add_text(office.store, text, number) for number, text in enumerate(AWKWARD)]
    wanted = {ids[number] for number in finds}
    listed = facts(await office.call("list_entries", period="2026-03", text=part))
    assert {row["id"] for row in rows(listed)} == wanted
    assert totals(listed)["seconds"] == 3600 * len(wanted)
    summary = facts(await office.call("summarize_entries", period="2026-03", text=part))
    assert totals(summary)["seconds"] == 3600 * len(wanted)
    exported = facts(await office.call("export_entries", period="2026-03", text=part))
    assert totals(exported)["entries"] == len(wanted)
    if wanted:
        copied = facts(await office.call("copy_entries", period="2026-03", to="2026-07", text=part, dry_run=True))
        changed = facts(await office.call("update_entries", period="2026-03", text=part, set_text="New"))
        assert totals(copied)["entries"] == totals(changed)["entries"] == len(wanted)


async def test_a_text_is_found_by_what_a_list_shows_of_it(office: Office) -> None:
    ids = [add_text(office.store, text, number) for number, text in enumerate(AWKWARD)]
    shown = rows(facts(await office.call("list_entries", period="2026-03")))
    assert [row["id"] for row in shown] == ids
    for row in shown:
        found = rows(facts(await office.call("list_entries", period="2026-03", text=str(row["text"]))))
        assert row["id"] in {one["id"] for one in found}


@pytest.mark.parametrize("count", [60, 2_300])
async def test_the_newest_come_first_where_that_is_asked(office: Office, count: int) -> None:
    for number in range(count):
        add_text(office.store, f"Note {number % 7}", number, year=2025)
    oldest = [one["id"] for one in office.store.entries() if one["time_since"].startswith("2025")]
    for text, among in (("", oldest), ("note 3", oldest[3::7])):
        ids, cursor = list[object](), ""
        while len(ids) < len(among):
            page = facts(
                await office.call("list_entries", period="2025", order="newest", limit=200, cursor=cursor, text=text)
            )
            assert totals(page)["entries"] == len(among)
            ids += [row["id"] for row in rows(page)]
            cursor = str(page.get("next_cursor") or "")
        assert (ids, cursor) == (among[::-1], "")


async def test_the_last_entry_before_a_moment_needs_no_guessed_period(office: Office) -> None:
    add_text(office.store, "Long ago", 0)
    found = facts(await office.call("list_entries", order="newest", limit=1, time_until="2026-03-05", text="ago"))
    assert [row["text"] for row in rows(found)] == ["Long ago"]


@pytest.mark.parametrize("tool", ["list_entries", "summarize_entries", "update_entries", "copy_entries"])
@pytest.mark.parametrize("text", [" ", "\n\t", "\u200b", "\u2800"])
async def test_a_text_that_shows_nothing_finds_not_everything(office: Office, tool: str, text: str) -> None:
    wanted = {"update_entries": {"set_text": "New"}, "copy_entries": {"to": "2026-07"}}.get(tool, {})
    assert (await office.call(tool, period="2026-11", text=text, **wanted)).is_error


async def test_an_ellipsis_is_found_where_it_stands(office: Office) -> None:
    id = add_text(office.store, "And so on…", 0)
    found = rows(facts(await office.call("list_entries", period="2026-03", text="…")))
    assert [row["id"] for row in found] == [id]


@pytest.mark.parametrize("user", ["ME", "Me", "ich", SANDBOX_USER])
async def test_the_caller_is_meant_by_any_of_these(office: Office, user: str) -> None:
    own = facts(await office.call("list_entries", period="2026-11", user="me"))
    assert facts(await office.call("list_entries", period="2026-11", user=user)) == own


@pytest.mark.parametrize("user", ["ALL", "All", "alle"])
async def test_everybody_is_meant_by_any_of_these(office: Office, user: str) -> None:
    own = facts(await office.call("list_entries", period="2026-11", user="all"))
    assert facts(await office.call("list_entries", period="2026-11", user=user)) == own


@pytest.mark.parametrize(
    ("period", "dates"),
    [
        ("last_30_days", "Tue 2026-10-27 – Wed 2026-11-25"),
        ("past 2 days", "Tue 2026-11-24 – Wed 2026-11-25"),
        ("letzte 3 Tage", "Mon 2026-11-23 – Wed 2026-11-25"),
        ("this_quarter", "Thu 2026-10-01 – Thu 2026-12-31"),
        ("last quarter", "Wed 2026-07-01 – Wed 2026-09-30"),
        ("week before last", "Mon 2026-11-09 – Sun 2026-11-15"),
        ("vorletzte Woche", "Mon 2026-11-09 – Sun 2026-11-15"),
        ("letzten Monat", "Thu 2026-10-01 – Sat 2026-10-31"),
    ],
)
async def test_periods_are_understood_as_people_say_them(office: Office, period: str, dates: str) -> None:
    assert facts(await office.call("list_entries", period=period))["period"] == dates
