"""Pages in order, several on the way at a time, and a watch on entries that shift while they are read."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio
from pyroaring import BitMap64

from clockodo_mcp.api.failures import ShiftedWhileReading
from clockodo_mcp.api.models import EntryPage

AT_A_TIME = 6
"""Requests on the way at once: the one bound for every list."""

AHEAD = 2
"""How many times that may be on the way or waiting to be read."""

T = TypeVar("T")


@dataclass
class _Slot(Generic[T]):
    done: anyio.Event = field(default_factory=anyio.Event)
    value: T | None = None
    error: Exception | None = None


@asynccontextmanager
async def in_order(
    fetch: Callable[[int], Awaitable[T]], numbers: Iterable[int], at_a_time: int = AT_A_TIME, *, ahead: int = AHEAD
) -> AsyncGenerator[AsyncIterator[T]]:
    """Fetch `numbers` with up to `at_a_time` on the way, and hand the results out in the order of `numbers`.

    A slow one does not hold up those behind it, up to `ahead` times `at_a_time` results on the way or unread. A
    failed fetch is raised in its place; leaving the block ends what is on the way.
    """
    slots = {number: _Slot[T]() for number in numbers}
    waiting = iter(list(slots))
    room = anyio.Semaphore(ahead * at_a_time)

    async def work() -> None:
        while True:
            await room.acquire()
            number = next(waiting, None)
            if number is None:
                return
            slot = slots[number]
            try:
                slot.value = await fetch(number)
            except Exception as error:  # noqa: BLE001 - carried to the one who reads this slot, and raised there
                slot.error = error
            slot.done.set()

    failure: Exception | None = None
    async with anyio.create_task_group() as group:

        async def results() -> AsyncGenerator[T]:
            for _ in range(min(at_a_time, len(slots))):
                group.start_soon(work)
            for number in list(slots):
                await slots[number].done.wait()
                slot = slots.pop(number)
                room.release()
                if slot.error is not None:
                    raise slot.error
                assert slot.value is not None
                yield slot.value

        try:
            yield results()
        except Exception as error:  # noqa: BLE001 - raised below: passing the group, it would come out wrapped in one
            failure = error
        finally:
            group.cancel_scope.cancel()
    if failure is not None:
        raise failure


class ShiftWatch:
    """Notices that entries moved between pages: the count changed, an id came twice, or some are missing.

    Ids are kept in a compressed bitmap, about two bytes each, so a million cost little memory. One case
    stays unseen: an entry already read is deleted and another is added further on between two answers.
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
