"""`clockodo-mcp install` and `uninstall`: the server in the configuration of a host."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

import typer

from clockodo_mcp.cli.accounts import at_terminal, login, tell
from clockodo_mcp.config import ACCOUNT, MisconfiguredError, variable
from clockodo_mcp.environment import account_variables, asked_account, data_folder, kept_account, language_of_machine
from clockodo_mcp.hosts.configurations import HOSTS, Host, this_machine
from clockodo_mcp.hosts.edits import BACKUP, Edit, Entry, NotEdited, entries_in, shown, with_entry, without_entry
from clockodo_mcp.keychain import Accounts, NoKeychain, check_name
from clockodo_mcp.speech import Said, in_language, joined, say


def install(host: str, *, account: str = "", demo: bool = False, dry_run: bool = False, yes: bool = False) -> None:
    """Write the server into the configuration of a host, after its difference was shown.

    At a terminal the account is asked for where there is none, and whether to go on; without one nothing is asked.

    Raises:
        MisconfiguredError: there is no such host, or no such account.
        NotEdited: its configuration cannot be changed; then the entry was shown.
        ClockodoMcpError: what `login` raises.
    """
    known, account = _host(host), _checked(account, demo=demo)
    path, name = known.file(this_machine()), _name(account)
    may_ask = at_terminal() and not dry_run
    of_keychain = not demo and not account_variables()
    if may_ask and of_keychain and not _is_kept(account):
        try:
            tell([*login(account), ""])
        except NoKeychain as error:
            tell([error.sentence, ""])
    is_kept = of_keychain and _is_kept(account)
    entry = {**known.more, **_command(account, demo=demo), **_environment()}
    try:
        if old := entries_in(known, path).get(name):
            entry = _renewed(old, entry, is_kept=is_kept)
        edit = with_entry(known, path, name, entry)
    except NotEdited:
        tell([say("The entry would be:"), f"{known.key} › {name}: {shown(entry)}", ""])
        raise
    if _agreed(edit, ask=may_ask and not yes) and not dry_run:
        edit.carry_out()
        copy = say("What was there before: {file}.", file=f"{edit.path.name}{BACKUP}")
        written = joined(" ", (say("Written: {file}.", file=edit.path), copy if edit.original.content else ""))
        tell([written, joined(" ", (f"{known.title}:", say(known.then)))])
    elif edit.changes and not dry_run:
        return
    tell([_left_to_do(account, is_kept=is_kept, demo=demo)])


def uninstall(host: str, *, account: str = "", dry_run: bool = False, yes: bool = False) -> None:
    """Take the server out of the configuration of a host again. Raises as `install`."""
    known, account = _host(host), _checked(account)
    edit = without_entry(known, known.file(this_machine()), _name(account))
    agreed = _agreed(edit, ask=at_terminal() and not dry_run and not yes)
    if dry_run or (edit.changes and not agreed):
        return
    edit.carry_out()  # also where only a copy is left to take away
    if not edit.changes:
        return
    tell([say("Written: {file}.", file=edit.path) if edit.after is not None else say("Gone: {file}.", file=edit.path)])
    if Accounts(data_folder()).all():
        tell([say("The account stays in the keychain until `clockodo-mcp logout`.")])


def hosts() -> list[Said]:
    """What `install` knows, in lines."""
    machine = this_machine()
    return [
        say("{name}: {title}, {file}", name=one.name, title=one.title, file=one.file(machine)) for one in HOSTS.values()
    ]


def _host(name: str) -> Host:
    if name not in HOSTS:
        raise MisconfiguredError(
            say("There is no host {name} here. Known are: {names}.", name=name, names=", ".join(HOSTS))
        )
    return HOSTS[name]


def _checked(account: str, *, demo: bool = False) -> str:
    """The account that is meant, also by the environment."""
    if demo and account:
        raise MisconfiguredError(say("Sample data have no account: give --demo or --account."))
    account = "" if demo else account or asked_account()
    if account:
        check_name(account)
    return account


def _name(account: str) -> str:
    """Of the entry: each account has its own."""
    return f"clockodo-{account}" if account else "clockodo"


def _command(account: str, *, demo: bool) -> Entry:
    """How a host starts what runs here."""
    more = ["--demo"] if demo else ["--account", account] if account else []
    own = distribution("clockodo-mcp")
    if "archive-v0" in Path(sys.prefix).parts:  # uvx made this environment, and clears it away some day
        url = json.loads(own.read_text("direct_url.json") or "{}").get("url", "")
        source = ["--from", url.removeprefix("file://")] if url else []
        return {"command": shutil.which("uvx") or "uvx", "args": [*source, "clockodo-mcp", *more]}
    script = Path(sys.executable).with_name("clockodo-mcp.exe" if sys.platform == "win32" else "clockodo-mcp")
    if script.exists():
        return {"command": str(script), "args": more}
    return {"command": sys.executable, "args": ["-m", "clockodo_mcp", *more]}


def _environment() -> Entry:
    """Where the accounts and the journal are, if this environment says it: a host may hand on another one."""
    elsewhere = os.environ.get(variable("mcp_data_dir")) or os.environ.get("XDG_DATA_HOME")
    return {"env": {variable("mcp_data_dir"): str(data_folder())}} if elsewhere else {}


def _renewed(old: Entry, new: Entry, *, is_kept: bool) -> Entry:
    """An entry with what people have added to it, but for a key that the keychain has."""
    environment = {**_mapping(old.get("env")), **_mapping(new.get("env"))}
    if is_kept:
        environment = {key: value for key, value in environment.items() if key not in map(variable, ACCOUNT)}
    kept = {key: value for key, value in (old | new).items() if key != "env"}
    return {**kept, **({"env": environment} if environment else {})}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _agreed(edit: Edit, *, ask: bool) -> bool:
    """Show what would change; whether to go on."""
    if not edit.changes:
        tell([say("{file} needs no change.", file=edit.path)])
        return False
    tell([f"{edit.path}:", edit.difference(), ""])
    return not ask or typer.confirm(in_language(say("Write this?"), language_of_machine()), default=True, err=True)


def _is_kept(account: str) -> bool:
    """Whether the keychain has the account of this name, or the one that no name means."""
    if account:
        return any(one.name == account for one in Accounts(data_folder()).all())
    return kept_account() is not None


def _left_to_do(account: str, *, is_kept: bool, demo: bool) -> Said:
    if demo:
        return say("It serves sample data. Install it again without --demo for your own.")
    if is_kept:
        return say("The account comes from the keychain.")
    if account_variables():
        return say(
            "Left to do: the account stands in this environment only. Keep it with `clockodo-mcp login`, or see that "
            "the host has CLOCKODO_API_USER and CLOCKODO_API_KEY in its own."
        )
    command = f"clockodo-mcp login --account {account}" if account else "clockodo-mcp login"
    return say("Left to do: `{command}` asks for your account, and keeps it in the keychain.", command=command)
