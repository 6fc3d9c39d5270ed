"""The manifests, each out of what the project says of itself: version, settings, tools, prompts.

`python -m channels` writes them; a test holds that what is written is what this makes.
"""

import base64
import json
import re
import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path
from urllib.parse import quote

from clockodo_mcp.protocol.prompts import load_prompts
from clockodo_mcp.tools import TOOLSETS

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSION: str = PROJECT["version"]
DESCRIPTION = "Working hours in Clockodo: local times, names or ids, exact totals, visible writes."
REPOSITORY = "https://github.com/clockodo-mcp/clockodo-mcp"
IMAGE = "ghcr.io/clockodo-mcp/clockodo-mcp"
AUTHOR = {"name": "clockodo-mcp", "url": REPOSITORY}
PRIVACY = "https://www.clockodo.com/en/privacy-policy/"
KEYWORDS = ["clockodo", "time tracking", "timesheet", "working hours", "Zeiterfassung"]

Json = dict[str, object]

SETTINGS: dict[str, Json] = {
    "CLOCKODO_API_USER": {"description": "E-mail address of the Clockodo user", "isRequired": True},
    "CLOCKODO_API_KEY": {
        "description": "API key from 'My account' in Clockodo", "isRequired": True, "isSecret": True,
    },
    "CLOCKODO_READ_ONLY": {
        "description": "true: the writing tools are not offered", "format": "boolean", "default": "false",
    },
    "CLOCKODO_STRUCTURED": {
        "description": "true: output schemas and structured content besides the words", "format": "boolean",
        "default": "false",
    },
    "CLOCKODO_TIMEZONE": {"description": "Overrides the account's time zone, e.g. Europe/Berlin"},
    "CLOCKODO_CONFIRM": {
        "description": "When the person is asked before a write: auto, always or never", "default": "auto",
        "choices": ["auto", "always", "never"],
    },
    "CLOCKODO_JOURNAL": {
        "description": "off: no journal of changes, and no undo", "default": "on", "choices": ["on", "off"],
    },
    "CLOCKODO_TOOLSETS": {"description": "Which tools are offered, e.g. entries,catalog; default all"},
    "CLOCKODO_EXPORT_DIR": {
        "description": "Where exports are written; default the downloads folder", "format": "filepath",
    },
    "CLOCKODO_MCP_DATA_DIR": {
        "description": "Where the journal lives; default the platform's user data directory", "format": "filepath",
    },
}  # fmt: skip
"""What a registry shows of the settings."""

ASKED: dict[str, Json] = {
    "api_user": {
        "type": "string", "title": "E-mail address", "description": "E-mail address of the Clockodo user",
        "required": True,
    },
    "api_key": {
        "type": "string", "title": "API key", "description": "From 'My account' in Clockodo", "sensitive": True,
        "required": True,
    },
}  # fmt: skip
"""What a host asks a person for."""

FROM_ASKED = {f"CLOCKODO_{name.upper()}": f"${{user_config.{name}}}" for name in ASKED}


def manifests() -> dict[str, str]:
    """Each manifest's text, by its path in the project."""
    written: dict[str, Json] = {
        "server.json": server_json(),
        "gemini-extension.json": gemini_extension(),
        ".claude-plugin/marketplace.json": marketplace(),
        "plugin/.claude-plugin/plugin.json": plugin(),
        "plugin/.mcp.json": {
            "mcpServers": {"clockodo": {"command": "uvx", "args": [f"clockodo-mcp=={VERSION}"], "env": FROM_ASKED}}
        },
    }
    texts = {path: json.dumps(one, indent=2, ensure_ascii=False) + "\n" for path, one in written.items()}
    return texts | skills()


def server_json(bundle: tuple[str, str] | None = None) -> Json:
    """For the MCP registry, schema 2025-12-11; `bundle` are the address and SHA-256 of an MCPB that was released."""
    variables = [{"name": name, **about} for name, about in SETTINGS.items()]
    account = [one for one in variables if one["name"] in FROM_ASKED]
    stdio = {"type": "stdio"}
    packages: list[Json] = [
        {
            "registryType": "pypi", "identifier": "clockodo-mcp", "version": VERSION, "runtimeHint": "uvx",
            "transport": stdio, "environmentVariables": variables,
        },
        {
            "registryType": "oci", "identifier": f"{IMAGE}:{VERSION}", "runtimeHint": "docker", "transport": stdio,
            "environmentVariables": account,
        },
    ]  # fmt: skip
    if bundle is not None:
        address, sha256 = bundle
        packages.append({"registryType": "mcpb", "identifier": address, "fileSha256": sha256, "transport": stdio})
    return {
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
        "name": "io.github.clockodo-mcp/clockodo-mcp",
        "title": "Clockodo",
        "description": DESCRIPTION,
        "version": VERSION,
        "repository": {"url": REPOSITORY, "source": "github"},
        "packages": packages,
    }


