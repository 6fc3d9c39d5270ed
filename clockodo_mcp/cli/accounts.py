"""`clockodo-mcp login`, `logout` and `accounts`: accounts whose keys are in the keychain of the system."""

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress

import anyio
import typer

from clockodo_mcp.account.caller import Account
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.failures import Unauthorized
from clockodo_mcp.api.pacing import Retries
from clockodo_mcp.cells import cell
from clockodo_mcp.cli.terminal import at_terminal
from clockodo_mcp.config import MisconfiguredError, Settings
from clockodo_mcp.environment import (
    account_variables,
    data_folder,
    kept_account,
    language_of_machine,
    settings_from_environment,
)
from clockodo_mcp.hosts.configurations import HOSTS, this_machine
from clockodo_mcp.hosts.content import NotEdited
from clockodo_mcp.hosts.edits import entries_in
from clockodo_mcp.hosts.whom import From, whom
from clockodo_mcp.keychain import DEFAULT, Accounts, Kept, NoKeychain, check_name
from clockodo_mcp.speech import Said, in_language, say


def login(name: str = "") -> list[Said]:
    """Ask for an account, check it with Clockodo, and keep it; what became of it, in lines.

    At a terminal the key is not shown while it is typed; else both are lines of stdin.

    Raises:
        MisconfiguredError: what was typed cannot be an account, or the account needs a name of its own.
        ClockodoMcpError: Clockodo does not accept it, or cannot be reached.
        NoKeychain: there is no safe place for the key.
    """
    if name:
        check_name(name)
    user = _asked(say("E-mail address of the Clockodo user"))
    key = _asked(say("API key, from 'My account' in Clockodo (it is not shown)"), hidden=True)
    if "@" not in user or not key:
        raise MisconfiguredError(say("An e-mail address and an API key are needed. Nothing was kept."))
    settings = settings_from_environment(strict=True, api_user=user, api_key=key)
    account = _named(Kept(name, settings.api_user, settings.base_url))
    try:
        who = anyio.run(_who, settings)
    except Unauthorized as error:
        raise MisconfiguredError(
            say(
                "Clockodo does not accept {user} with this key. Nothing was kept. The key stands under 'My account' in "
                "Clockodo; try again.",
                user=cell(user),
            )
        ) from error
    before = _served()
    Accounts(data_folder()).keep(account, settings.api_key.read())
    lines = [
        say("Accepted: {name} ({user}).", name=who, user=account.api_user),
        say("Kept as account {name}; the key is in the keychain of this system.", name=account.name),
    ]
    if set_here := account_variables():
        lines.append(
            say(
                "A server that finds {names} in its environment uses those instead. Take them away there.",
                names=", ".join(set_here),
            )
        )
    return [
        *lines,
        *_changed(before),
        say("Next: `clockodo-mcp install` writes it into the configuration of your host."),
    ]


def logout(name: str = "") -> list[Said]:
    """Take an account out of the keychain again; what became of it, in lines.

    Raises:
        MisconfiguredError: none has this name, or several could be meant.
        NoKeychain: the keychain cannot be used.
    """
    account = kept_account(name)
    if account is None:
        return [say("No account is kept.")]
    before = _served()
    same, user = Accounts(data_folder()).forget(account), cell(account.api_user)
    if same:
        gone = say(
            "Account {name} ({user}) is not kept any more. Its key stays in the keychain, since it is also that of: "
            "{names}.",
            name=account.name,
            user=user,
            names=", ".join(same),
        )
    else:
        gone = say("Account {name} ({user}) is not kept any more, nor is its key.", name=account.name, user=user)
    return [
        gone,
        *_changed(before),
        say("Servers that run already have it until they end. The journal of changes stays."),
    ]


def accounts() -> list[Said]:
    """The accounts that a server could take, in lines.

    Raises:
        NoKeychain: the list cannot be read.
    """
    lines = [
        say("{name}: {user} at {address}; {key}", name=one.name, user=cell(one.api_user), address=cell(one.base_url),
            key=_where(one))
        for one in Accounts(data_folder()).all()
    ]  # fmt: skip
    if account_variables():
        lines.append(say("The environment has one, which counts where none is named."))
    return lines or [say("No account is kept. Keep one with `clockodo-mcp login`.")]


def tell(lines: Iterable[str]) -> None:
    """Print lines in the language of this machine."""
    for one in lines:
        print(in_language(one, language_of_machine()))  # noqa: T201 - the command's own voice


def _where(account: Kept) -> str:
    try:
        account.key().read()
    except NoKeychain as error:
        return error.sentence
    return say("its key is in the keychain.")


def _named(account: Kept) -> Kept:
    """With its name: its own, that which it has already, or the usual one where it is the first."""
    kept = Accounts(data_folder()).all()
    same = [one for one in kept if one.is_of(account.api_user, account.base_url)]
    if not account.name:
        if not same and kept:
            names = ", ".join(one.name for one in kept)
            raise MisconfiguredError(
                say("Other accounts are kept already ({names}). Give this one a name by --account.", names=names)
            )
        return account._replace(name=same[0].name if same else DEFAULT)
    if any(one.name == account.name and one not in same for one in kept):
        raise MisconfiguredError(
            say(
                "Account {name} is another one. Choose another name, or take it away first with "
                "`clockodo-mcp logout --account {name}`.",
                name=account.name,
            )
        )
    return account


def _served() -> dict[str, str]:
    """Whom each entry of ours serves from the keychain, by the host and its name; empty for nobody."""
    served = {}
    for host in HOSTS.values():
        with suppress(NotEdited):
            for name, entry in entries_in(host, host.file(this_machine())).items():
                found = whom(entry)
                served[f"{host.title}, {cell(name)}"] = found.user if found.source is From.KEYCHAIN else ""
    return served


def _changed(before: Mapping[str, str]) -> list[Said]:
    """The entries that serve somebody else than before, or nobody any more."""
    told = []
    for entry, user in _served().items():
        if user and user != before.get(entry):
            told.append(say("{entry}: serves {user} from now on.", entry=entry, user=cell(user)))
        elif before.get(entry) and not user:
            told.append(say("{entry}: serves nobody any more. Install it again.", entry=entry))
    return told


async def _who(settings: Settings) -> str:
    async with Clockodo(settings, retries=Retries(attempts=1)) as clockodo:
        return cell((await Account(clockodo, settings).caller()).user.name)


def _asked(question: Said, *, hidden: bool = False) -> str:
    if not at_terminal():
        return sys.stdin.readline().strip() if sys.stdin else ""
    told = in_language(question, language_of_machine())
    return str(typer.prompt(told, default="", show_default=False, hide_input=hidden, err=True)).strip()
