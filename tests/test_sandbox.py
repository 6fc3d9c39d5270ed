"""The sandbox is as strict as the real Clockodo: what it refuses, the client must not send."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER, WORKER_KEY, WORKER_USER

pytestmark = pytest.mark.anyio

SPAN = {"time_since": "2026-01-01T00:00:00Z", "time_until": "2026-12-31T00:00:00Z"}
WORK = {
    "customers_id": 1001, "services_id": 501, "billable": 1,
    "time_since": "2026-11-20T05:00:00Z", "time_until": "2026-11-20T06:00:00Z",
}  # fmt: skip


def http(store: Store, user: str = SANDBOX_USER, key: str = SANDBOX_KEY, **more: str) -> httpx2.AsyncClient:
    headers = {
        "X-ClockodoApiUser": user,
        "X-ClockodoApiKey": key,
        "X-Clockodo-External-Application": "tests;t@example.com",
        **more,
    }
    transport = httpx2.ASGITransport(app=create_app(store))
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1/api", headers=headers)


@pytest.fixture
async def owner(store: Store) -> AsyncIterator[httpx2.AsyncClient]:
    async with http(store) as client:
        yield client


async def test_wrong_credentials_are_401_in_the_new_shape_on_every_path(store: Store) -> None:
    async with http(store, key="wrong") as client:
        for path in ("/v2/entries", "/v4/users/me", "/v2/entrygroups"):
            answer = await client.get(path)
            assert answer.status_code == 401
            assert "Authentication" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("application", ["", "nameonly", "name;no-mail", f"{'n' * 45};a@b.de"])
async def test_the_application_header_is_needed_and_short(store: Store, application: str) -> None:
    async with http(store, **{"X-Clockodo-External-Application": application}) as client:
        assert (await client.get("/v4/users/me")).status_code == 400


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "time_since"),
        ({"time_since": "2026-01-01T00:00:00Z"}, "time_until"),
        ({**SPAN, "time_since": "2026-01-01"}, "time_since"),
        ({**SPAN, "time_since": "2026-01-01T00:00:00+01:00"}, "time_since"),
        ({**SPAN, "time_since": "2026-02-30T00:00:00Z"}, "time_since"),
        ({**SPAN, "time_until": "2025-01-01T00:00:00Z"}, "time_until"),
        ({**SPAN, "customers_id": "1001"}, "customers_id"),
        ({**SPAN, "filter[customers_id]": "Acme"}, "filter[customers_id]"),
        ({**SPAN, "filter[billable]": "3"}, "filter[billable]"),
        ({**SPAN, "filter[budget_type]": "rep_filter_budget_strict"}, "filter[budget_type]"),
        ({**SPAN, "items_per_page": "1001"}, "items_per_page"),
        ({**SPAN, "page": "0"}, "page"),
        ({**SPAN, "enhanced_list": "yes"}, "enhanced_list"),
    ],
)
async def test_a_list_with_a_wrong_parameter_is_refused_by_its_name(
    owner: httpx2.AsyncClient, query: dict[str, str], field: str
) -> None:
    answer = await owner.get("/v2/entries", params=query)
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"customers_id": None}, "customers_id"),
        ({"customers_id": 4}, "customers_id"),
        ({"customers_id": "1001"}, "customers_id"),
        ({"projects_id": 2004}, "projects_id"),
        ({"projects_id": 2003}, "projects_id"),
        ({"customers_id": 1010}, "customers_id"),
        ({"services_id": None}, "services_id"),
        ({"subprojects_id": 3001}, "subprojects_id"),
        ({"time_until": "2026-11-20T04:00:00Z"}, "time_until"),
        ({"time_since": "2026-11-20 05:00:00"}, "time_since"),
        ({"billable": 7}, "billable"),
        ({"billable": True}, "billable"),
        ({"text": "x" * 1001}, "text"),
        ({"duration": 1.5}, "duration"),
        ({"customer": "Acme"}, "customer"),
        ({"lumpsum": 5}, "time_until"),
    ],
)
async def test_a_wrong_entry_is_refused_by_its_field_and_nothing_is_stored(
    owner: httpx2.AsyncClient, store: Store, change: dict[str, object], field: str
) -> None:
    before = store.entries()
    answer = await owner.post("/v2/entries", json={**WORK, **change})
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert store.entries() == before


async def test_equal_texts_share_an_id_that_filters(owner: httpx2.AsyncClient) -> None:
    first, second = [
        (await owner.post("/v2/entries", json={**WORK, "text": "Same words"})).json()["entry"] for _ in range(2)
    ]
    assert first["texts_id"] == second["texts_id"]
    found = await owner.get("/v2/entries", params={**SPAN, "filter[texts_id]": first["texts_id"]})
    assert [entry["id"] for entry in found.json()["entries"]] == [first["id"], second["id"]]


async def test_somebody_without_rights_sees_and_changes_only_what_is_theirs(store: Store) -> None:
    theirs = next(row["id"] for row in store.entries() if row["users_id"] == 101)
    async with http(store, WORKER_USER, WORKER_KEY) as client:
        assert [user["id"] for user in (await client.get("/v3/users")).json()["data"]] == [102]
        assert (await client.get(f"/v2/entries/{theirs}")).status_code == 404
        assert (await client.post("/v2/entries", json={**WORK, "users_id": 101})).status_code == 403
        mine = (await client.post("/v2/entries", json=WORK)).json()["entry"]
        assert not {"hourly_rate", "revenue"} & mine.keys()


async def test_a_locked_day_cannot_be_changed(owner: httpx2.AsyncClient, store: Store) -> None:
    store.update("users", 101, {"edit_lock": "2026-11-20"})
    assert (await owner.post("/v2/entries", json=WORK)).status_code == 403


async def test_unknown_paths_and_methods_are_said(owner: httpx2.AsyncClient) -> None:
    assert (await owner.get("/v2/nothing")).status_code == 404
    assert (await owner.post("/v3/customers", json={})).status_code == 405


async def test_groups_refuse_what_they_do_not_know_and_lists_of_the_catalogue_ignore_it(
    owner: httpx2.AsyncClient,
) -> None:
    assert (await owner.get("/v2/entrygroups", params={**SPAN, "grouping[]": "mood"})).status_code == 400
    assert (await owner.get("/v2/entrygroups", params={**SPAN, "grouping[]": "day", "mood": "1"})).status_code == 400
    assert (await owner.get("/v3/customers", params={"mood": "1"})).status_code == 200
    groups = await owner.get("/v2/entrygroups", params={**SPAN, "grouping[]": "projects_id"})
    kinds = {type(group["group"]) for group in groups.json()["groups"]}
    assert kinds == {int, str}


async def test_the_same_seed_gives_the_same_data_and_another_gives_other_data() -> None:
    from clockodo_mcp.sandbox import fill
    from tests.conftest import NOW

    stores = [Store(), Store(), Store()]
    for store, seed in zip(stores, (1, 1, 2), strict=True):
        fill(store, seed=seed, now=NOW)
    first, same, other = (store.entries() for store in stores)
    assert first == same != other
    for store in stores:
        store.close()


async def test_serving_inside_a_program_leaves_its_signals_alone(store: Store) -> None:
    import signal

    from clockodo_mcp.sandbox.serve import listening

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with listening(create_app(store)) as url, httpx2.AsyncClient() as client:
        assert (await client.get(f"{url}/v4/users/me")).status_code == 401
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
