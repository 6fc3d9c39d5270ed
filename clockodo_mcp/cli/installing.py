"""`clockodo-mcp install` and `uninstall`: the server in the configuration of a host."""

import os
from collections.abc import Mapping
from contextlib import suppress

import typer

from clockodo_mcp.cells import cell
from clockodo_mcp.cli.accounts import login, tell
from clockodo_mcp.cli.terminal import at_terminal
from clockodo_mcp.config import ACCOUNT, MisconfiguredError, own_folder, variable
from clockodo_mcp.environment import account_variables, asked_account, data_folder, kept_account, language_of_machine
from clockodo_mcp.hosts.configurations import HOSTS, Host, this_machine
from clockodo_mcp.hosts.content import NotEdited, unsafe
from clockodo_mcp.hosts.edits import BACKUP, FileEdit, Made, entries_in, with_entry, without_entry
from clockodo_mcp.hosts.own_command import own_command, own_environment
from clockodo_mcp.hosts.server_entries import (
    Entry,
    environment,
    named_account,
    shown,
    shown_text,
    without_secrets,
    words,
)
from clockodo_mcp.hosts.whom import From, Whom, whom
from clockodo_mcp.keychain import NAME, WAITING, Accounts, NoKeychain, check_name
from clockodo_mcp.speech import Said, in_language, joined, say


def install(host: str, *, account: str = "", demo: bool = False, dry_run: bool = False, yes: bool = False) -> None:
    """Write the server into the configuration of a host, after its difference was shown.

    At a terminal the account is asked for where there is none, and whether to go on; without one nothing is asked.

    Raises:
        MisconfiguredError: there is no such host, or no such account.
        NotEdited: its configuration cannot be changed, or its entry is for somebody else; then ours was shown.
        ClockodoMcpError: what `login` raises.
    """
    known, account = _host(host), _checked(account, demo=demo)
    path, name = known.file(this_machine()), _name(account)
    may_ask = at_terminal() and not dry_run
    new = {**known.more, **own_command(account, demo=demo), **own_environment()}
    try:
        old = entries_in(known, path).get(name)
        if old and not (demo or account):  # it is renewed for whom it names
            found = named_account(old)
            account = found if shown_text(variable("account"), found) == found else ""
            new |= own_command(account, demo=False)
        if old and not (isinstance(old.get("env", {}), dict) and isinstance(old.get("args", []), list)):
            raise unsafe(path)
        entry, after, key = _renewed(old, new)
        if after.source is From.NOWHERE and not (demo or account or account_variables()):
            kept_account()  # of several one has to be named
        if may_ask and after.source is From.NOWHERE and not account_variables():
            _log_in(account)
            entry, after, key = _renewed(old, new)
        if old:
            _check_same(known, account, whom(old), after)
        keys = _keys(key)
        edit = with_entry(known, path, name, entry, keys)
    except NotEdited:
        tell([say("The entry would be:"), f"{known.key} › {name}: {shown(new)}", ""])
        raise
    if edit.changes:
        if not _agreed(edit, ask=may_ask and not yes) or dry_run:
            tell([say("Nothing was written.")])
            return
        _carry_out(edit)
        tell([joined(" ", (say("Written: {file}.", file=edit.path), _beside(edit)))])
        tell([joined(" ", (f"{known.title}:", say(known.then)))])
    else:
        if not dry_run:
            _carry_out(edit)  # a copy may have to go
        tell([say("{file} needs no change.", file=edit.path)])
    tell([_left_to_do(account, after, key)])
    if any(one.encode() in (edit.after or b"") for one in keys):
        tell([say("The key still stands in {file}, in a comment or elsewhere. Take it out there.", file=edit.path)])


def uninstall(host: str, *, account: str = "", dry_run: bool = False, yes: bool = False) -> None:
    """Take the server out of the configuration of a host again. Raises as `install`."""
    known, account = _host(host), _checked(account)
    path = known.file(this_machine())
    edit = without_entry(known, path, _name(account))
    if edit.changes and (not _agreed(edit, ask=at_terminal() and not dry_run and not yes) or dry_run):
        tell([say("Nothing was written.")])
        return
    if not dry_run:
        _carry_out(edit)  # also where only a copy is left to take away
    done = "Written: {file}." if edit.after is not None else "Gone: {file}."
    tell(
        [
            say(done if edit.changes else "{file} needs no change.", file=edit.path),
            *_others(known, entries_in(known, path)),
        ]
    )
    with suppress(NoKeychain):
        kept = Accounts(data_folder()).all() if edit.changes else []
        if len(kept) == 1:
            tell([say("The account stays in the keychain until `clockodo-mcp logout`.")])
        elif kept:
            tell([say("The accounts stay in the keychain until `clockodo-mcp logout --account NAME`.")])


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


def _log_in(account: str) -> None:
    try:
        tell([*login(account), ""])
    except NoKeychain as error:
        tell([error.sentence, ""])


