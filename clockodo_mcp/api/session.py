"""The session: how any request reaches Clockodo and how its answer comes back; `client` knows which there are.

A request passes four steps, outermost first: `send` (what a lost answer means) → `_tried` (tries again) → `_paced`
(keeps the limits) → `_once` (the wire). The present moment, sleep, chance and transport are passed in, so a test of
backoff takes no time.
"""

import logging
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Generic, Literal, TypeVar

import anyio
import httpx2
from pydantic import ValidationError

from clockodo_mcp.api.failures import ClockodoError, OutcomeUnknown, TooManyRequests, Unavailable, Unusable
from clockodo_mcp.api.foreign import unavailable
from clockodo_mcp.api.pacing import Pace, Patience, Retries
from clockodo_mcp.api.wire import QueryPairs, checked, headers, said_date
from clockodo_mcp.config import Settings

log = logging.getLogger(__name__)

WRITES_WAIT = 10.0
"""Seconds that a write waits for its place in the request windows: later nobody expects it any more."""

CONNECTING = 10.0
"""Seconds that making a connection may take, at most."""

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


@cache
def certificates() -> ssl.SSLContext:
    """Whom to trust, made once for all sessions of a process."""
    return httpx2.create_ssl_context()


class Session:
    """Sends the requests of one account. Between `open` and `close`, and again after it."""

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx2.AsyncBaseTransport | None,
        pace: Pace,
        retries: Retries,
        sleep: Callable[[float], Awaitable[None]],
        now: Callable[[], datetime],
        chance: random.Random,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._pace = pace
        self._retries = retries
        self._sleep = sleep
        self._now = now
        self._chance = chance
        self._ahead = timedelta()
        self._http: httpx2.AsyncClient | None = None

    def open(self) -> None:
        """Be ready to send. Nothing is sent yet."""
        settings = self._settings
        self._http = httpx2.AsyncClient(
            base_url=settings.base_url,
            headers=headers(settings),
            transport=self._transport,
            timeout=httpx2.Timeout(settings.timeout, connect=min(CONNECTING, settings.timeout)),
            follow_redirects=False,
            # Making a context takes 40 ms; to this machine, the only one that plain http goes to, none is needed.
            verify=certificates() if settings.base_url.startswith("https:") else False,
        )

    async def close(self) -> None:
        """Close every connection."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

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
        failed, patience = 0, Patience(self._retries.total)
        while True:
            try:
                return await self._paced(request, patience)
            except ClockodoError as error:
                failed += 1
                pause = self._retries.pause(failed, error, self._chance)
                if pause is None or pause > patience.left or not request.may_be_repeated_after(error):
                    raise
            await self._sleep(pause)
            patience.spend(pause)

    async def _paced(self, request: Request[T], patience: Patience) -> T:
        began = anyio.current_time()
        await self._pace.wait(min(patience.left, WRITES_WAIT) if request.writes else patience.left)
        patience.spend(anyio.current_time() - began)
        return await self._once(request)

    async def _once(self, request: Request[T]) -> T:
        if self._http is None:
            raise RuntimeError("a request outside of the client's `async with`")
        try:
            answer = await self._http.request(
                request.method, request.path, params=request.query or None, json=request.body
            )
        except httpx2.RequestError as error:
            raise unavailable(error) from error
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
