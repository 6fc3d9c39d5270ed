"""Answers about many entries of one call: what would be written, what was, and where it broke off."""

from collections.abc import Sequence
from datetime import timedelta

from mcp.types import CallToolResult
from pydantic import BaseModel, ConfigDict, Field

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.failures import ClockodoError
from clockodo_mcp.api.models import Billable, Entry, EntryQuery, NewEntry
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.checks import overlapping
from clockodo_mcp.domain.differences import not_taken
from clockodo_mcp.domain.durations import hours
from clockodo_mcp.domain.moments import local_day
from clockodo_mcp.domain.totals import seconds_to_book, totals_of
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.reading.entries import EntryInItsDay, every_entry
from clockodo_mcp.tools.answers import ENTRY_COLUMNS, EntryRow, TotalsOut, answer, row, table, totals_line, totals_out
from clockodo_mcp.tools.asking import Ctx
from clockodo_mcp.tools.before_after import word
from clockodo_mcp.tools.bookings import preview_of
from clockodo_mcp.writing.batches import Batch, Report
from clockodo_mcp.writing.journal import Action, Change

SHOWN = 30
"""Rows of an answer at most; the rest is counted."""

WARNED = 10
"""Warnings of an answer at most."""


class WrittenBatch(BaseModel):
    """The answer of a call that writes many entries; `entries` are the first of them, `totals` are of all."""

    done: str = Field(description="created, updated, or planned where nothing was written")
    totals: TotalsOut
    timezone: str
    entries: list[EntryRow]
    skipped: list[str] = Field(default=[], description="What was left out, with the reason")
    notes: list[str]
    warnings: list[str]
    change: int | None = Field(default=None, description="The change's id, for undo_change: it takes all back")
    undo: str | None = None


class UndoneCall(BaseModel):
    """The answer of `undo_change`: of one change the entry, of a call with many changes how many and the first of them.

    For one change it has the fields of `WrittenEntry`, for many those of `WrittenBatch`.
    """

    model_config = ConfigDict(extra="allow")

    done: str
    timezone: str
    change: int | None = Field(default=None, description="The undo's own id: it can be undone, too")
    notes: list[str]
    warnings: list[str]
    undo: str | None = None


class BrokenOff(ClockodoMcpError):
    """A call that wrote some of its entries and then failed. What exists is named."""


def reporter(ctx: Ctx) -> Report:
    """Tells the client how far a call is, where it wants to know."""

    async def report(done: int, of: int) -> None:
        await ctx.report_progress(done, of, f"{done} of {of} entries")

    return report


async def planned(
    desk: Desk, news: Sequence[NewEntry], notes: list[str], so: str, skipped: Sequence[str] = ()
) -> CallToolResult:
    """What would be written. Names come from the catalogue."""
    caller = await desk.account.caller()
    rows = [await preview_of(desk, new) for new in news[:SHOWN]]
    seconds = sum(map(seconds_to_book, news))
    billable = sum(seconds_to_book(new) for new in news if new.billable != Billable.NOT_BILLABLE)
    count = len(news)
    totals = TotalsOut(entries=count, seconds=seconds, billable_seconds=billable)
    facts = WrittenBatch(
        done="planned",
        totals=totals,
        timezone=caller.zone.key,
        entries=rows,
        skipped=list(skipped),
        notes=notes,
        warnings=[],
    )
    lines = [f"Would create {count} {_entries(count)}, {hours(seconds)} h ({caller.zone.key}). {so}"]
    return answer("\n".join([*lines, *_lines(facts), "", _rows(rows, count)]), facts)


