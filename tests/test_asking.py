"""What belongs to the person is asked of the person, and never chosen for them.

Two customers of the sandbox, Acme GmbH and Acme Retail AG, have a project named Wartung each; so neither "Acme" nor
"Wartung" alone says which is meant. A client that shows forms is asked; one that shows none is refused, with the
choices and the call to make. Both eras of the protocol are tried: up to 2025-11-25 the question stands in the middle of
a call, since 2026-07-28 the client makes the call once more, with the answer.
"""

import json
from collections.abc import Callable
from typing import Any, Literal

import pytest
from mcp.types import ElicitRequestFormParams, ElicitResult

from clockodo_mcp.sandbox import Store
from clockodo_mcp.sandbox.faults import read_faults
from tests.conftest import NOW, Office, office_of, said
from tests.faults.clock import WalkingClock

pytestmark = pytest.mark.anyio

RETAIL = 1002
"""The id of Acme Retail AG."""

WARTUNG_OF_ACME, WARTUNG_OF_RETAIL = "Acme GmbH › Wartung (id 2002)", "Acme Retail AG › Wartung (id 2005)"
"""The two projects as they are offered."""

BOOKED = {"project": "Wartung", "service": "Design", "time_since": "2026-11-24T06:00", "duration": "1h"}
"""A call that leaves one thing open: whose Wartung it is."""

BOTH_ERAS = pytest.mark.parametrize("era", ["auto", "legacy"], ids=["2026-07-28", "2025-11-25"])

Era = Literal["auto", "legacy"]
Answer = Callable[[list[str]], ElicitResult]


