"""Which entries a call is about: the filters that all tools over many entries share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clockodo_mcp.api.models import BudgetType, EntryQuery
from clockodo_mcp.call import Call
from clockodo_mcp.domain.booking import billable_filter
from clockodo_mcp.domain.periods import Period
from clockodo_mcp.errors import Unreadable
from clockodo_mcp.reading.entries import EntryKind, Selection, as_shown
from clockodo_mcp.resolving import objects, places
from clockodo_mcp.resolving.finding import Finding, Found, Words, together


@dataclass(frozen=True)
class Wanted:
    """The filters of a call, as Clockodo takes them; and a part of the texts, which it does not look for."""

    filters: Mapping[str, Any]
    text: str = ""

    @property
    def users_id(self) -> int | None:
        """Whose entries; None for everybody's."""
        found: int | None = self.filters["users_id"]
        return found

    def over(self, span: Period, kind: EntryKind = "", **more: Any) -> Selection:
        """These filters over a period, with names and texts."""
        filters = {**self.filters, **more}
        asked = EntryQuery(time_since=span.start, time_until=span.last, enhanced_list=True, **filters)
        return Selection(asked, self.text, kind)


def entries(
    *,
    user: str,
    customer: str,
    project: str,
    subproject: str,
    service: str,
    lumpsum_service: str,
    billable: str,
    text: str,
    budget_type: str,
) -> Finding[Wanted]:
    """The filters that these arguments of a tool mean. `user='all'` is no filter."""
    place = places.named(customer, project, subproject)
    kind, pieces = objects.named_service(service), objects.lump_sum_service(lumpsum_service)
    whose = objects.any_user(user)
    state, budget, part = _billable(billable), _budget_type(budget_type), _part(text)

    async def make(_: Call) -> Wanted:
        at = place.found.value
        return Wanted(
            {
                "users_id": whose.found.value,
                "customers_id": at.customers_id,
                "projects_id": at.projects_id,
                "subprojects_id": at.subprojects_id,
                "services_id": kind.found.value,
                "lumpsum_services_id": pieces.found.value,
                "billable": state.found.value,
                "budget_type": budget.found.value,
            },
            part.found.value,
        )

    return together((place, kind, pieces, whose, state, budget, part), make)


def of_person(users_id: int | None) -> Wanted:
    """Everything of a person; None for everybody's."""
    return Wanted({"users_id": users_id})


def _billable(word: str) -> Finding[int | None]:
    async def look(_: Call, __: Words) -> Found[int | None]:
        return Found(billable_filter(word))

    return Finding(look)


def _part(text: str) -> Finding[str]:
    async def look(_: Call, __: Words) -> Found[str]:
        if text and not as_shown(text):
            # What shows nothing is in every text.
            raise Unreadable("give a part of the text that can be seen, or leave it out.", argument="text", value=text)
        return Found(text)

    return Finding(look)


def _budget_type(word: str) -> Finding[BudgetType | None]:
    async def look(_: Call, __: Words) -> Found[BudgetType | None]:
        try:
            return Found(BudgetType(word.strip().lower()) if word else None)
        except ValueError:
            why = f"use one of {', '.join(BudgetType)}."
            raise Unreadable(why, argument="budget_type", value=word) from None

    return Finding(look)
