"""The entry that is meant, as it is stored, with its day."""

from clockodo_mcp import steps
from clockodo_mcp.api.failures import NotFound
from clockodo_mcp.call import Call
from clockodo_mcp.errors import WrongState
from clockodo_mcp.reading.entries import EntryInItsDay, in_its_day
from clockodo_mcp.resolving.finding import Finding, Found, Words


def entry(id: int) -> Finding[EntryInItsDay]:
    """The entry with this id, with its day. Two requests."""

    async def look(call: Call, _: Words) -> Found[EntryInItsDay]:
        try:
            bare = await call.app.clockodo.entry(id)
        except NotFound as error:
            why = "there is no such entry in Clockodo, or this account may not see it (404)."
            raise WrongState(why, argument="id", value=id, next=(steps.list_entries(),)) from error
        return Found(await in_its_day(call.app.clockodo, bare, call.zone))

    return Finding(look)
