"""What is settled before a tool runs: the desk, and which objects and times its words mean.

Each function resolves a parameter of a tool or of another one here (`Resolve`): the ones named `ask_…` may turn into a
question to the person, the others take its answer. A tool's own arguments arrive by their names.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve

from clockodo_mcp.account.cache import at_once
from clockodo_mcp.account.catalogue import is_id
from clockodo_mcp.api.failures import NotFound
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.place import Place
from clockodo_mcp.reading.entries import EntryInItsDay, in_its_day
from clockodo_mcp.resolving.objects import find_one, id_of, refuse_closed, usual
from clockodo_mcp.resolving.places import find_place, refuse_closed_place
from clockodo_mcp.resolving.spans import EntrySpan
from clockodo_mcp.resolving.spans import entry_span as find_span
from clockodo_mcp.tools.arguments import billable_of
from clockodo_mcp.tools.asking import Choice, Ctx, Look, after_answer, desk_of, found_or_asked

Found = tuple[int | None, list[str]]
"""An id, None where nothing was named, and what deserves a note."""

# Where


def place_finder(desk: Desk, near: int | None = None) -> Look[Place]:
    """Finds places, those of the customer `near` first."""
    return lambda words: find_place(desk.catalog, near=near, **words)


async def ask_place(ctx: Ctx, customer: str, project: str, subproject: str) -> Place | Elicit[Choice]:
    """The place, or the question for it."""
    words = {"customer": customer, "project": project, "subproject": subproject}
    return await found_or_asked(ctx, place_finder(desk_of(ctx)), words)


async def named_place(
    ctx: Ctx,
    customer: str,
    project: str,
    subproject: str,
    asked: Annotated[ElicitationResult[Choice], Resolve(ask_place)],
) -> Place:
    """The place that is named; empty where nothing is."""
    words = {"customer": customer, "project": project, "subproject": subproject}
    return await after_answer(asked, place_finder(desk_of(ctx)), words)


async def place_to_book(place: Annotated[Place, Resolve(named_place)]) -> Place:
    """The place for a new entry: named, and open.

    Raises:
        Unreadable: nothing is named, or it is closed.
    """
    if place.customers_id is None:
        raise Unreadable(
            "customer",
            "",
            "name the customer or the project that this is booked on. To see what there is, call search_catalog.",
        )
    refuse_closed_place(place)
    return place


async def entry_of(desk: Desk, id: int) -> EntryInItsDay:
    """An entry as it is stored, with its day. Two requests.

    Raises:
        Unreadable: there is none with this id.
    """
    caller = await desk.account.caller()
    try:
        entry = await desk.clockodo.entry(id)
    except NotFound as error:
        raise Unreadable(
            "id",
            str(id),
            "there is no such entry in Clockodo, or this account may not see it (404). Nothing was done. To find the "
            "ids of entries, call list_entries with period='last_7_days' or another period.",
        ) from error
    return await in_its_day(desk.clockodo, entry, caller.zone)


async def entry_before(ctx: Ctx, id: int) -> EntryInItsDay:
    """The entry that is to be changed, as it is stored, with its day."""
    return await entry_of(desk_of(ctx), id)


Before = Annotated[EntryInItsDay, Resolve(entry_before)]


def words_of_change(before: EntryInItsDay, customer: str, project: str, subproject: str) -> dict[str, str]:
    """A subproject alone is one of the entry's own project."""
    stays = str(before.entry.projects_id or "") if subproject and not customer else ""
    return {"customer": customer, "project": project or stays, "subproject": subproject}


async def ask_new_place(
    ctx: Ctx, customer: str, project: str, subproject: str, before: Before
) -> Place | Elicit[Choice]:
    """The place that an entry moves to, or the question for it; projects of its customer come first."""
    words = words_of_change(before, customer, project, subproject)
    return await found_or_asked(ctx, place_finder(desk_of(ctx), before.entry.customers_id), words)


async def new_place(
    ctx: Ctx,
    customer: str,
    project: str,
    subproject: str,
    before: Before,
    asked: Annotated[ElicitationResult[Choice], Resolve(ask_new_place)],
) -> Place:
    """The place that an entry moves to; empty where it stays.

    Raises:
        Unreadable: it is closed.
    """
    words = words_of_change(before, customer, project, subproject)
    place = await after_answer(asked, place_finder(desk_of(ctx), before.entry.customers_id), words)
    if (place.customers_id, place.projects_id) != (before.entry.customers_id, before.entry.projects_id):
        refuse_closed_place(place)
    return place


