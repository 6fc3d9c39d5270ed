"""Taking a change back: a created entry is deleted, an edited one gets its old values, a deleted one comes again.

A started clock's entry is deleted while it runs, a moved start is moved back. Nothing lets a stopped entry run again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from clockodo_mcp import steps
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.failures import NotFound
from clockodo_mcp.api.models import Entry, EntryQuery, TimeEntry
from clockodo_mcp.api.wire import utc
from clockodo_mcp.domain.commands import Create, Delete, Edit, Move
from clockodo_mcp.domain.differences import booking_of, edited, restoring, unknown
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.reading.entries import EntryInItsDay, every_entry, in_its_day
from clockodo_mcp.speech import say
from clockodo_mcp.writing.changes import Action, Change, State, ToolCall
from clockodo_mcp.writing.journal import Journal
from clockodo_mcp.writing.outcomes import Done
from clockodo_mcp.writing.writer import Writer

DEEDS = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "deleted",
    Action.START: "started",
    Action.STOP: "stopped",
    Action.MOVE: "moved",
}
"""What each kind of change did."""


BELOW = {"customers_id": ("projects_id", "subprojects_id"), "projects_id": ("subprojects_id",)}
"""What belongs to a field, and cannot stay where that goes back."""


class CannotUndo(ClockodoMcpError):
    """The change cannot be taken back as things stand. Nothing was written."""


class ChangedSince(CannotUndo):
    """The entry is not as the change left it: somebody else has changed it. `left` and `now` are both states."""

    def __init__(self, change: int, left: Entry, now: Entry, fields: list[str]) -> None:
        self.left = left
        self.now = now
        self.fields = fields
        self._what = f"Change {change} is not undone: entry {now.id} was changed elsewhere since ({', '.join(fields)})."
        super().__init__(
            f"{self._what} Nothing was written. Show the person the difference.",
            next=(steps.correct(now.id, to="to change it all the same"),),
        )

    @property
    def plainly(self) -> str:
        """Without what a model is to do."""
        return self._what


PARTS = 2
"""Changes of a split: the entry is shortened, and its rest is booked."""


async def chosen(journal: Journal, id: int) -> Change:
    """The change that is to be undone; 0 is none.

    Raises:
        CannotUndo: there is none, or it has not happened, or it is undone already.
        BeingUndone: another server takes it back.
    """
    change = await journal.change(id) if id else None
    if change is None:
        what = say("There is no change {id}.", id=id) if id else say("There is nothing to undo.")
        raise CannotUndo(what, next=(steps.list_changes("this_month"),))
    await journal.refuse_being_undone(change)
    if change.state is not State.DONE and change.batch is not None:
        # What of its call is known to have happened can be taken back.
        change = next((one for one in await journal.of_batch(change.batch) if one.state is State.DONE), change)
    if change.state is not State.DONE:
        raise CannotUndo(
            f"Change {change.id} has not happened or is not known to have ({change.state}), so it cannot be undone.",
            next=(steps.list_changes(to="to settle and see the changes"),),
        )
    if change.undone_by and not await is_left(journal, change):
        by = await known_by(journal, change.undone_by)
        undoing = await journal.change(change.undone_by)
        again = () if undoing and await would_halve(journal, undoing) else (steps.undo(by, to="to do it again"),)
        raise CannotUndo(f"Change {change.id} was undone by change {by}.", next=again)
    if await would_halve(journal, change):
        raise CannotUndo(
            f"Change {change.id} has taken back change {change.undoes}, one part of a split whose other part was not "
            "booked; without it, hours would be lost."
        )
    return change


async def would_halve(journal: Journal, change: Change) -> bool:
    """Whether a change has taken back half a split whose other half was not booked: without it, hours would be lost."""
    begun = await journal.change(change.undoes) if change.undoes else None
    if begun is None or begun.batch is None or begun.tool != steps.SPLIT:
        return False
    return sum(one.state is State.DONE for one in await journal.of_batch(begun.batch)) < PARTS


async def is_left(journal: Journal, change: Change) -> bool:
    """Whether of the call with many that a change belongs to something is not undone yet."""
    if change.batch is None:
        return False
    return any(one.state is State.DONE and not one.undone_by for one in await journal.of_batch(change.batch))


async def known_by(journal: Journal, id: int) -> int:
    """The change that the person knows: of a call with many the first."""
    change = await journal.change(id)
    return (await journal.of_batch(change.batch))[0].id if change and change.batch else id


async def in_the_way(journal: Journal, change: Change) -> Change | None:
    """The last change of ours on the same entry, which has to be undone first. A stop is in nobody's way."""
    blocking = None
    later = await journal.after_it(change)
    while later is not None:
        blocking = blocking if later.action is Action.STOP else later
        later = await journal.after_it(later)
    return blocking


