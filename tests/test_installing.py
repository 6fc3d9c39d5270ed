"""What `install` and `uninstall` do with accounts and keys that stand in a configuration already."""

import json
import os
from pathlib import Path

import pytest
import tomlkit

from clockodo_mcp.cli.installing import install, uninstall
from clockodo_mcp.doctor import examination
from clockodo_mcp.hosts.configurations import HOSTS, this_machine
from clockodo_mcp.hosts.content import NotEdited
from tests.test_hosts import configured, servers

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
OURS = {"command": "uvx", "args": ["clockodo-mcp"]}


def write_accounts(*names: str) -> None:
    """As `login` leaves them, but for the keys: none is needed here."""
    accounts = Path(os.environ["CLOCKODO_MCP_DATA_DIR"]) / "accounts.json"
    accounts.parent.mkdir(exist_ok=True)
    kept = {name: {"api_user": "a@b.de", "base_url": "https://x.example/api"} for name in names}
    accounts.write_text(json.dumps(kept))


def configured_with(host: str, entries: dict[str, object]) -> Path:
    data = {HOSTS[host].key: entries}
    return configured(host, tomlkit.dumps(data) if host == "codex" else json.dumps(data, indent=2))


def holding_the_key(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize("host", ["cursor", "codex"])
@pytest.mark.parametrize(
    ("entry", "other"),
    [
        ({"env": {"CLOCKODO_API_USER": "eva@b.de", "CLOCKODO_API_KEY": KEY}}, "eva@b.de"),
        ({"env": {"CLOCKODO_API_USER": "eva@b.de"}}, "eva@b.de"),
        (
            {
                "env": {
                    "CLOCKODO_API_USER": "a@b.de",
                    "CLOCKODO_API_KEY": KEY,
                    "CLOCKODO_BASE_URL": "https://other.example/api",
                }
            },
            "a@b.de https://other.example/api",
        ),
        ({"env": {"CLOCKODO_API_KEY": KEY}}, "an account that it does not name"),
        ({"env": {"CLOCKODO_API_USER": "${input:user}", "CLOCKODO_API_KEY": "${input:key}"}}, "does not name"),
        ({"args": ["--env-file", ".env", "clockodo-mcp"]}, "an account that it does not name"),
        ({"args": ["clockodo-mcp", "--account", "work"]}, "work"),
        ({"args": ["clockodo-mcp", "--account=work"]}, "work"),
        ({"env": {"CLOCKODO_ACCOUNT": "work"}}, "work"),
    ],
)
def test_an_entry_of_another_account_is_left_as_it_is(
    host: str, entry: dict[str, object], other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_accounts("default")
    path = configured_with(host, {"clockodo": OURS | entry})
    before = path.read_bytes()
    with pytest.raises(NotEdited) as refused:
        install(host)
    assert f"{other}, and the keychain has a@b.de at https://x.example/api as account default." in str(refused.value)
    assert f"`clockodo-mcp install {host} --account NAME`" in str(refused.value)
    assert path.read_bytes() == before
    assert KEY not in capsys.readouterr().out


@pytest.mark.parametrize(
    "env",
    [
        {"CLOCKODO_API_USER": "A@B.de ", "CLOCKODO_API_KEY": KEY, "CLOCKODO_BASE_URL": "https://x.example/api/v2/"},
        {"CLOCKODO_API_USER": "", "CLOCKODO_API_KEY": "", "CLOCKODO_ACCOUNT": "default"},
    ],
)
def test_an_entry_of_the_same_account_is_renewed_and_the_account_is_named(
    env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    write_accounts("default")
    configured_with("cursor", {"clockodo": OURS | {"env": env}})
    install("cursor")
    assert not {"CLOCKODO_API_USER", "CLOCKODO_API_KEY"} & set(servers("cursor")["clockodo"]["env"])  # type: ignore[call-overload]
    assert "It serves a@b.de, account default of the keychain." in capsys.readouterr().out


WITH_A_KEY: dict[str, dict[str, object]] = {
    "in an argument": {"args": ["--with", f"CLOCKODO_API_KEY={KEY}", "clockodo-mcp"]},
    "behind an argument": {"args": ["clockodo-mcp", "--api-key", KEY]},
    "as a header": {"headers": {"X-ClockodoApiKey": KEY}},
    "in another member": {"environment": {"CLOCKODO_API_KEY": KEY}},
    "misspelt": {"env": {"CLOCKODO_APIKEY": KEY, "CLOCKODO_CONFIRM": "always"}},
    "under another name": {"env": {"MY_TOKEN": KEY}},
}


@pytest.mark.parametrize("host", ["cursor", "codex"])
@pytest.mark.parametrize("entry", WITH_A_KEY.values(), ids=WITH_A_KEY)
def test_a_key_is_neither_shown_nor_copied_wherever_it_stands(
    host: str, entry: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_accounts("default")
    path = configured_with(host, {"clockodo": OURS | entry, "other": {"command": "x"}})
    install(host)
    told = capsys.readouterr().out
    assert KEY not in told
    assert "What was there before is not kept: a key of Clockodo stands in it." in told
    assert holding_the_key(tmp_path) == ([path.name] if "MY_TOKEN" in str(entry) else [])
    uninstall(host)
    assert servers(host) == {"other": {"command": "x"}}
    assert KEY not in capsys.readouterr().out
    assert holding_the_key(tmp_path) == []


@pytest.mark.parametrize("entry", [
    {"command": "docker", "args": ["run", "-e", f"CLOCKODO_API_KEY={KEY}", "clockodo"]},
    {"url": "https://clockodo.example/mcp", "headers": {"Authorization": f"Bearer {KEY}"}},
    {"command": "npx", "args": ["a-clockodo-server", "--token", KEY]},
])  # fmt: skip
def test_a_file_with_a_key_in_an_entry_of_others_is_not_copied(entry: dict[str, object], tmp_path: Path) -> None:
    path = configured_with("cursor", {"time": entry})
    before = path.read_bytes()
    install("cursor", demo=True)
    assert holding_the_key(tmp_path) == [path.name]
    uninstall("cursor")
    assert path.read_bytes() == before
    assert holding_the_key(tmp_path) == [path.name]


@pytest.mark.parametrize("said", ['"-e", "CLOCKODO_API_KEY"', '"CLOCKODO_API_KEY=${KEY}"', '"CLOCKODO_API_KEY=$KEY"'])
def test_the_name_of_a_key_is_none(said: str) -> None:
    path = configured("cursor", f'{{"mcpServers": {{"time": {{"command": "docker", "args": [{said}, "x"]}}}}}}')
    before = path.read_bytes()
    install("cursor", demo=True)
    assert path.with_name(f"{path.name}.before-clockodo-mcp").read_bytes() == before


def test_what_hides_in_an_entry_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    more = {"cwd": "/x\u009b2J\u202e", "url": "https://u:secret@x", "list": ["secret"], "n": 5, "b": True, "v": "${x}"}
    configured_with("cursor", {"clockodo": OURS | more})
    uninstall("cursor", dry_run=True)
    told = capsys.readouterr().out
    assert "secret" not in told
    assert "\u009b" not in told
    assert "\u202e" not in told
    assert all(one in told for one in ('"n": 5', '"b": true', '"v": "${x}"', '"command": "uvx"', '"clockodo-mcp"'))


@pytest.mark.parametrize("host", HOSTS)
def test_an_entry_made_by_hand_goes_with_ours(host: str) -> None:
    entry = {"command": "/old/clockodo-mcp", "args": ["--demo"], "timeout": 9}
    path = configured_with(host, {"clockodo": entry, "other": {"command": "x"}})
    install(host, demo=True)
    assert servers(host)["clockodo"]["timeout"] == 9
    assert servers(host)["clockodo"]["command"] != "/old/clockodo-mcp"
    install(host, demo=True)
    uninstall(host)
    assert servers(host) == {"other": {"command": "x"}}
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("host", ["cursor", "codex"])
def test_a_copy_that_has_an_entry_of_ours_does_not_bring_it_back(host: str) -> None:
    write_accounts("a", "b")
    path = HOSTS[host].file(this_machine())
    install(host, account="a")
    path.with_name(f"{path.name}.not-there-before-clockodo-mcp").unlink()
    install(host, account="b")
    uninstall(host, account="a")
    assert list(servers(host)) == ["clockodo-b"]
    uninstall(host, account="b")
    assert servers(host) == {}
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.anyio
async def test_doctor_finds_an_entry_whose_account_is_not_kept() -> None:
    write_accounts("default", "work")
    for account in ("default", "work"):
        install("cursor", account=account)
    write_accounts("default")
    found, _ = await examination()
    hosts = next(one for one in found if one.about == "hosts")
    assert hosts.state == "wrong"
    assert (
        "Cursor, clockodo-work: its account work is not kept here: `clockodo-mcp login --account work`." in hosts.said
    )
    assert "Cursor, clockodo-default: starts " in hosts.said


def test_two_accounts_go_in_and_out_in_any_order() -> None:
    path = configured("gemini", '{ "theme": "dark" } // mine\n')
    before = path.read_bytes()
    for one, two in (("", "work"), ("work", "")):
        for account in ("", "work"):
            write_accounts(account or "default")
            install("gemini", account=account)
        assert list(servers("gemini")) == ["clockodo", "clockodo-work"]
        assert servers("gemini")["clockodo-work"]["args"] == ["--account", "work"]
        uninstall("gemini", account=one)
        uninstall("gemini", account=two)
        assert path.read_bytes() == before


@pytest.mark.parametrize("host", HOSTS)
def test_an_entry_made_by_hand_loses_its_key_and_keeps_what_else_it_has(
    host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_accounts("default")
    environment = {"CLOCKODO_API_USER": "a@b.de", "CLOCKODO_API_KEY": KEY, "CLOCKODO_CONFIRM": "always"}
    entry = {"command": "/old/clockodo-mcp", "env": environment, "timeout": 9}
    data = {HOSTS[host].key: {"clockodo": entry, "other": {"command": "x"}}}
    configured(host, tomlkit.dumps(data) if host == "codex" else json.dumps(data, indent=2))
    install(host)
    found = servers(host)["clockodo"]
    assert found["env"] == {"CLOCKODO_CONFIRM": "always", "CLOCKODO_MCP_DATA_DIR": os.environ["CLOCKODO_MCP_DATA_DIR"]}
    assert found["timeout"] == 9
    assert found["command"] != "/old/clockodo-mcp"
    assert not [one for one in tmp_path.rglob("*") if one.is_file() and KEY.encode() in one.read_bytes()]
    told = capsys.readouterr().out
    assert KEY not in told
    assert '"CLOCKODO_API_KEY": "***"' in told
    uninstall(host)
    assert servers(host) == {"other": {"command": "x"}}


def test_where_the_accounts_are_is_handed_on_only_where_it_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = os.environ["CLOCKODO_MCP_DATA_DIR"]
    install("cursor", demo=True)
    assert servers("cursor")["clockodo"]["env"] == {"CLOCKODO_MCP_DATA_DIR": folder}
    monkeypatch.delenv("CLOCKODO_MCP_DATA_DIR")
    install("codex", demo=True)
    assert "env" not in servers("codex")["clockodo"]


@pytest.mark.parametrize(
    ("env", "left"),
    [
        ({}, "Left to do: `clockodo-mcp login` asks"),
        (
            {"CLOCKODO_API_USER": "a@b.de", "CLOCKODO_API_KEY": "k"},
            "Left to do: the account stands in this environment",
        ),
    ],
)
def test_what_is_left_to_do_is_said_and_nothing_is_asked_without_a_terminal(
    env: dict[str, str], left: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    install("codex")
    assert left in capsys.readouterr().out
    assert "k" not in servers("codex")["clockodo"].get("env", {})  # type: ignore[operator]


def test_an_account_that_is_not_kept_yet_is_left_to_do_under_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    install("codex", account="work")
    assert "Left to do: `clockodo-mcp login --account work` asks" in capsys.readouterr().out
    assert servers("codex")["clockodo-work"]["args"] == ["--account", "work"]


@pytest.mark.anyio
async def test_doctor_looks_at_the_hosts() -> None:
    async def hosts() -> str:
        found, _ = await examination()
        return next(f"{one.state} {one.said}" for one in found if one.about == "hosts")

    configured("gemini", "{}")
    install("cursor", demo=True)
    entry = servers("cursor")["clockodo"]
    assert (
        await hosts() == f"ok Cursor, clockodo: starts {entry['command']}. Gemini CLI: `clockodo-mcp install gemini`."
    )
    path = configured("cursor", json.dumps({"mcpServers": {"clockodo": entry | {"env": {"CLOCKODO_API_KEY": "k"}}}}))
    assert "Cursor, clockodo: the key stands there in plain text; log in, and install it again." in await hosts()
    configured("cursor", json.dumps({"mcpServers": {"work": {"command": "/gone/clockodo-mcp"}}}))
    assert "wrong Cursor, work: /gone/clockodo-mcp is not there any more; install it again." in await hosts()
    configured("cursor", "{")
    assert f"wrong Cursor: {path} cannot be understood (line 1), and is left as it is." in await hosts()
