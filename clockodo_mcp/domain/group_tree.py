"""Groups of entries as Clockodo adds them up itself: what it is asked to group by, and how its tree is read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from clockodo_mcp.api.models import Billable, EntryGroup
from clockodo_mcp.domain.groups import NAMES, Calendar, Groups, Key, Keys, Sums


class UnknownGroup(ValueError):
    """Clockodo named a group in a form that is not known here; its documents do not say the forms."""


def groups_of_tree(
    levels: tuple[str, ...], tree: Iterable[EntryGroup], *, among: set[int], calendar: Calendar
) -> Groups:
    """The groups of an answer of `entrygroups` by the `deepened` levels.

    Only what is `among` these values of `billable` counts.

    Raises:
        UnknownGroup: a key has a form that is not known here.
    """
    groups, deep = Groups(levels), deepened(levels)
    cut = max(len(levels), deep.index("is_lumpsum") + 1)
    for keys, node in _nodes(groups, tree, deep[:cut], calendar, ()):
        billable, path = keys[deep.index("billable")], keys[: len(levels)]
        if billable not in among:
            continue
        is_billable = billable != Billable.NOT_BILLABLE
        sums = groups.sums.setdefault(path, Sums())
        sums.add(node.duration, billable=is_billable, revenue=node.revenue)
        # No document says how `is_lumpsum` is written; money of what has no hours is a lump sum's.
        if not node.duration:
            sums.lump_sums += node.revenue or 0.0
        if deep[cut:] and node.sub_groups is None:
            raise UnknownGroup(deep[cut])
        leaves = _nodes(groups, node.sub_groups or (), deep[cut:], calendar, keys) if deep[cut:] else [(keys, node)]
        for below, leaf in leaves:
            is_lump_sum = below[deep.index("is_lumpsum")] == 1
            if is_billable and leaf.revenue == 0 and (leaf.duration or is_lump_sum):
                groups.silent[path, below[deep.index("projects_id")]] += leaf.duration
    return groups


def deepened(levels: tuple[str, ...]) -> tuple[str, ...]:
    """The levels, and what tells whether the money is of hours: billable or not, lump sum or not, and the project."""
    return (*levels, *(one for one in ("billable", "is_lumpsum", "projects_id") if one not in levels))


def asked_of_clockodo(levels: tuple[str, ...], calendar: Calendar) -> tuple[str, ...]:
    """What `entrygroups` is asked to group by: it has no weekdays, and weeks from Monday only; days add up to both."""
    from_days = {"weekday"} if calendar.weekstart_monday else {"weekday", "week"}
    return tuple("day" if level in from_days else level for level in deepened(levels))


def _nodes(
    groups: Groups, tree: Iterable[EntryGroup], levels: tuple[str, ...], calendar: Calendar, above: Keys
) -> Iterator[tuple[Keys, EntryGroup]]:
    """The groups at the last of these levels, each with its keys and those above."""
    level, *deeper = levels
    for one in tree:
        key = key_of_group(one.group, level, calendar)
        if one.name and level in NAMES:
            groups.names[level, key] = one.name
        if not deeper:
            yield (*above, key), one
        elif one.sub_groups is None:
            raise UnknownGroup(level)
        else:
            yield from _nodes(groups, one.sub_groups, tuple(deeper), calendar, (*above, key))


DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")

FORMS: Mapping[str, re.Pattern[str]] = {
    "day": DAY,
    "weekday": DAY,
    "week": re.compile(r"(\d{4})-?W?(\d{2})"),
    "month": re.compile(r"(\d{4})-?(\d{2})"),
    "year": re.compile(r"(\d{4})"),
}
"""How Clockodo may write a time. A month was seen as `202611`; the others are written nowhere."""


def key_of_group(written: str, level: str, calendar: Calendar) -> Key:
    """The key of one of Clockodo's groups.

    Raises:
        UnknownGroup: it has none of the forms known here.
    """
    if level == "is_lumpsum":
        return int(written not in ("", "0", "false"))
    if level not in FORMS:
        if written in ("", "0") and level in NAMES:
            return None
        if written.isascii() and written.isdigit():
            return int(written)
        raise UnknownGroup(level)
    form = "day" if FORMS["day"].fullmatch(written) else level
    match = FORMS[form].fullmatch(written)
    if match is None:
        raise UnknownGroup(level)
    numbers = [int(number) for number in match.groups()]
    try:
        if form == "week":
            return date.fromisocalendar(numbers[0], numbers[1], 1)
        year, month, day = (*numbers, 1, 1)[:3]
        return calendar.first_day(level, date(year, month, day))
    except ValueError:
        raise UnknownGroup(level) from None
