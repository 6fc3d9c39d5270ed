"""What the model sees: one module for each family of tools, all of them here by toolset."""

from collections.abc import Collection, Mapping

from clockodo_mcp.tools.bulk import log_entries
from clockodo_mcp.tools.clock import adjust_clock, get_clock, start_clock, stop_clock
from clockodo_mcp.tools.context import get_context
from clockodo_mcp.tools.copying import copy_entries
from clockodo_mcp.tools.corrections import update_entries
from clockodo_mcp.tools.entries import get_entry, list_entries
from clockodo_mcp.tools.export import export_entries
from clockodo_mcp.tools.history import list_changes, undo_change
from clockodo_mcp.tools.reports import summarize_entries
from clockodo_mcp.tools.search import search_catalog
from clockodo_mcp.tools.speaking import SpokenTool, without
from clockodo_mcp.tools.timesheet import check_timesheet
from clockodo_mcp.tools.writing import create_lumpsum_entry, create_time_entry, delete_entry, update_entry

TOOLSETS: Mapping[str, tuple[SpokenTool, ...]] = {
    "catalog": (get_context, search_catalog),
    "entries": (
        list_entries,
        get_entry,
        create_time_entry,
        create_lumpsum_entry,
        update_entry,
        delete_entry,
    ),
    "clock": (get_clock, start_clock, stop_clock, adjust_clock),
    "reports": (summarize_entries, check_timesheet, export_entries),
    "bulk": (log_entries, copy_entries, update_entries),
    "changes": (list_changes, undo_change),
}
"""Each tool is in one set; `CLOCKODO_TOOLSETS` chooses among them. Their order is the one of README."""


def offered(toolsets: Collection[str], *, read_only: bool, journal: bool, codes: bool) -> list[SpokenTool]:
    """The tools for these settings; none chosen means all. With `codes` a write may have to be confirmed by one."""
    chosen = [name for name in TOOLSETS if (not toolsets or name in toolsets) and (journal or name != "changes")]
    tools = [tool for name in chosen for tool in TOOLSETS[name] if not (read_only and writes(tool))]
    # A change of many entries is always confirmed by a code; what else is written only where it is asked for.
    return [tool if codes or tool is update_entries else without(tool, "confirm") for tool in tools]


def writes(tool: SpokenTool) -> bool:
    """Whether a tool changes something in Clockodo; one that writes a file of this machine does not."""
    return tool.writes
