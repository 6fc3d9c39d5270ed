"""Entries that share time."""

from collections.abc import Iterable
from datetime import datetime

from clockodo_mcp.api.models import Entry, TimeEntry


def overlapping(entry: Entry, others: Iterable[Entry], now: datetime) -> list[Entry]:
    """The other time entries of the same person that share time with this one; a running one lasts until now."""
    if not isinstance(entry, TimeEntry):
        return []
    end = entry.time_until or now
    return [
        other
        for other in others
        if isinstance(other, TimeEntry)
        and other.id != entry.id
        and other.users_id == entry.users_id
        and other.time_since < end
        and entry.time_since < (other.time_until or now)
    ]
