"""One entry in the configuration of a host: put in, taken out, looked at. The rest of the file stays to the byte.

Before the first change the file is copied beside itself; where there was none, that is noted. Where an entry is taken
out of a file that has only been changed here, the copy comes back as it was; where anybody else has changed it
meanwhile, only the entry goes.
"""

import json
import os
import stat
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.hosts import jsonc, toml
from clockodo_mcp.hosts.configurations import Host
from clockodo_mcp.speech import say

BACKUP = ".before-clockodo-mcp"
"""What the name of the copy ends with."""

NOTHING = ".not-there-before-clockodo-mcp"
"""What the name of the note ends with that there was no file."""

KEY = "CLOCKODO_API_KEY"

Entry = dict[str, object]


class NotEdited(ClockodoMcpError):
    """A configuration is left as it is, and the sentence says why."""


@dataclass(frozen=True)
class Original:
    """A file as it was before anything was changed here: None where there was none; not known without a copy."""

    known: bool = False
    content: bytes | None = None


@dataclass(frozen=True)
class Edit:
    """What a file would become, with an `entry` in place of the `old` one: None where it is not there.

    `original` is what is kept of it.
    """

    path: Path
    before: bytes | None
    after: bytes | None
    original: Original
    old: object = None
    entry: object = None

    @property
    def changes(self) -> bool:
        """Whether the file would become another."""
        return self.before != self.after

    def difference(self) -> str:
        """The lines of the entry that go and come: nothing else of the file, and no key."""
        old, new = shown(self.old).splitlines(), shown(self.entry).splitlines()
        lines = [f"- {one}" for one in old if one not in new] + [f"+ {one}" for one in new if one not in old]
        return "\n".join(lines)

    def carry_out(self) -> None:
        """Write it: the copy first, then the file in one step.

        Raises:
            NotEdited: the file cannot be written, or was changed since it was read.
        """
        copy, note = (self.path.with_name(self.path.name + end) for end in (BACKUP, NOTHING))
        known, content = self.original.known, self.original.content
        held = _content_of_copy(copy), _content_of_copy(note)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _replace(copy, content if known else None, like=self.path)
            _replace(note, b"" if known and content is None else None, like=self.path)
            if _content(self.path) != self.before:
                raise NotEdited(  # noqa: TRY301 - the copy goes back, as after any failure
                    say("{file} was changed meanwhile, and is left as it is. Try again.", file=self.path)
                )
            if self.changes:
                _replace(self.path, self.after, like=self.path)
        except (OSError, NotEdited) as error:
            with suppress(OSError):
                _replace(copy, held[0], like=self.path)
                _replace(note, held[1], like=self.path)
            if isinstance(error, NotEdited):
                raise
            raise NotEdited(
                say("{file} cannot be written ({why}). Nothing was changed.", file=self.path, why=_reason(error))
            ) from error


def shown(entry: object) -> str:
    """An entry for people, without what may be a secret; empty where there is none."""
    if not isinstance(entry, dict):
        return ""
    environment = entry.get("env")
    if isinstance(environment, dict):
        hidden = {name: value if _is_harmless(name, value) else "***" for name, value in environment.items()}
        entry = {**entry, "env": hidden}
    return json.dumps(entry, indent=2, ensure_ascii=False, default=str)


def _is_harmless(name: object, value: object) -> bool:
    ours = str(name).startswith("CLOCKODO_") and name != KEY
    return ours or str(value).startswith("${")


def entries_in(host: Host, path: Path) -> dict[str, Entry]:
    """All entries that start this server, by their names.

    Raises:
        NotEdited: the file cannot be read.
    """
    servers = _servers(host, path, _text(path, _content(path) or b""))
    return {name: dict(entry) for name, entry in servers.items() if isinstance(entry, dict) and is_ours(entry)}


def with_entry(host: Host, path: Path, name: str, entry: Entry) -> Edit:
    """The file with the entry, in place of one of ours of the same name.

    Raises:
        NotEdited: the file cannot be read or written, or not be changed without touching the rest.
    """
    path = _writable(path)
    content, original = _content(path), _original(path)
    before = _servers(host, path, _text(path, content or b""))
    ours = {key: one for key, one in before.items() if is_ours(one)}
    if name in before and name not in ours:
        raise _another(path, name)
    if original.known and _with_all(host, path, original.content, ours) == content:
        after = _with_all(host, path, original.content, {**ours, name: entry})
    else:
        after = _merged(host, path, content, name, entry)
    if after is None or _servers(host, path, _text(path, after)) != {**before, name: entry}:
        raise _unsafe(path)
    if not (original.known and ours):
        # No copy of a key that the keychain has now.
        original = Original() if any(map(has_key, ours.values())) else Original(known=True, content=content)
    return Edit(path, content, after, original, before.get(name), entry)


