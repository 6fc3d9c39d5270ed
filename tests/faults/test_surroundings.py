"""What is not Clockodo's fault: a disk that is full, other processes, a client that gives up, a key in a log."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import anyio
import httpx2
import pytest
from filelock import FileLock
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.failures import Unavailable, WindowsFull
from clockodo_mcp.api.pacing import Pace, Window
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.serve import listening
from tests.conftest import NOW, said, settings
from tests.faults import words
from tests.faults.clock import WalkingClock
from tests.faults.laws import journal_agrees
from tests.faults.rig import SECRET, Rig, environment, process_beside, process_rig, rig, sandbox

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TIME = {
    "customer": "1001", "service": "502", "billable": "billable", "time_since": "2026-11-24T05:00", "duration": "30m",
}  # fmt: skip


Call = tuple[str, dict[str, object]]
WRITES: tuple[Call, ...] = (
    ("create_time_entry", {**TIME}), ("update_entry", {"id": 2, "text": "x"}), ("delete_entry", {"id": 2}),
    ("undo_change", {}),
)  # fmt: skip
READS: tuple[Call, ...] = (("list_entries", {}), ("get_entry", {"id": 2}), ("get_context", {}))


def assert_done(result: CallToolResult) -> None:
    assert not result.is_error, said(result)


# The journal


async def test_the_journal_is_its_owners_alone_and_holds_no_key(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    async with rig(store, folder, WalkingClock(NOW)) as one:
        assert_done(await one.call("create_time_entry", **TIME, text=f"my key is {SECRET[:4]}"))
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        kept = [path for path in folder.iterdir() if path.name.startswith("changes-")]
        assert kept
        for path in kept:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
            assert SECRET.encode() not in path.read_bytes()
    assert not list(folder.glob("changes-*.lock")), "the lock of an ended server is cleared away"


async def test_where_the_journal_cannot_be_opened_writing_is_refused_and_reading_goes_on(
    store: Store, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file, where a folder should be")
    async with rig(store, tmp_path, WalkingClock(NOW), mcp_data_dir=blocked / "data") as one:
        before = one.entries()
        for tool, arguments in WRITES:
            refused = await one.call(tool, **arguments)
            assert refused.is_error
            assert words.has_no_journal(refused)
        assert one.entries() == before
        for tool, arguments in READS:
            assert_done(await one.call(tool, **arguments))


async def test_where_the_journal_is_off_a_broken_folder_does_not_matter(store: Store, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file, where a folder should be")
    async with rig(store, tmp_path, WalkingClock(NOW), mcp_data_dir=blocked / "data", journal=False) as one:
        assert_done(await one.call("create_time_entry", **TIME))


@pytest.mark.skipif(sys.platform == "win32", reason="ulimit is of POSIX shells")
async def test_a_disk_that_fills_up_ends_writing_not_reading_and_what_was_reported_is_true(
    store: Store, tmp_path: Path
) -> None:
    """A limit on the size of files stands for the disk: at some point in the run the journal cannot grow."""
    async with sandbox(store, tmp_path) as bare:
        command = StdioServerParameters(
            command="/bin/sh",
            args=["-c", f"ulimit -f 600; exec '{sys.executable}' -m clockodo_mcp"],
            env=environment(bare.url, tmp_path),
        )
        with (tmp_path / "stderr").open("a") as errlog:
            async with Client(stdio_client(command, errlog=errlog)) as client:
                one = replace(bare, client=client)
                one.mark()
                created = 0
                while not (made := await one.call("create_time_entry", **TIME)).is_error:
                    created += 1
                assert words.has_no_journal(made)
                assert created > 3
                assert len(one.effects()[0]) == created
                assert_done(await one.call("list_entries"))
    assert SECRET not in (tmp_path / "stderr").read_text()


async def test_several_processes_share_one_journal(store: Store, tmp_path: Path) -> None:
    """A desktop application and an editor at once."""
    async with process_rig(store, tmp_path) as one, process_beside(one) as two:
        one.mark()

        async def write(of: Rig) -> None:
            for _ in range(6):
                assert_done(await of.call("create_time_entry", **TIME))

        async with anyio.create_task_group() as group:
            for of in (one, two):
                group.start_soon(write, of)
        assert len(one.effects()[0]) == 12
        assert journal_agrees(one) == []
        assert words.changes_in(await two.call("list_changes", period="today")) == 12
        assert_done(await two.call("undo_change"))
        assert len(one.effects()[0]) == 11


async def test_changes_of_another_account_or_address_are_apart(store: Store) -> None:
    keys = {
        settings(base_url=url, user=user).account_key
        for url in ("http://127.0.0.1/api", "http://127.0.0.1:8765/api")
        for user in ("a@example.com", "b@example.com")
    }
    assert len(keys) == 4
    assert settings(user="A@example.com").account_key == settings(user="a@example.com").account_key


# The request windows


async def test_several_processes_share_the_request_windows(store: Store, tmp_path: Path) -> None:
    """Five a minute for all: what one has sent, another cannot send, even when the first one is gone."""
    app = create_app(store)
    limits = [Window(5, 60)]
    for sent in (3, 2):
        transport = httpx2.ASGITransport(app=app)
        async with Clockodo(settings(), transport=transport, pace=Pace(limits, shared=tmp_path / "r.db")) as clockodo:
            for _ in range(sent):
                await clockodo.me()
    program = (
        "import anyio, sys; from pathlib import Path; "
        "from clockodo_mcp.api.pacing import Pace, Window\n"
        "async def main():\n"
        "  pace = Pace([Window(5, 60)], shared=Path(sys.argv[1]))\n"
        "  with anyio.move_on_after(0.5) as waiting: await pace.wait()\n"
        "  print(waiting.cancelled_caught)\n"
        "anyio.run(main)"
    )
    ended = await anyio.run_process([sys.executable, "-c", program, str(tmp_path / "r.db")])
    assert ended.stdout.decode().strip() == "True"


@pytest.mark.parametrize("held", ["the lock", "the file", "the lock, later"])
async def test_a_process_that_holds_the_request_windows_stops_no_other(
    tmp_path: Path, held: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As one that was stopped inside of them: each counts alone then, and says so in a sentence."""
    file = tmp_path / "r.db"
    pace = Pace([Window(2, 60)], shared=file)
    with ExitStack() as holding:
        if held == "the file":
            other = holding.enter_context(closing(sqlite3.connect(file)))
            other.execute("BEGIN EXCLUSIVE")
        if held == "the lock, later":
            await pace.wait()
        if held != "the file":
            holding.enter_context(FileLock(f"{file}.lock"))
        await pace.wait()
        await pace.wait()
        with pytest.raises(WindowsFull):
            await pace.wait(0.1)
    assert [(one.levelname, one.exc_info) for one in caplog.records] == [("WARNING", None)]
    assert "request windows are not shared with other processes" in caplog.text


