"""What is fetched at the first need and kept for minutes."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import anyio

CACHED = 300.0
"""Seconds that something is cached."""

T = TypeVar("T")


class Cached(Generic[T]):
    """One value, fetched once however many wait for it, and again after `CACHED` seconds."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = anyio.Lock()
        self._until = float("-inf")
        self._value: T | None = None

    @property
    def remembered(self) -> bool:
        """Whether the next `get` needs no request."""
        return self._value is not None and self._clock() < self._until

    async def get(self, *, fresh: bool = False) -> T:
        """The value, from memory where it is young enough. What `fetch` raises is raised, and nothing is kept."""
        async with self._lock:
            if self._value is None or fresh or not self.remembered:
                self._value = await self._fetch()
                self._until = self._clock() + CACHED
            return self._value
