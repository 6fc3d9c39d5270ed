"""Every tool meets every fault at every request that it makes: a table generated from the tools' own requests."""

import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.types import CallToolResult

from clockodo_mcp.sandbox import Store, fill
from tests.conftest import said
from tests.faults.rig import SECRET, TIMEOUT, Rig, journal_agrees, rig, server, speaks_well

pytestmark = pytest.mark.anyio

RIGS = 12
"""Rigs at once: most of a case is waiting for a pause or a timeout."""

FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "headers": {"Retry-After": "1"}},
    {"kind": "status", "status": 504},
    {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}},
    {"kind": "status_after", "status": 500},
    {"kind": "close_before"},
    {"kind": "close_after"},
    {"kind": "delay_before", "seconds": TIMEOUT + 0.2},
    {"kind": "delay_after", "seconds": TIMEOUT + 0.2},
    {"kind": "cut"},
    {"kind": "html"},
    {"kind": "html_after", "status": 502},
    {"kind": "garbage"},
    {"kind": "garbage_after"},
    {"kind": "refuse", "seconds": 0.5},
    {"kind": "drift", "change": "add"},
    {"kind": "drift", "change": "delete"},
]
TIME = {"customer": "1001", "project": "2001", "service": "502", "billable": "billable", "text": "Fault"}
Arguments = Callable[[Rig], dict[str, Any]]


@dataclass(frozen=True)
class Scene:
    """A tool call. `prepare` are calls before it, whose last change id the arguments may need. `writes` one entry.

    A switch of the clock writes two, one created and one edited: both or neither. `many` entries are written one by
    one; `previewed` where a first call only shows, with a code for the second.
    """

    name: str
    tool: str
    arguments: dict[str, Any]
    writes: str = ""
    prepare: tuple[tuple[str, dict[str, Any]], ...] = ()
    cold: bool = False
    many: int = 0
    previewed: bool = False


PIECES = {
    "customer": "1001", "lumpsum_service": "601", "amount": 3, "billable": "billable", "time_since": "2026-11-24T10:00",
}  # fmt: skip
BY_NAME = {"project": "Zollpapiere", "time_since": "2026-11-24T05:00", "duration": "30m"}
CREATE = ("create_time_entry", TIME | {"time_since": "2026-11-24T05:00", "duration": "30m"})
STOP: tuple[str, dict[str, Any]] = ("stop_clock", {})
START = ("start_clock", TIME)
MOVE = ("adjust_clock", {"time_since": f"{datetime.now(UTC) - timedelta(hours=5):%Y-%m-%dT%H:%M}Z"})
ALL = {"period": "2020-01-01..2027-12-31", "user": "all"}
HOURS = ("05:00", "06:00")
LOG = ("log_entries", {"entries": [TIME | {"time_since": f"2026-11-24T{hour}", "duration": "1m"} for hour in HOURS]})
TWO = tuple(
    ("create_time_entry", TIME | {"text": "Copied", "time_since": f"2026-11-23T{hour}", "duration": "1m"})
    for hour in HOURS
)
COPY = {"period": "2026-11-23", "to": "2026-11-28", "text": "Copied"}
SCENES = [
    Scene("context", "get_context", {}),
    Scene("list", "list_entries", {"period": "2026-10"}),
    Scene("list with totals", "list_entries", ALL),
    Scene("list of a kind", "list_entries", ALL | {"entry_type": "time"}),
    Scene("unknown name", "list_entries", {"customer": "Niemand & Nichts"}),
    Scene("get", "get_entry", {"id": 2}),
    Scene("create", *CREATE, writes="create"),
    Scene("create on a day", "create_time_entry", TIME | {"time_since": "2026-11-24", "duration": "30m"}, "create"),
    Scene("lump sum", "create_lumpsum_entry", TIME | {"lumpsum": 250, "time_since": "2026-11-24T10:00"}, "create"),
    Scene("pieces", "create_lumpsum_entry", PIECES, "create"),
    Scene("update", "update_entry", {"id": 2, "text": "Changed", "duration": "20m"}, "update"),
    Scene("delete", "delete_entry", {"id": 2}, "delete"),
    Scene("undo create", "undo_change", {}, "delete", prepare=(CREATE,)),
    Scene("undo update", "undo_change", {}, "update", prepare=(("update_entry", {"id": 2, "text": "Changed"}),)),
    Scene("undo delete", "undo_change", {}, "create", prepare=(("delete_entry", {"id": 2}),)),
    Scene("clock", "get_clock", {}),
    Scene("start", *START, writes="create", prepare=(STOP,)),
    Scene("switch", "start_clock", TIME | {"switch": True}, "switch"),
    Scene("stop", *STOP, writes="update"),
    Scene("stop with text", "stop_clock", {"text": "Fault"}, "update"),
    Scene("move", *MOVE, writes="update"),
    Scene("undo start", "undo_change", {}, "delete", prepare=(STOP, START)),
    Scene("undo move", "undo_change", {}, "update", prepare=(MOVE,)),
    Scene("summary", "summarize_entries", {"period": "2026-10", "group_by": ["customer"]}),
    Scene("summary of a comparison", "summarize_entries", {"period": "2026-10", "compare_to": "previous"}),
    Scene("summary by weekday", "summarize_entries", ALL | {"group_by": ["weekday"]}),
    Scene("timesheet", "check_timesheet", {"period": "2026-10"}),
    Scene("export", "export_entries", ALL | {"path": "all.csv", "overwrite": True}),
    Scene("log", *LOG, writes="create", many=2),
    Scene("copy", "copy_entries", COPY, "create", prepare=TWO, many=2),
    Scene("update many", "update_entries", {"ids": [2, 3], "set_text": "Same"}, "update", many=2, previewed=True),
    Scene("undo many", "undo_change", {}, "delete", prepare=(LOG,), many=2),
    Scene("cold search", "search_catalog", {"query": "relaunch"}, cold=True),
    Scene("cold create", "create_time_entry", BY_NAME, "create", cold=True),
]  # fmt: skip


