"""What the model sees: one module for each family of tools, all of them here."""

from clockodo_mcp.tools.context import get_context
from clockodo_mcp.tools.entries import get_entry, list_entries
from clockodo_mcp.tools.history import list_changes, undo_change
from clockodo_mcp.tools.search import search_catalog
from clockodo_mcp.tools.speaking import SpokenTool, without
from clockodo_mcp.tools.writing import create_lumpsum_entry, create_time_entry, delete_entry, update_entry

READING = (get_context, search_catalog, list_entries, get_entry, list_changes)
WRITING = (create_time_entry, create_lumpsum_entry, update_entry, delete_entry, undo_change)
"""Not offered in read-only mode."""

OF_THE_JOURNAL = (list_changes, undo_change)
"""Not offered without a journal."""


def offered(*, read_only: bool, journal: bool, codes: bool) -> list[SpokenTool]:
    """The tools for these settings; `codes` where a client may have to confirm a write with a code."""
    tools = [*READING, *(() if read_only else WRITING)]
    kept = [tool for tool in tools if journal or tool not in OF_THE_JOURNAL]
    return kept if codes else [without(tool, "confirm") for tool in kept]
