"""Every gesture on the page, by mouse and by keyboard: what is stored is read from the sandbox's database."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from clockodo_mcp.sandbox import Store
from tests.week.conftest import Show
from tests.week.pages import CAREFUL, Shown

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

FRIDAY = datetime(2026, 12, 18, 15, 30, tzinfo=UTC)
"""Half past four in Berlin."""

WEEK = {"shown": {"week": "2026-W51"}, "now": lambda: FRIDAY}


def add(store: Store, since: str, until: str, **more: Any) -> int:
    """An entry of the caller, by local times in Berlin's winter: `15 09:00`."""
    utc = {"time_since": moment(since), "time_until": moment(until)}
    start, end = (datetime.fromisoformat(one) for one in utc.values())
    row: dict[str, Any] = {
        "users_id": 101, "customers_id": 1001, "projects_id": 2001, "services_id": 503, "text": "Kick-off",
        "duration": int((end - start).total_seconds()),
    }  # fmt: skip
    return store.add_entry(**{**row, **utc, **more})


def moment(local: str) -> str:
    at = datetime.fromisoformat(f"2026-12-{local.replace(' ', 'T')}+01:00")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stored(store: Store, id: int) -> tuple[str, str] | None:
    """Both ends of an entry, local."""
    row = next((one for one in store.entries() if one["id"] == id), None)
    return None if row is None else tuple(map(local, (row["time_since"], row["time_until"])))  # type: ignore[return-value]


def local(text: str) -> str:
    from zoneinfo import ZoneInfo

    return f"{datetime.fromisoformat(text).astimezone(ZoneInfo('Europe/Berlin')):%d %H:%M}"


def newest(store: Store) -> Any:
    return store.entries()[-1]


async def by_mouse_later(on: Shown, id: int) -> None:
    await on.drag(on.entry(id), minutes=45)


async def by_mouse_on_another_day(on: Shown, id: int) -> None:
    await on.drag(on.entry(id), days=2)


async def by_mouse_longer(on: Shown, id: int) -> None:
    await on.drag(on.entry(id), minutes=30, edge=True)


async def by_mouse_a_copy(on: Shown, id: int) -> None:
    await on.drag(on.entry(id), days=1, key="Control")


def keys(*pressed: str) -> Callable[[Shown, int], Awaitable[None]]:
    async def press(on: Shown, id: int) -> None:
        await on.entry(id).focus()
        for key in pressed:
            await on.page.keyboard.press(key)
        await on.settled()

    return press


MOVES = {
    "later by mouse": (by_mouse_later, ("15 09:45", "15 11:45")),
    "another day by mouse": (by_mouse_on_another_day, ("17 09:00", "17 11:00")),
    "longer by mouse": (by_mouse_longer, ("15 09:00", "15 11:30")),
    "later by keys": (keys("ArrowDown", "ArrowDown", "ArrowDown", "Enter"), ("15 09:45", "15 11:45")),
    "earlier by keys": (keys("ArrowUp", "Enter"), ("15 08:45", "15 10:45")),
    "the day after by keys": (keys("ArrowRight", "Enter"), ("16 09:00", "16 11:00")),
    "the day before by keys": (keys("ArrowLeft", "Enter"), ("14 09:00", "14 11:00")),
    "longer by keys": (keys("Shift+ArrowDown", "Shift+ArrowDown", "Enter"), ("15 09:00", "15 11:30")),
    "shorter by keys": (keys("Shift+ArrowUp", "Enter"), ("15 09:00", "15 10:45")),
    "moved and longer by keys": (keys("ArrowRight", "Shift+ArrowDown", "Enter"), ("16 09:00", "16 11:15")),
}


@pytest.mark.parametrize("name", MOVES)
async def test_an_entry_is_moved_told_and_taken_back(show: Show, store: Store, name: str) -> None:
    gesture, becomes = MOVES[name]
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await gesture(on, id)
    assert stored(store, id) == becomes
    assert await on.frame.locator("#form").is_hidden()  # a drop is no click
    assert becomes[1].split()[1] in await on.said()
    assert [one["name"] for one in await on.told("calls")] == ["show_week", "update_entry", "show_week"]
    [line] = await on.told("context")
    assert f'entry {id} ("Acme GmbH › Relaunch Website, Kick-off")' in line
    assert "\n" not in line
    await on.frame.locator("#undo").click()
    await on.settled()
    assert stored(store, id) == ("15 09:00", "15 11:00")
    await on.frame.locator("#undo").click()  # again
    await on.settled()
    assert stored(store, id) == becomes


