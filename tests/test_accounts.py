"""Accounts in the keychain: kept by `login`, found by servers, and no key anywhere else."""

import json
import locale
import os
import socket
import subprocess
import sys
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import PromptReference

from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER, WORKER_KEY, WORKER_USER
from clockodo_mcp.sandbox.serve import listening
from tests.conftest import said
from tests.processes import at_home, environment_with

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ROOT = Path(__file__).parent.parent


def printed(output: bytes) -> str:
    """What a command has printed, as a text of this system."""
    return output.decode(locale.getencoding()).replace(os.linesep, "\n")


@dataclass
class Machine:
    """A machine with a keychain, and a Clockodo that it reaches."""

    env: dict[str, str]
    home: Path
    address: str

    async def run(self, *arguments: str, stdin: str = "", **env: str) -> tuple[int, str, str]:
        """The command with this on stdin: its exit code, and what it says on stdout and stderr."""
        command = [sys.executable, "-m", "clockodo_mcp", *arguments]
        done = await anyio.run_process(command, input=stdin.encode(), check=False, env=self.env | env)
        return done.returncode, printed(done.stdout), printed(done.stderr)

    async def login(self, *arguments: str, user: str = SANDBOX_USER, key: str = SANDBOX_KEY) -> tuple[int, str, str]:
        """Log in without a terminal."""
        return await self.run("login", *arguments, stdin=f"{user}\n{key}\n")

    @asynccontextmanager
    async def served(self, *arguments: str, **env: str) -> AsyncIterator[Client]:
        """A host's connection to a server on this machine."""
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "clockodo_mcp", *arguments], env=self.env | env, cwd=ROOT
        )
        async with Client(stdio_client(server)) as client:
            yield client


@pytest.fixture
async def machine(store: Store, tmp_path: Path) -> AsyncIterator[Machine]:
    home = tmp_path / "home"
    home.mkdir()
    async with listening(create_app(store)) as address:
        env = environment_with(
            {
                **at_home(home),
                "PYTHONPATH": str(ROOT),
                "PYTHON_KEYRING_BACKEND": "tests.keychain_in_a_file.Keychain",
                "TEST_KEYCHAIN": str(tmp_path / "keychain"),
                "CLOCKODO_BASE_URL": address,
            }
        )
        yield Machine(env, home, address)


def holding_the_key(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and SANDBOX_KEY.encode() in path.read_bytes()]


async def test_a_key_goes_into_the_keychain_and_nowhere_else(machine: Machine, tmp_path: Path) -> None:
    code, told, wrong = await machine.login()
    assert (code, wrong) == (0, "")
    assert f"Accepted: Mara Lindner ({SANDBOX_USER})." in told
    assert "Kept as account default; the key is in the keychain of this system." in told
    assert (tmp_path / "keychain").exists()
    assert list(machine.home.rglob("accounts.json"))
    async with machine.served() as client:
        made = await client.call_tool(
            "create_time_entry",
            {"customer": "1001", "service": "Design", "time_since": "2026-11-20T09:00", "duration": "1h"},
        )
        assert not made.is_error, said(made)
    assert list(machine.home.rglob("changes-*.db"))
    code, listed, _ = await machine.run("accounts")
    assert (code, listed) == (0, f"default: {SANDBOX_USER} at {machine.address}; its key is in the keychain.\n")
    code, told, _ = await machine.run("doctor")
    assert "Account default of the keychain." in told
    assert code == 0
    assert holding_the_key(tmp_path) == []
    code, told, _ = await machine.run("logout")
    assert code == 0
    assert f"Account default ({SANDBOX_USER}) is not kept any more, nor is its key." in told
    code, _, wrong = await machine.run(stdin="")
    assert code == 2
    assert "CLOCKODO_API_USER is not set" in wrong
    assert "`clockodo-mcp login`" in wrong


