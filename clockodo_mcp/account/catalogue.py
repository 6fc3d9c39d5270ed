"""The catalogue: customers, projects, services, people. Kept for minutes, asked again for an unknown name or id."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import anyio

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import Customer, Entry, LumpsumServiceEntry, Named, Project, Service, Subproject
from clockodo_mcp.domain.names import Match, Names

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


N = TypeVar("N", bound=Named)


class CatalogList(Generic[N]):
    """One list of the catalogue. Fetched for names only; an id is taken as it stands."""

    def __init__(self, fetch: Callable[[], Awaitable[list[N]]], argument: str, clock: Callable[[], float]) -> None:
        self.argument = argument
        self._fetch = fetch
        self._names = Cached(self._index, clock)

    async def _index(self) -> Names[N]:
        return Names(await self._fetch())

    async def names(self, *, fresh: bool = False) -> Names[N]:
        """The list, ready for words to be looked up in."""
        return await self._names.get(fresh=fresh)

    async def all(self) -> list[N]:
        """Every object, closed ones too."""
        return list((await self.names()).items)

    async def matches(self, word: str, among: Callable[[N], bool] | None = None) -> Match[N]:
        """What a word fits best; a list in memory is fetched again before a word is unknown."""
        remembered = self._names.remembered
        found = (await self.names()).matches(word, among)
        if not found.items and remembered:
            found = (await self.names(fresh=True)).matches(word, among)
        return found

    async def by_id(self, id: int) -> N | None:
        """The object with this id, None where it is not visible; asked again once where it is not known yet."""
        remembered = self._names.remembered
        found = (await self.names()).by_id(id)
        return (await self.names(fresh=True)).by_id(id) if found is None and remembered else found


class Catalog:
    """The lists that names are looked up in."""

    def __init__(self, clockodo: Clockodo, clock: Callable[[], float] = anyio.current_time) -> None:
        self.customers = CatalogList(clockodo.customers, "customer", clock)
        self.projects = CatalogList(clockodo.projects, "project", clock)
        self.subprojects = CatalogList(clockodo.subprojects, "subproject", clock)
        self.services = CatalogList(clockodo.services, "service", clock)
        self.lumpsum_services = CatalogList(clockodo.lumpsum_services, "lumpsum_service", clock)
        self.users = CatalogList(clockodo.users, "user", clock)
        self._paths: tuple[Names[Project], Names[Customer], Names[Project]] | None = None

    async def paths(self) -> Names[Project]:
        """The projects, looked up also by words of their customer: `Acme Relaunch`."""
        projects, customers = await self.projects.names(), await self.customers.names()
        if self._paths is None or self._paths[:2] != (projects, customers):
            self._paths = (projects, customers, Names(projects.items, owner=lambda one: owner_of(one, customers)))
        return self._paths[2]

    async def named(self, entries: list[Entry]) -> list[Entry]:
        """The same entries, those with a lump sum service by its name, which no list of entries carries."""
        return [await self._named(entry) for entry in entries]

    async def with_names(self, entry: Entry) -> Entry:
        """The same entry with the names of what it is on, as far as they are missing: a request for each such list."""
        lists: tuple[CatalogList[Customer] | CatalogList[Project] | CatalogList[Subproject] | CatalogList[Service], ...]
        names: dict[str, str] = {}
        lists = (self.customers, self.projects, self.subprojects, self.services)
        for one in lists:
            id = getattr(entry, f"{one.argument}s_id", None)
            if id is not None and getattr(entry, f"{one.argument}s_name", None) is None:
                found = await one.by_id(id)
                names |= {f"{one.argument}s_name": found.name} if found else {}
        return await self._named(entry.model_copy(update=names))

    async def _named(self, entry: Entry) -> Entry:
        if not isinstance(entry, LumpsumServiceEntry) or entry.services_name:
            return entry
        service = await self.lumpsum_services.by_id(entry.lumpsum_services_id)
        return entry.model_copy(update={"services_name": service.name, "unit": service.unit}) if service else entry


def owner_of(project: Project, customers: Names[Customer]) -> str:
    """The name of a project's customer; empty where this account may not see it."""
    customer = customers.by_id(project.customers_id)
    return customer.name if customer else ""
