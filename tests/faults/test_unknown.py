"""Outcomes that nobody knows: the intent is kept, said to be unknown, and settled later, never doubled."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.types import CallToolResult

from clockodo_mcp.sandbox import Store
from tests.conftest import NOW, said
from tests.faults import words
from tests.faults.clock import WalkingClock
from tests.faults.laws import journal_agrees
from tests.faults.rig import PATIENT, Rig, beside, process_beside, process_rig, rig

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

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
    async with rig(store, tmp_path, WalkingClock(NOW)) as rig_:
        await rig_.call("search_catalog")  # from here on the account and its catalogue are known
        yield rig_


@pytest.fixture
async def hasty(store: Store, tmp_path: Path) -> AsyncIterator[Rig]:
    """The same with a server that gives up waiting for an answer that is held on the line."""
    async with rig(store, tmp_path, WalkingClock(NOW), hasty=True) as rig_:
        await rig_.call("search_catalog")
        yield rig_


def clock_of(one: Rig) -> WalkingClock:
    assert one.clock is not None
    return one.clock


def lost(kind: str, method: str) -> list[dict[str, Any]]:
    """The answer to the write is lost, and from then on nothing can be read."""
    return [
        {"kind": kind, "method": method, "path": "/api/v2/entries"},
        {"kind": "status", "status": 403, "method": "GET", "nth": READS[method] + 1, "times": 100},
    ]


READS = {"POST": 0, "PUT": 2, "DELETE": 2}
"""What is read before a write of this kind."""


@pytest.mark.parametrize("happens", [True, False])
@pytest.mark.parametrize(("tool", "arguments", "method"), WRITES)
async def test_where_even_looking_fails_the_outcome_is_unknown_and_list_changes_settles_it(
    one: Rig, tool: str, arguments: dict[str, Any], method: str, happens: bool
) -> None:
    one.mark()
    one.arm(*lost("close_after" if happens else "close_before", method))
    result = await one.call(tool, **arguments)
    assert result.is_error
    assert words.is_unknown(result)
    [change] = one.changes()
    assert change["state"] == "unknown"
    assert f"change {change['id']}" in said(result)
    one.disarm()
    settled = await one.settle()
    assert words.has_happened(settled) if happens else words.has_not_happened(settled)
    assert sum(map(len, one.effects())) == happens
    assert journal_agrees(one) == []


@pytest.mark.parametrize("happens", [True, False])
async def test_a_call_that_is_delivered_again_after_an_unknown_outcome_books_once(one: Rig, happens: bool) -> None:
    one.mark()
    one.arm(*lost("close_after" if happens else "close_before", "POST"))
    assert (await one.call("create_time_entry", **TIME)).is_error
    one.disarm()
    again = await one.call("create_time_entry", **TIME)
    assert words.is_unknown(again) != happens, "what is not there may still arrive"
    clock_of(one).pass_by(3 * PATIENT)
    again = await one.call("create_time_entry", **TIME) if again.is_error else again
    assert words.nothing_doubled(again) == happens
    assert len(one.effects()[0]) == 1
    assert journal_agrees(one) == []


async def test_a_call_that_comes_again_after_its_outcome_was_settled_still_books_once(one: Rig) -> None:
    """The model asks what became of it, and the client delivers the first call again all the same."""
    one.mark()
    one.arm(*lost("close_after", "POST"))
    assert (await one.call("create_time_entry", **TIME)).is_error
    one.disarm()
    assert words.has_happened(await one.call("list_changes"))
    assert words.nothing_doubled(await one.call("create_time_entry", **TIME))
    assert len(one.effects()[0]) == 1


async def test_two_equal_calls_are_two_entries(one: Rig) -> None:
    """Somebody may really have done the same twice; without a lost answer there is nothing to settle."""
    one.mark()
    ids = {words.entry_of(await one.call("create_time_entry", **TIME)) for _ in range(2)}
    assert len(ids) == 2
    assert len(one.effects()[0]) == 2


@pytest.mark.parametrize("kind", ["close_after", "cut", "status_after", "garbage_after"])
async def test_equal_calls_at_once_of_which_one_is_lost_stay_what_they_are(one: Rig, kind: str) -> None:
    one.mark()
    one.arm({"kind": kind, "method": "POST", "nth": 2} | ({"status": 500} if kind == "status_after" else {}))
    answers: list[CallToolResult] = []

    async def book() -> None:
        answers.append(await one.call("create_time_entry", **TIME))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(book)
    assert sum(map(words.happened_once, answers)) == 1
    assert len({*map(words.entry_of, answers)}) == 4
    assert len(one.effects()[0]) == 4
    assert journal_agrees(one) == []


async def test_what_may_still_be_under_way_is_not_sent_again(hasty: Rig) -> None:
    """Nobody answered in time, and the entry appears only after we have stopped looking."""
    hasty.mark()
    hasty.arm({"kind": "delay_before", "seconds": PATIENT + 20, "method": "POST"})
    result = await hasty.call("create_time_entry", **TIME)
    assert result.is_error
    assert words.may_be_under_way(result)
    assert hasty.effects()[0] == set()
    await hasty.let_arrive()
    assert len(hasty.effects()[0]) == 1
    assert words.nothing_doubled(await hasty.call("create_time_entry", **TIME))
    assert len(hasty.effects()[0]) == 1
    assert journal_agrees(hasty) == []


async def test_an_entry_that_somebody_else_made_meanwhile_is_not_taken_for_ours(one: Rig) -> None:
    """Equal in every field but made before our attempt began."""
    first = words.entry_of(await one.call("create_time_entry", **TIME))
    one.store.update("entries", first, {"time_insert": "2026-11-20T05:00:00Z"})
    one.mark()
    one.arm({"kind": "close_before", "method": "POST"})
    answer = await one.call("create_time_entry", **TIME)
    assert words.was_sent_again(answer)
    assert len(one.effects()[0]) == 1
    assert journal_agrees(one) == []


# What a sceptical reader of the code asked


def on_insert(one: Rig, sets: str) -> None:
    """Clockodo writes something of each new entry in its own way."""
    trigger = f"CREATE TRIGGER t AFTER INSERT ON entries BEGIN UPDATE entries SET {sets} WHERE id = NEW.id; END"  # noqa: S608 - of these tests
    one.store._db.execute(trigger)


async def unknown_create(one: Rig, kind: str = "close_after") -> None:
    """Leave one create unknown."""
    one.arm(*lost(kind, "POST"))
    assert words.is_unknown(await one.call("create_time_entry", **TIME))
    one.disarm()


async def test_two_calls_that_settle_at_once_agree(one: Rig) -> None:
    one.mark()
    await unknown_create(one)
    answers: list[CallToolResult] = []

    async def look() -> None:
        answers.append(await one.call("list_changes"))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(look)
    assert not any(map(words.has_not_happened, answers))
    assert [row["state"] for row in one.changes()] == ["done"]
    assert words.nothing_doubled(await one.call("create_time_entry", **TIME))
    assert len(one.effects()[0]) == 1


async def test_two_processes_that_settle_at_once_agree(store: Store, tmp_path: Path) -> None:
    """Each has a file lock, a connection to the journal, and a rhythm of its own."""
    async with process_rig(store, tmp_path) as one, process_beside(one) as other:
        await one.call("search_catalog")
        one.mark()
        await unknown_create(one)
        async with anyio.create_task_group() as group:
            for rig_ in (one, other, one, other):
                group.start_soon(rig_.call, "list_changes")
        assert [row["state"] for row in one.changes()] == ["done"]
        assert journal_agrees(one) == []


async def test_a_commit_behind_a_line_that_broke_is_waited_for(one: Rig) -> None:
    """A load balancer hangs up, and Clockodo stores the entry a few seconds later all the same."""
    one.mark()
    one.arm({"kind": "close_before", "method": "POST"})

    async def later() -> None:
        # After the first looks, before the line is given up.
        await clock_of(one).held(3)
        columns = {"services_id": 502, "customers_id": 1001, "projects_id": 2001, "users_id": 101, "duration": 1800}
        now = f"{clock_of(one).now():%Y-%m-%dT%H:%M:%SZ}"
        one.store.add_entry(
            **columns,
            text="Lost",
            time_since="2026-11-24T04:00:00Z",
            time_until="2026-11-24T04:30:00Z",
            time_insert=now,
        )

    async with anyio.create_task_group() as group:
        group.start_soon(later)
        await clock_of(one).until_somebody_is_held()
        answer = await one.call("create_time_entry", **TIME)
    assert words.happened_once(answer)
    assert len(one.effects()[0]) == 1


@pytest.mark.parametrize(
    "written", [{"text": "Lost\u0301 (corrected)"}, {"time_until": "2026-11-24T04:31:00Z", "duration": 1860}]
)
async def test_what_clockodo_wrote_in_its_own_way_is_not_booked_again(one: Rig, written: dict[str, Any]) -> None:
    """Somebody's rule rounds the end or touches the text: it may be ours, so it is neither claimed nor doubled."""
    one.mark()
    sets = ", ".join(f"{name} = {value!r}" for name, value in written.items() if name != "text")
    if "text" in written:
        sets = f"texts_id = {one.store.texts_id(written['text'])}"
    on_insert(one, sets)
    one.arm({"kind": "close_after", "method": "POST"})
    answer = await one.call("create_time_entry", **TIME)
    [id] = one.effects()[0]
    assert words.is_unknown(answer)
    assert str(id) in said(answer)


