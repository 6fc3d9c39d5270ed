"""Which entries a call is about: the filters that all tools over many entries share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clockodo_mcp.api.models import BudgetType, EntryQuery
from clockodo_mcp.call import Call
from clockodo_mcp.domain.booking import billable_filter
from clockodo_mcp.domain.periods import Period
from clockodo_mcp.errors import Unreadable
from clockodo_mcp.reading.entries import EntryKind, Selection, as_shown
from clockodo_mcp.resolving import objects, several
from clockodo_mcp.resolving.finding import Finding, Found, Words, together


@dataclass(frozen=True)
class Wanted:
    """The filters of a call, as Clockodo takes them; a part of the texts, which it does not look for, and ids of which
    an entry has one, of which it takes no more than one.
    """

    filters: Mapping[str, Any]
    text: str = ""
    one_of: several.Ids = field(default_factory=dict)

    @property
    def users_id(self) -> int | None:
        """Whose entries; None for everybody's."""
        found: int | None = self.filters["users_id"]
        return found

    def over(self, span: Period, kind: EntryKind = "", **more: Any) -> Selection:
        """These filters over a period, with names and texts."""
        filters = {**self.filters, **more}
        asked = EntryQuery(time_since=span.start, time_until=span.last, enhanced_list=True, **filters)
        return Selection(asked, self.text, kind, self.one_of)


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
    reads: bool = True,
) -> Finding[Wanted]:
    """The filters that these arguments of a tool mean. `user='all'` is no filter.

    Where the call only `reads`, a name may mean all that it fits: `all Audit`.
    """
    place = several.places(customer, project, subproject, reads=reads)
    kind = several.services(service, reads=reads)
    pieces = several.lumpsum_services(lumpsum_service, reads=reads)
    whose = objects.any_user(user)
    state, budget, part = _billable(billable), _budget_type(budget_type), _part(text)

    async def make(_: Call) -> Wanted:
        ids = {**place.found.value, **kind.found.value, **pieces.found.value}
        single = {name: next(iter(each)) for name, each in ids.items() if len(each) == 1}
        return Wanted(
            {
                "users_id": whose.found.value,
                **single,
                "billable": state.found.value,
                "budget_type": budget.found.value,
            },
            part.found.value,
            {name: each for name, each in ids.items() if name not in single},
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
