"""`list_changes`: what this server has changed."""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.before_after import described
from clockodo_mcp.answers.rows import EntryRow, counted, row, table
from clockodo_mcp.asking import find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.differences import differences
from clockodo_mcp.domain.moments import hours, local_day, local_text
from clockodo_mcp.domain.totals import totals_of
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving.times import of_period
from clockodo_mcp.writing.changes import Action, Change, State
from clockodo_mcp.writing.undo import DEEDS, in_the_way, known_by, runs, stopped_by, would_halve


class ChangeRow(Facts):
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


class ChangeList(Facts):
    """The answer of `list_changes`, newest first."""

    period: str
    timezone: str
    changes: int
    rows: list[ChangeRow]
    settled: list[str] = Field(default=[], description="What became of changes whose answer was lost")


@tool(
    title="List changes",
    writes=False,
    search_hint="history, log of changes, what did the assistant change, unknown outcome; "
    "Änderungen, Verlauf, Protokoll, was wurde geändert",
)
async def list_changes(
    call: Call,
    period: take.Period = "last_7_days",
    limit: Annotated[int, Field(ge=1, le=100, description="Rows shown, newest first")] = 20,
) -> Answer[ChangeList]:
    """List what this server has changed in Clockodo, newest first, with change ids and whether each can be undone.
    Use it after a lost answer, to see what became of it, and before undo_change. It does not list what people changed
    in Clockodo itself. Example: {"period": "today"}.
    """
    span = await find_or_ask(call, of_period(period))
    journal = call.app.journal
    settled = await call.app.writer.settle()
    rows = [await _change_row(call, change) for change in await journal.changes(span.start, span.end, limit)]
    count = await journal.count(span.start, span.end)
    lines = [f"{span.dates} ({call.zone.key}): {count} change{'' if count == 1 else 's'}."]
    if unread := sorted(journal.unreadable):
        settled.append(f"Left out, since their rows cannot be read: change {', '.join(map(str, unread))}.")
    lines += [f"Note: {note}" for note in settled]
    if rows:
        lines += ["", table(rows, COLUMNS)]
    if count > len(rows):
        lines += ["", f"The latest {len(rows)} of {count}; more with limit or a shorter period."]
    facts = ChangeList(period=span.dates, timezone=call.zone.key, changes=count, rows=rows, settled=settled)
    return Answer("\n".join(lines), facts)


OF_ONE = {
    frozenset({Action.UPDATE, Action.CREATE}): "split 1 entry",
    frozenset({Action.UPDATE, Action.DELETE}): "joined 1 entry",
}
"""What several changes of one call did to a single entry."""

COLUMNS: dict[str, Callable[[ChangeRow], str]] = {
    "change": lambda one: str(one.change),
    "at": lambda one: one.at.replace("T", " "),
    "did": lambda one: one.did,
    "entry": lambda one: one.entry.in_words() if one.entry else "",
    "changed": lambda one: one.changed or "",
    "client": lambda one: one.client or "",
    "undo": lambda one: one.undo,
}


async def _change_row(call: Call, change: Change) -> ChangeRow:
    """A change for people; a call that made many is one row."""
    if change.batch:
        return await _batch_row(call, change)
    # What a start stopped is not what the start is about.
    before = None if change.action is Action.START else change.before
    entry = before if change.action is Action.DELETE else change.after or before
    changed = f"stopped entry {change.before.id}" if change.action is Action.START and change.before else None
    if before and change.after:
        changed = described(differences(before, change.after), before, change.after, call.zone)
    return ChangeRow(
        change=change.id,
        at=local_text(change.began, call.zone),
        did=DEEDS[change.action] if change.state is State.DONE else f"{change.action}: {change.state}",
        entry=row(entry, call.caller) if entry else None,
        changed=changed,
        client=cell(change.client) or None,
        undo=await _undo_state(call, change),
    )


async def _batch_row(call: Call, first: Change) -> ChangeRow:
    """All changes of one call: how many, what they did, over which days."""
    changes = await call.app.journal.of_batch(first.batch or 0)
    done = [one for one in changes if one.state is State.DONE]
    kinds = frozenset(one.action for one in done)
    left = [one for one in done if one.action is not Action.DELETE] if kinds in OF_ONE else done
    entries = [entry for one in left if (entry := one.after or one.before)]
    days = sorted({local_day(entry.time_since, call.zone).isoformat() for entry in entries})
    size = max(len(changes), await call.app.journal.size_of(first.batch or 0))
    of = f" of {size}" if size > len(done) else ""
    said = OF_ONE.get(kinds, f"{DEEDS[first.action]} {counted(len(done))}{of}")
    return ChangeRow(
        change=first.id,
        at=local_text(first.began, call.zone),
        did=said,
        changed=f"{hours(totals_of(entries).seconds)} h, {' – '.join(dict.fromkeys((days[0], days[-1])))}"
        if days
        else None,
        client=cell(first.client) or None,
        undo=await _undo_state_of_many(call, done),
    )


async def _undo_state_of_many(call: Call, done: list[Change]) -> str:
    if not done or await would_halve(call.app.journal, done[0]):
        return "no"
    left = sum(not one.undone_by for one in done)
    if not left:
        return await _undone_by(call, done[0])
    return (
        "yes, all" if left == len(done) else f"yes, the {left} of {len(done)} that {'is' if left == 1 else 'are'} left"
    )


async def _undone_by(call: Call, change: Change) -> str:
    return f"undone by {await known_by(call.app.journal, change.undone_by or 0)}"


async def _undo_state(call: Call, change: Change) -> str:
    """Whether a change can be undone, by what the journal knows."""
    if change.state is not State.DONE:
        return "no"
    if change.undone_by:
        return await _undone_by(call, change)
    if await would_halve(call.app.journal, change):
        return "no"
    if change.action is Action.STOP or (change.action is Action.DELETE and runs(change.before)):
        return "no"
    if change.action is Action.START and (stop := await stopped_by(call.app.journal, change)) is not None:
        return f"no: stopped by {stop.id}"
    later = await in_the_way(call.app.journal, change)
    return f"first {later.id}" if later else "yes"
