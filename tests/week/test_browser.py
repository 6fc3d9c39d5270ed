"""`clockodo-mcp week`: the page in a plain browser, and who else may not look or write."""

import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest

from clockodo_mcp.cli.week import COOKIE
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
    async with served() as link, httpx2.AsyncClient(follow_redirects=True) as person, httpx2.AsyncClient() as other:
        home = link.partition("/?")[0]
        assert (await other.get(home)).status_code == 403
        assert (await other.get(f"{home}/?token=guess")).status_code == 403
        page = await person.get(link)
        assert (page.status_code, str(page.url)) == (200, f"{home}/")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "httponly" in page.history[0].headers["set-cookie"].lower()
        assert "samesite=strict" in page.history[0].headers["set-cookie"].lower()
        assert (await other.get(link)).status_code == 403
        assert "uses" not in (await other.get(link)).text
        call: dict[str, Any] = {"name": "show_week", "arguments": {}}
        cookie = {"cookie": f"{COOKIE}={person.cookies[COOKIE]}"}
        refused = [
            await other.post(f"{home}/call", json=call, headers={"origin": home}),
            await other.post(f"{home}/call", json=call, headers=cookie),
            await other.post(f"{home}/call", json=call, headers=cookie | {"origin": "https://evil.example"}),
            await other.post(f"{home}/call", json=call, headers=cookie | {"origin": "null"}),
            await other.post(f"{home}/call", json=call, headers={"origin": home, "cookie": f"{COOKIE}="}),
            await person.post(f"{home}/call", json=call | {"name": "list_entries"}, headers={"origin": home}),
        ]
        assert [one.status_code for one in refused] == [403] * 6
        for host in ("evil.example", "localhost", "evil.example:80"):
            assert (await person.get(home, headers={"host": host})).status_code == 400
        for body in (b"", b"[]", b'{"name": 1}', b'{"name": "show_week", "arguments": 3}', b"\xff"):
            assert (await person.post(f"{home}/call", content=body, headers={"origin": home})).status_code == 400
        good = await person.post(f"{home}/call", json=call, headers={"origin": home})
        assert good.status_code == 200
        assert good.json()["_meta"]["clockodo-mcp/page"]["days"]
        wrong = await person.post(f"{home}/call", json=call | {"arguments": {"week": "x"}}, headers={"origin": home})
        assert wrong.json()["isError"]


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
        entry = frame.locator("#grid [data-entry]").first
        before = await entry.inner_text()
        await entry.focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await frame.locator("#says", has_text="Verschoben").wait_for()
        await frame.locator("#undo").click()
        await frame.locator("#says", has_text="Zurückgenommen").wait_for()
        assert await frame.locator("#grid [data-entry]").first.inner_text() == before
        await page.reload()
        await page.frames[1].wait_for_selector("#week[data-state=drawn]")
        assert problems == []
        await page.close()
