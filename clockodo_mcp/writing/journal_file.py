"""The journal's file: SQLite, readable by its owner only, used by several processes at once, one thread in each.

A process holds a lock file while it lives, so that another one can tell an intent under way from an abandoned one. A
disk that is slow holds up nobody but whoever waits for the journal: all that touches it happens in a thread, one thing
at a time.
"""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from anyio import CancelScope, CapacityLimiter, to_thread

from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.speech import say

if TYPE_CHECKING:
    from filelock import FileLock

KEPT_DAYS = 400
"""How long a change is kept: a year of bookkeeping and some weeks."""

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
    ("ALTER TABLE batches ADD COLUMN undoes INTEGER",),
    ("ALTER TABLE batches ADD COLUMN size INTEGER",),
)
"""The statements that lead from each version of the file to the next; `user_version` counts those that were taken.

One that has been released is never changed: what comes later is another one.
"""

OWNER = re.compile(r"[0-9a-f]{32}")
"""What a process calls itself; anything else is none."""

T = TypeVar("T")


class JournalUnavailable(ClockodoMcpError):
    """The journal cannot be opened or written, so nothing is written to Clockodo."""

    @property
    def what_happened(self) -> str:
        """As of `ClockodoMcpError`: beside what was written before, it says nothing of the rest."""
        return "The journal of changes could not be written, and nothing is sent without it."


class JournalFile:
    """The file at `path`, None for memory only; `now` tells which changes have become too old.

    Opened at the first use, closed by `close`, and may be opened again. What a method has begun is done to its end,
    also for a caller that is cancelled. Every method raises `JournalUnavailable` where the file cannot be used.
    """

    def __init__(self, path: Path | None, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._db: sqlite3.Connection | None = None
        self.owner = uuid4().hex
        self._alive: FileLock | None = None
        self._one_at_a_time = CapacityLimiter(1)

    async def close(self) -> None:
        """Close it, and end this process's life in the eyes of others."""
        await self.in_thread(self._close)

    async def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something with the database, in one transaction."""

        def in_a_transaction() -> T:
            with self._opened() as db:
                return work(db)

        return await self.in_thread(in_a_transaction)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do something with the file, after whatever is done with it now."""
        # A change that was noted halfway would be worse than a caller that waits a moment before it leaves.
        with CancelScope(shield=True):
            return await to_thread.run_sync(work, limiter=self._one_at_a_time)
        raise AssertionError("unreachable: nobody cancels this scope")

    # Everything below is for that thread.

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        if self._alive is not None:
            _clear(self._alive)
            self._alive = None

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
                say(
                    "The journal of changes cannot be used ({why}), so nothing was written to Clockodo: a change must "
                    "be noted before it is made. Free the disk or point CLOCKODO_MCP_DATA_DIR to a folder that can be "
                    "written, or switch journal and undo off with CLOCKODO_JOURNAL=off, then start the server again.",
                    why=f"{where}{error}",
                )
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

    def _lock_of(self, owner: str) -> "FileLock":
        from filelock import FileLock  # noqa: PLC0415 - a server that only reads has no use for it

        assert self._path is not None
        return FileLock(self._path.with_suffix(f".{owner}.lock"), mode=0o600)

    def has_ended(self, owner: str) -> bool:
        """Whether the process with this lock has ended: then its lock can be had, and is cleared away."""
        if self._path is None or not OWNER.fullmatch(owner):
            return True
        lock = self._lock_of(owner)
        try:
            lock.acquire(blocking=False)
        except TimeoutError:
            return False
        _clear(lock)
        return True


def _clear(lock: "FileLock") -> None:
    """Let go of a lock and remove its file; on Windows, one that another process has open stays for the next."""
    lock.release()
    with suppress(OSError):
        Path(lock.lock_file).unlink(missing_ok=True)


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
                say(
                    "The journal of changes ({name}) was written by a newer clockodo-mcp, so nothing was written to "
                    "Clockodo. Update clockodo-mcp, or point CLOCKODO_MCP_DATA_DIR to another folder.",
                    name=name,
                )
            )
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
