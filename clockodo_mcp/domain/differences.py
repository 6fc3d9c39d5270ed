"""Whether an entry is what was asked for, and how two states of an entry differ. Names and timestamps do not count."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from pydantic import ConfigDict, TypeAdapter

from clockodo_mcp.api.models import Entry, EntryChange, NewEntry, NewTimeEntry, TimeEntry
from clockodo_mcp.api.models.clock import ClockStart

NEW: TypeAdapter[NewEntry] = TypeAdapter(NewEntry, config=ConfigDict(defer_build=True))

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
    """A field of an entry as it compares: a lump sum has no duration, equal texts are equal without their spacing.

    The id 0 is none: that is how Clockodo empties a field.
    """
    value = comparable(getattr(entry, field, None))
    return value or None if field.endswith("_id") else value


def comparable(value: object) -> object:
    """A value without what Clockodo may write differently: fractions of a second, spacing, cents of cents."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    if isinstance(value, str):
        return unicodedata.normalize("NFC", " ".join(value.split())) or None
    return round(value, 2) if isinstance(value, float) else value


def state_of(entry: Entry) -> str:
    """Equal as long as nothing of an entry was changed, as lists tell it; names of what it is on are not its own."""
    names = {name for name in type(entry).model_fields if name.endswith("_name")}
    return sha256(entry.model_dump_json(exclude=names | {"revenue"}).encode()).hexdigest()[:16]


def is_like(entry: Entry, new: NewEntry, users_id: int) -> bool:
    """Whether an entry could be what a `POST` with `new` stored, if Clockodo wrote some of it in its own way."""
    sent = {"users_id": users_id} | new.model_dump(exclude_none=True)
    same_kind = (entry.kind == "time") == isinstance(new, NewTimeEntry)
    return same_kind and all(
        value_of(entry, field) == comparable(sent.get(field)) for field in ("users_id", "customers_id", "time_since")
    )


def is_booking_of(entry: Entry, new: NewEntry, users_id: int) -> bool:
    """Whether an entry is what a `POST` with `new` stores for that person. The entry is from an enhanced list."""
    sent = {"users_id": users_id} | new.model_dump(exclude_none=True)
    if (entry.kind == "time") != isinstance(new, NewTimeEntry):
        return False
    # A lump sum may come back with an end, which nobody has sent.
    fields = LASTING if isinstance(new, NewTimeEntry) else LASTING - {"time_until"}
    return all(value_of(entry, field) == comparable(sent.get(field)) for field in fields)


def is_start_of(entry: Entry, new: ClockStart) -> bool:
    """Whether an entry is booked where a start of the clock said. The entry is from an enhanced list.

    When it began does not count: that can be moved, and Clockodo sets it where nothing was said.
    """
    fields = ("customers_id", "projects_id", "subprojects_id", "services_id", "text")
    return entry.kind == "time" and all(value_of(entry, field) == comparable(getattr(new, field)) for field in fields)


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


def chosen_otherwise(entry: Entry, asked: NewEntry, caller: int) -> list[str]:
    """What the same call, delivered before, has booked the entry on, and now would not: a choice has become another."""
    meant = asked.model_copy(update={"users_id": asked.users_id or caller})
    ids = (field for field in FIELDS if field.endswith("_id"))
    return [field for field in ids if value_of(entry, field) != (getattr(meant, field, None) or None)]


def unknown(entry: Entry, field: str) -> bool:
    """Whether a state does not tell a field: the rate without the right to see it, the text outside of lists."""
    if field == "text":
        return entry.text is None and bool(entry.texts_id)
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


def edited(before: Entry, after: Entry) -> dict[str, tuple[object, object]]:
    """As `differences`, without the end that stopping the clock gives an entry: that is no edit."""
    stopped = isinstance(before, TimeEntry) and isinstance(after, TimeEntry) and before.running and not after.running
    return differences(before, after, [one for one in FIELDS if not (stopped and one in ("time_until", "duration"))])


TIMES = {"time_since", "time_until", "duration"}
"""Given together always: Clockodo makes a missing duration anew, and a break in it would be lost."""


def restoring(before: Entry, after: Entry, sent: Iterable[str]) -> EntryChange:
    """The edit that takes a change back: the fields that it sent get their old values, what was empty is empty again.

    Only those, since others may be somebody else's by now; and the rate, where it changed with the place or service.
    """
    fields = {*sent}
    if fields & TIMES and isinstance(before, TimeEntry) and not before.running:
        fields |= TIMES
    if "hourly_rate" in differences(before, after) and fields & {"customers_id", "projects_id", "services_id"}:
        fields.add("hourly_rate")
    return EntryChange.model_validate({field: getattr(before, field, None) for field in FIELDS if field in fields})


def with_text(after: Entry, before: Entry | None, sent: Mapping[str, object]) -> Entry:
    """An entry as an answer to a write has it, with its text, which only lists carry: what was sent, or was before."""
    if after.text is not None or not after.texts_id:
        return after
    known = sent.get("text") or (before.text if before and before.texts_id == after.texts_id else None)
    return after.model_copy(update={"text": known}) if isinstance(known, str) else after


def taken(before: Entry, entry: Entry, asked: EntryChange) -> bool:
    """Whether an edit has happened, wholly or in part: some field that it sent is as asked and was not before.

    An edit that changed nothing has happened, too.
    """
    sent = asked.model_dump(exclude_unset=True)
    moved = [
        field
        for field in sent
        if value_of(entry, field) == comparable(sent[field]) != value_of(before, field) and not unknown(entry, field)
    ]
    return bool(moved) or not not_taken(entry, asked)


def booking_of(entry: Entry) -> NewEntry:
    """What creates an entry again as it was. It gets a new id."""
    fields = {name: getattr(entry, name, None) for name in FIELDS}
    return NEW.validate_python({name: value for name, value in fields.items() if value is not None})
