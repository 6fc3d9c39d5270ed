"""`search_catalog`: customers, projects, services and people, by name."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from clockodo_mcp.account.catalogue import Catalog, CatalogList, owner_of
from clockodo_mcp.account.habits import Use
from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.rows import table
from clockodo_mcp.api.client import at_once
from clockodo_mcp.api.models import Budget, Completable, Customer, Named, Project, Subproject
from clockodo_mcp.app import App
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell, quoted
from clockodo_mcp.domain.names import Fit
from clockodo_mcp.domain.words import id_perhaps
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving.places import customers_named

Kind = Literal["customers", "projects", "subprojects", "services", "lumpsum_services", "users"]

KINDS: tuple[Kind, ...] = get_args(Kind)

LATELY = 30
"""Days in which the caller's own use is counted."""


class CatalogRow(Facts):
    """One object of the catalogue. `used` counts the caller's own entries of the last 30 days."""

    kind: Kind
    id: int
    name: str = Field(description="With what it belongs to: customer › project › subproject")
    projects_id: int | None = Field(default=None, description="Of a subproject")
    number: str | None = None
    billable: bool | None = Field(default=None, description="The default for new entries")
    budget: str | None = None
    closed: str | None = Field(default=None, description="inactive or completed: takes no new entries")
    used: int | None = None


class CatalogRows(Facts):
    """The answer of `search_catalog`."""

    found: int
    rows: list[CatalogRow]


def _as_kinds(value: Any) -> Any:
    """One of a kind means the kind: `customer`, `Lumpsum service`."""
    if not isinstance(value, list):
        return value
    plain = [one.strip().lower().replace(" ", "_") if isinstance(one, str) else one for one in value]
    return [f"{one}s" if f"{one}s" in KINDS else one for one in plain]


@tool(
    title="Search the catalogue",
    writes=False,
    for_pages=True,
    search_hint="find customer, client, project, service, co-worker, id, which projects does a customer have; "
    "Kunde, Projekt, Leistung, Tätigkeit, Mitarbeiter suchen, finden, Liste",
)
async def search_catalog(
    call: Call,
    query: Annotated[str, take.Text, Field(description="Name, part of it, number or id; empty lists all")] = "",
    kinds: Annotated[
        list[Kind],
        BeforeValidator(_as_kinds),
        take.Words,
        Field(description="Default: customers, projects, services; with customer its projects"),
    ] = [],  # noqa: B006 - a schema default, never changed
    customer: Annotated[str, take.Name, Field(description="Only what belongs to this customer")] = "",
    include_inactive: Annotated[bool, Field(description="Also inactive and completed ones")] = False,
    limit: Annotated[int, Field(ge=1, le=100, description="Rows shown")] = 10,
) -> Answer[CatalogRows]:
    """Find customers, projects, services or people and their ids, best match first, the often used ones before others.
    Use it to look around or to choose; the other tools take names themselves, so no search is needed before them.
    Example: {"query": "relaunch", "kinds": ["projects"]}.
    """
    app = call.app
    wanted: list[Kind] = kinds or (["projects"] if customer else ["customers", "projects", "services"])
    # A project is shown with its customer, a subproject with its project.
    needed = {*wanted, *(("customers", "projects") if {"projects", "subprojects"} & {*wanted} else ())}
    await at_once(app.habits.uses, *(list_of(app.catalog, kind).names for kind in sorted(needed)))
    owners = await customers_named(app.catalog, customer) if customer else None
    hits = await _hits(app, wanted, query, await _belongs(app.catalog, owners), include_inactive=include_inactive)
    fitting = [hit for hit in hits if hit.fit is not None]
    shown = sorted(fitting or hits, key=lambda hit: hit.rank)[:limit]
    facts = CatalogRows(found=len(fitting), rows=[await _row(app.catalog, hit) for hit in shown])
    return Answer(_words(query, facts), facts)


