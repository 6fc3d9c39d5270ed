"""The journal: every write of this server, its intent before it is sent and its outcome after. Never the key.

One file for each account and address, in the data directory (`journal_file`). It survives the end of a process at any
point.
"""

import json
import logging
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from clockodo_mcp import steps
from clockodo_mcp.api.models import Entry
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.writing.changes import Action, Change, Ended, State, ToolCall, change_of, written
from clockodo_mcp.writing.journal_file import JournalFile

log = logging.getLogger(__name__)

MOMENTS = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*"
"""What `began` looks like."""

UNDOING_CHANGES = "SELECT owner FROM changes WHERE undoes = ? AND state = ?"
UNDOING_BATCHES = "SELECT owner FROM batches WHERE undoes = ? AND ended = ?"
"""Who takes a change back, and who a call with many."""

SETTLED_WITHIN = timedelta(days=7)
"""How long an open change is looked for."""


class BeingUndone(ClockodoMcpError):
    """Another call undoes the same change. Nothing was done."""

    def __init__(self, change: int) -> None:
        super().__init__(
            f"Change {change} is being undone by another call, or was. Nothing was done here.",
            next=(steps.list_changes(to="to see what became of it"),),
        )


class ChangedMeanwhile(ClockodoMcpError):
    """Another server has changed the same entry while this call read. Nothing was done."""

    def __init__(self, entry: int) -> None:
        super().__init__(
            f"Entry {entry} was changed by another call while this one read it, so nothing was done here.",
            next=(steps.see_entry(entry, to="to see how it is now"),),
        )


