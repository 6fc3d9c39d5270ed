"""The sandbox's clock, absences, target hours, holidays and reports answer as Clockodo's do.

What the OpenAPI demands is held by shape; what it leaves open and the sandbox decides is named as ours.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER, WORKER_KEY, WORKER_USER
from tests.conftest import NOW

pytestmark = pytest.mark.anyio

MARA, JONAS = 101, 102
PLACE = {"customers_id": 1002, "services_id": 502}


class Watch:
    """The time in the sandbox."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def calling(store: Store, watch: Watch, user: str = SANDBOX_USER, key: str = SANDBOX_KEY) -> AsyncIterator[Any]:
    headers = {
        "X-ClockodoApiUser": user, "X-ClockodoApiKey": key, "X-Clockodo-External-Application": "tests;t@example.com",
    }  # fmt: skip
    transport = httpx2.ASGITransport(app=create_app(store, now=watch))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1/api", headers=headers) as client:
        yield client


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def owner(store: Store, watch: Watch) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling(store, watch) as client:
        yield client


@pytest.fixture
async def worker(store: Store, watch: Watch) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling(store, watch, WORKER_USER, WORKER_KEY) as client:
        yield client


def running(store: Store, user: int = MARA) -> list[dict[str, Any]]:
    return [one for one in store.entries() if one["users_id"] == user and one["type"] == 1 and not one["time_until"]]


def good(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def fields_refused(answer: httpx2.Response, status: int = 400) -> list[str]:
    """The fields of a refusal, whichever of the two shapes it has."""
    assert answer.status_code == status, answer.text
    said = answer.json()
    fields = said["error"]["fields"] if "error" in said else said["errors"][0]["path"]
    assert isinstance(fields, list)
    return fields


# The clock


async def test_the_clock_shows_what_runs_and_the_time(owner: httpx2.AsyncClient, worker: httpx2.AsyncClient) -> None:
    shown = good(await owner.get("/v2/clock"))
    assert shown.keys() == {"running", "stopped", "current_time"}
    assert shown["running"]["time_since"] == "2026-11-25T14:38:00Z"
    assert (shown["running"]["time_until"], shown["running"]["duration"]) == (None, None)
    assert (shown["stopped"], shown["current_time"]) == (None, "2026-11-25T15:30:00Z")
    assert good(await worker.get("/v2/clock"))["running"] is None


async def test_a_start_ends_what_runs_and_one_entry_runs(owner: httpx2.AsyncClient, store: Store) -> None:
    [before] = running(store)
    answer = good(await owner.post("/v2/clock", json={**PLACE, "text": "New", "time_since": "2026-11-25T15:00:00Z"}))
    assert answer.keys() == {"running", "stopped", "current_time", "stopped_has_been_truncated"}
    assert answer["stopped"]["id"] == before["id"]
    assert (answer["stopped"]["time_until"], answer["stopped"]["duration"]) == ("2026-11-25T15:00:00Z", 22 * 60)
    assert answer["stopped_has_been_truncated"] is False
    [now_running] = running(store)
    assert answer["running"]["id"] == now_running["id"]
    assert (now_running["text"], now_running["clocked"], now_running["hourly_rate"]) == ("New", 1, 95.0)
    assert now_running["time_clocked_since"] == "2026-11-25T15:30:00Z"


async def test_a_start_without_billable_takes_the_projects_default_else_the_customers(
    owner: httpx2.AsyncClient, store: Store
) -> None:
    """Clockodo's page about the clock."""
    [photos] = store.all("SELECT id, customers_id FROM projects WHERE name = 'Fotos'")
    place = {"services_id": 501, "customers_id": photos["customers_id"]}
    on_customer = good(await owner.post("/v2/clock", json=place))
    on_project = good(await owner.post("/v2/clock", json={**place, "projects_id": photos["id"]}))
    assert (on_customer["running"]["billable"], on_project["running"]["billable"]) == (1, 0)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"customers_id": None}, 400, "customers_id"),
        ({"services_id": None}, 400, "services_id"),
        ({"services_id": 506}, 400, "services_id"),
        ({"projects_id": 2001}, 400, "projects_id"),
        ({"billable": 12}, 400, "billable"),
        ({"time_until": "2026-11-25T15:30:00Z"}, 400, "time_until"),
        ({"time_since": "2026-11-25T15:30:01Z"}, 400, "time_since"),
        ({"time_since": "2026-11-25T14:37:59Z"}, 409, "time_since"),
    ],
)
async def test_a_wrong_start_is_refused_by_its_field_and_what_runs_goes_on(
    owner: httpx2.AsyncClient, store: Store, change: dict[str, object], status: int, field: str
) -> None:
    """The rules of entries; that nothing starts in the future or before what runs is ours."""
    before = store.entries()
    assert fields_refused(await owner.post("/v2/clock", json={**PLACE, **change}), status) == [field]
    assert store.entries() == before


