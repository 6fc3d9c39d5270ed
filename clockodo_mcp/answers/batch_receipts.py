"""The answers about many entries of one call: what would be written, what was, and where it broke off."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field

from clockodo_mcp import steps
from clockodo_mcp.answers import warnings
from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.before_after import word
from clockodo_mcp.answers.previews import named_after, planned_row
from clockodo_mcp.answers.receipt import GONE
from clockodo_mcp.answers.refusals import advice, call_of
from clockodo_mcp.answers.rows import EntryRow, TotalsOut, changed_table, counted, row, rows_of, totals_line, totals_out
from clockodo_mcp.api.failures import ClockodoError
from clockodo_mcp.api.models import Billable, Entry, EntryChange, EntryQuery, NewEntry
from clockodo_mcp.call import Call, Note
from clockodo_mcp.domain.commands import reasons_for_care_of
from clockodo_mcp.domain.differences import chosen_otherwise, not_taken
from clockodo_mcp.domain.moments import CALENDARS_END, hours, local_day
from clockodo_mcp.domain.totals import Totals, seconds_to_book, totals_of
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.reading.entries import every_entry
from clockodo_mcp.speech import say
from clockodo_mcp.writing.batches import OWN_FAULT, Batch
from clockodo_mcp.writing.undo import would_halve

SHOWN = 30
"""Rows of an answer at most; the rest is counted."""

A_DAY = timedelta(days=1)

NAMED = 10
"""Failures, and fields that were not taken, of an answer at most."""


class BatchReceipt(Facts):
    """The answer of a call about many entries; `entries` are the first of them, `totals` are of all."""

    done: str = Field(description="created, updated, deleted or split; planned or preview where nothing was written")
    totals: TotalsOut
    timezone: str
    entries: list[EntryRow]
    skipped: list[str] = Field(default=[], description="What was left out, with the reason")
    changes: str | None = Field(default=None, description="What becomes of each entry")
    notes: list[str]
    warnings: list[str]
    confirm: str | None = Field(default=None, description="Code that carries a preview out, for an hour")
    change: int | None = Field(default=None, description="The change's id, for undo_change: it takes all back")
    undo: str | None = None


class BrokenOff(ClockodoMcpError):
    """A call that wrote some of its entries and then failed. What exists is named; `change` takes it back."""

    def __init__(self, sentence: str, batch: Batch) -> None:
        self.change = batch.first_change if batch.done else None
        self._written = len(batch.done)
        self._failed = next((error.what_happened for error in batch.failed.values()), "")
        super().__init__(sentence)

    @property
    def plainly(self) -> str:
        """How many were done, and what stopped it."""
        return say("Broke off: {entries} done. {why}", entries=counted(self._written), why=self._failed)


async def planned(call: Call, news: Sequence[NewEntry], skipped: Sequence[str] = ()) -> Answer[BatchReceipt]:
    """What would be written. Names come from the catalogue."""
    seconds = sum(map(seconds_to_book, news))
    billable = sum(seconds_to_book(new) for new in news if new.billable != Billable.NOT_BILLABLE)
    facts = BatchReceipt(
        done="planned",
        totals=totals_out(Totals(len(news), seconds, billable, None)),
        timezone=call.zone.key,
        entries=[await planned_row(call, new) for new in news[:SHOWN]],
        skipped=list(skipped),
        notes=merged(call.notes),
        warnings=[],
    )
    if not news:
        return answer_of_many(f"Nothing to create ({call.zone.key}).", facts, "")
    head = f"Would create {counted(len(news))}, {hours(seconds)} h ({call.zone.key}). Nothing was written (dry_run)."
    head += " To write it, call again without dry_run."
    return answer_of_many(head, facts, rows_of(facts.entries, len(news)))


async def booked(
    call: Call, batch: Batch, news: Sequence[NewEntry], skipped: Sequence[str] = (), *, numbered: bool = True
) -> Answer[BatchReceipt]:
    """What was created. One request, to show it as it is stored. `numbered` where the call itself counts its entries.

    Raises:
        BrokenOff: it did not come to its end.
    """
    if batch.failed or batch.not_sent:
        raise BrokenOff(broken_off(call, batch, numbered=numbered), batch)
    async with call.app.writer.answering(batch.first_change, batch.number):
        stored, warned = await as_stored(call, batch)
        warned += not_taken_of_many(batch, stored, news)
        warned += chosen_otherwise_of_many(batch, news, call.caller.id)
        settled = [Note(note, f"Entry {item}") for item, done in sorted(batch.done.items()) for note in done.notes]
        facts = await receipt_of_many(call, batch, "created", stored, [*call.notes, *settled], warned, skipped)
    totals = totals_of(stored)
    days = len({local_day(entry.time_since, call.zone) for entry in stored})
    head = f"Created {totals_line(totals)} on {days} {'day' if days == 1 else 'days'} ({call.zone.key})."
    return answer_of_many(head, facts, rows_of(facts.entries, len(stored)))


async def updated(
    call: Call, batch: Batch, edits: Sequence[tuple[Entry, EntryChange]], changes: str, left_out: Sequence[str]
) -> Answer[BatchReceipt]:
    """What one change has made of many entries. No request.

    Raises:
        BrokenOff: some of it was not done.
    """
    if batch.failed or batch.not_sent:
        raise BrokenOff(half_done(call, batch, [entry.id for entry, _ in edits]), batch)
    after = [done.entry for _, done in sorted(batch.done.items())]
    shown = [
        entry.model_copy(update=_known_of(before, change)) for entry, (before, change) in zip(after, edits, strict=True)
    ]
    notes = [*call.notes, *dict.fromkeys(Note(note) for done in batch.done.values() for note in done.notes)]
    lost = not_taken_of_many(batch, after, [change for _, change in edits])
    async with call.app.writer.answering(batch.first_change, batch.number):
        named = [await call.app.catalog.with_names(one) for one in shown[:NAMED]]
        facts = await receipt_of_many(call, batch, "updated", after, notes, lost, left_out)
    facts.entries = [row(one, call.caller) for one in named]
    facts.changes = changes
    head = f"Updated {totals_line(totals_of(after))} ({call.zone.key}): {changes}."
    return answer_of_many(head, facts, rows_of(facts.entries, len(after)))


async def previewed(
    call: Call,
    edits: Sequence[tuple[Entry, EntryChange]],
    changes: str,
    left_out: Sequence[str],
    code: str | None,
    *,
    wrong: bool,
) -> Answer[BatchReceipt]:
    """What one change would make of many entries, with the code that carries it out. Nothing is written."""
    entries = [entry for entry, _ in edits]
    totals = totals_of(entries)
    warned: list[str] = [*reasons_for_care_of(entries, call.caller.id)]
    warned += ["The code does not fit: it was used, is too old, or the entries have changed."] if wrong else []
    rows = [
        (
            row((await call.app.catalog.named([entry]))[0], call.caller),
            row(await named_after(call, entry, change), call.caller),
        )
        for entry, change in edits[:NAMED]
    ]
    facts = BatchReceipt(
        done="preview",
        totals=totals_out(totals),
        timezone=call.zone.key,
        entries=[before for before, _ in rows],
        skipped=list(left_out),
        changes=changes,
        notes=merged(call.notes),
        warnings=warned,
        confirm=code,
    )
    if not edits:
        return answer_of_many(f"Nothing to change ({call.zone.key}): {changes}.", facts, "")
    head = f"Not done yet. Would change {totals_line(totals)} ({call.zone.key}): {changes}."
    so = (
        "Show this to the person; if they agree, or have asked for exactly this, repeat the call within an hour with "
        f"confirm={code!r}."
    )
    more = f"\n\n{len(edits) - NAMED} more are not shown." if len(edits) > NAMED else ""
    return answer_of_many(head, facts, changed_table(rows) + more, so)


async def undone(
    call: Call, batch: Batch, entries: Sequence[Entry], ids: Sequence[int], deed: str
) -> Answer[BatchReceipt]:
    """What was taken back of a call that wrote many entries. No request.

    Raises:
        BrokenOff: some of it was not.
    """
    if batch.failed or batch.not_sent:
        raise BrokenOff(half_done(call, batch, ids), batch)
    notes = [*call.notes, *dict.fromkeys(Note(note) for done in batch.done.values() for note in done.notes)]
    async with call.app.writer.answering(batch.first_change, batch.number):
        named = [await call.app.catalog.with_names(one) for one in entries[:SHOWN]]
        facts = await receipt_of_many(call, batch, deed, [*named, *entries[SHOWN:]], notes, [], ())
    first = await call.app.journal.change(batch.first_change)
    if first is not None and await would_halve(call.app.journal, first):
        facts.change = facts.undo = None
    head = f"{deed.capitalize()} {totals_line(totals_of(entries))} ({call.zone.key})."
    return answer_of_many(head, facts, rows_of(facts.entries, len(entries)))


def half_done(call: Call, batch: Batch, ids: Sequence[int]) -> str:
    """What of a call over existing entries happened, what was refused, and what was not tried."""
    said = [f"{len(batch.done)} of {batch.count} entries were changed."]
    said += [f"Entry {ids[item - 1]}: {error.what_happened}" for item, error in sorted(batch.failed.items())[:NAMED]]
    if len(batch.failed) > NAMED:
        said.append(f"{len(batch.failed) - NAMED} more failed.")
    if batch.not_sent:
        said.append(f"Not tried: {', '.join(str(ids[item - 1]) for item in batch.not_sent)}.")
    said.append("To go on with the rest, make the same call again; what is done is left out.")
    return "\n".join(said) + _take_back(call, batch)


def broken_off(call: Call, batch: Batch, *, numbered: bool) -> str:
    """Where a call broke off: what exists, what does not, what is not known, and the one thing to do."""
    [(item, error)] = list(batch.failed.items())[:1] or [(batch.not_sent[0], ClockodoMcpError("it was not sent."))]
    said = [f"Stopped at entry {item} of {batch.count}: {error.what_happened}"]
    if batch.done:
        ids = ", ".join(f"{number}: {done.entry.id}" for number, done in sorted(batch.done.items()))
        said.append(f"Written before that: {counted(len(batch.done))} (entry number: id) {ids}.")
    else:
        said.append("Nothing was written before that.")
    if batch.not_sent:
        first, last = batch.not_sent[0], batch.not_sent[-1]
        said.append(f"Not sent: entry {first}." if first == last else f"Not sent: entries {first}–{last}.")
    if numbered and isinstance(error, OWN_FAULT):
        said.append(f"Correct entry {item}, and call again with the entries from number {item} on, without the others.")
    else:
        said.append("To go on, make the same call again, within the hour: what is written is left out.")
    return "\n".join(said) + _take_back(call, batch)


def _take_back(call: Call, batch: Batch) -> str:
    if not batch.done:
        return ""
    return advice(call.offered, steps.undo(batch.first_change, to="to take back what was done"))


async def receipt_of_many(
    call: Call,
    batch: Batch,
    deed: str,
    entries: Sequence[Entry],
    notes: Sequence[Note],
    warned: list[str],
    skipped: Sequence[str],
) -> BatchReceipt:
    """What was written, with how it is taken back."""
    undoable = "undo_change" in call.offered
    ids = ", ".join(str(done.entry.id) for done in batch.done.values())
    undo = call_of(steps.undo(batch.first_change)) if undoable else f"entry by entry: {ids}"
    return BatchReceipt(
        done=deed,
        totals=totals_out(totals_of(entries)),
        timezone=call.zone.key,
        entries=[row(one, call.caller) for one in await call.app.catalog.named(list(entries[:SHOWN]))],
        skipped=list(skipped),
        notes=merged(notes),
        warnings=warned,
        change=batch.first_change if undoable else None,
        undo=undo,
    )


async def as_stored(call: Call, batch: Batch) -> tuple[list[Entry], list[str]]:
    """The entries with names and text, by their order, and warnings about them."""
    raw = [done.entry for _, done in sorted(batch.done.items())]
    people = {entry.users_id for entry in raw}
    asked = EntryQuery(
        time_since=min(entry.time_since for entry in raw) - A_DAY,
        time_until=min(max(entry.time_since for entry in raw), CALENDARS_END - A_DAY) + A_DAY,
        users_id=next(iter(people)) if len(people) == 1 else None,
        enhanced_list=True,
    )
    try:
        around = await every_entry(call.app.clockodo, asked)
    except ClockodoError:
        return raw, ["The entries could not be read afterwards, so overlaps are not known."]
    found = {entry.id: entry for entry in around}
    stored = [found.get(entry.id, entry) for entry in raw]
    gone = ", ".join(str(entry.id) for entry in raw if entry.id not in found)
    return stored, [*([GONE.format(f"Entry {gone}")] if gone else []), *warnings.about_many(call, stored, around)]


def not_taken_of_many(batch: Batch, stored: Sequence[Entry], sent: Sequence[NewEntry | EntryChange]) -> list[str]:
    """What Clockodo stores with another value than was sent; what was sent before is not known to the letter."""
    said = [
        f"Clockodo did not take {', '.join(map(word, fields))} of entry {entry.id} as asked."
        for (_, done), entry, asked in zip(sorted(batch.done.items()), stored, sent, strict=True)
        if not done.earlier and (fields := not_taken(entry, asked))
    ]
    return said[:NAMED]


def chosen_otherwise_of_many(batch: Batch, news: Sequence[NewEntry], caller: int) -> list[str]:
    """Of what the same call has booked before, what is on something else than is said now."""
    found = [
        f"Entry {done.entry.id} was booked as it was said before, with another {', '.join(map(word, fields))} than now."
        for (_, done), asked in zip(sorted(batch.done.items()), news, strict=True)
        if done.earlier and (fields := chosen_otherwise(done.entry, asked, caller))
    ]
    return found[:NAMED]


def _known_of(before: Entry, change: EntryChange) -> dict[str, object]:
    """What the answer to an edit lacks and is known from before: the text, and the names of what stayed."""
    names = ("customers", "projects", "subprojects", "services", "users")
    kept: dict[str, object] = {
        f"{name}_name": getattr(before, f"{name}_name", None)
        for name in names
        if f"{name}_id" not in change.model_fields_set
    }
    return kept | {"text": change.text if "text" in change.model_fields_set else before.text}


def answer_of_many(head: str, facts: BatchReceipt, shown: str, so: str = "") -> Answer[BatchReceipt]:
    """A receipt of many in words: `head`, what deserves a word, what to do, how to undo it, and what is `shown`."""
    lines = [
        head,
        *(f"Skipped: {one}" for one in facts.skipped),
        *(f"Note: {note}" for note in facts.notes),
        *(f"Warning: {warning}" for warning in facts.warnings),
    ]
    lines += [so] if so else []
    lines += [f"To undo all of it: {facts.undo}."] if facts.undo else []
    return Answer("\n".join([*lines, "", shown]).strip(), facts)


def merged(notes: Sequence[Note]) -> list[str]:
    """Notes that several entries share, said once: `Entries 1, 2, 5: …`."""
    by_text: dict[str, list[str]] = {}
    for note in notes:
        by_text.setdefault(note.text, []).append(note.about)
    said = []
    for text, abouts in by_text.items():
        numbers = [about.removeprefix("Entry ") for about in abouts if about]
        if len(numbers) > 1:
            said.append(f"Entries {', '.join(numbers)}: {text}")
        else:
            said.append(str(Note(text, abouts[0])))
    return said
