"""The journal: every write of this server, its intent before it is sent and its outcome after. Never the key.

One SQLite file for each account and address, in the data directory, readable by its owner only. Several processes may
use it at once; it survives the end of a process at any point. A process holds a lock file while it lives, so that
another one can tell an intent under way from an abandoned one. A disk that is slow holds up nobody but whoever waits
for the journal: all that touches it happens in a thread, one thing at a time.
"""

import json
import logging
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

from anyio import CancelScope, CapacityLimiter, to_thread
from filelock import FileLock, Timeout
from pydantic import ConfigDict, TypeAdapter

from clockodo_mcp import steps
from clockodo_mcp.api.models import Entry
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.writing.turns import Turn

log = logging.getLogger(__name__)

KEPT_DAYS = 400
"""How long a change is kept: a year of bookkeeping and some weeks."""

SETTLED_WITHIN = timedelta(days=7)
"""How long an open change is looked for."""

MIGRATIONS = (
    (
        """CREATE TABLE changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, began TEXT NOT NULL, ended TEXT, owner TEXT NOT NULL, client TEXT NOT NULL,
  tool TEXT NOT NULL, arguments TEXT NOT NULL, action TEXT NOT NULL, sent TEXT NOT NULL, entry_id INTEGER,
  before TEXT, after TEXT, state TEXT NOT NULL, late INTEGER NOT NULL DEFAULT 0, lost TEXT, undoes INTEGER,
  undone_by INTEGER, batch INTEGER, item INTEGER, leads INTEGER NOT NULL DEFAULT 1)""",
        "CREATE TABLE batches (id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "CREATE INDEX changes_by_state ON changes (state)",
        "CREATE INDEX changes_by_entry ON changes (entry_id)",
        "CREATE INDEX changes_by_batch ON changes (batch)",
        "CREATE INDEX changes_by_time ON changes (began)",
        "CREATE INDEX changes_by_loss ON changes (lost) WHERE lost IS NOT NULL",
    ),
    (
        "ALTER TABLE batches ADD COLUMN tool TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE batches ADD COLUMN arguments TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE batches ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE batches ADD COLUMN began TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE batches ADD COLUMN ended INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE changes ADD COLUMN told INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX changes_by_undone ON changes (undoes) WHERE undoes IS NOT NULL",
    ),
)
"""The statements that lead from each version of the file to the next; `user_version` counts those that were taken.

One that has been released is never changed: what comes later is another one.
"""

T = TypeVar("T")
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry, config=ConfigDict(defer_build=True))


class State(StrEnum):
    """How a change stands. `pending`: sent or about to be; `unknown`: its answer was lost and looking failed too."""

    PENDING = "pending"
    DONE = "done"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"


class Action(StrEnum):
    """What a change does to an entry. A start may stop another one too: that is its `before`."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    START = "start"
    STOP = "stop"
    MOVE = "move"


class Ended(IntEnum):
    """How far a call with many changes has come: broken off or under way, all done, and its caller told."""

    NOT = 0
    ALL = 1
    TOLD = 2


class JournalUnavailable(ClockodoMcpError):
    """The journal cannot be opened or written, so nothing is written to Clockodo."""


class BeingUndone(ClockodoMcpError):
    """Another call undoes the same change. Nothing was done."""

    def __init__(self, change: int) -> None:
        super().__init__(
            f"Change {change} is being undone by another call, or was. Nothing was done here.",
            next=(steps.list_changes(to="to see what became of it"),),
        )


@dataclass(frozen=True)
class ToolCall:
    """The tool call that a change belongs to; of a call with many changes also its `batch` and which `item` of it.

    `turn` is not kept: it is what the call has seen of other calls' writing.
    """

    tool: str
    arguments: Mapping[str, Any]
    client: str = ""
    batch: int | None = None
    item: int | None = None
    turn: Turn = field(default_factory=Turn, compare=False)

    @property
    def arguments_json(self) -> str:
        """The arguments as text: equal for equal arguments."""
        return json.dumps(self.arguments, sort_keys=True, ensure_ascii=False, default=str)


@dataclass(frozen=True)
class Change:
    """One row of the journal. Moments are aware and in UTC; `began` is by Clockodo's clock."""

    id: int
    began: datetime
    owner: str
    client: str
    tool: str
    arguments: str
    action: Action
    sent: Mapping[str, Any]
    entry_id: int | None
    before: Entry | None
    after: Entry | None
    state: State
    late: bool
    undoes: int | None
    batch: int | None
    item: int | None
    undone_by: int | None


