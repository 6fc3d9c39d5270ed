"""What all of Clockodo's objects share: tolerance, moments, paging."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer

from clockodo_mcp.api.wire import utc

FIRST, LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)


def _in_calendar(moment: datetime) -> datetime:
    """A moment with a day before and behind it: at the calendar's ends no zone could be reckoned with."""
    return min(max(moment, FIRST), LAST) if moment.tzinfo is not None else moment


UtcMoment = Annotated[datetime, PlainSerializer(utc, when_used="json")]
"""Read as an aware moment, written as `2021-06-30T12:34:56Z`."""

MomentOfEntry = Annotated[datetime, AfterValidator(_in_calendar)]
"""Where an entry begins or ends; what somebody booked at the calendar's ends is read a day or two within."""


class ClockodoObject(BaseModel):
    """What all objects share: unknown fields are ignored, values never change.

    Each is made ready at its first use, so that a start does not pay for all of them.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class Paging(ClockodoObject):
    """Where a page stands. What it says counts, not what was asked for."""

    items_per_page: int
    current_page: int
    count_pages: int
    count_items: int