def filled() -> Store:
    """Enough entries for three pages, and a project with one usual service."""
    store = Store()
    fill(store, entries=230, now=datetime.now(UTC))
    project = store.add_project(1006, "Zollpapiere")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for hour in range(4):
        store.add_entry(
            users_id=101, customers_id=1006, projects_id=project, services_id=503, duration=60,
            time_since=f"{today}T0{hour}:00:00Z", time_until=f"{today}T0{hour}:01:00Z",
        )  # fmt: skip
    return store


async def check(rig: Rig, scene: Scene, fault: dict[str, Any], plain: str) -> list[str]:
    """Run one case and say which laws are broken."""
    base = rig.entries()
    for tool, arguments in scene.prepare:
        assert not (await rig.call(tool, **arguments)).is_error
    arguments = await ready(rig, scene)
    rig.mark()
    await rig.arm(fault)
    result = await rig.call(scene.tool, **arguments)
    fired = rig.fired
    rig.disarm()
    text = said(result)
    wrong = speaks_well(result) + ([] if fired else ["the fault never happened"])
    drifted = fault["kind"] == "drift"
    if "may or may not" in text:
        with anyio.fail_after(10):
            while any(row["state"] == "unknown" for row in rig.changes()):
                await rig.call("list_changes")
    created, edited, deleted = (set[int](), set[int](), set[int]()) if drifted else rig.effects()
    if scene.writes == "switch" and len(created) == len(edited):
        edited = set()
    count = len(created) + len(edited) + len(deleted)
    if scene.many and not drifted:
        wrong += batch_laws(scene, result, created, edited, deleted) + journal_agrees(rig)
    elif scene.writes and not drifted:
        counts = {"create": len(created), "switch": len(created), "update": len(edited), "delete": len(deleted)}
        expected = counts[scene.writes]
        if count > 1 or (count and not expected):
            wrong.append(f"more than one effect: {created} {edited} {deleted}")
        if not result.is_error and expected != 1:
            wrong.append(f"reported done, but it is not: {text}")
        if result.is_error and "may or may not" not in text and count:
            wrong.append(f"reported not done, but it is: {text}")
        wrong += journal_agrees(rig)
    elif not scene.writes and not drifted:
        if count:
            wrong.append("a read changed something")
        # Asked again, since the minute may have changed in between.
        if text != plain and text != (await requests_of(rig, scene))[1]:
            wrong.append(f"another answer than without the fault: {text}")
    after = await rig.call("list_entries", limit=0)
    wrong += [f"the next call fails: {said(after)}"] if after.is_error else []
    rig.restore(base)
    return [f"{scene.name} | {fault} | {one}" for one in wrong]


async def ready(rig: Rig, scene: Scene) -> dict[str, Any]:
    """The arguments of a scene; with the code of its preview, where it has one."""
    if not scene.previewed:
        return scene.arguments
    preview = await rig.call(scene.tool, **scene.arguments)
    return scene.arguments | {"confirm": (preview.structured_content or {})["confirm"]}


