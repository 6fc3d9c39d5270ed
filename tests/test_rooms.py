"""Which room may import which: the import statements are the proof."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "clockodo_mcp"
ORDER = [
    "errors", "cells", "collector", "config", "api", "domain", "account", "reading", "writing", "resolving", "desk",
    "tools", "protocol", "server", "cli",
]  # fmt: skip
ENTRANCES = {"__main__", "demo", "cli"}


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def test_dependencies_point_one_way() -> None:
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).with_suffix("").parts[0]
        ours = {name.split(".")[1] for name in imports(path) if name.startswith("clockodo_mcp.")}
        if room == "sandbox":
            assert ours <= {"sandbox"}, path
        elif room in ORDER:
            allowed = {*ORDER[: ORDER.index(room) + 1], *({"sandbox", "demo"} if room in ENTRANCES else ())}
            assert ours <= allowed, path
        else:
            assert room in {"__init__", *ENTRANCES}, path


def test_tools_know_nothing_of_http_and_domain_nothing_of_io() -> None:
    for path in (PACKAGE / "tools").rglob("*.py"):
        assert not {"httpx2", "os"} & imports(path), path
    for path in (PACKAGE / "domain").rglob("*.py"):
        assert not {"httpx2", "os", "anyio", "mcp"} & {name.split(".")[0] for name in imports(path)}, path
