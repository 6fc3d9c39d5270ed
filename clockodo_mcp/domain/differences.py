"""Whether an entry is what was asked for, and how two states of an entry differ. Names and timestamps do not count."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import TypeAdapter

from clockodo_mcp.api.models import Entry, EntryChange, NewEntry, NewTimeEntry, TimeEntry

NEW: TypeAdapter[NewEntry] = TypeAdapter(NewEntry)

FIELDS = (
    "customers_id", "projects_id", "subprojects_id", "services_id", "lumpsum_services_id", "users_id", "billable",
    "time_since", "time_until", "duration", "lumpsum", "lumpsum_services_amount", "hourly_rate", "text",
)  # fmt: skip
"""What can be changed about an entry."""

LASTING = {
    "customers_id", "projects_id", "subprojects_id", "services_id", "lumpsum_services_id", "users_id", "time_since",
    "time_until", "lumpsum", "lumpsum_services_amount", "text",
}  # fmt: skip
"""By which a new entry is known again: Clockodo may set the others itself (rate, billable, a rounded duration)."""


def value_of(entry: Entry, field: str) -> object:
    """A field of an entry as it compares: a lump sum has no duration, equal texts are equal without their spacing."""
    return comparable(getattr(entry, field, None))


def comparable(value: object) -> object:
    """A value without what Clockodo may write differently: fractions of a second, spacing, cents of cents."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    if isinstance(value, str):
        return " ".join(value.split()) or None
    return round(value, 2) if isinstance(value, float) else value


def is_booking_of(entry: Entry, new: NewEntry, users_id: int) -> bool:
    """Whether an entry is what a `POST` with `new` stores for that person. The entry is from an enhanced list."""
    sent = {"users_id": users_id} | new.model_dump(exclude_none=True)
    if (entry.kind == "time") != isinstance(new, NewTimeEntry):
        return False
    return all(value_of(entry, field) == comparable(sent.get(field)) for field in LASTING)


def not_taken(entry: Entry, asked: NewEntry | EntryChange) -> list[str]:
    """The fields that were sent and are stored with another value. Without the text where the entry came without it."""
    sent = asked.model_dump(exclude_unset=True)
    return [
        field
        for field in FIELDS
        if field in sent
        and not (sent[field] is None and not isinstance(asked, EntryChange))
        and not unknown(entry, field)
        and value_of(entry, field) != comparable(sent[field])
    ]


def unknown(entry: Entry, field: str) -> bool:
    """Whether a state does not tell a field: the rate without the right to see it, the text outside of lists."""
    if field == "text":
        return entry.text is None and entry.texts_id is not None
    return field == "hourly_rate" and isinstance(entry, TimeEntry) and entry.hourly_rate is None


def differences(before: Entry, after: Entry, fields: Iterable[str] = FIELDS) -> dict[str, tuple[object, object]]:
    """The fields in which two states differ, with both values; where one does not tell a field, it is equal.

    Texts are compared by their ids, which every answer has.
    """
    found: dict[str, tuple[object, object]] = {}
    for field in fields:
        one = "texts_id" if field == "text" else field
        a, b = value_of(before, one), value_of(after, one)
        if a != b and not (field == "hourly_rate" and None in (a, b)):
            found[field] = (getattr(before, field, None), getattr(after, field, None))
    return found


def restoring(before: Entry, changed: Iterable[str]) -> EntryChange:
    """The edit that gives the changed fields their old values; what was empty becomes empty again."""
    return EntryChange.model_validate({field: getattr(before, field, None) for field in changed})


def booking_of(entry: Entry) -> NewEntry:
    """What creates an entry again as it was. It gets a new id."""
    fields = {name: getattr(entry, name, None) for name in FIELDS}
    return NEW.validate_python({name: value for name, value in fields.items() if value is not None})
