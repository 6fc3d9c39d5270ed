"""A keychain for tests, as keyring takes it by `PYTHON_KEYRING_BACKEND`: scrambled, in the file of `TEST_KEYCHAIN`."""

import base64
import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Keychain(KeyringBackend):
    """Locked where `TEST_KEYCHAIN` is `locked`."""

    priority = 9

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write(self._all() | {f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._all()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError(username)
        self._write(kept)

    def _file(self) -> Path:
        if os.environ["TEST_KEYCHAIN"] == "locked":
            raise KeyringLocked("nobody typed the password")
        return Path(os.environ["TEST_KEYCHAIN"])

    def _all(self) -> dict[str, str]:
        path = self._file()
        kept: dict[str, str] = json.loads(base64.b64decode(path.read_bytes())) if path.exists() else {}
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        self._file().write_bytes(base64.b64encode(json.dumps(kept).encode()))
