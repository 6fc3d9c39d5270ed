"""The house: which room may import which, one file for each tool, and tools by name in as few places as may be.

The import statements and the files are the proof.
"""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from clockodo_mcp.tools import TOOLSETS

PACKAGE = Path(__file__).parent.parent / "clockodo_mcp"
ORDER = [
    "week", "german", "speech", "cells", "errors", "steps", "garbage", "keychain", "config", "environment", "hosts",
    "api", "domain", "account", "reading", "writing", "app", "call", "answers", "resolving", "asking", "protocol",
    "tools", "server", "cli",
]  # fmt: skip
ENTRANCES = {"__main__", "demo", "doctor", "cli"}
TOOLS = {tool.name for tools in TOOLSETS.values() for tool in tools}
PURE = ("reading", "writing", "resolving", "domain", "account", "api")
"""Rooms that know nothing of MCP."""


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def texts(path: Path) -> list[str]:
    """The string literals of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs)
    return [node.value for node in strings if isinstance(node.value, str)]


def test_dependencies_point_one_way() -> None:
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).with_suffix("").parts[0]
        ours = {name.split(".")[1] for name in imports(path) if name.startswith("clockodo_mcp.")}
        if room == "sandbox":
            assert ours <= {"sandbox"}, path
        elif room in ORDER:
            allowed = {*ORDER[: ORDER.index(room) + 1], *({"sandbox", "demo", "doctor"} if room in ENTRANCES else ())}
            assert ours <= allowed, (path, ours - allowed)
        else:
            assert room in {"__init__", *ENTRANCES}, path


def test_tools_know_nothing_of_http_domain_nothing_of_io_and_what_lies_left_of_asking_nothing_of_mcp() -> None:
    for path in (PACKAGE / "tools").rglob("*.py"):
        assert not {"httpx2", "os", "mcp"} & {name.split(".")[0] for name in imports(path)}, path
    for path in (PACKAGE / "domain").rglob("*.py"):
        assert not {"httpx2", "os", "anyio"} & {name.split(".")[0] for name in imports(path)}, path
    for room in PURE:
        for path in (PACKAGE / room).rglob("*.py"):
            assert "mcp" not in {name.split(".")[0] for name in imports(path)}, path


def test_each_tool_has_one_file_of_its_name_and_no_file_there_is_anything_else() -> None:
    files = {path.stem for path in (PACKAGE / "tools").glob("*.py")} - {"__init__"}
    assert files == TOOLS


def test_no_tool_imports_another() -> None:
    for name in TOOLS:
        path = PACKAGE / "tools" / f"{name}.py"
        assert not [one for one in imports(path) if one.startswith("clockodo_mcp.tools")], path


def test_left_of_the_protocol_tools_are_known_by_name_in_one_place() -> None:
    """`undo_change` is asked for in `answers`, where a receipt says how a change is taken back."""
    names = re.compile("|".join(rf"\b{name}\b" for name in TOOLS))
    for room in ORDER[: ORDER.index("protocol")]:
        paths = [PACKAGE / f"{room}.py"] if (PACKAGE / f"{room}.py").exists() else (PACKAGE / room).rglob("*.py")
        for path in paths:
            allowed = {"undo_change"} if room == "answers" else set()
            found = {match for text in texts(path) for match in names.findall(text)}
            if room != "steps":
                assert found <= allowed, (path, found)


def test_no_two_classes_have_the_same_name() -> None:
    """The sandbox is a Clockodo of its own."""
    names = Counter(
        node.name
        for path in PACKAGE.rglob("*.py")
        if "sandbox" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_no_two_modules_have_the_same_name() -> None:
    """But for what is made of the models of the same name."""
    counted = Counter(
        path.stem
        for path in PACKAGE.rglob("*.py")
        if path.stem != "__init__" and not {"sandbox", "models"} & set(path.parts)
    )
    assert [name for name, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_each_tool_describes_itself_with_an_example(name: str) -> None:
    tool = next(one for tools in TOOLSETS.values() for one in tools if one.name == name)
    assert "Example: {" in tool.description
    assert tool.title
