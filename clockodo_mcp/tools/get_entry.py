"""`get_entry`: one entry whole. The shortest tool; the others are made alike.

The function's name, docstring and signature are the tool's name, description and input schema; `EntryCard` is its
output schema. Each type of `protocol.arguments` has its description for the model. A number that is left out is None, a
text is "". Errors are raised, and `protocol.boundary` tells the model what went wrong and what to do next.
"""

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
    query = stored_entries.by_id_or_words(id, which, day)
    # Asks the person where several entries match. Raises where none does, where nobody can be asked, and where id and
    # words are both given, or neither.
    match = await find_or_ask(call, query)
    entry = await call.app.catalog.with_names(match.entry)  # the API gives ids, the catalog their names
    return entry_card(call, entry)  # the facts, and the words for them
