"""The only room that puts questions to the person: a choice among several, and consent before something is written.

Before 2026-07-28 a question is sent while the call waits. From then on it ends the call: the client repeats the call
with the answer, and the body runs again from the top. So an answer is known by its key, never by its wording, and the
call goes on in the moment in which it began: both travel in `requestState`, which the SDK seals.

`CLOCKODO_CONFIRM`: `auto` asks before a deletion and before a change of what is billed or another person's, where the
client can ask; elsewhere the host decides, led by the tools' annotations. `always` asks before every write, and a
client that cannot ask must repeat the call with a code from the preview. `never` asks nothing.
"""

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

from mcp import MCPError
from mcp.server.mcpserver import Context
from mcp.types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult
from mcp_types.version import is_version_at_least

from clockodo_mcp.answers.previews import preview_of
from clockodo_mcp.api.client import at_once
from clockodo_mcp.call import Call, Note
from clockodo_mcp.domain.choices import SHOWN, SeveralObjects
from clockodo_mcp.domain.commands import Command, Delete, Edit, fingerprint, reasons_for_care
from clockodo_mcp.errors import ClockodoMcpError, Refusal, Refusals
from clockodo_mcp.resolving.finding import Finding
from clockodo_mcp.speech import chosen_from, in_language, joined, say
from clockodo_mcp.writing.turns import Stale

log = logging.getLogger(__name__)

QUESTIONS_END_CALLS = "2026-07-28"
"""The version of the protocol from which on a question ends the call."""

OLDEST = "2024-11-05"

CLOSED = "closed without an answer"
"""In place of a choice."""


class Asked(Exception):
    """A question that ends the call; `result` is what the client is sent."""

    def __init__(self, result: InputRequiredResult) -> None:
        self.result = result
        super().__init__()


class Forms:
    """The person in front of a client, asked by forms with one field; `waits` is called before each wait for them."""

    def __init__(self, context: Context[Any, Any], waits: Callable[[], None]) -> None:
        self.waited_for = False
        self._waits = waits
        self._context = context
        state = json.loads(context.request_state or "{}")
        self.began: datetime | None = datetime.fromisoformat(state["began"]) if "began" in state else None
        self._chosen: dict[str, str | None] = state.get("chosen", {})
        for key, response in (context.input_responses or {}).items():
            action, content = getattr(response, "action", ""), getattr(response, "content", None)
            self._chosen[key] = _answer(action, content)

    @property
    def can_be_asked(self) -> bool:
        """Whether the client shows forms; a bare `elicitation: {}` says so, too."""
        capabilities = self._context.client_capabilities
        asks = capabilities.elicitation if capabilities else None
        return asks is not None and (asks.form is not None or asks.url is None)

    async def choose(self, key: str, question: str, choices: Sequence[str]) -> str | None:
        """One of the choices; None where the person declined, closed the form, or the client sent something else.

        Raises:
            Asked: the question ends this run of the call.
        """
        if key not in self._chosen:
            schema = {
                "type": "object",
                "properties": {"choice": {"type": "string", "title": "Choice", "enum": list(choices)}},
                "required": ["choice"],
            }
            if is_version_at_least(self._context.protocol_version or OLDEST, QUESTIONS_END_CALLS):
                form = ElicitRequest(params=ElicitRequestFormParams(message=question, requested_schema=schema))
                assert self.began is not None, "a call has begun"
                state = json.dumps({"began": self.began.isoformat(), "chosen": self._chosen})
                raise Asked(InputRequiredResult(input_requests={key: form}, request_state=state))
            self.waited_for = True
            self._waits()
            self._chosen[key] = await self._sent(question, schema)
        chosen = self._chosen[key]
        return chosen if chosen in choices else None

    async def _sent(self, question: str, schema: dict[str, Any]) -> str | None:
        """The answer to a question that is sent while the call waits; None where there is none."""
        try:
            answer = await self._context.session.elicit_form(
                question, schema, related_request_id=self._context.request_id
            )
        except MCPError:
            # A client that cannot show the form after all says so in this way: nobody chose.
            log.info("a question was answered with an error", exc_info=True)
            return CLOSED
        return _answer(answer.action, answer.content)

    def closed(self, key: str) -> bool:
        """Whether the form was closed: neither accepted nor declined."""
        return self._chosen.get(key, "") == CLOSED


def _answer(action: str, content: Any) -> str | None:
    """What a form was answered with; None where it was declined, `CLOSED` where it was closed."""
    if action == "accept" and isinstance(content, dict):
        return str(content.get("choice"))
    return CLOSED if action == "cancel" else None


T = TypeVar("T")


async def find_or_ask(call: Call, finding: Finding[T], *others: Finding[Any]) -> T:
    """Look everything up at the same time; what was found first.

    What deserves a note is added to the call's notes, in the order of the findings. On protocols where a question ends
    the call, this runs again from the top with the answer.

    Raises:
        Refusal: something is wrong with the call; `Refusals` where it is more than one thing. A choice that nobody can
            be asked about is one of them.
        ClockodoError: Clockodo could not be asked.
    """
    wanted = [one for each in (finding, *others) for one in each.everything()]
    asked: set[str] = set()
    while True:
        await at_once(*(partial(one.look_up, call) for one in wanted))
        refusals = [one for each in wanted for one in each.refusals]
        if not refusals:
            break
        open_one = next((one for one in wanted if one.choice is not None), None)
        key = _key(open_one) if open_one else ""
        only_choices = all(isinstance(one, SeveralObjects) for one in refusals)
        if open_one is None or not only_choices or not call.person.can_be_asked or key in asked:
            raise _all_of(refusals, wanted)
        asked.add(key)
        if not await _ask(call, open_one, key):
            raise _all_of(refusals, wanted)
    assert all(one.is_settled for one in wanted), "a finding waits for one that is not among its parts"
    call.notes += [Note(note, one.label) for one in wanted for note in one.found.notes]
    return finding.found.value


