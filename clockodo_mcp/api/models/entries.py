"""Entries and groups of entries, as Clockodo answers them; and what is sent: new ones, changes, what is asked for.

Source: seed document, "Object type entry", "Manage entries"; OpenAPI schemas of the same names, `createEntryV2`,
`getEntriesV2`.
"""

from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, ValidationError

from clockodo_mcp.api.models.base import ClockodoObject, Paging, UtcMoment


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


FIRST, LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 31, 9, 59, 59, tzinfo=UTC)


def within_calendar(entry: Entry) -> Entry:
    """An entry; one of the calendar's first or last hours at a moment that every zone has, on the same day."""
    if 1 < entry.time_since.year < 9999 and (entry.time_until is None or 1 < entry.time_until.year < 9999):
        return entry
    moments = {"time_since": entry.time_since, "time_until": entry.time_until}
    return entry.model_copy(update={name: moment and min(max(moment, FIRST), LAST) for name, moment in moments.items()})


def is_at_the_end_of_time(entry: Entry) -> bool:
    """Whether an entry's moments may be others than it was read with, since no zone has them: see `within_calendar`."""
    return not {entry.time_since, entry.time_until}.isdisjoint({FIRST, LAST})


BoundedEntry = Annotated[Entry, AfterValidator(within_calendar)]
"""An entry that an answer is about."""


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
        page: EntryPage | _LabelledPage
        try:
            page = _LabelledPage.model_validate_json(body)
        except ValidationError:
            page = cls.model_validate_json(body)
        return cls.model_construct(paging=page.paging, entries=[*map(within_calendar, page.entries)])


class _LabelledPage(ClockodoObject):
    paging: Paging
    entries: list[LabelledEntry]


class OneEntry(ClockodoObject):
    """The answer of get, add and edit."""

    entry: BoundedEntry


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


BILLABLE_OR_BILLED = 12
"""Only as a filter of entries. Source: OpenAPI, `Billable`."""


class BudgetType(StrEnum):
    """`filter[budget_type]` in the seed document's words, which are what is sent."""

    STRICT = "strict"
    STRICT_COMPLETED = "strict-completed"
    STRICT_INCOMPLETE = "strict-incomplete"
    SOFT = "soft"
    SOFT_COMPLETED = "soft-completed"
    SOFT_INCOMPLETE = "soft-incomplete"
    WITHOUT = "without"
    WITHOUT_STRICT = "without-strict"


class NewEntryBase(BaseModel):
    """What `POST /v2/entries` takes for any kind of entry. Without `users_id` it is the caller's."""

    model_config = ConfigDict(defer_build=True)

    customers_id: int
    projects_id: int | None = None
    subprojects_id: int | None = None
    users_id: int | None = None
    billable: int
    time_since: UtcMoment
    text: str | None = None


class NewTimeEntry(NewEntryBase):
    """A time entry. `duration` in seconds, where it differs from the span; `hourly_rate` is money per hour."""

    services_id: int
    time_until: UtcMoment
    duration: int | None = None
    hourly_rate: float | None = None


class NewLumpsumValue(NewEntryBase):
    """A lump sum value; `lumpsum` is money."""

    services_id: int
    lumpsum: float


class NewLumpsumServiceEntry(NewEntryBase):
    """An entry with a lump sum service, by the piece."""

    lumpsum_services_id: int
    lumpsum_services_amount: float


NewEntry = NewTimeEntry | NewLumpsumValue | NewLumpsumServiceEntry


class EntryChange(BaseModel):
    """What `PUT /v2/entries/{id}` takes. Only what was set is sent; None empties a place or the text."""

    customers_id: int | None = None
    projects_id: int | None = None
    subprojects_id: int | None = None
    services_id: int | None = None
    lumpsum_services_id: int | None = None
    users_id: int | None = None
    billable: int | None = None
    text: str | None = None
    duration: int | None = None
    lumpsum: float | None = None
    lumpsum_services_amount: float | None = None
    hourly_rate: float | None = None
    time_since: UtcMoment | None = None
    time_until: UtcMoment | None = None

    def body(self) -> dict[str, object]:
        """As it is sent: Clockodo has no null, 0 empties an id and "" a text. Source: OpenAPI `updateEntryByIdV2`."""
        sent: dict[str, object] = self.model_dump(mode="json", exclude_unset=True)
        return {name: ("" if name == "text" else 0) if value is None else value for name, value in sent.items()}


class EntryQuery(BaseModel):
    """Every parameter of `GET /v2/entries` but the page. `time_since` and `time_until` are required by Clockodo.

    `text` and `texts_id` are two ways to say the same filter. `calc_also_revenues_for_projects_with_hard_budget`
    counts only with `enhanced_list`.
    """

    model_config = ConfigDict(frozen=True)

    time_since: datetime
    time_until: datetime
    users_id: int | None = None
    customers_id: int | None = None
    projects_id: int | None = None
    subprojects_id: int | None = None
    services_id: int | None = None
    lumpsum_services_id: int | None = None
    billable: Literal[0, 1, 2, 12] | None = None
    text: str | None = None
    texts_id: int | None = None
    budget_type: BudgetType | None = None
    calc_also_revenues_for_projects_with_hard_budget: bool | None = None
    enhanced_list: bool | None = None

    def filters(self) -> dict[str, str | int | None]:
        """What goes into `filter[...]`; the same for entries and entrygroups."""
        return self.model_dump(
            exclude={
                "time_since",
                "time_until",
                "enhanced_list",
                "calc_also_revenues_for_projects_with_hard_budget",
            }
        )
