"""A name that means several objects, where a call only reads and says so: `all Audit`."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clockodo_mcp.sandbox import Store
from tests.conftest import Office, Person, facts, office_of, said, settings

pytestmark = pytest.mark.anyio

MARCH = "2026-03"


@pytest.fixture
def audits(store: Store) -> Store:
    """The project Audit at three customers, an hour, two and three on them; and four on `Audit trail`."""
    rows = [("Ahorn KG", "Audit"), ("Birke AG", "Audit"), ("Clivie eG", "Audit"), ("Ahorn KG", "Fall Audit 2")]
    owners: dict[str, int] = {}
    for hours, (owner, name) in enumerate(rows, 1):
        owners[owner] = owners.get(owner) or store.add_customer(owner)
        project = store.add_project(owners[owner], name)
        at = datetime(2026, 3, hours, 8, tzinfo=UTC)
        store.add_entry(
            users_id=101, customers_id=owners[owner], projects_id=project, services_id=501, duration=3600 * hours,
            billable=1, hourly_rate=100.0, text=name, time_since=f"{at:%Y-%m-%dT%H:%M:%SZ}",
            time_until=f"{at + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}",
        )  # fmt: skip
    return store


def of(found: dict[str, object]) -> Any:
    return found["totals"]


def notes(found: dict[str, object]) -> list[str]:
    told = found["notes"]
    assert isinstance(told, list)
    return told


@pytest.mark.parametrize("word", ["all Audit", "ALL audit", "alle 'Audit'", "every Audit"])
async def test_all_of_a_name_are_listed_and_named(audits: Store, word: str) -> None:
    async with office_of(audits) as office:
        found = facts(await office.call("list_entries", period=MARCH, project=word, user="all"))
    assert of(found)["entries"] == 3
    note = notes(found)[0]
    assert "means Ahorn KG › Audit (id " in note
    assert "Birke AG › Audit (id " in note
    assert "Clivie eG › Audit (id " in note


async def test_all_of_a_name_add_up_and_are_exported(audits: Store) -> None:
    async with office_of(audits) as office:
        found = facts(
            await office.call("summarize_entries", period=MARCH, project="all Audit", user="all", group_by=["customer"])
        )
        file = facts(await office.call("export_entries", period=MARCH, project="all Audit", user="all"))
    assert of(found)["hours"] == "6:00"
    assert [row["group"] for row in found["rows"]] == ["Clivie eG", "Birke AG", "Ahorn KG"]  # type: ignore[attr-defined]
    assert of(file)["entries"] == 3


async def test_all_of_a_name_takes_what_is_closed_too(audits: Store) -> None:
    async with office_of(audits) as office:
        close(audits, "Birke AG")
        found = facts(await office.call("list_entries", period=MARCH, project="all Audit", user="all"))
        assert of(found)["hours"] == "6:00"
        assert re.search(r"Birke AG › Audit \(id \d+, inactive\)", notes(found)[0])
        close(audits, "Ahorn KG", "Clivie eG")
        found = facts(await office.call("summarize_entries", period=MARCH, project="all Audit", user="all"))
        assert of(found)["hours"] == "6:00"


async def test_one_that_is_open_is_meant_and_what_is_closed_of_that_name_is_named(audits: Store) -> None:
    close(audits, "Birke AG", "Ahorn KG")
    customer = audits.add_customer("Clivie GmbH", active=0)
    async with office_of(audits) as office:
        for tool in ("list_entries", "summarize_entries"):
            found = facts(await office.call(tool, period=MARCH, project="Audit", user="all"))
            assert of(found)["hours"] == "3:00"
            note = next(one for one in notes(found) if "also fits" in one)
            assert re.search(r"'Audit' also fits Ahorn KG › Audit \(id \d+, inactive\), Birke AG › Audit \(id", note)
            assert note.endswith("'all Audit' takes them, too.")
        found = facts(await office.call("list_entries", period=MARCH, customer="Clivie", user="all"))
        assert (
            f"Customer: 'Clivie' also fits Clivie GmbH (id {customer}, inactive); 'all Clivie' takes them, too."
            in notes(found)
        )
        by_id = facts(await office.call("list_entries", period=MARCH, customer=str(customer), user="all"))
        assert not [one for one in notes(by_id) if "also fits" in one]


def close(store: Store, *customers: str) -> None:
    """Close the projects Audit of these."""
    named = "SELECT p.id AS id, c.name AS owner FROM projects p JOIN customers c ON c.id = p.customers_id"
    for one in store.all(f"{named} WHERE p.name = 'Audit'"):
        if one["owner"] in customers:
            store.update("projects", one["id"], {"active": 0})


async def test_all_of_a_name_are_those_of_the_customer_that_is_named(audits: Store) -> None:
    async with office_of(audits) as office:
        found = facts(
            await office.call("list_entries", period=MARCH, customer="Ahorn KG", project="all Audit", user="all")
        )
        both = facts(await office.call("list_entries", period="2026", customer="all Acme", user="all"))
        each = [
            facts(await office.call("list_entries", period="2026", customer=one, user="all", limit=0))
            for one in ("Acme GmbH", "Acme Retail AG")
        ]
    assert of(found)["hours"] == "1:00"
    assert of(both)["seconds"] == sum(of(one)["seconds"] for one in each)


async def test_what_is_called_so_is_meant_and_nothing_else(audits: Store) -> None:
    stars = audits.add_customer("All Audit")
    project = audits.add_project(stars, "All Audit")
    async with office_of(audits) as office:
        found = facts(await office.call("list_entries", period=MARCH, project="all audit", user="all"))
        whole = facts(await office.call("summarize_entries", period=MARCH, customer="all audit", user="all"))
    assert of(found)["entries"] == 0
    assert notes(found) == []
    assert notes(whole) == []
    asked = [one.query for one in office.seen if one.path.endswith("/v2/entries")]
    assert asked[0].endswith(f"projects_id%5D={project}")


async def test_where_a_name_is_several_the_choice_has_all_of_them(audits: Store) -> None:
    asks = Person("All of them")
    async with office_of(audits, elicitation_callback=asks, mode="legacy") as office:
        found = facts(await office.call("list_entries", period=MARCH, project="Audit", user="all"))
    assert len(asks.asked) == 1
    assert of(found)["entries"] == 3


async def test_where_nobody_can_be_asked_the_words_for_all_are_said(audits: Store, office: Office) -> None:
    refused = said(await office.call("list_entries", period=MARCH, project="Audit", user="all"))
    assert "call again with project='<the id of the right one>' (project='all Audit' for all of them)." in refused


@pytest.mark.parametrize(
    ("tool", "more"),
    [
        ("update_entries", {"period": MARCH, "set_billable": "billed"}),
        ("copy_entries", {"period": MARCH, "to": "2026-04"}),
        ("create_time_entry", {"duration": "1h", "service": "501"}),
    ],
)
async def test_what_writes_takes_one(audits: Store, office: Office, tool: str, more: dict[str, str]) -> None:
    before = audits.entries()
    result = await office.call(tool, project="all Audit", **more)
    one = await office.call(tool, project="Audit", **more)
    assert result.is_error
    assert one.is_error
    assert "for all of them" not in said(one)
    assert audits.entries() == before


async def test_all_of_nothing_is_refused_with_what_there_is(audits: Store, office: Office) -> None:
    refused = said(await office.call("list_entries", period=MARCH, project="all Nonsense Xyz"))
    assert "no project has this name" in refused


async def test_services_and_subprojects_too(audits: Store) -> None:
    first, second = (audits.add_service(name) for name in ("Nachtarbeit", "Nachtdienst"))
    home = audits.add_project(audits.add_customer("Distel OHG"), "Haus")
    parts = [audits.add_subproject(one, "Phase") for one in (home, audits.add_project(1001, "Hof"))]
    for number, (service, part) in enumerate(((first, parts[0]), (second, parts[1]), (501, None))):
        at = datetime(2026, 3, 20 + number, 8, tzinfo=UTC)
        audits.add_entry(
            users_id=101, customers_id=1001, services_id=service, subprojects_id=part, duration=3600, billable=1,
            time_since=f"{at:%Y-%m-%dT%H:%M:%SZ}", time_until=f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        )  # fmt: skip
    async with office_of(audits, account=settings()) as office:
        work = facts(await office.call("list_entries", period=MARCH, service="all Nacht"))
        phases = facts(await office.call("list_entries", period=MARCH, subproject="all Phase"))
        of_one = facts(await office.call("list_entries", period=MARCH, subproject="all Phase", project="Haus"))
    assert of(work)["entries"] == 2
    assert of(phases)["entries"] == 2
    assert "Haus › Phase (id " in notes(phases)[0]
    assert "Hof" not in notes(of_one)[0]


async def test_a_total_of_all_of_a_name_is_added_up_from_the_entries(audits: Store) -> None:
    async with office_of(audits) as office:
        whole = facts(
            await office.call("summarize_entries", period=MARCH, project="all Audit", user="all", group_by=["total"])
        )
        part = facts(
            await office.call(
                "summarize_entries", period=MARCH, text="audit", user="all", group_by=["total"], compare_to="previous"
            )
        )
    assert of(whole)["hours"] == "6:00"
    assert of(part)["hours"] == "10:00"
    assert whole["rows"] == []


async def test_all_of_them_is_offered_only_where_the_word_is_no_slip(audits: Store) -> None:
    asks = Person("All of them")
    async with office_of(audits, elicitation_callback=asks, mode="legacy") as office:
        refused = said(await office.call("list_entries", period=MARCH, project="Aduit", user="all"))
    assert "for all of them" not in refused
