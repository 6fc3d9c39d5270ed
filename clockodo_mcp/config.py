"""The one reader of the environment.

Apart from everything else, so that no other module asks the environment and a test can build any `Settings`.
"""

from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from platformdirs import user_data_path, user_downloads_path
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from clockodo_mcp.errors import ClockodoMcpError

EXTERNAL_APPLICATION_LENGTH = 50
"""Most characters in `X-Clockodo-External-Application`. Source: OpenAPI, security section."""

DEFAULT_BASE_URL = "https://my.clockodo.com/api"


def _on_or_off(value: object) -> object:
    return {"on": True, "off": False}.get(value.strip().lower(), value) if isinstance(value, str) else value


def _words(value: object) -> object:
    return [word.strip() for word in value.lower().split(",") if word.strip()] if isinstance(value, str) else value


Toolset = Literal["catalog", "entries", "clock", "reports", "bulk", "changes"]


class MisconfiguredError(ClockodoMcpError):
    """The environment lacks something, or says something that cannot be."""


class Settings(BaseSettings):
    """What the environment says, read once at start.

    `timeout` is in seconds: how long Clockodo may take for an answer.

    Raises:
        pydantic.ValidationError: a variable is missing or wrong; `settings_from_environment` puts it in words.
    """

    model_config = SettingsConfigDict(env_prefix="CLOCKODO_", extra="ignore", hide_input_in_errors=True)

    api_user: str
    api_key: SecretStr
    external_application: str = ""
    base_url: str = DEFAULT_BASE_URL
    read_only: bool = False
    timezone: str = ""
    structured: bool = False
    confirm: Literal["auto", "always", "never"] = "auto"
    journal: Annotated[bool, BeforeValidator(_on_or_off)] = True
    toolsets: Annotated[tuple[Toolset, ...], NoDecode, BeforeValidator(_words)] = ()
    timeout: float = Field(default=30.0, ge=0.1, le=300)
    export_dir: Path = Field(default_factory=user_downloads_path)
    mcp_data_dir: Path = Field(default_factory=lambda: user_data_path("clockodo-mcp", appauthor=False))

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

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value:
            try:
                ZoneInfo(value)
            except (OSError, ValueError):
                raise ValueError("must be a time zone such as Europe/Berlin") from None
        return value

    @field_validator("export_dir", mode="before")
    @classmethod
    def _some_folder(cls, value: object) -> object:
        return value if not isinstance(value, str) or value.strip() else user_downloads_path()

    @field_validator("export_dir")
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
        if url.scheme == "http" and not is_loopback(url.hostname):
            raise ValueError("must begin with https:// (plain http is allowed to this machine only)")
        return value.rstrip("/")

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
            raise ValueError("CLOCKODO_EXTERNAL_APPLICATION must be plain ASCII, such as my-tool;me@example.com")
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


def settings_from_environment() -> Settings:
    """Read the environment.

    Raises:
        MisconfiguredError: names every variable that is missing or wrong, never a value.
    """
    try:
        return Settings()
    except ValidationError as error:
        said = []
        for problem in error.errors(include_url=False, include_input=False):
            field = str(problem["loc"][0]) if problem["loc"] else ""
            variable = f"CLOCKODO_{field.upper()}" if field else ""
            reason = "is not set" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, ")
            said.append(f"{variable} {reason}".strip())
        raise MisconfiguredError(
            f"{'; '.join(said)}. Set the variables and start again, or try `clockodo-mcp --demo` without an account."
        ) from None
