"""What README and the manifests claim, held against the code."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from clockodo_mcp import errors
from clockodo_mcp.api import failures as api_errors
from clockodo_mcp.config import DEFAULT_BASE_URL, MisconfiguredError, Settings
from clockodo_mcp.doctor import ABOUT
from clockodo_mcp.environment import settings_from_environment
from clockodo_mcp.hosts.configurations import HOSTS
from clockodo_mcp.protocol.prompts import MalformedPrompt, load_prompts, parse_prompt
from clockodo_mcp.tools import TOOLSETS
from tests.conftest import settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def rows_of(page: str, heading: str) -> list[str]:
    """The first cell's code words of the table below a heading."""
    section = (ROOT / page).read_text(encoding="utf-8").split(f"# {heading}\n")[1].split("\n## ")[0]
    first = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [word for cell in first for word in re.findall(r"`(\w+)`", cell)]


def test_the_pages_list_every_tool_every_setting_and_every_prompt() -> None:
    assert rows_of("README.md", "Tools") == [tool.name for tools in TOOLSETS.values() for tool in tools]
    settings_there = rows_of("docs/settings.md", "Settings")
    assert set(settings_there) == {f"CLOCKODO_{name.upper()}" for name in Settings.model_fields}
    assert sorted(rows_of("docs/prompts.md", "Prompts and resources")) == [one.name for one in load_prompts()]


@pytest.mark.parametrize("host", HOSTS)
def test_each_host_has_a_page_that_names_its_commands(host: str) -> None:
    page = (ROOT / "docs" / "start" / f"{host}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {HOSTS[host].title}\n")
    for command in ("install", "uninstall"):
        assert f"uvx clockodo-mcp {command} {host}" in page
    assert f"start/{host}.md" in (ROOT / "mkdocs.yml").read_text()
    [by_hand] = re.findall(r"```(?:json|toml)\n(.*?)```", page, re.DOTALL)
    entry = (tomllib.loads(by_hand) if host == "codex" else json.loads(by_hand))[HOSTS[host].key]["clockodo"]
    assert {*entry["env"]} == {"CLOCKODO_API_USER", "CLOCKODO_API_KEY"}
    assert {name: entry.get(name) for name in HOSTS[host].more} == HOSTS[host].more


def test_the_trouble_page_has_a_row_for_each_line_of_doctor() -> None:
    page = (ROOT / "docs" / "trouble.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| ([a-z ]+) \|", page, re.MULTILINE)[1:] == list(ABOUT)


def test_the_quick_start_is_what_ci_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/clockodo-mcp demo\n" in README
    assert "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest\n" in README
    for part in ("install -q --disable-pip-version-check -e '.[test]'", "install -q --disable-pip-version-check . "):
        assert part in script


def test_the_manifest_agrees_with_the_package() -> None:
    manifest = json.loads((ROOT / "server.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    package = manifest["packages"][0]
    assert manifest["version"] == package["version"] == project["version"]
    assert package["identifier"] == project["name"]
    assert len(manifest["description"]) <= 100
    assert f"mcp-name: {manifest['name']} " in README
    known = {f"CLOCKODO_{name.upper()}" for name in Settings.model_fields}
    assert {variable["name"] for variable in package["environmentVariables"]} <= known
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_what_a_page_names_is_there(page: str) -> None:
    """Files, folders, commands and settings."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w./]+(?:/|\.py|\.md))(?::[^`]*)?`", text))
    assert named or page == "SECURITY.md"
    for name in named - {"NAME.py", "clockodo_mcp/tools/NAME.py"}:
        assert (
            (ROOT / name).exists()
            or (ROOT / "clockodo_mcp" / name).exists()
            or list((ROOT / "clockodo_mcp").rglob(name))
        ), name
    variables = set(re.findall(r"`(CLOCKODO_\w+)", text))
    assert variables <= {f"CLOCKODO_{field.upper()}" for field in Settings.model_fields}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no front matter", "x.md, line 1"),
        ("+++\nname = 'a'\n", "x.md, line 1"),
        ("+++\nname = \n+++\nbody", "x.md"),
        ("+++\nname = 'a'\ntitle = 'A'\ndescription = 'd'\nmood = 1\n+++\nbody", "x.md, line 5"),
        ("+++\nname = 'a'\ntitle = 'A'\ndescription = 'd'\n+++\nbody\n${what}", "x.md, line 7"),
        ("+++\nname = 'a'\ntitle = 'A'\ndescription = 'd'\n+++\ncosts 5$", "x.md, line 6"),
    ],
)
def test_a_malformed_prompt_is_refused_with_its_file_and_line(text: str, words: str) -> None:
    with pytest.raises(MalformedPrompt, match=re.escape(words)):
        parse_prompt("x.md", text)


def test_every_error_is_one_of_ours_has_a_docstring_and_ends_as_a_sentence() -> None:
    found = [one for one in vars(api_errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert len(found) > 8
    for kind in found:
        assert issubclass(kind, errors.ClockodoMcpError)
        assert kind.__doc__
        if issubclass(kind, api_errors.ClockodoError):
            said = str(kind(418, "<b>tea\npot</b>"))
            assert said.endswith(".")
            assert "\n" not in said
            assert "<b>" not in said


@pytest.mark.parametrize(
    "url", ["http://example.com/api", "ftp://x", "my.clockodo.com", "http://127.0.0.1.evil.com/", "https://x:99999/api"]
)
def test_a_key_is_never_sent_in_the_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name, value in {"API_USER": "a@b.de", "API_KEY": "very-secret", "BASE_URL": url}.items():
        monkeypatch.setenv(f"CLOCKODO_{name}", value)
    served = settings_from_environment()
    assert "CLOCKODO_BASE_URL must" in served.wrong
    assert served.base_url == DEFAULT_BASE_URL
    with pytest.raises(MisconfiguredError, match="CLOCKODO_BASE_URL must") as caught:
        settings_from_environment(strict=True)
    assert "very-secret" not in served.wrong + str(caught.value)


def test_the_application_is_cut_on_the_side_of_the_name() -> None:
    given = settings().model_copy(update={"external_application": f"{'long-name' * 9};someone@example.com"})
    made = Settings.model_validate(given.model_dump())
    assert len(made.external_application) == 50
    assert made.external_application.endswith(";someone@example.com")
    assert "secret" not in repr(settings(key="secret"))
