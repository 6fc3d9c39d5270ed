"""What comes meanwhile changes nothing that was not meant: lost answers, other weeks, entries that have moved."""

from typing import Any

import pytest

from clockodo_mcp.sandbox import Store
from tests.week.conftest import Show
from tests.week.pages import CAREFUL, Shown
from tests.week.test_care import clicked, opened, pressed, row, saved
from tests.week.test_gestures import WEEK, add, fill_in, keys, newest, stored

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def told_week(on: Shown, **arguments: Any) -> None:
    """The host brings another week."""
    result = await on.office.call("show_week", **arguments)
    await on.page.evaluate("result => bridge.sendToolResult(result)", result.model_dump(mode="json", by_alias=True))
    await on.frame.evaluate("() => new Promise(requestAnimationFrame)")


def moved_elsewhere(store: Store, id: int, *times: str) -> None:
    """What another process does meanwhile."""
    store._db.execute("UPDATE entries SET time_since = ?, time_until = ? WHERE id = ?", [*times, id])


# Answers that are lost


async def test_after_a_lost_copy_only_the_copy_can_be_made_again(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on, before = await show(**WEEK), len(store.entries())
    await opened(on, id)
    await fill_in(on, day="2026-12-16")
    on.lost["tool"] = "create_time_entry"
    await clicked(on, "#saveas")
    assert "Look whether it is there" in await on.frame.locator("#wrong").inner_text()
    assert await on.frame.locator("#save").is_hidden()
    assert await on.frame.locator("#saveas").inner_text() == "Copy again"
    await on.frame.locator("[name=since]").focus()
    await pressed(on, "Enter")
    assert stored(store, id) == ("15 09:00", "15 11:00")
    assert stored(store, newest(store)["id"]) == ("16 09:00", "16 11:00")
    assert len(store.entries()) == before + 2  # whoever looks, sees the first one
    await opened(on, id)
    assert await on.frame.locator("#saveas").inner_text() == "Save as copy"
    assert await on.frame.locator("#save").is_visible()


async def test_what_is_gone_after_a_lost_deletion_is_not_offered_to_be_saved(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on, before = await show(**WEEK), len(store.entries())
    await opened(on, id)
    on.lost["tool"] = "delete_entry"
    await clicked(on, "#remove")
    assert await on.frame.locator("#form").is_hidden()
    assert "unknown whether it was done" in await on.said()
    assert len(store.entries()) == before - 1


async def test_what_is_there_after_a_lost_deletion_can_be_deleted_again(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await opened(on, id)
    on.office.break_down(kind="status", status=500, method="DELETE", times=9)
    await clicked(on, "#remove")
    assert await on.frame.locator("#save").inner_text() == "Save"
    assert await on.frame.locator("#remove").is_visible()
    assert stored(store, id) == ("15 09:00", "15 11:00")


async def test_what_turns_out_to_be_stored_is_said_to_be(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await opened(on, id)
    await fill_in(on, text="Mine")
    on.lost["tool"] = "update_entry"
    assert "unknown whether it was done" in await saved(on)
    assert not await saved(on)
    assert await on.said() == "It is stored."
    assert row(store, id)["text"] == "Mine"


async def test_a_lost_answer_ends_its_sentence(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    on.lost["tool"] = "update_entry"
    await keys("ArrowDown", "Enter")(on, id)
    assert "JSON. Drawn is" in await on.said()


# Entries that are not in the week that is shown


async def test_what_was_moved_elsewhere_is_not_logged_a_second_time(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on, before = await show(**WEEK), len(store.entries())
    await opened(on, id)
    await fill_in(on, text="Mine")
    moved_elsewhere(store, id, "2026-12-22T08:00:00Z", "2026-12-22T10:00:00Z")
    for _ in range(2):
        wrong = await saved(on)
        assert "changed elsewhere" in wrong
        assert "not in the week that is shown" in wrong
        assert await on.frame.locator("#formtitle").inner_text() == "Edit entry"
    assert len(store.entries()) == before
    assert stored(store, id) == ("22 09:00", "22 11:00")


async def test_a_move_out_of_the_week_whose_answer_is_lost_is_not_logged_besides(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on, before = await show(**WEEK), len(store.entries())
    await opened(on, id)
    await fill_in(on, day="2026-12-22")
    on.lost["tool"] = "update_entry"
    assert "unknown whether it was done" in await saved(on)
    assert await saved(on)
    assert len(store.entries()) == before
    assert stored(store, id) == ("22 09:00", "22 11:00")


async def test_an_edit_stays_one_while_another_week_is_shown(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on, before = await show(**WEEK), len(store.entries())
    await opened(on, id)
    await fill_in(on, text="Mine", service="Nothing of the kind")
    await told_week(on, week="2026-W50")
    assert await saved(on)
    await fill_in(on, service="Design")
    assert not await saved(on)
    assert len(store.entries()) == before
    assert row(store, id)["text"] == "Mine"


async def test_times_that_were_changed_here_and_elsewhere_are_not_mixed(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await opened(on, id)
    await fill_in(on, until="12:00")
    moved_elsewhere(store, id, "2026-12-16T12:00:00Z", "2026-12-16T14:00:00Z")
    assert "changed elsewhere" in await saved(on)
    values = [await on.frame.locator(f"#form [name={one}]").input_value() for one in ("day", "since", "until")]
    assert values == ["2026-12-15", "09:00", "12:00"]
    assert not await saved(on)
    assert stored(store, id) == ("15 09:00", "15 12:00")


# Whose it is


async def test_a_copy_is_for_whom_the_form_was_opened(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await opened(on, id)
    await fill_in(on, day="2026-12-16")
    await told_week(on, week="2026-W51", user="#102")
    await clicked(on, "#saveas")
    assert newest(store)["users_id"] == 101
    assert "Jonas" not in (await on.told("context"))[-1]


# What is held


@pytest.mark.parametrize("moves_on", [False, True])
async def test_a_week_that_comes_lets_go_of_what_is_dragged(show: Show, store: Store, moves_on: bool) -> None:
    id = add(store, "17 09:00", "17 11:00")
    on = await show(**WEEK)
    x, y = await on.spot(id)
    await on.page.mouse.move(x, y)
    await on.page.mouse.down()
    await on.page.mouse.move(x, y + 22, steps=4)
    await told_week(on, week="2026-W52")
    if moves_on:
        await on.page.mouse.move(x, y + 33, steps=2)
    await on.page.mouse.up()
    await on.settled()
    assert stored(store, id) == ("17 09:00", "17 11:00")
    assert await on.said() == "As it was."


async def test_escape_lets_go_while_a_second_finger_comes_and_goes(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    x, y = await on.spot(id)
    await on.page.mouse.move(x, y)
    await on.page.mouse.down()
    await on.page.mouse.move(x, y + 22, steps=4)
    second = "new PointerEvent('pointerup', {isPrimary: false, pointerId: 9, pointerType: 'touch', bubbles: true})"
    await on.frame.evaluate(f"document.querySelector('#grid').dispatchEvent({second})")
    await on.page.keyboard.press("Escape")
    await on.page.mouse.up()
    await on.settled()
    assert stored(store, id) == ("15 09:00", "15 11:00")


@pytest.mark.parametrize(("hold", "then"), [("Enter", "15 09:15"), ("n", "15 09:00"), ("Control+z", "15 09:00")])
async def test_a_key_that_is_held_does_one_thing(show: Show, store: Store, hold: str, then: str) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    if hold == "Control+z":
        await keys("ArrowDown", "Enter")(on, id)
        await on.page.keyboard.down("Control")
    else:
        await on.entry(id).focus()
    if hold == "Enter":
        await on.page.keyboard.press("ArrowDown")
    for _ in range(4):
        await on.page.keyboard.down(hold.removeprefix("Control+"))
        await on.settled()
        await on.frame.evaluate("() => new Promise(requestAnimationFrame)")
    await on.page.keyboard.up(hold.removeprefix("Control+"))
    await on.page.keyboard.up("Control")
    await on.settled()
    assert stored(store, id) == (then, then.replace("09:", "11:"))
    assert await on.frame.locator("#form").is_hidden() is (hold != "n")
    assert not await on.frame.locator("#form [name=place]").input_value()


async def test_enter_that_is_held_in_a_refused_form_types_nothing(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await opened(on, id)
    await fill_in(on, service="Nothing of the kind")
    await on.frame.locator("#form [name=service]").focus()
    await on.page.keyboard.down("Enter")
    await on.settled()
    assert await on.frame.locator("#wrong").inner_text()
    for _ in range(3):
        await on.page.keyboard.down("Enter")
    await on.page.keyboard.up("Enter")
    assert await on.frame.locator("#form [name=text]").input_value() == row(store, id)["text"]


async def test_tab_that_is_held_goes_on(show: Show, store: Store) -> None:
    add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await clicked(on, "#log")
    for _ in range(3):
        await on.page.keyboard.down("Tab")
    await on.page.keyboard.up("Tab")
    assert await on.frame.evaluate("document.activeElement.name") == "day"


async def test_what_was_declined_can_be_moved_again(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK, account=CAREFUL)
    await on.entry(id).focus()
    await on.page.keyboard.press("ArrowDown")
    await on.page.keyboard.press("Enter")
    await on.frame.locator("#asked").wait_for()
    await clicked(on, "#decline")
    await keys("ArrowDown", "ArrowDown")(on, id)
    assert "09:30" in await on.said()


async def test_a_lost_copy_stays_one_after_another_refusal(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await opened(on, id)
    text = await on.frame.locator("#form [name=text]").input_value()
    await fill_in(on, day="2026-12-16")
    on.lost["tool"] = "create_time_entry"
    await clicked(on, "#saveas")
    for other in ("Other", text):
        await fill_in(on, text=other)
        await on.frame.locator("#form [name=since]").focus()
        await pressed(on, "Enter")
    assert stored(store, id) == ("15 09:00", "15 11:00")


async def test_a_draft_is_not_stored_by_the_key_that_logs_something_else(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await on.entry(id).focus()
    await pressed(on, "ArrowDown", "n")
    await fill_in(on, place="Relaunch", service="Design", day="2026-12-22", since="09:00", until="10:00")
    await on.frame.locator("#form [name=until]").focus()
    await pressed(on, "Enter")
    await pressed(on, "Enter")
    assert stored(store, newest(store)["id"]) == ("22 09:00", "22 10:00")
    assert stored(store, id) == ("15 09:00", "15 11:00")


async def test_a_week_is_not_copied_while_another_one_is_shown(show: Show, store: Store) -> None:
    add(store, "08 09:00", "08 11:00")
    on, before = await show(**WEEK), len(store.entries())
    await on.frame.locator("#copy").click()
    await on.frame.locator("#asked").wait_for()
    await told_week(on, week="2026-W49")
    await clicked(on, "#agree")
    assert len(store.entries()) == before
