"""A stored entry that a call is about: by its id, or by words of it and a day."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from clockodo_mcp import steps
from clockodo_mcp.answers.rows import row
from clockodo_mcp.api.failures import NotFound
from clockodo_mcp.api.models import Entry, TimeEntry
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell, quoted
from clockodo_mcp.domain.choices import NoSuchEntry, SeveralObjects
from clockodo_mcp.domain.differences import state_of
from clockodo_mcp.domain.entry_words import ends_at, is_text, meant_by, says_something
from clockodo_mcp.domain.periods import Period
from clockodo_mcp.domain.words import id_in, id_perhaps, words_of
from clockodo_mcp.errors import Contradiction, NotThere, Unreadable, WrongState
from clockodo_mcp.reading.entries import EntryInItsDay, every_entry, in_its_day
from clockodo_mcp.resolving.filters import of_person
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.resolving.times import period_of
from clockodo_mcp.speech import Said, joined, say
from clockodo_mcp.writing.changes import Action
from clockodo_mcp.writing.writer import RESUMED_WITHIN

GONE = {Action.DELETE: "deleted", Action.UPDATE: "changed"}

A_DAY = timedelta(days=1)

EARLIEST = datetime(2, 1, 1, tzinfo=UTC)
"""No day before this is looked at, as the calendar has none in every time zone."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

LATELY = "last_7_days"
"""Where an entry is looked for that no day was said of."""


def by_id_or_words(id: int | None, which: str, day: str, drawn: str = "") -> Finding[EntryInItsDay]:
    """The entry that is meant, with its day: by its id, or the only one of the caller's that the words fit.

    Two requests; one more for each thousand entries of a long period. Refused where its state is not the one in which
    it was `drawn`.
    """

    async def look(call: Call, words: Words) -> Found[EntryInItsDay]:
        if not words["id"]:
            return Found(await _by_words(call, words["which"], words["day"]))
        if words["which"] or words["day"]:
            raise Contradiction("give id, or which and day, not both.", argument="id", value=int(words["id"]))
        found = await _by_id(call, int(words["id"]))
        if drawn and state_of(found.entry) != drawn:
            why = say("entry {id} was changed since it was drawn.", id=found.entry.id)
            raise WrongState(why, argument="drawn", next=(steps.see_entry(found.entry.id),))
        return Found(found)

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
        why = say("there is no such entry in Clockodo, or this account may not see it (404).")
        raise NotThere(why, argument="id", value=id, next=(steps.list_entries(),)) from error
    return await in_its_day(call.app.clockodo, bare, call.zone)


async def _by_words(call: Call, which: str, day: str) -> EntryInItsDay:
    if not (which or day):
        why = "say which entry: its id, or which (words of its text, place or time) with its day."
        raise Unreadable(why, argument="id", next=(steps.list_entries(),))
    if which and not says_something(which):
        raise Unreadable("give words that can be seen.", argument="which", value=which)
    span = period_of(call, day or LATELY, "day")
    there, ended_there = await _of_span(call, span)
    said = id_in(which)
    id, label = said or (id_perhaps(which), "")
    meant = meant_by(label or which, there, call.zone)
    meant += [one for one in meant_by(which, ended_there, call.zone) if ends_at(which, one, call.zone)]
    if label and meant:
        # Where the label is of another entry than the id, either may be meant.
        of_id = [one for one in there if one.id == id]
        meant = of_id if of_id and of_id[0] in meant else meant + of_id
    elif id is not None and not day and all(one.id != id for one in meant):
        if said and not label and not meant:
            return await _by_id(call, id)
        if meant:
            with suppress(WrongState):  # digits that are nobody's id
                meant.append((await _by_id(call, id)).entry)
    argument, value = ("which", which) if which else ("day", day)
    if len(meant) == 1:
        if which:
            await _refuse_the_next(call, which, meant[0])
        return await in_its_day(call.app.clockodo, meant[0], call.zone)
    if meant:
        asks = say("Which entry is meant by {word}?", word=quoted(value))
        options: dict[str, dict[str, str]] = {
            _shown(call, one): {"id": str(one.id), "which": "", "day": ""} for one in meant
        }
        raise SeveralObjects(
            say("fits {count} entries.", count=len(meant)), asks, options, argument=argument, value=value
        )
    shown = [_shown(call, one) for one in there[::-1]]
    why = f"no entry of yours on {span.dates} has these words." if there else f"{span.dates} has no entry of yours."
    raise NoSuchEntry(argument, value, why=why, there=shown)


async def _of_span(call: Call, span: Period) -> tuple[list[Entry], list[Entry]]:
    """The caller's entries of a span, and those of the day before that end in it."""
    longer = Period(span.start - A_DAY, span.end, span.zone) if span.start > EARLIEST else span
    found = await every_entry(call.app.clockodo, of_person(call.caller.id).over(longer))
    ended: list[Entry] = [
        one for one in found if one.time_since < span.start and isinstance(one, TimeEntry)
        and one.time_until is not None and span.start < one.time_until <= span.end
    ]  # fmt: skip
    return [one for one in found if one.time_since >= span.start], ended


async def _refuse_the_next(call: Call, which: str, entry: Entry) -> None:
    """Refuse an entry that only has the words, where the one whose text, or id, they are was taken away a moment ago.

    Raises:
        NoSuchEntry: with that change, and the entry.
    """
    for change in await call.app.journal.taken_away(call.now - RESUMED_WITHIN):
        gone = change.before
        if gone is None or gone.id == entry.id:
            continue
        of_text = not is_text(which, entry) and words_of(which) == words_of(gone.text or "")
        of_id = change.action is Action.DELETE and gone.id == id_perhaps(which) and entry.id != id_perhaps(which)
        if of_text or of_id:
            had, was = "text" if of_text else "id", GONE[change.action]
            where = f"entry {gone.id}, which had this {had}, was {was} by change {change.id}."
            raise NoSuchEntry("which", which, why=where, there=[_shown(call, entry)])


def _shown(call: Call, entry: Entry) -> Said:
    """`entry 24: Mon 2026-11-23 11:15–12:15, Acme GmbH › Relaunch, Kick-off`."""
    seen = row(entry, call.caller)
    weekday = say(WEEKDAYS[entry.time_since.astimezone(call.zone).weekday()])
    when = joined(" ", (weekday, seen.date, seen.times))
    parts = joined(", ", (when, seen.quantity, seen.booked_on, cell(entry.text or "", 60)))
    return joined("", (say("entry {id}: ", id=entry.id), parts))
