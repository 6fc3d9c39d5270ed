"""A server that dies: killed at any moment of a run of writes, or told to end. Nothing is lost, nothing doubled."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import anyio
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters, stdio_client

from clockodo_mcp.app import GRACE
from clockodo_mcp.cli.serving import AFTER_UVICORN, GOODBYE
from clockodo_mcp.sandbox import Store, fill
from tests.conftest import NOW
from tests.faults import words
from tests.faults.clock import WalkingClock
from tests.faults.laws import journal_agrees
from tests.faults.rig import PATIENT, SECRET, Rig, environment, process_beside, sandbox

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

WRITES = 200
"""More than a server gets to before it dies."""

AT_A_TIME = 3
"""Servers that die side by side, each with a sandbox and a journal of its own."""

WRAPPER = """
import os, sys
print(os.getpid(), file=open(sys.argv[1], "w"))
os.execv(sys.executable, [sys.executable, "-m", "clockodo_mcp"])
"""


async def writes(client: Client, numbers: range, reported: list[int]) -> None:
    """Create entries, and correct and delete some of them; the ids that were reported are kept."""
    for number in numbers:
        minute = f"2026-11-{1 + number % 20:02}T{number % 24:02}:{number // 20 % 60:02}"
        arguments = {"customer": "1001", "service": "502", "billable": "billable", "duration": "1m"}
        made = await client.call_tool("create_time_entry", arguments | {"time_since": minute, "text": f"Run {number}"})
        if not made.is_error:
            reported.append(words.entry_of(made))
        if number % 3 == 1 and not made.is_error:
            await client.call_tool("update_entry", {"id": words.entry_of(made), "text": f"Changed {number}"})
        if number % 5 == 2 and not made.is_error:
            await client.call_tool("delete_entry", {"id": words.entry_of(made)})


async def die_in_between(rig_: Rig, chance: random.Random) -> list[int]:
    """Start a server, let it write, kill it at a random moment; the entries that it had reported until then."""
    reported: list[int] = []
    pid_file = anyio.Path(rig_.folder / "pid")
    await pid_file.unlink(missing_ok=True)
    command = StdioServerParameters(
        command=sys.executable,
        args=["-c", WRAPPER, str(pid_file)],
        # Not because this machine is slow may an answer come too late, and a change be taken for not done.
        env=environment(rig_.url, rig_.folder, CLOCKODO_TIMEOUT=str(PATIENT)),
    )
    with (rig_.folder / "stderr").open("a") as errlog:
        async with Client(stdio_client(command, errlog=errlog)) as client:
            await client.call_tool("search_catalog", {})
            pid = int(await pid_file.read_text())
            async with anyio.create_task_group() as group:

                def sent() -> int:
                    return sum(one.method != "GET" for one in rig_.app.state.sandbox.seen)

                last = sent() + chance.randint(2, 12)

                async def kill() -> None:
                    # A random write on, and a random moment after it: every point of a write is to be hit.
                    while sent() < last:  # noqa: ASYNC110 - what the sandbox has seen rings no bell
                        await anyio.sleep(0.001)
                    await anyio.sleep(chance.uniform(0.0, 0.01))
                    os.kill(pid, signal.SIGKILL)
                    group.cancel_scope.cancel()

                async def write(first: int) -> None:
                    with suppress(MCPError):  # the connection ends with the server
                        await writes(client, range(first, WRITES, 3), reported)

                group.start_soon(kill)
                for first in range(3):
                    group.start_soon(write, first)
    return reported


async def all_arrived(rig_: Rig) -> None:
    """What a killed server has sent is carried out: the sandbox reads a request of ours behind it."""
    async with httpx2.AsyncClient() as behind:
        await behind.get(rig_.url)
    await rig_.let_arrive()


async def test_deaths_at_any_moment_lose_nothing_and_double_nothing(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Every one is followed by a server that settles what the last one has left; `--deaths` says how many."""
    deaths = pytestconfig.getoption("deaths")
    broken: list[str] = []
    open_at_death: list[int] = []
    done: list[int] = []

    async def work(lane: int) -> None:
        folder = tmp_path / str(lane)
        folder.mkdir()
        store, chance = filled(), random.Random(lane)
        async with sandbox(store, folder) as bystander:
            bystander.mark()
            reported: list[int] = []
            for _ in range(lane, deaths, AT_A_TIME):
                reported += await die_in_between(bystander, chance)
                await all_arrived(bystander)
                open_at_death.append(sum(row["state"] in ("pending", "unknown") for row in bystander.changes()))
            async with process_beside(bystander) as again:
                again.last_change = 0
                await again.settle()
                assert not (await again.call("list_entries", limit=0)).is_error
            broken.extend(journal_agrees(bystander))
            broken.extend(f"entry {id} was reported but lost" for id in reported if not is_known(bystander, id))
            done.append(sum(row["state"] == "done" for row in bystander.changes()))
        if SECRET in (folder / "stderr").read_text():
            broken.append("the key is in stderr")
        store.close()

    async with anyio.create_task_group() as group:
        for lane in range(AT_A_TIME):
            group.start_soon(work, lane)
    assert not broken, "\n".join(broken)
    # A run in which nothing was written, or nothing was under way at a death, would show nothing.
    assert len(open_at_death) == deaths
    assert sum(done) >= 4 * deaths
    assert sum(open_at_death) > deaths / 10


