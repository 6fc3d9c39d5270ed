"""Failures in words: the one place where errors and advice become sentences, with what is offered and nothing else."""

from collections.abc import Collection, Iterable

from clockodo_mcp import steps
from clockodo_mcp.cells import spelled_out
from clockodo_mcp.domain.names import NoSuchObject, SeveralObjects
from clockodo_mcp.errors import ClockodoMcpError, Refusal, Refusals, Step

NOTHING_DONE = "Nothing was done."


def in_words(error: ClockodoMcpError, offered: Collection[str]) -> str:
    """What is wrong, what it can be, that nothing was done, and what would help.

    Only steps by tools that are `offered` are named.
    """
    if not isinstance(error, Refusal):
        return str(error) + _steps(error.next, offered)
    parts = error.parts if isinstance(error, Refusals) else (error,)
    lines = [_problem(part) for part in parts]
    if len(lines) > 1:
        lines = [f"{len(lines)} things are wrong. {NOTHING_DONE}", *(f"- {line}" for line in lines)]
        understood = error.understood if isinstance(error, Refusals) else ()
        lines += [f"Understood: {'; '.join(understood)}."] if understood else []
    else:
        lines[0] += f" {NOTHING_DONE}"
    helps = dict.fromkeys(
        [*(_pick(part) for part in parts), _again(error), *(_steps(part.next, offered) for part in parts)]
    )
    lines[-1] += "".join(one for one in helps if one)
    return "\n".join(lines)


def advice(offered: Collection[str], *wanted: Step) -> str:
    """Sentences that advise what is offered, each after a space; empty where nothing is."""
    return _steps(wanted, offered)


def call_of(step: Step) -> str:
    """A step as a model would make it: `undo_change with change_id=12`, `update_entry with id=4711 and text`."""
    said = [*([spelled_out(**step.arguments)] if step.arguments else []), *step.asks]
    if not said:
        return step.tool
    *before, last = said
    return f"{step.tool} with {', '.join(before)} and {last}" if before else f"{step.tool} with {last}"


def _problem(error: Refusal) -> str:
    if not error.choices:
        return str(error)
    more = f" and {error.more} more" if error.more else ""
    return f"{error} {error.lead}: {', '.join(error.choices)}{more}."


def _pick(error: Refusal) -> str:
    """How to name the one of the choices that is meant."""
    if not error.choices:
        return ""
    if not isinstance(error, NoSuchObject | SeveralObjects):
        return f" Call again with {error.argument} set to the right one of these."
    asks = ""
    argument = error.argument
    without = ""
    if isinstance(error, SeveralObjects):
        asks = " Nobody chose. Ask the person which one is meant, then call" if error.nobody_chose else ""
        dropped = error.drops
        kinds = [name for name in next(iter(error.options.values())) if name not in dropped]
        kinds = [error.renamed.get(name, name) for name in kinds]
        argument = kinds[-1] if error.argument not in kinds else error.argument
        without = f", without {' and '.join(dropped)}" if dropped else ""
    where = f" in {error.about.lower()}" if error.about else ""
    return f"{asks or ' Call'} again with {argument}=<the id of the right one>{where}{without}."


def _again(error: Refusal) -> str:
    given = {name: value for name, value in error.again.items() if value not in ("", None)}
    without = [name for name, value in error.again.items() if value in ("", None)]
    said = [
        *([f"with {spelled_out(**given)}"] if given else []),
        *([f"without {' and '.join(without)}"] if without else []),
    ]
    return f" Call again {' and '.join(said)}." if said else ""


def _steps(wanted: Iterable[Step], offered: Collection[str]) -> str:
    return "".join(
        f" {step.to[:1].upper()}{step.to[1:]}, call {call_of(step)}." for step in wanted if step.tool in offered
    )


def unknown_id_notes(unknown: Iterable[tuple[str, int]], offered: Collection[str]) -> list[str]:
    """Notes about ids that nothing has, by the arguments that named them."""
    return [
        f"No {argument.replace('_', ' ')} has the id {id}.{_steps((steps.search(f'{argument}s'),), offered)}"
        for argument, id in unknown
    ]
