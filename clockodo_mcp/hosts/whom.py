"""For whom an entry starts the server: what the server itself would take, from the entry's variables and arguments."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from clockodo_mcp.cells import cell, quoted
from clockodo_mcp.config import ACCOUNT, MisconfiguredError, Settings, is_set, variable
from clockodo_mcp.environment import settings_from_environment
from clockodo_mcp.hosts.server_entries import (
    DECIDES,
    HIDDEN,
    HOME,
    Entry,
    environment,
    named_account,
    reads_elsewhere,
    shown_text,
    words,
)
from clockodo_mcp.keychain import NO_NAME, NoKeychain
from clockodo_mcp.speech import Said, joined, say

FOLDER = variable("mcp_data_dir")


class From(Enum):
    """Where an account comes from."""

    NOWHERE = auto()
    SAMPLES = auto()
    KEYCHAIN = auto()
    ENTRY = auto()
    ELSEWHERE = auto()


@dataclass(frozen=True)
class Whom:
    """Whom the server would serve: the name of a kept account, and the user, as far as they are said or found.

    From nowhere, `why` says what is missing; from elsewhere, `decided_by` is all of the entry that decides who it is.
    `settings` are those of an account that is found.
    """

    source: From
    account: str = ""
    user: str = ""
    why: str = ""
    decided_by: str = ""
    settings: Settings | None = None

    def may_become(self, other: "Whom") -> bool:
        """Whether an entry for this one may serve the other from now on: an account is not lost, nor another one."""
        if self.source is From.NOWHERE:
            return self.account in ("", other.account) and self.user in ("", other.user)
        if self.source is From.SAMPLES:
            return True
        if self.source is From.ELSEWHERE:
            return self.decided_by == other.decided_by
        addresses = [one.settings.base_url if one.settings else one.source for one in (self, other)]
        return self.user == other.user and addresses[0] == addresses[1]

    @property
    def told(self) -> Said:
        """Who it is, for people; nothing that may be a key."""
        if self.source is From.SAMPLES:
            return say("sample data")
        if self.source is From.ELSEWHERE:
            return say("an account that it does not name")
        account, user = shown_text(variable("account"), self.account), shown_text(variable("api_user"), self.user)
        if self.settings:
            return joined("", (cell(f"{user} ({self.settings.base_url})", 300),))
        said = [cell(one) for one, given in ((account, self.account), (user, self.user)) if given]
        return joined(" ", said) if said else say("nobody yet")


def whom(entry: Entry, environ: Mapping[str, str] | None = None) -> Whom:
    """Whom an entry of ours serves, started in `environ`; by default this one, without a word of accounts."""
    if "--demo" in words(entry):
        return Whom(From.SAMPLES)
    if environ is None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("CLOCKODO_")}
    given = {name: str(value) for name, value in environment(entry).items()}
    account = named_account(entry) or given.get(variable("account"), "").strip()
    user, key = (given.get(variable(field), "").strip() for field in ACCOUNT)
    folder = given.get(FOLDER, "")
    is_relative = is_set(folder) and not (folder.startswith("~") or Path(folder).is_absolute())
    if is_relative or reads_elsewhere(entry) or (key and not (is_set(user) and is_set(key))):
        in_it = {name: value for name, value in sorted(given.items()) if name.upper() in DECIDES and name != FOLDER}
        decides: list[object] = [named_account(entry), in_it, entry.get("envFile"), entry.get("env_vars")]
        if not (key or entry.get("envFile") or entry.get("env_vars")):
            decides += [{name: given[name] for name in sorted(HOME & given.keys())}, folder, entry.get("cwd")]
        return Whom(From.ELSEWHERE, decided_by=json.dumps(decides, default=str))
    try:
        found = settings_from_environment(account=named_account(entry), environ={**environ, **given})
    except (MisconfiguredError, NoKeychain) as error:
        why = error.sentence
        if shown_text(variable("account"), account) == HIDDEN:  # it may be anything, also a key
            why = say(NO_NAME, name=quoted(HIDDEN)) if account else why
        return Whom(From.NOWHERE, account, user.lower(), why)
    source = From.KEYCHAIN if found.account else From.ENTRY
    return Whom(source, found.account, found.api_user.lower(), settings=found)
