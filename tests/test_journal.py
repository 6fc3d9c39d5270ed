"""The journal's file: of an older version, shared with others, off the event loop, and used again."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from mcp import Client
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.app import utc_now
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.serve import listening
from clockodo_mcp.server import build_server
from clockodo_mcp.writing.changes import Action, ToolCall
from clockodo_mcp.writing.journal import Journal
from clockodo_mcp.writing.journal_file import JournalUnavailable
from tests.conftest import NOW, Office, facts, said, settings

pytestmark = pytest.mark.anyio

VERSION_1 = """
BEGIN TRANSACTION;
CREATE TABLE batches (id INTEGER PRIMARY KEY AUTOINCREMENT);
INSERT INTO "batches" VALUES(1);
CREATE TABLE changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, began TEXT NOT NULL, ended TEXT, owner TEXT NOT NULL, client TEXT NOT NULL,
  tool TEXT NOT NULL, arguments TEXT NOT NULL, action TEXT NOT NULL, sent TEXT NOT NULL, entry_id INTEGER,
  before TEXT, after TEXT, state TEXT NOT NULL, late INTEGER NOT NULL DEFAULT 0, lost TEXT, undoes INTEGER,
  undone_by INTEGER, batch INTEGER, item INTEGER, leads INTEGER NOT NULL DEFAULT 1);
