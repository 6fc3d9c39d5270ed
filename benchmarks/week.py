"""How long a week of sixty entries takes to be drawn, beside a page that only writes down its words.

`python -m benchmarks.week`: in the same browser and the same host, fifteen times in turn. From the moment at which the
host has the result to the first picture with it, in a page that waits for it, and in one that the host opens only then,
as one does whose chat is opened again. Between the two is the vendored calendar alone, with sixty events that have
nothing but a title: what any page would take that draws its week with it. Needs what tests/week needs.
"""

import statistics
from importlib.resources import files
from typing import TYPE_CHECKING

import anyio
from rich.console import Console
from rich.table import Table

from clockodo_mcp.sandbox import Store, fill
from clockodo_mcp.week import document
from tests.conftest import NOW
from tests.week.pages import a_browser, bundled, page_of

if TYPE_CHECKING:
    from playwright.async_api import Browser

ROUNDS = 15

GREETING = """
const send = (message) => parent.postMessage({ jsonrpc: '2.0', ...message }, '*');
addEventListener('message', ({ data }) => {
  if (data.id === 1) send({ method: 'ui/notifications/initialized', params: {} });
  if (data.method === 'ui/notifications/tool-result') draw(data.params);
});
const appInfo = { name: 'other', version: '1' };
send({ id: 1, method: 'ui/initialize', params: { appInfo, appCapabilities: {}, protocolVersion: '2026-01-26' } });
"""

EMPTY = f"""<!DOCTYPE html><title>empty</title><p id=p></p><script>
const draw = ({{ content }}) => {{ document.getElementById('p').textContent = content[0].text; }};
{GREETING}</script>"""
"""A page that only writes down the words of the result: what the drawn week is measured against."""

VENDOR = files("clockodo_mcp.week") / "vendor"

CALENDAR = f"""<!DOCTYPE html><title>calendar</title>
<style>{(VENDOR / "event-calendar.min.css").read_text("utf-8")}</style><div id=grid></div><p id=p></p>
<script>{(VENDOR / "event-calendar.min.js").read_text("utf-8")}</script><script>
const calendar = EventCalendar.create(document.getElementById('grid'), {{
  view: 'timeGridWeek', date: '2026-11-23', slotMinTime: '07:00', slotMaxTime: '19:00', headerToolbar: {{}},
}});
const draw = ({{ _meta }}) => {{
  const eventOf = ({{ since, until, text }}) => ({{ start: since.slice(0, 19), end: until.slice(0, 19), title: text }});
  calendar.setOption('events', _meta['clockodo-mcp/page'].entries.map(eventOf));
  document.getElementById('p').textContent = 'drawn';
}};
{GREETING}</script>"""
"""The calendar that the week is drawn with, and nothing else: sixty events that have a title."""

PAGES = (document(), CALENDAR, EMPTY)

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


async def milliseconds(browser: "Browser", script: str, store: Store, markup: str, *, late: bool) -> float:
    """From the result's arrival to the picture; `late` where the host opens the page only then."""
    async with page_of(browser, script, store, fixed=False, watch=WATCH, markup=markup, late=late) as shown:
        await shown.frame.wait_for_selector("#week[data-state=drawn] [data-entry], #p:not(:empty)")
        drawn = None
        while drawn is None:
            drawn = await shown.frame.evaluate("window.drawn ?? null")
        assert markup is EMPTY or await shown.frame.locator("#grid [data-entry], #grid .ec-event").count() >= 60
        return float(drawn - await shown.told("arrived"))


async def main() -> None:
    """Measure, and print the table."""
    script, store = bundled(), sixty_entries()
    async with a_browser() as browser:
        rounds = [
            [await milliseconds(browser, script, store, one, late=late) for late in (False, True) for one in PAGES]
            for _ in range(ROUNDS)
        ]
    medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
    table = Table(
        "60 entries in a page", "the week", "bound", "words alone", "ratio", "bound", "the calendar alone", "ratio"
    )
    for how, (week, calendar, words) in (("that waits", medians[:3]), ("opened then", medians[3:])):
        table.add_row(
            how, f"{week:.0f} ms", "300 ms", f"{words:.0f} ms", f"{week / words:.2f}", "3",
            f"{calendar:.0f} ms", f"{week / calendar:.2f}",
        )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    anyio.run(main)
