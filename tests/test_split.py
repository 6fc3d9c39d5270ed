"""One entry becomes two, at a moment or after a duration: one call, one undo, and no hours lost on the way."""

import json
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client

from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.faults import read_faults
from clockodo_mcp.sandbox.seed import WORKER_KEY, WORKER_USER
from clockodo_mcp.sandbox.serve import listening
from clockodo_mcp.server import build_server
from tests.conftest import NOW, Office, Person, facts, office_of, said, settings
from tests.faults.clock import WalkingClock
from tests.test_at_once import Leaves, cut_off, state

pytestmark = pytest.mark.anyio

REVIEW = {"which": "Code review", "day": "yesterday"}
"""Entry 10: 2026-11-24 11:15-12:15, Stadtwerke Süd › Störungskarte, Projektleitung."""


def parts(store: Store, before: dict[int, dict[str, Any]]) -> list[tuple[str, str, int]]:
    changed = [one for id, one in state(store).items() if before.get(id) != one]
    return [(one["time_since"][11:16], one["time_until"][11:16], one["duration"]) for one in changed]


def entries_of(told: dict[str, object]) -> list[dict[str, Any]]:
    assert isinstance(told["entries"], list)
    return told["entries"]


@pytest.mark.parametrize(
    "where",
    [{"at": "11:45"}, {"after": "30m"}, {"at": "2026-11-24T11:45"}, {"at": "2026-11-24T10:45Z"}, {"after": "0:30"}],
)
async def test_an_entry_is_split_by_a_moment_or_a_duration_and_joined_again(
    office: Office, where: dict[str, str]
) -> None:
    before = state(office.store)
    told = await office.call("split_entry", **REVIEW, **where)
    assert parts(office.store, before) == [("10:15", "10:45", 1800), ("10:45", "11:15", 1800)]
    new = max(state(office.store))
    assert said(told).startswith(
        f"Split entry 10 at 11:45 (Europe/Berlin): it has 0:30 h now, and entry {new} the other 0:30 h."
    )
    assert "| 11:15–12:15 → 11:15–11:45 | 1:00 → 0:30 |" in said(told)
    assert f"| {new} | 2026-11-24 | 11:45–12:15 | 0:30 |" in said(told)
    same = ("customers_id", "projects_id", "services_id", "texts_id", "billable", "users_id", "hourly_rate")
    assert [state(office.store)[new][name] for name in same] == [before[10][name] for name in same]
    assert len(facts(await office.call("list_changes"))["rows"]) == 1  # type: ignore[arg-type]
    facts(await office.call("undo_change"))
    assert state(office.store) == before
    facts(await office.call("undo_change", change_id=facts(told)["change"] + 2))  # type: ignore[operator]
    assert parts(office.store, before) == [("10:15", "10:45", 1800), ("10:45", "11:15", 1800)]


async def test_the_second_part_has_what_was_said_of_it(office: Office) -> None:
    told = facts(
        await office.call(
            "split_entry", **REVIEW, at="12:00", project="Relaunch Website", service="Design", text="Entwurf",
            billable="not_billable",
        )
    )  # fmt: skip
    first, second = entries_of(told)
    assert (first["booked_on"], first["text"], first["hours"]) == (
        "Stadtwerke Süd › Störungskarte",
        "Code review",
        "0:45",
    )
    assert (second["booked_on"], second["text"], second["hours"]) == ("Acme GmbH › Relaunch Website", "Entwurf", "0:15")
    assert (second["service"], second["billable"]) == ("Design", "not_billable")
    stored = office.store.entries()[-1]
    assert stored["hourly_rate"] == 90.0  # Clockodo's own for Design there, and not the one of before


