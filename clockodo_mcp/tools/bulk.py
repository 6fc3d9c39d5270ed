"""`log_entries`: many new entries in one call, all checked before the first is written."""

from collections.abc import Sequence
from typing import Annotated, Any

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp.types import CallToolResult
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from clockodo_mcp.account.cache import at_once
from clockodo_mcp.api.models import NewEntry, NewTimeEntry, TimeEntry
from clockodo_mcp.cells import cell
from clockodo_mcp.desk import Desk
from clockodo_mcp.domain.durations import hours
from clockodo_mcp.domain.totals import seconds_to_book
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.resolving.places import find_place
from clockodo_mcp.resolving.spans import entry_span
from clockodo_mcp.tools import arguments as take
from clockodo_mcp.tools.asking import Ctx, desk_of
from clockodo_mcp.tools.batch_answers import WrittenBatch, booked, planned, reporter
from clockodo_mcp.tools.bookings import Booking, lumpsum_to_book, time_entry_to_book
from clockodo_mcp.tools.consent import Consent, Given, consent_or_question, kept_of, order_of
from clockodo_mcp.tools.parameters import (
    fetched,
    lump_sum_is_a_value,
    lumpsum_finder,
    place_to_book,
    service_or_usual,
    user_finder,
    user_to_book,
)
from clockodo_mcp.tools.speaking import tool
from clockodo_mcp.writing.batches import book_in_order

MOST = 100
"""Entries in one call."""


EXAMPLE = {"project": "Relaunch", "time_since": "2026-11-23T09:00", "duration": "2h"}