def mcpb_manifest() -> Json:
    """For Claude Desktop, manifest 0.4: the host runs uv, which makes an environment out of the source beside it."""
    return {
        "manifest_version": "0.4",
        "name": "clockodo-mcp",
        "display_name": "Clockodo",
        "version": VERSION,
        "description": DESCRIPTION,
        "author": AUTHOR,
        "repository": {"type": "git", "url": REPOSITORY},
        "homepage": REPOSITORY,
        "support": f"{REPOSITORY}/issues",
        "icon": "icon.png",
        "server": {
            "type": "uv",
            "entry_point": "clockodo_mcp/__main__.py",
            "mcp_config": {
                "command": "uv",
                "args": ["run", "--directory", "${__dirname}", "--no-dev", "clockodo-mcp"],
                "env": FROM_ASKED | {"CLOCKODO_READ_ONLY": "${user_config.read_only}"},
            },
        },
        "tools": [
            {"name": one.name, "description": one.description.split(". ")[0] + "."}
            for tools in TOOLSETS.values()
            for one in tools
        ],
        "prompts_generated": True,
        "user_config": ASKED
        | {
            "read_only": {
                "type": "boolean",
                "title": "Read only",
                "description": "Offer no tool that changes something in Clockodo",
                "default": False,
            }
        },
        "compatibility": {
            "platforms": ["darwin", "win32", "linux"],
            "runtimes": {"python": PROJECT["requires-python"]},
        },
        "keywords": KEYWORDS,
        "license": "MIT",
        "privacy_policies": [PRIVACY],
    }


def gemini_extension() -> Json:
    """For Gemini CLI, which asks for the settings when the extension is installed."""
    return {
        "name": "clockodo",
        "version": VERSION,
        "description": DESCRIPTION,
        "mcpServers": {
            "clockodo": {
                "command": "uvx",
                "args": [f"clockodo-mcp=={VERSION}"],
                "env": {name: f"${{{name}}}" for name in FROM_ASKED},
            }
        },
        "settings": [
            {
                "name": about["title"],
                "description": about["description"],
                "envVar": f"CLOCKODO_{name.upper()}",
                "sensitive": bool(about.get("sensitive")),
            }
            for name, about in ASKED.items()
        ],
    }


def plugin() -> Json:
    """For Claude Code: the server, which asks for the account, and the prompts as skills."""
    return {
        "name": "clockodo",
        "displayName": "Clockodo",
        "version": VERSION,
        "description": DESCRIPTION,
        "author": AUTHOR,
        "homepage": REPOSITORY,
        "repository": REPOSITORY,
        "license": "MIT",
        "keywords": KEYWORDS,
        "userConfig": ASKED,
        "network": {"hosts": ["my.clockodo.com"]},
    }


def marketplace() -> Json:
    """The repository as a marketplace of its own for Claude Code."""
    return {
        "name": "clockodo-mcp",
        "owner": AUTHOR,
        "description": "Working hours in Clockodo, for Claude Code.",
        "plugins": [{"name": "clockodo", "source": "./plugin", "description": DESCRIPTION}],
    }


def skills() -> dict[str, str]:
    """The prompts as skills: what is given stands behind the skill's name, and is named where the prompt has it."""
    return {
        f"plugin/skills/{one.name.replace('_', '-')}/SKILL.md": _skill(one.name, one.description or "")
        for one in load_prompts()
    }


USE_WHEN = {
    "fill_gaps": "working time is missing in a timesheet, or somebody asks what is not logged yet",
    "log_from_git": "somebody wants their commits turned into time entries",
    "log_my_day": "somebody tells what they did on a day and wants it logged",
    "month_end_check": "a month is to be billed or closed",
    "standup": "somebody needs to say in a stand-up what they did last",
    "weekly_review": "somebody asks where the hours of a week went",
}
"""What makes a model think of a skill."""


def _skill(name: str, description: str) -> str:
    text = prompt_file(name).read_text(encoding="utf-8")
    front, body = text.split("+++\n", 2)[1:]
    arguments = tomllib.loads(front).get("arguments", [])
    head = f"---\nname: {name.replace('_', '-')}\ndescription: {description} Use when {USE_WHEN[name]}.\n---\n\n"
    said = "".join(f"- {one['name']}: {one['description']}\n" for one in arguments)
    given = f"What was given with this skill: $ARGUMENTS\n\nIt may hold:\n\n{said}\n" if said else ""
    filled = re.sub(r"\$\{(\w+)\}", "(as given)", body.strip())
    return f"{head}{given}{filled}\n"


def prompt_file(name: str) -> Traversable:
    """Where a prompt is written."""
    return ROOT / "prompts" / f"{name}.md"


def cursor_link() -> str:
    """Opens Cursor, which shows the entry and asks whether to add it."""
    entry = base64.b64encode(json.dumps({"command": "uvx", "args": ["clockodo-mcp"]}).encode()).decode()
    return f"https://cursor.com/en/install-mcp?name=clockodo&config={quote(entry, safe='')}"


def vscode_link() -> str:
    """Opens VS Code, which asks for the account when the server starts for the first time."""
    inputs = [
        {"type": "promptString", "id": name, "description": f"Clockodo: {about['title']}"}
        | ({"password": True} if about.get("sensitive") else {})
        for name, about in ASKED.items()
    ]
    entry = {
        "command": "uvx",
        "args": ["clockodo-mcp"],
        "env": {f"CLOCKODO_{name.upper()}": f"${{input:{name}}}" for name in ASKED},
    }
    parts = (quote(json.dumps(one, separators=(",", ":")), safe="") for one in (inputs, entry))
    return "https://insiders.vscode.dev/redirect/mcp/install?name=clockodo&inputs={}&config={}".format(*parts)