INSERT INTO changes VALUES (
1,'2026-11-25T06:17:29+00:00','2026-11-25T06:17:29+00:00','5f1e0c','mcp','create_time_entry',
'{"duration": "2h", "project": "Relaunch Website", "service": "Design", "text": "Kick-off", "time_since": "2026-11-24T06:00"}',
'create',
'{"customers_id": 1001, "projects_id": 2001, "billable": 1, "time_since": "2026-11-24T05:00:00Z", "text": "Kick-off", "services_id": 503, "time_until": "2026-11-24T07:00:00Z"}',
401,NULL,'{"id":401,"customers_id":1001,"projects_id":2001,"users_id":101,"billable":1,"texts_id":22,
"time_since":"2026-11-24T05:00:00Z","time_until":"2026-11-24T07:00:00Z","time_insert":"2026-11-25T15:30:00Z",
"time_last_change":"2026-11-25T15:30:00Z","customers_name":"Acme GmbH","projects_name":"Relaunch Website",
"users_name":"Mara Lindner","text":"Kick-off","revenue":180.0,"type":1,"services_id":503,"services_name":"Design",
"duration":7200,"offset":0,"clocked":false,"clocked_offline":false,"hourly_rate":90.0}','done',0,NULL,NULL,NULL,
NULL,NULL,1);
INSERT INTO changes VALUES (
2,'2026-11-25T06:17:29+00:00','2026-11-25T06:17:29+00:00','5f1e0c','mcp','update_entry',
'{"duration": "1h30m", "id": 401, "text": "Review"}','update',
'{"text": "Review", "duration": 5400, "time_until": "2026-11-24T06:30:00Z"}',401,'{"id":401,"customers_id":1001,
"projects_id":2001,"users_id":101,"billable":1,"texts_id":22,"time_since":"2026-11-24T05:00:00Z",
"time_until":"2026-11-24T07:00:00Z","time_insert":"2026-11-25T15:30:00Z","time_last_change":"2026-11-25T15:30:00Z",
"customers_name":"Acme GmbH","projects_name":"Relaunch Website","users_name":"Mara Lindner","text":"Kick-off",
"revenue":180.0,"type":1,"services_id":503,"services_name":"Design","duration":7200,"offset":0,"clocked":false,
"clocked_offline":false,"hourly_rate":90.0}','{"id":401,"customers_id":1001,"projects_id":2001,"users_id":101,
"billable":1,"texts_id":23,"time_since":"2026-11-24T05:00:00Z","time_until":"2026-11-24T06:30:00Z",
"time_insert":"2026-11-25T15:30:00Z","time_last_change":"2026-11-25T15:30:00Z","customers_name":"Acme GmbH",
"projects_name":"Relaunch Website","users_name":"Mara Lindner","text":"Review","revenue":135.0,"type":1,
"services_id":503,"services_name":"Design","duration":5400,"offset":0,"clocked":false,"clocked_offline":false,
"hourly_rate":90.0}','done',0,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO changes VALUES (
3,'2026-11-25T06:17:29+00:00','2026-11-25T06:17:29+00:00','5f1e0c','mcp','delete_entry','{"id": 2}','delete','{}',
402,'{"id":2,"customers_id":1002,"projects_id":2004,"users_id":101,"billable":1,"texts_id":16,
"time_since":"2026-11-25T09:00:00Z","time_until":"2026-11-25T10:15:00Z","time_insert":"2026-11-25T10:15:00Z",
"time_last_change":"2026-11-25T10:15:00Z","customers_name":"Acme Retail AG","projects_name":"Kassensystem",
"users_name":"Mara Lindner","text":"Retro & Kaffee ☕","revenue":0.0,"type":1,"services_id":504,
"services_name":"Projektleitung","duration":4500,"offset":0,"clocked":false,"clocked_offline":false,
"hourly_rate":110.0}','{"id":2,"customers_id":1002,"projects_id":2004,"users_id":101,"billable":1,"texts_id":16,
"time_since":"2026-11-25T09:00:00Z","time_until":"2026-11-25T10:15:00Z","time_insert":"2026-11-25T10:15:00Z",
"time_last_change":"2026-11-25T10:15:00Z","customers_name":"Acme Retail AG","projects_name":"Kassensystem",
"users_name":"Mara Lindner","text":"Retro & Kaffee ☕","revenue":0.0,"type":1,"services_id":504,
"services_name":"Projektleitung","duration":4500,"offset":0,"clocked":false,"clocked_offline":false,
"hourly_rate":110.0}','done',0,NULL,NULL,4,NULL,NULL,1);
INSERT INTO changes VALUES (
4,'2026-11-25T06:17:29+00:00','2026-11-25T06:17:29+00:00','5f1e0c','mcp','undo_change','{"change_id": 3}','create',
'{"customers_id": 1002, "projects_id": 2004, "users_id": 101, "billable": 1, "time_since": "2026-11-25T09:00:00Z", "text": "Retro & Kaffee ☕", "services_id": 504, "time_until": "2026-11-25T10:15:00Z", "duration": 4500, "hourly_rate": 110.0}',
402,NULL,'{"id":402,"customers_id":1002,"projects_id":2004,"users_id":101,"billable":1,"texts_id":16,
"time_since":"2026-11-25T09:00:00Z","time_until":"2026-11-25T10:15:00Z","time_insert":"2026-11-25T15:30:00Z",
"time_last_change":"2026-11-25T15:30:00Z","customers_name":"Acme Retail AG","projects_name":"Kassensystem",
"users_name":"Mara Lindner","text":"Retro & Kaffee ☕","revenue":0.0,"type":1,"services_id":504,
"services_name":"Projektleitung","duration":4500,"offset":0,"clocked":false,"clocked_offline":false,
"hourly_rate":110.0}','done',0,NULL,3,NULL,NULL,NULL,1);
INSERT INTO changes VALUES (
5,'2026-11-25T06:17:29+00:00','2026-11-25T06:17:29+00:00','5f1e0c','mcp','log_entries',
'{"entries": [{"text": "A"}, {"text": "B"}]}','create',
'{"customers_id": 1001, "projects_id": 2001, "billable": 1, "time_since": "2026-11-23T05:00:00Z", "text": "A", "services_id": 503, "time_until": "2026-11-23T05:30:00Z"}',
403,NULL,'{"id":403,"customers_id":1001,"projects_id":2001,"users_id":101,"billable":1,"texts_id":24,
"time_since":"2026-11-23T05:00:00Z","time_until":"2026-11-23T05:30:00Z","time_insert":"2026-11-25T15:30:00Z",
"time_last_change":"2026-11-25T15:30:00Z","type":1,"services_id":503,"duration":1800,"offset":0,"clocked":false,
"clocked_offline":false,"hourly_rate":90.0}','done',0,NULL,NULL,NULL,1,1,1);
INSERT INTO changes VALUES (
6,'2026-11-25T06:17:29+00:00','2026-11-25T06:17:29+00:00','5f1e0c','mcp','log_entries',
'{"entries": [{"text": "A"}, {"text": "B"}]}','create',
'{"customers_id": 1001, "projects_id": 2001, "billable": 1, "time_since": "2026-11-23T05:30:00Z", "text": "B", "services_id": 503, "time_until": "2026-11-23T06:00:00Z"}',
404,NULL,'{"id":404,"customers_id":1001,"projects_id":2001,"users_id":101,"billable":1,"texts_id":25,
"time_since":"2026-11-23T05:30:00Z","time_until":"2026-11-23T06:00:00Z","time_insert":"2026-11-25T15:30:00Z",
"time_last_change":"2026-11-25T15:30:00Z","type":1,"services_id":503,"duration":1800,"offset":0,"clocked":false,
"clocked_offline":false,"hourly_rate":90.0}','done',0,NULL,NULL,NULL,1,2,0);
INSERT INTO changes VALUES (
7,'2026-11-25T06:17:29+00:00','2026-11-25T06:17:29+00:00','5f1e0c','mcp','create_time_entry',
'{"customer": "1001", "duration": "2h", "project": "2001", "service": "502", "text": "Lost", "time_since": "2026-11-24T06:00"}',
'create',
'{"customers_id": 1001, "projects_id": 2001, "billable": 1, "time_since": "2026-11-24T05:00:00Z", "text": "Lost", "services_id": 502, "time_until": "2026-11-24T07:00:00Z"}',
NULL,NULL,NULL,'unknown',1,'2026-11-25T06:17:29+00:00',NULL,NULL,NULL,NULL,1);
CREATE INDEX changes_by_state ON changes (state);
CREATE INDEX changes_by_entry ON changes (entry_id);
CREATE INDEX changes_by_batch ON changes (batch);
CREATE INDEX changes_by_time ON changes (began);
CREATE INDEX changes_by_loss ON changes (lost) WHERE lost IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('changes',7);
INSERT INTO "sqlite_sequence" VALUES('batches',1);
COMMIT;
PRAGMA user_version = 1;
"""  # noqa: E501 - to the letter what that version wrote
"""A file as version 1 left it: a booking, its correction, a deletion and its undo, two of one call, a lost answer."""

BOOK = {
    "project": "Relaunch Website", "service": "Design", "time_since": "2026-11-24T06:00", "duration": "1h",
}  # fmt: skip
BOOKED = {"users_id": 101, "customers_id": 1001, "projects_id": 2001, "services_id": 503, "hourly_rate": 90.0}


def as_version_1_left_it(store: Store) -> None:
    """The entries that belong to that file; the one whose answer was lost is there."""
    [retro] = [row for row in store.entries() if row["id"] == 2]
    store.delete_entry(2)
    store.insert("entries", {name: value for name, value in retro.items() if name != "text"} | {"id": 402})
    store.texts_id("Kick-off")  # the journal has the ids of texts, which are given out one after the other
    for id, text, since, until, duration in (
        (401, "Review", "2026-11-24T05:00:00Z", "2026-11-24T06:30:00Z", 5400),
        (403, "A", "2026-11-23T05:00:00Z", "2026-11-23T05:30:00Z", 1800),
        (404, "B", "2026-11-23T05:30:00Z", "2026-11-23T06:00:00Z", 1800),
    ):
        store.add_entry(**BOOKED, id=id, text=text, time_since=since, time_until=until, duration=duration)
    store.add_entry(
        **(BOOKED | {"services_id": 502, "hourly_rate": 95.0}), id=405, text="Lost",
        time_since="2026-11-24T05:00:00Z", time_until="2026-11-24T07:00:00Z", duration=7200,
        time_insert="2026-11-25T06:17:30Z",
    )  # fmt: skip


async def test_a_file_of_version_1_is_read_settled_and_undone(store: Store, data_dir: Path) -> None:
    """Whoever updates keeps the changes of a year, and can undo them."""
    as_version_1_left_it(store)
    app = create_app(store, now=lambda: NOW)
    async with listening(app) as url:
        account = settings(url)
        await anyio.Path(data_dir).mkdir()
        with closing(sqlite3.connect(data_dir / f"changes-{account.account_key}.db")) as db:
            db.executescript(VERSION_1)
        async with Client(build_server(account, now=lambda: NOW, pace=Pace(()))) as assistant:
            office = Office(store, app.state.sandbox.seen, assistant)
            listed = facts(await office.call("list_changes", period="2026-11-25"))
            rows = listed["rows"]
            assert isinstance(rows, list)
            assert listed["settled"] == [
                "Change 7 (create_time_entry), whose answer was lost, has happened: entry 405."
            ]
            assert [(row["change"], row["did"], row["undo"]) for row in rows] == [
                (7, "created", "yes"),
                (5, "created 2 entries", "yes, all"),
                (4, "created", "yes"),
                (3, "deleted", "undone by 4"),
                (2, "updated", "yes"),
                (1, "created", "first 2"),
            ]
            assert "text 'Kick-off' → 'Review'" in rows[4]["changed"]
            for change, entries in ((7, {401, 402, 403, 404}), (5, {401, 402}), (4, {401}), (2, {401}), (1, set())):
                assert not (undone := await office.call("undo_change", change_id=change)).is_error, said(undone)
                assert {row["id"] for row in store.entries() if row["id"] > 400} == entries
            assert "was undone by change" in said(await office.call("undo_change", change_id=1))


@asynccontextmanager
async def served(app: Starlette, data_dir: Path) -> AsyncIterator[tuple[Client, sqlite3.Connection]]:
    """A client of a server that keeps its journal in a file, and another program's connection to that file."""
    async with listening(app) as url:
        account = settings(url)
        async with Client(build_server(account, now=lambda: NOW, pace=Pace(()))) as assistant:
            await assistant.call_tool("list_changes", {})
            file = data_dir / f"changes-{account.account_key}.db"
            with closing(sqlite3.connect(file, isolation_level=None)) as other:
                yield assistant, other


