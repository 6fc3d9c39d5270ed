"""Whose: the caller, a co-worker, or everybody."""

from clockodo_mcp.call import Call
from clockodo_mcp.errors import Contradiction
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.resolving.objects import id_of


def any_of(user: str) -> Finding[int | None]:
    """The person whose entries are meant: `me` (or nothing) is the caller; None for `all`."""

    async def look(call: Call, words: Words) -> Found[int | None]:
        return await _look(call, words["user"])

    return Finding(look, {"user": user})


def one(user: str, why: str = "an entry belongs to one person; 'me' is the caller.") -> Finding[int]:
    """The one person that something belongs to. `why` is said where all were named."""

    async def look(call: Call, words: Words) -> Found[int]:
        found = await _look(call, words["user"])
        if found.value is None:
            raise Contradiction(why, argument="user", value=words["user"])
        return Found(found.value, found.notes, found.said)

    return Finding(look, {"user": user})


def other(user: str) -> Finding[int | None]:
    """The person that an entry is given to; None where none is named."""
    if not user:
        return Finding(_unchanged)

    async def look(call: Call, words: Words) -> Found[int | None]:
        found = await _look(call, words["user"])
        if found.value is None:
            why = "an entry belongs to one person; 'me' is the caller."
            raise Contradiction(why, argument="user", value=words["user"])
        return found

    return Finding(look, {"user": user})


async def _unchanged(_: Call, __: Words) -> Found[int | None]:
    return Found(None)


async def _look(call: Call, word: str) -> Found[int | None]:
    if word in ("", "me"):
        return Found(call.caller.id)
    return Found(None) if word == "all" else Found(*(await id_of(call.app.catalog.users, word)))
