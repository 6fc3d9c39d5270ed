"""`undo_change`: take a change of this server back."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from clockodo_mcp import steps
from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.batch_receipts import NAMED, undone
from clockodo_mcp.answers.before_after import described, word
from clockodo_mcp.answers.receipt import receipt
from clockodo_mcp.answers.refusals import advice
from clockodo_mcp.answers.rows import counted, row
from clockodo_mcp.api.models import Entry
from clockodo_mcp.asking import consent
from clockodo_mcp.call import Call, Note
from clockodo_mcp.domain.commands import Command, Delete, reasons_for_care, reasons_for_care_of
from clockodo_mcp.domain.differences import differences
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.entries import EntryInItsDay, in_its_day
from clockodo_mcp.speech import Said, joined, say
from clockodo_mcp.writing.batches import Batch, several_at_once
from clockodo_mcp.writing.changes import Action, Change, State, ToolCall
from clockodo_mcp.writing.outcomes import Done
from clockodo_mcp.writing.undo import (
    DEEDS,
    Apart,
    CannotUndo,
    ChangedSince,
    all_as_left,
    as_left,
    changed_elsewhere,
    chosen,
    is_left,
    known_by,
    taking_back,
    undo,
)
from clockodo_mcp.writing.writer import DELIVERED_TWICE, RESUMED_WITHIN

Left = tuple[Change, EntryInItsDay | None]
"""A change, and its entry as it is now; None where the change deleted it."""

UNDOES = {
    Action.CREATE: "This would undo change {id}: delete {what}.",
    Action.START: "This would undo change {id}: delete {what}.",
    Action.UPDATE: "This would undo change {id}: give its old values to {what}.",
    Action.MOVE: "This would undo change {id}: move back the start of {what}.",
    Action.DELETE: "This would undo change {id}: create again {what}.",
}


DEEDS_OF_MANY = {
    frozenset({Action.CREATE}): "deleted",
    frozenset({Action.UPDATE}): "updated",
    frozenset({Action.DELETE}): "created",
    frozenset({Action.UPDATE, Action.CREATE}): "joined",
    frozenset({Action.UPDATE, Action.DELETE}): "split",
}
"""What the undo of a call with many changes does, by what they did."""


class Undone(Facts):
    """The answer of `undo_change`: the fields of a receipt, for a call with many those of the receipt of many."""

    model_config = ConfigDict(extra="allow")

    done: str
    timezone: str
    change: int | None = Field(default=None, description="The undo's own id: it can be undone, too")
    notes: list[str]
    warnings: list[str]
    undo: str | None = None


@tool(
    title="Undo a change",
    writes=True,
    for_pages=True,
    destructive=True,
    search_hint="undo, revert, take back, restore deleted entry; "
    "rückgängig, zurücknehmen, wiederherstellen, widerrufen",
)
async def undo_change(
    call: Call,
    change_id: Annotated[
        int, Field(ge=0, description="Change id, e.g. 12; default the last change that is not undone")
    ] = 0,
) -> Answer[Undone]:
    """Take back one change of this server: a created or started entry is deleted, an edited one gets its old values, a
    deleted one is created again with a new id; a call that wrote many entries is taken back whole. Refused where the
    entry was changed elsewhere since. An undo can be undone, too.
    To see the changes call list_changes. Example: {"change_id": 12}.
    """
    writer = call.app.writer
    # The last change is the one when this call came, also where another server undoes it by now.
    call.undoes = change_id or call.undoes or await writer.latest()
    await writer.settle()
    # The same undo, delivered again after a lost answer, means the same change and not the next one.
    within = DELIVERED_TWICE if change_id else RESUMED_WITHIN  # made again, "the last one" may mean another
    lost = await writer.lost_call(call.asked_for, within)
    if lost and not change_id and await call.app.journal.has_later(lost):
        lost = None
    if lost and (told := await _has_happened(call, lost)) is not None:
        return told
    await writer.carried_out(call.undoes)
    change, left, apart = await _to_undo(call, (lost.undoes if lost else None) or call.undoes)
    await _consent(call, change, left, apart)
    if change.batch:
        return await _undo_all(call, change.batch, change, left, apart)
    [(_, now)] = left
    if theirs := _changed_elsewhere(change, now):
        call.notes.append(Note(_left(theirs)))
    done = await undo(call.app.writer, change, now.entry if now else None, call.asked_for)
    call.notes.append(Note(f"This undoes change {change.id} ({DEEDS[change.action]} entry {change.entry_id})."))
    if change.action is Action.START and change.before is not None:
        stays = f"Entry {change.before.id}, which that start had stopped, stays stopped."
        go_on = steps.start(to="to go on with it in a new entry", resume=True)
        call.notes.append(Note(stays + advice(call.offered, go_on)))
    if change.action is Action.DELETE:
        call.notes.append(Note(f"Entry {change.entry_id} has the new id {done.entry.id}."))
    return await _taken_back(call, taking_back(change, now.entry if now else None), done, now)


def _changed_elsewhere(change: Change, now: EntryInItsDay | None) -> str:
    return ", ".join(map(word, changed_elsewhere(change, now.entry))) if now else ""


def _named(since: ChangedSince) -> Said:
    fields = joined(", ", map(word, since.fields))
    left = "Entry {id} was changed elsewhere since ({fields}), and is left as it is."
    return say(left, id=since.now.id, fields=fields)


def _left(theirs: str) -> str:
    return f"Changed elsewhere since, and left as it is: {theirs}."


async def _taken_back(call: Call, command: Command, done: Done, now: EntryInItsDay | None) -> Answer[Undone]:
    day = [one for one in now.day if one.id != now.entry.id] if now and isinstance(command, Delete) else None
    return _answer(await receipt(call, done, command, day=day))


def _answer(answer: Answer[Any]) -> Answer[Undone]:
    """A receipt, of one or of many, as this tool answers it."""
    return Answer(answer.words, Undone.model_validate(answer.facts.model_dump(exclude_none=True)))


async def _has_happened(call: Call, lost: Change) -> Answer[Undone] | None:
    """What the same undo has done, where it was sent a moment ago and nobody heard of its outcome.

    None where it is not known to have happened, or something of it is left to do.
    """
    if lost.undoes is None or lost.state is not State.DONE:
        return None
    undone, entry = await call.app.journal.change(lost.undoes), lost.after or lost.before
    if undone is None or entry is None or await is_left(call.app.journal, undone):
        return None
    known = await known_by(call.app.journal, undone.id)
    note = f"The same call was sent a moment ago and has undone change {known}; nothing was doubled."
    if lost.batch:
        call.notes.append(Note(note))
        return await _all_has_happened(call, lost.batch)
    return await _taken_back(call, taking_back(undone, lost.before), Done(lost.id, entry, [note], earlier=True), None)


async def _all_has_happened(call: Call, number: int) -> Answer[Undone]:
    changes = [one for one in await call.app.journal.of_batch(number) if one.state is State.DONE]
    batch = Batch(number, [one.undoes or 0 for one in changes])
    for item, one in enumerate(changes, 1):
        if (entry := one.after or one.before) is not None:
            batch.done[item] = Done(one.id, entry, earlier=True)
    undid = [known for one in changes if (known := await call.app.journal.change(one.undoes or 0)) is not None]
    deed = _deed(undid)
    entries = _that_are(deed, zip(undid, [done.entry for done in batch.done.values()], strict=True))
    return _answer(await undone(call, batch, entries, [one.id for one in entries], deed))


def _deed(undid: Sequence[Change]) -> str:
    return DEEDS_OF_MANY[frozenset(one.action for one in undid)]


def _that_are(deed: str, undid: Iterable[tuple[Change, Entry]]) -> list[Entry]:
    """The entries that an answer shows: of parts that were joined only what there is now."""
    return [entry for one, entry in undid if not (deed == "joined" and one.action is Action.CREATE)]


async def _to_undo(call: Call, change_id: int) -> tuple[Change, list[Left], Apart]:
    """The change, and its entry as it is now; of a call with many all of them, last first, and what is left out.

    Raises:
        CannotUndo: with the reason; where the entry was changed elsewhere, with the difference.
    """
    app = call.app
    change = await chosen(app.journal, change_id)
    call.undoes = change.id
    try:
        if batch := change.batch:
            first = next(one for one in await app.journal.of_batch(batch) if one.state is State.DONE)
            return first, *await all_as_left(app.clockodo, app.journal, batch, call.zone)
        return change, [(change, await as_left(app.clockodo, app.journal, change, call.zone))], Apart()
    except CannotUndo as wrong:
        # Another server may have undone it while this one read: then that is what is to be said.
        await chosen(app.journal, change.id)
        if not isinstance(wrong, ChangedSince):
            raise
        since = wrong
        now = (await in_its_day(app.clockodo, since.now, call.zone)).entry
        difference = described(differences(since.left, now), since.left, now, call.zone)
        why = f"{since} As the change left it → as it is now: {difference}."
        raise CannotUndo(why, next=since.next) from since


async def _consent(call: Call, change: Change, left: list[Left], apart: Apart) -> None:
    """Consent to the undo; asked for in `auto` where one of its entries is billed, somebody else's, or left out."""
    entries = [_entry_of(one, now) for one, now in left]
    what = row(entries[0], call.caller).in_words()
    care = reasons_for_care(entries[0], call.caller.id)
    if change.batch:
        what = say("{entries}, such as {entry}", entries=counted(len(entries)), entry=what)
        care = joined(" ", [*reasons_for_care_of(entries, call.caller.id), *map(_named, apart.changed[:NAMED])])
    preview = joined(" ", (say(UNDOES[change.action], id=change.id, what=what), care))
    commands = [taking_back(one, now.entry if now else None) for one, now in left]
    await consent(call, *commands, preview=preview, needed=bool(care), undoes=change.id)


