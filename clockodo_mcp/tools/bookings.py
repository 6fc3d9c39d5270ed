"""What a writing tool is going to do, settled before it runs: the new entry, the correction, and the consent to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import ConfigDict, TypeAdapter

from clockodo_mcp.account.caller import Caller
from clockodo_mcp.api.models import (
    Entry,
    EntryChange,
    NewEntry,
    NewLumpsumServiceEntry,
    NewLumpsumValue,
    NewTimeEntry,
)
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.differences import differences
from clockodo_mcp.domain.moments import is_day, parse_day, parse_moment
from clockodo_mcp.domain.place import Place
from clockodo_mcp.domain.totals import seconds_to_book
from clockodo_mcp.resolving.places import default_billable
from clockodo_mcp.resolving.spans import BEGIN_OF_WORK, EntrySpan
from clockodo_mcp.tools.answers import EntryRow, row
from clockodo_mcp.tools.arguments import billable_of
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.before_after import described
from clockodo_mcp.tools.changes import Times, changed_entry, touchiness
from clockodo_mcp.tools.consent import Consent, agreed_to_this, consent_or_question, kept_of
from clockodo_mcp.tools.parameters import (
    Before,
    ByValue,
    Found,
    desk_to_book,
    desk_to_read,
    desk_to_sell,
    named_lumpsum_service,
    named_service,
    new_place,
    place_to_book,
    service_of_value,
    service_to_book,
    span_to_book,
    user_to_book,
)

ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry, config=ConfigDict(defer_build=True))
OfUser = Annotated[tuple[int, list[str]], Resolve(user_to_book)]


@dataclass(frozen=True)
class Booking:
    """A new entry that is to be stored, and notes about what was chosen for it."""

    new: NewEntry
    notes: list[str]


@dataclass(frozen=True)
class Correction:
    """What is to be changed about an entry, and notes about what follows from it."""

    change: EntryChange
    notes: list[str]


async def time_entry_to_book(
    desk: Annotated[Desk, Resolve(desk_to_book)],
    place: Annotated[Place, Resolve(place_to_book)],
    of_user: OfUser,
    span: Annotated[EntrySpan, Resolve(span_to_book)],
    of_service: Annotated[Found, Resolve(service_to_book)],
    billable: str,
    text: str,
    hourly_rate: float | None,
) -> Booking:
    """The time entry that `create_time_entry` stores."""
    caller = await desk.account.caller()
    billable_as, billable_notes = await _billable(desk, place, billable)
    new = NewTimeEntry(
        customers_id=_known(place.customers_id),
        projects_id=place.projects_id,
        subprojects_id=place.subprojects_id,
        services_id=_known(of_service[0]),
        billable=billable_as,
        time_since=span.start,
        time_until=span.end,
        duration=span.duration,
        users_id=of_user[0] if of_user[0] != caller.id else None,
        text=text or None,
        hourly_rate=hourly_rate,
    )
    return Booking(new, [*place.notes, *of_service[1], *billable_notes, *span.notes, *of_user[1]])


async def lumpsum_to_book(
    by_value: ByValue,
    desk: Annotated[Desk, Resolve(desk_to_sell)],
    place: Annotated[Place, Resolve(place_to_book)],
    of_user: OfUser,
    of_service: Annotated[Found, Resolve(service_of_value)],
    of_lumpsum_service: Annotated[Found, Resolve(named_lumpsum_service)],
    lumpsum: float | None,
    amount: float | None,
    time_since: str,
    billable: str,
    text: str,
) -> Booking:
    """The lump sum that `create_lumpsum_entry` stores."""
    caller = await desk.account.caller()
    start, time_notes = _moment_of_sale(time_since, caller, desk.now())
    billable_as, billable_notes = await _billable(desk, place, billable)
    common = {
        "customers_id": place.customers_id,
        "projects_id": place.projects_id,
        "subprojects_id": place.subprojects_id,
        "billable": billable_as,
        "time_since": start,
        "users_id": of_user[0] if of_user[0] != caller.id else None,
        "text": text or None,
    }
    new: NewEntry
    if by_value:
        new = NewLumpsumValue.model_validate({**common, "services_id": of_service[0], "lumpsum": lumpsum})
    else:
        new = NewLumpsumServiceEntry.model_validate(
            {**common, "lumpsum_services_id": of_lumpsum_service[0], "lumpsum_services_amount": amount}
        )
    notes = [*place.notes, *of_service[1], *of_lumpsum_service[1], *billable_notes, *time_notes, *of_user[1]]
    return Booking(new, notes)


def _known(id: int | None) -> int:
    assert id is not None, "settled before the tool runs"
    return id


async def _billable(desk: Desk, place: Place, word: str) -> tuple[int, list[str]]:
    said = billable_of(word)
    if said is not None:
        return said, []
    default, note = await default_billable(desk.catalog, place)
    return default, [note]


def _moment_of_sale(time_since: str, caller: Caller, now: datetime) -> tuple[datetime, list[str]]:
    """When a lump sum is booked, in whole seconds: now where nothing is said, 9:00 where only the day is."""
    if not time_since:
        return now.replace(microsecond=0), ["Time: now, since none was given."]
    today, said, notes = caller.today(now), time_since, []
    if is_day(time_since):
        said = f"{parse_day(time_since, today=today, argument='time_since')}T{BEGIN_OF_WORK:%H:%M}"
        notes = [f"Time: {BEGIN_OF_WORK:%H:%M}, since only the day was given."]
    return parse_moment(said, zone=caller.zone, today=today, argument="time_since"), notes


async def correction(
    desk: Annotated[Desk, Resolve(desk_to_read)],
    before: Before,
    place: Annotated[Place, Resolve(new_place)],
    of_service: Annotated[Found, Resolve(named_service)],
    of_lumpsum_service: Annotated[Found, Resolve(named_lumpsum_service)],
    of_user: OfUser,
    time_since: str,
    time_until: str,
    duration: str,
    billable: str,
    text: str,
    user: str,
    hourly_rate: float | None,
    lumpsum: float | None,
    amount: float | None,
    clear: list[str],
) -> Correction:
    """What `update_entry` changes."""
    caller = await desk.account.caller()
    given: dict[str, object] = {
        "services_id": of_service[0],
        "lumpsum_services_id": of_lumpsum_service[0],
        "users_id": of_user[0] if user else None,
        "billable": billable_of(billable),
        "text": text or None,
        "hourly_rate": hourly_rate,
        "lumpsum": lumpsum,
        "lumpsum_services_amount": amount,
    }
    change, notes = changed_entry(
        before.entry,
        {name: value for name, value in given.items() if value is not None},
        place=place,
        times=Times(time_since, time_until, duration),
        clear=clear,
        zone=caller.zone,
        today=caller.today(desk.now()),
    )
    return Correction(change, [*place.notes, *of_service[1], *of_lumpsum_service[1], *of_user[1], *notes])


# Consent

ToBook = Annotated[Booking, Resolve(time_entry_to_book)]
ToSell = Annotated[Booking, Resolve(lumpsum_to_book)]
ToCorrect = Annotated[Correction, Resolve(correction)]
Asked = ElicitationResult[Consent]


async def _ask_to_create(ctx: Ctx, booking: Booking, confirm: str) -> Consent | Elicit[Consent]:
    desk = desk_of(ctx)
    if desk.confirm != "always":
        return consent_or_question(ctx, confirm, preview="", needed=False, stored="")
    preview = f"This would create: {in_words(await preview_of(desk, booking.new))}."
    return consent_or_question(ctx, confirm, preview=preview, needed=False, stored="", keep=booking.new)


async def ask_to_book(ctx: Ctx, booking: ToBook, confirm: str) -> Consent | Elicit[Consent]:
    """Consent to a new time entry, or the question for it."""
    return await _ask_to_create(ctx, booking, confirm)


async def ask_to_sell(ctx: Ctx, booking: ToSell, confirm: str) -> Consent | Elicit[Consent]:
    """Consent to a new lump sum, or the question for it."""
    return await _ask_to_create(ctx, booking, confirm)


async def ask_to_correct(ctx: Ctx, before: Before, corrected: ToCorrect, confirm: str) -> Consent | Elicit[Consent]:
    """Consent to a correction, or the question for it: in `auto`, where the entry is billed or somebody else's."""
    desk = desk_of(ctx)
    caller = await desk.account.caller()
    entry = before.entry
    after = await named_after(desk, entry, corrected.change)
    changes = described(differences(entry, after), entry, after, caller.zone)
    touchy = touchiness(entry, caller.id)
    preview = f"This would change {in_words(row(entry, caller.zone, caller=caller.id))}: {changes}."
    preview += f" {touchy}" if touchy else ""
    return consent_or_question(ctx, confirm, preview=preview, needed=bool(touchy), stored=entry.model_dump_json())