def batch_laws(
    scene: Scene, result: CallToolResult, created: set[int], edited: set[int], deleted: set[int]
) -> list[str]:
    """All of it where it was reported done; where it broke off, exactly what the answer names."""
    text, effects = said(result), {"create": created, "update": edited, "delete": deleted}[scene.writes]
    wrong = [] if created | edited | deleted == effects else [f"other effects: {created} {edited} {deleted}"]
    if not result.is_error and len(effects) != scene.many:
        wrong.append(f"reported done, but only {effects} is: {text}")
    if result.is_error and "may or may not" not in text:
        named = re.findall(r"\d+: (\d+)", text.partition("(entry number: id)")[2].partition("\n")[0])
        told = re.match(r"(\d+) of \d+ entries were changed", text.partition(": ")[2])
        count = int(told[1]) if told else len(named)
        if count != len(effects) or (named and {*map(int, named)} != effects):
            wrong.append(f"{effects} happened, but the answer says: {text}")
    return wrong


async def requests_of(rig: Rig, scene: Scene) -> tuple[list[str], str]:
    """The requests that a scene makes without a fault, and its answer."""
    base = rig.entries()
    for tool, arguments in scene.prepare:
        await rig.call(tool, **arguments)
    arguments = await ready(rig, scene)
    rig.mark()
    result = await rig.call(scene.tool, **arguments)
    paths = [f"{one.method} {one.path}" for one in rig.app.state.sandbox.seen]
    rig.restore(base)
    return paths, said(result)


def cases_of(paths: list[str]) -> list[dict[str, Any]]:
    """Each fault at the first, the second and the last request; shifting pages where there is a list of entries."""
    found = []
    for fault in FAULTS:
        count = paths.count("GET /api/v2/entries") if fault["kind"] == "drift" else len(paths)
        found += [{**fault, "nth": nth} for nth in sorted({1, 2, count}) if 1 <= nth <= count]
    return found


async def test_every_tool_meets_every_fault_at_every_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No entry twice, none lost that was reported done, none changed that was reported not done, journal = database."""
    broken: list[str] = []
    counted: Counter[str] = Counter()
    warm = [scene for scene in SCENES if not scene.cold]
    queue: deque[tuple[Scene, dict[str, Any]]] = deque()
    ready = anyio.Event()

    async def work(number: int) -> None:
        store = filled()
        (tmp_path / str(number)).mkdir()
        async with rig(store, tmp_path / str(number)) as one:
            if number == 0:
                for scene in warm:
                    await requests_of(one, scene)  # the catalogue is in memory from here on
                    paths, _ = await requests_of(one, scene)
                    assert paths, scene.name
                    cases = cases_of(paths)
                    queue.extend((scene, fault) for fault in cases if not (scene.writes and fault["kind"] == "drift"))
                ready.set()
            await ready.wait()
            for scene in warm:
                await requests_of(one, scene)
            while queue:
                scene, fault = queue.popleft()
                counted[scene.name] += 1
                plain = "" if scene.writes else (await requests_of(one, scene))[1]
                broken.extend(await check(one, scene, fault, plain))
        stderr = (tmp_path / str(number) / "stderr").read_text()
        broken.extend(f"stderr: {bad}" for bad in (SECRET, "Traceback") if bad in stderr)
        store.close()

    async with anyio.create_task_group() as group:
        for number in range(RIGS):
            group.start_soon(work, number)
    with capsys.disabled():
        print(f"\n{counted.total()} cases: {dict(counted)}")
    assert counted.total() >= 300
    assert not broken, "\n".join(broken)


async def test_a_server_that_just_started_meets_every_fault_too(tmp_path: Path) -> None:
    """With nothing in memory: the catalogue and the account are still to be fetched."""
    broken: list[str] = []
    cases = deque(
        (scene, {**fault, "nth": 1}) for scene in SCENES if scene.cold for fault in FAULTS if fault["kind"] != "drift"
    )

    async def work(number: int) -> None:
        store = filled()
        (tmp_path / str(number)).mkdir()
        async with rig(store, tmp_path / str(number)) as first:
            while cases:
                scene, fault = cases.popleft()
                async with server(first.app, store, first.url, first.folder) as fresh:
                    plain = "" if scene.writes else (await requests_of(first, scene))[1]
                    broken.extend(await check(fresh, scene, fault, plain))
        store.close()

    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(work, number)
    assert not broken, "\n".join(broken)
