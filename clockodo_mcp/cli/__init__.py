"""The command line: what each command takes. What it does is in the file of that name, or a room of its own."""

import logging
import sys
from datetime import UTC, datetime
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NoReturn

import anyio
import httpx2
import typer

from clockodo_mcp import __version__
from clockodo_mcp.cli.listener import listener_on
from clockodo_mcp.cli.logs import log_to_stderr
from clockodo_mcp.cli.terminal import at_terminal
from clockodo_mcp.config import Settings
from clockodo_mcp.environment import language_of_machine, settings_from_environment, settings_of_nobody
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.speech import in_language, say

app = typer.Typer(
    help="An MCP server for working hours in Clockodo. Without a command it serves a host over stdio.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
)

BY_HAND = (
    "clockodo-mcp: an MCP server, which waits here for a host such as Claude to speak to it. To try it by hand: "
    "`clockodo-mcp demo`; to see whether it would work: `clockodo-mcp doctor`; for more: `clockodo-mcp --help`."
)


def main() -> None:
    """The `clockodo-mcp` command. A failure that was foreseen is one sentence on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a small code page has no place for every name
    try:
        app()
    except ClockodoMcpError as error:
        fail(in_language(error.sentence, language_of_machine()))
    except OSError as error:
        fail(f"{error.strerror or type(error).__name__}.")  # of the terminal, or a file that it leads to
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


Account = Annotated[str, typer.Option(help="The name of an account that `login` has kept.")]


@app.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    account: Account = "",
    demo: Annotated[bool, typer.Option("--demo", help="Serve an embedded sandbox; no account is needed.")] = False,
    http: Annotated[
        int | None,
        typer.Option(
            "--http", metavar="PORT", min=1, max=65535, help="Serve Streamable HTTP at http://127.0.0.1:PORT/mcp."
        ),
    ] = None,
    listen: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Where --http listens, instead of 127.0.0.1: for containers, whose port is published to this machine.",
        ),
    ] = "",
    debug: Annotated[bool, typer.Option("--debug", help="Log requests and more to stderr; the key is masked.")] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=say_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Serve the tools to a host over stdio (or HTTP), for the account of the environment or of the keychain."""
    if context.invoked_subcommand is not None:
        if demo or account or http is not None or listen or debug:
            raise typer.BadParameter(f"options stand behind the command: clockodo-mcp {context.invoked_subcommand} ...")
        return
    if listen and http is None:
        raise typer.BadParameter("--listen goes with --http.")
    from clockodo_mcp.cli.serving import serve_http, serve_stdio  # noqa: PLC0415 - with MCP and all tools

    missing = ""
    try:
        settings, transport = demo_account() if demo else (settings_from_environment(account=account), None)
    except ClockodoMcpError as error:
        if http is not None or sys.stdin is None or at_terminal():
            raise
        # A host says nothing of why a server ended, and some do nothing at all without it: each call says it.
        missing = error.sentence
        settings, transport = settings_of_nobody(missing), None
        print(f"clockodo-mcp: {in_language(missing, language_of_machine())}", file=sys.stderr)  # noqa: T201 - its log
    log_to_stderr(settings, logging.DEBUG if debug else logging.WARNING)
    if http is not None:
        with listener_on(http, listen or "127.0.0.1") as listener:
            anyio.run(serve_http, settings, transport, listener)
    else:
        if sys.stdin is None:
            fail("there is no stdin, over which a host would speak to it.")
        if at_terminal():
            print(BY_HAND, file=sys.stderr)  # noqa: T201 - somebody sits at a terminal, and would see nothing else
        anyio.run(serve_stdio, settings, transport)
        if missing:
            sys.exit(2)


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


@app.command("login")
def login_command(account: Account = "") -> None:
    """Ask for an account, check it with Clockodo, and keep its key in the keychain of the system."""
    from clockodo_mcp.cli.accounts import login, tell  # noqa: PLC0415 - only this command pays for it

    tell(login(account))


@app.command("logout")
def logout_command(account: Account = "") -> None:
    """Take an account and its key out of the keychain again."""
    from clockodo_mcp.cli.accounts import logout, tell  # noqa: PLC0415 - only this command pays for it

    tell(logout(account))


