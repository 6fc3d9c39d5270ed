"""`get_context` and `search_catalog`: what a model begins with."""

from datetime import UTC, datetime
from typing import Any

import pytest

from clockodo_mcp.sandbox import Store
from clockodo_mcp.sandbox.seed import WORKER_KEY, WORKER_USER
from tests.conftest import Office, facts, office_of, said, settings

pytestmark = pytest.mark.anyio


def tokens(text: str) -> int:
    """Four characters are about one token."""
    return len(text) // 4


@pytest.mark.parametrize(
    ("zone", "now", "local", "weekday", "today_seconds"),
    [
        ("Europe/Berlin", "2026-11-25T22:59:00", "2026-11-25T23:59", "Wednesday", 3600),
        ("Europe/Berlin", "2026-11-25T23:01:00", "2026-11-26T00:01", "Thursday", 0),
        ("America/New_York", "2026-11-26T04:59:00", "2026-11-25T23:59", "Wednesday", 3600),
        ("America/New_York", "2026-11-26T05:01:00", "2026-11-26T00:01", "Thursday", 0),
        # The night in which Berlin's clocks go back: a day of 25 hours.
        ("Europe/Berlin", "2026-10-25T22:59:00", "2026-10-25T23:59", "Sunday", 0),
    ],
)
async def test_the_day_begins_and_ends_at_the_accounts_midnight(
    zone: str, now: str, local: str, weekday: str, today_seconds: int
) -> None:
    """Berlin and New York, a minute before midnight and a minute after."""
    store = Store()
    store.add_user("Nora", email="nora@example.com", key="k", role="owner", timezone=zone)
    customer, service = store.add_customer("Kunde"), store.add_service("Beratung")
    store.add_entry(
        users_id=101, customers_id=customer, services_id=service, duration=3600,
        time_since="2026-11-25T20:00:00Z", time_until="2026-11-25T21:00:00Z",
    )  # fmt: skip
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    account = settings(user="nora@example.com", key="k")
    async with office_of(store, account=account, now=lambda: moment) as office:
        card = facts(await office.call("get_context"))
        listed = facts(await office.call("list_entries", period="today"))
    assert (card["now"], card["weekday"], card["timezone"]) == (local, weekday, zone)
    assert card["today_seconds"] == today_seconds
    assert local[:10] in str(listed["period"])
    store.close()


async def test_one_call_says_who_when_and_where_in_at_most_350_tokens(office: Office) -> None:
    result = await office.call("get_context")
    assert said(result).startswith(
        "Mara Lindner (id 101, owner), demo.\nNow Wednesday 2026-11-25 16:30 in Europe/Berlin"
    )
    assert "Running: entry 1 since 15:38, 0:52 h so far, in no total. On Acme GmbH › Relaunch Website." in said(result)
    assert tokens(said(result)) <= 350
    assert sorted(one.path for one in office.seen) == ["/api/v2/entries", "/api/v2/entries", "/api/v4/users/me"]


async def test_the_usual_places_come_with_ids_that_book(office: Office) -> None:
    usual = facts(await office.call("get_context"))["usual"]
    assert isinstance(usual, list)
    assert len(usual) == 5
    assert [one["entries"] for one in usual] == sorted((one["entries"] for one in usual), reverse=True)
    for one in usual:
        ids = {name: str(one[name]) for name in ("customer", "project", "service") if one.get(name)}
        made = await office.call("create_time_entry", **ids, time_since="2026-10-05T06:00", duration="5m")
        row = facts(made)["entry"]
        assert isinstance(row, dict)
        assert f"{row['booked_on']} › {row['service']}" == one["booked_on"]


async def test_what_a_key_may_not_see_and_may_not_do_is_named(store: Store) -> None:
    store.update("users", 102, {"edit_lock": "2026-10-31"})
    account = settings(user=WORKER_USER, key=WORKER_KEY).model_copy(update={"read_only": True})
    async with office_of(store, account=account) as office:
        result = await office.call("get_context")
    assert "demo, read_only" in said(result)
    assert "Edit lock: entries up to 2026-10-31 cannot be changed." in said(result)
    assert "This key does not see: revenue, hourly rates." in said(result)


@pytest.mark.parametrize(
    ("arguments", "first", "found"),
    [
        ({"query": "relaunch"}, "Acme GmbH › Relaunch Website", 1),
        ({"query": "acme relanch"}, "Acme GmbH › Relaunch Website", 1),
        ({"query": "p7"}, "Acme GmbH › Relaunch Website", 1),
        ({"query": "konzept", "kinds": ["subprojects"]}, "Acme GmbH › Relaunch Website › Konzept", 1),
        ({"query": "mueller"}, "Bäckerei Müller & Söhne", None),
        ({"customer": "hotel"}, "Hotel Bergblick › Buchungsportal", 2),
        ({"query": "anfahrt", "kinds": ["lumpsum_services"]}, "Anfahrt", 1),
        ({"query": "jonas", "kinds": ["users"]}, "Jonas Wolf", 2),
        ({"query": "altprojekt", "include_inactive": True}, "Ehemals & Co. › Altprojekt", 1),
    ],
)
async def test_the_catalogue_is_found_by_name_best_first(
    office: Office, arguments: dict[str, Any], first: str, found: int | None
) -> None:
    answer = facts(await office.call("search_catalog", **arguments))
    rows = answer["rows"]
    assert isinstance(rows, list)
    assert rows[0]["name"] == first
    assert found in (None, answer["found"])


async def test_the_often_used_come_before_others_that_fit_as_well(office: Office) -> None:
    rows = facts(await office.call("search_catalog", kinds=["projects"], limit=50))["rows"]
    assert isinstance(rows, list)
    assert [row["used"] for row in rows] == sorted((row["used"] for row in rows), reverse=True)
    assert rows[0]["used"] > 0


async def test_closed_objects_are_left_out_unless_wanted_and_then_named(office: Office) -> None:
    without = facts(await office.call("search_catalog", query="Newsletter"))
    assert without["found"] == 0
    assert "completed" in said(await office.call("search_catalog", query="Newsletter", include_inactive=True))


async def test_a_row_costs_at_most_25_tokens(office: Office) -> None:
    customer = office.store.add_customer("Gesellschaft für Verfahrenstechnik mbH")
    for number in range(40):
        office.store.add_project(
            customer, f"Teilprojekt {number:02}", number=f"P-{number:03}", budget_amount=120.0, budget_hard=1
        )
    for limit in (10, 100):
        result = await office.call("search_catalog", query="teilprojekt", limit=limit)
        assert tokens(said(result)) <= 25 * min(limit, 40) + 30


async def test_a_name_that_nothing_has_gets_the_nearest(office: Office) -> None:
    result = await office.call("search_catalog", query="Bergblock Hotel")
    assert "Hotel Bergblick" in said(result)
    assert "Nothing is named 'zzzz'" in said(await office.call("search_catalog", query="zzzz"))