async def test_a_stop_ends_now_or_when_said(owner: httpx2.AsyncClient, store: Store, watch: Watch) -> None:
    [first] = running(store)
    answer = good(await owner.delete(f"/v2/clock/{first['id']}"))
    assert answer["running"] is None
    assert (answer["stopped"]["time_until"], answer["stopped"]["duration"]) == ("2026-11-25T15:30:00Z", 52 * 60)
    started = good(await owner.post("/v2/clock", json=PLACE))["running"]
    watch.now += timedelta(hours=2)
    params = {"time_until": "2026-11-25T17:00:00Z"}
    stopped = good(await owner.delete(f"/v2/clock/{started['id']}", params=params))["stopped"]
    assert (stopped["time_until"], stopped["duration"]) == ("2026-11-25T17:00:00Z", 90 * 60)


async def test_an_entry_is_cut_at_24_hours_and_says_so(owner: httpx2.AsyncClient, store: Store, watch: Watch) -> None:
    [first] = running(store)
    watch.now += timedelta(days=2)
    answer = good(await owner.delete(f"/v2/clock/{first['id']}"))
    assert answer["stopped_has_been_truncated"] is True
    assert (answer["stopped"]["time_until"], answer["stopped"]["duration"]) == ("2026-11-26T14:38:00Z", 24 * 3600)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"time_until": "2026-11-25T15:30:01Z"}, "time_until"),
        ({"time_until": "2026-11-25T14:00:00Z"}, "time_until"),
        ({"until": "now"}, "until"),
    ],
)
async def test_a_wrong_stop_is_refused_by_its_field_and_the_clock_runs_on(
    owner: httpx2.AsyncClient, store: Store, params: dict[str, str], field: str
) -> None:
    [first] = running(store)
    assert fields_refused(await owner.delete(f"/v2/clock/{first['id']}", params=params)) == [field]
    assert running(store) == [first]


async def test_what_does_not_run_is_not_found_and_what_is_anothers_neither(
    owner: httpx2.AsyncClient, worker: httpx2.AsyncClient, store: Store
) -> None:
    [first] = running(store)
    assert (await worker.delete(f"/v2/clock/{first['id']}")).status_code == 404
    assert (await owner.delete(f"/v2/clock/{first['id']}")).status_code == 200
    assert (await owner.delete(f"/v2/clock/{first['id']}")).status_code == 404


async def test_a_running_entrys_start_moves(owner: httpx2.AsyncClient, store: Store) -> None:
    [first] = running(store)
    path = f"/v2/clock/{first['id']}"
    moved = good(await owner.put(path, json={"time_since": "2026-11-25T14:00:00Z"}))
    assert moved.keys() == {"updated", "running", "overlapping_correction", "current_time"}
    assert moved["updated"] == moved["running"]
    assert (moved["updated"]["time_since"], moved["updated"]["time_until"]) == ("2026-11-25T14:00:00Z", None)


