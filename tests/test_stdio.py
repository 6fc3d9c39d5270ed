"""The whole story over a real connection: server process, TCP sandbox, the SDK's client in both eras."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER
from clockodo_mcp.sandbox.serve import listening
from tests.conftest import facts, said
from tests.processes import environment_with, initialize, started

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


def environment(base_url: str, key: str = SANDBOX_KEY) -> dict[str, str]:
    return {
        "CLOCKODO_API_USER": SANDBOX_USER,
        "CLOCKODO_API_KEY": key,
        "CLOCKODO_BASE_URL": base_url,
        "CLOCKODO_STRUCTURED": "true",
    }


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_day_is_logged_corrected_and_undone(store: Store, mode: Literal["auto", "legacy"]) -> None:
    async with listening(create_app(store)) as base_url:
        server = StdioServerParameters(command=sys.executable, args=["-m", "clockodo_mcp"], env=environment(base_url))
        async with Client(stdio_client(server), mode=mode) as client:
            made = await client.call_tool(
                "create_time_entry",
                {
                    "project": "Relaunch Website",
                    "service": "Design",
                    "time_since": "2026-11-24T06:00",
                    "duration": "2h",
                },
            )
            entry = facts(made)["entry"]
            assert isinstance(entry, dict)
            assert "06:00–08:00" in said(await client.call_tool("get_entry", {"id": entry["id"]}))
            facts(await client.call_tool("update_entry", {"id": entry["id"], "time_until": "2026-11-24T07:00"}))
            assert store.entries()[-1]["duration"] == 3600
            facts(await client.call_tool("delete_entry", {"id": entry["id"]}))
            assert (await client.call_tool("get_entry", {"id": entry["id"]})).is_error
            assert "log_my_day" in {prompt.name for prompt in (await client.list_prompts()).prompts}


def run(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clockodo_mcp", *arguments]
    return subprocess.run(
        command,
        env=environment_with(env),
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_a_missing_variable_is_one_sentence_and_exit_code_2() -> None:
    ended = run({})
    assert ended.returncode == 2
    assert "CLOCKODO_API_USER is not set" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def http_server(port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "clockodo_mcp", "--demo", "--http", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr
            assert server.stderr.readline() == f"clockodo-mcp: serving at http://127.0.0.1:{port}/mcp\n"
            yield server
        finally:
            server.kill()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
async def test_http_serves_both_eras_on_the_loopback_address_until_a_signal(signal_number: signal.Signals) -> None:
    port = free_port()
    modes: list[Literal["auto", "legacy"]] = ["auto", "legacy"]
    with http_server(port) as server:
        for mode in modes:
            async with Client(f"http://127.0.0.1:{port}/mcp", mode=mode) as client:
                assert "Europe/Berlin" in said(await client.call_tool("list_entries", {"limit": 1}))
        async with httpx2.AsyncClient() as stranger:
            answer = await stranger.post(f"http://127.0.0.1:{port}/mcp", headers={"Host": "evil.example"}, json={})
            assert answer.status_code == 421
        server.send_signal(signal_number)
        assert server.wait(timeout=2) == 0
        assert server.stdout
        assert server.stderr
        assert (server.stdout.read(), "Traceback" in server.stderr.read()) == ("", False)


@pytest.mark.parametrize("arguments", [["--demo", "--http"], ["sandbox", "--port"]])
def test_a_port_that_is_taken_is_one_sentence_and_exit_code_2(arguments: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = run({}, *arguments, str(listener.getsockname()[1]))
    assert ended.returncode == 2
    assert "choose another port" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_cleanly(signal_number: signal.Signals) -> None:
    with started("--demo") as server:
        assert server.stderr
        assert "serverInfo" in initialize(server)["result"]
        server.send_signal(signal_number)
        assert server.wait(timeout=2) == 0
        assert server.stderr.read() == b""


def test_the_end_of_input_ends_the_server_cleanly() -> None:
    ended = run({}, "--demo")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.slow
def test_a_line_that_is_no_message_is_answered_and_what_can_be_mended_is() -> None:
    """A host would wait for ever; a byte order mark, and half an emoji, are what hosts really send."""

    def call(id: int, arguments: str) -> bytes:
        params = f'{{"name": "list_entries", "arguments": {arguments}}}'
        return f'{{"jsonrpc": "2.0", "id": {id}, "method": "tools/call", "params": {params}}}\n'.encode()

    with started("--demo") as server:
        initialize(server)
        assert server.stdin
        assert server.stdout
        for line, words in (
            (b"\xef\xbb\xbf" + call(2, '{"limit": 0}'), "entries"),
            (call(3, '{"text": "a\\ud83d"}'), "text has half a character, such as half an emoji"),
            (call(4, '{"text": "\\ude00 b"}'), "text has half a character, such as half an emoji"),
            (call(5, '{"text": "\\ud83d\\ude00"}'), "0 entries"),
            (call(6, '{"text": "QQ"}').replace(b"QQ", b"\xff\xfe"), "text has half a character"),
            (b"\xef\xbb\xbf" + call(7, '{"text": "C:\\\\udc00"}'), "0 entries"),
            (b'{"id": 9, "method": "ping"}\n', '"id":9,"error":{"code":-32600'),
            (b'{"jsonrpc": "2.0", "id": "x", "method": 5}\n', '"id":"x","error":{"code":-32600'),
            (b"hello\n", "no JSON-RPC message"),
            (b"{\n", "no JSON-RPC message"),
        ):
            server.stdin.write(line)
            server.stdin.flush()
            assert words in server.stdout.readline().decode(), line


@pytest.mark.parametrize("arguments", [["--demo", "doctor"], ["--account", "x", "export"], ["--http", "1", "demo"]])
def test_what_is_meant_for_a_command_stands_behind_it(arguments: list[str]) -> None:
    ended = run({}, *arguments)
    assert ended.returncode == 2
    assert f"options stand behind the command: clockodo-mcp {arguments[-1]} ..." in " ".join(ended.stderr.split())
