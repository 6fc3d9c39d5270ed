"""Serving the sandbox on the loopback address."""

import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio
import uvicorn
from starlette.applications import Starlette

from clockodo_mcp.sandbox.app import create_app
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER, fill
from clockodo_mcp.sandbox.store import Store


class _Announcing(uvicorn.Server):
    """A server that tells when it listens, instead of being polled."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = anyio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


def _configured(app: Starlette) -> _Announcing:
    return _Announcing(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    )


@asynccontextmanager
async def listening(app: Starlette, port: int = 0) -> AsyncGenerator[str]:
    """Serve `app` in this event loop and yield its base URL; port 0 takes a free one. Signals stay with the caller."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        server = _configured(app)
        async with anyio.create_task_group() as group:
            # serve() would take over the signals of the program that it runs in.
            group.start_soon(server._serve, [listener])  # noqa: SLF001
            await server.listens.wait()
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}/api"
            finally:
                server.should_exit = True


def serve(listener: socket.socket, *, db: str | None, seed: int, entries: int, delay: float = 0.0) -> None:
    """Serve until a signal comes. A file that already has users is served as it is."""
    store = Store(db)
    if store.one("SELECT id FROM users") is None:
        fill(store, seed=seed, entries=entries, now=datetime.now(UTC))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
    print(  # noqa: T201 - the command's own voice
        f"sandbox: CLOCKODO_BASE_URL={url} CLOCKODO_API_USER={SANDBOX_USER} CLOCKODO_API_KEY={SANDBOX_KEY}",
        file=sys.stderr,
        flush=True,
    )
    _configured(create_app(store, delay=delay)).run(sockets=[listener])
    store.close()
