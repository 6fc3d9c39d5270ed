"""Reads every entry of a sandbox and totals it, bare or with our client; prints seconds and the peak over the start.

A process of its own for each, since a peak of memory can only be measured once.
"""

import json
import re
import sys
import time
from pathlib import Path

import anyio
import httpx2

from benchmarks.offices import settings
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import EntryQuery
from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.api.wire import headers
from clockodo_mcp.domain.totals import Totals, totals_of
from clockodo_mcp.garbage import settle


async def bare(url: str, since: str, until: str) -> int:
    """Only download and `json.loads`, one page after the other."""
    seconds, page, pages = 0, 1, 1
    async with httpx2.AsyncClient(base_url=url, headers=headers(settings(url)), timeout=60) as http:
        while page <= pages:
            asked: dict[str, str | int] = {
                "time_since": since,
                "time_until": until,
                "enhanced_list": "true",
                "page": page,
                "items_per_page": 1000,
            }
            answer = json.loads((await http.get("/v2/entries", params=asked)).content)
            pages = answer["paging"]["count_pages"]
            seconds += sum(entry["duration"] or 0 for entry in answer["entries"])
            page += 1
    return seconds


async def ours(url: str, since: str, until: str) -> int:
    """The client's own way: models, order, the watch on shifting entries."""
    asked = EntryQuery.model_validate({"time_since": since, "time_until": until, "enhanced_list": True})
    async with Clockodo(settings(url), pace=Pace(())) as clockodo:
        totals: Totals = await clockodo.fold_entries(
            asked, lambda: totals_of([]), lambda so_far, entries: so_far + totals_of(entries)
        )
    return totals.seconds


def memory(field: str) -> int:
    """KiB by the kernel; `getrusage` would also count the process that started this one."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


def main() -> None:
    """`python -m benchmarks.reading bare|ours URL SINCE UNTIL`."""
    how, url, since, until = sys.argv[1:]
    settle()
    start_memory = memory("VmRSS")
    start = time.perf_counter()
    seconds = anyio.run(bare if how == "bare" else ours, url, since, until)
    took = time.perf_counter() - start
    peak = memory("VmHWM") - start_memory
    print(json.dumps({"seconds": took, "peak_mib": peak / 1024, "total": seconds}))


if __name__ == "__main__":
    main()
