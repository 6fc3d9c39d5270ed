"""An office: a sandbox with sample data, the server in front of it, and the SDK's client as its assistant."""

import gc
import inspect
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import settings as examples
from mcp import Client, ClientSession
from mcp.server.mcpserver.tools.base import Tool as ToolOfSdk
from mcp.types import CallToolResult, ElicitRequestFormParams, ElicitResult, TextContent

from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.config import Settings
from clockodo_mcp.environment import settings_from_environment
from clockodo_mcp.sandbox import Store, create_app, fill
from clockodo_mcp.sandbox.app import Seen
from clockodo_mcp.sandbox.faults import Faults, read_faults
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER
from clockodo_mcp.server import build_server
from tests.processes import at_home

NOW = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
"""A Wednesday afternoon in Berlin."""


examples.register_profile("patient", deadline=None)  # a slow machine is no failure
examples.load_profile("patient")

gc.disable()  # until all is collected, which makes nothing but what stays


def pytest_configure(config: pytest.Config) -> None:
    """On Windows, asyncio leaves the socket of an accept that was called off to the collector."""
    if sys.platform == "win32":
        config.addinivalue_line("filterwarnings", "ignore:unclosed <socket:ResourceWarning")


def pytest_collection_finish() -> None:
    """What collecting made stays to the end: the collector need not walk through it for every test."""
    gc.freeze()
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deaths", type=int, default=6, help="how many servers tests/faults/test_kill.py kills")
    parser.addoption("--histories", type=int, default=40, help="how many histories tests/histories plays")
    parser.addoption(
        "--thorough", action="store_true", help="tests/test_sweep.py and tests/test_names_model.py with all that is odd"
    )
    parser.addoption("--snapshots", action="store_true", help="write the files of tests/snapshots anew")


@pytest.fixture(scope="session", autouse=True)
def schemas_are_made_once() -> Iterator[None]:
    """What the SDK derives from a tool's signature, and from its schema, is the same in every server of a run.

    It takes longer than most tests; processes that tests start derive it afresh.
    """
    tools: dict[str, ToolOfSdk] = {}
    validators: dict[str, Any] = {}
    make, compiled = ToolOfSdk.from_function, ClientSession._output_schema_validator

    def from_function(fn: Callable[..., Any], *about: Any, **more: Any) -> ToolOfSdk:
        signature = inspect.signature(fn)
        # By what the arguments are, not how they look: that takes ten times as long. The first function keeps them.
        arguments = [(one.name, id(one.annotation), one.default) for one in signature.parameters.values()]
        key = f"{fn.__name__} {arguments} {signature.return_annotation} {about} {more}"
        if key not in tools:
            tools[key] = make(fn, *about, **more)
        return tools[key].model_copy(update={"fn": fn})

    def validator(session: ClientSession, name: str, schema: dict[str, Any]) -> Any:
        key = json.dumps(schema)
        if key not in validators:
            validators[key] = compiled(session, name, schema)
        return validators[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ToolOfSdk, "from_function", from_function)
        patch.setattr(ClientSession, "_output_schema_validator", validator)
        yield


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def settings(base_url: str = "http://127.0.0.1/api", user: str = SANDBOX_USER, key: str = SANDBOX_KEY) -> Settings:
    """An account with structured content besides the words, so that tests can ask for facts by name."""
    return settings_from_environment(api_user=user, api_key=key, base_url=base_url, structured="true")


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the home, the keychain, the journal or the downloads of whoever runs it."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    for name, value in at_home(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("CLOCKODO_EXPORT_DIR", str(tmp_path / "exports"))
    monkeypatch.setenv("CLOCKODO_MCP_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(scope="session")
def sample() -> Iterator[Store]:
    """What each test's store is a copy of."""
    store = Store()
    fill(store, now=NOW, language="en")
    yield store
    store.close()


@pytest.fixture
def store(sample: Store) -> Iterator[Store]:
    store = Store()
    sample._db.backup(store._db)
    yield store
    store.close()


@dataclass
class Office:
    """What a test works with: the sandbox's data and requests, and a client connected to the server."""

    store: Store
    seen: list[Seen]
    assistant: Client
    faults: Faults | None = None

    def break_down(self, **fault: object) -> None:
        """Arm one fault of the sandbox."""
        assert self.faults is not None
        self.faults.armed = read_faults(json.dumps({"faults": [fault]}).encode())

    async def call(self, tool: str, /, **arguments: object) -> CallToolResult:
        return await self.assistant.call_tool(tool, arguments)


class Person:
    """Gives every question the same answer, as long as it is not changed, and remembers them."""

    def __init__(self, answer: str) -> None:
        self.asked: list[str] = []
        self.answer = answer

    async def __call__(self, _: Any, params: ElicitRequestFormParams) -> ElicitResult:
        self.asked.append(params.message)
        if self.answer in ("decline", "cancel"):
            return ElicitResult(action=self.answer)
        return ElicitResult(action="accept", content={"choice": self.answer})


@asynccontextmanager
async def office_of(
    store: Store,
    *,
    account: Settings | None = None,
    now: Callable[[], datetime] = lambda: NOW,
    faults: bool = False,
    **client: Any,
) -> AsyncIterator[Office]:
    """An office with another account, clock, or client (`mode`, `elicitation_callback`); one whose `faults` happen."""
    app = create_app(store, now=now, faults=faults)
    transport = httpx2.ASGITransport(app=app)
    server = build_server(account or settings(), transport=transport, now=now, pace=Pace(()))
    async with Client(server, **client) as assistant:
        yield Office(store, app.state.sandbox.seen, assistant, app.state.faults)


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with office_of(store) as office:
        yield office


def said(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def facts(result: CallToolResult) -> dict[str, object]:
    assert not result.is_error, said(result)
    assert result.structured_content is not None
    told: dict[str, object] = result.structured_content
    return told