async def test_a_night_is_split_after_midnight_also_over_a_clock_change(office: Office) -> None:
    place = {"customer": "Acme GmbH", "service": "Design", "text": "Night"}
    for day, long in (("2026-11-20", 8), ("2026-10-24", 9), ("2026-03-28", 7)):
        night = {"time_since": f"{day}T22:00", "duration": f"{long}h"}
        made = facts(await office.call("create_time_entry", **place, **night))
        id = made["entry"]["id"]  # type: ignore[index]
        told = facts(await office.call("split_entry", id=id, at="04:00"))
        first, second = entries_of(told)
        assert (first["seconds"] + second["seconds"], second["hours"]) == (long * 3600, "2:00")
        assert first["start"] == "22:00"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"id": 10}, "say where: at, or after"),
        ({"id": 10, "at": "11:45", "after": "30m"}, "give at or after, not both"),
        ({"id": 10, "at": "12:15"}, "it has to lie between 11:15 and 12:15 of 2026-11-24"),
        ({"id": 10, "at": "11:15"}, "it has to lie between"),
        ({"id": 10, "at": "2026-11-25T11:45"}, "it has to lie between"),
        ({"id": 10, "after": "1h"}, "has 1:00 h only"),
        ({"id": 10, "at": "noon-ish"}, "write a moment"),
        ({"id": 1, "at": "16:00"}, "entry 1 is running"),
        ({"id": 10, "at": "11:45", "project": "Nope"}, "no project"),
    ],
)
async def test_what_cannot_be_split_is_refused(office: Office, arguments: dict[str, Any], why: str) -> None:
    before = state(office.store)
    refused = await office.call("split_entry", **arguments)
    assert refused.is_error
    assert why in said(refused)
    assert "Nothing was done." in said(refused)
    assert state(office.store) == before


async def test_what_has_no_hours_or_a_break_somewhere_is_not_split(office: Office) -> None:
    place = {"customer": "Acme GmbH", "service": "Design"}
    sum_ = facts(await office.call("create_lumpsum_entry", **place, lumpsum=5, time_since="2026-11-20T10:00"))
    assert "is a lump sum and has none" in said(await office.call("split_entry", id=sum_["entry"]["id"], at="10:30"))  # type: ignore[index]
    span = {"time_since": "2026-11-20T09:00", "time_until": "2026-11-20T17:00", "duration": "7h30m"}
    long = facts(await office.call("create_time_entry", **place, **span))
    refused = said(await office.call("split_entry", id=long["entry"]["id"], at="12:00"))  # type: ignore[index]
    assert "has a break of 0:30 h, and nobody knows in which part it lies" in refused


