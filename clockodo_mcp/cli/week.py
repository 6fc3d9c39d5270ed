"""`clockodo-mcp week`: the page of a week in a browser, for those whose host shows no pages.

It listens on the loopback address. The link that is opened holds a token that is good for once; what it is traded for
is a cookie that no script and no other site is handed. Requests by another name of this machine, or from another
origin, are refused.
"""

import hmac
import json
import secrets
import socket
import sys
import webbrowser
from collections.abc import Mapping
from html import escape
from typing import Any

import httpx2
from mcp import Client, MCPError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from clockodo_mcp.cli.serving import AFTER_UVICORN, served_until_a_signal
from clockodo_mcp.config import Settings
from clockodo_mcp.server import build_server
from clockodo_mcp.tools import TOOLSETS
from clockodo_mcp.week import browser, document

COOKIE = "clockodo-mcp-week"

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


class Visit:
    """Who may look: the first with the token, and whoever has the cookie since."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)
        self._session = secrets.token_urlsafe(24)

    def begun(self, token: str) -> str:
        """The cookie for the token, once; empty for any other, and for the same one again."""
        if not (self.token and hmac.compare_digest(token.encode(), self.token.encode())):
            return ""
        self.token = ""
        return self._session

    def knows(self, request: Request) -> bool:
        """Whether a request has the cookie."""
        return hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self._session.encode())


def week_app(client: Client, visit: Visit, port: int, shown: Mapping[str, str]) -> Starlette:
    """The frame at `/`, the page in it at `/page`, and the tools at `/call`. `shown` are the arguments of show_week."""
    origin = f"http://127.0.0.1:{port}"

    async def frame(request: Request) -> Response:
        if token := request.query_params.get("token"):
            if not (session := visit.begun(token)):
                return PlainTextResponse(USED, 403)
            answer = RedirectResponse("/", 303)
            answer.set_cookie(COOKIE, session, httponly=True, samesite="strict", path="/")
            return answer
        if not visit.knows(request):
            return PlainTextResponse(USED, 403)
        html = browser().replace('id="page"', f'id="page" data-shown="{escape(json.dumps(shown))}"', 1)
        return HTMLResponse(html, headers=_headers(OF_FRAME))

    async def page(_: Request) -> Response:
        return HTMLResponse(document(), headers=_headers(OF_PAGE))

    async def call(request: Request) -> Response:
        if not visit.knows(request) or request.headers.get("origin") != origin:
            return PlainTextResponse(USED, 403)
        try:
            asked = json.loads(await request.body())
            name, arguments = asked["name"], dict(asked["arguments"])
        except (ValueError, KeyError, TypeError):
            return PlainTextResponse("This is no call of a tool.", 400)
        if name not in FOR_PAGES:
            return PlainTextResponse("The page does not call this tool.", 403)
        return JSONResponse(await _called(client, name, arguments), headers=_headers(OF_PAGE))

    routes = [Route("/", frame), Route("/page", page), Route("/call", call, methods=["POST"])]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1"], www_redirect=False)
    return Starlette(routes=routes, middleware=[hosts])


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
    link = f"http://127.0.0.1:{port}/?token={visit.token}"
    async with Client(build_server(settings, transport=transport, grace=AFTER_UVICORN)) as client:
        said = f"clockodo-mcp: the week is at {link} (this link works once); Ctrl+C ends it."
        print(said, file=sys.stderr, flush=True)  # noqa: T201 - the command's own voice
        if opens:
            webbrowser.open(link)
        await served_until_a_signal(week_app(client, visit, port, shown), listener)
