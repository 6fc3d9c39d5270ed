"""How a host starts the server that runs here, and what of this environment it has to hand on."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from clockodo_mcp.cells import readable
from clockodo_mcp.config import MisconfiguredError, variable
from clockodo_mcp.environment import data_folder
from clockodo_mcp.hosts.server_entries import Entry
from clockodo_mcp.speech import say


def own_command(account: str, *, demo: bool) -> Entry:
    """How a host starts what runs here."""
    more = ["--demo"] if demo else ["--account", account] if account else []
    if "archive-v0" in Path(sys.prefix).parts:  # uvx made this environment, and clears it away some day
        source = source_of(json.loads(distribution("clockodo-mcp").read_text("direct_url.json") or "{}"))
        args = [*(("--from", source) if source else ()), "clockodo-mcp", *more]
        return {"command": _writable(Path(shutil.which("uvx") or "uvx")), "args": args}
    script = Path(sys.executable).with_name("clockodo-mcp.exe" if sys.platform == "win32" else "clockodo-mcp")
    if script.exists():
        return {"command": _writable(script), "args": more}
    return {"command": _writable(Path(sys.executable)), "args": ["-m", "clockodo_mcp", *more]}


def source_of(direct: Mapping[str, Any]) -> str:
    """Where a package is from that is from no index, as uv takes it. Source: PEP 610."""
    url = str(direct.get("url", ""))
    parts = urlsplit(url)
    if parts.scheme == "file":
        url = url2pathname(parts.path)
    if vcs := direct.get("vcs_info"):
        revision = vcs.get("requested_revision") or vcs.get("commit_id")
        url = f"{vcs['vcs']}+{url}{f'@{revision}' if revision else ''}"
    return f"{url}#subdirectory={direct['subdirectory']}" if direct.get("subdirectory") else url


def own_environment() -> Entry:
    """Where the accounts and the journal are, if this environment says it: a host may hand on another one."""
    elsewhere = os.environ.get(variable("mcp_data_dir")) or os.environ.get("XDG_DATA_HOME")
    return {"env": {variable("mcp_data_dir"): _writable(data_folder())}} if elsewhere else {}


def _writable(path: Path) -> str:
    """A path as a configuration can have it."""
    if readable(path) != str(path):
        raise MisconfiguredError(
            say("{path} has a name that cannot be written into a configuration. Take another.", path=readable(path))
        )
    return str(path)
