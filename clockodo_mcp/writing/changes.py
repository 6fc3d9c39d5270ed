"""What a change is: the call that asked for it, what it does to an entry, how it stands; and its row in the journal."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum, StrEnum
from typing import Any

from pydantic import AwareDatetime, ConfigDict, Json, TypeAdapter

from clockodo_mcp.api.models import Entry
from clockodo_mcp.api.wire import utc
from clockodo_mcp.domain.commands import Command, Create, Delete, Edit, Move, Start, Stop
from clockodo_mcp.writing.turns import Turn


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


def as_sent(command: Command) -> tuple[Action, dict[str, object], Entry | None]:
    """What a command does, what of it is sent and kept, and the entry as it was read before."""
    match command:
        case Create(new):
            return Action.CREATE, new.model_dump(mode="json", exclude_none=True), None
        case Edit(before, change):
            return Action.UPDATE, change.model_dump(mode="json", exclude_unset=True), before
        case Delete(before):
            return Action.DELETE, {}, before
        case Start(start, stops):
            return Action.START, start.model_dump(mode="json", exclude_none=True), stops
        case Stop(before, until):
            return Action.STOP, {"time_until": utc(until)} if until else {}, before
        case Move(before, to):
            return Action.MOVE, {"time_since": utc(to)}, before


class Ended(IntEnum):
    """How far a call with many changes has come: under way, all done, its caller told; or it broke off or its caller
    has left, so that the same call goes on with it, in another process too.
    """

    NOT = 0
    ALL = 1
    TOLD = 2
    LEFT = 3


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
    """One row of the journal. Moments are aware, in UTC, by Clockodo's clock; `ended` is when its state was noted."""

    __pydantic_config__ = ConfigDict(defer_build=True)

    id: int
    began: AwareDatetime
    ended: AwareDatetime | None
    owner: str
    client: str
    tool: str
    arguments: str
    action: Action
    sent: Json[dict[str, Any]]
    entry_id: int | None
    before: Json[Entry] | None
    after: Json[Entry] | None
    state: State
    late: bool
    undoes: int | None
    batch: int | None
    item: int | None
    undone_by: int | None


def written(entry: Entry | None) -> str | None:
    """An entry as a row holds it."""
    return None if entry is None else entry.model_dump_json(exclude_none=True)


ROW = TypeAdapter(Change)
"""A row of the journal, as whatever has written it left it."""


def change_of(row: sqlite3.Row) -> Change:
    """A row as a change. Raises ValueError where it cannot be read, or lacks what was there before it."""
    change = ROW.validate_python({one.name: row[one.name] for one in fields(Change)})
    if change.before is None and change.action not in (Action.CREATE, Action.START):
        raise ValueError(f"a change of kind {change.action} without what was before")
    return change
