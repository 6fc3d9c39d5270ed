"""When to send: Clockodo's request windows, and how long to wait before a read is tried again."""

import logging
import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import anyio
from anyio import to_thread

from clockodo_mcp.api.failures import ClockodoError, TooManyRequests, WindowsFull

if TYPE_CHECKING:
    from pyrate_limiter import Limiter, Rate

log = logging.getLogger(__name__)


class Window(NamedTuple):
    """So many requests in any so many seconds."""

    requests: int
    seconds: int


PUBLISHED_LIMITS = (Window(900, 60), Window(2_250, 900), Window(4_500, 3_600), Window(20_000, 86_400))
"""Requests per user. Source: OpenAPI, "Rate limits"."""


LOCKED = 0.5
"""Seconds that another process may hold the shared windows."""

TABLE = "rate_bucket"
"""As the limiter calls it: files of older versions go on."""


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
        self._opening = anyio.Lock()

    async def wait(self, at_most: float | None = None) -> None:
        """Return when one more request fits into every window, and count it.

        Raises:
            WindowsFull: that takes over `at_most` seconds.
        """
        if not self._limits:
            return
        # The limiter's own timeout is two timers, and now and then leaves a task behind that failed unheard.
        with anyio.move_on_after(at_most):
            while not await self._counted():
                # Another process holds the file, or it cannot be used: the limiter says no more than that.
                self._alone("another process holds their file")
            return
        raise WindowsFull(0)

    async def _counted(self) -> bool:
        async with self._opening:
            limiter = self._limiter or await self._opened()
        try:
            return await limiter.try_acquire_async("clockodo")
        except sqlite3.Error as error:
            self._alone(error)
            return await self._counted()

    async def _opened(self) -> "Limiter":
        if self._shared is not None:
            try:
                # In a thread: where another process holds the file, nothing else waits for it.
                self._limiter = await to_thread.run_sync(_shared_limiter, self._limits, self._shared)
            except (OSError, sqlite3.Error) as error:
                self._alone(error)
        return self._limiter or self._alone("")

    def _alone(self, why: object) -> "Limiter":
        """Count only what this process sends."""
        from pyrate_limiter import Limiter  # noqa: PLC0415 - as in `_shared_limiter`

        if why:
            log.warning("request windows are not shared with other processes: %s", why)
        if self._limiter is not None:
            self._limiter.close()
        self._shared, self._limiter = None, Limiter(_rates(self._limits))
        return self._limiter


def _rates(limits: Sequence[Window]) -> "list[Rate]":
    from pyrate_limiter import Rate  # noqa: PLC0415 - as in `_shared_limiter`

    return [Rate(one.requests, 1000 * one.seconds) for one in limits]


def _shared_limiter(limits: Sequence[Window], shared: Path) -> "Limiter":
    # At the first request: a host waits for the list of tools, and to load these takes some 20 ms.
    from filelock import FileLock  # noqa: PLC0415 - as above
    from pyrate_limiter import Limiter, SQLiteBucket, SQLiteQueries  # noqa: PLC0415 - as above

    class Bucket(SQLiteBucket):
        """One whose old requests are forgotten later where another process holds the file."""

        def leak(self, current_timestamp: int | None = None) -> int:
            try:
                return int(super().leak(current_timestamp))
            except (TimeoutError, sqlite3.Error):
                return 0

    shared.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # As the library opens its file by itself, but not longer than this waiting for others.
    lock = FileLock(f"{shared}.lock", timeout=LOCKED)
    with lock:
        connection = sqlite3.connect(shared, timeout=LOCKED, check_same_thread=False, isolation_level="DEFERRED")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(SQLiteQueries.CREATE_BUCKET_TABLE.format(table=TABLE))
        index = {"index_name": f"idx_{TABLE}_rate_item_timestamp", "table_name": TABLE}
        connection.execute(SQLiteQueries.CREATE_INDEX_ON_TIMESTAMP.format(**index))
        connection.commit()
    return Limiter(Bucket(_rates(limits), connection, TABLE, lock=lock))


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
