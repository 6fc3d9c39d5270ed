"""Many changes of one call: in order or several at a time, each exactly once, together one thing to undo.

A call that broke off with an unknown outcome and is delivered again goes on where it was: what it has done already is
not done a second time.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from clockodo_mcp.api.failures import Forbidden, NotFound, Refused
from clockodo_mcp.api.models import NewEntry
from clockodo_mcp.api.paging import in_order
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.writing.journal import Journal, State, ToolCall
from clockodo_mcp.writing.writer import Done, Writer

Report = Callable[[int, int], Awaitable[None]]
"""Told how many are done, of how many."""

OWN_FAULT = (Refused, Forbidden, NotFound)
"""Failures that say something about one entry, and nothing about the next."""


@dataclass
class Batch:
    """What became of the items of a call, counted from 1. What is in neither was not sent."""

    number: int
    count: int
    done: dict[int, Done] = field(default_factory=dict)
    failed: dict[int, ClockodoMcpError] = field(default_factory=dict)

    @property
    def not_sent(self) -> list[int]:
        """The items that were never tried."""
        return [item for item in range(1, self.count + 1) if item not in self.done and item not in self.failed]

    @property
    def first_change(self) -> int:
        """The change by which the whole batch is undone."""
        return min(done.change for done in self.done.values())


async def begin(writer: Writer, journal: Journal, call: ToolCall, count: int) -> Batch:
    """A new batch, or the one of the same call that broke off a moment ago, with what it has done.

    Raises:
        JournalUnavailable: nothing can be noted, so nothing is sent.
    """
    resumed = await writer.batch_to_resume(call)
    batch = Batch(resumed or await journal.new_batch(), count)
    if resumed:
        for change in await journal.of_batch(resumed):
            if change.state is State.DONE and change.item and change.after and not change.undone_by:
                batch.done[change.item] = Done(change.id, change.after)
    return batch


async def book_in_order(
    writer: Writer, journal: Journal, call: ToolCall, news: Sequence[NewEntry], report: Report
) -> Batch:
    """Store entries one after the other; the first failure ends it. Raises `Stale` before any is stored."""
    async with writer.turns.taken(call.turn):
        batch = await begin(writer, journal, call, len(news))
        for item, new in enumerate(news, 1):
            if item in batch.done:
                continue
            try:
                batch.done[item] = await writer.create(replace(call, batch=batch.number, item=item), new)
            except ClockodoMcpError as error:
                batch.failed[item] = error
                break
            await report(item, len(news))
    return batch


async def several_at_once(
    writer: Writer,
    journal: Journal,
    call: ToolCall,
    commands: Sequence[Callable[[ToolCall], Awaitable[Done]]],
    report: Report,
) -> Batch:
    """Carry out independent changes, several at a time. A refusal stops none of the others, a broken line does.

    Raises `Stale` before any is carried out.
    """
    batch = Batch(await journal.new_batch(), len(commands))
    broken = False

    async def carry_out(item: int) -> int:
        nonlocal broken
        if broken:
            return item
        try:
            batch.done[item] = await commands[item - 1](replace(call, batch=batch.number, item=item))
        except ClockodoMcpError as error:
            batch.failed[item] = error
            broken = not isinstance(error, OWN_FAULT)
        return item

    async with (
        writer.turns.taken(call.turn),
        in_order(carry_out, range(1, len(commands) + 1)) as results,
    ):
        async for item in results:
            await report(item, len(commands))
    return batch
