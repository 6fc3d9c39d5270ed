"""The desk: what a tool is handed to do its work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.services.account import Account
from clockodo_mcp.services.catalog import Catalog


@dataclass(frozen=True)
class Desk:
    """The client, the account, the catalogue and the clock of one server."""

    clockodo: Clockodo
    account: Account
    catalog: Catalog
    now: Callable[[], datetime]
