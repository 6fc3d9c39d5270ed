"""The clock: see what runs, start, stop, move the start; each once, in the journal, undone where that has a meaning."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp.types import ElicitRequestFormParams, ElicitResult

from clockodo_mcp.sandbox import Store
from clockodo_mcp.sandbox.app import Seen
from clockodo_mcp.sandbox.store import Row
from tests.conftest import NOW, Office, Person, facts, office_of, said, settings
from tests.faults import words
from tests.faults.clock import WalkingClock
from tests.faults.laws import journal_agrees
from tests.faults.rig import PATIENT, Rig, rig

pytestmark = pytest.mark.anyio

Mode = Literal["auto", "legacy"]
ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
DESIGN = {"project": "Relaunch Website", "service": "Design", "text": "Kick-off"}


def entry(store: Store, id: object) -> Row:
    return next(row for row in store.entries() if row["id"] == id)


def wrote(office: Office) -> list[str]:
    """The requests that were not reads."""
    return [f"{one.method} {one.path.removeprefix('/api')}" for one in office.seen if one.method != "GET"]


@pytest.fixture
def idle(store: Store) -> Store:
    """The sandbox with nothing running: entry 1 ended at 16:00."""
    store.update("entries", 1, {"time_until": "2026-11-25T15:00:00Z", "duration": 1320})
    return store


# See


async def test_what_runs_is_shown_with_its_hours_and_the_day_without_it(office: Office) -> None:
    result = await office.call("get_clock")
    assert said(result) == (
        "Running: entry 1 since 15:38, 0:52 h so far, in no total. Today 4:15 h without it (Europe/Berlin).\n"
        "\n"
        "| id | date | time | booked on | service | billable | text | revenue |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| 1 | 2026-11-25 | 15:38–running | Acme GmbH › Relaunch Website | Entwicklung | billable | Startseite | 0.00 |"
    )
    shown = facts(result)
    assert (shown["running_seconds"], shown["today_seconds"]) == (3120, 15300)
    assert len(office.seen) == 3


async def test_the_running_entry_has_the_same_id_in_every_answer(office: Office) -> None:
    started = facts(await office.call("start_clock", **DESIGN, switch=True))["running"]
    answers = [facts(await office.call(tool))["running"] for tool in ("get_clock", "get_context")]
    listed = facts(await office.call("list_entries", period="today"))["entries"]
    assert isinstance(started, dict)
    assert isinstance(listed, list)
    assert answers == [started, started]
    assert [row for row in listed if row["running"]] == [started]


async def test_where_nothing_runs_the_last_entry_is_named_with_the_call_that_goes_on(idle: Store) -> None:
    async with office_of(idle) as office:
        result = await office.call("get_clock")
        assert said(result) == (
            "Nothing runs (Europe/Berlin). Today 4:37 h. The last one is entry 1: 2026-11-25 15:38–16:00, 0:22 h, "
            "Acme GmbH › Relaunch Website, Entwicklung, billable, Startseite. To go on with it, call start_clock with "
            "resume=True. For other work, call start_clock with customer or project."
        )
        assert len(office.seen) == 3
        last = facts(result)["last"]
        assert isinstance(last, dict)
        assert last["id"] == 1


async def test_a_clock_that_was_forgotten_is_warned_about_before_clockodo_cuts_it(store: Store) -> None:
    store.update("entries", 1, {"time_since": "2026-11-24T13:00:00Z"})
    async with office_of(store) as office:
        result = await office.call("get_clock")
        assert "25:30" not in said(result)
        assert "26:30 h so far" in said(result)
        assert "Warning: It began more than 24 hours ago." in said(result)
        assert "it would end 14:00" in said(result)


# Start


async def test_a_start_answers_with_what_runs_since_when_and_how_to_undo_it(idle: Store) -> None:
    async with office_of(idle) as office:
        result = await office.call("start_clock", **DESIGN)
        assert said(result) == (
            "Started entry 401 (Europe/Berlin): runs since 16:30, 0:00 h so far. Today 4:37 h without it.\n"
            "Note: Billable: the default of project Relaunch Website.\n"
            "To undo: undo_change with change_id=1.\n"
            "\n"
            "| id | date | time | booked on | service | billable | text | revenue |\n"
            "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
            "| 401 | 2026-11-25 | 16:30–running | Acme GmbH › Relaunch Website | Design | billable | Kick-off | 0.00 |"
        )
        stored = entry(idle, 401)
        assert (stored["time_since"], stored["time_until"]) == ("2026-11-25T15:30:00Z", None)
        office.seen.clear()
        facts(await office.call("start_clock", **DESIGN, switch=True))
        paths = [f"{one.method} {one.path.removeprefix('/api')}" for one in office.seen]
        assert paths == ["GET /v2/clock", "GET /v2/entries", "POST /v2/clock", "GET /v2/entries"]


async def test_a_start_takes_the_usual_service_and_the_places_default_and_names_both(idle: Store) -> None:
    place = idle.add_customer("Neukunde", billable_default=0)
    for day in range(10, 14):
        idle.add_entry(
            users_id=101, customers_id=place, services_id=502, duration=3600,
            time_since=f"2026-11-{day}T09:00:00Z", time_until=f"2026-11-{day}T10:00:00Z",
        )  # fmt: skip
    async with office_of(idle) as office:
        result = await office.call("start_clock", customer="Neukunde")
        assert "Note: Service Entwicklung: 4 of your 4 entries on this customer" in said(result)
        assert "Note: Not billable: the default of customer Neukunde." in said(result)
        stored = idle.entries()[-1]
        assert (stored["services_id"], stored["billable"]) == (502, 0)
        fresh = idle.add_customer("Ganz neu")
        refused = await office.call("start_clock", customer=str(fresh), switch=True)
        assert refused.is_error
        assert "Beratung (id 501)" in said(refused)


async def test_i_began_at_nine_starts_there_and_names_what_it_overlaps(idle: Store) -> None:
    async with office_of(idle) as office:
        result = await office.call("start_clock", **DESIGN, time_since="09:00")
        assert entry(idle, 401)["time_since"] == "2026-11-25T08:00:00Z"
        assert "runs since 09:00, 7:30 h so far" in said(result)
        assert "Warning: It overlaps entry 2 (2026-11-25 10:00–11:15, " in said(result)
        assert "Warning: It overlaps 1 more." in said(result)
        assert "24 hours" not in said(result)


async def test_a_start_more_than_a_day_ago_is_warned_about(idle: Store) -> None:
    async with office_of(idle) as office:
        result = await office.call("start_clock", **DESIGN, time_since="2026-11-24T16:00")
        assert "runs since 2026-11-24 16:00, 24:30 h so far" in said(result)
        assert "Warning: It began more than 24 hours ago." in said(result)


async def test_resume_goes_on_with_the_last_entry_its_place_service_billable_and_text(idle: Store) -> None:
    idle.update("entries", 1, {"billable": 2, "subprojects_id": 3001})
    async with office_of(idle) as office:
        result = await office.call("start_clock", resume=True)
    assert "Note: Goes on with entry 1, which ended 16:00: its place, service, billable, text." in said(result)
    old, new = entry(idle, 1), entry(idle, 401)
    same = ("customers_id", "projects_id", "subprojects_id", "services_id", "texts_id")
    assert [new[name] for name in same] == [old[name] for name in same]
    assert new["billable"] == 1, "what was billed is billable when it goes on"
    assert new["time_until"] is None


async def test_of_two_that_ended_at_once_the_one_that_began_later_goes_on(idle: Store) -> None:
    begun: dict[str, Any] = {
        "customers_id": 1003,
        "services_id": 503,
        "users_id": 101,
        "time_until": "2026-11-25T15:00:00Z",
    }
    later = idle.add_entry(**begun, time_since="2026-11-25T14:59:59Z", duration=1)
    idle.add_entry(**begun, time_since="2026-11-25T14:00:00Z", duration=3600)
    async with office_of(idle) as office:
        assert f"Goes on with entry {later}," in said(await office.call("start_clock", resume=True))


async def test_resume_with_a_place_goes_on_with_the_last_entry_there_and_takes_what_is_said_instead(
    idle: Store,
) -> None:
    place = idle.add_customer("Neukunde")
    idle.add_entry(
        users_id=101, customers_id=place, services_id=503, duration=3600, text="Old",
        time_since="2026-11-10T09:00:00Z", time_until="2026-11-10T10:00:00Z",
    )  # fmt: skip
    async with office_of(idle) as office:
        result = await office.call("start_clock", resume=True, customer="Neukunde", text="New", service="Beratung")
        assert "which ended 2026-11-10 11:00: its place, billable." in said(result)
        stored = idle.entries()[-1]
        assert (stored["customers_id"], stored["services_id"], stored["text"]) == (place, 501, "New")
        empty = idle.add_customer("Ganz neu")
        refused = await office.call("start_clock", resume=True, customer=str(empty), switch=True)
        assert refused.is_error
        assert "no time entry there in the last 31 days" in said(refused)
        assert "name customer or project, and service" in said(refused)


# While one runs


async def test_a_start_while_one_runs_says_which_and_names_the_call_that_works(office: Office) -> None:
    before = office.store.entries()
    refused = await office.call("start_clock", **DESIGN)
    assert refused.is_error
    assert said(refused).endswith(
        "Entry 1 runs since 15:38: Acme GmbH › Relaunch Website, Entwicklung, Startseite. One entry runs at a time. If "
        "the person wants to stop it and start the new one instead, repeat the call with switch=True. Nothing was done."
    )
    assert office.store.entries() == before
    assert wrote(office) == []


async def test_a_switch_stops_the_old_at_the_new_start_and_shows_both(office: Office) -> None:
    result = await office.call("start_clock", **DESIGN, switch=True, time_since="16:00")
    assert said(result) == (
        "Started entry 401 (Europe/Berlin): runs since 16:00, 0:30 h so far. Stopped entry 1: 15:38–16:00, 0:22 h. "
        "Today 4:37 h without it.\n"
        "Note: Billable: the default of project Relaunch Website.\n"
        "To undo: undo_change with change_id=1.\n"
        "\n"
        "| id | date | time | hours | booked on | service | billable | text | revenue |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| 1 | 2026-11-25 | 15:38–16:00 | 0:22 | Acme GmbH › Relaunch Website | Entwicklung | billable | Startseite "
        "| 34.83 |\n"
        "| 401 | 2026-11-25 | 16:00–running |  | Acme GmbH › Relaunch Website | Design | billable | Kick-off | 0.00 |"
    )
    assert entry(office.store, 1)["time_until"] == entry(office.store, 401)["time_since"] == "2026-11-25T15:00:00Z"
    assert wrote(office) == ["POST /v2/clock"], "one request: Clockodo stops the one and starts the other, or neither"
    stopped = facts(result)["stopped"]
    assert isinstance(stopped, dict)
    assert stopped["id"] == 1


@ERAS
@pytest.mark.parametrize("answer", ["Yes", "No", "decline", "cancel"])
async def test_the_person_is_asked_whether_to_stop_what_runs(store: Store, mode: Mode, answer: str) -> None:
    before, person = store.entries(), Person(answer)
    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        result = await office.call("start_clock", **DESIGN)
    [asked] = person.asked
    assert asked == (
        "Entry 1 runs since 15:38: Acme GmbH › Relaunch Website, Entwicklung, Startseite. This would stop it now and "
        "start the clock on Acme GmbH › Relaunch Website, Design, billable, Kick-off."
    )
    assert result.is_error == (answer != "Yes")
    assert (store.entries() == before) == (answer != "Yes")
    if answer == "Yes":
        assert entry(store, 1)["time_until"] == entry(store, 401)["time_since"]


@ERAS
async def test_the_question_is_the_same_when_a_minute_passes_until_the_answer(store: Store, mode: Mode) -> None:
    """On 2026-07-28 the call is repeated with the answer, which counts only for the very same question."""
    moment = NOW
    person = Person("Yes")

    def now() -> datetime:
        nonlocal moment
        moment += timedelta(seconds=20)
        return moment

    async with office_of(store, mode=mode, elicitation_callback=person, now=now) as office:
        facts(await office.call("start_clock", **DESIGN))
    assert len(person.asked) == 1


@ERAS
async def test_an_open_project_and_a_running_clock_are_both_asked_about(store: Store, mode: Mode) -> None:
    asked: list[str] = []

    async def person(_: Any, params: ElicitRequestFormParams) -> ElicitResult:
        asked.append(params.message)
        choices = params.requested_schema["properties"]["choice"]["enum"]
        return ElicitResult(action="accept", content={"choice": choices[0]})

    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        facts(await office.call("start_clock", project="Wartung", service="Design"))
    assert asked[0] == "Which project is meant by 'Wartung'?"
    assert asked[1].startswith("Entry 1 runs since 15:38")
    assert store.entries()[-1]["projects_id"] == 2002


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_what_is_changed_elsewhere_while_the_person_thinks_is_asked_about_again(
    store: Store, mode: Literal["auto", "legacy"]
) -> None:
    asked: list[str] = []

    async def person(_: Any, params: ElicitRequestFormParams) -> ElicitResult:
        asked.append(params.message)
        store.update("entries", 1, {"services_id": 501})
        return ElicitResult(action="accept", content={"choice": "Yes" if len(asked) == 1 else "No"})

    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        result = await office.call("start_clock", **DESIGN)
    assert result.is_error
    assert ["Beratung" in one for one in asked] == [False, True]
    assert entry(store, 1)["time_until"] is None


async def test_where_no_questions_are_wished_a_start_while_one_runs_is_refused(store: Store) -> None:
    person = Person("Yes")
    account = settings().model_copy(update={"confirm": "never"})
    async with office_of(store, account=account, elicitation_callback=person) as office:
        assert "repeat the call with switch=True" in said(await office.call("start_clock", **DESIGN))
    assert person.asked == []


# Stop


async def test_a_stop_shows_the_entry_with_its_hours_and_todays_total(office: Office) -> None:
    result = await office.call("stop_clock")
    assert said(result) == (
        "Stopped entry 1 (Europe/Berlin): 15:38–16:30, 0:52 h. Today 5:07 h.\n"
        "To undo: not possible; start_clock with resume=True goes on in a new entry.\n"
        "\n"
        "| id | date | time | hours | booked on | service | billable | text | revenue |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| 1 | 2026-11-25 | 15:38–16:30 | 0:52 | Acme GmbH › Relaunch Website | Entwicklung | billable | Startseite "
        "| 82.33 |"
    )
    assert entry(office.store, 1)["time_until"] == "2026-11-25T15:30:00Z"
    shown = facts(result)
    assert (shown["change"], shown["today_seconds"]) == (1, 18420)


async def test_stopping_when_nothing_runs_says_so_with_the_last_entry_and_how_to_start(idle: Store) -> None:
    async with office_of(idle) as office:
        for tool, arguments in (("stop_clock", {}), ("adjust_clock", {"time_since": "09:00"})):
            refused = await office.call(tool, **arguments)
            assert refused.is_error
            assert "The clock does not run. The last one is entry 1" in said(refused)
            assert "start_clock with resume=True" in said(refused)
            assert "call update_entry with id=1" in said(refused)
        assert wrote(office) == []


async def test_who_has_no_entry_yet_is_told_how_to_start(store: Store) -> None:
    store._db.execute("DELETE FROM entries")
    async with office_of(store) as office:
        for tool in ("get_clock", "stop_clock"):
            answer = said(await office.call(tool))
            assert "You have no entry in the last 31 days." in answer
            assert "call start_clock with customer or project" in answer
        assert "no time entry in the last 31 days" in said(await office.call("start_clock", resume=True))


async def test_a_stop_at_a_time_ends_there_and_its_text_is_set_before(office: Office) -> None:
    result = await office.call("stop_clock", time_until="16:15", text="Startseite, fertig")
    assert wrote(office) == ["PUT /v2/entries/1", "DELETE /v2/clock/1"]
    stored = entry(office.store, 1)
    assert (stored["time_until"], stored["text"]) == ("2026-11-25T15:15:00Z", "Startseite, fertig")
    assert "Note: The text was set before, as change 1, which can be undone." in said(result)
    rows = facts(await office.call("list_changes"))["rows"]
    assert isinstance(rows, list)
    assert [(row["did"], row["changed"]) for row in rows] == [
        ("stopped", "end nothing → 2026-11-25 16:15, hours nothing → 0:37"),
        ("updated", "text 'Startseite' → 'Startseite, fertig'"),
    ]
    facts(await office.call("undo_change", change_id=1))
    stored = entry(office.store, 1)
    assert (stored["time_until"], stored["text"]) == ("2026-11-25T15:15:00Z", "Startseite")


@pytest.mark.parametrize("switch", [False, True])
async def test_an_entry_that_clockodo_cut_at_24_hours_is_reported(store: Store, switch: bool) -> None:
    store.update("entries", 1, {"time_since": "2026-11-24T13:00:00Z"})
    async with office_of(store) as office:
        result = await (office.call("start_clock", **DESIGN, switch=True) if switch else office.call("stop_clock"))
    assert "Warning: Entry 1 was cut at 24 hours: it ended 14:00." in said(result)
    assert "call update_entry with id=1 and time_until" in said(result)
    assert entry(store, 1)["time_until"] == "2026-11-25T13:00:00Z"


async def test_an_entry_that_was_stopped_before_24_hours_is_not_said_to_be_cut(store: Store) -> None:
    store.update("entries", 1, {"time_since": "2026-11-24T13:00:00Z"})
    async with office_of(store) as office:
        result = await office.call("stop_clock", time_until="yesterday 18:00")
    assert "cut" not in said(result)
    assert entry(store, 1)["time_until"] == "2026-11-24T17:00:00Z"


async def test_an_end_that_clockodo_rounds_is_said(store: Store) -> None:
    store._db.execute(
        "CREATE TRIGGER t AFTER UPDATE OF time_until ON entries BEGIN "
        "UPDATE entries SET time_until = '2026-11-25T15:30:00Z' WHERE id = NEW.id; END"
    )
    async with office_of(store) as office:
        result = await office.call("stop_clock", time_until="16:27")
    assert "Warning: Clockodo did not take end: it is 2026-11-25 16:30 now." in said(result)


# Move


async def test_the_start_is_moved_and_shown_before_and_after(office: Office) -> None:
    result = await office.call("adjust_clock", time_since="15:10")
    assert said(result) == (
        "Moved the start of entry 1 from 15:38 to 15:10 (Europe/Berlin), 1:20 h so far. Today 4:15 h without it.\n"
        "To undo: undo_change with change_id=1.\n"
        "\n"
        "| id | date | time | booked on | service | billable | text | revenue |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| 1 | 2026-11-25 | 15:38–running → 15:10–running | Acme GmbH › Relaunch Website | Entwicklung | billable "
        "| Startseite | 0.00 |"
    )
    assert entry(office.store, 1)["time_since"] == "2026-11-25T14:10:00Z"
    assert "It overlaps entry 4" in said(await office.call("adjust_clock", time_since="14:30"))


async def test_a_start_that_was_moved_elsewhere_meanwhile_stays_where_it_is(store: Store) -> None:
    """Clockodo is told which start we saw, and refuses where it is another one by now."""
    requests: list[Seen] = []

    def now() -> datetime:
        if requests and requests[-1].path == "/api/v2/clock":
            store.update("entries", 1, {"time_since": "2026-11-25T14:00:00Z"})
        return NOW

    async with office_of(store, now=now) as office:
        requests = office.seen
        refused = await office.call("adjust_clock", time_since="15:10")
        assert refused.is_error
        assert "409: time_since is 2026-11-25T14:00:00Z by now" in said(refused)
        assert "call get_clock" in said(refused)
        assert entry(store, 1)["time_since"] == "2026-11-25T14:00:00Z"


# Refused before anything is sent


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("start_clock", {}, ["name the customer or the project", "resume=True"]),
        ("start_clock", DESIGN | {"billable": "maybe"}, ["not_billable"]),
        ("start_clock", DESIGN | {"time_since": "17:00"}, ["lies in the future", "is 2026-11-25 16:30"]),
        ("start_clock", DESIGN | {"time_since": "nine"}, ["time_since='nine'", "write a moment such as"]),
        ("start_clock", DESIGN | {"time_since": "15:00"}, ["1 runs since 15:38", "update_entry with id=1"]),
        ("start_clock", {"project": "Newsletter 2024", "service": "501", "switch": True}, ["completed"]),
        ("stop_clock", {"time_until": "15:00"}, ["runs since 15:38", "Nothing was done", "Ask the person"]),
        ("stop_clock", {"time_until": "17:00"}, ["lies in the future", "Ask the person"]),
        ("stop_clock", {"text": "x" * 1001}, ["at most 1,000"]),
        ("adjust_clock", {}, ["time_since is required"]),
        ("adjust_clock", {"time_since": ""}, ["say when the work began"]),
        ("adjust_clock", {"time_since": "17:00"}, ["lies in the future"]),
        ("adjust_clock", {"time_since": "2026-11-24T16:00"}, ["24 hours ago", "the earliest is 2026-11-24T16:31"]),
        ("adjust_clock", {"time_since": "2026-11-25T14:38:00Z"}, ["runs since 15:38 already"]),
        ("update_entry", {"id": 1, "duration": "1h"}, ["is running", "time_until"]),
    ],
)  # fmt: skip
async def test_a_bad_call_is_refused_with_what_to_do_and_nothing_is_sent(
    office: Office, tool: str, arguments: dict[str, Any], words: list[str]
) -> None:
    result = await office.call(tool, **arguments)
    assert result.is_error
    for word in words:
        assert word in said(result)
    assert wrote(office) == []


# Undo


async def test_a_start_is_undone_by_deleting_its_entry_while_it_runs(idle: Store) -> None:
    before = idle.entries()
    async with office_of(idle) as office:
        facts(await office.call("start_clock", **DESIGN))
        undone = await office.call("undo_change")
        assert "This undoes change 1 (started entry 401)." in said(undone)
        assert "To undo: start_clock with time_since='2026-11-25T16:30' and the values shown" in said(undone)
        assert idle.entries() == before
        again = await office.call("undo_change", change_id=2)
        assert again.is_error
        assert "call start_clock with customer='1001', project='2001', service='503'" in said(again)


async def test_a_start_that_had_stopped_another_says_that_it_stays_stopped(office: Office) -> None:
    facts(await office.call("start_clock", **DESIGN, switch=True))
    undone = said(await office.call("undo_change"))
    assert "Entry 1, which that start had stopped, stays stopped" in undone
    assert "call start_clock with resume=True" in undone
    assert 401 not in [row["id"] for row in office.store.entries()]
    assert entry(office.store, 1)["time_until"] == "2026-11-25T15:30:00Z"
    resumed = await office.call("start_clock", resume=True)
    assert "Goes on with entry 1" in said(resumed)


async def test_the_start_of_an_entry_that_was_stopped_is_not_undone(office: Office) -> None:
    facts(await office.call("start_clock", **DESIGN, switch=True))
    facts(await office.call("stop_clock"))
    refused = await office.call("undo_change", change_id=1)
    assert refused.is_error
    assert "Entry 401 runs no longer" in said(refused)
    assert "call delete_entry with id=401" in said(refused)
    rows = facts(await office.call("list_changes"))["rows"]
    assert isinstance(rows, list)
    assert [(row["did"], row["undo"]) for row in rows] == [("stopped", "no"), ("started", "no: stopped by 2")]
    assert rows[1]["changed"] == "stopped entry 1"


async def test_a_stop_is_not_undone_and_the_refusal_names_the_call_that_goes_on(office: Office) -> None:
    facts(await office.call("stop_clock"))
    refused = await office.call("undo_change")
    assert refused.is_error
    assert "nothing in Clockodo lets an ended entry run again" in said(refused)
    assert "call start_clock with resume=True" in said(refused)
    by_edit = facts(await office.call("start_clock", resume=True))["running"]
    assert isinstance(by_edit, dict)
    store = office.store
    store.update("entries", by_edit["id"], {"time_since": "2026-11-25T15:00:00Z"})
    facts(await office.call("update_entry", id=by_edit["id"], time_until="16:20"))
    assert "nothing in Clockodo lets an ended entry run again" in said(await office.call("undo_change"))


async def test_a_move_is_undone_by_moving_back_even_after_a_stop(office: Office) -> None:
    facts(await office.call("adjust_clock", time_since="15:10"))
    undone = await office.call("undo_change")
    assert "This undoes change 1 (moved entry 1)." in said(undone)
    assert entry(office.store, 1)["time_since"] == "2026-11-25T14:38:00Z"
    facts(await office.call("undo_change", change_id=2))
    assert entry(office.store, 1)["time_since"] == "2026-11-25T14:10:00Z"
    facts(await office.call("stop_clock"))
    facts(await office.call("undo_change", change_id=3))
    stored = entry(office.store, 1)
    assert (stored["time_since"], stored["duration"]) == ("2026-11-25T14:38:00Z", 3120)


async def test_a_move_that_was_moved_elsewhere_since_is_not_undone(office: Office) -> None:
    facts(await office.call("adjust_clock", time_since="15:10"))
    office.store.update("entries", 1, {"time_since": "2026-11-25T14:00:00Z"})
    refused = await office.call("undo_change")
    assert refused.is_error
    assert "start 2026-11-25 15:10 → 2026-11-25 15:00" in said(refused)


async def test_an_edit_of_what_runs_is_undone_while_it_runs_and_after(office: Office) -> None:
    facts(await office.call("update_entry", id=1, text="Other"))
    facts(await office.call("stop_clock"))
    facts(await office.call("undo_change", change_id=1))
    assert entry(office.store, 1)["text"] == "Startseite"
    facts(await office.call("start_clock", resume=True))
    facts(await office.call("update_entry", id=401, time_since="16:00"))
    facts(await office.call("undo_change"))
    stored = entry(office.store, 401)
    assert (stored["time_since"], stored["time_until"]) == ("2026-11-25T15:30:00Z", None)


# Consent


EVERY_CHANGE: list[tuple[str, dict[str, Any], str]] = [
    ("adjust_clock", {"time_since": "15:10"}, "This would move its start to 15:10."),
    ("start_clock", DESIGN | {"switch": True}, "This would stop it now and start the clock on Acme GmbH"),
    ("stop_clock", {"text": "Done"}, "This would stop it now with the text 'Done'."),
    ("start_clock", {"resume": True}, "This would start the clock now on Acme GmbH › Relaunch Website, Design"),
    ("undo_change", {}, "This would undo change 5: delete entry 402"),
]


async def test_with_always_every_change_of_the_clock_waits_for_the_code_of_its_preview(store: Store) -> None:
    moment = [NOW]
    account = settings().model_copy(update={"confirm": "always"})
    async with office_of(store, account=account, now=lambda: moment[0]) as office:
        for tool, arguments, words in EVERY_CHANGE:
            before = store.entries()
            preview = await office.call(tool, **arguments)
            assert preview.is_error
            assert "Not done yet." in said(preview)
            assert words in said(preview)
            assert store.entries() == before
            moment[0] += timedelta(minutes=1)
            code = said(preview).partition("confirm='")[2].partition("'")[0]
            facts(await office.call(tool, **arguments, confirm=code))
            assert store.entries() != before


@ERAS
async def test_with_always_a_client_that_can_ask_asks_once_for_each_change(store: Store, mode: Mode) -> None:
    person, moment = Person("Yes"), [NOW]
    account = settings().model_copy(update={"confirm": "always"})
    async with office_of(
        store, mode=mode, account=account, elicitation_callback=person, now=lambda: moment[0]
    ) as office:
        for tool, arguments, _ in EVERY_CHANGE:
            moment[0] += timedelta(minutes=1)
            facts(await office.call(tool, **(arguments | ({"switch": False} if "switch" in arguments else {}))))
    assert len(person.asked) == len(EVERY_CHANGE)
    assert "This would stop it now and start the clock on Acme GmbH" in person.asked[1]


async def test_read_only_shows_the_clock_and_offers_nothing_that_changes_it(store: Store) -> None:
    async with office_of(store, account=settings().model_copy(update={"read_only": True})) as office:
        names = {tool.name for tool in (await office.assistant.list_tools()).tools}
        assert names & {"get_clock", "start_clock", "stop_clock", "adjust_clock"} == {"get_clock"}


# Lost answers, over a line that breaks


@pytest.fixture
async def one(store: Store, tmp_path: Path) -> AsyncIterator[Rig]:
    """A rig whose running entry began two hours ago."""
    async with rig(store, tmp_path, WalkingClock(NOW)) as rig_:
        began = f"{NOW - timedelta(hours=2):%Y-%m-%dT%H:%M:00Z}"
        store.update("entries", 1, dict.fromkeys(("time_since", "time_clocked_since", "time_insert"), began))
        await rig_.call("get_clock")  # from here on the account is known
        yield rig_


PLACE = {"customer": "1001", "project": "2001", "service": "502", "billable": "billable", "text": "Lost"}
LATER = f"{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M}Z"
CHANGES: list[tuple[str, dict[str, Any], str]] = [
    ("start_clock", PLACE, "POST"),
    ("stop_clock", {}, "DELETE"),
    ("adjust_clock", {"time_since": LATER}, "PUT"),
]


def lost(kind: str, method: str) -> list[dict[str, Any]]:
    """The answer to the change is lost, and from then on nothing can be read."""
    return [
        {"kind": kind, "method": method, "path": "/api/v2/clock"},
        {"kind": "status", "status": 403, "method": "GET", "nth": 2, "times": 100},
    ]


@pytest.mark.slow
@pytest.mark.parametrize("happens", [True, False])
@pytest.mark.parametrize(("tool", "arguments", "method"), CHANGES)
async def test_where_even_looking_fails_the_outcome_is_unknown_and_list_changes_settles_it(
    one: Rig, tool: str, arguments: dict[str, Any], method: str, happens: bool
) -> None:
    if tool == "start_clock":
        await one.call("stop_clock")
    await one.call("search_catalog")  # so that its lists are in memory
    one.mark()
    one.arm(*lost("close_after" if happens else "close_before", method))
    result = await one.call(tool, **arguments)
    assert result.is_error
    assert words.is_unknown(result)
    [change] = one.changes()
    assert change["state"] == "unknown"
    one.disarm()
    settled = await one.settle()
    assert words.has_happened(settled) if happens else words.has_not_happened(settled)
    assert sum(map(len, one.effects())) == happens
    assert journal_agrees(one) == []


@pytest.mark.slow
@pytest.mark.parametrize("happens", [True, False])
@pytest.mark.parametrize(("tool", "arguments", "method"), CHANGES[:2])
async def test_a_call_that_comes_again_after_an_unknown_outcome_is_done_once(
    one: Rig, tool: str, arguments: dict[str, Any], method: str, happens: bool
) -> None:
    if tool == "start_clock":
        await one.call("stop_clock")
    await one.call("search_catalog")  # so that its lists are in memory
    one.mark()
    one.arm(*lost("close_after" if happens else "close_before", method))
    assert (await one.call(tool, **arguments)).is_error
    one.disarm()
    again = await one.call(tool, **arguments)
    if again.is_error:
        assert words.is_unknown(again)
        assert one.clock is not None
        one.clock.pass_by(3 * PATIENT)
        assert not (await one.call(tool, **arguments)).is_error
    created, edited, _ = one.effects()
    assert (len(created), len(edited)) == ((1, 0) if tool == "start_clock" else (0, 1))
    await one.settle()
    assert journal_agrees(one) == []


async def test_a_start_that_is_settled_after_its_entry_was_stopped_has_happened(one: Rig) -> None:
    """The answer was lost, the person stopped the clock in Clockodo, and only then somebody looks."""
    await one.call("stop_clock")
    await one.call("search_catalog")  # so that its lists are in memory
    one.mark()
    one.arm(*lost("close_after", "POST"))
    assert (await one.call("start_clock", **PLACE)).is_error
    one.disarm()
    [id] = one.effects()[0]
    assert one.clock is not None
    one.store.update("entries", id, {"time_until": f"{one.clock.now():%Y-%m-%dT%H:%M:%SZ}", "duration": 1})
    settled = await one.call("list_changes")
    assert words.has_happened(settled)
    assert f"entry {id}" in said(settled)


async def test_an_entry_that_was_running_before_is_not_taken_for_a_lost_start(one: Rig) -> None:
    """The same place and text, but begun two hours before."""
    place = {"customers_id": 1001, "projects_id": 2001, "services_id": 502, "texts_id": one.store.texts_id("Lost")}
    one.store.update("entries", 1, place)
    one.mark()
    one.arm({"kind": "close_before", "method": "POST", "path": "/api/v2/clock"})
    answer = await one.call("start_clock", **PLACE, switch=True)
    assert words.was_sent_again(answer)
    assert len(one.effects()[0]) == 1
    assert journal_agrees(one) == []


async def test_a_text_that_is_lost_does_not_keep_the_clock_running(one: Rig) -> None:
    """The clock is stopped all the same, and the answer says what may be missing."""
    one.mark()
    one.arm(
        {"kind": "close_after", "method": "PUT"},
        {"kind": "status", "status": 500, "method": "GET", "nth": 3, "times": 100},
    )
    result = await one.call("stop_clock", text="Done")
    one.disarm()
    assert not result.is_error
    assert "Warning: The text may be missing: The answer to this change was lost" in said(result)
    assert "call update_entry with id=1 and text" in said(result)
    assert entry(one.store, 1)["time_until"] is not None
    await one.settle()
    assert [change["state"] for change in one.changes()] == ["done", "done"]
    assert journal_agrees(one) == []


@pytest.mark.slow
async def test_a_stop_that_fails_after_its_text_says_that_the_text_is_set(one: Rig) -> None:
    one.mark()
    one.arm({"kind": "status", "status": 403, "method": "DELETE"})
    result = await one.call("stop_clock", text="Done")
    assert result.is_error
    assert "The text of entry 1 is set (change 1)." in said(result)
    one.disarm()
    repeated = await one.call("stop_clock", text="Done")
    assert not repeated.is_error
    stored = entry(one.store, 1)
    assert stored["text"] == "Done"
    assert stored["time_until"] is not None
    assert journal_agrees(one) == []


@pytest.mark.parametrize(
    ("began", "offer"),
    [("2026-11-25T14:00:00Z", "Call again with time_until='yesterday 22:00'."), ("2026-11-26T01:00:00Z", "")],
)
async def test_a_clock_of_yesterday_is_stopped_in_the_night_at_last_evening(
    store: Store, began: str, offer: str
) -> None:
    night = datetime(2026, 11, 26, 2, 7, tzinfo=UTC)
    store.update("entries", 1, {"time_since": began})
    async with office_of(store, now=lambda: night) as office:
        refused = await office.call("stop_clock", time_until="22:00")
        assert refused.is_error
        assert ("Call again with" in said(refused)) == bool(offer)
        assert offer in said(refused)
        if offer:
            facts(await office.call("stop_clock", time_until="yesterday 22:00"))