class Journal:
    """Changes of one account. `path` None keeps them in memory only; `now` tells which have become too old.

    Opened at the first use, closed at the end of `async with`, and may be opened again. What a method has begun is done
    to its end, also for a caller that is cancelled. Every method raises `JournalUnavailable` where the file cannot be
    used.
    """

    def __init__(self, path: Path | None, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._db: sqlite3.Connection | None = None
        self.owner = uuid4().hex
        self._alive: FileLock | None = None
        self._one_at_a_time = CapacityLimiter(1)
        self.unreadable: set[int] = set()
        """Changes that were stepped over, since their rows cannot be read."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._in_thread(self._close)

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        if self._alive is not None:
            self._alive.release()
            Path(self._alive.lock_file).unlink(missing_ok=True)
            self._alive = None

    async def begin(
        self,
        call: ToolCall,
        action: Action,
        sent: Mapping[str, Any],
        *,
        began: datetime,
        before: Entry | None = None,
        undoes: int | None = None,
    ) -> int:
        """Note an intent, before anything is sent; the change's id.

        Raises:
            BeingUndone: it would undo what somebody else undoes or has undone, in this process or another.
        """
        insert = (
            "INSERT INTO changes (began, owner, client, tool, arguments, action, sent, entry_id, before, state,"
            " undoes, batch, item, leads) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " NOT EXISTS (SELECT 1 FROM changes b WHERE b.batch = ?)"
            " WHERE NOT EXISTS (SELECT 1 FROM changes u WHERE u.undoes = ? AND u.state IN ('pending', 'unknown'))"
            " AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.id = ? AND c.undone_by IS NOT NULL) RETURNING id"
        )
        values = (
            began.isoformat(timespec="seconds"), self.owner, call.client, call.tool, call.arguments_json,
            action, json.dumps(sent, ensure_ascii=False), None if before is None else before.id,
            _written(before), State.PENDING, undoes, call.batch, call.item, call.batch, undoes, undoes,
        )  # fmt: skip
        row = await self._do(lambda db: db.execute(insert, values).fetchone())
        if row is None:
            raise BeingUndone(undoes or 0)
        return int(row[0])

    async def end(
        self,
        id: int,
        state: State,
        *,
        now: datetime,
        after: Entry | None = None,
        late: bool = False,
        lost: bool = False,
    ) -> None:
        """Note an outcome; `after` is the entry as it is stored now.

        `late` says that it may still come to be, `lost` that it was unknown to whoever asked for it, as it always is
        where the state is unknown.
        """
        moment = now.isoformat(timespec="seconds")
        found = None if after is None else after.id
        values = (
            state, moment, late, moment if lost or state is State.UNKNOWN else None, _written(after), found, id,
        )  # fmt: skip

        def note(db: sqlite3.Connection) -> None:
            ended = db.execute(
                "UPDATE changes SET state = ?, ended = ?, late = ?, lost = coalesce(?, lost),"
                " after = coalesce(?, after), entry_id = coalesce(?, entry_id)"
                " WHERE id = ? AND state IN ('pending', 'unknown')",
                values,
            )
            # What another process has settled meanwhile stays as it was settled.
            if state is State.DONE and ended.rowcount:
                _undo_chain(db, id)
                if found is not None:
                    _renamed(db, id, found)

        await self._do(note)

    async def lose(self, id: int, *, now: datetime) -> None:
        """Note that whoever asked for a change never heard of its outcome."""
        values = (now.isoformat(timespec="seconds"), id)
        await self._do(lambda db: db.execute("UPDATE changes SET lost = ?, told = 0 WHERE id = ?", values))

    async def write_off(self, ids: Iterable[int], *, by: int) -> None:
        """Note that what these changes wrote is gone already, as another one takes back the rest of their call."""
        values = [(by, id) for id in ids]
        await self._do(lambda db: db.executemany("UPDATE changes SET undone_by = ? WHERE id = ?", values))

    async def tell(self, id: int, after: Entry | None) -> None:
        """Note that whoever asked for a change hears of it; `after` is its entry again, now with names and text."""
        values = (_written(after), id)
        set_them = "UPDATE changes SET after = coalesce(?, after), told = 1, lost = NULL WHERE id = ?"
        await self._do(lambda db: db.execute(set_them, values))

    async def tell_batch(self, batch: int) -> None:
        """As `tell`, of all changes of one call."""

        def note(db: sqlite3.Connection) -> None:
            db.execute("UPDATE batches SET ended = ? WHERE id = ?", (Ended.TOLD, batch))
            db.execute("UPDATE changes SET told = 1, lost = NULL WHERE batch = ?", (batch,))

        await self._do(note)

    async def change(self, id: int) -> Change | None:
        """One change."""
        return next(iter(await self._select("id = ?", (id,))), None)

    async def changes(self, since: datetime, until: datetime, limit: int) -> list[Change]:
        """Changes that began in a span, newest first; of the changes of one call only the first."""
        bounds = (since.isoformat(timespec="seconds"), until.isoformat(timespec="seconds"))
        return await self._select("began >= ? AND began < ? AND leads", bounds, f"ORDER BY id DESC LIMIT {int(limit)}")

    async def count(self, since: datetime, until: datetime) -> int:
        """How many changes began in a span, those of one call counted as one."""
        bounds = (since.isoformat(timespec="seconds"), until.isoformat(timespec="seconds"))
        counted = "SELECT count(*) FROM changes WHERE began >= ? AND began < ? AND leads"
        return await self._do(lambda db: int(db.execute(counted, bounds).fetchone()[0]))

    async def last(self) -> Change | None:
        """The latest change that was done, is no undo, and was not undone."""
        where = "state = ? AND undoes IS NULL AND undone_by IS NULL"
        return next(iter(await self._select(where, (State.DONE,), "ORDER BY id DESC LIMIT 1")), None)

    async def after_it(self, change: Change) -> Change | None:
        """The earliest later change of the same entry that was done and not undone: it has to be undone first."""
        where = "entry_id = ? AND id > ? AND state = ? AND undone_by IS NULL AND undoes IS NULL"
        bounds = (change.entry_id, change.id, State.DONE)
        return next(iter(await self._select(where, bounds, "ORDER BY id LIMIT 1")), None)

    async def open(self) -> list[Change]:
        """What has to be settled, oldest first: unknown outcomes, and intents whose process has ended.

        Not for ever: what could not be settled in a week stays unknown.
        """
        since = (self._now() - SETTLED_WITHIN).isoformat(timespec="seconds")
        where = "state IN (?, ?) AND began >= ?"
        found = await self._select(where, (State.UNKNOWN, State.PENDING, since), "ORDER BY id")
        gone = await self._ended(found)
        return [one for one in found if one.state is State.UNKNOWN or one.owner in gone]

    async def same_open(self, action: Action, sent: Mapping[str, Any], *, before: int | None = None) -> int:
        """How many intents with the same body are open; `before` a change's id, only the older ones."""
        where = "state IN (?, ?) AND action = ? AND sent = ? AND id < ?"
        written = json.dumps(sent, ensure_ascii=False)
        bounds = (State.UNKNOWN, State.PENDING, action, written, before or sys.maxsize)
        return len(await self._select(where, bounds))

    async def claimed(self, entry_id: int, *, but_for: int) -> bool:
        """Whether an entry is known to come from another of our creates or starts than this one."""
        where = "entry_id = ? AND action IN (?, ?) AND state = ? AND id != ?"
        return bool(await self._select(where, (entry_id, Action.CREATE, Action.START, State.DONE, but_for)))

    async def deleted(self, entry_id: int, *, but_for: int) -> bool:
        """Whether an entry, by the id that it had then, is known to be gone by another of our deletions."""
        done = await self._select("action = ? AND state = ? AND id != ?", (Action.DELETE, State.DONE, but_for))
        return any(one.before is not None and one.before.id == entry_id for one in done)

    async def repeated(self, call: ToolCall, since: datetime) -> Change | None:
        """The same call, or the same item of one, since when nobody heard of its outcome: a client may repeat it."""
        return next((one for one in await self._lost(call, since) if one.item == call.item), None)

    async def lost_calls(self, call: ToolCall, since: datetime) -> list[Change]:
        """As `repeated`, for all items, the last first."""
        return await self._lost(call, since)

    async def batch_to_resume(self, call: ToolCall, since: datetime) -> int | None:
        """The batch of the same call that began after `since` and broke off, or of which nobody heard.

        None of another process that lives, and none of this one that came to its end: its caller is waiting.
        """
        select = "SELECT id, owner, ended FROM batches WHERE tool = ? AND arguments = ? AND began >= ? AND ended != ?"
        values = (call.tool, call.arguments_json, since.isoformat(timespec="seconds"), Ended.TOLD)
        found = await self._do(lambda db: db.execute(f"{select} ORDER BY id DESC", values).fetchall())
        gone = await self._gone({str(one["owner"]) for one in found})
        return next(
            (
                int(one["id"])
                for one in found
                if one["owner"] in gone or (one["owner"] == self.owner and one["ended"] == Ended.NOT)
            ),
            None,
        )

    async def _lost(self, call: ToolCall, since: datetime) -> list[Change]:
        moment = since.isoformat(timespec="seconds")
        same = "tool = ? AND arguments = ?"
        same_call = (call.tool, call.arguments_json)
        newest = "ORDER BY id DESC"
        lost = await self._select(
            f"lost >= ? AND state != ? AND undone_by IS NULL AND {same}",
            (moment, State.NOT_DONE, *same_call),
            newest,
        )
        untold = await self._select(
            f"lost IS NULL AND NOT told AND undone_by IS NULL AND state IN (?, ?) AND began >= ? AND {same}",
            (State.PENDING, State.DONE, moment, *same_call),
            newest,
        )
        gone = await self._ended(untold)
        return lost + [one for one in untold if one.owner in gone]

    async def new_batch(self, call: ToolCall, began: datetime) -> int:
        """A number for the changes of one call."""
        insert = "INSERT INTO batches (tool, arguments, owner, began, ended) VALUES (?, ?, ?, ?, 0) RETURNING id"
        values = (call.tool, call.arguments_json, self.owner, began.isoformat(timespec="seconds"))
        return await self._do(lambda db: int(db.execute(insert, values).fetchone()[0]))

    async def end_batch(self, batch: int) -> None:
        """Note that a call with many changes came to its end."""
        await self._end_batch(batch, Ended.ALL)

    async def reopen_batch(self, batch: int) -> None:
        """Note that the caller of such a call left before it heard of the end: the same call may come again."""
        await self._end_batch(batch, Ended.NOT)

    async def _end_batch(self, batch: int, ended: Ended) -> None:
        await self._do(lambda db: db.execute("UPDATE batches SET ended = ? WHERE id = ?", (ended, batch)))

    async def of_batch(self, batch: int) -> list[Change]:
        """The changes of one call, in order."""
        return await self._select("batch = ?", (batch,), "ORDER BY id")

    async def _ended(self, changes: Iterable[Change]) -> set[str]:
        """Those of the changes' other owners that live no longer."""
        return await self._gone({one.owner for one in changes})

    async def _gone(self, owners: set[str]) -> set[str]:
        """Those of the owners, this process aside, that live no longer."""
        others = owners - {self.owner}
        return await self._in_thread(lambda: {one for one in others if self._has_ended(one)}) if others else set()

    async def _select(self, where: str, values: Iterable[object], tail: str = "") -> list[Change]:
        select, bound = f"SELECT * FROM changes WHERE {where} {tail}", tuple(values)  # noqa: S608 - our own clauses, values are bound
        rows = await self._do(lambda db: db.execute(select, bound).fetchall())
        return [change for row in rows if (change := self._read(row)) is not None]

    def _read(self, row: sqlite3.Row) -> Change | None:
        """A row as a change; None, and noted, where it cannot be read: it holds up none of the others."""
        try:
            return _change(row)
        except ValueError:
            if row["id"] not in self.unreadable:
                log.warning("change %s in the journal cannot be read", row["id"], exc_info=True)
            self.unreadable.add(int(row["id"]))
            return None

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def in_a_transaction() -> T:
            with self._opened() as db:
                return work(db)

        return await self._in_thread(in_a_transaction)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        # A change that was noted halfway would be worse than a caller that waits a moment before it leaves.
        with CancelScope(shield=True):
            return await to_thread.run_sync(work, limiter=self._one_at_a_time)
        raise AssertionError("unreachable: nobody cancels this scope")

    # Everything below is for that thread.

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._db is None:
                self._db = self._open()
            with self._db:
                yield self._db
        except (sqlite3.Error, OSError) as error:
            where = f"{self._path.parent} " if self._path else ""
            raise JournalUnavailable(
                f"The journal of changes cannot be used ({where}{error}), so nothing was written to Clockodo: a change "
                "must be noted before it is made. Free the disk or point CLOCKODO_MCP_DATA_DIR to a folder that can be "
                "written, or switch journal and undo off with CLOCKODO_JOURNAL=off, then start the server again."
            ) from error

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return _connected(":memory:")
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        self._alive = self._lock_of(self.owner)
        self._alive.acquire(blocking=False)
        db = _connected(str(self._path))
        oldest = self._now() - timedelta(days=KEPT_DAYS)
        with db:
            db.execute("DELETE FROM changes WHERE began < ?", (oldest.isoformat(timespec="seconds"),))
        return db

    def _lock_of(self, owner: str) -> FileLock:
        assert self._path is not None
        return FileLock(self._path.with_suffix(f".{owner}.lock"), mode=0o600)

    def _has_ended(self, owner: str) -> bool:
        """Whether the process with this lock has ended: then its lock can be had, and is cleared away."""
        if self._path is None:
            return True
        lock = self._lock_of(owner)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)
        return True


