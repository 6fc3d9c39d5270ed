"""What a configuration says, and its text with entries put in and taken out: all other bytes stay where they are."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.hosts import jsonc, toml
from clockodo_mcp.hosts.configurations import Host
from clockodo_mcp.hosts.server_entries import Entry, holds_key, is_ours
from clockodo_mcp.speech import say


class NotEdited(ClockodoMcpError):
    """A configuration is left as it is, and the sentence says why."""


class Content:
    """The content of a host's file, None where there is none: all its `servers`, `ours` among them, and the `rest`.

    Raises:
        NotEdited: it cannot be understood.
    """

    def __init__(self, host: Host, path: Path, content: bytes | None) -> None:
        self.host, self.path, self.content = host, path, content
        self.is_toml = path.suffix == ".toml"
        try:
            self.text = (content or b"").decode("utf-8")
            said = self._read()
        except UnicodeDecodeError as error:
            raise _broken(path, "UTF-8") from error
        except ValueError as error:
            raise _broken(path, " ".join(str(error).split())) from error
        except RecursionError as error:
            raise _broken(path, type(error).__name__) from error
        servers = said.get(host.key, {}) if isinstance(said, dict) else None
        if not isinstance(said, dict) or not isinstance(servers, dict):
            raise _broken(path, host.key)
        self.servers: Mapping[str, object] = servers
        self.rest: Mapping[str, object] = {name: one for name, one in said.items() if name != host.key}
        self.ours: Mapping[str, Entry] = {
            name: dict(one) for name, one in servers.items() if isinstance(one, dict) and is_ours(one)
        }

    @property
    def holds_key(self) -> bool:
        """Whether a key of Clockodo's stands in it in plain text."""
        return holds_key(self.text, self.servers)

    def changed(self, entries: Mapping[str, Entry], *, without: str | None = None) -> Self:
        """The same with these entries, and without that one.

        Raises:
            NotEdited: its text cannot be changed so.
        """
        text = self.text
        if without is not None and without in self.servers:
            take_out = toml.without_table if self.is_toml else jsonc.without_member
            text = take_out(text, self.host.key, without)
        for name, entry in entries.items():
            put_in = toml.with_table if self.is_toml else jsonc.with_member
            text = put_in(text, self.host.key, name, entry)
        try:
            return self if text == self.text else type(self)(self.host, self.path, text.encode())
        except (NotEdited, UnicodeEncodeError) as error:  # half a character, of a path or of the entry
            raise unsafe(self.path) from error

    def says(self, rest: Mapping[str, object], servers: Mapping[str, object]) -> bool:
        """Whether it says just this. Where no servers are is all the same to a host."""
        return _compared(self.rest, self.servers) == _compared(rest, servers)

    def _read(self) -> object:
        if self.is_toml:
            return tomllib.loads(self.text)
        return jsonc.read(self.text).plain() if self.text.strip("\ufeff \t\r\n") else {}


def _compared(*data: object) -> str:
    return json.dumps(data, default=str, sort_keys=True)


def _broken(path: Path, why: str) -> NotEdited:
    return NotEdited(
        say("{file} cannot be understood ({why}), and is left as it is. Mend it, and try again.", file=path, why=why)
    )


def unsafe(path: Path) -> NotEdited:
    """Nothing could be changed without changing more than that."""
    return NotEdited(
        say(
            "{file} is written in a way that cannot be changed from here without touching the rest, and is left as it "
            "is. Change it yourself.",
            file=path,
        )
    )
