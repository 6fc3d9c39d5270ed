"""`get_entry`: one entry."""

from pydantic import Field

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.rows import ENTRY_COLUMNS, EntryRow, row, so_far, table
from clockodo_mcp.api.models import TimeEntry
from clockodo_mcp.asking import find
from clockodo_mcp.call import Call
from clockodo_mcp.cells import fenced, whole
from clockodo_mcp.domain.moments import local_text
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import stored_entries


class EntryCard(Facts):
    """The answer of `get_entry`. Times are local."""

    entry: EntryRow
    timezone: str
    hourly_rate: float | None = None
    inserted: str | None = None
    last_changed: str | None = None
    text: str | None = Field(default=None, description="Whole and to the letter")


@tool(
    title="Get entry",
    hint="one time entry by id, details, full text; einen Eintrag ansehen, Details, ganzer Text",
)
async def get_entry(
    call: Call, id: take.EntryId = None, which: take.Which = "", day: take.OfDay = ""
) -> Answer[EntryCard]:
    """Show one entry: local times, hours, where it is booked, its whole text, when it was last changed. It is meant by
    id, or by words and a day. For several entries use list_entries.
    Example: {"which": "kick-off", "day": "yesterday"}.
    """
    found = await find(call, stored_entries.one(id, which, day))
    [entry] = await call.app.catalog.named([found.entry])
    shown = row(entry, call.zone, caller=call.caller.id)
    facts = EntryCard(
        entry=shown,
        timezone=call.zone.key,
        hourly_rate=entry.hourly_rate if isinstance(entry, TimeEntry) else None,
        inserted=local_text(entry.time_insert, call.zone) if entry.time_insert else None,
        last_changed=local_text(entry.time_last_change, call.zone) if entry.time_last_change else None,
        text=whole(entry.text) if entry.text else None,
    )
    said = [f"Entry {entry.id} ({call.zone.key})."]
    if facts.hourly_rate is not None:
        said.append(f"{facts.hourly_rate:,.2f} per hour.")
    if facts.last_changed:
        said.append(f"Last changed {facts.last_changed}.")
    if isinstance(entry, TimeEntry) and entry.running:
        said.append(so_far(entry, call.now, call.zone))
    if entry.text and whole(entry.text) != entry.text:
        said.append(
            "Its text has characters that cannot be shown here: a new text would lose them, append_text keeps them."
        )
    words = f"{' '.join(said)}\n\n{table([shown], ENTRY_COLUMNS)}"
    if entry.text and shown.text != entry.text:
        words += f"\n\nText:\n{fenced(entry.text)}"
    return Answer(words, facts)
