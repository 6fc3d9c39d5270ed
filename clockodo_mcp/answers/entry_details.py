"""One entry whole: its row, and what a row leaves out."""

from typing import Self

from pydantic import Field

from clockodo_mcp.answers.answer import Facts
from clockodo_mcp.answers.rows import ENTRY_COLUMNS, EntryRow, row, so_far, table
from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.call import Call
from clockodo_mcp.cells import fenced, shows_all_of, whole
from clockodo_mcp.domain.moments import local_text

NOT_SHOWN = "Its text has characters that cannot be shown here: a new text would lose them, append_text keeps them."


class EntryDetails(Facts):
    """The answer of `get_entry`. Times are local, as in `2026-11-23T09:00`."""

    entry: EntryRow
    timezone: str
    hourly_rate: float | None = None
    inserted: str | None = None
    last_changed: str | None = None
    text: str | None = Field(default=None, description="The full text; characters that show nothing are spaces")
    so_far: str | None = Field(default=None, description="While it runs")
    text_is_whole: bool = Field(default=True, description="False: characters of it cannot be shown")

    @classmethod
    def of(cls, entry: Entry, call: Call) -> Self:
        """The details of an entry with its names, in the caller's zone and at the moment of the call."""
        inserted, last_changed = entry.time_insert, entry.time_last_change
        running = isinstance(entry, TimeEntry) and entry.running
        return cls(
            entry=row(entry, call.caller),
            timezone=call.zone.key,
            hourly_rate=entry.hourly_rate if isinstance(entry, TimeEntry) else None,
            inserted=local_text(inserted, call.zone) if inserted else None,
            last_changed=local_text(last_changed, call.zone) if last_changed else None,
            text=whole(entry.text) if entry.text else None,
            so_far=so_far(entry, call.now, call.zone) if running else None,
            text_is_whole=shows_all_of(entry.text or ""),
        )

    def in_words(self) -> str:
        """The same as a model reads it; the text once more, where the row shows one line of it or cuts it."""
        said = [
            f"Entry {self.entry.id} ({self.timezone}).",
            f"{self.hourly_rate:,.2f} per hour." if self.hourly_rate is not None else "",
            f"Last changed {self.last_changed}." if self.last_changed else "",
            self.so_far or "",
            "" if self.text_is_whole else NOT_SHOWN,
        ]
        words = f"{' '.join(filter(None, said))}\n\n{table([self.entry], ENTRY_COLUMNS)}"
        if self.text is None or (self.text == self.entry.text and self.text_is_whole):
            return words
        return f"{words}\n\nText:\n{fenced(self.text)}"