async def test_equal_texts_in_another_unicode_form_are_equal(one: Rig) -> None:
    one.mark()
    on_insert(one, f"texts_id = {one.store.texts_id('Café')}")
    one.arm({"kind": "close_after", "method": "POST"})
    answer = await one.call("create_time_entry", **(TIME | {"text": "Cafe\u0301"}))
    assert words.happened_once(answer)
    assert len(one.effects()[0]) == 1


async def test_a_call_that_its_client_gave_up_and_sends_again_books_once(one: Rig) -> None:
    one.mark()
    one.arm({"kind": "delay_before", "seconds": 1, "method": "POST"})
    await one.given_up("create_time_entry", **TIME)
    assert one.effects()[0] == set()
    await one.let_arrive()
    assert words.nothing_doubled(await one.call("create_time_entry", **TIME))
    assert len(one.effects()[0]) == 1
    assert journal_agrees(one) == []


@pytest.mark.parametrize(
    ("tool", "arguments"), [("create_time_entry", TIME), ("log_entries", {"entries": [TIME, TIME | {"text": "Two"}]})]
)
async def test_an_answer_that_its_client_did_not_wait_for_is_given_when_the_call_comes_again(
    one: Rig, tool: str, arguments: dict[str, Any]
) -> None:
    """All is written, and the client leaves while the day is read for the answer."""
    one.mark()
    one.arm({"kind": "delay_before", "seconds": 20, "method": "GET", "nth": 0})
    count = 1 if tool == "create_time_entry" else 2
    await one.given_up(tool, **arguments)
    assert len(one.effects()[0]) == count
    one.disarm()
    await one.let_arrive()
    again = await one.call(tool, **arguments)
    assert not again.is_error
    assert len(one.effects()[0]) == count
    assert journal_agrees(one) == []