async def test_a_server_without_an_account_says_so_in_each_call_and_keeps_the_host_going(machine: Machine) -> None:
    for arguments, why in (((), "CLOCKODO_API_USER is not set"), (("--account", "eva"), "There is no account eva.")):
        async with machine.served(*arguments) as client:
            assert len((await client.list_tools()).tools) > 20
            for tool in ("get_context", "list_entries", "list_changes"):
                refused = await client.call_tool(tool, {})
                assert refused.is_error
                assert why in said(refused)
                assert "`clockodo-mcp login" in said(refused)
    assert not list(machine.home.rglob("changes-*.db"))
    assert (await machine.run("--http", "8080"))[0] == 2
    with socket.create_server(("127.0.0.1", 0)) as clockodo:
        clockodo.setblocking(False)
        there = f"http://127.0.0.1:{clockodo.getsockname()[1]}/api"
        async with machine.served(CLOCKODO_READ_ONLY="true", CLOCKODO_BASE_URL=there) as client:
            assert "delete_entry" not in {tool.name for tool in (await client.list_tools()).tools}
            about = PromptReference(type="ref/prompt", name="month_end_check")
            assert (await client.complete(about, {"name": "customer", "value": ""})).completion.values == []
        with pytest.raises(BlockingIOError):  # nobody has come
            clockodo.accept()


async def at_a_terminal(machine: Machine, command: list[str], *talk: tuple[str, str]) -> str:
    """What a person sees who answers each question, which is waited for, in turn."""
    import pty

    terminal, there = pty.openpty()

    def talked() -> str:
        run = [sys.executable, "-m", "clockodo_mcp", *command]
        with subprocess.Popen(
            run, stdin=there, stdout=there, stderr=there, env=machine.env, start_new_session=True
        ) as it:
            os.close(there)
            shown, seen = "", 0
            for asked, answer in talk:
                while asked not in shown[seen:]:
                    shown += os.read(terminal, 1000).decode()
                seen = len(shown)
                os.write(terminal, f"{answer}\n".encode())
            with suppress(OSError):  # on Linux the end of the other side is an error
                while more := os.read(terminal, 1000).decode():
                    shown += more
            it.wait()
        os.close(terminal)
        return shown

    return await anyio.to_thread.run_sync(talked)


needs_a_pseudo_terminal = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")

LOGGING_IN = (("E-mail address", SANDBOX_USER), ("(it is not shown): ", SANDBOX_KEY))


@needs_a_pseudo_terminal
async def test_a_key_is_not_shown_while_it_is_typed(machine: Machine, tmp_path: Path) -> None:
    told = await at_a_terminal(machine, ["login"], *LOGGING_IN)
    assert SANDBOX_USER in told
    assert SANDBOX_KEY not in told
    assert "Next: `clockodo-mcp install`" in told
    assert (tmp_path / "keychain").exists()


@needs_a_pseudo_terminal
async def test_at_a_terminal_one_command_asks_for_the_account_shows_what_it_writes_and_writes_it(
    machine: Machine, tmp_path: Path
) -> None:
    configuration = machine.home / ".cursor" / "mcp.json"
    told = await at_a_terminal(machine, ["install", "cursor"], *LOGGING_IN, ("Write this?", "n"))
    assert '+   "command": ' in told
    assert not configuration.exists()
    told = await at_a_terminal(machine, ["install", "cursor"], ("Write this?", "y"))
    assert "E-mail" not in told
    assert "account default of the keychain." in told
    entry = json.loads(configuration.read_text())["mcpServers"]["clockodo"]
    bare = {
        **at_home(machine.home),
        **{name: machine.env[name] for name in ("PYTHON_KEYRING_BACKEND", "TEST_KEYCHAIN")},
    }
    server = StdioServerParameters(command=entry["command"], args=entry["args"], env=bare | {"PYTHONPATH": str(ROOT)})
    async with Client(stdio_client(server)) as client:
        assert "Mara" in said(await client.call_tool("get_context", {}))
    assert holding_the_key(tmp_path) == []
    told = await at_a_terminal(machine, ["uninstall", "cursor"], ("Write this?", "y"))
    assert f"Gone: {configuration}." in "".join(told.split("\r\n"))
    assert list(configuration.parent.iterdir()) == []


@needs_a_pseudo_terminal
async def test_without_a_keychain_the_entry_is_written_all_the_same_and_what_is_left_is_said(machine: Machine) -> None:
    machine.env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    told = await at_a_terminal(machine, ["install", "cursor"], *LOGGING_IN, ("Write this?", "y"))
    assert "The keychain of this system cannot be used (NoKeyringError)." in " ".join(told.split())
    assert "Left to do:" in told
    assert SANDBOX_KEY not in (machine.home / ".cursor" / "mcp.json").read_text()


