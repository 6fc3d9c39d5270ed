"""The calls that errors and answers advise: left of `protocol`, the one place that knows tools by name."""

from clockodo_mcp.errors import Step

SEARCH = "search_catalog"
SPLIT = "split_entry"
"""The tool of a `search`: several of them are one call."""


def search(*kinds: str, to: str = "to look around") -> Step:
    """Look at the objects of these kinds, or of all."""
    return Step(SEARCH, {"kinds": [*kinds]} if kinds else {}, to=to)


def list_entries(period: str = "last_7_days", *, to: str = "to find the ids of entries") -> Step:
    """Look at the entries of a period."""
    return Step("list_entries", {"period": period}, to=to)


def see_entry(id: int, *, to: str = "to see the entry") -> Step:
    """Look at one entry."""
    return Step("get_entry", {"id": id}, to=to)


def create(*asks: str, to: str, **arguments: object) -> Step:
    """Log working time."""
    return Step("create_time_entry", arguments, asks, to)


def create_lumpsum(*asks: str, to: str, **arguments: object) -> Step:
    """Book a lump sum."""
    return Step("create_lumpsum_entry", arguments, asks, to)


def correct(id: int, *asks: str, to: str, **arguments: object) -> Step:
    """Change fields of an entry."""
    return Step("update_entry", {"id": id, **arguments}, asks, to)


def delete(id: int, *, to: str) -> Step:
    """Delete an entry."""
    return Step("delete_entry", {"id": id}, to=to)


def see_clock(*, to: str = "to see what runs") -> Step:
    """Look at the clock."""
    return Step("get_clock", to=to)


def start(*asks: str, to: str, **arguments: object) -> Step:
    """Start the clock."""
    return Step("start_clock", arguments, asks, to)


def stop(*asks: str, to: str) -> Step:
    """Stop the clock."""
    return Step("stop_clock", {}, asks, to)


def move_start(*asks: str, to: str, **arguments: object) -> Step:
    """Move the start of what runs."""
    return Step("adjust_clock", arguments, asks, to)


def undo(change: int, *, to: str = "to undo it") -> Step:
    """Take a change back."""
    return Step("undo_change", {"change_id": change}, to=to)


def list_changes(period: str = "", *, to: str = "to see the changes") -> Step:
    """Look at what this server has changed, which settles what is open."""
    return Step("list_changes", {"period": period} if period else {}, to=to)