@pytest.mark.parametrize(("write", "after"), [(n, after) for n in (1, 2) for after in (False, True)])
async def test_a_split_that_was_cut_off_goes_on_when_it_comes_again(store: Store, write: int, *, after: bool) -> None:
    line, before = Leaves(store), state(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        await cut_off(assistant, line, write, "split_entry", after=after, **REVIEW, at="11:45")
        told = facts(await assistant.call_tool("split_entry", REVIEW | {"at": "11:45"}))
        assert parts(store, before) == [("10:15", "10:45", 1800), ("10:45", "11:15", 1800)]
        facts(await assistant.call_tool("undo_change", {"change_id": told["change"]}))
    assert state(store) == before


@pytest.mark.parametrize("status", [403, 500])
async def test_a_second_part_that_is_not_taken_leaves_the_entry_whole(store: Store, status: int) -> None:
    before = state(store)
    app = create_app(store, now=lambda: NOW, faults=True)
    refuses = {"kind": "status", "method": "POST", "path": "/api/v2/entries", "status": status}
    refuses["times"] = 2 if status == 500 else 1  # what is lost is sent once more
    app.state.faults.armed = read_faults(json.dumps({"faults": [refuses]}).encode())

    async def at_once(_: float) -> None:
        """A pause that takes no time."""

    transport = httpx2.ASGITransport(app=app)
    server = build_server(settings(), transport=transport, now=lambda: NOW, pace=Pace(()), sleep=at_once)
    async with Client(server) as assistant:
        refused = await assistant.call_tool("split_entry", REVIEW | {"at": "11:45"})
        assert refused.is_error
        assert "so entry 10 is as it was" in said(refused)
        assert state(store) == before
        facts(await assistant.call_tool("split_entry", REVIEW | {"at": "11:45"}))
    assert parts(store, before) == [("10:15", "10:45", 1800), ("10:45", "11:15", 1800)]


async def test_what_is_billed_is_split_with_consent_only(store: Store) -> None:
    store.update("entries", 10, {"billable": 2})
    before = state(store)
    person = Person("No")
    async with office_of(store, elicitation_callback=person) as office:
        assert (await office.call("split_entry", **REVIEW, at="11:45")).is_error
        assert state(store) == before
        [asked] = person.asked
        assert asked.startswith("This would split entry 10: 2026-11-24 11:15–12:15, 1:00 h")
        assert "at 11:45" in asked
        assert "It is already billed." in asked
        person.answer = "Yes"
        facts(await office.call("split_entry", **REVIEW, at="11:45"))
    assert [one[2] for one in parts(store, before)] == [1800, 1800]


async def test_only_checks_write_nothing(store: Store) -> None:
    always = settings().model_copy(update={"confirm": "always"})
    async with office_of(store, account=always) as office:
        before = state(store)
        preview = said(await office.call("split_entry", **REVIEW, at="11:45"))
        assert state(store) == before
        code = preview.partition("confirm='")[2].partition("'")[0]
        facts(await office.call("split_entry", **REVIEW, at="11:45", confirm=code))
    assert [one[2] for one in parts(store, before)] == [1800, 1800]


# What an attack found


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("second", {"billable": 0}), ("second", {"billable": 2}), ("first", None), ("second", None),
        ("first", {"time_until": "2026-11-24T10:30:00Z", "duration": 900}),
    ],
)  # fmt: skip
async def test_the_parts_of_a_split_are_joined_both_or_not(
    office: Office, part: str, values: dict[str, Any] | None
) -> None:
    facts(await office.call("split_entry", **REVIEW, at="11:45", text="Zwei"))
    id = 10 if part == "first" else max(state(office.store))
    if values is None:
        office.store.delete_entry(id)
    else:
        office.store.update("entries", id, values)
    before = state(office.store)
    refused = said(await office.call("undo_change"))
    assert "its parts belong together" in refused
    assert state(office.store) == before