class Person:
    """Whoever fills in the forms: gives each the same kind of answer, and remembers what was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[ElicitRequestFormParams] = []
        self._answer = answer

    async def __call__(self, _: Any, form: ElicitRequestFormParams) -> ElicitResult:
        self.asked.append(form)
        return self._answer(choices_of(form))


def choices_of(form: ElicitRequestFormParams) -> list[str]:
    choices: list[str] = form.requested_schema["properties"]["choice"]["enum"]
    return choices


def picks(choice: str) -> Answer:
    return lambda _: ElicitResult(action="accept", content={"choice": choice})


def picks_the_first(choices: list[str]) -> ElicitResult:
    return picks(choices[0])(choices)


async def must(office: Office, tool: str, **arguments: object) -> str:
    """The words of a call that succeeds."""
    result = await office.call(tool, **arguments)
    assert not result.is_error, said(result)
    return said(result)


@BOTH_ERAS
async def test_what_the_person_chooses_is_what_is_booked_on(store: Store, era: Era) -> None:
    person = Person(picks(WARTUNG_OF_RETAIL))
    async with office_of(store, mode=era, elicitation_callback=person) as office:
        await must(office, "create_time_entry", **BOOKED)
    [form] = person.asked
    assert form.message == "Which project is meant by 'Wartung'?"
    assert choices_of(form) == [WARTUNG_OF_ACME, WARTUNG_OF_RETAIL]
    [project] = store.all("SELECT * FROM projects WHERE id = ?", [store.entries()[-1]["projects_id"]])
    assert (project["customers_id"], project["name"]) == (RETAIL, "Wartung")


@BOTH_ERAS
async def test_two_open_questions_are_asked_once_each_and_one_entry_is_stored(store: Store, era: Era) -> None:
    person, before = Person(picks_the_first), len(store.entries())
    async with office_of(store, mode=era, elicitation_callback=person) as office:
        await must(office, "create_time_entry", **(BOOKED | {"service": ""}))
    of_project, of_service = person.asked
    assert "Which project" in of_project.message
    assert "Which service" in of_service.message
    assert len(store.entries()) == before + 1


@BOTH_ERAS
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda _: ElicitResult(action="decline"), id="declined"),
        pytest.param(lambda _: ElicitResult(action="cancel"), id="cancelled"),
        pytest.param(picks("Somebody else (id 1)"), id="none of the choices"),
    ],
)
async def test_without_a_choice_nothing_is_stored_and_the_model_is_told(store: Store, era: Era, answer: Answer) -> None:
    before = store.entries()
    async with office_of(store, mode=era, elicitation_callback=Person(answer)) as office:
        result = await office.call("create_time_entry", **BOOKED)
    assert result.is_error
    assert "nothing was done" in said(result).lower()
    assert store.entries() == before


@BOTH_ERAS
async def test_a_client_without_forms_is_told_the_choices_and_the_call_that_works(store: Store, era: Era) -> None:
    before = len(store.entries())
    async with office_of(store, mode=era) as office:
        refused = await office.call("create_time_entry", **BOOKED)
        assert refused.is_error
        assert f"{WARTUNG_OF_ACME}, {WARTUNG_OF_RETAIL}" in said(refused)
        assert "call again with project='<the id of the right one>'." in said(refused)
        assert len(store.entries()) == before
        await must(office, "create_time_entry", **(BOOKED | {"project": "2002"}))
    assert len(store.entries()) == before + 1


@BOTH_ERAS
async def test_a_tool_that_only_reads_asks_as_well(store: Store, era: Era) -> None:
    person = Person(picks_the_first)
    async with office_of(store, mode=era, elicitation_callback=person) as office:
        listed = await must(office, "list_entries", customer="Acme", period="2026", user="all")
    assert [form.message for form in person.asked] == ["Which customer is meant by 'Acme'?"]
    assert choices_of(person.asked[0])[0].startswith("Acme GmbH")
    assert "Acme GmbH" in listed
    assert "Acme Retail AG" not in listed


@BOTH_ERAS
async def test_the_customer_of_the_entry_settles_which_project_so_nobody_is_asked(store: Store, era: Era) -> None:
    moved = store.add_entry(
        users_id=101, customers_id=RETAIL, services_id=503, duration=3600,
        time_since="2026-11-24T05:00:00Z", time_until="2026-11-24T06:00:00Z",
    )  # fmt: skip
    person = Person(picks_the_first)
    async with office_of(store, mode=era, elicitation_callback=person) as office:
        assert "Acme Retail AG › Wartung" in await must(office, "update_entry", id=moved, project="Wartung")
    assert person.asked == []


async def test_the_question_follows_from_the_arguments_and_not_from_the_minute(store: Store) -> None:
    """Since 2026-07-28 the client calls once more with the answer: a question that were another one by then would never
    be answered by it. So two calls with the same arguments, 90 seconds apart, ask the same.
    """
    person, clock = Person(picks_the_first), WalkingClock(NOW)
    async with office_of(store, now=clock.now, elicitation_callback=person) as office:
        await must(office, "create_time_entry", **BOOKED)
        await clock.sleep(90)
        await must(office, "create_time_entry", **BOOKED)
    first, second = person.asked
    assert first.message == "Which project is meant by 'Wartung'?"
    assert second == first


async def test_another_choice_on_the_same_call_is_said_not_to_be_what_is_stored(store: Store) -> None:
    """The answer to the write was lost, and so was the look at it; asked again, the person chooses another project."""
    call = {
        "project": "Wartung", "service": "Beratung", "billable": "billable", "time_since": "2026-11-20T06:00",
        "duration": "1h",
    }  # fmt: skip
    chosen = [WARTUNG_OF_ACME]
    person = Person(lambda _: ElicitResult(action="accept", content={"choice": chosen[-1]}))
    async with office_of(store, elicitation_callback=person, faults=True) as office:
        assert office.faults
        office.faults.armed = read_faults(json.dumps({"faults": [
            {"kind": "status_after", "status": 500, "method": "POST", "path": "/api/v2/entries"},
            {"kind": "status", "status": 403, "method": "GET", "path": "/api/v2/entries", "times": 100},
        ]}).encode())  # fmt: skip
        assert (await office.call("create_time_entry", **call)).is_error
        office.faults.armed = []
        chosen.append(WARTUNG_OF_RETAIL)
        again = said(await office.call("create_time_entry", **call))
    assert "nothing was doubled" in again
    assert "Warning: It was booked as it was said before, with project" in again
