"""What a change would do, in a sentence, before it is done."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import ConfigDict, TypeAdapter

from clockodo_mcp.answers.before_after import described
from clockodo_mcp.answers.rows import EntryRow, counted, row
from clockodo_mcp.api.models import Entry, EntryChange, NewEntry, NewLumpsumValue, NewTimeEntry, TimeEntry
from clockodo_mcp.api.models.clock import ClockStart
from clockodo_mcp.call import Call
from clockodo_mcp.cells import quoted
from clockodo_mcp.domain.commands import (
    Command,
    Create,
    Delete,
    Edit,
    Move,
    Start,
    Stop,
    reasons_for_care,
    reasons_for_care_of,
)
from clockodo_mcp.domain.differences import differences
from clockodo_mcp.domain.moments import hours, since_text
from clockodo_mcp.domain.totals import seconds_to_book, totals_of
from clockodo_mcp.speech import Said, joined, say

SHOWN = 10
"""Entries of a preview at most; the rest is counted."""

ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry, config=ConfigDict(defer_build=True))


async def preview_of(call: Call, *commands: Command) -> Said:
    """What would be done, with the reasons for care: one sentence, or of many their sums and a line for the first."""
    if len(commands) > 1:
        return await _preview_of_many(call, commands)
    [command] = commands
    care = reasons_for_care(command.before, call.caller.id) if isinstance(command, Edit | Delete) else ""
    return joined(" ", (await _preview_of(call, command), care))


async def _preview_of_many(call: Call, commands: Sequence[Command]) -> Said:
    news = [one.new for one in commands if isinstance(one, Create)]
    before = [one.before for one in commands if isinstance(one, Edit | Delete)]
    seconds = sum(map(seconds_to_book, news)) + totals_of(before).seconds
    money = sum(new.lumpsum for new in news if isinstance(new, NewLumpsumValue))
    sums = say("lump sums {money}", money=f"{money:,.2f}") if money else ""
    would = "This would create {entries}, {much}:" if news else "This would change {entries}, {much}:"
    lines = [say(would, entries=counted(len(commands)), much=joined(", ", (f"{hours(seconds)} h", sums)))]
    lines += [joined("", ("- ", await _entry_of(call, one))) for one in commands[:SHOWN]]
    lines += [say("- and {count} more", count=len(commands) - SHOWN)] if len(commands) > SHOWN else []
    return joined("\n", [*lines, *reasons_for_care_of(before, call.caller.id)])


async def _entry_of(call: Call, command: Command) -> Said:
    """The entry that a command is about, with what would change."""
    match command:
        case Create(new):
            return (await planned_row(call, new)).in_words()
        case Edit(before, change):
            after = await named_after(call, before, change)
            changes = described(differences(before, after), before, after, call.zone)
            return joined(": ", (_shown(call, before), changes))
        case Delete(before) | Stop(before) | Move(before):
            return _shown(call, before)
        case Start(new):
            return await _start_in_words(call, new)


async def _preview_of(call: Call, command: Command) -> Said:
    match command:
        case Create():
            return say("This would create: {entry}.", entry=await _entry_of(call, command))
        case Edit():
            return say("This would change {entry}.", entry=await _entry_of(call, command))
        case Delete():
            return say("This would delete {entry}.", entry=await _entry_of(call, command))
        case Start(new, stops):
            when, on = _when(call, new.time_since), await _start_in_words(call, new)
            if stops is None:
                return say("This would start the clock {when} on {entry}.", when=when, entry=on)
            would = "{runs}. This would stop it {when} and start the clock on {entry}."
            return say(would, runs=runs_on(call, stops), when=when, entry=on)
        case Stop(before, until, text):
            runs, when = runs_on(call, before), _when(call, until)
            if text:
                would = "{runs}. This would stop it {when} with the text {text}."
                return say(would, runs=runs, when=when, text=quoted(text))
            return say("{runs}. This would stop it {when}.", runs=runs, when=when)
        case Move(before, start):
            would = "{runs}. This would move its start to {start}."
            return say(would, runs=runs_on(call, before), start=since_text(start, call.zone, call.today))


def _when(call: Call, moment: datetime | None) -> Said:
    return say("at {time}", time=since_text(moment, call.zone, call.today)) if moment else say("now")


def _shown(call: Call, entry: Entry) -> Said:
    return row(entry, call.caller).in_words()


def runs_on(call: Call, running: TimeEntry) -> Said:
    """`Entry 400 runs since 15:38: Acme GmbH › Relaunch, Design, …`."""
    seen = row(running, call.caller)
    on = joined(", ", (seen.booked_on, seen.service, seen.text))
    since = since_text(running.time_since, call.zone, call.today)
    return say("Entry {id} runs since {since}: {on}", id=running.id, since=since, on=on)


async def planned_row(call: Call, new: NewEntry) -> EntryRow:
    """A new entry as an answer would show it, without an id."""
    fields: dict[str, object] = {"id": 0, "users_id": call.caller.id, **new.model_dump(exclude_none=True)}
    if isinstance(new, NewTimeEntry) and new.duration is None:
        fields["duration"] = seconds_to_book(new)
    if fields["users_id"] != call.caller.id and (person := await call.app.catalog.users.by_id(new.users_id or 0)):
        fields["users_name"] = person.name
    entry = await call.app.catalog.with_names(ENTRY.validate_python(fields))
    return row(entry, call.caller)


async def named_after(call: Call, entry: Entry, change: EntryChange) -> Entry:
    """An entry as a correction would leave it, with the names of what it would be on."""
    fields = change.model_dump(exclude_unset=True)
    old_names = {name.removesuffix("_id") + "_name": None for name in fields if name.endswith("_id")}
    texts = {"texts_id": None} if "text" in fields else {}
    return await call.app.catalog.with_names(entry.model_copy(update={**fields, **old_names, **texts}))


async def _start_in_words(call: Call, new: ClockStart) -> Said:
    """Where a start is booked, with what and how: names, no times."""
    fields = {"id": 0, "users_id": call.caller.id, "time_since": call.now, **new.model_dump(exclude_none=True)}
    entry = await call.app.catalog.with_names(TimeEntry.model_validate(fields))
    seen = row(entry, call.caller)
    return joined(", ", (seen.booked_on, seen.service, seen.billable, seen.text))
