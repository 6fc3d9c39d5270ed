"""An office: a sandbox with sample data, the server in front of it, and the SDK's client as its assistant."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.types import CallToolResult, TextContent
from pydantic import SecretStr

from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.config import Settings
from clockodo_mcp.sandbox import Store, create_app, fill
from clockodo_mcp.sandbox.app import Seen
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER
from clockodo_mcp.server import build_server

NOW = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
"""A Wednesday afternoon in Berlin."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--snapshots", action="store_true", help="write the files of tests/snapshots anew")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def settings(base_url: str = "http://127.0.0.1/api", user: str = SANDBOX_USER, key: str = SANDBOX_KEY) -> Settings:
    """An account with structured content besides the words, so that tests can ask for facts by name."""
    return Settings(
        api_user=user, api_key=SecretStr(key), base_url=base_url, timezone="", external_application="", structured=True
    )


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the journal or the downloads of whoever runs it."""
    monkeypatch.setenv("CLOCKODO_EXPORT_DIR", str(tmp_path / "exports"))
    monkeypatch.setenv("CLOCKODO_MCP_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    fill(store, now=NOW)
    yield store
    store.close()


@dataclass
class Office:
    """What a test works with: the sandbox's data and requests, and a client connected to the server."""

    store: Store
    seen: list[Seen]
    assistant: Client

    async def call(self, tool: str, /, **arguments: object) -> CallToolResult:
        return await self.assistant.call_tool(tool, arguments)


@asynccontextmanager
async def office_of(
    store: Store, *, account: Settings | None = None, now: Callable[[], datetime] = lambda: NOW, **client: Any
) -> AsyncIterator[Office]:
    """An office with another account, clock, or client (`mode`, `elicitation_callback`)."""
    app = create_app(store, now=now)
    transport = httpx2.ASGITransport(app=app)
    server = build_server(account or settings(), transport=transport, now=now, pace=Pace(()))
    async with Client(server, **client) as assistant:
        yield Office(store, app.state.sandbox.seen, assistant)


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
