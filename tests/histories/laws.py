"""The laws of a history: what holds whatever callers, lines and machines did. Each says what is against it."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.conftest import said
from tests.faults import words
from tests.faults.laws import speaks_well
from tests.histories.world import Effect, Told, World

FOREIGN = "foreign"
CREATES = ("create_time_entry", "create_lumpsum_entry", "log_entries", "copy_entries", "start_clock")
MANY = ("log_entries", "copy_entries")
BESIDE = {"time_since", "time_until", "duration", "hourly_rate", "clocked", "time_clocked_since"}
"""Columns that Clockodo sets anew with others, or that go together."""


def broken(world: World) -> list[str]:
    """Every law that a history has broken."""
    laws = (speaks_badly, left_open, journal_differs, answers_differ, undone_wrongly, blocked)
    return [wrong for law in laws for wrong in law(world)]


def speaks_badly(world: World) -> Iterator[str]:
    """No answer is an internal error."""
    for one in world.told:
        if one.result is not None:
            yield from (f"call {one.call.key}: {why}" for why in speaks_well(one.result))


def left_open(world: World) -> Iterator[str]:
    """What is unknown settles."""
    if blurred(world):
        return
    for row in world.journal():
        if row["state"] not in ("done", "not_done"):
            yield f"change {row['id']} ({row['tool']}) is left {row['state']}"


def blurred(world: World) -> set[int]:
    """Entries that somebody else changed or deleted after we wrote them: where nobody heard of our write, and nobody
    looked before, no one can know any more that it has happened.
    """
    ours: set[int] = set()
    found: set[int] = set()
    for one in world.effects:
        if one.by != FOREIGN:
            ours.add(one.id)
        elif one.id in ours:
            found.add(one.id)
    return found


def _id_of(row: dict[str, Any]) -> int:
    """The entry of a change at the time of it: it may be known under another id by now."""
    state = row["before"] if row["action"] == "delete" else row["after"] or row["before"]
    return int(json.loads(state)["id"])


def journal_differs(world: World) -> Iterator[str]:
    """Each change that is noted as done has happened, once; what has happened is noted as done."""
    done, effects = [row for row in world.journal() if row["state"] == "done"], world.effects
    ours, unclear = [one for one in effects if one.by != FOREIGN], blurred(world)
    for kind, actions, made in (
        ("created", ("create", "start"), [one.id for one in ours if one.old is None]),
        ("deleted", ("delete",), [one.id for one in ours if one.new is None]),
    ):
        noted = Counter(_id_of(row) for row in done if row["action"] in actions)
        gone = {one.id for one in effects if one.by == FOREIGN and one.new is None} if kind == "deleted" else set()
        for id in noted.keys() | set(made):
            if noted[id] != Counter(made)[id] and id not in gone and not (id in unclear and not noted[id]):
                yield f"entry {id} was {kind} {Counter(made)[id]} times, and {noted[id]} changes say so"
    edits = [one for one in ours if one.old and one.new and not _by_a_start(one, ours)]
    touched = [row for row in done if row["action"] in ("update", "stop", "move")]
    stopped = {int(json.loads(row["before"])["id"]) for row in done if row["action"] == "start" and row["before"]}
    for id in {one.id for one in edits} - stopped:
        made_of, noted_of = sum(one.id == id for one in edits), sum(_id_of(row) == id for row in touched)
        if made_of > noted_of and id not in unclear:
            yield f"entry {id} was edited {made_of} times, and {noted_of} changes say so"
    for row in touched:
        wanted = {name: value for name, value in json.loads(row["sent"]).items() if name in ("time_since", "duration")}
        states = [one.new for one in effects if one.id == _id_of(row) and one.new] + [json.loads(row["before"])]
        if wanted and not any(all(one.get(name) == value for name, value in wanted.items()) for one in states):
            yield f"change {row['id']} says that entry {_id_of(row)} was changed to {wanted}"


def _by_a_start(edit: Effect, ours: list[Effect]) -> bool:
    """Whether it is what a start of the clock does with whatever runs by then: it ends it, and begins another one."""
    following = ours[ours.index(edit) + 1 :][:1]
    return edit.changed <= {"time_until", "duration"} and any(
        one.old is None and one.by == edit.by and one.new is not None and one.new["clocked"] for one in following
    )


def answers_differ(world: World) -> Iterator[str]:
    """What an answer says is stored, is, once; what it says is not, is not."""
    for one in world.told:
        if one.missing and one.result is not None and "was not there when" not in said(one.result):
            yield f"call {one.call.key} says that entries {one.missing} are stored, and they are not: {_short(one)}"
    created = {one.id for one in world.effects if one.by != FOREIGN and one.old is None}
    claims: dict[int, int] = {}
    for tool, arguments in dict.fromkeys((one.call.tool, _written(one)) for one in world.told):
        deliveries = [one for one in world.told if (one.call.tool, _written(one)) == (tool, arguments)]
        key = deliveries[0].call.key
        answered = [one for one in deliveries if one.result is not None and not one.result.is_error]
        sets = list(dict.fromkeys(frozenset(_ids(one)) for one in answered))
        if tool in CREATES:
            for id in {id for ids in sets for id in ids}:
                if id not in created:
                    yield f"call {key} says that entry {id} was created, and it was not"
                if claims.setdefault(id, key) != key:
                    yield f"calls {claims[id]} and {key} both say that they created entry {id}"
            yield from _counted(world, key, deliveries, sets)
        elif len(deliveries) == 1 and _nothing_done(deliveries[0]) and (noted := _noted(world, deliveries[0])):
            yield f"call {key} says that nothing was done, and changes {[row['id'] for row in noted]} say otherwise"


def _counted(world: World, key: int, deliveries: list[Told], sets: list[frozenset[int]]) -> Iterator[str]:
    """Each delivery that was answered stands for entries of its own, or for those of one that nobody heard of."""
    noted = _noted(world, deliveries[0])
    there, told = {_id_of(row) for row in noted if row["action"] in ("create", "start")}, set[int]().union(*sets)
    if sum(map(len, sets)) != len(told):
        yield f"call {key} claims some entries twice: {[sorted(one) for one in sets]}"
    unheard = [one for one in deliveries if one.result is None or words.is_unknown(one.result)]
    broke_off = [one for one in deliveries if one.result is not None and one.result.is_error and _broke_off(one)]
    # What was changed or taken back is known: the same call may well mean something new.
    later = [row for row in world.journal() if row["state"] == "done" and row["action"] not in ("create", "start")]
    known = {_id_of(row) for row in (*later, *(one for one in noted if one["undone_by"]))}
    extra, most = there - told - known, max([_size(one) for one in deliveries])
    sequential = len({one.step for one in deliveries}) == len(deliveries)
    open_ones = [one for one in deliveries if one in unheard or one in broke_off]
    allowed = len(open_ones) * most
    if sequential:
        # What comes again soon stands for what nobody heard of; only the last of them may be left unheard.
        allowed = most if deliveries[-1] in open_ones else 0
        if world_waited(world, deliveries):
            allowed = len(open_ones) * most
    if len(extra) > allowed:
        said_of_it = [*map(_short, deliveries)]
        yield f"call {key}: entries {sorted(extra)} are in no answer, and {allowed} may be: {said_of_it}"


def _noted(world: World, one: Told) -> list[dict[str, Any]]:
    """What the journal says that a call has done."""
    same = (one.call.tool, _written(one), "done")
    return [row for row in world.journal() if (row["tool"], row["arguments"], row["state"]) == same]


def world_waited(world: World, deliveries: list[Told]) -> bool:
    """Whether more time lies between deliveries than a repetition is known for, or another process took over."""
    steps = [one.step for one in deliveries]
    return any(step in world.long_steps for step in range(min(steps), max(steps) + 1))


def _size(one: Told) -> int:
    if one.call.tool == "copy_entries":
        return 10
    return len(one.arguments["entries"]) if one.call.tool == "log_entries" else 1


def _broke_off(one: Told) -> bool:
    assert one.result is not None
    return one.call.tool in MANY and "Stopped at entry" in said(one.result)


def _short(one: Told) -> str:
    return "-" if one.result is None else said(one.result)[:160]


def _ids(one: Told) -> set[int]:
    facts = (one.result.structured_content if one.result else None) or {}
    if "entries" in facts:
        return {int(row["id"]) for row in facts["entries"]} if facts["done"] == "created" else set()
    return {int(facts["entry"]["id"])} if "entry" in facts else set()


def _written(one: Told) -> str:
    return json.dumps(one.arguments, sort_keys=True, ensure_ascii=False)


def _nothing_done(one: Told) -> bool:
    """Whether an answer refuses, and leaves nothing open or half done."""
    text = said(one.result) if one.result is not None and one.result.is_error else ""
    return bool(text) and not words.is_unknown(one.result) and "were changed" not in text  # type: ignore[arg-type]


def undone_wrongly(world: World) -> Iterator[str]:
    """An undo restores exactly its own fields, and never deletes what somebody else has changed."""
    effects, rows = world.effects, {row["id"]: row for row in world.journal()}
    for row in rows.values():
        if row["undoes"] is None or row["state"] != "done":
            continue
        undone = rows[row["undoes"]]
        last = _effects_of(effects, row)
        first = _effects_of(effects, undone)
        if row["action"] == "delete" and last and undone["action"] == "create":
            before = [one for one in effects[: effects.index(last[-1])] if one.id == last[-1].id]
            # What was sent before somebody else changed it, and arrives after that, nothing can hold back.
            is_late = ("DELETE", str(last[-1].id)) in world.arrived
            if any(one.by == FOREIGN for one in before) and not is_late:
                yield f"undo {row['id']} deleted entry {last[-1].id}, which somebody else had changed"
        if row["action"] == "create" and last and first:
            old, new = first[-1].old or {}, last[-1].new or {}
            off = {name for name in last[-1].changed if name not in BESIDE | {"id"} and old.get(name) != new.get(name)}
            if off:
                yield f"undo {row['id']} created entry {last[-1].id} otherwise than it was: {off}"
        if row["action"] == "update" and last and first:
            mine, back = first[-1], last[-1]
            between = effects[effects.index(mine) : effects.index(back)]
            theirs = {name for one in between if (one.id, one.by) == (back.id, FOREIGN) for name in one.changed}
            if lost := theirs & back.changed - BESIDE:
                yield f"undo {row['id']} wrote over {lost} of entry {back.id}, which somebody else had set"
            if foreign := back.changed - mine.changed - BESIDE:
                yield f"undo {row['id']} changed {foreign} of entry {back.id}, which change {undone['id']} had not"
            wrong = {name for name in back.changed & mine.changed if (back.new or {})[name] != (mine.old or {})[name]}
            if wrong - BESIDE:
                yield f"undo {row['id']} gave entry {back.id} other values than it had: {wrong}"


def _effects_of(effects: list[Effect], row: dict[str, Any]) -> list[Effect]:
    """What a change has done, as far as it can be told apart from others of the same entry."""
    id, sent = _id_of(row), json.loads(row["sent"])
    of_ours = [one for one in effects if one.id == id and one.by != FOREIGN]
    if row["action"] in ("create", "start"):
        return [one for one in of_ours if one.old is None]
    if row["action"] == "delete":
        return [one for one in of_ours if one.new is None]
    before = json.loads(row["before"])
    fits = [one for one in of_ours if one.old and one.new and all(
        one.new.get(name) == value for name, value in sent.items() if name in one.new and value not in (None, 0, "")
    )]  # fmt: skip
    same = [one for one in fits if one.old and all(one.old.get(n) == before.get(n) for n in one.changed if n in before)]
    return same if len(same) == 1 else []


def blocked(world: World) -> Iterator[str]:
    """No write is blocked by another's fate: at the end each process writes."""
    for one in world.told:
        if one.call.key >= 1_000 and (one.result is None or one.result.is_error):
            yield f"process {one.call.process} cannot write at the end: {_short(one)}"
