"""Which entries are meant: of a list by their text and in which order, one of them by its words and a day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mcp import Client

from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.sandbox import Store
from clockodo_mcp.sandbox.seed import SANDBOX_USER
from clockodo_mcp.server import build_server
from tests.conftest import NOW, Office, Person, facts, office_of, said, settings
from tests.test_at_once import Leaves, cut_off, state

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


def add_text(store: Store, text: str, number: int, *, year: int = 2026) -> int:
    """An hour of Anna's, one every three, from the second of March."""
    at = datetime(year, 3, 2, 8, tzinfo=UTC) + timedelta(hours=3 * number)
    return store.add_entry(
        users_id=101, customers_id=1001, services_id=501, duration=3600, billable=1, hourly_rate=100.0, text=text,
        time_since=f"{at:%Y-%m-%dT%H:%M:%SZ}", time_until=f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
    )  # fmt: skip


def booked(store: Store, text: str, since: str, until: str, **more: object) -> int:
    """An entry of the caller's, between two moments in UTC."""
    seconds = int((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds())
    row: dict[str, object] = {"users_id": 101, "customers_id": 1001, "services_id": 501, "billable": 1} | more
    return store.add_entry(
        **row, duration=seconds, hourly_rate=100.0, text=text, time_since=since, time_until=until
    )  # fmt: skip


ONE_HOUR = ("2026-03-04T08:00:00Z", "2026-03-04T09:00:00Z")


def rows(found: dict[str, object]) -> list[dict[str, Any]]:
    listed = found["entries"]
    assert isinstance(listed, list)
    return listed


def totals(found: dict[str, object]) -> dict[str, Any]:
    summed = found["totals"]
    assert isinstance(summed, dict)
    return summed


AWKWARD = [
    "Kick-off",
    "Kick-off [draft] <b> | a \\| b `code`",
    "Line one\n\tline two",
    "Long. " + "word " * 60 + "End of it",
    "GRÜSSE vom Straßenfest",
]


@pytest.mark.parametrize(
    ("part", "finds"),
    [
        ("kick-OFF", {0, 1}),
        ("[draft] <b>", {1}),
        ("| a \\| b", {1}),
        ("one line", {2}),
        ("End of it", {3}),
        ("grüße VOM strassenfest", {4}),
        ("no such text", set()),
    ],
)
async def test_a_text_is_found_by_a_part_of_it_as_stored_in_any_case(
    office: Office, part: str, finds: set[int]
) -> None:
    ids = [add_text(office.store, text, number) for number, text in enumerate(AWKWARD)]
    wanted = {ids[number] for number in finds}
    listed = facts(await office.call("list_entries", period="2026-03", text=part))
    assert {row["id"] for row in rows(listed)} == wanted
    assert totals(listed)["seconds"] == 3600 * len(wanted)
    summary = facts(await office.call("summarize_entries", period="2026-03", text=part))
    assert totals(summary)["seconds"] == 3600 * len(wanted)
    exported = facts(await office.call("export_entries", period="2026-03", text=part))
    assert totals(exported)["entries"] == len(wanted)
    if wanted:
        copied = facts(await office.call("copy_entries", period="2026-03", to="2026-07", text=part, dry_run=True))
        changed = facts(await office.call("update_entries", period="2026-03", text=part, set_text="New"))
        assert totals(copied)["entries"] == totals(changed)["entries"] == len(wanted)


async def test_a_text_is_found_by_what_a_list_shows_of_it(office: Office) -> None:
    ids = [add_text(office.store, text, number) for number, text in enumerate(AWKWARD)]
    shown = rows(facts(await office.call("list_entries", period="2026-03")))
    assert [row["id"] for row in shown] == ids
    for row in shown:
        found = rows(facts(await office.call("list_entries", period="2026-03", text=str(row["text"]))))
        assert row["id"] in {one["id"] for one in found}


@pytest.mark.parametrize("count", [60, 2_300])
async def test_the_newest_come_first_where_that_is_asked(office: Office, count: int) -> None:
    for number in range(count):
        add_text(office.store, f"Note {number % 7}", number, year=2025)
    oldest = [one["id"] for one in office.store.entries() if one["time_since"].startswith("2025")]
    for text, among in (("", oldest), ("note 3", oldest[3::7])):
        ids, cursor = list[object](), ""
        while len(ids) < len(among):
            page = facts(
                await office.call("list_entries", period="2025", order="newest", limit=200, cursor=cursor, text=text)
            )
            assert totals(page)["entries"] == len(among)
            ids += [row["id"] for row in rows(page)]
            cursor = str(page.get("next_cursor") or "")
        assert (ids, cursor) == (among[::-1], "")


async def test_the_last_entry_before_a_moment_needs_no_guessed_period(office: Office) -> None:
    add_text(office.store, "Long ago", 0)
    found = facts(await office.call("list_entries", order="newest", limit=1, time_until="2026-03-05", text="ago"))
    assert [row["text"] for row in rows(found)] == ["Long ago"]


@pytest.mark.parametrize("tool", ["list_entries", "summarize_entries", "update_entries", "copy_entries"])
@pytest.mark.parametrize("text", [" ", "\n\t", "\u200b", "\u2800"])
async def test_a_text_that_shows_nothing_finds_not_everything(office: Office, tool: str, text: str) -> None:
    wanted = {"update_entries": {"set_text": "New"}, "copy_entries": {"to": "2026-07"}}.get(tool, {})
    assert (await office.call(tool, period="2026-11", text=text, **wanted)).is_error


async def test_an_ellipsis_is_found_where_it_stands(office: Office) -> None:
    id = add_text(office.store, "And so on…", 0)
    found = rows(facts(await office.call("list_entries", period="2026-03", text="…")))
    assert [row["id"] for row in found] == [id]


@pytest.mark.parametrize("user", ["ME", "Me", "ich", SANDBOX_USER])
async def test_the_caller_is_meant_by_any_of_these(office: Office, user: str) -> None:
    own = facts(await office.call("list_entries", period="2026-11", user="me"))
    assert facts(await office.call("list_entries", period="2026-11", user=user)) == own


@pytest.mark.parametrize("user", ["ALL", "All", "alle"])
async def test_everybody_is_meant_by_any_of_these(office: Office, user: str) -> None:
    own = facts(await office.call("list_entries", period="2026-11", user="all"))
    assert facts(await office.call("list_entries", period="2026-11", user=user)) == own


@pytest.mark.parametrize(
    ("period", "dates"),
    [
        ("last_30_days", "Tue 2026-10-27 – Wed 2026-11-25"),
        ("past 2 days", "Tue 2026-11-24 – Wed 2026-11-25"),
        ("letzte 3 Tage", "Mon 2026-11-23 – Wed 2026-11-25"),
        ("this_quarter", "Thu 2026-10-01 – Thu 2026-12-31"),
        ("last quarter", "Wed 2026-07-01 – Wed 2026-09-30"),
        ("week before last", "Mon 2026-11-09 – Sun 2026-11-15"),
        ("vorletzte Woche", "Mon 2026-11-09 – Sun 2026-11-15"),
        ("letzten Monat", "Thu 2026-10-01 – Sat 2026-10-31"),
    ],
)
async def test_periods_are_understood_as_people_say_them(office: Office, period: str, dates: str) -> None:
    assert facts(await office.call("list_entries", period=period))["period"] == dates


# An entry by words and a day


@pytest.mark.parametrize(
    ("which", "day", "id"),
    [
        ("Code review", "yesterday", 10), ("code", "", 10), ("review störungskarte", "", 10),
        ("Storungskarte design", "", 12),
        ("Workshop Kassensystem", "", None), ("", "2026-11-21", None), ("16:00", "yesterday", 12),
        ("13:00–15:00", "2026-11-25", 4), ("um 16 Uhr", "gestern", 12), ("prototype müller", "", 9),
        ("Retro & Kaffee ☕", "", 2), ("startseite", "today", 1), ("Zertifikat fotos", "this_month", 11),
    ],
)  # fmt: skip
async def test_an_entry_is_meant_by_words_and_a_day(office: Office, which: str, day: str, id: int | None) -> None:
    found = await office.call("get_entry", which=which, day=day)
    assert found.is_error == (id is None), said(found)
    if id is not None:
        assert facts(found)["entry"]["id"] == id  # type: ignore[index]


async def test_words_that_fit_no_entry_say_what_is_there(office: Office) -> None:
    refused = said(await office.call("delete_entry", which="Standup", day="yesterday"))
    assert refused.startswith(
        "which='Standup': no entry of yours on Tue 2026-11-24 has these words. There are: entry 12"
    )
    assert refused.endswith(
        "Ask the person which one is meant, then call again with id='<the id of the right one>', without which and day."
    )
    assert "has no entry of yours" in said(await office.call("delete_entry", which="Standup", day="2026-11-21"))


async def test_words_that_fit_several_entries_are_asked_about_or_listed(store: Store) -> None:
    async with office_of(store) as office:
        refused = said(await office.call("update_entry", which="Tests ergänzt", duration="1h"))
        assert "which='Tests ergänzt': fits 2 entries. It can be: entry 24: " in refused
        assert "Ask the person which one is meant, then call again with id='<the id of the right one>'" in refused
    person = Person("entry 24: Mon 2026-11-23 11:15–12:15, Bäckerei Müller & Söhne › Bestell-App, Tests ergänzt")
    async with office_of(store, elicitation_callback=person) as office:
        updated = facts(await office.call("update_entry", which="Tests ergänzt", duration="30m"))
    assert updated["entry"]["id"] == 24  # type: ignore[index]
    assert person.asked == ["Which entry is meant by 'Tests ergänzt'?"]


async def test_a_text_to_the_letter_wins_over_one_that_has_it(office: Office) -> None:
    add_text(office.store, "Kick-off", 1)
    id = add_text(office.store, "Kick-off again", 2)
    assert facts(await office.call("get_entry", which="kick-off again", day="2026-03"))["entry"]["id"] == id  # type: ignore[index]
    assert facts(await office.call("get_entry", which="Kick-off", day="2026-03"))["entry"]["id"] == id - 1  # type: ignore[index]
    assert "fits 2 entries" in said(await office.call("get_entry", which="kick", day="2026-03"))


async def test_an_entry_is_named_once(office: Office) -> None:
    assert "give id, or which and day, not both" in said(await office.call("delete_entry", id=2, which="Retro"))
    assert "say which entry" in said(await office.call("delete_entry"))
    assert "can be seen" in said(await office.call("delete_entry", which="\u2026 -"))


async def test_the_words_of_one_s_own_entries_find_no_others(office: Office) -> None:
    texts = {str(one["text"]) for one in office.store.entries() if one["users_id"] != 101 and one["text"]}
    own = {str(one["text"]) for one in office.store.entries() if one["users_id"] == 101}
    for text in sorted(texts - own)[:3]:
        assert "has these words" in said(await office.call("delete_entry", which=text, day="this_year"))


async def test_an_edit_by_words_that_comes_again_is_told_as_done(store: Store) -> None:
    """Its words fit no longer, and a length that is added is not added twice."""
    line = Leaves(store)
    server = build_server(settings(), transport=line.transport, now=lambda: NOW, pace=Pace(()))
    arguments = {"which": "Code review", "text": "Reviewed", "duration": "+30m"}
    async with Client(server) as assistant:
        await cut_off(assistant, line, 1, "update_entry", after=True, **arguments)
        again = facts(await assistant.call_tool("update_entry", arguments))
    assert again["entry"]["seconds"] == 5400  # type: ignore[index]
    assert again["before"]["seconds"] == 3600  # type: ignore[index]
    assert again["notes"] == ["The same call was sent a moment ago and has happened; nothing was doubled."]


# Lengths that are added


@pytest.mark.parametrize(
    ("by", "seconds"), [("+30m", 5400), ("-15m", 2700), ("+1h", 7200), ("+ 0:30", 5400), ("−15m", 2700)]
)
async def test_a_length_is_added_to_what_an_entry_has(office: Office, by: str, seconds: int) -> None:
    changed = await office.call("update_entry", id=10, duration=by)
    assert facts(changed)["entry"]["seconds"] == seconds  # type: ignore[index]
    assert "11:15–" in said(changed)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"id": 10, "duration": "-1h"}, "nothing would be left of its 1:00 h"),
        ({"id": 10, "duration": "+30m", "time_until": "13:00"}, "give the end, or what is added, not both"),
        ({"id": 1, "duration": "+30m"}, "is running"),
        ({"id": 10, "duration": "+24h"}, "an entry lasts 24 hours at most"),
    ],
)
async def test_a_length_that_cannot_be_added_is_refused(office: Office, arguments: dict[str, Any], why: str) -> None:
    assert why in said(await office.call("update_entry", **arguments))


