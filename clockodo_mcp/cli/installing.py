"""`clockodo-mcp install` and `uninstall`: the server in the configuration of a host."""

import json
import os
import shutil
import sys
from importlib.metadata import distribution
from pathlib import Path

import typer

from clockodo_mcp.cells import cell, readable
from clockodo_mcp.cli.accounts import at_terminal, login, tell
from clockodo_mcp.config import ACCOUNT, MisconfiguredError, variable
from clockodo_mcp.environment import account_variables, asked_account, data_folder, kept_account, language_of_machine
from clockodo_mcp.hosts.configurations import HOSTS, Host, this_machine
from clockodo_mcp.hosts.content import NotEdited
from clockodo_mcp.hosts.edits import BACKUP, Beside, Edit, entries_in, with_entry, without_entry
from clockodo_mcp.hosts.server_entries import Entry, has_key, served_by, shown, without_keys
from clockodo_mcp.keychain import WAITING, Accounts, Kept, NoKeychain, check_name
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
    if may_ask and of_keychain and not _kept(account):
        try:
            tell([*login(account), ""])
        except NoKeychain as error:
            tell([error.sentence, ""])
    kept = _kept(account) if of_keychain else None
    entry = {**known.more, **_command(account, demo=demo), **_environment()}
    try:
        if old := entries_in(known, path).get(name):
            if kept:
                _check_same(known, old, kept)
            entry = _renewed(old, entry, is_kept=kept is not None)
        edit = with_entry(known, path, name, entry)
    except NotEdited:
        tell([say("The entry would be:"), f"{known.key} › {name}: {shown(entry)}", ""])
        raise
    if _agreed(edit, ask=may_ask and not yes) and not dry_run:
        _carry_out(edit)
        tell([joined(" ", (say("Written: {file}.", file=edit.path), _beside(edit)))])
        tell([joined(" ", (f"{known.title}:", say(known.then)))])
    elif edit.changes and not dry_run:
        return
    tell([_left_to_do(account, entry, kept, demo=demo)])


def uninstall(host: str, *, account: str = "", dry_run: bool = False, yes: bool = False) -> None:
    """Take the server out of the configuration of a host again. Raises as `install`."""
    known, account = _host(host), _checked(account)
    edit = without_entry(known, known.file(this_machine()), _name(account))
    agreed = _agreed(edit, ask=at_terminal() and not dry_run and not yes)
    if dry_run or (edit.changes and not agreed):
        return
    _carry_out(edit)  # also where only a copy is left to take away
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
        return {"command": _writable(Path(shutil.which("uvx") or "uvx")), "args": [*source, "clockodo-mcp", *more]}
    script = Path(sys.executable).with_name("clockodo-mcp.exe" if sys.platform == "win32" else "clockodo-mcp")
    if script.exists():
        return {"command": _writable(script), "args": more}
    return {"command": _writable(Path(sys.executable)), "args": ["-m", "clockodo_mcp", *more]}


def _environment() -> Entry:
    """Where the accounts and the journal are, if this environment says it: a host may hand on another one."""
    elsewhere = os.environ.get(variable("mcp_data_dir")) or os.environ.get("XDG_DATA_HOME")
    return {"env": {variable("mcp_data_dir"): _writable(data_folder())}} if elsewhere else {}


def _writable(path: Path) -> str:
    """A path as a configuration can have it."""
    if readable(path) != str(path):
        raise MisconfiguredError(
            say("{path} has a name that cannot be written into a configuration. Take another.", path=readable(path))
        )
    return str(path)


def _check_same(host: Host, old: Entry, kept: Kept) -> None:
    """Raise NotEdited where the entry that is there serves another account than the one that is kept, or may do."""
    account, user, address, elsewhere = served_by(old)
    others = (account not in ("", kept.name), user.lower() not in ("", kept.api_user.lower()))
    if not (any(others) or address not in ("", kept.base_url) or elsewhere):
        return
    other = cell(" ".join(filter(None, (account, user, address))), 300)
    raise NotEdited(
        say(
            "The entry that is there serves {other}, and the keychain has {user} at {address} as account {name}. "
            "Nothing was changed. Keep both: `clockodo-mcp login --account NAME` for a name of its own, then "
            "`clockodo-mcp install {host} --account NAME`. Or take that entry out first: `clockodo-mcp uninstall "
            "{host}`.",
            other=other or say("an account that it does not name"),
            user=cell(kept.api_user),
            address=cell(kept.base_url),
            name=kept.name,
            host=host.name,
        )
    )


def _renewed(old: Entry, new: Entry, *, is_kept: bool) -> Entry:
    """An entry with what people have added to it, but for an account that the keychain has."""
    environment = {**_environment_of(old), **_environment_of(new)}
    if is_kept:
        environment = {key: value for key, value in environment.items() if key not in map(variable, ACCOUNT)}
    renewed = {key: value for key, value in (old | new).items() if key != "env"}
    renewed |= {"env": environment} if environment else {}
    return without_keys(renewed) if is_kept else renewed


def _environment_of(entry: Entry) -> Entry:
    environment = entry.get("env")
    return environment if isinstance(environment, dict) else {}


def _beside(edit: Edit) -> str:
    """What is kept of the file as it was before, in a sentence."""
    if edit.kept.copy is not None:
        return say("What was there before: {file}.", file=f"{edit.path.name}{BACKUP}")
    if edit.kept == Beside():
        return say("What was there before is not kept: a key of Clockodo stands in it.")
    return ""


def _carry_out(edit: Edit) -> None:
    """One at a time: another one of these would see a file without its copy, or a copy without its file."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - as in `keychain`

    try:
        data_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(data_folder() / "hosts.lock", timeout=WAITING):
            edit.carry_out()
    except (OSError, Timeout) as error:
        raise NotEdited(
            say(
                "{file} cannot be written ({why}). Nothing was changed.",
                file=data_folder() / "hosts.lock",
                why=getattr(error, "strerror", None) or type(error).__name__,
            )
        ) from error


def _agreed(edit: Edit, *, ask: bool) -> bool:
    """Show what would change; whether to go on."""
    if not edit.changes:
        tell([say("{file} needs no change.", file=edit.path)])
        return False
    tell([f"{edit.path}:", edit.difference(), ""])
    return not ask or typer.confirm(in_language(say("Write this?"), language_of_machine()), default=True, err=True)


def _kept(account: str) -> Kept | None:
    """The account of this name in the keychain, or the one that no name means; None where it has none."""
    if account:
        return next((one for one in Accounts(data_folder()).all() if one.name == account), None)
    return kept_account()


def _left_to_do(account: str, entry: Entry, kept: Kept | None, *, demo: bool) -> Said:
    if demo:
        return say("It serves sample data. Install it again without --demo for your own.")
    if kept:
        return say("It serves {user}, account {name} of the keychain.", user=cell(kept.api_user), name=kept.name)
    command = f"clockodo-mcp login --account {account}" if account else "clockodo-mcp login"
    if has_key(entry):
        return say(
            "Left to do: the key stands there in plain text. Keep it with `{command}`, and install it again.",
            command=command,
        )
    if account_variables():
        return say(
            "Left to do: the account stands in this environment only. Keep it with `clockodo-mcp login`, or see that "
            "the host has CLOCKODO_API_USER and CLOCKODO_API_KEY in its own."
        )
    return say("Left to do: `{command}` asks for your account, and keeps it in the keychain.", command=command)
