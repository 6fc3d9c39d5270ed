"""One object of the catalogue for one word, or a refusal with the choices."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from clockodo_mcp import steps
from clockodo_mcp.account.catalogue import CatalogList, is_id
from clockodo_mcp.api.models import Named
from clockodo_mcp.cells import cell, quoted
from clockodo_mcp.domain.names import FEW, Fit, Match, NoSuchObject, SeveralObjects, labelled
from clockodo_mcp.errors import WrongState

N = TypeVar("N", bound=Named)


async def find_one(among: CatalogList[N], word: str) -> tuple[N, list[str]]:
    """The object that a name, a part of it, a number or an id means, and a note where it was read past a slip.

    Raises:
        NoSuchObject, SeveralObjects: with the choices.
    """
    argument = among.argument
    if is_id(word):
        found = await among.by_id(int(word))
        if found is None:
            raise NoSuchObject(argument, word, await numbered(among, word), lead="The number of")
        return found, []
    match = await among.matches(word)
    if not match.items:
        raise no_such(argument, word, (await among.names()).items, (await among.names()).nearest(word))
    return one_of(argument, word, match), misreading(argument, word, match)


async def numbered(among: CatalogList[N], word: str) -> list[N]:
    """What has as its number what was taken for an id."""
    return [one for one in await among.all() if one.number == word]


async def id_of(among: CatalogList[N], word: str) -> tuple[int, list[str]]:
    """As `find_one`, but an id stands as it is, without a request."""
    if is_id(word):
        return int(word), []
    found, notes = await find_one(among, word)
    return found.id, notes


def no_such(
    argument: str,
    word: str,
    there: Sequence[N],
    near: Sequence[N],
    within: Callable[[N], str] = lambda _: "",
    *,
    of: str = "",
) -> NoSuchObject:
    """The refusal of a name that nothing has: with all open ones `there` where they are few, else the nearest."""
    there = [one for one in there if not one.closed]
    if 0 < len(there) <= FEW:
        likely = [one for one in near if not one.closed]
        rest = sorted((one for one in there if one not in likely), key=lambda one: one.name.casefold())
        closed = [one for one in near if one.closed]
        return NoSuchObject(argument, word, [*likely, *rest, *closed], within, of=of, lead="There are")
    return NoSuchObject(argument, word, near, within, of=of)


def one_of(argument: str, word: str, match: Match[N], within: Callable[[N], str] = lambda _: "") -> N:
    """The only one of a match.

    Raises:
        SeveralObjects: there are several.
        NoSuchObject: the only one may be another name, so it is offered and not taken.
    """
    if len(match.items) > 1:
        raise SeveralObjects(
            f"fits {len(match.items)}.",
            f"Which {argument.replace('_', ' ')} is meant by {quoted(word)}?",
            {labelled(one, within(one)): {argument: str(one.id)} for one in match.items},
            argument=argument,
            value=word,
        )
    if match.fit is Fit.DOUBTED:
        raise NoSuchObject(argument, word, match.items, within)
    return match.items[0]


def misreading(argument: str, word: str, match: Match[N], read: N | None = None) -> list[str]:
    """A note where a word was read past a slip of the pen: as `read`, else as the only one of a match."""
    if read is None and len(match.items) == 1:
        read = match.items[0]
    if read is None or not match.misread:
        return []
    return [f"{argument.replace('_', ' ').capitalize()}: {quoted(word)} was read as {cell(read.name)}."]


def refuse_closed(found: Named, argument: str) -> None:
    """Nothing new is booked on what is inactive or completed.

    Raises:
        WrongState: names the object and the reason.
    """
    if found.closed:
        why = f"{labelled(found)} takes no new entries, since it is {found.closed} in Clockodo."
        open_one = steps.search(f"{argument}s", to="to find an open one")
        raise WrongState(why, argument=argument, value=found.name, next=(open_one,))