async def test_what_is_added_leaves_the_break_in_it(office: Office) -> None:
    span = {"time_since": "2026-11-21T09:00", "time_until": "2026-11-21T17:00", "duration": "7h30m"}
    made = facts(await office.call("create_time_entry", customer="Acme GmbH", service="Design", **span))
    changed = await office.call("update_entry", id=made["entry"]["id"], duration="+30m")  # type: ignore[index]
    assert "The break of 0:30 h stays in it." in said(changed)
    assert (facts(changed)["entry"]["end"], facts(changed)["entry"]["hours"]) == ("17:30", "8:00")  # type: ignore[index]


# Moments from now


@pytest.mark.parametrize(
    ("said_so", "start"),
    [("10 minutes ago", "16:20"), ("vor 10 Minuten", "16:20"), ("half an hour ago", "16:00"), ("1h30m ago", "15:00"),
     ("vor einer Stunde", "15:30"), ("2 hours ago", "14:30")],
)  # fmt: skip
async def test_a_moment_is_said_from_now(office: Office, said_so: str, start: str) -> None:
    place = {"customer": "Acme GmbH", "service": "Design"}
    made = facts(await office.call("create_time_entry", **place, time_since=said_so, time_until="now"))
    assert (made["entry"]["start"], made["entry"]["end"]) == (start, "16:30")  # type: ignore[index]


