"""`summarize_entries`: totals that are exact, answers that read well, and two ways of computing that agree."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import anyio
import httpx2
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from mcp import Client
from mcp.types import CallToolResult

from clockodo_mcp.account.catalogue import Catalog
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.models import EntryQuery
from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.domain.group_tree import UnknownGroup, key_of_group
from clockodo_mcp.domain.groups import LEVELS, Calendar, levels_of
from clockodo_mcp.domain.periods import days, parse_period, previous
from clockodo_mcp.reading.entries import Selection
from clockodo_mcp.reading.summaries import by_clockodo, by_entries, finished
from clockodo_mcp.sandbox import Store, create_app
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER, WORKER_KEY, WORKER_USER
from clockodo_mcp.server import build_server
from tests.conftest import NOW, Office, facts, office_of, said, settings
from tests.test_untrusted import HOSTILE, check

pytestmark = pytest.mark.anyio

BERLIN = ZoneInfo("Europe/Berlin")

WORDS = [word for word in LEVELS if word != "total"]
"""What entries are put in groups by."""


def book(store: Store, since: str, seconds: int | None, **columns: object) -> int:
    """A time entry of the owner, on the first customer and service; running without `seconds`."""
    row: dict[str, object] = {"users_id": 101, "customers_id": 1001, "services_id": 501, "hourly_rate": 100.0}
    if seconds is not None:
        until = datetime.fromisoformat(since) + timedelta(seconds=seconds)
        row |= {"duration": seconds, "time_until": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
    return store.add_entry(**{**row, "time_since": since, **columns})  # type: ignore[arg-type]


@pytest.fixture
def books() -> Store:
    """Two people, three customers, and a November that can be added up by hand."""
    store = Store()
    store.add_user("Mara Lindner", email=SANDBOX_USER, key=SANDBOX_KEY, role="owner")
    store.add_user("Jonas Wolf", email=WORKER_USER, key=WORKER_KEY)
    acme, hotel, _ = (store.add_customer(name) for name in ("Acme GmbH", "Hotel Bergblick", "Café Ångström"))
    store.add_project(acme, "Wartung")
    store.add_project(hotel, "Wartung")
    for name in ("Beratung", "Design"):
        store.add_service(name)
    store.add_lumpsum_service("Anfahrt", 35.0)
    book(store, "2026-11-02T08:00:00Z", 7200, projects_id=2001)
    book(store, "2026-11-03T08:00:00Z", 3599, projects_id=2001, billable=0)
    book(store, "2026-11-03T12:00:00Z", 5401, customers_id=1002, projects_id=2002, billable=2)
    book(store, "2026-11-04T12:00:00Z", 1800, customers_id=1003, services_id=502)
    book(store, "2026-11-25T14:00:00Z", None, projects_id=2001, clocked=1)
    book(store, "2026-11-05T08:00:00Z", 3600, users_id=102)
    book(store, "2026-10-05T08:00:00Z", 1800, projects_id=2001)
    return store


def rows(result: CallToolResult) -> list[dict[str, object]]:
    found = facts(result)["rows"]
    assert isinstance(found, list)
    return found


def totals(result: CallToolResult) -> dict[str, object]:
    found = facts(result)["totals"]
    assert isinstance(found, dict)
    return found


# Whole answers


async def test_a_month_by_project_reads_like_this_and_takes_one_request_for_the_groups(books: Store) -> None:
    async with office_of(books) as office:
        result = await office.call("summarize_entries")
        assert said(result) == (
            "Sun 2026-11-01 – Mon 2026-11-30 (Europe/Berlin), your entries by project: 5:00 h (4:00 h billable or billed), "  # noqa: E501 - a whole answer
            "revenue 400.03 (100.00 per billable hour).\n"
            "\n"
            "| project | project id | hours | share | bar | billable or billed | revenue | rate |\n"
            "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
            "| Acme GmbH › Wartung | 2001 | 3:00 | 60% | ██████████ | 67% | 200.00 | 100.00 |\n"
            "| Hotel Bergblick › Wartung | 2002 | 1:30 | 30% | █████ | 100% | 150.03 | 100.00 |\n"
            "| Café Ångström › no project |  | 0:30 | 10% | ██ | 100% | 50.00 | 100.00 |"
        )
        assert [one.path for one in office.seen] == ["/api/v4/users/me", "/api/v2/entrygroups"]
        assert facts(result) == {
            "period": "Sun 2026-11-01 – Mon 2026-11-30",
            "timezone": "Europe/Berlin",
            "group_by": ["project"],
            "totals": {"seconds": 18_000, "hours": "5:00", "billable_seconds": 14_401, "revenue": 400.03, "rate": 100.0},  # noqa: E501 - a whole answer
            "groups": 3,
            "notes": [],
            "rows": [
                {
                    "group": "Acme GmbH › Wartung", "customer": 1001, "project": 2001, "seconds": 10_799, "hours": "3:00",  # noqa: E501 - a whole answer
                    "billable_seconds": 7200, "share": 0.5999, "revenue": 200.0, "rate": 100.0,
                },
                {
                    "group": "Hotel Bergblick › Wartung", "customer": 1002, "project": 2002, "seconds": 5401, "hours": "1:30",  # noqa: E501 - a whole answer
                    "billable_seconds": 5401, "share": 0.3001, "revenue": 150.03, "rate": 100.0,
                },
                {
                    "group": "Café Ångström › no project", "customer": 1003, "seconds": 1800, "hours": "0:30",
                    "billable_seconds": 1800, "share": 0.1, "revenue": 50.0, "rate": 100.0,
                },
            ],
        }  # fmt: skip


async def test_a_comparison_is_two_requests_and_has_the_groups_of_both_periods(books: Store) -> None:
    book(books, "2026-10-06T08:00:00Z", 2700, services_id=502)
    async with office_of(books) as office:
        result = await office.call("summarize_entries", group_by="customer, service", compare_to="previous")
        assert said(result) == (
            "Sun 2026-11-01 – Mon 2026-11-30 (Europe/Berlin), your entries by customer › service: 5:00 h "
            "(4:00 h billable or billed), revenue 400.03 (100.00 per billable hour).\n"
            "Compared with Thu 2026-10-01 – Sat 2026-10-31: 1:15 h (1:15 h billable or billed), revenue 125.00 "
            "(100.00 per billable hour); change +3:45 h.\n"
            "Note: The period is not over yet; the other one counts in full.\n"
            "\n"
            "| customer › service | customer id | hours | share | bar | billable or billed | revenue | rate | before | change |\n"  # noqa: E501 - a whole answer
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
            "| Acme GmbH › Beratung | 1001 | 3:00 | 60% | ██████████ | 67% | 200.00 | 100.00 | 0:30 | +2:30 |\n"
            "| Acme GmbH › Design | 1001 | 0:00 | 0% |  |  |  |  | 0:45 | -0:45 |\n"
            "| Hotel Bergblick › Beratung | 1002 | 1:30 | 30% | █████ | 100% | 150.03 | 100.00 | 0:00 | +1:30 |\n"
            "| Café Ångström › Design | 1003 | 0:30 | 10% | ██ | 100% | 50.00 | 100.00 | 0:00 | +0:30 |"
        )
        assert [one.path for one in office.seen][1:] == ["/api/v2/entrygroups", "/api/v2/entrygroups"]
        compared = facts(result)["compared_to"]
        assert isinstance(compared, dict)
        assert compared["totals"]["seconds"] == 4500
        assert [row["before"]["seconds"] for row in rows(result)] == [1800, 2700, 0, 0]  # type: ignore[index]


# Rates


@pytest.mark.parametrize("by", [["customer"], ["day", "weekday", "customer"]], ids=["by Clockodo", "by entries"])
async def test_a_rate_is_of_hours_that_count_and_what_does_not_is_said(books: Store, by: list[str]) -> None:
    hard = books.add_project(1001, "Kasse", budget_amount=300, budget_hard=1)
    book(books, "2026-11-02T12:00:00Z", 3600, projects_id=hard)
    book(books, "2026-11-02T12:00:00Z", None, type=2, lumpsum=250.0, hourly_rate=None, clocked=0)
    book(books, "2026-11-02T13:00:00Z", 3600, customers_id=1002, hourly_rate=0.0)
    async with office_of(books) as office:
        result = await office.call("summarize_entries", group_by=by)
    assert "revenue 650.03 (250.00 of it lump sums, 80.00 per billable hour)." in said(result)
    assert "Note: 1:00 h of the billable ones are on projects with a hard budget. Clockodo counts no revenue" in said(
        result
    )
    read = {one.path for one in office.seen if "entr" in one.path}
    assert read == {"/api/v2/entrygroups" if by == ["customer"] else "/api/v2/entries"}
    [acme] = [one for one in rows(result) if "Acme GmbH" in str(one["group"]) and one.get("lump_sums")]
    assert (acme["lump_sums"], acme["rate"]) == (250.0, 100.0)


async def test_what_a_hard_budget_leaves_out_is_said_also_where_nothing_else_is_there(books: Store) -> None:
    books._db.execute("DELETE FROM entries")
    hard = books.add_project(1001, "Kasse", budget_amount=300, budget_hard=1)
    book(
        books, "2026-11-02T12:00:00Z", None, type=2, lumpsum=500.0, hourly_rate=None, clocked=0, projects_id=hard
    )  # fmt: skip
    async with office_of(books) as office:
        result = await office.call("summarize_entries")
        assert "Note: lump sums are on projects with a hard budget." in said(result)
        assert "no finished entries" not in said(result)
        book(books, "2026-10-05T08:00:00Z", 3600, projects_id=hard)
        result = await office.call("summarize_entries", compare_to="previous")
        assert "Note: 1:00 h of those of the other period and lump sums are on projects with" in said(result)


async def test_a_budget_that_became_hard_a_minute_ago_counts(books: Store) -> None:
    books._db.execute("DELETE FROM entries")
    ids = [books.add_project(1001, name, budget_amount=300, budget_hard=0) for name in ("A", "B")]
    for id in ids:
        book(books, "2026-11-02T12:00:00Z", 3600, projects_id=id)
    async with office_of(books) as office:
        for hard in range(3):
            result = await office.call("summarize_entries", group_by=["customer"])
            assert ("(100.00 per billable hour)" in said(result)) is (hard < 2)
            assert (f"{hard}:00 h of the billable ones" in said(result)) is (hard > 0)
            if hard < 2:
                books._db.execute("UPDATE projects SET budget_hard = 1 WHERE id = ?", (ids[hard],))


async def test_lump_sums_never_are_more_than_the_revenue(books: Store) -> None:
    books._db.execute("DELETE FROM entries")
    for number in range(6):
        project = books.add_project(1001, f"P{number}")
        book(
            books, "2026-11-02T12:00:00Z", None, type=2, lumpsum=10.004, hourly_rate=None, clocked=0,
            projects_id=project,
        )  # fmt: skip
    book(books, "2026-11-02T12:00:00Z", 60, hourly_rate=0.0)
    async with office_of(books) as office:
        result = await office.call("summarize_entries", group_by=["customer"])
    assert "revenue 60.02 (60.02 of it lump sums)." in said(result)


async def test_lump_sums_alone_have_no_rate(books: Store) -> None:
    books._db.execute("DELETE FROM entries")
    book(books, "2026-11-02T12:00:00Z", None, type=2, lumpsum=250.0, hourly_rate=None, clocked=0)
    async with office_of(books) as office:
        result = await office.call("summarize_entries")
    assert "revenue 250.00 (250.00 of it lump sums)." in said(result)
    assert "rate" not in rows(result)[0]


# Edges


async def test_a_period_without_entries_says_so_and_what_to_do(books: Store) -> None:
    async with office_of(books) as office:
        result = await office.call("summarize_entries", period="2020", group_by="month")
        assert said(result) == (
            "Wed 2020-01-01 – Thu 2020-12-31 (Europe/Berlin), your entries by month: 0:00 h.\n"
            "There are no finished entries. To look further, call again with another period or user='all'."
        )
        assert (facts(result)["groups"], rows(result)) == (0, [])


async def test_an_id_that_nothing_has_is_refused(books: Store) -> None:
    async with office_of(books) as office:
        result = await office.call("summarize_entries", customer="4711")
    assert "customer='4711': no customer has this name, number or id." in said(result)


async def test_one_group_is_all_of_it(books: Store) -> None:
    async with office_of(books) as office:
        [row] = rows(await office.call("summarize_entries", group_by="user"))
    assert (row["group"], row["user"], row["seconds"], row["share"]) == ("Mara Lindner", 101, 18_000, 1.0)


async def test_nothing_to_group_by_is_the_total_alone(books: Store) -> None:
    async with office_of(books) as office:
        result = await office.call(
            "summarize_entries",
            period="2026-11",
            group_by=["total"],
            user="all",
            compare_to="previous",
            round_to_minutes=15,
        )
        found = facts(result)
        both = await office.call("summarize_entries", period="2026-11", group_by=["total", "customer"])
    assert found["rows"] == []
    assert found["groups"] == 0
    assert said(result).splitlines() == [
        (
            "Sun 2026-11-01 – Mon 2026-11-30 (Europe/Berlin), all visible entries: "
            "6:00 h (5:00 h billable or billed), revenue 500.03 (100.00 per billable hour)."
        ),
        (
            "Compared with Thu 2026-10-01 – Sat 2026-10-31: 0:30 h (0:30 h billable or billed), revenue 50.00 "
            "(100.00 per billable hour); change +5:30 h."
        ),
        "Note: The period is not over yet; the other one counts in full.",
    ]
    assert both.is_error
    assert "'total' is without groups, and goes alone." in said(both)


async def test_who_has_no_hours_is_named_where_everybody_s_are_seen(books: Store) -> None:
    books.add_user("Rita | Still")
    books.add_user("Gone", active=0)
    idle = "Note: Without hours: Rita \\| Still."
    async with office_of(books) as office:
        whole = said(await office.call("summarize_entries", period="2026-11", group_by=["user"], user="all"))
        part = said(await office.call("summarize_entries", period="2026-11", group_by=["customer"], user="all"))
    async with office_of(books, account=settings(user=WORKER_USER, key=WORKER_KEY)) as office:
        worker = said(await office.call("summarize_entries", period="2026-11", group_by=["user"], user="all"))
    assert idle in whole.splitlines()
    assert "Without hours" not in part + worker


async def test_groups_beyond_the_limit_are_one_row_and_the_rows_still_add_up(books: Store) -> None:
    async with office_of(books) as office:
        result = await office.call("summarize_entries", limit=1, user="all")
        shown = rows(result)
        assert [row["group"] for row in shown] == ["Acme GmbH › Wartung", "other (3 groups)"]
        assert sum(row["seconds"] for row in shown) == totals(result)["seconds"] == 21_600  # type: ignore[misc]
        assert "| other (3 groups) |  | 3:00 | 50% |  | 100% | 300.03 | 100.00 |" in said(result)
        assert "4 groups in all; more of them with limit=4." in said(result)
        assert "all visible entries by project: 6:00 h" in said(result)
        all_of_them = await office.call("summarize_entries", limit=4, user="all")
        assert len(rows(all_of_them)) == 4
        assert "more of them" not in said(all_of_them)


async def test_without_the_right_to_see_revenue_its_columns_are_absent(books: Store) -> None:
    async with office_of(books, account=settings(user=WORKER_USER, key=WORKER_KEY)) as office:
        result = await office.call("summarize_entries", sort="revenue")
        assert "| customer id" not in said(result)
        assert "| project | hours | share | bar | billable or billed |" in said(result)
        assert "Note: This key sees no revenue; the groups are sorted by hours." in said(result)
        assert totals(result) == {"seconds": 3600, "hours": "1:00", "billable_seconds": 3600}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"group_by": "mood"}, ["group_by='mood'", "weekday"]),
        ({"group_by": ["customer", "wekday"]}, ["group_by='wekday'", "weekday"]),
        ({"group_by": "day,week,user,text"}, ["at most three"]),
        ({"period": "someday"}, ["period='someday'", "last_month"]),
        ({"compare_to": "someday"}, ["compare_to='someday'", "last_month"]),
        ({"period": "0001-01", "compare_to": "previous"}, ["period='0001-01'"]),
        ({"grouping": "month"}, ["Call again with group_by='month' instead of 'grouping'"]),
        ({"sort": "time"}, ["only groups by day"]),
        ({"sort": "size"}, ["sort must be one of"]),
        ({"limit": 0}, ["limit must be at least 1 and at most 200", "limit=1"]),
        ({"round_to_minutes": 90}, ["at most 60"]),
        ({"billable": "maybe"}, ["not_billable"]),
        ({"user": "Nobody"}, ["user='Nobody'"]),
    ],
)
async def test_a_call_that_cannot_be_answered_is_refused_and_nothing_is_read(
    books: Store, arguments: dict[str, object], words: list[str]
) -> None:
    async with office_of(books) as office:
        result = await office.call("summarize_entries", **arguments)
        assert result.is_error, said(result)
        for word in words:
            assert word in said(result)
        assert not [one for one in office.seen if one.path in ("/api/v2/entries", "/api/v2/entrygroups")]


@pytest.mark.parametrize("group_by", [["customer", "project", "text"], ["subproject", "service"], ["lumpsum_service"]])
@pytest.mark.parametrize("zone", ["", "Europe/London"])
async def test_hostile_names_stay_in_their_cells_in_both_ways(group_by: list[str], zone: str) -> None:
    store = Store()
    store.add_user(HOSTILE, email=SANDBOX_USER, key=SANDBOX_KEY, role="owner")
    store.add_project(store.add_customer(HOSTILE), HOSTILE)
    store.add_subproject(2001, HOSTILE)
    store.add_service(HOSTILE)
    store.add_lumpsum_service(HOSTILE, 5.0)
    place = {"projects_id": 2001, "subprojects_id": 3001, "text": HOSTILE}
    book(store, "2026-11-03T08:00:00Z", 3600, **place)
    book(store, "2026-11-03T08:00:00Z", None, type=3, services_id=None, lumpsum_services_id=601,
         lumpsum_services_amount=2.0, **place)  # fmt: skip
    account = settings().model_copy(update={"timezone": zone})
    async with office_of(store, account=account) as office:
        asked = [*group_by[:2], "day"] if zone else group_by
        result = await office.call("summarize_entries", group_by=asked)
        check(said(result), rows=len(rows(result)))
        assert 1 <= len(rows(result)) <= 2
        assert {one.path.rpartition("/")[2] for one in office.seen} & {"entries", "entrygroups"} == {
            "entries" if zone else "entrygroups"
        }


# What is counted, and when


async def test_running_entries_count_nowhere_and_lump_sums_as_money_only(books: Store) -> None:
    book(books, "2026-11-10T08:00:00Z", None, type=2, lumpsum=250.0)
    book(books, "2026-11-10T08:00:00Z", None, type=3, services_id=None, lumpsum_services_id=601,
         lumpsum_services_amount=3.0)  # fmt: skip
    async with office_of(books) as office:
        for group_by in ("lumpsum_service", "weekday"):
            result = await office.call("summarize_entries", group_by=group_by)
            assert (totals(result)["seconds"], totals(result)["revenue"]) == (18_000, 755.03)
        by_service = await office.call("summarize_entries", group_by="lumpsum_service", sort="revenue")
        from_entries = await office.call("summarize_entries", group_by="lumpsum_service, weekday", sort="name")
    assert [(row["group"], row["seconds"], row["revenue"]) for row in rows(by_service)] == [
        ("no lump sum service", 18_000, 650.03),
        ("Anfahrt", 0, 105.0),
    ]
    assert "| Anfahrt | 0:00 | 0% | ██ |  | 105.00 |" in said(by_service)
    assert rows(from_entries)[0]["group"] == "Anfahrt › Tuesday"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("billable", "seconds"),
    [("not_billable", 3599), ("billable", 9000), ("billed", 5401), ("billable_or_billed", 14_401)],
)
@pytest.mark.parametrize("group_by", ["project", "billable", "weekday"])
async def test_every_filter_of_billable_counts_the_same_in_both_ways(
    books: Store, group_by: str, billable: str, seconds: int
) -> None:
    async with office_of(books) as office:
        result = await office.call("summarize_entries", group_by=group_by, billable=billable)
    assert totals(result)["seconds"] == sum(row["seconds"] for row in rows(result)) == seconds  # type: ignore[misc]


async def test_the_filters_of_a_list_narrow_a_summary(books: Store) -> None:
    async with office_of(books) as office:
        assert totals(await office.call("summarize_entries", customer="Hotel"))["seconds"] == 5401
        assert totals(await office.call("summarize_entries", service="Design"))["seconds"] == 1800
        assert totals(await office.call("summarize_entries", user="Jonas"))["seconds"] == 3600
        assert totals(await office.call("summarize_entries", text="nothing like it"))["seconds"] == 0


async def test_rounding_is_of_each_row_and_what_it_makes_is_said_while_totals_stay_exact(books: Store) -> None:
    book(books, "2026-11-06T08:00:00Z", 3600 + 450, customers_id=1003)
    async with office_of(books) as office:
        result = await office.call("summarize_entries", round_to_minutes=15)
    assert [(row["seconds"], row["rounded_seconds"]) for row in rows(result)] == [
        (10_799, 10_800), (5850, 6300), (5401, 5400),
    ]  # fmt: skip
    assert totals(result)["seconds"] == 22_050
    assert "Note: Each row's hours are rounded to the nearest 15 minutes, and so make 6:15 h." in said(result)
    assert "6:08 h (5:08 h billable or billed)" in said(result)
    assert "| Café Ångström › no project |  | 1:45 |" in said(result)


@pytest.mark.parametrize(
    ("sort", "group_by", "expected"),
    [
        ("hours", "customer", ["Acme GmbH", "Hotel Bergblick", "Café Ångström"]),
        ("name", "customer", ["Acme GmbH", "Café Ångström", "Hotel Bergblick"]),
        ("revenue", "service", ["Beratung", "Design"]),
        ("time", "day", ["Mon 2026-11-02", "Tue 2026-11-03", "Wed 2026-11-04"]),
        ("hours", "day", ["Tue 2026-11-03", "Mon 2026-11-02", "Wed 2026-11-04"]),
        ("", "day", ["Mon 2026-11-02", "Tue 2026-11-03", "Wed 2026-11-04"]),
        ("", "week", ["2026-W45 from 2026-11-02"]),
        ("", "weekday", ["Monday", "Tuesday", "Wednesday"]),
        ("", "year,month", ["2026 › 2026-11"]),
        ("", "billable", ["billable", "billed", "not_billable"]),
        ("", "customer,day", [
            "Acme GmbH › Mon 2026-11-02", "Acme GmbH › Tue 2026-11-03",
            "Hotel Bergblick › Tue 2026-11-03", "Café Ångström › Wed 2026-11-04",
        ]),
        ("time", "customer,day", [
            "Acme GmbH › Mon 2026-11-02", "Hotel Bergblick › Tue 2026-11-03",
            "Acme GmbH › Tue 2026-11-03", "Café Ångström › Wed 2026-11-04",
        ]),
        ("", "subproject", [
            "Acme GmbH › Wartung › no subproject", "Hotel Bergblick › Wartung › no subproject",
            "Café Ångström › no project",
        ]),
    ],
)  # fmt: skip
async def test_groups_come_in_the_order_that_is_asked_for_or_makes_sense(
    books: Store, sort: str, group_by: str, expected: list[str]
) -> None:
    async with office_of(books) as office:
        assert [row["group"] for row in rows(await office.call("summarize_entries", group_by=group_by, sort=sort))] == (
            expected
        )


# Days, weeks and zones


async def test_months_of_two_years_stand_beside_each_other_and_what_has_no_counterpart_comes_last(
    books: Store,
) -> None:
    book(books, "2025-11-10T08:00:00Z", 900)
    async with office_of(books) as office:
        by_month = await office.call("summarize_entries", period="2026", group_by="month", compare_to="previous")
        assert [(row["group"], row["before"]["seconds"]) for row in rows(by_month)] == [  # type: ignore[index]
            ("2026-10", 0), ("2026-11", 900),
        ]  # fmt: skip
        assert "Times are compared by their place in the period" in said(by_month)
        book(books, "2026-10-31T08:00:00Z", 60)
        by_day = await office.call("summarize_entries", group_by="day", compare_to="previous")
    assert [(row["group"], row["seconds"], row["before"]["seconds"]) for row in rows(by_day)] == [  # type: ignore[index]
        ("Mon 2026-11-02", 7200, 0),
        ("Tue 2026-11-03", 9000, 0),
        ("Wed 2026-11-04", 1800, 0),
        ("Thu 2026-11-05", 0, 1800),
        ("after the end", 0, 60),
    ]


VIENNA = settings().model_copy(update={"timezone": "Europe/Vienna"})
"""Not the zone of the account, though its days are the same: so Clockodo cannot group by them, for all we know."""


async def test_weekdays_and_weeks_from_sunday_are_added_up_from_clockodo_s_days(books: Store) -> None:
    books.update("users", 101, {"weekstart_monday": 0})
    async with office_of(books) as office:
        for group_by in ("weekday", "week", "project, weekday"):
            office.seen.clear()
            by_clockodo = await office.call("summarize_entries", group_by=group_by)
            assert [one.path for one in office.seen if "users" not in one.path] == ["/api/v2/entrygroups"]
            async with office_of(books, account=VIENNA) as other:
                assert rows(await other.call("summarize_entries", group_by=group_by)) == rows(by_clockodo)


async def test_where_clockodo_cannot_group_entries_are_read_page_by_page_with_progress(books: Store) -> None:
    books.update("users", 101, {"weekstart_monday": 0})
    begin = datetime(2025, 1, 1, 12, tzinfo=UTC)
    for number in range(2400):
        book(books, f"{begin + timedelta(hours=3 * number):%Y-%m-%dT%H:%M:%SZ}", 60 + number % 7)
    told: list[tuple[float, float | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total))

    async with office_of(books, account=VIENNA) as office:
        result = await office.assistant.call_tool(
            "summarize_entries", {"period": "2025", "group_by": "weekday"}, progress_callback=hear
        )
        pages = [one.path for one in office.seen if one.path != "/api/v4/users/me"]
        with anyio.fail_after(5):
            while len(told) < 3:
                await anyio.lowlevel.checkpoint()
    expected: Counter[str] = Counter()
    for entry in books.entries():
        if entry["time_since"] < "2025-12-31T23:00:00Z" and entry["duration"]:
            expected[f"{datetime.fromisoformat(entry['time_since']).astimezone(BERLIN):%A}"] += entry["duration"]
    assert {row["group"]: row["seconds"] for row in rows(result)} == expected
    assert [row["group"] for row in rows(result)][:2] == ["Sunday", "Monday"]
    assert pages == ["/api/v2/entries"] * 3
    assert told == [(1000, 2400), (2000, 2400), (2400, 2400)]


async def test_progress_goes_on_through_the_period_that_is_compared_with(books: Store) -> None:
    told: list[tuple[float, float | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total))

    asked = {"group_by": "weekday", "compare_to": "previous", "user": "all"}
    async with office_of(books, account=VIENNA) as office:
        facts(await office.assistant.call_tool("summarize_entries", asked, progress_callback=hear))
        with anyio.fail_after(5):
            while len(told) < 2:
                await anyio.lowlevel.checkpoint()
    assert told == [(6, 6), (7, 7)]


async def test_weeks_that_begin_on_sunday_say_so(books: Store) -> None:
    books.update("users", 101, {"weekstart_monday": 0})
    book(books, "2026-11-01T12:00:00Z", 60)
    async with office_of(books) as office:
        result = await office.call("summarize_entries", group_by="week")
    assert [(row["group"], row["seconds"]) for row in rows(result)] == [("week from 2026-11-01", 18_060)]


async def test_days_are_those_of_the_zone_that_is_set_and_the_answer_says_why_all_was_read(books: Store) -> None:
    book(books, "2026-11-12T02:00:00Z", 600)
    account = settings().model_copy(update={"timezone": "America/New_York"})
    async with office_of(books, account=account) as office:
        by_day = await office.call("summarize_entries", group_by="day", sort="time")
        assert rows(by_day)[-1]["group"] == "Wed 2026-11-11"
        assert (
            "Note: Every entry was read, since Clockodo's days are those of Europe/Berlin and CLOCKODO_TIMEZONE is "
            "America/New_York."
        ) in said(by_day)
        office.seen.clear()
        by_project = await office.call("summarize_entries")
        assert [one.path for one in office.seen] == ["/api/v2/entrygroups"]
        assert totals(by_project) == totals(by_day)


async def test_a_day_may_begin_at_half_past_an_hour_of_utc(books: Store) -> None:
    books.update("users", 101, {"timezone": "Asia/Kolkata"})
    book(books, "2026-11-17T18:29:59Z", 60)
    book(books, "2026-11-17T18:30:00Z", 120)
    async with office_of(books) as office:
        for group_by in ("day", "day, weekday"):
            result = await office.call("summarize_entries", period="2026-11-17..2026-11-18", group_by=group_by)
            assert [row["seconds"] for row in rows(result)] == [60, 120]
            assert str(rows(result)[1]["group"]).startswith("Wed 2026-11-18")


class OtherWords(httpx2.AsyncBaseTransport):
    """A Clockodo that writes weeks as nobody told us."""

    def __init__(self, store: Store) -> None:
        self.inner = httpx2.ASGITransport(app=create_app(store))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self.inner.handle_async_request(request)
        body = (await answer.aread()).replace(b'"2026-W', b'"KW ')
        return httpx2.Response(answer.status_code, content=body)


async def test_groups_in_a_form_that_is_not_known_are_added_up_from_the_entries_instead(books: Store) -> None:
    server = build_server(settings(), transport=OtherWords(books), now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        result = await assistant.call_tool("summarize_entries", {"group_by": ["week"]})
    assert [(row["group"], row["seconds"]) for row in rows(result)] == [("2026-W45 from 2026-11-02", 18_000)]
    assert "Note: Every entry was read, since Clockodo named a week in a form that is not known here." in said(result)


@pytest.mark.parametrize(
    ("level", "written", "key"),
    [
        ("day", "2026-11-23", date(2026, 11, 23)),
        ("day", "20261123", date(2026, 11, 23)),
        ("week", "2026-W48", date(2026, 11, 23)),
        ("week", "202648", date(2026, 11, 23)),
        ("week", "2026-11-25", date(2026, 11, 23)),
        ("month", "202611", date(2026, 11, 1)),
        ("month", "2026-11", date(2026, 11, 1)),
        ("year", "2026", date(2026, 1, 1)),
        ("projects_id", "0", None),
        ("services_id", "", None),
        ("services_id", "501", 501),
        ("billable", "0", 0),
    ],
)
def test_groups_are_read_in_every_form_that_was_seen_or_is_likely(level: str, written: str, key: object) -> None:
    assert key_of_group(written, level, Calendar(BERLIN)) == key


@pytest.mark.parametrize(
    ("level", "written"), [("week", "202600"), ("day", "23.11."), ("month", "13"), ("billable", "")]
)
def test_groups_in_other_forms_are_never_guessed(level: str, written: str) -> None:
    with pytest.raises(UnknownGroup):
        key_of_group(written, level, Calendar(BERLIN))


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2026-11", "Thu 2026-10-01 – Sat 2026-10-31"),
        ("2026-Q1", "Wed 2025-10-01 – Wed 2025-12-31"),
        ("2026", "Wed 2025-01-01 – Wed 2025-12-31"),
        ("2026-W41", "Mon 2026-09-28 – Sun 2026-10-04"),
        ("this_week", "Mon 2026-11-16 – Sun 2026-11-22"),
        ("today", "Tue 2026-11-24"),
        ("2026-03-30..2026-03-31", "Sat 2026-03-28 – Sun 2026-03-29"),
        ("2026-11-25T09:00..2026-11-25T10:59:59", "Wed 2026-11-25 07:00 – Wed 2026-11-25 08:59"),
    ],
)
def test_the_previous_period_is_of_the_same_kind(period: str, before: str) -> None:
    span = parse_period(period, zone=BERLIN, today=date(2026, 11, 25), weekstart_monday=True)
    assert previous(span).dates == before
    assert previous(span).end == span.start


# Both ways of computing against each other

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
CHANGES = [
    datetime.fromisoformat(f"{moment}:00Z")
    for moment in (
        "2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T07:00", "2026-11-01T06:00", "2026-04-04T15:00",
        "2025-12-31T23:00", "2026-06-30T18:30",
    )
]  # fmt: skip
"""Clock changes of these zones, and two ends of months."""

NEAR = st.integers(-3600, 3600) | st.integers(-86_400, 86_400)
MOMENTS = st.one_of(
    st.integers(0, 370 * 86_400).map(lambda after: datetime(2025, 12, 30, tzinfo=UTC) + timedelta(seconds=after)),
    st.builds(lambda near, by: near + timedelta(seconds=by), st.sampled_from(CHANGES), NEAR),
)
PLACES = [
    (1001, None, None), (1001, 2001, None), (1001, 2001, 3001), (1001, 2002, None), (1002, None, None),
    (1002, 2003, 3002),
]  # fmt: skip
ENTRIES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([1, 1, 1, 2, 3, "running"]),
        "since": MOMENTS,
        "seconds": st.integers(0, 86_400),
        "place": st.sampled_from(PLACES),
        "services_id": st.sampled_from([501, 502]),
        "users_id": st.sampled_from([101, 102]),
        "billable": st.sampled_from([0, 1, 2]),
        "text": st.sampled_from([None, "Daily", "Review"]),
        "rate": st.sampled_from([None, 60.0, 99.5]),
    }
)


HARD_BUDGET: dict[int, dict[str, int | None]] = {2002: {"budget_amount": 300, "budget_hard": 1}}


def filled(zone: str, entries: list[dict[str, object]]) -> Store:
    store = Store()
    store.add_user("Mara", email=SANDBOX_USER, key=SANDBOX_KEY, role="owner", timezone=zone)
    store.add_user("Jonas")
    for customer, project, subproject in PLACES:
        of: dict[str, tuple[int | None, dict[str, int | None]]] = {
            "customers": (customer, {}),
            "projects": (project, {"customers_id": customer, **HARD_BUDGET.get(project or 0, {})}),
            "subprojects": (subproject, {"projects_id": project}),
        }
        for table, (id, parent) in of.items():
            if id and not store.one(f"SELECT id FROM {table} WHERE id = ?", (id,)):  # noqa: S608 - our own tables
                store.insert(table, {"id": id, "name": f"{table} {id}", **parent})
    for name in ("Beratung", "Design"):
        store.add_service(name)
    store.add_lumpsum_service("Anfahrt", 35.5)
    for one in entries:
        customer, project, subproject = one["place"]  # type: ignore[misc]
        columns: dict[str, object] = {
            "customers_id": customer, "projects_id": project, "subprojects_id": subproject,
            "users_id": one["users_id"], "billable": one["billable"], "text": one["text"],
            "services_id": one["services_id"], "hourly_rate": one["rate"],
        }  # fmt: skip
        if one["kind"] == 2:
            columns |= {"type": 2, "lumpsum": 12.34, "hourly_rate": None}
        elif one["kind"] == 3:
            columns |= {"type": 3, "services_id": None, "lumpsum_services_id": 601, "lumpsum_services_amount": 2.0}
        finished = one["seconds"] if one["kind"] == 1 else None
        book(store, f"{one['since']:%Y-%m-%dT%H:%M:%SZ}", finished, **columns)  # type: ignore[arg-type]
    return store


@pytest.mark.slow
@given(
    zone=st.sampled_from(ZONES),
    entries=st.lists(ENTRIES, max_size=30),
    wanted=st.lists(
        st.sampled_from([word for word in LEVELS if word not in ("day", "total")]), min_size=1, max_size=3, unique=True
    ),
    billable=st.sampled_from([None, 0, 1, 2, 12]),
    users_id=st.sampled_from([None, 101]),
)
@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_clockodo_s_groups_and_the_entries_themselves_give_the_same_sums_to_the_second(
    zone: str, entries: list[dict[str, object]], wanted: list[str], billable: int | None, users_id: int | None
) -> None:
    store = filled(zone, entries)
    span = days(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo(zone))
    asked = EntryQuery(
        time_since=span.start, time_until=span.last, billable=billable, users_id=users_id, enhanced_list=True
    )
    levels, calendar = levels_of(wanted), Calendar(ZoneInfo(zone))
    heard: list[tuple[int, int]] = []

    async def tell(read: int, of: int) -> None:
        heard.append((read, of))

    transport = httpx2.ASGITransport(app=create_app(store))
    async with Clockodo(settings(), transport=transport, pace=Pace(())) as clockodo:
        tree = await by_clockodo(clockodo, asked, levels, calendar)
        folded, count = await by_entries(clockodo, Selection(asked), levels, calendar, tell)
        grouped, added = await finished([tree, folded], Catalog(clockodo))
    store.close()
    assert heard[-1] == (count, count)
    assert {path: (one.seconds, one.billable_seconds, one.uncounted_seconds) for path, one in grouped.sums.items()} == {
        path: (one.seconds, one.billable_seconds, one.uncounted_seconds) for path, one in added.sums.items()
    }
    for path, one in grouped.sums.items():
        assert one.revenue == pytest.approx(added.sums[path].revenue, abs=0.005 * (len(entries) + 1))
        assert one.lump_sums == pytest.approx(added.sums[path].lump_sums, abs=0.005 * (len(entries) + 1))
        for level, key in zip(levels, path, strict=True):
            if level != "lumpsum_services_id" and key is not None:
                assert grouped.names.get((level, key)) == added.names.get((level, key))
    among = {None: (0, 1, 2), 12: (1, 2)}.get(billable, (billable,))
    assert sum(one.seconds for one in added.sums.values()) == sum(
        int(one["seconds"])  # type: ignore[call-overload]
        for one in entries
        if one["kind"] == 1
        and one["billable"] in among
        and one["users_id"] in ((101, 102) if users_id is None else (users_id,))
        and span.start <= one["since"] <= span.last  # type: ignore[operator]
    )


@pytest.mark.slow
@given(
    entries=st.lists(ENTRIES, min_size=1, max_size=25),
    wanted=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True),
    limit=st.integers(1, 6),
    sort=st.sampled_from(["", "hours", "revenue", "name"]),
    compare_to=st.sampled_from(["", "previous", "2026-Q2"]),
    step=st.sampled_from([0, 15]),
)
@examples(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_whatever_is_asked_the_rows_add_up_to_the_totals(
    entries: list[dict[str, object]], wanted: list[str], limit: int, sort: str, compare_to: str, step: int
) -> None:
    store = filled("Europe/Berlin", entries)
    async with office_of(store) as office:
        result = await office.call(
            "summarize_entries", period="2026", user="all", group_by=wanted, limit=limit, sort=sort,
            compare_to=compare_to, round_to_minutes=step,
        )  # fmt: skip
    store.close()
    shown, whole = rows(result), totals(result)
    assert len(shown) <= limit + 1
    for name in ("seconds", "billable_seconds"):
        assert sum(row[name] for row in shown) == whole[name]  # type: ignore[misc]
    assert round(sum(row.get("revenue", 0.0) for row in shown), 2) == whole.get("revenue", 0.0)  # type: ignore[misc]
    if compare_to:
        then = facts(result)["compared_to"]["totals"]  # type: ignore[index]
        assert sum(row["before"]["seconds"] for row in shown) == then["seconds"]  # type: ignore[index]
    lines = [line for line in said(result).splitlines() if line.startswith("| ")]
    assert len(lines) == (len(shown) + 2 if shown else 0)


async def test_the_tool_is_offered_read_only_and_in_its_set(office: Office) -> None:
    [one] = [tool for tool in (await office.assistant.list_tools()).tools if tool.name == "summarize_entries"]
    assert one.annotations
    assert (one.annotations.read_only_hint, one.annotations.destructive_hint) == (True, False)
    assert one.input_schema["properties"]["group_by"]["type"] == "array"