def _key(finding: Finding[Any]) -> str:
    assert finding.choice is not None
    return f"{finding.label} {finding.choice.argument}".strip()


async def _ask(call: Call, finding: Finding[Any], key: str) -> bool:
    """Put a choice to the person, at most ten labels, and let the finding go on with the answer; False without one."""
    several = finding.choice
    assert several is not None
    language = call.caller.user.language
    labels = chosen_from([*several.options][:SHOWN], language)
    more = len(several.options) - len(labels)
    question = joined(": ", (finding.label, several.asks))
    if more:
        question = joined(" ", (question, say("({more} more are not listed; decline to name it better.)", more=more)))
    chosen = await call.person.choose(key, question.in_language(language), [*labels])
    if chosen is None:
        several.nobody_chose = True
        return False
    # An id that was chosen is nothing else, also where it is another one's number.
    finding.settle_choice(
        {
            name: f"#{id}" if id.isdigit() and name != "id" else id
            for name, id in several.options[labels[chosen]].items()
        }
    )
    return True


def _all_of(refusals: list[Refusal], wanted: list[Finding[Any]]) -> Refusal:
    if len(refusals) == 1:
        return refusals[0]
    understood = [f"{one.label}: {one.said}" if one.label else one.said for one in wanted if one.said]
    return Refusals(refusals, understood)


YES, NO = say("Yes"), say("No")

SAID_NO = "The person did not agree, so nothing was done. Do not try again unless they ask for it."
NO_YES = (
    "It was not agreed to (a host that nobody sits in front of declines by itself), so nothing was done. Do not try "
    "again unless the person asks for it."
)
NO_ANSWER = (
    "Nobody answered the question whether this may be done, so nothing was done. Tell the person; they can agree where "
    "the host shows the question, or do it in Clockodo."
)


class NotAgreed(ClockodoMcpError):
    """The person did not agree to a change. Nothing was done."""


class Unconfirmed(ClockodoMcpError):
    """A write that waits for the person's consent. Nothing was done."""

    def __init__(self, preview: str, code: str, *, wrong: bool) -> None:
        self.preview, self.code = preview, code
        why = (
            " The code does not fit: it was used, or is too old, or the call or the entry is another." if wrong else ""
        )
        super().__init__(
            f"Not done yet. {preview}{why} Show this to the person; if they agree, repeat the call with one more "
            f"argument within an hour: confirm={code!r}."
        )


async def consent(
    call: Call, *commands: Command, preview: str = "", needed: bool | None = None, undoes: int = 0
) -> None:
    """Return where the commands may be carried out: nobody has to be asked, or the person agrees, or a code says so.

    `preview` is a sentence with what would happen, by default made from the commands; `needed` whether `auto` asks, by
    default before what is destroyed, billed, or another person's; `undoes` the change that they take back.

    Raises:
        NotAgreed: the person said no, or nobody answered a call that takes no code.
        Unconfirmed: the client cannot ask or nobody answered, and the call has no code that fits.
        Stale: the person took their time, so what was read is read again; what is as it was is not asked again.
        Asked: the question ends this run of the call.
    """
    confirm = call.app.settings.confirm
    delicate = _is_delicate(call, commands) if needed is None else needed
    if confirm == "always" or (confirm == "auto" and delicate and call.person.can_be_asked):
        # Another state of an entry is another effect and another question: it is asked again, with what is there now.
        effect = effect_of(*commands, undoes=undoes)
        key = f"consent {sha256(effect.encode()).hexdigest()[:12]}"
        agreed = has_code(call, effect)
        said = "" if agreed else preview or await preview_of(call, *commands)
        if not agreed and call.person.can_be_asked:
            language = call.caller.user.language
            yes_or_no = chosen_from((YES, NO), language)
            answer = await call.person.choose(key, in_language(said, language), [*yes_or_no])
            agreed = answer is not None and yes_or_no[answer] == YES
            if not agreed and not call.person.closed(key):
                raise NotAgreed(NO_YES if answer is None else SAID_NO)
        if not agreed and not call.takes_code:
            raise NotAgreed(f"{said} {NO_ANSWER}")
        if not agreed:
            raise Unconfirmed(said, new_code(call, effect), wrong=bool(call.confirm))
    if call.person.waited_for:
        call.person.waited_for = False
        raise Stale


def effect_of(*commands: Command, undoes: int = 0) -> str:
    """Equal as long as the same would be done to the same stored state."""
    return f"{fingerprint(commands)}\nundoes {undoes}"


def has_code(call: Call, effect: str) -> bool:
    """Whether the call came with the code of the preview of exactly this; a code is good for once."""
    asked_for = call.asked_for
    if call.app.codes.redeem(call.confirm, asked_for.tool, asked_for.arguments, effect):
        call.agreed.add(effect)
    return effect in call.agreed


def new_code(call: Call, effect: str) -> str:
    """A code by which the same call carries out exactly this."""
    asked_for = call.asked_for
    return call.app.codes.code(asked_for.tool, asked_for.arguments, effect, call.now)


def _is_delicate(call: Call, commands: tuple[Command, ...]) -> bool:
    return any(
        isinstance(one, Delete) or (isinstance(one, Edit) and bool(reasons_for_care(one.before, call.caller.id)))
        for one in commands
    )
