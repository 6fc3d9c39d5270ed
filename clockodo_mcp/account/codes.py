"""Codes that bind a consent to one call: the same arguments, the same effect, once, within five minutes."""

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
    """What a code was given for: at which moment, by which call, and to which effect."""

    at: datetime
    call: str
    effect: str
    moment: datetime


class Codes:
    """Gives out codes and takes them back. They end with the process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._issued: dict[str, _Issued] = {}

    def code(self, tool: str, arguments: Mapping[str, Any], effect: str, moment: datetime) -> str:
        """A code for a call with these arguments and this effect; `moment` is the present moment of that call."""
        now = self._now()
        self._issued = {code: one for code, one in self._issued.items() if now - one.at <= VALID}
        code = secrets.token_hex(4)
        self._issued[code] = _Issued(now, _written(tool, arguments), effect, moment)
        return code

    def moment_of(self, code: str, tool: str, arguments: Mapping[str, Any]) -> datetime | None:
        """The moment of a preview: what was shown to end now ends then. None where it is no code of this call."""
        issued = self._issued.get(code)
        fits = issued and issued.call == _written(tool, arguments) and self._now() - issued.at <= VALID
        return issued.moment if issued and fits else None

    def redeem(self, code: str, tool: str, arguments: Mapping[str, Any], effect: str) -> bool:
        """Whether a code was given for this call and this effect, not too long ago, and not used yet."""
        issued = self._issued.get(code)
        if issued is None or self._now() - issued.at > VALID:
            return False
        if (issued.call, issued.effect) != (_written(tool, arguments), effect):
            return False
        del self._issued[code]
        return True


def _written(tool: str, arguments: Mapping[str, Any]) -> str:
    return json.dumps([tool, dict(arguments)], sort_keys=True, default=str)
