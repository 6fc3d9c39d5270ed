"""What a model calls an argument that the tool calls otherwise: other programs' words, and slips.

A call is offered only where it says all that was said: a name that stands for nothing here may have carried the day or
the length, and to leave it out would book something else.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import BaseModel
from rapidfuzz.distance import OSA

from clockodo_mcp.cells import quoted, repeatable, spelled_out

SLIPS = 2
"""Letters of a name that may be wrong, the first not among them: `unbillable` is no slip of `billable`."""

WORDS_FOR: dict[str, tuple[str, ...]] = {
    "id": ("entry", "entry_id", "entries_id", "entryid"),
    "period": ("date", "day", "when", "range", "date_range", "timeframe", "week", "month", "year"),
    "time_since": (
        "start", "from", "begin", "since", "after", "start_time", "start_date", "started_at", "date_from", "date_since",
        "from_date", "date", "day", "when",
    ),
    "time_until": (
        "end", "to", "until", "till", "before", "stop", "end_time", "end_date", "ended_at", "date_to", "date_until",
        "to_date",
    ),
    "duration": ("length", "time_spent", "spent", "worked"),
    "text": ("comment", "description", "note", "notes", "message", "title", "summary", "what", "texts"),
    "user": ("employee", "person", "coworker", "co_worker", "worker", "member", "colleague", "who", "assignee"),
    "customer": ("client", "company", "organization", "organisation"),
    "project": ("job", "matter"),
    "subproject": ("sub_project", "subtask", "phase"),
    "service": ("task", "activity", "work", "service_type", "category", "kind_of_work"),
    "lumpsum": ("price", "fee", "sum", "money", "value", "total", "lump_sum", "amount_of_money"),
    "lumpsum_service": ("lump_sum_service", "item", "product", "article"),
    "amount": ("quantity", "count", "number", "pieces", "units"),
    "hourly_rate": ("rate", "price_per_hour"),
    "billable": ("is_billable", "chargeable"),
    "change_id": ("id", "change", "changes_id"),
    "query": ("name", "search", "q", "term", "text", "keyword", "filter"),
    "kinds": ("kind", "type", "types", "category", "categories"),
    "include_inactive": ("inactive", "archived", "include_archived"),
    "limit": ("max", "count", "page_size", "per_page", "max_results", "top"),
    "cursor": ("page", "offset", "next", "page_token", "next_cursor"),
    "entry_type": ("type", "kind"),
    "group_by": ("grouping", "groups", "group", "grouped_by", "by", "dimensions"),
    "compare_to": ("compare", "compare_with", "comparison", "versus", "vs"),
    "round_to_minutes": ("round", "rounding", "round_to"),
    "sort": ("order", "order_by", "sort_by", "sorting"),
    "confirm": ("confirmed", "confirmation", "code"),
    "resume": ("continue", "restart"),
    "clear": ("empty", "unset", "remove"),
}  # fmt: skip
"""An argument of ours, and other words for it. Where a tool has several that a word may mean, the first here is it."""

NUMBER = re.compile(r"\d+([.,]\d+)?")
LASTS = re.compile(r"(?:duration_|time_|spent_)?(?:(h|hr|hrs|hours?)|(m|mins?|minutes?)|(s|secs?|seconds?))")
"""A name that says in which unit a duration is."""


def meant_by(name: str, free: Collection[str]) -> str | None:
    """The argument, of those that are still free, that another name means; None where it means none of them.

    >>> meant_by("customersId", ["customer", "text"]), meant_by("not_billable", ["billable", "text"])
    ('customer', None)
    """
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace("-", "_")
    bare = re.sub(r"s?_ids?$", "", plain)
    for word in (plain, bare):
        if word in free:
            return word
        for target, words in WORDS_FOR.items():
            if target in free and word in words:
                return target
    if LASTS.fullmatch(plain) and "duration" in free:
        return "duration"
    slips = {one: OSA.distance(bare, one, score_cutoff=SLIPS) for one in free if len(one) > 2 * SLIPS}
    near = [one for one, letters in slips.items() if letters <= SLIPS and one[0] == bare[:1]]
    return near[0] if len(near) == 1 else None


def with_duration(given: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """The arguments of a call, a length by the name of its unit (`duration_minutes=90`) as the duration that it is."""
    named = {name: LASTS.fullmatch(name.lower()) for name in given if name not in known}
    lengths = [(name, unit) for name, unit in named.items() if unit and NUMBER.fullmatch(str(given[name]))]
    if "duration" not in known or "duration" in given or len(lengths) != 1:
        return dict(given)
    [(name, unit)] = lengths
    rest = {other: value for other, value in given.items() if other != name}
    return rest | {"duration": f"{given[name]}{'h' if unit[1] else 'm' if unit[2] else 's'}"}


def as_meant(checked: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The checked arguments of a call without what says nothing: the same call is the same however it was written."""
    said = {name: _said(value) for name, value in checked.items()}
    return {name: value for name, value in said.items() if value not in (None, "", [], known[name].get("default"))}


def _said(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _said(value.model_dump(mode="json", exclude_defaults=True))
    if isinstance(value, list):
        return [_said(one) for one in value]
    if isinstance(value, dict):
        return {name: _said(one) for name, one in value.items() if one not in (None, "")}
    return value


def unknown_in_words(
    tool: str, given: Mapping[str, Any], known: Mapping[str, Any], required: Collection[str], find_id: str
) -> str:
    """The sentences about arguments that the tool does not have: which, what it takes, and what was probably meant."""
    targets: dict[str, str] = {}
    unknown = [name for name in given if name not in known]
    for name in unknown:
        target = meant_by(name, [one for one in known if one not in given and one not in targets.values()])
        if target is not None:
            targets[name] = target
    said = (
        f"{tool} has no argument {', '.join(map(quoted, unknown))}. Nothing was done. "
        f"It takes: {', '.join(known) or 'no arguments'}."
    )
    if len(targets) < len(unknown):
        left = " and ".join(quoted(name) for name in unknown if name not in targets)
        stand = "".join(f" {quoted(name)} is {target} here." for name, target in targets.items())
        return (
            f"{said}{stand} Nothing here stands for {left}: say it with these, or tell the person that it cannot be "
            "said."
        )
    instead = [
        f"{_again(target, name, given[name], known[target])} instead of {quoted(name)}"
        for name, target in targets.items()
    ]
    means_an_entry = "which" in known and not {"which", "day"} & given.keys()
    needed = [*required, *(["id"] if means_an_entry else [])]
    missing = [name for name in needed if name not in given and name not in targets.values()]
    needs = f" {' and '.join(missing)} is required, too.{find_id if 'id' in missing else ''}" if missing else ""
    return f"{said} Call again with {', '.join(instead)}.{needs}"


def _again(argument: str, name: str, value: Any, schema: Mapping[str, Any]) -> str:
    """An argument with its value, or alone where the value is too long or too odd, or of another type than it takes."""
    if argument == "duration" and (LASTS.fullmatch(name.lower()) or NUMBER.fullmatch(str(value))):
        return argument
    if "_id" in name and argument != "id" and isinstance(value, int) and not isinstance(value, bool):
        value = value if schema.get("type") == "integer" else str(value)
    fits = FITS.get(str(schema.get("type")), ())
    takes = isinstance(value, fits) and not (isinstance(value, bool) and bool not in fits)
    return spelled_out(**{argument: value}) if takes and repeatable(value) == value else argument


FITS: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list, str),
}  # fmt: skip
"""Which values each type of a schema takes as they are."""