@dataclass(frozen=True)
class _Hit:
    """An object that was found, with how well it fits (None: only near) and how often the caller used it."""

    fit: Fit | None
    used: int
    kind: Kind
    one: Named

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller is better."""
        return (len(Fit) if self.fit is None else self.fit, -self.used)


async def _hits(
    app: App, kinds: list[Kind], query: str, belongs: Callable[[Named], bool], *, include_inactive: bool
) -> list[_Hit]:
    uses = await app.habits.uses(LATELY)
    hits: list[_Hit] = []
    id = id_perhaps(query)
    for kind in kinds:
        names = await (app.catalog.paths() if kind == "projects" else list_of(app.catalog, kind).names())
        used = Counter(USED[kind](use) for use in uses) if kind in USED else Counter[int | None]()
        found = names.search(query, lambda one: belongs(one) and (include_inactive or not one.closed or one.id == id))
        hits += [_Hit(fit, used[one.id], kind, one) for fit, one in found]
    return hits


USED: dict[Kind, Callable[[Use], int | None]] = {
    "customers": lambda use: use.customers_id,
    "projects": lambda use: use.projects_id,
    "services": lambda use: use.services_id,
}
"""Of which kinds an entry tells that they were used."""


def list_of(catalog: Catalog, kind: Kind) -> CatalogList[Any]:
    """The list of a kind; what is in it differs, so its type is open."""
    lists: dict[Kind, CatalogList[Any]] = {
        "customers": catalog.customers,
        "projects": catalog.projects,
        "subprojects": catalog.subprojects,
        "services": catalog.services,
        "lumpsum_services": catalog.lumpsum_services,
        "users": catalog.users,
    }
    return lists[kind]


async def _belongs(catalog: Catalog, owners: set[int] | None) -> Callable[[Named], bool]:
    """Whether an object is one of these customers, or theirs; services and people are everybody's."""
    if owners is None:
        return lambda _: True
    projects = await catalog.projects.names()

    def belongs(one: Named) -> bool:
        if isinstance(one, Customer):
            return one.id in owners
        project = projects.by_id(one.projects_id) if isinstance(one, Subproject) else one
        return not isinstance(project, Project) or project.customers_id in owners

    return belongs


async def _row(catalog: Catalog, hit: _Hit) -> CatalogRow:
    one, path = hit.one, [hit.one.name]
    if isinstance(one, Subproject):
        parent = await catalog.projects.by_id(one.projects_id)
        path = [parent.name, *path] if parent else path
        one = parent or one
    if isinstance(one, Project):
        owner = owner_of(one, await catalog.customers.names())
        path = [owner, *path] if owner else path
    return CatalogRow(
        kind=hit.kind,
        id=hit.one.id,
        name=" › ".join(map(cell, path)),
        projects_id=hit.one.projects_id if isinstance(hit.one, Subproject) else None,
        number=cell(hit.one.number) if hit.one.number else None,
        billable=hit.one.billable_default if isinstance(hit.one, Customer | Completable) else None,
        budget=_budget(hit.one.budget) if isinstance(hit.one, Project) and hit.one.budget else None,
        closed=hit.one.closed or None,
        used=hit.used if hit.kind in USED else None,
    )


def _budget(budget: Budget) -> str | None:
    if budget.amount is None:
        return None
    amount = f"{budget.amount:,.2f}" if budget.monetary else f"{budget.amount:g} h"
    return f"{amount} hard" if budget.hard else amount


COLUMNS: dict[str, Callable[[CatalogRow], str]] = {
    "id": lambda one: str(one.id),
    "name": lambda one: one.name,
    "kind": lambda one: one.kind.removesuffix("s"),
    "number": lambda one: one.number or "",
    "billable": lambda one: "" if one.billable is None else "yes" if one.billable else "no",
    "budget": lambda one: one.budget or "",
    "closed": lambda one: one.closed or "",
    "used": lambda one: str(one.used or ""),
}
"""Columns of the table; all but the first two are left out where they say nothing."""


def _words(query: str, facts: CatalogRows) -> str:
    found, rows = facts.found, facts.rows
    if not rows and not query.strip():
        return "There is nothing of that kind here."
    if not rows:
        return f"Nothing is named {quoted(query)}. To see what there is, call search_catalog with query=''."
    of = f" for {quoted(query)}" if query.strip() else ""
    head = f"{found} found{of}" if found else f"Nothing is named {quoted(query)}; the nearest"
    head += f", the best {len(rows)}; more with limit." if found > len(rows) else "."
    columns = {name: make for name, make in COLUMNS.items() if name != "kind" or len({one.kind for one in rows}) > 1}
    used = f" used: your entries in the last {LATELY} days." if any(one.used for one in rows) else ""
    return f"{head}{used}\n\n{table(rows, columns)}"
