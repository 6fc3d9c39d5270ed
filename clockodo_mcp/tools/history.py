"""The tools about what this server has changed: list the changes, take one back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.cells import cell
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.differences import differences
from clockodo_mcp.domain.durations import hours
from clockodo_mcp.domain.moments import local_day
from clockodo_mcp.domain.periods import parse_period
from clockodo_mcp.domain.totals import totals_of
from clockodo_mcp.reading.entries import EntryInItsDay, in_its_day
from clockodo_mcp.tools import arguments as take
from clockodo_mcp.tools.answers import EntryRow, answer, local, row, table
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.batch_answers import UndoneCall, reporter, undone_batch
from clockodo_mcp.tools.before_after import described
from clockodo_mcp.tools.bookings import in_words
from clockodo_mcp.tools.changes import deleted, touchiness, written
from clockodo_mcp.tools.consent import Consent, agreed, consent_or_question, order_of
from clockodo_mcp.tools.speaking import tool
from clockodo_mcp.writing.batches import Batch, several_at_once
from clockodo_mcp.writing.journal import Action, Change, Order, State
from clockodo_mcp.writing.undo import (
    CannotUndo,
    ChangedSince,
    all_as_left,
    as_left,
    chosen,
    in_the_way,
    runs,
    stopped_by,
    undo,
)
from clockodo_mcp.writing.writer import Done

DEEDS = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "deleted",
    Action.START: "started",
    Action.STOP: "stopped",
    Action.MOVE: "moved",
}

ChangeId = Annotated[int, Field(ge=0, description="Change id, e.g. 12; default the last change that is not undone")]


class ChangeRow(BaseModel):
    """One change. `entry` is as the change left it, or as it was before a deletion; `undo` says whether it can be."""

    change: int
    at: str = Field(description="Local, ISO")
    did: str = Field(
        description="created, updated, deleted, started, stopped or moved (the clock); not_done, unknown or pending "
        "where it is not known to be"
    )
    entry: EntryRow | None = None
    changed: str | None = Field(default=None, description="For an update: each field before → after")
    client: str | None = None
    undo: str = Field(description="yes, or why not")


class ChangeList(BaseModel):
    """The answer of `list_changes`, newest first."""

    period: str
    timezone: str
    changes: int
    rows: list[ChangeRow]
    settled: list[str] = Field(default=[], description="What became of changes whose answer was lost")


@tool(title="List changes")
async def list_changes(
    ctx: Ctx,
    period: take.Period = "last_7_days",
    limit: Annotated[int, Field(ge=1, le=100, description="Rows shown, newest first")] = 20,
) -> Annotated[CallToolResult, ChangeList]:
    """List what this server has changed in Clockodo, newest first, with change ids and whether each can be undone.
    Use it after a lost answer, to see what became of it, and before undo_change. It does not list what people changed
    in Clockodo itself. Example: {"period": "today"}.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    span = parse_period(
        period, zone=caller.zone, today=caller.today(desk.now()), weekstart_monday=caller.user.weekstart_monday
    )
    settled = await desk.writer.settle()
    found = desk.journal.changes(span.start, span.end, limit)
    rows = [change_row(desk, change, caller) for change in found]
    count = desk.journal.count(span.start, span.end)
    lines = [f"{span.dates} ({caller.zone.key}): {count} change{'' if count == 1 else 's'}."]
    lines += [f"Note: {note}" for note in settled]
    if rows:
        lines += ["", table(rows, COLUMNS)]
    if count > len(rows):
        lines += ["", f"The latest {len(rows)} of {count}; more with limit or a shorter period."]
    facts = ChangeList(period=span.dates, timezone=caller.zone.key, changes=count, rows=rows, settled=settled)
    return answer("\n".join(lines), facts)


COLUMNS: dict[str, Callable[[ChangeRow], str]] = {
    "change": lambda one: str(one.change),
    "at": lambda one: one.at.replace("T", " "),
    "did": lambda one: one.did,
    "entry": lambda one: in_words(one.entry) if one.entry else "",
    "changed": lambda one: one.changed or "",
    "client": lambda one: one.client or "",
    "undo": lambda one: one.undo,
}


def change_row(desk: Desk, change: Change, caller: Caller) -> ChangeRow:
    """A change for people; a call that made many is one row."""
    if change.batch:
        return batch_row(desk, change, caller)
    # What a start stopped is not what the start is about.
    before = None if change.action is Action.START else change.before
    entry = before if change.action is Action.DELETE else change.after or before
    changed = f"stopped entry {change.before.id}" if change.action is Action.START and change.before else None
    if before and change.after:
        changed = described(differences(before, change.after), before, change.after, caller.zone)
    return ChangeRow(
        change=change.id,
        at=local(change.began, caller.zone),
        did=DEEDS[change.action] if change.state is State.DONE else f"{change.action}: {change.state}",
        entry=row(entry, caller.zone, caller=caller.id) if entry else None,
        changed=changed,
        client=cell(change.client) or None,
        undo=undo_state(desk, change),
    )


def batch_row(desk: Desk, first: Change, caller: Caller) -> ChangeRow:
    """All changes of one call: how many, what they did, over which days."""
    changes = desk.journal.of_batch(first.batch or 0)
    done = [one for one in changes if one.state is State.DONE]
    entries = [entry for one in done if (entry := one.after or one.before)]
    days = sorted({local_day(entry.time_since, caller.zone).isoformat() for entry in entries})
    said = f"{DEEDS[first.action]} {len(done)} entries" + (f" of {len(changes)}" if len(changes) > len(done) else "")
    standing = [one for one in done if not one.undone_by]
    return ChangeRow(
        change=first.id,
        at=local(first.began, caller.zone),
        did=said,
        changed=f"{hours(totals_of(entries).seconds)} h, {' – '.join(dict.fromkeys((days[0], days[-1])))}"
        if days
        else None,
        client=cell(first.client) or None,
        undo="no" if not done else "yes, all" if standing else f"undone by {done[0].undone_by}",
    )


