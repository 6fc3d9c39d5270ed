"""A rig: a sandbox over TCP that misbehaves on order, the real server, and the SDK's client.

The server runs in this process, where pauses take no time, or as a process of its own, for what only that can show.
"""

import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.app import utc_now
from clockodo_mcp.config import Settings
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.faults import Faults, read_faults
from clockodo_mcp.sandbox.seed import SANDBOX_USER
from clockodo_mcp.sandbox.serve import listening
from clockodo_mcp.sandbox.store import ENTRY_COLUMNS
from clockodo_mcp.server import build_server
from tests.faults.clock import WalkingClock

SECRET = "a-very-secret-key-4d1f"  # noqa: S105 - the key of a sandbox in this test
PAGE = 100
"""Entries on a page of these sandboxes, so that few entries make several pages."""

PATIENT = 10.0
"""Seconds that a server waits for an answer: so many that none comes too late because this machine is slow."""

BRISK = 1.0
"""The same for a process, whose clock is real: what it lost may arrive for twice as long, and tests wait for that."""

NUMBER = "x-number"
"""The header that tells requests apart where one of them is to time out."""

number_here: ContextVar[str] = ContextVar("number_here", default="")
"""The number of the request that the sandbox is answering."""

STAMPS = ("time_insert", "time_last_change")
COLUMNS = ("id", *(name for name in ENTRY_COLUMNS if name not in STAMPS))

Entries = dict[int, tuple[Any, ...]]
"""Every entry by its id, in the order of `COLUMNS`: without the stamps, which any writing changes."""


def journal_in(folder: Path) -> list[dict[str, Any]]:
    """Every change in the journal of a data folder, as another program would read it."""
    path = next(folder.glob("changes-*.db"), None)
    if path is None:
        return []
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute("SELECT * FROM changes ORDER BY id")]


class UnderWay:
    """The requests that the sandbox has not ended yet: also those whose client has left."""

    def __init__(self) -> None:
        self._number = 0
        self._none = anyio.Event()
        self._none.set()

    def counted(self, app: ASGIApp) -> ASGIApp:
        """The app around one, that counts."""

        async def counting(scope: Scope, receive: Receive, send: Send) -> None:
            number_here.set(Headers(scope=scope).get(NUMBER, ""))
            if self._number == 0:
                self._none = anyio.Event()
            self._number += 1
            try:
                await app(scope, receive, send)
            finally:
                self._number -= 1
                if self._number == 0:
                    self._none.set()

        return counting

    async def ended(self) -> None:
        """Wait until there are none."""
        await self._none.wait()


@dataclass
class Rig:
    """One sandbox, one server, one client. `effects` compares the database with its state at `mark`.

    `clock` is what server and sandbox live by, where both are in this process. `hasty` says that a server waits for no
    answer that is held on the line.
    """

    app: Starlette
    store: Store
    client: Client
    folder: Path
    url: str
    clock: WalkingClock | None = None
    hasty: bool = False
    under_way: UnderWay = field(default_factory=UnderWay)
    marked: Entries = field(default_factory=dict)
    last_change: int = 0

    @property
    def faults(self) -> Faults:
        faults: Faults = self.app.state.faults
        return faults

    def arm(self, *faults: dict[str, Any]) -> None:
        self.faults.armed = read_faults(json.dumps({"faults": faults}).encode())

    def disarm(self) -> None:
        self.faults.armed = []

    @property
    def fired(self) -> int:
        return sum(one.fired for one in self.faults.armed)

    @property
    def requests(self) -> list[str]:
        """What has been asked since the mark."""
        return [f"{one.method} {one.path}" for one in self.app.state.sandbox.seen]

    def entries(self) -> Entries:
        return {row[0]: row for row in self.store.tuples(f"SELECT {', '.join(COLUMNS)} FROM entries")}  # noqa: S608 - our own columns

    def mark(self) -> None:
        """From here on effects and changes count."""
        self.marked = self.entries()
        self.last_change = max((row["id"] for row in self.journal()), default=0)
        self.app.state.sandbox.seen.clear()

    def effects(self) -> tuple[set[int], set[int], set[int]]:
        """Ids that were created, edited and deleted since the mark."""
        now = self.entries()
        edited = {id for id in now.keys() & self.marked.keys() if now[id] != self.marked[id]}
        return now.keys() - self.marked.keys(), edited, self.marked.keys() - now.keys()

    def everything(self) -> Entries:
        """Every entry to the last column, for `restore`."""
        return {row[0]: row for row in self.store.tuples(f"SELECT {', '.join((*COLUMNS, *STAMPS))} FROM entries")}  # noqa: S608 - our own columns

    def restore(self, base: Entries) -> None:
        """Put the entries back as they were. Ids are not used again."""
        now = self.everything()
        for id, row in now.items():
            if base.get(id) != row:
                self.store.delete_entry(id)
        for id, row in base.items():
            if now.get(id) != row:
                self.store.insert("entries", dict(zip((*COLUMNS, *STAMPS), row, strict=True)))

    def journal(self) -> list[dict[str, Any]]:
        """Every change, as another program would read it."""
        return journal_in(self.folder)

    def forget(self) -> None:
        """Empty the journal."""
        for path in self.folder.glob("changes-*.db"):
            with closing(sqlite3.connect(path)) as db, db:
                db.execute("DELETE FROM changes")

    def changes(self) -> list[dict[str, Any]]:
        return [row for row in self.journal() if row["id"] > self.last_change]

    @property
    def unsettled(self) -> bool:
        """Whether the outcome of a change since the mark is open."""
        return any(row["state"] in ("pending", "unknown") for row in self.changes())

    async def call(self, tool: str, /, **arguments: object) -> CallToolResult:
        return await self.client.call_tool(tool, arguments)

    async def given_up(self, tool: str, /, **arguments: object) -> None:
        """Call, and give up waiting as soon as a request is held on the line."""
        assert self.clock is not None
        async with anyio.create_task_group() as group:
            group.start_soon(partial(self.call, tool, **arguments))
            await self.clock.until_somebody_is_held()
            group.cancel_scope.cancel()

    async def settle(self) -> CallToolResult:
        """Call `list_changes` until nothing is open, as a model is told to; its last answer."""
        told = await self.call("list_changes")
        with anyio.fail_after(60):
            while self.unsettled:
                if self.clock is not None:
                    self.clock.pass_by(PATIENT)
                told = await self.call("list_changes")
        return told

    async def let_arrive(self) -> None:
        """Let everything that is held on the line go on, and wait for its end."""
        if self.clock is not None:
            self.clock.let_go()
        await self.under_way.ended()


