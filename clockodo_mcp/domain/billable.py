"""The three states of `billable`, and the words for them."""

from clockodo_mcp.api.models import BILLABLE_OR_BILLED, Billable
from clockodo_mcp.errors import Unreadable

WORDS = {"not_billable": 0, "billable": 1, "billed": 2, "0": 0, "1": 1, "2": 2, "true": 1, "false": 0}


def billable_of(word: str) -> int | None:
    """0, 1 or 2 for a word, None for an empty one.

    Raises:
        Unreadable: another word.

    >>> billable_of("Billed"), billable_of("")
    (2, None)
    """
    plain = word.strip().lower()
    if plain and plain not in WORDS:
        raise Unreadable("use 'billable', 'not_billable' or 'billed'.", argument="billable", value=word)
    return WORDS.get(plain)


def billable_filter(word: str) -> int | None:
    """As `billable_of`, and also `billable_or_billed`."""
    return BILLABLE_OR_BILLED if word.strip().lower() in ("billable_or_billed", "12") else billable_of(word)


def billable_word(value: int) -> str:
    """`not_billable`, `billable` or `billed`: the word that the argument takes."""
    return next((one.name.lower() for one in Billable if one == value), str(value))
