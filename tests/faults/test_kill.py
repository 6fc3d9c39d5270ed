"""`kill -9` of the server at fifty moments during a run of writes: nothing lost, nothing doubled, all of it settled."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import anyio
import pytest
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters, stdio_client

from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.serve import listening
from tests.conftest import said
from tests.faults.rig import SECRET, Rig, environment, journal_agrees, server

pytestmark = pytest.mark.anyio

KILLS = 50
WRITES = 200
AT_A_TIME = 5
"""Servers that die side by side, each with a sandbox and a journal of its own."""

WRAPPER = """
import os, sys
print(os.getpid(), file=open(sys.argv[1], "w"))
os.execv(sys.executable, [sys.executable, "-m", "clockodo_mcp"])
"""


async def writes(client: Client, numbers: range, reported: list[str]) -> None:
    """Create entries, and correct and delete some of them; what was reported done is kept."""
    for number in numbers:
        minute = f"2026-11-{1 + number % 20:02}T{number % 24:02}:{number // 20 % 60:02}"
        arguments = {"customer": "1001", "service": "502", "billable": "billable", "duration": "1m"}
        made = await client.call_tool("create_time_entry", arguments | {"time_since": minute, "text": f"Run {number}"})
        reported.append(said(made))
        if number % 3 == 1 and not made.is_error:
            id = (made.structured_content or {})["entry"]["id"]
            reported.append(said(await client.call_tool("update_entry", {"id": id, "text": f"Changed {number}"})))
        if number % 5 == 2 and not made.is_error:
            id = (made.structured_content or {})["entry"]["id"]
            reported.append(said(await client.call_tool("delete_entry", {"id": id})))


async def die_in_between(rig_: Rig, chance: random.Random) -> list[str]:
    """Start a server, let it write, kill it at a random moment; what it had reported until then."""
    reported: list[str] = []
    pid_file = anyio.Path(rig_.folder / "pid")
    await pid_file.unlink(missing_ok=True)
    command = StdioServerParameters(
        command=sys.executable, args=["-c", WRAPPER, str(pid_file)], env=environment(rig_.url, rig_.folder)
    )
    with (rig_.folder / "stderr").open("a") as errlog:
        async with Client(stdio_client(command, errlog=errlog)) as client:
            await client.call_tool("list_entries", {"limit": 0})
            pid = int(await pid_file.read_text())
            async with anyio.create_task_group() as group:
                seen = rig_.app.state.sandbox.seen
                last = len(seen) + chance.randint(6, 30)

                async def kill() -> None:
                    # A random request on, and a random moment after it: every point of a write is to be hit.
                    while len(seen) < last:  # noqa: ASYNC110 - what the sandbox has seen rings no bell
                        await anyio.sleep(0.001)
                    await anyio.sleep(chance.uniform(0.0, 0.02))
                    os.kill(pid, signal.SIGKILL)
                    group.cancel_scope.cancel()

                async def write(first: int) -> None:
                    with suppress(MCPError):  # the connection ends with the server
                        await writes(client, range(first, WRITES, 3), reported)

                group.start_soon(kill)
                for first in range(3):
                    group.start_soon(write, first)
    return reported


async def test_fifty_deaths_lose_nothing_and_double_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken: list[str] = []
    killed: list[int] = []
    counts: list[int] = []
    open_at_death: list[int] = []
    done = 0
    begun = time.monotonic()

    async def work(number: int) -> None:
        nonlocal done
        folder = tmp_path / str(number)
        folder.mkdir()
        store, chance = filled(), random.Random(number)
        app = create_app(store)
        async with listening(app) as url:
            bystander = Rig(app, store, None, folder, url)  # type: ignore[arg-type] - it only looks
            bystander.mark()
            reported: list[str] = []
            for _ in range(KILLS // AT_A_TIME):
                reported += await die_in_between(bystander, chance)
                killed.append(number)
                open_at_death.append(sum(row["state"] in ("pending", "unknown") for row in bystander.changes()))
            async with server(app, store, url, folder) as again:
                with anyio.fail_after(20):
                    while any(row["state"] in ("pending", "unknown") for row in bystander.changes()):
                        await again.call("list_changes")
                assert not (await again.call("list_entries", limit=0)).is_error
            broken.extend(journal_agrees(bystander))
            done += sum(row["state"] == "done" for row in bystander.changes())
            texts = [row["text"] for row in store.entries() if row["id"] in bystander.effects()[0]]
            lost = [one for one in reported if one.startswith("Created") and not known(bystander, one)]
            broken.extend(f"reported but lost: {one}" for one in lost)
            assert texts
            counts.append(len(bystander.changes()))
        broken.extend("the key is in stderr" for _ in range(SECRET in (folder / "stderr").read_text()))
        store.close()

    async with anyio.create_task_group() as group:
        for number in range(AT_A_TIME):
            group.start_soon(work, number)
    with capsys.disabled():
        took = time.monotonic() - begun
        print(f"\n{len(killed)} deaths, {sum(counts)} changes, {sum(open_at_death)} open at a death, {took:.0f} s")
    assert len(killed) == KILLS
    assert done >= WRITES
    assert sum(open_at_death) > 5
    assert not broken, "\n".join(broken)


def filled() -> Store:
    """A customer, a service, and no entries."""
    from datetime import UTC, datetime

    from clockodo_mcp.sandbox import fill

    store = Store()
    fill(store, entries=0, now=datetime.now(UTC))
    store.update("users", 101, {"key": SECRET})
    return store


def known(rig_: Rig, reported: str) -> bool:
    """Whether an entry that was reported created is stored, or was deleted by a change that the journal has."""
    id = int(reported.partition("entry ")[2].split(maxsplit=1)[0])
    deleted = {row["entry_id"] for row in rig_.changes() if row["action"] == "delete" and row["state"] == "done"}
    return id in rig_.entries() or id in deleted


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, None])
async def test_a_server_that_is_told_to_end_leaves_within_two_seconds_and_nothing_in_doubt(
    tmp_path: Path, signal_number: signal.Signals | None
) -> None:
    """In the middle of a write whose answer takes its time: by a signal, or by the end of its input."""
    store = filled()
    app = create_app(store, faults=True)
    async with listening(app) as url:
        bystander = Rig(app, store, None, tmp_path, url)  # type: ignore[arg-type] - it only looks
        bystander.mark()
        await bystander.arm({"kind": "delay_after", "seconds": 30, "method": "POST"})
        with subprocess.Popen(  # noqa: ASYNC220 - its pipes are read when it has ended
            [sys.executable, "-m", "clockodo_mcp"],
            env={**os.environ, **environment(url, tmp_path, CLOCKODO_TIMEOUT="30")},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdin
            assert process.stderr
            for message in HANDSHAKE:
                process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
            with anyio.fail_after(10):
                while not bystander.effects()[0]:
                    await anyio.lowlevel.checkpoint()
            begun = time.monotonic()
            if signal_number is None:
                process.stdin.close()
            else:
                process.send_signal(signal_number)
            assert await anyio.to_thread.run_sync(lambda: process.wait(timeout=5)) == 0
            took = time.monotonic() - begun
            assert b"Traceback" not in process.stderr.read()
        assert took < 2
        [change] = bystander.changes()
        assert change["state"] == "pending"
        bystander.disarm()
        async with server(app, store, url, tmp_path) as again:
            assert "has happened: entry" in said(await again.call("list_changes"))
        assert journal_agrees(bystander) == []
    store.close()


async def test_over_http_it_leaves_as_fast_and_as_quietly(tmp_path: Path) -> None:
    store = filled()
    app = create_app(store, faults=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with listening(app) as url:
        bystander = Rig(app, store, None, tmp_path, url)  # type: ignore[arg-type] - it only looks
        bystander.mark()
        await bystander.arm({"kind": "delay_after", "seconds": 30, "method": "POST"})
        with subprocess.Popen(  # noqa: ASYNC220 - its pipes are read when it has ended
            [sys.executable, "-m", "clockodo_mcp", "--http", str(port)],
            env={**os.environ, **environment(url, tmp_path, CLOCKODO_TIMEOUT="30")}, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stderr
            assert await anyio.to_thread.run_sync(process.stderr.readline)
            async with Client(f"http://127.0.0.1:{port}/mcp") as client, anyio.create_task_group() as group:

                async def book() -> None:
                    with suppress(MCPError):  # the connection ends with the server
                        await client.call_tool("create_time_entry", BOOK)

                group.start_soon(book)
                with anyio.fail_after(10):
                    while not bystander.effects()[0]:
                        await anyio.lowlevel.checkpoint()
                begun = time.monotonic()
                process.send_signal(signal.SIGTERM)
                assert await anyio.to_thread.run_sync(lambda: process.wait(timeout=5)) == 0
                assert time.monotonic() - begun < 2
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
