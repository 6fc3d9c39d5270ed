"""What the model sees: one module for each family of tools, all of them here."""

from clockodo_mcp.tools.context import get_context
from clockodo_mcp.tools.entries import get_entry, list_entries
from clockodo_mcp.tools.search import search_catalog
from clockodo_mcp.tools.writing import create_lumpsum_entry, create_time_entry, delete_entry, update_entry

READING = (get_context, search_catalog, list_entries, get_entry)
WRITING = (create_time_entry, create_lumpsum_entry, update_entry, delete_entry)
"""Not offered in read-only mode."""
