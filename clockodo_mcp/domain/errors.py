"""What an argument can have against it."""

from clockodo_mcp.errors import ClockodoMcpError


class Unreadable(ClockodoMcpError):
    """An argument that cannot be understood, or that contradicts another. Nothing was sent."""

    def __init__(self, argument: str, value: str, instead: str) -> None:
        super().__init__(f"{argument}={shown(value)}: {instead}")


def shown(value: str) -> str:
    """An argument's value as it may be repeated to the model: quoted, one line, at most 60 characters."""
    flat = "".join(c if c.isprintable() else " " for c in value)
    return repr(flat if len(flat) <= 60 else flat[:59] + "…")
