"""The journal as people use it: what was changed, taking it back, and consent before something is destroyed."""

from datetime import timedelta
from typing import Any, Literal

import pytest
from mcp.types import CallToolResult, ElicitRequestFormParams, ElicitResult

from clockodo_mcp.config import Settings
from clockodo_mcp.sandbox import Store
from clockodo_mcp.sandbox.seed import WORKER_KEY, WORKER_USER
from clockodo_mcp.sandbox.store import Row
from tests.conftest import NOW, Office, Person, facts, office_of, said, settings

pytestmark = pytest.mark.anyio

Mode = Literal["auto", "legacy"]
ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
BOOK = {
    "project": "Relaunch Website", "service": "Design", "time_since": "2026-11-24T06:00", "duration": "2h",
    "text": "Kick-off | start",
}  # fmt: skip
STAMPS = ("time_insert", "time_last_change")


def entry(store: Store, id: object) -> Row | None:
    return next(({k: v for k, v in row.items() if k not in STAMPS} for row in store.entries() if row["id"] == id), None)


def without_id(row: Row | None) -> Row:
    assert row is not None
    return {name: value for name, value in row.items() if name != "id"}


async def test_a_created_entry_is_undone_by_deleting_it_and_that_by_creating_it_again(office: Office) -> None:
    made = facts(await office.call("create_time_entry", **BOOK))
    assert made["change"] == 1
    stored = entry(office.store, 401)
    undone = await office.call("undo_change")
    assert "This undoes change 1 (created entry 401)." in said(undone)
    assert entry(office.store, 401) is None
    again = await office.call("undo_change", change_id=2)
    assert "Entry 401 has the new id 402." in said(again)
    assert without_id(entry(office.store, 402)) == without_id(stored)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"text": "Other"},
        {"clear": ["text"]},
        {"clear": ["project"]},
        {"duration": "45m"},
        {"time_since": "2026-11-23T05:00", "duration": "2h"},
        {"project": "Kassensystem", "billable": "billed", "user": "102", "hourly_rate": 12.5},
        {"service": "Beratung", "subproject": "Konzept"},
    ],
)
async def test_an_edited_entry_gets_its_old_values_and_the_undo_can_be_undone(
    office: Office, change: dict[str, Any]
) -> None:
    await office.call("create_time_entry", **BOOK)
    before = entry(office.store, 401)
    facts(await office.call("update_entry", id=401, **change))
    after = entry(office.store, 401)
    assert before != after
    facts(await office.call("undo_change"))
    assert entry(office.store, 401) == before
    facts(await office.call("undo_change", change_id=3))
    assert entry(office.store, 401) == after


@pytest.mark.parametrize("kind", ["time", "value", "service"])
async def test_a_deleted_entry_comes_again_as_it_was(office: Office, kind: str) -> None:
    own: dict[str, dict[str, Any]] = {
        "time": {"services_id": 502, "time_until": "2026-11-20T06:30:00Z", "duration": 1500, "hourly_rate": 77.0},
        "value": {"type": 2, "services_id": 502, "lumpsum": 250.5},
        "service": {"type": 3, "lumpsum_services_id": 601, "lumpsum_services_amount": 3.5},
    }
    id = office.store.add_entry(
        users_id=102, customers_id=1001, projects_id=2001, text="Was\nhere", billable=2,
        time_since="2026-11-20T06:00:00Z", **own[kind],
    )  # fmt: skip
    before = entry(office.store, id)
    facts(await office.call("delete_entry", id=id))
    made = facts(await office.call("undo_change"))["entry"]
    assert isinstance(made, dict)
    assert without_id(entry(office.store, made["id"])) == without_id(before)


async def test_what_was_changed_elsewhere_since_is_not_undone_and_the_difference_is_shown(office: Office) -> None:
    await office.call("create_time_entry", **BOOK)
    await office.call("update_entry", id=401, duration="1h")
    office.store.update("entries", 401, {"time_until": "2026-11-24T05:30:00Z", "duration": 1800})
    for arguments in ({}, {"change_id": 2}):
        refused = await office.call("undo_change", **arguments)
        assert refused.is_error
        assert "was changed elsewhere since" in said(refused)
        assert "end 2026-11-24 07:00 → 2026-11-24 06:30, hours 1:00 → 0:30" in said(refused)
    assert (entry(office.store, 401) or {})["duration"] == 1800
    office.store.delete_entry(401)
    gone = await office.call("undo_change")
    assert "is gone" in said(gone)


