"""Where an entry is booked: customer, project and subproject out of words that may name any of them, or all."""

from dataclasses import dataclass, field

from clockodo_mcp.api.models import Billable, Customer, Project, Subproject
from clockodo_mcp.domain.cells import cell
from clockodo_mcp.domain.errors import Unreadable, shown
from clockodo_mcp.domain.names import Fit, Match, NoSuchObject, labelled
from clockodo_mcp.services.catalog import Catalog, is_id, owner_of
from clockodo_mcp.services.finding import find_one, one_of, reading, refuse_closed
from clockodo_mcp.services.kept import at_once


@dataclass
class Place:
    """Ids that words were resolved to, the objects as far as they were looked at, and what deserves a note.

    With ids alone nothing is looked up, and only the ids are here.
    """

    customers_id: int | None = None
    projects_id: int | None = None
    subprojects_id: int | None = None
    customer: Customer | None = None
    project: Project | None = None
    subproject: Subproject | None = None
    notes: list[str] = field(default_factory=list)

    def on(self, project: Project) -> None:
        """On a project, and so on its customer."""
        self.project = project
        self.projects_id, self.customers_id = project.id, project.customers_id


async def find_place(
    catalog: Catalog, *, customer: str = "", project: str = "", subproject: str = "", near: int | None = None
) -> Place:
    """The place that is meant. A project or subproject brings its customer along; a customer limits the projects.

    Where a customer's name fits several, the project decides. `near` is the customer whose projects come first
    where none is named: the one that an entry is on already.

    Raises:
        NoSuchObject: with the nearest names.
        SeveralObjects: with the choices.
        Unreadable: the project does not belong to the customer.
    """
    place = Place()
    owners: set[int] | None = None
    if is_id(customer):
        owners = {int(customer)}
    elif customer:
        match = await _customers(catalog, customer)
        owners = {one.id for one in match.items}
        place.notes += reading("customer", customer, match)
        if not (project or subproject):
            place.customer = one_of("customer", customer, match)
        elif len(match.items) == 1:
            place.customer = match.items[0]
    if is_id(project):
        await _on_id(catalog, place, int(project), customer, owners)
    elif project:
        place.on(await _project(catalog, place, customer, project, owners, near))
    elif owners and not subproject:
        place.customers_id = next(iter(owners))
    if subproject:
        await _within(catalog, place, subproject, owners)
    return place


async def customers_named(catalog: Catalog, word: str) -> set[int]:
    """The ids of all customers that a word may mean.

    Raises:
        NoSuchObject: with the nearest names.
    """
    return {int(word)} if is_id(word) else {one.id for one in (await _customers(catalog, word)).items}


async def _customers(catalog: Catalog, word: str) -> Match[Customer]:
    match = await catalog.customers.matches(word)
    if match.items:
        return match
    near = (await catalog.customers.names()).nearest(word)
    project = (await catalog.projects.matches(word)).items if not near else []
    if len(project) == 1:
        raise Unreadable("customer", word, "this is the name of a project.", customer="", project=str(project[0].id))
    raise NoSuchObject("customer", word, near)


async def _project(
    catalog: Catalog, place: Place, customer: str, word: str, owners: set[int] | None, near: int | None
) -> Project:
    def belongs(one: Project) -> bool:
        return owners is None or one.customers_id in owners

    match = await catalog.projects.matches(word, belongs)
    if match.fit is None or match.fit >= Fit.WITH_OWNER:
        match = (await catalog.paths()).matches(word, belongs)
    place.notes += reading("project", word, match)
    if len(match.items) == 1:
        return match.items[0]
    customers = await catalog.customers.names()

    def within(one: Project) -> str:
        return owner_of(one, customers)

    if match.items:
        close = Match([one for one in match.items if one.customers_id == near] or match.items, match.fit)
        return one_of("project", word, close, within)
    names = await catalog.paths()
    near_ones = names.matches(word).items or names.nearest(word, belongs) or names.nearest(word)
    again = {"project": str(near_ones[0].id)} if near_ones else {}
    if near_ones and not belongs(near_ones[0]):
        again["customer"] = str(near_ones[0].customers_id)
    raise NoSuchObject("project", word, near_ones, within, of=customer, **again)


async def _on_id(catalog: Catalog, place: Place, id: int, customer: str, owners: set[int] | None) -> None:
    """An id needs no lookup, except for the customer that it belongs to where that is not certain."""
    if owners and len(owners) == 1 and is_id(customer):
        place.projects_id, place.customers_id = id, next(iter(owners))
        return
    project = await catalog.projects.by_id(id)
    if project is None:
        numbered = [one for one in await catalog.projects.all() if one.number == str(id)]
        raise NoSuchObject("project", str(id), numbered)
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


async def _within(catalog: Catalog, place: Place, word: str, owners: set[int] | None) -> None:
    """Add the subproject; where no project is named, it brings its project along."""
    if is_id(word) and place.projects_id is not None:
        place.subprojects_id = int(word)
        return
    await at_once(catalog.subprojects.names, catalog.projects.names)
    projects = await catalog.projects.names()

    def belongs(one: Subproject) -> bool:
        parent = projects.by_id(one.projects_id)
        return one.projects_id == place.projects_id or (
            place.projects_id is None and (owners is None or (parent is not None and parent.customers_id in owners))
        )

    def within(one: Subproject) -> str:
        parent = projects.by_id(one.projects_id)
        return parent.name if parent else ""

    place.subproject, notes = await find_one(catalog.subprojects, word, among=belongs, within=within)
    place.subprojects_id = place.subproject.id
    place.notes += notes
    parent = projects.by_id(place.subproject.projects_id)
    if parent is None:
        raise NoSuchObject("subproject", word, [])
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
            numbered = [one for one in await catalog.customers.all() if one.number == str(place.customers_id)]
            raise NoSuchObject("customer", str(place.customers_id), numbered)
        kind, source = "customer", customer
    billable = source.billable_default
    note = f"{'Billable' if billable else 'Not billable'}: the default of {kind} {cell(source.name)}."
    return int(Billable.BILLABLE if billable else Billable.NOT_BILLABLE), note
