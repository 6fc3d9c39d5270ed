"""Codes that bind a consent to one call: the same arguments, the same stored state, for five minutes."""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

VALID = 300
"""Seconds that a code is valid."""


class Codes:
    """Makes and checks codes. They end with the process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._secret = secrets.token_bytes(32)

    def code(self, tool: str, arguments: Mapping[str, Any], stored: str) -> str:
        """A code for a call with these arguments while `stored` is what it would change."""
        return self._code(int(self._now().timestamp()), tool, arguments, stored)

    def fits(self, code: str, tool: str, arguments: Mapping[str, Any], stored: str) -> bool:
        """Whether a code was given for this call, and not too long ago."""
        begun, _, _ = code.partition("-")
        if not begun.isalnum() or not begun.isascii() or len(begun) > 10:
            return False
        at = int(begun, 36)
        fresh = 0 <= int(self._now().timestamp()) - at <= VALID
        return fresh and hmac.compare_digest(code, self._code(at, tool, arguments, stored))

    def _code(self, at: int, tool: str, arguments: Mapping[str, Any], stored: str) -> str:
        call = json.dumps([at, tool, dict(arguments), stored], sort_keys=True, default=str)
        return f"{_base36(at)}-{hmac.new(self._secret, call.encode(), sha256).hexdigest()[:10]}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits
