"""Where an entry is booked: customer, project and subproject out of words that may name any of them, or all."""

from collections.abc import Callable

from clockodo_mcp.account.cache import at_once
from clockodo_mcp.account.catalogue import Catalog, is_id, owner_of
from clockodo_mcp.api.models import Billable, Customer, Project, Subproject
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.errors import Unreadable, shown
from clockodo_mcp.domain.names import Fit, Match, Names, Near, NoSuchObject, SeveralObjects, labelled
from clockodo_mcp.domain.place import Place
from clockodo_mcp.resolving.objects import numbered, one_of, reading, refuse_closed

PHRASE = 6
"""Words that a phrase has at most which is taken apart into a customer and a project."""


async def find_place(
    catalog: Catalog, *, customer: str = "", project: str = "", subproject: str = "", near: int | None = None
) -> Place:
    """The place that is meant. A project or subproject brings its customer along; a customer limits the projects.

    Where a customer's name fits several, the project decides; where a project's does, the subproject. `near` is the
    customer whose projects come first where none is named: the one that an entry is on already.

    Raises:
        NoSuchObject: with the nearest names.
        SeveralObjects: with the choices.
        Unreadable: the project does not belong to the customer.
    """
    place = Place()
    owners: set[int] | None = None
    homes: set[int] | None = None
    named: Match[Customer] | None = None
    if is_id(customer):
        owners = {int(customer)}
    elif customer:
        named = await _customers(catalog, customer, alone=not (project or subproject))
        owners = {one.id for one in named.items}
        if not (project or subproject):
            place.customer = one_of("customer", customer, named)
        elif len(named.items) == 1:
            place.customer = named.items[0]
    if is_id(project):
        await _on_id(catalog, place, int(project), customer, owners)
    elif project:
        match, within = await _projects_named(catalog, customer, project, owners, near)
        if len(match.items) == 1 or not subproject:
            place.on(one_of("project", project, match, within))
        homes = {one.id for one in match.items}
        place.notes += reading("project", project, match, place.project)
    elif owners and not subproject:
        place.customers_id = next(iter(owners))
    if subproject:
        await _within(catalog, place, subproject, owners, homes)
    if named is not None and named.misread:
        read = (await catalog.customers.names()).by_id(place.customers_id or 0)
        place.notes[:0] = reading("customer", customer, named, read)
    return place


async def customers_named(catalog: Catalog, word: str) -> set[int]:
    """The ids of all customers that a word may mean.

    Raises:
        NoSuchObject: with the nearest names.
        Unreadable: it is the name of a project, which `query` finds.
    """
    if is_id(word):
        return {int(word)}
    match = await catalog.customers.matches(word)
    if not match.items and not (projects := await _projects(catalog, word)).misread:
        again = {"customer": "", "query": projects.items[0].name, "kinds": ["projects"]}
        raise Unreadable("customer", word, "this is the name of a project.", **again)
    if not match.items:
        raise NoSuchObject("customer", word, (await catalog.customers.names()).nearest(word))
    return {one.id for one in match.items}


async def _customers(catalog: Catalog, word: str, *, alone: bool) -> Match[Customer]:
    """The customers that a word fits. `alone` where no project is named: then it may have been meant as one."""
    match = await catalog.customers.matches(word)
    if match.items:
        return match
    if alone and not (projects := await _projects(catalog, word)).misread:
        customers = await catalog.customers.names()
        options = {
            labelled(one, owner_of(one, customers)): {"customer": "", "project": str(one.id)} for one in projects.items
        }
        if len(options) > 1:
            problem = f"customer={shown(word)} fits no customer, but {len(options)} projects"
            raise SeveralObjects(problem, f"Which project is meant by {shown(word)}?", options)
        [(label, again)] = options.items()
        raise Unreadable("customer", word, f"this is the name of a project: {label}.", **again)
    raise NoSuchObject("customer", word, (await catalog.customers.names()).nearest(word))


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


async def _projects_named(
    catalog: Catalog, customer: str, word: str, owners: set[int] | None, near: int | None
) -> tuple[Match[Project], Callable[[Project], str]]:
    """The projects of these customers that a word fits, those of the customer `near` first, and whose they are."""

    def belongs(one: Project) -> bool:
        return owners is None or one.customers_id in owners

    match = await _projects(catalog, word, belongs)
    customers = await catalog.customers.names() if len(match.items) != 1 or match.fit is Fit.DOUBTED else None

    def within(one: Project) -> str:
        return owner_of(one, customers) if customers else ""

    if match.items:
        return Match([one for one in match.items if one.customers_id == near] or match.items, match.fit), within
    await _refuse_another_kind(catalog, word)
    names = await catalog.paths()
    elsewhere = [Near(one) for one in names.matches(word).items]
    raise NoSuchObject(
        "project",
        word,
        elsewhere or names.nearest(word, belongs) or names.nearest(word),
        within,
        of=customer,
        means=lambda one: {"project": str(one.id)} | ({} if belongs(one) else {"customer": str(one.customers_id)}),
    )


