"""The clock: see what runs, start, stop, and move the start."""

from typing import Annotated

from mcp.server.mcpserver.resolve import Resolve
from mcp.types import CallToolResult
from pydantic import Field

from clockodo_mcp.api.days import ClockStart
from clockodo_mcp.api.failures import Refused
from clockodo_mcp.api.models import EntryChange, TimeEntry
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.reading.clock import clock_around, clock_with_last
from clockodo_mcp.tools import arguments as take
from clockodo_mcp.tools.answers import local
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.changes import noted, undo_of
from clockodo_mcp.tools.clock_answers import ClockCard, ClockChange, card, changed, cut_warnings, stored
from clockodo_mcp.tools.clocking import (
    ToMove,
    ToStop,
    consent_to_move,
    consent_to_stop,
    what_runs,
)
from clockodo_mcp.tools.consent import order_of
from clockodo_mcp.tools.speaking import tool
from clockodo_mcp.tools.starting import ToStart, consent_to_start
from clockodo_mcp.writing.writer import Done


class NotStopped(ClockodoMcpError):
    """The text of what runs was set, and the stop after it failed."""


class NotMoved(ClockodoMcpError):
    """Clockodo did not move the start: it was moved elsewhere meanwhile, or must not be there."""


@tool(title="Get the clock")
async def get_clock(ctx: Ctx) -> Annotated[CallToolResult, ClockCard]:
    """Show what the caller's clock runs on, since when, the hours so far and today's total; where nothing runs, the
    last entry. Use it for "what am I working on?". Example: {}.
    """
    desk = desk_of(ctx)
    running, caller = await what_runs(desk)
    if running is None:
        return card(desk, await clock_with_last(desk.clockodo, caller, None, desk.now()))
    return card(desk, await clock_around(desk.clockodo, caller, running, [], desk.now()))


@tool(title="Start the clock", writes=True)
async def start_clock(
    ctx: Ctx,
    starting: ToStart,
    shown: Annotated[ClockStart | None, Resolve(consent_to_start)],
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    text: take.EntryText = "",
    billable: take.BillableState = "",
    time_since: Annotated[str, take.Text, Field(description="If it began earlier: '09:00', 'yesterday 22:00'")] = "",
    resume: Annotated[bool, Field(description="Go on with the last entry, or the last one on the place named")] = False,
    switch: Annotated[bool, Field(description="Stop what runs at the new start")] = False,
    confirm: take.Confirm = "",
) -> Annotated[CallToolResult, ClockChange]:
    """Start the clock: "I begin with …", "I began at nine" (time_since), "back to work" (resume). For work that is over
    use create_time_entry. One entry runs at a time: while one does, this asks or refuses, unless switch is true.
    Service and billable default as in create_time_entry. Example: {"project": "Relaunch", "text": "Kick-off"}.
    """
    desk = desk_of(ctx)
    caller, new, stops = await desk.account.caller(), shown or starting.new, starting.stops
    done = await desk.writer.start(order_of(ctx), new, stops=stops)
    asked = EntryChange.model_validate(new.model_dump(exclude_none=True))
    after = await stored(desk, caller, done, asked, stops)
    ended = after.clock.named(stops) if after.clock and stops else None
    stopped = ended if isinstance(ended, TimeEntry) and not ended.running else None
    cut = cut_warnings(stopped, after.entry.time_since, caller, desk.now()) if stopped else []
    undo = undo_of(desk, done, f"delete_entry with id={done.entry.id}")
    notes = starting.notes
    return changed(desk, caller, "started", done, after, undo=undo, stopped=stopped, notes=notes, warnings=cut)


@tool(title="Stop the clock", writes=True)
async def stop_clock(
    ctx: Ctx,
    stopping: ToStop,
    consent: Annotated[None, Resolve(consent_to_stop)],
    time_until: Annotated[str, take.Text, Field(description="If it ended earlier: '17:00', 'yesterday 18:00'")] = "",
    text: take.EntryText = "",
    confirm: take.Confirm = "",
) -> Annotated[CallToolResult, ClockChange]:
    """Stop the clock, now or at an earlier time; text replaces the entry's. It cannot be undone. To change over to
    other work use start_clock with switch. Example: {"text": "Kick-off, minutes"}.
    """
    desk = desk_of(ctx)
    caller, order, running, until = await desk.account.caller(), order_of(ctx), stopping.entry, stopping.moment
    text_set: Done | None = None
    warnings: list[str] = []
    if text:
        # The text first: should the stop fail after it, the same call can be repeated, and neither is lost. The end
        # stays the moment of the call, however long the text takes.
        until = until or max(desk.clockodo.server_time().replace(microsecond=0), running.time_since)
        try:
            text_set = await desk.writer.edit(order, running, EntryChange(text=text))
            noted(desk, text_set, running.model_copy(update={"text": text, "texts_id": text_set.entry.texts_id}))
        except ClockodoMcpError as error:
            warnings.append(f"The text may be missing: {error} Then call update_entry with id={running.id} and text.")
    try:
        done = await desk.writer.stop(order, text_set.entry if text_set else running, until)
    except ClockodoMcpError as error:
        if text_set is None:
            raise
        raise NotStopped(f"{error} The text of entry {running.id} is set (change {text_set.change}).") from error
    after = await stored(desk, caller, done, EntryChange(**({"time_until": until} if stopping.moment else {})))
    warnings += cut_warnings(after.entry, until or desk.now(), caller, desk.now())
    undo = "not possible; start_clock with resume=True goes on in a new entry"
    if text_set is not None and desk.undoable:
        undo += f", and undo_change with change_id={text_set.change} brings back the text before"
    notes = text_set.notes if text_set else []
    return changed(desk, caller, "stopped", done, after, undo=undo, notes=notes, warnings=warnings)


@tool(title="Move the clock's start", writes=True, destructive=True, idempotent=True)
async def adjust_clock(
    ctx: Ctx,
    moving: ToMove,
    consent: Annotated[None, Resolve(consent_to_move)],
    time_since: Annotated[str, take.Text, Field(description="When it really began: '09:00', 'yesterday 22:00'")],
    confirm: take.Confirm = "",
) -> Annotated[CallToolResult, ClockChange]:
    """Move the start of what runs: "I began at nine already". For its text or place, or an entry that has ended, use
    update_entry. Example: {"time_since": "09:00"}.
    """
    desk = desk_of(ctx)
    caller, before, start = await desk.account.caller(), moving.entry, moving.moment
    assert start is not None, "settled before the tool runs"
    try:
        done = await desk.writer.move(order_of(ctx), before, start)
    except Refused as error:
        raise NotMoved(f"{error} To see where it is now, call get_clock.") from error
    after = await stored(desk, caller, done, EntryChange(time_since=start))
    was = after.entry.model_copy(update={"time_since": before.time_since})
    undo = undo_of(desk, done, f"adjust_clock with time_since='{local(before.time_since, caller.zone)}'")
    return changed(desk, caller, "moved", done, after, undo=undo, before=was)
