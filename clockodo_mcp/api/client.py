"""The client: one method per endpoint, in the endpoint's own words. How a request is sent is told in `session`."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

import anyio

from clockodo_mcp.api.failures import ShiftedWhileReading
from clockodo_mcp.api.models import (
    CatalogPage,
    Customer,
    Deleted,
    Entry,
    EntryChange,
    EntryGroup,
    EntryGroups,
    EntryPage,
    EntryQuery,
    LumpsumService,
    Me,
    NewEntry,
    OneEntry,
    Project,
    Service,
    Subproject,
    User,
)
from clockodo_mcp.api.models.clock import (
    Absence,
    Absences,
    Clock,
    ClockMoved,
    ClockStart,
    TargetHours,
    TargetHoursList,
    UsersNonbusinessDays,
)
from clockodo_mcp.api.paging import AHEAD, ShiftWatch, in_order
from clockodo_mcp.api.session import Request, Session
from clockodo_mcp.api.wire import Scalar, query, utc

ENTRIES_PER_PAGE = 1_000
CATALOG_PER_PAGE = 1_000
"""Asked for; what `paging` answers is believed. The list of users takes up to 1,000, the others 5,000 (OpenAPI)."""

READINGS = 3
"""How often all pages are read before `ShiftedWhileReading` is said."""

T = TypeVar("T")
A = TypeVar("A")


class Clockodo(Session):
    """An asynchronous client of the Clockodo REST API for one account: a `Session` that knows the endpoints.

    `str()` of every error it raises is safe to show.
    """

    # Entries

    async def entries(self, asked: EntryQuery, *, page: int = 1, items_per_page: int = ENTRIES_PER_PAGE) -> EntryPage:
        """One page of the entries of a span of time.

        `GET /v2/entries`. `page` from 1, `items_per_page` up to 1,000; believe the answer's `paging`.
        Source: seed document, "List entries"; OpenAPI `getEntriesV2`.
        """
        plain: dict[str, Scalar | None] = {
            "time_since": utc(asked.time_since),
            "time_until": utc(asked.time_until),
            "enhanced_list": asked.enhanced_list,
            "calc_also_revenues_for_projects_with_hard_budget": asked.calc_also_revenues_for_projects_with_hard_budget,
            "page": page,
            "items_per_page": items_per_page,
        }
        pairs = query(plain, filters=asked.filters())
        return await self.send(Request("GET", "/v2/entries", EntryPage.read, pairs))

    @asynccontextmanager
    async def entry_pages(
        self, asked: EntryQuery, *, items_per_page: int = ENTRIES_PER_PAGE, ahead: int = AHEAD
    ) -> AsyncGenerator[AsyncIterator[EntryPage]]:
        """All pages in order, several on the way at a time, in constant memory: `ahead` as `in_order` takes it.

        Raises (while iterating):
            ShiftedWhileReading: entries moved between pages; what was yielded does not belong together.
                `fold_entries` reads again by itself.
        """
        first = await self.entries(asked, items_per_page=items_per_page)
        # The size that was answered keeps later pages aligned with the first where the server chose another one.
        size = first.paging.items_per_page
        numbers = range(2, first.paging.count_pages + 1)

        async def fetch(page: int) -> EntryPage:
            return await self.entries(asked, page=page, items_per_page=size)

        async with in_order(fetch, numbers, ahead=ahead) as rest:

            async def watched() -> AsyncGenerator[EntryPage]:
                watch = ShiftWatch()
                watch.look(first)
                yield first
                async for page in rest:
                    watch.look(page)
                    yield page
                watch.end()

            yield watched()

    async def fold_entries(
        self,
        asked: EntryQuery,
        begin: Callable[[], A],
        take: Callable[[A, list[Entry]], A],
        *,
        times: int = READINGS,
        told: Callable[[int, int], Awaitable[None]] | None = None,
    ) -> A:
        """Read every entry once and fold them page by page: `begin()` makes an empty result, `take` adds a page.

        Where entries shift between pages, the half-made result is dropped and all is read again. After each page
        `told` hears how many entries are read, and of how many.

        Raises:
            ShiftedWhileReading: it went on, `times` times.
        """
        for attempt in range(1, times + 1):
            result = begin()
            try:
                async with self.entry_pages(asked) as pages:
                    read = 0
                    async for page in pages:
                        result = take(result, page.entries)
                        read += len(page.entries)
                        if told is not None:
                            await told(read, page.paging.count_items)
            except ShiftedWhileReading:
                if attempt == times:
                    raise
            else:
                return result
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def entry(self, id: int) -> Entry:
        """One entry. `GET /v2/entries/{id}`. Without names and text, which only lists carry. Source: seed document.

        Raises:
            NotFound: there is none, or it is not visible.
        """
        return (await self.send(Request("GET", f"/v2/entries/{id}", OneEntry.model_validate_json))).entry

    async def add_entry(self, new: NewEntry) -> Entry:
        """Store one entry of any of the three types and return it as Clockodo now holds it.

        `POST /v2/entries`. Moments travel as UTC with `Z`, `duration` in seconds, `hourly_rate` as money per hour.

        Raises:
            Refused: Clockodo said no; `fields` are what it complained about.
            OutcomeUnknown: the answer was lost after sending; nobody here knows whether the entry exists.

        Source: seed document, "Add entry"; OpenAPI `createEntryV2`. The once-only rule is ours.
        """
        body = new.model_dump(mode="json", exclude_none=True)
        request = Request("POST", "/v2/entries", OneEntry.model_validate_json, body=body)
        return (await self.send(request)).entry

    async def edit_entry(self, id: int, change: EntryChange) -> Entry:
        """Change the fields that were set. `PUT /v2/entries/{id}`. Raises as `add_entry`, and NotFound."""
        request = Request("PUT", f"/v2/entries/{id}", OneEntry.model_validate_json, body=change.body())
        return (await self.send(request)).entry

    async def delete_entry(self, id: int) -> None:
        """Remove one entry for good. `DELETE /v2/entries/{id}`. Raises as `add_entry`, and NotFound."""
        await self.send(Request("DELETE", f"/v2/entries/{id}", Deleted.model_validate_json))

    async def entrygroups(self, asked: EntryQuery, grouping: Sequence[str]) -> list[EntryGroup]:
        """Sums over all entries of the query, nested in the order of `grouping`; one answer at any size.

        `GET /v2/entrygroups`. `duration` in seconds, `revenue` includes lump sums. Source: OpenAPI `getEntrygroupsV2`.
        """
        plain: dict[str, Scalar | None] = {
            "time_since": utc(asked.time_since),
            "time_until": utc(asked.time_until),
            "calc_also_revenues_for_projects_with_hard_budget": asked.calc_also_revenues_for_projects_with_hard_budget,
        }
        pairs = query(plain, filters=asked.filters(), arrays={"grouping": grouping})
        request = Request("GET", "/v2/entrygroups", EntryGroups.model_validate_json, pairs)
        return (await self.send(request)).groups

    # The clock

    async def clock(self) -> Clock:
        """What runs. `GET /v2/clock`."""
        return await self.send(Request("GET", "/v2/clock", Clock.model_validate_json))

    async def start_clock(self, new: ClockStart) -> Clock:
        """Start the clock, and so stop what runs. `POST /v2/clock`. Raises as `add_entry`."""
        body = new.model_dump(mode="json", exclude_none=True)
        return await self.send(Request("POST", "/v2/clock", Clock.model_validate_json, body=body))

    async def stop_clock(self, id: int, time_until: datetime | None = None) -> Clock:
        """Stop the clock that runs on an entry, now or at a moment. `DELETE /v2/clock/{id}`.

        Raises as `add_entry`, and NotFound where it does not run.
        """
        pairs = query({"time_until": utc(time_until)} if time_until else {})
        return await self.send(Request("DELETE", f"/v2/clock/{id}", Clock.model_validate_json, pairs))

    async def move_clock(self, id: int, time_since: datetime, *, before: datetime) -> Entry:
        """Move the start of an entry, if it still is `before`. `PUT /v2/clock/{id}`.

        Raises as `add_entry`; Refused (409) where the start is another by now.
        """
        body = {"time_since": utc(time_since), "time_since_before": utc(before)}
        request = Request("PUT", f"/v2/clock/{id}", ClockMoved.model_validate_json, body=body)
        return (await self.send(request)).updated

    # Working days

    async def absences(self, year: int, users_id: int) -> list[Absence]:
        """A co-worker's absences of a year, of any status. `GET /v4/absences`."""
        pairs = query(filters={"year": year}, arrays={"filter[users_id]": [users_id]})
        return (await self.send(Request("GET", "/v4/absences", Absences.model_validate_json, pairs))).data

    async def target_hours(self, users_id: int) -> list[TargetHours]:
        """A co-worker's target hours of all times. `GET /targethours`."""
        pairs = query({"users_id": users_id})
        request = Request("GET", "/targethours", TargetHoursList.model_validate_json, pairs)
        return (await self.send(request)).targethours

    async def nonbusiness_days(self, year: int) -> list[UsersNonbusinessDays]:
        """The public holidays of a year, for each co-worker that is visible. `GET /v2/usersNonbusinessDays`.

        `year` is one of `YEARS`. At most 100 co-workers come on a page, so no larger one is asked for. Source: OpenAPI.
        """
        read = CatalogPage[UsersNonbusinessDays].model_validate_json
        return await self._all_pages("/v2/usersNonbusinessDays", read, plain={"year": year}, items_per_page=None)

    # The catalogue

    async def me(self) -> User:
        """The caller. `GET /v4/users/me`."""
        return (await self.send(Request("GET", "/v4/users/me", Me.model_validate_json))).data

    async def users(self) -> list[User]:
        """All co-workers that the account may see. `GET /v3/users`."""
        return await self._all_pages("/v3/users", CatalogPage[User].model_validate_json)

    async def customers(self) -> list[Customer]:
        """All customers. `GET /v3/customers`."""
        return await self._all_pages("/v3/customers", CatalogPage[Customer].model_validate_json)

    async def projects(self) -> list[Project]:
        """All projects. `GET /v4/projects`."""
        return await self._all_pages("/v4/projects", CatalogPage[Project].model_validate_json)

    async def subprojects(self) -> list[Subproject]:
        """All subprojects. `GET /v3/subprojects`."""
        return await self._all_pages("/v3/subprojects", CatalogPage[Subproject].model_validate_json)

    async def services(self) -> list[Service]:
        """All services. `GET /v4/services`."""
        return await self._all_pages("/v4/services", CatalogPage[Service].model_validate_json)

    async def lumpsum_services(self) -> list[LumpsumService]:
        """All lump sum services. `GET /v4/lumpSumServices`."""
        return await self._all_pages("/v4/lumpSumServices", CatalogPage[LumpsumService].model_validate_json)

    async def _all_pages(
        self,
        path: str,
        read: Callable[[bytes], CatalogPage[T]],
        *,
        plain: Mapping[str, Scalar] = {},
        items_per_page: int | None = CATALOG_PER_PAGE,
    ) -> list[T]:
        """Every item of a list. `items_per_page` None leaves the size of a page to Clockodo."""

        async def fetch(page: int) -> CatalogPage[T]:
            pairs = query({**plain, "page": page, "items_per_page": items_per_page})
            return await self.send(Request("GET", path, read, pairs))

        first = await fetch(1)
        found = list(first.data)
        if first.paging is not None:
            async with in_order(fetch, range(2, first.paging.count_pages + 1)) as rest:
                async for page in rest:
                    found.extend(page.data)
        return found


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
