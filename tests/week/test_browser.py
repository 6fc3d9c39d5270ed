"""`clockodo-mcp week`: the page in a plain browser, and who else may not look or write."""

import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest

from tests.processes import started

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@asynccontextmanager
async def served(*arguments: str) -> AsyncIterator[str]:
    """The link that the command prints."""
    with started("week", "--demo", "--no-open", *arguments) as process:
        assert process.stderr is not None
        line = await anyio.to_thread.run_sync(process.stderr.readline)
        yield re.findall(r"http\S+", line.decode())[0]
        process.send_signal(signal.SIGTERM)
        assert await anyio.to_thread.run_sync(process.wait) == 0


async def test_the_link_works_once_and_nobody_else_gets_in() -> None:
    async with served() as link, httpx2.AsyncClient() as http:
        home, _, token = link.partition("/#token=")

        async def post(path: str, body: object, **headers: str) -> httpx2.Response:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            return await http.post(f"{home}{path}", content=content, headers={"origin": home} | headers)

        page = await http.get(home)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert token not in page.text
        assert (await http.head(home)).status_code == 200
        wrong = [
            await post("/session", {"token": "guess"}),
            await post("/session", {"token": token}, origin="https://evil.example"),
            await post("/session", {"token": token}, host="evil.example"),
            await post("/call", {"name": "show_week", "arguments": {}}),
        ]
        assert [one.status_code for one in wrong] == [403] * 4
        session = (await post("/session", {"token": token})).json()["session"]
        assert (await post("/session", {"token": token})).status_code == 403
        own = {"authorization": f"Bearer {session}"}
        call: dict[str, Any] = {"name": "show_week", "arguments": {}}
        refused = [
            await post("/call", call, authorization="Bearer x"),
            await post("/call", call, authorization=f"Bearer {token}"),
            await post("/call", call, **own, origin="https://evil.example"),
            await post("/call", call, **own, origin="null"),
            await http.post(f"{home}/call", json=call, headers=own),  # no origin
            await post("/call", call, **own, host="localhost"),
            await post("/call", call, **own, host="127.0.0.1:1"),
            await post("/call", call | {"name": "list_entries"}, **own),
        ]
        assert [one.status_code for one in refused] == [403] * 8
        odd: list[object] = [
            b"", b"[]", {"name": 1}, call | {"arguments": 3}, b"\xff", call | {"name": []}, call | {"name": {}},
            call | {"arguments": [[1, 2]]}, b"[" * 50_000, b" " * 1_000_000,
        ]  # fmt: skip
        assert [(await post("/call", body, **own)).status_code for body in odd] == [400] * len(odd)
        good = await post("/call", call, **own)
        assert good.json()["_meta"]["clockodo-mcp/page"]["days"]
        assert "set-cookie" not in good.headers
        assert (await post("/call", call | {"arguments": {"week": "x"}}, **own)).json()["isError"]


async def test_a_week_is_seen_and_changed_in_a_browser(browser: "Browser") -> None:
    async with served("last_week") as link:
        page = await browser.new_page(locale="de-DE", timezone_id="Europe/Berlin")
        problems: list[str] = []
        page.on(
            "console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(link)
        assert "token" not in page.url
        frame = page.frames[1]
        await frame.wait_for_selector("#week[data-state=drawn]")
        assert "Woche" in await frame.locator("#title").inner_text()
        # What lies first depends on the day: lump sums do not move, and billed ones are asked about.
        entry = frame.locator("#grid [data-entry]").filter(has_not_text=re.compile("Pauschale|✓")).first
        before = await entry.inner_text()
        await entry.focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await frame.locator("#says", has_text="Verschoben").wait_for()
        await frame.locator("#undo").click()
        await frame.locator("#says", has_text="Zurückgenommen").wait_for()
        assert await entry.inner_text() == before
        await page.reload()
        await page.frames[1].wait_for_selector("#week[data-state=drawn]")
        other = await browser.new_page()
        await other.goto(link)
        message = other.frames[1].locator("#message p")
        await message.wait_for()
        assert "used already" in await message.inner_text()
        await other.close()
        assert problems == []
        await page.close()