@pytest.mark.parametrize(("hour", "start"), [(5, "06:12"), (8, "09:00"), (15, "09:00")])
async def test_a_lump_sum_of_today_does_not_lie_ahead(store: Store, hour: int, start: str) -> None:
    moment = datetime(2026, 11, 25, hour, 12, tzinfo=UTC)
    async with office_of(store, now=lambda: moment) as office:
        made = await office.call(
            "create_lumpsum_entry", customer="1001", service="Design", lumpsum=5, time_since="today"
        )
    assert facts(made)["entry"]["start"] == start  # type: ignore[index]
    assert "in the future" not in said(made)


# Words that do not mean it

MAINTENANCE: dict[str, Any] = {"customers_id": 1006, "services_id": 505}


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("Allgemeines", "all"), ("Notizen", "no"), ("Notizen", "n"), ("Notizen", "n/a"), ("Anything goes", "any"),
        ("Otherwise", "other"), ("Xenia", "x"), ("Net", "Net$"), ("Net", "@Net"), ("R&D", "R+D"), ("1+1", "1-1"),
        ("1+1", "1&1"), ("Version 3.11", "11.3"), ("Kurs 1.2", "2.1"), ("Ticket 45-12", "12-45"),
        ("Version 3.11", "11"),
        ("Review", "Review until 10:00"), ("Review", "until 10:00"), ("Review", "from 11:00"), ("Review", "ab 11:00"),
        ("Review", "11:00-10:00"), ("Release 10", "#10"), ("Release 10", "10"),
    ],
)  # fmt: skip
async def test_words_that_do_not_mean_an_entry_delete_nothing(office: Office, text: str, which: str) -> None:
    booked(office.store, text, "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", **MAINTENANCE)
    before = len(office.store.entries())
    refused = await office.call("delete_entry", which=which, day="2026-03-02")
    assert refused.is_error or facts(refused)["entry"]["id"] == 10  # type: ignore[index]
    assert len(office.store.entries()) == before or which == "#10"


