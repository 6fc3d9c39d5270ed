"""Stored is what the person saw and meant: no drop at an hour that is not drawn, no answer by a key that is held."""

from datetime import timedelta

import pytest

from clockodo_mcp.sandbox import Store
from tests.conftest import NOW
from tests.week.conftest import Show
from tests.week.pages import CAREFUL, Shown
from tests.week.test_care import TOO_LATE, clicked, opened, pressed, row, saved
from tests.week.test_gestures import FRIDAY, WEEK, add, fill_in, keys, newest, stored

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def held(on: Shown, key: str) -> None:
    """A key that is held until it repeats."""
    await on.page.keyboard.down(key)
    await on.frame.locator("#asked").wait_for()
    for _ in range(3):
        await on.page.keyboard.down(key)
    await on.page.keyboard.up(key)
    assert await on.frame.locator("#asked").is_visible()


async def middle(on: Shown, what: str) -> tuple[float, float]:
    box = await on.frame.locator(what).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# Drags


@pytest.mark.parametrize("where", ["#title", "#copy", "#customers"])
@pytest.mark.parametrize("edge", [False, True], ids=["moved", "pulled"])
async def test_what_is_let_go_of_outside_of_the_hours_stays_where_it_was(
    show: Show, store: Store, where: str, edge: bool
) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    x, y = await on.spot(id)
    box = await on.entry(id).bounding_box()
    assert box
    bottom = box["y"] + box["height"] - 3
    await on.stroke((x, bottom if edge else y), (x, y + 30), await middle(on, where))
    assert await on.said() == "That is outside of the days and hours that are shown."
    assert stored(store, id) == ("15 09:00", "15 11:00")
    assert [one["name"] for one in await on.told("calls")] == ["show_week"]
    await on.drag(on.entry(id), minutes=45)
    assert stored(store, id) == ("15 09:45", "15 11:45")


