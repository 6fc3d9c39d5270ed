"""What the clock runs on, for those who want to stop it or move its start."""

from clockodo_mcp import steps
from clockodo_mcp.answers.rows import row
from clockodo_mcp.api.models import TimeEntry
from clockodo_mcp.call import Call
from clockodo_mcp.domain.moments import since_text
from clockodo_mcp.errors import Step, WrongState
from clockodo_mcp.reading.clock import RECENT_DAYS, clock_around, clock_with_last, running_entry
from clockodo_mcp.resolving.finding import Finding, Found, Words


def entry(*, named: bool, mend: str) -> Finding[TimeEntry]:
    """What runs, with names and text where they are needed; refused where nothing does.

    Where the same call comes again after a lost answer, what it was about, even if it runs no longer. `mend` is the
    argument of a correction of the last entry that may be meant. One request or two.
    """

    async def look(call: Call, _: Words) -> Found[TimeEntry]:
        running = await running_entry(call.app.clockodo)
        if running is None:
            lost = await call.app.writer.lost_call(call.asked_for)
            if lost is not None and isinstance(lost.before, TimeEntry):
                return Found(lost.before)
            clock = await clock_with_last(call.app.clockodo, call.caller, None, call.now)
            raise nothing_runs(call, clock.last(), mend)
        if named or call.app.settings.confirm == "always":
            around = await clock_around(call.app.clockodo, call.caller, running, [], call.now)
            running = around.running or running
        return Found(running)

    return Finding(look)


def nothing_runs(call: Call, last: TimeEntry | None, mend: str) -> WrongState:
    """The refusal where nothing runs, with the last entry and how to go on."""
    next = go_on(last)
    if last is not None:
        next = (*next, steps.correct(last.id, mend, to=f"to correct its {'end' if mend == 'time_until' else 'start'}"))
    return WrongState(f"The clock does not run. {last_in_words(call, last)}", next=next)


def last_in_words(call: Call, last: TimeEntry | None) -> str:
    """The entry that ended last."""
    if last is None:
        return f"You have no entry in the last {RECENT_DAYS} days."
    return f"The last one is {row(last, call.caller).in_words()}."


def go_on(last: TimeEntry | None) -> tuple[Step, ...]:
    """The calls that start the clock."""
    if last is None:
        return (steps.start("customer or project", to="to start the clock"),)
    return (
        steps.start(to="to go on with it", resume=True),
        steps.start("customer or project", to="for other work"),
    )


def since(call: Call, entry: TimeEntry) -> str:
    """Since when an entry runs."""
    return since_text(entry.time_since, call.zone, call.today)
