"""What the commands log: to stderr, without the key; stdout belongs to the protocol."""

import logging
import sys

from clockodo_mcp.config import Settings
from clockodo_mcp.keychain import Key


def log_to_stderr(settings: Settings, level: int) -> None:
    """From now on: warnings and tracebacks of our own bugs, or more."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskingFormatter(settings.api_key))
    logging.basicConfig(level=level, handlers=[handler], force=True)


class MaskingFormatter(logging.Formatter):
    """Formats a record, its traceback included, with the key replaced."""

    def __init__(self, key: Key) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._key = key

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return self._key.hidden_in(super().format(record))