class Journal:
    """Changes of one account. `path` None keeps them in memory only; `now` tells which have become too old.

    Opened at the first use, closed at the end of `async with`, and may be opened again. What a method has begun is done
    to its end, also for a caller that is cancelled. Every method raises `JournalUnavailable` where the file cannot be
    used.
    """

    def __init__(self, path: Path | None, now: Callable[[], datetime]) -> None:
        self._file = JournalFile(path, now)
        self._now = now
        self.unreadable: set[int] = set()
        """Changes that were stepped over, since their rows cannot be read."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._file.close()

    async def begin(
        self,
        call: ToolCall,
        action: Action,
        sent: Mapping[str, Any],
        *,
        began: datetime,
        before: Entry | None = None,
        undoes: int | None = None,
        seen: int | None = None,
    ) -> int:
        """Note an intent, before anything is sent; the change's id. `seen` is the newest change that its call knows.

        Raises:
            ChangedMeanwhile: another process changes the same entry, or has since `seen`; not asked where that is None.
            BeingUndone: it would undo what somebody else undoes or has undone, in this process or another.
        """
        insert = (
            "INSERT INTO changes (began, owner, client, tool, arguments, action, sent, entry_id, before, state,"
            " undoes, batch, item, leads) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " NOT EXISTS (SELECT 1 FROM changes b WHERE b.batch = ?)"
            " WHERE NOT EXISTS (SELECT 1 FROM changes u WHERE u.undoes = ? AND u.state IN ('pending', 'unknown'))"
            " AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.id = ? AND c.undone_by IS NOT NULL)"
            " AND NOT EXISTS (SELECT 1 FROM changes m WHERE m.entry_id = ? AND m.owner != ?"
            " AND (m.state = 'pending' OR (m.id > ? AND m.state != 'not_done'))) RETURNING id"
        )
        values = (
            began.isoformat(timespec="seconds"), self._file.owner, call.client, call.tool, call.arguments_json,
            action, json.dumps(sent, ensure_ascii=False), None if before is None else before.id,
            written(before), State.PENDING, undoes, call.batch, call.item, call.batch, undoes, undoes,
            None if before is None or seen is None else before.id, self._file.owner, seen,
        )  # fmt: skip
        row = await self._file.do(lambda db: db.execute(insert, values).fetchone())
        if row is None and undoes is None and before is not None:
            raise ChangedMeanwhile(before.id)
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
            state, moment, state, late, lost, state, lost or state is State.UNKNOWN, moment, written(after), found, id,
        )  # fmt: skip

        def note(db: sqlite3.Connection) -> None:
            ended = db.execute(
                # What stays unknown is unknown since then.
                "UPDATE changes SET ended = CASE WHEN state = 'unknown' AND ? = 'unknown' THEN ended ELSE ? END,"
                " state = ?, late = ?,"
                " lost = CASE WHEN NOT ? AND state = 'unknown' AND ? = 'unknown' THEN lost WHEN ? THEN ? ELSE lost END,"
                " after = coalesce(?, after), entry_id = coalesce(?, entry_id)"
                " WHERE id = ? AND state IN ('pending', 'unknown')",
                values,
            )
            # What another process has settled meanwhile stays as it was settled.
            if state is State.DONE and ended.rowcount:
                _undo_chain(db, id)
                if found is not None:
                    _renamed(db, id, found)

        await self._file.do(note)

    async def lose(self, id: int, *, now: datetime) -> None:
        """Note that whoever asked for a change never heard of its outcome: the same call, also one with many changes,
        may come again.
        """
        moment = now.isoformat(timespec="seconds")

        def note(db: sqlite3.Connection) -> None:
            db.execute("UPDATE changes SET lost = ?, told = 0 WHERE id = ?", (moment, id))
            db.execute(
                "UPDATE batches SET ended = ? WHERE id = (SELECT batch FROM changes WHERE id = ?)", (Ended.LEFT, id)
            )

        await self._file.do(note)

    async def write_off(self, ids: Iterable[int], *, by: int) -> None:
        """Note that what these changes wrote is gone already, as another one takes back the rest of their call."""
        values = [(by, id) for id in ids]
        await self._file.do(lambda db: db.executemany("UPDATE changes SET undone_by = ? WHERE id = ?", values))

    async def tell(self, id: int, after: Entry | None) -> None:
        """Note that whoever asked for a change hears of it; `after` is its entry again, now with names and text."""
        values = (written(after), id)
        set_them = "UPDATE changes SET after = coalesce(?, after), told = 1, lost = NULL WHERE id = ?"
        await self._file.do(lambda db: db.execute(set_them, values))

    async def tell_batch(self, batch: int) -> None:
        """As `tell`, of all changes of one call."""

        def note(db: sqlite3.Connection) -> None:
            db.execute("UPDATE batches SET ended = ? WHERE id = ?", (Ended.TOLD, batch))
            db.execute("UPDATE changes SET told = 1, lost = NULL WHERE batch = ?", (batch,))

        await self._file.do(note)

    async def change(self, id: int) -> Change | None:
        """One change."""
        return next(iter(await self._select("id = ?", (id,))), None)

    async def changes(self, since: datetime, until: datetime, limit: int) -> list[Change]:
        """Changes that began in a span, newest first; of the changes of one call only the first."""
        await self._select("began NOT GLOB ?", (MOMENTS,))  # what no span holds is unreadable, and named
        bounds = (since.isoformat(timespec="seconds"), until.isoformat(timespec="seconds"))
        return await self._select("began >= ? AND began < ? AND leads", bounds, f"ORDER BY id DESC LIMIT {int(limit)}")

    async def count(self, since: datetime, until: datetime) -> int:
        """How many changes began in a span, those of one call counted as one."""
        bounds = (since.isoformat(timespec="seconds"), until.isoformat(timespec="seconds"))
        counted = "SELECT count(*) FROM changes WHERE began >= ? AND began < ? AND leads"
        return await self._file.do(lambda db: int(db.execute(counted, bounds).fetchone()[0]))

    async def latest(self) -> Change | None:
        """The latest change that is no undo and not undone, also one that is under way, or of which nobody knows
        whether it has happened.
        """
        where = "state != ? AND undoes IS NULL AND undone_by IS NULL"
        return next(iter(await self._select(where, (State.NOT_DONE,), "ORDER BY id DESC LIMIT 1")), None)

    async def has_later(self, change: Change) -> bool:
        """Whether after one, and after all of the call that it belongs to, came another change that somebody heard of,
        or that is no undo.
        """
        of_call = await self.of_batch(change.batch) if change.batch is not None else [change]
        where = "id > ? AND state != ? AND (told OR (undoes IS NULL AND undone_by IS NULL))"
        return bool(await self._select(where, (max(one.id for one in of_call), State.NOT_DONE), "LIMIT 1"))

    async def is_under_way(self, id: int) -> bool:
        """Whether somebody who lives is carrying out a change; or another process the call with many that it is of."""
        select = (
            "SELECT c.owner, b.owner AS by, c.state, b.ended FROM changes c LEFT JOIN batches b ON b.id = c.batch"
            " WHERE c.id = ?"
        )
        row = await self._file.do(lambda db: db.execute(select, (id,)).fetchone())
        if row is None:
            return False
        owners = {row["owner"]} if row["state"] == State.PENDING else set()
        owners |= {row["by"]} - {self._file.owner} if row["ended"] == Ended.NOT else set()
        return bool(owners - await self._gone(owners))

    async def after_it(self, change: Change) -> Change | None:
        """The earliest later change of the same entry that was done and not undone: it has to be undone first."""
        where = "entry_id = ? AND id > ? AND state = ? AND undone_by IS NULL AND undoes IS NULL"
        bounds = (change.entry_id, change.id, State.DONE)
        return next(iter(await self._select(where, bounds, "ORDER BY id LIMIT 1")), None)

    async def taken_away(self, since: datetime) -> list[Change]:
        """Edits and deletions that began after `since` and hold, newest first."""
        where = "began >= ? AND action IN (?, ?) AND state = ? AND undone_by IS NULL"
        values = (since.isoformat(timespec="seconds"), Action.DELETE, Action.UPDATE, State.DONE)
        return await self._select(where, values, "ORDER BY id DESC")

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

    async def batch_to_resume(
        self, call: ToolCall, since: datetime, undoes: int | None = None
    ) -> tuple[int, datetime] | None:
        """The batch of the same call that began after `since` and broke off, or of whose end nobody heard, and when.

        One that takes back the batch `undoes`, or none.

        None of another process that lives, and none of this one that came to its end: its caller is waiting, unless
        it is known to have left.
        """
        select = (
            "SELECT id, began, owner, ended FROM batches WHERE tool = ? AND arguments = ? AND began >= ? AND ended != ?"
            " AND undoes IS ?"
        )
        values = (call.tool, call.arguments_json, since.isoformat(timespec="seconds"), Ended.TOLD, undoes)
        found = await self._file.do(lambda db: db.execute(f"{select} ORDER BY id DESC", values).fetchall())
        gone = await self._gone({str(one["owner"]) for one in found})
        return next(
            (
                (int(one["id"]), datetime.fromisoformat(one["began"]))
                for one in found
                if one["owner"] in gone
                or one["ended"] == Ended.LEFT
                or (one["owner"] == self._file.owner and one["ended"] == Ended.NOT)
            ),
            None,
        )

    async def lost_calls(self, call: ToolCall, since: datetime, open_since: datetime) -> list[Change]:
        """What the same call has sent, the last first, of which nobody heard after `since`, or whose outcome is open
        and was so after `open_since`: a client may repeat it.

        Not where a later change of ours is on the same entry: somebody knew of it, and the call means something new.
        """
        moment, open_moment = (one.isoformat(timespec="seconds") for one in (since, open_since))
        same = "tool = ? AND arguments = ?"
        same_call = (call.tool, call.arguments_json)
        newest = "ORDER BY id DESC"
        lost = await self._select(
            f"(lost >= ? OR (lost >= ? AND state IN (?, ?))) AND state != ? AND undone_by IS NULL AND {same}",
            (moment, open_moment, State.UNKNOWN, State.PENDING, State.NOT_DONE, *same_call),
            newest,
        )
        untold = await self._select(
            f"lost IS NULL AND NOT told AND undone_by IS NULL AND state IN (?, ?) AND began >= ? AND {same}",
            (State.PENDING, State.DONE, moment, *same_call),
            newest,
        )
        gone = await self._ended(untold)
        found = lost + [one for one in untold if one.owner in gone]
        return [one for one in found if one.state is not State.DONE or not await self.after_it(one)]

    async def new_batch(self, call: ToolCall, began: datetime, size: int, undoes: int | None = None) -> int:
        """A number for the `size` changes of one call, which may undo those of another: the number of that one.

        Raises:
            BeingUndone: another process undoes the same.
        """
        insert = (
            "INSERT INTO batches (tool, arguments, owner, began, ended, size, undoes) VALUES (?, ?, ?, ?, 0, ?, ?)"
            " RETURNING id"
        )
        moment = began.isoformat(timespec="seconds")
        values = (call.tool, call.arguments_json, self._file.owner, moment, size, undoes)

        def take(db: sqlite3.Connection) -> int:
            db.execute("BEGIN IMMEDIATE")
            owners = {str(one["owner"]) for one in db.execute(UNDOING_BATCHES, (undoes, Ended.NOT))}
            if not all(map(self._file.has_ended, owners - {self._file.owner})):
                first = db.execute("SELECT min(id) FROM changes WHERE batch = ?", (undoes,)).fetchone()
                raise BeingUndone(int(first[0]))
            return int(db.execute(insert, values).fetchone()[0])

        return await self._file.do(take)

    async def refuse_being_undone(self, change: Change) -> None:
        """Raises `BeingUndone` where another process that lives is taking a change back, or all of its call."""
        of_many = change.batch is not None
        select = UNDOING_BATCHES if of_many else UNDOING_CHANGES
        values = (change.batch, Ended.NOT) if of_many else (change.id, State.PENDING)
        owners = {str(one["owner"]) for one in await self._file.do(lambda db: db.execute(select, values).fetchall())}
        others = owners - {self._file.owner}
        if others - await self._gone(others):
            raise BeingUndone((await self.of_batch(change.batch))[0].id if change.batch is not None else change.id)

    async def end_batch(self, batch: int, ended: Ended) -> None:
        """Note how a call with many changes ended, unless another process has gone on with it."""
        values = (ended, batch, self._file.owner)
        await self._file.do(lambda db: db.execute("UPDATE batches SET ended = ? WHERE id = ? AND owner = ?", values))

    async def take_batch(self, batch: int, size: int) -> None:
        """Note that this process goes on with a call with many changes, now `size` of them."""
        take = "UPDATE batches SET owner = ?, ended = ?, size = ? WHERE id = ?"
        values = (self._file.owner, Ended.NOT, size, batch)
        await self._file.do(lambda db: db.execute(take, values))

    async def size_of(self, batch: int) -> int:
        """How many changes a call was to make; 0 where that is not known, as of older versions."""
        select = "SELECT coalesce(max(size), 0) FROM batches WHERE id = ?"
        return await self._file.do(lambda db: int(db.execute(select, (batch,)).fetchone()[0]))

    async def under_way_elsewhere(self, changes: Iterable[Change]) -> Change | None:
        """One of these changes that another process is still carrying out."""
        open_ones = [one for one in changes if one.state is State.PENDING]
        gone = await self._ended(open_ones)
        others = (one for one in open_ones if one.owner != self._file.owner and one.owner not in gone)
        return next(others, None)

    async def is_known(self, batch: int) -> bool:
        """Whether something of a call with many changes was changed or taken back since: somebody knew of it."""
        select = (
            "SELECT EXISTS (SELECT 1 FROM changes c WHERE c.batch = ? AND c.state = ? AND (c.undone_by IS NOT NULL OR"
            " EXISTS (SELECT 1 FROM changes l WHERE l.entry_id = c.entry_id AND l.id > c.id AND l.state = ?"
            " AND l.undone_by IS NULL AND l.undoes IS NULL)))"
        )
        values = (batch, State.DONE, State.DONE)
        return await self._file.do(lambda db: bool(db.execute(select, values).fetchone()[0]))

    async def open_undo(self, batch: int) -> Change | None:
        """A change of which nobody knows whether it has taken one of these back."""
        where = "undoes IN (SELECT id FROM changes WHERE batch = ?) AND state IN (?, ?)"
        return next(iter(await self._select(where, (batch, State.PENDING, State.UNKNOWN))), None)

    async def newest(self) -> int:
        """The id of the newest change of all."""
        return await self._file.do(lambda db: int(db.execute("SELECT coalesce(max(id), 0) FROM changes").fetchone()[0]))

    async def of_batch(self, batch: int) -> list[Change]:
        """The changes of one call, in order."""
        return await self._select("batch = ?", (batch,), "ORDER BY id")

    async def _ended(self, changes: Iterable[Change]) -> set[str]:
        """Those of the changes' other owners that live no longer."""
        return await self._gone({one.owner for one in changes})

    async def _gone(self, owners: set[str]) -> set[str]:
        """Those of the owners, this process aside, that live no longer."""
        others = owners - {self._file.owner}
        return await self._file.in_thread(lambda: {*filter(self._file.has_ended, others)}) if others else set()

    async def _select(self, where: str, values: Iterable[object], tail: str = "") -> list[Change]:
        select, bound = f"SELECT * FROM changes WHERE {where} {tail}", tuple(values)  # noqa: S608 - our own clauses, values are bound
        rows = await self._file.do(lambda db: db.execute(select, bound).fetchall())
        return [change for row in rows if (change := self._read(row)) is not None]

    def _read(self, row: sqlite3.Row) -> Change | None:
        """A row as a change; None, and noted, where it cannot be read: it holds up none of the others."""
        try:
            return change_of(row)
        except ValueError:
            if row["id"] not in self.unreadable:
                log.warning("change %s in the journal cannot be read", row["id"], exc_info=True)
            self.unreadable.add(int(row["id"]))
            return None


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
