"""The two parts of an entry that is split, out of the words of a call."""

from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Create, Edit
from clockodo_mcp.domain.corrected import Times, correction_of
from clockodo_mcp.domain.differences import unknown
from clockodo_mcp.domain.splitting import first_part, moment_in, second_part
from clockodo_mcp.errors import WrongState
from clockodo_mcp.reading.entries import EntryInItsDay
from clockodo_mcp.resolving import objects, places
from clockodo_mcp.resolving.finding import Finding, Found, Words

OWN_RULES = "the rest has the rate that Clockodo gives it by its own rules."


def of_entry(
    whole: Finding[EntryInItsDay],
    at: str,
    after: str,
    *,
    customer: str,
    project: str,
    subproject: str,
    service: str,
    billable: str,
    text: str,
) -> Finding[tuple[Edit, Create]]:
    """What shortens an entry, and what is booked for the rest of it: as the entry was, but for what is said."""
    place = places.moved_to(whole, customer, project, subproject)
    work, state = objects.open_service(service), places.billable_as_said(billable)

    async def look(call: Call, _: Words) -> Found[tuple[Edit, Create]]:
        entry = (await whole.value(call)).entry
        moment = moment_in(entry, at, after, call.zone, call.now)
        given = {"services_id": await work.value(call), "billable": await state.value(call), "text": text or None}
        to = await place.value(call)
        # A new entry needs no project: the rest of one is on the customer alone where only that is said.
        goes = to.customers_id not in (None, entry.customers_id)
        leaves = goes and to.projects_id is None and entry.projects_id is not None
        change, notes = correction_of(
            entry,
            {name: value for name, value in given.items() if value is not None},
            place=to,
            times=Times(),
            clear=("project",) if leaves else (),
            zone=call.zone,
            today=call.today,
        )
        new = second_part(entry, moment, change, call.caller.id)
        if reason := await places.closed_for(call, new):
            why = f"{reason}, so no second part can be booked as entry {entry.id} is; say what it is on instead."
            raise WrongState(why, argument="id", value=entry.id)
        if unknown(entry, "hourly_rate"):
            notes = [*notes, f"The hourly rate of entry {entry.id} is not visible to this key: {OWN_RULES}"]
        return Found((Edit(entry, first_part(entry, moment)), Create(new)), notes)

    return Finding(look, parts=(whole, place, work, state))