async def _refuse_another_kind(catalog: Catalog, word: str) -> None:
    """Say so where what no project is called is the very name of a customer, or of a subproject."""
    customers, projects = await catalog.customers.names(), await catalog.projects.names()
    match = customers.matches(word)
    if len(match.items) == 1 and match.fit in (Fit.EXACT, Fit.SAME_WORDS):
        label = labelled(match.items[0])
        again = {"project": "", "customer": str(match.items[0].id)}
        raise Unreadable("project", word, f"this is the name of a customer: {label}.", **again)
    parts = (await catalog.subprojects.names()).matches(word)
    if len(parts.items) == 1 and parts.fit in (Fit.EXACT, Fit.SAME_WORDS):
        label = labelled(parts.items[0])
        again = _path_of(parts.items[0], projects)
        raise Unreadable("project", word, f"this is the name of a subproject: {label}.", **again)


def _path_of(one: Subproject, projects: Names[Project]) -> dict[str, str]:
    """The arguments that mean a subproject, whatever else was named."""
    project = projects.by_id(one.projects_id)
    path = {"customer": str(project.customers_id), "project": str(project.id)} if project else {}
    return {**path, "subproject": str(one.id)}


async def _on_id(catalog: Catalog, place: Place, id: int, customer: str, owners: set[int] | None) -> None:
    """An id needs no lookup, except for the customer that it belongs to where that is not certain."""
    if owners and len(owners) == 1 and is_id(customer):
        place.projects_id, place.customers_id = id, next(iter(owners))
        return
    project = await catalog.projects.by_id(id)
    if project is None:
        raise NoSuchObject("project", str(id), await numbered(catalog.projects, str(id)))
    place.on(project)
    if owners and project.customers_id not in owners:
        raise foreign(project, customer)


def foreign(project: Project, customer: str) -> Unreadable:
    """The project does not belong to the customer; refused before anything is sent."""
    return Unreadable(
        "project",
        str(project.id),
        f"{labelled(project)} does not belong to customer {shown(customer)}; nothing was done.",
        customer=str(project.customers_id),
    )


async def _within(catalog: Catalog, place: Place, word: str, owners: set[int] | None, homes: set[int] | None) -> None:
    """Add the subproject. Where the project is not certain yet, it decides between `homes`, or those of the owners."""
    if is_id(word) and place.projects_id is not None:
        place.subprojects_id = int(word)
        return
    await at_once(catalog.subprojects.names, catalog.projects.names)
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
    if is_id(word):
        found = await catalog.subprojects.by_id(int(word))
        match = Match([found] if found and belongs(found) else [], Fit.EXACT)
        near = [Near(found)] if found else await numbered(catalog.subprojects, word)
    else:
        match = await catalog.subprojects.matches(word, belongs)
        near = [Near(one) for one in names.matches(word).items] or names.nearest(word, belongs) or names.nearest(word)
    parent = projects.by_id(match.items[0].projects_id) if match.items else None
    if parent is None:
        raise NoSuchObject("subproject", word, near, within, means=lambda one: _path_of(one, projects))
    place.subproject = one_of("subproject", word, match, within)
    place.subprojects_id = place.subproject.id
    place.notes += reading("subproject", word, match)
    if place.projects_id is None:
        place.on(parent)


def refuse_closed_place(place: Place) -> None:
    """As `refuse_closed`, for customer, project and subproject."""
    for argument, one in (("customer", place.customer), ("project", place.project), ("subproject", place.subproject)):
        if one is not None:
            refuse_closed(one, argument)


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
            raise foreign(project, str(place.customers_id))
        kind, source = "project", project
    else:
        customer = place.customer or await catalog.customers.by_id(place.customers_id or 0)
        if customer is None:
            id = str(place.customers_id)
            raise NoSuchObject("customer", id, await numbered(catalog.customers, id))
        kind, source = "customer", customer
    billable = source.billable_default
    note = f"{'Billable' if billable else 'Not billable'}: the default of {kind} {cell(source.name)}."
    return int(Billable.BILLABLE if billable else Billable.NOT_BILLABLE), note
