"""The boundary of a tool: what may come in, and what a model reads of a failure.

There are three kinds of failure, and each is answered in its own way:

1. The arguments are wrong: which, and what the tool takes. Nothing was sent to Clockodo.
2. What was foreseen, every `ClockodoMcpError`: its own words, and advice that names only tools that are offered.
3. Anything else is a fault of ours. Of the error the model reads only a number, under which the SDK logs it; of a tool
   that writes, also that it may have been carried out.
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
    """The boundary of one tool: `meant`, `refusal`, then the tool is run; `failure` where that raised.

    `known` are the arguments that the tool takes, each with its schema, of which some are `required`; `offered` are the
    tools that advice may name.
    """

    tool: Tool
    offered: Collection[str]
    known: Mapping[str, Any]
    required: Collection[str] = ()

    def meant(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call without what hosts add, and without null, which says that one is left out.

        Null of a name that the tool does not know stays: whoever sent it is to hear of the name.
        """
        given = {name: value for name, value in sent.items() if value is not None or name not in self.known}
        return with_duration({name: value for name, value in given.items() if name not in OF_HOSTS}, self.known)

    def refusal(self, given: Mapping[str, Any]) -> CallToolResult | None:
        """Why the tool is not run with these; None where nothing speaks against it.

        Names are looked at since the SDK ignores those that it does not know, and values that no schema keeps out. The
        SDK looks at the types, and fails with them: see `failure`.
        """
        if not given.keys() <= self.known.keys():
            how_to_find_an_id = advice(self.offered, steps.list_entries())
            return failed(unknown_in_words(self.tool.name, given, self.known, self.required, how_to_find_an_id))
        wrong = wrong_values(given, self.known)
        return self._wrong(wrong, given) if wrong else None

    def failure(self, error: Exception, given: Mapping[str, Any]) -> CallToolResult | InputRequiredResult:
        """What is answered where the SDK, asked to run the tool, raised `error`. Two things are no failures: a question
        to the person, and what the SDK has to say of the protocol.

        The SDK wraps what happened, which is the cause of its own exception: `ToolError` where pydantic refused the
        arguments, `UnexpectedToolError` where the tool raised.

        Raises:
            MCPError: what the SDK has to say of the protocol, as it is.
            UnexpectedToolError: a fault of ours, with a sentence for the model; the SDK logs it with its cause.
        """
        cause = (error.__cause__ if isinstance(error, ToolError) else None) or error
        match cause:
            case MCPError():
                raise cause
            case Asked():
                # A question ends the run, wherever it stands: the client makes the call once more, with the answer.
                return cause.result
            case ClockodoMcpError():
                fields = cause.fields if isinstance(cause, Refused) else ()
                words = in_words(cause, self.offered) + advice_on_fields(fields, self.known, self.offered)
                return failed(words, self.tool.told_pages(cause))
            case ValidationError() if type(error) is ToolError:  # of the arguments; one in the tool's body is a fault
                problems = cause.errors(include_url=False, include_context=False)
                return self._wrong(wrong_types(problems, self.known), given)
            case _:
                raise fault(self.tool, self.offered) from cause

    def _wrong(self, wrong: Mapping[str, str], given: Mapping[str, Any]) -> CallToolResult:
        return failed(wrong_in_words(self.tool.name, wrong, given, self.known, self.offered))


def fault(tool: Tool, offered: Collection[str]) -> UnexpectedToolError:
    """What is said of a fault of ours; its number is in the log, too, since the SDK logs this sentence."""
    became = "Nothing was changed."
    if tool.writes:
        see = advice(offered, steps.list_changes(to="to settle it and see what became of it"))
        became = f"It may or may not have been carried out.{see}"
    return UnexpectedToolError(
        f"{tool.name} failed by a fault of this server, report {token_hex(4)}. {became} "
        "Tell the person, and do not repeat the call."
    )


def failed(words: str, meta: dict[str, Any] | None = None) -> CallToolResult:
    """A failure, in words that end with what to do; `meta` is for pages that people look at."""
    return CallToolResult(content=[TextContent(type="text", text=words)], is_error=True, _meta=meta)