async def stopped_by(journal: Journal, change: Change) -> Change | None:
    """The change of ours that later stopped the clock on the same entry."""
    later = await journal.after_it(change)
    while later is not None and later.action is not Action.STOP:
        later = await journal.after_it(later)
    return later


async def refuse_later(journal: Journal, change: Change) -> None:
    """Raises `CannotUndo` where another change of ours came later on the same entry."""
    if (later := await in_the_way(journal, change)) is not None:
        raise CannotUndo(
            f"Change {later.id} came later and is on the same entry, so it has to be undone first. Nothing was "
            "written.",
            next=(steps.undo(later.id, to="to begin with that one"),),
        )


def refuse_stop(change: Change) -> None:
    """Raises `CannotUndo` where the change stopped the clock: nothing in Clockodo lets that entry run again."""
    by_edit = change.action is Action.UPDATE and runs(change.before) and not runs(change.after)
    if change.action is Action.STOP or by_edit:
        raise CannotUndo(
            f"Change {change.id} ended entry {change.entry_id}, and nothing in Clockodo lets an ended entry run again. "
            "Nothing was written. An earlier change can be undone by its id.",
            next=(
                steps.start(to="to go on with the same work in a new entry", resume=True),
                steps.correct(change.entry_id or 0, "time_until", to="to move the end"),
            ),
        )


def refuse_uncreatable(change: Change) -> None:
    """Raises `CannotUndo` where what was deleted cannot be created again as it was."""
    assert change.before is not None, "what was deleted was read before"
    if isinstance(change.before, TimeEntry) and change.before.running:
        raise CannotUndo(
            f"Entry {change.entry_id} was running when it was deleted, and a running entry is not created but started. "
            "Nothing was written.",
            next=(
                steps.start(to="to let it run again", **start_again(change.before)),
                steps.create("its end", to="to book it with an end"),
            ),
        )
    if unknown(change.before, "text"):
        again = steps.create(to="to create it anew")
        raise CannotUndo(f"The text of entry {change.entry_id} is not known. Nothing was written.", next=(again,))


def runs(entry: Entry | None) -> bool:
    """Whether the clock runs on an entry."""
    return isinstance(entry, TimeEntry) and entry.running


def refuse_changed(change: Change, found: Entry, *, wholly: bool = False) -> None:
    """Raises `ChangedSince` where what an undo would overwrite or delete is not as the change left it.

    Other fields are somebody else's by now, and stay, but where hours go from one entry to another: then it has to be
    `wholly` as it was left. That a clock was stopped is no change.
    """
    left = change.after
    if left is None:
        return
    changed = edited(left, found)
    if change.action is Action.UPDATE and change.before is not None and not wholly:
        ours = {*restoring(change.before, left, change.sent).model_fields_set}
        ours |= {below for field, those in BELOW.items() if field in ours for below in those}
        changed = {field: values for field, values in changed.items() if field in ours}
    if changed:
        raise ChangedSince(change.id, left, found, list(changed))


def changed_elsewhere(change: Change, found: Entry) -> list[str]:
    """The fields that somebody else has changed since an edit, and that its undo leaves as they are."""
    if change.after is None or change.action is not Action.UPDATE:
        return []
    return list(edited(change.after, found))


async def as_left(clockodo: Clockodo, journal: Journal, change: Change, zone: ZoneInfo) -> EntryInItsDay | None:
    """The entry of a change as it is now, in its day; None where the change deleted it.

    Raises:
        CannotUndo: the entry is gone, or another change of ours came later, or it was changed elsewhere.
    """
    assert change.entry_id is not None, "a change that was done has its entry"
    refuse_stop(change)
    await refuse_later(journal, change)
    if change.action is Action.DELETE:
        refuse_uncreatable(change)
        return None
    try:
        found = await clockodo.entry(change.entry_id)
    except NotFound:
        raise CannotUndo(
            f"Entry {change.entry_id} is gone: it was deleted elsewhere since change {change.id}. Nothing was written.",
            next=(steps.list_changes(to="to see what else can be undone, by its id"),),
        ) from None
    if change.action is Action.START and not runs(found):
        raise CannotUndo(
            f"Entry {found.id} runs no longer: it was stopped since, and to undo its start would delete work that was "
            "done. Nothing was written.",
            next=(steps.delete(found.id, to="if the person wants that"),),
        )
    refuse_changed(change, found)
    return await in_its_day(clockodo, found, zone)


