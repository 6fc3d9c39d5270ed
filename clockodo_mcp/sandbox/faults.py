"""Faults: what networks, proxies and servers do at their worst, at the very request that a test names.

Apart from the handlers, which know nothing of it: an ASGI app around them decides whether a request is carried out and
what arrives of its answer. `POST /_sandbox/faults` arms faults, `GET` tells how often each fired, `DELETE` disarms.
"""

import json
import math
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clockodo_mcp.sandbox import rules
from clockodo_mcp.sandbox.rules import MOMENT, Refused
from clockodo_mcp.sandbox.store import ENTRY_COLUMNS, Row, Store

Peer = tuple[str, int]
"""A client's address and port, as in an ASGI scope."""

PAGE = "<!DOCTYPE html>\n<html><head><title>Proxy</title></head><body><h1>Please come back later</h1></body></html>\n"
GARBAGE = b'{"data": [{"id": 4711, "name": <b>Warning</b>: Undefined index'
LIST = ("GET", "/api/v2/entries")
LONGEST = 86_400.0
"""A day: the most seconds that a fault may take."""


class Line(Protocol):
    """What some faults need of the server: its connections and the socket that it listens on."""

    def connects(self, peer: Peer) -> bool:
        """Whether the connection of this client is one of the server's."""

    def hang_up(self, peer: Peer) -> None:
        """Close a client's connection after what has been sent."""

    def refuse(self, until: Callable[[], Awaitable[None]]) -> None:
        """Abort every connection and stop listening; listen again when `until` has returned."""


class Noted(Protocol):
    """The record of a request. `status` is None as long as nothing was answered."""

    status: int | None


# A fault, and how it is read


