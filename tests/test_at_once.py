"""Several calls at the same time, as hosts send them: each writes on what the others have left, and not on what was."""

from collections.abc import Sequence
from typing import Any, Literal

import anyio
import pytest
from mcp.types import CallToolResult

from clockodo_mcp.sandbox import Store
from tests.conftest import Office, Person, facts, office_of, said, settings

pytestmark = pytest.mark.anyio

ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
PLACE = {"project": "Relaunch Website", "service": "Design"}


async def at_once(office: Office, *calls: tuple[str, dict[str, Any]]) -> list[CallToolResult]:
    results: dict[int, CallToolResult] = {}

    async def call(number: int, tool: str, arguments: dict[str, Any]) -> None:
        results[number] = await office.call(tool, **arguments)

    async with anyio.create_task_group() as group:
        for number, (tool, arguments) in enumerate(calls):
            group.start_soon(call, number, tool, arguments)
    return [results[number] for number in range(len(calls))]


def times(entries: Sequence[Any]) -> list[tuple[str, str]]:
    return sorted((one["time_since"][11:16], (one["time_until"] or "")[11:16]) for one in entries)


async def test_entries_for_which_only_the_day_was_said_follow_one_another(store: Store) -> None:
    before = {one["id"] for one in store.entries()}
    async with office_of(store) as office:
        made = await at_once(
            office, *[("create_time_entry", PLACE | {"time_since": "2026-11-21", "duration": "1h"})] * 5
        )
    assert not any(one.is_error for one in made)
    new = [one for one in store.entries() if one["id"] not in before]
    assert times(new) == [(f"{hour:02}:00", f"{hour + 1:02}:00") for hour in range(8, 13)]


@ERAS
async def test_of_two_starts_the_second_asks_about_the_first(store: Store, mode: Literal["auto", "legacy"]) -> None:
    """One entry runs at a time: what the first has started is not stopped in passing."""
    async with office_of(store) as office:
        facts(await office.call("stop_clock"))
    person = Person("No")
    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        one, other = await at_once(office, ("start_clock", PLACE), ("start_clock", PLACE | {"text": "another"}))
    assert sorted([one.is_error, other.is_error]) == [False, True]
    [asked] = person.asked
    started = max(int(one["id"]) for one in store.entries())
    assert asked.startswith(f"Entry {started} runs since 16:30")


async def test_what_another_copy_has_written_is_there_already(store: Store) -> None:
    async with office_of(store) as office:
        of = len(facts(await office.call("list_entries", period="yesterday"))["entries"])  # type: ignore[arg-type]
        before = len(store.entries())
        await at_once(office, *[("copy_entries", {"period": "yesterday", "to": "2026-11-22"})] * 2)
    assert len(store.entries()) == before + of


async def test_an_edit_tells_what_was_before_it_and_is_undone_to_that(store: Store) -> None:
    async with office_of(store) as office:
        edits = await at_once(office, *[("update_entry", {"id": 8, "duration": long}) for long in ("1h", "2h")])
        told = [facts(one) for one in edits]
        after = {str(one["change"]): (one["before"]["seconds"], one["entry"]["seconds"]) for one in told}  # type: ignore[index]
        first, second = sorted(after)
        assert after[first][1] == after[second][0]
        facts(await office.call("undo_change", change_id=second))
        assert facts(await office.call("get_entry", id=8))["entry"]["seconds"] == after[first][1]  # type: ignore[index]
        facts(await office.call("undo_change", change_id=first))


async def test_one_undo_that_comes_three_times_undoes_one_change(store: Store) -> None:
    async with office_of(store) as office:
        for id in (3, 4):
            facts(await office.call("delete_entry", id=id))
        left = len(store.entries())
        results = await at_once(office, *[("undo_change", {})] * 3)
        assert len(store.entries()) == left + 1
        assert sorted(one.is_error for one in results) == [False, True, True]
        assert "Change 2 was undone by change 3" in said(next(one for one in results if one.is_error))


async def test_a_code_that_was_good_stays_good_while_the_call_looks_again(store: Store) -> None:
    always = settings().model_copy(update={"confirm": "always"})
    async with office_of(store, account=always) as office:
        codes = []
        for id in (2, 3):
            preview = said(await office.call("update_entry", id=id, text="Other"))
            codes.append(preview.partition("confirm='")[2].partition("'")[0])
        edits = [
            ("update_entry", {"id": id, "text": "Other", "confirm": code})
            for id, code in zip((2, 3), codes, strict=True)
        ]
        results = await at_once(office, *edits)
    assert [one.is_error for one in results] == [False, False], [said(one) for one in results]


async def test_a_code_for_one_undo_is_none_for_another(store: Store) -> None:
    always = settings().model_copy(update={"confirm": "always"})
    async with office_of(store, account=always) as office:
        deleted = said(await office.call("delete_entry", id=8))
        code = deleted.partition("confirm='")[2].partition("'")[0]
        facts(await office.call("delete_entry", id=8, confirm=code))
        preview = said(await office.call("undo_change"))
        code = preview.partition("confirm='")[2].partition("'")[0]
        assert "undo change 1" in preview
        another = said(await office.call("delete_entry", id=9))
        facts(await office.call("delete_entry", id=9, confirm=another.partition("confirm='")[2].partition("'")[0]))
        before = store.entries()
        refused = await office.call("undo_change", confirm=code)
    assert refused.is_error
    assert "The code does not fit" in said(refused)
    assert "undo change 2" in said(refused)
    assert store.entries() == before
