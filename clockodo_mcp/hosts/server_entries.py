"""What an entry of a host's configuration says: whether it starts this server, for whom, and what of it is secret."""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

from clockodo_mcp.cells import seen
from clockodo_mcp.config import ACCOUNT, Settings, is_set, variable, without_version

Entry = dict[str, object]

USER, KEY = map(variable, ACCOUNT)

HARMLESS = {"command", "type", "cwd", *map(variable, Settings.model_fields)} - {KEY}
"""Under these names a text is shown; numbers, yes and no are under any, and so are the variables of hosts."""

CALLED = r"(?:key|token|secret|passw(?:or)?d|authorization)"

SECRET = re.compile(
    rf"""(?:{CALLED}["']?\s*[:=]|"--[\w-]*{CALLED}",)\s*["']?"""
    r"""(?!["'$\s\[{]|(?:null|true|false|\d+)\b)[^,}\]]""",
    re.IGNORECASE,
)
"""What is called a secret and has a value, in JSON or in an argument."""

KEY_OF_CLOCKODO = re.compile(r"""clockodo[\w-]*key["']?\s*[:=]\s*["']?(?!["'$\s])""", re.IGNORECASE)
"""The same of a key of Clockodo's: a variable or a header, in any notation."""

NAME_OF_A_KEY = re.compile(r"api[-_]?key", re.IGNORECASE)

LIKE_A_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{19,}")


class Served(NamedTuple):
    """For whom an entry starts this server, as far as it says that: empty where it does not.

    `elsewhere`: it has an account that cannot be told from it, with a key for nobody, or in a file.
    """

    account: str
    api_user: str
    base_url: str
    elsewhere: bool


def is_ours(entry: object) -> bool:
    """Whether an entry starts this server: its own command, uvx with its name, or Python with its module."""
    if not isinstance(entry, dict):
        return False
    words = _words(entry)
    program = str(entry.get("command")).replace("\\", "/").rsplit("/", 1)[-1].lower().removesuffix(".exe")
    if program in ("uvx", "uv", "pipx"):
        return any(one.partition("==")[0].partition("@")[0] == "clockodo-mcp" for one in words)
    return program == "clockodo-mcp" or words[:2] == ["-m", "clockodo_mcp"]


def served_by(entry: Entry) -> Served:
    """For whom one of ours starts the server."""
    environment = entry.get("env")
    given = {name: str(one).strip() for name, one in environment.items()} if isinstance(environment, dict) else {}
    said = [given.get(variable(field), "") for field in ("account", "api_user", "base_url")]
    account, user, address = (one if is_set(one) else "" for one in said)
    words = [part for one in _words(entry) for part in one.split("=", 1)]
    named = [name for flag, name in pairwise(words) if flag == "--account"]
    elsewhere = bool(given.get(KEY) and not user) or any(one.startswith("--env") for one in words)
    return Served(named[-1] if named else account, user, without_version(address), elsewhere)


def has_key(entry: object) -> bool:
    """Whether a key of Clockodo's stands in plain text in an entry, of this server or of another one."""
    said = json.dumps(entry, default=str)
    return "clockodo" in said.lower() and SECRET.search(said) is not None


def holds_key(text: str, servers: Mapping[str, object]) -> bool:
    """Whether one stands anywhere in a file that has these servers."""
    return KEY_OF_CLOCKODO.search(text) is not None or any(map(has_key, servers.values()))


def without_keys(entry: Mapping[str, object]) -> Entry:
    """An entry without what is called an API key."""
    return {
        name: without_keys(value) if isinstance(value, dict) else value
        for name, value in entry.items()
        if isinstance(value, dict) or not NAME_OF_A_KEY.search(name)
    }


def shown(entry: object) -> str:
    """An entry for people, without what may be a secret; empty where there is none."""
    if not isinstance(entry, dict):
        return ""
    return seen(json.dumps(_harmless("", entry), indent=2, ensure_ascii=False, default=str), keeps="\n")


def _harmless(name: str, value: object) -> object:
    if isinstance(value, dict):
        return {inner: _harmless(str(inner), one) for inner, one in value.items()}
    if isinstance(value, list):
        return list(_harmless_words(value)) if name == "args" else [_harmless(name, one) for one in value]
    if value is None or isinstance(value, bool | int | float) or str(value).startswith("${"):
        return value
    return value if name in HARMLESS and not _has_password(str(value)) else "***"


def _harmless_words(words: Iterable[object]) -> Iterable[str]:
    before = ""
    for one in map(str, words):
        secret = SECRET.search(json.dumps([before, one])) or LIKE_A_KEY.fullmatch(one) or _has_password(one)
        yield "***" if secret else one
        before = one


def _has_password(value: str) -> bool:
    try:
        return urlsplit(value).password is not None
    except ValueError:
        return True


def _words(entry: Mapping[str, object]) -> list[str]:
    given = entry.get("args")
    return [str(one) for one in given] if isinstance(given, list) else []
