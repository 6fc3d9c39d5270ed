"""What becomes of a change, for whoever asked for it: done, not done, or not known; and those that are under way."""

from dataclasses import dataclass, field

from clockodo_mcp import steps
from clockodo_mcp.api.models import Entry
from clockodo_mcp.errors import ClockodoMcpError

HAPPENED = "The same call was sent a moment ago and has happened; nothing was doubled."


class EndOfTime(ClockodoMcpError):
    """The entry lies where the calendar begins or ends, at a moment that is not known. Nothing was written."""

    def __init__(self, entry: int) -> None:
        super().__init__(
            f"Entry {entry} lies in the first or the last hours of the calendar, and could not be brought back as it "
            "was. Nothing was written. Change it in Clockodo."
        )


class StillUnknown(ClockodoMcpError):
    """Whether a change has happened could not be found out. It is in the journal and will be settled."""

    def __init__(self, change: int, why: str) -> None:
        self._happened = (
            f"The answer to this change was lost, and {why}. It may or may not have happened; it was not sent again. "
            f"It is kept as change {change} and settled as soon as Clockodo answers."
        )
        super().__init__(
            f"{self._happened} Tell the person; look in a minute what became of it, and do not repeat it before.",
            next=(
                steps.list_changes(to="to settle it and see what became of it"),
                steps.list_entries("today", to="to see what is stored"),
            ),
        )

    @property
    def what_happened(self) -> str:
        """As of `ClockodoMcpError`."""
        return self._happened


class UnderWay(ClockodoMcpError):
    """A change that another call is carrying out. Nothing was done."""

    def __init__(self, change: int) -> None:
        super().__init__(
            f"Change {change} is still being carried out by another call. Nothing was done here; wait a minute.",
            next=(steps.list_changes(to="to see what became of it"),),
        )


class Interrupted(ClockodoMcpError):
    """The server is ending. What was under way is in the journal."""

    def __init__(self) -> None:
        super().__init__(
            "The server is ending. What was under way is in its journal, and is settled next time.",
            next=(steps.list_changes(to="to settle it then"),),
        )


class DidNotHappen(ClockodoMcpError):
    """A change was sent twice without any effect. Nothing is stored."""

    def __init__(self) -> None:
        super().__init__(f"{self.what_happened} Wait a minute, then call again.")

    @property
    def what_happened(self) -> str:
        """As of `ClockodoMcpError`."""
        return "Clockodo gave no usable answer twice, and looking showed that nothing was changed."


@dataclass(frozen=True)
class Done:
    """A change that has happened: its id in the journal, the entry as stored (for a deletion as it was), and notes.

    `earlier` where it was the same call, delivered before, that did it; then `before` is what it found.
    """

    change: int
    entry: Entry
    notes: list[str] = field(default_factory=list)
    earlier: bool = False
    before: Entry | None = None
