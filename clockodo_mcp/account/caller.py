"""Who is calling: time zone, week start, edit lock. Asked once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import anyio

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import User
from clockodo_mcp.errors import ClockodoMcpError


class UnknownZone(ClockodoMcpError):
    """The account names a time zone that this machine does not know."""


class Account:
    """The caller as `users/me` tells it, fetched at the first need."""

    def __init__(self, clockodo: Clockodo, timezone: str) -> None:
        self._clockodo = clockodo
        self._timezone = timezone
        self._lock = anyio.Lock()
        self._caller: Caller | None = None

    async def caller(self) -> "Caller":
        """The caller; one request in the life of the server.

        Raises:
            ClockodoError: the request failed; the next call asks again.
            UnknownZone: no such time zone here.
        """
        async with self._lock:
            if self._caller is None:
                user = await self._clockodo.me()
                self._caller = Caller(user, _zone(self._timezone or user.timezone))
            return self._caller


class Caller:
    """The person whose key this is."""

    def __init__(self, user: User, zone: ZoneInfo) -> None:
        self.user = user
        self.zone = zone

    @property
    def id(self) -> int:
        """The caller's user id."""
        return self.user.id

    @property
    def edit_lock(self) -> date | None:
        """The day up to which entries cannot be changed."""
        return self.user.edit_lock

    def today(self, now: datetime) -> date:
        """The local date of a moment."""
        return now.astimezone(self.zone).date()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):
        raise UnknownZone(
            f"The account's time zone {name!r} is unknown here. Set CLOCKODO_TIMEZONE, for example to Europe/Berlin."
        ) from None
