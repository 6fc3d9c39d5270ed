"""What is published: each manifest is made of the data of the project, and each link says what it means."""

import base64
import hashlib
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from channels.bundle import build
from channels.manifests import IMAGE, ROOT, VERSION, cursor_link, manifests, server_json, vscode_link
from clockodo_mcp.tools import TOOLSETS

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", manifests())
def test_a_manifest_is_what_is_made_of_the_project(path: str) -> None:
    written = (ROOT / path).read_text(encoding="utf-8")
    assert written == manifests()[path], "`python -m channels` writes it anew"


def test_no_skill_is_left_over() -> None:
    skills = {path.relative_to(ROOT).as_posix() for path in (ROOT / "plugin" / "skills").rglob("*") if path.is_file()}
    assert skills == {path for path in manifests() if path.startswith("plugin/skills/")}


def test_the_bundle_is_the_same_whenever_it_is_made_and_holds_what_it_starts(tmp_path: Path) -> None:
    (one, sha256), (two, _) = build(tmp_path / "1"), build(tmp_path / "2")
    assert one.read_bytes() == two.read_bytes()
    assert hashlib.sha256(one.read_bytes()).hexdigest() == sha256
    with zipfile.ZipFile(one) as bundle:
        names = bundle.namelist()
        manifest = json.loads(bundle.read("manifest.json"))
    assert {"pyproject.toml", "README.md", "LICENSE", manifest["icon"], manifest["server"]["entry_point"]} <= {*names}
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]
    assert [one["name"] for one in manifest["tools"]] == [one.name for tools in TOOLSETS.values() for one in tools]
    assert all(one["description"].endswith(".") and "{" not in one["description"] for one in manifest["tools"])


def test_a_release_tells_the_registry_of_all_packages() -> None:
    released = server_json(("https://example.com/x.mcpb", "0" * 64))["packages"]
    assert isinstance(released, list)
    assert [one["registryType"] for one in released] == ["pypi", "oci", "mcpb"]
    assert released[1]["identifier"] == f"{IMAGE}:{VERSION}"


def test_the_buttons_of_readme_say_what_hosts_take() -> None:
    assert cursor_link() in README
    assert vscode_link() in README
    cursor = parse_qs(urlsplit(cursor_link()).query)
    assert cursor["name"] == ["clockodo"]
    assert json.loads(base64.b64decode(cursor["config"][0])) == {"command": "uvx", "args": ["clockodo-mcp"]}
    vscode = parse_qs(urlsplit(vscode_link()).query)
    assert vscode["name"] == ["clockodo"]
    entry, inputs = json.loads(vscode["config"][0]), json.loads(vscode["inputs"][0])
    asked = {f"${{input:{one['id']}}}": one.get("password", False) for one in inputs}
    assert asked == {"${input:api_user}": False, "${input:api_key}": True}
    assert set(entry["env"].values()) == set(asked)


def test_one_version_is_said_everywhere() -> None:
    assert f"image: {IMAGE}:{VERSION}" in (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for path, text in manifests().items():
        assert set(re.findall(r"\b\d+\.\d+\.\d+\b", text)) <= {VERSION}, path
