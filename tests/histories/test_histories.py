"""Random histories over all writing tools, held to laws that know the sandbox's database and the answers alone.

`pytest tests/histories --histories 10000` plays so many; one that fails prints itself as a script, for `FOUND`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clockodo_mcp.sandbox import Store, fill
from tests.conftest import NOW, said
from tests.histories.laws import broken
from tests.histories.script import Call, Calls, Foreign, Kill, Pass, Script, generated
from tests.histories.world import World

pytestmark = pytest.mark.anyio

AT_ONCE = 20
"""Histories of one test."""


async def wrong_with(script: Script, sample: Store, folder: Path) -> str:
    """What a history breaks, with its script; empty where it breaks nothing."""
    store = Store()
    sample._db.backup(store._db)
    world = World(store, folder)
    await world.play(script)
    found = broken(world)
    store.close()
    steps = "".join(f"    {step!r},\n" for step in script)
    return f"script = (\n{steps})\n" + "\n".join(found) if found else ""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "first" in metafunc.fixturenames:
        firsts = range(0, metafunc.config.getoption("--histories"), AT_ONCE)
        metafunc.parametrize("first", [pytest.param(one, marks=[pytest.mark.slow] if one else []) for one in firsts])


@pytest.fixture(scope="session")
def few() -> Iterator[Store]:
    """Sample data of a few days: what each history begins with a copy of."""
    store = Store()
    fill(store, entries=60, now=NOW, language="en")  # the one in which `World` agrees to what it is asked
    yield store
    store.close()


PLACE = {"customer": "1001", "project": "2001", "service": "502", "billable": "billable"}
MORNING = {
    "entries": [
        PLACE | {"text": "call 0", "time_since": f"2026-11-21T0{hour}:00", "duration": "1h"} for hour in (6, 7, 8, 9)
    ]
}
PAIR = {"entries": MORNING["entries"][:2]}
LUMP = PLACE | {"text": "call 1", "lumpsum": 50, "time_since": "2026-11-21T09:00"}
COPY = {"period": "2026-11-24", "to": "2026-11-21"}
SET_TEXT = {"ids": ["entry:14", "entry:10", "entry:39", "entry:1"], "set_text": "call 0"}

FOUND: dict[str, Script] = {
    "a server that dies while it makes its answer has told nobody": (
        Calls((Call(0, "log_entries", PAIR),), dies={0: (3, False)}),
        Calls((Call(0, "log_entries", PAIR),)),
    ),
    "so for a single entry": (
        Calls((Call(0, "create_lumpsum_entry", LUMP),), dies={0: (2, True)}),
        Calls((Call(0, "create_lumpsum_entry", LUMP),)),
    ),
    "what comes again and is told is unheard no longer": (
        Calls((Call(0, "copy_entries", COPY, leaves=(7, False)),)),
        Calls((Call(0, "copy_entries", COPY),)),
        Calls((Call(0, "copy_entries", COPY),)),
    ),
    "what was taken back is not gone on with": (
        Calls((Call(0, "log_entries", MORNING, leaves=(3, True)),)),
        Foreign("delete", -1),
        Calls((Call(1, "undo_change"),)),
        Calls((Call(0, "log_entries", MORNING),)),
        Calls((Call(0, "log_entries", MORNING),)),
    ),
    "what is sent a second time may arrive later than the first": (
        Calls((Call(0, "create_lumpsum_entry", LUMP),), faults={(0, 1): "503", (0, 7): "late"}),
        Pass(1.0),
        Calls((Call(0, "create_lumpsum_entry", LUMP),)),
        Pass(30.0),
        Calls((Call(0, "create_lumpsum_entry", LUMP),)),
    ),
    "what was deleted since is not told as stored": (
        Calls((Call(0, "create_lumpsum_entry", LUMP, leaves=(1, True)),)),
        Calls((Call(1, "delete_entry", {"id": "entry:-2"}),)),
        Calls((Call(0, "create_lumpsum_entry", LUMP),)),
    ),
    "so of a start": (
        Calls((Call(0, "start_clock", PLACE | {"text": "call 0", "switch": True}, leaves=(3, True)),)),
        Calls((Call(1, "delete_entry", {"id": "entry:-2"}),)),
        Calls((Call(0, "start_clock", PLACE | {"text": "call 0", "switch": True}),)),
    ),
    "an undo of which all was done before has something to say": (
        Calls((Call(0, "update_entries", SET_TEXT),)),
        Calls((Call(0, "update_entries", SET_TEXT),)),
        Calls((Call(1, "undo_change", {"change_id": "change:1"}),), dies={0: (2, True)}),
        Calls((Call(1, "undo_change", {"change_id": "change:1"}),)),
        Kill(0),
        Calls((Call(2, "undo_change", leaves=(7, True)),)),
        Calls((Call(2, "undo_change"),)),
    ),
    "one of two deletions has deleted": (
        Calls((Call(0, "delete_entry", {"id": "entry:2"}),), faults={(0, 5): "late"}),
        Calls((Call(1, "delete_entry", {"id": "entry:2"}),)),
        Calls((Call(2, "undo_change"), Call(3, "undo_change"))),
    ),
}
"""Scripts that have broken a law once."""


@pytest.mark.parametrize("what", FOUND)
async def test_what_was_found_breaks_no_law(what: str, few: Store, tmp_path: Path) -> None:
    wrong = await wrong_with(FOUND[what], few, tmp_path)
    assert not wrong, wrong


async def played(script: Script, sample: Store, folder: Path) -> World:
    store = Store()
    sample._db.backup(store._db)
    world = World(store, folder)
    await world.play(script)
    assert not broken(world)
    return world


def answers(world: World) -> list[str]:
    return ["" if one.result is None else said(one.result) for one in world.told]


async def test_the_last_change_stays_the_same_one_for_whom_did_not_hear_of_its_undo(few: Store, tmp_path: Path) -> None:
    made = [Call(key, "create_lumpsum_entry", LUMP | {"text": f"call {key}"}) for key in (0, 1)]
    script: Script = (
        *(Calls((one,)) for one in made),
        Calls((Call(2, "undo_change", leaves=(3, True)),)),
        Pass(300.0),
        Calls((Call(2, "undo_change"),)),
    )
    world = await played(script, few, tmp_path)
    assert "has undone change 2; nothing was doubled" in answers(world)[3]
    texts = [one["text"] for one in world.store.entries()]
    assert ("call 0" in texts, "call 1" in texts) == (True, False)


SPLIT = {"id": "entry:11", "after": "30m", "text": "call 3"}


async def test_half_a_split_is_said_to_be_half_of_it(few: Store, tmp_path: Path) -> None:
    """The server dies when the entry is shortened, and its rest is not booked."""
    script = (
        Calls((Call(0, "split_entry", SPLIT),), dies={0: (3, True)}),
        Calls((Call(1, "list_changes"),)),
        Calls((Call(0, "split_entry", SPLIT),)),
    )
    world = await played(script, few, tmp_path)
    listed = answers(world)[1]
    assert "a part of that call, which broke off" in listed
    assert "updated 1 entry of 2 |" in listed
    assert answers(world)[2].startswith("Split entry")


async def test_a_call_that_was_carried_out_is_whole_though_nobody_heard_of_it(few: Store, tmp_path: Path) -> None:
    """Its caller leaves at one of its requests: the last is the one with which the answer is made."""
    for at in range(8):
        script = (Calls((Call(0, "log_entries", PAIR, leaves=(at, True)),)), Calls((Call(1, "list_changes"),)))
        world = await played(script, few, tmp_path / str(at))
        made = [one["text"] for one in world.store.entries()].count("call 0")
        assert {
            0: "0 changes" in answers(world)[1],
            1: "created 1 entry of 2 |" in answers(world)[1],
            2: "created 2 entries |" in answers(world)[1],
        }[made], (at, answers(world)[1])


async def test_a_part_that_is_known_is_taken_back_beside_one_that_is_not(few: Store, tmp_path: Path) -> None:
    script: Script = (
        Calls((Call(0, "split_entry", SPLIT),), dies={0: (4, False)}),
        Pass(100.0),
        Calls((Call(1, "undo_change"),)),
    )
    world = await played(script, few, tmp_path)
    assert "This undoes change 1" in answers(world)[1]
    assert all(one["text"] != "call 3" for one in world.store.entries())


@pytest.mark.parametrize("looks", [True, False])
async def test_what_a_dead_server_left_is_not_tomorrow_s_call(few: Store, tmp_path: Path, looks: bool) -> None:
    daily = {**PLACE, "text": "call 0", "duration": "1h"}
    script: Script = (
        Calls((Call(0, "create_time_entry", daily),), dies={0: (1, True)}),
        Pass(86_400.0),
        *([Calls((Call(1, "list_changes"),))] if looks else []),
        Calls((Call(0, "create_time_entry", daily),)),
    )
    world = await played(script, few, tmp_path)
    assert "nothing was doubled" not in answers(world)[-2]
    assert [one["text"] for one in world.store.entries()].count("call 0") == 2


async def test_an_undo_that_was_lost_is_over_when_another_one_was_answered(few: Store, tmp_path: Path) -> None:
    made = [Calls((Call(key, "create_lumpsum_entry", LUMP | {"text": f"call {key}"}),)) for key in range(3)]
    script: Script = (
        *made[:2],
        Calls((Call(5, "undo_change", leaves=(3, True)),)),
        made[2],
        Calls((Call(5, "undo_change"),)),
        Pass(70.0),
        Calls((Call(5, "undo_change"),)),
    )
    world = await played(script, few, tmp_path)
    assert not {"call 0", "call 1", "call 2"} & {one["text"] for one in world.store.entries()}
    assert "This undoes change 1" in answers(world)[-2]  # the last is the world's own


async def test_histories_break_no_law(first: int, few: Store, tmp_path: Path) -> None:
    for seed in range(first, first + AT_ONCE):
        wrong = await wrong_with(generated(seed), few, tmp_path / str(seed))
        assert not wrong, f"seed {seed}: {wrong}"
