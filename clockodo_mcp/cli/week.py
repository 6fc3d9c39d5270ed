"""`clockodo-mcp week`: the page of a week in a browser, for those whose host shows no pages.

It listens on the loopback address. The link that is opened holds a token behind its `#`, which no server is sent; it is
traded once for the session that every call has to name. No cookie: a browser sends those to every port of a machine.
Requests by another name of this machine, or from another origin, are refused.
"""

import hmac
import json
import secrets
import socket
import sys
import webbrowser
from collections.abc import Mapping
from html import escape
from typing import Any, TypeVar

import httpx2
from mcp import Client, MCPError
from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from clockodo_mcp.cli.serving import AFTER_UVICORN, served_until_a_signal
from clockodo_mcp.config import Settings
from clockodo_mcp.server import build_server
from clockodo_mcp.tools import TOOLSETS
from clockodo_mcp.week import browser, document

FOR_PAGES = {one.name for tools in TOOLSETS.values() for one in tools if one.for_pages}
"""The tools that the page may call."""

OF_PAGE = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
"""The policy that MCP Apps sets for a page that declares nothing. Source: MCP Apps 2026-01-26."""

OF_FRAME = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

USED = "This link was used already, or is none of ours. Run clockodo-mcp week again."

LONGEST = 100_000
"""Bytes of a request's body."""


class Visit:
    """Who may call: the first with the token, and whoever knows the session since."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)
        self._session = secrets.token_urlsafe(24)

    def begun(self, token: str) -> str:
        """The session for the token, once; empty for any other, and for the same one again."""
        if not (self.token and hmac.compare_digest(token.encode(), self.token.encode())):
            return ""
        self.token = ""
        return self._session

    def knows(self, request: Request) -> bool:
        """Whether a request names the session."""
        named = request.headers.get("authorization", "")
        return hmac.compare_digest(named.encode(), f"Bearer {self._session}".encode())


class PageCall(BaseModel):
    """What the page asks for."""

    name: str
    arguments: dict[str, Any]


class Token(BaseModel):
    """What the link holds."""

    token: str


def week_app(client: Client, visit: Visit, port: int, shown: Mapping[str, str]) -> Starlette:
    """The frame at `/`, the page in it at `/page`, and the tools at `/call`. `shown` are the arguments of show_week."""
    here = f"127.0.0.1:{port}"
    html = browser().replace('id="page"', f'id="page" data-shown="{escape(json.dumps(shown))}"', 1)

    def is_ours(request: Request) -> bool:
        return (
            request.headers.get("host") == here and request.headers.get("origin", f"http://{here}") == f"http://{here}"
        )

    async def frame(request: Request) -> Response:
        if not is_ours(request):
            return PlainTextResponse(USED, 403)
        return HTMLResponse(html, headers=_headers(OF_FRAME))

    async def page(request: Request) -> Response:
        # The page itself has no origin, and holds nothing but what everybody can install.
        if request.headers.get("host") != here:
            return PlainTextResponse(USED, 403)
        return HTMLResponse(document(), headers=_headers(OF_PAGE))

    async def session(request: Request) -> Response:
        asked = await _read(request, Token)
        if asked is None:
            return PlainTextResponse("This is no token.", 400)
        found = visit.begun(asked.token) if is_ours(request) else ""
        return JSONResponse({"session": found}, headers=_headers(OF_PAGE)) if found else PlainTextResponse(USED, 403)

    async def call(request: Request) -> Response:
        if not (is_ours(request) and "origin" in request.headers and visit.knows(request)):
            return PlainTextResponse(USED, 403)
        asked = await _read(request, PageCall)
        if asked is None:
            return PlainTextResponse("This is no call of a tool.", 400)
        if asked.name not in FOR_PAGES:
            return PlainTextResponse("The page does not call this tool.", 403)
        return JSONResponse(await _called(client, asked.name, asked.arguments), headers=_headers(OF_PAGE))

    posts = [Route("/session", session, methods=["POST"]), Route("/call", call, methods=["POST"])]
    return Starlette(routes=[Route("/", frame), Route("/page", page), *posts])


B = TypeVar("B", bound=BaseModel)


async def _read(request: Request, kind: type[B]) -> B | None:
    """The body of a request; None where it is another one, or too long."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            return None
    try:
        return kind.model_validate_json(bytes(body))
    except ValidationError:
        return None


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


async def _called(client: Client, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A tool's answer as the protocol writes it; what the protocol itself refuses as a failed call."""
    try:
        result = await client.call_tool(name, arguments)
    except MCPError as error:
        return {"content": [{"type": "text", "text": str(error)}], "isError": True}
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


async def show_in_browser(
    settings: Settings,
    transport: httpx2.AsyncBaseTransport | None,
    listener: socket.socket,
    shown: Mapping[str, str],
    *,
    opens: bool,
) -> None:
    """Serve the page until a signal comes, and open it in the person's browser."""
    visit, port = Visit(), listener.getsockname()[1]
    link = f"http://127.0.0.1:{port}/#token={visit.token}"
    async with Client(build_server(settings, transport=transport, grace=AFTER_UVICORN)) as client:
        said = f"clockodo-mcp: the week is at {link} (this link works once); Ctrl+C ends it."
        print(said, file=sys.stderr, flush=True)  # noqa: T201 - the command's own voice
        if opens:
            webbrowser.open(link)
        await served_until_a_signal(week_app(client, visit, port, shown), listener)
