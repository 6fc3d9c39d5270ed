"""What an entry of a host's configuration says: whether it starts this server, for whom, and what of it is secret."""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from urllib.parse import urlsplit

from clockodo_mcp.cells import seen
from clockodo_mcp.config import ACCOUNT, FILLED_IN, Settings, variable
from clockodo_mcp.keychain import NAME

Entry = dict[str, object]

HIDDEN = "***"

OWN = re.compile(r"clockodo-mcp(?:[=@~<>!]+[\w.*]+)?|clockodo_mcp")
"""This server, as a package of any version and as a module."""

RUNNERS = ("uvx", "uv", "pipx")

WITH_A_VALUE = {
    "--from", "--with", "-w", "--with-editable", "--python", "-p", "--directory", "--project", "--index", "--index-url",
    "--extra-index-url", "--default-index", "--spec", "--env-file", "--refresh-package", "--package", "--extra",
    "--group", "--with-requirements", "--cache-dir", "-c", "--constraints", "--exclude-newer", "--python-preference",
}  # fmt: skip
"""Options of those behind which a value stands."""

ALONE = {
    "tool", "run", "--isolated", "--offline", "--refresh", "--no-cache", "-n", "-q", "--quiet", "-v", "--verbose",
    "--no-progress", "--frozen", "--locked", "--no-sync", "--native-tls", "--prerelease", "-U", "--upgrade",
}  # fmt: skip
"""Options and commands of those without one."""

FLAGS = {
    "-m", "run", "tool", "--demo", "--debug", "--account", "--from", "--with", "--directory", "--project", "--python",
    "--isolated", "--offline", "--refresh", "--no-cache", "-q", "--quiet", "--spec",
}  # fmt: skip
"""What may stand in the arguments of uv, pipx, Python and this server, and is no secret."""

NAMES = {"command", "type", "cwd", *map(variable, Settings.model_fields)} - {
    variable("api_key"),
    variable("external_application"),
}
"""Under these a text is shown that does not look like a secret. Numbers, yes and no are shown under any name."""

CALLED_SECRET = re.compile(r"clockodo[-_ ]*(?:api)?[-_ ]*(?:key|token|secret|pass\w*|pwd)$", re.IGNORECASE)

HOME = {
    "HOME", "USERPROFILE", "XDG_DATA_HOME", "LOCALAPPDATA", "APPDATA", "PYTHON_KEYRING_BACKEND", "UV_ENV_FILE",
}  # fmt: skip
"""By these it is found where accounts and keys are."""

DECIDES = [variable(field) for field in (*ACCOUNT, "account", "base_url", "mcp_data_dir")]
"""The variables that decide which account is served."""

PATHS = {"command", "cwd", variable("export_dir"), variable("mcp_data_dir")}
"""What stands under these names is a path, or a command without one."""

PATH = re.compile(r"(?![^/\\]*[=$])(?:[/\\~.]|[A-Za-z]:[/\\]|[\w.-]+$)")

LIKE_A_KEY = re.compile(r"(?<![\w-])(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}(?![\w-])|\d{10}")

NAMED = re.compile(r"([\w -]+)[:=]")
"""What a word of a list begins with that has a name in it."""


def is_ours(entry: object) -> bool:
    """Whether an entry starts this server: its own command, uvx with its name, or Python with its module."""
    if not isinstance(entry, dict):
        return False
    return _own_words(entry) is not None


def _own_words(entry: Entry) -> list[str] | None:
    """The arguments that this server gets; None where another one is started."""
    program = str(entry.get("command")).replace("\\", "/").rsplit("/", 1)[-1].lower().removesuffix(".exe")
    given = words(entry)
    if program in RUNNERS:
        while given and (given[0].startswith("-") or given[0] in ("tool", "run")) and given[:1] != ["-m"]:
            if not (given[0] in (*ALONE, *WITH_A_VALUE) or "=" in given[0]):
                return None  # what stands behind it may be its value, or what is run
            given = given[2 if given[0] in WITH_A_VALUE else 1 :]
        if given and given[0] != "-m":
            program, given = given[0], given[1:]
    if OWN.fullmatch(program):
        return given
    return given[2:] if given[:2] == ["-m", "clockodo_mcp"] else None


def words(entry: Entry) -> list[str]:
    """Its arguments."""
    given = entry.get("args")
    return [str(one) for one in given] if isinstance(given, list) else []


def environment(entry: Entry) -> Entry:
    """The variables that it sets."""
    given = entry.get("env")
    return given if isinstance(given, dict) else {}


def named_account(entry: Entry) -> str:
    """The account that its arguments name; empty where they name none."""
    given = [part for one in words(entry) for part in one.split("=", 1)]
    named = [name for flag, name in pairwise(given) if flag == "--account"]
    return named[-1] if named else ""


