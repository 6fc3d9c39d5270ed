"""Clockodo's objects, with Clockodo's names.

Tolerant of what they do not know: unknown fields are ignored, and what may be absent is `None`, never zero.
Moments are aware and in UTC. Source: seed document, "Object type entry"; OpenAPI schemas of the same names.
"""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Annotated, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, PlainSerializer, ValidationError

from clockodo_mcp.api.wire import utc

UtcMoment = Annotated[datetime, PlainSerializer(utc, when_used="json")]
"""Read as an aware moment, written as `2021-06-30T12:34:56Z`."""

T = TypeVar("T")


class Billable(IntEnum):
    """Whether an entry is billable. Source: seed document, `billable`."""

    NOT_BILLABLE = 0
    BILLABLE = 1
    BILLED = 2


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


class ClockodoObject(BaseModel):
    """What all objects share: unknown fields are ignored, values never change.

    Each is made ready at its first use, so that a start does not pay for all of them.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


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
    """Type 3: `lumpsum_services_amount` times the service's price."""

    kind = "service"

    type: Literal[3] = 3
    lumpsum_services_id: int
    lumpsum_services_amount: float
    lumpsum_services_price: float | None = None
    services_name: str | None = None


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


class Paging(ClockodoObject):
    """Where a page stands. What it says counts, not what was asked for."""

    items_per_page: int
    current_page: int
    count_pages: int
    count_items: int


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


class Named(ClockodoObject):
    """What every object of the catalogue has."""

    id: int
    name: str
    number: str | None = None
    active: bool = True

    @property
    def closed(self) -> str:
        """Why nothing new may be booked on it: `inactive`, `completed`, or an empty string."""
        return "" if self.active else "inactive"


class Customer(Named):
    """`GET /v3/customers`."""

    billable_default: bool = True


class Budget(ClockodoObject):
    """A project's budget; `amount` is money where `monetary`, else hours.

    With an `interval` (0 weekly, 1 monthly, 2 quarterly, 3 yearly) the amount is there again in each of them. Source:
    OpenAPI `BudgetInterval`. A budget `from_subprojects` has no amount of its own.
    """

    monetary: bool = False
    hard: bool = False
    amount: float | None = None
    interval: int | None = None
    from_subprojects: bool = False


class Completable(Named):
    """What can be completed, and is then closed."""

    billable_default: bool = True
    completed: bool = False

    @property
    def closed(self) -> str:
        """As of any object, and `completed`."""
        return super().closed or ("completed" if self.completed else "")


class Project(Completable):
    """`GET /v4/projects`. It belongs to one customer."""

    customers_id: int
    deadline: date | None = None
    budget: Budget | None = None


class Subproject(Completable):
    """`GET /v3/subprojects`. It belongs to one project."""

    projects_id: int


class Service(Named):
    """`GET /v4/services`: the kind of work."""


class LumpsumService(Named):
    """`GET /v4/lumpSumServices`: something sold by the piece; `price` per `unit`."""

    price: float | None = None
    unit: str | None = None


class User(Named):
    """`GET /v3/users`, and as the caller `GET /v4/users/me`."""

    email: str | None = None
    role: str | None = None
    timezone: str = "UTC"
    language: str = "en"
    weekstart_monday: bool = True
    timeformat_12h: bool = False
    edit_lock: date | None = None


class Me(ClockodoObject):
    """The answer of `GET /v4/users/me`."""

    data: User


class CatalogPage(ClockodoObject, Generic[T]):
    """One page of a list of the catalogue. `paging` is absent where a list comes whole."""

    data: list[T]
    paging: Paging | None = None


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
    """What `PUT /v2/entries/{id}` takes. Only what was set is sent; None empties."""

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
