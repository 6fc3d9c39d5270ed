"""One entry in the configuration of a host: put in, taken out, looked at. The rest of the file stays to the byte.

Before the first change the file is copied beside itself. Where there was none, or a key of Clockodo's may stand in it,
there is no copy, but a note of what had to be made for the entry. Where an entry is taken out of a file that has only
been changed here, it becomes what it was; where anybody else has changed it meanwhile, only the entry goes, and what
was made for it.
"""

import os
import re
import stat
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from clockodo_mcp.hosts.configurations import Host
from clockodo_mcp.hosts.content import Content, NotEdited, unsafe
from clockodo_mcp.hosts.server_entries import Entry, shown
from clockodo_mcp.speech import say

BACKUP = ".before-clockodo-mcp"
"""What the name of the copy ends with."""

MADE = ".made-by-clockodo-mcp"
"""What the name of the note ends with."""

NEW = ".new-of-clockodo-mcp"
"""What the name ends with under which any of them is written, before it takes its place."""

BINARY = getattr(os, "O_BINARY", 0)
"""On Windows, files that are opened without it get other line ends."""


class Made(bytes, Enum):
    """What a note says: what was not there, and was made for the entry; behind `BLANKS`, what stood in its place."""

    FILE = b"file"
    SERVERS = b"servers"
    LINE_END = b"line end"
    BLANKS = b"blanks:"


class Beside(NamedTuple):
    """What is kept beside a file: a copy of how it was before, or a note of what was made."""

    copy: bytes | None = None
    note: bytes | None = None

    def original(self, host: Host, path: Path, keys: Collection[str] = ()) -> Content | None:
        """The file as it was; None where that is not known, or a key may stand in it."""
        if self.copy is None and self.note != Made.FILE:
            return None
        with suppress(NotEdited):
            content = Content(host, path, self.copy)
            return None if content.may_hold_key(keys) else content
        return None

    def write(self, path: Path) -> None:
        """Have just this beside the file."""
        for content, end in zip(self, (BACKUP, MADE), strict=True):
            _replace(path.with_name(path.name + end), content, like=path)


@dataclass(frozen=True)
class FileEdit:
    """What a file would become, with an `entry` in place of the `old` one: None where it is not there.

    `found` is what is kept beside it, and `kept` what will be.
    """

    path: Path
    before: bytes | None
    after: bytes | None
    found: Beside
    kept: Beside
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
        """Write it: the file in one step, the copy before it, or taken away after it.

        Raises:
            NotEdited: the file cannot be written, or was changed since it was read.
        """
        held = _beside(self.path)
        try:
            for end in ("", BACKUP, MADE):  # what a run that was killed has left
                self.path.with_name(self.path.name + end + NEW).unlink(missing_ok=True)
            if not self.changes and self.kept == self.found:
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if is_kept := self.kept != Beside():
                self.kept.write(self.path)
            if (_content(self.path), held) != (self.before, self.found):
                raise NotEdited(  # noqa: TRY301 - the copy goes back, as after any failure
                    say("{file} was changed meanwhile, and is left as it is. Try again.", file=self.path)
                )
            if self.changes:
                _replace(self.path, self.after, like=self.path)
        except (OSError, NotEdited) as error:
            with suppress(OSError):
                held.write(self.path)
            if isinstance(error, NotEdited):
                raise
            raise NotEdited(
                say("{file} cannot be written ({why}). Nothing was changed.", file=self.path, why=_reason(error))
            ) from error
        if not is_kept:
            with suppress(OSError):  # a copy that cannot be taken away now goes with the next run
                self.kept.write(self.path)


def entries_in(host: Host, path: Path) -> dict[str, Entry]:
    """All entries that start this server, by their names.

    Raises:
        NotEdited: the file cannot be read.
    """
    return dict(Content(host, path, _content(path)).ours)


def with_entry(host: Host, path: Path, name: str, entry: Entry, keys: Collection[str] = ()) -> FileEdit:
    """The file with the entry, in place of one of ours of the same name. No copy is kept where one of these `keys` is.

    Raises:
        NotEdited: the file cannot be read or written, or not be changed without touching the rest.
    """
    path = _resolved(path)
    now, found = Content(host, path, _content(path)), _beside(path)
    _check_ours(now, name)
    original = found.original(host, path, keys)
    after = now.changed({name: entry})
    if after is not now and (base := _untouched(original, now)):
        after = base.changed({**now.ours, name: entry})
    if not after.says(now.rest, {**now.servers, name: entry}):
        raise unsafe(path)
    kept = found if now.ours and (original or found.note is not None) else _kept_of(now, keys)
    return _checked(FileEdit(path, now.content, after.content, found, kept, now.servers.get(name), entry))


