"""When to send: Clockodo's request windows, and how long to wait before a read is tried again."""

import logging
import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import anyio

from clockodo_mcp.api.failures import ClockodoError, TooManyRequests, WindowsFull

if TYPE_CHECKING:
    from pyrate_limiter import Limiter

log = logging.getLogger(__name__)


class Window(NamedTuple):
    """So many requests in any so many seconds."""

    requests: int
    seconds: int


PUBLISHED_LIMITS = (Window(900, 60), Window(2_250, 900), Window(4_500, 3_600), Window(20_000, 86_400))
"""Requests per user. Source: OpenAPI, "Rate limits"."""


LOCKED = 0.5
"""Seconds that another process may hold the shared windows."""


class Pace:
    """Keeps the request windows on our side, so that the server seldom has to say 429.

    `shared` is a file through which several processes of one account share the windows. What counts are the requests
    that were sent, so a process that dies leaves nothing behind. Where the file cannot be used, this process counts
    its own requests.
    """

    def __init__(self, limits: Sequence[Window] = PUBLISHED_LIMITS, *, shared: Path | None = None) -> None:
        self._limits = limits
        self._shared = shared
        self._limiter: Limiter | None = None

    async def wait(self, at_most: float | None = None) -> None:
        """Return when one more request fits into every window, and count it.

        Raises:
            WindowsFull: that takes over `at_most` seconds.
        """
        if not self._limits:
            return
        if self._limiter is None:
            self._limiter = self._opened(self._shared)
        free = False
        # The limiter's own timeout is two timers, and now and then leaves a task behind that failed unheard.
        with anyio.move_on_after(at_most):
            try:
                free = await self._limiter.try_acquire_async("clockodo")
            except (sqlite3.Error, TimeoutError):
                log.warning("request windows are not shared with other processes", exc_info=True)
                self._limiter = self._opened(None)
                free = await self._limiter.try_acquire_async("clockodo")
        if not free:
            raise WindowsFull(0)

    def _opened(self, shared: Path | None) -> "Limiter":
        # At the first request: a host waits for the list of tools, and to load these takes some 20 ms.
        from filelock import BaseFileLock  # noqa: PLC0415 - as above
        from pyrate_limiter import Limiter, Rate, SQLiteBucket  # noqa: PLC0415 - as above

        limits = [Rate(one.requests, 1000 * one.seconds) for one in self._limits]
        if shared is not None:
            try:
                shared.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                bucket = SQLiteBucket.init_from_file(limits, db_path=str(shared), use_file_lock=True)
                # The lock is taken on the event loop: a process that holds it for longer is not waited for.
                lock: object = bucket.lock
                if isinstance(lock, BaseFileLock):
                    lock.timeout = LOCKED
                return Limiter(bucket)
            except (OSError, sqlite3.Error):
                log.warning("request windows are not shared with other processes", exc_info=True)
        return Limiter(limits)


class Patience:
    """The seconds that one request may still take in all: its attempts, between them, for its place in the windows."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    def spend(self, seconds: float) -> None:
        """Some of it has passed."""
        self.left = max(0.0, self.left - seconds)


@dataclass(frozen=True)
class Retries:
    """How often and how long a request is tried: `attempts` in all, `total` seconds in all.

    A minute is enough for the shortest request window to pass; many hosts wait for a tool no longer.
    """

    attempts: int = 4
    first: float = 0.4
    longest: float = 20.0
    total: float = 60.0

    def pause(self, failed: int, error: ClockodoError, chance: random.Random) -> float | None:
        """Seconds before the next attempt after `failed` attempts; None when it is time to give up.

        Exponential with full jitter above half, so that several clients do not return together; a `Retry-After`
        is a lower bound and is kept exactly.
        """
        if not error.retryable or failed >= self.attempts:
            return None
        pause: float = min(self.longest, self.first * 2 ** (failed - 1)) * chance.uniform(0.5, 1.0)
        if isinstance(error, TooManyRequests) and error.retry_after is not None:
            pause = max(pause, error.retry_after)
        return pause
