"""One entry whole: its row, and what a row leaves out."""

from pydantic import Field

from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.rows import ENTRY_COLUMNS, EntryRow, row, so_far, table
from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.call import Call
from clockodo_mcp.cells import fenced, shows_all_of, whole
from clockodo_mcp.domain.moments import local_text


class EntryCard(Facts):
    """The answer of `get_entry`. Times are local, as in `2026-11-23T09:00`."""

    entry: EntryRow
    timezone: str
    hourly_rate: float | None = None
    inserted: str | None = None
    last_changed: str | None = None
    text: str | None = Field(default=None, description="The full text; characters that show nothing are spaces")


def entry_card(call: Call, entry: Entry) -> Answer[EntryCard]:
    """An entry with its names, as facts and in words: the row, the rate, the last change, a text that the row cuts."""
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