def undo_state(desk: Desk, change: Change) -> str:
    """Whether a change can be undone, by what the journal knows."""
    if change.state is not State.DONE:
        return "no"
    if change.undone_by:
        return f"undone by {change.undone_by}"
    if change.action is Action.STOP or (change.action is Action.DELETE and runs(change.before)):
        return "no"
    if change.action is Action.START and (stop := stopped_by(desk.journal, change)) is not None:
        return f"no: stopped by {stop.id}"
    later = in_the_way(desk.journal, change)
    return f"first {later.id}" if later else "yes"


@dataclass(frozen=True)
class ToUndo:
    """A change that is to be taken back, and its entry as it is now; of a call with many, all of them, last first."""

    change: Change
    now: EntryInItsDay | None
    batch: Sequence[tuple[Change, EntryInItsDay | None]] = ()


async def change_to_undo(ctx: Ctx, change_id: int) -> ToUndo:
    """The change, and its entry as the change left it.

    Raises:
        CannotUndo: with the reason; where the entry was changed elsewhere, with the difference.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    # The same undo, delivered again after a lost answer, means the same change and not the next one.
    lost = None if change_id else desk.writer.lost_call(order_of(ctx))
    await desk.writer.settle()
    change = chosen(desk.journal, change_id or (lost.undoes if lost and lost.undoes else 0))
    try:
        if change.batch:
            batch = await all_as_left(desk.clockodo, desk.journal, change.batch, caller.zone)
            return ToUndo(change, None, batch)
        return ToUndo(change, await as_left(desk.clockodo, desk.journal, change, caller.zone))
    except ChangedSince as since:
        now = (await in_its_day(desk.clockodo, since.now, caller.zone)).entry
        difference = described(differences(since.left, now), since.left, now, caller.zone)
        raise CannotUndo(f"{since} As the change left it → as it is now: {difference}.") from since


Undoing = Annotated[ToUndo, Resolve(change_to_undo)]


async def ask_to_undo(ctx: Ctx, undoing: Undoing, confirm: str) -> Consent | Elicit[Consent]:
    """Consent to an undo, or the question for it: in `auto`, where the entry is billed or somebody else's."""
    caller = await desk_of(ctx).account.caller()
    entry = undoing.now.entry if undoing.now else undoing.change.before or undoing.change.after
    assert entry is not None, "a deletion has its entry before"
    deed = {
        Action.CREATE: "delete",
        Action.START: "delete",
        Action.UPDATE: "give its old values to",
        Action.MOVE: "move back the start of",
        Action.DELETE: "create again",
    }
    shown = in_words(row(entry, caller.zone, caller=caller.id))
    more = f" and {len(undoing.batch) - 1} more entries of that call" if len(undoing.batch) > 1 else ""
    preview = f"This would undo change {undoing.change.id}: {deed[undoing.change.action]} {shown}{more}."
    stored = "".join(now.entry.model_dump_json() for _, now in undoing.batch if now) or entry.model_dump_json()
    touchy = touchiness(entry, caller.id)
    preview += f" {touchy}" if touchy else ""
    return consent_or_question(ctx, confirm, preview=preview, needed=bool(touchy), stored=stored)


async def consent_to_undo(asked: Annotated[ElicitationResult[Consent], Resolve(ask_to_undo)]) -> None:
    """Raises `Declined` where the person did not agree."""
    agreed(asked)


@tool(title="Undo a change", writes=True, destructive=True)
async def undo_change(
    ctx: Ctx,
    undoing: Undoing,
    consent: Annotated[None, Resolve(consent_to_undo)],
    change_id: ChangeId = 0,
    confirm: take.Confirm = "",
) -> Annotated[CallToolResult, UndoneCall]:
    """Take back one change of this server: a created or started entry is deleted, an edited one gets its old values, a
    deleted one is created again with a new id; a call that wrote many entries is taken back whole. Refused where the
    entry was changed elsewhere since. An undo can be undone, too.
    To see the changes call list_changes. Example: {"change_id": 12}.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    change, now = undoing.change, undoing.now
    if undoing.batch:
        return await undone_batch(desk, await _undo_all(ctx, undoing.batch), undoing.batch)
    done = await undo(desk.writer, change, now.entry if now else None, order_of(ctx))
    notes = [f"This undoes change {change.id} ({DEEDS[change.action]} entry {change.entry_id})."]
    if change.action is Action.START and change.before is not None:
        notes.append(
            f"Entry {change.before.id}, which that start had stopped, stays stopped; to go on with it in a new entry, "
            "call start_clock with resume=True."
        )
    if change.action in (Action.CREATE, Action.START) and now is not None:
        return await deleted(desk, caller, done, now, notes)
    if change.action is Action.DELETE:
        notes.append(f"Entry {change.entry_id} has the new id {done.entry.id}.")
        return await written(desk, caller, "created", done, notes=notes)
    return await written(desk, caller, "updated", done, before=now.entry if now else None, notes=notes)


async def _undo_all(ctx: Ctx, left: Sequence[tuple[Change, EntryInItsDay | None]]) -> Batch:
    desk = desk_of(ctx)

    def taking_back(change: Change, now: EntryInItsDay | None) -> Callable[[Order], Awaitable[Done]]:
        return lambda order: undo(desk.writer, change, now.entry if now else None, order)

    acts = [taking_back(change, now) for change, now in left]
    return await several_at_once(desk.journal, order_of(ctx), acts, reporter(ctx))
