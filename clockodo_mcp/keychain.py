"""Accounts that `clockodo-mcp login` has kept: keys in the keychain of the system, the rest in a file, no secrets."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from clockodo_mcp.cells import line, quoted
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.speech import say

SERVICE = "clockodo-mcp"
"""What the keychain calls us: people find it there by this name."""

DEFAULT = "default"
"""The name of an account that was given none."""

NAME = re.compile(r"[A-Za-z0-9_-]{1,20}")
"""It becomes a part of the names that models call tools by, which take no other signs and end at 64."""

SHOWN = 12
"""How much is said of what cannot be a name."""

NO_NAME = "{name} cannot be the name of an account; take up to 20 letters from A to Z, digits and dashes."

WAITING = 5.0
"""Seconds that another process may take to change the list of accounts."""

IN_PLAIN_TEXT = "keyrings.alt.file"
"""Backends that write keys into a file for everybody to read. Source: keyrings.alt, which says so itself."""


class NoKeychain(ClockodoMcpError):
    """The keychain, or the file beside it, cannot be used, or lacks what was asked for."""


class Key:
    """An API key, which never shows itself. One of the keychain is read when it is first needed."""

    def __init__(self, known: str = "", fetch: Callable[[], str] = str) -> None:
        self._known = known
        self._fetch = fetch

    def read(self) -> str:
        """The key. It may take long where it is not known yet: the system may ask somebody for a password.

        Raises:
            NoKeychain: it is not there.
        """
        if not self._known:
            self._known = self._fetch()
        return self._known

    @property
    def is_known(self) -> bool:
        """Whether it can be had at once."""
        return bool(self._known)

    def hidden_in(self, text: str) -> str:
        """A text without the key."""
        return text.replace(self._known, "***") if self._known else text


class Kept(NamedTuple):
    """An account without its key."""

    name: str
    api_user: str
    base_url: str

    def is_of(self, api_user: str, base_url: str) -> bool:
        """Whether it is this user's there."""
        return (self.api_user.lower(), self.base_url) == (api_user.lower(), base_url)

    def key(self) -> Key:
        """Its key, which is not read yet."""
        return Key(fetch=lambda: _read(self))


class Accounts:
    """What is kept, for servers that take this folder for their data."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "accounts.json"

    def all(self) -> list[Kept]:
        """The accounts, by their names.

        Raises:
            NoKeychain: the file cannot be read.
        """
        try:
            said = json.loads(self._file.read_text(encoding="utf-8"))
            return [_kept(name, one) for name, one in sorted(said.items())]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise NoKeychain(
                say(
                    "The list of accounts, {file}, cannot be read ({why}). Move it away and log in again with "
                    "`clockodo-mcp login`.",
                    file=self._file,
                    why=type(error).__name__,
                )
            ) from error

    def keep(self, account: Kept, key: str) -> None:
        """Keep an account, or its new key.

        Raises:
            NoKeychain: there is no safe place for a key here, or the file cannot be written; then nothing is kept.
        """
        with self._changing(account) as (before, others):
            self._write([*others, account])
            try:
                _write(account, key)
            except NoKeychain:
                self._write(before)
                raise

    def forget(self, account: Kept) -> list[str]:
        """Take an account away, and its key; the names of those which have that same key, and so keep it.

        Raises:
            NoKeychain: the keychain or the file cannot be written.
        """
        with self._changing(account) as (_, others):
            same = [one.name for one in others if one.is_of(account.api_user, account.base_url)]
            if not same:
                _delete(account)  # before the list: what is cut off here can be done again
            self._write(others)
            return same

    @contextmanager
    def _changing(self, account: Kept) -> Iterator[tuple[list[Kept], list[Kept]]]:
        """All accounts, and the others than this one, while no other process changes them."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - servers have no use for it

        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self._file.with_suffix(".lock"), timeout=WAITING):
                before = self.all()
                yield before, [one for one in before if one.name != account.name]
        except (OSError, Timeout) as error:
            raise self._not_written(error) from error

    def _write(self, accounts: list[Kept]) -> None:
        said = {one.name: {"api_user": one.api_user, "base_url": one.base_url} for one in accounts}
        new = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
                json.dump(said, file, ensure_ascii=False, indent=2)
            new.replace(self._file)
        except OSError as error:
            raise self._not_written(error) from error

    def _not_written(self, error: OSError) -> NoKeychain:
        return NoKeychain(
            say(
                "The list of accounts, {file}, cannot be written ({why}). Free the disk, or point "
                "CLOCKODO_MCP_DATA_DIR to a folder that can be written.",
                file=self._file,
                why=error.strerror or type(error).__name__,
            )
        )


