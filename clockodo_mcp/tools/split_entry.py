"""`split_entry`: make two entries of one."""

from functools import partial
from typing import Annotated

from pydantic import Field

from clockodo_mcp import steps
from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.batch_receipts import BatchReceipt, BrokenOff, broken_off
from clockodo_mcp.answers.splits import split_preview, split_up
from clockodo_mcp.api.failures import NotFound
from clockodo_mcp.asking import consent, find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Edit
from clockodo_mcp.domain.differences import edited, restoring
from clockodo_mcp.errors import ClockodoMcpError, WrongState
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import parts, stored_entries
from clockodo_mcp.writing.batches import Batch, one_after_another
from clockodo_mcp.writing.changes import Change
from clockodo_mcp.writing.outcomes import StillUnknown

FIRST, SECOND = 1, 2


class NotSplit(ClockodoMcpError):
    """The second part was not taken, so the entry is as it was."""


@tool(
    title="Split entry",
    writes=True,
    destructive=True,
    search_hint="split, divide, cut an entry in two, part of it was something else; "
    "Eintrag teilen, aufteilen, trennen, halbieren",
)
async def split_entry(
    call: Call,
    id: take.EntryId = None,
    which: take.Which = "",
    day: take.OfDay = "",
    at: Annotated[str, take.Text, Field(description="Where: '10:00', or a moment")] = "",
    after: Annotated[str, take.Text, Field(description="Or after this long, e.g. '1h30m'")] = "",
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    billable: take.BillableState = "",
    text: take.EntryText = "",
) -> Answer[BatchReceipt]:
    """Split one time entry in two; the first part stays as it is, and what else is given is of the second part. Use it
    for "from ten on it was something else"; one undo joins them again.
    Example: {"which": "kick-off", "day": "yesterday", "at": "10:00", "project": "Support"}.
    """
    call = await call.resumed()
    # Where the same call was cut off, the entry has been shortened already: it goes on with what that was before.
    seen = await call.app.journal.newest()
    whole = call.begun[0].before if call.begun else None
    if call.begun:
        await _refuse_other_than_left(call, call.begun[0])
    entry = stored_entries.known(whole) if whole else stored_entries.by_id_or_words(id, which, day)
    first, second = await find_or_ask(
        call,
        parts.of_entry(
            entry, at, after, customer=customer, project=project, subproject=subproject, service=service,
            billable=billable, text=text,
        ),
    )  # fmt: skip
    await consent(call, first, second, preview=await split_preview(call, first, second.new))
    writer = call.app.writer

    works = {
        FIRST: partial(writer.write, command=first, seen=seen),
        SECOND: partial(writer.write, command=second),
    }
    batch = await one_after_another(writer, call.asked_for, works, call.told)
    if batch.failed:
        raise await _failed(call, batch, first)
    return await split_up(call, batch, first, second)


async def _refuse_other_than_left(call: Call, shortened: Change) -> None:
    """Refuse to book the rest of an entry that is not any more as the first write has left it.

    Raises:
        WrongState: with what to do.
    """
    id = shortened.entry_id or 0
    try:
        now = await call.app.clockodo.entry(id)
    except NotFound:
        now = None
    if now is None or (shortened.after is not None and edited(shortened.after, now)):
        why = (
            f"entry {id} is not as this split has left it, when it broke off after it had shortened the entry: "
            f"{'it is gone' if now is None else 'it was changed elsewhere since'}."
        )
        raise WrongState(why, next=(steps.list_changes(to="to see the change that can be undone"),))


async def _failed(call: Call, batch: Batch, first: Edit) -> ClockodoMcpError:
    """What is said of a split that came to no end; where the second part is not stored, the first is made whole."""
    [why] = batch.failed.values()
    if FIRST not in batch.done and isinstance(why, StillUnknown):
        return NotSplit(f"{why} The second part is not booked in any case.", next=why.next)
    if FIRST not in batch.done:
        return why
    if isinstance(why, StillUnknown):
        return BrokenOff(broken_off(call, batch, numbered=False), batch)
    done = batch.done[FIRST]
    before = restoring(first.before, done.entry, first.change.model_fields_set)
    try:
        whole = await call.app.writer.write(call.asked_for, Edit(done.entry, before), undoes=done.change)
    except ClockodoMcpError:
        short = f"Entry {first.before.id} is shortened, and its rest is not booked. "
        return BrokenOff(short + broken_off(call, batch, numbered=False), batch)
    await call.app.writer.tell(whole, None)
    return NotSplit(
        f"The second part was not booked, so entry {first.before.id} is as it was. {why.what_happened}", next=why.next
    )
