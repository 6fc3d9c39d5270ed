"""`update_entries`: one change for many entries, first shown, then with a code carried out."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from mcp.server.mcpserver.resolve import Resolve
from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.failures import NotFound
from clockodo_mcp.api.models import Entry, EntryChange, EntryQuery
from clockodo_mcp.api.paging import in_order
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.differences import comparable, not_taken, value_of
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.periods import parse_period
from clockodo_mcp.domain.place import Place
from clockodo_mcp.domain.totals import totals_of
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.reading.entries import every_entry
from clockodo_mcp.resolving.places import find_place, refuse_closed_place
from clockodo_mcp.tools import arguments as take
from clockodo_mcp.tools.answers import ENTRY_COLUMNS, EntryRow, TotalsOut, answer, row, table, totals_line, totals_out
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.batch_answers import BrokenOff, half_done, reporter, undo_of
from clockodo_mcp.tools.before_after import word
from clockodo_mcp.tools.changes import Times, changed_entry
from clockodo_mcp.tools.consent import order_of
from clockodo_mcp.tools.filters import EntriesWanted, Wanted
from clockodo_mcp.tools.parameters import service_finder, user_finder
from clockodo_mcp.tools.speaking import tool
from clockodo_mcp.writing.batches import Batch, several_at_once
from clockodo_mcp.writing.journal import Order
from clockodo_mcp.writing.writer import Done

MOST_IDS = 500
MOST = 1_000
"""Entries in one call: what the request windows let through in about a minute."""

SHOWN = 10

NO_TIMES = Times("", "", "")


class Corrected(BaseModel):
    """The answer of `update_entries`: what would be changed, with a code, or what was. `entries` are the first."""

    done: str = Field(description="preview or updated")
    totals: TotalsOut
    timezone: str
    changes: str
    entries: list[EntryRow]
    left_out: list[str] = Field(default=[], description="With the reason, those that have it already counted")
    notes: list[str] = []
    confirm: str | None = Field(default=None, description="Code that carries it out, for five minutes")
    change: int | None = Field(default=None, description="The change's id, for undo_change: it takes all back")
    undo: str | None = None


@dataclass(frozen=True)
class Changes:
    """What every entry is to become."""

    fields: dict[str, object]
    place: Place
    clear: list[str]
    words: str
    notes: list[str]


@dataclass
class Selection:
    """The entries with what changes about each, what is left out, and notes."""

    changes: Changes
    edits: list[tuple[Entry, EntryChange]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def stored(self) -> str:
        """Equal as long as the entries and what is to become of them are."""
        states = "".join(
            f"{one.model_dump_json()}{change.model_dump_json(exclude_unset=True)}" for one, change in self.edits
        )
        return sha256(states.encode()).hexdigest()


async def changes_wanted(
    ctx: Ctx,
    set_customer: str,
    set_project: str,
    set_subproject: str,
    set_service: str,
    set_billable: str,
    set_text: str,
    set_user: str,
    clear: list[str],
) -> Changes:
    """What the `set_…` arguments mean.

    Raises:
        Unreadable: nothing is to change, or a name is none.
    """
    desk = desk_of(ctx)
    said = {"customer": set_customer, "project": set_project, "subproject": set_subproject, "service": set_service,
            "billable": set_billable, "text": set_text, "user": set_user}  # fmt: skip
    if not any(said.values()) and not clear:
        raise Unreadable(
            "set_billable", "", "say what is to change, with one of the set_ arguments or clear.", set_billable="billed"
        )
    try:
        place = await find_place(desk.catalog, customer=set_customer, project=set_project, subproject=set_subproject)
        refuse_closed_place(place)
        service, service_notes = await service_finder(desk, new=True)({"service": set_service})
        user, user_notes = await user_finder(desk)({"user": set_user}) if set_user else (None, [])
        billable = take.billable_of(set_billable)
    except ClockodoMcpError as error:
        raise CannotCorrect(_with_our_names(str(error))) from error
    given: dict[str, object] = {
        "services_id": service,
        "users_id": user,
        "billable": billable,
        "text": set_text or None,
    }
    fields = {name: value for name, value in given.items() if value is not None}
    words = ", ".join(
        [*(f"{name} → {value}" for name, value in said.items() if value), *(f"{name} → nothing" for name in clear)]
    )
    return Changes(fields, place, clear, words, [*place.notes, *service_notes, *user_notes])


class CannotCorrect(ClockodoMcpError):
    """The change cannot be made as it was said. Nothing was written."""


def _with_our_names(text: str) -> str:
    """An error about `customer` is about `set_customer` here."""
    return re.sub(r"\b(?<!set_)(customer|project|subproject|service|billable|user)=", r"set_\1=", text)


async def selection(
    ctx: Ctx,
    wanted: EntriesWanted,
    changes: Annotated[Changes, Resolve(changes_wanted)],
    period: str,
    ids: list[int],
) -> Selection:
    """The entries of the filter or the ids, and what changes about each.

    Raises:
        CannotCorrect: there are none, or too many.
        Unreadable: ids and a period were given.
    """
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    chosen = Selection(changes)
    if ids and period:
        raise Unreadable("ids", str(ids[:3]), "give ids, or a period with filters, not both.", period="")
    found = await (_by_ids(desk, ids, chosen) if ids else _by_filter(desk, caller, wanted, period))
    if len(found) > MOST:
        raise CannotCorrect(
            f"{len(found)} entries are more than the {MOST} of one call. Nothing was written. Call again with a "
            "shorter period."
        )
    already = 0
    for entry in found:
        try:
            change, _ = changed_entry(
                entry, changes.fields, place=changes.place, times=NO_TIMES, clear=changes.clear, zone=caller.zone,
                today=caller.today(desk.now()),
            )  # fmt: skip
        except Unreadable as error:
            if "nothing to change" in str(error):
                already += 1
            else:
                chosen.left_out.append(f"Entry {entry.id}: {error}")
            continue
        if all(
            value_of(entry, name) == comparable(value) for name, value in change.model_dump(exclude_unset=True).items()
        ):
            already += 1
            continue
        chosen.edits.append((entry, change))
    if already:
        chosen.left_out.append(f"{already} that {'is' if already == 1 else 'are'} so already.")
    return chosen


async def _by_filter(desk: Desk, caller: Caller, wanted: Wanted, period: str) -> list[Entry]:
    if not period:
        raise Unreadable("period", "", "say which entries: a period, with filters, or ids.", period="this_week")
    span = parse_period(
        period, zone=caller.zone, today=caller.today(desk.now()), weekstart_monday=caller.user.weekstart_monday
    )
    return await every_entry(desk.clockodo, wanted.query(span))


async def _by_ids(desk: Desk, ids: Sequence[int], chosen: Selection) -> list[Entry]:
    """Each by its id, several at a time; with names and texts where they lie within a year."""
    missing: list[int] = []

    async def read(id: int) -> Entry | int:
        try:
            return await desk.clockodo.entry(id)
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
    if last - first > timedelta(days=366):
        return bare
    asked = EntryQuery(time_since=first, time_until=last, enhanced_list=True)
    full = {one.id: one for one in await every_entry(desk.clockodo, asked)}
    return [full.get(one.id, one) for one in bare]


Selected = Annotated[Selection, Resolve(selection)]


@tool(title="Update many entries", writes=True, destructive=True)
async def update_entries(
    ctx: Ctx,
    selected: Selected,
    period: take.Period = "",
    ids: Annotated[list[int], Field(max_length=MOST_IDS, description="Instead of period and filters")] = [],  # noqa: B006 - a schema default, never changed
    user: take.User = "",
    customer: take.Customer = "",
    project: take.Project = "",
    subproject: take.Subproject = "",
    service: take.Service = "",
    lumpsum_service: take.LumpsumService = "",
    billable: Annotated[str, take.Text, Field(description="Only not_billable, billable, billed")] = "",
    text: Annotated[str, take.Text, Field(description="Only exactly this text")] = "",
    budget_type: take.Budget = "",
    set_customer: Annotated[str, take.Name, Field(description="Move to this customer")] = "",
    set_project: Annotated[str, take.Name, Field(description="Move to this project")] = "",
    set_subproject: Annotated[str, take.Name, Field(description="Move to this subproject")] = "",
    set_service: Annotated[str, take.Name, Field(description="New service")] = "",
    set_billable: Annotated[str, take.Text, Field(description="billed, billable or not_billable")] = "",
    set_text: Annotated[str, take.Text, Field(max_length=1000, description="New text")] = "",
    set_user: Annotated[str, take.Name, Field(description="New co-worker")] = "",
    clear: Annotated[list[str], take.Words, Field(description="What becomes empty: project, subproject, text")] = [],  # noqa: B006 - as above
    confirm: Annotated[str, take.Text, Field(description="The code from the preview, once the person agreed")] = "",
) -> Annotated[CallToolResult, Corrected]:
    """Change many entries at once, chosen by period and filters or by ids: mark as billed, move to another project, fix
    a service. The first call only shows what would change, with a code; show that to the person, then repeat the call
    with confirm. One undo takes all back. For a single entry use update_entry.
    Example: {"period": "2026-10", "customer": "Hotel Bergblick", "billable": "billable", "set_billable": "billed"}.
    """
    desk = desk_of(ctx)
    order = order_of(ctx)
    agreed, _ = desk.codes.redeem(confirm, order.tool, order.arguments, selected.stored)
    if not agreed or not selected.edits:
        return await _preview(desk, order, selected, wrong=bool(confirm))
    acts = [_editing(desk, entry, change) for entry, change in selected.edits]
    batch = await several_at_once(desk.journal, order, acts, reporter(ctx))
    if batch.failed or batch.not_sent:
        raise BrokenOff(half_done(batch, [entry.id for entry, _ in selected.edits], "update_entries"))
    return await _updated(desk, batch, selected)


def _editing(desk: Desk, entry: Entry, change: EntryChange) -> Callable[[Order], Awaitable[Done]]:
    return lambda order: desk.writer.edit(order, entry, change)


async def _preview(desk: Desk, order: Order, selected: Selection, *, wrong: bool) -> CallToolResult:
    """What would change, with the code that carries it out. Nothing is written."""
    caller = await desk.account.caller()
    entries = [entry for entry, _ in selected.edits]
    totals = totals_of(entries)
    code = desk.codes.code(order.tool, order.arguments, selected.stored) if entries else None
    rows = [row(one, caller.zone, caller=caller.id) for one in await desk.catalog.named(entries[:SHOWN])]
    facts = Corrected(
        done="preview", totals=totals_out(totals), timezone=caller.zone.key, changes=selected.changes.words,
        entries=rows, left_out=selected.left_out, notes=selected.changes.notes, confirm=code,
    )  # fmt: skip
    lines = ["The code does not fit: it was used, is too old, or the entries have changed."] if wrong else []
    lines.append(f"Not done yet. Would change {totals_line(totals)} ({caller.zone.key}): {selected.changes.words}.")
    lines += _notes(facts)
    if code:
        lines.append(
            f"Show this to the person; if they agree, repeat the call within five minutes with confirm={code!r}."
        )
    return answer("\n".join([*lines, "", _rows(rows, len(entries))]).strip(), facts)


async def _updated(desk: Desk, batch: Batch, selected: Selection) -> CallToolResult:
    caller = await desk.account.caller()
    after = [done.entry for _, done in sorted(batch.done.items())]
    totals = totals_of(after)
    shown = [
        entry.model_copy(update=_known_of(before, change))
        for entry, (before, change) in zip(after, selected.edits, strict=True)
    ]
    named = [await desk.catalog.with_names(one) for one in shown[:SHOWN]]
    rows = [row(one, caller.zone, caller=caller.id) for one in named]
    settled = [note for done in batch.done.values() for note in done.notes]
    lost = [
        f"Clockodo did not take {', '.join(map(word, fields))} of entry {entry.id} as asked."
        for entry, (_, change) in zip(after, selected.edits, strict=True)
        if (fields := not_taken(entry, change))
    ]
    facts = Corrected(
        done="updated", totals=totals_out(totals), timezone=caller.zone.key, changes=selected.changes.words,
        entries=rows, left_out=selected.left_out,
        notes=[*selected.changes.notes, *dict.fromkeys(settled), *lost[:SHOWN]],
        change=batch.first_change if desk.undoable else None, undo=undo_of(desk, batch),
    )  # fmt: skip
    lines = [f"Updated {totals_line(totals)} ({caller.zone.key}): {selected.changes.words}.", *_notes(facts)]
    lines.append(f"To undo all of it: {facts.undo}.")
    return answer("\n".join([*lines, "", _rows(rows, len(after))]), facts)


def _known_of(before: Entry, change: EntryChange) -> dict[str, object]:
    """What the answer to an edit lacks and is known from before: the text, and the names of what stayed."""
    names = ("customers", "projects", "subprojects", "services", "users")
    kept: dict[str, object] = {
        f"{name}_name": getattr(before, f"{name}_name", None)
        for name in names
        if f"{name}_id" not in change.model_fields_set
    }
    return kept | {"text": change.text if "text" in change.model_fields_set else before.text}


def _notes(facts: Corrected) -> list[str]:
    return [*(f"Left out: {one}" for one in facts.left_out), *(f"Note: {note}" for note in facts.notes)]


def _rows(rows: Sequence[EntryRow], count: int) -> str:
    if not rows:
        return ""
    return table(rows, ENTRY_COLUMNS) + (f"\n\n{count - len(rows)} more are not shown." if count > len(rows) else "")