@pytest.mark.parametrize(
    ("user", "key", "why"),
    [
        (SANDBOX_USER, "another-key", f"does not accept {SANDBOX_USER} with this key. Nothing was kept."),
        ("mara", SANDBOX_KEY, "An e-mail address and an API key are needed"),
        (SANDBOX_USER, "", "An e-mail address and an API key are needed"),
        (SANDBOX_USER, "kéy", "What was typed as the key must be the API key from 'My account' in Clockodo."),
    ],
)
async def test_what_clockodo_does_not_accept_is_not_kept(
    machine: Machine, tmp_path: Path, user: str, key: str, why: str
) -> None:
    code, told, wrong = await machine.login(user=user, key=key)
    assert (code, told) == (2, "")
    assert why in wrong
    assert not (tmp_path / "keychain").exists()
    assert list(machine.home.rglob("accounts.json")) == []


async def test_of_two_accounts_one_is_named_and_each_has_its_own_journal(machine: Machine) -> None:
    assert (await machine.login())[0] == 0
    code, _, wrong = await machine.login(user=WORKER_USER, key=WORKER_KEY)
    assert code == 2
    assert "Other accounts are kept already (default). Give this one a name by --account." in wrong
    assert (await machine.login("--account", "jonas", user=WORKER_USER, key=WORKER_KEY))[0] == 0
    code, _, wrong = await machine.run(stdin="")
    assert code == 2
    assert "Several accounts are kept: default, jonas. Name one by CLOCKODO_ACCOUNT or --account." in wrong
    for arguments, env, name in (
        (("--account", "jonas"), {}, "Jonas Wolf"),
        ((), {"CLOCKODO_ACCOUNT": "default"}, "Mara"),
    ):
        async with machine.served(*arguments, **env) as client:
            context = await client.call_tool("get_context", {})
            assert name in said(context)
            await client.call_tool("list_changes", {})
    assert len(list(machine.home.rglob("changes-*.db"))) == 2
    code, _, wrong = await machine.run("--account", "eva", stdin="")
    assert code == 2
    assert "There is no account eva. Kept are: default, jonas." in wrong


async def test_which_account_is_meant_is_not_guessed(machine: Machine) -> None:
    assert (await machine.login())[0] == 0
    code, _, wrong = await machine.run("--account", "default", CLOCKODO_API_KEY="another")
    assert code == 2
    assert "The account default is asked for, and the environment has another one (CLOCKODO_API_KEY)." in wrong
    code, _, wrong = await machine.run(CLOCKODO_BASE_URL="https://my.clockodo.com/api")
    assert code == 2
    assert f"The key of the account default is for {machine.address}, and CLOCKODO_BASE_URL says another" in wrong


async def test_the_environment_counts_where_it_has_an_account(machine: Machine) -> None:
    assert (await machine.login())[0] == 0
    async with machine.served(CLOCKODO_API_USER=SANDBOX_USER, CLOCKODO_API_KEY="wrong") as client:
        refused = await client.call_tool("get_context", {})
        assert "does not accept the credentials" in said(refused)
    async with machine.served(CLOCKODO_API_USER="${user_config.api_user}", CLOCKODO_API_KEY=" ") as client:
        assert "Mara" in said(await client.call_tool("get_context", {}))


