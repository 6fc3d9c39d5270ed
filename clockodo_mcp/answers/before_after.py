"""How two states of an entry differ, in words: `hours 2:00 → 1:30, text 'a' → 'b'`."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from clockodo_mcp.api.models import Entry
from clockodo_mcp.cells import quoted
from clockodo_mcp.domain.booking import billable_word
from clockodo_mcp.domain.moments import hours
from clockodo_mcp.speech import Said, joined, say

WORDS = {
    "customers_id": "customer",
    "projects_id": "project",
    "subprojects_id": "subproject",
    "services_id": "service",
    "lumpsum_services_id": "lump sum service",
    "users_id": "user",
    "time_since": "start",
    "time_until": "end",
    "duration": "hours",
    "lumpsum_services_amount": "amount",
}
"""Fields whose word for people is another one than Clockodo's."""


def described(changed: Mapping[str, tuple[object, object]], before: Entry, after: Entry, zone: ZoneInfo) -> Said:
    """The fields that differ, each with its value before and after. Texts are cells."""
    return joined(
        ", ",
        (
            joined(" ", (word(field), said(field, old, before, zone), "→", said(field, new, after, zone)))
            for field, (old, new) in changed.items()
        ),
    )


def word(field: str) -> Said:
    """A field's word for people."""
    return say(WORDS.get(field, field.replace("_", " ")))


def said(field: str, value: object, of: Entry, zone: ZoneInfo) -> str:
    """One value: a name where the entry tells it, local times, hours, words."""
    name = getattr(of, field.removesuffix("_id") + "_name", None) if field.endswith("_id") else None
    if name:
        return quoted(str(name))
    if value is None:
        return say("nothing")
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if field == "billable" and isinstance(value, int):
        return billable_word(value)
    if field == "duration" and isinstance(value, int):
        return hours(value)
    return f"{value:,.2f}" if isinstance(value, float) else quoted(value) if isinstance(value, str) else str(value)
