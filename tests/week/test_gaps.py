"""Gaps as places to log: by mouse, keyboard and screen reader, and never over what is beside them."""

from typing import Any

import pytest

from clockodo_mcp.sandbox import Store
from tests.week.conftest import Show
from tests.week.pages import Shown
from tests.week.test_gestures import WEEK, add, fill_in, newest, stored

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def drag_over(on: Shown, down: float, *, by: float, across: float = 3) -> None:
    """Drag over the first gap, from so many minutes below its top."""
    gap = await on.frame.locator("[data-gap]").first.bounding_box()
    assert gap
    x, y = gap["x"] + 20, gap["y"] + pixels(down)
    await on.stroke((x, y), (x + across, y + pixels(by) / 2), (x + across, y + pixels(by)))


def pixels(minutes: float) -> float:
    return minutes * 22 / 30


async def times_in_form(on: Shown) -> tuple[str, str]:
    since, until = [await on.frame.locator(f"#form [name={name}]").input_value() for name in ("since", "until")]
    return since, until


async def log_it(on: Shown) -> None:
    await fill_in(on, place="Relaunch", service="Design")
    await on.page.keyboard.press("Enter")
    await on.settled()


async def test_a_part_of_a_gap_is_dragged_over(show: Show, store: Store) -> None:
    add(store, "15 09:00", "15 10:00")
    add(store, "15 13:00", "15 14:00")
    on = await show(**WEEK)
    await drag_over(on, 62, by=56)
    await log_it(on)
    assert stored(store, newest(store)["id"]) == ("15 11:00", "15 12:00")


@pytest.mark.parametrize(("down", "by"), [(2, 33), (35, -33), (2, 400)], ids=["down", "up", "beyond"])
async def test_a_drag_that_began_in_a_gap_stays_in_it(show: Show, store: Store, down: float, by: float) -> None:
    add(store, "15 09:00", "15 11:07")
    add(store, "15 11:44", "15 13:00")
    on = await show(**WEEK)
    await drag_over(on, down, by=by)
    assert await times_in_form(on) == ("11:07", "11:44")
    await log_it(on)
    assert stored(store, newest(store)["id"]) == ("15 11:07", "15 11:44")


@pytest.mark.parametrize("slip", [0, 3, 5, 6])
async def test_a_click_that_slips_takes_the_whole_gap(show: Show, store: Store, slip: float) -> None:
    add(store, "15 09:00", "15 11:00")
    add(store, "15 13:00", "15 14:00")
    on = await show(**WEEK)
    await drag_over(on, 35, by=0, across=slip)
    assert await times_in_form(on) == ("11:00", "13:00")


async def test_a_click_that_slips_over_the_edge_of_a_gap_takes_it(show: Show, store: Store) -> None:
    add(store, "15 09:00", "15 10:39")
    add(store, "15 10:57", "15 12:00")
    on = await show(**WEEK)
    await drag_over(on, 15, by=5, across=0)  # three pixels
    assert await times_in_form(on) == ("10:39", "10:57")


async def test_a_gap_over_a_change_of_the_clocks_is_as_long_as_it_lasts(show: Show, store: Store) -> None:
    store.update("target_hours", 801, {"sunday": 8})  # of the caller
    for since, until in (("2026-03-28T23:00", "2026-03-29T00:07"), ("2026-03-29T02:13", "2026-03-29T04:00")):
        store.add_entry(
            users_id=101, customers_id=1001, services_id=503, duration=60,
            time_since=f"{since}:00Z", time_until=f"{until}:00Z",
        )  # fmt: skip
    on = await show(shown={"week": "2026-W13"})
    gap = on.frame.get_by_role("button", name="Log in the gap")
    assert await gap.get_attribute("aria-label") == "+ 2:06 Log in the gap: Sun 29 Mar, 01:07 to 04:13"


async def test_a_gap_beside_seconds_is_logged_in_whole_minutes_between_them(show: Show, store: Store) -> None:
    add(store, "15 09:00", "15 11:07:40")
    add(store, "15 11:44:20", "15 13:00")
    on = await show(**WEEK)
    gap = on.frame.get_by_role("button", name="Log in the gap")
    assert await gap.get_attribute("aria-label") == "+ 0:36 Log in the gap: Tue 15 Dec, 11:08 to 11:44"
    await gap.focus()
    await on.page.keyboard.press("Enter")
    await log_it(on)
    assert stored(store, newest(store)["id"]) == ("15 11:08", "15 11:44")
    assert "verlap" not in await on.said()