# A server in this process


@asynccontextmanager
async def rig(
    store: Store, folder: Path, clock: WalkingClock, *, hasty: bool = False, **more: Any
) -> AsyncIterator[Rig]:
    """Start all three in this process; `more` are settings."""
    async with sandbox(store, folder, clock.now) as bare:
        bare.clock, bare.hasty = clock, hasty
        bare.faults.sleep = clock.held
        with giving_up(bare) if hasty else nullcontext():
            async with beside(bare, **more) as one:
                yield one


@asynccontextmanager
async def beside(other: Rig, **more: Any) -> AsyncIterator[Rig]:
    """One more server, with nothing in memory, on another one's sandbox, journal and clock."""
    clock = other.clock
    assert clock is not None, "in one process there is one clock"
    usual: dict[str, Any] = {"timeout": PATIENT, "mcp_data_dir": other.folder, "export_dir": other.folder / "exports"}
    account: dict[str, Any] = {"api_user": SANDBOX_USER, "api_key": SECRET, "base_url": other.url}
    server = build_server(
        Settings(**account | usual | more), now=clock.now, pace=Pace(()), sleep=clock.sleep, clock=clock.seconds
    )
    async with Client(server) as client:
        made = replace(other, client=client)
        made.mark()
        yield made


@contextmanager
def giving_up(bare: Rig) -> Iterator[None]:
    """A request that is held on the line times out at once, by the real clock; by the rig's after `PATIENT` seconds.

    So what comes too late does so however slow this machine is, and nothing else does. The library that sends is
    changed, since a transport of its own stands for a demo, which keeps no journal.
    """
    send = httpx2.AsyncHTTPTransport.handle_async_request
    clock, numbers, held = bare.clock, count(), dict[str, anyio.Event]()
    assert clock is not None

    async def hold(seconds: float) -> None:
        held[number_here.get()].set()
        await clock.held(seconds)

    async def send_or_give_up(transport: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> httpx2.Response:
        if not str(request.url).startswith(bare.url):
            return await send(transport, request)
        request.headers[NUMBER] = number = str(next(numbers))
        held[number] = anyio.Event()
        result: list[httpx2.Response | httpx2.TransportError] = []
        async with anyio.create_task_group() as group:

            async def give_up() -> None:
                await held[number].wait()
                clock.pass_by(PATIENT)
                result.append(httpx2.ReadTimeout("Held on the line", request=request))
                group.cancel_scope.cancel()

            group.start_soon(give_up)
            try:
                result.append(await send(transport, request))
            except httpx2.TransportError as error:
                result.append(error)
            group.cancel_scope.cancel()
        if isinstance(result[0], httpx2.TransportError):
            raise result[0]
        return result[0]

    bare.faults.sleep = hold
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", send_or_give_up)
        yield


@asynccontextmanager
async def sandbox(store: Store, folder: Path, now: Callable[[], datetime] = utc_now) -> AsyncIterator[Rig]:
    """The sandbox alone, over TCP: who only looks on needs no client."""
    store.update("users", 101, {"key": SECRET})
    app = create_app(store, faults=True, largest_page=PAGE, now=now)
    under_way = UnderWay()
    app.add_middleware(under_way.counted)
    async with listening(app) as url:
        yield Rig(app, store, None, folder, url, under_way=under_way)  # type: ignore[arg-type]


# A server as a process


def environment(url: str, folder: Path, **more: str) -> dict[str, str]:
    return {
        "CLOCKODO_API_USER": SANDBOX_USER,
        "CLOCKODO_API_KEY": SECRET,
        "CLOCKODO_BASE_URL": url,
        "CLOCKODO_MCP_DATA_DIR": str(folder),
        "CLOCKODO_EXPORT_DIR": str(folder / "exports"),
        "CLOCKODO_TIMEOUT": str(BRISK),
        **more,
    }


@asynccontextmanager
async def process_rig(store: Store, folder: Path, **more: str) -> AsyncIterator[Rig]:
    """A rig whose server is a process. What it writes to stderr is in `folder/stderr`. `more` is its environment."""
    async with sandbox(store, folder) as bare, process_beside(bare, **more) as one:
        yield one


@asynccontextmanager
async def process_beside(other: Rig, **more: str) -> AsyncIterator[Rig]:
    """A server process with its client, on a sandbox that listens already and a journal that others may share."""
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "clockodo_mcp"], env=environment(other.url, other.folder, **more)
    )
    with (other.folder / "stderr").open("a") as errlog:
        async with Client(stdio_client(command, errlog=errlog)) as client:
            made = replace(other, client=client)
            made.mark()
            yield made
