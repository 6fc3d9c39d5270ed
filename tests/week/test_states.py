"""What the page shows when all is well, and when it is not: states, looks, languages, hostile texts, clock changes."""

import base64
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clockodo_mcp.sandbox import Store
from tests.conftest import NOW, said, settings
from tests.test_untrusted import HOSTILE
from tests.week.conftest import Show
from tests.week.pages import Shown
from tests.week.test_gestures import WEEK, add, keys, newest, stored

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PICTURES = Path(__file__).parent / "pictures"


async def findings(on: Shown, axe: str) -> list[str]:
    await on.frame.add_script_tag(content=axe)
    result = await on.frame.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [f"{one['id']}: {[node['html'] for node in one['nodes'][:2]]}" for one in result["violations"]]


async def a_draft(on: Shown) -> None:
    await on.frame.locator("[data-entry]:visible").first.focus()
    await on.page.keyboard.press("ArrowDown")


async def the_form(on: Shown) -> None:
    await on.frame.locator("[data-entry]:visible").first.focus()
    await on.page.keyboard.press("Enter")
    await on.frame.locator("#form").wait_for()


async def a_question(on: Shown) -> None:
    await on.frame.locator("#copy").click()
    await on.frame.locator("#asked").wait_for()


async def the_keys(on: Shown) -> None:
    await on.frame.locator("#keys summary").click()


STATES: dict[str, tuple[dict[str, Any], Any]] = {
    "week": ({}, None),
    "list": ({"width": 320}, None),
    "wide": ({"width": 1280}, None),
    "empty": ({"shown": {"week": "2027-W05"}}, None),
    "holidays": ({"shown": {"week": "2026-W52"}}, None),
    "picture": ({"capabilities": {}}, None),
    "read_only": ({"account": settings().model_copy(update={"structured": False, "read_only": True})}, None),
    "other": ({"shown": {"user": "Jonas Wolf"}}, None),
    "waiting": ({"ends": "never"}, None),
    "cancelled": ({"ends": "cancelled"}, None),
    "error": ({"shown": {"week": "2026-11"}}, None),
    "draft": ({}, a_draft),
    "form": ({}, the_form),
    "form_in_list": ({"width": 320}, the_form),
    "question": ({}, a_question),
    "keys": ({}, the_keys),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", STATES)
async def test_no_state_has_a_finding_of_axe(show: Show, axe: str, name: str, theme: str) -> None:
    how, then = STATES[name]
    on = await show(theme=theme, **how)
    if then:
        await then(on)
    assert await findings(on, axe) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 480, 768, 1280])
async def test_it_looks_as_it_did(show: Show, width: int, theme: str, pytestconfig: pytest.Config) -> None:
    """Against stored pictures, where the browser is the one that drew them: others draw letters otherwise."""
    on = await show(width=width, theme=theme)
    await on.page.mouse.move(0, 0)
    drawn = await on.page.screenshot(full_page=True, animations="disabled", caret="hide")
    version = on.page.context.browser.version.split(".")[0]
    path, by = PICTURES / f"{theme}-{width}.png", PICTURES / "browser.txt"
    if pytestconfig.getoption("snapshots"):
        PICTURES.mkdir(exist_ok=True)
        path.write_bytes(drawn)
        by.write_text(f"Chromium {version}\n", encoding="utf-8")
        return
    if by.read_text(encoding="utf-8") != f"Chromium {version}\n":
        pytest.skip(f"the pictures were drawn by {by.read_text(encoding='utf-8').strip()}, this is {version}")
    both = [base64.b64encode(one).decode() for one in (path.read_bytes(), drawn)]
    assert await on.page.evaluate(DIFFERENT, both) <= 0.002


DOCS = Path(__file__).parents[2] / "docs" / "images"


async def focus_by_key(on: Shown) -> None:
    await on.frame.locator("[data-entry]:visible").nth(2).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"):
        await on.page.keyboard.press(key)


IN_DOCS: dict[str, tuple[dict[str, Any], Any]] = {
    "light": ({"width": 760}, None),
    "dark": ({"width": 760, "theme": "dark"}, None),
    "narrow": ({"width": 380}, None),
    "fullscreen": ({"width": 1280, "context": {"displayMode": "fullscreen"}}, the_form),
    "error": ({"width": 760, "shown": {"week": "this_month"}}, None),
    "keyboard": ({"width": 760}, focus_by_key),
}


