"""Arguments refused in our words: those that are unknown, missing, or of a type that the schema does not take.

Of a failing tool the SDK would show pydantic's words, with a link to its website, and it ignores unknown arguments.
Nothing is proposed here that was not said: only how many rows are shown has a nearest number.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from clockodo_mcp import steps
from clockodo_mcp.answers.refusals import NOTHING_DONE, advice
from clockodo_mcp.protocol.arguments import NUMBER_IN_WORDS

LARGEST = 2**53 - 1
"""The largest number that every JSON reader takes as it was written."""

NAMES_OF_OBJECTS = ("customer", "project", "subproject", "service", "lumpsum_service", "user")
"""Arguments that name an object, and the `..._id` that Clockodo has for it."""

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters but for line breaks and tabs, separators that no one sees, and half characters."""

BROKEN = "\ufffd"
"""What is left of a character that came in halves or in another encoding."""

TOO_MANY = {"string_too_long", "too_long"}
TOO_FEW = {"string_too_short", "too_short"}
OUT_OF_BOUNDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
"""Types of pydantic's errors. Source: pydantic, "Validation Errors"."""


def wrong_values(given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with numbers that the schema cannot keep out. Python takes True for 1, and a float may be none."""
    wrong: dict[str, str] = {}
    for name, value in given.items():
        schema = known[name]
        if BROKEN in " ".join(_texts(value)):
            wrong[name] = "has half a character, such as half an emoji; write it whole, or leave it out."
            continue
        if (odd := CONTROL.search(" ".join(_texts(value)))) is not None:
            wrong[name] = f"has a control character (U+{ord(odd[0]):04X}), which no text needs; leave it out."
            continue
        kind = schema.get("type")
        if schema.get("items", {}).get("type") == "integer" and isinstance(value, list):
            whys = [_wrong_digits(one) or _wrong_number(one, least=1) for one in value]
            why = next(filter(None, whys), "")
        else:
            why = _wrong_digits(value) if kind == "integer" else ""
            why = why or (_wrong_number(value) if kind in ("integer", "number") else "")
        if why:
            wrong[name] = why
    return wrong


def _texts(value: Any) -> list[str]:
    """What would be stored, or looked for in what is: texts, also those of entries in a list."""
    if isinstance(value, list | dict):
        return [text for one in (value.values() if isinstance(value, dict) else value) for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def _wrong_digits(value: Any) -> str:
    """What is wrong with a whole number that is written as text: Python would read `1_0`."""
    return "" if not isinstance(value, str) or re.fullmatch(r" *-?[0-9]+ *", value) else "must be of type integer."


def _wrong_number(value: Any, least: float = -LARGEST) -> str:
    if isinstance(value, bool):
        return f"must be a number, not {str(value).lower()}."
    number = _number(value)
    if number is None or least <= number <= LARGEST:
        return ""
    return f"must be a number up to {LARGEST:,}." if number > LARGEST or least < 0 else f"takes ids from {least} on."


def wrong_types(problems: Iterable[ErrorDetails], known: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each argument that failed its type, by the type that pydantic gives the error."""
    wrong: dict[str, str] = {}
    for problem in problems:
        name = str(problem["loc"][0]) if problem["loc"] else ""
        in_words = problem["msg"] if problem["type"] == NUMBER_IN_WORDS else ""
        wrong.setdefault(name, in_words or _reason(problem["type"], problem["input"], known.get(name, {})))
    return wrong


def wrong_in_words(
    tool: str, wrong: Mapping[str, str], given: Mapping[str, Any], known: Mapping[str, Any], offered: Collection[str]
) -> str:
    """The sentences about arguments that are missing or of a wrong type: name, what it takes, the nearest number."""
    said = []
    for name, reason in wrong.items():
        schema = known.get(name, {})
        takes = f" It takes: {schema['description'].removesuffix('.')}." if "description" in schema else ""
        said.append(f"{name} {reason}{takes}")
    near = {
        name: one
        for name in wrong
        if name == "limit" and (one := _nearest(given.get(name), known.get(name, {}))) is not None
    }
    again = f" Call again with {', '.join(f'{name}={one!r}' for name, one in near.items())}." if near else ""
    find = advice(offered, steps.list_entries()) if "id" in wrong else ""
    return f"{tool}: {' '.join(said)} {NOTHING_DONE}{again}{find}"


def advice_on_fields(fields: tuple[str, ...], known: Collection[str], offered: Collection[str]) -> str:
    """Which arguments Clockodo complained about, and the search for what they can be; empty for other fields."""
    names = [name for name in NAMES_OF_OBJECTS if name in known and f"{name}s_id" in fields]
    if not names:
        return ""
    search = advice(offered, *(steps.search(f"{name}s", to="to find an open one") for name in names))
    return f" This is about {' and '.join(names)}.{search}"


def _number(value: Any) -> int | float | None:
    """A number, also one that is written as text; None for anything else."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value if isinstance(value, int | float) else None


def _nearest(value: Any, schema: Mapping[str, Any]) -> int | None:
    """The nearest count that the schema takes; None where only the person can know a value, such as money."""
    if isinstance(value, bool) or not isinstance(value, int) or schema.get("type") != "integer":
        return None
    low = max(value, schema.get("minimum", value))
    near: int = min(low, schema.get("maximum", low))
    return None if near == value else near


def _reason(kind: str, value: Any, schema: Mapping[str, Any]) -> str:
    """What is wrong with a value, by the type of pydantic's error."""
    if kind == "missing":
        return "is required."
    if kind in TOO_MANY | TOO_FEW:
        unit = "items" if isinstance(value, list) else "characters"
        most, least = schema.get("maxItems", schema.get("maxLength")), schema.get("minItems", 0)
        bound = f"at most {most:,}" if kind in TOO_MANY else f"at least {least}"
        return f"has {len(value):,} {unit}, and it takes {bound}."
    if choices := schema.get("enum") or schema.get("items", {}).get("enum", ()):
        of = "a list of" if schema.get("type") == "array" else "one of"
        return f"must be {of} {', '.join(repr(choice) for choice in choices if choice)}."
    if kind in OUT_OF_BOUNDS:
        bounds = [
            f"at least {schema['minimum']}" if "minimum" in schema else "",
            f"at most {schema['maximum']}" if "maximum" in schema else "",
        ]
        return f"must be {' and '.join(bound for bound in bounds if bound)}."
    return f"must be of type {schema.get('type', 'string')}."
