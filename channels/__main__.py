"""`python -m channels`: write the manifests, build the bundle, print what the registry gets at a release."""

import json
import sys
from io import StringIO
from pathlib import Path

import anyio
from rich.console import Console

from channels.bundle import build
from channels.manifests import REPOSITORY, ROOT, VERSION, manifests, server_json
from clockodo_mcp.demo import tour


def main() -> None:
    """`manifests` (the default) writes them all; `mcpb FOLDER` builds the bundle; `registry FOLDER` writes
    server.json into it, with the bundle that is there; `recording` draws the demo as docs/demo.svg.
    """
    what, *rest = sys.argv[1:] or ["manifests"]
    if what == "manifests":
        for name, text in manifests().items():
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(text, encoding="utf-8")
    elif what == "mcpb":
        path, sha256 = build(Path(rest[0]))
        print(f"{path} {sha256}")  # noqa: T201 - what was asked for
    elif what == "registry":
        path, sha256 = build(Path(rest[0]))
        address = f"{REPOSITORY}/releases/download/v{VERSION}/{path.name}"
        text = json.dumps(server_json((address, sha256)), indent=2, ensure_ascii=False)
        (Path(rest[0]) / "server.json").write_text(text + "\n", encoding="utf-8")
    elif what == "recording":
        console = Console(record=True, width=110, file=StringIO(), force_terminal=True)
        anyio.run(tour, console)
        console.save_svg(str(ROOT / "docs" / "demo.svg"), title="clockodo-mcp demo", unique_id="clockodo-mcp")
    else:
        sys.exit("usage: python -m channels [manifests | mcpb FOLDER | registry FOLDER | recording]")


if __name__ == "__main__":
    main()
