"""One entry in the configuration of a host: put in, taken out, looked at. The rest of the file stays to the byte.

Before the first change the file is copied beside itself. Where an entry is taken out of a file that has only been
changed here, the copy comes back as it was; where the host, or somebody, has changed it meanwhile, only the entry goes.
"""

import difflib
import os
import stat
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import tomlkit
from tomlkit.exceptions import TOMLKitError

from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.hosts import jsonc
from clockodo_mcp.hosts.configurations import Host
from clockodo_mcp.speech import say

BACKUP = ".before-clockodo-mcp"
"""What the copy's name ends with."""

Entry = dict[str, object]


class NotEdited(ClockodoMcpError):
    """A configuration is left as it is, and the sentence says why."""


@dataclass(frozen=True)
class Edit:
    """What a file would become: None where it is not there, or would be gone. `backup` is what is kept of it."""

    path: Path
    before: bytes | None
    after: bytes | None
    backup: bytes | None

    @property
    def changes(self) -> bool:
        """Whether the file would become another."""
        return self.before != self.after

    def difference(self) -> str:
        """The lines that go and come, without those around them, in which the keys of others may stand."""
        before, after = (_text(self.path, one or b"").splitlines() for one in (self.before, self.after))
        lines = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
        return "\n".join(one for one in lines if not one.startswith("@@"))

    def carry_out(self) -> None:
        """Write it: the copy first, then the file in one step.

        Raises:
            NotEdited: the file cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            for path, content in ((_backup_of(self.path), self.backup), (self.path, self.after)):
                _replace(path, content, like=self.path)
            if self.after is None:
                with suppress(OSError):  # other files are in there
                    self.path.parent.rmdir()
        except OSError as error:
            raise NotEdited(
                say("{file} cannot be written ({why}). Nothing was changed.", file=self.path, why=error.strerror)
            ) from error


def entry_in(host: Host, path: Path, name: str) -> Entry | None:
    """The entry of this name, if there is one.

    Raises:
        NotEdited: the file cannot be read.
    """
    content = _content(path)
    if content is None:
        return None
    entry = _servers(host, path, _text(path, content)).get(name)
    return dict(entry) if isinstance(entry, Mapping) else None


def entries_in(host: Host, path: Path) -> dict[str, Entry]:
    """All entries that start this server, by their names. Raises as `entry_in`."""
    servers = _servers(host, path, _text(path, _content(path) or b""))
    return {name: dict(entry) for name, entry in servers.items() if isinstance(entry, dict) and is_ours(entry)}


def with_entry(host: Host, path: Path, name: str, entry: Entry) -> Edit:
    """The file with the entry, in place of one of the same name.

    Raises:
        NotEdited: the file cannot be read or written, or not be changed without touching the rest.
    """
    path = _writable(path)
    content, backup = _content(path), _content(_backup_of(path))
    before = _servers(host, path, _text(path, content or b""))
    if name in before and not is_ours(before[name]):
        raise _another(path, name)
    after = _merged(host, path, content, name, entry)
    if _servers(host, path, _text(path, after)) != {**before, name: entry}:
        raise _unsafe(path)
    return Edit(path, content, after, backup if any(map(is_ours, before.values())) else content)


def without_entry(host: Host, path: Path, name: str) -> Edit:
    """The file without the entry: as it was before, or else all the rest of it.

    Raises:
        NotEdited: as `with_entry`.
    """
    path = _writable(path)
    content, backup = _content(path), _content(_backup_of(path))
    text = _text(path, content or b"")
    before = _servers(host, path, text)
    if content is None or name not in before:
        return Edit(path, content, content, backup)
    if not is_ours(before[name]):
        raise _another(path, name)
    ours = {key: entry for key, entry in before.items() if is_ours(entry)}
    others = {key: entry for key, entry in ours.items() if key != name}
    backup_left = backup if others else None
    if _with_all(host, path, backup, ours) == content:
        return Edit(path, content, _with_all(host, path, backup, others), backup_left)
    after = _unmerged(host, path, text, name).encode()
    if _servers(host, path, _text(path, after)) != {key: one for key, one in before.items() if key != name}:
        raise _unsafe(path)
    return Edit(path, content, after, backup_left)


def is_ours(entry: object) -> bool:
    """Whether an entry starts this server."""
    if not isinstance(entry, dict):
        return False
    words = (entry.get("command"), *(entry.get("args") or ()))
    return any("clockodo-mcp" in str(word) or "clockodo_mcp" in str(word) for word in words)


def _backup_of(path: Path) -> Path:
    return path.with_name(path.name + BACKUP)


def _with_all(host: Host, path: Path, content: bytes | None, entries: Mapping[str, object]) -> bytes | None:
    for name, entry in entries.items():
        content = _merged(host, path, content, name, entry)
    return content


def _merged(host: Host, path: Path, content: bytes | None, name: str, entry: object) -> bytes:
    text = _text(path, content or b"")
    try:
        if path.suffix != ".toml":
            if not text.strip("\ufeff \t\r\n"):
                text = "{}\n"
            return jsonc.with_member(text, (host.key, name), entry).encode()
        document = tomlkit.parse(text)
        if host.key not in document:
            document[host.key] = tomlkit.table(is_super_table=True)
        document[host.key][name] = entry
        return _line_ends(tomlkit.dumps(document), text).encode()
    except (jsonc.BrokenJson, TOMLKitError) as error:
        raise _broken(path, error) from error


def _unmerged(host: Host, path: Path, text: str, name: str) -> str:
    if path.suffix != ".toml":
        return jsonc.without_member(text, (host.key, name))
    document = tomlkit.parse(text)
    servers = document[host.key]
    servers.remove(name)
    return _line_ends(tomlkit.dumps(document), text)


def _line_ends(text: str, like: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in like else text


def _servers(host: Host, path: Path, text: str) -> dict[str, object]:
    """All servers of a configuration.

    Raises:
        NotEdited: the text cannot be read.
    """
    try:
        if path.suffix == ".toml":
            data: object = tomllib.loads(text)
        else:
            data = jsonc.read(text).plain() if text.strip("\ufeff \t\r\n") else {}
    except ValueError as error:
        raise _broken(path, error) from error
    servers = data.get(host.key, {}) if isinstance(data, dict) else None
    if not isinstance(servers, dict):
        raise _broken(path, ValueError(host.key))
    return servers


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotEdited(
            say("{file} cannot be read ({why}). Nothing was changed.", file=path, why=error.strerror)
        ) from error


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _broken(path, ValueError("UTF-8")) from error


def _writable(path: Path) -> Path:
    """The file itself, where a link leads to it."""
    path = path.resolve()
    if path.exists() and not path.stat().st_mode & stat.S_IWUSR:
        raise NotEdited(say("{file} is read-only. Nothing was changed. Allow writing to it, and try again.", file=path))
    return path


def _replace(path: Path, content: bytes | None, *, like: Path) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        return
    mode = stat.S_IMODE(like.stat().st_mode) if like.exists() else 0o600
    with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as new:
        new.write(content)
    os.chmod(new.name, mode)  # noqa: PTH101 - of a temporary file
    os.replace(new.name, path)  # noqa: PTH105 - as above


def _broken(path: Path, error: Exception) -> NotEdited:
    return NotEdited(
        say(
            "{file} cannot be understood ({why}), and is left as it is. Mend it, and try again.",
            file=path,
            why=" ".join(str(error).split()),
        )
    )


def _unsafe(path: Path) -> NotEdited:
    return NotEdited(
        say(
            "{file} is written in a way that cannot be changed from here without touching the rest, and is left as it "
            "is. Change it yourself.",
            file=path,
        )
    )


def _another(path: Path, name: str) -> NotEdited:
    return NotEdited(
        say(
            "{file} has an entry {name} that starts another server, and is left as it is. Give that entry another "
            "name, or take it away.",
            file=path,
            name=name,
        )
    )