async def test_a_later_change_of_the_same_entry_has_to_be_undone_first(office: Office) -> None:
    await office.call("create_time_entry", **BOOK)
    await office.call("update_entry", id=401, text="Other")
    refused = await office.call("undo_change", change_id=1)
    assert "call undo_change with change_id=2." in said(refused)
    facts(await office.call("undo_change", change_id=2))
    facts(await office.call("undo_change", change_id=1))
    assert entry(office.store, 401) is None


async def test_what_was_undone_and_done_again_is_a_change_like_others(office: Office) -> None:
    await office.call("create_time_entry", **BOOK)
    await office.call("update_entry", id=401, text="Other")
    for change in (2, 3):
        facts(await office.call("undo_change", change_id=change))
    in_the_way = await office.call("undo_change", change_id=1)
    assert "Change 2 came later and is on the same entry" in said(in_the_way)
    for change in (2, 1):
        facts(await office.call("undo_change", change_id=change))
    assert entry(office.store, 401) is None


async def test_undo_goes_back_one_change_at_a_time_and_says_when_there_is_none(office: Office) -> None:
    for text in ("One", "Two"):
        await office.call("create_time_entry", **(BOOK | {"text": text}))
    facts(await office.call("undo_change"))
    assert [bool(entry(office.store, id)) for id in (401, 402)] == [True, False]
    facts(await office.call("undo_change"))
    assert entry(office.store, 401) is None
    nothing = await office.call("undo_change")
    assert nothing.is_error
    assert "There is nothing to undo" in said(nothing)
    again = await office.call("undo_change", change_id=1)
    assert "was undone by change 4" in said(again)
    assert "There is no change 99" in said(await office.call("undo_change", change_id=99))


async def test_the_changes_are_listed_newest_first_with_what_they_did_and_whether_they_can_be_undone(
    office: Office,
) -> None:
    await office.call("create_time_entry", **BOOK)
    await office.call("update_entry", id=401, duration="1h30m", text="Review")
    await office.call("delete_entry", id=2)
    await office.call("undo_change", change_id=3)
    result = await office.call("list_changes", period="today")
    rows = facts(result)["rows"]
    assert isinstance(rows, list)
    assert [(row["change"], row["did"], row["undo"]) for row in rows] == [
        (4, "created", "yes"),
        (3, "deleted", "undone by 4"),
        (2, "updated", "yes"),
        (1, "created", "first 2"),
    ]
    assert "end 2026-11-24 08:00 → 2026-11-24 07:30, hours 2:00 → 1:30" in rows[2]["changed"]
    assert "text 'Kick-off \\| start' → 'Review'" in rows[2]["changed"]
    assert said(result).startswith("Wed 2026-11-25 (Europe/Berlin): 4 changes.")
    assert facts(await office.call("list_changes", period="yesterday"))["changes"] == 0
    assert "The latest 2 of 4" in said(await office.call("list_changes", limit=2))


async def test_without_a_journal_nothing_is_kept_and_undo_is_not_offered(store: Store) -> None:
    async with office_of(store, account=settings().model_copy(update={"journal": False})) as office:
        names = {tool.name for tool in (await office.assistant.list_tools()).tools}
        assert not names & {"list_changes", "undo_change"}
        made = await office.call("create_time_entry", **BOOK)
        assert "To undo: delete_entry with id=401." in said(made)
        assert "change" not in facts(made)


# Consent


def billed_and_foreign(store: Store) -> None:
    store.update("entries", 2, {"billable": 2})
    store.update("entries", 3, {"users_id": 102})