async def ask_to_delete(ctx: Ctx, before: Before, confirm: str) -> Consent | Elicit[Consent]:
    """Consent to a deletion, or the question for it."""
    caller = await desk_of(ctx).account.caller()
    touchy = touchiness(before.entry, caller.id)
    preview = f"This would delete {in_words(row(before.entry, caller.zone, caller=caller.id))}."
    preview += f" {touchy}" if touchy else ""
    return consent_or_question(ctx, confirm, preview=preview, needed=True, stored=before.entry.model_dump_json())


async def consent_to_book(asked: Annotated[Asked, Resolve(ask_to_book)]) -> NewEntry | None:
    """The entry that the person was shown with a code; None where it is the one at hand.

    Raises:
        Declined: the person did not agree.
    """
    new: NewEntry | None = kept_of(asked)
    return new


async def consent_to_sell(asked: Annotated[Asked, Resolve(ask_to_sell)]) -> NewEntry | None:
    """As `consent_to_book`."""
    new: NewEntry | None = kept_of(asked)
    return new


async def consent_to_correct(ctx: Ctx, before: Before, asked: Annotated[Asked, Resolve(ask_to_correct)]) -> None:
    """Raises `Declined` where the person did not agree to this."""
    await agreed_to_this(ctx, asked, before.entry)