@pytest.mark.parametrize(
    ("env", "why"),
    [
        ({"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}, "keychain of this system cannot be used"),
        ({"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}, "cannot be used (it keeps nothing)"),
        ({"TEST_KEYCHAIN": "locked"}, "cannot be used (KeyringLocked)"),
        ({"TEST_KEYCHAIN": "/"}, "cannot be used (IsADirectoryError)"),
        ({"PYTHON_KEYRING_BACKEND": "no.such.Keyring"}, "keychain of this system cannot be used"),
    ],
)
async def test_without_a_keychain_nothing_is_kept_and_the_environment_is_named(
    machine: Machine, env: dict[str, str], why: str
) -> None:
    code, told, wrong = await machine.run("login", stdin=f"{SANDBOX_USER}\n{SANDBOX_KEY}\n", **env)
    assert (code, told) == (2, "")
    assert why in wrong
    assert wrong.count("\n") == 1
    assert "Set CLOCKODO_API_USER and CLOCKODO_API_KEY" in wrong
    assert list(machine.home.rglob("accounts.json")) == [] or json.loads(one_of(machine, "accounts.json")) == {}
    assert holding_the_key(machine.home) == []


async def test_a_keychain_that_opens_later_is_asked_again(machine: Machine, tmp_path: Path) -> None:
    assert (await machine.login())[0] == 0
    (tmp_path / "keychain").rename(tmp_path / "elsewhere")
    async with machine.served() as client:
        assert len((await client.list_tools()).tools) > 1
        refused = await client.call_tool("get_context", {})
        assert f"The keychain has no key for {SANDBOX_USER} any more." in said(refused)
        (tmp_path / "elsewhere").rename(tmp_path / "keychain")
        assert "Mara" in said(await client.call_tool("get_context", {}))


def one_of(machine: Machine, name: str) -> str:
    [path] = machine.home.rglob(name)
    return path.read_text()


async def test_where_the_list_of_accounts_cannot_be_written_no_key_is_kept(machine: Machine, tmp_path: Path) -> None:
    (machine.home / "file").write_text("")
    folder = str(machine.home / "file" / "folder")
    code, _, wrong = await machine.run(
        "login", stdin=f"{SANDBOX_USER}\n{SANDBOX_KEY}\n", CLOCKODO_MCP_DATA_DIR=folder
    )  # fmt: skip
    assert code == 2
    assert "accounts.json, cannot be read (NotADirectoryError)" in wrong
    assert not (tmp_path / "keychain").exists()


async def test_doctor_says_of_a_keychain_that_does_not_open_what_it_is_about(machine: Machine) -> None:
    assert (await machine.login())[0] == 0
    code, told, _ = await machine.run("doctor", TEST_KEYCHAIN="locked")
    assert code == 1
    assert "wrong    key           The keychain of this system cannot be used (KeyringLocked)." in told
    assert "untried  address       First this has to be right: key." in told
    assert "untried  clock" in told


async def test_the_environment_names_an_account_for_every_command(machine: Machine) -> None:
    assert (await machine.login())[0] == 0
    assert (await machine.login("--account", "jonas", user=WORKER_USER, key=WORKER_KEY))[0] == 0
    asked = {"CLOCKODO_ACCOUNT": "jonas", "CLOCKODO_API_KEY": "${x}"}
    code, told, _ = await machine.run("install", "codex", **asked)
    assert (code, "account jonas of the keychain." in told) == (0, True)
    assert "[mcp_servers.clockodo-jonas]" in one_of(machine, "config.toml")
    code, told, _ = await machine.run("logout", **asked)
    assert (code, told.startswith("Account jonas ")) == (0, True)
    assert "The environment" not in (await machine.run("accounts", **asked))[1]


@pytest.mark.parametrize("text", ['{"default": ', '{"default": {"api_user": 5, "base_url": "x"}}', "[" * 100_000])
async def test_a_list_of_accounts_that_cannot_be_read_is_said(machine: Machine, text: str) -> None:
    assert (await machine.login())[0] == 0
    [file] = machine.home.rglob("accounts.json")
    file.write_text(text)
    for command in ("accounts", "logout"):
        code, _, wrong = await machine.run(command, stdin=f"{SANDBOX_USER}\n{SANDBOX_KEY}\n")
        assert code == 2
        assert f"The list of accounts, {file}, cannot be read" in wrong


async def test_a_person_is_asked_and_told_in_german_on_a_german_machine(machine: Machine) -> None:
    code, told, _ = await machine.run("login", stdin=f"{SANDBOX_USER}\n{SANDBOX_KEY}\n", LC_ALL="de_DE.UTF-8")
    assert code == 0
    assert "Angemeldet als Konto default" in told
    _, _, wrong = await machine.run("--account", "eva", stdin="", LC_ALL="de_DE.UTF-8")
    assert "Ein Konto eva gibt es nicht." in wrong


async def test_a_key_of_two_names_stays_until_the_last_is_gone(machine: Machine, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert (await machine.login("--account", name))[0] == 0
    told = (await machine.run("logout", "--account", "one"))[1]
    assert f"Account one ({SANDBOX_USER}) is not kept any more. Its key stays in the keychain" in told
    assert "since it is also that of: two." in told
    assert SANDBOX_KEY.encode() in b64decode((tmp_path / "keychain").read_bytes())
    assert "nor is its key." in (await machine.run("logout", "--account", "two"))[1]
    assert SANDBOX_KEY.encode() not in b64decode((tmp_path / "keychain").read_bytes())


async def test_installing_takes_the_key_out_of_an_entry_wherever_it_stands(machine: Machine, tmp_path: Path) -> None:
    assert (await machine.login())[0] == 0
    configuration = machine.home / ".cursor" / "mcp.json"
    configuration.parent.mkdir()
    env = {"CLOCKODO_API_USER": SANDBOX_USER, "CLOCKODO_BASE_URL": machine.address, "MY_KEY": f"x{SANDBOX_KEY}"}
    entry = {"command": "uvx", "args": ["clockodo-mcp"], "env": env, "headers": ["A", {"b": SANDBOX_KEY}], "c": 1}
    configuration.write_text(json.dumps({"mcpServers": {"clockodo": entry}}))
    code, told, _ = await machine.run("install", "cursor")
    assert code == 0
    assert f"It serves {SANDBOX_USER} ({machine.address}), account default of the keychain.\n" in told
    assert holding_the_key(tmp_path) == []
    renewed = json.loads(configuration.read_text())["mcpServers"]["clockodo"]
    assert renewed == {
        "command": renewed["command"], "args": renewed["args"], "env": {"CLOCKODO_BASE_URL": machine.address},
        "headers": ["A", {}], "c": 1,
    }  # fmt: skip


async def test_a_key_that_stays_in_a_comment_is_said(machine: Machine) -> None:
    assert (await machine.login())[0] == 0
    configuration = machine.home / ".cursor" / "mcp.json"
    configuration.parent.mkdir()
    configuration.write_text(f'{{"mcpServers": {{}} /* {SANDBOX_KEY} */}}')
    told = (await machine.run("install", "cursor"))[1]
    assert f"The key still stands in {configuration}, in a comment or elsewhere. Take it out there." in told


async def test_a_key_that_is_gone_is_said_where_an_entry_is_written(machine: Machine, tmp_path: Path) -> None:
    assert (await machine.login())[0] == 0
    (tmp_path / "keychain").unlink()
    told = (await machine.run("install", "cursor"))[1]
    assert "Left to do: the keychain does not give its key; `clockodo-mcp login` keeps it anew." in told


async def test_whom_an_entry_serves_from_now_on_is_said_where_a_name_comes_round_again(machine: Machine) -> None:
    assert (await machine.login())[0] == 0
    assert (await machine.run("install", "cursor"))[0] == 0
    assert (await machine.run("logout"))[0] == 0
    _, told, _ = await machine.login(user=WORKER_USER, key=WORKER_KEY)
    assert f"Cursor, clockodo: serves {WORKER_USER} from now on." in told
    configuration = machine.home / ".cursor" / "mcp.json"
    entry = json.loads(configuration.read_text())["mcpServers"]["clockodo"] | {"args": ["--account", "x", "--demo"]}
    configuration.write_text(json.dumps({"mcpServers": {"clockodo": entry}}))
    assert "from now on" not in (await machine.login("--account", "x"))[1]
    assert "from now on" not in (await machine.login(user=WORKER_USER, key=WORKER_KEY))[1]


async def test_an_entry_without_a_name_is_said_to_change_hands(machine: Machine) -> None:
    configuration = machine.home / ".cursor" / "mcp.json"
    configuration.parent.mkdir()
    configuration.write_text('{"mcpServers": {"clockodo": {"command": "clockodo-mcp", "args": []}}}')
    steps = (
        ("login", "a", SANDBOX_USER, SANDBOX_KEY, f"serves {SANDBOX_USER} from now on."),
        ("login", "b", WORKER_USER, WORKER_KEY, "serves nobody any more. Install it again."),
        ("logout", "a", "", "", f"serves {WORKER_USER} from now on."),
        ("logout", "b", "", "", "serves nobody any more. Install it again."),
    )
    for command, name, user, key, expected in steps:
        _, told, _ = await machine.run(command, "--account", name, stdin=f"{user}\n{key}\n")
        assert f"Cursor, clockodo: {expected}" in told


async def test_a_placeholder_with_a_default_is_not_repeated(machine: Machine) -> None:
    for key in (f"${{K:-{SANDBOX_KEY}}}", "${0f1e2d3c4b5a69788796a5b4c3d2e1f0}"):
        async with machine.served(CLOCKODO_API_USER="a@b.de", CLOCKODO_API_KEY=key) as client:
            refused = said(await client.call_tool("get_context", {}))
        _, told, wrong = await machine.run("doctor", CLOCKODO_API_USER="a@b.de", CLOCKODO_API_KEY=key)
        for text in (refused, told, wrong):
            assert key[2:-1] not in text
            assert SANDBOX_KEY not in text
        assert "CLOCKODO_API_KEY still is a placeholder, ${…}" in refused