@ERAS
@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("delete_entry", {"id": 4}, "This would delete entry 4: 2026-11-25 13:00–15:00, 2:00 h, Acme GmbH"),
        ("update_entry", {"id": 2, "text": "New"}, "It is already billed."),
        ("update_entry", {"id": 3, "duration": "10m"}, "It belongs to another person."),
    ],
)
@pytest.mark.parametrize("answer", ["Yes", "No", "decline", "cancel"])
async def test_the_person_is_asked_before_something_is_destroyed(
    store: Store, mode: Mode, tool: str, arguments: dict[str, Any], words: str, answer: str
) -> None:
    billed_and_foreign(store)
    before, person = store.entries(), Person(answer)
    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        result = await office.call(tool, **arguments)
    [asked] = person.asked
    assert words in asked
    assert result.is_error == (answer != "Yes")
    assert (store.entries() == before) == (answer != "Yes")
    if answer != "Yes":
        why = {"No": "did not agree", "decline": "was not agreed to", "cancel": "Nobody answered the question"}
        assert why[answer] in said(result)
        assert "nothing was done" in said(result)


@pytest.mark.parametrize("confirm", ["auto", "never"])
async def test_what_is_harmless_or_wished_without_questions_is_not_asked_about(
    store: Store, confirm: Literal["auto", "never"]
) -> None:
    billed_and_foreign(store)
    person = Person("No")
    account = settings().model_copy(update={"confirm": confirm})
    async with office_of(store, account=account, elicitation_callback=person) as office:
        facts(await office.call("create_time_entry", **BOOK))
        facts(await office.call("update_entry", id=401, text="Other"))
        facts(await office.call("undo_change"))
        if confirm == "never":
            facts(await office.call("update_entry", id=2, text="Other"))
            facts(await office.call("delete_entry", id=3))
    assert person.asked == []


async def test_where_nobody_can_be_asked_the_host_decides_and_the_answer_names_what_is_delicate(store: Store) -> None:
    billed_and_foreign(store)
    async with office_of(store) as office:
        assert "Warning: It is already billed." in said(await office.call("update_entry", id=2, text="Other"))
        assert "Warning: It belongs to another person." in said(await office.call("delete_entry", id=3))


@ERAS
async def test_an_entry_that_changes_while_the_person_is_asked_is_left_alone(store: Store, mode: Mode) -> None:
    class Meanwhile(Person):
        async def __call__(self, context: Any, params: ElicitRequestFormParams) -> ElicitResult:
            if not self.asked:
                store.update("entries", 4, {"billable": 2, "duration": 60})
            return await super().__call__(context, params)

    person = Meanwhile("Yes")
    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        result = await office.call("delete_entry", id=4)
    # In the new era the changed entry is another question, which is asked as well; in the old one it is refused.
    assert len(person.asked) == 2 or "while the person was asked" in said(result)
    assert len(person.asked) == 2 or entry(store, 4) is not None


def always() -> Settings:
    return settings().model_copy(update={"confirm": "always"})


EVERY_WRITE: list[tuple[str, dict[str, Any]]] = [
    ("create_time_entry", BOOK),
    ("create_lumpsum_entry", {"customer": "1001", "lumpsum_service": "Anfahrt", "amount": 2}),
    ("update_entry", {"id": 2, "text": "Other"}),
    ("delete_entry", {"id": 2}),
    ("undo_change", {}),
]


@pytest.mark.parametrize(("tool", "arguments"), EVERY_WRITE)
async def test_with_always_a_write_waits_for_the_code_of_its_preview(
    store: Store, tool: str, arguments: dict[str, Any]
) -> None:
    async with office_of(store, account=always()) as office:
        if tool == "undo_change":
            await confirmed(office, "create_time_entry", BOOK)
        before = store.entries()
        preview = await office.call(tool, **arguments)
        assert preview.is_error
        assert "Not done yet. This would" in said(preview)
        assert store.entries() == before
        facts(await confirmed(office, tool, arguments))
        assert store.entries() != before


async def confirmed(office: Office, tool: str, arguments: dict[str, Any]) -> Any:
    preview = said(await office.call(tool, **arguments))
    return await office.call(tool, **arguments, confirm=preview.partition("confirm='")[2].partition("'")[0])