@pytest.mark.parametrize(
    "which",
    ["Review 10:00", "at 10:00", "from 10:00 until 11:00", "10:00–11:00", "bis 11:00", "ab 10:00 Review", "review"],
)
async def test_words_that_say_its_edges_mean_an_entry(office: Office, which: str) -> None:
    id = booked(office.store, "Review", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", **MAINTENANCE)
    booked(office.store, "Other", "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z", **MAINTENANCE)
    assert facts(await office.call("get_entry", which=which, day="2026-03-02"))["entry"]["id"] == id  # type: ignore[index]


async def test_a_time_that_is_in_a_text_is_asked_about(office: Office) -> None:
    booked(office.store, "Call Ann", "2026-03-02T13:00:00Z", "2026-03-02T14:00:00Z", **MAINTENANCE)
    booked(office.store, "Call 14:00 with Bob", "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z", **MAINTENANCE)
    assert "fits 2 entries" in said(await office.call("delete_entry", which="Call 14:00", day="2026-03-02"))


@pytest.mark.parametrize("pause", [10, 90, 900])
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("delete_entry", {"which": "Meeting", "day": "2026-03-02"}),
        ("update_entry", {"which": "Meeting", "day": "2026-03-02", "text": "Other"}),
        ("update_entry", {"which": "Meeting", "day": "2026-03-02", "duration": "+30m"}),
        ("update_entry", {"which": "Meeting", "day": "2026-03-02", "append_text": "PS"}),
    ],
)
async def test_a_call_that_comes_again_later_acts_on_no_other_entry_and_not_twice(
    store: Store, tool: str, arguments: dict[str, Any], pause: int
) -> None:
    booked(store, "Meeting", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", **MAINTENANCE)
    booked(store, "Meeting mit Müller", "2026-03-02T13:00:00Z", "2026-03-02T14:00:00Z", **MAINTENANCE)
    line, moments = Leaves(store), [NOW]
    server = build_server(settings(), transport=line.transport, now=lambda: moments[0], pace=Pace(()))
    async with Client(server) as assistant:
        await cut_off(assistant, line, 1, tool, after=True, **arguments)
        after = state(store)
        moments[0] += timedelta(seconds=pause)
        again = await assistant.call_tool(tool, arguments)
    assert state(store) == after
    assert "nothing was doubled" in said(again)


async def test_a_moment_from_now_corrects_an_entry_too(office: Office) -> None:
    changed = facts(await office.call("update_entry", id=4, time_until="10 minutes ago"))
    assert changed["entry"]["end"] == "16:20"  # type: ignore[index]


@pytest.mark.parametrize("moment", ["vor 9:00", "16:00 ago", "2026-11-23 22:00-06:00", "2026-11-23 23:00-02"])
async def test_a_time_that_may_be_a_length_or_a_span_books_nothing(office: Office, moment: str) -> None:
    before = len(office.store.entries())
    assert (
        await office.call("create_time_entry", customer="1001", service="Design", time_since=moment, duration="10m")
    ).is_error
    assert len(office.store.entries()) == before


async def test_a_period_with_times_is_not_copied(office: Office) -> None:
    refused = await office.call("copy_entries", period="2026-11-23 08:00..10:30", to="2026-11-21")
    assert "whole days" in said(refused)


# Rounded up


@pytest.mark.parametrize(
    ("said_so", "times"),
    [
        ({"time_since": "08:00", "duration": "50m"}, ("08:00", "09:00")),
        ({"time_since": "08:00", "time_until": "08:46"}, ("08:00", "09:00")),
        ({"time_until": "09:00", "duration": "61m"}, ("07:45", "09:00")),
        ({"duration": "10m"}, ("16:15", "16:30")),
        ({"time_since": "08:00", "duration": "45m"}, ("08:00", "08:45")),
        ({"time_since": "2026-11-21", "duration": "50m"}, ("09:00", "10:00")),
    ],
)
async def test_hours_are_rounded_up_where_that_is_said(
    office: Office, said_so: dict[str, str], times: tuple[str, str]
) -> None:
    made = await office.call("create_time_entry", customer="1001", service="Design", round_up_to="15m", **said_so)
    entry = facts(made)["entry"]
    assert (entry["start"], entry["end"]) == times  # type: ignore[index]
    assert ("rounded up to" in said(made)) == (said_so.get("duration") != "45m")


async def test_a_clock_change_is_told_of_the_hours_that_are_booked(office: Office) -> None:
    made = await office.call(
        "create_time_entry", customer="1001", service="Design", time_since="2026-10-25T01:00",
        time_until="2026-10-25T01:50", round_up_to="4h",
    )  # fmt: skip
    assert facts(made)["entry"]["hours"] == "4:00"  # type: ignore[index]
    assert "clock" in said(made)


async def test_the_hours_of_one_of_many_are_rounded_up_where_that_is_said(office: Office) -> None:
    one = {"customer": "1001", "service": "Design", "time_since": "2026-11-21", "duration": "50m"}
    made = await office.call("log_entries", entries=[one | {"round_up_to": "15m"}, one])
    assert "09:00–10:00" in said(made)
    assert "10:00–10:50" in said(made)
    assert "Entry 1: 0:50 h are rounded up to 1:00 h." in said(made)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"time_since": "08:00", "duration": "50m", "round_up_to": "15"}, "it has no unit"),
        ({"time_since": "08:00", "duration": "50m", "round_up_to": "9h"}, "is rounded to 8 hours at most"),
        (
            {"time_since": "08:00", "time_until": "10:00", "duration": "50m", "round_up_to": "15m"},
            "leave one of them out",
        ),
        (
            {"time_since": "08:00", "duration": "23h50m", "round_up_to": "7h"},
            "round_up_to='7h': 23:50 h would be rounded up to 28:00 h, and an entry lasts 24 hours at most",
        ),
        (
            {"time_since": "2026-11-21", "duration": "8h5m", "round_up_to": "8h"},
            "from 09:00 on, where 2026-11-21 is free, 16:00 h do not fit into it",
        ),
    ],
)
async def test_what_cannot_be_rounded_is_refused(office: Office, arguments: dict[str, str], why: str) -> None:
    refused = await office.call("create_time_entry", customer="1001", service="Design", **arguments)
    assert refused.is_error
    assert why in said(refused)