def _renewed(old: Entry | None, new: Entry) -> tuple[Entry, Whom, str]:
    """An entry with what people have added to it, but for an account that the keychain has.

    Whom it serves is the second, and the key of the keychain, empty where it cannot be read, the third.
    """
    added = environment(old or {})
    bare = {one: value for one, value in added.items() if one not in map(variable, ACCOUNT)}
    for kept in (bare, added):
        entry = {**(old or {}), **new}
        entry.pop("env", None)
        if env := {**kept, **environment(new)}:
            entry["env"] = env
        after = whom(entry)
        if after.source is From.KEYCHAIN and after.settings:
            key = ""
            with suppress(NoKeychain):
                key = after.settings.api_key.read()
            if not named_account(entry):  # or it would be somebody else's as soon as another one is kept
                entry["args"] = [*words(entry), "--account", after.account]
            return without_secrets(entry, key), after, key
    if after.source is From.ENTRY and after.settings:
        folder = data_folder({name: str(value) for name, value in environment(entry).items()})
        for one in Accounts(folder).all():  # under whatever name it is kept
            if one.is_of(after.settings.api_user, after.settings.base_url):
                return _renewed({**(old or {}), "env": bare}, {**new, "args": [*words(new), "--account", one.name]})
    return entry, after, ""


def _keys(known: str) -> set[str]:
    """The keys that are known here, of which none is to be copied."""
    keys = {known, os.environ.get(variable("api_key"), "").strip()}
    with suppress(NoKeychain):
        for one in Accounts(data_folder()).all():
            with suppress(NoKeychain):
                keys.add(one.key().read())
    return keys - {""}


def _check_same(host: Host, account: str, before: Whom, after: Whom) -> None:
    """Raise NotEdited where the entry that is there serves another account than ours would, or may do."""
    if before.may_become(after):
        return
    option = f" --account {account}" if account else ""
    raise NotEdited(
        say(
            "The entry that is there serves {before}, this one would serve {after}. Nothing was changed. Keep both: "
            "`clockodo-mcp login --account NAME` for a name of its own, then `clockodo-mcp install {host} --account "
            "NAME`. Or take that entry out first: `clockodo-mcp uninstall {host}{option}`.",
            before=before.told,
            after=say("another one") if before.source is after.source is From.ELSEWHERE else after.told,
            host=host.name,
            option=option,
        )
    )


def _beside(edit: FileEdit) -> str:
    """What is kept of the file as it was before, in a sentence."""
    if edit.kept.copy is not None:
        return say("What was there before: {file}.", file=f"{edit.path.name}{BACKUP}")
    if edit.before is not None and edit.kept.note != Made.FILE:
        return say("No copy is kept of what was there before, since a key of Clockodo may stand in it.")
    return ""


def _others(host: Host, there: Mapping[str, Entry]) -> list[Said]:
    """What else of ours is there, and how it is taken out."""
    told = []
    for name in there:
        account = name.removeprefix("clockodo-")
        is_named = name == _name(account) and NAME.fullmatch(account)
        option = f" --account {account}" if is_named else ""
        by = f" (`clockodo-mcp uninstall {host.name}{option}`)" if is_named or name == _name("") else ""
        told.append(f"{cell(name)}{by}")
    return [say("Still there: {names}.", names=", ".join(told))] if told else []


def _carry_out(edit: FileEdit) -> None:
    """One at a time: another one of these would see a file without its copy, or a copy without its file."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - as in `keychain`

    try:
        own_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(own_folder() / "hosts.lock", timeout=WAITING):
            edit.carry_out()
    except Timeout as error:
        raise NotEdited(say("Another one of these is at work. Nothing was changed. Try again.")) from error
    except OSError as error:
        raise NotEdited(
            say(
                "{file} cannot be written ({why}). Nothing was changed.",
                file=own_folder() / "hosts.lock",
                why=error.strerror or type(error).__name__,
            )
        ) from error


def _agreed(edit: FileEdit, *, ask: bool) -> bool:
    """Show what would change; whether to go on."""
    tell([f"{edit.path}:", edit.difference(), ""])
    if not ask:
        return True
    answer = typer.prompt(
        in_language(say("Write this? [Y/n]"), language_of_machine()), "", show_default=False, err=True
    )
    return str(answer).strip().lower() in ("", "y", "yes", "j", "ja")


def _left_to_do(account: str, after: Whom, key: str) -> Said:
    """Whom it serves, and what is missing."""
    command = f"clockodo-mcp login --account {account}" if account else "clockodo-mcp login"
    if after.source is From.SAMPLES:
        return say("It serves sample data. Install it again without --demo for your own.")
    if after.source is From.ELSEWHERE:
        return say("Its account stands elsewhere: in a file, or in the environment of the host.")
    if after.source is From.ENTRY:
        return say(
            "Left to do: the key stands there in plain text. Keep it with `{command}`, and install it again.",
            command=command,
        )
    if after.source is From.KEYCHAIN and after.settings:
        who = say("It serves {user}, account {name} of the keychain.", user=after.told, name=after.settings.account)
        gone = say("Left to do: the keychain does not give its key; `{command}` keeps it anew.", command=command)
        over = "A server that finds {names} in its environment as well does not start. Take them away there."
        names = ", ".join(account_variables())
        return joined(" ", (who, "" if key else gone, say(over, names=names) if names else ""))
    if account_variables():
        return say(
            "Left to do: the account stands in this environment only. Keep it with `clockodo-mcp login`, or see that "
            "the host has CLOCKODO_API_USER and CLOCKODO_API_KEY in its own."
        )
    if after.why and (after.user or (after.account and after.account != account)):
        return joined("", (after.why,))
    return say("Left to do: `{command}` asks for your account, and keeps it in the keychain.", command=command)