async def booked(
    desk: Desk,
    batch: Batch,
    news: Sequence[NewEntry],
    notes: Sequence[str],
    tool: str,
    skipped: Sequence[str] = (),
) -> CallToolResult:
    """What was created. One request, to show it as it is stored.

    Raises:
        BrokenOff: it did not come to its end.
    """
    if batch.failed or batch.not_sent:
        raise BrokenOff(broken_off(batch, tool))
    caller = await desk.account.caller()
    with desk.writer.answering(batch.first_change):
        stored, warnings = await _as_stored(desk, batch, caller)
    for entry, new in zip(stored, news, strict=True):
        if fields := not_taken(entry, new):
            warnings.append(f"Clockodo did not take {', '.join(map(word, fields))} of entry {entry.id} as asked.")
    again = [f"Entry {item}: {note}" for item, done in sorted(batch.done.items()) for note in done.notes]
    rows = [row(entry, caller.zone, caller=caller.id) for entry in await desk.catalog.named(stored[:SHOWN])]
    totals = totals_of(stored)
    days = len({local_day(entry.time_since, caller.zone) for entry in stored})
    facts = WrittenBatch(
        done="created",
        totals=totals_out(totals),
        timezone=caller.zone.key,
        entries=rows,
        skipped=list(skipped),
        notes=[*notes, *again],
        warnings=warnings,
        change=batch.first_change if desk.undoable else None,
        undo=undo_of(desk, batch),
    )
    on = f" on {days} {'day' if days == 1 else 'days'}"
    lines = [f"Created {totals_line(totals)}{on} ({caller.zone.key}).", *_lines(facts)]
    lines.append(f"To undo all of it: {facts.undo}.")
    return answer("\n".join([*lines, "", _rows(rows, len(stored))]), facts)


async def undone_batch(desk: Desk, batch: Batch, left: Sequence[tuple[Change, EntryInItsDay | None]]) -> CallToolResult:
    """What was taken back. No request.

    Raises:
        BrokenOff: some of it was not.
    """
    deed = {Action.CREATE: "deleted", Action.UPDATE: "updated", Action.DELETE: "created"}[left[0][0].action]
    if batch.failed or batch.not_sent:
        raise BrokenOff(half_done(batch, [change.entry_id or 0 for change, _ in left], "undo_change"))
    caller = await desk.account.caller()
    entries = [_as_known(batch.done[item].entry, change) for item, (change, _) in enumerate(left, 1)]
    named = [await desk.catalog.with_names(one) for one in entries[:SHOWN]]
    rows = [row(one, caller.zone, caller=caller.id) for one in named]
    facts = WrittenBatch(
        done=deed,
        totals=totals_out(totals_of(entries)),
        timezone=caller.zone.key,
        entries=rows,
        notes=[f"This undoes change {left[-1][0].id}."],
        warnings=[],
        change=batch.first_change,
        undo=undo_of(desk, batch),
    )
    lines = [f"{deed.capitalize()} {totals_line(totals_of(entries))} ({caller.zone.key}).", *_lines(facts)]
    lines.append(f"To undo that: {facts.undo}.")
    return answer("\n".join([*lines, "", _rows(rows, len(entries))]), facts)


def _as_known(entry: Entry, change: Change) -> Entry:
    """An entry after an undo with what the answer to a write lacks and the journal has: text and co-worker."""
    known = change.before or change.after
    update = {"text": known.text, "users_name": known.users_name} if known else {}
    return entry if entry.text else entry.model_copy(update=update)


def half_done(batch: Batch, ids: Sequence[int], tool: str) -> str:
    """What of a call over existing entries happened, what was refused, and what was not tried."""
    said = [f"{len(batch.done)} of {batch.count} entries were changed."]
    said += [f"Entry {ids[item - 1]}: {error}" for item, error in sorted(batch.failed.items())[:WARNED]]
    if len(batch.failed) > WARNED:
        said.append(f"{len(batch.failed) - WARNED} more failed.")
    if batch.not_sent:
        said.append(f"Not tried: {', '.join(str(ids[item - 1]) for item in batch.not_sent)}.")
    said.append(f"To go on with the rest, call {tool} again; what is done is left out.")
    if batch.done:
        said.append(f"To take back what was done, call undo_change with change_id={batch.first_change}.")
    return "\n".join(said)


