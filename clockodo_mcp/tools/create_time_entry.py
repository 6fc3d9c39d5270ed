"""`create_time_entry`: log working time."""

from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.receipt import Receipt, receipt
from clockodo_mcp.asking import consent, find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Create
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import new_entries


@tool(
    title="Log time",
    writes=True,
    for_pages=True,
    search_hint="log hours, book time, track time, record work, time tracking; "
    "Stunden buchen, Zeit erfassen, Zeiterfassung, Arbeitszeit eintragen, nachtragen",
)
async def create_time_entry(
    call: Call,
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    time_since: take.Moment = "",
    time_until: take.Moment = "",
    duration: take.Duration = "",
    billable: take.BillableState = "",
    text: take.EntryText = "",
    user: take.User = "",
    hourly_rate: take.Money = None,
    round_up_to: take.RoundUp = "",
) -> Answer[Receipt]:
    """Log working time: one entry with a start and an end. Books it at once and answers with what is stored.
    Give time_since with time_until or duration; time_until with duration; or duration alone, ending now. A day alone
    as time_since, with duration, goes after that day's last entry. customer may be left out where project is given;
    service where the person said none: their usual one there is taken; billable defaults to the project's. For a fixed
    price or pieces use create_lumpsum_entry, to correct an entry update_entry.
    Example: {"customer": "Acme", "project": "Relaunch", "time_since": "yesterday 09:00", "duration": "2h",
    "text": "Kick-off"}.
    """
    call = await call.as_first_made()
    entry = await find_or_ask(
        call,
        new_entries.time_entry(
            customer=customer, project=project, subproject=subproject, service=service, time_since=time_since,
            time_until=time_until, duration=duration, billable=billable, text=text, user=user, hourly_rate=hourly_rate,
            round_up_to=round_up_to,
        ),
    )  # fmt: skip
    command = Create(entry)
    await consent(call, command)
    done = await call.write(command)
    return await receipt(call, done, command)