async def test_a_code_is_for_one_call_one_state_and_one_hour(store: Store) -> None:
    moment = [NOW]
    async with office_of(store, account=always(), now=lambda: moment[0]) as office:
        preview = said(await office.call("update_entry", id=2, text="Other"))
        code = preview.partition("confirm='")[2].partition("'")[0]
        before = store.entries()
        for arguments in ({"id": 2, "text": "Another"}, {"id": 3, "text": "Other"}):
            refused = await office.call("update_entry", **arguments, confirm=code)
            assert "The code does not fit" in said(refused)
        assert "The code does not fit" in said(await office.call("delete_entry", id=2, confirm=code))
        assert "The code does not fit" in said(await office.call("update_entry", id=2, text="Other", confirm="1-x"))
        store.update("entries", 2, {"billable": 2})
        assert "The code does not fit" in said(await office.call("update_entry", id=2, text="Other", confirm=code))
        store.update("entries", 2, {"billable": 1})
        moment[0] = NOW + timedelta(seconds=3601)
        assert "The code does not fit" in said(await office.call("update_entry", id=2, text="Other", confirm=code))
        assert store.entries() == before
        again = said(await office.call("update_entry", id=2, text="Other"))
        code = again.partition("confirm='")[2].partition("'")[0]
        moment[0] += timedelta(seconds=3599)
        facts(await office.call("update_entry", id=2, text="Other", confirm=code))
        store.update("entries", 2, {"texts_id": before[1]["texts_id"]})
        assert "it was used" in said(await office.call("update_entry", id=2, text="Other", confirm=code))


async def test_what_is_booked_with_a_code_is_what_was_shown(store: Store) -> None:
    """A duration alone ends now, and now is another minute when the person has agreed."""
    moment = [NOW]
    async with office_of(store, account=always(), now=lambda: moment[0]) as office:
        preview = said(await office.call("create_time_entry", customer="1001", service="501", duration="1h"))
        assert "2026-11-25 15:30–16:30" in preview
        moment[0] = NOW + timedelta(minutes=4)
        code = preview.partition("confirm='")[2].partition("'")[0]
        made = await office.call("create_time_entry", customer="1001", service="501", duration="1h", confirm=code)
        assert "15:30–16:30" in said(made)


@ERAS
async def test_with_always_a_client_that_can_ask_asks_for_every_write(store: Store, mode: Mode) -> None:
    person = Person("Yes")
    async with office_of(store, mode=mode, account=always(), elicitation_callback=person) as office:
        for tool, arguments in EVERY_WRITE:
            facts(await office.call(tool, **arguments))
    assert len(person.asked) == len(EVERY_WRITE)


async def test_the_argument_for_the_code_is_offered_only_where_codes_are_used(store: Store) -> None:
    for account, offered in ((settings(), False), (always(), True)):
        async with office_of(store, account=account) as office:
            for tool in (await office.assistant.list_tools()).tools:
                reads = ("get", "list", "search", "summarize", "show", "check", "export")
                writes = tool.name.partition("_")[0] not in reads
                expected = (offered and writes) or tool.name == "update_entries"
                assert ("confirm" in tool.input_schema["properties"]) == expected, tool.name


async def test_what_clockodo_did_not_take_is_said(store: Store) -> None:
    """Somebody's rule in Clockodo turns a rate back: here the sandbox's database does."""
    store._db.execute(
        "CREATE TRIGGER t AFTER UPDATE ON entries BEGIN UPDATE entries SET hourly_rate = 95 WHERE id = NEW.id; END"
    )
    async with office_of(store) as office:
        result = await office.call("update_entry", id=2, hourly_rate=50.0, text="x")
    assert "Warning: Clockodo did not take hourly rate: it is 95.00 now." in said(result)


# Undo restores what was, and nothing else


async def test_a_break_inside_an_entry_survives_a_move_and_its_undo(office: Office) -> None:
    """Two hours of presence with half an hour of break: Clockodo would make a missing duration anew."""
    id = office.store.add_entry(
        users_id=101, customers_id=1001, services_id=502, duration=5400, text="With a break",
        time_since="2026-11-20T06:00:00Z", time_until="2026-11-20T08:00:00Z",
    )  # fmt: skip
    before = entry(office.store, id)
    facts(await office.call("update_entry", id=id, time_since="2026-11-19"))
    assert (entry(office.store, id) or {})["duration"] == 5400
    facts(await office.call("undo_change"))
    assert entry(office.store, id) == before


