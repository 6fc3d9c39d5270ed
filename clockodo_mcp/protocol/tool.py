"""What a tool is: a body with its description, schema and hints, and how one call of it runs."""

import inspect
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, ResourceLink, TextContent, ToolAnnotations

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.batch_receipts import BrokenOff
from clockodo_mcp.answers.refusals import to_person
from clockodo_mcp.asking import NotAgreed, Unconfirmed
from clockodo_mcp.call import Call
from clockodo_mcp.errors import ClockodoMcpError, NotThere, Refusal
from clockodo_mcp.protocol.arguments import Confirm
from clockodo_mcp.speech import in_both
from clockodo_mcp.writing.turns import Stale
from clockodo_mcp.writing.undo import CannotUndo

F = TypeVar("F", bound=Facts)

SEARCHED = "anthropic/searchHint"
"""What Claude Code looks for words in, besides names and descriptions. In `_meta` of a tool."""

FOR_PAGES = "clockodo-mcp/page"
"""In `_meta` of a result: what a page draws, or why it was refused. Hosts hand it to pages and to no model."""

Begin = Callable[[str, Mapping[str, Any], str, bool, "Context[Any, Any]"], Awaitable[Call]]
"""Makes the `Call` of a tool by its name, its checked arguments, the code that came with it, whether it takes one, and
the SDK's context."""


@dataclass(frozen=True)
class Tool:
    """One tool. `body` takes the call, then the arguments; `confirmed` where it always shows a preview with a code.

    `page` is the resource that draws what it answers, where there is one; pages call the tools that are `for_pages`.

    `search_hint` are words that people use for what it does, English and German: hosts that show their model only the
    names of tools look for the rest in them.
    """

    name: str
    title: str
    description: str
    search_hint: str
    body: Callable[..., Awaitable[Answer[Any]]]
    facts: type[Facts]
    writes: bool
    confirmed: bool
    annotations: ToolAnnotations
    page: str = ""
    for_pages: bool = False

    @property
    def meta(self) -> dict[str, Any]:
        """What hosts are told besides the schema."""
        return {SEARCHED: self.search_hint} | ({"ui": {"resourceUri": self.page}} if self.page else {})

    def result_of(self, answer: Answer[Any], *, structured: bool) -> CallToolResult:
        """An answer as the client gets it: the words, and only where they are wished for the facts besides."""
        meta = {FOR_PAGES: _plain(answer.page or answer.facts)} if self.for_pages else None
        result = CallToolResult(content=[TextContent(type="text", text=answer.words)], _meta=meta)
        if answer.file is not None:
            path, mime_type, size = answer.file
            result.content.append(ResourceLink(name=path.name, uri=path.as_uri(), mime_type=mime_type, size=size))
        if structured:
            result.structured_content = _plain(answer.facts)
        return result

    def told_pages(self, error: ClockodoMcpError) -> dict[str, Any] | None:
        """What a page is told of a failure: the sentence without the advice to a model, or the code that would confirm.

        It is `refused` or `declined` where nothing was done; where it `failed`, the sentence says what is known, and
        `change` takes back what was done of it.
        """
        if not self.for_pages:
            return None
        if isinstance(error, Unconfirmed):
            return {FOR_PAGES: {"preview": in_both(error.preview), "confirm": error.code}}
        refused, declined = isinstance(error, Refusal | CannotUndo), isinstance(error, NotAgreed)
        kind = "refused" if refused else "declined" if declined else "failed"
        told: dict[str, Any] = {"why": in_both(to_person(error)), "kind": kind}
        if isinstance(error, Refusal):
            told |= {"argument": error.argument, "gone": isinstance(error, NotThere)}
        if isinstance(error, BrokenOff):
            told["change"] = error.change
        return {FOR_PAGES: told}

    def function(self, begin: Begin, *, codes: bool, structured: bool) -> Callable[..., Awaitable[CallToolResult]]:
        """The body as the SDK registers it: with the context in front, and `confirm` where a code may be asked for."""
        takes_code = self.confirmed or (codes and self.writes)

        async def run(ctx: Context[Any, Any], **arguments: Any) -> CallToolResult:
            confirm = arguments.pop("confirm", "")
            call = await begin(self.name, arguments, confirm, takes_code, ctx)
            turns, turn = call.app.writer.turns, call.asked_for.turn
            try:
                return self.result_of(await self.body(call, **arguments), structured=structured)
            except Stale:
                pass
            except ClockodoMcpError:
                # What is refused while another call writes may be refused for what is only half done.
                if not (self.writes and turns.is_old(turn)):
                    raise
            while True:
                call = call.again()
                with suppress(Stale):
                    async with turns.reading(turn):
                        return self.result_of(await self.body(call, **arguments), structured=structured)

        own = list(inspect.signature(self.body, eval_str=True).parameters.values())[1:]
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters = [inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Context[Any, Any])]
        parameters += [one.replace(kind=kind) for one in own]
        if takes_code:
            parameters.append(inspect.Parameter("confirm", kind, default="", annotation=Confirm))
        returned = Annotated[CallToolResult, self.facts] if structured else CallToolResult
        run.__name__ = self.name
        run.__signature__ = inspect.Signature(parameters, return_annotation=returned)  # type: ignore[attr-defined] # what inspect reads
        run.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": returned}
        return run


