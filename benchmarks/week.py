"""How long a week of sixty entries takes to be drawn, beside a page that only writes down its words.

`python -m benchmarks.week`: both in the same browser and the same host, fifteen times in turn. From the moment at which
the host has the result to the first picture with it, in a page that waits for it, and in one that the host opens only
then, as one does whose chat is opened again. Needs what tests/week needs.
"""

import statistics
from typing import TYPE_CHECKING

import anyio
from rich.console import Console
from rich.table import Table

from clockodo_mcp.sandbox import Store, fill
from tests.conftest import NOW
from tests.week.pages import a_browser, bundled, page_of

if TYPE_CHECKING:
    from playwright.async_api import Browser

ROUNDS = 15
PAGES = ("/page", "/empty")

WATCH = """
new MutationObserver((_, watcher) => {
  const there = document.querySelector('#week[data-state=drawn], #p:not(:empty)');
  if (!there) return;
  watcher.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.drawn = performance.timeOrigin + performance.now(); }));
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
"""Notes the moment after the first picture with what was to be drawn."""


def sixty_entries() -> Store:
    """A week with twelve entries on each of five days."""
    store = Store()
    fill(store, now=NOW, entries=0, language="en")
    store._db.execute("DELETE FROM entries")  # noqa: SLF001 - the sandbox's own data
    for n in range(60):
        day, hour = 23 + n % 5, 6 + n // 5
        store.add_entry(
            users_id=101, customers_id=1001 + n % 9, services_id=503, text=f"Entry {n}", duration=2400,
            time_since=f"2026-11-{day}T{hour:02}:00:00Z", time_until=f"2026-11-{day}T{hour:02}:40:00Z",
        )  # fmt: skip
    return store


async def milliseconds(browser: "Browser", script: str, store: Store, page: str, *, late: bool) -> float:
    """From the result's arrival to the picture; `late` where the host opens the page only then."""
    async with page_of(browser, script, store, fixed=False, watch=WATCH, page=page, late=late) as shown:
        await shown.frame.wait_for_selector("#week[data-state=drawn] [data-entry], #p:not(:empty)")
        drawn = None
        while drawn is None:
            drawn = await shown.frame.evaluate("window.drawn ?? null")
        assert page == "/empty" or await shown.frame.locator("#grid [data-entry]").count() == 60
        return float(drawn - await shown.told("arrived"))


async def main() -> None:
    """Measure, and print the table."""
    script, store = bundled(), sixty_entries()
    async with a_browser() as browser:
        rounds = [
            [await milliseconds(browser, script, store, page, late=late) for late in (False, True) for page in PAGES]
            for _ in range(ROUNDS)
        ]
    week, empty, late_week, late_empty = (statistics.median(times) for times in zip(*rounds, strict=True))
    table = Table("60 entries drawn in a page", "measured", "bound", "a page with the words alone", "ratio", "bound")
    for how, drawn, told in (("that waits", week, empty), ("opened then", late_week, late_empty)):
        table.add_row(how, f"{drawn:.0f} ms", "300 ms", f"{told:.0f} ms", f"{drawn / told:.2f}", "3")
    Console().print(table)


if __name__ == "__main__":
    anyio.run(main)
