"""What is fetched at the first need and kept for minutes; and reads that run at the same time."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import anyio

KEPT = 300.0
"""Seconds that something is kept."""

T = TypeVar("T")


class Kept(Generic[T]):
    """One value, fetched once however many wait for it, and again after `KEPT` seconds."""

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
                self._until = self._clock() + KEPT
            return self._value


async def at_once(*reads: Callable[[], Awaitable[object]]) -> None:
    """Run independent reads at the same time. The first failure is raised alone, not in a group."""
    failures: list[Exception] = []

    async def run(read: Callable[[], Awaitable[object]]) -> None:
        try:
            await read()
        except Exception as error:  # noqa: BLE001 - raised below: passing the group, it would come out wrapped in one
            failures.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for read in reads:
            group.start_soon(run, read)
    if failures:
        raise failures[0]
