"""`clockodo-mcp export`: the tool of that name, called in this process."""

import anyio
import httpx2
from mcp import Client
from mcp.types import TextContent
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from clockodo_mcp.cli.serving import hearing_signals
from clockodo_mcp.config import Settings
from clockodo_mcp.server import build_server


async def export(
    settings: Settings, transport: httpx2.AsyncBaseTransport | None, arguments: dict[str, object]
) -> tuple[str, bool]:
    """Call the tool in this process, show its progress on stderr; what it says, and whether there is a file.

    SIGINT and SIGTERM cancel the call, which leaves no file behind.
    """
    server = build_server(settings.model_copy(update={"toolsets": ("reports",)}), transport=transport)
    said, good = "The export was stopped; nothing was written.", False
    console = Console(stderr=True)
    columns = ("Exporting", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, disable=not console.is_terminal)
    task = bar.add_task("entries", total=None, visible=False)

    async def show(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 - the SDK's shape
        bar.update(task, completed=int(progress), total=total, visible=True)

    with anyio.CancelScope() as scope, hearing_signals(scope.cancel):
        with bar:
            async with Client(server) as client:
                result = await client.call_tool("export_entries", arguments, progress_callback=show)
        said = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        good = not result.is_error
    return said, good