async def test_an_empty_place_is_not_dragged_over_beyond_the_hours(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    x, y = await on.spot(id)
    await on.stroke((x, y + 150), (x, y + 180), await middle(on, "#customers"))
    assert await on.said() == "That is outside of the days and hours that are shown."
    assert await on.frame.locator("#form").is_hidden()


@pytest.mark.parametrize("key", ["PageDown", "n", "Control+z"])
async def test_keys_do_nothing_while_something_is_dragged(show: Show, store: Store, key: str) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await keys("ArrowDown", "Enter")(on, id)
    x, y = await on.spot(id)
    await on.page.mouse.move(x, y)
    await on.page.mouse.down()
    await on.page.mouse.move(x, y + 22, steps=4)
    await on.page.keyboard.press(key)
    await on.settled()
    await on.page.mouse.move(x, y + 33, steps=2)
    await on.page.mouse.up()
    await on.settled()
    assert await on.frame.locator("#form").is_hidden()
    assert "Week 51" in await on.frame.locator("#title").inner_text()
    assert stored(store, id) == ("15 10:00", "15 12:00")


async def test_a_right_button_that_is_not_let_go_of_leaves_the_keys_alive(show: Show, store: Store) -> None:
    """Where the system shows a menu of its own, the page never hears that it was."""
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await on.page.mouse.move(*await on.spot(id))
    await on.page.mouse.down(button="right")
    await keys("ArrowDown", "Enter")(on, id)
    assert stored(store, id) == ("15 09:15", "15 11:15")


# Keys that are held


async def test_a_key_that_is_held_agrees_to_nothing(show: Show, store: Store) -> None:
    on = await show()
    await on.frame.locator("#grid [data-entry]", has_text="so far").focus()
    await pressed(on, "Enter")
    await on.frame.locator("#remove").focus()
    await held(on, "Enter")
    assert row(store, 1)


@pytest.mark.parametrize("key", ["Enter", " "])
async def test_a_week_is_not_copied_by_the_key_that_asked_for_it(show: Show, store: Store, key: str) -> None:
    add(store, "08 09:00", "08 11:00")
    on, before = await show(**WEEK), len(store.entries())
    await on.frame.locator("#copy").focus()
    if key == "Enter":
        await held(on, key)
    else:
        await on.page.keyboard.press(key)
        await on.frame.locator("#asked").wait_for()
    assert len(store.entries()) == before
    await pressed(on, key)
    assert len(store.entries()) == before + 1


async def test_a_draft_is_not_agreed_to_by_the_key_that_stores_it(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK, account=CAREFUL)
    await on.entry(id).focus()
    await on.page.keyboard.press("ArrowDown")
    await held(on, "Enter")
    assert stored(store, id) == ("15 09:00", "15 11:00")


# What was agreed to


async def test_a_week_that_was_changed_since_it_was_shown_is_shown_again_before_it_is_copied(
    show: Show, store: Store
) -> None:
    add(store, "08 09:00", "08 11:00")
    on, before = await show(**WEEK), len(store.entries())
    await on.frame.locator("#copy").click()
    await on.frame.locator("#agree").wait_for()
    assert "Entries: 1, 2:00 h." in await on.frame.locator("#question").inner_text()
    add(store, "09 09:00", "09 17:00")  # elsewhere, meanwhile
    await on.frame.locator("#agree").click()
    await on.frame.locator("#question", has_text="Entries: 2, 10:00 h.").wait_for()
    assert len(store.entries()) == before + 1
    await clicked(on, "#agree")
    assert len(store.entries()) == before + 3


async def test_an_open_form_logs_for_whom_it_was_opened(show: Show, store: Store) -> None:
    on = await show(**WEEK)
    await clicked(on, "#log")
    await fill_in(on, place="Relaunch", service="Design", since="09:00", until="10:00")
    other = await on.office.call("show_week", week="2026-W51", user="#102")
    await on.page.evaluate("result => bridge.sendToolResult(result)", other.model_dump(mode="json", by_alias=True))
    title = on.frame.locator("#title")
    await on.frame.wait_for_function(
        "title => title.textContent.split(' · ').length > 2", arg=await title.element_handle()
    )
    await saved(on)
    assert newest(store)["users_id"] == 101


# Ends


async def test_an_end_in_the_hour_that_comes_twice_is_not_pulled(show: Show, store: Store) -> None:
    """The wall does not tell on which of the two it lies: a quarter of an hour more became five of them."""
    times = {"time_since": "2026-10-25T00:45:00Z", "time_until": "2026-10-25T01:15:00Z", "duration": 1800}
    id = store.add_entry(users_id=101, customers_id=1001, services_id=503, text="x", **times)
    on = await show(shown={"week": "2026-W43"}, now=lambda: NOW)
    await keys("Shift+ArrowDown", "Enter")(on, id)
    assert "hour that comes twice" in await on.said()
    assert row(store, id)["time_until"] == times["time_until"]
    await pressed(on, "Escape")
    await on.drag(on.entry(id), minutes=15, edge=True)
    assert row(store, id)["duration"] == 1800  # it has no edge, and is moved


@pytest.mark.parametrize(
    ("since", "until", "end", "becomes"),
    [
        ("16 20:00", "17 21:00", "21:30", "17 21:30"),  # 25 hours, made elsewhere
        ("14 22:00", "16 02:00", "03:00", "16 03:00"),
        ("15 20:00", "16 09:00", "09:30", "16 09:30"),  # 13 hours
        ("15 22:00", "16 02:00", "23:30", "15 23:30"),
        ("15 22:00", "15 23:00", "01:00", "16 01:00"),
        ("15 09:00", "16 08:30", "17:00", "15 17:00"),  # forgotten overnight
        ("15 09:00", "16 00:30", "12:00", "15 12:00"),
        ("15 14:00", "16 03:00", "14:30", "15 14:30"),
        ("15 10:00", "15 23:00", "00:00", "16 00:00"),
    ],
)
async def test_an_end_is_the_nearest_to_where_it_was(
    show: Show, store: Store, since: str, until: str, end: str, becomes: str
) -> None:
    id = add(store, since, until)
    on = await show(**WEEK)
    await opened(on, id)
    await fill_in(on, until=end)
    why = await saved(on)
    assert stored(store, id) == (since, becomes) or ("24 hours" in why and stored(store, id) == (since, until))


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ({"since": "09:00", "until": "11:00"}, ("15 09:00", "15 11:00")),
        ({"day": "2026-12-16", "since": "01:00", "until": "03:00"}, ("16 01:00", "16 03:00")),
        ({"day": "2026-12-16", "since": "01:00"}, ("16 01:00", "16 02:00")),
        ({"day": "2026-12-16"}, ("16 22:00", "17 02:00")),
    ],
)
async def test_a_night_becomes_what_was_typed(
    show: Show, store: Store, given: dict[str, str], becomes: tuple[str, str]
) -> None:
    id = add(store, "15 22:00", "16 02:00")
    on = await show(**WEEK)
    await opened(on, id)
    await fill_in(on, **given)
    assert not await saved(on)
    assert stored(store, id) == becomes


async def test_a_night_that_is_too_long_is_refused_in_true_words(show: Show, store: Store) -> None:
    on = await show(**WEEK)
    await clicked(on, "#log")
    await fill_in(on, place="Relaunch", service="Design", since="13:59", until="02:00")
    assert await saved(on) == TOO_LATE


# Forms


async def test_a_form_stays_in_sight_where_the_page_becomes_narrow(show: Show, store: Store) -> None:
    id = add(store, "18 09:00", "18 11:00")
    on = await show(**WEEK)
    await opened(on, id)
    for width in (700, 400):
        await on.page.set_viewport_size({"width": width, "height": 900})
        await on.frame.wait_for_function(
            "() => { const { left, right } = document.getElementById('form').getBoundingClientRect();"
            " return left >= 0 && right <= innerWidth; }"
        )


