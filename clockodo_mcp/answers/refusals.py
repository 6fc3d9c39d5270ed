"""Failures in words: the one place where errors and advice become sentences, with what is offered and nothing else."""

from collections.abc import Collection, Sequence
from typing import cast

from clockodo_mcp import steps
from clockodo_mcp.cells import spelled_out
from clockodo_mcp.domain.choices import NoSuchEntry, NoSuchObject, SeveralObjects
from clockodo_mcp.domain.moments import ClockChange
from clockodo_mcp.errors import ClockodoMcpError, Refusal, Refusals, Step
from clockodo_mcp.speech import joined, say

NOTHING_DONE = "Nothing was done."


def in_words(error: ClockodoMcpError, offered: Collection[str]) -> str:
    """What is wrong, what it can be, that nothing was done, and what would help.

    Only steps by tools that are `offered` are named.
    """
    if not isinstance(error, Refusal):
        return str(error) + advice(offered, *error.next)
    parts = error.parts if isinstance(error, Refusals) else (error,)
    lines = [_with_choices(part, str(part)) for part in parts]
    if len(lines) > 1:
        lines = [f"{len(lines)} things are wrong. {NOTHING_DONE}", *(f"- {line}" for line in lines)]
        understood = error.understood if isinstance(error, Refusals) else ()
        lines += [f"Understood: {'; '.join(understood)}."] if understood else []
    else:
        lines[0] += f" {NOTHING_DONE}"
    searches = [step for part in parts for step in part.next if step.tool == steps.SEARCH]
    others = [step for part in parts for step in part.next if step not in searches]
    helps = [_pick(parts), _again(parts), advice(offered, *_one_search(searches))]
    lines[-1] += "".join(dict.fromkeys([*helps, *(advice(offered, step) for step in others)]))
    return "\n".join(lines)


def to_person(error: ClockodoMcpError) -> str:
    """What is wrong and what it can be, for somebody who looks at a page: without advice to a model."""
    if not isinstance(error, Refusal):
        return error.plainly
    parts = error.parts if isinstance(error, Refusals) else (error,)
    return joined("\n", (_plainly(part) for part in parts))


def _plainly(error: Refusal) -> str:
    # Of two times that look the same, the offsets that tell them apart are for models.
    return error.plainly if isinstance(error, ClockChange) else _with_choices(error, error.plainly)


def _one_search(searches: Sequence[Step]) -> list[Step]:
    """Searches for several kinds of object as one."""
    if len(searches) < 2:
        return [*searches]
    kinds = [kind for step in searches for kind in cast("list[str]", step.arguments.get("kinds", []))]
    return [steps.search(*dict.fromkeys(kinds), to=searches[0].to)]


def advice(offered: Collection[str], *wanted: Step) -> str:
    """Sentences that advise what is offered, each after a space; empty where nothing is."""
    return "".join(
        f" {step.to[:1].upper()}{step.to[1:]}, call {call_of(step)}." for step in wanted if step.tool in offered
    )


def call_of(step: Step) -> str:
    """A step as a model would make it: `undo_change with change_id=12`, `update_entry with id=4711 and text`."""
    said = [*([spelled_out(**step.arguments)] if step.arguments else []), *step.asks]
    if not said:
        return step.tool
    *before, last = said
    return f"{step.tool} with {', '.join(before)} and {last}" if before else f"{step.tool} with {last}"


def _with_choices(error: Refusal, said: str) -> str:
    if not error.choices:
        return said
    listed = joined("; " if any(", " in one for one in error.choices) else ", ", error.choices)
    if error.more:
        listed = say("{listed} and {more} more", listed=listed, more=error.more)
    return joined("", (said, " ", say(error.lead), ": ", listed, "."))


def _pick(parts: Sequence[Refusal]) -> str:
    """How to name those of the choices that are meant."""
    named, other, ask = [], [], ""
    without: list[str] = []
    for part in parts:
        if not part.choices:
            continue
        if not isinstance(part, NoSuchObject | NoSuchEntry | SeveralObjects):
            other.append(f" Call again with {part.argument} set to the right one of these.")
            continue
        argument = part.argument
        if isinstance(part, NoSuchEntry):
            argument, without, ask = "id", [*without, "which", "day"], ask or " Ask"
        if isinstance(part, SeveralObjects):
            ask = " Nobody chose one of these. Ask" if part.nobody_chose else ask or " Ask"
            without += part.drops
            kinds = [
                part.renamed.get(name, name) for name in next(iter(part.options.values())) if name not in part.drops
            ]
            argument = argument if argument in kinds else kinds[-1]
        where = f" in {part.about.lower()}" if part.about else ""
        sign = "#" if isinstance(part, SeveralObjects) and part.needs_sign else ""
        of_all = part.of_all if isinstance(part, SeveralObjects) else ""
        whole = f" ({spelled_out(**{argument: of_all})} for all of them)" if of_all else ""
        named.append(f"{argument}='{sign}<the id of the right one>'{where}{whole}")
    if not named:
        return "".join(other)
    call = f"{ask} the person which one is meant, then call" if ask else " Call"
    dropped = f", without {' and '.join(without)}" if without else ""
    return f"{call} again with {' and '.join(named)}{dropped}.{''.join(other)}"


def _again(parts: Sequence[Refusal]) -> str:
    """The arguments by which the same call works, for each part of it that has a name apart.

    Nothing where two offers exclude each other.
    """
    said = []
    for about in dict.fromkeys(part.about for part in parts):
        offers = [part.again for part in parts if part.about == about]
        again = {name: value for offer in offers for name, value in offer.items()}
        if any(offer[name] != value for name, value in again.items() for offer in offers if name in offer):
            continue
        given = {name: value for name, value in again.items() if value not in ("", None)}
        without = [name for name, value in again.items() if value in ("", None)]
        how = [
            *([f"with {spelled_out(**given)}"] if given else []),
            *([f"without {' and '.join(without)}"] if without else []),
        ]
        if how:
            said.append(f" Call again {' and '.join(how)}{f' in {about.lower()}' if about else ''}.")
    return "".join(said)
