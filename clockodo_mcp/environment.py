"""The one reader of the environment, with the account that it names or that the keychain has."""

import locale
import os
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from clockodo_mcp.config import (
    ACCOUNT,
    FILLED_IN,
    MisconfiguredError,
    Settings,
    Toolset,
    is_set,
    own_folder,
    variable,
    without_version,
)
from clockodo_mcp.keychain import Accounts, Kept, check_name
from clockodo_mcp.speech import Said, joined, say

TYPED = {"api_user": "What was typed as the e-mail address", "api_key": "What was typed as the key"}
"""What `login` asks for."""

REASONS = {
    "bool_parsing": "must be true or false",
    "float_parsing": "must be a number of seconds, from 0.1 to 300",
    "greater_than_equal": "must be a number of seconds, from 0.1 to 300",
    "less_than_equal": "must be a number of seconds, from 0.1 to 300",
    "finite_number": "must be a number of seconds, from 0.1 to 300",
}
"""What is wrong by pydantic's types of errors, where its own words are for programmers."""

CHOICES = {
    "confirm": "auto, always, never",
    "journal": "on, off",
    "toolsets": ", ".join(get_args(Toolset)),
}
"""What a setting may be, where it is one of few."""


def settings_from_environment(
    *, strict: bool = False, account: str = "", environ: Mapping[str, str] = os.environ, **fields: str
) -> Settings:
    """Read the environment. What is wrong besides the account has its default, and is said by `Settings.wrong`.

    `account` is the name of one that is kept, as `CLOCKODO_ACCOUNT` is; `fields` count whatever the environment says;
    `environ` is another one than that of this process.

    Raises:
        MisconfiguredError: which account is meant cannot be told, or what of it is missing or wrong, never with a
            value; `strict`, anything wrong.
        NoKeychain: the list of kept accounts cannot be read.
    """
    given: dict[str, object] = {
        field: environ[name]
        for field in Settings.model_fields
        if (name := variable(field)) in environ and is_set(environ[name])
    }
    given.pop("account", None)
    kept = None if fields else _kept(account or asked_account(environ), environ)
    if kept is not None:
        given = {"base_url": kept.base_url} | given
        given |= {"account": kept.name, "api_user": kept.api_user, "api_key": kept.key()}
    settings = _validated(given | fields, environ, strict=strict, typed=frozenset(fields))
    if kept is not None and settings.base_url != without_version(kept.base_url):
        raise MisconfiguredError(
            say(
                "The key of the account {name} is for {address}, and CLOCKODO_BASE_URL says another address. Take it "
                "away, or log in there with `clockodo-mcp login`.",
                name=kept.name,
                address=kept.base_url,
            )
        )
    return settings


def settings_of_nobody(why: str) -> Settings:
    """What the environment says without an account, of which `why` says what is missing: each call says it."""
    nobody = settings_from_environment(api_user="nobody", api_key="none")
    nobody.is_wrong(why)
    return nobody


def _validated(
    given: dict[str, object], environ: Mapping[str, str], *, strict: bool, typed: frozenset[str]
) -> Settings:
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        wrong = _in_words(error, environ, typed)
    said = joined("; ", wrong.values())
    if typed & wrong.keys():
        raise MisconfiguredError(say("{wrong}. Nothing was kept. Try again.", wrong=said))
    if strict or any(field in wrong for field in ACCOUNT):
        raise MisconfiguredError(
            say(
                "{wrong}. Set the variables and start again, or keep an account with `clockodo-mcp login`, or try "
                "`clockodo-mcp --demo` without an account.",
                wrong=said,
            )
        )
    settings = Settings.model_validate({field: value for field, value in given.items() if field not in wrong})
    settings.is_wrong(say("{wrong}. Set the variables and start again.", wrong=said))
    return settings


def asked_account(environ: Mapping[str, str] = os.environ) -> str:
    """The name of the account that the environment asks for; empty where it asks for none."""
    name = environ.get("CLOCKODO_ACCOUNT", "")
    return name.strip() if is_set(name) else ""


def account_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The variables by which the environment says an account itself."""
    return [name for name in map(variable, ACCOUNT) if is_set(environ.get(name, ""))]


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this machine keeps what the server keeps, as far as the environment says it rightly."""
    value = environ.get(variable("mcp_data_dir"), "")
    try:
        return Path(value).expanduser().absolute() if is_set(value) else own_folder()
    except RuntimeError:
        return own_folder()


def kept_account(name: str = "", environ: Mapping[str, str] = os.environ) -> Kept | None:
    """The account of the keychain that is meant by its name, or by none: the only one.

    Raises:
        MisconfiguredError: none has this name, or several could be meant.
        NoKeychain: the list of accounts cannot be read.
    """
    accounts, name = Accounts(data_folder(environ)).all(), name or asked_account(environ)
    names = ", ".join(one.name for one in accounts)
    if name:
        check_name(name)
        found = [one for one in accounts if one.name == name]
        if not found:
            none = say("There is no account {name}. Kept are: {names}.", name=name, names=names or say("none"))
            add = say("Keep it with `clockodo-mcp login --account {name}`.", name=name)
            raise MisconfiguredError(joined(" ", (none, add)))
        return found[0]
    if len(accounts) > 1:
        raise MisconfiguredError(
            say("Several accounts are kept: {names}. Name one by CLOCKODO_ACCOUNT or --account.", names=names)
        )
    return accounts[0] if accounts else None


def _kept(name: str, environ: Mapping[str, str]) -> Kept | None:
    """The account that the keychain has, unless the environment has one itself."""
    in_environment = account_variables(environ)
    if in_environment and name:
        raise MisconfiguredError(
            say(
                "The account {name} is asked for, and the environment has another one ({variables}). Take one of them "
                "away.",
                name=name,
                variables=", ".join(in_environment),
            )
        )
    return None if in_environment else kept_account(name, environ)


def _in_words(error: ValidationError, environ: Mapping[str, str], typed: frozenset[str]) -> dict[str, Said]:
    """What is wrong with each field: a variable, but for what somebody has `typed`."""
    said: dict[str, Said] = {}
    for problem in error.errors(include_url=False, include_input=False):
        field = str(problem["loc"][0]) if problem["loc"] else "external_application"
        name = say(TYPED[field]) if field in typed & TYPED.keys() else variable(field)
        said[field] = joined(" ", (name, _reason(field, environ, problem["type"], problem["msg"])))
    return said


def _reason(field: str, environ: Mapping[str, str], type: str, message: str) -> str:
    if type == "missing":
        unfilled = environ.get(variable(field), "").strip()
        if not unfilled:
            return say("is not set")
        return say(
            "still is a placeholder, {name}, that the host did not fill in",
            name=unfilled if FILLED_IN.fullmatch(unfilled) else "${…}",
        )
    if field in CHOICES:
        return say("must be one of: {choices}", choices=CHOICES[field])
    if type in REASONS:
        return say(REASONS[type])
    if type == "value_error":
        return say(message.removeprefix("Value error, "))
    return message


def language_of_machine() -> str:
    """The language that a person at this machine reads, for where no account tells it: `de`, or `en` for any other."""
    said = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    name = said or locale.getlocale()[0] or ""
    return "de" if name.lower().startswith(("de", "german")) else "en"
