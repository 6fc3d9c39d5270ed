"""What a server can be told, for one account. `environment` reads it; a test can build any."""

import re
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, urlsplit

from platformdirs import user_data_path, user_downloads_path
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    field_validator,
    model_validator,
)

from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.keychain import Key

EXTERNAL_APPLICATION_LENGTH = 50
"""Most characters in `X-Clockodo-External-Application`. Source: OpenAPI, security section."""

DEFAULT_BASE_URL = "https://my.clockodo.com/api"

PLACEHOLDER = re.compile(r"\s*\$\{[^{}]*\}\s*")
"""A setting that the host did not fill in: `${user_config.timezone}`."""

FILLED_IN = re.compile(r"\$\{(?:[a-z]+:)?(?!\w{20})\w[\w.-]*\}")
"""One that may be shown: with a default in it, as in `${NAME:-value}`, or as long as a key, it may hold one."""

VERSION = re.compile(r"/v\d+$")
"""What people copy along with the address from an endpoint's page."""


def _on_or_off(value: object) -> object:
    return {"on": True, "off": False}.get(value.strip().lower(), value) if isinstance(value, str) else value


def own_folder() -> Path:
    """Where this system keeps a program's data."""
    return user_data_path("clockodo-mcp", appauthor=False)


def _words(value: object) -> object:
    return [word.strip() for word in value.lower().split(",") if word.strip()] if isinstance(value, str) else value


def _key(value: object) -> object:
    if not isinstance(value, str):
        return value
    plain = value.strip()
    if not plain.isascii() or not plain.isprintable():
        raise ValueError("must be the API key from 'My account' in Clockodo")
    return Key(plain)


Toolset = Literal["catalog", "entries", "clock", "reports", "bulk", "changes"]


class MisconfiguredError(ClockodoMcpError):
    """The environment lacks something, or says something that cannot be."""


class Settings(BaseModel):
    """What the environment says, read once at start by `environment`.

    `account` is the name of the account that the keychain has; empty where it has not.
    `timeout` is in seconds: how long Clockodo may take for an answer. `wrong` says which other variables are wrong:
    then the first call says so, since a host shows nothing of a server that ends.

    Raises:
        pydantic.ValidationError: something is missing or wrong; `environment` puts it in words.
    """

    model_config = ConfigDict(hide_input_in_errors=True, arbitrary_types_allowed=True)

    account: str = ""
    api_user: str
    api_key: Annotated[Key, BeforeValidator(_key), PlainSerializer(lambda _: "***", when_used="json")]
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
    mcp_data_dir: Path = Field(default_factory=own_folder)

    _wrong: str = PrivateAttr("")

    @property
    def wrong(self) -> str:
        """The sentence about what else is wrong; empty where nothing is."""
        return self._wrong

    def is_wrong(self, why: str) -> None:
        """Remember what else is wrong, in a sentence."""
        self._wrong = why

    def forgiven(self) -> Self:
        """The same settings, of which nothing is said to be wrong: they have their defaults."""
        copy = self.model_copy()
        copy.is_wrong("")
        return copy

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
        if url.scheme not in ("http", "https") or not url.hostname or not _has_port(url):
            raise ValueError("must be a web address such as https://my.clockodo.com/api")
        if url.username or url.password or url.query or url.fragment:
            raise ValueError("must have no user, password, query or fragment; the key goes into CLOCKODO_API_KEY")
        if url.scheme == "http" and not is_loopback(url.hostname):
            raise ValueError("must begin with https:// (plain http is allowed to this machine only)")
        return without_version(value)

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


def _has_port(url: SplitResult) -> bool:
    """Whether an address has no port, or one that there is."""
    try:
        return url.port is None or url.port > 0
    except ValueError:
        return False


def without_version(address: str) -> str:
    """An address as it is kept: without a slash or a version at its end."""
    return VERSION.sub("", address.rstrip("/"))


def is_set(value: str) -> bool:
    """Whether this says anything: it is not empty, nor a placeholder that a host did not fill in."""
    return bool(value.strip()) and PLACEHOLDER.fullmatch(value) is None


def variable(field: str) -> str:
    """The name in the environment of a field of `Settings`."""
    return f"CLOCKODO_{field.upper()}"


ACCOUNT = ("api_user", "api_key")
"""Without these there is nothing to serve."""