async def test_a_stopped_entrys_start_moves_and_its_end_stays(owner: httpx2.AsyncClient, store: Store) -> None:
    [first] = running(store)
    path = f"/v2/clock/{first['id']}"
    good(await owner.delete(path))
    answer = good(await owner.put(path, json={"time_since": "2026-11-25T14:30:00Z"}))
    assert (answer["updated"]["time_until"], answer["updated"]["duration"]) == ("2026-11-25T15:30:00Z", 3600)
    assert answer["running"] is None


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"time_since_before": "2026-11-25T14:37:00Z", "time_since": "2026-11-25T14:00:00Z"}, 409, "time_since_before"),
        ({"time_since_before": "2026-11-25T14:38:00Z"}, 400, "time_since"),
        ({"time_since_before": "earlier", "time_since": "2026-11-25T14:00:00Z"}, 400, "time_since_before"),
        ({"time_since": "2026-11-25T15:30:01Z"}, 400, "time_since"),
        ({"time_since": "2026-11-24T15:29:59Z"}, 400, "time_since"),
        ({"time_until": "2026-11-25T15:00:00Z"}, 400, "time_until"),
    ],
)
async def test_a_move_that_is_wrong_or_too_late_is_refused_and_changes_nothing(
    owner: httpx2.AsyncClient, store: Store, body: dict[str, object], status: int, field: str
) -> None:
    """The guard is the OpenAPI's; that it answers 409 is ours."""
    [first] = running(store)
    assert fields_refused(await owner.put(f"/v2/clock/{first['id']}", json=body), status) == [field]
    assert running(store) == [first]


async def test_the_edit_lock_holds_for_the_clock_too(owner: httpx2.AsyncClient, store: Store) -> None:
    store.update("users", MARA, {"edit_lock": "2026-11-25"})
    [first] = running(store)
    answers = [
        await owner.post("/v2/clock", json=PLACE),
        await owner.delete(f"/v2/clock/{first['id']}"),
        await owner.put(f"/v2/clock/{first['id']}", json={"time_since": "2026-11-25T15:00:00Z"}),
    ]
    assert [fields_refused(answer, 403) for answer in answers] == [["time_since"]] * 3
    assert running(store) == [first]


# Target hours, absences, holidays, reports


async def test_target_hours_hold_from_a_day_on_and_workers_see_their_own(
    owner: httpx2.AsyncClient, worker: httpx2.AsyncClient
) -> None:
    [mara, jonas] = good(await owner.get("/targethours"))["targethours"]
    assert mara == {
        "id": 801, "users_id": MARA, "type": "weekly", "surcharge_models_id": None, "date_since": "2020-01-01",
        "date_until": None, "test_data": False, "monday": 8, "tuesday": 8, "wednesday": 8, "thursday": 8, "friday": 8,
        "saturday": 0, "sunday": 0, "absence_fixed_credit": False, "compensation_daily": 0, "compensation_monthly": 0,
    }  # fmt: skip
    assert [jonas[day] for day in ("monday", "thursday", "friday")] == [6, 6, 0]
    assert good(await owner.get("/targethours", params={"users_id": "102,103"}))["targethours"] == [jonas]
    assert good(await worker.get("/targethours"))["targethours"] == [jonas]


async def test_absences_are_filtered_and_show_their_kind_to_whom_they_concern(
    owner: httpx2.AsyncClient, worker: httpx2.AsyncClient
) -> None:
    everything = good(await owner.get("/v4/absences"))["data"]
    assert everything[1] == {
        "id": 701, "users_id": MARA, "date_since": "2026-09-28", "date_until": "2026-09-29", "type": 1, "status": 1,
        "note": None, "public_note": None, "sick_note": None, "count_days": 2.0, "count_hours": None,
        "date_enquired": "2026-08-29", "date_approved": "2026-08-29", "approved_by": MARA,
    }  # fmt: skip
    filtered: list[tuple[dict[str, Any], list[int]]] = [
        ({"filter[users_id]": "102"}, [705, 706]),
        ({"filter[users_id][]": ["101", "103"]}, [701, 702, 703, 704]),
        ({"filter[year]": "2026"}, [705, 701, 702, 706, 703, 704]),
        ({"filter[year]": "2025,2027"}, []),
    ]
    for params, ids in filtered:
        assert [one["id"] for one in good(await owner.get("/v4/absences", params=params))["data"]] == ids
    [asked] = [one for one in everything if one["id"] == 704]
    assert asked["count_days"] == 4  # of five days one is Christmas
    assert fields_refused(await owner.get("/v4/absences", params={"filter[year]": "1999"})) == ["filter[year]"]
    seen = good(await worker.get("/v4/absences"))["data"]
    assert {one["users_id"] for one in seen if "type" in one} == {JONAS}
    assert all("note" not in one for one in seen if one["users_id"] == MARA)