# Words that may be several things


@pytest.mark.parametrize("tool", ["delete_entry", "update_entry", "split_entry"])
@pytest.mark.parametrize("which", ["#300", "id 300", "(id 300)"])
async def test_an_id_in_words_is_one_of_its_day_or_asked(office: Office, tool: str, which: str) -> None:
    id = booked(office.store, f"{which} Login repariert", *ONE_HOUR)
    before = state(office.store)
    more = {"update_entry": {"text": "X"}, "split_entry": {"after": "10m"}}.get(tool, {})
    result = await office.call(tool, which=which, day="2026-03-05", **more)
    assert result.is_error
    assert "has no entry of yours" in said(result)
    assert state(office.store) == before
    result = await office.call(tool, which=which, day="2026-03-04", **more)
    assert not result.is_error, said(result)
    after = state(office.store)
    assert {one for one in before if after.get(one) != before[one]} == {id}


async def test_an_id_in_words_that_is_a_text_too_is_asked_about(office: Office) -> None:
    [own] = [one for one in office.store.entries() if one["id"] == 10]
    assert own["users_id"] == 101
    booked(office.store, "#10 Login repariert", "2026-11-24T05:00:00Z", "2026-11-24T06:00:00Z")
    for which in ("#10", "10"):
        assert "fits 2 entries" in said(await office.call("delete_entry", which=which, day="yesterday"))
    assert facts(await office.call("get_entry", which="id 10", day="yesterday"))["entry"]["id"] == 10  # type: ignore[index]
    assert "fits 2 entries" in said(await office.call("get_entry", which="#10"))