# Which kind of work, which lump sum service, whose


def service_finder(desk: Desk, *, new: bool) -> Look[Found]:
    """Finds services by name; for new entries open ones only."""

    async def look(words: dict[str, str]) -> Found:
        word = words["service"]
        if not word or is_id(word):
            return (int(word) if word else None), []
        found, notes = await find_one(desk.catalog.services, word)
        if new:
            refuse_closed(found, "service")
        return found.id, notes

    return look


def service_or_usual(desk: Desk, place: Place) -> Look[Found]:
    """Finds the service for a new entry: the named one, else the usual one of that place."""

    async def look(words: dict[str, str]) -> Found:
        if words["service"]:
            return await service_finder(desk, new=True)(words)
        return await usual(desk.catalog, desk.habits, customers_id=place.customers_id, projects_id=place.projects_id)

    return look


async def ask_service(ctx: Ctx, service: str) -> Found | Elicit[Choice]:
    """The service that is named, or the question for it."""
    return await found_or_asked(ctx, service_finder(desk_of(ctx), new=False), {"service": service})


async def named_service(
    ctx: Ctx, service: str, asked: Annotated[ElicitationResult[Choice], Resolve(ask_service)]
) -> Found:
    """The service that is named."""
    return await after_answer(asked, service_finder(desk_of(ctx), new=False), {"service": service})


async def ask_service_to_book(
    ctx: Ctx, service: str, place: Annotated[Place, Resolve(place_to_book)]
) -> Found | Elicit[Choice]:
    """The service for a new entry, or the question for it."""
    return await found_or_asked(ctx, service_or_usual(desk_of(ctx), place), {"service": service})


async def service_to_book(
    ctx: Ctx,
    service: str,
    place: Annotated[Place, Resolve(place_to_book)],
    asked: Annotated[ElicitationResult[Choice], Resolve(ask_service_to_book)],
) -> Found:
    """The service for a new entry."""
    return await after_answer(asked, service_or_usual(desk_of(ctx), place), {"service": service})


async def lump_sum_is_a_value(lumpsum: float | None, lumpsum_service: str, amount: float | None, service: str) -> bool:
    """Whether a lump sum is an amount of money, with a service, or pieces of a lump sum service.

    Raises:
        Unreadable: it is neither, or both.
    """
    by_value, by_service = lumpsum is not None, bool(lumpsum_service) or amount is not None
    if by_value == by_service or (by_service and (not lumpsum_service or amount is None or service)):
        raise Unreadable(
            "lumpsum" if by_value or not by_service else "lumpsum_service",
            "" if lumpsum is None else f"{lumpsum:g}",
            "give either lumpsum with service, or lumpsum_service with amount; nothing was written. To see the lump "
            "sum services, call search_catalog with kinds=['lumpsum_services'].",
        )
    return by_value


ByValue = Annotated[bool, Resolve(lump_sum_is_a_value)]


async def ask_service_of_value(
    ctx: Ctx, service: str, by_value: ByValue, place: Annotated[Place, Resolve(place_to_book)]
) -> Found | Elicit[Choice]:
    """The service of a lump sum value, or the question for it; a lump sum service has none."""
    look = service_or_usual(desk_of(ctx), place)
    return await found_or_asked(ctx, look, {"service": service}) if by_value else (None, [])


async def service_of_value(
    ctx: Ctx,
    service: str,
    place: Annotated[Place, Resolve(place_to_book)],
    asked: Annotated[ElicitationResult[Choice], Resolve(ask_service_of_value)],
) -> Found:
    """The service of a lump sum value."""
    return await after_answer(asked, service_or_usual(desk_of(ctx), place), {"service": service})


def lumpsum_finder(desk: Desk) -> Look[Found]:
    """Finds lump sum services by name."""

    async def look(words: dict[str, str]) -> Found:
        word = words["lumpsum_service"]
        return await id_of(desk.catalog.lumpsum_services, word) if word else (None, [])

    return look


async def ask_lumpsum_service(ctx: Ctx, lumpsum_service: str) -> Found | Elicit[Choice]:
    """The lump sum service that is named, or the question for it."""
    return await found_or_asked(ctx, lumpsum_finder(desk_of(ctx)), {"lumpsum_service": lumpsum_service})