def start_again(entry: TimeEntry) -> dict[str, str]:
    """The arguments of a start by which the clock runs as it did on an entry."""
    ids = {"customer": entry.customers_id, "project": entry.projects_id, "subproject": entry.subprojects_id}
    booked = {name: str(id) for name, id in {**ids, "service": entry.services_id}.items() if id is not None}
    return {**booked, "time_since": utc(entry.time_since), **({"text": entry.text} if entry.text else {})}


def taking_back(change: Change, now: Entry | None) -> Create | Edit | Delete | Move:
    """What takes one change back; `now` is its entry as it is, None where the change deleted it."""
    if now is None:
        assert change.before is not None, "what was deleted was read before"
        return Create(booking_of(change.before))
    if change.action in (Action.CREATE, Action.START):
        return Delete(now)
    assert change.before is not None, "what was edited was read before"
    if change.action is Action.MOVE and isinstance(now, TimeEntry):
        return Move(now, change.before.time_since)
    return Edit(now, restoring(change.before, change.after or now, change.sent))


async def undo(writer: Writer, change: Change, now: Entry | None, call: ToolCall) -> Done:
    """Take one change back; `now` is what `as_left` found. Raises as `Writer`, and `CannotUndo`."""
    command = taking_back(change, now)
    if isinstance(command, Edit):
        assert change.before is not None, "what was edited was read before"
        refuse_unrestorable(change, change.before, command.change.model_fields_set)
    done = await writer.write(call, command, undoes=change.id)
    if isinstance(command, Create) and change.before is not None and unknown(change.before, "hourly_rate"):
        done.notes.append("Its hourly rate was not visible to this key, so Clockodo has set it by its own rules.")
    return done


def refuse_unrestorable(change: Change, before: Entry, fields: Iterable[str]) -> None:
    """Raises `CannotUndo` where an old value is not known."""
    for name in fields:
        if unknown(before, name) and name in change.sent:
            raise CannotUndo(
                f"The {name.replace('_', ' ')} that entry {before.id} had is not known to this key. Nothing was "
                "written.",
                next=(steps.correct(before.id, "the value", to="to set it"),),
            )


@dataclass
class Apart:
    """What the undo of many leaves out: what was deleted since, and what was changed elsewhere."""

    gone: list[Change] = field(default_factory=list)
    changed: list[ChangedSince] = field(default_factory=list)


async def all_as_left(
    clockodo: Clockodo, journal: Journal, batch: int, zone: ZoneInfo
) -> tuple[list[tuple[Change, EntryInItsDay | None]], Apart]:
    """The changes of one call that hold still, last first, each with its entry as it is now; and what is left out.

    Gone is what somebody, or a later change of ours, has deleted. One request for each thousand entries of their time,
    and one or two for each entry that is not there any more.

    Raises:
        CannotUndo: as `as_left`, for the first that cannot be undone; then none is. All of them are left out.
    """
    changes = [one for one in await journal.of_batch(batch) if one.state is State.DONE and not one.undone_by]
    is_of_parts = len({one.action for one in changes}) > 1
    states = [one.after for one in changes if one.after is not None]
    asked = EntryQuery(
        time_since=min(one.time_since for one in states), time_until=max(one.time_since for one in states),
        enhanced_list=True,
    )  # fmt: skip
    there = {one.id: one for one in await every_entry(clockodo, asked)}
    left: list[tuple[Change, EntryInItsDay | None]] = []
    apart = Apart()
    for change in reversed(changes):
        entry = there.get(change.entry_id or 0)
        if change.action is Action.DELETE:
            left.append((change, await as_left(clockodo, journal, change, zone)))
            continue
        if entry is None:
            try:
                await clockodo.entry(change.entry_id or 0)
            except NotFound:
                apart.gone.append(change)
            else:
                left.append((change, await as_left(clockodo, journal, change, zone)))
            continue
        await refuse_later(journal, change)
        try:
            refuse_changed(change, entry, wholly=is_of_parts)
        except ChangedSince as since:
            apart.changed.append(since)
        else:
            left.append((change, EntryInItsDay(entry, [], [])))
    if is_of_parts and (apart.changed or apart.gone):
        others = [f"entry {since.now.id} was changed elsewhere since" for since in apart.changed]
        others += [f"entry {one.entry_id} was deleted since" for one in apart.gone]
        raise CannotUndo(
            f"Change {changes[0].id} is not undone, since its parts belong together, and {', '.join(others)}. Nothing "
            "was written. Show the person both.",
            next=(steps.list_changes(to="to see what else can be undone, by its id"),),
        )
    if apart.changed and not left:
        raise apart.changed[0]
    if apart.gone and not left:
        raise CannotUndo(
            f"What is left of change {changes[0].id} is gone: it was deleted since. Nothing was written.",
            next=(steps.list_changes(to="to see what else can be undone, by its id"),),
        )
    return left, apart
