"""One object for one word, or an error with the choices; the service that habit gives where none is named."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

from clockodo_mcp.account.catalogue import Catalog, CatalogList, is_id
from clockodo_mcp.account.habits import HABIT_DAYS, Habits, Use, usual_service
from clockodo_mcp.api.models import Named, Service
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.errors import Unreadable, shown
from clockodo_mcp.domain.names import Fit, Match, Near, NoSuchObject, SeveralObjects, labelled
from clockodo_mcp.errors import ClockodoMcpError

N = TypeVar("N", bound=Named)


async def find_one(among_list: CatalogList[N], word: str) -> tuple[N, list[str]]:
    """The object that a name, a part of it, a number or an id means, and a note where it was read past a slip.

    Raises:
        NoSuchObject, SeveralObjects: with the choices.
    """
    argument = among_list.argument
    if is_id(word):
        found = await among_list.by_id(int(word))
        if found is None:
            raise NoSuchObject(argument, word, await numbered(among_list, word))
        return found, []
    match = await among_list.matches(word)
    if not match.items:
        raise NoSuchObject(argument, word, (await among_list.names()).nearest(word))
    return one_of(argument, word, match), reading(argument, word, match)


async def numbered(among_list: CatalogList[N], word: str) -> list[Near[N]]:
    """What has as its number what was taken for an id."""
    return [Near(one) for one in await among_list.all() if one.number == word]


async def id_of(among_list: CatalogList[N], word: str) -> tuple[int, list[str]]:
    """As `find_one`, but an id stands as it is, without a request."""
    if is_id(word):
        return int(word), []
    found, notes = await find_one(among_list, word)
    return found.id, notes


def one_of(argument: str, word: str, match: Match[N], within: Callable[[N], str] = lambda _: "") -> N:
    """The only one of a match.

    Raises:
        SeveralObjects: there are several.
        NoSuchObject: the only one may be another name, so it is offered and not taken.
    """
    if len(match.items) > 1:
        raise SeveralObjects(
            f"{argument}={shown(word)} fits {len(match.items)}",
            f"Which {argument.replace('_', ' ')} is meant by {shown(word)}?",
            {labelled(one, within(one)): {argument: str(one.id)} for one in match.items},
        )
    if match.fit is Fit.DOUBTED:
        raise NoSuchObject(argument, word, [Near(one) for one in match.items], within)
    return match.items[0]


def reading(argument: str, word: str, match: Match[N], read: N | None = None) -> list[str]:
    """A note where a word was read past a slip of the pen: as `read`, else as the only one of a match."""
    if read is None and len(match.items) == 1:
        read = match.items[0]
    if read is None or not match.misread:
        return []
    return [f"{argument.replace('_', ' ').capitalize()}: {shown(word)} was read as {cell(read.name)}."]


def refuse_closed(found: Named, argument: str) -> None:
    """Nothing new is booked on what is inactive or completed.

    Raises:
        Unreadable: names the object and the reason.
    """
    if found.closed:
        raise Unreadable(
            argument,
            found.name,
            f"{labelled(found)} takes no new entries, since it is {found.closed} in Clockodo. Nothing was written. "
            f"To find an open one, call search_catalog with kinds=['{argument}s'].",
        )


async def usual(
    catalog: Catalog, habits: Habits, *, customers_id: int | None, projects_id: int | None
) -> tuple[int, list[str]]:
    """The service that three quarters of the caller's own entries there had in the last 90 days, with its reason.

    "There" is the project, else the customer.

    Raises:
        SeveralObjects: the entries leave it open; the services, those used there first.
    """
    uses = await habits.uses()
    here = [use for use in uses if projects_id is not None and use.projects_id == projects_id]
    place = "project"
    if not here:
        here, place = [use for use in uses if use.customers_id == customers_id], "customer"
    services = await catalog.services.names()
    if (best := usual_service(here)) is not None:
        services_id, times, of = best
        service = services.by_id(services_id)
        if service is not None and not service.closed:
            said = f"{times} of your {of} entries on this {place} in the last {HABIT_DAYS} days have it"
            return services_id, [f"Service {cell(service.name)}: {said}."]
    raise no_service(services.items, here, place)


def no_service(services: Iterable[Service], here: list[Use], place: str) -> ClockodoMcpError:
    """The question for a service, those that were used there before the others."""
    used = Counter(use.services_id for use in here)
    offered = sorted((one for one in services if not one.closed), key=lambda one: (-used[one.id], one.id))
    if not offered:
        return NoSuchObject("service", "", [])
    why = f"your entries on this {place} differ" if used else f"you have no entries on this {place}"
    return SeveralObjects(
        f"service is missing, and {why} in the last {HABIT_DAYS} days. It can be",
        "Which service (kind of work) is it?",
        {labelled(one): {"service": str(one.id)} for one in offered},
    )
