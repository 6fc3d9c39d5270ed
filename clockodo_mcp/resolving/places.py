"""Where an entry is booked: customer, project and subproject out of words that may name any of them, or all."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from clockodo_mcp import steps
from clockodo_mcp.account.catalogue import Catalog, owner_of
from clockodo_mcp.api.client import at_once
from clockodo_mcp.api.models import Billable, Customer, Entry, Named, NewEntry, Project, Subproject
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell, quoted
from clockodo_mcp.domain.booking import Place, billable_of
from clockodo_mcp.domain.choices import NoSuchObject, SeveralObjects, labelled
from clockodo_mcp.domain.names import Fit, Match, Names
from clockodo_mcp.domain.words import begin, digits_in, id_in, words_of
from clockodo_mcp.errors import Contradiction, Unreadable
from clockodo_mcp.reading.entries import EntryInItsDay
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.resolving.objects import misreading, no_such, one_of, refuse_all, refuse_closed
from clockodo_mcp.speech import say

PHRASE = 6
"""Words that a phrase has at most which is taken apart into a customer and a project."""


def open_place(customer: str, project: str, subproject: str, *, or_else: str = "") -> Finding[Place]:
    """The place that is named, open. Where none is, it is empty, or `or_else` is said, which tells what to do."""

    async def look(call: Call, words: Words) -> Found[Place]:
        place = await _place(call, words)
        if or_else and place.customers_id is None:
            raise Unreadable(or_else, argument="customer", next=(steps.search(to="to see what there is"),))
        refuse_closed_place(place)
        return Found(place, place.notes, place.label)

    return Finding(look, said_for(customer, project, subproject))


def moved_to(before: Finding[EntryInItsDay], customer: str, project: str, subproject: str) -> Finding[Place]:
    """The place that an entry moves to; empty where it stays. Projects of its customer come first.

    A subproject alone is one of the entry's own project.
    """

    async def look(call: Call, words: Words) -> Found[Place]:
        entry = (await before.value(call)).entry
        stays = str(entry.projects_id or "") if words["subproject"] and not words["customer"] else ""
        project = words["project"] or stays
        place = await _place(call, {**words, "project": project}, near=entry.customers_id)
        ids = ("customers_id", "projects_id", "subprojects_id")
        if any(getattr(place, id) not in (None, getattr(entry, id)) for id in ids):
            refuse_closed_place(place)
        return Found(place, place.notes, place.label)

    return Finding(look, said_for(customer, project, subproject))


def said_for(customer: str, project: str, subproject: str) -> Words:
    """What was said for the three arguments of a place."""
    return {"customer": customer, "project": project, "subproject": subproject}


def billable_or_default(billable: str, place: Finding[Place]) -> Finding[int]:
    """Whether a new entry is billable: as said, else the project's default, else the customer's."""

    async def look(call: Call, _: Words) -> Found[int]:
        if (said := billable_of(billable)) is not None:
            return Found(said)
        default, note = await default_billable(call.app.catalog, await place.value(call))
        return Found(default, [note])

    return Finding(look)


def billable_as_said(billable: str) -> Finding[int | None]:
    """Whether it is to be billable; None where nothing was said."""

    async def look(_: Call, __: Words) -> Found[int | None]:
        return Found(billable_of(billable))

    return Finding(look)


async def _place(call: Call, words: Words, near: int | None = None) -> Place:
    return await find_place(
        call.app.catalog,
        customer=words["customer"],
        project=words["project"],
        subproject=words["subproject"],
        near=near,
    )


async def find_place(
    catalog: Catalog, *, customer: str = "", project: str = "", subproject: str = "", near: int | None = None
) -> Place:
    """The place that is meant. A project or subproject brings its customer along; a customer limits the projects.

    Where a customer's name fits several, the project decides; where a project's does, the subproject. `near` is the
    customer whose projects come first where none is named: the one that an entry is on already.

    Raises:
        NoSuchObject: with the nearest names.
        SeveralObjects: with the choices.
        Contradiction: the project does not belong to the customer.
    """
    await _fetch(catalog, customer, project, subproject)
    await refuse_all(catalog.customers, customer)
    await refuse_all(catalog.projects, project)
    await refuse_all(catalog.subprojects, subproject)
    place = Place()
    owners: set[int] | None = None
    homes: set[int] | None = None
    named: Match[Customer] | None = None
    if customer:
        named = await _customers(catalog, customer, alone=not (project or subproject))
        owners = {one.id for one in named.items}
        if not (project or subproject):
            place.customer = one_of("customer", customer, named)
        elif len(named.items) == 1:
            place.customer = named.items[0]
    if project:
        match, within = await projects_named(catalog, customer, project, owners, near, place.customer)
        if len(match.items) == 1 or not subproject:
            place.on(one_of("project", project, match, within))
        homes = {one.id for one in match.items}
        place.notes += misreading("project", project, match, place.project)
    elif owners and not subproject:
        place.customers_id = next(iter(owners))
    if subproject:
        await _within(catalog, place, subproject, owners, homes)
    if named is not None:
        read = (await catalog.customers.names()).by_id(place.customers_id or 0)
        place.notes[:0] = misreading("customer", customer, named, read)
    await _refuse_other_owner(catalog, place, {"customer": customer, "project": project, "subproject": subproject})
    return place


async def _refuse_other_owner(catalog: Catalog, place: Place, words: Mapping[str, str]) -> None:
    """Refuse a label (`Acme › Wartung (id 2003)`) that says of something that it is of another customer or project.

    Raises:
        Contradiction: with whose it is.
    """
    for argument, one in (("customer", place.customer), ("project", place.project), ("subproject", place.subproject)):
        given = id_in(words[argument])
        if one is None or given is None or "›" not in given[1]:
            continue
        owners = await _owners(catalog, place, argument)
        named = given[1].split("›")[: -1 - cell(one.name).count("›")]
        if not all(any(begin(words_of(part), words_of(owner)) for owner in owners) for part in named):
            whose_it_is = f", which is of {cell(' › '.join(owners))}" if owners else ""
            why = f"the id is that of {labelled(one)}{whose_it_is}. Ask the person which of the two is meant."
            raise Contradiction(why, argument=argument, value=words[argument])


async def _owners(catalog: Catalog, place: Place, argument: str) -> list[str]:
    """The names of what something at a place belongs to: nothing, its customer, or its customer and its project."""
    found: list[Customer | Project | None] = []
    if argument != "customer":
        found.append(await catalog.customers.by_id(place.customers_id or 0))
    if argument == "subproject":
        found.append(await catalog.projects.by_id(place.projects_id or 0))
    return [one.name for one in found if one is not None]


async def _fetch(catalog: Catalog, customer: str, project: str, subproject: str) -> None:
    """Fetch at the same time the lists that the words need and that are not in memory yet."""
    needed = {
        catalog.customers.names: bool(customer),
        catalog.projects.names: bool(project or subproject),
        catalog.subprojects.names: bool(subproject),
    }
    await at_once(*(read for read, is_needed in needed.items() if is_needed))


async def customers_named(catalog: Catalog, word: str) -> set[int]:
    """The ids of all customers that a word may mean.

    Raises:
        NoSuchObject: with the nearest names.
        Contradiction: it is the name of a project, which `query` finds.
    """
    match = await catalog.customers.matches(word)
    if not match.items and not (projects := await _projects(catalog, word)).misread:
        again = {"customer": "", "query": projects.items[0].name, "kinds": ["projects"]}
        raise Contradiction(f"{_is_of_a_project(projects)}.", argument="customer", value=word, again=again)
    if not match.items:
        raise _no_customer(await catalog.customers.names(), word)
    return {one.id for one in match.items}


async def _customers(catalog: Catalog, word: str, *, alone: bool) -> Match[Customer]:
    """The customers that a word fits. `alone` where no project is named: then it may have been meant as one."""
    match = await catalog.customers.matches(word)
    if match.items:
        return match
    if alone and not (projects := await _projects(catalog, word)).misread:
        customers = await catalog.customers.names()
        options: dict[str, dict[str, str]] = {
            labelled(one, owner_of(one, customers)): {"customer": "", "project": str(one.id)} for one in projects.items
        }
        if len(options) > 1:
            fits = say("fits no customer, but {count} projects.", count=len(options))
            asks = say("Which project is meant by {word}?", word=quoted(word))
            raise SeveralObjects(fits, asks, options, argument="customer", value=word)
        [(label, again)] = options.items()
        why = f"{_is_of_a_project(projects)}: {label}."
        raise Contradiction(why, argument="customer", value=word, again=again)
    raise _no_customer(await catalog.customers.names(), word)


def _is_of_a_project(match: Match[Project]) -> str:
    """What a word is that no customer is called by, and a project is, wholly or in part."""
    if match.fit in (Fit.EXACT, Fit.SAME_WORDS):
        return "this is the name of a project"
    return "no customer has this name, but a project fits it"


def _no_customer(customers: Names[Customer], word: str) -> NoSuchObject:
    return no_such("customer", word, customers.items, customers.nearest(word))


async def _projects(catalog: Catalog, word: str, among: Callable[[Project], bool] = lambda _: True) -> Match[Project]:
    """The projects that a word fits: by their own name, with words of their customer, or as a phrase of both."""
    match = await catalog.projects.matches(word, among)
    if match.fit is None or match.fit >= Fit.WITH_OWNER:
        match = (await catalog.paths()).matches(word, among)
    if match.misread:
        phrase = _phrased(await catalog.customers.names(), await catalog.projects.names(), word, among)
        match = phrase if phrase.items else match
    return match


def _phrased(
    customers: Names[Customer], projects: Names[Project], phrase: str, among: Callable[[Project], bool]
) -> Match[Project]:
    """What a phrase means that names a customer and then a project, or the other way round, each in its own way."""
    words, found = phrase.split(), dict[int, Project]()
    cuts = range(1, len(words)) if len(words) <= PHRASE else ()
    for first, last in ((words[:cut], words[cut:]) for cut in cuts):
        for owner, name in ((first, last), (last, first)):
            whose = customers.matches(" ".join(owner))
            owners = set[int]() if whose.misread else {one.id for one in whose.items}
            match = projects.matches(" ".join(name), _of(owners, among))
            found |= {} if match.misread else {one.id: one for one in match.items}
    return Match(list(found.values()), Fit.WITH_OWNER if found else None)


def _of(owners: set[int], among: Callable[[Project], bool]) -> Callable[[Project], bool]:
    return lambda one: one.customers_id in owners and among(one)


async def projects_named(
    catalog: Catalog,
    customer: str,
    word: str,
    owners: AbstractSet[int] | None,
    near: int | None = None,
    found: Customer | None = None,
) -> tuple[Match[Project], Callable[[Project], str]]:
    """The projects of these customers that a word fits, those of the customer `near` first, and whose they are.

    Raises:
        NoSuchObject, Contradiction: with what is there.
    """

    def belongs(one: Project) -> bool:
        return owners is None or one.customers_id in owners

    match = await _projects(catalog, word, belongs)
    customers = await catalog.customers.names() if len(match.items) != 1 or match.fit is Fit.DOUBTED else None

    def within(one: Project) -> str:
        return owner_of(one, customers) if customers else ""

    if match.items:
        return Match([one for one in match.items if one.customers_id == near] or match.items, match.fit), within
    await _refuse_foreign(catalog, customer, word, owners)
    await _refuse_another_kind(catalog, word)
    # Of a customer that was named, only what is theirs: a model that picks from this list books on it.
    names = await catalog.paths()
    there = [one for one in names.items if belongs(one)] if owners is not None else names.items
    likely = names.nearest(word, belongs)
    if owners is not None:
        likely += [one for one in sorted(there, key=lambda one: (bool(one.closed), one.name)) if one not in likely]
    raise no_such("project", word, there, likely, within, of=customer, understood=[labelled(found)] if found else [])


async def _refuse_another_kind(catalog: Catalog, word: str) -> None:
    """Say so where what no project is called is the very name of a customer, or of a subproject."""
    customers, projects = await catalog.customers.names(), await catalog.projects.names()
    match = customers.matches(word)
    if len(match.items) == 1 and match.fit in (Fit.EXACT, Fit.SAME_WORDS):
        label = labelled(match.items[0])
        again = {"project": "", "customer": str(match.items[0].id)}
        why = f"this is the name of a customer: {label}."
        raise Contradiction(why, argument="project", value=word, again=again)
    parts = (await catalog.subprojects.names()).matches(word)
    if len(parts.items) == 1 and parts.fit in (Fit.EXACT, Fit.SAME_WORDS):
        label = labelled(parts.items[0])
        why = f"this is the name of a subproject: {label}."
        raise Contradiction(why, argument="project", value=word, again=_path_of(parts.items[0], projects))


def _path_of(one: Subproject, projects: Names[Project]) -> dict[str, str]:
    """The arguments that mean a subproject, whatever else was named."""
    project = projects.by_id(one.projects_id)
    path = {"customer": str(project.customers_id), "project": str(project.id)} if project else {}
    return {**path, "subproject": str(one.id)}


async def _refuse_foreign(catalog: Catalog, customer: str, word: str, owners: AbstractSet[int] | None) -> None:
    """Say so where an id is that of another customer's project."""
    if owners is None or not (digits_in(word) or id_in(word)):
        return
    for one in (await catalog.projects.matches(word)).items:
        raise await foreign(catalog, one, customer, word)


