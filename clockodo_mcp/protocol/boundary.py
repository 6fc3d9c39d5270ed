"""The boundary of a tool: what may come in, and what a model reads of a failure.

There are three kinds of failure, and each is answered in its own way:

1. The arguments are wrong: which, and what the tool takes. Nothing was sent to Clockodo.
2. What was foreseen, every `ClockodoMcpError`: its own words, and advice that names only tools that are offered.
3. Anything else is a fault of ours. Nothing of it reaches the model but a number, under which the SDK logs it, and, of
   a tool that writes, that it may have been carried out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from mcp import MCPError
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.types import CallToolResult, InputRequiredResult, TextContent
from pydantic import ValidationError

from clockodo_mcp import steps
from clockodo_mcp.answers.refusals import advice, in_words
from clockodo_mcp.api.failures import Refused
from clockodo_mcp.asking import Asked
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.protocol.synonyms import unknown_in_words, with_duration
from clockodo_mcp.protocol.tool import Tool
from clockodo_mcp.protocol.wrong_arguments import advice_on_fields, wrong_in_words, wrong_types, wrong_values

OF_HOSTS = {"wait_for_previous"}
"""What hosts add to every tool's arguments for themselves, and send along: Gemini CLI 0.61."""


@dataclass(frozen=True)
class Boundary:
    """The boundary of one tool. `schema` is of its arguments; `offered` are the tools that advice may name."""

    tool: Tool
    schema: Mapping[str, Any]
    offered: Collection[str]

    @property
    def known(self) -> Mapping[str, Any]:
        """The arguments that the tool takes, each with its schema."""
        known: Mapping[str, Any] = self.schema["properties"]
        return known

    def meant(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call without what hosts add, and without null, which says that one is left out.

        Null of a name that the tool does not know stays: whoever sent it is to hear of the name.
        """
        given = {name: value for name, value in sent.items() if value is not None or name not in self.known}
        return with_duration({name: value for name, value in given.items() if name not in OF_HOSTS}, self.known)

    def refusal(self, given: Mapping[str, Any]) -> CallToolResult | None:
        """Why the tool is not run with these; None where nothing speaks against it.

        Looked at are names, which the SDK ignores where it knows none, and values that no schema keeps out. Types are
        the SDK's to look at, which fails with them: see `failure`.
        """
        if not given.keys() <= self.known.keys():
            required = self.schema.get("required", [])
            find_id = advice(self.offered, steps.list_entries())
            return failed(unknown_in_words(self.tool.name, given, self.known, required, find_id))
        wrong = wrong_values(given, self.known)
        return self._wrong(wrong, given) if wrong else None

    def failure(self, error: Exception, given: Mapping[str, Any]) -> CallToolResult | InputRequiredResult:
        """What is answered where running the tool raised `error`.

        The SDK wraps what happened, which is the cause of its own exception: `ToolError` where pydantic refused the
        arguments, `UnexpectedToolError` where the tool raised.

        Raises:
            MCPError: what the SDK has to say of the protocol, as it is.
            UnexpectedToolError: a fault of ours, with a sentence for the model; the SDK logs it with its cause.
        """
        cause = error.__cause__ if isinstance(error, ToolError) else error
        match cause:
            case MCPError():
                raise cause
            case Asked():
                # A question ends the run, wherever it stands: the client makes the call once more, with the answer.
                return cause.result
            case Refused():
                about = advice_on_fields(cause.fields, self.known, self.offered)
                return failed(in_words(cause, self.offered) + about, self.tool.told_pages(cause))
            case ClockodoMcpError():
                return failed(in_words(cause, self.offered), self.tool.told_pages(cause))
            case ValidationError() if not isinstance(error, UnexpectedToolError):
                problems = cause.errors(include_url=False, include_context=False)
                return self._wrong(wrong_types(problems, self.known), given)
            case _:
                raise UnexpectedToolError(self._fault()) from cause

    def _wrong(self, wrong: Mapping[str, str], given: Mapping[str, Any]) -> CallToolResult:
        return failed(wrong_in_words(self.tool.name, wrong, given, self.known, self.offered))

    def _fault(self) -> str:
        """What is said of a fault of ours; its number is in the log, too, since the SDK logs this sentence."""
        became = "Nothing was changed."
        if self.tool.writes:
            see = advice(self.offered, steps.list_changes(to="to settle it and see what became of it"))
            became = f"It may or may not have been carried out.{see}"
        report = token_hex(4)
        return (
            f"{self.tool.name} failed by a fault of this server, report {report}. {became} "
            "Tell the person, and do not repeat the call."
        )


def failed(words: str, meta: dict[str, Any] | None = None) -> CallToolResult:
    """A failure, in words that end with what to do; `meta` is for pages that people look at."""
    return CallToolResult(content=[TextContent(type="text", text=words)], is_error=True, _meta=meta)