@pytest.mark.parametrize(
    ("which", "text", "other"),
    [
        ("10", "10", {}),
        ("Nacharbeit", "Nacharbeit", {"projects_id": 0}),
        ("Feinarbeit", "Feinarbeit", {"services_id": 0}),
        ("11:15", "11:15", {"since": "2026-03-04T10:15:00Z", "until": "2026-03-04T11:00:00Z"}),
    ],
)
async def test_a_text_does_not_win_over_another_thing_of_that_name(
    office: Office, which: str, text: str, other: dict[str, Any]
) -> None:
    store, more = office.store, dict(other)
    since, until = more.pop("since", "2026-03-04T12:00:00Z"), more.pop("until", "2026-03-04T13:00:00Z")
    if "projects_id" in more:
        more["projects_id"] = store.add_project(1001, which)
    if "services_id" in more:
        more["services_id"] = store.add_service(which)
    day = "2026-03-04"
    if which == "10":
        [own] = [one for one in store.entries() if one["id"] == 10]
        since = f"{own['time_since'][:10]}T03:00:00Z"
        until, day = f"{own['time_since'][:10]}T04:00:00Z", own["time_since"][:10]
        booked(store, text, since, until)
    else:
        booked(store, text, *ONE_HOUR)
        booked(store, "Something else", since, until, **more)
    assert "fits 2 entries" in said(await office.call("delete_entry", which=which, day=day))