async def foreign(catalog: Catalog, project: Project, customer: str, word: str) -> Contradiction:
    """The project does not belong to the customer; refused before anything is sent."""
    owner = await catalog.customers.by_id(project.customers_id)
    whose = labelled(owner) if owner else f"customer {project.customers_id}"
    why = (
        f"{labelled(project)} does not belong to customer {quoted(customer)}, but to {whose}. Ask the person which of "
        "the two is meant."
    )
    return Contradiction(why, argument="project", value=word)


async def _within(catalog: Catalog, place: Place, word: str, owners: set[int] | None, homes: set[int] | None) -> None:
    """Add the subproject. Where the project is not certain yet, it decides between `homes`, or those of the owners."""
    projects = await catalog.projects.names()
    if place.projects_id is not None:
        homes = {place.projects_id}
    elif homes is None and owners is not None:
        homes = {one.id for one in projects.items if one.customers_id in owners}

    def belongs(one: Subproject) -> bool:
        return homes is None or one.projects_id in homes

    def within(one: Subproject) -> str:
        parent = projects.by_id(one.projects_id)
        return parent.name if parent else ""

    names = await catalog.subprojects.names()
    match = await catalog.subprojects.matches(word, belongs)
    if not match.items and (digits_in(word) or id_in(word)):
        for one in (await catalog.subprojects.matches(word)).items:
            why = f"{labelled(one)} belongs to another project, {cell(within(one))} (id {one.projects_id})."
            raise Contradiction(why, argument="subproject", value=word)
    near = names.nearest(word, belongs)
    near += [one for one in names.items if homes is not None and belongs(one) and one not in near]
    parent = projects.by_id(match.items[0].projects_id) if match.items else None
    if parent is None:
        raise NoSuchObject("subproject", word, near, within, there=homes is not None)
    place.subproject = one_of("subproject", word, match, within)
    place.subprojects_id = place.subproject.id
    place.notes += misreading("subproject", word, match)
    if place.projects_id is None:
        place.on(parent)


