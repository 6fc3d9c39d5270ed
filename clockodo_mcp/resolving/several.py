"""Several objects by one name, in what only reads: `all Audit` are the projects of that name, whoever's they are."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from clockodo_mcp.account.catalogue import Catalog, CatalogList, owner_of
from clockodo_mcp.api.models import Named, Subproject
from clockodo_mcp.call import Call
from clockodo_mcp.cells import quoted
from clockodo_mcp.domain.choices import FEW, SeveralObjects, labelled
from clockodo_mcp.domain.names import Fit, Match, Names
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.resolving.objects import find_one, name_of_all, no_such, one_of
from clockodo_mcp.resolving.places import find_place, projects_named, said_for

N = TypeVar("N", bound=Named)

Ids = Mapping[str, frozenset[int]]
"""By a field of an entry, the ids of which it has one; a field that may be anything is not here."""


def places(customer: str, project: str, subproject: str, *, reads: bool) -> Finding[Ids]:
    """What is named of customer, project and subproject: each one, or all of a name where a call only `reads`."""

    async def look(call: Call, words: Words) -> Found[Ids]:
        catalog = call.app.catalog
        of_all = {
            "customer": reads and await name_of_all(catalog.customers, words["customer"]),
            "project": reads and await name_of_all(catalog.projects, words["project"]),
            "subproject": reads and await name_of_all(catalog.subprojects, words["subproject"]),
        }
        customer, project, subproject = ("" if of_all[argument] else word for argument, word in words.items())
        try:
            place = await find_place(catalog, customer=customer, project=project, subproject=subproject)
        except SeveralObjects as choice:
            raise choice.or_all() if reads else choice from None
        ids = {
            field: frozenset({id})
            for field, id in (
                ("customers_id", place.customers_id),
                ("projects_id", place.projects_id),
                ("subprojects_id", place.subprojects_id),
            )
            if id is not None
        }
        notes = [*place.notes]
        if reads and place.customers_id is not None and customer:
            notes += closed_too("customer", customer, await catalog.customers.names(), place.customers_id)
        if reads and place.projects_id is not None and project:
            notes += await _closed_projects(catalog, project, place.projects_id, (customer and place.customers_id) or 0)
        if name := of_all["customer"]:
            ids["customers_id"], note = await _all(catalog.customers, words["customer"], name)
            notes.append(note)
        if name := of_all["project"]:
            owners = ids.get("customers_id")
            match, within = await projects_named(catalog, words["customer"], name, owners, found=place.customer)
            match = _and_closed(
                match, name, await catalog.paths(), lambda one: owners is None or one.customers_id in owners
            )
            ids["projects_id"], note = _all_of("project", words["project"], name, match, within)
            notes.append(note)
        if name := of_all["subproject"]:
            belongs, of_project = await _subprojects(catalog, ids)
            ids["subprojects_id"], note = await _all(
                catalog.subprojects, words["subproject"], name, belongs, of_project
            )
            notes.append(note)
        return Found(ids, notes, place.label)

    return Finding(look, said_for(customer, project, subproject))


def services(service: str, *, reads: bool) -> Finding[Ids]:
    """The service that is named, or all of a name where a call only `reads`."""
    return _work("service", service, lambda catalog: catalog.services, reads=reads)


def lumpsum_services(lumpsum_service: str, *, reads: bool) -> Finding[Ids]:
    """As `services`, of lump sum services."""
    return _work("lumpsum_service", lumpsum_service, lambda catalog: catalog.lumpsum_services, reads=reads)


def _work(argument: str, word: str, among: Callable[[Catalog], CatalogList[N]], *, reads: bool) -> Finding[Ids]:
    async def look(call: Call, words: Words) -> Found[Ids]:
        word, there = words[argument], among(call.app.catalog)
        if not word:
            return Found({})
        if reads and (name := await name_of_all(there, word)):
            ids, note = await _all(there, word, name)
            return Found({f"{argument}s_id": ids}, [note])
        try:
            found, notes = await find_one(there, word)
        except SeveralObjects as choice:
            raise choice.or_all() if reads else choice from None
        if reads:
            notes = [*notes, *closed_too(argument, word, await there.names(), found.id)]
        return Found({f"{argument}s_id": frozenset({found.id})}, notes)

    return Finding(look, {argument: word})


async def _all(
    among: CatalogList[N],
    word: str,
    name: str,
    belongs: Callable[[N], bool] = lambda _: True,
    within: Callable[[N], str] = lambda _: "",
) -> tuple[frozenset[int], str]:
    match = await among.matches(name, belongs)
    if not match.items:
        names = await among.names()
        raise no_such(among.argument, word, [*filter(belongs, names.items)], names.nearest(name, belongs), within)
    return _all_of(among.argument, word, name, _and_closed(match, name, await among.names(), belongs), within)


def _and_closed(match: Match[N], name: str, names: Names[N], belongs: Callable[[N], bool]) -> Match[N]:
    """With what is closed and fits as well: hours of the past are on it."""
    if match.fit in (None, Fit.DOUBTED):
        return match
    fitting = [one for fit, one in names.search(name, belongs) if fit is match.fit and one.closed]
    return Match([*match.items, *(one for one in fitting if one not in match.items)], match.fit)


def closed_too(argument: str, word: str, names: Names[N], meant: int) -> list[str]:
    """A note where what is open was taken, and what is closed fits the word as well as that."""
    closed = _closed_like(word, names, meant)
    return [_also_fits(argument, word, [labelled(one) for one in closed])] if closed else []


async def _closed_projects(catalog: Catalog, word: str, meant: int, owner: int) -> list[str]:
    """The same of projects, with whose they are; of one owner where that was named."""
    closed = _closed_like(word, await catalog.projects.names(), meant)
    closed = [one for one in closed if owner in (0, one.customers_id)]
    if not closed:
        return []
    customers = await catalog.customers.names()
    return [_also_fits("project", word, [labelled(one, owner_of(one, customers)) for one in closed])]


def _closed_like(word: str, names: Names[N], meant: int) -> list[N]:
    found = names.search(word)
    own = next((fit for fit, one in found if one.id == meant and not one.closed), None)
    return [one for fit, one in found if own is not None and fit is own and one.closed]


def _also_fits(argument: str, word: str, closed: Sequence[str]) -> str:
    fits = f"{argument.replace('_', ' ').capitalize()}: {quoted(word)} also fits {_few(closed)}"
    return f"{fits}; {quoted(f'all {word}')} takes them, too."


def _few(labels: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(labels) - FEW} more" if len(labels) > FEW else ""
    return f"{', '.join(labels[:FEW])}{more}"


def _all_of(
    argument: str, word: str, name: str, match: Match[N], within: Callable[[N], str]
) -> tuple[frozenset[int], str]:
    """The ids of everything that a name fits, and a note that says what that is."""
    if match.fit is Fit.DOUBTED:
        one_of(argument, name, match, within)
    labels = [labelled(one, within(one)) for one in match.items]
    said = f"{argument.replace('_', ' ').capitalize()}: {quoted(word)} means {_few(labels)}."
    return frozenset(one.id for one in match.items), said


async def _subprojects(catalog: Catalog, ids: Ids) -> tuple[Callable[[Subproject], bool], Callable[[Subproject], str]]:
    """Which subprojects are of the projects, or else the customers, that were named; and whose they are."""
    projects = await catalog.projects.names()

    def belongs(one: Subproject) -> bool:
        parent = projects.by_id(one.projects_id)
        return one.projects_id in ids.get("projects_id", {one.projects_id}) and (
            "customers_id" not in ids or (parent is not None and parent.customers_id in ids["customers_id"])
        )

    def within(one: Subproject) -> str:
        parent = projects.by_id(one.projects_id)
        return parent.name if parent else ""

    return belongs, within
