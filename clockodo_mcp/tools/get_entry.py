"""`get_entry`: one entry whole. Read this tool first: the others are made alike.

A tool is a function: its name, docstring and signature are the name, description and input schema that a model sees,
and what it returns is the output schema. Arguments are of the types in `protocol.arguments`, which bring their own
descriptions; one that is left out is None or "". The answer is given twice: in words, which models read, and in fields,
for programs that ask for them. Errors are raised anywhere below: `protocol.boundary` tells the model what to do next.
"""

from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.entry_details import EntryDetails
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
) -> Answer[EntryDetails]:
    """Show one entry: local times, hours, where it is booked, its rate and whole text, when it was last changed. Name
    it by id, or by words and a day. For several entries use list_entries.
    Example: {"which": "kick-off", "day": "yesterday"}.
    """
    # Two requests. Asks the person where several entries match; raises where none does, or nobody can be asked.
    found = await find_or_ask(call, stored_entries.by_id_or_words(id, which, day))
    entry = await call.app.catalog.with_names(found.entry)  # the API gives ids, the catalog their names
    details = EntryDetails.of(entry, call)
    return Answer(details.in_words(), details)
