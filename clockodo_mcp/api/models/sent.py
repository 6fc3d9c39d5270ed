"""What is sent about entries: new ones, changes, and what a list is asked for.

Source: seed document, "Manage entries"; OpenAPI `createEntryV2`, `getEntriesV2`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from clockodo_mcp.api.models.base import UtcMoment

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
