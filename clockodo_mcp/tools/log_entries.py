"""`log_entries`: many new entries in one call, all checked before the first is written."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.answers.batch_receipts import BatchReceipt, booked, planned
from clockodo_mcp.api.models import NewEntry
from clockodo_mcp.asking import consent, find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.cells import cell
from clockodo_mcp.domain.commands import Create
from clockodo_mcp.errors import Unreadable
from clockodo_mcp.protocol import arguments as take
from clockodo_mcp.protocol.tool import tool
from clockodo_mcp.resolving import new_entries
from clockodo_mcp.resolving.finding import Finding, Found, Words, together
from clockodo_mcp.speech import say
from clockodo_mcp.writing.batches import one_after_another, works_of

MOST = 100
"""Entries in one call."""

MOST_CHARACTERS = 1_000
"""In a text."""

EXAMPLE = {"project": "Relaunch", "time_since": "2026-11-23T09:00", "duration": "2h"}


class EntryForm(BaseModel):
    """One new entry as `create_time_entry` or `create_lumpsum_entry` takes it."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    customer: str = Field(default="", description="Name or id")
    project: str = Field(default="", description="Name or id")
    subproject: str = Field(default="", description="Name or id")
    service: str = Field(default="", description="Name or id")
    time_since: str = Field(default="", description="'2026-11-23T09:00', or a day")
    time_until: str = Field(default="", description="'10:30'")
    duration: str = Field(default="", description="'1h30m'")
    round_up_to: str = Field(default="", description="'15m'")
    billable: Annotated[str, take.State] = Field(default="", description="billable, not_billable")
    text: str = Field(default="", max_length=MOST_CHARACTERS, description="What was done")
    user: str = Field(default="", description="Name or id")
    hourly_rate: take.Money = Field(default=None, description="Money per hour")
    lumpsum: take.Lumpsum = Field(default=None, description="Money")
    lumpsum_service: str = Field(default="", description="Name or id")
    amount: take.Amount = Field(default=None, description="Pieces")

    @property
    def is_lumpsum(self) -> bool:
        """Whether it is booked as a lump sum."""
        return self.lumpsum is not None or bool(self.lumpsum_service) or self.amount is not None


NOT_OF_LUMP_SUMS = ("time_until", "duration", "round_up_to", "hourly_rate")

NUMBERS = ("hourly_rate", "lumpsum", "amount")

ITEM = {
    "type": "object",
    "properties": {
        name: {"type": "number" if name in NUMBERS else "string", "description": field.description}
        for name, field in EntryForm.model_fields.items()
    },
    "additionalProperties": False,
}


def _read(given: object) -> EntryForm:
    """Null is what was left out. Raises ValidationError."""
    said = {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given
    return EntryForm.model_validate(said)


def _forms(value: object) -> object:
    """Forms as far as they can be read: what is wrong is said of all of them at once, in the body."""
    if isinstance(value, dict):
        value = [value]
    return [_form_or_given(one) for one in value] if isinstance(value, list) else value


def _form_or_given(given: object) -> object:
    try:
        return _read(given)
    except ValidationError:
        return given


Forms = Annotated[
    list[Any],
    BeforeValidator(_forms),
    Field(
        min_length=1,
        max_length=MOST,
        description="Each as create_time_entry takes it, or create_lumpsum_entry",
        json_schema_extra={"items": ITEM},
    ),
]


@tool(
    title="Log many entries",
    writes=True,
    search_hint="log a whole day, several entries at once, calendar, bulk booking; "
    "ganzen Tag buchen, mehrere Einträge, Tagesbericht, Kalender eintragen",
)
async def log_entries(
    call: Call,
    entries: Forms,
    dry_run: Annotated[bool, Field(description="Only check and show")] = False,
) -> Answer[BatchReceipt]:
    """Log many entries at once, e.g. a day or a week; for a single one use create_time_entry. All are checked
    before the first is written; one bad one stops all, with every problem listed. One undo takes all back.
    Example: {"entries": [{"project": "Relaunch", "time_since": "2026-11-23T09:00", "duration": "2h"}]}.
    """
    call = await call.resumed()
    findings: list[Finding[NewEntry]] = []
    for number, given in enumerate(entries, 1):
        findings.append(_new_entry(given, findings).named(say("Entry {number}", number=number)))
    news = await find_or_ask(call, _all(findings))
    if dry_run:
        return await planned(call, news)
    await consent(call, *map(Create, news), needed=False)
    works = works_of(call.app.writer, {n: Create(new) for n, new in enumerate(news, 1)})
    batch = await one_after_another(call.app.writer, call.asked_for, works, call.told)
    return await booked(call, batch, news)


def _all(findings: list[Finding[NewEntry]]) -> Finding[list[NewEntry]]:
    async def make(_: Call) -> list[NewEntry]:
        return [one.found.value for one in findings]

    return together(findings, make)


def _new_entry(given: object, before: list[Finding[NewEntry]]) -> Finding[NewEntry]:
    """What one form means; `before` are the entries that come before it, behind which a day alone goes."""
    try:
        form = given if isinstance(given, EntryForm) else _read(given)
    except ValidationError as error:
        return _refused(_wrong_form(error))
    place = {"customer": form.customer, "project": form.project, "subproject": form.subproject}
    if form.is_lumpsum:
        if wrong := [name for name in NOT_OF_LUMP_SUMS if getattr(form, name) not in ("", None)]:
            return _refused(f"a lump sum has no {' and no '.join(wrong)}; book hours as an entry of their own.")
        return new_entries.lump_sum(
            **place, service=form.service, lumpsum=form.lumpsum, lumpsum_service=form.lumpsum_service,
            amount=form.amount, time_since=form.time_since, billable=form.billable, text=form.text, user=form.user,
        )  # fmt: skip
    return new_entries.time_entry(
        **place, service=form.service, time_since=form.time_since, time_until=form.time_until, duration=form.duration,
        round_up_to=form.round_up_to, billable=form.billable, text=form.text, user=form.user,
        hourly_rate=form.hourly_rate, planned=tuple(before),
    )  # fmt: skip


def _refused(why: str) -> Finding[NewEntry]:
    async def look(_: Call, __: Words) -> Found[NewEntry]:
        raise Unreadable(why)

    return Finding(look)


def _wrong_form(error: ValidationError) -> str:
    """What is wrong with the shape of a form, in our words."""
    said: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        name = cell(str(problem["loc"][0]), 40) if problem["loc"] else ""
        if not name:
            return f"an entry is an object such as {EXAMPLE}."
        fields = ", ".join(EntryForm.model_fields)
        if name not in EntryForm.model_fields:
            said[name] = f"there is no field {name}; the fields: {fields}"
        elif problem["type"] == take.NUMBER_IN_WORDS:
            said.setdefault(name, f"{name} {problem['msg'].removesuffix('.')}")
        elif problem["type"] == "string_too_long":
            said[name] = f"{name} is too long, and takes at most {MOST_CHARACTERS:,} characters"
        else:
            said.setdefault(name, f"{name} has a wrong value")
    return "; ".join(said.values()) + "."
