"""Sandboxes of known sizes, each in a process of its own, so that its work is not ours."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clockodo_mcp.config import Settings
from clockodo_mcp.sandbox import Store, fill
from clockodo_mcp.sandbox.rules import MOMENT
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER

OWNER = 101


def fill_evenly(path: Path, entries: int, first: datetime, last: datetime) -> None:
    """A file with `entries` entries of the caller, spread evenly from `first` to `last`."""
    store = Store(str(path))
    fill(store, entries=0, now=last)
    texts = [store.texts_id(f"Work on part {number}") for number in range(500)]
    step = (last - first) / entries
    length = timedelta(minutes=30)

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(entries):
            start = first + step * number
            since, until = start.strftime(MOMENT), (start + length).strftime(MOMENT)
            project = 2001 + number % 2
            yield (1, OWNER, 1001, project, None, 501 + number % 5, None, number % 3, texts[number % 500], since, until,
                   1800, None, None, 95.0, 0, None, until, until)  # fmt: skip

    store.insert_entries(rows())
    store.close()


@contextmanager
def sandbox(path: Path, delay: float = 0.0) -> Iterator[str]:
    """Serve a file in another process and yield its base URL."""
    command = [sys.executable, "-m", "clockodo_mcp", "sandbox", "--port", "0", "--db", str(path), "--delay", str(delay)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        try:
            yield line.split("CLOCKODO_BASE_URL=")[1].split()[0]
        finally:
            process.terminate()


def settings(base_url: str) -> Settings:
    """The sandbox's owner."""
    return Settings.model_validate({"api_user": SANDBOX_USER, "api_key": SANDBOX_KEY, "base_url": base_url})


def year(number: int) -> tuple[datetime, datetime]:
    """From New Year to the last evening: inside the local year of Berlin too."""
    return datetime(number, 1, 1, tzinfo=UTC), datetime(number, 12, 31, 20, tzinfo=UTC)
