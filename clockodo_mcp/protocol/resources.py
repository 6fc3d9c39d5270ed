"""Resources: what a person attaches to a conversation, as Markdown.

The same words as the tools' answers. A failure that was foreseen becomes a `ResourceError`, whose text is all that a
client shows.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError

from clockodo_mcp.account.cache import KEPT
from clockodo_mcp.account.catalogue import is_id
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.tools.context import context
from clockodo_mcp.tools.entries import entry_card, own_entries
from clockodo_mcp.tools.search import Kind, catalog

LISTED = 200
"""Rows of the catalogue that a resource shows; `search_catalog` finds the others."""

NEVER_KEPT = ("clockodo://me", "clockodo://entries/", "clockodo://entry/")
"""What changes with every entry."""

HOUR = 3_600_000

CACHE_HINTS: Mapping[CacheableMethod, CacheHint] = {
    "tools/list": CacheHint(ttl_ms=HOUR, scope="private"),
    "prompts/list": CacheHint(ttl_ms=HOUR, scope="private"),
    "resources/list": CacheHint(ttl_ms=HOUR, scope="private"),
    "resources/templates/list": CacheHint(ttl_ms=HOUR, scope="private"),
    "resources/read": CacheHint(ttl_ms=int(KEPT * 1000), scope="private"),
}
"""How long a client may keep what it was told (`ttlMs`, protocol 2026-07-28): the catalogue as long as we do."""

P = ParamSpec("P")


async def entries_are_never_kept(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Middleware: a resource that shows entries is stale at once, unlike the catalogue."""
    result = await call_next(ctx)
    uri = str((ctx.params or {}).get("uri", ""))
    if ctx.method == "resources/read" and uri.startswith(NEVER_KEPT) and isinstance(result, dict) and "ttlMs" in result:
        return {**result, "ttlMs": 0}
    return result


def in_our_words(read: Callable[P, Awaitable[str]]) -> Callable[P, Awaitable[str]]:
    """A resource whose foreseen failures are sentences."""

    @wraps(read)
    async def reading(*args: P.args, **kwargs: P.kwargs) -> str:
        try:
            return await read(*args, **kwargs)
        except ClockodoMcpError as error:
            raise ResourceError(str(error)) from error

    return reading


def add_resources(server: MCPServer[Desk], desk: Callable[[], Desk]) -> None:
    """Offer all resources. `desk` is asked for at each reading, when the server runs."""

    def offer(uri: str, name: str, title: str, description: str, read: Callable[..., Awaitable[str]]) -> None:
        server.resource(uri, name=name, title=title, description=description, mime_type="text/markdown")(
            in_our_words(read)
        )

    async def listed(kind: Kind, customer: str = "") -> str:
        words, _ = await catalog(desk(), "", [kind], customer, include_inactive=False, limit=LISTED)
        return words

    async def me() -> str:
        return (await context(desk()))[0]

    async def customers() -> str:
        return await listed("customers")

    async def projects(customer: str = "") -> str:
        return await listed("projects", customer)

    async def services() -> str:
        return await listed("services")

    async def entries(day: str) -> str:
        return (await own_entries(desk(), day))[0]

    async def entry(id: str) -> str:
        if not is_id(id):
            raise Unreadable("id", id, "an entry is read by its number, as in clockodo://entry/4711.")
        return (await entry_card(desk(), int(id)))[0]

    offer("clockodo://me", "me", "Me, today", "Who I am, date and time, hours so far, usual places.", me)
    offer("clockodo://customers", "customers", "Customers", "Active customers with ids and numbers.", customers)
    offer(
        "clockodo://projects{?customer}", "projects", "Projects",
        "Open projects with ids, budgets and billable defaults; of one customer with ?customer=name or id.", projects,
    )  # fmt: skip
    offer("clockodo://services", "services", "Services", "Active services (kinds of work) with ids.", services)
    offer(
        "clockodo://entries/{day}", "entries", "My entries of a day",
        "My entries of a day or period, such as today, 2026-11-23 or last_week, with exact totals.", entries,
    )  # fmt: skip
    offer("clockodo://entry/{id}", "entry", "One entry", "One entry by its id.", entry)
