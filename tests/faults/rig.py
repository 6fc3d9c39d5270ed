"""A rig: a sandbox over TCP that misbehaves on order, the real server as a process, the SDK's client, and the laws."""

import json
import re
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult
from starlette.applications import Starlette

from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.faults import Faults
from clockodo_mcp.sandbox.seed import SANDBOX_USER
from clockodo_mcp.sandbox.serve import listening
from clockodo_mcp.sandbox.store import ENTRY_COLUMNS
from tests.conftest import said

SECRET = "a-very-secret-key-4d1f"  # noqa: S105 - the key of a sandbox in this test
PAGE = 100
"""Entries on a page of these sandboxes, so that few entries make several pages."""

TIMEOUT = 0.6
"""Seconds that the server waits for an answer here."""

STAMPS = ("time_insert", "time_last_change")
COLUMNS = ("id", *(name for name in ENTRY_COLUMNS if name not in STAMPS))

Entries = dict[int, tuple[Any, ...]]
"""Every entry by its id, in the order of `COLUMNS`, without the time of its last change."""


@dataclass
class Rig:
    """One sandbox, one server, one client. `effects` compares the database with its state at `mark`."""

    app: Starlette
    store: Store
    client: Client
    folder: Path
    url: str
    marked: Entries = field(default_factory=dict)
    last_change: int = 0

    async def arm(self, *faults: dict[str, Any]) -> None:
        async with httpx2.AsyncClient(base_url=self.url.removesuffix("/api")) as control:
            answer = await control.post("/_sandbox/faults", json={"faults": list(faults)})
            assert answer.status_code == 200, answer.text

    def disarm(self) -> None:
        faults: Faults = self.app.state.faults
        faults.armed = []

    @property
    def fired(self) -> int:
        faults: Faults = self.app.state.faults
        return sum(one.fired for one in faults.armed)

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

    def restore(self, base: Entries) -> None:
        """Put the entries back as they were. Ids are not used again."""
        now = self.entries()
        for id, row in now.items():
            if base.get(id) != row:
                self.store.delete_entry(id)
        for id, row in base.items():
            if now.get(id) != row:
                stored = dict(zip(COLUMNS, row, strict=True))
                self.store.insert("entries", {**stored, **dict.fromkeys(STAMPS, stored["time_since"])})

    def journal(self) -> list[dict[str, Any]]:
        """Every change, as another program would read it."""
        path = next(self.folder.glob("changes-*.db"), None)
        if path is None:
            return []
        with sqlite3.connect(path) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute("SELECT * FROM changes ORDER BY id")]

    def changes(self) -> list[dict[str, Any]]:
        return [row for row in self.journal() if row["id"] > self.last_change]

    async def call(self, tool: str, /, **arguments: object) -> CallToolResult:
        return await self.client.call_tool(tool, arguments)


def journal_agrees(rig: Rig) -> list[str]:
    """The law: what the journal says of each change since the mark is what the database holds."""
    created, edited, _ = rig.effects()
    present = {row["id"]: row for row in rig.store.entries()}
    wrong = []
    claimed: set[int] = set()
    changes = rig.changes()
    gone = {row["entry_id"] for row in changes if row["action"] == "delete" and row["state"] == "done"}
    last = {row["entry_id"]: row["id"] for row in changes if row["state"] == "done"}
    for row in changes:
        id, state, action = row["entry_id"], row["state"], row["action"]
        if state in ("pending", "unknown"):
            wrong.append(f"change {row['id']} is left {state}")
        elif action in ("create", "start"):
            if state == "done" and (id not in created | gone or id in claimed):
                wrong.append(f"change {row['id']} says that entry {id} was created")
            claimed |= {id} if state == "done" else set()
        elif action == "update" and state == "done" and id not in gone:
            # A later change of ours may have set these fields again.
            wanted = json.loads(row["sent"]) if last[id] == row["id"] else {}
            missing = [name for name, value in wanted.items() if id not in present or present[id][name] != value]
            if missing:
                wrong.append(f"change {row['id']} says that entry {id} was changed: {missing} of {wanted}")
        elif action == "update" and id in edited:
            wrong.append(f"change {row['id']} says that entry {id} was not changed, but it was")
        elif action in ("stop", "move") and id not in gone and last.get(id, 0) <= row["id"]:
            now = present[id]
            moved = action == "move" and now["time_since"] == json.loads(row["sent"])["time_since"]
            if (state == "done") != (moved or (action == "stop" and now["time_until"] is not None)):
                wrong.append(f"change {row['id']} says {state} of the {action} of entry {id}")
        elif action == "delete" and (state == "done") != (id not in present):
            wrong.append(f"change {row['id']} says {state} of the deletion of {id}")
    if created - claimed:
        wrong.append(f"entries {created - claimed} are in no change")
    return wrong


def speaks_well(result: CallToolResult) -> list[str]:
    """The law: no secret, no traceback, no raw answer, no crash in what the model reads."""
    text = said(result)
    bad = [word for word in (SECRET, "Traceback", "http://", "<html", "<b>", "pydantic", "_sandbox") if word in text]
    # The SDK puts its own words before ours; alone they stand for a bug of ours.
    crashed = re.fullmatch(r"Error executing tool \w+", text.strip()) is not None
    return [f"the answer contains {word!r}: {text}" for word in bad] + (["a crash: " + text] if crashed else [])


def environment(url: str, folder: Path, **more: str) -> dict[str, str]:
    return {
        "CLOCKODO_API_USER": SANDBOX_USER,
        "CLOCKODO_API_KEY": SECRET,
        "CLOCKODO_BASE_URL": url,
        "CLOCKODO_MCP_DATA_DIR": str(folder),
        "CLOCKODO_EXPORT_DIR": str(folder / "exports"),
        "CLOCKODO_TIMEOUT": str(TIMEOUT),
        "CLOCKODO_STRUCTURED": "true",
        **more,
    }


@asynccontextmanager
async def rig(store: Store, folder: Path, **more: str) -> AsyncIterator[Rig]:
    """Start all three. What the server writes to stderr is in `folder/stderr`."""
    store.update("users", 101, {"key": SECRET})
    app = create_app(store, faults=True, largest_page=PAGE)
    async with listening(app) as url, server(app, store, url, folder, **more) as rig:
        yield rig


@asynccontextmanager
async def server(app: Starlette, store: Store, url: str, folder: Path, **more: str) -> AsyncIterator[Rig]:
    """A server process with its client, on a sandbox that listens already."""
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "clockodo_mcp"], env=environment(url, folder, **more)
    )
    with (folder / "stderr").open("a") as errlog:
        async with Client(stdio_client(command, errlog=errlog)) as client:
            made = Rig(app, store, client, folder, url)
            made.mark()
            yield made
