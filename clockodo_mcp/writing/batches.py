"""Many changes of one call: in order or several at a time, each exactly once, together one thing to undo.

A call that did not come to its end, because it was cancelled or something failed, and is made again goes on where it
was: what it has done already is not done a second time. Whether it goes on is decided in its turn to write.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from clockodo_mcp.api.failures import Forbidden, NotFound, Refused
from clockodo_mcp.api.models import NewEntry
from clockodo_mcp.api.paging import in_order
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.writing.changes import ToolCall
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
    number, changes = await writer.batch(call, undoes)
    batch = Batch(number, keys)
    items = {key: item for item, key in enumerate(keys, 1)}
    for change in changes:
        if (entry := change.after or change.before) is not None:
            done, item = Done(change.id, entry, earlier=True), items.get(change.item or 0)
            batch.earlier += [done] if item is None else []
            batch.done |= {item: done} if item is not None else {}
    return batch


async def book_in_order(writer: Writer, call: ToolCall, news: Mapping[int, NewEntry], report: Report) -> Batch:
    """Store entries, each under its key, as `one_after_another`."""

    def work(new: NewEntry) -> Work:
        return lambda asked_for: writer.create(asked_for, new)

    return await one_after_another(writer, call, {key: work(new) for key, new in news.items()}, report)


async def one_after_another(writer: Writer, call: ToolCall, works: Mapping[int, Work], report: Report) -> Batch:
    """Carry out changes, each under its key, one after the other; the first failure ends it.

    Raises:
        Stale: before any is carried out, as `Turns.taken`.
    """
    async with writer.turns.taken(call.turn):
        batch = await begin(writer, call, list(works))
        async with _ending(writer, batch):
            for item, (key, work) in enumerate(works.items(), 1):
                if item in batch.done:
                    continue
                try:
                    batch.done[item] = await work(replace(call, batch=batch.number, item=key))
                except ClockodoMcpError as error:
                    batch.failed[item] = error
                    break
                await report(item, batch.count)
    return batch


async def several_at_once(
    writer: Writer, call: ToolCall, works: Mapping[int, Work], report: Report, *, undoes: int | None = None
) -> Batch:
    """Carry out independent changes, each under its key, several at a time; `undoes` is the batch that they take back.

    A refusal stops none of the others, a broken line does.

    Raises:
        Stale: before any is carried out, as `Turns.taken`.
        BeingUndone: as `begin`.
    """
    broken = False
    each = list(works.values())

    async def carry_out(item: int) -> int:
        nonlocal broken
        if broken or item in batch.done:
            return item
        try:
            batch.done[item] = await each[item - 1](replace(call, batch=batch.number, item=batch.keys[item - 1]))
        except ClockodoMcpError as error:
            batch.failed[item] = error
            broken = not isinstance(error, OWN_FAULT)
        return item

    async with writer.turns.taken(call.turn):
        batch = await begin(writer, call, list(works), undoes)
        async with (
            _ending(writer, batch),
            in_order(carry_out, range(1, batch.count + 1)) as results,
        ):
            async for item in results:
                await report(item, batch.count)
    return batch


@asynccontextmanager
async def _ending(writer: Writer, batch: Batch) -> AsyncGenerator[None]:
    """Note how it ends: with all done, the same call means something new; else, also where the caller leaves, the same
    call goes on with what is left.
    """
    is_all = False
    try:
        yield
        is_all = not (batch.failed or batch.not_sent)
    finally:
        await (writer.end_batch if is_all else writer.leave_batch)(batch.number)
