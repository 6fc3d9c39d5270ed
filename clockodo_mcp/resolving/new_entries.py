"""A new entry out of the words of a call: one of `create_time_entry`, or one of many."""

from collections.abc import Sequence

from clockodo_mcp import steps
from clockodo_mcp.api.models import NewEntry, NewLumpsumServiceEntry, NewLumpsumValue, NewTimeEntry
from clockodo_mcp.call import Call
from clockodo_mcp.errors import Contradiction
from clockodo_mcp.resolving import objects, places, times
from clockodo_mcp.resolving.finding import Finding, Found, Words, together

NO_PLACE = "name the customer or the project that this is booked on."


def time_entry(
    *,
    customer: str,
    project: str,
    subproject: str,
    service: str,
    time_since: str,
    time_until: str,
    duration: str,
    billable: str,
    text: str,
    user: str,
    hourly_rate: float | None,
    round_up_to: str = "",
    planned: Sequence[Finding[NewEntry]] = (),
) -> Finding[NewEntry]:
    """Working time. `planned` come before it in the same call."""
    place = places.open_place(customer, project, subproject, or_else=NO_PLACE)
    work = objects.service_or_usual(service, place)
    state = places.billable_or_default(billable, place)
    whose = objects.user_to_book(user)
    span = times.of_new_entry(time_since, time_until, duration, whose, planned, round_up_to)

    async def make(call: Call) -> NewEntry:
        at, lasts = place.found.value, span.found.value
        assert at.customers_id is not None, "a place to book has a customer"
        return NewTimeEntry(
            customers_id=at.customers_id,
            projects_id=at.projects_id,
            subprojects_id=at.subprojects_id,
            services_id=work.found.value,
            billable=state.found.value,
            time_since=lasts.start,
            time_until=lasts.end,
            duration=lasts.duration,
            users_id=whose.found.value if whose.found.value != call.caller.id else None,
            text=text or None,
            hourly_rate=hourly_rate,
        )

    return together((place, work, state, span, whose), make)


def lump_sum(
    *,
    customer: str,
    project: str,
    subproject: str,
    service: str,
    lumpsum: float | None,
    lumpsum_service: str,
    amount: float | None,
    time_since: str,
    billable: str,
    text: str,
    user: str,
) -> Finding[NewEntry]:
    """An amount of money with a service, or pieces of a lump sum service."""
    wrong = _neither_or_both(service, lumpsum, lumpsum_service, amount)
    place = places.open_place(customer, project, subproject, or_else=NO_PLACE)
    when, whose = times.of_lump_sum(time_since), objects.user_to_book(user)
    state = places.billable_or_default(billable, place)
    sold: Finding[int | None] = objects.open_lumpsum_service(lumpsum_service)
    if lumpsum is not None:
        sold = objects.service_or_usual(service, place)

    async def decide(_: Call, __: Words) -> Found[None]:
        if wrong is not None:
            raise wrong
        return Found(None)

    async def make(call: Call) -> NewEntry:
        at = place.found.value
        common = {
            "customers_id": at.customers_id,
            "projects_id": at.projects_id,
            "subprojects_id": at.subprojects_id,
            "billable": state.found.value,
            "time_since": when.found.value,
            "users_id": whose.found.value if whose.found.value != call.caller.id else None,
            "text": text or None,
        }
        if lumpsum is not None:
            return NewLumpsumValue.model_validate({**common, "services_id": sold.found.value, "lumpsum": lumpsum})
        pieces = {"lumpsum_services_id": sold.found.value, "lumpsum_services_amount": amount}
        return NewLumpsumServiceEntry.model_validate({**common, **pieces})

    # What is sold is of no interest while it is not clear which kind is meant.
    return together((Finding(decide), place, *(() if wrong else (sold, state)), when, whose), make)


def _neither_or_both(
    service: str, lumpsum: float | None, lumpsum_service: str, amount: float | None
) -> Contradiction | None:
    """What is wrong where a lump sum is neither an amount of money nor pieces, or both."""
    by_value, by_service = lumpsum is not None, bool(lumpsum_service) or amount is not None
    if by_value != by_service and not (by_service and (not lumpsum_service or amount is None or service)):
        return None
    why = "give either lumpsum with service, or lumpsum_service with amount."
    argument = "lumpsum" if by_value or not by_service else "lumpsum_service"
    value = "" if lumpsum is None else f"{lumpsum:g}"
    see = steps.search("lumpsum_services", to="to see the lump sum services")
    return Contradiction(why, argument=argument, value=value, next=(see,))
