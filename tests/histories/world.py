"""The world in which a history is played: one sandbox, server processes that share a journal, lines, and a clock.

All of it runs in one thread and one event loop, so that a script plays the same each time: requests reach the sandbox
without a socket, the journal's file is used without its thread, and time passes by pauses. A process that is killed
never comes to its next request or its next look at the journal.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx2
import pytest
from anyio.abc import TaskGroup
from mcp import Client, ClientSession, MCPError
from mcp.types import CallToolResult, ElicitResult

from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.config import Settings
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER
from clockodo_mcp.sandbox.store import ENTRY_COLUMNS
from clockodo_mcp.server import build_server
from tests.conftest import NOW
from tests.faults.clock import WalkingClock
from tests.faults.rig import PATIENT, STAMPS, journal_in
from tests.histories.script import Call, Calls, Foreign, Kill, Pass, Script

T = TypeVar("T")
ARRIVES = 8.0
"""Seconds after which a request arrives that nobody waits for any more."""

URL = "http://127.0.0.1:1/api"
HTML = b"<html><body>Please come back later</body></html>"

origin: ContextVar[str] = ContextVar("origin", default="foreign")
"""Who writes to the sandbox's database."""


@dataclass
class Effect:
    """What was done to an entry in the database, by whom; in the order in which it was done."""

    by: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None

    @property
    def id(self) -> int:
        """The entry's id."""
        return int((self.new or self.old or {})["id"])

    @property
    def changed(self) -> set[str]:
        """The columns that have another value, but for the stamps."""
        old, new = self.old or {}, self.new or {}
        return {name for name in ENTRY_COLUMNS if name not in STAMPS and old.get(name) != new.get(name)}


@dataclass
class Told:
    """What a delivery was answered with; None for a caller that has left, or whose server died."""

    call: Call
    arguments: dict[str, Any]
    step: int
    result: CallToolResult | None = None
    missing: list[int] = field(default_factory=list)
    """Entries that the answer says were created, and that are not there."""


@dataclass
class Process:
    """A server process: its client, and how many requests it has made in this step."""

    number: int
    born: int
    client: Client | None = None
    alive: bool = True
    requests: int = 0
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    leave: anyio.Event = field(default_factory=anyio.Event)
    gone: anyio.Event = field(default_factory=anyio.Event)

    @property
    def name(self) -> str:
        """As it names itself to the sandbox."""
        return f"process-{self.number}-{self.born}"

    def die(self) -> None:
        """kill -9."""
        self.alive = False
        self.scope.cancel()

    async def go_on(self) -> None:
        """Return where it lives; what was killed goes on nowhere."""
        if not self.alive:
            await anyio.sleep_forever()


