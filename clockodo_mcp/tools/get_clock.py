"""`get_clock`: what runs, since when, and today's hours."""

from pydantic import Field

from clockodo_mcp.answers import warnings
from clockodo_mcp.answers.answer import Answer, Facts
from clockodo_mcp.answers.refusals import advice
from clockodo_mcp.answers.rows import ENTRY_COLUMNS, EntryRow, row, so_far, table
from clockodo_mcp.call import Call
from clockodo_mcp.domain.moments import hours
from clockodo_mcp.domain.totals import seconds_so_far
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.clock import clock_around, clock_with_last, running_entry
from clockodo_mcp.resolving.running import go_on, last_in_words


class ClockCard(Facts):
    """The answer of `get_clock`: what runs, else what ran last. Times are local; what runs is in no total."""

    timezone: str
    running: EntryRow | None = None
    running_seconds: int | None = Field(default=None, description="So far")
    last: EntryRow | None = Field(default=None, description="Where nothing runs: the entry that ended last")
    today_seconds: int = Field(description="Today's total without what runs")
    today_hours: str
    warnings: list[str]


@tool(
    title="Get the clock",
    writes=False,
    search_hint="is a timer running, stopwatch, current clock; läuft die Uhr, Stoppuhr, Timer, läuft gerade",
)
async def get_clock(call: Call) -> Answer[ClockCard]:
    """Show what the caller's clock runs on, since when, the hours so far and today's total; where nothing runs, the
    last entry. Use it for "what am I working on?". Example: {}.
    """
    clockodo, zone = call.app.clockodo, call.zone
    running = await running_entry(clockodo)
    if running is None:
        clock = await clock_with_last(clockodo, call.caller, None, call.now)
        last, today = clock.last(), clock.today_seconds
        shown = row(last, call.caller) if last else None
        card = ClockCard(timezone=zone.key, last=shown, today_seconds=today, today_hours=hours(today), warnings=[])
        said = f"Nothing runs ({zone.key}). Today {hours(today)} h. {last_in_words(call, last)}"
        return Answer(said + advice(call.offered, *go_on(last)), card)
    clock = await clock_around(clockodo, call.caller, running, [], call.now)
    running = clock.running or running
    shown = row(running, call.caller)
    card = ClockCard(
        timezone=zone.key,
        running=shown,
        running_seconds=seconds_so_far(running, call.now),
        today_seconds=clock.today_seconds,
        today_hours=hours(clock.today_seconds),
        warnings=warnings.about_length(call, running),
    )
    lines = [f"{so_far(running, call.now, zone)} Today {card.today_hours} h without it ({zone.key})."]
    lines += [f"Warning: {warning}" for warning in card.warnings]
    return Answer("\n".join([*lines, "", table([shown], ENTRY_COLUMNS)]), card)