def tool(
    *,
    title: str,
    writes: bool,
    search_hint: str,
    writes_files: bool = False,
    destructive: bool = False,
    idempotent: bool | None = None,
    confirmed: bool = False,
    for_pages: bool = False,
    page: str = "",
) -> Callable[[Callable[..., Awaitable[Answer[F]]]], Tool]:
    """Turn a function into a tool. Its docstring is the description, its annotated parameters are the schema.

    It changes something in Clockodo (`writes`), or only files of this machine (`writes_files`), or nothing.
    """

    def declare(body: Callable[..., Awaitable[Answer[F]]]) -> Tool:
        facts = get_args(inspect.signature(body, eval_str=True).return_annotation)[0]
        return Tool(
            name=body.__name__,
            title=title,
            description=" ".join((body.__doc__ or "").split()),
            search_hint=search_hint,
            body=body,
            facts=facts,
            writes=writes,
            confirmed=confirmed,
            page=page,
            for_pages=for_pages,
            annotations=ToolAnnotations(
                title=title,
                read_only_hint=not (writes or writes_files),
                destructive_hint=destructive,
                idempotent_hint=not writes if idempotent is None else idempotent,
                open_world_hint=True,
            ),
        )

    return declare


def _plain(facts: Facts) -> dict[str, Any]:
    return facts.model_dump(mode="json", exclude_none=True)


def spoken_of(text: str, missing: Collection[str]) -> str:
    """A description or instructions without the sentences, and the parts of one, that name a tool which is not offered.

    >>> spoken_of("Log time. Books at once; for several use log_entries. Example: {}.", ["log_entries"])
    'Log time. Books at once. Example: {}.'
    """
    parts = re.split(r"(?<=[.;])(?=\s)", text)
    kept = [one for one in parts if not any(re.search(rf"\b{name}\b", one) for name in missing)]
    return re.sub(r";(?=\s*([A-Z]|$))", ".", "".join(kept)) if len(kept) < len(parts) else text


def lean(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without what hosts hand the model for nothing: generated titles, empty and null defaults.

    Model APIs refuse an empty string among the choices of an `enum`: what may be left out has a default instead.
    """
    properties = {
        name: {
            key: [choice for choice in value if choice != ""] if key == "enum" else value
            for key, value in one.items()
            if key != "title" and not (key == "default" and value in ("", None, []))
        }
        for name, one in schema.get("properties", {}).items()
    }
    kept = {key: value for key, value in schema.items() if key not in ("title", "properties")}
    return {**kept, "properties": properties, "additionalProperties": False}