def broken_off(batch: Batch, tool: str) -> str:
    """Where a call broke off: what exists, what does not, what is not known, and how to go on."""
    [(item, error)] = list(batch.failed.items())[:1] or [(batch.not_sent[0], ClockodoMcpError("it was not sent."))]
    said = [f"Stopped at entry {item} of {batch.count}: {error}"]
    if batch.done:
        ids = ", ".join(f"{number}: {done.entry.id}" for number, done in sorted(batch.done.items()))
        said.append(f"Written before that: {len(batch.done)} {_entries(len(batch.done))} (entry number: id) {ids}.")
    else:
        said.append("Nothing was written before that.")
    if batch.not_sent:
        said.append(f"Not sent: entries {batch.not_sent[0]}–{batch.not_sent[-1]}.")
    said.append(f"To go on, call {tool} with the entries from number {item} on, once the reason is gone.")
    if batch.done:
        said.append(f"To take back what was written, call undo_change with change_id={batch.first_change}.")
    return "\n".join(said)


def undo_of(desk: Desk, batch: Batch) -> str:
    """The call that takes a whole batch back."""
    if desk.undoable:
        return f"undo_change with change_id={batch.first_change}"
    return f"delete_entry for each of {', '.join(str(done.entry.id) for done in batch.done.values())}"


async def _as_stored(desk: Desk, batch: Batch, caller: Caller) -> tuple[list[Entry], list[str]]:
    """The entries with names and text, by their order, and warnings about overlaps."""
    raw = [done.entry for _, done in sorted(batch.done.items())]
    people = {entry.users_id for entry in raw}
    asked = EntryQuery(
        time_since=min(entry.time_since for entry in raw) - timedelta(days=1),
        time_until=max(entry.time_since for entry in raw),
        users_id=next(iter(people)) if len(people) == 1 else None,
        enhanced_list=True,
    )
    try:
        around = await every_entry(desk.clockodo, asked)
    except ClockodoError:
        return raw, ["The entries could not be read afterwards, so overlaps are not known."]
    found = {entry.id: entry for entry in around}
    stored = [found.get(entry.id, entry) for entry in raw]
    now = desk.now()
    warnings = [
        f"Entry {entry.id} overlaps entry {other.id} ({other.time_since.astimezone(caller.zone):%Y-%m-%d %H:%M})."
        for entry in stored
        for other in overlapping(entry, around, now)
        if other.id < entry.id
    ]
    more = [f"{len(warnings) - WARNED} more overlaps."] if len(warnings) > WARNED else []
    return stored, warnings[:WARNED] + more


def _lines(facts: WrittenBatch) -> list[str]:
    return [
        *(f"Skipped: {one}" for one in facts.skipped),
        *(f"Note: {note}" for note in _merged(facts.notes)),
        *(f"Warning: {warning}" for warning in facts.warnings),
    ]


def _merged(notes: Sequence[str]) -> list[str]:
    """Notes that several entries share, said once: `Entries 1, 2, 5: …`."""
    by_text: dict[str, list[str]] = {}
    for note in notes:
        head, separator, text = note.partition(": ")
        if separator and head.startswith("Entry ") and head[6:].isdigit():
            by_text.setdefault(text, []).append(head[6:])
        else:
            by_text.setdefault(note, [])
    return [
        text if not numbers else f"{'Entry' if len(numbers) == 1 else 'Entries'} {', '.join(numbers)}: {text}"
        for text, numbers in by_text.items()
    ]


def _rows(rows: Sequence[EntryRow], count: int) -> str:
    more = f"\n\n{count - len(rows)} more are not shown." if count > len(rows) else ""
    columns = ENTRY_COLUMNS if any(one.id for one in rows) else {n: c for n, c in ENTRY_COLUMNS.items() if n != "id"}
    return table(rows, columns) + more


def _entries(count: int) -> str:
    return "entry" if count == 1 else "entries"
