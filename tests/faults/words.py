"""In which words an answer says how a change went: the one place where the tests of faults know them."""

import re

from mcp.types import CallToolResult

from tests.conftest import said


def is_unknown(result: CallToolResult) -> bool:
    """Whether an answer says that the outcome is not known."""
    return "may or may not" in said(result)


def may_be_under_way(result: CallToolResult) -> bool:
    """Whether it says so because nobody answered in time."""
    return is_unknown(result) and "may still be carrying it out" in said(result)


def has_happened(result: CallToolResult) -> bool:
    """Whether `list_changes` says that what was lost has happened."""
    return "has happened: entry" in said(result)


def has_not_happened(result: CallToolResult) -> bool:
    """Whether `list_changes` says that what was lost has not happened."""
    return "has not happened" in said(result)


def happened_once(result: CallToolResult) -> bool:
    """Whether an answer says that looking has found what was lost."""
    return "it has happened, once" in said(result)


def was_sent_again(result: CallToolResult) -> bool:
    """Whether an answer says that the first attempt had no effect."""
    return "sent again" in said(result)


def nothing_doubled(result: CallToolResult) -> bool:
    """Whether an answer says that the same call had been carried out already."""
    return "nothing was doubled" in said(result)


def has_no_journal(result: CallToolResult) -> bool:
    """Whether a write was refused because it could not be noted, with the way out."""
    return "The journal of changes cannot be used" in said(result) and "CLOCKODO_JOURNAL=off" in said(result)


def changes_in(result: CallToolResult) -> int:
    """How many changes `list_changes` says there are."""
    found = re.search(r"(\d+) changes?\b", said(result))
    assert found is not None, said(result)
    return int(found[1])


def entry_of(result: CallToolResult) -> int:
    """The id of the entry that a write answers with."""
    found = re.search(r"entry (\d+)", said(result))
    assert found is not None, said(result)
    return int(found[1])


def code_of(preview: CallToolResult) -> str:
    """The code of a preview, by which the second call does what was shown."""
    found = re.search(r"confirm='?\"?(\w+)", said(preview))
    assert found is not None, said(preview)
    return found[1]


def written_before_it_broke_off(result: CallToolResult) -> tuple[int, set[int] | None]:
    """How many entries a call for many says it has written, and which, where it names them."""
    text = said(result)
    named = re.findall(r"\d+: (\d+)", text.partition("(entry number: id)")[2].partition("\n")[0])
    told = re.match(r"(\d+) of \d+ entries were changed", text.partition(": ")[2])
    return (int(told[1]) if told else len(named)), ({*map(int, named)} if named else None)
