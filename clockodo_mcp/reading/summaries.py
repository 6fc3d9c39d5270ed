"""Sums over entries in groups: from Clockodo's own groups where it has them, else from every entry."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.account.catalogue import Catalog
from clockodo_mcp.api.client import Clockodo, at_once
from clockodo_mcp.api.models import BILLABLE_OR_BILLED, Entry, EntryQuery
from clockodo_mcp.domain.group_tree import UnknownGroup, asked_of_clockodo, groups_of_tree
from clockodo_mcp.domain.groups import OF_TIME, Calendar, Groups, adding
from clockodo_mcp.reading.entries import AMONG, Selection

Told = Callable[[int, int], Awaitable[None]]
"""Hears how many entries are read, and of how many."""


@dataclass
class Summed:
    """The groups of each span that was asked for, and why entries were read one by one where that needs a word."""

    groups: list[Groups]
    notes: list[str] = field(default_factory=list)


async def summed(
    clockodo: Clockodo,
    catalog: Catalog,
    asked: Sequence[Selection],
    levels: tuple[str, ...],
    caller: Caller,
    told: Told,
) -> Summed:
    """The groups of each selection. One request for each where Clockodo can group; else every page, in constant memory.

    Clockodo's days are those of the account's zone; weekdays, and weeks that begin on Sunday, are added up from them.
    """
    calendar = calendar_of(caller)
    reason = why_not_by_clockodo(asked, levels, caller, calendar)
    if reason is None:
        found: dict[int, Groups] = {}

        async def ask(number: int, query: EntryQuery) -> None:
            found[number] = await by_clockodo(clockodo, query, levels, calendar)

        try:
            await at_once(*(partial(ask, number, one.asked) for number, one in enumerate(asked)))
            return Summed(await finished([found[number] for number in range(len(asked))], catalog))
        except UnknownGroup as unknown:
            reason = f"Every entry was read, since Clockodo named a {unknown} in a form that is not known here."
    added, before = [], 0
    for selection in asked:
        one, read = await by_entries(clockodo, selection, levels, calendar, told, before)
        added.append(one)
        before += read
    groups = await finished(added, catalog)
    for one in groups:
        await _name_lumpsum_services(one, catalog)
    return Summed(groups, [reason] if reason else [])


def calendar_of(caller: Caller) -> Calendar:
    """Where the caller's days and weeks begin."""
    return Calendar(caller.zone, caller.user.weekstart_monday)


def why_not_by_clockodo(
    asked: Sequence[Selection], levels: tuple[str, ...], caller: Caller, calendar: Calendar
) -> str | None:
    """Why Clockodo cannot group so, as a note, which is empty where the question says it; None where it can."""
    if caller.zone.key != caller.user.timezone and any(level in OF_TIME for level in levels):
        return (
            f"Every entry was read, since Clockodo's days are those of {caller.user.timezone} and CLOCKODO_TIMEZONE "
            f"is {caller.zone.key}."
        )
    # Two levels that would both be asked for as days, which Clockodo groups by once.
    grouping = asked_of_clockodo(levels, calendar)
    by_groups = len(set(grouping)) == len(grouping) and all(one.is_for_clockodo for one in asked)
    return None if by_groups else ""


async def by_clockodo(clockodo: Clockodo, asked: EntryQuery, levels: tuple[str, ...], calendar: Calendar) -> Groups:
    """The groups of a query in one request, which groups by more, for the billable share and the rate; not `finished`.

    `entrygroups` does not know "billable or billed" as a filter, so all are grouped and the wanted groups added. Its
    `round_to_minutes` is not sent: no document says what it rounds, and totals are to be exact.

    Raises:
        UnknownGroup: the answer has keys that cannot be read.
    """
    among = AMONG[asked.billable]
    unfiltered = asked.model_copy(update={"billable": None}) if asked.billable == BILLABLE_OR_BILLED else asked
    tree = await clockodo.entrygroups(unfiltered, asked_of_clockodo(levels, calendar))
    return groups_of_tree(levels, tree, among=among, calendar=calendar)


async def finished(found: Sequence[Groups], catalog: Catalog) -> list[Groups]:
    """With what Clockodo leaves out of the revenue, unless it is asked for: that of projects with a hard budget.

    Source: OpenAPI, `calc_also_revenues_for_projects_with_hard_budget` of `entries` and `entrygroups`.
    """
    if any(groups.silent for groups in found):
        projects = await catalog.projects.names(fresh=True)  # of a budget that was changed a minute ago, too
        hard = {one.id for one in projects.items if one.budget and one.budget.hard}
        for groups in found:
            groups.leave_out(hard)
    return [groups.finished() for groups in found]


async def by_entries(
    clockodo: Clockodo, selection: Selection, levels: tuple[str, ...], calendar: Calendar, told: Told, before: int = 0
) -> tuple[Groups, int]:
    """The groups of a selection from every entry of it, and how many there were; `before` were read before these.

    Not `finished`.
    """
    read = 0

    async def tell(entries: int, of: int) -> None:
        nonlocal read
        read = of
        await told(before + entries, before + of)

    add = adding(levels, calendar)

    def take(groups: Groups, entries: list[Entry]) -> Groups:
        return add(groups, selection.among(entries))

    return await clockodo.fold_entries(selection.asked, lambda: Groups(levels), take, told=tell), read


async def _name_lumpsum_services(groups: Groups, catalog: Catalog) -> None:
    """Lump sum services by their names, which no list of entries carries."""
    if "lumpsum_services_id" in groups.levels:
        at = groups.levels.index("lumpsum_services_id")
        for key in {path[at] for path in groups.sums}:
            if isinstance(key, int) and (found := await catalog.lumpsum_services.by_id(key)):
                groups.names["lumpsum_services_id", key] = found.name