async def test_a_disk_that_is_slow_holds_up_nobody_but_whoever_writes(store: Store, data_dir: Path) -> None:
    written = anyio.Event()
    async with served(create_app(store, now=lambda: NOW), data_dir) as (assistant, busy):

        async def write() -> None:
            result = await assistant.call_tool("create_time_entry", BOOK)
            assert not result.is_error, said(result)
            written.set()

        busy.execute("BEGIN EXCLUSIVE")
        async with anyio.create_task_group() as group:
            group.start_soon(write)
            facts(await assistant.call_tool("get_clock", {}))
            assert not written.is_set()
            busy.execute("COMMIT")


@pytest.mark.skipif(os.name == "nt", reason="what Windows does by itself is played here")
async def test_a_lock_that_cannot_be_cleared_away_ends_no_server(store: Store, data_dir: Path) -> None:
    """Windows removes no file that another process has open, as one has that looks who still lives. Here a folder in
    its place cannot be removed.
    """
    async with served(create_app(store, now=lambda: NOW), data_dir) as (assistant, _):
        await assistant.call_tool("create_time_entry", BOOK)
        [lock] = await anyio.to_thread.run_sync(lambda: [*data_dir.glob("*.lock")])
        await anyio.Path(lock).unlink()
        await anyio.Path(lock).mkdir()