@dataclass(frozen=True)
class Fault:
    """What is to happen, and to which requests.

    `path` stands for itself and everything below it. `nth` counts the requests that match `method` and `path`, from 1;
    0 is each of them. From there on `times` of them are hit. `probability` stands instead of both.
    """

    kind: str
    method: str | None = None
    path: str | None = None
    nth: int = 1
    times: int = 1
    probability: float | None = None
    seed: int = 0
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    seconds: float = 0.0
    change: str = "add"

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is one that this fault counts."""
        below = self.path is None or f"{path}/".startswith(f"{self.path.rstrip('/')}/")
        fits = self.kind != "drift" or (method, path) == LIST
        return below and fits and self.method in (None, method)


def _whole(low: int, high: float = math.inf) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _number(high: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= high


def _status_with_body(value: Any) -> bool:
    return _whole(200, 599)(value) and value not in (204, 205, 304)


def _headers(value: Any) -> bool:
    return isinstance(value, dict) and all(
        re.fullmatch(r"[A-Za-z0-9-]+", name)
        and name.lower() not in ("content-length", "transfer-encoding", "connection")
        and isinstance(text, str)
        and re.fullmatch(r"[!-~]([ -~]*[!-~])?", text)
        for name, text in value.items()
    )


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "method": (lambda v: v in (None, "GET", "POST", "PUT", "PATCH", "DELETE"), "GET, POST, PUT, PATCH, DELETE or null"),
    "path": (lambda v: v is None or (isinstance(v, str) and f"{v}/".startswith("/api/")), "a path in /api, or null"),
    "nth": (_whole(0), "a whole number, 0 for each request"),
    "times": (_whole(1), "a whole number from 1"),
    "probability": (_number(1), "a number from 0 to 1"),
    "seed": (_whole(0), "a whole number"),
    "status": (_status_with_body, "a status from 200 to 599 whose answer has a body"),
    "headers": (_headers, "an object of ASCII texts, without Content-Length, Transfer-Encoding and Connection"),
    "body": (lambda _: True, "a text or any JSON"),
    "seconds": (_number(LONGEST), f"a number from 0 to {LONGEST:.0f}"),
    "change": (lambda v: v in ("add", "delete"), "add or delete"),
}
"""Field: whether a value is one, and what one is."""

ANYWHERE = ("method", "path", "nth", "times", "probability", "seed")


def read_faults(body: bytes) -> "list[Armed]":
    """The faults of a request to arm them.

    Raises:
        Refused: 400 and a sentence; then none of them is armed.
    """
    try:
        given = json.loads(body)
    except ValueError:
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(given, dict) or given.keys() != {"faults"} or not isinstance(given["faults"], list):
        raise Refused(400, 'The body must be an object like {"faults": [...]} and have nothing else.', "faults")
    return [Armed(_fault(one, f"Fault {number}"), one) for number, one in enumerate(given["faults"], 1)]


def _fault(given: object, name: str) -> Fault:
    if not isinstance(given, dict):
        raise Refused(400, f"{name} must be an object.", "faults")
    kind = KINDS.get(given["kind"]) if isinstance(given.get("kind"), str) else None
    if kind is None:
        raise Refused(400, f"{name} has no known kind; the kinds are {', '.join(KINDS)}.", "kind")
    name, values = f"{name} ({given['kind']})", {key: value for key, value in given.items() if key != "kind"}
    known = (*ANYWHERE, *kind.needs, *kind.may)
    if unknown := [key for key in values if key not in known]:
        raise Refused(400, f"{name} has no field {', '.join(unknown)}; it may have {', '.join(known)}.", *unknown)
    if missing := [key for key in kind.needs if key not in values]:
        raise Refused(400, f"{name} needs {', '.join(missing)}.", *missing)
    for key, value in values.items():
        good, what = CHECKS[key]
        if not good(value):
            raise Refused(400, f"{name}: {key} must be {what}.", key)
    if "probability" in values and (both := values.keys() & {"nth", "times"}):
        raise Refused(400, f"{name}: probability stands instead of nth and times.", *sorted(both))
    if "seed" in values and "probability" not in values:
        raise Refused(400, f"{name}: seed belongs to a probability.", "seed")
    return Fault(**given)


# Which request is hit


class Armed:
    """A fault that waits for its requests, and its counters."""

    def __init__(self, fault: Fault, given: Row) -> None:
        self.fault = fault
        self.given = given
        self.matched = 0
        self.fired = 0
        self._chance = random.Random(fault.seed)

    def is_due(self, method: str, path: str) -> bool:
        """Count a request where it matches; whether the fault is due at it."""
        fault = self.fault
        if not fault.matches(method, path):
            return False
        self.matched += 1
        if fault.probability is not None:
            return self._chance.random() < fault.probability
        return fault.nth == 0 or fault.nth <= self.matched < fault.nth + fault.times


class Faults:
    """The faults that are armed.

    `line` is set by what serves over TCP: without a socket no connection can be closed. `sleep` is replaced by tests
    that decide themselves when a wait is over.
    """

    def __init__(self) -> None:
        self.armed: list[Armed] = []
        self.line: Line | None = None
        self.sleep: Callable[[float], Awaitable[None]] = anyio.sleep

    def due(self, method: str, path: str) -> Fault | None:
        """The fault for this request. Each one counts it; of several that are due, the first in order happens."""
        due = [one for one in self.armed if one.is_due(method, path)]
        if not due:
            return None
        due[0].fired += 1
        return due[0].fault

    async def endpoint(self, request: Request) -> Response:
        """`POST`, `GET` and `DELETE /_sandbox/faults`: replace, look, disarm. All answer what is armed now."""
        if request.method == "POST":
            try:
                self.armed = read_faults(await request.body())
            except Refused as refused:
                error = {"message": refused.message, "fields": list(refused.fields)}
                return JSONResponse({"error": error}, refused.status)
        elif request.method == "DELETE":
            self.armed = []
        shown = [{**one.given, "matched": one.matched, "fired": one.fired} for one in self.armed]
        return JSONResponse({"faults": shown})


# What happens


class Misbehaving:
    """The ASGI app around the sandbox's. `note` records a request that a fault is about to hit."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        faults: Faults,
        store: Store,
        now: Callable[[], datetime],
        note: Callable[[Request, str], Noted],
    ) -> None:
        self.app, self.faults, self.store, self.now, self.note = app, faults, store, now, note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a fault happen where one is due; all other requests pass untouched."""
        is_api = scope["type"] == "http" and scope["path"].startswith("/api/")
        fault = self.faults.due(scope["method"], scope["path"]) if is_api else None
        if fault is None:
            await self.app(scope, receive, send)
            return
        kind, line = KINDS[fault.kind], self.faults.line
        if kind.closes and (line is None or not line.connects(scope["client"])):
            raise RuntimeError(f"The fault {fault.kind} closes a connection: serve the sandbox over TCP to see it.")
        scope["fault"] = fault.kind
        await kind.act(Exchange(fault, self, scope, receive, send, self.note(Request(scope), fault.kind)))


@dataclass
class Exchange:
    """One request that a fault hits, and the steps of which faults are made."""

    fault: Fault
    around: Misbehaving
    scope: Scope
    receive: Receive
    send: Send
    noted: Noted
    taken: list[Message] = field(default_factory=list)

    async def take(self) -> None:
        """Take in the whole body, so that the request can be carried out even when its client has left by then."""
        more = not self.taken
        while more:
            message = await self.receive()
            self.taken.append(message)
            more = message.get("more_body", False)

    async def carry_out(self) -> list[Message]:
        """Let the sandbox act and commit. Its answer, of which nothing is sent yet."""
        await self.take()
        body, answer = iter(self.taken), list[Message]()

        async def receive() -> Message:
            message = next(body, None)
            return await self.receive() if message is None else message

        async def keep(message: Message) -> None:
            answer.append(message)

        await self.around.app(self.scope, receive, keep)
        return answer

    async def answer(self, messages: list[Message]) -> None:
        """Send an answer, or its first messages."""
        self.noted.status = messages[0]["status"]
        for message in messages:
            await self.send(message)

    async def respond(self, response: Response) -> None:
        """Send an answer of the fault's own."""
        self.noted.status = response.status_code
        await response(self.scope, self.receive, self.send)

    async def wait(self) -> None:
        """The fault's seconds."""
        await self.around.faults.sleep(self.fault.seconds)

    @property
    def line(self) -> Line:
        """The server's connections. `Misbehaving` has looked that there are some."""
        line = self.around.faults.line
        assert line is not None
        return line

    async def hang_up(self) -> None:
        """Close the connection after what has been sent."""
        self.line.hang_up(self.scope["client"])
        await self.gone()

    async def gone(self) -> None:
        """Return when the server has noticed the closed connection: until then it would add an answer of its own."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


Act = Callable[[Exchange], Awaitable[None]]


def _after(act: Act) -> Act:
    """The same once the request has been carried out; its real answer is lost."""

    async def acted(exchange: Exchange) -> None:
        await exchange.carry_out()
        await act(exchange)

    return acted


async def _status(exchange: Exchange) -> None:
    fault = exchange.fault
    if isinstance(fault.body, str):
        told = Response(fault.body, fault.status, fault.headers, media_type="text/plain")
    else:
        usual = {"error": {"message": f"The sandbox was told to answer {fault.status}", "fields": []}}
        told = JSONResponse(usual if fault.body is None else fault.body, fault.status, fault.headers)
    await exchange.respond(told)


async def _html(exchange: Exchange) -> None:
    await exchange.respond(HTMLResponse(PAGE, exchange.fault.status, exchange.fault.headers))


async def _garbage(exchange: Exchange) -> None:
    await exchange.respond(Response(GARBAGE, media_type="application/json"))


async def _delay_before(exchange: Exchange) -> None:
    await exchange.take()
    await exchange.wait()
    await exchange.answer(await exchange.carry_out())


async def _delay_after(exchange: Exchange) -> None:
    answer = await exchange.carry_out()
    await exchange.wait()
    await exchange.answer(answer)


async def _cut(exchange: Exchange) -> None:
    start, *parts = await exchange.carry_out()
    body = b"".join(part.get("body", b"") for part in parts)
    half: Message = {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
    await exchange.answer([start, half])
    await exchange.hang_up()


async def _drift(exchange: Exchange) -> None:
    drift(exchange.around.store, Request(exchange.scope), exchange.fault.change, exchange.around.now())
    await exchange.answer(await exchange.carry_out())


async def _refuse(exchange: Exchange) -> None:
    exchange.line.refuse(exchange.wait)
    await exchange.gone()


@dataclass(frozen=True)
class Kind:
    """What happens, the fields that say how, and whether it closes connections, which only a server over TCP can."""

    act: Act
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    closes: bool = False


KINDS = {
    "status": Kind(_status, ("status",), ("headers", "body")),
    "status_after": Kind(_after(_status), ("status",), ("headers", "body")),
    "close_before": Kind(Exchange.hang_up, closes=True),
    "close_after": Kind(_after(Exchange.hang_up), closes=True),
    "delay_before": Kind(_delay_before, ("seconds",)),
    "delay_after": Kind(_delay_after, ("seconds",)),
    "cut": Kind(_cut, closes=True),
    "html": Kind(_html, (), ("status", "headers")),
    "html_after": Kind(_after(_html), (), ("status", "headers")),
    "garbage": Kind(_garbage),
    "garbage_after": Kind(_after(_garbage)),
    "drift": Kind(_drift, ("change",)),
    "refuse": Kind(_refuse, ("seconds",), closes=True),
}


def drift(store: Store, request: Request, change: str, now: datetime) -> None:
    """Add an entry to the start of what a list asks for, or delete its first one; so its pages shift.

    The new entry resembles the first one of the list, so that the list's filters find it.
    """
    email, query = request.headers.get("x-clockodoapiuser"), dict(request.query_params)
    user = store.one("SELECT * FROM users WHERE email = ?", (email,))
    if user is None:
        return  # the list will be refused
    try:
        where, values = rules.selection(query, user, billable=(0, 1, 2, 12))
    except Refused:
        return  # the list will be refused for the same reason
    first = store.one(
        "SELECT e.* FROM entries e LEFT JOIN projects p ON p.id = e.projects_id "  # noqa: S608 - bound
        f"WHERE {where} ORDER BY e.time_since, e.id LIMIT 1",
        values,
    )
    if change == "delete":
        if first is not None:
            store.delete_entry(first["id"])
    elif (like := first or _any_work(store, user)) is not None:
        _add_like(store, like, query["time_since"], now)


def _any_work(store: Store, user: Row) -> Row | None:
    return store.one(
        "SELECT 1 AS type, ? AS users_id, c.id AS customers_id, v.id AS services_id, 1 AS billable "
        "FROM customers c, services v ORDER BY c.id, v.id LIMIT 1",
        (user["id"],),
    )


def _add_like(store: Store, like: Row, since: str, now: datetime) -> None:
    stamp = now.astimezone(UTC).strftime(MOMENT)
    times = {"time_since": since, "time_insert": stamp, "time_last_change": stamp}
    entry = {column: like.get(column) for column in ENTRY_COLUMNS} | times
    entry |= {"clocked": 0, "time_clocked_since": None}
    if like["type"] == 1:
        until = rules.moment(since, "time_since") + timedelta(seconds=60)
        entry |= {"time_until": until.strftime(MOMENT), "duration": 60}
    store.insert("entries", entry)
