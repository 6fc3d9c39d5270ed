"""Times of another time zone: a moment with its name or its offset is one of the day there, or is asked about."""

from datetime import UTC, datetime

import pytest

from clockodo_mcp.sandbox import Store
from tests.conftest import Office, facts, office_of, said
from tests.test_which_entries import booked

pytestmark = pytest.mark.anyio


NIGHT = ("2026-11-21T23:00:00Z", "2026-11-22T03:00:00Z")  # 00:00 to 04:00 of the 22nd in Berlin, 18:00 in New York
EVENING = ("2026-11-20T18:00:00Z", "2026-11-20T22:00:00Z")  # 19:00 to 23:00 in Berlin, 03:00 of the 21st in Tokyo


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        ("2026-11-23 09:00 America/New_York", "15:00"),
        ("yesterday 09:00 Asia/Tokyo", "01:00"),
        ("09:00 Europe/London", "10:00"),
    ],
)
async def test_a_moment_of_another_time_zone_is_understood(office: Office, moment: str, start: str) -> None:
    made = await office.call("create_time_entry", customer="1001", service="Design", time_since=moment, duration="1h")
    assert facts(made)["entry"]["start"] == start  # type: ignore[index]
    assert (
        await office.call(
            "create_time_entry", customer="1001", service="Design", time_since="09:00 Mars/Base", duration="1h"
        )
    ).is_error


@pytest.mark.parametrize(
    ("there", "said_so", "since", "until"),
    [
        (NIGHT, {"time_since": "18:30 America/New_York"}, "2026-11-21T23:30:00Z", "2026-11-22T03:00:00Z"),
        (NIGHT, {"time_until": "21:00 America/New_York"}, "2026-11-21T23:00:00Z", "2026-11-22T02:00:00Z"),
        (EVENING, {"time_since": "04:00 Asia/Tokyo"}, "2026-11-20T19:00:00Z", "2026-11-20T22:00:00Z"),
        (EVENING, {"time_until": "06:00 Asia/Tokyo"}, "2026-11-20T18:00:00Z", "2026-11-20T21:00:00Z"),
    ],
)
async def test_a_time_of_another_zone_is_one_of_the_day_there(
    office: Office, there: tuple[str, str], said_so: dict[str, str], since: str, until: str
) -> None:
    id = booked(office.store, "Far away", *there)
    facts(await office.call("update_entry", id=id, **said_so))
    [entry] = [one for one in office.store.entries() if one["id"] == id]
    assert (entry["time_since"], entry["time_until"]) == (since, until)


async def test_an_entry_is_split_at_a_time_of_another_zone(office: Office) -> None:
    id = booked(office.store, "Far away", *NIGHT)
    facts(await office.call("split_entry", id=id, at="19:00 America/New_York"))
    [entry] = [one for one in office.store.entries() if one["id"] == id]
    assert entry["time_until"] == "2026-11-22T00:00:00Z"


@pytest.mark.parametrize(
    ("said_so", "since", "until"),
    [
        (("18:30 America/New_York", ""), "2026-11-25T23:30:00Z", "2026-11-26T00:30:00Z"),
        (("yesterday 18:30 America/New_York", ""), "2026-11-24T23:30:00Z", "2026-11-25T00:30:00Z"),
        (
            ("2026-11-21 18:00 America/New_York", "20:00 America/New_York"),
            *("2026-11-21T23:00:00Z", "2026-11-22T01:00:00Z"),
        ),
        (("2026-11-21 04:00 Asia/Tokyo", "06:00 Asia/Tokyo"), "2026-11-20T19:00:00Z", "2026-11-20T21:00:00Z"),
    ],
)
async def test_today_and_yesterday_are_those_of_the_zone_that_is_said(
    store: Store, said_so: tuple[str, str], since: str, until: str
) -> None:
    late = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)  # 02:00 in Berlin, 20:00 of the 25th in New York
    async with office_of(store, now=lambda: late) as office:
        start, end = said_so
        more = {"time_until": end} if end else {"duration": "1h"}
        made = facts(await office.call("create_time_entry", customer="1001", service="501", time_since=start, **more))
        id = made["entry"]["id"]  # type: ignore[index]
    [entry] = [one for one in store.entries() if one["id"] == id]
    assert (entry["time_since"], entry["time_until"]) == (since, until)


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        ("2026-11-21 09:00 America/New_York", "17:00", "Write '17:00 America/New_York' or '17:00 Europe/Berlin'."),
        ("09:00", "17:00 America/New_York", "Write '09:00 America/New_York' or '09:00 Europe/Berlin'."),
        ("2026-11-21 18:00", "20:00 America/New_York", "Write '2026-11-21 18:00 America/New_York' or"),
        ("2026-11-21 10:00 America/New_York", "2026-11-21 18:00", "of which time zone?"),
        ("2026-11-21T18:00-05:00", "20:00", "Write both times with an offset, or both in Europe/Berlin without one."),
        ("2026-11-21T17:00Z", "19:00", "Write both times with an offset"),
        ("2026-11-20T08:00:00+09:00", "2026-11-20 10:00", "Write both times with an offset"),
        ("2026-11-21T09:00:00+05:30 Asia/Tokyo", "", "it has an offset and a time zone; give one of them."),
    ],
)
async def test_a_zone_that_may_be_of_both_times_is_asked(office: Office, start: str, end: str, wrong: str) -> None:
    more = {"time_until": end} if end else {"duration": "1h"}
    refused = await office.call("create_time_entry", customer="1001", service="501", time_since=start, **more)
    assert refused.is_error
    assert wrong in said(refused)


async def test_the_edge_of_a_period_in_another_zone_has_its_date(office: Office) -> None:
    refused = await office.call(
        "list_entries", time_since="yesterday 09:00 Asia/Tokyo", time_until="2026-11-25 09:00 Asia/Tokyo"
    )
    assert "with a time zone, give the date, too." in said(refused)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-24 09:00", "2026-11-24T12:00Z"),
        ("2026-11-24 09:00 America/New_York", "2026-11-24 18:00"),
    ],
)
async def test_edges_of_a_period_in_two_zones_are_asked_about(office: Office, start: str, end: str) -> None:
    refused = await office.call("list_entries", time_since=start, time_until=end)
    assert "of which time zone?" in said(refused)


@pytest.mark.parametrize("moment", ["2000-01-01T00:30 Asia/Tokyo", "2100-12-31T23:30 America/New_York"])
async def test_a_day_outside_the_calendar_is_refused_in_every_zone(office: Office, moment: str) -> None:
    refused = await office.call(
        "create_time_entry", customer="1001", service="501", time_since=moment, duration="1h"
    )  # fmt: skip
    assert refused.is_error
    assert "it has to lie between 2000-01-01 and 2100-12-31" in said(refused)


async def test_an_offset_of_the_caller_s_own_zone_needs_no_second_one(office: Office) -> None:
    made = facts(
        await office.call(
            "create_time_entry", customer="1001", service="501", time_since="2026-11-21T08:00:00+01:00",
            time_until="10:00",
        )
    )  # fmt: skip
    assert made["entry"]["hours"] == "2:00"  # type: ignore[index]
