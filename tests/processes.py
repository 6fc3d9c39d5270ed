"""The command as a process, spoken to over its pipes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


def at_home(folder: Path) -> dict[str, str]:
    """What makes a folder the home of whoever runs a program, on each system."""
    local, roaming = (str(folder / "AppData" / one) for one in ("Local", "Roaming"))
    windows = {"USERPROFILE": str(folder), "APPDATA": roaming, "LOCALAPPDATA": local}
    return {"HOME": str(folder), **windows, "WIN_PD_OVERRIDE_LOCAL_APPDATA": local}  # which platformdirs asks first


def linked(path: Path, to: Path) -> Path:
    """A link; skips the test where nobody may make one, as on Windows without its developer mode."""
    try:
        path.symlink_to(to)
    except OSError:
        pytest.skip("links cannot be made here")
    return path if path.is_symlink() else pytest.skip("links cannot be made here")


def environment_with(env: Mapping[str, str]) -> dict[str, str]:
    """The environment of the tests, with these settings and no others."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CLOCKODO_")}
    return {**inherited, **env}


@contextmanager
def started(*arguments: str, code: str = "", env: Mapping[str, str] = {}) -> Iterator["subprocess.Popen[bytes]"]:
    """The command, or other `code` that runs it; killed at the end."""
    command = [sys.executable, *(["-c", code] if code else ["-m", "clockodo_mcp"]), *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment_with(env), stdin=pipe, stdout=pipe, stderr=pipe) as server:
        try:
            yield server
        finally:
            server.kill()


def ask(server: "subprocess.Popen[bytes]", method: str, **params: object) -> dict[str, Any]:
    """Send a request over stdin, and read the answer to it."""
    assert server.stdin
    assert server.stdout
    sent = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    server.stdin.write(json.dumps(sent).encode() + b"\n")
    server.stdin.flush()
    answer: dict[str, Any] = json.loads(server.stdout.readline())
    return answer


def initialize(server: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """The answer to the first request of a host."""
    info = {"name": "t", "version": "1"}
    return ask(server, "initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=info)
