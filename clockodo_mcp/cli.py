"""The command line: serve a host over stdio or HTTP, the sandbox, the demo."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NoReturn

import anyio
import httpx2
import typer

from clockodo_mcp import __version__
from clockodo_mcp.config import Settings, language_of_machine, settings_from_environment
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.server import build_server, log_to_stderr
from clockodo_mcp.speech import in_language, say

app = typer.Typer(
    help="An MCP server for working hours in Clockodo. Without a command it serves a host over stdio.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
)

GOODBYE = 1.5
"""Seconds that running calls get to end after a signal."""


AFTER_UVICORN = 0.2
"""The same over HTTP, after uvicorn has waited for a second."""


BY_HAND = (
    "clockodo-mcp: an MCP server, which waits here for a host such as Claude to speak to it. To try it by hand: "
    "`clockodo-mcp demo`; to see whether it would work: `clockodo-mcp doctor`; for more: `clockodo-mcp --help`."
)


def _ended_by_us(record: logging.LogRecord) -> bool:
    """Whether a log record is only about a call that our own shutdown has ended: it is in the journal."""
    failure = record.exc_info[1] if record.exc_info else None
    return isinstance(failure, asyncio.CancelledError) or "timeout graceful shutdown exceeded" in record.getMessage()


def main() -> None:
    """The `clockodo-mcp` command. A failure that was foreseen is one sentence on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a small code page has no place for every name
    try:
        app()
    except ClockodoMcpError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(0)


def fail(sentence: str) -> NoReturn:
    """Say why on stderr and end with code 2."""
    print(f"clockodo-mcp: {sentence}", file=sys.stderr)  # noqa: T201 - the command's own voice
    sys.exit(2)


def say_version(asked: bool) -> None:
    """`--version`."""
    if asked:
        print(__version__)  # noqa: T201 - asked for on a terminal, no protocol is spoken
        raise typer.Exit


@app.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="Serve an embedded sandbox; no account is needed.")] = False,
    http: Annotated[
        int | None,
        typer.Option(
            "--http", metavar="PORT", min=1, max=65535, help="Serve Streamable HTTP at http://127.0.0.1:PORT/mcp."
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Log requests and more to stderr; the key is masked.")] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=say_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Serve the tools to a host over stdio (or HTTP), for the account of the environment."""
    if context.invoked_subcommand is not None:
        return
    settings, transport = demo_account() if demo else (settings_from_environment(), None)
    log_to_stderr(settings, logging.DEBUG if debug else logging.WARNING)
    if http is not None:
        with listener_on(http) as listener:
            anyio.run(serve_http, settings, transport, listener)
    else:
        if sys.stdin.isatty():
            print(BY_HAND, file=sys.stderr)  # noqa: T201 - somebody sits at a terminal, and would see nothing else
        anyio.run(serve_stdio, settings, transport)


def demo_account() -> tuple[Settings, httpx2.AsyncBaseTransport]:
    """A sandbox inside this process, freshly filled, and the settings for it."""
    from clockodo_mcp.sandbox import Store, create_app, fill  # noqa: PLC0415 - only the demo pays for it
    from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER  # noqa: PLC0415 - as above

    store = Store()
    fill(store, now=datetime.now(UTC), language=language_of_machine())
    settings = settings_from_environment(
        api_user=SANDBOX_USER,
        api_key=SANDBOX_KEY,
        base_url="http://127.0.0.1/api",
        external_application="",
        timezone="",
    )
    return settings, httpx2.ASGITransport(app=create_app(store))


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


def listener_on(port: int) -> socket.socket:
    """A socket that listens on the loopback address; a port that is taken ends the command with one sentence."""
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        fail(f"cannot listen on port {port} of 127.0.0.1 ({error.strerror}); choose another port.")
    # Sockets that it accepts inherit this; without it an answer waits some 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def serve_http(settings: Settings, transport: httpx2.AsyncBaseTransport | None, listener: socket.socket) -> None:
    """Serve Streamable HTTP at `/mcp` on the loopback address until a signal comes."""
    import uvicorn  # noqa: PLC0415 - only HTTP pays for it

    app = build_server(settings, transport=transport, grace=AFTER_UVICORN).streamable_http_app(host="127.0.0.1")
    logging.getLogger("uvicorn.error").addFilter(lambda record: not _ended_by_us(record))
    print(  # noqa: T201 - the command's own voice
        f"clockodo-mcp: serving at http://127.0.0.1:{listener.getsockname()[1]}/mcp", file=sys.stderr, flush=True
    )
    for one in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises a signal again after it has shut down for it; by then nothing is left to end.
        signal.signal(one, signal.SIG_IGN)
    await uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)).serve([listener])


