"""What the model sees: one module for each family of tools, all of them here by toolset."""

from collections.abc import Collection, Mapping

from clockodo_mcp.tools.bulk import log_entries
from clockodo_mcp.tools.context import get_context
from clockodo_mcp.tools.entries import get_entry, list_entries
from clockodo_mcp.tools.history import list_changes, undo_change
from clockodo_mcp.tools.reports import summarize_entries
from clockodo_mcp.tools.search import search_catalog
from clockodo_mcp.tools.speaking import SpokenTool, without
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
    "reports": (summarize_entries,),
    "bulk": (log_entries,),
    "changes": (list_changes, undo_change),
}
"""Each tool is in one set; `CLOCKODO_TOOLSETS` chooses among them. Their order is the one of README."""


def offered(toolsets: Collection[str], *, read_only: bool, journal: bool, codes: bool) -> list[SpokenTool]:
    """The tools for these settings; none chosen means all. With `codes` a write may have to be confirmed by one."""
    chosen = [name for name in TOOLSETS if (not toolsets or name in toolsets) and (journal or name != "changes")]
    tools = [tool for name in chosen for tool in TOOLSETS[name] if not (read_only and writes(tool))]
    return tools if codes else [without(tool, "confirm") for tool in tools]


def writes(tool: SpokenTool) -> bool:
    """Whether a tool changes something in Clockodo."""
    return tool.annotations is not None and tool.annotations.read_only_hint is False