@pytest.mark.parametrize("moved", [0, 30], ids=["pressed", "stretched"])
async def test_escape_lets_go_of_an_empty_place(show: Show, store: Store, moved: float) -> None:
    add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    day = await on.frame.locator(".ec-body .ec-day").nth(3).bounding_box()
    assert day
    x, y = day["x"] + 20, day["y"] + 60
    await on.page.mouse.move(x, y)
    await on.page.mouse.down()
    await on.page.mouse.move(x, y + moved, steps=4)
    await on.page.keyboard.press("Escape")
    await on.page.mouse.up()
    assert await on.said() == "As it was."
    assert await on.frame.locator("#form").is_hidden()
    assert await on.frame.locator(".ec-preview").count() == 0
    await on.page.mouse.click(x, y)
    assert await on.frame.locator("#form").is_visible()


async def test_an_empty_place_beside_a_gap_is_not_the_gap(show: Show, store: Store) -> None:
    add(store, "15 10:00", "15 10:50")
    add(store, "15 11:03", "15 11:07")  # thirteen minutes before it are no gap
    add(store, "15 11:44", "15 12:00")
    on = await show(**WEEK)
    gap = await on.frame.locator("[data-gap]").first.bounding_box()
    assert gap
    await on.page.mouse.click(gap["x"] + 20, gap["y"] - pixels(6.5))
    assert await times_in_form(on) != ("11:07", "11:44")


@pytest.mark.parametrize("width", [1000, 400], ids=["grid", "list"])
async def test_the_focus_stays_on_a_gap_that_is_drawn_anew(show: Show, store: Store, width: int) -> None:
    add(store, "15 09:00", "15 11:00")
    add(store, "15 13:00", "15 14:00")
    on = await show(**WEEK, width=width)
    gap: Any = "document.activeElement.getAttribute('aria-label')"
    await on.frame.locator("[data-gap]").first.focus()
    said = await on.frame.evaluate(gap)
    await on.page.evaluate("bridge.setHostContext({ theme: 'dark', locale: 'en-GB', timeZone: 'Europe/Berlin' })")
    await on.frame.wait_for_selector("[data-theme=dark]")
    assert await on.frame.evaluate(gap) == said
    await on.page.keyboard.press("Enter")
    await on.page.keyboard.press("Escape")
    assert await on.frame.evaluate(gap) == said


async def test_a_gap_shows_that_it_can_be_clicked(show: Show, store: Store) -> None:
    add(store, "15 09:00", "15 11:00")
    add(store, "15 13:00", "15 14:00")
    on = await show(**WEEK)
    gap = await on.frame.locator("[data-gap]").bounding_box()
    assert gap
    await on.page.mouse.move(gap["x"] + 20, gap["y"] + 20)
    assert await on.frame.locator(".gap.under").count() == 1
    assert await on.frame.evaluate("getComputedStyle(document.querySelector('.ec-body .ec-day')).cursor") == "pointer"
    await on.page.mouse.move(gap["x"] + 20, gap["y"] - 20)
    assert await on.frame.locator(".gap.under").count() == 0


@pytest.mark.parametrize("how", ["mouse", "keys", "spoken"])
async def test_a_gap_is_a_place_to_log(show: Show, store: Store, how: str) -> None:
    add(store, "15 09:00", "15 11:00")
    add(store, "15 11:45", "15 12:00")
    add(store, "15 12:14", "15 13:00")  # fourteen minutes are no gap
    on = await show(**WEEK)
    [gap] = await on.frame.get_by_role("button", name="Log in the gap").all()
    assert "11:00 to 11:45" in str(await gap.get_attribute("aria-label"))
    if how == "mouse":
        box = await gap.bounding_box()
        assert box
        await on.page.mouse.click(box["x"] + 20, box["y"] + 10)
    elif how == "keys":
        await gap.focus()
        await on.page.keyboard.press("Enter")
    else:
        await gap.dispatch_event("click")  # what a screen reader does
    await fill_in(on, place="Relaunch", service="Design")
    await on.page.keyboard.press("Enter")
    await on.settled()
    assert stored(store, newest(store)["id"]) == ("15 11:00", "15 11:45")
