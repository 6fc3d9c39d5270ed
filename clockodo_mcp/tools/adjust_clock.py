"""`adjust_clock`: move the start of what runs."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from clockodo_mcp import steps
from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.receipt import Receipt, receipt
from clockodo_mcp.api.failures import Refused
from clockodo_mcp.api.models import TimeEntry
from clockodo_mcp.asking import consent, find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Move
from clockodo_mcp.domain.moments import local_clock, local_text
from clockodo_mcp.errors import ClockodoMcpError, Contradiction, Unreadable
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.clock import LONGEST
from clockodo_mcp.resolving import running, times


class NotMoved(ClockodoMcpError):
    """Clockodo did not move the start: it was moved elsewhere meanwhile, or must not be there."""


@tool(
    title="Move the clock's start",
    writes=True,
    destructive=True,
    idempotent=True,
    search_hint="timer began earlier, forgot to start, change start of running clock; "
    "Uhr lief schon, vergessen zu starten, Beginn der Stoppuhr ändern",
)
async def adjust_clock(
    call: Call,
    time_since: Annotated[str, take.Text, Field(description="When it really began: '09:00', 'yesterday 22:00'")],
) -> Answer[Receipt]:
    """Move the start of what runs: "I began at nine already". For its text or place, or an entry that has ended, use
    update_entry. Example: {"time_since": "09:00"}.
    """
    moment = times.of_clock("time_since", time_since)
    entry = await find_or_ask(call, running.entry(named=False, mend="time_since"), moment)
    start = moment.found.value
    if start is None:
        raise Unreadable("say when the work began, such as '09:00'.", argument="time_since")
    if call.now - start > LONGEST:
        earliest = local_text(call.now - LONGEST + timedelta(minutes=1), call.zone)
        why = f"that is more than 24 hours ago, and an entry lasts 24 hours at most: the earliest is {earliest}."
        each = steps.create(to="to log work of several days, each day by itself")
        raise Contradiction(why, argument="time_since", value=time_since, next=(each,))
    if start == entry.time_since:
        again = await call.app.writer.happened(call.asked_for)
        if again is not None and isinstance(again.before, TimeEntry):
            return await receipt(call, again, Move(again.before, start))
        why = f"entry {entry.id} runs since {local_clock(start, call.zone)} already."
        raise Contradiction(why, argument="time_since", value=time_since, next=(steps.see_clock(),))
    command = Move(entry, start)
    await consent(call, command)
    try:
        done = await call.write(command)
    except Refused as error:
        raise NotMoved(str(error), next=(steps.see_clock(to="to see where it is now"),)) from error
    return await receipt(call, done, command)
