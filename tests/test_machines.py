"""Where people start the server: settings, networks, proxies, certificates, zones, folders, code pages, terminals."""

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import anyio.abc
import pytest
import trustme
from anyio.streams.tls import TLSListener
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from clockodo_mcp.api.machine import certificates
from clockodo_mcp.api.pacing import Pace, Retries
from clockodo_mcp.config import MisconfiguredError, Settings
from clockodo_mcp.environment import settings_from_environment
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER
from clockodo_mcp.sandbox.serve import listening
from clockodo_mcp.server import build_server
from tests.conftest import NOW, office_of, said, settings
from tests.processes import ask, initialize, started

pytestmark = pytest.mark.anyio

ACCOUNT = {"CLOCKODO_API_USER": SANDBOX_USER, "CLOCKODO_API_KEY": SANDBOX_KEY}

WITHOUT_HANDLERS = """
import asyncio.unix_events as unix

def refuse(*_):
    raise NotImplementedError

unix._UnixSelectorEventLoop.add_signal_handler = refuse
import sys
from clockodo_mcp.__main__ import start
sys.argv[0] = "clockodo-mcp"
start()
"""
"""The command on a machine where asyncio has no signal handlers, as on Windows."""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that only has an account."""
    for name in list(os.environ):
        if name.startswith(("CLOCKODO_", "SSL_CERT")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


# Signals


@pytest.mark.slow
def test_it_starts_and_ends_where_asyncio_has_no_signal_handlers() -> None:
    with started("--demo", code=WITHOUT_HANDLERS) as server:
        assert "serverInfo" in initialize(server)["result"]
        server.terminate()
        assert server.wait(timeout=5) == 0
        assert server.stderr
        assert server.stderr.read() == b""


@pytest.mark.slow
def test_an_export_is_written_where_asyncio_has_no_signal_handlers(tmp_path: Path) -> None:
    with started(
        "export", "last_week", "--demo", code=WITHOUT_HANDLERS, env={"CLOCKODO_EXPORT_DIR": str(tmp_path)}
    ) as it:
        _, told = it.communicate(timeout=30)
        assert it.returncode == 0, told
    assert len(list(tmp_path.iterdir())) == 1


# Settings


@pytest.mark.parametrize("value", ["", "  ", "${user_config.value}", " ${VALUE} "])
def test_what_is_empty_or_a_placeholder_is_not_set(environment: pytest.MonkeyPatch, value: str) -> None:
    plain = settings_from_environment()
    for field in set(Settings.model_fields) - {"api_user", "api_key"}:
        environment.setenv(f"CLOCKODO_{field.upper()}", value)
    found = settings_from_environment()
    assert found.wrong == ""
    assert found.model_dump(exclude={"api_key"}) == plain.model_dump(exclude={"api_key"})
    assert found.mcp_data_dir.is_absolute()


@pytest.mark.parametrize("name", ["CLOCKODO_API_USER", "CLOCKODO_API_KEY"])
def test_an_account_that_was_not_filled_in_is_named(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(name, "${user_config.it}")
    with pytest.raises(
        MisconfiguredError, match=rf"{name} still is a placeholder, \$\{{user_config.it\}}, that the host"
    ):
        settings_from_environment()
    environment.setenv(name, "")
    with pytest.raises(MisconfiguredError, match=f"{name} is not set"):
        settings_from_environment()


async def test_what_else_is_wrong_is_said_by_each_call(environment: pytest.MonkeyPatch) -> None:
    for name, value in {"TIMEOUT": "soon", "CONFIRM": "perhaps"}.items():
        environment.setenv(f"CLOCKODO_{name}", value)
    server = build_server(settings_from_environment(), now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        assert len((await assistant.list_tools()).tools) == 22
        for _ in range(2):
            told = said(await assistant.call_tool("get_context", {}))
            assert "CLOCKODO_TIMEOUT " in told
            assert "CLOCKODO_CONFIRM " in told
            assert told.endswith("Set the variables and start again.")


@pytest.mark.parametrize(
    "address", ["{}", "{}/", "{}/v2", "{}/v3/"]
)  # fmt: skip
async def test_an_address_is_understood_with_a_version_behind_it(store: Store, address: str) -> None:
    assert "Mara Lindner" in await context(store, address.format("http://127.0.0.1/api"))


@pytest.mark.parametrize("address", ["http://127.0.0.1", "http://127.0.0.1/apis", "http://127.0.0.1/api/entries"])
async def test_a_wrong_address_is_called_by_its_name(store: Store, address: str) -> None:
    told = await context(store, address)
    assert told.startswith(f"The Clockodo API does not answer at {address}. Check CLOCKODO_BASE_URL")
    assert "id" not in told.split()


async def context(store: Store, address: str) -> str:
    async with office_of(store, account=settings(base_url=address)) as office:
        return said(await office.call("get_context"))


# Networks


async def test_it_serves_before_clockodo_answers_and_works_as_soon_as_it_does(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = build_server(settings(f"http://127.0.0.1:{port}/api"), now=lambda: NOW, pace=Pace(()), sleep=no_sleep)
    async with Client(server) as assistant:
        assert len((await assistant.list_tools()).tools) == 22
        refused = await assistant.call_tool("get_context", {})
        assert refused.is_error
        assert said(refused).startswith("Clockodo could not be reached (no connection).")
        async with listening(create_app(store), port=port):
            assert "Mara Lindner" in said(await assistant.call_tool("get_context", {}))


async def test_a_wrong_key_is_said_by_each_call_and_never_shown(store: Store) -> None:
    async with office_of(store, account=settings(key="very-secret")) as office:
        for _ in range(2):
            told = said(await office.call("list_entries"))
            assert "check CLOCKODO_API_USER (the e-mail address) and CLOCKODO_API_KEY" in told
            assert "very-secret" not in told


async def test_a_silent_network_is_said_after_one_attempt(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        account = settings(f"http://127.0.0.1:{silent.getsockname()[1]}/api").model_copy(update={"timeout": 0.3})
        retries = Retries(total=0.5)
        server = build_server(account, now=lambda: NOW, pace=Pace(()), sleep=no_sleep, retries=retries)
        async with Client(server) as assistant:
            assert len((await assistant.list_tools()).tools) == 22
            told = said(await assistant.call_tool("get_context", {}))
    assert told.startswith("Clockodo could not be reached (no answer in time).")


async def no_sleep(_: float) -> None:
    await anyio.lowlevel.checkpoint()


@pytest.mark.slow
@pytest.mark.parametrize("silent", [False, True])
def test_the_command_answers_a_host_whatever_clockodo_does(*, silent: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        if not silent:
            listener.close()
        env = {**ACCOUNT, "CLOCKODO_BASE_URL": f"http://127.0.0.1:{port}/api"}
        with started(env=env) as server:
            assert "serverInfo" in initialize(server)["result"]
            assert len(ask(server, "tools/list")["result"]["tools"]) == 22
            server.stdin.close()  # type: ignore[union-attr]
            assert server.wait(timeout=10) == 0


# Proxies and certificates


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HTTP_PROXY", "http://proxy:port", "The proxy in HTTP_PROXY is not an address that can be used"),
        ("http_proxy", "quic://secret@proxy:1", "The proxy in http_proxy is not an address that can be used"),
        ("ALL_PROXY", "socks4://proxy:1", "The proxy in ALL_PROXY is not an address that can be used"),
    ],
)
async def test_a_proxy_that_cannot_be_one_is_named(
    environment: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    environment.setenv(name, value)
    told = await over_the_network("http://127.0.0.1:9/api")
    assert told.casefold().startswith(words.casefold())  # on Windows both are one variable
    assert "secret" not in told


async def test_a_proxy_that_does_not_answer_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("http_proxy", "http://127.0.0.1:9")
    told = await over_the_network("http://127.0.0.1:10/api")
    assert "no connection; the way is through the proxy of http_proxy" in told


async def test_a_socks_proxy_is_gone_through(environment: pytest.MonkeyPatch, store: Store) -> None:
    async with listening(create_app(store)) as address, socks() as (port, passed):
        environment.setenv("ALL_PROXY", f"socks5://127.0.0.1:{port}")
        assert "Mara Lindner" in await over_the_network(address)
        assert passed


async def between(client: anyio.abc.ByteStream, host: str, port: int) -> None:
    """Hand on what a client and a server say, until one of them has nothing more to say."""

    async def relay(source: anyio.abc.ByteStream, target: anyio.abc.ByteStream) -> None:
        async for data in source:
            await target.send(data)
        group.cancel_scope.cancel()

    async with await anyio.connect_tcp(host, port) as server, anyio.create_task_group() as group:
        group.start_soon(relay, server, client)
        group.start_soon(relay, client, server)


def port_of(listener: anyio.abc.Listener[anyio.abc.SocketStream]) -> int:
    return int(listener.extra(anyio.abc.SocketAttribute.local_port))  # noqa: S610 - anyio's word, not Django's


@asynccontextmanager
async def socks() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A proxy that speaks as much of SOCKS 5 (RFC 1928) as one that asks for no password needs."""
    passed: list[bytes] = []

    async def serve(client: anyio.abc.SocketStream) -> None:
        async with client:
            await client.receive()
            await client.send(b"\x05\x00")
            request = await client.receive()
            passed.append(request)
            host = socket.inet_ntoa(request[4:8]) if request[3] == 1 else request[5 : 5 + request[4]].decode()
            await client.send(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
            await between(client, host, int.from_bytes(request[-2:], "big"))

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, serve)
        yield port_of(listener), passed
        group.cancel_scope.cancel()


