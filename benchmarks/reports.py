"""What adding up a year of 50,000 entries costs: requests, time over a bare request or ideal paging, and memory.

Run alone it is the process whose memory is measured: `python -m benchmarks.reports URL` prints the peak over the start.
"""

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import anyio
import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult, TextContent

from benchmarks.offices import OWNER, fill_evenly, sandbox, settings, year
from benchmarks.reading import memory
from clockodo_mcp.api.wire import headers
from clockodo_mcp.garbage import settle
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER
from clockodo_mcp.server import build_server

DELAY = 0.06
TIMES = 9
HOURS = "25000:00 h"
"""Of the 50,000 half hours that `fill_evenly` makes."""

BY_MONTH: dict[str, object] = {"period": "2025", "group_by": ["project", "month"]}
BY_WEEKDAY: dict[str, object] = {"period": "2025", "group_by": ["weekday"]}
"""Clockodo has no weekdays; its days add up to them."""

Row = tuple[str, str, str]


async def summarizing(url: str) -> list[Row]:
    """Both groupings through the server as hosts start it; the bare request in turns, so that both meet one noise."""
    env = {
        "CLOCKODO_API_USER": SANDBOX_USER,
        "CLOCKODO_API_KEY": SANDBOX_KEY,
        "CLOCKODO_BASE_URL": url,
        "CLOCKODO_MCP_DATA_DIR": tempfile.mkdtemp(),
    }
    server = StdioServerParameters(command=sys.executable, args=["-m", "clockodo_mcp"], env=env)
    grouped: list[float] = []
    bare: list[float] = []
    async with (
        Client(stdio_client(server)) as client,
        httpx2.AsyncClient(base_url=url, headers=headers(settings(url)), timeout=60) as http,
        httpx2.AsyncClient(base_url=url.removesuffix("/api")) as control,
    ):
        await timed(client, BY_MONTH)  # asks who is calling, once in the life of a server
        await bare_request(http)
        await control.delete("/_sandbox/requests")
        await timed(client, BY_MONTH)
        requests = (await control.get("/_sandbox/requests")).json()["total"]
        for _ in range(TIMES):
            grouped.append(await timed(client, BY_MONTH))
            bare.append(await bare_request(http))
        paged = [await timed(client, BY_WEEKDAY) for _ in range(TIMES)]
    ours, theirs, paging = (statistics.median(took) for took in (grouped, bare, paged))
    ideal = DELAY * (1 + math.ceil(49 / 6))
    what = "summarize_entries, a year of 50,000 entries by"
    return [
        (f"upstream requests: {what} project and month", str(requests), "1"),
        (
            "its time over a bare request for these groups",
            f"{ours / theirs:.2f}  ({ours:.3f} s / {theirs:.3f} s)",
            "≤ 1.15",
        ),
        (f"{what} weekday, over the ideal of 10 × 60 ms", f"{paging / ideal:.2f}  ({paging:.2f} s)", "≤ 1.4"),
    ]


async def timed(client: Client, arguments: dict[str, object]) -> float:
    start = time.perf_counter()
    result = await client.call_tool("summarize_entries", arguments)
    took = time.perf_counter() - start
    assert HOURS in said(result), said(result)[:300]
    return took


async def bare_request(http: httpx2.AsyncClient) -> float:
    """The same question with nothing around it but `json.loads`."""
    asked: dict[str, str | int | list[str]] = {
        "time_since": "2024-12-31T23:00:00Z",
        "time_until": "2025-12-31T22:59:59Z",
        "filter[users_id]": OWNER,
        "grouping[]": ["customers_id", "projects_id", "month", "billable"],
    }
    start = time.perf_counter()
    answer = json.loads((await http.get("/v2/entrygroups", params=asked)).content)
    took = time.perf_counter() - start
    assert sum(group["duration"] for group in answer["groups"]) == 25_000 * 3600
    return took


def said(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


async def peak(url: str) -> float:
    """MiB over the start, of a server in this process that adds up by weekday."""
    account = settings(url).model_copy(update={"mcp_data_dir": Path(tempfile.mkdtemp())})
    async with Client(build_server(account)) as client:
        await client.call_tool("get_context", {})
        begin = memory("VmRSS")
        await timed(client, BY_WEEKDAY)
        return (memory("VmHWM") - begin) / 1024


def summaries(url: str) -> list[Row]:
    """The rows for a sandbox with `DELAY` that holds the 50,000 entries of 2025."""
    command = [sys.executable, "-m", "benchmarks.reports", url]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    said_peak = "its peak memory over the start, MiB"
    return [*anyio.run(summarizing, url), (said_peak, f"{float(found):.0f}", "≤ 64")]


def main() -> None:
    """With a URL the measured process; without one all rows, on a sandbox of its own."""
    settle()
    if len(sys.argv) > 1:
        print(anyio.run(peak, sys.argv[1]))
        return
    path = Path(tempfile.mkdtemp()) / "year.db"
    fill_evenly(path, 50_000, *year(2025))
    with sandbox(path, DELAY) as url:
        for row in summaries(url):
            print(*row, sep="  |  ")


if __name__ == "__main__":
    main()