@app.command("accounts")
def accounts_command() -> None:
    """List the accounts that a server could take."""
    from clockodo_mcp.cli.accounts import accounts, tell  # noqa: PLC0415 - only this command pays for it

    tell(accounts())


DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("install")
def install_command(
    host: Annotated[str, typer.Argument(help="Without one, those that are known are listed.")] = "",
    account: Account = "",
    demo: Annotated[bool, typer.Option("--demo", help="With sample data; no account is needed.")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Write the server into the configuration of a host: claude-desktop, claude-code, cursor, vscode, codex, gemini."""
    from clockodo_mcp.cli.accounts import tell  # noqa: PLC0415 - only this command pays for it
    from clockodo_mcp.cli.installing import hosts, install  # noqa: PLC0415 - as above

    if host:
        install(host, account=account, demo=demo, dry_run=dry_run, yes=yes)
    else:
        tell(hosts())


@app.command("uninstall")
def uninstall_command(
    host: Annotated[str, typer.Argument(help="As of `install`.")], account: Account = "", dry_run: DryRun = False,
    yes: Yes = False,
) -> None:  # fmt: skip
    """Take the server out of the configuration of a host again."""
    from clockodo_mcp.cli.installing import uninstall  # noqa: PLC0415 - only this command pays for it

    uninstall(host, account=account, dry_run=dry_run, yes=yes)


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
    account: Account = "",
    demo: Annotated[bool, typer.Option("--demo", help="From an embedded sandbox; no account is needed.")] = False,
) -> None:
    """Write entries to a file, as the tool export_entries does, with a progress bar. All it says is on stderr."""
    arguments = {
        "period": period, "format": format, "path": path, "overwrite": overwrite, "excel": excel, "user": user,
        "customer": customer, "project": project, "subproject": subproject, "service": service,
        "lumpsum_service": lumpsum_service, "billable": billable, "text": text, "budget_type": budget_type,
    }  # fmt: skip
    from clockodo_mcp.cli.exporting import export  # noqa: PLC0415 - only this command pays for it

    settings, transport = demo_account() if demo else (settings_from_environment(strict=True, account=account), None)
    log_to_stderr(settings, logging.WARNING)
    said, good = anyio.run(export, settings, transport, arguments)
    if not good:
        fail(said)
    print(said, file=sys.stderr)  # noqa: T201 - the command's own voice


@app.command("week")
def week_command(
    week: Annotated[str, typer.Argument(help="last_week, 2026-W48, or a day of it.")] = "this_week",
    user: Annotated[str, typer.Option(help="me, or a co-worker's name or id.")] = "me",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; by default any free port.")] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Only print the link.")] = False,
    account: Account = "",
    demo: Annotated[bool, typer.Option("--demo", help="Of an embedded sandbox; no account is needed.")] = False,
) -> None:
    """Show a week in a browser, to look at and to edit: for hosts that show no pages."""
    from clockodo_mcp.cli.week import show_in_browser  # noqa: PLC0415 - only this command pays for it

    settings, transport = demo_account() if demo else (settings_from_environment(strict=True, account=account), None)
    log_to_stderr(settings, logging.WARNING)
    with listener_on(port) as listener:
        shown = {"week": week, "user": user}
        anyio.run(partial(show_in_browser, settings, transport, listener, shown, opens=not no_open))


@app.command("doctor")
def doctor_command(
    account: Account = "",
    demo: Annotated[bool, typer.Option("--demo", help="Of an embedded sandbox; no account is needed.")] = False,
) -> None:
    """Look at all that has to be right: settings, network, key, rights, clock, journal. Code 1 where it is not."""
    settings, transport = demo_account() if demo else (None, None)
    logging.disable(logging.WARNING)  # what is wrong is said below, in order
    if not anyio.run(examine, settings, transport, account):
        raise typer.Exit(1)


async def examine(settings: Settings | None, transport: httpx2.AsyncBaseTransport | None, account: str) -> bool:
    """Print a line for each thing that was looked at; whether nothing is wrong."""
    from clockodo_mcp.doctor import examination  # noqa: PLC0415 - only this command pays for it

    good = True
    lines, language = await examination(settings, transport, account=account)
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