def refuse_closed_place(place: Place) -> None:
    """As `objects.refuse_closed`, for customer, project and subproject."""
    for argument, one in (("customer", place.customer), ("project", place.project), ("subproject", place.subproject)):
        if one is not None:
            refuse_closed(one, argument)


async def closed_for(call: Call, entry: Entry | NewEntry) -> str:
    """Why nothing new can be booked as an entry is; empty where it can. Looks in the catalogue, once fetched."""
    catalog = call.app.catalog
    lists = (catalog.customers, catalog.projects, catalog.subprojects, catalog.services, catalog.lumpsum_services)
    for one in lists if entry.users_id in (None, call.caller.id) else (*lists, catalog.users):
        id = getattr(entry, f"{one.argument}s_id", None)
        found: Named | None = await one.by_id(id) if id is not None else None
        if found is not None and found.closed:
            return f"{one.argument} {cell(found.name)} is {found.closed}"
    return ""


async def default_billable(catalog: Catalog, place: Place) -> tuple[int, str]:
    """The project's default, else the customer's, and a note with the reason.

    Raises:
        NoSuchObject: the id of the customer or project is not visible.
    """
    source: Customer | Project
    if place.projects_id is not None:
        project = place.project or await catalog.projects.by_id(place.projects_id)
        if project is None:
            raise NoSuchObject("project", str(place.projects_id), [])
        if project.customers_id != place.customers_id:
            raise await foreign(catalog, project, str(place.customers_id), str(project.id))
        kind, source = "project", project
    else:
        customer = place.customer or await catalog.customers.by_id(place.customers_id or 0)
        if customer is None:
            id = str(place.customers_id)
            raise NoSuchObject("customer", id, [])
        kind, source = "customer", customer
    billable = source.billable_default
    note = f"{'Billable' if billable else 'Not billable'}: the default of {kind} {cell(source.name)}."
    return int(Billable.BILLABLE if billable else Billable.NOT_BILLABLE), note
