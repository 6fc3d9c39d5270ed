"""Whose turn it is to write: one call at a time, and none on what it has read before another one wrote.

A call reads without a turn. With its first write it takes its turn; where another call has written meanwhile, what it
has read may be old, and it looks again from the top, now in its turn, so that nobody overtakes it a second time. Only
for a question to a person it lets others go first.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio


class Stale(Exception):
    """Another call has written since this one began to read. Nothing was done; the call is to read again."""


@dataclass(eq=False)
class Turn:
    """What a call has seen: `seen` calls had written when it began to read; None where it reads nothing before.

    `reads` says that it has its turn and has written nothing in it so far.
    """

    seen: int | None = None
    reads: bool = False


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

    def is_old(self, turn: Turn) -> bool:
        """Whether another call has written since this one began to read, or writes now."""
        others = self._holder is not None and not self._holder.reads
        return turn.seen is not None and self._holder is not turn and (others or turn.seen != self._written)

    @asynccontextmanager
    async def reading(self, turn: Turn) -> AsyncGenerator[None]:
        """While a call reads in its turn. It ends with what the call writes first, or here."""
        await self._free.acquire()
        self._holder, turn.seen, turn.reads = turn, self._written, True
        try:
            yield
        finally:
            self.let_others(turn)

    def let_others(self, turn: Turn) -> None:
        """Give a turn up in which nothing was written: the call has ended, or waits for a person and looks again."""
        if turn.reads:
            self._holder, turn.reads = None, False
            self._free.release()

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
            self._holder = turn
        # What it writes later it does not write on old knowledge: it has planned all of it by now.
        turn.seen, turn.reads = None, False
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            if not self._held:
                self._holder = None
                self._written += 1
                self._free.release()