async def test_a_form_speaks_the_new_language_and_keeps_its_warning_to_look_first(show: Show, store: Store) -> None:
    on = await show(**WEEK)
    await clicked(on, "#log")
    await fill_in(on, place="Relaunch", service="Design", since="09:00", until="10:00", billable="billable")
    on.lost["tool"] = "create_time_entry"
    await saved(on)
    assert await on.frame.locator("#save").inner_text() == "Save again"
    await on.page.evaluate("bridge.setHostContext({ locale: 'de-DE' })")
    await on.frame.wait_for_selector("html[lang=de]")
    assert await on.frame.locator("#save").inner_text() == "Noch einmal speichern"
    assert await on.frame.locator("#formtitle").inner_text() == "Zeit erfassen"
    assert await on.frame.locator("[name=billable] option:checked").inner_text() == "abrechenbar"


# A week that was kept


async def test_a_week_that_a_host_has_kept_is_read_again(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    kept = (await on.office.call("show_week", week="2026-W51")).model_dump(mode="json", by_alias=True)
    store._db.execute("UPDATE entries SET time_until = '2026-12-15T15:00:00Z', duration = 25200 WHERE id = ?", (id,))
    await on.page.context.clock.set_fixed_time(FRIDAY + timedelta(minutes=10))
    await on.page.evaluate("result => bridge.sendToolResult(result)", kept)
    await on.entry(id).filter(has_text="09:00–16:00").wait_for()  # no hour at the side of the grid reads like that
    refused = await on.office.call("show_week", week="nonsense")
    await on.page.evaluate("result => bridge.sendToolResult(result)", refused.model_dump(mode="json", by_alias=True))
    await on.frame.wait_for_selector("#message:not([hidden])")
    assert len([one for one in await on.told("calls") if one["name"] == "show_week"]) == 2


# What is typed, and where it is let go of


async def test_a_year_of_five_digits_is_said_and_leaves_the_form_alive(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await opened(on, id)
    await on.frame.evaluate("document.querySelector('[name=day]').value = '20261-12-15'")
    assert await saved(on) == "Give a day, a start and an end."
    await on.frame.locator("#form [name=day]").focus()
    await on.page.keyboard.type("161220261")
    assert await on.frame.locator("#form [name=day]").input_value() < "3"
    await clicked(on, "#close")
    assert await on.frame.locator("#form").is_hidden()
    assert stored(store, id) == ("15 09:00", "15 11:00")


async def test_a_text_that_is_too_long_is_said_and_not_cut(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await opened(on, id)
    await on.frame.locator("#form [name=text]").fill("x" * 1200)
    assert await saved(on) == "A text has at most 1000 characters."
    assert len(await on.frame.locator("#form [name=text]").input_value()) == 1200


async def test_a_subproject_is_booked_whatever_is_in_its_name(show: Show, store: Store) -> None:
    customer = store.add_customer("Tricky › Co")
    project = store.add_project(customer, "A › B")
    part = store.add_subproject(project, "Teil › 1")
    on = await show(**WEEK)
    await clicked(on, "#log")
    await fill_in(on, place="Tricky › Co › A › B › Teil › 1", service="Design", since="09:00", until="10:00")
    assert not await saved(on)
    assert (newest(store)["projects_id"], newest(store)["subprojects_id"]) == (project, part)


async def test_an_end_on_another_day_is_said_with_it(show: Show, store: Store) -> None:
    id = add(store, "15 20:00", "15 22:00")
    on = await show(**WEEK)
    await on.drag(on.entry(id), days=1, minutes=-12 * 60, edge=True)
    assert stored(store, id) == ("15 20:00", "16 10:00")
    assert "Ends on Wed 16 Dec at 10:00 now." in await on.said()
    assert "end at 2026-12-16 10:00" in (await on.told("context"))[-1]


@pytest.mark.parametrize("side", [-30, 2, 1010], ids=["left", "hours", "right"])
async def test_what_is_let_go_of_beside_the_days_stays_where_it_was(show: Show, store: Store, side: int) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    x, y = await on.spot(id)
    await on.stroke((x, y), (x, y + 22), (side, y + 22))
    await on.settled()
    assert stored(store, id) == ("15 09:00", "15 11:00")


async def test_a_time_that_comes_twice_is_said_to_a_person(show: Show, store: Store) -> None:
    id = store.add_entry(
        users_id=101, customers_id=1001, projects_id=2001, services_id=503, text="Night", duration=5400,
        time_since="2026-10-25T01:30:00Z", time_until="2026-10-25T03:00:00Z",
    )  # fmt: skip
    on = await show(shown={"week": "2026-W43"}, now=WEEK["now"])
    await keys("ArrowDown", "Enter")(on, id)
    assert "comes twice" in await on.said()
    assert "tell the assistant which of the two" in await on.said()
    assert "+02:00" not in await on.said()