async def test_windows_that_cannot_be_shared_are_kept_alone(store: Store, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    transport = httpx2.ASGITransport(app=create_app(store))
    pace = Pace([Window(2, 60)], shared=blocked / "r.db")
    async with Clockodo(settings(), transport=transport, pace=pace) as clockodo:
        for _ in range(2):
            await clockodo.me()
        with anyio.move_on_after(0.3) as waiting:
            await clockodo.me()
    assert waiting.cancelled_caught


# Cancellation


async def test_a_read_that_is_cancelled_stops_its_requests(store: Store, tmp_path: Path) -> None:
    async with rig(store, tmp_path, WalkingClock(NOW)) as one:
        assert_done(await one.call("list_entries", limit=0))
        one.mark()
        one.arm({"kind": "delay_before", "seconds": 20, "method": "GET", "nth": 0})
        await one.given_up("get_entry", id=2)
        one.disarm()
        await one.let_arrive()
        # The first of its two requests was on the way; the second is never sent.
        assert_done(await one.call("list_entries", limit=0))
        assert one.requests == ["GET /api/v2/entries/2", "GET /api/v2/entries"]


async def test_a_write_that_is_cancelled_goes_on_and_is_in_the_journal(store: Store, tmp_path: Path) -> None:
    async with rig(store, tmp_path, WalkingClock(NOW)) as one:
        assert_done(await one.call("list_entries", limit=0))
        one.mark()
        one.arm({"kind": "delay_after", "seconds": 1, "method": "POST"})
        await one.given_up("create_time_entry", **TIME)
        [change] = one.changes()
        assert change["state"] == "pending"
        await one.let_arrive()
        with anyio.fail_after(10):
            while one.changes()[0]["state"] == "pending":
                await one.call("list_entries", limit=0)
        assert one.changes()[0]["state"] == "done"
        assert journal_agrees(one) == []


# Secrets


FAILING: tuple[dict[str, object], ...] = (
    {"kind": "status", "status": 401, "nth": 0}, {"kind": "html_after"}, {"kind": "close_after"},
)  # fmt: skip


async def test_the_key_is_in_no_log_answer_file_or_crash(store: Store, tmp_path: Path) -> None:
    """With `--debug`, with failing requests, and in whatever the data directory holds."""
    said_so_far: list[str] = []
    async with sandbox(store, tmp_path / "data") as bare:
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "clockodo_mcp", "--debug"], env=environment(bare.url, bare.folder)
        )
        with (tmp_path / "stderr").open("a") as errlog:
            async with Client(stdio_client(command, errlog=errlog)) as client:
                one = replace(bare, client=client)
                # The pauses of a process are real, so what is lost here is found at the first look.
                for fault in FAILING:
                    for tool, arguments in (("create_time_entry", {**TIME}), ("list_entries", {"customer": "?"})):
                        one.arm(fault)
                        said_so_far.append(said(await one.call(tool, **arguments)))
                    one.disarm()
                said_so_far.append(said(await one.call("create_time_entry", **TIME)))
                said_so_far.append(
                    json.dumps([tool.model_dump(mode="json") for tool in (await client.list_tools()).tools])
                )
    assert SECRET not in "".join(said_so_far)
    log = (tmp_path / "stderr").read_text()
    assert "DEBUG" in log
    assert SECRET not in log
    for path in (tmp_path / "data").iterdir():
        assert SECRET.encode() not in path.read_bytes(), path
    assert SECRET not in repr(settings(key=SECRET)) + str(settings(key=SECRET)) + settings(key=SECRET).model_dump_json()


