"""What the caller usually books: their own entries of the last 90 days, kept for minutes like the catalogue."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio

from clockodo_mcp.account.caller import Account
from clockodo_mcp.account.catalogue import Cached
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import Entry, EntryQuery

HABIT_DAYS = 90
"""How far back entries tell what is usual."""

HABIT_SHARE = 0.75
"""The share of entries that must agree before their service is taken."""


@dataclass(frozen=True, slots=True)
class Use:
    """One entry of the caller: where, which kind of work, when, and whether revenue came with it."""

    id: int
    customers_id: int
    projects_id: int | None
    services_id: int | None
    names: tuple[str, ...]
    time_since: datetime
    priced: bool


class Habits:
    """The caller's own recent entries."""

    def __init__(
        self,
        clockodo: Clockodo,
        account: Account,
        now: Callable[[], datetime],
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        self._clockodo = clockodo
        self._account = account
        self._now = now
        self._kept = Cached(self._read, clock)

    async def uses(self, days: int = HABIT_DAYS) -> list[Use]:
        """The entries that began in the last `days` days, at most 90. One request, more for over 1,000 entries."""
        since = self._now() - timedelta(days=days)
        return [use for use in await self._kept.get() if use.time_since >= since]

    async def _read(self) -> list[Use]:
        now, caller = self._now(), await self._account.caller()
        asked = EntryQuery(
            time_since=now - timedelta(days=HABIT_DAYS), time_until=now, users_id=caller.id, enhanced_list=True
        )

        def take(uses: list[Use], entries: list[Entry]) -> list[Use]:
            return uses + [use_of(entry) for entry in entries]

        return await self._clockodo.fold_entries(asked, list[Use], take)


def use_of(entry: Entry) -> Use:
    """What an entry says about habits. A lump sum service is none: it is sold, not worked."""
    names = (entry.customers_name, entry.projects_name, None if entry.kind == "service" else entry.services_name)
    return Use(
        entry.id,
        entry.customers_id,
        entry.projects_id,
        None if entry.kind == "service" else entry.services_id,
        tuple(name for name in names if name),
        entry.time_since,
        entry.revenue is not None,
    )


def usual_service(uses: Iterable[Use]) -> tuple[int, int, int] | None:
    """The service that at least three quarters agree on, how many do, and of how many; None where they do not."""
    counted = Counter(use.services_id for use in uses if use.services_id is not None)
    if not counted:
        return None
    services_id, times = counted.most_common(1)[0]
    return (services_id, times, counted.total()) if times >= HABIT_SHARE * counted.total() else None
