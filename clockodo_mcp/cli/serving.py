"""Serving a host over stdio or HTTP, and ending when it hangs up or a signal comes."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio
import httpx2
from starlette.types import ASGIApp

from clockodo_mcp.config import Settings
from clockodo_mcp.server import build_server

GOODBYE = 1.5
"""Seconds that running calls get to end after a signal."""


AFTER_UVICORN = 0.2
"""The same over HTTP, after uvicorn has waited for a second."""


def _ended_by_us(record: logging.LogRecord) -> bool:
    """Whether a log record is only about a call that our own shutdown has ended: it is in the journal."""
    failure = record.exc_info[1] if record.exc_info else None
    return isinstance(failure, asyncio.CancelledError) or "timeout graceful shutdown exceeded" in record.getMessage()


async def serve_stdio(settings: Settings, transport: httpx2.AsyncBaseTransport | None) -> None:
    """Serve until the host closes stdin, or a signal comes."""
    closed, signalled = anyio.Event(), anyio.Event()
    server = build_server(settings, transport=transport, when_closed=closed.set)
    with hearing_signals(signalled.set):
        async with anyio.create_task_group() as group:
            serving = anyio.CancelScope()
            group.start_soon(end_on_signal, signalled, serving, closed)
            with serving:
                await server.run_stdio_async()
            group.cancel_scope.cancel()


@contextmanager
def hearing_signals(then: Callable[[], object]) -> Iterator[None]:
    """Do something on the event loop at SIGINT and SIGTERM. By `signal.signal`: on Windows asyncio has no handlers."""
    loop = asyncio.get_running_loop()
    ends = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(one, lambda *_: loop.call_soon_threadsafe(then)) for one in ends]
    try:
        yield
    finally:
        for one, handler in zip(ends, before, strict=True):
            signal.signal(one, handler)


async def end_on_signal(signalled: anyio.Event, serving: anyio.CancelScope, closed: anyio.Event) -> None:
    """After SIGINT or SIGTERM: end what runs, close the client, leave.

    The thread that reads stdin cannot be interrupted, and leaving any other way would wait for it until the host
    closes stdin; so the process ends here.
    """
    await signalled.wait()
    serving.cancel()
    with anyio.move_on_after(GOODBYE):
        await closed.wait()
    sys.stderr.flush()
    os._exit(0)


async def serve_http(settings: Settings, transport: httpx2.AsyncBaseTransport | None, listener: socket.socket) -> None:
    """Serve Streamable HTTP at `/mcp` until a signal comes. Only requests that name the loopback address are answered,
    wherever it listens.
    """
    app = build_server(settings, transport=transport, grace=AFTER_UVICORN).streamable_http_app(host="127.0.0.1")
    print(  # noqa: T201 - the command's own voice
        f"clockodo-mcp: serving at http://{listener.getsockname()[0]}:{listener.getsockname()[1]}/mcp",
        file=sys.stderr,
        flush=True,
    )
    await served_until_a_signal(app, listener)


async def served_until_a_signal(app: ASGIApp, listener: socket.socket) -> None:
    """Serve HTTP; calls that run get a second."""
    import uvicorn  # noqa: PLC0415 - only HTTP pays for it

    logging.getLogger("uvicorn.error").addFilter(lambda record: not _ended_by_us(record))
    for one in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises a signal again after it has shut down for it; by then nothing is left to end.
        signal.signal(one, signal.SIG_IGN)
    await uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)).serve([listener])
