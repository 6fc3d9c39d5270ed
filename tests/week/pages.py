"""A week's page as a host shows it: the official AppBridge, the server and the sandbox behind it, a real browser."""

import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from filelock import FileLock
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from clockodo_mcp.cli.week import OF_PAGE
from clockodo_mcp.config import Settings
from clockodo_mcp.sandbox import Store
from clockodo_mcp.sandbox.serve import listening
from clockodo_mcp.week import document
from tests.conftest import NOW, Office, office_of, settings

if TYPE_CHECKING:
    from playwright.async_api import Browser, Frame, Locator, Page

HERE = Path(__file__).parent

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-features=IsolateSandboxedIframes", "--font-render-hinting=none"]
"""Frames in processes of their own are not in the pictures of a browser without a screen."""

WORDS_ONLY = settings().model_copy(update={"structured": False})
CAREFUL = WORDS_ONLY.model_copy(update={"confirm": "always"})


class Missing(Exception):
    """What this machine lacks."""


def borrowed() -> Path:
    """The folder of npm's packages, as they are locked; installed by the first of those that run at once.

    Raises:
        Missing: there is no npm, or it cannot install them.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("npm is not here, which brings the official host side of MCP Apps")
    lock = HERE / "node_modules" / ".package-lock.json"
    with FileLock(HERE / "node_modules.lock"):
        if not lock.exists() or lock.stat().st_mtime < (HERE / "package-lock.json").stat().st_mtime:
            command = [npm, "ci", "--silent", "--no-audit", "--no-fund", "--legacy-peer-deps"]
            if subprocess.run(command, cwd=HERE, check=False).returncode:
                raise Missing("npm could not install what the tests borrow")
    return HERE / "node_modules"


def bundled() -> str:
    """`host.js` and what it imports, as one script. Raises as `borrowed`."""
    bundler = borrowed() / ".bin" / "esbuild"
    command = [str(bundler), str(HERE / "host.js"), "--bundle", "--format=iife", "--log-level=error"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


@asynccontextmanager
async def a_browser() -> "AsyncIterator[Browser]":
    """Chromium without a screen.

    Raises:
        Missing: there is none, or no Playwright.
    """
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        raise Missing("Playwright is not here") from None
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise Missing("no Chromium is here")
    async with async_playwright() as machine:
        found = await machine.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        await found.close()


@dataclass
class Shown:
    """A page that is shown, and what is behind it.

    `lost` names a tool whose next answer does not arrive; `held` what a tool waits for, or that the host is `gone`, or
    hands on `bare` answers without what is for pages.
    """

    page: "Page"
    frame: "Frame"
    office: Office
    problems: list[str]
    lost: dict[str, str]
    held: dict[str, anyio.Event]

    @property
    def store(self) -> Store:
        return self.office.store

    def entry(self, id: int) -> "Locator":
        return self.frame.locator(f'#week [data-entry="{id}"]:visible').first

    async def click(self, id: int) -> None:
        """Click a block where it is: what stands in it is not what is clicked."""
        await self.page.mouse.click(*await self.spot(id))

    async def spot(self, id: int) -> tuple[float, float]:
        await self.entry(id).scroll_into_view_if_needed()
        box = await self.entry(id).bounding_box()
        assert box
        return box["x"] + 30, box["y"] + 8

    async def settled(self) -> None:
        """Until nothing is under way any more."""
        await self.frame.wait_for_selector("#week:not([data-busy])")

    async def said(self) -> str:
        await self.settled()
        return await self.frame.locator("#says").inner_text()

    async def told(self, what: str) -> Any:
        return await self.page.evaluate(f"window.told.{what}")

    async def stroke(self, first: tuple[float, float], *others: tuple[float, float]) -> None:
        """Press at a point, move through others, and let go at the last."""
        await self.page.mouse.move(*first)
        await self.page.mouse.down()
        for point in others:
            await self.page.mouse.move(*point, steps=4)
        await self.page.mouse.up()

    async def drag(
        self, what: "Locator", *, days: float = 0, minutes: float = 0, edge: bool = False, key: str = ""
    ) -> None:
        """Drag a block by days and minutes; by its lower edge, to resize it; with a key held."""
        await what.scroll_into_view_if_needed()
        box = await what.bounding_box()
        day = await self.frame.locator(".ec-body .ec-day").first.bounding_box()
        assert box
        assert day
        x = box["x"] + box["width"] / 2
        y = box["y"] + box["height"] - 3 if edge else box["y"] + 5
        await self.page.mouse.move(x, y)
        if key:
            await self.page.keyboard.down(key)
        await self.page.mouse.down()
        await self.page.mouse.move(x + 3, y + 6, steps=2)
        await self.page.mouse.move(x + days * day["width"], y + minutes / 15 * 11, steps=6)
        await self.page.mouse.up()
        if key:
            await self.page.keyboard.up(key)
        await self.settled()


@asynccontextmanager
async def page_of(
    browser: "Browser", host_script: str, store: Store, *, now: Callable[[], datetime] = lambda: NOW, width: int = 1000,
    account: Settings = WORDS_ONLY, zone: str = "Europe/Berlin", locale: str = "en-GB", theme: str = "light",
    touch: bool = False, fixed: bool = True, watch: str = "", markup: str = document(), **how: Any,
) -> AsyncIterator[Shown]:  # fmt: skip
    """The page as a host shows it after a call.

    `how` is what `window.show` of host.js takes; `watch` is a script that runs in each frame; `markup` another page,
    which writes into its `#p` when it has drawn.
    """
    lost: dict[str, str] = {}
    held: dict[str, anyio.Event] = {}
    async with office_of(store, account=account, now=now, faults=True) as office:

        async def call(request: Request) -> Response:
            asked = json.loads(await request.body())
            if "gone" in held:
                return Response("gone")
            if gate := held.get(asked["name"]):
                await gate.wait()
            result = await office.call(asked["name"], **asked["arguments"])
            if "bare" in held:
                result.meta = None
            if asked["name"] == lost.get("tool"):
                lost.clear()
                return Response("cut off")
            return JSONResponse(result.model_dump(mode="json", by_alias=True, exclude_none=True))

        app = Starlette(
            routes=[
                Route("/host", lambda _: HTMLResponse(HOST)),
                Route("/host.js", lambda _: Response(host_script, media_type="text/javascript")),
                Route("/page", lambda _: HTMLResponse(markup, headers={"Content-Security-Policy": OF_PAGE})),
                Route("/call", call, methods=["POST"]),
            ]
        )  # fmt: skip
        async with listening(app) as address:
            context = await browser.new_context(
                viewport={"width": width, "height": 900}, timezone_id=zone, locale=locale, has_touch=touch,
                reduced_motion="reduce",
            )  # fmt: skip
            context.set_default_timeout(5_000)
            if fixed:
                await context.clock.set_fixed_time(now())
            if watch:
                await context.add_init_script(watch)
            page = await context.new_page()
            problems: list[str] = []
            page.on(
                "console",
                lambda message: problems.append(message.text) if message.type in ("error", "warning") else None,
            )
            page.on("pageerror", lambda error: problems.append(str(error)))
            await page.goto(f"{address.removesuffix('/api')}/host")
            host = {
                "theme": theme,
                "locale": locale,
                "timeZone": zone,
                "displayMode": "inline",
                "availableDisplayModes": ["inline", "fullscreen"],
            }
            how["context"] = host | how.get("context", {})
            await page.evaluate("how => window.show(how)", how)
            frame = page.frames[1]
            shown = Shown(page, frame, office, problems, lost, held)
            if how.get("ends", "result") == "result":
                await frame.wait_for_selector("#week[data-state=drawn], #week[data-state=message], #p:not(:empty)")
            yield shown
            problems += await page.evaluate("window.told.violations")
            await context.close()


HOST = """<!DOCTYPE html><html lang=en><title>host</title><link rel=icon href=data:,>
<style>body{margin:0}</style><script src=/host.js></script></html>"""