def filled() -> Store:
    """A customer, a service, and no entries."""
    store = Store()
    fill(store, entries=0, now=NOW)
    return store


def is_known(rig_: Rig, id: int) -> bool:
    """Whether an entry that was reported created is stored, or was deleted by a change that the journal has."""
    deleted = {row["entry_id"] for row in rig_.changes() if row["action"] == "delete" and row["state"] == "done"}
    return id in rig_.entries() or id in deleted


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, None])
async def test_a_server_that_is_told_to_end_leaves_and_nothing_is_in_doubt(
    tmp_path: Path, signal_number: signal.Signals | None
) -> None:
    """By a signal, or by the end of its input, in the middle of a write that is answered only when it has left."""
    store = filled()
    async with sandbox(store, tmp_path) as bystander:
        bystander.mark()
        line = WalkingClock(NOW)
        bystander.faults.sleep = line.held
        bystander.arm({"kind": "delay_after", "seconds": 30, "method": "POST"})
        with subprocess.Popen(  # noqa: ASYNC220 - its pipes are read when it has ended
            [sys.executable, "-m", "clockodo_mcp"],
            env={**os.environ, **environment(bystander.url, tmp_path, CLOCKODO_TIMEOUT="30")},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdin
            assert process.stderr
            for message in HANDSHAKE:
                process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
            await line.until_somebody_is_held()
            if signal_number is None:
                process.stdin.close()
            else:
                process.send_signal(signal_number)
            assert await anyio.to_thread.run_sync(process.wait) == 0
            assert b"Traceback" not in process.stderr.read()
        line.let_go()
        [change] = bystander.changes()
        assert change["state"] == "pending"
        bystander.disarm()
        async with process_beside(bystander) as again:
            assert words.has_happened(await again.call("list_changes"))
        assert journal_agrees(bystander) == []
    store.close()


def test_what_a_server_still_waits_for_when_it_is_told_to_end_is_less_than_two_seconds() -> None:
    """After the end of its input, a signal, and a signal over HTTP; the tests around this one show that it leaves."""
    assert max(GRACE, GOODBYE, 1 + AFTER_UVICORN) < 2


async def test_over_http_it_leaves_as_quietly(tmp_path: Path) -> None:
    store = filled()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with sandbox(store, tmp_path) as bystander:
        bystander.mark()
        line = WalkingClock(NOW)
        bystander.faults.sleep = line.held
        bystander.arm({"kind": "delay_after", "seconds": 30, "method": "POST"})
        with subprocess.Popen(  # noqa: ASYNC220 - its pipes are read when it has ended
            [sys.executable, "-m", "clockodo_mcp", "--http", str(port)],
            env={**os.environ, **environment(bystander.url, tmp_path, CLOCKODO_TIMEOUT="30")}, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stderr
            assert await anyio.to_thread.run_sync(process.stderr.readline)
            async with Client(f"http://127.0.0.1:{port}/mcp") as client, anyio.create_task_group() as group:

                async def book() -> None:
                    with suppress(MCPError):  # the connection ends with the server
                        await client.call_tool("create_time_entry", BOOK)

                group.start_soon(book)
                await line.until_somebody_is_held()
                process.send_signal(signal.SIGTERM)
                assert await anyio.to_thread.run_sync(process.wait) == 0
                line.let_go()
                group.cancel_scope.cancel()
            assert process.stderr.read() == b""
        assert [row["state"] for row in bystander.changes()] == ["pending"]
    store.close()


CLIENT = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
BOOK = {
    "customer": "1001",
    "service": "502",
    "billable": "billable",
    "time_since": "2026-11-02T09:00",
    "duration": "1h",
}
HANDSHAKE: tuple[dict[str, object], ...] = (
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": CLIENT},
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "create_time_entry", "arguments": BOOK}},
)
