"""`update_entry`: correct one entry."""

from clockodo_mcp import steps
from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.receipt import Receipt, receipt
from clockodo_mcp.api.models import EntryChange
from clockodo_mcp.asking import consent, find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Edit
from clockodo_mcp.domain.corrected import Times, is_so_already
from clockodo_mcp.errors import WrongState
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import corrections, stored_entries
from clockodo_mcp.writing.writer import DELIVERED_TWICE, RESUMED_WITHIN


@tool(
    title="Update entry",
    writes=True,
    destructive=True,
    idempotent=True,
    for_pages=True,
    search_hint="edit, correct, change, move, extend a time entry; "
    "Eintrag ändern, korrigieren, verschieben, verlängern, bearbeiten",
)
async def update_entry(
    call: Call,
    id: take.EntryId = None,
    which: take.Which = "",
    day: take.OfDay = "",
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    time_since: take.Moment = "",
    time_until: take.Moment = "",
    duration: take.NewDuration = "",
    billable: take.BillableState = "",
    text: take.EntryText = "",
    append_text: take.AppendedText = "",
    user: take.User = "",
    hourly_rate: take.Money = None,
    lumpsum: take.Lumpsum = None,
    lumpsum_service: take.LumpsumService = "",
    amount: take.Amount = None,
    clear: take.Clear = [],  # noqa: B006 - a schema default, never changed
    drawn: take.Drawn = "",
) -> Answer[Receipt]:
    """Correct one entry, meant by id, or by words and a day; only what is given changes. Answers with before → after.
    time_since alone moves the start and keeps the end; on another day, or a day alone, it moves the whole entry;
    duration alone keeps the start and moves the end; a time without a day is of the entry's own.
    Example: {"which": "kick-off", "day": "yesterday", "time_until": "11:30"}.
    """
    # Made again, it may mean another entry, or as much once more.
    is_added = duration.strip().startswith(("+", "-", "−"))
    depends = bool(which or day or append_text or is_added)
    within = RESUMED_WITHIN if depends else DELIVERED_TWICE
    if (again := await call.app.writer.happened(call.asked_for, within)) is not None and again.before is not None:
        return await receipt(call, again, Edit(again.before, EntryChange()))
    seen = await call.app.journal.newest()
    command = await find_or_ask(
        call,
        corrections.of_entry(
            stored_entries.by_id_or_words(id, which, day, drawn),
            customer=customer, project=project, subproject=subproject, service=service,
            times=Times(time_since, time_until, duration, call.now), billable=billable, text=text,
            append_text=append_text, user=user, hourly_rate=hourly_rate, lumpsum=lumpsum,
            lumpsum_service=lumpsum_service, amount=amount, clear=clear,
        ),
    )  # fmt: skip
    if is_so_already(command.before, command.change):
        why = f"entry {command.before.id} is so already."
        raise WrongState(why, next=(steps.list_changes(to="to see whether it was changed here"),))
    await consent(call, command)
    done = await call.write(command, seen=seen)
    return await receipt(call, done, command)
