"""What `install` and `uninstall` do with accounts and keys that stand in a configuration already."""

import json
import os
from functools import partial
from pathlib import Path

import pytest
import tomlkit

from clockodo_mcp.cli.installing import install, uninstall
from clockodo_mcp.config import MisconfiguredError
from clockodo_mcp.doctor import examination
from clockodo_mcp.hosts.configurations import HOSTS, this_machine
from clockodo_mcp.hosts.content import NotEdited
from clockodo_mcp.hosts.edits import BACKUP
from clockodo_mcp.hosts.own_command import source_of
from tests.test_hosts import beside, configured, servers

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
OURS = {"command": "uvx", "args": ["clockodo-mcp"]}


def write_accounts(*names: str) -> None:
    """As `login` leaves them, but for the keys: none is needed here."""
    accounts = Path(os.environ["CLOCKODO_MCP_DATA_DIR"]) / "accounts.json"
    accounts.parent.mkdir(exist_ok=True)
    kept = {name: {"api_user": "a@b.de", "base_url": "https://my.clockodo.com/api"} for name in names}
    accounts.write_text(json.dumps(kept))


def configured_with(host: str, entries: dict[str, object]) -> Path:
    data = {HOSTS[host].key: entries}
    return configured(host, tomlkit.dumps(data) if host == "codex" else json.dumps(data, indent=2))


ANOTHER: dict[str, tuple[dict[str, object], str]] = {
    "of another person": (
        {"env": {"CLOCKODO_API_USER": "eva@b.de", "CLOCKODO_API_KEY": KEY}},
        "eva@b.de (https://my.clockodo.com/api)",
    ),
    "with another person's address alone": ({"env": {"CLOCKODO_API_USER": "eva@b.de"}}, "eva@b.de"),
    "of nobody": ({"env": {"CLOCKODO_API_KEY": KEY}}, "an account that it does not name"),
    "that the host asks for": (
        {"env": {"CLOCKODO_API_USER": "${input:user}", "CLOCKODO_API_KEY": "${input:key}"}},
        "an account that it does not name",
    ),
    "in a file of uv": ({"args": ["--env-file", ".env", "clockodo-mcp"]}, "an account that it does not name"),
    "a key for a person": ({"env": {"CLOCKODO_API_USER": KEY}}, "***"),
    "a key for a name": ({"args": ["clockodo-mcp", "--account", KEY]}, "***"),
}


