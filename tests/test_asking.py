"""Choices that belong to the person: asked where the client shows forms, in both protocol eras, else refused."""

from collections.abc import Callable
from typing import Any, Literal

import pytest
from mcp import Client
from mcp.types import ElicitRequestFormParams, ElicitResult

from clockodo_mcp.sandbox import Store
from tests.conftest import facts, office_of, said

pytestmark = pytest.mark.anyio

Mode = Literal["auto", "legacy"]
ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
WARTUNG = {"project": "Wartung", "service": "Design", "time_since": "2026-11-24T06:00", "duration": "1h"}


class Person:
    """Answers each question by a rule, and remembers what was asked."""

    def __init__(self, answer: Callable[[list[str]], ElicitResult]) -> None:
        self.asked: list[ElicitRequestFormParams] = []
        self._answer = answer

    async def __call__(self, _: Any, params: ElicitRequestFormParams) -> ElicitResult:
        self.asked.append(params)
        return self._answer(params.requested_schema["properties"]["choice"]["enum"])


def picks(position: int) -> Callable[[list[str]], ElicitResult]:
    return lambda labels: ElicitResult(action="accept", content={"choice": labels[position]})


@ERAS
async def test_a_project_that_fits_two_is_chosen_by_the_person(store: Store, mode: Mode) -> None:
    person = Person(picks(1))
    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        facts(await office.call("create_time_entry", **WARTUNG))
    [asked] = person.asked
    assert asked.message == "Which project is meant by 'Wartung'?"
    assert asked.requested_schema["properties"]["choice"]["enum"] == [
        "Acme GmbH › Wartung (id 2002)",
        "Acme Retail AG › Wartung (id 2005)",
    ]
    assert store.entries()[-1]["projects_id"] == 2005


@ERAS
async def test_two_open_questions_are_both_asked_and_then_one_entry_is_written(store: Store, mode: Mode) -> None:
    person = Person(picks(0))
    before = len(store.entries())
    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        facts(await office.call("create_time_entry", **(WARTUNG | {"service": ""})))
    assert ["project" in one.message for one in person.asked] == [True, False]
    assert "Which service" in person.asked[1].message
    assert len(store.entries()) == before + 1


@ERAS
@pytest.mark.parametrize(
    "refusal",
    [
        lambda _: ElicitResult(action="decline"),
        lambda _: ElicitResult(action="cancel"),
        lambda _: ElicitResult(action="accept", content={"choice": "Somebody else (id 1)"}),
    ],
)
async def test_a_question_without_an_answer_writes_nothing_and_says_so(
    store: Store, mode: Mode, refusal: Callable[[list[str]], ElicitResult]
) -> None:
    before = store.entries()
    async with office_of(store, mode=mode, elicitation_callback=Person(refusal)) as office:
        result = await office.call("create_time_entry", **WARTUNG)
    assert result.is_error
    assert "Nothing was done" in said(result) or "nothing was done" in said(result)
    assert store.entries() == before


@ERAS
async def test_a_client_without_forms_gets_the_candidates_and_the_call_that_works(store: Store, mode: Mode) -> None:
    async with office_of(store, mode=mode) as office:
        refused = await office.call("create_time_entry", **WARTUNG)
        assert refused.is_error
        assert "Acme GmbH › Wartung (id 2002), Acme Retail AG › Wartung (id 2005)" in said(refused)
        assert "call again with project='<the id of the right one>'." in said(refused)
        facts(await office.call("create_time_entry", **(WARTUNG | {"project": "2002"})))


@ERAS
async def test_a_list_and_a_correction_ask_too(store: Store, mode: Mode) -> None:
    person = Person(picks(0))
    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        listed = facts(await office.call("list_entries", customer="Acme", period="2026", user="all", limit=200))
        facts(await office.call("update_entry", id=2, project="Wartung"))
    rows = listed["entries"]
    assert isinstance(rows, list)
    assert {row["booked_on"].split(" › ")[0] for row in rows} == {"Acme GmbH"}
    # Entry 2 is on Acme Retail AG, whose own Wartung comes first: nothing had to be asked about that.
    assert [one.message for one in person.asked] == ["Which customer is meant by 'Acme'?"]
    assert next(row for row in store.entries() if row["id"] == 2)["projects_id"] == 2005


async def test_the_same_question_comes_again_for_the_same_arguments(store: Store) -> None:
    """On 2026-07-28 the call is repeated with the answer, so a question must follow from the arguments alone."""
    person = Person(picks(0))
    async with office_of(store, elicitation_callback=person) as office:
        assert isinstance(office.assistant, Client)
        for _ in range(2):
            await office.call("create_time_entry", **(WARTUNG | {"billable": "billable"}))
    assert person.asked[0] == person.asked[1]
