"""`python -m benchmarks.soak [SECONDS]`: mixed calls from four clients while two requests in a hundred go wrong.

Each client has a server process and a journal of its own, on one sandbox. At the end the laws of `tests/faults` are
checked against the sandbox's database, and the memory of each server is compared with what it had after a tenth.
"""

import json
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import anyio
import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult

from benchmarks.offices import fill_evenly, year
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER

CLIENTS = 4
SHARE = 0.02
KINDS = (
    "status",
    "status_after",
    "close_before",
    "close_after",
    "cut",
    "html",
    "html_after",
    "garbage",
    "garbage_after",
)
PAUSE = 0.6
"""Seconds between the calls of a client: faster, and the published request windows would make it wait for minutes."""

WRAPPER = """
import os, sys
print(os.getpid(), file=open(sys.argv[1], "w"))
os.execv(sys.executable, [sys.executable, "-m", "clockodo_mcp"])
"""


async def mixed(client: Client, chance: random.Random, number: int, counted: Counter[str]) -> None:
    """One call of the mix."""
    day = f"2026-{1 + number % 9:02}-{1 + chance.randrange(28):02}"
    place = {"customer": "1001", "project": "2001", "service": "502"}
    new: dict[str, object] = {**place, "billable": "billable", "duration": "15m"}
    calls: list[tuple[str, dict[str, object]]] = [
        ("create_time_entry", new | {"time_since": f"{day}T{chance.randrange(5, 20):02}:{chance.randrange(60):02}"}),
        ("create_time_entry", new | {"project": "relaunch", "customer": "acme gmbh", "time_since": f"{day}T12:00"}),
        ("list_entries", {"period": "2025-10"}),
        ("list_entries", {"period": "2025", "limit": 5}),
        ("get_context", {}),
        ("search_catalog", {"query": "müller"}),
        ("list_changes", {}),
    ]  # fmt: skip
    tool, arguments = chance.choice(calls)
    result = await called(client, counted, tool, arguments)
    if tool == "create_time_entry" and not result.is_error:
        id = (result.structured_content or {})["entry"]["id"]
        then = chance.choice(["update_entry", "delete_entry", "undo_change", "get_entry"])
        more: dict[str, object] = {} if then == "undo_change" else {"id": id}
        await called(client, counted, then, more | ({"text": f"Soak {number}"} if then == "update_entry" else {}))


async def called(client: Client, counted: Counter[str], tool: str, arguments: dict[str, object]) -> CallToolResult:
    result = await client.call_tool(tool, arguments)
    counted[tool] += 1
    counted["answered with an error"] += bool(result.is_error)
    return result


def resident(pid: int) -> float:
    """MiB in memory, by the kernel."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


async def soak(url: str, folder: Path, seconds: float) -> None:
    counted: Counter[str] = Counter()
    memory: list[tuple[float, float]] = []
    async with httpx2.AsyncClient(base_url=url.removesuffix("/api")) as control:
        faults = [
            {"kind": kind, "probability": SHARE / len(KINDS), "seed": seed}
            | ({"status": 500} if kind.startswith("status") else {})
            for seed, kind in enumerate(KINDS)
        ]
        (await control.post("/_sandbox/faults", json={"faults": faults})).raise_for_status()

        async def work(number: int) -> None:
            own = folder / str(number)
            own.mkdir()
            command = StdioServerParameters(
                command=sys.executable,
                args=["-c", WRAPPER, str(own / "pid")],
                env={
                    "CLOCKODO_API_USER": SANDBOX_USER, "CLOCKODO_API_KEY": SANDBOX_KEY, "CLOCKODO_BASE_URL": url,
                    "CLOCKODO_STRUCTURED": "true",
                    "CLOCKODO_MCP_DATA_DIR": str(own),
                },
            )  # fmt: skip
            chance = random.Random(number)
            async with Client(stdio_client(command)) as client:
                await client.call_tool("get_context", {})
                pid = int(await anyio.Path(own / "pid").read_text())
                begun, early, calls = anyio.current_time(), 0.0, 0
                while (gone := anyio.current_time() - begun) < seconds:
                    await mixed(client, chance, calls, counted)
                    calls += 1
                    if not early and gone > seconds / 10:
                        early = resident(pid)
                    await anyio.sleep(PAUSE)
                memory.append((early, resident(pid)))
                await control.delete("/_sandbox/faults")
                await client.call_tool("list_changes", {})

        async with anyio.create_task_group() as group:
            for number in range(CLIENTS):
                group.start_soon(work, number)
    for early, late in memory:
        print(f"memory: {early:.1f} MiB after a tenth, {late:.1f} MiB at the end, {late - early:+.1f} (at most +10)")
    print(f"{counted.total() - counted['answered with an error']} calls: {dict(counted)}")


def broken_laws(folder: Path, first_id: int) -> list[str]:
    """The journals against the database."""
    with sqlite3.connect(folder / "sandbox.db") as db:
        stored = {id for (id,) in db.execute("SELECT id FROM entries WHERE id > ?", (first_id,))}
    wrong: list[str] = []
    created: Counter[int] = Counter()
    deleted: set[int] = set()
    changes = 0
    for path in folder.glob("*/changes-*.db"):
        with sqlite3.connect(path) as db:
            for action, state, id, sent in db.execute("SELECT action, state, entry_id, sent FROM changes"):
                changes += 1
                json.loads(sent)
                if state in ("pending", "unknown"):
                    wrong.append(f"left {state}: {action} {id}")
                if state == "done" and action == "create":
                    created[id] += 1
                if state == "done" and action == "delete":
                    deleted.add(id)
    wrong += [f"entry {id} is in {count} changes" for id, count in created.items() if count > 1]
    wrong += [f"entry {id} is lost" for id in created.keys() - deleted - stored]
    wrong += [f"entry {id} was deleted and is there" for id in deleted & stored]
    wrong += [f"entry {id} is in no change" for id in stored - created.keys()]
    print(f"{changes} changes, {len(created)} created, {len(deleted)} deleted, {len(wrong)} laws broken")
    return wrong


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    folder = Path(tempfile.mkdtemp())
    fill_evenly(folder / "sandbox.db", 20_000, *year(2025))
    command = [
        sys.executable,
        "-m",
        "clockodo_mcp",
        "sandbox",
        "--port",
        "0",
        "--db",
        str(folder / "sandbox.db"),
        "--faults",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        url = process.stderr.readline().split("CLOCKODO_BASE_URL=")[1].split()[0]
        try:
            anyio.run(soak, url, folder, seconds)
        finally:
            process.terminate()
    for one in broken_laws(folder, 20_000):
        print(one)


if __name__ == "__main__":
    main()