def _connected(name: str) -> sqlite3.Connection:
    """A connection to a file that is what this version takes it for; closed again where it cannot be.

    Raises:
        JournalUnavailable: a newer version has written it.
    """
    with ExitStack() as stack:
        # One thread at a time, not always the same.
        db = stack.enter_context(closing(sqlite3.connect(name, timeout=2.0, check_same_thread=False)))
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        _migrate(db, name)
        stack.pop_all()
    return db


def _migrate(db: sqlite3.Connection, name: str) -> None:
    """Bring a file to this version. Raises as `_connected`."""
    with db:
        db.execute("BEGIN IMMEDIATE")  # two servers that start at once migrate one after the other
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise JournalUnavailable(
                f"The journal of changes ({name}) was written by a newer clockodo-mcp, so nothing was written to "
                "Clockodo. Update clockodo-mcp, or point CLOCKODO_MCP_DATA_DIR to another folder."
            )
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _renamed(db: sqlite3.Connection, id: int, entry_id: int) -> None:
    """Where this change brought a deleted entry back: what was known under its old id goes on under the new one."""
    deleted = db.execute(
        "SELECT d.entry_id FROM changes c JOIN changes d ON d.id = c.undoes WHERE c.id = ? AND c.action = 'create'",
        (id,),
    ).fetchone()
    if deleted is not None:
        db.execute("UPDATE changes SET entry_id = ? WHERE entry_id = ?", (entry_id, deleted["entry_id"]))