@pytest.mark.parametrize("values", [{"time_until": "2026-11-24T11:15:00Z", "duration": 3600}, None])
async def test_a_split_that_was_cut_off_does_not_go_on_over_a_foreign_change(
    store: Store, values: dict[str, Any] | None
) -> None:
    line = Leaves(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        await cut_off(assistant, line, 1, "split_entry", after=True, **REVIEW, at="11:45")
        if values is None:
            store.delete_entry(10)
        else:
            store.update("entries", 10, values)
        before = state(store)
        refused = await assistant.call_tool("split_entry", REVIEW | {"at": "11:45"})
    assert refused.is_error
    assert "entry 10 is not as this split has left it" in said(refused)
    assert state(store) == before


@pytest.mark.slow
async def test_the_same_split_at_two_servers_at_once_splits_once(store: Store) -> None:
    before = state(store)
    async with listening(create_app(store, now=lambda: NOW)) as address:
        first, second = (build_server(settings(address), now=lambda: NOW, pace=Pace(())) for _ in range(2))
        async with Client(first) as here, Client(second) as there, anyio.create_task_group() as group:
            for assistant in (here, there):
                await assistant.call_tool("get_context", {})
                group.start_soon(assistant.call_tool, "split_entry", {"id": 10, "after": "30m", "text": "Zwei"})
    assert parts(store, before) == [("10:15", "10:45", 1800), ("10:45", "11:15", 1800)]


async def test_while_it_is_open_whether_an_entry_is_whole_again_nothing_goes_on(store: Store) -> None:
    before = state(store)
    line = Refusing(store)
    clock = WalkingClock(NOW)
    server = build_server(
        settings(), transport=line, now=clock.now, pace=Pace(()), sleep=clock.sleep, clock=clock.seconds
    )
    async with Client(server) as assistant:
        assert (await assistant.call_tool("split_entry", REVIEW | {"at": "11:45"})).is_error
        again = await assistant.call_tool("split_entry", REVIEW | {"at": "11:45"})
        assert again.is_error
        assert len(state(store)) == len(before)
        clock.pass_by(120)
        await assistant.call_tool("list_changes", {})
        facts(await assistant.call_tool("split_entry", REVIEW | {"at": "11:45"}))
        assert parts(store, before) == [("10:15", "10:45", 1800), ("10:45", "11:15", 1800)]
        facts(await assistant.call_tool("undo_change", {}))
    assert state(store) == before


class Refusing(httpx2.AsyncBaseTransport):
    """A line on which the first create is refused, and the second edit is answered by nobody and never arrives."""

    def __init__(self, store: Store) -> None:
        self._app = httpx2.ASGITransport(app=create_app(store, now=lambda: NOW))
        self._creates = self._edits = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._creates += request.method == "POST"
        self._edits += request.method == "PUT"
        if request.method == "POST" and self._creates == 1:
            return httpx2.Response(403, request=request, json={"error": {"message": "No", "fields": []}})
        if request.method == "PUT" and self._edits == 2:
            raise httpx2.ReadTimeout("late", request=request)
        return await self._app.handle_async_request(request)


# Hours go from one entry to another: both are as they were left, or nothing is joined or parted again

FOREIGN = [
    {"customers_id": 1001, "projects_id": None, "subprojects_id": None}, {"billable": 2}, {"services_id": 502},
    {"texts_id": None},
]  # fmt: skip


@pytest.mark.parametrize("part", ["first", "second"])
@pytest.mark.parametrize("values", FOREIGN)
async def test_parts_are_not_joined_where_either_was_changed_elsewhere(
    office: Office, part: str, values: dict[str, Any]
) -> None:
    facts(await office.call("split_entry", **REVIEW, at="11:45"))
    office.store.update("entries", 10 if part == "first" else max(state(office.store)), values)
    before = state(office.store)
    refused = said(await office.call("undo_change"))
    assert "its parts belong together" in refused
    assert state(office.store) == before


@pytest.mark.parametrize("values", FOREIGN)
async def test_a_whole_is_not_parted_again_where_it_was_changed_elsewhere(
    office: Office, values: dict[str, Any]
) -> None:
    facts(await office.call("split_entry", **REVIEW, at="11:45"))
    joined = facts(await office.call("undo_change"))
    office.store.update("entries", 10, values)
    before = state(office.store)
    refused = said(await office.call("undo_change", change_id=joined["change"]))
    assert "its parts belong together" in refused
    assert state(office.store) == before


async def test_an_undo_of_a_split_says_what_there_is_now(office: Office) -> None:
    facts(await office.call("split_entry", **REVIEW, at="11:45"))
    joined = await office.call("undo_change")
    assert said(joined).startswith("Joined 1 entry, 1:00 h")
    listed = said(await office.call("list_changes", period="today"))
    assert "| joined 1 entry |" in listed
    assert "| split 1 entry |" in listed
    assert listed.count("1:00 h, ") == 2
    assert "| 10 |" in said(joined)
    assert f"| {max(state(office.store)) + 1} |" not in said(joined)
    parted = await office.call("undo_change", change_id=facts(joined)["change"])
    assert said(parted).startswith("Split 2 entries, 1:00 h")


async def test_hours_that_count_more_than_lie_between_are_no_break(office: Office) -> None:
    office.store.update("entries", 10, {"duration": 5400})
    refused = said(await office.call("split_entry", **REVIEW, at="11:45"))
    assert "entry 10 counts 0:30 h more than lie between its start and its end." in refused
    assert "break" not in refused


@pytest.mark.parametrize("customer", ["Café Ångström", "Acme GmbH"])
async def test_the_rest_may_go_to_a_customer_alone(office: Office, customer: str) -> None:
    told = facts(await office.call("split_entry", **REVIEW, at="11:45", customer=customer))
    assert [one["booked_on"] for one in entries_of(told)] == ["Stadtwerke Süd › Störungskarte", customer]


async def test_a_rate_that_the_key_does_not_see_is_said(store: Store) -> None:
    at = ("2026-11-23T05:00:00Z", "2026-11-23T06:00:00Z")
    id = store.add_entry(
        users_id=102, customers_id=1001, services_id=501, duration=3600, billable=1, hourly_rate=200.0, text="Teuer",
        time_since=at[0], time_until=at[1],
    )  # fmt: skip
    async with office_of(store, account=settings(user=WORKER_USER, key=WORKER_KEY)) as office:
        told = said(await office.call("split_entry", id=id, after="30m"))
    assert (
        f"Note: The hourly rate of entry {id} is not visible to this key: the rest has the rate that Clockodo" in told
    )


async def test_whose_and_which_entry_is_split_is_said_like_in_an_edit(store: Store) -> None:
    at = ("2026-11-23T05:00:00Z", "2026-11-23T06:00:00Z")
    row: dict[str, Any] = {"customers_id": 1001, "services_id": 501, "duration": 3600, "hourly_rate": 200.0}
    billed, theirs = (
        store.add_entry(**row, **more, text="Fremd", time_since=at[0], time_until=at[1])
        for more in ({"users_id": 101, "billable": 2}, {"users_id": 102, "billable": 1})
    )
    async with office_of(store) as office:
        assert "It is already billed." in said(await office.call("split_entry", id=billed, after="30m"))
        assert "It belongs to another person." in said(await office.call("split_entry", id=theirs, after="30m"))
    person = Person("Yes")
    async with office_of(store, elicitation_callback=person) as office:
        facts(await office.call("split_entry", id=theirs, after="15m"))
    assert "Jonas Wolf" in person.asked[0]
    assert "user 102" not in person.asked[0]


async def test_what_made_an_entry_whole_again_is_not_undone(store: Store) -> None:
    """The second part is refused, and the first is given back what it had: to undo that would lose the rest."""
    before = state(store)
    async with office_of(store, faults=True) as office:
        office.break_down(kind="status", status=400, method="POST", path="/api/v2/entries")
        assert "is as it was" in said(await office.call("split_entry", id=10, after="30m"))
        await halves_nothing(office, before)


async def halves_nothing(office: Office, before: dict[int, dict[str, Any]]) -> None:
    """No undo leaves an entry with less than it had."""
    listed: Any = facts(await office.call("list_changes"))["rows"]
    assert [one["undo"] for one in listed if one["undo"].startswith("yes")] == []
    for change in (0, *(one["change"] for one in listed)):
        assert (await office.call("undo_change", change_id=change)).is_error
    assert state(office.store) == before


async def test_what_took_back_half_a_split_is_not_undone(store: Store) -> None:
    """Neither could the second part be booked, nor the first made whole."""
    before = state(store)
    async with office_of(store, faults=True) as office:
        office.faults.armed = read_faults(json.dumps({"faults": [  # type: ignore[union-attr] # there are some here
            {"kind": "status", "status": 400, "method": "POST", "path": "/api/v2/entries"},
            {"kind": "status", "status": 403, "method": "PUT", "nth": 2},
        ]}).encode())  # fmt: skip
        assert "its rest is not booked" in said(await office.call("split_entry", id=10, after="30m"))
        assert "updated 1 entry of 2" in said(await office.call("list_changes"))
        undone = await office.call("undo_change")
        assert "To undo" not in said(undone)
        assert state(store) == before
        await halves_nothing(office, before)


async def test_a_second_part_that_could_not_be_booked_is_refused_before_the_first_is_cut(office: Office) -> None:
    before = state(office.store)
    office.store.update("services", before[10]["services_id"], {"active": 0})
    refused = await office.call("split_entry", id=10, after="30m")
    assert "is inactive, so no second part can be booked as entry 10 is" in said(refused)
    assert not [one for one in office.seen if one.method in ("PUT", "POST")]
    facts(await office.call("split_entry", id=10, after="30m", service="Design"))
