"""The pages that are made of something else: one for each tool, and those that stand beside README. A hook of mkdocs.

A tool's example is what the tests store of it: made by running it on the sandbox, and held there.
"""

import json
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from clockodo_mcp.tools import TOOLSETS

ROOT = Path(__file__).parent.parent
SNAPSHOTS = ROOT / "tests" / "snapshots"
BESIDE = ("ARCHITECTURE", "CONTRIBUTING", "SECURITY", "CHANGELOG")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The tools in their order, by toolset, in place of the folder that mkdocs.yml names."""
    sections = [{name: [f"tools/{tool.name}.md" for tool in tools]} for name, tools in TOOLSETS.items()]
    config.nav = [{"Tools": sections} if "Tools" in one else one for one in config.nav or []]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """All pages of `pages`, beside those that are written by hand."""
    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def pages() -> dict[str, str]:
    """The text of each page by its path."""
    beside = {f"developers/{name.lower()}.md": (ROOT / f"{name}.md").read_text(encoding="utf-8") for name in BESIDE}
    return beside | {f"tools/{tool.name}.md": tool_page(tool.name) for tools in TOOLSETS.values() for tool in tools}


def tool_page(name: str) -> str:
    """What a tool does, its arguments, and calls of it with their answers."""
    offer = json.loads((SNAPSHOTS / "tools" / f"{name}.json").read_text(encoding="utf-8"))
    schema = offer["inputSchema"]
    rows = [
        f"| `{argument}` | {'yes' if argument in schema.get('required', []) else ''} | {_cell(about)} |"
        for argument, about in schema["properties"].items()
    ]
    arguments = ["| argument | needed | what it takes |", "|---|---|---|", *rows] if rows else ["None."]
    calls = (SNAPSHOTS / "answers" / f"{name}.md").read_text(encoding="utf-8").split("\n", 1)[1].strip()
    return "\n".join(
        [
            f"# {name}", "", f"*{offer['title']}*", "", *_paragraphs(offer["description"]), "## Arguments", "",
            *arguments, "", "## Calls and what they answer", "",
            "On sample data, on a Wednesday in November 2026, half past four in the afternoon; a test holds them.", "",
            calls, "",
        ]
    )  # fmt: skip


def _paragraphs(description: str) -> list[str]:
    """The description as the model reads it, its example apart."""
    text, _, example = description.partition(" Example: ")
    return [text, "", f"Example: `{example.rstrip('.')}`", ""] if example else [text, ""]


def _cell(about: dict[str, object]) -> str:
    """What an argument takes, in one cell."""
    said = str(about.get("description", ""))
    if "enum" in about:
        choices = about["enum"]
        assert isinstance(choices, list)
        said = f"{said + ': ' if said else ''}{', '.join(map(str, choices))}"
    return re.sub(r"\s+", " ", said.replace("|", "\\|"))