@pytest.mark.parametrize("host", ["cursor", "codex"])
@pytest.mark.parametrize(("entry", "other"), ANOTHER.values(), ids=ANOTHER)
@pytest.mark.parametrize("kept", [("default",), ()], ids=["kept", "nobody kept"])
def test_an_entry_of_another_account_is_left_as_it_is(
    host: str, entry: dict[str, object], other: str, kept: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    write_accounts(*kept)
    path = configured_with(host, {"clockodo": OURS | entry})
    before = path.read_bytes()
    if kept or "args" in entry:
        with pytest.raises(NotEdited) as refused:
            install(host)
        ours = "a@b.de (https://my.clockodo.com/api)" if kept else "nobody yet"
        assert f"serves {other}, this one would serve {ours}." in str(refused.value)
        assert f"`clockodo-mcp uninstall {host}`" in str(refused.value)
        assert path.read_bytes() == before
    else:
        install(host)  # it stays as it is, in an entry of ours
        variables = dict(servers(host)["clockodo"]["env"])  # type: ignore[call-overload]
        assert {"CLOCKODO_MCP_DATA_DIR": variables.pop("CLOCKODO_MCP_DATA_DIR"), **variables} == {
            **entry["env"], "CLOCKODO_MCP_DATA_DIR": os.environ["CLOCKODO_MCP_DATA_DIR"],  # type: ignore[dict-item]
        }  # fmt: skip
    assert KEY not in capsys.readouterr().out


def test_samples_do_not_take_the_place_of_an_account() -> None:
    write_accounts("default")
    path = configured_with("cursor", {})
    install("cursor")
    before = path.read_bytes()
    with pytest.raises(NotEdited, match="this one would serve sample data"):
        install("cursor", demo=True)
    assert path.read_bytes() == before


def test_an_entry_is_for_whom_its_own_folder_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_accounts("default")
    configured_with("cursor", {})
    install("cursor")
    monkeypatch.delenv("CLOCKODO_MCP_DATA_DIR")
    capsys.readouterr()
    install("cursor")
    told = capsys.readouterr().out
    assert "needs no change" in told
    assert "It serves a@b.de (https://my.clockodo.com/api), account default of the keychain." in told
    monkeypatch.setenv("CLOCKODO_MCP_DATA_DIR", str(tmp_path / "another"))
    with pytest.raises(NotEdited, match=r"serves a@b\.de"):
        install("cursor")


@pytest.mark.parametrize(
    ("env", "told"),
    [
        (
            {"CLOCKODO_API_USER": "a@b.de", "CLOCKODO_API_KEY": KEY, "CLOCKODO_BASE_URL": "https://other.example/api"},
            "the key stands there in plain text",
        ),
        ({"CLOCKODO_ACCOUNT": "work"}, "There is no account work. Kept are: default."),
        ({"CLOCKODO_ACCOUNT": KEY}, "'***' cannot be the name of an account"),
    ],
)
def test_an_account_that_the_keychain_does_not_have_stays_in_the_entry(
    env: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_accounts("default")
    configured_with("cursor", {"clockodo": OURS | {"env": env}})
    install("cursor")
    folder = {"CLOCKODO_MCP_DATA_DIR": os.environ["CLOCKODO_MCP_DATA_DIR"]}
    assert servers("cursor")["clockodo"]["env"] == env | folder
    assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    "env",
    [
        {
            "CLOCKODO_API_USER": "A@B.de ",
            "CLOCKODO_API_KEY": KEY,
            "CLOCKODO_BASE_URL": "https://my.clockodo.com/api/v2/",
        },
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
    assert "It serves a@b.de (https://my.clockodo.com/api), account default of the keychain." in capsys.readouterr().out


OF_OURS: dict[str, dict[str, object]] = {
    "in an argument": {"args": ["--with", f"CLOCKODO_API_KEY={KEY}", "clockodo-mcp"]},
    "behind an argument": {"args": ["clockodo-mcp", "--api-key", KEY]},
    "behind a person": {"args": ["clockodo-mcp", "-u", f"a@b.de:{KEY}"]},
    "in an argument of JSON": {"args": ["clockodo-mcp", f'{{"X-ClockodoApiKey":"{KEY}"}}']},
    "short": {"args": ["clockodo-mcp", "-k", "sandbox-key"]},
    "as a header": {"headers": {"X-ClockodoApiKey": KEY}},
    "in a list of headers": {"headers": [{"X-ClockodoApiKey": KEY}]},
    "in another member": {"environment": {"CLOCKODO_API_KEY": KEY}},
    "misspelt": {"env": {"CLOCKODO_APIKEY": KEY, "CLOCKODO_CONFIRM": "always"}},
    "called otherwise": {"env": {"CLOCKODO_PASS": KEY}},
    "under another name": {"env": {"MY_TOKEN": KEY}},
    "as a default": {"env": {"CLOCKODO_CONFIRM": f"${{K:-{KEY}}}"}},
    "in an address": {"env": {"CLOCKODO_BASE_URL": f"https://m:{KEY}@my.clockodo.com/api"}},
    "asked of an address": {"env": {"CLOCKODO_BASE_URL": "https://my.clockodo.com/api?key=sandbox-key"}},
    "in a setting": {"env": {"CLOCKODO_EXTERNAL_APPLICATION": KEY}},
    "for a variable's name": {"env": {"CLOCKODO_CONFIRM": f"${{{KEY}}}"}},
    "as a name": {"env": {f"CLOCKODO_API_KEY={KEY}": ""}},
    "as a number": {"env": {"CLOCKODO_TIMEOUT": 123456789012345}},
    "in a variable of the command": {"command": f"K={KEY} uvx"},
}


@pytest.mark.parametrize("host", ["cursor", "codex"])
@pytest.mark.parametrize("entry", OF_OURS.values(), ids=OF_OURS)
def test_a_key_in_an_entry_of_ours_is_neither_shown_nor_copied(
    host: str, entry: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    write_accounts("default")
    key = next(one for one in (KEY, "sandbox-key", "123456789012345") if one in str(entry))
    path = configured_with(host, {"clockodo": OURS | entry, "other": {"command": "x"}})
    if "command" in entry:
        with pytest.raises(NotEdited, match="starts another server"):
            install(host)
        assert key not in capsys.readouterr().out
        return
    install(host)
    told = capsys.readouterr().out
    assert "No copy is kept of what was there before" in told
    assert beside(path) == [path.name]
    uninstall(host)
    assert key not in told + capsys.readouterr().out
    assert servers(host) == {"other": {"command": "x"}}


IN_A_FILE: dict[str, tuple[str, str]] = {
    "in docker's arguments": (
        "cursor", f'{{"mcpServers": {{"time": {{"command": "docker", "args": ["-e", "CLOCKODO_API_KEY={KEY}"]}}}}}}',
    ),
    "in a header": (
        "cursor",
        f'{{"mcpServers": {{"clockodo-rest": {{"url": "https://x.example", "headers": {{"X-Api-Key": "{KEY}"}}}}}}}}',
    ),
    "behind an argument": (
        "cursor", f'{{"mcpServers": {{"time": {{"command": "npx", "args": ["clockodo", "-u", "a:{KEY}"]}}}}}}',
    ),
    "in escapes": ("cursor", f'{{"env": {{"\\u0043LOCKODO_API_\\u004bEY": "{KEY}"}}}}'),
    "in a comment": ("vscode", f'{{ // the key of Clockodo: {KEY}\n  "a": 1 }}'),
    "without a place for servers": ("claude-code", f'{{"env": {{"CLOCKODO_API_KEY": "{KEY}"}}}}\n'),
    "of a project": ("claude-code", f'{{"projects": {{"/x": {{"mcpServers": {{"c": ["clockodo={KEY}"]}}}}}}}}'),
    "beside an empty place": ("cursor", f'{{"k": "clockodo key {KEY}", "mcpServers": {{ \n\t  }}}}'),
    "beside an empty place on one line": ("cursor", f'{{"mcpServers": {{ }}, "k": "clockodo key {KEY}"}}'),
    "beside a place with a comment": ("cursor", f'{{"mcpServers": {{ /* none */ }}, "k": "clockodo {KEY}"}}'),
    "in a table": ("codex", f'[clockodo]\nkey = """{KEY}"""\n'),
    "in escapes of a table": ("codex", f'["\\u0043LOCKODO"]\nk = "{KEY}"\n'),
    "without a line end": ("codex", f'clockodo.key = "{KEY}"'),
}  # fmt: skip


@pytest.mark.parametrize(("host", "text"), IN_A_FILE.values(), ids=IN_A_FILE)
def test_a_file_in_which_a_key_may_stand_is_not_copied_and_comes_back_to_the_byte(host: str, text: str) -> None:
    path = configured(host, text)
    for again in range(2):
        install(host, demo=True)
        copies = [one for one in path.parent.iterdir() if one.name.startswith(path.name) and one != path]
        assert not [one for one in copies if KEY.encode() in one.read_bytes()]
        if again:
            install(host, demo=True)
        uninstall(host)
        assert path.read_bytes() == text.encode()
        assert beside(path) == [path.name]


def test_a_line_end_that_somebody_else_needs_now_stays() -> None:
    path = configured("codex", 'clockodo.key = "k"')
    install("codex", demo=True)
    path.write_text(path.read_text() + "[later]\nr = 1\n")
    uninstall("codex")
    assert path.read_text() == 'clockodo.key = "k"\n[later]\nr = 1\n'


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
    assert beside(path) == [path.name]


@pytest.mark.parametrize("host", ["cursor", "codex"])
def test_a_copy_that_has_an_entry_of_ours_does_not_bring_it_back(host: str) -> None:
    write_accounts("a", "b")
    path = HOSTS[host].file(this_machine())
    install(host, account="a")
    path.with_name(f"{path.name}.made-by-clockodo-mcp").unlink()
    install(host, account="b")
    uninstall(host, account="a")
    assert list(servers(host)) == ["clockodo-b"]
    uninstall(host, account="b")
    assert servers(host) == {}
    assert beside(path) == [path.name]


@pytest.mark.anyio
async def test_doctor_finds_an_entry_whose_account_is_not_kept() -> None:
    write_accounts("default", "work")
    for account in ("default", "work"):
        install("cursor", account=account)
    write_accounts("default")
    found, _ = await examination()
    hosts = next(one for one in found if one.about == "hosts")
    assert hosts.state == "wrong"
    add = "There is no account work. Kept are: default. Keep it with `clockodo-mcp login --account work`."
    assert f"Cursor, clockodo-work: {add}" in hosts.said
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
    gone = "/gone/clockodo-mcp"
    configured("cursor", json.dumps({"mcpServers": {"work": {"command": gone}}}))
    assert f"wrong Cursor, work: {Path(gone)} is not there any more; install it again." in await hosts()
    configured("cursor", "{")
    assert f"wrong Cursor: {path} cannot be understood (line 1), and is left as it is." in await hosts()


@pytest.mark.parametrize(
    ("host", "before", "after"),
    [
        ("cursor", '"args": [', '"args": /* ticket 42 */ ['),
        ("cursor", '      "command"', '      // ticket 42\n      "command"'),
        ("codex", "command =", "# ticket 42\ncommand ="),
    ],
)
@pytest.mark.parametrize("moved", [False, True], ids=["same", "moved"])
def test_what_people_write_into_an_entry_stays(host: str, before: str, after: str, moved: bool) -> None:
    path = configured(host, "")
    install(host, demo=True)
    text = path.read_text().replace(before, after)
    assert "ticket 42" in text
    command = json.dumps(servers(host)["clockodo"]["command"])  # as JSON and TOML write it
    there = text.replace(command, '"/old/clockodo-mcp"') if moved else text
    path.write_text(there)
    if moved and host == "codex":
        with pytest.raises(NotEdited, match="without touching the rest"):
            install(host, demo=True)
        assert path.read_text() == there
    else:
        install(host, demo=True)
        assert path.read_text() == text


@pytest.mark.parametrize("member", ['"args": ["--demo", // ticket 42\n]', '"env": {"A": "b"}, "x": [/* ticket 42 */]'])
def test_what_would_go_with_a_comment_is_left(member: str) -> None:
    write_accounts("default")
    text = f'{{"mcpServers": {{"clockodo": {{"command": "/old/clockodo-mcp", {member}}}}}}}'
    path = configured("cursor", text)
    if "args" in member:
        with pytest.raises(NotEdited, match="without touching the rest"):
            install("cursor")
        assert path.read_text() == text
    else:
        install("cursor")
        assert "[/* ticket 42 */]" in path.read_text()


@pytest.mark.parametrize("more", ["", '[mcp_servers.clockodo.env]\nCLOCKODO_CONFIRM = "auto"\n'])
def test_a_comment_of_the_next_table_stays_where_an_entry_changes(more: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = f'[mcp_servers.clockodo]\ncommand = "uvx"\nargs = ["clockodo-mcp"]\n{more}'
    path = configured("codex", f"{entry}\n# of the next\n[other]\na = 1\n")
    install("codex", demo=True)
    monkeypatch.delenv("CLOCKODO_MCP_DATA_DIR")
    path.write_text(path.read_text() + "b = 2\n")
    uninstall("codex")
    assert "\n# of the next\n[other]\na = 1\n" in path.read_text()


@pytest.mark.parametrize(
    "text", ["[mcp_servers]\nclockodo = {E}\n", "mcp_servers = {{clockodo = {E}}}\n", "[mcp_servers]\nclockodo.{e}\n"]
)
def test_a_table_that_is_written_another_way_is_left(text: str) -> None:
    text = text.format(E='{command = "uvx", args = ["clockodo-mcp"]}', e='command = "clockodo-mcp"')
    path = configured("codex", text)
    for again in (install, uninstall):
        with pytest.raises(NotEdited, match="without touching the rest"):
            again("codex")
        assert path.read_text() == text


def test_a_comment_in_an_entry_may_hold_a_key() -> None:
    path = configured(
        "cursor",
        f'{{"mcpServers": {{"clockodo": {{"command": "uvx", "args": ["clockodo-mcp"] /* the key: {KEY} */}}}}}}',
    )
    install("cursor", account="b")
    assert beside(path) == [path.name]


def test_what_is_called_a_key_of_something_else_stays() -> None:
    write_accounts("default")
    env = {"PROXY_API_KEY": "abc", "CLOCKODO_API_USER": "a@b.de", "CLOCKODO_API_KEY": KEY}
    configured_with("cursor", {"clockodo": OURS | {"env": env, "note": ["api key: in the safe"]}})
    install("cursor")
    found = servers("cursor")["clockodo"]
    folder = {"CLOCKODO_MCP_DATA_DIR": os.environ["CLOCKODO_MCP_DATA_DIR"]}
    assert (found["env"], found["note"]) == ({"PROXY_API_KEY": "abc"} | folder, ["api key: in the safe"])


def test_an_entry_with_a_home_of_its_own_keeps_its_account() -> None:
    write_accounts("default")
    env = {"HOME": "/another", "CLOCKODO_API_USER": "a@b.de", "CLOCKODO_API_KEY": KEY}
    configured_with("cursor", {"clockodo": OURS | {"env": env}})
    install("cursor")
    folder = {"CLOCKODO_MCP_DATA_DIR": os.environ["CLOCKODO_MCP_DATA_DIR"]}
    assert servers("cursor")["clockodo"]["env"] == env | folder


def test_of_several_accounts_none_is_asked_for_where_the_entry_names_one(capsys: pytest.CaptureFixture[str]) -> None:
    write_accounts("a", "b")
    configured_with("cursor", {"clockodo": OURS | {"env": {"CLOCKODO_ACCOUNT": "b"}}})
    install("cursor")
    assert "account b of the keychain." in capsys.readouterr().out
    with pytest.raises(MisconfiguredError, match="Several accounts are kept: a, b"):
        install("codex")


def test_a_file_that_is_read_only_and_needs_no_change_is_no_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    install("cursor", demo=True)
    HOSTS["cursor"].file(this_machine()).chmod(0o444)
    install("cursor", demo=True)
    assert "needs no change." in capsys.readouterr().out


def test_an_account_of_a_file_is_said_to_be_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    write_accounts("default")
    configured_with("vscode", {"clockodo": OURS | {"envFile": "/x/.env"}})
    install("vscode")
    assert servers("vscode")["clockodo"]["envFile"] == "/x/.env"
    assert "Its account stands elsewhere" in capsys.readouterr().out


def test_what_else_is_there_is_told_where_something_is_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    write_accounts("work")
    install("cursor", account="work")
    capsys.readouterr()
    uninstall("cursor")
    told = capsys.readouterr().out
    assert "needs no change." in told
    assert "Still there: clockodo-work (`clockodo-mcp uninstall cursor --account work`)." in told


def test_an_entry_under_a_name_of_its_own_is_no_reason_to_keep_a_copy() -> None:
    path = configured_with("cursor", {"mine": OURS})
    before = path.read_bytes()
    install("cursor", demo=True)
    uninstall("cursor")
    assert path.read_bytes() == before
    assert beside(path) == [path.name]


def test_a_list_of_accounts_that_cannot_be_read_does_not_keep_an_entry_in() -> None:
    install("cursor", demo=True)
    (Path(os.environ["CLOCKODO_MCP_DATA_DIR"]) / "accounts.json").parent.mkdir(exist_ok=True)
    (Path(os.environ["CLOCKODO_MCP_DATA_DIR"]) / "accounts.json").write_text("{")
    uninstall("cursor")
    assert not HOSTS["cursor"].file(this_machine()).exists()


UNFIT: dict[str, tuple[dict[str, object], str]] = {
    "a person without a key": ({"args": [], "env": {"CLOCKODO_API_USER": "a@b.de"}}, "CLOCKODO_API_KEY is not set"),
    "a name and a person": (
        {"args": ["--account", "default"], "env": {"CLOCKODO_API_USER": "a@b.de", "CLOCKODO_API_KEY": "k"}},
        "The account default is asked for",
    ),
    "another address": ({"env": {"CLOCKODO_BASE_URL": "https://other.example/api"}}, "says another address"),
    "a word that it does not know": ({"args": ["--demoo"]}, "arguments that the server does not take"),
    "no name behind its flag": ({"args": ["--account", "--demo"]}, "arguments that the server does not take"),
    "another command": ({"args": ["doctor"]}, "arguments that the server does not take"),
    "a setting that cannot be": ({"env": {"CLOCKODO_TIMEOUT": "abc"}}, "CLOCKODO_TIMEOUT must be"),
    "a folder without accounts": (
        {"args": [], "env": {"CLOCKODO_MCP_DATA_DIR": "~/none"}},
        "CLOCKODO_API_USER is not set",
    ),
}


@pytest.mark.anyio
@pytest.mark.parametrize(("entry", "why"), UNFIT.values(), ids=UNFIT)
async def test_doctor_finds_an_entry_that_cannot_start(entry: dict[str, object], why: str) -> None:
    write_accounts("default")
    install("cursor")
    ours = servers("cursor")["clockodo"]
    configured_with("cursor", {"clockodo": ours | entry | {"env": {**ours["env"], **entry.get("env", {})}}})  # type: ignore[dict-item]
    found, _ = await examination()
    hosts = next(one for one in found if one.about == "hosts")
    assert (hosts.state, why in hosts.said) == ("wrong", True)


def test_a_dry_run_takes_no_copy_away() -> None:
    path = configured_with("cursor", {})
    copy = path.with_name(f"{path.name}{BACKUP}")
    copy.write_text("{}")
    uninstall("cursor", dry_run=True)
    assert copy.exists()
    uninstall("cursor")
    assert not copy.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--with", "clockodo-mcp", "team-tool"],
        ["run", "--with", "clockodo-mcp", "python", "mine.py"],
        ["run", "python", "-m", "mine"],
        ["team-tool", "clockodo-mcp"],
        ["run", "--package", "clockodo-mcp", "team-tool"],
        ["--an-option-of-tomorrow", "clockodo-mcp", "team-tool"],
    ],
)
def test_what_only_mentions_this_server_is_another_one(words: list[str]) -> None:
    path = configured_with("cursor", {"clockodo": {"command": "uvx", "args": words}})
    before = path.read_bytes()
    for again in (partial(install, "cursor", demo=True), partial(uninstall, "cursor")):
        with pytest.raises(NotEdited, match="starts another server"):
            again()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("uv", ["tool", "run", "--from", "/x", "clockodo-mcp@0.1.0", "--demo"]),
        ("uv", ["--directory", "/x", "run", "clockodo-mcp"]),
        ("uv", ["run", "python", "-m", "clockodo_mcp"]),
        ("uv", ["run", "-m", "clockodo_mcp"]),
        ("pipx", ["run", "--spec", "/x", "clockodo-mcp"]),
        ("C:\\x\\python.exe", ["-m", "clockodo_mcp", "--demo"]),
        ("C:\\x\\clockodo-mcp.exe", []),
    ],
)
def test_what_starts_this_server_is_ours(command: str, words: list[str]) -> None:
    configured_with("cursor", {"clockodo": {"command": command, "args": words}})
    uninstall("cursor")
    assert servers("cursor") == {}


def test_an_entry_names_its_account_so_that_no_other_takes_its_place() -> None:
    write_accounts("default")
    install("cursor")
    entry = servers("cursor")["clockodo"]
    assert entry["args"] == ["--account", "default"]
    write_accounts("default", "work")
    install("cursor", account="work")
    assert servers("cursor")["clockodo"] == entry


@pytest.mark.parametrize(
    "entry",
    [
        {"env": {"HOME": "/another"}},
        {"args": ["clockodo-mcp", "--account", "b"], "env": {"HOME": "/another", "CLOCKODO_ACCOUNT": "a"}},
        {"cwd": "/x", "env": {"CLOCKODO_MCP_DATA_DIR": "data"}},
        {"env": {"CLOCKODO_MCP_DATA_DIR": "${env:D}"}},
        {"env": {"CLOCKODO_API_USER": "${U}"}},
        {"env": {"CLOCKODO_ACCOUNT": "${A:-b}"}},
        {"env": {"PYTHON_KEYRING_BACKEND": "x"}},
        {"env": {"clockodo_api_user": "eva@b.de", "clockodo_api_key": KEY}},
        {"env_vars": [{"name": "CLOCKODO_API_USER"}, {"name": "CLOCKODO_API_KEY"}]},
    ],
)
def test_an_account_elsewhere_is_not_moved(entry: dict[str, object]) -> None:
    write_accounts("default")
    path = configured_with("cursor", {"clockodo": OURS | entry})
    before = path.read_bytes()
    deciding = {"HOME", "CLOCKODO_MCP_DATA_DIR", "PYTHON_KEYRING_BACKEND"} & {*dict(entry.get("env", {}))}  # type: ignore[call-overload]
    try:
        install("cursor")
    except NotEdited as refused:
        assert "serves an account that it does not name" in str(refused)
        assert path.read_bytes() == before
    else:
        assert not deciding
        found = servers("cursor")["clockodo"]
        assert {**found["env"], **dict(entry.get("env", {}))} == found["env"]  # type: ignore[dict-item, call-overload]
        assert found.get("env_vars") == entry.get("env_vars")
        assert "--account" not in found["args"]  # type: ignore[operator]


@pytest.mark.parametrize("odd", [{"env": ["A=1"]}, {"env": "A=1"}, {"env": None}, {"args": "--demo"}])
def test_an_entry_with_what_cannot_be_understood_is_left(odd: dict[str, object]) -> None:
    path = configured_with("cursor", {"clockodo": {"command": "clockodo-mcp"} | odd})
    before = path.read_bytes()
    with pytest.raises(NotEdited, match="without touching the rest"):
        install("cursor", demo=True)
    assert path.read_bytes() == before


def test_no_key_that_is_known_here_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCKODO_API_KEY", "sandbox-key")
    path = configured_with("cursor", {"sync": {"command": "npx", "env": {"TOKEN": "sandbox-key"}}})
    before = path.read_bytes()
    install("cursor", demo=True)
    assert beside(path) == [path.name]
    uninstall("cursor")
    assert path.read_bytes() == before


def test_a_line_end_that_was_made_goes_where_an_entry_made_by_hand_stays() -> None:
    text = '# clockodo\n[mcp_servers.mine]\ncommand = "uvx"\nargs = ["clockodo-mcp"]\n[x]\na = 1'
    path = configured("codex", text)
    install("codex", demo=True)
    uninstall("codex")
    assert path.read_text() == text
    assert beside(path) == [path.name]


def test_what_is_deep_is_left() -> None:
    path = configured("codex", ".".join("a" * 3000) + " = 1\n")
    before = path.read_bytes()
    with pytest.raises(NotEdited):
        install("codex", demo=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("direct", "source"),
    [
        ({"url": "file:///home/m/my%20dir", "dir_info": {}}, "/home/m/my dir"),
        (
            {
                "url": "https://x.example/r.git",
                "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "c"},
            },
            "git+https://x.example/r.git@v1",
        ),
        ({"url": "https://x.example/r.whl", "archive_info": {}}, "https://x.example/r.whl"),
        (
            {"url": "https://x.example/r.git", "vcs_info": {"vcs": "git", "commit_id": "c"}, "subdirectory": "s"},
            "git+https://x.example/r.git@c#subdirectory=s",
        ),
        ({}, ""),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="the paths are of other systems")
def test_where_the_package_is_from_is_written_as_uv_takes_it(direct: dict[str, object], source: str) -> None:
    assert source_of(direct) == source


@pytest.mark.parametrize("words", [["clockodo-mcp", "--account", "work"], ["clockodo-mcp", "--account=work"]])
def test_an_entry_is_renewed_for_whom_it_names(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for kept in ((), ("default",), ("default", "work")):
        write_accounts(*kept)
        configured_with("cursor", {"clockodo": OURS | {"args": words}})
        install("cursor")
        assert servers("cursor")["clockodo"]["args"] == ["--account", "work"]
        told = capsys.readouterr().out
        if "work" in kept:
            assert "account work of the keychain." in told
        else:
            assert "Left to do: `clockodo-mcp login --account work` asks" in told


def test_an_account_in_an_entry_is_found_under_whatever_name_it_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    accounts = Path(os.environ["CLOCKODO_MCP_DATA_DIR"]) / "accounts.json"
    accounts.parent.mkdir()
    kept = {name: {"api_user": f"{name}@b.de", "base_url": "https://my.clockodo.com/api"} for name in ("default", "m")}
    accounts.write_text(json.dumps(kept))
    folder = {"CLOCKODO_MCP_DATA_DIR": os.environ["CLOCKODO_MCP_DATA_DIR"]}
    env = {"CLOCKODO_API_USER": "M@b.de", "CLOCKODO_API_KEY": KEY}
    path = configured_with("cursor", {"clockodo": OURS | {"env": env | folder}})
    install("cursor")
    assert servers("cursor")["clockodo"]["args"] == ["--account", "m"]
    assert KEY not in path.read_text()
    assert "It serves m@b.de (https://my.clockodo.com/api), account m of the keychain." in capsys.readouterr().out


def test_a_copy_that_turns_out_to_hold_a_key_goes_though_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    path = configured_with("cursor", {"sync": {"command": "npx", "env": {"TOKEN": "sandbox-key"}}})
    install("cursor", demo=True)
    assert path.with_name(f"{path.name}{BACKUP}").exists()
    monkeypatch.setenv("CLOCKODO_API_KEY", "sandbox-key")
    install("cursor", demo=True)
    assert beside(path) == [path.name]
