"""`clockodo-mcp doctor`: one line for each thing that has to be right, in order, what to do, an exit code, no key."""

import os
import socket
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import anyio.abc
import pytest
import trustme
from anyio.streams.tls import TLSListener

from clockodo_mcp.api.machine import certificates
from clockodo_mcp.doctor import examination
from clockodo_mcp.environment import settings_from_environment
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER
from clockodo_mcp.sandbox.serve import listening
from tests.conftest import NOW
from tests.processes import started
from tests.test_machines import environment  # noqa: F401 - a fixture

pytestmark = pytest.mark.anyio

ABOUT = [
    "settings",
    "time zone",
    "proxy",
    "certificate",
    "address",
    "key",
    "rights",
    "clock",
    "journal",
    "tools",
    "hosts",
]


async def lines(now: Callable[[], datetime] = lambda: NOW) -> dict[str, str]:
    found, _ = await examination(now=now)
    assert [one.about for one in found] == ABOUT
    assert all(SANDBOX_KEY not in one.said for one in found)
    assert all(one.said.endswith(".") for one in found)
    return {one.about: f"{one.state} {one.said}" for one in found}


async def test_what_is_right_is_said_in_order(
    environment: pytest.MonkeyPatch, store: Store, data_dir: Path  # noqa: F811
) -> None:  # fmt: skip
    environment.setenv("CLOCKODO_MCP_DATA_DIR", str(data_dir))
    environment.setenv("CLOCKODO_TOOLSETS", "entries,changes")
    environment.setenv("CLOCKODO_EXTERNAL_APPLICATION", "${user_config.application}")
    async with listening(create_app(store, now=lambda: NOW)) as address:
        environment.setenv("CLOCKODO_BASE_URL", address)
        found = await lines()
    assert found == {
        "settings": "ok From the environment: CLOCKODO_API_USER, CLOCKODO_API_KEY, CLOCKODO_BASE_URL, "
        "CLOCKODO_TOOLSETS, CLOCKODO_MCP_DATA_DIR. Everything else has its default. The host did not fill in these, "
        "which count as not set: CLOCKODO_EXTERNAL_APPLICATION.",
        "time zone": "ok Europe/Berlin, as the account says.",
        "proxy": "ok None is in the way.",
        "certificate": "ok None is needed to this machine.",
        "address": f"ok {address} answers.",
        "key": f"ok Accepted: Mara Lindner, user 101 ({SANDBOX_USER}).",
        "rights": "ok Owner.",
        "clock": "ok Within 1 s of Clockodo's.",
        "journal": f"ok 0 changes, 0 open, in {data_dir}.",
        "tools": "ok 9 are offered, of the toolsets entries, changes.",
        "hosts": "ok None is found here. `clockodo-mcp install` lists those that it knows.",
    }


async def test_a_missing_account_is_said_first_and_the_rest_is_not_tried(
    environment: pytest.MonkeyPatch,  # noqa: F811
) -> None:
    environment.setenv("CLOCKODO_API_KEY", " ")
    found = await lines()
    assert found["settings"].startswith("wrong CLOCKODO_API_KEY is not set.")
    assert {found[about] for about in ABOUT[1:-1]} == {"untried First this has to be right: settings."}