@app.command("sandbox")
def sandbox_command(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=0, max=65535)] = 8765,
    db: Annotated[Path | None, typer.Option(help="SQLite file to keep the data in; in memory without.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same sample data.")] = 1,
    entries: Annotated[int, typer.Option(help="How many sample entries.", min=0)] = 400,
    delay: Annotated[float, typer.Option(help="Seconds before each answer, as a network would take.", min=0)] = 0.0,
    faults: Annotated[
        bool, typer.Option("--faults", help="Let POST /_sandbox/faults arm faults: errors, lost answers, closed lines.")
    ] = False,
) -> None:
    """Serve a small Clockodo of our own, with sample data, to try things without an account."""
    from clockodo_mcp.sandbox.serve import serve as serve_sandbox  # noqa: PLC0415 - only this command pays for it

    with listener_on(port) as listener:
        serve_sandbox(listener, db=str(db) if db else None, seed=seed, entries=entries, delay=delay, faults=faults)


Filter = Annotated[str, typer.Option(help="Name or id.")]


@app.command("export")
def export_command(
    period: Annotated[
        str, typer.Argument(help="2026-10, last_month, 2026-Q3, 2026-10-01..2026-10-15, ...")
    ] = "this_month",
    format: Annotated[str, typer.Option(help="csv, json or xlsx; by default as the path ends, else csv.")] = "",
    path: Annotated[str, typer.Option(help="Inside CLOCKODO_EXPORT_DIR, by default named after the period.")] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
    excel: Annotated[
        bool, typer.Option("--excel", help="csv as Excel reads it in the language of the account.")
    ] = False,
    user: Annotated[str, typer.Option(help="me, all, or a co-worker's name or id.")] = "me",
    customer: Filter = "",
    project: Filter = "",
    subproject: Filter = "",
    service: Filter = "",
    lumpsum_service: Filter = "",
    billable: Annotated[str, typer.Option(help="not_billable, billable, billed or billable_or_billed.")] = "",
    text: Annotated[str, typer.Option(help="Only entries with this text.")] = "",
    budget_type: Annotated[str, typer.Option(help="Of the project, such as strict.")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="From an embedded sandbox; no account is needed.")] = False,
) -> None:
    """Write entries to a file, as the tool export_entries does, with a progress bar. All it says is on stderr."""
    arguments = {
        "period": period, "format": format, "path": path, "overwrite": overwrite, "excel": excel, "user": user,
        "customer": customer, "project": project, "subproject": subproject, "service": service,
        "lumpsum_service": lumpsum_service, "billable": billable, "text": text, "budget_type": budget_type,
    }  # fmt: skip
    settings, transport = demo_account() if demo else (settings_from_environment(strict=True), None)
    log_to_stderr(settings, logging.WARNING)
    said, good = anyio.run(export, settings, transport, arguments)
    if not good:
        fail(said)
    print(said, file=sys.stderr)  # noqa: T201 - the command's own voice


async def export(
    settings: Settings, transport: httpx2.AsyncBaseTransport | None, arguments: dict[str, object]
) -> tuple[str, bool]:
    """Call the tool in this process, show its progress on stderr; what it says, and whether there is a file.

    SIGINT and SIGTERM cancel the call, which leaves no file behind.
    """
    from mcp import Client  # noqa: PLC0415 - only commands that call tools pay for it
    from mcp.types import TextContent  # noqa: PLC0415 - as above
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415 - as above

    server = build_server(settings.model_copy(update={"toolsets": ("reports",)}), transport=transport)
    said, good = "The export was stopped; nothing was written.", False
    console = Console(stderr=True)
    columns = ("Exporting", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, disable=not console.is_terminal)
    task = bar.add_task("entries", total=None, visible=False)

    async def show(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 - the SDK's shape
        bar.update(task, completed=int(progress), total=total, visible=True)

    with anyio.CancelScope() as scope, hearing_signals(scope.cancel):
        with bar:
            async with Client(server) as client:
                result = await client.call_tool("export_entries", arguments, progress_callback=show)
        said = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        good = not result.is_error
    return said, good


@app.command("doctor")
def doctor_command(
    demo: Annotated[bool, typer.Option("--demo", help="Of an embedded sandbox; no account is needed.")] = False,
) -> None:
    """Look at all that has to be right: settings, network, key, rights, clock, journal. Code 1 where it is not."""
    settings, transport = demo_account() if demo else (None, None)
    logging.disable(logging.WARNING)  # what is wrong is said below, in order
    if not anyio.run(examine, settings, transport):
        raise typer.Exit(1)


async def examine(settings: Settings | None, transport: httpx2.AsyncBaseTransport | None) -> bool:
    """Print a line for each thing that was looked at; whether nothing is wrong."""
    from clockodo_mcp.doctor import examination  # noqa: PLC0415 - only this command pays for it

    good = True
    lines, language = await examination(settings, transport)
    for one in lines:
        state, about, words = (in_language(part, language) for part in (say(one.state), say(one.about), one.said))
        print(f"{state:8} {about:13} {words}")  # noqa: T201 - the command's own voice
        good = good and one.state != "wrong"
    return good


@app.command("demo")
def demo_command() -> None:
    """The two-minute tour: sandbox, server and a client, each call and what the model would read."""
    from clockodo_mcp.demo import tour  # noqa: PLC0415 - only this command pays for it

    anyio.run(tour)
