"""The desk: what a tool is handed to do its work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.services.account import Account
from clockodo_mcp.services.catalog import Catalog
from clockodo_mcp.services.habits import Habits


@dataclass(frozen=True)
class Desk:
    """The client, the account, the catalogue, the caller's habits and the clock of one server.

    `demo` is set where the data are samples, `read_only` where no tool writes.
    """

    clockodo: Clockodo
    account: Account
    catalog: Catalog
    habits: Habits
    now: Callable[[], datetime]
    demo: bool = False
    read_only: bool = False