@pytest.mark.parametrize("name", IN_DOCS)
async def test_the_pages_have_pictures_of_it(show: Show, name: str, pytestconfig: pytest.Config) -> None:
    """Drawn anew by --snapshots, to be looked at."""
    path = DOCS / f"week-{name}.png"
    if pytestconfig.getoption("snapshots"):
        how, then = IN_DOCS[name]
        on = await show(**how)
        if then:
            await then(on)
        DOCS.mkdir(exist_ok=True)
        # The frame alone: what the page asked for as its height.
        height = await on.frame.evaluate("Math.max(120, document.querySelector('#week').offsetHeight)")
        clip = {"x": 0, "y": 0, "width": how["width"], "height": height}
        await on.page.screenshot(path=path, full_page=True, clip=clip, animations="disabled", caret="hide")
    assert path.exists()
    assert f"images/{path.name}" in (DOCS.parent / "week.md").read_text(encoding="utf-8")


DIFFERENT = """async (both) => {
  const load = async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.getContext('2d').getImageData(0, 0, image.width, image.height);
  };
  const [one, other] = await Promise.all(both.map(load));
  if (one.width !== other.width || one.height !== other.height) return 1;
  let different = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    if ([0, 1, 2].some((part) => Math.abs(one.data[at + part] - other.data[at + part]) > 48)) different++;
  }
  return different / (one.data.length / 4);
}"""
"""The share of the pixels in which two pictures differ visibly."""


async def test_the_heads_say_hours_target_and_what_is_odd(show: Show, store: Store) -> None:
    add(store, "15 09:00", "15 17:30")
    add(store, "16 09:00", "16 11:00", text=None)
    add(store, "16 10:00", "16 12:00")
    on = await show(**WEEK)
    heads = [await one.inner_text() for one in await on.frame.locator(".ec-col-head").all()]
    assert len(heads) == 5
    assert heads[1].split("\n") == ["Tue 15", "8:30 / 8:00", "break missing"]
    assert heads[2].split("\n") == ["Wed 16", "4:00 / 8:00", "hours missing, overlap, text missing"]
    assert (
        await on.frame.locator("#standing").inner_text() == "12:30 h of 40:00 · 19:30 h fewer than due until yesterday"
    )
    assert await on.frame.locator("#customers li").all_inner_texts() == ["Acme GmbH\n12:30"]


async def test_overlaps_stand_side_by_side_and_what_touches_in_one_column(show: Show, store: Store) -> None:
    first, second = add(store, "15 09:00", "15 11:00"), add(store, "15 10:00", "15 12:00")
    third, fourth = add(store, "16 09:00", "16 11:00"), add(store, "16 11:00", "16 12:00")
    on = await show(**WEEK)
    boxes = {id: await on.entry(id).bounding_box() for id in (first, second, third, fourth)}
    left = {id: box and round(box["x"]) for id, box in boxes.items()}
    assert left[first] != left[second]
    assert left[third] == left[fourth]


async def test_hours_that_nobody_works_are_folded_away_and_shown_on_demand(show: Show, store: Store) -> None:
    add(store, "15 05:30", "15 07:00")
    on = await show(**WEEK)
    slots = on.frame.locator(".ec-sidebar time")

    async def drawn() -> list[str]:
        ends = (slots.nth(n) for n in (0, await slots.count() - 1))
        return [str(await one.get_attribute("datetime")).partition("T")[2] for one in [*ends]]

    assert await drawn() == ["05:00:00", "17:00:00"]
    await on.frame.locator("#hours").click()
    assert await on.frame.locator("#hours").get_attribute("aria-pressed") == "true"
    assert await drawn() == ["00:00:00", "23:00:00"]


async def test_the_three_states_of_billable_differ_in_shape(show: Show, store: Store) -> None:
    ids = [add(store, f"{15 + state} 09:00", f"{15 + state} 11:00", billable=state) for state in range(3)]
    on = await show(**WEEK)
    shapes = [
        await on.entry(id).evaluate("one => getComputedStyle(one.closest('.block')).borderLeftStyle") for id in ids
    ]
    assert len(set(shapes)) == 3
    assert [(await on.entry(id).inner_text())[0] for id in ids] == ["○", "●", "✓"]
    for id, word in zip(ids, ("not billable", "billable", "billed"), strict=True):
        assert word in str(await on.entry(id).get_attribute("aria-label"))


