"""A clock that nobody has to wait for."""

from datetime import datetime, timedelta

import anyio

STEP = 0.001
"""Seconds that pass with each look at the clock: two moments are never the same."""


class WalkingClock:
    """A clock that walks on with each look and by the whole of each pause; a pause takes no real time.

    `sleep` is the pause of whoever lives by this clock: it moves the clock. `held` is for the other side of a line: it
    lasts until pauses have taken that long.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._passed = 0.0
        self._held: dict[anyio.Event, float] = {}
        self._holds = anyio.Event()

    def now(self) -> datetime:
        """The present moment."""
        return self._start + timedelta(seconds=self.seconds())

    def seconds(self) -> float:
        """Seconds since the start."""
        self._passed += STEP
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """A pause: others have their turn before and after the clock moves. Pauses at the same time overlap."""
        until = self._passed + seconds
        await anyio.lowlevel.checkpoint()
        self._pass_until(until)
        await anyio.lowlevel.checkpoint()

    async def held(self, seconds: float) -> None:
        """Wait until the clock has been moved that far."""
        due = anyio.Event()
        self._held[due] = self._passed + seconds
        self._holds.set()
        try:
            await due.wait()
        finally:
            del self._held[due]

    async def until_somebody_is_held(self) -> None:
        """Return when somebody waits in `held`."""
        while not self._held:
            self._holds = anyio.Event()
            await self._holds.wait()

    def pass_by(self, seconds: float) -> None:
        """Time passes, for no reason of the server's."""
        self._pass_until(self._passed + seconds)

    def let_go(self) -> None:
        """As much time passes as anybody is held."""
        self._pass_until(max([self._passed, *self._held.values()]))

    def begin_again(self) -> None:
        """It is the start again."""
        self._passed = 0.0

    def _pass_until(self, moment: float) -> None:
        self._passed = max(self._passed, moment)
        for due, at in self._held.items():
            if at <= self._passed:
                due.set()
