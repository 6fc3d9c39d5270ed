"""Outcomes that nobody knows: the intent is kept, said to be unknown, and settled later, never doubled."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from clockodo_mcp.sandbox import Store
from tests.conftest import facts, said
from tests.faults.rig import Rig, journal_agrees, rig

pytestmark = pytest.mark.anyio

TIME = {
    "customer": "1001", "project": "2001", "service": "502", "billable": "billable", "text": "Lost",
    "time_since": "2026-11-24T05:00", "duration": "30m",
}  # fmt: skip
LUMPSUM = {
    "customer": "1001",
    "service": "502",
    "lumpsum": 90,
    "billable": "billable",
    "time_since": "2026-11-24T05:00",
}
WRITES: list[tuple[str, dict[str, Any], str]] = [
    ("create_time_entry", TIME, "POST"),
    ("create_lumpsum_entry", LUMPSUM, "POST"),
    ("update_entry", {"id": 2, "text": "Changed"}, "PUT"),
    ("delete_entry", {"id": 2}, "DELETE"),
]


@pytest.fixture
async def one(store: Store, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(store, tmp_path) as rig_:
        await rig_.call("list_entries", limit=0)  # from here on the account is known
        yield rig_


def lost(kind: str, method: str) -> list[dict[str, Any]]:
    """The answer to the write is lost, and from then on nothing can be read."""
    return [
        {"kind": kind, "method": method, "path": "/api/v2/entries"},
        {"kind": "status", "status": 500, "method": "GET", "nth": READS[method] + 1, "times": 100},
    ]


READS = {"POST": 0, "PUT": 2, "DELETE": 2}
"""What is read before a write of this kind."""


@pytest.mark.parametrize("happens", [True, False])
@pytest.mark.parametrize(("tool", "arguments", "method"), WRITES)
async def test_where_even_looking_fails_the_outcome_is_unknown_and_list_changes_settles_it(
    one: Rig, tool: str, arguments: dict[str, Any], method: str, happens: bool
) -> None:
    one.mark()
    await one.arm(*lost("close_after" if happens else "close_before", method))
    result = await one.call(tool, **arguments)
    assert result.is_error
    assert "may or may not have happened" in said(result)
    [change] = one.changes()
    assert change["state"] == "unknown"
    assert f"change {change['id']}" in said(result)
    one.disarm()
    with anyio.fail_after(10):
        while one.changes()[0]["state"] == "unknown":
            settled = said(await one.call("list_changes"))
    assert ("has happened: entry" if happens else "has not happened") in settled
    assert sum(map(len, one.effects())) == happens
    assert journal_agrees(one) == []


@pytest.mark.parametrize("happens", [True, False])
async def test_a_call_that_is_delivered_again_after_an_unknown_outcome_books_once(one: Rig, happens: bool) -> None:
    one.mark()
    await one.arm(*lost("close_after" if happens else "close_before", "POST"))
    assert (await one.call("create_time_entry", **TIME)).is_error
    one.disarm()
    with anyio.fail_after(10):
        while (again := await one.call("create_time_entry", **TIME)).is_error:
            assert "may or may not" in said(again)
    assert ("nothing was doubled" in said(again)) == happens
    assert len(one.effects()[0]) == 1
    assert journal_agrees(one) == []


async def test_a_call_that_comes_again_after_its_outcome_was_settled_still_books_once(one: Rig) -> None:
    """The model asks what became of it, and the client delivers the first call again all the same."""
    one.mark()
    await one.arm(*lost("close_after", "POST"))
    assert (await one.call("create_time_entry", **TIME)).is_error
    one.disarm()
    assert "has happened: entry" in said(await one.call("list_changes"))
    assert "nothing was doubled" in said(await one.call("create_time_entry", **TIME))
    assert len(one.effects()[0]) == 1


async def test_two_equal_calls_are_two_entries(one: Rig) -> None:
    """Somebody may really have done the same twice; without a lost answer there is nothing to settle."""
    one.mark()
    ids = {str(facts(await one.call("create_time_entry", **TIME))["entry"]) for _ in range(2)}
    assert len(ids) == 2
    assert len(one.effects()[0]) == 2


@pytest.mark.parametrize("kind", ["close_after", "cut", "status_after", "garbage_after"])
async def test_equal_calls_at_once_of_which_one_is_lost_stay_what_they_are(one: Rig, kind: str) -> None:
    one.mark()
    await one.arm({"kind": kind, "method": "POST", "nth": 2} | ({"status": 500} if kind == "status_after" else {}))
    answers: list[str] = []

    async def book() -> None:
        answers.append(said(await one.call("create_time_entry", **TIME)))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(book)
    assert sum("it has happened, once" in answer for answer in answers) == 1
    assert len({answer.split("entry ")[1].split()[0] for answer in answers}) == 4
    assert len(one.effects()[0]) == 4
    assert journal_agrees(one) == []


async def test_what_may_still_be_under_way_is_not_sent_again(one: Rig) -> None:
    """Nobody answered in time, and the entry appears only after we have stopped looking."""
    release = anyio.Event()

    async def held(_: float) -> None:
        await release.wait()

    one.app.state.faults.sleep = held
    one.mark()
    await one.arm({"kind": "delay_before", "seconds": 1, "method": "POST"})
    result = await one.call("create_time_entry", **TIME)
    assert result.is_error
    assert "may still be carrying it out" in said(result)
    assert one.effects()[0] == set()
    release.set()
    with anyio.fail_after(10):
        while not one.effects()[0]:
            await anyio.lowlevel.checkpoint()
    answer = said(await one.call("create_time_entry", **TIME))
    assert "nothing was doubled" in answer
    assert len(one.effects()[0]) == 1
    assert journal_agrees(one) == []


async def test_an_entry_that_somebody_else_made_meanwhile_is_not_taken_for_ours(one: Rig) -> None:
    """Equal in every field but made before our attempt began."""
    first = facts(await one.call("create_time_entry", **TIME))["entry"]
    assert isinstance(first, dict)
    one.store.update("entries", first["id"], {"time_insert": "2026-11-20T05:00:00Z"})
    one.mark()
    await one.arm({"kind": "close_before", "method": "POST"})
    answer = await one.call("create_time_entry", **TIME)
    assert "sent again" in said(answer)
    assert len(one.effects()[0]) == 1
    assert journal_agrees(one) == []
