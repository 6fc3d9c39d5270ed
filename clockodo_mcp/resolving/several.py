"""Several objects by one name, in what only reads: `all Audit` are the projects of that name, whoever's they are."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from clockodo_mcp.account.catalogue import Catalog, CatalogList
from clockodo_mcp.api.models import Named, Subproject
from clockodo_mcp.call import Call
from clockodo_mcp.cells import quoted
from clockodo_mcp.domain.choices import FEW, SeveralObjects, labelled
from clockodo_mcp.domain.names import Fit, Match
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.resolving.objects import find_one, name_of_all, no_such, one_of
from clockodo_mcp.resolving.places import find_place, in_words, projects_named, words_of

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
        if name := of_all["customer"]:
            ids["customers_id"], note = await _all(catalog.customers, words["customer"], name)
            notes.append(note)
        if name := of_all["project"]:
            owners = ids.get("customers_id")
            match, within = await projects_named(catalog, words["customer"], name, owners, found=place.customer)
            ids["projects_id"], note = _all_of("project", words["project"], name, match, within)
            notes.append(note)
        if name := of_all["subproject"]:
            belongs, of_project = await _subprojects(catalog, ids)
            ids["subprojects_id"], note = await _all(
                catalog.subprojects, words["subproject"], name, belongs, of_project
            )
            notes.append(note)
        return Found(ids, notes, in_words(place))

    return Finding(look, words_of(customer, project, subproject))


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
    return _all_of(among.argument, word, name, match, within)


def _all_of(
    argument: str, word: str, name: str, match: Match[N], within: Callable[[N], str]
) -> tuple[frozenset[int], str]:
    """The ids of everything that a name fits, and a note that says what that is."""
    if match.fit is Fit.DOUBTED:
        one_of(argument, name, match, within)
    labels = [labelled(one, within(one)) for one in match.items]
    more = f" and {len(labels) - FEW} more" if len(labels) > FEW else ""
    said = f"{argument.replace('_', ' ').capitalize()}: {quoted(word)} means {', '.join(labels[:FEW])}{more}."
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
