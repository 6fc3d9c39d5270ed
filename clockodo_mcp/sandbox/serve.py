"""Serving the sandbox on the loopback address, and the two things that faults need of a server."""

import asyncio
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import UTC, datetime

import anyio
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from clockodo_mcp.sandbox.app import create_app
from clockodo_mcp.sandbox.faults import Faults, Peer
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER, fill
from clockodo_mcp.sandbox.store import Store


class _Announcing(uvicorn.Server):
    """A server that tells when it listens, instead of being polled.

    `embedded` leaves the signals to the program that it runs in.
    """

    def __init__(self, config: uvicorn.Config, *, embedded: bool) -> None:
        super().__init__(config)
        self.listens = anyio.Event()
        self._embedded = embedded

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take signals over, unless embedded."""
        with nullcontext() if self._embedded else super().capture_signals():
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        for one in sockets or []:
            # Accepted connections inherit it; without it the body of each answer waits 40 ms for the head's receipt.
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await super().startup(sockets)
        self.listens.set()


class _Misbehaving(_Announcing):
    """A server that can hang up on a client, and be gone for a while: the `Line` of the faults."""

    def __init__(self, config: uvicorn.Config, *, embedded: bool) -> None:
        super().__init__(config, embedded=embedded)
        config.http = _reporting_to(self)
        self._connections: dict[Peer, asyncio.Transport] = {}
        self._reserved: list[socket.socket] = []
        self._absence: asyncio.Task[None] | None = None

    def opened(self, peer: Peer, transport: asyncio.Transport) -> None:
        """A connection was accepted; one that had been waiting for it when we left is aborted."""
        self._connections[peer] = transport
        if self._absence is not None:
            transport.abort()

    def closed(self, peer: Peer) -> None:
        """A connection has ended."""
        self._connections.pop(peer, None)

    def connects(self, peer: Peer) -> bool:
        """Whether the connection of this client is one of the server's."""
        return peer in self._connections

    def hang_up(self, peer: Peer) -> None:
        """Close a client's connection after what has been sent."""
        if peer in self._connections:
            self._connections[peer].close()

    def refuse(self, until: Callable[[], Awaitable[None]]) -> None:
        """Stop listening and abort every connection; listen again on the same port when `until` has returned."""
        if self._absence is not None:
            return
        address = self.servers[0].sockets[0].getsockname()
        for server in self.servers:
            server.close()
        # Bound without listening: connections are refused, and nobody else can take the port.
        again = socket.socket()
        self._reserved.append(again)
        if sys.platform != "win32":  # as in socket.create_server
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(address)
        for transport in self._connections.values():
            transport.abort()
        self._absence = asyncio.create_task(self._come_back(again, until))

    async def _come_back(self, listener: socket.socket, until: Callable[[], Awaitable[None]]) -> None:
        await until()
        self._absence = None
        await self.startup([listener])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, even while gone."""
        if self._absence is not None:
            self._absence.cancel()
        await super().shutdown([*(sockets or []), *self._reserved])


def _reporting_to(server: _Misbehaving) -> type[asyncio.Protocol]:
    """The protocol of connections that tell their server of themselves."""

    class Reporting(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if self.client is not None:
                server.opened(self.client, transport)

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                server.closed(self.client)
            super().connection_lost(exc)

    return Reporting


def _configured(app: Starlette, *, embedded: bool) -> _Announcing:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        date_header=False,  # the sandbox has a clock of its own
        proxy_headers=False,  # a client is the peer of its connection, whatever it says
    )
    faults: Faults | None = getattr(app.state, "faults", None)
    if faults is None:
        return _Announcing(config, embedded=embedded)
    faults.line = server = _Misbehaving(config, embedded=embedded)
    return server


@asynccontextmanager
async def listening(app: Starlette, port: int = 0) -> AsyncGenerator[str]:
    """Serve `app` in this event loop and yield its base URL; port 0 takes a free one. Signals stay with the caller."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        server = _configured(app, embedded=True)
        async with anyio.create_task_group() as group:
            group.start_soon(server.serve, [listener])
            await server.listens.wait()
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}/api"
            finally:
                server.should_exit = True


def serve(
    listener: socket.socket, *, db: str | None, seed: int, entries: int, delay: float = 0.0, faults: bool = False
) -> None:
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
    _configured(create_app(store, delay=delay, faults=faults), embedded=False).run(sockets=[listener])
    store.close()
