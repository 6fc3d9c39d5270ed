"""Entries and groups of entries, as Clockodo answers them.

Source: seed document, "Object type entry"; OpenAPI schemas of the same names.
"""

from datetime import datetime
from enum import IntEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, ValidationError

from clockodo_mcp.api.models.base import ClockodoObject, Paging


class Billable(IntEnum):
    """Whether an entry is billable. Source: seed document, `billable`."""

    NOT_BILLABLE = 0
    BILLABLE = 1
    BILLED = 2


class EntryBase(ClockodoObject):
    """What all three kinds of entry have.

    The names, `text` and `revenue` come in lists with `enhanced_list` only, `revenue` with the access right only.
    """

    kind: ClassVar[Literal["time", "value", "service"]]

    id: int
    customers_id: int
    projects_id: int | None = None
    subprojects_id: int | None = None
    users_id: int
    billable: int
    texts_id: int | None = None
    time_since: datetime
    time_until: datetime | None = None
    time_insert: datetime | None = None
    time_last_change: datetime | None = None
    customers_name: str | None = None
    projects_name: str | None = None
    subprojects_name: str | None = None
    users_name: str | None = None
    text: str | None = None
    revenue: float | None = None


class TimeEntry(EntryBase):
    """Type 1. `duration` in seconds; it and `time_until` are None while it runs. `hourly_rate` may be absent."""

    kind = "time"

    type: Literal[1] = 1
    lumpsum: None = None
    lumpsum_services_id: None = None
    services_id: int | None = None
    services_name: str | None = None
    duration: int | None = None
    offset: int = 0
    clocked: bool = False
    clocked_offline: bool = False
    time_clocked_since: datetime | None = None
    hourly_rate: float | None = None

    @property
    def running(self) -> bool:
        """Whether the clock runs on this entry."""
        return self.time_until is None


class LumpsumValue(EntryBase):
    """Type 2: `lumpsum` is an amount of money."""

    kind = "value"

    type: Literal[2] = 2
    lumpsum_services_id: None = None
    services_id: int | None = None
    services_name: str | None = None
    lumpsum: float


class LumpsumServiceEntry(EntryBase):
    """Type 3: `lumpsum_services_amount` times the service's price. `unit` is the catalogue's, and in no answer."""

    kind = "service"

    type: Literal[3] = 3
    lumpsum_services_id: int
    lumpsum_services_amount: float
    lumpsum_services_price: float | None = None
    services_name: str | None = None
    unit: str | None = None


def _relabelled(value: object) -> object:
    """The same fields under the `type` that they show."""
    if not isinstance(value, dict):
        return value
    if value.get("lumpsum_services_id") is not None:
        return {**value, "type": 3}
    return {**value, "type": 1 if value.get("lumpsum") is None else 2}


LabelledEntry = Annotated[TimeEntry | LumpsumValue | LumpsumServiceEntry, Discriminator("type")]
"""An entry whose `type` and fields agree."""

Entry = Annotated[LabelledEntry, BeforeValidator(_relabelled)]
"""Any entry, told apart by its fields: sources disagree about `type`, and it may be mislabelled."""


class EntryPage(ClockodoObject):
    """One page of `GET /v2/entries`."""

    paging: Paging
    entries: list[Entry]

    @classmethod
    def read(cls, body: bytes) -> "EntryPage":
        """A page out of JSON.

        The label `type` is tried first, which halves the time of a page. An entry under a wrong label does not pass
        as that type, and then the fields decide for the whole page.

        Raises:
            pydantic.ValidationError: it is no page of entries.
        """
        try:
            labelled = _LabelledPage.model_validate_json(body)
        except ValidationError:
            return cls.model_validate_json(body)
        return cls.model_construct(paging=labelled.paging, entries=labelled.entries)


class _LabelledPage(ClockodoObject):
    paging: Paging
    entries: list[LabelledEntry]


class OneEntry(ClockodoObject):
    """The answer of get, add and edit."""

    entry: Entry


class Deleted(ClockodoObject):
    """The answer of a deletion: anything but true is none."""

    success: Literal[True]


class EntryGroup(ClockodoObject):
    """One group of `GET /v2/entrygroups`. `duration` in seconds; `revenue` includes lump sums, None where not visible.

    `group` is a string, but the number 0 for what has no project: read as a string always.
    """

    group: Annotated[str, BeforeValidator(str)]
    name: str | None = None
    grouped_by: str = ""
    duration: int = 0
    revenue: float | None = None
    sub_groups: list["EntryGroup"] | None = None


class EntryGroups(ClockodoObject):
    """The answer of `GET /v2/entrygroups`."""

    groups: list[EntryGroup]
