"""Codes that bind a consent to one call: the same arguments, the same stored state, once, within five minutes."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

VALID = timedelta(minutes=5)
"""How long a code is valid."""


@dataclass(frozen=True)
class _Issued:
    """What a code was given for, and what was shown, which is what will be done."""

    at: datetime
    call: str
    kept: object


class Codes:
    """Gives out codes and takes them back. They end with the process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._issued: dict[str, _Issued] = {}

    def code(self, tool: str, arguments: Mapping[str, Any], stored: str, kept: object = None) -> str:
        """A code for a call with these arguments while `stored` is what it would change; `kept` comes back with it."""
        now = self._now()
        self._issued = {code: one for code, one in self._issued.items() if now - one.at <= VALID}
        code = secrets.token_hex(4)
        self._issued[code] = _Issued(now, _call(tool, arguments, stored), kept)
        return code

    def redeem(self, code: str, tool: str, arguments: Mapping[str, Any], stored: str) -> tuple[bool, object]:
        """Whether a code was given for this call, not too long ago and not used yet; and what was kept with it."""
        issued = self._issued.get(code)
        now = self._now()
        if issued is None or now - issued.at > VALID or issued.call != _call(tool, arguments, stored):
            return False, None
        del self._issued[code]
        return True, issued.kept


def _call(tool: str, arguments: Mapping[str, Any], stored: str) -> str:
    return json.dumps([tool, dict(arguments), stored], sort_keys=True, default=str)
