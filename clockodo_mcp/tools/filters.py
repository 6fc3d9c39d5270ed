"""Which entries a call is about: the filters that all tools over many entries share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from mcp.server.mcpserver.resolve import Resolve

from clockodo_mcp.api.models import BudgetType, EntryQuery
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.periods import Period
from clockodo_mcp.domain.place import Place
from clockodo_mcp.tools.arguments import billable_filter
from clockodo_mcp.tools.parameters import (
    Found,
    desk_to_read,
    named_lumpsum_service,
    named_place,
    named_service,
    named_user,
)


@dataclass(frozen=True)
class Wanted:
    """The filters of a call, as Clockodo takes them, and notes about how words were read."""

    filters: Mapping[str, Any]
    notes: list[str] = field(default_factory=list)

    def query(self, span: Period, **more: Any) -> EntryQuery:
        """These filters over a period, with names and texts."""
        return EntryQuery(time_since=span.start, time_until=span.last, enhanced_list=True, **{**self.filters, **more})


async def entries_wanted(
    desk: Annotated[Desk, Resolve(desk_to_read)],
    place: Annotated[Place, Resolve(named_place)],
    of_service: Annotated[Found, Resolve(named_service)],
    of_lumpsum_service: Annotated[Found, Resolve(named_lumpsum_service)],
    of_user: Annotated[Found, Resolve(named_user)],
    billable: str,
    text: str,
    budget_type: str,
) -> Wanted:
    """The filters that the arguments `user`, `customer` … `budget_type` of a tool mean. `user='all'` is no filter.

    Raises:
        Unreadable: a word of `billable` or `budget_type` is none.
    """
    filters = {
        "users_id": of_user[0],
        "customers_id": place.customers_id,
        "projects_id": place.projects_id,
        "subprojects_id": place.subprojects_id,
        "services_id": of_service[0],
        "lumpsum_services_id": of_lumpsum_service[0],
        "billable": billable_filter(billable),
        "text": text or None,
        "budget_type": _budget_type(budget_type),
    }
    return Wanted(filters, [*place.notes, *of_service[1], *of_lumpsum_service[1], *of_user[1]])


EntriesWanted = Annotated[Wanted, Resolve(entries_wanted)]


def _budget_type(word: str) -> BudgetType | None:
    if not word:
        return None
    try:
        return BudgetType(word.strip().lower())
    except ValueError:
        raise Unreadable("budget_type", word, f"use one of {', '.join(BudgetType)}.", budget_type="strict") from None
