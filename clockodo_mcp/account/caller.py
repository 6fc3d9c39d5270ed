"""Who is calling: time zone, week start, edit lock. Asked once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import anyio
from anyio import to_thread

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.failures import ClockodoError, NotFound, Unavailable, Unusable
from clockodo_mcp.api.models import User
from clockodo_mcp.config import DEFAULT_BASE_URL, MisconfiguredError, Settings
from clockodo_mcp.domain.moments import zone_of
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.speech import say


class UnknownZone(ClockodoMcpError):
    """The account, or the environment, names a time zone that this machine does not know."""

    def __init__(self, name: str, whose: str) -> None:
        super().__init__(
            say(
                "{whose} is {name}, which is unknown here. Set CLOCKODO_TIMEZONE, for example to Europe/Berlin, and "
                "restart the server.",
                whose=whose,
                name=repr(name),
            )
        )


class WrongAddress(ClockodoMcpError):
    """What answers at the address is not the API."""

    def __init__(self, base_url: str) -> None:
        super().__init__(
            say(
                "The Clockodo API does not answer at {address}. Check CLOCKODO_BASE_URL (by default {default}), then "
                "restart the server.",
                address=base_url,
                default=DEFAULT_BASE_URL,
            )
        )


class Account:
    """The caller as `users/me` tells it, fetched at the first need."""

    def __init__(self, clockodo: Clockodo, settings: Settings) -> None:
        self._clockodo = clockodo
        self._settings = settings
        self._lock = anyio.Lock()
        self._caller: Caller | None = None

    async def caller(self) -> "Caller":
        """The caller; one request in the life of the server.

        Raises:
            MisconfiguredError: a setting is wrong.
            NoKeychain: the key cannot be had from there.
            ClockodoError: the request failed; the next call asks again.
            WrongAddress: nobody there knows callers.
            UnknownZone: no such time zone here.
        """
        if self._settings.wrong:
            raise MisconfiguredError(self._settings.wrong)
        async with self._lock:
            if self._caller is None:
                key = self._settings.api_key
                if not key.is_known:
                    await to_thread.run_sync(key.read)  # somebody may be asked for a password meanwhile
                try:
                    user = await self._clockodo.me()
                except ClockodoError as error:
                    if self._is_elsewhere(error):
                        raise WrongAddress(self._settings.base_url) from error
                    raise
                self._caller = Caller(user, _zone(self._settings, user))
            return self._caller

    def _is_elsewhere(self, error: ClockodoError) -> bool:
        """Whether what answers is not the API: it knows no callers, or is a page where another address was set."""
        a_page = 200 <= error.status < 300 and self._settings.base_url != DEFAULT_BASE_URL
        return isinstance(error, NotFound | Unusable) or (isinstance(error, Unavailable) and a_page)


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

    @property
    def sees_everybody(self) -> bool:
        """Whether all entries of others are certain to be visible. Source: the roles of users in the OpenAPI."""
        return self.user.role in ("owner", "manager")

    def today(self, now: datetime) -> date:
        """The local date of a moment."""
        return now.astimezone(self.zone).date()


def _zone(settings: Settings, user: User) -> ZoneInfo:
    name = settings.timezone or user.timezone
    zone = zone_of(name)
    if zone is None:
        raise UnknownZone(name, "CLOCKODO_TIMEZONE" if settings.timezone else say("The account's time zone"))
    return zone
