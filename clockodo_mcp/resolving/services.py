"""The kind of work: the service that is named, else the one that the caller's own entries leave no doubt about."""

from collections import Counter
from collections.abc import Iterable

from clockodo_mcp.account.at_once import at_once
from clockodo_mcp.account.catalogue import is_id
from clockodo_mcp.account.habits import HABIT_DAYS, Use, usual_service
from clockodo_mcp.api.models import Service
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.names import NoSuchObject, SeveralObjects, labelled
from clockodo_mcp.domain.place import Place
from clockodo_mcp.errors import Refusal
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.resolving.objects import find_one, id_of, refuse_closed


def named(service: str) -> Finding[int | None]:
    """The service that is named; None where none is."""

    async def look(call: Call, words: Words) -> Found[int | None]:
        word = words["service"]
        return Found(*(await id_of(call.app.catalog.services, word))) if word else Found(None)

    return Finding(look, {"service": service})


def open_one(service: str) -> Finding[int | None]:
    """As `named`, for what is booked from now on: an open one."""

    async def look(call: Call, words: Words) -> Found[int | None]:
        return await _open_one(call, words["service"]) if words["service"] else Found(None)

    return Finding(look, {"service": service})


def or_usual(service: str, place: Finding[Place]) -> Finding[int]:
    """The service for a new entry: the named one, else the usual one of that place, else the person's choice."""

    async def look(call: Call, words: Words) -> Found[int]:
        if words["service"]:
            found = await _open_one(call, words["service"])
            return Found(found.value or 0, found.notes, found.said)
        await at_once(call.app.catalog.services.names, call.app.habits.uses)
        return await _usual(call, await place.value(call))

    return Finding(look, {"service": service})


async def _open_one(call: Call, word: str) -> Found[int | None]:
    if is_id(word):
        return Found(int(word))
    found, notes = await find_one(call.app.catalog.services, word)
    refuse_closed(found, "service")
    return Found(found.id, notes, labelled(found))


async def _usual(call: Call, place: Place) -> Found[int]:
    """The service that three quarters of the caller's own entries there had in the last 90 days, with its reason.

    "There" is the project, else the customer.

    Raises:
        SeveralObjects: the entries leave it open; the services, those used there first.
    """
    uses = await call.app.habits.uses()
    here = [use for use in uses if place.projects_id is not None and use.projects_id == place.projects_id]
    where = "project"
    if not here:
        here, where = [use for use in uses if use.customers_id == place.customers_id], "customer"
    services = await call.app.catalog.services.names()
    if (best := usual_service(here)) is not None:
        services_id, times, of = best
        service = services.by_id(services_id)
        if service is not None and not service.closed:
            said = f"{times} of your {of} entries on this {where} in the last {HABIT_DAYS} days have it"
            return Found(services_id, [f"Service {cell(service.name)}: {said}."])
    raise no_service(services.items, here, where)


def no_service(services: Iterable[Service], here: list[Use], where: str) -> Refusal:
    """The question for a service, those that were used there before the others."""
    used = Counter(use.services_id for use in here)
    offered = sorted((one for one in services if not one.closed), key=lambda one: (-used[one.id], one.id))
    if not offered:
        return NoSuchObject("service", "", [])
    why = f"your entries on this {where} differ" if used else f"you have no entries on this {where}"
    return SeveralObjects(
        f"it is missing, and {why} in the last {HABIT_DAYS} days.",
        "Which service (kind of work) is it?",
        {labelled(one): {"service": str(one.id)} for one in offered},
        argument="service",
    )


def lump_sum_service(lumpsum_service: str) -> Finding[int | None]:
    """The lump sum service that is named; None where none is."""

    async def look(call: Call, words: Words) -> Found[int | None]:
        word = words["lumpsum_service"]
        return Found(*(await id_of(call.app.catalog.lumpsum_services, word))) if word else Found(None)

    return Finding(look, {"lumpsum_service": lumpsum_service})
