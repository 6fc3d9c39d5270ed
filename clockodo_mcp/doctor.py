"""`clockodo-mcp doctor`: what has to be right before a host can use the server, looked at in order.

It asks Clockodo one question, the one that every server asks first, and writes nothing but an empty journal.
"""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import httpx2

from clockodo_mcp.account.caller import Caller, UnknownZone
from clockodo_mcp.api.failures import Forbidden, MachineError, Unauthorized, Untrusted
from clockodo_mcp.api.machine import proxy_to
from clockodo_mcp.api.pacing import Pace, Retries
from clockodo_mcp.app import App, utc_now
from clockodo_mcp.cells import cell, readable
from clockodo_mcp.config import PLACEHOLDER, MisconfiguredError, Settings, settings_from_environment, variable
from clockodo_mcp.domain.moments import zone_of
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.tools import TOOLSETS, offered
from clockodo_mcp.writing.journal_file import JournalUnavailable

ABOUT = ("settings", "time zone", "proxy", "certificate", "address", "key", "rights", "clock", "journal", "tools")
"""What is looked at, each needing those before it that lead to Clockodo."""

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
) -> AsyncIterator[Checked]:
    """Everything of `ABOUT`, in order. Without `settings` those of the environment; never a key, nor a password."""
    source = "Samples."
    if settings is None:
        try:
            settings, source = settings_from_environment(), _source()
        except MisconfiguredError as error:
            yield Checked("settings", "wrong", str(error))
            for about in ABOUT[1:]:
                yield Checked(about, "untried", "It needs the settings.")
            return
    yield Checked("settings", "wrong", settings.wrong) if settings.wrong else Checked("settings", "ok", source)
    app = App(settings.forgiven(), transport=transport, now=now, pace=Pace(()), retries=Retries(attempts=1))
    async with app.opened():
        caller, failed = await _caller(app)
        yield _zone(settings, caller, failed)
        for one in _way(settings, caller, failed):
            yield one
        yield _clock(app, now(), reached=caller is not None or _about(failed) in ("key", "time zone"))
        yield await _journal(app)
    tools = offered(settings)
    of = (
        f", of the toolsets {', '.join(one for one in TOOLSETS if one in settings.toolsets)}"
        if settings.toolsets
        else ""
    )
    reads = ", and none that writes" if settings.read_only else ""
    yield Checked("tools", "ok", f"{len(tools)} are offered{of}{reads}.")


def _source() -> str:
    """Which settings the environment has, and which of them count as not set."""
    names = [variable(field) for field in Settings.model_fields]
    there = [name for name in names if os.environ.get(name, "").strip()]
    unfilled = [name for name in there if PLACEHOLDER.fullmatch(os.environ[name])]
    given = ", ".join(name for name in there if name not in unfilled)
    said = f"From the environment: {given}. Everything else has its default."
    if unfilled:
        counts = "which counts" if len(unfilled) == 1 else "which count"
        said += f" The host did not fill in {', '.join(unfilled)}, {counts} as not set."
    return said


async def _caller(app: App) -> tuple[Caller | None, ClockodoMcpError | None]:
    try:
        return await app.account.caller(), None
    except ClockodoMcpError as error:
        return None, error


def _about(failed: ClockodoMcpError | None) -> str:
    """What it is about where the caller could not be asked for."""
    kinds: dict[str, tuple[type[ClockodoMcpError], ...]] = {
        "time zone": (UnknownZone,), "certificate": (Untrusted,), "key": (Unauthorized, Forbidden),
    }  # fmt: skip
    if failed is None:
        return ""
    if isinstance(failed, MachineError):
        return "certificate" if "certificates" in failed.reason else "proxy"
    return next((about for about, types in kinds.items() if isinstance(failed, types)), "address")


def _zone(settings: Settings, caller: Caller | None, failed: ClockodoMcpError | None) -> Checked:
    if _about(failed) == "time zone":
        return Checked("time zone", "wrong", str(failed))
    if settings.timezone and zone_of(settings.timezone) is None:
        return Checked("time zone", "wrong", str(UnknownZone(settings.timezone, "CLOCKODO_TIMEZONE")))
    if settings.timezone:
        return Checked("time zone", "ok", f"{settings.timezone}, as CLOCKODO_TIMEZONE says.")
    if caller is None:
        return Checked("time zone", "untried", f"It needs the {_about(failed)}.")
    return Checked("time zone", "ok", f"{caller.zone.key}, as the account says.")


def _way(settings: Settings, caller: Caller | None, failed: ClockodoMcpError | None) -> list[Checked]:
    """From the proxy to the rights: what lies between here and an account, each needing those before it."""
    proxy = proxy_to(settings.base_url)
    is_safe = settings.base_url.startswith("https:")
    trusted = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), "the system")
    good = {
        "proxy": f"The way is through the proxy of {proxy}." if proxy else "None is in the way.",
        "certificate": f"Trusted, by {trusted}." if is_safe else "None is needed to this machine.",
        "address": f"{settings.base_url} answers.",
        "key": _accepted(settings, caller),
        "rights": _rights(caller),
    }  # fmt: skip
    wrong, found = _about(failed), []
    order = list(good)
    for about, said in good.items():
        if about == "certificate" and is_safe and wrong == "address" and getattr(failed, "status", 0) == 0:
            found.append(Checked(about, "untried", "Nobody answered."))
        elif about == wrong:
            found.append(Checked(about, "wrong", str(failed)))
        elif wrong in order and order.index(about) > order.index(wrong):
            found.append(Checked(about, "untried", f"It needs the {wrong}."))
        else:
            found.append(Checked(about, "ok", said))
    return found


def _accepted(settings: Settings, caller: Caller | None) -> str:
    who = (
        f"{cell(caller.user.name)}, user {caller.id} ({cell(settings.api_user)})" if caller else cell(settings.api_user)
    )
    return f"Accepted: {who}."


def _rights(caller: Caller | None) -> str:
    if caller is None:
        return "Not known."
    role = cell(caller.user.role or "unknown")
    said = f"{role[:1].upper()}{role[1:]}."
    if role == "worker":
        said += " Entries of others, and revenue, may be hidden."
    return said + (f" Nothing up to {caller.edit_lock} can be changed." if caller.edit_lock else "")


def _clock(app: App, now: datetime, *, reached: bool) -> Checked:
    if not reached:
        return Checked("clock", "untried", "It needs the address.")
    apart = now - app.clockodo.server_time()
    if abs(apart) <= LATE:
        return Checked("clock", "ok", f"Within {abs(apart) // timedelta(seconds=1) + 1} s of Clockodo's.")
    minutes = round(abs(apart).total_seconds() / 60)
    side = "ahead of" if apart > timedelta() else "behind"
    return Checked("clock", "wrong", f"This machine is {minutes} minutes {side} Clockodo. Set its clock.")


async def _journal(app: App) -> Checked:
    if not app.settings.journal:
        return Checked("journal", "ok", "Switched off, so nothing can be undone.")
    try:
        count = await app.journal.count(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
        left = len(await app.journal.open())
    except JournalUnavailable as error:
        return Checked("journal", "wrong", str(error))
    where = "memory" if app.demo else readable(app.settings.mcp_data_dir)
    return Checked("journal", "ok", f"{count} changes, {left} open, in {where}.")
