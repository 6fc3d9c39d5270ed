"""`get_entry`: one entry, with what its row in a list leaves out: the whole text, the rate, when it was changed."""

from pydantic import Field

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.rows import ENTRY_COLUMNS, EntryRow, row, so_far, table
from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.asking import find
from clockodo_mcp.call import Call
from clockodo_mcp.cells import fenced, shows_all_of, whole
from clockodo_mcp.domain.moments import local_text
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import stored_entries


class EntryCard(Facts):
    """The answer of `get_entry`. Times are local, as in `2026-11-23T09:00`."""

    entry: EntryRow
    timezone: str
    hourly_rate: float | None = None
    inserted: str | None = None
    last_changed: str | None = None
    text: str | None = Field(default=None, description="Whole; what shows nothing is a space")


@tool(
    title="Get entry",
    search_hint="one time entry by id, details, full text; einen Eintrag ansehen, Details, ganzer Text",
)
async def get_entry(
    call: Call, id: take.EntryId = None, which: take.Which = "", day: take.OfDay = ""
) -> Answer[EntryCard]:
    """Show one entry: local times, hours, where it is booked, its whole text, when it was last changed. It is meant by
    id, or by words and a day. For several entries use list_entries.
    Example: {"which": "kick-off", "day": "yesterday"}.
    """
    found = await find(call, stored_entries.one(id, which, day))
    entry = await call.app.catalog.with_names(found.entry)
    inserted, last_changed = entry.time_insert, entry.time_last_change
    card = EntryCard(
        entry=row(entry, call.zone, caller=call.caller.id),
        timezone=call.zone.key,
        hourly_rate=entry.hourly_rate if isinstance(entry, TimeEntry) else None,
        inserted=local_text(inserted, call.zone) if inserted else None,
        last_changed=local_text(last_changed, call.zone) if last_changed else None,
        text=whole(entry.text) if entry.text else None,
    )
    return Answer(_words(call, entry, card), card)


def _words(call: Call, entry: Entry, card: EntryCard) -> str:
    said = [f"Entry {entry.id} ({card.timezone})."]
    if card.hourly_rate is not None:
        said.append(f"{card.hourly_rate:,.2f} per hour.")
    if card.last_changed:
        said.append(f"Last changed {card.last_changed}.")
    if isinstance(entry, TimeEntry) and entry.running:
        said.append(so_far(entry, call.now, call.zone))
    if entry.text and not shows_all_of(entry.text):
        said.append(
            "Its text has characters that cannot be shown here: a new text would lose them, append_text keeps them."
        )
    words = f"{' '.join(said)}\n\n{table([card.entry], ENTRY_COLUMNS)}"
    # A row has one line of it, cut where it is long.
    if entry.text and entry.text != card.entry.text:
        words += f"\n\nText:\n{fenced(entry.text)}"
    return words
