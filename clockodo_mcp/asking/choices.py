"""Finding what a call means: everything that is wrong is said at once, and a choice is put to the person."""

from functools import partial
from typing import Any, TypeVar

from clockodo_mcp.account.at_once import at_once
from clockodo_mcp.call import Call, Note
from clockodo_mcp.domain.names import SHOWN, SeveralObjects
from clockodo_mcp.errors import Refusal, Refusals
from clockodo_mcp.resolving.finding import Finding

T = TypeVar("T")


async def find(call: Call, finding: Finding[T], *others: Finding[Any]) -> T:
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
    while not all(one.is_settled for one in wanted):
        await at_once(*(partial(one.look_up, call) for one in wanted))
        refusals = [one for each in wanted for one in each.refusals]
        open_one = next((one for one in wanted if one.choice is not None), None)
        if not refusals:
            continue
        key = _key(open_one) if open_one else ""
        only_choices = all(isinstance(one, SeveralObjects) for one in refusals)
        if open_one is None or not only_choices or not call.person.can_be_asked or key in asked:
            raise _all_of(refusals, wanted)
        asked.add(key)
        await _ask(call, open_one, key)
    call.notes += [Note(note, one.label) for one in wanted for note in one.found.notes]
    return finding.found.value


def _key(finding: Finding[Any]) -> str:
    assert finding.choice is not None
    return f"{finding.label} {finding.choice.argument}".strip()


async def _ask(call: Call, finding: Finding[Any], key: str) -> None:
    """Put a choice to the person, at most ten labels, and let the finding go on with the answer.

    Raises:
        SeveralObjects: there was no answer.
    """
    several = finding.choice
    assert several is not None
    labels = list(several.options)[:SHOWN]
    more = len(several.options) - len(labels)
    question = f"{finding.label}: {several.asks}" if finding.label else several.asks
    if more:
        question += f" ({more} more are not listed; decline to name it better.)"
    chosen = await call.person.choose(key, question, labels)
    if chosen is None:
        several.nobody_chose = True
        raise several
    finding.settle_choice(several.options[chosen])


def _all_of(refusals: list[Refusal], wanted: list[Finding[Any]]) -> Refusal:
    if len(refusals) == 1:
        return refusals[0]
    understood = [
        f"{one.label}: {one.found.said}" if one.label else one.found.said
        for one in wanted
        if one.is_settled and one.found.said
    ]
    return Refusals(refusals, understood)
