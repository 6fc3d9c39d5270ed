"""Histories as data: what callers, lines, other people and machines do, step by step. A script prints as Python."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One delivery of a call. The same `key` is the same call, delivered again to the same process.

    Among its arguments `entry:3` is the id of an entry that is there at the first delivery, and `change:3` one of a
    change that was told by then. Its caller `leaves` at a request of the process, before it is carried out or after.
    """

    key: int
    tool: str
    arguments: Arguments = field(default_factory=dict)
    process: int = 0
    leaves: tuple[int, bool] | None = None


@dataclass(frozen=True)
class Calls:
    """Calls at once. `faults` happen at requests of a process, counted from the step's begin; `dies` is kill -9."""

    calls: tuple[Call, ...]
    faults: Mapping[tuple[int, int], str] = field(default_factory=dict)
    dies: Mapping[int, tuple[int, bool]] = field(default_factory=dict)


@dataclass(frozen=True)
class Foreign:
    """Somebody else edits or deletes an entry in Clockodo, or adds one; the one that we wrote last, where it is -1."""

    does: str
    which: int = 0


@dataclass(frozen=True)
class Pass:
    """Time goes by."""

    seconds: float


@dataclass(frozen=True)
class Kill:
    """A process ends at once, between calls; the next call starts another one."""

    process: int = 0


Step = Calls | Foreign | Pass | Kill
Script = tuple[Step, ...]

FAULTS = ("before", "refused", "after", "late", "cut", "garbage_after", "500", "500_after", "502_after", "429", "503")
"""What may happen to a request: lost before it is carried out or after, carried out late, answered badly."""

PLACE = {"customer": "1001", "project": "2001", "service": "502", "billable": "billable"}
DAYS = ("2026-11-21", "2026-11-22", "2026-11-25", "2026-11-24")


def _arguments(chance: random.Random, tool: str, key: int) -> Arguments:
    """Arguments of a call; its text says whose it is."""
    text, day, hour = f"call {key}", chance.choice(DAYS), chance.randrange(5, 23)
    length = chance.choice(["15m", "30m", "1h"])
    entry, some = (
        f"entry:{chance.randrange(40)}",
        [f"entry:{chance.randrange(40)}" for _ in range(chance.randint(2, 4))],
    )
    timed: list[dict[str, Any]] = [
        {"time_since": f"{day}T{hour:02}:00", "duration": length},
        {"time_since": day, "duration": length},
        {"duration": length},
    ]
    match tool:
        case "create_time_entry":
            return PLACE | {"text": text} | chance.choice(timed)
        case "create_lumpsum_entry":
            return PLACE | {"text": text, "lumpsum": 50 + key, "time_since": f"{day}T{hour:02}:00"}
        case "log_entries":
            return {"entries": [PLACE | {"text": text} | chance.choice(timed[:2]) for _ in range(chance.randint(2, 4))]}
        case "copy_entries":
            return {"period": "2026-11-24", "to": chance.choice(["2026-11-21", "2026-11-22"])}
        case "update_entry":
            edits = [
                {"text": text},
                {"duration": length},
                {"billable": "not_billable"},
                {"project": "2002", "customer": ""},
            ]
            return {"id": entry} | chance.choice([*edits, {"text": text, "service": "501"}, {"clear": ["text"]}])
        case "update_entries":
            return {"ids": some} | chance.choice(
                [{"set_text": text}, {"set_billable": "not_billable"}, {"set_service": "503"}]
            )
        case "delete_entry":
            return {"id": entry}
        case "start_clock":
            return PLACE | {"text": text, "switch": True} | chance.choice([{}, {}, {"time_since": "15:31"}])
        case "undo_change":
            return chance.choice([{}, {}, {"change_id": f"change:{chance.randrange(12)}"}])
        case "adjust_clock":
            return {"time_since": chance.choice(["14:30", "15:00", "15:20"])}
    return {}


TOOLS = {
    "create_time_entry": 6, "create_lumpsum_entry": 2, "log_entries": 5, "copy_entries": 2, "update_entry": 6,
    "update_entries": 3, "delete_entry": 4, "start_clock": 3, "stop_clock": 2, "adjust_clock": 2, "undo_change": 9,
    "list_changes": 2,
}  # fmt: skip
"""How often each is called, beside the others."""


def generated(seed: int) -> Script:
    """A history; the same seed gives the same."""
    chance = random.Random(seed)
    processes = chance.choice([1, 1, 2])
    steps: list[Step] = []
    made: list[Call] = []

    def call() -> Call:
        tool = chance.choices([*TOOLS], [*TOOLS.values()])[0]
        one = Call(len(made), tool, _arguments(chance, tool, len(made)), chance.randrange(processes))
        made.append(one)
        return one

    def again() -> Call:
        return chance.choice(made[-2:]) if made else call()

    def undo() -> Call:
        made.append(
            Call(len(made), "undo_change", chance.choice([{}, {"change_id": "change:-1"}]), chance.randrange(processes))
        )
        return made[-1]

    for _ in range(chance.randint(2, 6)):
        kind = chance.choices(["one", "again", "several", "foreign", "pass", "kill"], [9, 5, 5, 3, 2, 1])[0]
        if kind == "foreign":
            which = chance.choice([-1, -1, chance.randrange(40)])
            steps.append(Foreign(chance.choice(["edit", "edit", "delete", "bill", "add"]), which))
        elif kind == "pass":
            steps.append(Pass(chance.choice([5.0, 30.0, 90.0, 4000.0])))
        elif kind == "kill":
            steps.append(Kill(chance.randrange(processes)))
        else:
            calls = [again() if kind == "again" else call()]
            while kind == "several" and len(calls) < chance.randint(2, 3):
                calls.append(chance.choice([*calls, call(), call(), undo()]))
            steps.append(_calls(chance, calls))
            if chance.random() < 0.35:
                steps.append(Calls(tuple(calls[:1])))
            elif chance.random() < 0.2:
                steps += [Foreign(chance.choice(["edit", "bill", "delete"]), -1), _calls(chance, [undo()])]
            elif chance.random() < 0.1:
                steps.append(_calls(chance, [undo(), undo(), undo()]))
    return tuple(steps)


def _calls(chance: random.Random, calls: list[Call]) -> Calls:
    process = calls[0].process
    faults: dict[tuple[int, int], str] = {}
    while chance.random() < 0.4:
        faults[process, chance.randint(1, 9)] = chance.choice(FAULTS)
    dies = {process: (chance.randint(1, 6), chance.random() < 0.5)} if chance.random() < 0.06 else {}
    leaving = [
        Call(one.key, one.tool, one.arguments, one.process, (chance.randint(1, 7), chance.random() < 0.5))
        if chance.random() < 0.2
        else one
        for one in calls
    ]
    return Calls(tuple(leaving), faults, dies)
