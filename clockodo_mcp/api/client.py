"""The client: one method per endpoint, in the endpoint's own words.

A request passes three steps, outermost first: `_send` (tries reads again) → `_paced` (keeps the limits) → `_once`
(the wire). Clock, sleep, chance and transport are passed in, so a test of backoff takes no time.
"""

import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

import anyio
import httpx2
from pydantic import ValidationError

from clockodo_mcp.api.days import (
    Absence,
    Absences,
    Clock,
    ClockMoved,
    ClockStart,
    TargetHours,
    TargetHoursList,
    UsersNonbusinessDays,
)
from clockodo_mcp.api.failures import ClockodoError, OutcomeUnknown, ShiftedWhileReading, TooManyRequests, Unavailable
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
from clockodo_mcp.api.pacing import Pace, Retries
from clockodo_mcp.api.paging import AHEAD, ShiftWatch, in_order
from clockodo_mcp.api.wire import QueryPairs, Scalar, checked, headers, query, said_date, utc
from clockodo_mcp.config import Settings

ENTRIES_PER_PAGE = 1_000
CATALOG_PER_PAGE = 1_000
"""Asked for; what `paging` answers is believed. Users stop at 1,000, the other lists at 5,000 (OpenAPI)."""

READING_AGAIN = 3
"""How often all pages are read before `ShiftedWhileReading` is said."""

WRITES_WAIT = 10.0
"""Seconds that a write waits for its place in the request windows."""

NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
"""Failures after which nothing has left this machine."""

FOREIGN: dict[type[httpx2.RequestError], str] = {
    httpx2.ConnectError: "no connection",
    httpx2.ConnectTimeout: "no connection in time",
    httpx2.ReadTimeout: "no answer in time",
    httpx2.WriteTimeout: "sending took too long",
    httpx2.PoolTimeout: "too many requests on the way",
    httpx2.DecodingError: "the answer was not readable",
    httpx2.RemoteProtocolError: "the connection was closed before the answer was complete",
}
"""httpx2's failures in our words; every other one is a connection that broke."""

T = TypeVar("T")
A = TypeVar("A")


@cache
def certificates() -> ssl.SSLContext:
    """Whom to trust, made once for all clients of a process."""
    return httpx2.create_ssl_context()


