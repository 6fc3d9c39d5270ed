"""The server in the configurations of hosts: in and out again, everything else to the byte, and never a key."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clockodo_mcp.cli.installing import install, uninstall
from clockodo_mcp.hosts import jsonc
from clockodo_mcp.hosts.configurations import HOSTS, Machine, this_machine
from clockodo_mcp.hosts.content import NotEdited
from clockodo_mcp.hosts.edits import BACKUP, MADE, NEW, FileEdit, with_entry, without_entry
from clockodo_mcp.hosts.server_entries import Entry
from tests.processes import linked

pytestmark = pytest.mark.anyio

JSON = [name for name in HOSTS if name != "codex"]

OTHERS = {
    "empty": "",
    "blanks": " \n\n",
    "nothing in it": "{}",
    "nothing in it, on lines": "{\n}\n",
    "other settings": '{\n  "theme": "dark",\n  "list": [1, 2, {"a": null}]\n}\n',
    "other servers": '{\n  "SERVERS": {\n    "other": {\n      "command": "npx",\n      "args": ["x"]\n    }\n  }\n}\n',
    "no servers": '{\n    "SERVERS": {}\n}',
    "on one line": '{"SERVERS": {"other": {"command": "npx"}}, "theme": "dark"}',
    "without blanks": '{"SERVERS":{},"theme":"dark"}',
    "odd": '{ "theme" : "dark"\n  ,"SERVERS":\n{\n "other" :{ "command":"x" } }}\n\n\n',
    "tabs": '{\n\t"SERVERS": {\n\t\t"other": {\n\t\t\t"command": "x"\n\t\t}\n\t}\n}\n',
    "line ends of Windows": '{\r\n  "SERVERS": {\r\n    "other": {"command": "x"}\r\n  },\r\n  "b": 1\r\n}\r\n',
    "a byte order mark": '\ufeff{\n  "SERVERS": {}\n}\n',
    "names in other scripts": '{"Ordner": "C:\\\\Übung", "SERVERS": {"日本": {"command": "😀"}}}',
}

WITH_COMMENTS = {
    "comments": '// mine\n{\n  "SERVERS": { // all\n    "other": {"command": "x"} // of work\n    /* x */\n  },\n}\n',
    "only a comment": '{\n  "SERVERS": {\n    // none yet, "{" is no sign here\n  }\n}\n',
    "commas at the end": '{\n  "SERVERS": {\n    "other": {"command": "x", "args": ["a",],},\n  },\n}\n',
}

TOML = {
    "empty": "",
    "other settings": 'model = "gpt"\n\n[tools]\nweb = true\n',
    "other servers": '[mcp_servers.other]\ncommand = "npx" # mine\nargs = ["-y"]\n\n[mcp_servers.other.env]\nA = "b"\n',
    "a table after the servers": '[mcp_servers.other]\ncommand = "npx"\n\n[projects."/home/me"]\ntrust = "yes"\n',
    "dotted": 'model = "x"\nmcp_servers.other.command = "npx"\n',
    "an array of tables in between": '[[h]]\na = 1\n# mine\n[mcp_servers.x]\ncommand = "x"\n# two\n[[h]]\na = 2\n',
    "what looks like ours in a text": 'a = """\n[mcp_servers.clockodo]\n"""\n',
    "mixed line ends": '[a]\r\nb = """x\ny"""\n[mcp_servers.other]\r\ncommand = "x"\n',
    "without a line end": '[tui]\ntheme = "dark"',
    "line ends of Windows": '# mine\r\n[mcp_servers.other]\r\ncommand = "x"\r\n',
    "comments": "# servers follow\n\n#[mcp_servers.clockodo]\n#command = 'x'\n",
}

CASES = [
    *((host, name, text) for host in JSON for name, text in OTHERS.items()),
    *((host, name, text) for host in ("vscode", "cursor", "gemini") for name, text in WITH_COMMENTS.items()),
    *(("codex", name, text) for name, text in TOML.items()),
]


def servers(host: str) -> dict[str, dict[str, object]]:
    text = HOSTS[host].file(this_machine()).read_text(encoding="utf-8")
    data = tomllib.loads(text) if host == "codex" else jsonc.read(text).plain()
    assert isinstance(data, dict)
    found: dict[str, dict[str, object]] = data.get(HOSTS[host].key, {})
    return found


def configured(host: str, text: str) -> Path:
    path = HOSTS[host].file(this_machine())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.replace("SERVERS", HOSTS[host].key).encode())
    return path


def beside(path: Path) -> list[str]:
    """The file, and whatever there is of it beside it."""
    return [one.name for one in path.parent.iterdir() if one.name.startswith(path.name)]


def holds(text: str, before: str) -> bool:
    """Whether every sign of what was there before is there, in its order."""
    left = iter(text)
    return all(sign in left for sign in "".join(before.split()))


@pytest.mark.parametrize(("host", "name", "text"), CASES, ids=[f"{host}-{name}" for host, name, _ in CASES])
def test_an_entry_goes_in_and_out_and_the_rest_stays_to_the_byte(host: str, name: str, text: str) -> None:
    path = configured(host, text)
    before = path.read_bytes()
    others = servers(host) if text.strip() or host == "codex" else {}
    path.chmod(0o640)
    install(host, demo=True)
    entry = servers(host)["clockodo"]
    assert str(entry["command"]).endswith(("clockodo-mcp", "clockodo-mcp.exe"))
    assert entry["args"] == ["--demo"]
    assert {key: one for key, one in servers(host).items() if key != "clockodo"} == others
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640
    assert holds(path.read_bytes().decode(), before.decode())
    uninstall(host)
    assert path.read_bytes() == before
    assert beside(path) == [path.name]


@pytest.mark.parametrize("host", HOSTS)
def test_a_configuration_that_is_missing_is_missing_again(host: str) -> None:
    path = HOSTS[host].file(this_machine())
    install(host, demo=True)
    assert list(servers(host)) == ["clockodo"]
    uninstall(host)
    assert not path.exists()
    uninstall(host)
    assert not list(path.parent.glob(f"*{BACKUP}"))


BROKEN: list[tuple[str, str, str]] = [
    *((host, '{\n  "SERVERS": {\n    "other": {"comm', "cannot be understood (line 3)") for host in JSON),
    *((host, '{"SERVERS": []}', "cannot be understood") for host in JSON),
    *((host, "[]", "cannot be understood") for host in JSON),
    *((host, '{"SERVERS": {}, "SERVERS": {}}', "cannot be understood (line 1)") for host in JSON),
    *(
        (host, '{"SERVERS": {"clockodo": {"command": "npx"}}}', "an entry clockodo that starts another server")
        for host in JSON
    ),
    ("cursor", '{ "x": 1 // a\r, "mcpServers": {"z": {}}\n}', "cannot be understood (line 1)"),
    ("codex", '[mcp_servers.other]\ncommand = "np', "cannot be understood"),
    ("codex", "mcp_servers = 1\n", "cannot be understood"),
    ("codex", 'mcp_servers = { other = { command = "npx" } }\n', "cannot be changed from here without touching"),
    *((host, '{"SERVERS": {"clockodo": {"command": "npx", "args": 5}}}', "another server") for host in JSON),
    *(
        (host, '{"SERVERS": {"clockodo": {"command": "npx", "args": ["@acme/clockodo-mcp-server"]}}}', "another server")
        for host in JSON
    ),
    *((host, '{"a": ' + "[" * 5000, "cannot be understood") for host in JSON),
    ("codex", "a = " + "[" * 5000, "cannot be understood"),
    ("codex", '[mcp_servers.clockodo]\ncommand = "npx"\n', "an entry clockodo that starts another server"),
]


@pytest.mark.parametrize(("host", "text", "why"), BROKEN)
def test_what_cannot_be_changed_is_left_and_the_entry_is_shown(
    host: str, text: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = configured(host, text)
    before = path.read_bytes()
    for again in (install, uninstall) if "without touching" not in why else (install,):
        with pytest.raises(NotEdited) as refused:
            again(host)
        assert why in str(refused.value)
        assert path.read_bytes() == before
        assert beside(path) == [path.name]
    assert "The entry would be:" in capsys.readouterr().out


@pytest.mark.parametrize("host", HOSTS)
def test_a_file_that_is_read_only_or_no_text_is_left(host: str) -> None:
    path = configured(host, "")
    path.chmod(0o400)
    with pytest.raises(NotEdited, match="is read-only"):
        install(host)
    path.chmod(0o600)
    path.write_bytes(b"\xff\xfe{\x00}\x00")
    with pytest.raises(NotEdited, match="UTF-8"):
        install(host)
    assert path.read_bytes() == b"\xff\xfe{\x00}\x00"


def test_what_was_changed_meanwhile_stays() -> None:
    path = configured("cursor", '{"theme": "dark"}')
    install("cursor", demo=True)
    data = json.loads(path.read_text())
    data["mcpServers"]["other"] = {"command": "npx"}
    path.write_text(json.dumps(data, indent=4))
    uninstall("cursor")
    assert json.loads(path.read_text()) == {"theme": "dark", "mcpServers": {"other": {"command": "npx"}}}


def test_an_empty_file_and_an_empty_folder_that_were_there_stay() -> None:
    path = configured("cursor", "")
    install("cursor", demo=True)
    uninstall("cursor")
    assert path.read_bytes() == b""
    path.unlink()
    install("cursor", demo=True)
    uninstall("cursor")
    assert list(path.parent.iterdir()) == []


def test_a_copy_goes_when_its_entry_is_gone_and_one_that_cannot_be_used_is_none() -> None:
    path = configured("cursor", '{"theme": "dark"}')
    install("cursor", demo=True)
    path.write_text("{}")
    uninstall("cursor")
    assert beside(path) == [path.name]
    install("cursor", demo=True)
    path.with_name(path.name + BACKUP).write_bytes(b"\xff")
    uninstall("cursor")
    assert json.loads(path.read_text()) == {"mcpServers": {}}
    assert beside(path) == [path.name]


@pytest.mark.parametrize("edit", [with_entry, without_entry])
def test_what_another_program_writes_meanwhile_is_not_lost(edit: Callable[..., FileEdit]) -> None:
    path = configured("cursor", '{"mcpServers": {"clockodo": {"command": "clockodo-mcp"}}}')
    more = () if edit is without_entry else ({"command": "clockodo-mcp", "args": []},)
    planned = edit(HOSTS["cursor"], path, "clockodo", *more)
    path.write_text('{"mcpServers": {"new": {"command": "x"}}}')
    with pytest.raises(NotEdited, match="was changed meanwhile"):
        planned.carry_out()
    assert "new" in path.read_text()
    assert beside(path) == [path.name]


def test_tables_apart_from_each_other_lose_the_one_that_is_ours() -> None:
    path = configured("codex", '[mcp_servers.a]\ncommand = "a"\n[p]\nq = 1\n[mcp_servers.b]\ncommand = "b"\n')
    install("codex", demo=True)
    path.write_text(path.read_text() + "[later]\nr = 1\n")
    uninstall("codex")
    assert tomllib.loads(path.read_text()) == {
        "mcp_servers": {"a": {"command": "a"}, "b": {"command": "b"}}, "p": {"q": 1}, "later": {"r": 1},
    }  # fmt: skip


OURS = '[mcp_servers.clockodo]\ncommand = "clockodo-mcp"\n'

AMONG_OTHERS = {
    "a comment of the next table": ("codex", f"a = 1\n\n{OURS}\n# of b\n[b]\nc = 2\n", "a = 1\n\n# of b\n[b]\nc = 2\n"),
    "a comment at the end": ("codex", f"{OURS}# mine\n", "# mine\n"),
    "its own tables": (
        "codex",
        f'{OURS}# its own\n[mcp_servers.clockodo.env]\nA = "b" # mine\n[b]\n',
        "[b]\n",
    ),
    "its head in a text": (
        "codex",
        f'notes = """\n{OURS}"""\n{OURS}[b]\nc = """\n[d]\n"""\n',
        f'notes = """\n{OURS}"""\n[b]\nc = """\n[d]\n"""\n',
    ),
    "a text of its own with heads": (
        "codex", f'{OURS}args = ["""\n[b]\n# c\n""",\n]\n[b]\n', "[b]\n",
    ),
    "its head in a comment behind an odd line end": (
        "codex", f"# a\u2028[mcp_servers.clockodo]\n{OURS}", "# a\u2028[mcp_servers.clockodo]\n",
    ),
    "a member behind it, a comment before": (
        "cursor",
        '{"mcpServers": {"a": {}, // mine\n  "clockodo": {"command": "clockodo-mcp"}, "b": {}}, "c": 1}\n',
        '{"mcpServers": {"a": {}, // mine\n   "b": {}}, "c": 1}\n',
    ),
    "the end behind it, a comment before": (
        "cursor",
        '{"mcpServers": {"a": {} // mine\n  ,"clockodo": {"command": "clockodo-mcp"}}, "c": 1}\n',
        '{"mcpServers": {"a": {} // mine\n  }, "c": 1}\n',
    ),
    "it alone, a comment before": (
        "cursor",
        '{"mcpServers": { // mine\n  "clockodo": {"command": "clockodo-mcp"}}, "c": 1}\n',
        '{"mcpServers": { // mine\n  }, "c": 1}\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("host", "text", "left"), AMONG_OTHERS.values(), ids=AMONG_OTHERS)
def test_an_entry_among_others_goes_and_nothing_else(host: str, text: str, left: str) -> None:
    path = configured(host, text)
    uninstall(host)
    assert path.read_bytes().decode() == left


def test_two_that_write_at_once_leave_the_copy_of_what_was_there_before() -> None:
    path = configured("cursor", "{}")
    entry: Entry = {"command": "clockodo-mcp", "args": []}
    first, second = (with_entry(HOSTS["cursor"], path, name, entry) for name in ("clockodo-a", "clockodo-b"))
    first.carry_out()
    with pytest.raises(NotEdited, match="was changed meanwhile"):
        second.carry_out()
    assert path.with_name(path.name + BACKUP).read_bytes() == b"{}"
    first.path.write_bytes(b"{}")
    with pytest.raises(NotEdited, match="was changed meanwhile"):  # of the copy
        second.carry_out()


def test_what_a_run_that_was_killed_has_left_goes() -> None:
    path = configured("cursor", "{}")
    for name in (path.name, path.name + BACKUP, path.name + MADE):
        path.with_name(name + NEW).write_text("half")
    install("cursor", demo=True)
    assert sorted(beside(path)) == [path.name, path.name + BACKUP]
    uninstall("cursor")
    for name in (path.name, path.name + BACKUP, path.name + MADE):
        path.with_name(name + NEW).write_text("half")
    uninstall("cursor")
    assert beside(path) == [path.name]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_stays_its_owners() -> None:
    path = configured("cursor", "{}")
    os.chown(path, 1000, 1000)
    install("cursor", demo=True)
    assert {(one.stat().st_uid, one.stat().st_gid) for one in path.parent.iterdir()} == {(1000, 1000)}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_what_is_no_file_is_not_waited_for() -> None:
    path = HOSTS["cursor"].file(this_machine())
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.raises(NotEdited, match="is no file"):
        install("cursor", demo=True)


def test_a_copy_that_cannot_be_read_is_not_written_over() -> None:
    path = configured("cursor", "{}")
    install("cursor", demo=True)
    copy = path.with_name(path.name + BACKUP)
    copy.unlink()
    copy.mkdir()
    with pytest.raises(NotEdited, match="is no file"):
        install("cursor", account="work")


def test_what_is_not_there_needs_no_folder() -> None:
    uninstall("codex")
    assert not HOSTS["codex"].file(this_machine()).parent.exists()


def test_a_link_stays_one(tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.json"
    kept.write_text("{}")
    path = HOSTS["cursor"].file(this_machine())
    path.parent.mkdir(parents=True)
    linked(path, kept)
    install("cursor", demo=True)
    assert path.is_symlink()
    assert "clockodo" in kept.read_text()


def test_a_dry_run_shows_only_its_own_lines_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    path = configured("cursor", '{\n  "SERVERS": {\n    "other": {"env": {"TOKEN": "secret"}}\n  }\n}\n')
    before = path.read_bytes()
    install("cursor", demo=True, dry_run=True)
    told = capsys.readouterr().out
    assert '+   "args": [' in told
    assert "secret" not in told
    assert path.read_bytes() == before
    assert beside(path) == [path.name]


def test_the_command_says_what_is_wrong_in_a_sentence() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "clockodo_mcp", "install", "emacs"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    known = "claude-desktop, claude-code, cursor, vscode, codex, gemini"
    assert ended.stderr == f"clockodo-mcp: There is no host emacs here. Known are: {known}.\n"


HOME = Path("/home/me")
PLACES: list[tuple[str, str, dict[str, str], str]] = [
    ("claude-desktop", "darwin", {}, "/home/me/Library/Application Support/Claude/claude_desktop_config.json"),
    ("claude-desktop", "win32", {"APPDATA": "/roaming"}, "/roaming/Claude/claude_desktop_config.json"),
    ("claude-desktop", "linux", {}, "/home/me/.config/Claude/claude_desktop_config.json"),
    ("claude-code", "linux", {}, "/home/me/.claude.json"),
    ("claude-code", "linux", {"CLAUDE_CONFIG_DIR": "/elsewhere/claude"}, "/elsewhere/claude/.claude.json"),
    ("cursor", "win32", {}, "/home/me/.cursor/mcp.json"),
    ("vscode", "darwin", {}, "/home/me/Library/Application Support/Code/User/mcp.json"),
    ("vscode", "win32", {}, "/home/me/AppData/Roaming/Code/User/mcp.json"),
    ("vscode", "linux", {"XDG_CONFIG_HOME": "/conf"}, "/conf/Code/User/mcp.json"),
    ("codex", "linux", {"CODEX_HOME": "/codex"}, "/codex/config.toml"),
    ("codex", "linux", {"CODEX_HOME": "~/codex"}, "/home/me/codex/config.toml"),
    ("codex", "linux", {"CODEX_HOME": "codex"}, f"{Path.cwd()}/codex/config.toml"),
    ("codex", "win32", {}, "/home/me/.codex/config.toml"),
    ("gemini", "darwin", {}, "/home/me/.gemini/settings.json"),
]


@pytest.mark.parametrize(("host", "system", "environment", "place"), PLACES)
def test_each_system_has_its_place_for_a_configuration(
    host: str, system: str, environment: dict[str, str], place: str
) -> None:
    assert HOSTS[host].file(Machine(system, HOME, environment)).absolute() == Path(place).absolute()


def test_claude_desktop_of_the_store_on_windows_has_a_place_of_its_own(tmp_path: Path) -> None:
    package = tmp_path / "Packages" / "Claude_pzs8sxrjxfjjc"
    package.mkdir(parents=True)
    machine = Machine("win32", HOME, {"LOCALAPPDATA": str(tmp_path), "APPDATA": "/roaming"})
    assert HOSTS["claude-desktop"].file(machine) == package.joinpath(
        "LocalCache", "Roaming", "Claude", "claude_desktop_config.json"
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
GAPS = st.sampled_from(["", " ", "\n", "\r\n", "\t", "  ", " // x\n", "/* , } */", "\n\n"])


@st.composite
def texts(draw: Callable[..., object]) -> str:
    """JSON with blanks and comments wherever they may stand, and commas at the end of lists."""

    def gap() -> str:
        return str(draw(GAPS))

    def written(value: object) -> str:
        if isinstance(value, dict):
            parts = [f"{gap()}{json.dumps(key)}{gap()}:{gap()}{written(one)}{gap()}" for key, one in value.items()]
        elif isinstance(value, list):
            parts = [f"{gap()}{written(one)}{gap()}" for one in value]
        else:
            return json.dumps(value, ensure_ascii=bool(draw(st.booleans())))
        tail = "," if parts and draw(st.booleans()) else gap()
        signs = "{}" if isinstance(value, dict) else "[]"
        return f"{signs[0]}{','.join(parts)}{tail}{signs[1]}"

    servers = draw(st.dictionaries(st.text(max_size=5), VALUES, max_size=3))
    rest = draw(st.dictionaries(st.text(max_size=5), VALUES, max_size=3))
    assert isinstance(rest, dict)
    return gap() + written(rest | ({"servers": servers} if draw(st.booleans()) else {})) + gap()


@given(texts())
@example('{"servers":{"a":[null\n]/* , } */}/* , } */\n}')
def test_a_member_goes_into_any_text_and_out_again_and_nothing_else_moves(text: str) -> None:
    before = jsonc.read(text).plain()
    assert isinstance(before, dict)
    servers = before.get("servers", {})
    if "me" in servers or not isinstance(servers, dict):
        return
    put_in = jsonc.with_member(text, ("servers", "me"), {"command": "x"})
    assert jsonc.read(put_in).plain() == before | {"servers": {**servers, "me": {"command": "x"}}}
    assert holds(put_in, text)
    taken_out = jsonc.read(jsonc.without_member(put_in, ("servers", "me"))).plain()
    assert taken_out == before | {"servers": servers}
    for name in servers:  # made by hand, anywhere among others
        without = {other: one for other, one in servers.items() if other != name}
        assert jsonc.read(jsonc.without_member(text, ("servers", name))).plain() == before | {"servers": without}
