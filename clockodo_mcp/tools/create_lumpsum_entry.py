"""`create_lumpsum_entry`: book a fixed price, or pieces of a lump sum service."""

from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.receipt import Receipt, receipt
from clockodo_mcp.asking import consent, find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Create
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import new_entries


@tool(
    title="Book a lump sum",
    writes=True,
    search_hint="lump sum, flat rate, expense, fixed price, mileage; "
    "Pauschale, Festpreis, Auslagen, Spesen, Kilometer, Stückpreis buchen",
)
async def create_lumpsum_entry(
    call: Call,
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    lumpsum: take.Lumpsum = None,
    lumpsum_service: take.LumpsumService = "",
    amount: take.Amount = None,
    time_since: take.Moment = "",
    billable: take.BillableState = "",
    text: take.EntryText = "",
    user: take.User = "",
) -> Answer[Receipt]:
    """Book a fixed price or pieces, no hours: either lumpsum (money) with service, or lumpsum_service with amount.
    For working time use create_time_entry. time_since defaults to now.
    Example: {"customer": "Acme GmbH", "lumpsum_service": "Travel", "amount": 2, "time_since": "2026-11-23T09:00"}.
    """
    call = await call.as_first_made()
    entry = await find_or_ask(
        call,
        new_entries.lump_sum(
            customer=customer, project=project, subproject=subproject, service=service, lumpsum=lumpsum,
            lumpsum_service=lumpsum_service, amount=amount, time_since=time_since, billable=billable, text=text,
            user=user,
        ),
    )  # fmt: skip
    command = Create(entry)
    await consent(call, command)
    done = await call.write(command)
    return await receipt(call, done, command)