@pytest.mark.parametrize("gesture", [by_mouse_a_copy, keys("ArrowRight", "Control+Enter")], ids=["mouse", "keys"])
async def test_a_copy_stands_beside_what_was_copied(
    show: Show, store: Store, gesture: Callable[[Shown, int], Awaitable[None]]
) -> None:
    id = add(store, "15 09:00", "15 11:00", billable=2, text="Kick-off & so | weiter")
    on = await show(**WEEK)
    await gesture(on, id)
    assert stored(store, id) == ("15 09:00", "15 11:00")
    copy = newest(store)
    assert stored(store, copy["id"]) == ("16 09:00", "16 11:00")
    assert (copy["projects_id"], copy["services_id"], copy["text"], copy["billable"]) == (
        2001,
        503,
        "Kick-off & so | weiter",
        1,
    )
    await on.page.keyboard.press("Control+z")
    await on.settled()
    assert stored(store, copy["id"]) is None


async def by_button(on: Shown, id: int) -> None:
    await on.click(id)
    await on.frame.locator("#remove").click()
    await on.settled()


@pytest.mark.parametrize("gesture", [by_button, keys("Delete")], ids=["mouse", "keys"])
async def test_an_entry_is_deleted_and_comes_back(
    show: Show, store: Store, gesture: Callable[[Shown, int], Awaitable[None]]
) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await gesture(on, id)
    assert stored(store, id) is None
    assert await on.frame.evaluate("document.activeElement.id") == "log"
    await on.frame.locator("#undo").click()
    await on.settled()
    back = newest(store)
    assert stored(store, back["id"]) == ("15 09:00", "15 11:00")


async def fill_in(on: Shown, **values: str) -> None:
    for name, value in values.items():
        box = on.frame.locator(f"#form [name={name}]")
        await (box.select_option(value) if name == "billable" else box.fill(value))


async def test_an_empty_place_is_clicked_to_log(show: Show, store: Store) -> None:
    on = await show(**WEEK)
    day = await on.frame.locator(".ec-body .ec-day").nth(2).bounding_box()
    assert day
    await on.page.mouse.click(day["x"] + 20, day["y"] + 2 * 2 * 22 + 2)  # two hours below eight
    await fill_in(on, place="Relaunch", service="Design", text="By click")
    await on.frame.locator("#save").click()
    await on.settled()
    assert (newest(store)["text"], *stored(store, newest(store)["id"])) == ("By click", "16 10:00", "16 11:00")  # type: ignore[misc]
    assert await on.frame.evaluate("document.activeElement.dataset.entry") == str(newest(store)["id"])


async def test_an_empty_place_is_dragged_over_to_log(show: Show, store: Store) -> None:
    on = await show(**WEEK)
    day = await on.frame.locator(".ec-body .ec-day").nth(1).bounding_box()
    assert day
    x, y = day["x"] + 20, day["y"] + 2 * 22 + 2
    await on.stroke((x, y), (x + 2, y + 30), (x + 2, y + 22 * 3 - 4))
    await fill_in(on, place="Relaunch", service="Design")
    await on.frame.locator("#save").click()
    await on.settled()
    assert stored(store, newest(store)["id"]) == ("15 09:00", "15 10:30")