async def test_an_undo_that_is_delivered_again_undoes_one_change(one: Rig) -> None:
    for text in ("A", "B"):
        assert not (await one.call("create_time_entry", **(TIME | {"text": text}))).is_error
    one.mark()
    one.arm(*lost("close_after", "DELETE"))
    assert words.is_unknown(await one.call("undo_change"))
    one.disarm()
    again = said(await one.call("undo_change"))
    assert "has undone change 2; nothing was doubled" in again
    assert len(one.effects()[2]) == 1


@pytest.mark.parametrize("answers", ["lost", "unknown"])
async def test_an_edit_that_was_taken_in_part_is_done_and_the_rest_is_named(one: Rig, answers: str) -> None:
    """Clockodo turns the rate back, and the answer is lost, once or with everything after it."""
    one.store._db.execute(
        "CREATE TRIGGER t AFTER UPDATE ON entries BEGIN UPDATE entries SET hourly_rate = 95 WHERE id = NEW.id; END"
    )
    one.store.update("entries", 2, {"hourly_rate": 95})
    one.mark()
    if answers == "lost":
        one.arm({"kind": "close_after", "method": "PUT", "times": 2})
        answer = said(await one.call("update_entry", id=2, text="Other", hourly_rate=12))
        assert "Clockodo did not take hourly rate" in answer
    else:
        one.arm(*lost("close_after", "PUT"))
        assert words.is_unknown(await one.call("update_entry", id=2, text="Other", hourly_rate=12))
        one.disarm()
        assert words.has_happened(await one.call("list_changes"))
    assert [row["state"] for row in one.changes()] == ["done"]


async def test_a_deletion_that_clockodo_denies_is_not_reported_done(one: Rig) -> None:
    one.mark()
    one.arm({"kind": "status", "status": 200, "body": {"success": False}, "method": "DELETE", "times": 2})
    result = await one.call("delete_entry", id=2)
    assert result.is_error
    assert one.effects()[2] == set()
    assert [row["state"] for row in one.changes()] == ["not_done"]


async def test_equal_unknown_intents_with_one_entry_between_them_are_told_apart_in_the_end(one: Rig) -> None:
    """Two servers on one journal each lost the answer to the same entry, and one of the two has happened."""
    one.mark()
    await unknown_create(one, "close_before")
    async with beside(one) as other:
        await other.call("search_catalog")
        other.arm(*lost("close_after", "POST"))
        assert (await other.call("create_time_entry", **(TIME | {"billable": "1"}))).is_error
        other.disarm()
        await one.settle()
    assert sorted(row["state"] for row in one.changes()) == ["done", "not_done"]
    assert journal_agrees(one) == []
