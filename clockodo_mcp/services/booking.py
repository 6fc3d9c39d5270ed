"""Where an entry is booked: ids out of words, and the defaults that the catalogue and past entries give."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clockodo_mcp.api.models import Billable, EntryQuery
from clockodo_mcp.domain.cells import cell
from clockodo_mcp.domain.names import NoSuchObject, listed
from clockodo_mcp.services.desk import Desk

HABIT_DAYS = 90
"""How far back the caller's own entries tell which service is usual."""

HABIT_SHARE = 0.75
"""The share of those entries that must agree before their service is taken."""


@dataclass
class Booking:
    """Ids that words were resolved to, and a sentence for each default that was chosen."""

    customers_id: int | None = None
    projects_id: int | None = None
    subprojects_id: int | None = None
    notes: list[str] = field(default_factory=list)


async def resolve_booking(desk: Desk, *, customer: str = "", project: str = "", subproject: str = "") -> Booking:
    """Ids of the objects that were named. An empty word stays None, but a project brings its customer along.

    Raises:
        NoSuchObject, SeveralObjects: with the choices.
    """
    booking = Booking()
    if customer:
        booking.customers_id = await desk.catalog.customers.id_of(customer)
    if project:
        mine = booking.customers_id
        booking.projects_id = await desk.catalog.projects.id_of(
            project, lambda one: mine is None or one.customers_id == mine
        )
        if mine is None:
            parent = await desk.catalog.projects.by_id(booking.projects_id)
            if parent is None:
                raise NoSuchObject(
                    f"project={project!r}: no project with this id is visible. Name its customer, or another project."
                )
            booking.customers_id = parent.customers_id
    if subproject:
        within = booking.projects_id
        booking.subprojects_id = await desk.catalog.subprojects.id_of(
            subproject, lambda one: within is None or one.projects_id == within
        )
        if within is None:
            found = await desk.catalog.subprojects.by_id(booking.subprojects_id)
            owner = await desk.catalog.projects.by_id(found.projects_id) if found else None
            if owner is None:
                raise NoSuchObject(f"subproject={subproject!r}: name its project too.")
            booking.projects_id, booking.customers_id = owner.id, owner.customers_id
    return booking


async def default_billable(desk: Desk, booking: Booking) -> int:
    """The project's default, else the customer's; noted in the booking with its reason."""
    assert booking.customers_id is not None
    project = await desk.catalog.projects.by_id(booking.projects_id) if booking.projects_id else None
    if project is not None:
        source, billable = f"the default of project {cell(project.name)}", project.billable_default
    else:
        customer = await desk.catalog.customers.by_id(booking.customers_id)
        if customer is None:
            raise NoSuchObject(
                f"customer={str(booking.customers_id)!r}: no customer with this id is visible. Name another one."
            )
        source, billable = f"the default of customer {cell(customer.name)}", customer.billable_default
    booking.notes.append(f"{'Billable' if billable else 'Not billable'}: {source}.")
    return int(Billable.BILLABLE if billable else Billable.NOT_BILLABLE)


async def default_service(desk: Desk, booking: Booking, *, users_id: int, now: datetime) -> int:
    """The service that three quarters of the person's entries there had in the last 90 days; noted with its reason.

    "There" is the project, else the customer. One request each.

    Raises:
        NoSuchObject: the entries leave a doubt; the message lists the services.
    """
    places = [("project", booking.projects_id), ("customer", booking.customers_id)]
    for place, id in places:
        if id is None:
            continue
        asked = EntryQuery(
            time_since=now - timedelta(days=HABIT_DAYS), time_until=now, users_id=users_id, **{f"{place}s_id": id}
        )
        used = Counter(
            entry.services_id
            for entry in (await desk.clockodo.entries(asked)).entries
            if entry.kind != "service" and entry.services_id is not None
        )
        if used:
            services_id, times = used.most_common(1)[0]
            service = await desk.catalog.services.by_id(services_id)
            if times >= HABIT_SHARE * used.total() and service is not None and service.active:
                booking.notes.append(
                    f"Service {cell(service.name)}: {times} of the {used.total()} entries on this {place} "
                    f"in the last {HABIT_DAYS} days have it."
                )
                return services_id
            break
    offered = [service for service in await desk.catalog.services.all() if service.active]
    raise NoSuchObject(
        "service is missing, and earlier entries here leave it open. Nothing was written. "
        f"Call again with service set to one of: {listed(offered)}."
    )


async def users_id_of(desk: Desk, user: str) -> int | None:
    """`me` (or nothing) is the caller, `all` is None, anything else a co-worker."""
    if user in ("", "me"):
        return (await desk.account.caller()).id
    return None if user == "all" else await desk.catalog.users.id_of(user)
