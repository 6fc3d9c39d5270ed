"""`get_entry`: one entry whole."""

from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.entry_card import EntryCard, entry_card
from clockodo_mcp.asking import find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import stored_entries


@tool(
    title="Get entry",
    writes=False,
    search_hint="one time entry by id, details, full text; einen Eintrag ansehen, Details, ganzer Text",
)
async def get_entry(
    call: Call, id: take.EntryId = None, which: take.Which = "", day: take.OfDay = ""
) -> Answer[EntryCard]:
    """Show one entry: local times, hours, where it is booked, its rate and whole text, when it was last changed. Name
    it by id, or by words and a day. For several entries use list_entries.
    Example: {"which": "kick-off", "day": "yesterday"}.
    """
    # Where the words fit several, the person is asked; where they fit none, the call is refused with what there is.
    found = await find_or_ask(call, stored_entries.by_id_or_words(id, which, day))
    entry = await call.app.catalog.with_names(found.entry)
    return entry_card(call, entry)
