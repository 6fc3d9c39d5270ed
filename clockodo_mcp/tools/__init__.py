"""What the model sees: one file for each tool, named as it; here they are by toolset."""

from collections.abc import Mapping

from clockodo_mcp.config import Settings
from clockodo_mcp.protocol.tool import Tool
from clockodo_mcp.tools.adjust_clock import adjust_clock
from clockodo_mcp.tools.check_timesheet import check_timesheet
from clockodo_mcp.tools.copy_entries import copy_entries
from clockodo_mcp.tools.create_lumpsum_entry import create_lumpsum_entry
from clockodo_mcp.tools.create_time_entry import create_time_entry
from clockodo_mcp.tools.delete_entry import delete_entry
from clockodo_mcp.tools.export_entries import export_entries
from clockodo_mcp.tools.get_clock import get_clock
from clockodo_mcp.tools.get_context import get_context
from clockodo_mcp.tools.get_entry import get_entry
from clockodo_mcp.tools.list_changes import list_changes
from clockodo_mcp.tools.list_entries import list_entries
from clockodo_mcp.tools.log_entries import log_entries
from clockodo_mcp.tools.search_catalog import search_catalog
from clockodo_mcp.tools.show_week import show_week
from clockodo_mcp.tools.split_entry import split_entry
from clockodo_mcp.tools.start_clock import start_clock
from clockodo_mcp.tools.stop_clock import stop_clock
from clockodo_mcp.tools.summarize_entries import summarize_entries
from clockodo_mcp.tools.undo_change import undo_change
from clockodo_mcp.tools.update_entries import update_entries
from clockodo_mcp.tools.update_entry import update_entry

TOOLSETS: Mapping[str, tuple[Tool, ...]] = {
    "catalog": (get_context, search_catalog),
    "entries": (
        list_entries,
        get_entry,
        create_time_entry,
        create_lumpsum_entry,
        update_entry,
        split_entry,
        delete_entry,
    ),
    "clock": (get_clock, start_clock, stop_clock, adjust_clock),
    "reports": (summarize_entries, show_week, check_timesheet, export_entries),
    "bulk": (log_entries, copy_entries, update_entries),
    "changes": (list_changes, undo_change),
}
"""Each tool is in one set; `CLOCKODO_TOOLSETS` chooses among them. Their order is the one of README."""


def offered(settings: Settings) -> list[Tool]:
    """The tools for these settings; no toolset chosen means all."""
    sets = [name for name in TOOLSETS if not settings.toolsets or name in settings.toolsets]
    sets = [name for name in sets if settings.journal or name != "changes"]
    return [tool for name in sets for tool in TOOLSETS[name] if not (settings.read_only and tool.writes)]
