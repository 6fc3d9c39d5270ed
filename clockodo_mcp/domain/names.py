"""Which object a word means: an id, or an exact name or number, whatever its case."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TypeVar

from clockodo_mcp.api.models import Named
from clockodo_mcp.domain.cells import cell
from clockodo_mcp.domain.errors import shown
from clockodo_mcp.errors import ClockodoMcpError

N = TypeVar("N", bound=Named)

SHOWN = 10
"""How many choices an error lists at most."""


class NoSuchObject(ClockodoMcpError):
    """Nothing has this name. Nothing was written."""


class SeveralObjects(ClockodoMcpError):
    """Several objects have this name. Nothing was written."""


def plain(text: str) -> str:
    """A name as it is compared: case and spacing aside."""
    return " ".join(text.split()).casefold()


def find(word: str, among: Sequence[N], *, argument: str) -> N:
    """The one object that `word` names, an active one before inactive ones.

    Raises:
        NoSuchObject: with the nearest names and their ids.
        SeveralObjects: with every candidate's id, and the argument to repeat.
    """
    wanted = plain(word)
    matches = [item for item in among if wanted in (plain(item.name), plain(item.number or ""))]
    matches = [item for item in matches if item.active] or matches
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise SeveralObjects(
            f"{argument}={shown(word)} fits {len(matches)}: {listed(matches)}. Nothing was written. "
            f"Call again with {argument}='{matches[0].id}' or another id from this list."
        )
    near = get_close_matches(wanted, [plain(item.name) for item in among], n=3, cutoff=0.5)
    parts = [plain(item.name) for item in among if wanted in plain(item.name)]
    nearest = [item for item in among if plain(item.name) in {*near, *parts}]
    choices = nearest or [item for item in among if item.active] or list(among)
    advice = f"{'The nearest' if nearest else 'There are'}: {listed(choices)}." if choices else "There are none."
    raise NoSuchObject(
        f"{argument}={shown(word)}: no {argument} has this name. {advice} Call again with one of the ids."
    )


def listed(items: Sequence[Named]) -> str:
    """`Acme GmbH (id 1042), Acme Retail AG (id 2210)`, at most ten, the rest counted."""
    rest = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(f"{cell(item.name)} (id {item.id})" for item in items[:SHOWN]) + rest
