"""What is said of an entry that becomes two: before, after, and where the second part was not taken."""

from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.batch_receipts import (
    BatchReceipt,
    answer_of_many,
    as_stored,
    not_taken_of_many,
    receipt_of_many,
)
from clockodo_mcp.answers.previews import planned_row
from clockodo_mcp.answers.rows import changed_table, row
from clockodo_mcp.api.models import NewEntry
from clockodo_mcp.call import Call, Note
from clockodo_mcp.domain.commands import Create, Edit, reasons_for_care
from clockodo_mcp.domain.moments import hours, local_clock
from clockodo_mcp.domain.totals import seconds_to_book
from clockodo_mcp.speech import Said, joined, say
from clockodo_mcp.writing.batches import Batch


async def split_preview(call: Call, first: Edit, second: NewEntry) -> Said:
    """What a split would do."""
    whole = row(first.before, call.caller).in_words()
    at = local_clock(second.time_since, call.zone)
    rest = (await planned_row(call, second)).in_words()
    care = reasons_for_care(first.before, call.caller.id)
    would = say(
        "This would split {entry} at {time}, with a new entry for the rest: {rest}.", entry=whole, time=at, rest=rest
    )
    return joined(" ", (would, care))


async def split_up(call: Call, batch: Batch, first: Edit, second: Create) -> Answer[BatchReceipt]:
    """What is stored of both parts. One request, to show them as they are."""
    async with call.app.writer.answering(batch.first_change, batch.number):
        stored, warned = await as_stored(call, batch)
        warned += [reasons] if (reasons := reasons_for_care(first.before, call.caller.id)) else []
        warned += not_taken_of_many(batch, stored, [first.change, second.new])
        notes = [*call.notes, *(Note(note) for _, done in sorted(batch.done.items()) for note in done.notes)]
        facts = await receipt_of_many(call, batch, "split", stored, notes, warned, ())
    old, new = stored
    at = local_clock(new.time_since, call.zone)
    was = row((await call.app.catalog.named([first.before]))[0], call.caller)
    kept, rest = facts.entries
    head = (
        f"Split entry {old.id} at {at} ({call.zone.key}): it has {kept.hours} h now, and entry {new.id} the other "
        f"{hours(seconds_to_book(second.new))} h."
    )
    return answer_of_many(head, facts, changed_table([(was, kept), (rest, rest)]))
