"""The endpoints, over HTTP: credentials, routes, and errors in Clockodo's two shapes."""

import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders, QueryParams
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clockodo_mcp.sandbox import clock, entries, holidays, rules, timesheets, userreports
from clockodo_mcp.sandbox.faults import Faults, Misbehaving
from clockodo_mcp.sandbox.groups import entry_groups
from clockodo_mcp.sandbox.rules import Refused, sees_all
from clockodo_mcp.sandbox.store import Row, Store

GROUP_PARAMETERS = {
    "grouping[]", "time_since", "time_until", "calc_also_revenues_for_projects_with_hard_budget",
    *(f"filter[{name}]" for name in (*rules.ID_FILTERS, "billable", "text", "budget_type")),
}  # fmt: skip

CATALOG = {
    "/v3/users": ("users", (), 1000),
    "/v3/customers": ("customers", (), 5000),
    "/v4/projects": ("projects", ("customers_id", "completed"), 5000),
    "/v3/subprojects": ("subprojects", ("projects_id",), 5000),
    "/v4/services": ("services", (), 5000),
    "/v4/lumpSumServices": ("lumpsum_services", (), 5000),
}
"""Path: table, filters besides `active`, largest page. Source: OpenAPI."""

READINGS: dict[str, Callable[[Store, QueryParams, Row, datetime], Row]] = {
    "/targethours": timesheets.target_hours,
    "/userreports": userreports.user_reports,
    "/v2/usersNonbusinessDays": holidays.users_nonbusiness_days,
    "/v4/absences": timesheets.absences,
}
"""Path: what answers its `GET` from the query, the caller and the time."""

BOOLEANS = {"active", "billable_default", "completed", "weekstart_monday", "timeformat_12h"}
HIDDEN = {"key", "budget_amount", "budget_hard", "budget_monetary", "hourly_rate"}
APPLICATION_LENGTH = 50


@dataclass
class Seen:
    """A request that was answered, or that a fault hit: `fault` is its kind, and `status` None without an answer."""

    method: str
    path: str
    query: str
    status: int | None
    fault: str | None = None