def reads_elsewhere(entry: Entry) -> bool:
    """Whether its variables may come from a file, or from those of the host; or its accounts lie in another home."""
    by_host, given = json.dumps(entry.get("env_vars"), default=str).upper(), environment(entry)
    forwarded = any(name in by_host for name in (*HOME, "CLOCKODO_"))
    in_file = "envFile" in entry or any(one.startswith("--env") for one in words(entry))
    unsaid = any(re.search(r"[$%]", str(given.get(name, ""))) for name in DECIDES)
    # Windows takes a name in any case.
    written_otherwise = any(name.upper() in DECIDES and name not in DECIDES for name in given)
    return in_file or forwarded or unsaid or written_otherwise or bool(HOME & given.keys())


def has_odd_words(entry: Entry) -> bool:
    """Whether the server would be started with arguments that it does not know, or not for a host."""
    given = iter(_own_words(entry) or [])
    for one in given:
        if one == "--account" and not next(given, "-").startswith("-"):
            continue
        if one not in ("--demo", "--debug") and not one.startswith("--account="):
            return True
    return False


def has_secret(entry: Entry, key: str = "") -> bool:
    """Whether what is called a secret, or this key, stands in plain text in an entry of ours."""
    return without_secrets(entry, key) != entry


def without_secrets(entry: Entry, key: str = "") -> Entry:
    """An entry without what is called a secret of Clockodo's, and without everything that this key stands in."""
    return {name: _without(one, key) for name, one in entry.items() if not _is_secret(name, one, key)}


def _without(value: object, key: str) -> object:
    if isinstance(value, dict):
        return without_secrets(value, key)
    if isinstance(value, list):
        return [_without(one, key) for one in value if not _is_secret("", one, key)]
    return value


def _is_secret(name: str, value: object, key: str) -> bool:
    if not isinstance(value, str) or not value.strip() or FILLED_IN.fullmatch(value.strip()):
        return False
    first = NAMED.match(value)
    called = name or (first[1] if first else "")
    return (bool(key) and key in value) or CALLED_SECRET.search(called) is not None


def is_harmless(entry: Entry) -> bool:
    """Whether nothing of it is hidden where it is shown."""
    return _shown("", entry) == entry


def shown(entry: object) -> str:
    """An entry for people: of what people may have put there, only what is known to be no secret; empty without one."""
    if not isinstance(entry, dict):
        return ""
    return seen(json.dumps(_shown("", entry), indent=2, ensure_ascii=False, default=str), keeps="\n")


def shown_text(name: str, value: str) -> str:
    """A text that stands under this name, or what hides it."""
    if LIKE_A_KEY.search(value):
        return HIDDEN
    if FILLED_IN.fullmatch(value) or (name in PATHS and PATH.match(value)):
        return value
    is_user, is_account = name == variable("api_user"), name == variable("account")
    fits = ("@" in value) == is_user and (not is_account or NAME.fullmatch(value)) and not {"=", "$"} & {*value}
    return value if fits and name in NAMES - PATHS and not _has_more(value) else HIDDEN


def _shown(name: str, value: object) -> object:
    if isinstance(value, dict):
        return {shown_name(str(inner)): _shown(str(inner), one) for inner, one in value.items()}
    if isinstance(value, list):
        return [*_shown_words(value)] if name == "args" else [_shown("", one) for one in value]
    is_plain = value is None or (isinstance(value, int | float) and not LIKE_A_KEY.search(str(value)))
    return value if is_plain else shown_text(name, str(value))


def shown_name(name: str) -> str:
    """A name, or what hides it."""
    return HIDDEN if LIKE_A_KEY.search(name) or not re.fullmatch(r"[\w .-]*", name) else name


def _shown_words(given: Iterable[object]) -> Iterable[str]:
    before = ""
    for one in map(str, given):
        is_name = before == "--account" and shown_text(variable("account"), one) == one
        is_place = before in ("--from", "--directory", "--project", "--python") and shown_text("cwd", one) == one
        yield one if one in FLAGS or OWN.fullmatch(one) or is_name or is_place else HIDDEN
        before = one


def _has_more(value: str) -> bool:
    """Whether an address has a password, or what is asked of it."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return True
    return parts.password is not None or bool(parts.query or parts.fragment)


def mentions_clockodo(text: str, data: Mapping[str, object]) -> bool:
    """Whether a file says anything of Clockodo, also in a comment or in escapes: then a key may stand in it."""
    return "clockodo" in f"{text}{json.dumps(data, ensure_ascii=False, default=str)}".lower()