def _entry_of(change: Change, now: EntryInItsDay | None) -> Entry:
    """What an undo is about: the entry as it is, a deleted one as it was."""
    entry = now.entry if now else change.before or change.after
    assert entry is not None, "a deletion has its entry before"
    return entry


async def _undo_all(call: Call, number: int, change: Change, left: list[Left], apart: Apart) -> Answer[Undone]:
    def work(one: Change, now: EntryInItsDay | None) -> Callable[[ToolCall], Awaitable[Done]]:
        return lambda asked_for: undo(call.app.writer, one, now.entry if now else None, asked_for)

    theirs = [
        Note(_left(fields), f"Entry {one.entry_id}") for one, now in left if (fields := _changed_elsewhere(one, now))
    ]
    call.notes += theirs[:NAMED]
    works = {one.id: work(one, now) for one, now in left}
    batch = await several_at_once(call.app.writer, call.asked_for, works, call.told, undoes=number)
    entries = [now.entry for _, now in left if now]
    deed = _deed([one for one in await call.app.journal.of_batch(number) if one.state is State.DONE])
    if change.action is not Action.CREATE:
        made = [(one, batch.done[item].entry) for item, (one, _) in enumerate(left, 1) if item in batch.done]
        entries = _that_are(deed, [(one, _as_known(entry, one)) for one, entry in made])
    call.notes.append(Note(f"This undoes change {change.id}, all of it."))
    if batch.earlier:
        call.notes.append(Note(f"{counted(len(batch.earlier))} of it had been taken back before."))
    call.notes += [Note(_named(since)) for since in apart.changed[:NAMED]]
    if (gone := apart.gone) and batch.done:
        were = f"{counted(len(gone))} of it {'was' if len(gone) == 1 else 'were'} deleted since, and left out"
        call.notes.append(Note(f"{were}: {', '.join(str(one.entry_id) for one in gone)}."))
        await call.app.journal.write_off([one.id for one in gone], by=batch.first_change)
    ids = [one.entry_id or 0 for one, _ in left]
    return _answer(await undone(call, batch, entries, ids, deed))


def _as_known(entry: Entry, change: Change) -> Entry:
    """An entry after an undo with what the answer to a write lacks and the journal has: text and co-worker."""
    known = change.before or change.after
    update = {"text": known.text, "users_name": known.users_name} if known else {}
    return entry if entry.text else entry.model_copy(update=update)
