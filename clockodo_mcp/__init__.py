"""An MCP server for working hours in Clockodo: local times, names or ids, exact totals, visible writes."""

from importlib.metadata import version

__version__ = version("clockodo-mcp")