class Sandbox:
    """The handlers around one store. Each answer comes `delay` seconds after its request, as on a network."""

    def __init__(self, store: Store, delay: float, now: Callable[[], datetime], largest_page: int) -> None:
        self.store = store
        self.largest_page = largest_page
        self.delay = delay
        self.now = now
        self.seen: deque[Seen] = deque(maxlen=100_000)

    def handler(self, act: Callable[[Request, Row], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """A handler that checks credentials first, answers errors in the path's shape, and keeps count."""

        async def handle(request: Request) -> Response:
            due = anyio.current_time() + self.delay
            try:
                answer = await act(request, self._caller(request))
            except Refused as refused:
                answer = _refusal(request.url.path, refused)
            await anyio.sleep_until(due)
            if "fault" not in request.scope:  # or it is noted already
                self.note(request, status=answer.status_code)
            return answer

        return handle

    def note(self, request: Request, fault: str | None = None, status: int | None = None) -> Seen:
        """Keep a request among those seen."""
        seen = Seen(request.method, request.url.path, request.url.query, status, fault)
        self.seen.append(seen)
        return seen

    def _caller(self, request: Request) -> Row:
        email, key = request.headers.get("x-clockodoapiuser"), request.headers.get("x-clockodoapikey")
        user = self.store.one("SELECT * FROM users WHERE email = ? AND active", (email,))
        if user is None or not key or user["key"] != key:
            raise Refused(401, "Authentication failed: user and API key do not match")
        application = request.headers.get("x-clockodo-external-application", "")
        name, _, contact = application.partition(";")
        if not name or "@" not in contact or len(application) > APPLICATION_LENGTH:
            raise Refused(400, "The header X-Clockodo-External-Application must be name;email, at most 50 characters")
        return user

    async def me(self, _: Request, user: Row) -> Response:
        """`GET /v4/users/me`."""
        return JSONResponse({"data": _object(user)})

    async def entries(self, request: Request, user: Row) -> Response:
        """`GET` and `POST /v2/entries`."""
        if request.method == "GET":
            found = entries.page_of_entries(self.store, dict(request.query_params), user, at_most=self.largest_page)
            return Response(found, media_type="application/json")
        id = entries.add_entry(self.store, await _body(request), user, now=self.now())
        return Response(entries.one_entry(self.store, id, user), media_type="application/json")

    async def entry(self, request: Request, user: Row) -> Response:
        """`GET`, `PUT` and `DELETE /v2/entries/{id}`."""
        id = request.path_params["id"]
        if request.method == "DELETE":
            entries.delete_entry(self.store, id, user)
            return JSONResponse({"success": True})
        if request.method == "PUT":
            entries.edit_entry(self.store, id, await _body(request), user, now=self.now())
        return Response(entries.one_entry(self.store, id, user), media_type="application/json")

    async def clock(self, request: Request, user: Row) -> Response:
        """`GET` and `POST /v2/clock`."""
        if request.method == "GET":
            found = clock.read_clock(self.store, user, self._moment())
        else:
            found = clock.start_clock(self.store, await _body(request), user, self._moment())
        return JSONResponse(found)

    async def clocked(self, request: Request, user: Row) -> Response:
        """`PUT` and `DELETE /v2/clock/{id}`."""
        id = request.path_params["id"]
        if request.method == "PUT":
            found = clock.move_clock(self.store, id, await _body(request), user, self._moment())
        else:
            found = clock.stop_clock(self.store, id, dict(request.query_params), user, self._moment())
        return JSONResponse(found)

    def reading(self, path: str) -> Callable[[Request, Row], Awaitable[Response]]:
        """One of `READINGS`."""

        async def handle(request: Request, user: Row) -> Response:
            return JSONResponse(READINGS[path](self.store, request.query_params, user, self._moment()))

        return handle

    async def userreport(self, request: Request, user: Row) -> Response:
        """`GET /userreports/{id}`."""
        id = request.path_params["id"]
        return JSONResponse(userreports.user_report(self.store, id, request.query_params, user, self._moment()))

    async def entrygroups(self, request: Request, user: Row) -> Response:
        """`GET /v2/entrygroups`."""
        query = dict(request.query_params)
        rules.only_known(query, GROUP_PARAMETERS)
        grouping = request.query_params.getlist("grouping[]")
        return JSONResponse({"groups": entry_groups(self.store, query, grouping, user)})

    def catalog(self, path: str) -> Callable[[Request, Row], Awaitable[Response]]:
        """A list of the catalogue. Unknown parameters are ignored, as v3 and v4 do."""
        table, filters, largest = CATALOG[path]

        async def handle(request: Request, user: Row) -> Response:
            query = request.query_params
            where, values = ["1"], list[object]()
            for name in ("active", *filters):
                if (given := query.get(f"filter[{name}]")) is not None:
                    field = f"filter[{name}]"
                    where.append(f"{name} = ?")
                    values.append(rules.boolean(given, field) if name in BOOLEANS else rules.integer(given, field))
            if table == "users" and not sees_all(user):
                where.append("id = ?")
                values.append(user["id"])
            size = rules.integer(query.get("items_per_page", "1000"), "items_per_page", 1, largest)
            page = rules.integer(query.get("page", "1"), "page", 1)
            clause = " AND ".join(where)
            count = self.store.tuples(f"SELECT count(*) FROM {table} WHERE {clause}", values)[0][0]  # noqa: S608 - bound
            sql = f"SELECT * FROM {table} WHERE {clause} ORDER BY id LIMIT ? OFFSET ?"  # noqa: S608 - bound
            rows = self.store.all(sql, [*values, size, (page - 1) * size])
            paging = {
                "items_per_page": size,
                "current_page": page,
                "count_pages": -(-count // size),
                "count_items": count,
            }
            return JSONResponse({"paging": paging, "data": [_object(row) for row in rows]})

        return handle

    def _moment(self) -> datetime:
        """Now, as exactly as Clockodo keeps it."""
        return self.now().astimezone(UTC).replace(microsecond=0)


class Dated:
    """Says in each answer when it was made, by the clock that entries are stamped with: it need not be the real one."""

    def __init__(self, app: ASGIApp, *, now: Callable[[], datetime]) -> None:
        self.app, self.now = app, now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the header, where a fault has not set it."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                moment = format_datetime(self.now().astimezone(UTC), usegmt=True)
                MutableHeaders(scope=message).setdefault("date", moment)
            await send(message)

        await self.app(scope, receive, dated)


def _real_time() -> datetime:
    return datetime.now(UTC)


def create_app(
    store: Store,
    *,
    delay: float = 0.0,
    faults: bool = False,
    now: Callable[[], datetime] = _real_time,
    largest_page: int = entries.LARGEST_PAGE,
) -> Starlette:
    """The sandbox as an ASGI app, everything under `/api`. `app.state.sandbox.seen` are the requests so far.

    With `faults`, `/_sandbox/faults` arms faults, and `app.state.faults` holds them. `now` is aware: what new and
    changed entries are stamped with. A page of entries has at most `largest_page`, whatever is asked for.
    """
    sandbox = Sandbox(store, delay, now, largest_page)
    on = sandbox.handler
    routes = [
        Route("/api/v4/users/me", on(sandbox.me), methods=["GET"]),
        Route("/api/v2/entries", on(sandbox.entries), methods=["GET", "POST"]),
        Route("/api/v2/entries/{id:int}", on(sandbox.entry), methods=["GET", "PUT", "DELETE"]),
        Route("/api/v2/entrygroups", on(sandbox.entrygroups), methods=["GET"]),
        Route("/api/v2/clock", on(sandbox.clock), methods=["GET", "POST"]),
        Route("/api/v2/clock/{id:int}", on(sandbox.clocked), methods=["PUT", "DELETE"]),
        Route("/api/userreports/{id:int}", on(sandbox.userreport), methods=["GET"]),
        *(Route(f"/api{path}", on(sandbox.reading(path)), methods=["GET"]) for path in READINGS),
        *(Route(f"/api{path}", on(sandbox.catalog(path)), methods=["GET"]) for path in CATALOG),
        Route("/_sandbox/requests", _requests, methods=["GET", "DELETE"]),
    ]
    middleware = [Middleware(Dated, now=now)]
    armed = Faults() if faults else None
    if armed is not None:
        routes.append(Route("/_sandbox/faults", armed.endpoint, methods=["GET", "POST", "DELETE"]))
        middleware.append(Middleware(Misbehaving, faults=armed, store=store, now=now, note=sandbox.note))
    handlers = {404: _missing, 405: _wrong_method, Exception: _crashed}
    app = Starlette(routes=routes, middleware=middleware, exception_handlers=handlers)
    app.state.sandbox = sandbox
    app.state.faults = armed
    return app


async def _requests(request: Request) -> Response:
    seen: deque[Seen] = request.app.state.sandbox.seen
    if request.method == "DELETE":
        seen.clear()
    return JSONResponse({"total": len(seen), "requests": [asdict(one) for one in list(seen)[-1000:]]})


def _refusal(path: str, refused: Refused) -> Response:
    if path.startswith("/api/v2") and refused.status != 401:
        error = {"message": refused.message, "fields": list(refused.fields)}
        return JSONResponse({"error": error}, refused.status)
    said = {"type": "Error", "message": refused.message, "details": None, "path": list(refused.fields)}
    return JSONResponse({"errors": [said]}, refused.status)


async def _missing(request: Request, _: Exception) -> Response:
    return _refusal(request.url.path, Refused(404, f"Not found: {request.url.path}"))


async def _wrong_method(request: Request, _: Exception) -> Response:
    return _refusal(request.url.path, Refused(405, f"The method {request.method} is not allowed here"))


async def _crashed(request: Request, _: Exception) -> Response:
    return _refusal(request.url.path, Refused(500, "Internal error"))


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        raise Refused(400, "The body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "The body must be an object")
    return body


def _object(row: Row) -> Row:
    shown = {name: bool(value) if name in BOOLEANS else value for name, value in row.items() if name not in HIDDEN}
    if "budget_amount" in row:
        budget = {
            "monetary": bool(row["budget_monetary"]), "hard": bool(row["budget_hard"]), "from_subprojects": False,
            "interval": None, "amount": row["budget_amount"], "subprojects_budget_total": 0.0,
        }  # fmt: skip
        shown["budget"] = None if row["budget_amount"] is None else budget
    return shown