async def test_what_somebody_else_changed_at_the_same_time_is_left_to_them(office: Office) -> None:
    """Another person bills the entry between our look and our write: here a trigger does."""
    office.store._db.execute(
        "CREATE TRIGGER t AFTER UPDATE OF duration ON entries "
        "BEGIN UPDATE entries SET billable = 2 WHERE id = NEW.id; END"
    )
    facts(await office.call("update_entry", id=2, duration="30m"))
    facts(await office.call("undo_change"))
    after = entry(office.store, 2)
    assert after is not None
    assert (after["duration"], after["billable"]) == (4500, 2)


async def test_undo_and_redo_go_on_under_the_new_id(office: Office) -> None:
    await office.call("create_time_entry", **BOOK)
    facts(await office.call("update_entry", id=401, text="Other"))
    facts(await office.call("delete_entry", id=401))
    facts(await office.call("undo_change"))
    assert (entry(office.store, 402) or {})["text"] == "Other"
    facts(await office.call("undo_change"))
    assert (entry(office.store, 402) or {})["text"] == BOOK["text"]
    facts(await office.call("undo_change"))
    assert entry(office.store, 402) is None
    assert "There is nothing to undo" in said(await office.call("undo_change"))


async def test_a_rate_that_the_key_does_not_see_is_not_said_to_be_restored(store: Store) -> None:
    id = store.add_entry(
        users_id=102, customers_id=1001, services_id=502, duration=3600, hourly_rate=77.0,
        time_since="2026-11-20T06:00:00Z", time_until="2026-11-20T07:00:00Z",
    )  # fmt: skip
    async with office_of(store, account=settings(user=WORKER_USER, key=WORKER_KEY)) as office:
        facts(await office.call("update_entry", id=id, hourly_rate=10.0))
        refused = await office.call("undo_change")
        assert refused.is_error
        assert "The hourly rate that entry" in said(refused)
        facts(await office.call("delete_entry", id=id))
        assert "hourly rate was not visible" in said(await office.call("undo_change"))


async def test_an_end_that_was_given_to_a_running_entry_stays(office: Office) -> None:
    facts(await office.call("update_entry", id=1, time_until="2026-11-25T16:00"))
    refused = await office.call("undo_change")
    assert refused.is_error
    assert "nothing in Clockodo lets an ended entry run again" in said(refused)


async def many(office: Office, ids: list[int]) -> CallToolResult:
    """Both entries get another text, after a preview."""
    wanted = {"ids": ids, "set_text": "Other"}
    first = await office.call("update_entries", **wanted)
    code = facts(first).get("confirm")
    return await office.call("update_entries", **wanted, confirm=code) if code else first


@pytest.mark.parametrize("ids", [[3, 4], [4, 3]])
async def test_the_undo_of_many_is_asked_about_where_one_of_them_is_delicate(store: Store, ids: list[int]) -> None:
    store.update("entries", 3, {"users_id": 102})
    person = Person("Yes")
    async with office_of(store, elicitation_callback=person) as office:
        await many(office, ids)
        person.asked.clear()
        person.answer = "No"
        refused = await office.call("undo_change")
    [asked] = person.asked
    assert "This would undo change 1: give its old values to 2 entries" in asked
    assert "1 of 2: It belongs to another person" in asked
    assert refused.is_error


async def test_the_undo_of_many_names_the_change_by_which_they_are_known(office: Office) -> None:
    assert "undo_change with change_id=1" in said(await many(office, [3, 4]))
    assert "This undoes change 1, all of it." in said(await office.call("undo_change"))


async def test_undoing_something_billed_is_asked_about(store: Store) -> None:
    person = Person("No")
    async with office_of(store) as quiet:
        facts(await quiet.call("update_entry", id=2, text="Other"))
    store.update("entries", 2, {"billable": 2})
    person = Person("No")
    async with office_of(store, elicitation_callback=person) as office:
        facts(await office.call("create_time_entry", **BOOK, billable="billed"))
        result = await office.call("undo_change")
    assert "It is already billed." in person.asked[0]
    assert result.is_error
