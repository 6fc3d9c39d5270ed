"""When to send: Clockodo's request windows, and how long to wait before a read is tried again."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from pyrate_limiter import Duration, Limiter, Rate

from clockodo_mcp.api.errors import ClockodoError, TooManyRequests

PUBLISHED_LIMITS = (
    Rate(900, Duration.MINUTE),
    Rate(2_250, 15 * Duration.MINUTE),
    Rate(4_500, Duration.HOUR),
    Rate(20_000, Duration.DAY),
)
"""Requests per user. Source: OpenAPI, "Rate limits"."""


class Pace:
    """Keeps the request windows on our side, so that the server seldom has to say 429."""

    def __init__(self, limits: Sequence[Rate] = PUBLISHED_LIMITS) -> None:
        self._limiter = Limiter(list(limits)) if limits else None

    async def wait(self) -> None:
        """Return when one more request fits into every window."""
        if self._limiter is not None:
            await self._limiter.try_acquire_async("clockodo")


@dataclass(frozen=True)
class Retries:
    """How often and how long a read is tried: `attempts` in all, `total` seconds of waiting in all."""

    attempts: int = 4
    first: float = 0.4
    longest: float = 20.0
    total: float = 45.0

    def pause(self, failed: int, error: ClockodoError, waited: float, chance: random.Random) -> float | None:
        """Seconds before the next attempt after `failed` attempts; None when it is time to give up.

        Exponential with full jitter above half, so that several clients do not return together; a `Retry-After`
        is a lower bound and is kept exactly.
        """
        if not error.retryable or failed >= self.attempts:
            return None
        pause = min(self.longest, self.first * 2 ** (failed - 1)) * chance.uniform(0.5, 1.0)
        if isinstance(error, TooManyRequests) and error.retry_after is not None:
            pause = max(pause, error.retry_after)
        return pause if waited + pause <= self.total else None