async def named_lumpsum_service(
    ctx: Ctx, lumpsum_service: str, asked: Annotated[ElicitationResult[Choice], Resolve(ask_lumpsum_service)]
) -> Found:
    """The lump sum service that is named."""
    return await after_answer(asked, lumpsum_finder(desk_of(ctx)), {"lumpsum_service": lumpsum_service})


def user_finder(desk: Desk) -> Look[Found]:
    """Finds co-workers: `me` (or nothing) is the caller, `all` is nobody in particular."""

    async def look(words: dict[str, str]) -> Found:
        word = words["user"]
        if word in ("", "me"):
            return (await desk.account.caller()).id, []
        return (None, []) if word == "all" else await id_of(desk.catalog.users, word)

    return look


async def ask_user(ctx: Ctx, user: str) -> Found | Elicit[Choice]:
    """The person that is named, or the question for them."""
    return await found_or_asked(ctx, user_finder(desk_of(ctx)), {"user": user})


async def named_user(ctx: Ctx, user: str, asked: Annotated[ElicitationResult[Choice], Resolve(ask_user)]) -> Found:
    """The person that is named; None for all."""
    return await after_answer(asked, user_finder(desk_of(ctx)), {"user": user})


async def user_to_book(user: str, found: Annotated[Found, Resolve(named_user)]) -> tuple[int, list[str]]:
    """The one person that an entry belongs to.

    Raises:
        Unreadable: all were named.
    """
    users_id, notes = found
    if users_id is None:
        raise Unreadable("user", user, "an entry belongs to one person; 'me' is the caller.", user="me")
    return users_id, notes


# When, and everything that the first two waves of requests bring


async def span_to_book(
    ctx: Ctx,
    time_since: str,
    time_until: str,
    duration: str,
    user: Annotated[tuple[int, list[str]], Resolve(user_to_book)],
) -> EntrySpan:
    """From when until when a new entry lasts."""
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    return await find_span(
        desk.clockodo, time_since, time_until, duration, caller=caller, users_id=user[0], now=desk.now()
    )


async def fetched(
    desk: Desk, *, customer: str, project: str, subproject: str, service: str, user: str, new: bool, billable: str = ""
) -> Desk:
    """Fetch at the same time what these words will need: the account, lists for names, habits for what is missing."""

    def named(word: str) -> bool:
        return bool(word) and not is_id(word)

    lists, default_wanted = desk.catalog, new and not billable
    wanted: dict[Callable[[], Awaitable[object]], bool] = {
        desk.account.caller: True,
        lists.customers.names: named(customer) or (default_wanted and not project and not subproject),
        lists.projects.names: named(project)
        or bool(subproject)
        or (bool(project) and (default_wanted or not customer)),
        lists.subprojects.names: bool(subproject),
        lists.services.names: named(service) or (new and not service),
        desk.habits.uses: new and not service,
        lists.users.names: named(user) and user not in ("me", "all"),
    }
    await at_once(*(read for read, needed in wanted.items() if needed))
    return desk


async def desk_to_read(ctx: Ctx, customer: str, project: str, subproject: str, service: str, user: str) -> Desk:
    """The desk, with what the names of a list or a correction need."""
    return await fetched(
        desk_of(ctx), customer=customer, project=project, subproject=subproject, service=service, user=user, new=False
    )


async def desk_to_book(
    ctx: Ctx, customer: str, project: str, subproject: str, service: str, user: str, billable: str
) -> Desk:
    """The desk, with what a new time entry needs.

    Raises:
        Unreadable: `billable` is another word; said here, before any question is asked.
    """
    billable_of(billable)
    return await fetched(
        desk_of(ctx), customer=customer, project=project, subproject=subproject, service=service, user=user, new=True,
        billable=billable,
    )  # fmt: skip


async def desk_to_sell(
    ctx: Ctx, customer: str, project: str, subproject: str, service: str, user: str, billable: str, by_value: ByValue
) -> Desk:
    """As `desk_to_book`, with what a new lump sum needs; a lump sum service has no service."""
    billable_of(billable)
    return await fetched(
        desk_of(ctx), customer=customer, project=project, subproject=subproject,
        service=service if by_value else "0", user=user, new=True, billable=billable,
    )  # fmt: skip
