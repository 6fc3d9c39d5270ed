"""`clockodo-mcp doctor`: what has to be right before a host can use the server, looked at in order.

It asks Clockodo one question, the one that every server asks first, and writes nothing but an empty journal.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import httpx2

from clockodo_mcp.account.caller import Caller, UnknownZone
from clockodo_mcp.api.failures import Forbidden, MachineError, Unauthorized, Untrusted
from clockodo_mcp.api.machine import proxy_to
from clockodo_mcp.api.pacing import Pace, Retries
from clockodo_mcp.app import App, utc_now
from clockodo_mcp.cells import cell, readable
from clockodo_mcp.config import PLACEHOLDER, MisconfiguredError, Settings, variable
from clockodo_mcp.domain.moments import zone_of
from clockodo_mcp.environment import language_of_machine, settings_from_environment
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.hosts.configurations import HOSTS, this_machine
from clockodo_mcp.hosts.content import NotEdited
from clockodo_mcp.hosts.edits import entries_in
from clockodo_mcp.hosts.server_entries import Entry, has_odd_words, has_secret
from clockodo_mcp.hosts.whom import From, whom
from clockodo_mcp.keychain import NoKeychain
from clockodo_mcp.speech import Said, joined, say
from clockodo_mcp.tools import TOOLSETS, offered
from clockodo_mcp.writing.journal_file import JournalUnavailable

ABOUT = (
    "settings",
    "time zone",
    "proxy",
    "certificate",
    "address",
    "key",
    "rights",
    "clock",
    "journal",
    "tools",
    "hosts",
)
"""What is looked at, each needing those before it that lead to Clockodo."""

ROLES = {"owner": "Owner.", "manager": "Manager.", "worker": "Worker."}

LATE = timedelta(seconds=60)
"""How far the clocks may be apart."""


@dataclass(frozen=True)
class Checked:
    """What was found about one thing. What is `wrong` says what to do; `untried` is what needs something wrong."""

    about: str
    state: Literal["ok", "wrong", "untried"]
    said: str


async def examination(
    settings: Settings | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    now: Callable[[], datetime] = utc_now,
    account: str = "",
) -> tuple[list[Checked], str]:
    """Everything of `ABOUT`, in order, and the language of the account, or else of this machine.

    Without `settings` those of the environment, with the `account` of this name; never a key, nor a password.
    """
    source = say("Samples.")
    if settings is None:
        try:
            settings = settings_from_environment(account=account)
            source = _source(settings.account)
        except (MisconfiguredError, NoKeychain) as error:
            needed = [Checked(about, "untried", _needs("settings")) for about in ABOUT[1:-1]]
            return [Checked("settings", "wrong", error.sentence), *needed, _hosts()], language_of_machine()
    found = [Checked("settings", "wrong", settings.wrong) if settings.wrong else Checked("settings", "ok", source)]
    app = App(settings.forgiven(), transport=transport, now=now, pace=Pace(()), retries=Retries(attempts=1))
    async with app.opened():
        caller, failed = await _caller(app)
        found += [_zone(settings, caller, failed), *_way(settings, caller, failed)]
        found.append(_clock(app, now(), reached=caller is not None or _was_answered(failed)))
        found.append(await _journal(app))
    found += [_tools(settings), _hosts()]
    return found, caller.user.language if caller else language_of_machine()


def _needs(about: str) -> Said:
    """What is untried for want of something else."""
    return say("First this has to be right: {about}.", about=say(about))


def _tools(settings: Settings) -> Checked:
    parts = [say("{count} are offered", count=len(offered(settings)))]
    if settings.toolsets:
        of = ", ".join(one for one in TOOLSETS if one in settings.toolsets)
        parts.append(say("of the toolsets {names}", names=of))
    if settings.read_only:
        parts.append(say("and none that writes"))
    return Checked("tools", "ok", joined("", (joined(", ", parts), ".")))


def _hosts() -> Checked:
    """The hosts that start this server, and those that could."""
    machine, said, wrong = this_machine(), [], False
    for host in HOSTS.values():
        path = host.file(machine)
        try:
            entries = entries_in(host, path)
        except NotEdited as error:
            said.append(joined(" ", (f"{host.title}:", error.sentence)))
            wrong = True
            continue
        if path.exists() and not entries:
            said.append(say("{host}: `clockodo-mcp install {name}`.", host=host.title, name=host.name))
        for name, entry in entries.items():
            state, fails = _entry(entry)
            said.append(joined(" ", (f"{host.title}, {cell(name)}:", state)))
            wrong = wrong or fails
    none = say("None is found here. `clockodo-mcp install` lists those that it knows.")
    return Checked("hosts", "wrong" if wrong else "ok", joined(" ", said) if said else none)


def _entry(entry: Entry) -> tuple[Said, bool]:
    """What is to be said of an entry, and whether it cannot work."""
    command = str(entry.get("command", ""))
    there, command = shutil.which(command) is not None, cell(readable(Path(command)), 300)
    if not there:
        return say("{command} is not there any more; install it again.", command=command), True
    found = whom(entry, os.environ)
    if found.source is From.NOWHERE:
        return joined("", (found.why,)), True
    if found.settings and found.settings.wrong:
        return joined("", (found.settings.wrong,)), True
    if has_odd_words(entry):
        return say("it has arguments that the server does not take; install it again."), True
    if has_secret(entry):
        return say("the key stands there in plain text; log in, and install it again."), False
    return say("starts {command}.", command=command), False


def _source(account: str) -> Said:
    """Which settings the environment has, and which of them count as not set; where the account is from."""
    names = [variable(field) for field in Settings.model_fields]
    there = [name for name in names if os.environ.get(name, "").strip()]
    unfilled = [name for name in there if PLACEHOLDER.fullmatch(os.environ[name])]
    given = ", ".join(name for name in there if name not in unfilled)
    return joined(
        " ",
        (
            say("Account {name} of the keychain.", name=account) if account else "",
            say("From the environment: {names}.", names=given) if given else "",
            say("Everything else has its default."),
            say("The host did not fill in these, which count as not set: {names}.", names=", ".join(unfilled))
            if unfilled else "",
        ),
    )  # fmt: skip


async def _caller(app: App) -> tuple[Caller | None, ClockodoMcpError | None]:
    try:
        return await app.account.caller(), None
    except ClockodoMcpError as error:
        return None, error


def _was_answered(failed: ClockodoMcpError | None) -> bool:
    return _about(failed) in ("key", "time zone") and not isinstance(failed, NoKeychain)


def _about(failed: ClockodoMcpError | None) -> str:
    """What it is about where the caller could not be asked for."""
    kinds: dict[str, tuple[type[ClockodoMcpError], ...]] = {
        "time zone": (UnknownZone,), "certificate": (Untrusted,), "key": (Unauthorized, Forbidden, NoKeychain),
    }  # fmt: skip
    if failed is None:
        return ""
    if isinstance(failed, MachineError):
        return "certificate" if "certificates" in failed.reason else "proxy"
    return next((about for about, types in kinds.items() if isinstance(failed, types)), "address")


def _zone(settings: Settings, caller: Caller | None, failed: ClockodoMcpError | None) -> Checked:
    if _about(failed) == "time zone":
        return Checked("time zone", "wrong", failed.sentence if failed else "")
    if settings.timezone and zone_of(settings.timezone) is None:
        return Checked("time zone", "wrong", UnknownZone(settings.timezone, "CLOCKODO_TIMEZONE").sentence)
    if settings.timezone:
        return Checked("time zone", "ok", say("{zone}, as CLOCKODO_TIMEZONE says.", zone=settings.timezone))
    if caller is None:
        return Checked("time zone", "untried", _needs(_about(failed)))
    return Checked("time zone", "ok", say("{zone}, as the account says.", zone=caller.zone.key))


def _way(settings: Settings, caller: Caller | None, failed: ClockodoMcpError | None) -> list[Checked]:
    """From the proxy to the rights: what lies between here and an account, each needing those before it."""
    proxy = proxy_to(settings.base_url)
    is_safe = settings.base_url.startswith("https:")
    trusted = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), say("the system"))
    good = {
        "proxy": say("The way is through the proxy of {name}.", name=proxy) if proxy else say("None is in the way."),
        "certificate": say("Trusted, by {whom}.", whom=trusted) if is_safe else say("None is needed to this machine."),
        "address": say("{address} answers.", address=settings.base_url),
        "key": _accepted(settings, caller),
        "rights": _rights(caller),
    }  # fmt: skip
    wrong, found = _about(failed), []
    order = list(good)
    for about, said in good.items():
        if isinstance(failed, NoKeychain) and about in ("certificate", "address"):
            found.append(Checked(about, "untried", _needs("key")))
        elif about == "certificate" and is_safe and wrong == "address" and getattr(failed, "status", 0) == 0:
            found.append(Checked(about, "untried", say("Nobody answered.")))
        elif about == wrong:
            found.append(Checked(about, "wrong", failed.sentence if failed else ""))
        elif wrong in order and order.index(about) > order.index(wrong):
            found.append(Checked(about, "untried", _needs(wrong)))
        else:
            found.append(Checked(about, "ok", said))
    return found


def _accepted(settings: Settings, caller: Caller | None) -> Said:
    user = cell(settings.api_user)
    if caller is None:
        return say("Accepted: {user}.", user=user)
    return say("Accepted: {name}, user {id} ({user}).", name=cell(caller.user.name), id=caller.id, user=user)


def _rights(caller: Caller | None) -> Said:
    if caller is None:
        return say("Not known.")
    role = caller.user.role or ""
    return joined(
        " ",
        (
            say(ROLES[role]) if role in ROLES else f"{cell(role or '?')}.",
            "" if caller.sees_everybody else say("Entries of others, and revenue, may be hidden."),
            say("Nothing up to {day} can be changed.", day=caller.edit_lock) if caller.edit_lock else "",
        ),
    )


def _clock(app: App, now: datetime, *, reached: bool) -> Checked:
    if not reached:
        return Checked("clock", "untried", _needs("address"))
    apart = now - app.clockodo.server_time()
    if abs(apart) <= LATE:
        within = abs(apart) // timedelta(seconds=1) + 1
        return Checked("clock", "ok", say("Within {seconds} s of Clockodo's.", seconds=within))
    ahead = "This machine is {minutes} minutes ahead of Clockodo. Set its clock."
    behind = "This machine is {minutes} minutes behind Clockodo. Set its clock."
    minutes = round(abs(apart).total_seconds() / 60)
    return Checked("clock", "wrong", say(ahead if apart > timedelta() else behind, minutes=minutes))


async def _journal(app: App) -> Checked:
    if not app.settings.journal:
        return Checked("journal", "ok", say("Switched off, so nothing can be undone."))
    try:
        count = await app.journal.count(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
        left = len(await app.journal.open())
    except JournalUnavailable as error:
        return Checked("journal", "wrong", error.sentence)
    where = say("memory") if app.demo else readable(app.settings.mcp_data_dir)
    held = say("{count} changes, {left} open, in {folder}.", count=count, left=left, folder=where)
    return Checked("journal", "ok", held)
