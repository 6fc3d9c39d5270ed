"""A stored entry that a call is about: by its id, or by words of it and a day."""

from clockodo_mcp import steps
from clockodo_mcp.answers.rows import row
from clockodo_mcp.api.failures import NotFound
from clockodo_mcp.api.models import Entry
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell, quoted
from clockodo_mcp.domain.choices import NoSuchEntry, SeveralObjects
from clockodo_mcp.domain.entry_words import meant_by, says_something
from clockodo_mcp.domain.words import id_in
from clockodo_mcp.errors import Contradiction, Unreadable, WrongState
from clockodo_mcp.reading.entries import EntryInItsDay, every_entry, in_its_day
from clockodo_mcp.resolving.filters import of_person
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.resolving.times import period_of

LATELY = "last_7_days"
"""Where an entry is looked for that no day was said of."""


def one(id: int | None, which: str, day: str) -> Finding[EntryInItsDay]:
    """The entry that is meant, with its day: by its id, or the only one of the caller's that the words fit.

    Two requests; one more for each thousand entries of a long period.
    """

    async def look(call: Call, words: Words) -> Found[EntryInItsDay]:
        if not words["id"] and (given := id_in(words["which"])) is not None and not given[1]:
            return Found(await _by_id(call, given[0]))
        if not words["id"]:
            return Found(await _by_words(call, words["which"], words["day"]))
        if words["which"] or words["day"]:
            raise Contradiction("give id, or which and day, not both.", argument="id", value=int(words["id"]))
        return Found(await _by_id(call, int(words["id"])))

    return Finding(look, {"id": str(id or ""), "which": which, "day": day})


def known(entry: Entry) -> Finding[EntryInItsDay]:
    """An entry as it was, where the call knows it."""

    async def look(_: Call, __: Words) -> Found[EntryInItsDay]:
        return Found(EntryInItsDay(entry, [], []))

    return Finding(look)


async def _by_id(call: Call, id: int) -> EntryInItsDay:
    try:
        bare = await call.app.clockodo.entry(id)
    except NotFound as error:
        why = "there is no such entry in Clockodo, or this account may not see it (404)."
        raise WrongState(why, argument="id", value=id, next=(steps.list_entries(),)) from error
    return await in_its_day(call.app.clockodo, bare, call.zone)


async def _by_words(call: Call, which: str, day: str) -> EntryInItsDay:
    if not (which or day):
        why = "say which entry: its id, or which (words of its text, place or time) with its day."
        raise Unreadable(why, argument="id", next=(steps.list_entries(),))
    if which and not says_something(which):
        raise Unreadable("give words that can be seen.", argument="which", value=which)
    span = period_of(call, day or LATELY, "day")
    there = await every_entry(call.app.clockodo, of_person(call.caller.id).over(span))
    meant = meant_by(which, there, call.zone)
    if len(meant) == 1:
        return await in_its_day(call.app.clockodo, meant[0], call.zone)
    argument, value = ("which", which) if which else ("day", day)
    if meant:
        asks = f"Which entry is meant by {quoted(value)}?"
        options = {_shown(call, one): {"id": str(one.id), "which": "", "day": ""} for one in meant}
        raise SeveralObjects(f"fits {len(meant)} entries.", asks, options, argument=argument, value=value)
    raise NoSuchEntry(argument, value, span.dates, [_shown(call, one) for one in there[::-1]])


def _shown(call: Call, entry: Entry) -> str:
    """`entry 24: Mon 2026-11-23 11:15–12:15, Acme GmbH › Relaunch, Kick-off`."""
    seen = row(entry, call.zone)
    weekday = f"{entry.time_since.astimezone(call.zone):%a}"
    parts = (f"{weekday} {seen.date} {seen.times}", seen.quantity, seen.booked_on, cell(entry.text or "", 60))
    return f"entry {entry.id}: {', '.join(part for part in parts if part)}"
