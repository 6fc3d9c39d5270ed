"""Many changes of one call: in order or several at a time, each exactly once, together one thing to undo.

A call that did not come to its end, because it was cancelled or something failed, and is made again goes on where it
was: what it has done already is not done a second time. Whether it goes on is decided in its turn to write.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from clockodo_mcp.api.failures import Forbidden, NotFound, Refused
from clockodo_mcp.api.paging import AT_A_TIME, in_order
from clockodo_mcp.domain.commands import Command
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.writing.changes import Ended, ToolCall
from clockodo_mcp.writing.outcomes import Done
from clockodo_mcp.writing.writer import Writer

Report = Callable[[int, int], Awaitable[None]]
"""Told how many are done, of how many."""

Work = Callable[[ToolCall], Awaitable[Done]]
"""Carries one change of a call out."""

OWN_FAULT = (Refused, Forbidden, NotFound)
"""Failures that say something about one entry, and nothing about the next."""


@dataclass
class Batch:
    """What became of the items of a call, counted from 1. What is in neither was not sent.

    `keys` say what each item is, so that the same call goes on with what is left, wherever that stands now; `earlier`
    is what it has done already of which no item is left.
    """

    number: int
    keys: Sequence[int]
    done: dict[int, Done] = field(default_factory=dict)
    failed: dict[int, ClockodoMcpError] = field(default_factory=dict)
    earlier: list[Done] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self.keys)

    @property
    def not_sent(self) -> list[int]:
        """The items that were never tried."""
        return [item for item in range(1, self.count + 1) if item not in self.done and item not in self.failed]

    @property
    def first_change(self) -> int:
        """The change by which the whole batch is undone."""
        return min(done.change for done in (*self.done.values(), *self.earlier))


async def begin(writer: Writer, call: ToolCall, keys: Sequence[int], undoes: int | None = None) -> Batch:
    """A new batch, or the one of the same call that did not come to its end, with what it has done.

    Raises:
        BeingUndone: another process takes the same batch back.
        JournalUnavailable: nothing can be noted, so nothing is sent.
    """
    number, changes = await writer.batch(call, keys, undoes)
    batch = Batch(number, keys)
    items = {key: item for item, key in enumerate(keys, 1)}
    for change in changes:
        if (entry := change.after or change.before) is not None:
            done, item = Done(change.id, entry, earlier=True), items.get(change.item or 0)
            batch.earlier += [done] if item is None else []
            batch.done |= {item: done} if item is not None else {}
    return batch


def works_of(writer: Writer, commands: Mapping[int, Command]) -> dict[int, Work]:
    """What carries each of these commands out."""
    return {key: partial(writer.write, command=one) for key, one in commands.items()}


async def one_after_another(writer: Writer, call: ToolCall, works: Mapping[int, Work], report: Report) -> Batch:
    """Carry out changes, each under its key, in order; the first failure ends it. Raises as `several_at_once`."""
    return await _all(writer, call, works, report, at_a_time=1, goes_on_after=())


async def several_at_once(
    writer: Writer, call: ToolCall, works: Mapping[int, Work], report: Report, *, undoes: int | None = None
) -> Batch:
    """Carry out independent changes, each under its key, several at a time; `undoes` is the batch that they take back.

    A refusal stops none of the others, a broken line does.

    Raises:
        Stale: before any is carried out, as `Turns.taken`.
        BeingUndone: as `begin`.
    """
    return await _all(writer, call, works, report, goes_on_after=OWN_FAULT, undoes=undoes)


async def _all(
    writer: Writer, call: ToolCall, works: Mapping[int, Work], report: Report, *, at_a_time: int = AT_A_TIME,
    goes_on_after: tuple[type[ClockodoMcpError], ...], undoes: int | None = None,
) -> Batch:  # fmt: skip
    each = list(works.items())
    broken = False

    async def carry_out(item: int) -> int:
        nonlocal broken
        if broken or item in batch.done:
            return item
        key, work = each[item - 1]
        try:
            batch.done[item] = await work(replace(call, batch=batch.number, item=key))
        except Exception as error:
            broken |= not isinstance(error, goes_on_after)
            if not isinstance(error, ClockodoMcpError):
                raise
            batch.failed[item] = error
        return item

    async with writer.turns.taken(call.turn):
        batch = await begin(writer, call, list(works), undoes)
        async with (
            _ending(writer, batch),
            in_order(carry_out, range(1, batch.count + 1), at_a_time=at_a_time) as results,
        ):
            async for item in results:
                if item not in batch.not_sent:
                    await report(item, batch.count)
    return batch


@asynccontextmanager
async def _ending(writer: Writer, batch: Batch) -> AsyncGenerator[None]:
    """Note how it ends: with all done, the same call means something new; else, also where the caller leaves, the same
    call goes on with what is left.
    """
    ended = Ended.LEFT
    try:
        yield
        if not (batch.failed or batch.not_sent):
            ended = Ended.ALL
    finally:
        await writer.end_batch(batch.number, ended)
