"""The catalogue: customers, projects, services, people. Kept for minutes, asked again for an unknown name."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import anyio

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import (
    Customer,
    Entry,
    LumpsumService,
    LumpsumServiceEntry,
    Named,
    Project,
    Service,
    Subproject,
    User,
)
from clockodo_mcp.domain.names import NoSuchObject, find

KEPT = 300.0
"""Seconds that a list is kept."""

N = TypeVar("N", bound=Named)


class Kept(Generic[N]):
    """One list of the catalogue, fetched at the first need and kept for `KEPT` seconds."""

    def __init__(self, fetch: Callable[[], Awaitable[list[N]]], argument: str, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._argument = argument
        self._clock = clock
        self._lock = anyio.Lock()
        self._items: list[N] = []
        self._until = float("-inf")

    async def all(self, *, fresh: bool = False) -> list[N]:
        """Every object, from memory where it is young enough."""
        async with self._lock:
            if fresh or self._clock() >= self._until:
                self._items = await self._fetch()
                self._until = self._clock() + KEPT
            return self._items

    async def find(self, word: str, among: Callable[[N], bool] = lambda _: True) -> N:
        """The object that an exact name or number means; an unknown one refreshes the list before it is refused.

        Raises:
            NoSuchObject, SeveralObjects: with the choices.
        """
        remembered = self._clock() < self._until
        try:
            return find(word, [item for item in await self.all() if among(item)], argument=self._argument)
        except NoSuchObject:
            if not remembered:
                raise
            return find(word, [item for item in await self.all(fresh=True) if among(item)], argument=self._argument)

    async def id_of(self, word: str, among: Callable[[N], bool] = lambda _: True) -> int:
        """An id as it stands, without a request; anything else by its name."""
        return int(word) if is_id(word) else (await self.find(word, among)).id

    async def by_id(self, id: int) -> N | None:
        """The object with this id, None where it is not visible; asked again once where it is not known yet."""
        remembered = self._clock() < self._until
        for fresh in (False, True):
            if fresh and not remembered:
                break
            for item in await self.all(fresh=fresh):
                if item.id == id:
                    return item
        return None


def is_id(word: str) -> bool:
    """Whether a word is an id rather than a name."""
    return word.isascii() and word.isdigit() and len(word) <= 18


class Catalog:
    """The lists that names are looked up in."""

    def __init__(self, clockodo: Clockodo, clock: Callable[[], float] = anyio.current_time) -> None:
        self.customers: Kept[Customer] = Kept(clockodo.customers, "customer", clock)
        self.projects: Kept[Project] = Kept(clockodo.projects, "project", clock)
        self.subprojects: Kept[Subproject] = Kept(clockodo.subprojects, "subproject", clock)
        self.services: Kept[Service] = Kept(clockodo.services, "service", clock)
        self.lumpsum_services: Kept[LumpsumService] = Kept(clockodo.lumpsum_services, "lumpsum_service", clock)
        self.users: Kept[User] = Kept(clockodo.users, "user", clock)

    async def named(self, entries: list[Entry]) -> list[Entry]:
        """The same entries, those with a lump sum service by its name, which no list of entries carries."""
        return [await self._named(entry) for entry in entries]

    async def _named(self, entry: Entry) -> Entry:
        if not isinstance(entry, LumpsumServiceEntry) or entry.services_name:
            return entry
        service = await self.lumpsum_services.by_id(entry.lumpsum_services_id)
        return entry.model_copy(update={"services_name": service.name}) if service else entry