async def test_the_key_is_masked_in_the_traceback_of_a_bug_of_ours(tmp_path: Path) -> None:
    program = (
        "import logging; from clockodo_mcp.cli.logs import log_to_stderr; from clockodo_mcp.config import Settings\n"
        f"log_to_stderr(Settings(api_user='a@b.de', api_key='{SECRET}'), logging.WARNING)\n"
        f"try: raise ValueError('{SECRET}')\n"
        "except ValueError: logging.exception('a bug with %s', '" + SECRET + "')"
    )
    ended = await anyio.run_process([sys.executable, "-c", program])
    assert "ValueError: ***" in ended.stderr.decode()
    assert SECRET not in ended.stderr.decode()


async def test_a_redirect_to_another_host_is_not_followed_with_the_key(store: Store) -> None:
    app = create_app(store, faults=True)
    async with listening(app) as there, listening(create_app(store, faults=True)) as elsewhere:
        async with httpx2.AsyncClient() as control:
            fault = {"kind": "status", "status": 302, "headers": {"Location": f"{elsewhere}/v4/users/me"}, "nth": 0}
            await control.post(there.replace("/api", "/_sandbox/faults"), json={"faults": [fault]})
        async with Clockodo(settings(there), pace=Pace(()), sleep=no_wait) as clockodo:
            with pytest.raises(Unavailable, match="redirect; check CLOCKODO_BASE_URL"):
                await clockodo.me()


async def no_wait(_: float) -> None:
    """A pause that takes no time."""


def test_starting_writes_nothing_until_something_is_asked(tmp_path: Path) -> None:
    """Some clients start a server twice at once."""
    folder = tmp_path / "data"
    ended = subprocess.run(
        [sys.executable, "-m", "clockodo_mcp", "--demo"],
        env={**os.environ, "CLOCKODO_MCP_DATA_DIR": str(folder)},
        stdin=subprocess.DEVNULL, capture_output=True, check=True,
    )  # fmt: skip
    assert ended.stderr == b""
    assert not folder.exists()
