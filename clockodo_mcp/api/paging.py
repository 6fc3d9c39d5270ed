"""Pages in order, several on the way at a time, and a watch on entries that shift while they are read."""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio
from pyroaring import BitMap64

from clockodo_mcp.api.errors import ShiftedWhileReading
from clockodo_mcp.api.models import EntryPage

AT_A_TIME = 6
"""Requests on the way at once: the one bound for every list."""

T = TypeVar("T")


@dataclass
class _Slot(Generic[T]):
    done: anyio.Event = field(default_factory=anyio.Event)
    value: T | None = None
    error: Exception | None = None


@asynccontextmanager
async def in_order(
    fetch: Callable[[int], Awaitable[T]], numbers: Iterable[int], at_a_time: int = AT_A_TIME
) -> AsyncGenerator[AsyncIterator[T]]:
    """Fetch `numbers` with up to `at_a_time` on the way, and hand the results out in the order of `numbers`.

    Never more than `at_a_time` results are held. A failed fetch is raised in its place; leaving the block ends
    what is on the way.
    """
    waiting = iter(numbers)
    slots: deque[_Slot[T]] = deque()

    async def fill(slot: _Slot[T], number: int) -> None:
        try:
            slot.value = await fetch(number)
        except Exception as error:  # noqa: BLE001 - carried to the one who reads this slot, and raised there
            slot.error = error
        slot.done.set()

    async with anyio.create_task_group() as group:

        def start_next() -> None:
            for number in waiting:
                slots.append(_Slot())
                group.start_soon(fill, slots[-1], number)
                return

        async def results() -> AsyncGenerator[T]:
            for _ in range(at_a_time):
                start_next()
            while slots:
                slot = slots.popleft()
                await slot.done.wait()
                if slot.error is not None:
                    raise slot.error
                start_next()
                assert slot.value is not None
                yield slot.value

        try:
            yield results()
        finally:
            group.cancel_scope.cancel()


class ShiftWatch:
    """Notices that entries moved between pages: the count changed, an id came twice, or some are missing.

    Ids are kept in a compressed bitmap, about two bytes each, so a million cost little memory.
    """

    def __init__(self) -> None:
        self._seen = BitMap64()
        self._count: int | None = None

    def look(self, page: EntryPage) -> None:
        """Take note of one page.

        Raises:
            ShiftedWhileReading: the pages so far do not belong together.
        """
        if self._count is None:
            self._count = page.paging.count_items
        before = len(self._seen)
        self._seen.update(entry.id for entry in page.entries)
        if page.paging.count_items != self._count or len(self._seen) != before + len(page.entries):
            raise ShiftedWhileReading(0)

    def end(self) -> None:
        """After the last page: all that were announced have come.

        Raises:
            ShiftedWhileReading: some are missing.
        """
        if self._count is not None and len(self._seen) != self._count:
            raise ShiftedWhileReading(0)
