"""Random histories over all writing tools, held to laws that know the sandbox's database and the answers alone.

`pytest tests/histories --histories 10000` plays so many; one that fails prints itself as a script, for `FOUND`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clockodo_mcp.sandbox import Store, fill
from tests.conftest import NOW
from tests.histories.laws import broken
from tests.histories.script import Script, generated
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
        metafunc.parametrize("first", range(0, metafunc.config.getoption("--histories"), AT_ONCE))


@pytest.fixture(scope="session")
def few() -> Iterator[Store]:
    """Sample data of a few days: what each history begins with a copy of."""
    store = Store()
    fill(store, entries=60, now=NOW)
    yield store
    store.close()


async def test_histories_break_no_law(first: int, few: Store, tmp_path: Path) -> None:
    for seed in range(first, first + AT_ONCE):
        wrong = await wrong_with(generated(seed), few, tmp_path / str(seed))
        assert not wrong, f"seed {seed}: {wrong}"