async def consent_to_delete(ctx: Ctx, before: Before, asked: Annotated[Asked, Resolve(ask_to_delete)]) -> None:
    """Raises `Declined` where the person did not agree to this."""
    await agreed_to_this(ctx, asked, before.entry)


async def preview_of(desk: Desk, new: NewEntry) -> EntryRow:
    """A new entry as an answer would show it, without an id."""
    caller = await desk.account.caller()
    fields: dict[str, object] = {"id": 0, "users_id": caller.id, **new.model_dump(exclude_none=True)}
    if isinstance(new, NewTimeEntry) and new.duration is None:
        fields["duration"] = seconds_to_book(new)
    entry = await desk.catalog.with_names(ENTRY.validate_python(fields))
    return row(entry, caller.zone, caller=caller.id)


async def named_after(desk: Desk, entry: Entry, change: EntryChange) -> Entry:
    """An entry as a correction would leave it, with the names of what it would be on."""
    fields = change.model_dump(exclude_unset=True)
    old_names = {name.removesuffix("_id") + "_name": None for name in fields if name.endswith("_id")}
    texts = {"texts_id": None} if "text" in fields else {}
    return await desk.catalog.with_names(entry.model_copy(update={**fields, **old_names, **texts}))


def in_words(shown: EntryRow) -> str:
    """An entry in one line."""
    id = f"entry {shown.id}: " if shown.id else ""
    long = shown.quantity or (f"{shown.hours} h" if shown.hours else "")
    on = (shown.booked_on, shown.service, shown.billable, shown.text, shown.user)
    parts = (f"{shown.date} {shown.times}", long, *on)
    return id + ", ".join(part for part in parts if part)