def without_entry(host: Host, path: Path, name: str) -> Edit:
    """The file without the entry: as it was before, or else all the rest of it.

    Raises:
        NotEdited: as `with_entry`.
    """
    path = _writable(path)
    content, original = _content(path), _original(path)
    text = _text(path, content or b"")
    before = _servers(host, path, text)
    ours = {key: one for key, one in before.items() if is_ours(one)}
    others = {key: one for key, one in ours.items() if key != name}
    left = original if others else Original()
    if content is None or name not in before:
        return Edit(path, content, content, left)
    if name not in ours:
        raise _another(path, name)
    if original.known and _with_all(host, path, original.content, ours) == content:
        return Edit(path, content, _with_all(host, path, original.content, others), left, before[name])
    after = _encoded(path, _unmerged(host, path, text, name))
    if _servers(host, path, _text(path, after)) != {key: one for key, one in before.items() if key != name}:
        raise _unsafe(path)
    return Edit(path, content, after, left, before[name])


def is_ours(entry: object) -> bool:
    """Whether an entry starts this server: its own command, uvx with its name, or Python with its module."""
    if not isinstance(entry, dict):
        return False
    command, given = entry.get("command"), entry.get("args")
    words = [str(one) for one in given] if isinstance(given, list) else []
    program = str(command).replace("\\", "/").rsplit("/", 1)[-1].lower().removesuffix(".exe")
    if program in ("uvx", "uv", "pipx"):
        return any(one.partition("==")[0].partition("@")[0] == "clockodo-mcp" for one in words)
    return program == "clockodo-mcp" or words[:2] == ["-m", "clockodo_mcp"]


def has_key(entry: object) -> bool:
    """Whether a key stands in plain text in an entry."""
    environment = entry.get("env") if isinstance(entry, dict) else None
    value = environment.get(KEY) if isinstance(environment, dict) else None
    return bool(value) and not str(value).startswith("${")


def _original(path: Path) -> Original:
    copy = _content_of_copy(path.with_name(path.name + BACKUP))
    if copy is not None:
        return Original(known=True, content=copy)
    return Original(known=path.with_name(path.name + NOTHING).exists())


def _content_of_copy(path: Path) -> bytes | None:
    """What is in a copy; a copy that cannot be read is none."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _with_all(host: Host, path: Path, content: bytes | None, entries: Mapping[str, object]) -> bytes | None:
    """A file with all these entries; None where there is none, or it cannot be made."""
    try:
        for name, entry in entries.items():
            content = _merged(host, path, content, name, entry)
    except NotEdited:
        return None
    return content


def _merged(host: Host, path: Path, content: bytes | None, name: str, entry: object) -> bytes:
    text = _text(path, content or b"")
    try:
        if path.suffix == ".toml":
            assert isinstance(entry, dict)
            return _encoded(path, toml.with_table(text, host.key, name, entry))
        if not text.strip("\ufeff \t\r\n"):
            text = "{}\n"
        return _encoded(path, jsonc.with_member(text, (host.key, name), entry))
    except toml.FixedToml as error:
        raise _unsafe(path) from error
    except ValueError as error:
        raise _broken(path, error) from error


def _unmerged(host: Host, path: Path, text: str, name: str) -> str:
    try:
        if path.suffix == ".toml":
            return toml.without_table(text, host.key, name)
        return jsonc.without_member(text, (host.key, name))
    except toml.FixedToml as error:
        raise _unsafe(path) from error


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
    except (ValueError, RecursionError) as error:
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
            say("{file} cannot be read ({why}). Nothing was changed.", file=path, why=_reason(error))
        ) from error


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _broken(path, ValueError("UTF-8")) from error


def _encoded(path: Path, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:  # half a character, of a path or of the entry
        raise _unsafe(path) from error


def _writable(path: Path) -> Path:
    """The file itself, where a link leads to it."""
    try:
        path = path.resolve()
        read_only = path.exists() and not path.stat().st_mode & stat.S_IWUSR
    except (OSError, RuntimeError) as error:
        raise NotEdited(
            say("{file} cannot be read ({why}). Nothing was changed.", file=path, why=type(error).__name__)
        ) from error
    if read_only:
        raise NotEdited(say("{file} is read-only. Nothing was changed. Allow writing to it, and try again.", file=path))
    return path


def _replace(path: Path, content: bytes | None, *, like: Path) -> None:
    """Give a file this content in one step, or take it away."""
    if content is None:
        path.unlink(missing_ok=True)
        return
    mode = stat.S_IMODE(like.stat().st_mode) if like.exists() else 0o600
    new = NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False)  # noqa: SIM115 - closed before it moves
    try:
        with new:
            new.write(content)
        os.chmod(new.name, mode)  # noqa: PTH101 - of a temporary file
        os.replace(new.name, path)  # noqa: PTH105 - as above
    finally:
        Path(new.name).unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _broken(path: Path, error: Exception) -> NotEdited:
    return NotEdited(
        say(
            "{file} cannot be understood ({why}), and is left as it is. Mend it, and try again.",
            file=path,
            why=" ".join(str(error).split()) if isinstance(error, ValueError) else type(error).__name__,
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