@dataclass
class World:
    """Plays a script. `told` is all that callers heard, `effects` all that was done to entries."""

    store: Store
    folder: Path
    clock: WalkingClock = field(default_factory=lambda: WalkingClock(NOW))
    told: list[Told] = field(default_factory=list)
    processes: dict[int, Process] = field(default_factory=dict)
    changes_told: list[int] = field(default_factory=list)
    arrived: set[tuple[str, str]] = field(default_factory=set)
    """The requests that nobody waited for any more when they arrived: their method, and the end of their path."""
    long_steps: set[int] = field(default_factory=set)
    """The steps in which so much time went by, or a process ended, that the same call may mean something new."""

    def __post_init__(self) -> None:
        self._sandbox = httpx2.ASGITransport(app=create_app(self.store, now=self.clock.now))
        self._late: list[tuple[float, httpx2.Request, str]] = []
        self._step = Calls(())
        self._steps = 0
        self._born: dict[str, Process] = {}
        self._leaving: dict[tuple[int, int, bool], list[anyio.CancelScope]] = {}
        self._resolved: dict[int, dict[str, Any]] = {}
        self._watch()

    # What happens in the database

    def _watch(self) -> None:
        db = self.store._db
        db.create_function("origin", 0, origin.get)
        db.execute("CREATE TEMP TABLE effects (n INTEGER PRIMARY KEY, by TEXT, old TEXT, new TEXT)")
        old, new = (
            f"json_object({', '.join(f'{name!r}, {row}.{name}' for name in ('id', *ENTRY_COLUMNS))})"
            for row in ("OLD", "NEW")
        )
        for event, values in {"INSERT": f"NULL, {new}", "UPDATE": f"{old}, {new}", "DELETE": f"{old}, NULL"}.items():
            noted = f"INSERT INTO effects (by, old, new) VALUES (origin(), {values})"  # noqa: S608 - our own columns
            db.execute(f"CREATE TEMP TRIGGER on_{event} AFTER {event} ON main.entries BEGIN {noted}; END")

    @property
    def effects(self) -> list[Effect]:
        """All that was done to entries and changed something."""
        rows = self.store.tuples("SELECT by, old, new FROM effects ORDER BY n")
        made = [Effect(by, old and json.loads(old), new and json.loads(new)) for by, old, new in rows]
        return [one for one in made if one.changed]

    def journal(self) -> list[dict[str, Any]]:
        """Every change, as another program would read it."""
        return journal_in(self.folder)

    # Processes

    async def process(self, number: int, group: TaskGroup) -> Process:
        """The process with this number; another one where it was killed."""
        if (there := self.processes.get(number)) is None or not there.alive:
            there = self.processes[number] = Process(number, len(self._born))
            self._born[there.name] = there
            started = anyio.Event()
            group.start_soon(self._live, there, started)
            await started.wait()
        return there

    async def _live(self, process: Process, started: anyio.Event) -> None:
        account = Settings(
            api_user=SANDBOX_USER, api_key=SANDBOX_KEY, base_url=URL, timeout=PATIENT, structured=True,
            external_application=f"{process.name};a@b.cd", mcp_data_dir=self.folder, export_dir=self.folder,
        )  # fmt: skip
        clock = self.clock
        server = build_server(account, now=clock.now, pace=Pace(()), sleep=clock.sleep, clock=clock.seconds, grace=0.2)
        journal = server._app.journal._file
        journal.in_thread = partial(_without_thread, process)  # type: ignore[method-assign]
        try:
            with process.scope:
                async with Client(server, elicitation_callback=_agrees) as process.client:
                    started.set()
                    await process.leave.wait()
        finally:
            started.set()
            if not process.alive:
                # As the system does it for a process that has ended: the lock is free, its file stays.
                if journal._db is not None:
                    journal._db.close()
                if journal._alive is not None:
                    journal._alive.release()
            process.gone.set()

    async def kill(self, process: Process) -> None:
        """It ends at once."""
        process.die()
        with anyio.CancelScope(shield=True):
            await process.gone.wait()

    # The line

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Requests of this library go to this world's sandbox."""

        async def send(_: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> httpx2.Response:
            name = request.headers["X-Clockodo-External-Application"].partition(";")[0]
            return await self._sent(self._born[name], request)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", send)
            # Other tests see that answers fit their schemas; here it would take a third of the time.
            patch.setattr(ClientSession, "validate_tool_result", _unchecked)
            yield

    async def _sent(self, process: Process, request: httpx2.Request) -> httpx2.Response:
        process.requests += 1
        number = process.requests
        fault = self._step.faults.get((process.number, number), "")
        await self._turns(2)
        self._depart(process, number, after=False)
        await self._turns(2)
        await process.go_on()
        await self._arrive()
        response = await self._faulty(process, request, fault)
        self._depart(process, number, after=True)
        await self._turns(1)
        await process.go_on()
        return response

    def _depart(self, process: Process, number: int, *, after: bool) -> None:
        for scope in self._leaving.get((process.number, number, after), []):
            scope.cancel()
        if self._step.dies.get(process.number) == (number, after):
            process.die()

    async def _turns(self, turns: int) -> None:
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()

    async def _carried_out(self, by: str, request: httpx2.Request) -> httpx2.Response:
        token = origin.set(by)
        try:
            with anyio.CancelScope(shield=True):  # what has left goes on without its sender
                response = await self._sandbox.handle_async_request(request)
                await response.aread()
        finally:
            origin.reset(token)
        return response

    async def _faulty(self, process: Process, request: httpx2.Request, fault: str) -> httpx2.Response:
        by = process.name
        match fault:
            case "before":
                raise httpx2.ReadError("before", request=request)
            case "refused":
                raise httpx2.ConnectError("refused", request=request)
            case "late":
                self._late.append((self.clock.seconds() + PATIENT + ARRIVES, request, by))
                self.clock.pass_by(PATIENT)
                raise httpx2.ReadTimeout("late", request=request)
            case "500" | "503":
                return httpx2.Response(int(fault), request=request, content=HTML)
            case "429":
                return httpx2.Response(429, request=request, headers={"Retry-After": "2"}, json={})
        response = await self._carried_out(by, request)
        match fault:
            case "after":
                raise httpx2.ReadError("after", request=request)
            case "cut":
                content = response.content[: len(response.content) // 2]
                return httpx2.Response(response.status_code, request=request, content=content)
            case "garbage_after":
                return httpx2.Response(200, request=request, content=b'{"data": [{"id": <b>')
            case "500_after" | "502_after":
                return httpx2.Response(int(fault[:3]), request=request, content=HTML)
        return response

    async def _arrive(self, *, all_of_them: bool = False) -> None:
        """What is late and due by now is carried out."""
        now = self.clock.seconds()
        due = [one for one in self._late if all_of_them or one[0] <= now]
        self._late = [one for one in self._late if one not in due]
        for _, request, by in due:
            self.arrived.add((request.method, request.url.path.rpartition("/")[2]))
            await self._carried_out(by, request)

    # Playing

    async def play(self, script: Script) -> None:
        """Play a script, let everything arrive, and let the servers settle what is open."""
        with self.connected():
            async with anyio.create_task_group() as group:
                for number in {call.process for step in script if isinstance(step, Calls) for call in step.calls} | {0}:
                    warm = (await self.process(number, group)).client
                    assert warm is not None
                    await warm.call_tool("search_catalog")
                for step in script:
                    await self._play(step, group)
                await self._end(group)
                for process in self.processes.values():
                    process.leave.set()

    async def _play(self, step: Calls | Foreign | Pass | Kill, group: TaskGroup) -> None:
        self._steps += 1
        match step:
            case Pass(seconds):
                self.clock.pass_by(seconds)
                self.long_steps |= {self._steps} if seconds > 50 else set()
                await self._arrive()
            case Kill(number):
                if (there := self.processes.get(number)) is not None and there.alive:
                    await self.kill(there)
            case Foreign(does, which):
                self._by_others(does, which)
            case Calls(calls):
                processes = [await self.process(one.process, group) for one in calls]
                for process in processes:
                    process.requests = 0
                self._step, self._leaving = step, {}
                async with anyio.create_task_group() as together:
                    for call, process in zip(calls, processes, strict=True):
                        together.start_soon(self._deliver, call, process)
                for process in processes:
                    if not process.alive:
                        await self.kill(process)
                self._step = Calls(())

    async def _deliver(self, call: Call, process: Process) -> None:
        arguments = self._resolved.setdefault(call.key, self._resolve(call.arguments))
        told = Told(call, arguments, self._steps)
        self.told.append(told)
        assert process.client is not None
        with anyio.CancelScope() as scope:
            if call.leaves:
                self._leaving.setdefault((process.number, *call.leaves), []).append(scope)
            async with anyio.create_task_group() as waiting:

                async def until_gone() -> None:
                    await process.gone.wait()
                    scope.cancel()

                waiting.start_soon(until_gone)
                try:
                    result = await process.client.call_tool(call.tool, arguments)
                except MCPError:  # the line to a process that was killed is closed
                    if process.alive:
                        raise
                else:
                    told.result = result if process.alive else None
                    told.missing = self._missing(result) if len(self._step.calls) == 1 else []
                waiting.cancel_scope.cancel()
        if told.result is not None and isinstance(change := (told.result.structured_content or {}).get("change"), int):
            self.changes_told.append(change)

    def _missing(self, result: CallToolResult) -> list[int]:
        facts = result.structured_content or {}
        rows = [facts["entry"]] if "entry" in facts else facts.get("entries", [])
        there = {id for (id,) in self.store.tuples("SELECT id FROM entries")}
        return [row["id"] for row in rows if facts.get("done") in ("created", "started") and row["id"] not in there]

    def _resolve(self, arguments: Any) -> Any:
        match arguments:
            case str() if arguments.startswith("entry:"):
                entries = self._entries()
                return entries[int(arguments[6:]) % len(entries)]
            case str() if arguments.startswith("change:"):
                known = self.changes_told or [9_999]  # none was told yet
                return known[int(arguments[7:]) % len(known)]
            case list():
                found = [self._resolve(one) for one in arguments]
                return list(dict.fromkeys(found)) if all(isinstance(one, int) for one in found) else found
            case dict():
                return {name: self._resolve(value) for name, value in arguments.items()}
        return arguments

    def _entries(self) -> list[int]:
        """The caller's entries of these days, and one that is gone."""
        rows = "SELECT id FROM entries WHERE users_id = 101 AND time_since > '2026-11-24' ORDER BY id"
        return [one for (one,) in self.store.tuples(rows)] + [9_999]

    def _by_others(self, does: str, which: int) -> None:
        of_these_days = {*self._entries()}
        rows = [one for one in self.store.entries() if one["id"] in of_these_days]
        ours = [one.id for one in self.effects if one.by != "foreign"]
        rows = [one for one in rows if which != -1 or one["id"] == ours[-1]] if ours else rows
        if does == "add" or not rows:
            self.store.add_entry(
                text="theirs", users_id=101, customers_id=1003, projects_id=2006, services_id=501, hourly_rate=120.0,
                time_since="2026-11-21T10:00:00Z", time_until="2026-11-21T10:30:00Z", duration=1800, clocked=0,
            )  # fmt: skip
            return
        one = rows[which % len(rows)]
        if does == "delete":
            self.store.delete_entry(one["id"])
        else:
            field = {"billable": 2} if does == "bill" else {"texts_id": self.store.texts_id(f"theirs {which}")}
            self.store.update("entries", one["id"], field)

    async def _end(self, group: TaskGroup) -> None:
        """Nothing is lost any more, and all that is late arrives; then the servers settle what is open."""
        self.clock.pass_by(3 * PATIENT)
        await self._arrive(all_of_them=True)
        for _ in range(3):
            for number in list(self.processes):
                process = await self.process(number, group)
                assert process.client is not None
                await process.client.call_tool("list_changes")
                self.clock.pass_by(PATIENT)
            if all(row["state"] in ("done", "not_done") for row in self.journal()):
                break
        for number in list(self.processes):
            call = Call(1_000 + number, "create_lumpsum_entry", {
                "customer": "1001", "service": "502", "lumpsum": 1 + number, "billable": "billable", "text": "the end",
                "time_since": "2026-11-20T08:00",
            }, number)  # fmt: skip
            await self._deliver(call, self.processes[number])


async def _agrees(context: Any, params: Any) -> ElicitResult:
    return ElicitResult(action="accept", content={"choice": "Yes"})


async def _unchecked(_: ClientSession, __: str, ___: CallToolResult) -> None:
    """In place of the client's check of structured content."""


async def _without_thread(process: Process, work: Callable[[], T]) -> T:
    """In place of the journal's thread: others have their turn, and then the work is done at once."""
    await process.go_on()
    with anyio.CancelScope(shield=True):
        await anyio.lowlevel.checkpoint()
    await process.go_on()
    return work()