async def test_certificates_that_are_not_there_are_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SSL_CERT_FILE", "/no/such/thing")
    certificates.cache_clear()
    told = await over_the_network("https://127.0.0.1:9/api")
    certificates.cache_clear()
    assert told.startswith("SSL_CERT_FILE names no certificates that can be read, so nothing was sent.")


async def test_a_certificate_that_is_not_trusted_is_called_one_and_trusted_where_the_environment_says_so(
    environment: pytest.MonkeyPatch, store: Store, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "company.pem")
    certificates.cache_clear()
    async with listening(create_app(store)) as address, encrypted(address, authority.issue_cert("127.0.0.1")) as secure:
        told = await over_the_network(secure)
        assert told.startswith("The certificate of the Clockodo address is not trusted here (")
        environment.setenv("SSL_CERT_FILE", str(tmp_path / "company.pem"))
        certificates.cache_clear()
        assert "Mara Lindner" in await over_the_network(secure)
    certificates.cache_clear()


class Listener(TLSListener):
    """Says nothing of a client that does not trust it: that is what it is there for."""

    @staticmethod
    async def handle_handshake_error(
        exc: BaseException,  # noqa: ARG004 - the shape of the library
        stream: anyio.abc.AnyByteStream,
    ) -> None:
        await anyio.aclose_forcefully(stream)


