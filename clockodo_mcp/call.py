"""One tool call, as every step of the pipe is handed it."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.app import App
from clockodo_mcp.domain.commands import Command
from clockodo_mcp.writing.changes import Change, ToolCall
from clockodo_mcp.writing.outcomes import Done

Report = Callable[[int, int, str], Awaitable[None]]
"""Told how much is done, of how much, in which words."""


class Person(Protocol):
    """Whoever sits in front of the client, as far as they can be asked.

    `waited_for` says whether this run of the call has stood still for an answer, so that what it has read may be old.
    """

    waited_for: bool

    @property
    def can_be_asked(self) -> bool:
        """Whether the client shows forms."""

    async def choose(self, key: str, question: str, choices: Sequence[str]) -> str | None:
        """One of the choices; None where the person chose none. The same key is asked once in a call."""

    def closed(self, key: str) -> bool:
        """Whether a question was closed without an answer, as a host without a person does by itself."""


class Nobody:
    """For what is read without a client that could ask: resources and completions."""

    can_be_asked = False
    waited_for = False

    async def choose(self, key: str, question: str, choices: Sequence[str]) -> str | None:  # noqa: ARG002 - nobody hears it
        """Nobody chooses."""
        return None

    def closed(self, key: str) -> bool:  # noqa: ARG002 - none was put
        """No question was put."""
        return False


async def untold(done: int, of: int, words: str) -> None:
    """For calls whose progress nobody hears of."""


class Note(NamedTuple):
    """What deserves a word in the answer; `about` names a part of the call, such as `Entry 3`."""

    text: str
    about: str = ""

    def __str__(self) -> str:
        return f"{self.about}: {self.text}" if self.about else self.text


@dataclass
class Call:
    """One tool call: the account's `app`, its caller, ONE present moment, who can be asked, and what is offered.

    `asked_for` is the call as the client sent it, `confirm` the code that came with it, where it `takes_code`. `notes`
    gathers what deserves a word in the answer: defaults that were chosen, words that were read past a slip. Where the
    call looks again, it still is `agreed` to the effects of which a code was good, and `undoes` the same change. One
    with many changes that goes on with what broke off has `begun` with these. `shows_pages` tells whether the client
    can draw a tool's page.
    """

    app: App
    caller: Caller
    now: datetime
    asked_for: ToolCall
    offered: Collection[str]
    person: Person = field(default_factory=Nobody)
    confirm: str = ""
    takes_code: bool = False
    report: Report = untold
    notes: list[Note] = field(default_factory=list)
    agreed: set[str] = field(default_factory=set)
    undoes: int = 0
    begun: Sequence[Change] = ()
    shows_pages: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The caller's time zone."""
        return self.caller.zone

    @property
    def today(self) -> date:
        """The caller's local day."""
        return self.caller.today(self.now)

    def again(self) -> "Call":
        """The same call from the top, since another one has written while it read."""
        return replace(self, notes=[])

    async def resumed(self) -> "Call":
        """The same call with many changes, in the moment in which it began where it goes on with what broke off:
        `today` is that day.
        """
        earlier = await self.app.writer.unfinished(self.asked_for)
        return replace(self, now=earlier.began, begun=earlier.done) if earlier else self

    async def as_first_made(self) -> "Call":
        """The call in the moment in which it was made first, where it comes again since its answer was lost.

        `yesterday` is that day's, then. A call that is new is the same.
        """
        lost = await self.app.writer.lost_call(self.asked_for)
        return replace(self, now=lost.began) if lost else self

    async def told(self, done: int, of: int) -> None:
        """Report how many entries of a call with many are done."""
        await self.report(done, of, f"{done} of {of} entries")

    async def write(self, command: Command, *, seen: int | None = None) -> Done:
        """Carry out a command, exactly once. As `Writer.write`, and raises as that."""
        return await self.app.writer.write(self.asked_for, command, seen=seen)