async def test_no_sample_absence_but_half_a_day_lies_on_a_booked_day(store: Store) -> None:
    booked = {(one["users_id"], one["time_since"][:10]) for one in store.entries()}
    for one in store.all("SELECT * FROM absences WHERE count_days >= 1"):
        assert (one["users_id"], one["date_since"]) not in booked


async def test_holidays_are_germanys_of_the_year_that_is_asked_for(
    owner: httpx2.AsyncClient, worker: httpx2.AsyncClient
) -> None:
    answer = good(await owner.get("/v2/usersNonbusinessDays", params={"year": "2027"}))
    assert answer["paging"] == {"items_per_page": 100, "current_page": 1, "count_pages": 1, "count_items": 4}
    jonas = answer["data"][1]
    assert jonas["users_id"] == JONAS
    assert [one["evaluated_date"] for one in jonas["days"]] == [
        "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-01", "2027-05-06", "2027-05-17", "2027-10-03", "2027-12-25",
        "2027-12-26",
    ]  # fmt: skip
    assert jonas["days"][0] == {
        "id": 911, "nonbusiness_group_id": 901, "type": "DISTINCT_RECURRING", "name": "Neujahr", "half_day": False,
        "surcharge_special": False, "evaluated_date": "2027-01-01", "day": 1, "month": 1,
    }  # fmt: skip
    this_year = good(await worker.get("/v2/usersNonbusinessDays"))["data"]
    assert [(one["users_id"], one["days"][1]["evaluated_date"]) for one in this_year] == [(JONAS, "2026-04-03")]
    once = good(await worker.get("/v2/usersNonbusinessDays", params={"year": "2017"}))["data"]
    assert [len(one["days"]) for one in once] == [10]
    assert fields_refused(await owner.get("/v2/usersNonbusinessDays", params={"year": "2038"})) == ["year"]


async def test_a_report_of_a_year_sums_what_was_due_and_done(
    owner: httpx2.AsyncClient, worker: httpx2.AsyncClient, store: Store
) -> None:
    """What the sandbox counts is ours: holidays and approved absences lower the target; what is asked for does not."""
    jonas = good(await worker.get("/userreports", params={"year": "2026"}))["userreports"][0]
    assert jonas["users_id"] == JONAS
    done = sum(one["duration"] or 0 for one in store.entries() if one["users_id"] == JONAS)
    assert jonas["sum_hours"] == done
    # 2026 has 209 days from Monday to Thursday. Four of them are holidays, and on two he was away.
    assert (jonas["workdays"], jonas["sum_target"]) == (205, 203 * 6 * 3600)
    assert (jonas["sum_absence"]["regular_holidays"], jonas["sum_absence"]["sick_self"]) == (1, 1)
    mara = good(await owner.get(f"/userreports/{MARA}", params={"year": "2026", "type": "0"}))["userreport"]
    assert mara["sum_absence"]["regular_holidays"] == 2.5
    assert mara["month_details"] is None
    assert fields_refused(await owner.get("/userreports", params={"year": "2026", "type": "1"})) == ["type"]
    assert fields_refused(await owner.get("/userreports")) == ["year"]


# Budgets


async def test_a_project_shows_its_budget_or_null(owner: httpx2.AsyncClient) -> None:
    [relaunch, care, *_] = good(await owner.get("/v4/projects"))["data"]
    assert relaunch["budget"] == {
        "monetary": True, "hard": False, "from_subprojects": False, "interval": None, "amount": 20000,
        "subprojects_budget_total": 0,
    }  # fmt: skip
    assert care["budget"] is None
