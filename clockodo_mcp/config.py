"""The one reader of the environment.

Apart from everything else, so that no other module asks the environment and a test can build any `Settings`.
"""

import locale
import os
import re
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path, user_downloads_path
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from clockodo_mcp.errors import ClockodoMcpError

EXTERNAL_APPLICATION_LENGTH = 50
"""Most characters in `X-Clockodo-External-Application`. Source: OpenAPI, security section."""

DEFAULT_BASE_URL = "https://my.clockodo.com/api"

PLACEHOLDER = re.compile(r"\s*\$\{[^{}]*\}\s*")
"""A setting that the host did not fill in: `${user_config.timezone}`."""

VERSION = re.compile(r"/v\d+$")
"""What people copy along with the address from an endpoint's page."""


def _on_or_off(value: object) -> object:
    return {"on": True, "off": False}.get(value.strip().lower(), value) if isinstance(value, str) else value


def _words(value: object) -> object:
    return [word.strip() for word in value.lower().split(",") if word.strip()] if isinstance(value, str) else value


Toolset = Literal["catalog", "entries", "clock", "reports", "bulk", "changes"]


class MisconfiguredError(ClockodoMcpError):
    """The environment lacks something, or says something that cannot be."""


class Settings(BaseModel):
    """What the environment says, read once at start by `settings_from_environment`. What is empty, or a placeholder,
    is not set.

    `timeout` is in seconds: how long Clockodo may take for an answer. `wrong` says which other variables are wrong:
    then the first call says so, since a host shows nothing of a server that ends.

    Raises:
        pydantic.ValidationError: a variable is missing or wrong; `settings_from_environment` puts it in words.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    api_user: str
    api_key: SecretStr
    external_application: str = ""
    base_url: str = DEFAULT_BASE_URL
    read_only: bool = False
    timezone: str = ""
    structured: bool = False
    confirm: Literal["auto", "always", "never"] = "auto"
    journal: Annotated[bool, BeforeValidator(_on_or_off)] = True
    toolsets: Annotated[tuple[Toolset, ...], BeforeValidator(_words)] = ()
    timeout: float = Field(default=30.0, ge=0.1, le=300)
    export_dir: Path = Field(default_factory=user_downloads_path)
    mcp_data_dir: Path = Field(default_factory=lambda: user_data_path("clockodo-mcp", appauthor=False))

    _wrong: str = PrivateAttr("")

    @property
    def wrong(self) -> str:
        """The sentence about what else is wrong; empty where nothing is."""
        return self._wrong

    def forgiven(self) -> Self:
        """The same settings, of which nothing is said to be wrong: they have their defaults."""
        copy = self.model_copy()
        copy._wrong = ""  # noqa: SLF001 - its own
        return copy

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_set(cls, values: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in values.items() if not _not_set(value)}

    @field_validator("api_user", "external_application", "base_url", "timezone", "confirm", mode="before")
    @classmethod
    def _trimmed(cls, value: object) -> object:
        return value.strip() if isinstance(value, str) else value

    @field_validator("api_user")
    @classmethod
    def _printable_user(cls, value: str) -> str:
        if not value or not value.isascii() or not value.isprintable():
            raise ValueError("must be the e-mail address of a Clockodo user")
        return value

    @field_validator("api_key")
    @classmethod
    def _printable_key(cls, value: SecretStr) -> SecretStr:
        plain = value.get_secret_value().strip()
        if not plain or not plain.isascii() or not plain.isprintable():
            raise ValueError("must be the API key from 'My account' in Clockodo")
        return SecretStr(plain)

    @field_validator("export_dir", "mcp_data_dir")
    @classmethod
    def _absolute_folder(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError:
            raise ValueError("must be a folder; the home folder that it names is unknown") from None

    @field_validator("base_url")
    @classmethod
    def _safe_transport(cls, value: str) -> str:
        url = urlsplit(value)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(f"must be a web address such as {DEFAULT_BASE_URL}")
        if url.username or url.password or url.query or url.fragment:
            raise ValueError("must have no user, password, query or fragment; the key goes into CLOCKODO_API_KEY")
        if url.scheme == "http" and not is_loopback(url.hostname):
            raise ValueError("must begin with https:// (plain http is allowed to this machine only)")
        return VERSION.sub("", value.rstrip("/"))

    @property
    def account_key(self) -> str:
        """A name for files of this account at this address: no e-mail address is in it."""
        return sha256(f"{self.api_user.lower()} {self.base_url}".encode()).hexdigest()[:16]

    @model_validator(mode="after")
    def _application_named(self) -> Self:
        name, _, contact = (self.external_application or f"clockodo-mcp;{self.api_user}").partition(";")
        contact = contact or self.api_user
        room = EXTERNAL_APPLICATION_LENGTH - len(contact) - 1
        self.external_application = f"{name[: max(room, 0)]};{contact}"[:EXTERNAL_APPLICATION_LENGTH]
        if not self.external_application.isascii() or not self.external_application.isprintable():
            raise ValueError("must be plain ASCII, such as my-tool;me@example.com")
        return self


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine.

    >>> is_loopback("localhost"), is_loopback("127.0.0.9"), is_loopback("::1"), is_loopback("example.com")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _not_set(value: object) -> bool:
    return isinstance(value, str) and (not value.strip() or PLACEHOLDER.fullmatch(value) is not None)


def variable(field: str) -> str:
    """The name in the environment of a field of `Settings`."""
    return f"CLOCKODO_{field.upper()}"


ACCOUNT = ("api_user", "api_key")
"""Without these there is nothing to serve."""


def settings_from_environment(*, strict: bool = False, **account: str) -> Settings:
    """Read the environment. What is wrong besides the account has its default, and is said by `Settings.wrong`.

    `account` are fields that count whatever the environment says.

    Raises:
        MisconfiguredError: names what of the account is missing or wrong, never a value; `strict`, anything wrong.
    """
    given = {field: os.environ[name] for field in Settings.model_fields if (name := variable(field)) in os.environ}
    given |= account
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        wrong = _in_words(error)
    said = f"{'; '.join(wrong.values())}. Set the variables and start again"
    if strict or any(field in wrong for field in ACCOUNT):
        raise MisconfiguredError(f"{said}, or try `clockodo-mcp --demo` without an account.")
    settings = Settings.model_validate({field: value for field, value in given.items() if field not in wrong})
    settings._wrong = f"{said}."  # noqa: SLF001 - nobody but the reader of the environment sets it
    return settings


def _in_words(error: ValidationError) -> dict[str, str]:
    """What is wrong with each field."""
    said = {}
    for problem in error.errors(include_url=False, include_input=False):
        field = str(problem["loc"][0]) if problem["loc"] else "external_application"
        reason = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "missing":
            unfilled = os.environ.get(variable(field), "").strip()
            reason = f"still is a placeholder, {unfilled}, that the host did not fill in" if unfilled else "is not set"
        said[field] = f"{variable(field)} {reason}"
    return said


def language_of_machine() -> str:
    """The language that a person at this machine reads, for where no account tells it: `de`, or `en` for any other."""
    said = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    name = said or locale.getlocale()[0] or ""
    return "de" if name.lower().startswith(("de", "german")) else "en"
