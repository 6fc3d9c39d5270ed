"""The two-minute tour: a sandbox over TCP, the real stdio server as a subprocess, the SDK's client in front."""

import json
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from anyio import TemporaryDirectory
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult, TextContent
from rich.console import Console
from rich.markdown import Markdown
from rich.rule import Rule
from rich.text import Text

from clockodo_mcp.environment import language_of_machine
from clockodo_mcp.hosts.configurations import HOSTS
from clockodo_mcp.sandbox import Store, create_app, fill
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER
from clockodo_mcp.sandbox.serve import listening
from clockodo_mcp.speech import Said, say

PROJECT = "Relaunch Website"

CONNECT = """
## {title}

{key}

```
{command} login
{command} install claude-code
```

{others}

{demo}
"""


async def tour(console: Console | None = None) -> None:
    """Show each of the six tools on a fresh sandbox: the call, and what the model would read. It leaves nothing behind.

    Raises:
        RuntimeError: a call of the tour failed, which would be a bug of ours.
    """
    console = console or Console(width=None if sys.stdout.isatty() else 140)
    store, language = Store(), language_of_machine()
    yesterday = (datetime.now(ZoneInfo("Europe/Berlin")) - timedelta(days=1)).date()
    fill(store, now=datetime.now(UTC))
    async with listening(create_app(store)) as base_url, TemporaryDirectory() as folder:
        environment = {
            "CLOCKODO_API_USER": SANDBOX_USER,
            "CLOCKODO_API_KEY": SANDBOX_KEY,
            "CLOCKODO_BASE_URL": base_url,
            "CLOCKODO_MCP_DATA_DIR": folder,
            "CLOCKODO_STRUCTURED": "true",  # the tour goes on with the ids of what it has booked
        }
        server = StdioServerParameters(command=sys.executable, args=["-m", "clockodo_mcp"], env=environment)
        begins = "A sandbox listens at {address}; the server runs as a host would start it."
        console.print(f"{say(begins, address=base_url).in_language(language)}\n")
        async with Client(stdio_client(server)) as client:
            guide = Guide(client, console, language)
            await guide.call(say("What did I do this week?"), "list_entries", {"period": "this_week", "limit": 8})
            created = await guide.call(
                say("Log two hours of development on the relaunch, yesterday from six: kick-off."),
                "create_time_entry",
                {
                    "project": PROJECT,
                    "service": "Entwicklung",
                    "time_since": f"{yesterday}T06:00",
                    "duration": "2h",
                    "text": "Kick-off",
                },
            )
            lumpsum = await guide.call(
                say("And a flat fee of 250 for the setup."),
                "create_lumpsum_entry",
                {"project": PROJECT, "service": "Entwicklung", "lumpsum": 250, "text": "Setup fee"},
            )
            await guide.call(
                say("It was only an hour and a half."), "update_entry", {"id": _id(created), "duration": "1h30m"}
            )
            await guide.call(say("Drop the flat fee again."), "delete_entry", {"id": _id(lumpsum)})
            await guide.call(say("And what is there of yesterday now?"), "list_entries", {"period": "yesterday"})
    others = ", ".join(one for one in HOSTS if one != "claude-code")
    words = {
        "title": say("Connect your own host"),
        "key": say("Get your API key in Clockodo under *My account*. Then:"),
        "others": say("In place of claude-code: {names}.", names=others),
        "demo": say("No account at hand? `clockodo-mcp install claude-code --demo`."),
    }
    on_path = shutil.which("clockodo-mcp")
    command = "clockodo-mcp" if on_path else str(Path(sys.executable).with_name("clockodo-mcp"))
    said = {name: text.in_language(language) for name, text in words.items()}
    console.print(Markdown(CONNECT.format(command=command, **said)))


class Guide:
    """Makes a call and shows it."""

    def __init__(self, client: Client, console: Console, language: str) -> None:
        self._language = language
        self._client = client
        self._console = console

    async def call(self, wish: Said, tool: str, arguments: dict[str, object]) -> CallToolResult:
        """Call a tool and print the wish, the call and the answer.

        Raises:
            RuntimeError: the tool answered with an error.
        """
        result = await self._client.call_tool(tool, arguments)
        said = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        if result.is_error:
            raise RuntimeError(f"{tool} failed: {said}")
        self._console.print(Rule(f"“{wish.in_language(self._language)}”", align="left"), highlight=False)
        self._console.print(
            f"→ {tool} {json.dumps(arguments, ensure_ascii=False)}\n", style="bold", markup=False, highlight=False
        )
        if self._console.is_terminal:
            self._console.print(Markdown(said))
        else:
            self._console.print(Text(said), soft_wrap=True)
        self._console.print()
        return result


def _id(result: CallToolResult) -> int:
    facts = result.structured_content or {}
    return int(facts["entry"]["id"])
