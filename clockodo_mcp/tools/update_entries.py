"""`update_entries`: one change for many entries, first shown, then with a code carried out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.batch_receipts import BatchReceipt, previewed, updated
from clockodo_mcp.answers.refusals import in_words
from clockodo_mcp.api.failures import NotFound
from clockodo_mcp.api.models import Entry, EntryChange, EntryQuery
from clockodo_mcp.api.paging import in_order
from clockodo_mcp.asking import consent, effect_of, find_or_ask, has_code, new_code
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.booking import Place
from clockodo_mcp.domain.commands import Edit
from clockodo_mcp.domain.corrected import Times, correction_of, is_so_already
from clockodo_mcp.errors import Contradiction, Refusal, Unreadable
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.reading.entries import every_entry
from clockodo_mcp.resolving import filters, objects, places
from clockodo_mcp.resolving.finding import Finding
from clockodo_mcp.resolving.times import period_of
from clockodo_mcp.writing.batches import several_at_once, works_of

MOST_IDS = 500

MOST = 1_000
"""Entries in one call: what the request windows let through in about a minute."""

A_YEAR = timedelta(days=366)


@dataclass
class _Chosen:
    """The entries with what changes about each, and what is left out, with the reason."""

    edits: list[tuple[Entry, EntryChange]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@tool(
    title="Update many entries",
    writes=True,
    destructive=True,
    confirmed=True,
    search_hint="mark as billed, invoice, bulk edit, move many entries; "
    "abrechnen, abgerechnet, fakturiert markieren, viele Einträge ändern, umbuchen",
)
async def update_entries(
    call: Call,
    period: take.Period = "",
    ids: Annotated[list[int], Field(max_length=MOST_IDS, description="Instead of period and filters")] = [],  # noqa: B006 - a schema default, never changed
    user: take.User = "",
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    lumpsum_service: take.LumpsumService = "",
    billable: Annotated[str, take.State, Field(description="Only not_billable, billable, billed")] = "",
    text: take.OnlyText = "",
    budget_type: take.Budget = "",
    set_customer: Annotated[str, take.Name, Field(description="Move to this customer")] = "",
    set_project: Annotated[str, take.Name, Field(description="Move to this project")] = "",
    set_subproject: Annotated[str, take.Name, Field(description="Move to this subproject")] = "",
    set_service: Annotated[str, take.Name, Field(description="New service")] = "",
    set_billable: Annotated[str, take.State, Field(description="billed, billable or not_billable")] = "",
    set_text: Annotated[str, take.Text, Field(max_length=1000, description="New text")] = "",
    set_user: Annotated[str, take.Name, Field(description="New co-worker")] = "",
    clear: take.Clear = [],  # noqa: B006 - as above
) -> Answer[BatchReceipt]:
    """Change many entries at once, chosen by period and filters or by ids: mark as billed, move to another project, fix
    a service. The person is asked first; or the first call only shows what would change, with a code: show that to the
    person, then repeat the call with confirm. One undo takes all back. For a single entry use update_entry.
    Example: {"period": "2026-10", "customer": "Hotel Bergblick", "billable": "billable", "set_billable": "billed"}.
    """
    said = {
        "customer": set_customer, "project": set_project, "subproject": set_subproject, "service": set_service,
        "billable": set_billable, "text": set_text, "user": set_user,
    }  # fmt: skip
    if not any(said.values()) and not clear:
        raise Unreadable("say what is to change, with one of the set_ arguments or clear.")
    filtered = any((period, user, customer, project, subproject, service, lumpsum_service, billable, text, budget_type))
    for name in clear:
        if said.get(name):
            why = f"set_{name} is given, and {name} is to become empty as well; leave one of them out."
            raise Contradiction(why, argument="clear", value=name)
    if ids and filtered:
        raise Contradiction("give ids, or a period with filters, not both.", argument="ids", value=ids[:3])
    if not ids and not period:
        raise Unreadable("say which entries: a period, with filters, or ids.", argument="period")
    call = await call.resumed()
    renamed = {name: f"set_{name}" for name in said}
    place = places.open_place(set_customer, set_project, set_subproject).named(renamed=renamed)
    work = objects.open_service(set_service).named(renamed=renamed)
    state, whose = (
        places.billable_as_said(set_billable).named(renamed=renamed),
        objects.user_or_none(set_user).named(renamed=renamed),
    )
    wanted = filters.entries(
        user=user, customer=customer, project=project, subproject=subproject, service=service,
        lumpsum_service=lumpsum_service, billable=billable, text=text, budget_type=budget_type, reads=False,
    )  # fmt: skip
    onto = await find_or_ask(call, place, work, state, whose, wanted)
    given = {
        "services_id": work.found.value, "users_id": whose.found.value, "billable": state.found.value,
        "text": set_text or None,
    }  # fmt: skip
    chosen = _Chosen()
    entries = await (_by_ids(call, ids, chosen) if ids else _by_filter(call, wanted, period))
    _choose(call, entries, {name: value for name, value in given.items() if value is not None}, onto, clear, chosen)
    changes = ", ".join(
        [
            *(f"{name} → {cell(value)}" for name, value in said.items() if value),
            *(f"{name} → nothing" for name in clear),
        ]
    )
    commands = [Edit(entry, change) for entry, change in chosen.edits]
    if commands and call.person.can_be_asked and call.app.settings.confirm != "never":
        await consent(call, *commands, needed=True)
    elif not commands or not has_code(call, effect := effect_of(*commands)):
        code = new_code(call, effect) if commands else None
        return await previewed(call, chosen.edits, changes, chosen.left_out, code, wrong=bool(call.confirm))
    edits = works_of(call.app.writer, {one.before.id: one for one in commands})
    batch = await several_at_once(call.app.writer, call.asked_for, edits, call.told)
    return await updated(call, batch, chosen.edits, changes, chosen.left_out)


def _choose(
    call: Call, entries: Sequence[Entry], given: dict[str, Any], place: Place, clear: Sequence[str], chosen: _Chosen
) -> None:
    """What changes about each entry; those where nothing does, or nothing can, are left out."""
    if len(entries) > MOST:
        raise Contradiction(f"{len(entries)} entries are more than the {MOST} of one call; name a shorter period.")
    already = 0
    for entry in entries:
        try:
            change, _ = correction_of(
                entry, given, place=place, times=Times(), clear=clear, zone=call.zone, today=call.today
            )
        except Refusal as refused:
            chosen.left_out.append(f"Entry {entry.id}: {in_words(refused, call.offered)}")
            continue
        if change is None or is_so_already(entry, change):
            already += 1
            continue
        chosen.edits.append((entry, change))
    if already:
        chosen.left_out.append(f"{already} that {'is' if already == 1 else 'are'} so already.")


async def _by_filter(call: Call, wanted: Finding[filters.Wanted], period: str) -> list[Entry]:
    return await every_entry(call.app.clockodo, wanted.found.value.over(period_of(call, period)))


async def _by_ids(call: Call, ids: Sequence[int], chosen: _Chosen) -> list[Entry]:
    """Each by its id, several at a time; with names and texts where they lie within a year."""
    missing: list[int] = []

    async def read(id: int) -> Entry | int:
        try:
            return await call.app.clockodo.entry(id)
        except NotFound:
            missing.append(id)
            return id

    bare: list[Entry] = []
    async with in_order(read, dict.fromkeys(ids)) as results:
        async for one in results:
            bare += [] if isinstance(one, int) else [one]
    if missing:
        chosen.left_out.append(f"There is no entry {', '.join(map(str, missing))}.")
    if not bare:
        return []
    first, last = min(one.time_since for one in bare), max(one.time_since for one in bare)
    if last - first > A_YEAR:
        return bare
    asked = EntryQuery(time_since=first, time_until=last, enhanced_list=True)
    full = {one.id: one for one in await every_entry(call.app.clockodo, asked)}
    return [full.get(one.id, one) for one in bare]