@pytest.mark.slow
async def test_a_caller_that_leaves_while_the_outcome_is_noted_may_come_again(store: Store, data_dir: Path) -> None:
    """It has heard of nothing, so the same call is the same intention."""
    posted = anyio.Event()
    app = create_app(store, now=lambda: NOW)

    class Locking:
        """Locks the journal's file before a booking is answered."""

        def __init__(self, inner: ASGIApp) -> None:
            self.inner = inner

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            booking = scope["method"] == "POST" and not posted.is_set()
            if booking:
                busy.execute("BEGIN EXCLUSIVE")
            await self.inner(scope, receive, send)
            if booking:
                posted.set()

    app.add_middleware(Locking)
    async with served(app, data_dir) as (assistant, busy):
        async with anyio.create_task_group() as group:
            group.start_soon(assistant.call_tool, "create_time_entry", BOOK)
            await posted.wait()
            facts(await assistant.call_tool("get_clock", {}))  # by then the answer to the booking has come, too
            group.cancel_scope.cancel()
        await assistant.call_tool("get_clock", {})
        busy.execute("COMMIT")
        assert "nothing was doubled" in said(await assistant.call_tool("create_time_entry", BOOK))
    assert len([row for row in store.entries() if row["id"] > 400]) == 1


async def test_a_journal_can_be_opened_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "changes.db", utc_now)
    for number in (1, 2):
        async with journal:
            assert await journal.begin(ToolCall("create_time_entry", {}), Action.CREATE, {}, began=NOW) == number
        assert not [one async for one in anyio.Path(tmp_path).glob("*.lock")]


async def test_a_row_that_cannot_be_read_is_stepped_over_and_named(tmp_path: Path) -> None:
    """It holds up none of the others."""
    path = tmp_path / "changes.db"
    order = ToolCall("create_time_entry", {})
    async with Journal(path, utc_now) as journal:
        for _ in range(3):
            await journal.begin(order, Action.CREATE, {}, began=NOW)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE changes SET after = '{broken' WHERE id = 1")
        db.execute("UPDATE changes SET began = 'yesterday' WHERE id = 3")
    async with Journal(path, lambda: NOW) as journal:
        assert [one.id for one in await journal.open()] == [2]
        assert [one.id for one in await journal.changes(NOW - timedelta(days=1), NOW + timedelta(days=1), 10)] == [2]
        assert journal.unreadable == {1, 3}


async def test_a_journal_of_a_newer_version_is_refused_with_its_own_words(tmp_path: Path) -> None:
    path = tmp_path / "changes.db"
    order = ToolCall("create_time_entry", {})
    async with Journal(path, utc_now) as journal:
        await journal.begin(order, Action.CREATE, {}, began=NOW)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    async with Journal(path, utc_now) as journal:
        with pytest.raises(JournalUnavailable, match="written by a newer clockodo-mcp"):
            await journal.begin(order, Action.CREATE, {}, began=NOW)


async def test_changes_are_kept_for_400_days(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    path = tmp_path / "changes.db"
    async with Journal(path, utc_now) as journal:
        for days in (399, 401):
            await journal.begin(ToolCall("delete_entry", {}), Action.DELETE, {}, began=now - timedelta(days=days))
    async with Journal(path, utc_now) as journal:
        assert await journal.count(now - timedelta(days=999), now) == 1
