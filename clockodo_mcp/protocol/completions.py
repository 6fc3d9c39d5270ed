"""Completions: what a client offers while the arguments of a prompt or a resource are being typed."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from mcp.server.mcpserver.prompts import Prompt
from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from clockodo_mcp.app import App
from clockodo_mcp.cells import line
from clockodo_mcp.domain.moments import WEEKDAYS
from clockodo_mcp.domain.words import begin, words_of
from clockodo_mcp.errors import ClockodoMcpError

AT_MOST = 100
"""Values in one answer. Source: MCP 2026-07-28, "Completion"."""

LAST_DAYS = 14
"""How many days are offered by date."""

PERIODS = ("this_week", "last_week", "this_month", "last_month", "last_7_days", "this_year", "last_year")

Complete = Callable[
    [PromptReference | ResourceTemplateReference, CompletionArgument, CompletionContext | None],
    Awaitable[Completion | None],
]


def completions(prompts: Iterable[Prompt], app: App) -> Complete:
    """The server's one completion handler. Days, periods, customers, projects and entries complete; free text does not.

    An account that cannot be reached offers nothing: a text box without suggestions still works.
    """
    known = {prompt.name: {one.name for one in prompt.arguments or ()} for prompt in prompts}

    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,  # noqa: ARG001 - no argument here depends on another
    ) -> Completion | None:
        if isinstance(ref, PromptReference) and argument.name not in known.get(ref.name, ()):
            return None
        if app.settings.wrong:
            return None  # nothing is asked of an account that may be another one
        try:
            offered = await suggestions(app, argument.name)
        except ClockodoMcpError:
            return None
        typed = words_of(argument.value)
        fitting = [value for value in offered if begin(typed, words_of(value))]
        return Completion(values=fitting[:AT_MOST], total=len(fitting), has_more=len(fitting) > AT_MOST)

    return complete


async def suggestions(app: App, argument: str) -> list[str]:
    """Every value that is worth offering for an argument of this name."""
    if argument in ("day", "period"):
        today = (await app.account.caller()).today(app.now())
        dates = [(today - timedelta(days=back)).isoformat() for back in range(LAST_DAYS)]
        words = ["today", "yesterday", *WEEKDAYS]
        return [*words, *dates] if argument == "day" else [*PERIODS, *words, *dates]
    if argument == "month":
        first = (await app.account.caller()).today(app.now()).replace(day=1)
        months = [first]
        while len(months) < 12:
            months.append((months[-1] - timedelta(days=1)).replace(day=1))
        return ["this_month", "last_month", *(f"{month:%Y-%m}" for month in months)]
    if argument == "customer":
        return [line(one.name) for one in await app.catalog.customers.all() if not one.closed]
    if argument == "project":
        return [line(one.name) for one in await app.catalog.projects.all() if not one.closed]
    if argument == "id":
        return [str(use.id) for use in reversed(await app.habits.uses())]
    return []
