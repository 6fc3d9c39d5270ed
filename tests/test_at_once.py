"""Several calls at the same time, as hosts send them: each writes on what the others have left, and not on what was."""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import anyio
import anyio.lowlevel
import httpx2
import pytest
from mcp import Client
from mcp.types import CallToolResult

from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.serve import listening
from clockodo_mcp.server import build_server
from clockodo_mcp.writing.changes import Ended
from tests.conftest import NOW, Office, Person, facts, office_of, said, settings
from tests.faults.clock import WalkingClock

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

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


class Leaves:
    """A sandbox that ends the caller's wait at one of the writes, before it is carried out or after.

    `transport` is the line to it in memory, on which each request goes on when nobody has anything else to do. Served
    over a real connection, several servers share a journal on disk; then it goes on at once, but for the request whose
    caller leaves: that one waits until the server `has_heard` of it.
    """

    def __init__(self, store: Store, has_heard: Callable[[], Awaitable[None]] | None = None) -> None:
        self._app = create_app(store, now=lambda: NOW)
        self.state = self._app.state
        self.transport = httpx2.ASGITransport(app=self)
        self.scope: anyio.CancelScope | None = None
        self.left = 0
        self.after = False
        self._has_heard = has_heard

    def at(self, write: int, scope: anyio.CancelScope, *, after: bool) -> None:
        self.left, self.scope, self.after = write, scope, after

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.left -= scope["method"] != "GET"
        now = self.scope is not None and self.left == 0 and scope["method"] != "GET"
        leaves_before = now and not self.after
        if leaves_before and self.scope:
            self.scope.cancel()
        # The caller has gone by the time that the request goes on.
        if self._has_heard is None:
            with anyio.move_on_after(1):  # whoever looks again ten times a second may never be seen at rest
                await anyio.wait_all_tasks_blocked()
        elif leaves_before:
            await self._has_heard()
        await self._app(scope, receive, send)
        if now and self.scope and self.after:
            self.scope.cancel()


EVERY_MOMENT = pytest.mark.parametrize(("write", "after"), [(n, after) for n in (1, 3, 5) for after in (False, True)])
MORNING = [PLACE | {"time_since": f"2026-11-21T{hour:02}:00", "duration": "1h"} for hour in range(8, 13)]
DAY = [PLACE | {"time_since": "2026-11-21", "duration": "1h"}] * 5


def state(store: Store) -> dict[int, dict[str, Any]]:
    """What is stored, but for when it was changed last."""
    return {one["id"]: {**dict(one), "time_last_change": None} for one in store.entries()}


def journal_in(folder: Path) -> Path:
    """The one journal of a data folder."""
    [path] = folder.rglob("changes-*.db")
    return path


async def cut_off(assistant: Client, line: Leaves, write: int, tool: str, *, after: bool, **arguments: object) -> None:
    """A call whose caller leaves at one of its writes."""
    with anyio.CancelScope() as scope:
        line.at(write, scope, after=after)
        await assistant.call_tool(tool, arguments)
    line.scope = None
    assert scope.cancelled_caught


