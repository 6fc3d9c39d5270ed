"""`start_clock`: start the clock, or go on with the last entry."""

from typing import Annotated

from pydantic import Field

from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.previews import runs_on
from clockodo_mcp.answers.receipt import Receipt, receipt
from clockodo_mcp.asking import consent, find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.errors import WrongState
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import starts


@tool(
    title="Start the clock",
    writes=True,
    search_hint="start timer, stopwatch, start working, clock in, switch task; "
    "Stoppuhr starten, Uhr starten, Timer, anfangen, weiter, einstempeln",
)
async def start_clock(
    call: Call,
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    text: take.EntryText = "",
    billable: take.BillableState = "",
    time_since: Annotated[str, take.Text, Field(description="If it began earlier: '09:00', 'yesterday 22:00'")] = "",
    resume: Annotated[bool, Field(description="Go on with the last entry, or the last one on the place named")] = False,
    switch: Annotated[bool, Field(description="Stop what runs at the new start")] = False,
) -> Answer[Receipt]:
    """Start the clock: "I begin with …", "I began at nine" (time_since), "back to work" (resume). For work that is over
    use create_time_entry. One entry runs at a time: while one does, this asks or refuses, unless switch is true.
    Service and billable default as in create_time_entry. Example: {"project": "Relaunch", "text": "Kick-off"}.
    """
    call = await call.as_first_made()
    command = await find_or_ask(
        call,
        starts.of_clock(
            customer=customer, project=project, subproject=subproject, service=service, text=text, billable=billable,
            time_since=time_since, resume=resume, switch=switch,
        ),
    )  # fmt: skip
    unbidden = None if switch else command.stops
    # Where nobody is to be asked, or can be, only `switch` says that the person wants the running entry to end.
    if unbidden and (call.app.settings.confirm == "never" or not call.person.can_be_asked):
        raise WrongState(
            f"{runs_on(call, unbidden)}. One entry runs at a time. If the person wants to stop it and start the "
            "new one instead, repeat the call with switch=True."
        )
    await consent(call, command, needed=unbidden is not None)
    done = await call.write(command)
    return await receipt(call, done, command)
