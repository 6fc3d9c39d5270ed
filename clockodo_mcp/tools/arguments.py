"""The arguments that tools share: plain types in the schema, grammar in `domain`.

A parameter that may be left out has an empty default, and null means that it is left out (`speaking`). What a weaker
model sends instead of a string (a number for an id) is taken as the string it means.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field
from pydantic.json_schema import SkipJsonSchema

from clockodo_mcp.api.models import BILLABLE_OR_BILLED, Billable
from clockodo_mcp.domain.errors import Unreadable
from clockodo_mcp.domain.words import as_id


def _as_text(value: Any) -> Any:
    """A number means its digits."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _as_name(value: Any) -> Any:
    """An id means its digits, however it is written."""
    text = _as_text(value)
    return as_id(text) if isinstance(text, str) else text


def _as_words(value: Any) -> Any:
    """One word means a list of it, or several between commas."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


Text = BeforeValidator(_as_text)
Name = BeforeValidator(_as_name)
Words = BeforeValidator(_as_words)

FIND_IDS = " To find ids, call list_entries with period='last_7_days'."

EntryId = Annotated[int, Field(ge=1, description="Entry id, e.g. 4711")]
Customer = Annotated[str, Name, Field(description="Customer: name, part of it, number or id, e.g. 'Acme'")]
Project = Annotated[str, Name, Field(description="Project: name, part of it, number or id, e.g. 'Relaunch'")]
Subproject = Annotated[str, Name, Field(description="Subproject: name, part of it or id")]
Service = Annotated[str, Name, Field(description="Service (kind of work): name, part of it or id, e.g. 'Consulting'")]
LumpsumService = Annotated[str, Name, Field(description="Lump sum service: name, part of it or id")]
User = Annotated[str, Name, Field(description="Co-worker: name or id; default the caller")]
Moment = Annotated[
    str, Text, Field(description="Local '2026-11-23T09:00', 'yesterday 09:00', '09:00' (today), or with offset/Z")
]
Duration = Annotated[str, Text, Field(description="'2h', '1h30m', '1:30', '90m', '1.5h' or seconds")]
EntryText = Annotated[str, Text, Field(max_length=1000, description="What was done")]
BillableState = Annotated[str, Text, Field(description="billable, not_billable or billed")]
Money = Annotated[Annotated[float, Field(ge=0)] | SkipJsonSchema[None], Field(description="Money per hour, e.g. 95.0")]
Lumpsum = Annotated[
    Annotated[float, Field(ge=0)] | SkipJsonSchema[None], Field(description="Amount of money, e.g. 250.0")
]
Amount = Annotated[Annotated[float, Field(gt=0)] | SkipJsonSchema[None], Field(description="How many, e.g. 3")]
Period = Annotated[
    str,
    Text,
    Field(
        description="today, yesterday, monday, this_week, last_week, this_month, last_month, this_year, last_year, "
        "last_7_days, 2026-11-23, 2026-10, 2026-W41, 2026-Q3, 2026, or A..B (both included)"
    ),
]
Confirm = Annotated[str, Text, Field(description="The code from the preview, once the person agreed")]
Budget = Annotated[str, Text, Field(description="Budget, e.g. 'strict', 'soft-completed'")]
EntryKind = Literal["", "time", "lumpsum_value", "lumpsum_service"]

KINDS = {"time": "time", "lumpsum_value": "value", "lumpsum_service": "service"}
"""`entry_type` as people say it, and the kind of the model."""

BILLABLE_WORDS = {"not_billable": 0, "billable": 1, "billed": 2, "0": 0, "1": 1, "2": 2, "true": 1, "false": 0}


def billable_of(word: str) -> int | None:
    """0, 1 or 2 for a word, None for an empty one.

    Raises:
        Unreadable: another word.
    """
    plain = word.strip().lower()
    if plain and plain not in BILLABLE_WORDS:
        raise Unreadable("billable", word, "use 'billable', 'not_billable' or 'billed'.", billable="billable")
    return BILLABLE_WORDS.get(plain)


def billable_filter(word: str) -> int | None:
    """As `billable_of`, and also `billable_or_billed`."""
    return BILLABLE_OR_BILLED if word.strip().lower() in ("billable_or_billed", "12") else billable_of(word)


def billable_word(value: int) -> str:
    """`not_billable`, `billable` or `billed`: the word that the argument takes."""
    return Billable(value).name.lower()


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """The local time of day."""
    return moment.astimezone(zone).strftime("%H:%M")
