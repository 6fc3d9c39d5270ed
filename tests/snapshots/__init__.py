"""What tests compare whole: the files in here, which `pytest --snapshots` writes anew."""

from difflib import unified_diff
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def names(folder: str) -> set[str]:
    """What has a snapshot in this folder."""
    return {path.stem for path in (HERE / folder).iterdir()}


def is_as_stored(path: str, now: str, *, renew: bool) -> None:
    """Fail with a diff where a text is not the stored one, or store it."""
    file = HERE / path
    if renew:
        file.write_text(now, encoding="utf-8", newline="\n")
        return
    stored = file.read_text(encoding="utf-8") if file.exists() else ""
    if stored != now:
        diff = unified_diff(stored.splitlines(), now.splitlines(), "stored", "now", lineterm="", n=2)
        how = f"tests/snapshots/{path} is another. If that is meant: pytest --snapshots, and read the diff in git."
        # pytest would explain an assertion with both texts whole.
        pytest.fail("\n".join([*diff, "", how]), pytrace=False)
