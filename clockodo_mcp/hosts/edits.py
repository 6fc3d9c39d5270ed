"""One entry in the configuration of a host: put in, taken out, looked at. The rest of the file stays to the byte.

Before the first change the file is copied beside itself; where there was none, that is noted. Where an entry is taken
out of a file that has only been changed here, it becomes what it was; where anybody else has changed it meanwhile,
only the entry goes.
"""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from clockodo_mcp.hosts.configurations import Host
from clockodo_mcp.hosts.content import Content, NotEdited, unsafe
from clockodo_mcp.hosts.server_entries import Entry, shown
from clockodo_mcp.speech import say

BACKUP = ".before-clockodo-mcp"
"""What the name of the copy ends with."""

NOTHING = ".not-there-before-clockodo-mcp"
"""What the name of the note ends with that there was no file."""


class Beside(NamedTuple):
    """What is kept beside a file: a copy of how it was before, or a note that there was none.

    Of a file in which a key of Clockodo's stands nothing is kept.
    """

    copy: bytes | None = None
    note: bytes | None = None

    def original(self, host: Host, path: Path) -> Content | None:
        """The file as it was; None where that is not known."""
        if self == Beside():
            return None
        with suppress(NotEdited):
            content = Content(host, path, self.copy)
            return None if content.holds_key else content
        return None

    def write(self, path: Path) -> None:
        """Have just this beside the file."""
        for content, end in zip(self, (BACKUP, NOTHING), strict=True):
            _replace(path.with_name(path.name + end), content, like=path)


@dataclass(frozen=True)
class Edit:
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
        """Write it: the copy first, then the file in one step.

        Raises:
            NotEdited: the file cannot be written, or was changed since it was read.
        """
        if not self.changes and self.kept == self.found:
            return
        held = _beside(self.path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
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


def entries_in(host: Host, path: Path) -> Mapping[str, Entry]:
    """All entries that start this server, by their names.

    Raises:
        NotEdited: the file cannot be read.
    """
    return Content(host, path, _content(path)).ours


def with_entry(host: Host, path: Path, name: str, entry: Entry) -> Edit:
    """The file with the entry, in place of one of ours of the same name.

    Raises:
        NotEdited: the file cannot be read or written, or not be changed without touching the rest.
    """
    path = _writable(path)
    now, found = Content(host, path, _content(path)), _beside(path)
    _check_ours(now, name)
    original = found.original(host, path)
    if base := _untouched(original, now):
        after = base.changed({**now.ours, name: entry})
    else:
        after = now.changed({name: entry})
    if not after.says(now.rest, {**now.servers, name: entry}):
        raise unsafe(path)
    if original and now.ours:
        kept = found
    elif now.holds_key:
        kept = Beside()
    else:
        kept = Beside(note=b"") if now.content is None else Beside(copy=now.content)
    return Edit(path, now.content, after.content, found, kept, now.servers.get(name), entry)


def without_entry(host: Host, path: Path, name: str) -> Edit:
    """The file without the entry: as it was before, or else all the rest of it.

    Raises:
        NotEdited: as `with_entry`.
    """
    path = _writable(path)
    now, found = Content(host, path, _content(path)), _beside(path)
    _check_ours(now, name)
    others = {key: one for key, one in now.ours.items() if key != name}
    if base := _untouched(found.original(host, path), now):
        after = base.changed(others, without=name)
    else:
        after = now.changed({}, without=name)
    if not after.says(now.rest, {key: one for key, one in now.servers.items() if key != name}):
        raise unsafe(path)
    return Edit(path, now.content, after.content, found, found if others else Beside(), now.servers.get(name))


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
    """What is there; what cannot be read is not."""
    copy, note = path.with_name(path.name + BACKUP), path.with_name(path.name + NOTHING)
    with suppress(OSError):
        return Beside(copy=copy.read_bytes())
    return Beside(note=b"" if note.exists() else None)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotEdited(
            say("{file} cannot be read ({why}). Nothing was changed.", file=path, why=_reason(error))
        ) from error


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