def _kept(name: str, said: Mapping[str, object]) -> Kept:
    """An account as the list has it. Raises ValueError, or what Python does, where it cannot be one."""
    user, address = said["api_user"], said["base_url"]
    if not (NAME.fullmatch(name) and isinstance(user, str) and isinstance(address, str)):
        raise ValueError(name)
    return Kept(name, user, address)


def check_name(name: str) -> None:
    """Raise NoKeychain where this cannot be the name of an account."""
    if not NAME.fullmatch(name):
        raise NoKeychain(say(NO_NAME, name=quoted(line(name, SHOWN))))  # it may be a key


def _name_of(account: Kept) -> str:
    """By which the keychain knows the key: accounts at another address are others."""
    return f"{account.api_user.lower()} {account.base_url}"


@contextmanager
def _keychain() -> Iterator[ModuleType]:
    """The library, loaded here since it takes 100 ms, and most servers have no use for it."""
    bus = f"/run/user/{os.getuid()}/bus" if sys.platform == "linux" else ""
    if bus and Path(bus).exists():
        # Some hosts hand their servers hardly any environment, and the keychain of a desktop is found by this.
        os.environ.setdefault("DBUS_SESSION_BUS_ADDRESS", f"unix:path={bus}")
    try:
        import keyring  # noqa: PLC0415 - as above

        yield keyring
    except NoKeychain:
        raise
    except Exception as error:  # noqa: BLE001 - as said below
        # Whatever a backend raises may have the key in it, so its name is all that is said.
        raise _unusable(error) from None


def _read(account: Kept) -> str:
    with _keychain() as keychain:
        key = keychain.get_password(SERVICE, _name_of(account))
    if not key:
        raise NoKeychain(
            say(
                "The keychain has no key for {user} any more. Log in again with `clockodo-mcp login --account {name}`.",
                user=account.api_user,
                name=account.name,
            )
        )
    return str(key)


def _write(account: Kept, key: str) -> None:
    with _keychain() as keychain:
        backend = keychain.get_keyring()
        if any(type(one).__module__.startswith(IN_PLAIN_TEXT) for one in (backend, *getattr(backend, "backends", ()))):
            raise NoKeychain(
                say(
                    "The only keychain here keeps keys in a file in plain text, so nothing was kept. Set "
                    "CLOCKODO_API_USER and CLOCKODO_API_KEY in the environment of the server instead."
                )
            )
        keychain.set_password(SERVICE, _name_of(account), key)
        if keychain.get_password(SERVICE, _name_of(account)) != key:
            raise _unusable(None)


def _delete(account: Kept) -> None:
    with _keychain() as keychain:
        if keychain.get_password(SERVICE, _name_of(account)):
            keychain.delete_password(SERVICE, _name_of(account))


def _unusable(error: Exception | None) -> NoKeychain:
    return NoKeychain(
        say(
            "The keychain of this system cannot be used ({why}). Set CLOCKODO_API_USER and CLOCKODO_API_KEY in the "
            "environment of the server instead.",
            why=type(error).__name__ if error else say("it keeps nothing"),
        )
    )
