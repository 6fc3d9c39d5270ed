"""How a choice is put to the person: as a form where the client can show one, else as an error with the choices.

On 2026-07-28 a question ends the call and the client repeats it with the answer, so the same arguments must lead to
the same question, and nothing is written before the last answer. Older clients are asked while the call waits. The
SDK does either (`Resolve`, see its page on dependencies); which clients can be asked it leaves to us.
"""

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit
from pydantic import BaseModel, Field, JsonValue, create_model

from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.names import SHOWN, SeveralObjects
from clockodo_mcp.errors import ClockodoMcpError

Ctx = Context[Desk, Any]
T = TypeVar("T")
Look = Callable[[dict[str, str]], Awaitable[T]]
"""Finds what words mean, given as arguments."""


class Declined(ClockodoMcpError):
    """The person did not answer a question. Nothing was written."""


class Choice(BaseModel):
    """The answer to a question. Each question has its own options: the labels, and the arguments that they mean."""

    options: ClassVar[dict[str, dict[str, str]]] = {}

    choice: str

    @property
    def means(self) -> dict[str, str]:
        """The arguments that the chosen label stands for.

        Raises:
            Declined: the client sent a label that was not offered.
        """
        if self.choice not in self.options:
            raise Declined(
                "The answer to the question was none of the choices. Nothing was done; call again to ask again."
            )
        return self.options[self.choice]


def desk_of(ctx: Ctx) -> Desk:
    """The desk that the server's lifespan yields."""
    desk: Desk = ctx.request_context.lifespan_context
    return desk


def can_be_asked(ctx: Ctx) -> bool:
    """Whether the client shows forms to the person; a bare `elicitation: {}` says so, too."""
    asks = ctx.client_capabilities.elicitation if ctx.client_capabilities else None
    return asks is not None and (asks.form is not None or asks.url is None)


def question(several: SeveralObjects) -> Elicit[Choice]:
    """A choice as a form with one field, a plain list of labels, which every client can show; at most ten."""
    options = dict(list(several.options.items())[:SHOWN])
    labels: list[JsonValue] = list(options)
    more = len(several.options) - len(labels)
    message = several.asks if not more else f"{several.asks} ({more} more are not listed; decline to name it better.)"
    schema = create_model(
        "Choice", __base__=Choice, choice=(str, Field(title="Choice", json_schema_extra={"enum": labels}))
    )
    schema.options = options
    return Elicit(message, schema)


async def found_or_asked(ctx: Ctx, look: Look[T], words: dict[str, str]) -> T | Elicit[Choice]:
    """What the words mean, or the question about it."""
    try:
        return await look(words)
    except SeveralObjects as several:
        if can_be_asked(ctx):
            return question(several)
        raise


async def after_answer(outcome: ElicitationResult[Any], look: Look[T], words: dict[str, str]) -> T:
    """What was found, or what the chosen arguments mean.

    Raises:
        Declined: the person declined or closed the question.
    """
    if not isinstance(outcome, AcceptedElicitation):
        raise Declined(
            "The person did not choose, so nothing was done. Ask them what they meant before you call again."
        )
    if isinstance(outcome.data, Choice):
        return await look(words | outcome.data.means)
    found: T = outcome.data
    return found