def _undo_chain(db: sqlite3.Connection, id: int) -> None:
    """Where the change that was just done undoes another: that one is undone, what that one undid holds again, ..."""
    in_effect = True
    while (row := db.execute("SELECT undoes FROM changes WHERE id = ?", (id,)).fetchone()) and row["undoes"]:
        db.execute("UPDATE changes SET undone_by = ? WHERE id = ?", (id if in_effect else None, row["undoes"]))
        id, in_effect = row["undoes"], not in_effect


def _written(entry: Entry | None) -> str | None:
    return None if entry is None else entry.model_dump_json(exclude_none=True)


def _change(row: sqlite3.Row) -> Change:
    return Change(
        id=row["id"],
        began=datetime.fromisoformat(row["began"]),
        owner=row["owner"],
        client=row["client"],
        tool=row["tool"],
        arguments=row["arguments"],
        action=Action(row["action"]),
        sent=json.loads(row["sent"]),
        entry_id=row["entry_id"],
        before=None if row["before"] is None else ENTRY.validate_json(row["before"]),
        after=None if row["after"] is None else ENTRY.validate_json(row["after"]),
        state=State(row["state"]),
        late=bool(row["late"]),
        undoes=row["undoes"],
        batch=row["batch"],
        item=row["item"],
        undone_by=row["undone_by"],
    )
