"""`delete_entry`: delete one entry."""

from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.receipt import Receipt, receipt
from clockodo_mcp.asking import consent, find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Delete
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import stored_entries
from clockodo_mcp.writing.writer import DELIVERED_TWICE, RESUMED_WITHIN


@tool(
    title="Delete entry",
    writes=True,
    destructive=True,
    idempotent=True,
    for_pages=True,
    search_hint="delete, remove a time entry; Eintrag löschen, entfernen",
)
async def delete_entry(
    call: Call, id: take.EntryId = None, which: take.Which = "", day: take.OfDay = "", drawn: take.Drawn = ""
) -> Answer[Receipt]:
    """Delete one entry, meant by id, or by words and a day. Answers with what was deleted; undo_change creates it
    again, with a new id. To change an entry use update_entry.
    Example: {"which": "stand-up", "day": "monday"}.
    """
    within = RESUMED_WITHIN if which or day else DELIVERED_TWICE  # made again, words may mean another entry
    if (again := await call.app.writer.happened(call.asked_for, within)) is not None:
        return await receipt(call, again, Delete(again.entry))
    found = await find_or_ask(call, stored_entries.by_id_or_words(id, which, day, drawn))
    command = Delete(found.entry)
    await consent(call, command)
    done = await call.write(command)
    left = [one for one in found.day if one.id != found.entry.id]
    return await receipt(call, done, command, day=left)
