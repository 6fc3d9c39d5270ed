"""What many changes in one call cost: over bare requests one after the other, and over the ideal of six at a time."""

import math
import statistics
import sys
import tempfile
import time

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from benchmarks.offices import settings
from clockodo_mcp.api.wire import headers
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER

Row = tuple[str, str, str]
MANY = 20
MANY_MORE = 400
TIMES = 3


def forms(month: int) -> list[dict[str, str]]:
    """Twenty entries of a month, by names."""
    common = {"project": "Relaunch Website", "service": "Design", "duration": "30m"}
    return [common | {"time_since": f"2023-{month:02}-{1 + n:02}T05:00"} for n in range(MANY)]


async def many_changes(url: str, delay: float) -> list[Row]:
    env = {
        "CLOCKODO_API_USER": SANDBOX_USER, "CLOCKODO_API_KEY": SANDBOX_KEY, "CLOCKODO_BASE_URL": url,
        "CLOCKODO_MCP_DATA_DIR": tempfile.mkdtemp(), "CLOCKODO_STRUCTURED": "true",
    }  # fmt: skip
    server = StdioServerParameters(command=sys.executable, args=["-m", "clockodo_mcp"], env=env)
    logged, bare = [], []
    async with (
        Client(stdio_client(server)) as client,
        httpx2.AsyncClient(base_url=url, headers=headers(settings(url)), timeout=60) as http,
    ):
        for month in range(1, 1 + TIMES):
            start = time.perf_counter()
            for n in range(MANY):
                moment = f"2022-{month:02}-{1 + n:02}T05:00:00Z"
                body = {"customers_id": 1001, "projects_id": 2001, "services_id": 503, "billable": 1,
                        "time_since": moment, "time_until": moment.replace("05:00", "05:30", 1)}  # fmt: skip
                (await http.post("/v2/entries", json=body)).raise_for_status()
            bare.append(time.perf_counter() - start)
            start = time.perf_counter()
            result = await client.call_tool("log_entries", {"entries": forms(month)})
            logged.append(time.perf_counter() - start)
            assert not result.is_error, result
        ours, theirs = statistics.median(logged), statistics.median(bare)
        rows = [
            (
                f"log_entries of {MANY} by name, over as many bare POSTs in turn",
                f"{ours / theirs:.2f}  ({ours:.2f} s / {theirs:.2f} s)",
                "≤ 1.2, and 2 waves",
            )
        ]
        arguments = {"period": "2025-10", "set_text": "Corrected"}
        preview = await client.call_tool("update_entries", arguments)
        facts = preview.structured_content or {}
        assert facts["totals"]["entries"] == MANY_MORE, facts["totals"]
        start = time.perf_counter()
        result = await client.call_tool("update_entries", arguments | {"confirm": facts["confirm"]})
        took = time.perf_counter() - start
        assert not result.is_error, result
        ideal = delay * (1 + math.ceil(MANY_MORE / 6))
        said = f"{took / ideal:.2f}  ({took:.2f} s / {ideal:.2f} s)"
        rows.append((f"update_entries of {MANY_MORE}, over the ideal at six at a time", said, "≤ 1.3"))
    return rows
