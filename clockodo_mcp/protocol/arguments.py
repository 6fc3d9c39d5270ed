"""The arguments that tools share: plain types in the schema, grammar in `domain`.

A parameter that may be left out has an empty default, and null means that it is left out. What a weaker model sends
instead of a string (a number for an id) is taken as the string it means.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from clockodo_mcp.domain.amounts import parse_amount

NUMBER_IN_WORDS = "number_in_words"
"""The type of the error of a number that cannot be read; its message is for the model."""


def _as_text(value: Any) -> Any:
    """A number means its digits."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _as_words(value: Any) -> Any:
    """One word means a list of it, or several between commas."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _as_number(value: Any) -> Any:
    """A text means the number that it writes."""
    if isinstance(value, bool):
        raise PydanticCustomError(NUMBER_IN_WORDS, f"must be a number, not {str(value).lower()}.")
    if not isinstance(value, str):
        return value
    try:
        return parse_amount(value)
    except ValueError as error:
        raise PydanticCustomError(NUMBER_IN_WORDS, str(error)) from None


def _as_money(value: Any) -> Any:
    """As `_as_number`; three decimals are none of money, but what a host has made of `1.234`."""
    number = _as_number(value)
    if isinstance(number, float) and 1 <= number < 1000 and round(number, 2) != number == round(number, 3):
        either = f"{number * 1000:.0f} or {number:.2f}"
        raise PydanticCustomError(NUMBER_IN_WORDS, f"has three decimals, which no money has; write {either}.")
    return number


def _as_state(value: Any) -> Any:
    """Yes and no mean billable and not."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.strip().lower() if isinstance(value, str) else _as_text(value)


Number = BeforeValidator(_as_number)
Price = BeforeValidator(_as_money)
State = BeforeValidator(_as_state)
Text = BeforeValidator(_as_text)
Name = BeforeValidator(_as_text)
Words = BeforeValidator(_as_words)

EntryId = Annotated[Annotated[int, Field(ge=1)] | SkipJsonSchema[None], Field(description="Entry id, e.g. 4711")]
Which = Annotated[
    str,
    Text,
    Field(max_length=1000, description="Instead of id: words of its text, place or times, e.g. 'kick-off 09:00'"),
]
OfDay = Annotated[str, Text, Field(description="Its day, or a period; default last_7_days")]
Drawn = Annotated[str, Text, Field(description="From show_week's page: only if still so")]
Customer = Annotated[str, Name, Field(description="Name, part of it, number or id, e.g. 'Acme'")]
Project = Annotated[str, Name, Field(description="Name, part of it, number or id, e.g. 'Relaunch'")]
Subproject = Annotated[str, Name, Field(description="Name, part of it or id")]
Service = Annotated[str, Name, Field(description="Kind of work: name or id, e.g. 'Consulting'")]
LumpsumService = Annotated[str, Name, Field(description="Name, part of it or id")]
User = Annotated[str, Name, Field(description="Co-worker: name or id; default the caller")]
AnyUser = Annotated[str, Name, Field(description="'me', 'all', or a co-worker's name or id")]
NameOrId = Annotated[str, Name, Field(description="Name or id")]
Moment = Annotated[str, Text, Field(description="Local, e.g. '2026-11-23T09:00', 'yesterday 09:00', '09:00'")]
Duration = Annotated[str, Text, Field(description="'2h', '1h30m', '1:30', '90m', '1.5h', '5400s'")]
NewDuration = Annotated[str, Text, Field(description="As '1h30m', or what is added: '+30m', '-15m'")]
RoundUp = Annotated[str, Text, Field(description="Rounds the hours up, e.g. to '15m'")]
EntryText = Annotated[str, Text, Field(max_length=1000, description="What was done")]
AppendedText = Annotated[str, Text, Field(max_length=1000, description="Added to the text that is there")]
OnlyText = Annotated[str, Text, Field(max_length=1000, description="Only with this in the text")]
BillableState = Annotated[str, State, Field(description="billable, not_billable or billed")]
BillableFilter = Annotated[str, State, Field(description="not_billable, billable, billed or billable_or_billed")]
Money = Annotated[
    Annotated[float, Field(ge=0), Price] | SkipJsonSchema[None], Field(description="Money per hour, e.g. 95.0")
]
Lumpsum = Annotated[
    Annotated[float, Field(ge=0), Price] | SkipJsonSchema[None], Field(description="Amount of money, e.g. 250.0")
]
Amount = Annotated[
    Annotated[float, Field(ge=0.001), Number] | SkipJsonSchema[None], Field(description="How many, e.g. 3")
]
Period = Annotated[
    str,
    Text,
    Field(
        description="today, yesterday, monday, this_week, last_month, last_30_days, 2026-11-23, 2026-10, 2026-W41, "
        "2026-Q3, or A..B"
    ),
]
Budget = Annotated[str, Text, Field(description="Budget, e.g. 'strict', 'soft-completed'")]
Clear = Annotated[list[str], Words, Field(description="What becomes empty: project, subproject, text")]
Confirm = Annotated[str, Text, Field(description="The code from the preview, once the person agreed")]
