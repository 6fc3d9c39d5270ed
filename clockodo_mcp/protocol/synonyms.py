"""What a model calls an argument that the tool calls otherwise: other programs' words, and slips."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from clockodo_mcp.cells import quoted, repeatable, spelled_out

LIKE = 0.7
"""How like a name has to be to be taken for a slip."""

WORDS_FOR: dict[str, tuple[str, ...]] = {
    "id": ("entry", "entry_id", "entries_id", "entryid"),
    "period": ("date", "day", "when", "range", "date_range", "timeframe", "week", "month", "year"),
    "time_since": (
        "start", "from", "begin", "since", "after", "start_time", "start_date", "started_at", "date_from", "date_since",
        "from_date", "date", "day", "when", "time",
    ),
    "time_until": (
        "end", "to", "until", "till", "before", "stop", "end_time", "end_date", "ended_at", "date_to", "date_until",
        "to_date",
    ),
    "duration": ("hours", "minutes", "seconds", "length", "hour", "time_spent", "spent", "worked"),
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
    "billable": ("is_billable", "billed", "chargeable"),
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

UNITS = {"hours": "h", "hour": "h", "minutes": "m"}
"""Units that a name says and a number does not; a bare number is seconds to us."""


def meant_by(name: str, free: Collection[str]) -> str | None:
    """The argument, of those that are still free, that another name means; None where it means none of them.

    >>> meant_by("customersId", ["customer", "text"]), meant_by("verbose", ["customer", "text"])
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
    return next(iter(get_close_matches(bare, sorted(free), n=1, cutoff=LIKE)), None)


def unknown_arguments(
    tool: str, given: Mapping[str, Any], known: Collection[str], required: Collection[str], find_id: str
) -> str:
    """The sentences about arguments that the tool does not have: which, what it takes, and what was probably meant."""
    targets: dict[str, str] = {}
    unknown = [name for name in given if name not in known]
    for name in unknown:
        target = meant_by(name, [one for one in known if one not in given and one not in targets.values()])
        if target is not None:
            targets[name] = target
    instead = [f"{_again(target, name, given[name])} instead of {quoted(name)}" for name, target in targets.items()]
    left = [quoted(name) for name in unknown if name not in targets]
    call = [*([f"with {', '.join(instead)}"] if instead else []), *([f"without {', '.join(left)}"] if left else [])]
    missing = [name for name in required if name not in given and name not in targets.values()]
    needs = f" {' and '.join(missing)} is required, too.{find_id if 'id' in missing else ''}" if missing else ""
    return (
        f"{tool} has no argument {', '.join(map(quoted, unknown))}. Nothing was done. "
        f"It takes: {', '.join(known) or 'no arguments'}. Call again {' and '.join(call)}.{needs}"
    )


def _again(argument: str, name: str, value: Any) -> str:
    """An argument with its value, or alone where the value is too long or too odd to be repeated as it is."""
    if name in UNITS and re.fullmatch(r"\d+(\.\d+)?", str(value)):
        value = f"{value}{UNITS[name]}"
    return spelled_out(**{argument: value}) if repeatable(value) == value else argument
