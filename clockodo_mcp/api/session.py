"""The session: how any request reaches Clockodo and how its answer comes back; `client` knows which there are.

A request passes three steps, outermost first: `send` (what a lost answer means) → `_tried` (keeps the limits, tries
again) → `_once` (the wire). The present moment, sleep, chance and transport are passed in, so a test of
backoff takes no time.
"""

import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Generic, Literal, Self, TypeVar

import anyio
import httpx2
from pydantic import ValidationError

from clockodo_mcp.api.failures import ClockodoError, OutcomeUnknown, TooManyRequests, Unavailable, Unusable
from clockodo_mcp.api.foreign import unavailable
from clockodo_mcp.api.machine import client_of, proxy_to
from clockodo_mcp.api.pacing import Pace, Retries
from clockodo_mcp.api.wire import QueryPairs, checked, said_date
from clockodo_mcp.config import Settings

log = logging.getLogger(__name__)

WRITES_WAIT = 10.0
"""Seconds that a write waits for its place in the request windows: later nobody expects it any more."""

T = TypeVar("T")


@dataclass(frozen=True)
class Request(Generic[T]):
    """One request, and `read`, which makes its value of the body of a good answer.

    `read` raises pydantic's `ValidationError` where the body is not what was documented.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    read: Callable[[bytes], T]
    query: QueryPairs = field(default_factory=list)
    body: Mapping[str, object] | None = None

    @property
    def writes(self) -> bool:
        """Whether it changes something, so that sending it twice is not the same as sending it once."""
        return self.method != "GET"

    def may_be_repeated_after(self, error: ClockodoError) -> bool:
        """Whether sending it again is safe, and of use."""
        return error.retryable and (not self.writes or nothing_was_done(error))


def nothing_was_done(error: ClockodoError) -> bool:
    """Whether the request never left this machine, or was over the limits and so was not looked at."""
    return isinstance(error, TooManyRequests) or (isinstance(error, Unavailable) and not error.sent)


class Session:
    """Sends the requests of one account.

    Use it as a context manager, as often as you like, one time after the other. Reads are tried again within
    `retries`; a write is sent once, and tried again only where nothing was sent.
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
        self._settings = settings
        self._transport = transport
        self._pace = pace or Pace()
        self._retries = retries
        self._sleep = sleep
        self._now = now
        self._chance = chance or random.Random()
        self._ahead = timedelta()
        self._is_open = False
        self._http: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    def _client(self) -> httpx2.AsyncClient:
        """The library's client, made for the first request: what the machine lacks for it fails that, not the start.

        Raises:
            MachineError: a proxy or certificate of the environment cannot be used.
        """
        if not self._is_open:
            raise RuntimeError("a request outside of the client's `async with`")
        if self._http is None:
            self._http = client_of(self._settings, self._transport)
        return self._http

    def server_time(self) -> datetime:
        """The present moment by Clockodo's clock, to about a second, as far as its answers have told it."""
        return self._now() + self._ahead

    async def send(self, request: Request[T]) -> T:
        """Send a request, again where that is safe, and return the value of its answer.

        Raises:
            OutcomeUnknown: a write was sent and its answer was lost.
            ClockodoError: as `failures` tells them apart.
        """
        try:
            return await self._tried(request)
        except Unavailable as error:
            if not request.writes or nothing_was_done(error):
                raise
            raise OutcomeUnknown(
                error.status, error.clockodo_says, reason=error.reason, late=error.late, answered=error.answered
            ) from error

    async def _tried(self, request: Request[T]) -> T:
        failed, left = 0, self._retries.total
        while True:
            began = anyio.current_time()
            try:
                await self._pace.wait(min(left, WRITES_WAIT) if request.writes else left)
                return await self._once(request)
            except ClockodoError as error:
                failed += 1
                took = anyio.current_time() - began
                left -= took
                pause = self._retries.pause(failed, error, self._chance)
                # Where nobody answers in time, the next attempt would take as long as this one.
                if pause is None or pause + took > left or not request.may_be_repeated_after(error):
                    raise
            await self._sleep(pause)
            left -= pause

    async def _once(self, request: Request[T]) -> T:
        http = self._client()
        try:
            answer = await http.request(request.method, request.path, params=request.query or None, json=request.body)
        except httpx2.RequestError as error:
            raise unavailable(error, proxy_to(self._settings.base_url)) from error
        if (date := said_date(answer.headers.get("date"))) is not None:
            self._ahead = date - self._now()
        good = checked(answer.status_code, answer.headers, answer.content, now=self._now())
        try:
            return request.read(good)
        except ValidationError as error:
            # Without its text: pydantic quotes what it could not read, and that is a raw body.
            problems = error.errors(include_input=False, include_context=False)
            if problems[0]["type"] == "json_invalid":
                raise Unavailable(answer.status_code, reason="the answer was cut off") from None
            where = [".".join(map(str, one["loc"])) for one in problems[:5]]
            log.warning("%s %s is not answered as documented: %s", request.method, request.path, where)
            raise Unusable(answer.status_code, reason="the answer is not what Clockodo documents") from None
