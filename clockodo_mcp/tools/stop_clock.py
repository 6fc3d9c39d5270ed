"""`stop_clock`: stop the clock, now or at an earlier time."""

from typing import Annotated

from pydantic import Field

from clockodo_mcp import steps
from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.receipt import Receipt, receipt
from clockodo_mcp.answers.refusals import advice, in_words
from clockodo_mcp.api.models import EntryChange, TimeEntry
from clockodo_mcp.asking import consent, find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Edit, Stop
from clockodo_mcp.errors import ClockodoMcpError, Contradiction
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import running, times
from clockodo_mcp.writing.outcomes import Done


class NotStopped(ClockodoMcpError):
    """The stop failed after the text of what runs was set, or had failed, too."""


@tool(
    title="Stop the clock",
    writes=True,
    search_hint="stop timer, stopwatch, finish work, clock out; "
    "Stoppuhr stoppen, Uhr anhalten, Timer beenden, Feierabend, ausstempeln",
)
async def stop_clock(
    call: Call,
    time_until: Annotated[str, take.Text, Field(description="If it ended earlier: '17:00', 'yesterday 18:00'")] = "",
    text: take.EntryText = "",
) -> Answer[Receipt]:
    """Stop the clock, now or at an earlier time; text replaces the entry's. It cannot be undone. To change over to
    other work use start_clock with switch. Example: {"text": "Kick-off, minutes"}.
    """
    moment = times.of_clock("time_until", time_until)
    entry = await find_or_ask(call, running.entry(named=bool(text), mend="time_until"), moment)
    until = moment.found.value
    if until is not None and until <= entry.time_since:
        raise _before_its_start(call, entry, time_until)
    command = Stop(entry, until, text)
    await consent(call, command)
    if not text or text == command.before.text:
        done = await call.write(command)
        return await receipt(call, done, command)
    # In one turn: the same call, made again meanwhile, finds both done or neither.
    async with call.app.writer.turns.taken(call.asked_for.turn):
        return await _with_text(call, command)


async def _with_text(call: Call, command: Stop) -> Answer[Receipt]:
    """The text first: should the stop fail after it, the same call can be repeated, and neither is lost.

    The end stays the moment of the call, however long the text takes.
    """
    entry = command.before
    until = command.until or max(call.app.clockodo.server_time().replace(microsecond=0), entry.time_since)
    text_set: Done | None = None
    warned: list[str] = []
    try:
        text_set = await call.write(Edit(entry, EntryChange(text=command.text)))
    except ClockodoMcpError as error:
        again = steps.correct(entry.id, "text", to="then")
        warned.append(f"The text may be missing: {in_words(error, call.offered)}{advice(call.offered, again)}")
    else:
        known = {"text": command.text, "texts_id": text_set.entry.texts_id}
        await call.app.writer.tell(text_set, entry.model_copy(update=known))
    try:
        done = await call.write(Stop(_timed(text_set, entry), until))
    except ClockodoMcpError as error:
        of_text = f"The text of entry {entry.id} is set (change {text_set.change})." if text_set else warned[0]
        raise NotStopped(f"{error} {of_text}", next=error.next) from error
    if text_set is not None:
        done.notes.extend(text_set.notes)
        done.notes.append(f"The text was set before, as change {text_set.change}, which can be undone.")
    return await receipt(call, done, Stop(entry, command.until), warned=warned)


def _timed(text_set: Done | None, entry: TimeEntry) -> TimeEntry:
    """What is to be stopped, as it is after its text was set."""
    return text_set.entry if text_set is not None and isinstance(text_set.entry, TimeEntry) else entry


def _before_its_start(call: Call, entry: TimeEntry, time_until: str) -> Contradiction:
    why = (
        f"entry {entry.id} runs since {running.since(call, entry)}, and its end has to lie after that. Ask the person "
        "what is meant. To stop it now, leave time_until out."
    )
    next = (
        steps.move_start("time_since", to="if it began earlier"),
        steps.delete(entry.id, to="if it should not be there"),
    )
    return Contradiction(why, argument="time_until", value=time_until, next=next)
