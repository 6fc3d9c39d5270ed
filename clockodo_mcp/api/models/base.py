"""What all of Clockodo's objects share: tolerance, moments, paging."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from clockodo_mcp.api.wire import utc

UtcMoment = Annotated[datetime, PlainSerializer(utc, when_used="json")]
"""Read as an aware moment, written as `2021-06-30T12:34:56Z`."""


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
