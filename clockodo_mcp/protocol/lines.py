"""Lines of stdin that are no messages: what hosts get wrong is mended, and anything else is answered.

The SDK says nothing about a line that it cannot read, and whoever sent it would wait for ever.
"""

import re
from collections.abc import AsyncIterable, Awaitable, Callable

from anyio.streams.memory import MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp.types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError
from mcp_types import jsonrpc_message_adapter
from pydantic import ValidationError
from pydantic_core import ErrorDetails

HALF = re.compile(
    r"(\\\\)|\\u(?:d[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][0-9a-f]{2}\\u)d[c-f][0-9a-f]{2})", re.IGNORECASE
)
"""Half of a character that JSON writes as two, without the other half; or a backslash that stands for itself."""

BROKEN = "\\ufffd"
"""Stands for it: the tools refuse it by its name."""

BYTE_ORDER_MARK = "\ufeff"


async def only_messages(
    lines: AsyncIterable[SessionMessage | Exception],
    into: MemoryObjectSendStream[SessionMessage | Exception],
    answer: Callable[[SessionMessage], Awaitable[None]],
) -> None:
    """Hand on what the SDK has read of stdin, until it ends; answer what is no message."""
    async with into:
        async for one in lines:
            message = mended(_line_of(one)) if isinstance(one, Exception) else one
            await (answer(_refusal(one)) if message is None else into.send(message))


def mended(line: str) -> SessionMessage | None:
    """A message out of a line with a byte order mark or halves of characters; None where it is none for all that."""
    plain = HALF.sub(lambda found: found[1] or BROKEN, line.lstrip(BYTE_ORDER_MARK))
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(plain, by_name=False))
    except ValidationError:
        return None


def _refusal(unread: object) -> SessionMessage:
    """The answer to a line that is no message, to whoever waits for its id. Source: JSON-RPC 2.0, "Error object"."""
    given = [one["input"] for one in _problems(unread) if isinstance(one["input"], dict)]
    id = given[0].get("id") if given else None
    known = id if isinstance(id, str | int) and not isinstance(id, bool) else None
    code = INVALID_REQUEST if given else PARSE_ERROR
    said = "This line is no JSON-RPC message in UTF-8; one message stands on one line."
    return SessionMessage(JSONRPCError(jsonrpc="2.0", id=known, error=ErrorData(code=code, message=said)))


def _problems(unread: object) -> list[ErrorDetails]:
    return unread.errors(include_url=False) if isinstance(unread, ValidationError) else []


def _line_of(unread: Exception) -> str:
    """The line that the SDK could not read; empty where it does not tell."""
    line = next((one["input"] for one in _problems(unread)), "")
    return line if isinstance(line, str) else ""