def without_entry(host: Host, path: Path, name: str) -> FileEdit:
    """The file without the entry: as it was before, or else all the rest of it.

    Raises:
        NotEdited: as `with_entry`.
    """
    path = _resolved(path)
    now, found = Content(host, path, _content(path)), _beside(path)
    _check_ours(now, name)
    original = found.original(host, path)
    others = {one: entry for one, entry in now.ours.items() if one != name}
    if original:
        installed = [one for one, entry in others.items() if original.servers.get(one) != entry]
    else:
        installed = [one for one in others if one == "clockodo" or one.startswith("clockodo-")]
    if base := _untouched(original, now):
        after = base.changed(others, without=name)
    else:
        after = now.changed({}, without=name)
        after = after if installed else _unmade(after, now, found.note or b"")
    if not after.says(now.rest, {one: entry for one, entry in now.servers.items() if one != name}):
        raise unsafe(path)
    kept = found if installed else Beside()
    return _checked(FileEdit(path, now.content, after.content, found, kept, now.servers.get(name)))


def _unmade(after: Content, now: Content, note: bytes) -> Content:
    """A file without its last entry of ours, and without what was made for it, as the note says."""
    if note == Made.SERVERS:
        return after.without_servers()
    if re.fullmatch(rb"blanks:[ \t\r\n]*", note):
        return after.with_blanks(note.removeprefix(Made.BLANKS).decode())
    if note == Made.LINE_END and now.text.startswith(after.text):
        return after.without_line_end()
    return after


def _kept_of(now: Content, keys: Collection[str]) -> Beside:
    """What is to be kept of a file before its first change."""
    if now.content is None:
        return Beside(note=Made.FILE)
    if not now.may_hold_key(keys):
        return Beside(copy=now.content)
    if not (now.is_toml or now.has_servers):
        return Beside(note=Made.SERVERS)
    if (blanks := now.blanks()) is not None:
        return Beside(note=Made.BLANKS + blanks.encode())
    needs_end = now.is_toml and now.text and not now.text.endswith("\n")
    return Beside(note=Made.LINE_END) if needs_end else Beside()


def _untouched(original: Content | None, now: Content) -> Content | None:
    """The file as it was, if it has only been changed here since."""
    with suppress(NotEdited):
        if original and original.changed(now.ours).content == now.content:
            return original
    return None


def _check_ours(now: Content, name: str) -> None:
    if name in now.servers and name not in now.ours:
        raise NotEdited(
            say(
                "{file} has an entry {name} that starts another server, and is left as it is. Give that entry another "
                "name, or take it away.",
                file=now.path,
                name=name,
            )
        )


def _beside(path: Path) -> Beside:
    """What is there."""
    return Beside(*(_content(path.with_name(path.name + end)) for end in (BACKUP, MADE)))


def _content(path: Path) -> bytes | None:
    try:
        if path.exists() and not path.is_file():
            raise NotEdited(say("{file} is no file. Nothing was changed.", file=path))
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotEdited(
            say("{file} cannot be read ({why}). Nothing was changed.", file=path, why=_reason(error))
        ) from error


def _resolved(path: Path) -> Path:
    """The file itself, where a link leads to it."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise NotEdited(
            say("{file} cannot be read ({why}). Nothing was changed.", file=path, why=type(error).__name__)
        ) from error


def _checked(edit: FileEdit) -> FileEdit:
    """An edit that can be carried out."""
    if edit.changes and edit.path.exists() and not edit.path.stat().st_mode & stat.S_IWUSR:
        raise NotEdited(
            say("{file} is read-only. Nothing was changed. Allow writing to it, and try again.", file=edit.path)
        )
    return edit


def _replace(path: Path, content: bytes | None, *, like: Path) -> None:
    """Give a file this content in one step, or take it away."""
    new = path.with_name(path.name + NEW)
    if content is None:
        path.unlink(missing_ok=True)
        return
    found = like.stat() if like.exists() else None
    try:
        with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | BINARY, 0o600), "wb") as file:
            file.write(content)
        if found:
            new.chmod(stat.S_IMODE(found.st_mode))
            made = new.stat()
            if (made.st_uid, made.st_gid) != (found.st_uid, found.st_gid):
                os.chown(new, found.st_uid, found.st_gid)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
