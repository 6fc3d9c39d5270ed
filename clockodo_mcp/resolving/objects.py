"""One object for one word, or a refusal with the choices: of the catalogue, a person, a service."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from clockodo_mcp import steps
from clockodo_mcp.account.catalogue import Catalog, CatalogList
from clockodo_mcp.account.habits import HABIT_DAYS, Use, usual_service
from clockodo_mcp.api.client import at_once
from clockodo_mcp.api.models import Named, Service, User
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell, quoted
from clockodo_mcp.domain.booking import Place
from clockodo_mcp.domain.choices import FEW, NoSuchObject, SeveralObjects, labelled
from clockodo_mcp.domain.glossary import other_names
from clockodo_mcp.domain.names import Fit, Match, Names
from clockodo_mcp.domain.words import digits_in, squeezed
from clockodo_mcp.errors import Contradiction, Refusal, WrongState
from clockodo_mcp.reading.entries import EntryInItsDay
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.speech import say

N = TypeVar("N", bound=Named)

ALL = re.compile(r"\s*(?:all|every|alle)\s+(\S.*)", re.IGNORECASE | re.DOTALL)
"""The words that mean all of a name, and the name."""


async def find_one(among: CatalogList[N], word: str) -> tuple[N, list[str]]:
    """The object that a name, a part of it, a number or an id means, and a note where that is not plain to see.

    Raises:
        NoSuchObject, SeveralObjects: with the choices.
        Contradiction: all of a name are meant.
    """
    argument = among.argument
    await refuse_all(among, word)
    match = await among.matches(word)
    is_work = argument in ("service", "lumpsum_service")
    if not match.items and is_work and (other := by_another_name(await among.names(), word)) is not None:
        return other, [f"{argument.replace('_', ' ').capitalize()}: {quoted(word)} is {cell(other.name)} here."]
    if not match.items:
        raise no_such(argument, word, (await among.names()).items, (await among.names()).nearest(word))
    return one_of(argument, word, match), misreading(argument, word, match)


async def name_of_all(among: CatalogList[N], word: str) -> str:
    """The name of which all are meant, as in `all Audit`; empty where one is meant, also one that is called so."""
    if (said := ALL.fullmatch(word)) is None:
        return ""
    names = await among.names()
    whole, part = names.matches(word), names.matches(said[1])
    one = whole.fit in (Fit.EXACT, Fit.SAME_WORDS) or {each.id for each in part.items} <= {
        each.id for each in whole.items
    }
    return "" if one and whole.items else said[1]


async def refuse_all(among: CatalogList[N], word: str) -> None:
    """Raises `Contradiction` where all of a name are meant, and this takes one."""
    if name := await name_of_all(among, word):
        why = f"this means all that {quoted(name)} fits, and here it is one; name the one that is meant."
        raise Contradiction(why, argument=among.argument, value=word)


def by_another_name(names: Names[N], word: str) -> N | None:
    """The only open object that is a kind of work by another name, as in another language."""
    found: dict[int, N] = {}
    for other in other_names(word):
        match = names.matches(other, lambda one: not one.closed)
        if match.fit in (Fit.EXACT, Fit.SAME_WORDS):
            found |= {one.id: one for one in match.items}
    return next(iter(found.values())) if len(found) == 1 else None


def no_such(
    argument: str,
    word: str,
    there: Sequence[N],
    near: Sequence[N],
    within: Callable[[N], str] = lambda _: "",
    *,
    of: str = "",
    understood: Sequence[str] = (),
) -> NoSuchObject:
    """The refusal of a name that nothing has: with all open ones `there` where they are few, else the nearest."""
    lead = "The nearest"
    there = [one for one in there if not one.closed]
    if 0 < len(there) <= FEW:
        likely = [one for one in near if not one.closed]
        rest = sorted((one for one in there if one not in likely), key=lambda one: one.name.casefold())
        closed = [one for one in near if one.closed]
        near, lead = [*likely, *rest, *closed], "There are"
    return NoSuchObject(argument, word, near, within, of=of, lead=lead, understood=understood)


def one_of(argument: str, word: str, match: Match[N], within: Callable[[N], str] = lambda _: "") -> N:
    """The only one of a match.

    Raises:
        SeveralObjects: there are several.
        NoSuchObject: the only one may be another name, so it is offered and not taken.
    """
    if len(match.items) > 1:
        # Digits that are one's number are another's id: from then on the id says that it is one.
        numbers = {digits_in(one.number or "") for one in match.items}
        sign = "#" if digits_in(word) or any(str(one.id) in numbers for one in match.items) else ""
        raise SeveralObjects(
            say("fits {count}.", count=len(match.items)),
            say(f"Which {argument.replace('_', ' ')} is meant by {{word}}?", word=quoted(word)),
            {labelled(one, within(one), number=bool(sign)): {argument: f"{sign}{one.id}"} for one in match.items},
            argument=argument,
            value=word,
            is_one_name=not match.misread and match.fit is not Fit.WITH_OWNER,
        )
    if match.fit is Fit.DOUBTED:
        raise NoSuchObject(argument, word, match.items, within)
    return match.items[0]


def misreading(argument: str, word: str, match: Match[N], read: N | None = None) -> list[str]:
    """A note where a word was read past a slip of the pen, as initials, or digits as a number: as `read`, else as the
    only one of a match.
    """
    if read is None and len(match.items) == 1:
        read = match.items[0]
    digits = digits_in(word)
    if read is not None and digits and squeezed(read.number or "") == digits and read.id != int(digits):
        return [f"{argument.replace('_', ' ').capitalize()}: {quoted(word)} is the number of {cell(read.name)}."]
    if read is None or not match.deserves_a_note:
        return []
    return [f"{argument.replace('_', ' ').capitalize()}: {quoted(word)} was read as {cell(read.name)}."]


def refuse_closed(found: Named, argument: str) -> None:
    """Nothing new is booked on what is inactive or completed.

    Raises:
        WrongState: names the object and the reason.
    """
    if found.closed:
        why = say(
            "{place} takes no new entries, since it is {state} in Clockodo.",
            place=labelled(found), state=say(found.closed),
        )  # fmt: skip
        open_one = steps.search(f"{argument}s", to="to find an open one")
        raise WrongState(why, argument=argument, value=found.name, next=(open_one,))


Before = Finding[EntryInItsDay] | None
"""The entry that is to be changed, where there is one: what it is on already, it may stay on."""

NOT_ALL = "an entry belongs to one person; 'me' is the caller."


async def _refuse_newly_closed(call: Call, one: Named, argument: str, before: Before) -> None:
    """As `refuse_closed`, but for what the entry is on already."""
    if before is None or getattr((await before.value(call)).entry, f"{argument}s_id", None) != one.id:
        refuse_closed(one, argument)


def any_user(user: str) -> Finding[int | None]:
    """The person whose entries are meant: `me` (or nothing) is the caller; None for `all`."""

    async def look(call: Call, words: Words) -> Found[int | None]:
        found, notes = await _user(call, words["user"])
        return Found(None if found is None else found.id, notes)

    return Finding(look, {"user": user})


def one_user(user: str, why: str) -> Finding[int]:
    """The one person that something is about. `why` is said where all were named."""
    return _one_user(user, why, books=False)


def user_to_book(user: str) -> Finding[int]:
    """The one person that an entry is booked for, and who is active."""
    return _one_user(user, NOT_ALL, books=True)


def user_or_none(user: str, before: Before = None) -> Finding[int | None]:
    """The person that an entry is given to, as `user_to_book`; None where none is named."""
    return _one_user(user, NOT_ALL, books=True, before=before) if user else Finding(_none_named)


def _one_user(user: str, why: str, *, books: bool, before: Before = None) -> Finding[int]:
    async def look(call: Call, words: Words) -> Found[int]:
        found, notes = await _user(call, words["user"])
        if found is None:
            raise Contradiction(why, argument="user", value=words["user"])
        if books:
            await _refuse_newly_closed(call, found, "user", before)
        return Found(found.id, notes)

    return Finding(look, {"user": user})


async def _none_named(_: Call, __: Words) -> Found[None]:
    return Found(None)


async def _user(call: Call, word: str) -> tuple[User | None, list[str]]:
    plain = word.strip().casefold()
    if not word or plain in ("me", "ich", (call.caller.user.email or call.app.settings.api_user).casefold()):
        return call.caller.user, []
    return (None, []) if plain in ("all", "alle") else await find_one(call.app.catalog.users, word)


def open_service(service: str, before: Before = None) -> Finding[int | None]:
    """The service that is named, open; None where none is."""
    return _open("service", service, lambda catalog: catalog.services, before)


def open_lumpsum_service(lumpsum_service: str, before: Before = None) -> Finding[int | None]:
    """As `open_service`, a lump sum service."""
    return _open("lumpsum_service", lumpsum_service, lambda catalog: catalog.lumpsum_services, before)


def _open(argument: str, word: str, among: Callable[[Catalog], CatalogList[N]], before: Before) -> Finding[int | None]:
    async def look(call: Call, words: Words) -> Found[int]:
        return await _find_open(call, among(call.app.catalog), words[argument], before)

    return Finding(look, {argument: word}) if word else Finding(_none_named)


async def _find_open(call: Call, among: CatalogList[N], word: str, before: Before = None) -> Found[int]:
    found, notes = await find_one(among, word)
    await _refuse_newly_closed(call, found, among.argument, before)
    return Found(found.id, notes, labelled(found))


def service_or_usual(service: str, place: Finding[Place]) -> Finding[int]:
    """The service for a new entry: the named one, else the usual one of that place, else the person's choice."""

    async def look(call: Call, words: Words) -> Found[int]:
        if words["service"]:
            return await _find_open(call, call.app.catalog.services, words["service"])
        await at_once(call.app.catalog.services.names, call.app.habits.uses)
        return await _usual(call, await place.value(call))

    return Finding(look, {"service": service})


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
    on = say("on this project") if where == "project" else say("on this customer")
    if used:
        why = say("none is named, and your entries {on} differ in the last {days} days.", on=on, days=HABIT_DAYS)
    else:
        why = say("none is named, and you have no entries {on} in the last {days} days.", on=on, days=HABIT_DAYS)
    return SeveralObjects(
        why,
        say("Which service (kind of work) is it?"),
        {labelled(one): {"service": str(one.id)} for one in offered},
        argument="service",
    )
