"""Asking before something is destroyed: a form where the client shows forms, else the host's approval or a code.

`CLOCKODO_CONFIRM`: `auto` asks before a deletion and before an edit of a billed entry or another person's, where the
client can ask; elsewhere the host decides, led by the tools' annotations. `always` asks before every write, and a
client that cannot ask must repeat the call with a code from the preview. `never` asks nothing.
"""

from typing import Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver.resolve import Elicit
from pydantic import BaseModel, Field, create_model

from clockodo_mcp.api.models import Entry
from clockodo_mcp.domain.differences import differences
from clockodo_mcp.domain.errors import call_again
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.tools.asking import Ctx, Declined, can_be_asked, desk_of
from clockodo_mcp.writing.journal import Order

YES, NO = "Yes", "No"


class Consent(BaseModel):
    """The person's answer: `Yes` or `No`."""

    choice: str


class Given(Consent):
    """Consent that nobody was asked for now: none is needed, or a code brings it, with what was `kept` for it."""

    choice: str = YES
    kept: Any = None


FORM = create_model(
    "Consent", __base__=Consent, choice=(str, Field(title="Go on?", json_schema_extra={"enum": [YES, NO]}))
)


class Unconfirmed(ClockodoMcpError):
    """A write that waits for the person's consent. Nothing was done."""

    def __init__(self, preview: str, code: str, *, wrong: bool) -> None:
        why = (
            " The code does not fit: it was used, or is too old, or the call or the entry is another." if wrong else ""
        )
        super().__init__(
            f"Not done yet. {preview}{why} Show this to the person; if they agree, repeat the call with one more "
            f"argument within five minutes.{call_again(confirm=code)}"
        )


def order_of(ctx: Ctx) -> Order:
    """The tool call as the client sent it, and the client's name."""
    call = ctx.request_context.params or {}
    about = ctx.session.client_params
    arguments = {name: value for name, value in (call.get("arguments") or {}).items() if name != "confirm"}
    return Order(str(call.get("name", "")), arguments, about.client_info.name if about else "")


def consent_or_question(
    ctx: Ctx, confirm: str, *, preview: str, needed: bool, stored: str, keep: object = None
) -> Consent | Elicit[Consent]:
    """Consent where none is needed or a code gives it, else the question.

    `preview` is a sentence with what would happen, `needed` whether `auto` asks for it, `stored` the state that it
    changes; `keep` is what the preview shows, and what a code brings back.

    Raises:
        Unconfirmed: the client cannot ask, and the call has no code that fits.
    """
    desk = desk_of(ctx)
    if desk.confirm == "never" or (desk.confirm == "auto" and not needed):
        return Given()
    if can_be_asked(ctx):
        return Elicit(preview, FORM)
    if desk.confirm == "auto":
        return Given()
    order = order_of(ctx)
    fits, kept = desk.codes.redeem(confirm, order.tool, order.arguments, stored)
    if fits:
        return Given(kept=kept)
    raise Unconfirmed(preview, desk.codes.code(order.tool, order.arguments, stored, keep), wrong=bool(confirm))


def agreed(outcome: ElicitationResult[Consent]) -> Consent:
    """The consent, where it was given.

    Raises:
        Declined: it was not.
    """
    if not isinstance(outcome, AcceptedElicitation) or outcome.data.choice != YES:
        raise Declined("The person did not agree, so nothing was done. Do not try again unless they ask for it.")
    return outcome.data


def kept_of(outcome: ElicitationResult[Consent]) -> Any:
    """What was shown when the code was given, None where none was. Raises as `agreed`."""
    consent = agreed(outcome)
    return consent.kept if isinstance(consent, Given) else None


async def agreed_to_this(ctx: Ctx, outcome: ElicitationResult[Consent], entry: Entry) -> None:
    """As `agreed`; and where the person was asked just now, the entry still is what they were shown: one request.

    Raises:
        Declined: they did not agree, or it has changed while they were asked.
    """
    if isinstance(agreed(outcome), Given):
        return
    if differences(entry, await desk_of(ctx).clockodo.entry(entry.id)):
        raise Declined(
            f"Entry {entry.id} was changed by somebody else while the person was asked, so nothing was done. Call "
            "again, and show them what it is now."
        )
