"""What an argument can have against it, and the call that would work instead."""

from clockodo_mcp.cells import cell, line
from clockodo_mcp.errors import ClockodoMcpError


class Unreadable(ClockodoMcpError):
    """An argument that cannot be understood, or that contradicts another. Nothing was sent.

    `instead` says what to write, `again` are arguments with which the same call works.
    """

    def __init__(self, argument: str, value: str, instead: str, **again: object) -> None:
        self.instead, self.again = instead, again
        super().__init__(f"{argument}={shown(value)}: {instead}{call_again(**again)}")


def call_again(**arguments: object) -> str:
    """The end of an error: the same call, with these arguments changed.

    >>> call_again(project="2003")
    " Call again with project='2003'."
    """
    return f" Call again with {spelled_out(**arguments)}." if arguments else ""


def spelled_out(**arguments: object) -> str:
    """Arguments as a model writes them: `project='2003', limit=10`."""
    return ", ".join(f"{name}={repeatable(value)!r}" for name, value in arguments.items())


def shown(value: str) -> str:
    """An argument's value as it may be repeated to the model: quoted, and at most 60 characters of a cell."""
    return f"'{cell(value, 60)}'"


def repeatable(value: object) -> object:
    """An argument's value as a call may offer it again: a plain value, harmless to show, and not as Markdown."""
    if isinstance(value, int | float):
        return value
    if isinstance(value, list):
        return [repeatable(one) for one in value[:10]]
    return line(str(value), 60).replace("`", "'")
