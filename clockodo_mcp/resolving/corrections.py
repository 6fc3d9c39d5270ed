"""A correction out of the words of a call: what changes about an entry that is stored."""

from collections.abc import Sequence

from clockodo_mcp import steps
from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Edit
from clockodo_mcp.domain.corrected import Times, appended, correction_of
from clockodo_mcp.errors import Contradiction, Unreadable
from clockodo_mcp.reading.entries import EntryInItsDay
from clockodo_mcp.resolving import objects, places
from clockodo_mcp.resolving.finding import Finding, Found, Words


def of_entry(
    before: Finding[EntryInItsDay],
    *,
    customer: str,
    project: str,
    subproject: str,
    service: str,
    times: Times,
    billable: str,
    text: str,
    append_text: str,
    user: str,
    hourly_rate: float | None,
    lumpsum: float | None,
    lumpsum_service: str,
    amount: float | None,
    clear: Sequence[str],
) -> Finding[Edit]:
    """What is to be changed about an entry; only what is given changes."""
    place = places.moved_to(before, customer, project, subproject)
    work, pieces = objects.open_service(service, before), objects.open_lumpsum_service(lumpsum_service, before)
    state, whose = places.billable_as_said(billable), objects.user_or_none(user, before)

    async def look(call: Call, _: Words) -> Found[Edit]:
        entry = (await before.value(call)).entry
        if append_text and (text or "text" in clear):
            why = "the text is to be appended to, and to become another; leave one of them out."
            raise Contradiction(why, argument="append_text", value=append_text)
        given: dict[str, object] = {
            "services_id": await work.value(call),
            "lumpsum_services_id": await pieces.value(call),
            "users_id": await whose.value(call),
            "billable": await state.value(call),
            "text": appended(entry, append_text) if append_text else text or None,
            "hourly_rate": hourly_rate,
            "lumpsum": lumpsum,
            "lumpsum_services_amount": amount,
        }
        given = {name: value for name, value in given.items() if value is not None}
        # What it is on already is not sent beside other things: it may be inactive by now.
        is_there = {name for name in given if name.endswith("_id") and given[name] == getattr(entry, name, None)}
        change, notes = correction_of(
            entry,
            {name: value for name, value in given.items() if name not in is_there} or given,
            place=await place.value(call),
            times=times,
            clear=clear,
            zone=call.zone,
            today=call.today,
        )
        if change is None:
            why = "nothing to change was given; name at least one field, or clear."
            raise Unreadable(why, argument="id", value=entry.id, next=(steps.see_entry(entry.id),))
        return Found(Edit(entry, change), notes)

    return Finding(look, parts=(before, place, work, pieces, state, whose))
