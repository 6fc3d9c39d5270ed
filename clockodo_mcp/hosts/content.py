"""What a configuration says, and its text with entries put in and taken out: all other bytes stay where they are."""

import json
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Self

from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.hosts import jsonc, toml
from clockodo_mcp.hosts.configurations import Host
from clockodo_mcp.hosts.server_entries import Entry, is_harmless, is_ours, mentions_clockodo
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
        except jsonc.BrokenJson as error:
            raise _broken(path, say("line {number}", number=error.line)) from error
        except ValueError as error:
            raise _broken(path, " ".join(str(error).split())) from error
        except RecursionError as error:
            raise _broken(path, type(error).__name__) from error
        servers = said.get(host.key, {}) if isinstance(said, dict) else None
        if not isinstance(said, dict) or not isinstance(servers, dict):
            raise _broken(path, host.key)
        self.has_servers = host.key in said
        self.servers: Mapping[str, object] = servers
        self.rest: Mapping[str, object] = {name: one for name, one in said.items() if name != host.key}
        self.ours: Mapping[str, Entry] = {
            name: dict(one) for name, one in servers.items() if isinstance(one, dict) and is_ours(one)
        }

    def changed(self, entries: Mapping[str, Entry], *, without: str | None = None) -> Self:
        """The same with these entries, and without that one.

        Raises:
            NotEdited: its text cannot be changed so.
        """
        text, key = self.text, self.host.key
        if without is not None and without in self.servers:
            text = (
                toml.without_table(text, key, without) if self.is_toml else jsonc.without_member(text, (key, without))
            )
        for name, entry in entries.items():
            if self.is_toml and entry != self.ours.get(name, entry) and self._has_comment(name):
                raise unsafe(self.path)
            try:
                if self.is_toml:
                    text = toml.with_table(text, key, name, entry)
                else:
                    text = jsonc.with_member(text, (key, name), entry)
            except (jsonc.Commented, RecursionError) as error:
                raise unsafe(self.path) from error
        return self._of(text)

    def _has_comment(self, name: str) -> bool:
        """Whether there may be comments in an entry."""
        if self.is_toml:
            return "#" in toml.table(self.text, self.host.key, name)
        return jsonc.has_comment(jsonc.written(self.text, (self.host.key, name)))

    def without_ours(self) -> Self:
        """The same without any entry of ours. Raises as `changed`."""
        left = self
        for name in self.ours:
            left = left.changed({}, without=name)
        return left

    def without_servers(self) -> Self:
        """The same without the empty place for servers. Raises as `changed`."""
        if self.is_toml or self.servers or not self.has_servers:
            return self
        return self._of(jsonc.without_member(self.text, (self.host.key,)))

    def blanks(self) -> str | None:
        """What stands before the end of an empty place for servers; None where it is not empty, or none is there."""
        if self.is_toml or self.servers or not self.has_servers:
            return None
        begin, end = jsonc.blanks_at_end(self.text, (self.host.key,))
        return self.text[begin:end]

    def with_blanks(self, blanks: str) -> Self:
        """The same with these before the end of its empty place for servers."""
        if self.blanks() in (None, blanks):
            return self
        begin, end = jsonc.blanks_at_end(self.text, (self.host.key,))
        return self._of(self.text[:begin] + blanks + self.text[end:])

    def without_line_end(self) -> Self:
        """The same without its last line end."""
        return self._of(self.text.removesuffix(toml.line_end(self.text)))

    def says(self, rest: Mapping[str, object], servers: Mapping[str, object]) -> bool:
        """Whether it says just this. Where no servers are is all the same to a host."""
        try:
            return _compared(self.rest, self.servers) == _compared(rest, servers)
        except RecursionError:
            return False

    def may_hold_key(self, keys: Collection[str] = ()) -> bool:
        """Whether a key of Clockodo's may stand in it, in whatever notation, or one of these does."""
        try:
            left = self.without_ours()
            data = json.dumps([self.rest, self.servers], ensure_ascii=False, default=str)
        except (NotEdited, RecursionError):
            return True
        if mentions_clockodo(left.text, {**left.rest, self.host.key: left.servers}):
            return True
        if any(not is_harmless(entry) or self._has_comment(name) for name, entry in self.ours.items()):
            return True
        return any(key in self.text or key in data for key in keys)

    def _of(self, text: str) -> Self:
        try:
            return self if text == self.text else type(self)(self.host, self.path, text.encode())
        except (NotEdited, UnicodeEncodeError) as error:  # half a character, of a path or of the entry
            raise unsafe(self.path) from error

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