@pytest.mark.parametrize(
    ("name", "value", "about", "said"),
    [
        ("CLOCKODO_TIMEOUT", "soon", "settings", "wrong CLOCKODO_TIMEOUT "),
        ("CLOCKODO_TIMEZONE", "Mars/Base", "time zone", "wrong CLOCKODO_TIMEZONE is 'Mars/Base', which is"),
        ("HTTP_PROXY", "http://proxy:port", "proxy", "wrong The proxy in HTTP_PROXY is not an address"),
        ("http_proxy", "http://127.0.0.1:9", "proxy", "ok The way is through the proxy of http_proxy."),
        ("http_proxy", "http://127.0.0.1:9", "address", "wrong Clockodo could not be reached (no connection; the"),
        ("CLOCKODO_API_KEY", "another", "key", "wrong Clockodo does not accept the credentials."),
        ("CLOCKODO_JOURNAL", "off", "journal", "ok Switched off, so nothing can be undone."),
        ("CLOCKODO_MCP_DATA_DIR", "/proc/nowhere", "journal", "wrong The journal of changes cannot be used"),
        ("CLOCKODO_READ_ONLY", "true", "tools", "ok 10 are offered, and none that writes."),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_where_it_is(
    environment: pytest.MonkeyPatch, store: Store, name: str, value: str, about: str, said: str  # noqa: F811
) -> None:  # fmt: skip
    async with listening(create_app(store, now=lambda: NOW)) as address:
        environment.setenv("CLOCKODO_BASE_URL", address)
        environment.setenv(name, value)
        found = await lines()
    assert found[about].casefold().startswith(said.casefold()), found  # on Windows both are one variable
    wrong = [one for one in ABOUT if found[one].startswith("wrong")]
    assert wrong == ([about] if said.startswith("wrong") else ["address"] if name == "http_proxy" else [])


@pytest.mark.parametrize("secret", ["http://u:s3cret@{}/api", "http://{}/api?key=s3cret", "http://{}/api#s3cret"])
async def test_an_address_with_a_secret_in_it_is_refused_and_not_repeated(
    environment: pytest.MonkeyPatch, store: Store, secret: str  # noqa: F811
) -> None:  # fmt: skip
    async with listening(create_app(store, now=lambda: NOW)) as address:
        host = address.removeprefix("http://").removesuffix("/api")
        environment.setenv("CLOCKODO_BASE_URL", secret.format(host))
        found = await lines()
    assert "must have no user, password, query or fragment" in found["settings"]
    assert "s3cret" not in str(found)


async def test_a_time_zone_that_this_machine_lacks_is_named_offline_too(
    environment: pytest.MonkeyPatch,  # noqa: F811
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment.setenv("CLOCKODO_BASE_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/api")
        environment.setenv("CLOCKODO_TIMEOUT", "0.3")
        environment.setenv("CLOCKODO_TIMEZONE", "Mars/Base")
        assert (await lines())["time zone"].startswith("wrong CLOCKODO_TIMEZONE is 'Mars/Base', which is unknown here.")


async def test_an_address_and_a_clock_that_are_wrong_are_named(
    environment: pytest.MonkeyPatch, store: Store  # noqa: F811
) -> None:  # fmt: skip
    async with listening(create_app(store, now=lambda: NOW)) as address:
        environment.setenv("CLOCKODO_BASE_URL", f"{address}s")
        found = await lines()
        assert found["address"].startswith(f"wrong The Clockodo API does not answer at {address}s.")
        assert found["key"] == "untried First this has to be right: address."
        environment.setenv("CLOCKODO_BASE_URL", address)
        found = await lines(lambda: NOW - timedelta(minutes=7))
        assert found["clock"] == "wrong This machine is 7 minutes behind Clockodo. Set its clock."
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment.setenv("CLOCKODO_BASE_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/api")
        environment.setenv("CLOCKODO_TIMEOUT", "0.3")
        assert (await lines())["address"].startswith("wrong Clockodo could not be reached (no answer in time).")


async def test_a_certificate_that_nobody_trusts_is_named(environment: pytest.MonkeyPatch) -> None:  # noqa: F811
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    certificates.cache_clear()
    tcp = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with TLSListener(tcp, context) as listener, anyio.create_task_group() as group:

        async def serve(stream: object) -> None:
            """Whoever comes that far."""

        group.start_soon(listener.serve, serve)
        port = tcp.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 - anyio's word, not Django's
        environment.setenv("CLOCKODO_BASE_URL", f"https://127.0.0.1:{port}/api")
        found = await lines()
        group.cancel_scope.cancel()
    assert found["certificate"].startswith("wrong The certificate of the Clockodo address is not trusted here")
    assert found["address"] == "untried First this has to be right: certificate."


@pytest.mark.slow
def test_the_command_ends_with_a_code(tmp_path: Path) -> None:
    env = {"CLOCKODO_API_USER": "a@b.de", "CLOCKODO_API_KEY": "very-secret", "CLOCKODO_BASE_URL": "http://127.0.0.1:9/api",
           "CLOCKODO_MCP_DATA_DIR": str(tmp_path), "NO_PROXY": "127.0.0.1", "CLOCKODO_TIMEOUT": "2"}  # fmt: skip
    for arguments, code, said in (((), 1, b"wrong    address"), (("--demo",), 0, b"ok       tools")):
        with started("doctor", *arguments, env=env) as it:
            told, errors = it.communicate(timeout=30)
        assert (it.returncode, errors) == (code, b"")
        assert said in told
        assert b"very-secret" not in told
        assert len(told.decode().splitlines()) >= len(ABOUT)


def test_settings_are_read_as_the_server_reads_them(environment: pytest.MonkeyPatch) -> None:  # noqa: F811
    assert settings_from_environment().api_user == os.environ["CLOCKODO_API_USER"]