class Form(BaseModel):
    """One new entry as `create_time_entry` or `create_lumpsum_entry` takes it."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    customer: str = ""
    project: str = ""
    subproject: str = ""
    service: str = ""
    time_since: str = ""
    time_until: str = ""
    duration: str = ""
    billable: str = ""
    text: str = Field(default="", max_length=1000)
    user: str = ""
    hourly_rate: float | None = Field(default=None, ge=0)
    lumpsum: float | None = Field(default=None, ge=0)
    lumpsum_service: str = ""
    amount: float | None = Field(default=None, gt=0)

    @property
    def is_lumpsum(self) -> bool:
        """Whether it is booked as a lump sum."""
        return self.lumpsum is not None or bool(self.lumpsum_service) or self.amount is not None


ITEM = {
    "type": "object",
    "properties": {
        name: {"type": "number" if name in ("hourly_rate", "lumpsum", "amount") else "string"}
        for name in Form.model_fields
    },
    "additionalProperties": False,
}

Forms = Annotated[
    list[Any],
    BeforeValidator(lambda value: [value] if isinstance(value, dict) else value),
    Field(
        min_length=1,
        max_length=MOST,
        description="Each as create_time_entry takes it (or create_lumpsum_entry, with lumpsum or lumpsum_service)",
        json_schema_extra={"items": ITEM},
    ),
]


class BadEntries(ClockodoMcpError):
    """Some of the entries of a call cannot be booked. None was written."""

    def __init__(self, problems: dict[int, str], count: int) -> None:
        listed = "\n".join(f"Entry {number}: {problem}" for number, problem in problems.items())
        super().__init__(
            f"{len(problems)} of {count} entries cannot be booked as they are, so none was written.\n{listed}\n"
            "Correct these and call log_entries again with all of them."
        )


async def bookings(ctx: Ctx, entries: list[Any]) -> list[Booking]:
    """What the forms mean, in order.

    Raises:
        BadEntries: with every problem at once.
    """
    desk, problems = desk_of(ctx), dict[int, str]()
    forms: dict[int, Form] = {}
    for number, given in enumerate(entries, 1):
        try:
            forms[number] = Form.model_validate(
                {name: value for name, value in given.items() if value is not None}
                if isinstance(given, dict)
                else given
            )
        except ValidationError as error:
            problems[number] = wrong_form(error)
    await at_once(*(_fetching(desk, form) for form in forms.values()))
    made: list[Booking] = []
    times: list[TimeEntry] = []
    for number, form in forms.items():
        try:
            booking = await booking_of(desk, form, times)
        except ClockodoMcpError as error:
            problems[number] = str(error)
            continue
        made.append(booking)
        if isinstance(booking.new, NewTimeEntry):
            times.append(await _as_planned(desk, booking.new))
    if problems:
        raise BadEntries(dict(sorted(problems.items())), len(entries))
    return made


def _fetching(desk: Desk, form: Form) -> Any:
    async def fetch() -> None:
        service = form.service or ("0" if form.lumpsum_service else "")
        await fetched(
            desk, customer=form.customer, project=form.project, subproject=form.subproject, service=service,
            user=form.user, new=True, billable=form.billable,
        )  # fmt: skip

    return fetch


async def _as_planned(desk: Desk, new: NewTimeEntry) -> TimeEntry:
    caller = await desk.account.caller()
    return TimeEntry(
        id=0,
        users_id=new.users_id or caller.id,
        customers_id=new.customers_id,
        billable=new.billable,
        time_since=new.time_since,
        time_until=new.time_until,
    )


async def booking_of(desk: Desk, form: Form, before: Sequence[TimeEntry]) -> Booking:
    """What one form means; `before` are the time entries of the same call that come before it."""
    caller = await desk.account.caller()
    place = await place_to_book(
        await find_place(desk.catalog, customer=form.customer, project=form.project, subproject=form.subproject)
    )
    of_user = await user_to_book(form.user, await user_finder(desk)({"user": form.user}))
    if form.is_lumpsum:
        by_value = await lump_sum_is_a_value(form.lumpsum, form.lumpsum_service, form.amount, form.service)
        service = await service_or_usual(desk, place)({"service": form.service}) if by_value else (None, [])
        of_lumpsum = await lumpsum_finder(desk)({"lumpsum_service": form.lumpsum_service})
        return await lumpsum_to_book(
            by_value, desk, place, of_user, service, of_lumpsum, form.lumpsum, form.amount, form.time_since,
            form.billable, form.text,
        )  # fmt: skip
    service = await service_or_usual(desk, place)({"service": form.service})
    span = await entry_span(
        desk.clockodo, form.time_since, form.time_until, form.duration, caller=caller, users_id=of_user[0],
        now=desk.now(), planned=[one for one in before if one.users_id == of_user[0]],
    )  # fmt: skip
    return await time_entry_to_book(desk, place, of_user, span, service, form.billable, form.text, form.hourly_rate)


def wrong_form(error: ValidationError) -> str:
    """What is wrong with the shape of a form, in our words."""
    said = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        name = cell(str(problem["loc"][0]), 40) if problem["loc"] else ""
        if not name:
            return f"an entry is an object such as {EXAMPLE}."
        known = name in Form.model_fields
        said.append(
            f"{name} has a wrong value"
            if known
            else f"there is no field {name}; the fields: {', '.join(Form.model_fields)}"
        )
    return "; ".join(said) + "."


ToLog = Annotated[list[Booking], Resolve(bookings)]


async def ask_to_log(ctx: Ctx, to_log: ToLog, dry_run: bool, confirm: str) -> Consent | Elicit[Consent]:
    """Consent to all entries of a call, or the question for it; asked with `CLOCKODO_CONFIRM=always` only."""
    count, seconds = len(to_log), sum(seconds_to_book(booking.new) for booking in to_log)
    preview = f"This would create {count} {'entry' if count == 1 else 'entries'}, {hours(seconds)} h."
    if dry_run:
        return Given()
    keep = [booking.new for booking in to_log]
    return consent_or_question(ctx, confirm, preview=preview, needed=False, stored="", keep=keep)


async def consent_to_log(
    asked: Annotated[ElicitationResult[Consent], Resolve(ask_to_log)],
) -> list[NewEntry] | None:
    """As `bookings.consent_to_book`, for all entries of a call."""
    news: list[NewEntry] | None = kept_of(asked)
    return news


@tool(title="Log many entries", writes=True)
async def log_entries(
    ctx: Ctx,
    to_log: ToLog,
    shown: Annotated[list[NewEntry] | None, Resolve(consent_to_log)],
    entries: Forms,
    dry_run: Annotated[bool, Field(description="Only check and show")] = False,
    confirm: take.Confirm = "",
) -> Annotated[CallToolResult, WrittenBatch]:
    """Log many entries at once, e.g. a day or a week; for a single one use create_time_entry. All are resolved and
    checked before the first is written; one bad one stops all, with every problem listed. One undo takes all back.
    Example: {"entries": [{"project": "Relaunch", "time_since": "2026-11-23T09:00", "duration": "2h"}]}.
    """
    desk = desk_of(ctx)
    notes = [f"Entry {number}: {note}" for number, booking in enumerate(to_log, 1) for note in booking.notes]
    news: list[NewEntry] = shown or [booking.new for booking in to_log]
    if dry_run:
        return await planned(
            desk, news, notes, "Nothing was written (dry_run). To write it, call again without dry_run."
        )
    batch = await book_in_order(desk.writer, desk.journal, order_of(ctx), news, reporter(ctx))
    return await booked(desk, batch, news, notes, "log_entries")