@pytest.mark.slow
@EVERY_MOMENT
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("log_entries", {"entries": MORNING}),
        ("copy_entries", {"period": "yesterday", "to": "2026-11-21"}),
        ("update_entries", {"ids": [2, 3, 4, 5, 8], "set_text": "Sprint"}),
    ],
)
async def test_many_that_were_cut_off_and_come_again_at_once_are_written_once(
    store: Store, tool: str, arguments: dict[str, object], write: int, *, after: bool
) -> None:
    line, before = Leaves(store), state(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        confirmed = dict(arguments)
        if tool == "update_entries":
            confirmed["confirm"] = facts(await assistant.call_tool(tool, arguments))["confirm"]
        await cut_off(assistant, line, write, tool, after=after, **confirmed)
        again = await assistant.call_tool(tool, confirmed)
        if again.is_error or (again.structured_content or {}).get("done") == "preview":
            preview = await assistant.call_tool(tool, arguments)
            code = (preview.structured_content or {}).get("confirm")
            again = await assistant.call_tool(tool, arguments | {"confirm": code}) if code else preview
        assert not again.is_error, said(again)
        stored = state(store)
        if tool == "update_entries":
            texts = {stored[id]["texts_id"] for id in (2, 3, 4, 5, 8)}
            assert len(texts) == 1
        else:
            new = [one for id, one in stored.items() if id not in before]
            assert len(new) == len({one["time_since"] for one in new}) == 5
        while not (undone := await assistant.call_tool("undo_change", {})).is_error:
            pass
        assert "There is nothing to undo" in said(undone)
    assert state(store) == before


@pytest.mark.slow
@EVERY_MOMENT
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("tool", ["log_entries", "update_entries"])
async def test_an_undo_of_many_that_was_cut_off_goes_on_when_it_comes_again(
    store: Store, tool: str, write: int, *, named: bool, after: bool
) -> None:
    line, before = Leaves(store), state(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        arguments: dict[str, object] = {"entries": MORNING}
        if tool == "update_entries":
            arguments = {"ids": [2, 3, 4, 5, 8], "set_text": "Sprint"}
            arguments["confirm"] = facts(await assistant.call_tool(tool, arguments))["confirm"]
        change = facts(await assistant.call_tool(tool, arguments))["change"]
        undo = {"change_id": change} if named else {}
        await cut_off(assistant, line, write, "undo_change", after=after, **undo)
        again = facts(await assistant.call_tool("undo_change", undo))
        assert state(store) == before
        # And it is one change, that can be undone itself.
        facts(await assistant.call_tool("undo_change", {"change_id": again["change"]}))
        assert len(state(store)) == len(before) + (5 if tool == "log_entries" else 0)


class Slow(httpx2.AsyncBaseTransport):
    """A line on which each request waits for a few turns of everybody else."""

    def __init__(self, store: Store, turns: int = 3) -> None:
        self._app, self._turns = httpx2.ASGITransport(app=create_app(store, now=lambda: NOW)), turns

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        for _ in range(self._turns):
            await anyio.lowlevel.checkpoint()
        return await self._app.handle_async_request(request)


async def test_a_call_is_overtaken_once_and_then_has_its_turn(store: Store) -> None:
    """Four callers that edit without a pause hold nobody up who has to read before writing."""
    server = build_server(settings(), transport=Slow(store), now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant, anyio.create_task_group() as group:
        edits = 0

        async def edit(id: int) -> None:
            nonlocal edits
            while True:
                facts(await assistant.call_tool("update_entry", {"id": id, "text": f"Edit {edits}"}))
                edits += 1

        for id in (2, 3, 4, 5):
            group.start_soon(edit, id)
        while edits < 8:
            await anyio.lowlevel.checkpoint()
        begun = edits
        facts(await assistant.call_tool("log_entries", {"entries": DAY}))
        assert edits - begun < 30
        group.cancel_scope.cancel()


async def test_an_undo_that_comes_again_while_the_first_is_under_way_tells_what_that_one_did(store: Store) -> None:
    """What is half undone by the same call is nobody else's doing."""
    before = state(store)
    server = build_server(settings(), transport=Slow(store), now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        change = facts(await assistant.call_tool("log_entries", {"entries": MORNING}))["change"]
        results: list[CallToolResult] = []

        async def undo() -> None:
            results.append(await assistant.call_tool("undo_change", {"change_id": change}))

        async with anyio.create_task_group() as group:
            group.start_soon(undo)
            while len(state(store)) > len(before) + 3:
                await anyio.lowlevel.checkpoint()
            group.start_soon(undo)
    assert state(store) == before
    assert [one.is_error for one in results] == [False, True]
    assert f"Change {change} was undone by change" in said(results[1])


@pytest.mark.parametrize("times", [2, 3])
async def test_the_same_many_sent_at_once_are_as_many_as_were_sent(store: Store, times: int) -> None:
    """Nobody left, so nothing was delivered again: each call is answered with entries of its own."""
    before = state(store)
    server = build_server(settings(), transport=Slow(store), now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant, anyio.create_task_group() as group:
        results: list[CallToolResult] = []

        async def log() -> None:
            results.append(await assistant.call_tool("log_entries", {"entries": MORNING}))

        for _ in range(times):
            group.start_soon(log)
    ids = [one["id"] for result in results for one in facts(result)["entries"]]  # type: ignore[attr-defined]
    assert len(ids) == len(set(ids)) == 5 * times
    assert set(state(store)) == {*before, *ids}


@pytest.mark.parametrize(("write", "after"), [(n, after) for n in (1, 3, 5) for after in (False, True)])
async def test_entries_of_a_day_that_were_cut_off_go_on_where_they_were(
    store: Store, write: int, *, after: bool
) -> None:
    """What the call has stored itself does not push its own entries back."""
    line, before = Leaves(store), state(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        await cut_off(assistant, line, write, "log_entries", after=after, entries=DAY)
        again = await assistant.call_tool("log_entries", {"entries": DAY})
        new = [one for id, one in state(store).items() if id not in before]
        assert times(new) == [(f"{hour:02}:00", f"{hour + 1:02}:00") for hour in range(8, 13)]
        assert "Clockodo did not take" not in said(again)


@pytest.mark.parametrize("after", [False, True])
async def test_an_entry_of_a_day_that_comes_again_is_told_as_it_was_stored(store: Store, *, after: bool) -> None:
    line = Leaves(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        arguments = PLACE | {"time_since": "2026-11-21", "duration": "1h"}
        await cut_off(assistant, line, 1, "create_time_entry", after=after, **arguments)
        told = facts(await assistant.call_tool("create_time_entry", arguments))
    assert told["warnings"] == ["It is on a Saturday (2026-11-21)."]
    assert told["entry"]["start"] == "09:00"  # type: ignore[index]
    assert told["notes"] == ["The same call was sent a moment ago and has happened; nothing was doubled."]


@pytest.mark.parametrize("after", [False, True])
async def test_a_deletion_that_comes_again_is_told_as_done(store: Store, *, after: bool) -> None:
    line = Leaves(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        await cut_off(assistant, line, 1, "delete_entry", after=after, id=2)
        told = facts(await assistant.call_tool("delete_entry", {"id": 2}))
    assert told["done"] == "deleted"
    assert told["notes"] == ["The same call was sent a moment ago and has happened; nothing was doubled."]
    assert 2 not in state(store)


@pytest.mark.parametrize("after", [False, True])
async def test_an_edit_that_comes_again_is_told_with_what_was_before_it(store: Store, *, after: bool) -> None:
    line = Leaves(store)
    was = state(store)[2]["text"]
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        await cut_off(assistant, line, 1, "update_entry", after=after, id=2, text="Mine")
        again = await assistant.call_tool("update_entry", {"id": 2, "text": "Mine"})
        third = await assistant.call_tool("update_entry", {"id": 2, "text": "Mine"})
    assert facts(again)["before"]["text"] == was  # type: ignore[index]
    assert facts(again)["entry"]["text"] == "Mine"  # type: ignore[index]
    assert facts(again)["notes"] == ["The same call was sent a moment ago and has happened; nothing was doubled."]
    assert "entry 2 is so already" in said(third)


async def test_an_undo_that_comes_again_says_nothing_of_what_others_did_since(store: Store) -> None:
    line = Leaves(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        facts(await assistant.call_tool("update_entry", {"id": 2, "text": "Mine"}))
        await cut_off(assistant, line, 1, "undo_change", after=True)
        store.update("entries", 2, {"texts_id": store.texts_id("Theirs")})
        told = facts(await assistant.call_tool("undo_change", {}))
    assert told["warnings"] == []
    assert told["notes"] == ["The same call was sent a moment ago and has undone change 1; nothing was doubled."]


@pytest.mark.slow
@EVERY_MOMENT
async def test_many_that_were_cut_off_and_come_again_to_another_server_are_written_once(
    store: Store, data_dir: Path, write: int, *, after: bool
) -> None:
    """A desktop application and an editor share the journal: who comes second goes on with what the first has begun."""

    async def has_heard() -> None:
        """Until the first server has noted how its call ended: its caller left, or was told."""
        with closing(sqlite3.connect(journal_in(data_dir))) as db:
            while db.execute("SELECT ended FROM batches").fetchone()[0] not in (Ended.LEFT, Ended.TOLD):
                await anyio.lowlevel.checkpoint()

    line, before = Leaves(store, has_heard), state(store)
    async with listening(line) as address:  # type: ignore[arg-type]
        first, second = (build_server(settings(address), now=lambda: NOW, pace=Pace(())) for _ in range(2))
        async with Client(first) as here, Client(second) as there:
            await cut_off(here, line, write, "log_entries", after=after, entries=MORNING)
            await has_heard()
            facts(await there.call_tool("log_entries", {"entries": MORNING}))
            new = [one for id, one in state(store).items() if id not in before]
            assert len(new) == len({one["time_since"] for one in new}) == 5
            facts(await there.call_tool("undo_change", {}))
    assert state(store) == before


class Overtaken(httpx2.AsyncBaseTransport):
    """A line on which somebody else does something just before our first write."""

    def __init__(self, store: Store, other: Office, tool: str, **arguments: object) -> None:
        self._app = httpx2.ASGITransport(app=create_app(store, now=lambda: NOW))
        self._other, self._tool, self._arguments = other, tool, arguments

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method != "GET":
            facts(await self._other.call(self._tool, **self._arguments))
        return await self._app.handle_async_request(request)


async def test_a_start_says_what_it_stopped_where_that_was_started_elsewhere_meanwhile(store: Store) -> None:
    start = PLACE | {"switch": True}
    async with office_of(store) as other:
        line = Overtaken(store, other, "start_clock", **start, text="theirs")
        server = build_server(settings(), transport=line, now=lambda: NOW, pace=Pace(()))
        async with Client(server) as assistant:
            told = said(await assistant.call_tool("start_clock", start | {"text": "ours"}))
    theirs = max(int(one["id"]) for one in store.entries() if one["text"] == "theirs")
    assert f"Note: Entry {theirs}, which somebody had started meanwhile, was stopped by this start." in told


class Holds:
    """A sandbox that holds the first write back until it is let go, or the next one comes."""

    def __init__(self, store: Store) -> None:
        self._app = create_app(store, now=lambda: NOW)
        self.state = self._app.state
        self.came, self.goes_on = anyio.Event(), anyio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] != "GET":
            if self.came.is_set():
                self.goes_on.set()
            else:
                self.came.set()
                await self.goes_on.wait()
        await self._app(scope, receive, send)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create_time_entry", PLACE | {"time_since": "2026-11-21T09:00", "duration": "1h"}),
        ("create_lumpsum_entry", PLACE | {"time_since": "2026-11-21T09:00", "lumpsum": 5}),
    ],
)
async def test_an_entry_under_way_at_a_server_that_was_left_is_not_sent_by_another(
    store: Store, tool: str, arguments: dict[str, object]
) -> None:
    """A host starts its server anew, and the old one still waits for an answer."""
    line, before = Holds(store), state(store)

    async def waits(seconds: float) -> None:
        line.goes_on.set()
        await anyio.sleep(seconds)

    async with listening(line) as address:  # type: ignore[arg-type]
        first = build_server(settings(address), now=lambda: NOW, pace=Pace(()))
        second = build_server(settings(address), now=lambda: NOW, pace=Pace(()), sleep=waits)
        async with Client(first) as here, Client(second) as there, anyio.create_task_group() as group:
            with anyio.CancelScope() as scope:

                async def leave() -> None:
                    await line.came.wait()
                    scope.cancel()

                group.start_soon(leave)
                await here.call_tool(tool, arguments)
            assert scope.cancelled_caught
            again = facts(await there.call_tool(tool, arguments))
    assert "The same call was sent a moment ago and has happened; nothing was doubled." in again["notes"]  # type: ignore[operator]
    assert len(state(store)) == len(before) + 1


@pytest.mark.slow
@pytest.mark.parametrize("named", [True, False])
async def test_many_that_two_servers_undo_at_once_are_undone_by_one(store: Store, *, named: bool) -> None:
    before = state(store)
    async with listening(create_app(store, now=lambda: NOW)) as address:
        first, second = (build_server(settings(address), now=lambda: NOW, pace=Pace(())) for _ in range(2))
        async with Client(first) as here, Client(second) as there:
            day = [PLACE | {"time_since": f"2026-11-21T{n:02}:00", "duration": "30m"} for n in range(24)]
            change = facts(await here.call_tool("log_entries", {"entries": day}))["change"]
            results: list[CallToolResult] = []

            async def undo(assistant: Client) -> None:
                results.append(await assistant.call_tool("undo_change", {"change_id": change} if named else {}))

            async with anyio.create_task_group() as group:
                group.start_soon(undo, here)
                group.start_soon(undo, there)
            assert sorted(one.is_error for one in results) == [False, True], [said(one) for one in results]
            [refused] = [said(one) for one in results if one.is_error]
            assert f"Change {change} is being undone by another call" in refused or "was undone by" in refused
            assert len(facts(await there.call_tool("list_changes", {}))["rows"]) == 2  # type: ignore[arg-type]
    assert state(store) == before


@pytest.mark.slow
async def test_two_servers_that_undo_the_last_change_at_once_undo_one(store: Store) -> None:
    line = Holds(store)
    line.came.set()
    async with listening(line) as address:  # type: ignore[arg-type]
        first, second = (build_server(settings(address), now=lambda: NOW, pace=Pace(())) for _ in range(2))
        async with Client(first) as here, Client(second) as there:
            for id in (3, 4):
                facts(await here.call_tool("delete_entry", {"id": id}))
            left = len(state(store))
            line.came, line.goes_on = anyio.Event(), anyio.Event()
            results: list[CallToolResult] = []

            async def undo(assistant: Client) -> None:
                results.append(await assistant.call_tool("undo_change", {}))

            async with anyio.create_task_group() as group:
                group.start_soon(undo, here)
                await line.came.wait()
                await undo(there)
                line.goes_on.set()
    assert len(state(store)) == left + 1
    assert [one.is_error for one in results] == [True, False]
    assert "Change 2 is being undone by another call" in said(results[0])


# Found by attacking it


class Late(httpx2.AsyncBaseTransport):
    """A line on which nobody answers one of the writes, which arrives afterwards."""

    def __init__(self, store: Store, clock: WalkingClock, write: int) -> None:
        self._app, self._left = httpx2.ASGITransport(app=create_app(store, now=clock.now)), write
        self._late: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._left -= request.method != "GET"
        if self._left == 0 and request.method != "GET":
            self._late.append(request)
            raise httpx2.ReadTimeout("late", request=request)
        return await self._app.handle_async_request(request)

    async def arrive(self) -> None:
        for request in self._late:
            await self._app.handle_async_request(request)


@pytest.mark.parametrize("pause", [30, 90, 900])
@pytest.mark.parametrize("write", [1, 3, 5])
async def test_what_arrives_late_of_many_is_not_booked_again(store: Store, write: int, pause: float) -> None:
    """Its answer is lost, it arrives a moment later, and the same call comes again within the hour."""
    before, clock = state(store), WalkingClock(NOW)
    line = Late(store, clock, write)
    server = build_server(
        settings(), transport=line, now=clock.now, pace=Pace(()), sleep=clock.sleep, clock=clock.seconds
    )
    async with Client(server) as assistant:
        assert (await assistant.call_tool("log_entries", {"entries": DAY})).is_error
        await line.arrive()
        clock.pass_by(pause)
        facts(await assistant.call_tool("log_entries", {"entries": DAY}))
    new = [one for id, one in state(store).items() if id not in before]
    assert times(new) == [(f"{hour:02}:00", f"{hour + 1:02}:00") for hour in range(8, 13)]


async def test_an_undo_of_the_last_change_waits_for_one_that_is_under_way(store: Store) -> None:
    line, before = Leaves(store), state(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        facts(await assistant.call_tool("update_entry", {"id": 2, "text": "Mine"}))
        arguments = PLACE | {"time_since": "2026-11-21T09:00", "duration": "1h"}
        await cut_off(assistant, line, 1, "create_time_entry", after=False, **arguments)
        undone = said(await assistant.call_tool("undo_change", {}))
    assert "This undoes change 2" in undone
    assert {id: one for id, one in state(store).items() if id != 2} == {
        id: one for id, one in before.items() if id != 2
    }
    assert state(store)[2] != before[2]


async def test_an_undo_that_was_cut_off_means_no_older_change_once_another_was_made(store: Store) -> None:
    line, before = Leaves(store), state(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        facts(await assistant.call_tool("log_entries", {"entries": MORNING}))
        await cut_off(assistant, line, 3, "undo_change", after=True)
        left = len(state(store)) - len(before)
        assert 0 < left < 5
        create = PLACE | {"time_since": "2026-11-22T09:00", "duration": "1h"}
        id = facts(await assistant.call_tool("create_time_entry", create))["entry"]["id"]  # type: ignore[index]
        facts(await assistant.call_tool("undo_change", {}))
        assert id not in state(store)
        assert len(state(store)) - len(before) == left
        # The older one is undone by its id, the rest of it.
        facts(await assistant.call_tool("undo_change", {"change_id": 1}))
    assert state(store) == before


async def test_an_undo_of_many_after_another_of_many_was_cut_off_is_its_own(store: Store) -> None:
    line, before = Leaves(store), state(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        facts(await assistant.call_tool("log_entries", {"entries": MORNING}))
        await cut_off(assistant, line, 3, "undo_change", after=True)
        left = state(store)
        facts(await assistant.call_tool("log_entries", {"entries": DAY[:3]}))
        told = said(await assistant.call_tool("undo_change", {}))
    assert "Deleted 3 entries" in told
    assert state(store) == left
    assert len(left) > len(before)


@pytest.mark.slow
async def test_many_that_are_under_way_at_another_server_are_undone_whole(store: Store) -> None:
    line, before = Holds(store), state(store)
    async with listening(line) as address:  # type: ignore[arg-type]

        async def waits(seconds: float) -> None:
            line.goes_on.set()
            await anyio.sleep(seconds)

        first = build_server(settings(address), now=lambda: NOW, pace=Pace(()))
        second = build_server(settings(address), now=lambda: NOW, pace=Pace(()), sleep=waits)
        async with Client(first) as here, Client(second) as there, anyio.create_task_group() as group:
            results: list[CallToolResult] = []

            async def log() -> None:
                results.append(await here.call_tool("log_entries", {"entries": MORNING}))

            group.start_soon(log)
            await line.came.wait()
            undone = await there.call_tool("undo_change", {})
        assert facts(results[0])["done"] == "created"
        assert "Deleted 5 entries" in said(undone)
    assert state(store) == before


@pytest.mark.parametrize("more", [{"wait_for_previous": True}, {"text": None}, {"text": ""}, {"user": "", "text": ""}])
async def test_the_same_call_is_the_same_however_it_is_written(store: Store, more: dict[str, object]) -> None:
    line, before = Leaves(store), state(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        arguments = PLACE | {"time_since": "2026-11-21T09:00", "duration": "1h"}
        await cut_off(assistant, line, 1, "create_time_entry", after=True, **arguments)
        facts(await assistant.call_tool("create_time_entry", arguments | more))
    assert len(state(store)) == len(before) + 1


@pytest.mark.parametrize(
    ("tool", "once", "again"),
    [
        ("create_time_entry", {"duration": 3600}, {"duration": "3600"}),
        ("create_time_entry", {"duration": "1h", "project": "2001"}, {"duration": "1h", "project": 2001}),
        ("create_time_entry", {"duration": "1h", "service": 501}, {"duration": "1h", "service": "501"}),
        ("create_time_entry", {"duration": "1h", "hourly_rate": 95}, {"duration": "1h", "hourly_rate": "95"}),
        ("create_time_entry", {"duration": "1h", "billable": True}, {"duration": "1h", "billable": "true"}),
        ("create_time_entry", {"duration": "1h", "billable": True}, {"duration": "1h", "billable": "True"}),
        ("create_lumpsum_entry", {"lumpsum": 5}, {"lumpsum": "5"}),
        ("create_lumpsum_entry", {"lumpsum": "5,00"}, {"lumpsum": 5.0}),
    ],
)
async def test_a_number_is_the_same_however_it_is_written(
    store: Store, tool: str, once: dict[str, object], again: dict[str, object]
) -> None:
    line, before = Leaves(store), state(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    place = PLACE | {"time_since": "2026-11-21T09:00"} if tool == "create_time_entry" else PLACE
    async with Client(server) as assistant:
        await cut_off(assistant, line, 1, tool, after=True, **place | once)
        facts(await assistant.call_tool(tool, place | again))
    assert len(state(store)) == len(before) + 1


async def test_a_number_in_one_of_many_is_the_same_however_it_is_written(store: Store) -> None:
    line, before = Leaves(store), state(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    at = [{"time_since": f"2026-11-21T0{hour}:00", "duration": "30m", "service": "501"} for hour in (7, 8, 9)]
    async with Client(server) as assistant:
        await cut_off(assistant, line, 2, "log_entries", after=True, entries=[one | {"project": "2001"} for one in at])
        facts(await assistant.call_tool("log_entries", {"entries": [one | {"project": 2001} for one in at]}))
    assert len(state(store)) == len(before) + 3


async def test_an_id_is_the_same_however_it_is_written(store: Store) -> None:
    line = Leaves(store)
    before = state(store)[10]
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        await cut_off(assistant, line, 1, "update_entry", after=True, id=10, duration="+30m")
        facts(await assistant.call_tool("update_entry", {"id": "10", "duration": "+30m"}))
    assert state(store)[10]["duration"] == before["duration"] + 1800


async def test_many_told_from_today_that_come_again_after_midnight_are_of_the_same_day(store: Store) -> None:
    line, before = Leaves(store), state(store)
    late = datetime(2026, 11, 25, 22, 59, 50, tzinfo=UTC)
    moments = [late]
    server = build_server(settings(), transport=line.transport, now=lambda: moments[0], pace=Pace(()))
    entries = [PLACE | {"time_since": f"today 0{hour}:00", "duration": "30m"} for hour in range(1, 6)]
    async with Client(server) as assistant:
        await cut_off(assistant, line, 3, "log_entries", after=True, entries=entries)
        moments[0] = late + timedelta(seconds=20)
        facts(await assistant.call_tool("log_entries", {"entries": entries}))
        assert {one["time_since"][:10] for id, one in state(store).items() if id not in before} == {"2026-11-25"}
        day = len(before) + 5
        assert len(state(store)) == day


@pytest.mark.parametrize("tool", ["create_time_entry", "create_lumpsum_entry"])
async def test_one_told_from_today_that_comes_again_after_midnight_is_of_the_same_day(store: Store, tool: str) -> None:
    line, before = Leaves(store), state(store)
    late = datetime(2026, 11, 25, 22, 59, 50, tzinfo=UTC)
    moments = [late]
    server = build_server(settings(), transport=line.transport, now=lambda: moments[0], pace=Pace(()))
    what = {"duration": "1h"} if tool == "create_time_entry" else {"lumpsum": 5}
    async with Client(server) as assistant:
        await cut_off(assistant, line, 1, tool, after=True, **PLACE, **what, time_since="yesterday")
        moments[0] = late + timedelta(seconds=30)
        told = facts(await assistant.call_tool(tool, PLACE | what | {"time_since": "yesterday"}))
    assert "nothing was doubled" in str(told["notes"])
    [new] = [one for id, one in state(store).items() if id not in before]
    assert new["time_since"].startswith("2026-11-24")


async def test_a_start_that_comes_again_and_runs_no_longer_says_so(store: Store) -> None:
    line = Leaves(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        facts(await assistant.call_tool("stop_clock", {}))
        await cut_off(assistant, line, 1, "start_clock", after=True, **PLACE)
        started = max(state(store))
        store.update("entries", started, {"time_until": "2026-11-25T15:35:00Z", "duration": 300})
        again = said(await assistant.call_tool("start_clock", PLACE))
    assert "It runs no longer" in again


class Locks:
    """A sandbox during one of whose writes another program locks the journal, until somebody reads again."""

    def __init__(self, store: Store, folder: Path, write: int) -> None:
        self._app, self._folder, self._left = create_app(store, now=lambda: NOW), folder, write
        self.state = self._app.state
        self._lock: sqlite3.Connection | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self._left -= scope["method"] != "GET"
            if scope["method"] != "GET" and self._left == 0:
                self._lock = sqlite3.connect(journal_in(self._folder), isolation_level=None, check_same_thread=False)
                self._lock.execute("BEGIN IMMEDIATE")
            elif self._lock is not None:
                self._lock.close()
                self._lock = None
        await self._app(scope, receive, send)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tool", "arguments", "write"),
    [
        ("create_time_entry", PLACE | {"time_since": "2026-11-21T09:00", "duration": "1h"}, 1),
        ("log_entries", {"entries": MORNING}, 5),
    ],
)
async def test_what_could_not_be_noted_is_noted_as_soon_as_it_can_be(
    store: Store, data_dir: Path, tool: str, arguments: dict[str, object], write: int
) -> None:
    before = state(store)
    async with listening(Locks(store, data_dir, write)) as address:  # type: ignore[arg-type]
        server = build_server(settings(address), now=lambda: NOW, pace=Pace(()))
        async with Client(server) as assistant:
            told = await assistant.call_tool(tool, arguments)
            assert "the journal could not be written afterwards" in said(told)
            facts(await assistant.call_tool("undo_change", {}))
    assert state(store) == before


@pytest.mark.parametrize("pause", [30, 90, 900])
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create_time_entry", PLACE | {"time_since": "2026-11-21T09:00", "duration": "1h"}),
        ("create_lumpsum_entry", PLACE | {"time_since": "2026-11-21T09:00", "lumpsum": 5}),
    ],
)
async def test_what_arrives_late_is_the_answer_to_the_call_that_comes_again(
    store: Store, tool: str, arguments: dict[str, object], pause: int
) -> None:
    before, clock = state(store), WalkingClock(NOW)
    line = Late(store, clock, 1)
    server = build_server(
        settings(), transport=line, now=clock.now, pace=Pace(()), sleep=clock.sleep, clock=clock.seconds
    )
    async with Client(server) as assistant:
        assert (await assistant.call_tool(tool, arguments)).is_error
        await line.arrive()
        clock.pass_by(pause)
        told = said(await assistant.call_tool(tool, arguments))
        assert "nothing was doubled" in told
        # Now that it was heard, the same call means another one.
        facts(await assistant.call_tool(tool, arguments))
    assert len(state(store)) == len(before) + 2


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["update_entry", "split_entry"])
async def test_an_entry_that_another_server_is_changing_is_left_alone(store: Store, tool: str) -> None:
    """Else the one that lands last is not the one that was noted last, and neither can be undone."""
    line, before = Holds(store), state(store)
    async with listening(line) as address:  # type: ignore[arg-type]
        first, second = (build_server(settings(address), now=lambda: NOW, pace=Pace(())) for _ in range(2))
        async with Client(first) as here, Client(second) as there, anyio.create_task_group() as group:
            results: list[CallToolResult] = []

            async def edit() -> None:
                results.append(await here.call_tool("update_entry", {"id": 10, "text": "First"}))

            group.start_soon(edit)
            await line.came.wait()
            arguments: dict[str, object] = {"text": "Second"} if tool == "update_entry" else {"after": "30m"}
            refused = await there.call_tool(tool, {"id": 10, **arguments})
            assert "Entry 10 was changed by another call while this one read it" in said(refused)
            line.goes_on.set()
        assert not results[0].is_error
        async with Client(first) as here:
            facts(await here.call_tool("undo_change", {}))
    assert state(store) == before