@asynccontextmanager
async def encrypted(address: str, certificate: trustme.LeafCert) -> AsyncIterator[str]:
    """The same address, behind this certificate."""
    port = urlsplit(address).port or 0
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    async def serve(client: anyio.abc.ByteStream) -> None:
        async with client:
            await between(client, "127.0.0.1", port)

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as plain, anyio.create_task_group() as group:
        listener = Listener(plain, context, standard_compatible=False)
        group.start_soon(listener.serve, serve)
        yield f"https://127.0.0.1:{port_of(plain)}/api"
        group.cancel_scope.cancel()


async def over_the_network(address: str) -> str:
    """What a call says that goes through the real transport."""
    server = build_server(settings(address), now=lambda: NOW, pace=Pace(()), sleep=no_sleep)
    async with Client(server) as assistant:
        return said(await assistant.call_tool("get_context", {}))


# Zones


async def test_a_zone_that_is_unknown_is_named_with_whose_it_is(store: Store) -> None:
    account = settings().model_copy(update={"timezone": "Mars/Olympus"})
    async with office_of(store, account=account) as office:
        assert said(await office.call("get_context")).startswith(
            "CLOCKODO_TIMEZONE is 'Mars/Olympus', which is unknown"
        )
    store.update("users", 101, {"timezone": "Moon/Sea"})
    async with office_of(store) as office:
        told = said(await office.call("get_context"))
    assert told.startswith("The account's time zone is 'Moon/Sea', which is unknown here. Set CLOCKODO_TIMEZONE")


@pytest.mark.slow
def test_zones_are_known_where_the_system_has_none() -> None:
    with started("--demo", env={"PYTHONTZPATH": ""}) as server:
        initialize(server)
        told = ask(server, "tools/call", name="get_context", arguments={})
        assert "Europe/Berlin" in told["result"]["content"][0]["text"]


# Folders, code pages, terminals


@pytest.mark.slow
async def test_a_folder_with_spaces_and_umlauts_and_a_small_code_page(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "Jürgen Große Löß"
    async with listening(create_app(store)) as address:
        env = {
            **ACCOUNT, "CLOCKODO_BASE_URL": address, "CLOCKODO_MCP_DATA_DIR": str(folder),
            "CLOCKODO_EXPORT_DIR": str(folder), "PYTHONIOENCODING": "cp437", "PYTHONUTF8": "0", "LC_ALL": "C",
        }  # fmt: skip
        server = StdioServerParameters(command=sys.executable, args=["-m", "clockodo_mcp"], env=env)
        async with Client(stdio_client(server)) as client:
            arguments = {"id": 2, "text": "Grüße › 漢字 🙂"}
            assert "Grüße › 漢字 🙂" in said(await client.call_tool("update_entry", arguments))
            assert "updated" in said(await client.call_tool("list_changes", {}))
            assert str(folder) in said(await client.call_tool("export_entries", {}))
    assert {one.suffix for one in folder.iterdir()} >= {".db", ".csv"}


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
def test_the_tour_prints_on_a_small_code_page(encoding: str) -> None:
    with started("demo", env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}) as tour:
        told, wrong = tour.communicate(timeout=60)
        assert (tour.returncode, wrong) == (0, b"")
        assert len(told.decode(encoding)) > 1_000


@pytest.mark.slow
def test_somebody_at_a_terminal_is_told_what_this_is() -> None:
    pty = pytest.importorskip("pty", reason="a system without pseudo-terminals")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "clockodo_mcp", "--demo"]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        try:
            assert server.stderr
            told = server.stderr.readline().decode()
        finally:
            server.kill()
            os.close(ours)
            os.close(theirs)
    assert told.startswith("clockodo-mcp: an MCP server, which waits here for a host")
    assert "clockodo-mcp demo" in told
