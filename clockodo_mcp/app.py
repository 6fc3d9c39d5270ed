"""What all calls of one account share, made once and handed on."""

import json
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import anyio
import httpx2

from clockodo_mcp.account.caller import Account
from clockodo_mcp.account.catalogue import Catalog
from clockodo_mcp.account.habits import Habits
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.pacing import Pace, Retries
from clockodo_mcp.config import Settings
from clockodo_mcp.reading.exports import Exports
from clockodo_mcp.writing.journal import Journal
from clockodo_mcp.writing.writer import Writer

VALID = timedelta(hours=1)
"""How long a code is valid."""


@dataclass(frozen=True)
class _Issued:
    """What a code was given for: at which moment, by which call, and to which effect."""

    at: datetime
    call: str
    effect: str
    moment: datetime


class Codes:
    """Gives out codes and takes them back. They end with the process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._issued: dict[str, _Issued] = {}

    def code(self, tool: str, arguments: Mapping[str, Any], effect: str, moment: datetime) -> str:
        """A code for a call with these arguments and this effect; `moment` is the present moment of that call."""
        now = self._now()
        self._issued = {code: one for code, one in self._issued.items() if now - one.at <= VALID}
        code = secrets.token_hex(4)
        self._issued[code] = _Issued(now, _written(tool, arguments), effect, moment)
        return code

    def moment_of(self, code: str, tool: str, arguments: Mapping[str, Any]) -> datetime | None:
        """The moment of a preview: what was shown to end now ends then. None where it is no code of this call."""
        issued = self._issued.get(code)
        fits = issued and issued.call == _written(tool, arguments) and self._now() - issued.at <= VALID
        return issued.moment if issued and fits else None

    def redeem(self, code: str, tool: str, arguments: Mapping[str, Any], effect: str) -> bool:
        """Whether a code was given for this call and this effect, not too long ago, and not used yet."""
        issued = self._issued.get(code)
        if issued is None or self._now() - issued.at > VALID:
            return False
        if (issued.call, issued.effect) != (_written(tool, arguments), effect):
            return False
        del self._issued[code]
        return True


def _written(tool: str, arguments: Mapping[str, Any]) -> str:
    return json.dumps([tool, dict(arguments)], sort_keys=True, default=str)


GRACE = 1.0
"""Seconds that changes under way get to end when the server does; what is left is in the journal."""


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class App:
    """The client, the catalogue, the caller's habits, the journal, the writer, and the clock of one account.

    Making it asks nothing of the network and writes nothing; `opened` is around all its calls. Two of them in one
    process share nothing. `now` tells the time, `clock` seconds to measure ages by, and every pause is a `sleep`.
    `demo` is set where the data are samples.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        clock: Callable[[], float] = anyio.current_time,
        pace: Pace | None = None,
        retries: Retries = Retries(),
    ) -> None:
        self.settings = settings
        self.now = now
        self.demo = transport is not None
        folder = None if self.demo else settings.mcp_data_dir
        shared = pace or Pace(shared=folder / f"requests-{settings.account_key}.db" if folder else None)
        self.clockodo = Clockodo(settings, transport=transport, pace=shared, retries=retries, now=now, sleep=sleep)
        self.account = Account(self.clockodo, settings)
        self.catalog = Catalog(self.clockodo, clock)
        self.habits = Habits(self.clockodo, self.account, now, clock)
        kept = folder / f"changes-{settings.account_key}.db" if folder and settings.journal else None
        self.journal = Journal(kept, now)
        self.codes = Codes(now)
        self.exports = Exports(self.clockodo, self.catalog, settings.export_dir)
        self._sleep = sleep
        self._clock = clock
        self._writer: Writer | None = None

    @property
    def writer(self) -> Writer:
        """Sends changes, each exactly once. Only while the app is open."""
        assert self._writer is not None, "an App writes while it is open"
        return self._writer

    @asynccontextmanager
    async def opened(self, grace: float = GRACE) -> AsyncGenerator[Self]:
        """Hold what calls need. At the end changes under way get `grace` seconds; what is left is in the journal."""
        # The journal outside of the group: what is under way writes to it until the last task has ended.
        async with self.clockodo, self.journal, anyio.create_task_group() as group:
            self._writer = Writer(
                self.clockodo,
                self.account,
                self.journal,
                group,
                timeout=self.settings.timeout,
                sleep=self._sleep,
                clock=self._clock,
            )
            try:
                yield self
            finally:
                await self.writer.finish(within=grace)
                self._writer = None
                group.cancel_scope.cancel()
