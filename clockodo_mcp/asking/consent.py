"""Asking before something is written: a form where the client shows forms, else the host's approval or a code.

`CLOCKODO_CONFIRM`: `auto` asks before a deletion and before a change of what is billed or another person's, where the
client can ask; elsewhere the host decides, led by the tools' annotations. `always` asks before every write, and a
client that cannot ask must repeat the call with a code from the preview. `never` asks nothing.
"""

from hashlib import sha256

from clockodo_mcp.answers.previews import preview_of
from clockodo_mcp.call import Call
from clockodo_mcp.domain.commands import Command, Delete, Edit, entry_before, fingerprint, reasons_for_care
from clockodo_mcp.domain.differences import differences
from clockodo_mcp.errors import ClockodoMcpError

YES, NO = "Yes", "No"


class NotAgreed(ClockodoMcpError):
    """The person did not agree to a change, or it was another one by then. Nothing was done."""


class Unconfirmed(ClockodoMcpError):
    """A write that waits for the person's consent. Nothing was done."""

    def __init__(self, preview: str, code: str, *, wrong: bool) -> None:
        why = (
            " The code does not fit: it was used, or is too old, or the call or the entry is another." if wrong else ""
        )
        super().__init__(
            f"Not done yet. {preview}{why} Show this to the person; if they agree, repeat the call with one more "
            f"argument within five minutes: confirm={code!r}."
        )


async def consent(call: Call, *commands: Command, preview: str = "", needed: bool | None = None) -> None:
    """Return where the commands may be carried out: nobody has to be asked, or the person agrees, or a code says so.

    `preview` is a sentence with what would happen, by default made from the commands; `needed` whether `auto` asks, by
    default before what is destroyed, billed, or another person's.

    Raises:
        NotAgreed: the person said no, or an entry has changed while they were asked.
        Unconfirmed: the client cannot ask, and the call has no code that fits.
        Asked: the question ends this run of the call.
    """
    confirm = call.app.settings.confirm
    delicate = _is_delicate(call, commands) if needed is None else needed
    if confirm == "always" or (confirm == "auto" and delicate and call.person.can_be_asked):
        said = preview or await preview_of(call, *commands)
        if call.person.can_be_asked:
            # Another state of an entry is another question: it is asked again, with what is there now.
            key = f"consent {sha256(fingerprint(commands).encode()).hexdigest()[:12]}"
            if await call.person.choose(key, said, (YES, NO)) != YES:
                raise NotAgreed(
                    "The person did not agree, so nothing was done. Do not try again unless they ask for it."
                )
        elif not has_code(call, *commands):
            raise Unconfirmed(said, new_code(call, *commands), wrong=bool(call.confirm))
    if call.person.waited_for:
        await _still_as_read(call, commands)


def has_code(call: Call, *commands: Command) -> bool:
    """Whether the call came with the code of the preview of exactly this; a code is good for once."""
    asked_for = call.asked_for
    return call.app.codes.redeem(call.confirm, asked_for.tool, asked_for.arguments, fingerprint(commands))


def new_code(call: Call, *commands: Command) -> str:
    """A code by which the same call carries out exactly this."""
    asked_for = call.asked_for
    return call.app.codes.code(asked_for.tool, asked_for.arguments, fingerprint(commands), call.now)


def _is_delicate(call: Call, commands: tuple[Command, ...]) -> bool:
    return any(
        isinstance(one, Delete) or (isinstance(one, Edit) and bool(reasons_for_care(one.before, call.caller.id)))
        for one in commands
    )


async def _still_as_read(call: Call, commands: tuple[Command, ...]) -> None:
    """After a wait: the entries still are what was read. One request for each."""
    for command in commands:
        before = entry_before(command)
        if before is not None and differences(before, await call.app.clockodo.entry(before.id)):
            raise NotAgreed(
                f"Entry {before.id} was changed by somebody else while the person was asked, so nothing was done. Call "
                "again, and show them what it is now."
            )