class Clockodo:
    """An asynchronous client of the Clockodo REST API for one account.

    Use it as a context manager. Reads are tried again within `retries`; a write is sent once, and tried again only
    where nothing was sent. `str()` of every error it raises is safe to show.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        pace: Pace | None = None,
        retries: Retries = Retries(),
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: random.Random | None = None,
    ) -> None:
        self._http = httpx2.AsyncClient(
            base_url=settings.base_url,
            headers=headers(settings),
            transport=transport,
            timeout=httpx2.Timeout(settings.timeout, connect=min(10.0, settings.timeout)),
            follow_redirects=False,
            # Making a context takes 40 ms; to this machine, the only one that plain http goes to, none is needed.
            verify=certificates() if settings.base_url.startswith("https:") else False,
        )
        self._pace = pace or Pace()
        self._retries = retries
        self._sleep = sleep
        self._now = now
        self._chance = chance or random.Random()
        self._ahead = timedelta()

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    def server_time(self) -> datetime:
        """The present moment by Clockodo's clock, to about a second, as far as its answers have told it."""
        return self._now() + self._ahead

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
        return await self._read("/v2/entries", query(plain, filters=asked.filters()), EntryPage.read)

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
        size = first.paging.items_per_page if first.paging.count_pages > 1 else items_per_page
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
        times: int = READING_AGAIN,
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
        return (await self._read(f"/v2/entries/{id}", [], OneEntry.model_validate_json)).entry

    async def add_entry(self, new: NewEntry) -> Entry:
        """Store one entry of any of the three types and return it as Clockodo now holds it.

        `POST /v2/entries`. Moments travel as UTC with `Z`, `duration` in seconds, `hourly_rate` as money per hour.

        Raises:
            Refused: Clockodo said no; `fields` are what it complained about.
            OutcomeUnknown: the answer was lost after sending; nobody here knows whether the entry exists.

        Source: seed document, "Add entry"; OpenAPI `createEntryV2`. The once-only rule is ours.
        """
        return (
            await self._write(
                "POST", "/v2/entries", new.model_dump(mode="json", exclude_none=True), OneEntry.model_validate_json
            )
        ).entry

    async def edit_entry(self, id: int, change: EntryChange) -> Entry:
        """Change the fields that were set. `PUT /v2/entries/{id}`. Raises as `add_entry`, and NotFound."""
        body = change.model_dump(mode="json", exclude_unset=True)
        return (await self._write("PUT", f"/v2/entries/{id}", body, OneEntry.model_validate_json)).entry

    async def delete_entry(self, id: int) -> None:
        """Remove one entry for good. `DELETE /v2/entries/{id}`. Raises as `add_entry`, and NotFound."""
        await self._write("DELETE", f"/v2/entries/{id}", None, Deleted.model_validate_json)

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
        return (await self._read("/v2/entrygroups", pairs, EntryGroups.model_validate_json)).groups

    # The clock

    async def clock(self) -> Clock:
        """What runs. `GET /v2/clock`."""
        return await self._read("/v2/clock", [], Clock.model_validate_json)

    async def start_clock(self, new: ClockStart) -> Clock:
        """Start the clock, and so stop what runs. `POST /v2/clock`. Raises as `add_entry`."""
        body = new.model_dump(mode="json", exclude_none=True)
        return await self._write("POST", "/v2/clock", body, Clock.model_validate_json)

    async def stop_clock(self, id: int, time_until: datetime | None = None) -> Clock:
        """Stop the clock that runs on an entry, now or at a moment. `DELETE /v2/clock/{id}`.

        Raises as `add_entry`, and NotFound where it does not run.
        """
        pairs = query({"time_until": utc(time_until)} if time_until else {})
        return await self._write("DELETE", f"/v2/clock/{id}", None, Clock.model_validate_json, pairs)

    async def move_clock(self, id: int, time_since: datetime, *, before: datetime) -> Entry:
        """Move the start of an entry, if it still is `before`. `PUT /v2/clock/{id}`.

        Raises as `add_entry`; Refused (409) where the start is another by now.
        """
        body: dict[str, object] = {"time_since": utc(time_since), "time_since_before": utc(before)}
        return (await self._write("PUT", f"/v2/clock/{id}", body, ClockMoved.model_validate_json)).updated

    # Working days

    async def absences(self, year: int, users_id: int) -> list[Absence]:
        """A co-worker's absences of a year, of any status. `GET /v4/absences`."""
        pairs = query(filters={"year": year}, arrays={"filter[users_id]": [users_id]})
        return (await self._read("/v4/absences", pairs, Absences.model_validate_json)).data

    async def target_hours(self, users_id: int) -> list[TargetHours]:
        """A co-worker's target hours of all times. `GET /targethours`."""
        pairs = query({"users_id": users_id})
        return (await self._read("/targethours", pairs, TargetHoursList.model_validate_json)).targethours

    async def nonbusiness_days(self, year: int) -> list[UsersNonbusinessDays]:
        """The public holidays of a year, for each co-worker that is visible. `GET /v2/usersNonbusinessDays`."""
        return await self._catalog(
            "/v2/usersNonbusinessDays", CatalogPage[UsersNonbusinessDays].model_validate_json, {}, plain={"year": year}
        )

    # The catalogue

    async def me(self) -> User:
        """The caller. `GET /v4/users/me`."""
        return (await self._read("/v4/users/me", [], Me.model_validate_json)).data

    async def users(self, *, active: bool | None = None) -> list[User]:
        """All co-workers that the account may see. `GET /v3/users`."""
        return await self._catalog("/v3/users", CatalogPage[User].model_validate_json, {"active": active})

    async def customers(self, *, active: bool | None = None) -> list[Customer]:
        """All customers. `GET /v3/customers`."""
        return await self._catalog("/v3/customers", CatalogPage[Customer].model_validate_json, {"active": active})

    async def projects(
        self, *, customers_id: int | None = None, active: bool | None = None, completed: bool | None = None
    ) -> list[Project]:
        """All projects, of one customer where named. `GET /v4/projects`."""
        filters = {"customers_id": customers_id, "active": active, "completed": completed}
        return await self._catalog("/v4/projects", CatalogPage[Project].model_validate_json, filters)

    async def subprojects(self, *, projects_id: int | None = None) -> list[Subproject]:
        """All subprojects, of one project where named. `GET /v3/subprojects`."""
        return await self._catalog(
            "/v3/subprojects", CatalogPage[Subproject].model_validate_json, {"projects_id": projects_id}
        )

    async def services(self, *, active: bool | None = None) -> list[Service]:
        """All services. `GET /v4/services`."""
        return await self._catalog("/v4/services", CatalogPage[Service].model_validate_json, {"active": active})

    async def lumpsum_services(self, *, active: bool | None = None) -> list[LumpsumService]:
        """All lump sum services. `GET /v4/lumpSumServices`."""
        return await self._catalog(
            "/v4/lumpSumServices", CatalogPage[LumpsumService].model_validate_json, {"active": active}
        )

    async def _catalog(
        self,
        path: str,
        page_of: Callable[[bytes], CatalogPage[T]],
        filters: dict[str, int | bool | None],
        plain: dict[str, Scalar | None] | None = None,
    ) -> list[T]:
        async def fetch(page: int) -> CatalogPage[T]:
            # Holidays come at most 100 a page, and as they like.
            size = None if plain else CATALOG_PER_PAGE
            pairs = query({**(plain or {}), "page": page, "items_per_page": size}, filters=filters)
            return await self._read(path, pairs, page_of)

        first = await fetch(1)
        found = list(first.data)
        if first.paging is not None:
            async with in_order(fetch, range(2, first.paging.count_pages + 1)) as rest:
                async for page in rest:
                    found.extend(page.data)
        return found

    # A request, outermost step first

    async def _read(self, path: str, pairs: QueryPairs, parse: Callable[[bytes], T]) -> T:
        return await self._send("GET", path, pairs, None, parse, lambda error: error.retryable)

    async def _write(
        self,
        method: str,
        path: str,
        body: dict[str, object] | None,
        parse: Callable[[bytes], T],
        pairs: QueryPairs = [],  # noqa: B006 - never changed
    ) -> T:
        def nothing_was_done(error: ClockodoError) -> bool:
            """It never left this machine, or it was over the limits and so was not looked at."""
            return isinstance(error, TooManyRequests) or (isinstance(error, Unavailable) and not error.sent)

        try:
            return await self._send(method, path, pairs, body, parse, nothing_was_done)
        except Unavailable as error:
            if nothing_was_done(error):
                raise
            raise OutcomeUnknown(error.status, error.clockodo_says, late=error.late, answered=error.answered) from error

    async def _send(
        self,
        method: str,
        path: str,
        pairs: QueryPairs,
        body: dict[str, object] | None,
        parse: Callable[[bytes], T],
        may_repeat: Callable[[ClockodoError], bool],
    ) -> T:
        failed, waited = 0, 0.0
        while True:
            try:
                return await self._paced(method, path, pairs, body, parse)
            except ClockodoError as error:
                failed += 1
                pause = self._retries.pause(failed, error, waited, self._chance)
                if pause is None or not may_repeat(error):
                    raise
            await self._sleep(pause)
            waited += pause

    async def _paced(
        self, method: str, path: str, pairs: QueryPairs, body: dict[str, object] | None, parse: Callable[[bytes], T]
    ) -> T:
        # A write that waited for long would come when nobody expects it any more.
        if not await self._pace.wait(at_most=None if method == "GET" else WRITES_WAIT):
            raise TooManyRequests(429, "the request windows of this account are full")
        return await self._once(method, path, pairs, body, parse)

    async def _once(
        self, method: str, path: str, pairs: QueryPairs, body: dict[str, object] | None, parse: Callable[[bytes], T]
    ) -> T:
        try:
            answer = await self._http.request(method, path, params=pairs or None, json=body)
        except httpx2.RequestError as error:
            raise Unavailable(
                0,
                FOREIGN.get(type(error), "the connection broke"),
                sent=not never_sent(error),
                late=isinstance(error, httpx2.ReadTimeout),
            ) from error
        if (date := said_date(answer.headers.get("date"))) is not None:
            self._ahead = date - self._now()
        good = checked(answer.status_code, answer.headers, answer.content, now=self._now())
        try:
            return parse(good)
        except ValidationError:
            # Without its text: pydantic quotes what it could not read, and that is a raw body.
            raise Unavailable(answer.status_code, "the answer was cut off or is not what was documented") from None


def never_sent(error: httpx2.RequestError) -> bool:
    """Whether the failure is one after which nothing has left this machine."""
    return isinstance(error, NEVER_SENT)
