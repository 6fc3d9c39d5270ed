"""The desk: what a tool is handed to do its work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from clockodo_mcp.account.caller import Account
from clockodo_mcp.account.catalogue import Catalog
from clockodo_mcp.account.codes import Codes
from clockodo_mcp.account.habits import Habits
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.reading.exports import Exports
from clockodo_mcp.writing.journal import Journal
from clockodo_mcp.writing.writer import Writer


@dataclass(frozen=True)
class Desk:
    """The client, the account, the catalogue, the caller's habits, the writer with its journal, and the clock.

    `demo` is set where the data are samples, `read_only` where no tool writes; `confirm` says when the person is asked
    before a write, `undoable` whether changes can be undone by their id.
    """

    clockodo: Clockodo
    account: Account
    catalog: Catalog
    habits: Habits
    writer: Writer
    journal: Journal
    codes: Codes
    exports: Exports
    now: Callable[[], datetime]
    demo: bool = False
    read_only: bool = False
    undoable: bool = True
    confirm: Literal["auto", "always", "never"] = "auto"
