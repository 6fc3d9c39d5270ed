"""Resources: what a person attaches to a conversation, as Markdown.

The same words as the tools' answers. A failure that was foreseen becomes a `ResourceError`, whose text is all that a
client shows.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver.exceptions import ResourceError

from clockodo_mcp.account.catalogue import CACHED
from clockodo_mcp.answers.refusals import in_words
from clockodo_mcp.domain.words import digits_in
from clockodo_mcp.errors import ClockodoMcpError, Unreadable
from clockodo_mcp.protocol.calls import Server

LISTED = 200
"""Objects of the catalogue that a resource shows."""

ROWS = 200
"""Entries that a resource shows."""

NEVER_CACHED = ("clockodo://me", "clockodo://entries/", "clockodo://entry/")
"""What changes with every entry."""

HOUR = 3_600_000

CACHE_HINTS: Mapping[CacheableMethod, CacheHint] = {
    "tools/list": CacheHint(ttl_ms=HOUR, scope="private"),
    "prompts/list": CacheHint(ttl_ms=HOUR, scope="private"),
    "resources/list": CacheHint(ttl_ms=HOUR, scope="private"),
    "resources/templates/list": CacheHint(ttl_ms=HOUR, scope="private"),
    "resources/read": CacheHint(ttl_ms=int(CACHED * 1000), scope="private"),
}
"""How long a client may keep what it was told (`ttlMs`, protocol 2026-07-28): the catalogue as long as we do."""

P = ParamSpec("P")


async def entries_are_never_kept(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Middleware: a resource that shows entries is stale at once, unlike the catalogue."""
    result = await call_next(ctx)
    uri = str((ctx.params or {}).get("uri", ""))
    if (
        ctx.method == "resources/read"
        and uri.startswith(NEVER_CACHED)
        and isinstance(result, dict)
        and "ttlMs" in result
    ):
        return {**result, "ttlMs": 0}
    return result


def in_our_words(read: Callable[P, Awaitable[str]]) -> Callable[P, Awaitable[str]]:
    """A resource whose foreseen failures are sentences."""

    @wraps(read)
    async def reading(*args: P.args, **kwargs: P.kwargs) -> str:
        try:
            return await read(*args, **kwargs)
        except ClockodoMcpError as error:
            raise ResourceError(in_words(error, ())) from error

    return reading


def add_resources(server: Server) -> None:
    """Offer the resources whose tools are offered. Each is what a tool answers, in words."""

    def offer(
        tool: str, uri: str, name: str, title: str, description: str, read: Callable[..., Awaitable[str]]
    ) -> None:
        if not server.offers(tool):
            return
        server.resource(uri, name=name, title=title, description=description, mime_type="text/markdown")(
            in_our_words(read)
        )

    async def listed(kind: str, customer: str = "") -> str:
        return (await server.answer_of("search_catalog", kinds=[kind], customer=customer, limit=LISTED)).words

    async def me() -> str:
        return (await server.answer_of("get_context")).words

    async def customers() -> str:
        return await listed("customers")

    async def projects(customer: str = "") -> str:
        return await listed("projects", customer)

    async def services() -> str:
        return await listed("services")

    async def entries(day: str) -> str:
        return (await server.answer_of("list_entries", period=day, limit=ROWS)).words

    async def entry(id: str) -> str:
        if not digits_in(id):
            raise Unreadable("an entry is read by its number, as in clockodo://entry/4711.", argument="id", value=id)
        return (await server.answer_of("get_entry", id=int(id))).words

    offer("get_context", "clockodo://me", "me", "Me, today", "Who I am, date and time, hours so far, usual places.", me)
    offer(
        "search_catalog",
        "clockodo://customers",
        "customers",
        "Customers",
        "Active customers with ids and numbers.",
        customers,
    )
    offer(
        "search_catalog", "clockodo://projects{?customer}", "projects", "Projects",
        "Open projects with ids, budgets and billable defaults; of one customer with ?customer=name or id.", projects,
    )  # fmt: skip
    offer(
        "search_catalog",
        "clockodo://services",
        "services",
        "Services",
        "Active services (kinds of work) with ids.",
        services,
    )
    offer(
        "list_entries", "clockodo://entries/{day}", "entries", "My entries of a day",
        "My entries of a day or period, such as today, 2026-11-23 or last_week, with exact totals.", entries,
    )  # fmt: skip
    offer("get_entry", "clockodo://entry/{id}", "entry", "One entry", "One entry by its id.", entry)
