"""`get_entry`: one entry whole. Read this tool first: the others are made alike.

The function's name, docstring and signature are the tool's name, description and input schema; each type of
`protocol.arguments` brings its description for the model. A number that is left out is None, a text is "". What is
returned is said twice: in words, which every model reads, and in fields, for programs that ask for them. Errors are
raised, and `protocol.boundary` tells the model what went wrong and what to do next.
"""

from pydantic import Field

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.rows import ENTRY_COLUMNS, EntryRow, row, so_far, table
from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.asking import find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.cells import fenced, shows_all_of, whole
from clockodo_mcp.domain.moments import local_text
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import stored_entries


class WholeEntry(Facts):
    """The answer in fields, which is the tool's output schema. Times are local, as in `2026-11-23T09:00`."""

    entry: EntryRow
    timezone: str
    hourly_rate: float | None = None
    inserted: str | None = None
    last_changed: str | None = None
    text: str | None = Field(default=None, description="The full text; characters that show nothing are spaces")


@tool(
    title="Get entry",
    writes=False,
    search_hint="one time entry by id, details, full text; einen Eintrag ansehen, Details, ganzer Text",
)
async def get_entry(
    call: Call, id: take.EntryId = None, which: take.Which = "", day: take.OfDay = ""
) -> Answer[WholeEntry]:
    """Show one entry: local times, hours, where it is booked, its rate and whole text, when it was last changed. Name
    it by id, or by words and a day. For several entries use list_entries.
    Example: {"which": "kick-off", "day": "yesterday"}.
    """
    # Two requests. Asks the person where several entries match; raises where none does, or nobody can be asked.
    match = await find_or_ask(call, stored_entries.by_id_or_words(id, which, day))
    entry = await call.app.catalog.with_names(match.entry)  # the API gives ids, the catalog their names
    inserted, last_changed = entry.time_insert, entry.time_last_change
    facts = WholeEntry(
        entry=row(entry, call.zone, caller=call.caller.id),
        timezone=call.zone.key,
        hourly_rate=entry.hourly_rate if isinstance(entry, TimeEntry) else None,
        inserted=local_text(inserted, call.zone) if inserted else None,
        last_changed=local_text(last_changed, call.zone) if last_changed else None,
        text=whole(entry.text) if entry.text else None,
    )
    return Answer(_in_words(call, entry, facts), facts)


def _in_words(call: Call, entry: Entry, facts: WholeEntry) -> str:
    """The entry as list_entries shows it, and what a line of a list leaves out."""
    said = [f"Entry {entry.id} ({facts.timezone})."]
    if facts.hourly_rate is not None:
        said.append(f"{facts.hourly_rate:,.2f} per hour.")
    if facts.last_changed:
        said.append(f"Last changed {facts.last_changed}.")
    if isinstance(entry, TimeEntry) and entry.running:
        said.append(so_far(entry, call.now, call.zone))
    if entry.text and not shows_all_of(entry.text):
        said.append(
            "Its text has characters that cannot be shown here: a new text would lose them, append_text keeps them."
        )
    words = f"{' '.join(said)}\n\n{table([facts.entry], ENTRY_COLUMNS)}"
    # A row has one line of it, cut where it is long.
    if entry.text and entry.text != facts.entry.text:
        words += f"\n\nText:\n{fenced(entry.text)}"
    return words
