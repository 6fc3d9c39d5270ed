"""Every tool meets every fault at every request that it makes.

A case is one scene, one fault and one request, and begins at the same moment with the same entries, whatever ran
before it. To run one alone: `pytest tests/faults/test_faults.py -k "create-close_after-1"`.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from mcp.types import CallToolResult

from clockodo_mcp.tools import offered
from tests.conftest import said, settings
from tests.faults import words
from tests.faults.clock import WalkingClock
from tests.faults.laws import journal_agrees, speaks_well
from tests.faults.rig import SECRET, Entries, Rig, beside, rig
from tests.faults.scenes import FAULTS, SCENES, START, Arguments, Fault, Scene, filled

pytestmark = pytest.mark.anyio

LOST: list[Fault] = [
    {"kind": "close_after", "method": "POST", "path": "/api/v2/entries"},
    {"kind": "status", "status": 403, "method": "GET", "path": "/api/v2/entries", "times": 100},
]
"""The answer to a create is lost, and looking fails, too."""


def is_quick(scene: Scene, fault: str, nth: int) -> bool:
    """Whether `-m "not slow"` tries a case: the answer to a write is lost, which is hardest to tell from no write."""
    return fault == "close_after" and not scene.cold and not scene.requests[nth - 1].startswith("GET ")


class Stage:
    """A rig on which scenes are played, each from the same start."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.base: Entries = rig.everything()
        self.played: dict[str, tuple[list[str], str]] = {}

    async def begin(self) -> None:
        """All as at the start, whatever the last case has left; only ids are not used again."""
        self.rig.disarm()
        await self.rig.let_arrive()
        assert self.rig.clock is not None
        self.rig.clock.begin_again()
        self.rig.restore(self.base)
        self.rig.forget()

    async def prepared(self, rig: Rig, scene: Scene) -> Arguments:
        """Do what comes before a scene; its arguments, with the code of its preview, where it has one."""
        for tool, arguments in scene.prepare:
            if scene.lost:
                rig.mark()
                rig.arm(*LOST)
            assert (await rig.call(tool, **arguments)).is_error == scene.lost
        if scene.previewed:
            return scene.arguments | {"confirm": words.code_of(await rig.call(scene.tool, **scene.arguments))}
        return scene.arguments

    async def without_fault(self, scene: Scene) -> tuple[list[str], str]:
        """The requests that a scene makes, and its answer. From here on a server that is not cold knows its names."""
        for _ in range(1 if scene.cold else 2):
            await self.begin()
            async with AsyncExitStack() as stack:
                one = await stack.enter_async_context(beside(self.rig)) if scene.cold else self.rig
                arguments = await self.prepared(one, scene)
                one.disarm()
                before = len(one.requests)
                result = await one.call(scene.tool, **arguments)
                assert not speaks_well(result)
                requests = [re.sub(r"/\d+", "/{id}", request) for request in one.requests[before:]]
        return requests, said(result)

    async def plain(self, scene: Scene) -> str:
        """The answer of a scene without a fault, played when it is asked for first."""
        if scene.name not in self.played:
            self.played[scene.name] = await self.without_fault(scene)
        return self.played[scene.name][1]

    async def meet(self, scene: Scene, fault: Fault) -> list[str]:
        """Play a scene in which one request goes wrong, and say which laws are broken."""
        plain = await self.plain(scene)
        await self.begin()
        async with AsyncExitStack() as stack:
            one = await stack.enter_async_context(beside(self.rig)) if scene.cold else self.rig
            arguments = await self.prepared(one, scene)
            if not scene.lost:
                one.mark()
            one.arm(fault)
            result = await one.call(scene.tool, **arguments)
            wrong = speaks_well(result) + ([] if one.fired else ["the fault never happened"])
            one.disarm()
            if one.unsettled:
                await one.settle()
            await one.let_arrive()
            if fault["kind"] == "drift":
                return wrong
            if scene.many:
                wrong += many_laws(scene, result, one) + journal_agrees(one)
            elif scene.writes:
                wrong += write_laws(scene, result, one) + journal_agrees(one)
            else:
                wrong += ["a read changed something"] if any(one.effects()) else []
                wrong += [f"another answer than without the fault: {said(result)}"] if said(result) != plain else []
            after = await one.call("list_entries", limit=0)
            return wrong + ([f"the next call fails: {said(after)}"] if after.is_error else [])