async def test_logged_by_keys_alone_with_a_name_from_the_list(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await on.entry(id).focus()
    await on.page.keyboard.press("n")
    await on.frame.wait_for_selector("#places option[value='Acme Retail AG › Wartung']", state="attached")
    await on.page.keyboard.type("Acme Retail AG › Wartung")
    await on.page.keyboard.press("Tab")
    await on.page.keyboard.type("Design")
    await on.page.keyboard.press("Enter")
    await on.settled()
    made = newest(store)
    assert (made["projects_id"], *stored(store, made["id"])) == (2005, "15 11:00", "15 12:00")  # type: ignore[misc]


async def test_an_entry_is_edited_field_by_field(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await on.entry(id).focus()
    await on.page.keyboard.press("Enter")
    await fill_in(
        on,
        text="Retro",
        until="11:20",
        billable="not_billable",
        service="Beratung",
        place="Kassensystem",
        day="2026-12-17",
    )
    await on.frame.locator("#save").click()
    await on.settled()
    row = next(one for one in store.entries() if one["id"] == id)
    assert (row["text"], row["billable"], row["services_id"], row["projects_id"]) == ("Retro", 0, 501, 2004)
    assert stored(store, id) == ("17 09:00", "17 11:20")
    assert await on.frame.evaluate("document.activeElement.dataset.entry") == str(id)
    await on.page.keyboard.press("Control+z")
    await on.settled()
    assert stored(store, id) == ("15 09:00", "15 11:00")


async def test_what_is_refused_stays_in_the_form_with_the_reason(show: Show, store: Store) -> None:
    id, before = add(store, "15 09:00", "15 11:00"), len(store.entries())
    on = await show(**WEEK)
    await on.frame.locator("#log").click()
    await fill_in(on, place="Wartung", service="Design")  # of two customers
    await on.frame.locator("#save").click()
    await on.settled()
    wrong = await on.frame.locator("#wrong").inner_text()
    assert "Acme GmbH › Wartung" in wrong
    assert "Acme Retail AG › Wartung" in wrong
    assert "call again" not in wrong
    assert await on.frame.locator("#form [name=place]").input_value() == "Wartung"
    await on.page.keyboard.press("Escape")
    assert await on.frame.locator("#form").is_hidden()
    assert len(store.entries()) == before
    assert stored(store, id)


async def test_a_draft_is_taken_back_by_escape(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    await keys("ArrowDown", "ArrowRight", "Escape")(on, id)
    assert await on.said() == "As it was."
    assert await on.frame.evaluate("document.activeElement.dataset.entry") == str(id)
    assert stored(store, id) == ("15 09:00", "15 11:00")
    assert [one["name"] for one in await on.told("calls")] == ["show_week"]


async def test_there_is_one_draft_at_a_time(show: Show, store: Store) -> None:
    first, second = add(store, "15 09:00", "15 11:00"), add(store, "16 09:00", "16 11:00")
    on = await show(**WEEK)
    for id in (first, second):
        await on.entry(id).focus()
        await on.page.keyboard.press("ArrowDown")
    assert await on.frame.locator(".draft").count() == 1
    assert "09:00–11:00" in str(await on.entry(first).text_content())
    await on.page.keyboard.press("Enter")
    await on.settled()
    assert (stored(store, first), stored(store, second)) == (("15 09:00", "15 11:00"), ("16 09:15", "16 11:15"))


async def test_weeks_are_turned_and_last_week_is_copied(show: Show, store: Store) -> None:
    add(store, "08 09:00", "08 11:00", text="Every Tuesday")
    add(store, "09 09:00", "09 10:00", text="Every Wednesday")
    on = await show(**WEEK)
    await on.frame.locator("#before").click()
    await on.frame.locator("#title", has_text="Week 50").wait_for()
    await on.page.keyboard.press("PageDown")
    await on.frame.locator("#title", has_text="Week 51").wait_for()
    before = len(store.entries())
    await on.frame.locator("#copy").click()
    question = on.frame.locator("#question")
    await question.wait_for()
    assert "Entries: 2, 3:00 h" in await question.inner_text()
    assert len(store.entries()) == before
    await on.frame.locator("#agree").click()
    await on.settled()
    copies = store.entries()[before:]
    assert [(one["text"], local(one["time_since"])) for one in copies] == [
        ("Every Tuesday", "15 09:00"),
        ("Every Wednesday", "16 09:00"),
    ]
    await on.frame.locator("#undo").click()
    await on.settled()
    assert len(store.entries()) == before


async def test_what_was_changed_elsewhere_is_refused_and_drawn_anew(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK)
    store._db.execute("UPDATE entries SET time_since = '2026-12-15T09:00:00Z', duration = 3600 WHERE id = ?", [id])
    await keys("ArrowDown", "Enter")(on, id)
    assert "changed elsewhere" in await on.said()
    assert stored(store, id) == ("15 10:00", "15 11:00")
    assert "10:00–11:00" in str(await on.entry(id).text_content())
    await keys("ArrowDown", "Enter")(on, id)
    assert stored(store, id) == ("15 10:15", "15 11:15")


async def test_every_write_is_agreed_to_where_the_account_asks_for_it(show: Show, store: Store) -> None:
    id = add(store, "15 09:00", "15 11:00")
    on = await show(**WEEK, account=CAREFUL)
    await on.entry(id).focus()
    await on.page.keyboard.press("ArrowDown")
    await on.page.keyboard.press("Enter")
    await on.frame.locator("#agree").wait_for()
    assert stored(store, id) == ("15 09:00", "15 11:00")
    await on.page.keyboard.press("Enter")  # it has the focus
    await on.settled()
    assert stored(store, id) == ("15 09:15", "15 11:15")
    await on.entry(id).focus()
    await on.page.keyboard.press("ArrowDown")
    await on.page.keyboard.press("Enter")
    await on.frame.locator("#decline").click()
    assert await on.said() == "Nothing was changed."
    assert stored(store, id) == ("15 09:15", "15 11:15")
