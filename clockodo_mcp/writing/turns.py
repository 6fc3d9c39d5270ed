"""Whose turn it is to write: one call at a time, and none on what it has read before another one wrote.

A call reads without a turn, however long a person takes to answer. With its first write it takes its turn; where
another call has written meanwhile, what it has read may be old, and it is told to look again from the top.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio


class Stale(Exception):
    """Another call has written since this one began to read. Nothing was done; the call is to read again."""


@dataclass(eq=False)
class Turn:
    """What a call has seen: `seen` calls had written when it began to read; None where it reads nothing before."""

    seen: int | None = None


class Turns:
    """The turns of one account in this process."""

    def __init__(self) -> None:
        self._written = 0
        self._free = anyio.Semaphore(1)
        self._holder: Turn | None = None
        self._held = 0

    def begin(self) -> Turn:
        """For a call that begins to read now."""
        return Turn(self._written)

    @asynccontextmanager
    async def taken(self, turn: Turn) -> AsyncGenerator[None]:
        """While a call writes. Within its turn it may write as often as it likes, also several at a time.

        Raises:
            Stale: another call has written since it began.
        """
        if self._holder is not turn:
            await self._free.acquire()
            if turn.seen not in (None, self._written):
                self._free.release()
                raise Stale
            # What it writes later it does not write on old knowledge: it has planned all of it by now.
            self._holder, turn.seen = turn, None
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            if not self._held:
                self._holder = None
                self._written += 1
                self._free.release()