async def test_hours_are_rounded_as_in_the_words(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 17:00:40")
    on = await show(**WEEK)
    assert "| Tue 15 | 8:01 |" in said(await on.office.call("show_week", week="2026-W51"))
    assert "8:01" in await on.frame.locator(".ec-col-head").nth(1).inner_text()
    assert "8:01" in await on.entry(id).inner_text()


async def test_a_block_says_what_is_odd_about_it(show: Show, store: Store) -> None:
    bare, told = add(store, "15 09:00", "15 11:00", text=""), add(store, "15 11:00", "15 13:00", text="Kick-off")
    on = await show(**WEEK)
    assert "text missing" in await on.entry(bare).inner_text()
    assert "text missing, Design" in str(await on.entry(bare).get_attribute("aria-label"))
    assert "missing" not in str(await on.entry(told).get_attribute("aria-label"))


async def test_hostile_texts_are_only_texts(show: Show, store: Store) -> None:
    texts = [
        HOSTILE, "<img src=x onerror=\"document.body.innerHTML='gone'\">",
        "</script><script>parent.postMessage('x')</script>",
        "{{style.css}} ${1+1} {due, of }", "a" * 1000, "\u202egnitirw", "<!-- <b>bold</b> -->", "👩‍👩‍👧 ❤️", "__proto__",
    ]  # fmt: skip
    store._db.execute("UPDATE customers SET name = ? WHERE id = 1001", ["<i>Acme</i> & {{x}} \u202e"])
    store._db.execute("UPDATE projects SET name = ? WHERE id = 2001", ['"><svg onload=alert(1)>'])
    ids = [add(store, f"15 {9 + n:02}:00", f"15 {9 + n:02}:30", text=text) for n, text in enumerate(texts)]
    on = await show(**WEEK)
    assert await on.frame.locator("#week img, #week svg, #week i, #week b, #week script").count() == 0
    shown = await on.entry(ids[1]).locator(".text").text_content()
    assert shown == texts[1]
    assert "\u202e" not in str(await on.frame.locator("#week").text_content())
    await on.entry(ids[2]).focus()
    await on.page.keyboard.press("Enter")
    assert await on.frame.locator("#form [name=text]").input_value() == texts[2]
    await on.page.keyboard.press("Escape")
    await keys("ArrowRight", "Enter")(on, ids[2])
    assert stored(store, ids[2]) == ("16 11:00", "16 11:30")
    context = (await on.told("context"))[-1]
    assert "\n" not in context


async def test_sixty_entries_on_one_day(show: Show, store: Store) -> None:
    ids = [
        add(store, f"15 {8 + n // 6:02}:{n % 6 * 10:02}", f"15 {9 + n // 6:02}:{n % 6 * 10:02}", text=f"No. {n}")
        for n in range(60)
    ]
    on = await show(**WEEK)
    assert await on.frame.locator("#grid [data-entry]").count() == 60
    await keys("ArrowRight", "Enter")(on, ids[59])
    assert stored(store, ids[59]) == ("16 17:50", "16 18:50")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Kiritimati"])
async def test_autumns_change_of_the_clocks(show: Show, store: Store, zone: str) -> None:
    """25 October 2026 has 25 hours in Berlin; what hangs on the wall there counts, wherever the page is shown."""
    now = datetime(2026, 10, 26, 9, tzinfo=UTC)
    utc: dict[str, Any] = {"users_id": 101, "customers_id": 1001, "services_id": 503, "text": "Night shift"}
    night = store.add_entry(**utc, time_since="2026-10-24T22:30:00Z", time_until="2026-10-25T02:30:00Z", duration=14400)
    twice = store.add_entry(**utc, time_since="2026-10-25T00:45:00Z", time_until="2026-10-25T01:15:00Z", duration=1800)
    on = await show(shown={"week": "2026-W43"}, now=lambda: now, zone=zone)
    assert "00:30–03:30 4:00" in str(await on.entry(night).inner_text()).replace("\n", " ")
    assert "02:45" in str(await on.entry(twice).inner_text())
    assert "0:30" in str(await on.entry(twice).inner_text())
    note = await on.frame.locator("#notes").inner_text()
    assert (note == "") == (zone == "Europe/Berlin")
    await keys("ArrowLeft", "Enter")(on, night)
    # The same times of the day before: three hours, and what is stored is what was drawn.
    assert stored(store, night) == ("24 00:30", "24 03:30")
    assert next(one for one in store.entries() if one["id"] == night)["duration"] == 10800


async def test_springs_change_of_the_clocks(show: Show, store: Store) -> None:
    """29 March 2026 has no 2 to 3 o'clock in Berlin: what is put there is refused, and stays where it was."""
    now = datetime(2026, 3, 30, 9, tzinfo=UTC)
    row: dict[str, Any] = {"users_id": 101, "customers_id": 1001, "services_id": 503, "text": "Late"}
    id = store.add_entry(**row, time_since="2026-03-28T01:15:00Z", time_until="2026-03-28T01:45:00Z", duration=1800)
    on = await show(shown={"week": "2026-W13"}, now=lambda: now)
    await keys("ArrowRight", "Enter")(on, id)
    assert "Not done." in await on.said()
    assert stored(store, id) == ("28 02:15", "28 02:45")
    assert "02:15–02:45" in str(await on.entry(id).inner_text())
    await keys("ArrowRight", *["ArrowDown"] * 4, "Enter")(on, id)
    assert stored(store, id) == ("29 03:15", "29 03:45")


async def test_a_write_that_fails_says_so_and_leaves_what_is_stored_drawn(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    on.office.break_down(kind="status", status=403, method="PUT")
    await keys("ArrowDown", "Enter")(on, id)
    assert "403" in await on.said()
    assert stored(store, id) == ("15 09:00", "15 11:00")
    assert "09:00–11:00" in str(await on.entry(id).inner_text())
    assert await on.told("context") == []


async def test_an_answer_that_the_host_lost_is_settled_by_looking(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    on.lost["tool"] = "update_entry"
    await keys("ArrowDown", "Enter")(on, id)
    assert "unknown" in await on.said()
    assert stored(store, id) == ("15 09:15", "15 11:15")
    assert "09:15–11:15" in str(await on.entry(id).inner_text())


async def test_a_page_that_was_cancelled_or_refused_can_be_tried_again(show: Show, store: Store) -> None:
    add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK, ends="cancelled")
    assert "cancelled" in await on.frame.locator("#message p").inner_text()
    await on.frame.locator("#again").click()
    await on.frame.locator("#week[data-state=drawn]").wait_for()
    wrong = await show(shown={"week": "2026-11"})
    assert "longer than a week" in await wrong.frame.locator("#message p").inner_text()


async def test_a_host_that_refuses_the_page_is_told_of_in_words_alone(show: Show) -> None:
    on = await show(refuses=True)
    assert "The host does not answer" in await on.frame.locator("#message p").inner_text()


async def test_a_host_that_lets_a_page_call_nothing_shows_a_picture(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK, capabilities={})
    assert "tell the assistant" in await on.frame.locator("#notes").inner_text()
    for hidden in ("#before", "#after", "#log", "#copy", "#undo"):
        assert await on.frame.locator(hidden).is_hidden()
    await on.drag(on.entry(id), days=1)
    await on.click(id)
    assert await on.frame.locator("#form [name=text]").is_disabled()
    assert stored(store, id) == ("15 09:00", "15 11:00")
    assert [one["name"] for one in await on.told("calls")] == ["show_week"]


async def test_what_is_locked_can_be_looked_at_only(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    store._db.execute("UPDATE users SET edit_lock = '2026-12-16' WHERE id = 101")
    on = await show(**WEEK)
    await on.drag(on.entry(id), days=1)
    await keys("ArrowDown", "Enter")(on, id)
    await on.entry(id).focus()
    await on.page.keyboard.press("Delete")
    await on.settled()
    assert stored(store, id) == ("15 09:00", "15 11:00")
    assert "locked" in str(await on.entry(id).get_attribute("aria-label"))


async def test_what_runs_is_open_and_grows(show: Show, store: Store) -> None:
    on = await show()
    running = on.frame.locator("#grid [data-entry]", has_text="so far")
    assert "15:38–…" in await running.inner_text()
    assert "0:52 so far" in await running.inner_text()
    await on.page.context.clock.set_fixed_time(NOW + timedelta(minutes=10))


async def test_the_words_are_german_where_the_host_is(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK, context={"locale": "de-AT"})
    assert await on.frame.locator("#title").inner_text() == "Woche 51 · 14.–20. Dez. 2026"
    await keys("ArrowDown", "Enter")(on, id)
    assert (await on.said()).startswith("Verschoben auf Di., 15. Dez., 09:15 bis 11:15.")
    await on.page.evaluate("bridge.setHostContext({ locale: 'en-GB', theme: 'dark' })")
    await on.frame.locator("#title", has_text="Week 51").wait_for()
    assert await on.frame.evaluate("document.documentElement.dataset.theme") == "dark"


async def test_both_languages_say_the_same_things(show: Show) -> None:
    script = (Path(__file__).parents[2] / "clockodo_mcp" / "week" / "words.js").read_text(encoding="utf-8")
    on = await show(ends="never")
    said = await on.page.evaluate(f"(() => {{ {script}; return WORDS; }})()")
    assert said["en"].keys() == said["de"].keys()
    for key, english in said["en"].items():
        named = [re.findall(r"\{(\w+)", one) for one in (english, said["de"][key])]
        assert sorted(named[0]) == sorted(named[1]), key


async def test_another_persons_week_is_that_persons_and_so_is_what_is_logged(show: Show, store: Store) -> None:
    on = await show(**{**WEEK, "shown": {"week": "2026-W51", "user": "Jonas Wolf"}})
    assert "Jonas Wolf" in await on.frame.locator("#title").inner_text()
    await on.frame.locator("#log").click()
    for name, value in {"place": "Relaunch", "service": "Design"}.items():
        await on.frame.locator(f"#form [name={name}]").fill(value)
    await on.frame.locator("#save").click()
    await on.settled()
    assert newest(store)["users_id"] == 102
    await on.frame.locator("#after").click()
    await on.frame.locator("#title", has_text="Week 52").wait_for()
    assert "Jonas Wolf" in await on.frame.locator("#title").inner_text()


async def test_by_touch_a_tap_opens_and_a_long_press_moves(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK, touch=True)
    await on.page.touchscreen.tap(*await on.spot(id))
    assert await on.frame.locator("#form [name=text]").input_value() == "Kick-off"
    await on.frame.locator("#close").tap()
    day = await on.frame.locator(".ec-body .ec-day").first.bounding_box()
    assert day
    x, y = await on.spot(id)
    touch = await on.page.context.new_cdp_session(on.page)

    async def finger(kind: str, *points: dict[str, float]) -> None:
        await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    await finger("touchStart", {"x": x, "y": y})
    await on.frame.locator(".ec-preview, .ec-ghost, .ec-dragging").first.wait_for(state="attached")
    for part in range(1, 6):
        await finger("touchMove", {"x": x + day["width"] * part / 5, "y": y})
    await finger("touchEnd")
    await on.settled()
    assert stored(store, id) == ("16 09:00", "16 11:00")


async def test_the_page_asks_for_all_of_the_height_and_for_a_larger_place(show: Show) -> None:
    on = await show()
    inside = await on.frame.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert abs(inside[0] - (await on.told("sizes"))[-1]) <= 1
    await on.frame.locator("#larger").click()
    await on.frame.locator("#larger", has_text="Smaller").wait_for()
    assert await on.told("modes") == ["fullscreen"]


async def test_a_drag_takes_one_round_of_requests_more_than_the_change_itself(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    seen = on.office.seen
    before = len(seen)
    await on.drag(on.entry(id), days=1)
    asked = [f"{one.method} {one.path}" for one in [*seen][before:]]
    change = asked.index(f"PUT /api/v2/entries/{id}") + 2  # and the day, for the receipt
    assert sorted(one.split("/")[-1] for one in asked[change:]) == [
        "absences",
        "entries",
        "targethours",
        "usersNonbusinessDays",
    ]