async def test_an_end_that_was_said_of_a_day_is_one_of_that_day(office: Office) -> None:
    first = booked(office.store, "Night one", "2026-03-17T21:00:00Z", "2026-03-18T05:00:00Z")
    second = booked(office.store, "Night two", "2026-03-18T21:00:00Z", "2026-03-19T05:00:00Z")
    refused = said(await office.call("delete_entry", which="until 06:00", day="2026-03-18"))
    assert "fits 2 entries" in refused
    assert f"entry {first}: " in refused
    assert f"entry {second}: " in refused
    found = facts(await office.call("get_entry", which="until 06:00", day="2026-03-19"))
    assert found["entry"]["id"] == second  # type: ignore[index]
    assert "fits" not in said(await office.call("get_entry", which="22:00 Night", day="2026-03-18"))


@pytest.mark.parametrize(("tool", "more"), [("delete_entry", {}), ("update_entry", {"text": "Done"})])
async def test_words_do_not_slide_to_the_next_entry(office: Office, tool: str, more: dict[str, str]) -> None:
    first = booked(office.store, "Aufräumen", *ONE_HOUR)
    next_one = booked(office.store, "Aufräumen im Lager", "2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z")
    once = await office.call(tool, which="Aufräumen", day="2026-03-04", **more)
    assert not once.is_error, said(once)
    for day in ("2026-03-04", "2026-03"):
        refused = said(await office.call(tool, which="Aufräumen", day=day, **more))
        assert f"entry {first}, which had this text, was " in refused
        assert f"There is: entry {next_one}: " in refused
    assert [one["text"] for one in office.store.entries() if one["id"] == next_one] == ["Aufräumen im Lager"]


async def test_an_id_beside_the_words_of_another_entry_is_asked_about(office: Office) -> None:
    first = booked(office.store, "Inside", *ONE_HOUR)
    second = booked(office.store, "Abgleich", "2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z")
    refused = said(await office.call("delete_entry", which=f"Abgleich (id {first})", day="2026-03-04"))
    assert "fits 2 entries" in refused
    found = facts(await office.call("get_entry", which=f"Abgleich (id {second})", day="2026-03-04"))
    assert found["entry"]["id"] == second  # type: ignore[index]
    assert (await office.call("delete_entry", which=f"Nope Nope (id {first})", day="2026-03-04")).is_error


async def test_digits_that_are_a_text_lately_and_an_id_before_are_asked_about(office: Office) -> None:
    id = booked(office.store, "Long ago", *ONE_HOUR)
    booked(office.store, str(id), "2026-11-24T05:00:00Z", "2026-11-24T06:00:00Z")
    assert "fits 2 entries" in said(await office.call("delete_entry", which=str(id)))
    assert facts(await office.call("get_entry", which=str(id), day="yesterday"))["entry"]["id"] == id + 1  # type: ignore[index]


async def test_an_id_that_is_gone_does_not_slide_to_a_text_of_its_digits(office: Office) -> None:
    id = booked(office.store, "alpha", "2026-11-24T05:00:00Z", "2026-11-24T06:00:00Z")
    assert not (await office.call("delete_entry", which=str(id))).is_error
    booked(office.store, str(id), "2026-11-24T06:00:00Z", "2026-11-24T07:00:00Z")
    refused = await office.call("delete_entry", which=str(id))
    assert f"entry {id}, which had this id, was deleted by change 1." in said(refused)


@pytest.mark.parametrize("again", ['"Aufräumen"', "Aufräumen.", "„Aufräumen“", "aufraeumen"])
async def test_words_do_not_slide_however_they_are_written(office: Office, again: str) -> None:
    booked(office.store, "Aufräumen", *ONE_HOUR)
    booked(office.store, "Aufräumen im Lager", "2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z")
    facts(await office.call("delete_entry", which="Aufräumen", day="2026-03-04"))
    before = state(office.store)
    assert (await office.call("delete_entry", which=again, day="2026-03-04")).is_error
    assert state(office.store) == before
