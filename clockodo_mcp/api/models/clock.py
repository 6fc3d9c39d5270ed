"""Clockodo's objects around working days: the clock, absences, target hours, public holidays.

Tolerant like `api.models`. Source: OpenAPI schemas of the same names.
"""

from datetime import date
from enum import IntEnum
from typing import Literal

from pydantic import BaseModel

from clockodo_mcp.api.models.base import ClockodoObject, UtcMoment
from clockodo_mcp.api.models.entries import BoundedEntry


class Clock(ClockodoObject):
    """`GET /v2/clock`, and the answer of a start or a stop. Entries are without names and text, as one entry's get is.

    `running` is None where nothing runs; `stopped` is what a start or a stop ended, and `stopped_has_been_truncated`
    says that it was cut at 24 hours.
    """

    running: BoundedEntry | None = None
    stopped: BoundedEntry | None = None
    stopped_has_been_truncated: bool = False


class ClockMoved(ClockodoObject):
    """The answer of `PUT /v2/clock/{id}`."""

    updated: BoundedEntry


class ClockStart(BaseModel):
    """What `POST /v2/clock` takes. Without `time_since` it starts now, without `billable` as the project's default."""

    customers_id: int
    services_id: int
    projects_id: int | None = None
    subprojects_id: int | None = None
    billable: int | None = None
    text: str | None = None
    time_since: UtcMoment | None = None


YEARS = range(2000, 2038)
"""The years of which absences and public holidays can be asked for. Source: OpenAPI `getAbsencesV4`,
`getUsersNonbusinessDaysV2`.
"""


class AbsenceStatus(IntEnum):
    """Whether an absence counts. Source: OpenAPI `AbsenceStatus`."""

    REQUESTED = 0
    APPROVED = 1
    DECLINED = 2
    APPROVAL_CANCELLED = 3
    REQUEST_CANCELLED = 4


class Absence(ClockodoObject):
    """One absence, both days included. `type` is absent without the right to see it; `count_days` may be half.

    A reduction of overtime has `count_hours` instead of `count_days`.
    """

    id: int
    users_id: int
    date_since: date
    date_until: date
    type: int | None = None
    status: int = AbsenceStatus.APPROVED
    count_days: float | None = None
    count_hours: float | None = None


class Absences(ClockodoObject):
    """The answer of `GET /v4/absences`."""

    data: list[Absence]


class TargetHours(ClockodoObject):
    """How many hours a weekday has, from a day to a day (None: open). `type` weekly, or monthly without weekdays."""

    id: int
    users_id: int
    type: Literal["weekly", "monthly"] = "weekly"
    date_since: date
    date_until: date | None = None
    monday: float | None = None
    tuesday: float | None = None
    wednesday: float | None = None
    thursday: float | None = None
    friday: float | None = None
    saturday: float | None = None
    sunday: float | None = None


class TargetHoursList(ClockodoObject):
    """The answer of `GET /targethours`."""

    targethours: list[TargetHours]


class NonbusinessDay(ClockodoObject):
    """One public holiday of a year. `evaluated_date` where it moves, else `day` and `month`."""

    name: str
    half_day: bool = False
    evaluated_date: date | None = None
    day: int | None = None
    month: int | None = None

    def on(self, year: int) -> date | None:
        """Its date in a year; None where the answer does not tell it."""
        if self.evaluated_date is not None:
            return self.evaluated_date
        return date(year, self.month, self.day) if self.month and self.day else None


class UsersNonbusinessDays(ClockodoObject):
    """The holidays of one co-worker."""

    users_id: int
    days: list[NonbusinessDay]
