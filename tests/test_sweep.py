"""Every argument of every tool with everything that is odd, and times at the calendar's ends and at clock changes.

No fault of ours, nothing stored by a call that is refused, and never anything where nobody was asked.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clockodo_mcp.sandbox import Store
from clockodo_mcp.tools import TOOLSETS
from tests.conftest import NOW, facts, office_of, said, settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TOOLS = sorted(tool.name for tools in TOOLSETS.values() for tool in tools)
PLACE: dict[str, Any] = {"customer": "Acme GmbH", "service": "Design"}
VALID: dict[str, dict[str, Any]] = {
    "create_time_entry": PLACE | {"time_since": "2026-11-21T09:00", "duration": "1h"},
    "create_lumpsum_entry": PLACE | {"lumpsum": 5},
    "update_entry": {"id": 2, "text": "x"},
    "delete_entry": {"id": 3},
    "get_entry": {"id": 2},
    "start_clock": PLACE | {"switch": True},
    "adjust_clock": {"time_since": "15:00"},
    "log_entries": {"entries": [PLACE | {"time_since": "2026-11-21T09:00", "duration": "1h"}]},
    "copy_entries": {"period": "yesterday", "to": "2026-11-22"},
    "update_entries": {"ids": [2], "set_text": "x"},
}
ODD: list[Any] = [
    None, "", " ", "0", "-1", "x", "🙂", "a\nb", "1e9", "NaN", "true", "null", "*", "%", "'", '"', "\\", "../..",
    "=1+1", "x" * 3000, 0, -1, 1, 2**53, 2**70, 1.5, 1e308, True, False, [], ["x"], [1], [[1]], {}, {"a": 1},
    [None], [{}],
    "0001-01-01", "9999-12-31", "9999-12-31T23:59:59", "0001-01-01T00:00", "0000-00-00", "2026-13-01", "2026-02-30",
    "24:00", "25:00", "99:99", "2026-11-25T23:59:60", "2026-W53", "2026-Q5", "2026..2025", "9999", "0001", "..",
    "today..x",
]  # fmt: skip


def written(store: Store) -> int:
    """How many rows the sandbox has written so far."""
    return store._db.total_changes


@pytest.mark.parametrize("tool", TOOLS)
async def test_every_argument_with_everything_odd(store: Store, tool: str, pytestconfig: pytest.Config) -> None:
    """Beside valid ones; a call that is refused has stored nothing. Unless it is `--thorough`, a third for each."""
    step = 1 if pytestconfig.getoption("thorough") else 3
    faults: list[str] = []
    async with office_of(store) as office:
        [offered] = [one for one in (await office.assistant.list_tools()).tools if one.name == tool]
        for number, name in enumerate(offered.input_schema["properties"]):
            for value in ODD[number % step :: step]:
                given, before = VALID.get(tool, {}) | {name: value}, written(store)
                result = await office.call(tool, **given)
                shown = f"{tool}({ {**given, name: str(value)[:40]} })"
                if "fault of this server" in said(result) or not said(result).strip():
                    faults.append(f"{shown}: {said(result)}")
                if result.is_error and written(store) != before:
                    faults.append(f"{shown} is refused and has written")
    assert not faults, "\n".join(faults[:20])


ZONES = [
    "Europe/Berlin", "Europe/London", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham",
    "Asia/Kolkata", "Pacific/Kiritimati", "America/Santiago", "Africa/Casablanca",
]  # fmt: skip


def changes_of(zone: ZoneInfo) -> list[datetime]:
    """The hours of 2026 in which the offset changes, in UTC; midsummer where it never does."""
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(365 * 24)]
    moved = [
        hour
        for hour in hours
        if hour.astimezone(zone).utcoffset() != (hour + timedelta(hours=1)).astimezone(zone).utcoffset()
    ]
    return moved or [datetime(2026, 7, 1, tzinfo=UTC)]


@pytest.mark.parametrize("zone", ZONES)
async def test_around_each_clock_change_what_is_stored_is_what_was_said(store: Store, zone: str) -> None:
    """Each quarter of an hour around it: stored to the second, or refused for a time that is skipped or comes twice."""
    here = ZoneInfo(zone)
    account = settings().model_copy(update={"timezone": zone})
    async with office_of(store, account=account, now=lambda: NOW) as office:
        for change in changes_of(here):
            for quarter in range(-12, 13):
                local = (change + timedelta(minutes=15 * quarter)).astimezone(here).replace(tzinfo=None)
                early, late = (local.replace(tzinfo=here, fold=fold) for fold in (0, 1))
                result = await office.call(
                    "create_time_entry", **PLACE, time_since=f"{local:%Y-%m-%dT%H:%M}", duration="1h30m"
                )
                certain = early.utcoffset() == late.utcoffset()
                assert result.is_error != certain, (local, said(result))
                if certain:
                    made = dict(store.entries()[-1])
                    assert made["time_since"] == f"{early.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
                    assert made["duration"] == 5400
                    listed = facts(await office.call("list_entries", period=str(local.date())))
                    assert made["id"] in [one["id"] for one in listed["entries"]] or len(listed["entries"]) == 25  # type: ignore[attr-defined, arg-type]
                elif not said(result).startswith("time_since="):
                    pytest.fail(said(result))


@pytest.mark.parametrize("year", [1, 1999, 2000, 2026, 2100, 2101, 9999])
@pytest.mark.parametrize("day", [(1, 1), (2, 28), (12, 31)])
async def test_every_tool_that_takes_a_day_ends_with_the_calendar(
    store: Store, year: int, day: tuple[int, int]
) -> None:
    on = date(year, *day)
    edges = (time(0, 0), time(23, 59))
    moments = [f"{on}", *(f"{on}T{edge:%H:%M}" for edge in edges), f"{on}T23:59:59Z", f"{on}T00:00+14:00"]
    async with office_of(store) as office:
        for moment in moments:
            for tool, arguments in (
                ("create_time_entry", PLACE | {"time_since": moment, "duration": "1h"}),
                ("create_time_entry", PLACE | {"time_until": moment, "duration": "24h"}),
                ("create_lumpsum_entry", PLACE | {"time_since": moment, "lumpsum": 1}),
                ("update_entry", {"id": 2, "time_since": moment}),
                ("update_entry", {"id": 2, "time_until": moment}),
                ("copy_entries", {"period": "yesterday", "to": moment}),
                ("list_entries", {"time_since": moment, "time_until": moment}),
                ("list_entries", {"period": f"{moment}..{moment}"}),
                ("summarize_entries", {"period": f"{on}", "compare_to": "previous"}),
                ("check_timesheet", {"period": f"{on}"}),
                ("show_week", {"week": f"{on}"}),
                ("export_entries", {"period": f"{on}", "overwrite": True}),
                ("list_changes", {"period": f"{on}"}),
                ("stop_clock", {"time_until": moment}),
                ("adjust_clock", {"time_since": moment}),
            ):
                result = await office.call(tool, **arguments)
                assert "fault of this server" not in said(result), (tool, arguments, said(result))
                assert result.is_error or 2000 <= year <= 2100, (tool, arguments, said(result))
