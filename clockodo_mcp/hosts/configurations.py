"""The hosts that can be set up from here: where each keeps its servers, and in which form."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """What decides where a host keeps its configuration: `system` as `sys.platform` has it."""

    system: str
    home: Path
    environment: Mapping[str, str]

    def settings(self) -> Path:
        """Where programs with windows keep their settings."""
        if self.system == "darwin":
            return self.home / "Library" / "Application Support"
        if self.system == "win32":
            return Path(self.environment.get("APPDATA") or self.home / "AppData" / "Roaming")
        return Path(self.environment.get("XDG_CONFIG_HOME") or self.home / ".config")

    def named(self, variable: str, otherwise: Path) -> Path:
        """The folder that a variable names, or another one. Where no shell has done it, `~` is the home."""
        first, *more = Path(self.environment.get(variable) or otherwise).parts or (".",)
        return (self.home if first == "~" else Path(first)).joinpath(*more).absolute()


def this_machine() -> Machine:
    """The one that this runs on."""
    return Machine(sys.platform, Path.home(), os.environ)


@dataclass(frozen=True)
class Host:
    """A program that starts MCP servers.

    `file` is its configuration, in which its servers stand under `key`; `more` is what an entry there needs besides
    command and arguments; `then` is what shows the server, in a sentence.
    """

    name: str
    title: str
    file: Callable[[Machine], Path]
    then: str
    key: str = "mcpServers"
    more: Mapping[str, object] = field(default_factory=dict)


def _claude_desktop(machine: Machine) -> Path:
    """On Windows as the package from the store, which is what people download, has it. Source: claude-code#26073."""
    if machine.system == "win32":
        packages = Path(machine.environment.get("LOCALAPPDATA") or machine.home / "AppData" / "Local") / "Packages"
        for package in sorted(packages.glob("Claude_*")):
            return package / "LocalCache" / "Roaming" / "Claude" / "claude_desktop_config.json"
    return machine.settings() / "Claude" / "claude_desktop_config.json"


RESTART = "Quit it and start it again to see the server."
"""What most hosts need."""

HOSTS = {
    one.name: one
    for one in (
        Host("claude-desktop", "Claude Desktop", _claude_desktop, RESTART),
        Host(
            "claude-code",
            "Claude Code",
            lambda machine: machine.named("CLAUDE_CONFIG_DIR", machine.home) / ".claude.json",
            "Start a new session to see the server; `/mcp` lists it.",
        ),
        Host("cursor", "Cursor", lambda machine: machine.home / ".cursor" / "mcp.json", RESTART),
        Host(
            "vscode",
            "VS Code",
            lambda machine: machine.settings() / "Code" / "User" / "mcp.json",
            "Start the server there with 'MCP: List Servers'.",
            "servers",
            {"type": "stdio"},
        ),
        Host(
            "codex",
            "Codex",
            lambda machine: machine.named("CODEX_HOME", machine.home / ".codex") / "config.toml",
            "Start a new session to see the server; `/mcp` lists it.",
            "mcp_servers",
            # Without it the first request to the model goes out before a server has started.
            {"required": True},
        ),
        Host(
            "gemini",
            "Gemini CLI",
            lambda machine: machine.home / ".gemini" / "settings.json",
            "Start a new session to see the server; `/mcp` lists it.",
        ),
    )
}
"""By their names. Source of the places and forms: each host's own documentation, as of November 2026."""
