"""Exports every entry of a sandbox to a file, over the bare download-and-parse loop of `benchmarks.reading`.

A process of its own for each measurement, since a peak of memory can only be measured once.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio

from benchmarks.offices import settings
from benchmarks.reading import memory
from clockodo_mcp.account.catalogue import Catalog
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import EntryQuery
from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.domain.filenames import wanted_file
from clockodo_mcp.garbage import settle
from clockodo_mcp.reading.entries import Selection
from clockodo_mcp.reading.exports import Exported, ExportRequest, Exports

SINCE, UNTIL = "2020-01-01T00:00:00Z", "2029-12-31T00:00:00Z"
Row = tuple[str, str, str]


async def export(url: str, name: str, folder: Path) -> Exported:
    """The tool's own way, without the limits of Clockodo."""
    asked = EntryQuery.model_validate({"time_since": SINCE, "time_until": UNTIL, "enhanced_list": True})
    file = wanted_file(name, None)

    async def silent(_written: int, _of: int) -> None:
        """Nobody listens."""

    async with Clockodo(settings(url), pace=Pace(())) as clockodo:
        exports = Exports(clockodo, Catalog(clockodo), folder)
        return await exports.write(
            ExportRequest(Selection(asked), file.parts, file.format, ZoneInfo("Europe/Berlin")), silent
        )


def exporting(url: str) -> list[Row]:
    """The rows about an export of everything that the sandbox at `url` has; a million in the full benchmark."""
    bare = _run("benchmarks.reading", "bare", url, SINCE, UNTIL)
    with tempfile.TemporaryDirectory() as folder:
        ours = _run("benchmarks.exporting", url, "all.csv", folder)
    assert ours["total"] == bare["total"]
    said = f"{ours['seconds'] / bare['seconds']:.2f}  ({ours['seconds']:.1f} s / {bare['seconds']:.1f} s)"
    return [
        (f"export_entries of {ours['count']:,} entries as csv, over download and json.loads", said, "≤ 2.0"),
        ("its peak memory over the start, MiB", f"{ours['peak_mib']:.0f}", "≤ 64"),
    ]


def _run(module: str, *arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", module, *arguments]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def main() -> None:
    """`python -m benchmarks.exporting URL NAME FOLDER`; the format is NAME's ending."""
    url, name, folder = sys.argv[1:]
    settle()
    start_memory = memory("VmRSS")
    start = time.perf_counter()
    made = anyio.run(export, url, name, Path(folder))
    took = time.perf_counter() - start
    peak = memory("VmHWM") - start_memory
    totals = {"total": made.totals.seconds, "count": made.totals.count, "size": made.size}
    print(json.dumps({"seconds": took, "peak_mib": peak / 1024, **totals}))


if __name__ == "__main__":
    main()