def write_laws(scene: Scene, result: CallToolResult, rig: Rig) -> list[str]:
    """One effect where it was reported done, none where it was reported not done, never two."""
    created, edited, deleted = rig.effects()
    if scene.writes == "switch" and len(created) == len(edited):
        edited = set()
    count = len(created) + len(edited) + len(deleted)
    expected = len({"create": created, "switch": created, "update": edited, "delete": deleted}[scene.writes])
    wrong = []
    if count > 1 or (count and not expected):
        wrong.append(f"more than one effect: {created} {edited} {deleted}")
    if not result.is_error and expected != 1:
        wrong.append(f"reported done, but it is not: {said(result)}")
    if result.is_error and not words.is_unknown(result) and count:
        wrong.append(f"reported not done, but it is: {said(result)}")
    return wrong


def many_laws(scene: Scene, result: CallToolResult, rig: Rig) -> list[str]:
    """All of it where it was reported done; where it broke off, exactly what the answer names."""
    created, edited, deleted = rig.effects()
    effects = {"create": created, "update": edited, "delete": deleted}[scene.writes]
    wrong = [] if created | edited | deleted == effects else [f"other effects: {created} {edited} {deleted}"]
    if not result.is_error and len(effects) != scene.many:
        wrong.append(f"reported done, but only {effects} is: {said(result)}")
    if result.is_error and not words.is_unknown(result):
        count, named = words.written_before_it_broke_off(result)
        if count != len(effects) or (named is not None and named != effects):
            wrong.append(f"{effects} happened, but the answer says: {said(result)}")
    return wrong


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """As everywhere, but for as long as a stage stands."""
    return "asyncio"


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A server that waits for answers as long as it takes."""
    store = filled()
    async with rig(store, tmp_path_factory.mktemp("stage"), WalkingClock(START)) as one:
        yield Stage(one)
    store.close()


@pytest.fixture(scope="module")
async def hasty_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A server that gives up waiting for an answer that is held on the line."""
    store = filled()
    async with rig(store, tmp_path_factory.mktemp("hasty"), WalkingClock(START), hasty=True) as one:
        yield Stage(one)
    store.close()


def cases(*, late: bool) -> list[Any]:
    """The table: every scene with every fault at its requests, those that make an answer come too late or the rest."""
    return [
        pytest.param(
            scene,
            fault,
            nth,
            id=f"{scene.name}-{fault}-{nth}",
            marks=() if is_quick(scene, fault, nth) else pytest.mark.slow,
        )
        for scene in SCENES
        for fault, nth in scene.cases()
        if fault.startswith("delay") == late
    ]


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_a_scene_makes_the_requests_that_are_written_in_it(stage: Stage, scene: Scene) -> None:
    """The table below is made of them. Requests at the same time may arrive in any order."""
    requests, _ = await stage.without_fault(scene)
    assert sorted(requests) == sorted(scene.requests)


def test_every_tool_that_is_offered_is_in_a_scene() -> None:
    assert {scene.tool for scene in SCENES} == {tool.name for tool in offered(settings())}


@pytest.mark.parametrize(("scene", "fault", "nth"), cases(late=False))
async def test_whatever_goes_wrong_no_law_is_broken(
    stage: Stage, scene: Scene, fault: str, nth: int, caplog: pytest.LogCaptureFixture
) -> None:
    """No entry twice, none lost that was reported done, none changed that was reported not done; journal = database."""
    assert await stage.meet(scene, FAULTS[fault] | {"nth": nth}) == []
    assert_nothing_was_logged_that_must_not_be(caplog)


@pytest.mark.parametrize(("scene", "fault", "nth"), cases(late=True))
async def test_where_an_answer_comes_too_late_no_law_is_broken(
    hasty_stage: Stage, scene: Scene, fault: str, nth: int, caplog: pytest.LogCaptureFixture
) -> None:
    """As above; what was waited for in vain may still be carried out, and is before the laws are looked at."""
    assert await hasty_stage.meet(scene, FAULTS[fault] | {"nth": nth}) == []
    assert_nothing_was_logged_that_must_not_be(caplog)


def assert_nothing_was_logged_that_must_not_be(caplog: pytest.LogCaptureFixture) -> None:
    assert SECRET not in caplog.text
    assert "Traceback" not in caplog.text
