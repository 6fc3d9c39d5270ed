"""Many entries in one call: logged, copied, corrected; checked before the first is written, undone as one."""

from typing import Any

import pytest

from clockodo_mcp.sandbox import Store
from tests.conftest import Office, facts, office_of, said, settings

pytestmark = pytest.mark.anyio

MONDAY = "2026-11-23"
RELAUNCH: dict[str, Any] = {"project": "Relaunch Website", "service": "Design"}
DAY: list[dict[str, Any]] = [
    RELAUNCH | {"time_since": f"{MONDAY}T05:00", "duration": "1h", "text": "A"},
    {"customer": "Hotel", "project": "Fotos", "service": "501", "time_since": f"{MONDAY}T06:00", "time_until": "07:30"},
    {"customer": "1001", "lumpsum_service": "Anfahrt", "amount": 3, "time_since": MONDAY},
]  # fmt: skip


def created(store: Store) -> list[dict[str, Any]]:
    return [row for row in store.entries() if row["id"] > 400]


async def test_a_day_is_logged_in_one_call_and_taken_back_in_one(office: Office) -> None:
    before = office.store.entries()
    result = await office.call("log_entries", entries=DAY)
    assert [(row["time_since"], row["duration"], row["type"]) for row in created(office.store)] == [
        ("2026-11-23T04:00:00Z", 3600, 1),
        ("2026-11-23T05:00:00Z", 5400, 1),
        ("2026-11-23T08:00:00Z", None, 3),
    ]
    assert (
        said(result)
        == """\
Created 3 entries, 2:30 h (1:00 h billable or billed), revenue 195.00 on 1 day (Europe/Berlin).
Note: Entry 1: Billable: the default of project Relaunch Website.
Note: Entry 2: Not billable: the default of project Fotos.
Note: Entry 3: Billable: the default of customer Acme GmbH.
Note: Entry 3: Time: 09:00, since only the day was given.
To undo all of it: undo_change with change_id=1.

| id | date | time | hours | booked on | service | billable | text | revenue |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 401 | 2026-11-23 | 05:00–06:00 | 1:00 | Acme GmbH › Relaunch Website | Design | billable | A | 90.00 |
| 402 | 2026-11-23 | 06:00–07:30 | 1:30 | Hotel Bergblick › Fotos | Beratung | not_billable |  | 0.00 |
| 403 | 2026-11-23 | 09:00 | 3 km | Acme GmbH | Anfahrt | billable |  | 105.00 |"""
    )
    listed = facts(await office.call("list_changes"))
    rows = listed["rows"]
    assert isinstance(rows, list)
    assert [(row["did"], row["undo"]) for row in rows] == [("created 3 entries", "yes, all")]
    undone = await office.call("undo_change")
    assert said(undone).startswith("Deleted 3 entries, 2:30 h")
    assert office.store.entries() == before
    again = facts(await office.call("undo_change", change_id=facts(undone)["change"]))
    assert again["done"] == "created"
    assert len(created(office.store)) == 3


async def test_what_a_lump_sum_cannot_have_is_refused_and_not_left_out(office: Office) -> None:
    lump = {"customer": "1001", "service": "Design", "lumpsum": 100, "time_since": "2026-11-20"}
    more = {"time_until": "11:00", "duration": "2h", "round_up_to": "15m", "hourly_rate": 0}
    refused = await office.call("log_entries", entries=[lump | more, lump])
    assert refused.is_error
    assert "Entry 1: " in said(refused)
    assert "a lump sum has no time_until and no duration and no round_up_to and no hourly_rate" in said(refused)
    assert "Entry 2" not in said(refused)


async def test_one_bad_entry_stops_all_and_every_problem_is_listed(office: Office) -> None:
    before = office.store.entries()
    bad = [
        {"project": "Wartung", "duration": "1h"},
        DAY[0],
        {"projekt": "x"},
        {"project": "Relaunch", "service": "Design", "time_since": "soon", "duration": "1h"},
        {"customer": "Ehemals", "duration": "1h"},
        "yesterday, two hours",
        {"project": "Relaunch", "service": "Design", "duration": "25h"},
        {"project": "Relaunch", "service": "Design", "lumpsum": 5, "amount": 2},
    ]
    result = await office.call("log_entries", entries=bad)
    assert result.is_error
    lines = said(result).splitlines()
    assert lines[0] == "7 things are wrong. Nothing was done."
    for number, words in (
        (1, "fits 2. It can be: Acme GmbH › Wartung (id 2002)"), (3, "there is no field projekt"),
        (4, "time_since='soon'"), (5, "inactive"), (6, "an entry is an object such as"),
        (7, "at most 24 hours"), (8, "either lumpsum"),
    ):  # fmt: skip
        assert [line for line in lines if line.startswith(f"- Entry {number}: ") and words in line], (number, words)
    assert office.store.entries() == before


async def test_days_alone_follow_one_another_within_the_call(office: Office) -> None:
    forms = [
        {"project": "Relaunch", "service": "Design", "time_since": "2026-11-21", "duration": d} for d in ("2h", "30m")
    ]
    forms.append({"project": "Relaunch", "service": "Design", "time_since": "2026-11-22", "duration": "1h"})
    result = await office.call("log_entries", entries=forms)
    assert [row["time_since"] for row in created(office.store)] == [
        "2026-11-21T08:00:00Z", "2026-11-21T10:00:00Z", "2026-11-22T08:00:00Z",
    ]  # fmt: skip
    assert "Entry 2: Start 11:00: only the day was given, and the one before it ends then." in said(result)


async def test_a_dry_run_shows_and_writes_nothing(office: Office) -> None:
    before = office.store.entries()
    result = await office.call("log_entries", entries=DAY, dry_run=True)
    assert said(result).startswith("Would create 3 entries, 2:30 h (Europe/Berlin). Nothing was written (dry_run).")
    assert "| 2026-11-23 | 05:00–06:00 | 1:00 | Acme GmbH › Relaunch Website | Design | billable | A |" in said(result)
    assert office.store.entries() == before


async def test_twenty_by_name_take_two_waves_and_a_post_each_and_one_look(office: Office) -> None:
    forms = [
        {"project": "Relaunch", "service": "Design", "time_since": f"2026-11-{day:02}T05:00", "duration": "30m"}
        for day in range(2, 22)
    ]
    facts(await office.call("log_entries", entries=forms))
    methods = [(one.method, one.path.removeprefix("/api")) for one in office.seen]
    assert methods.count(("POST", "/v2/entries")) == 20
    assert len(methods) <= 20 + 5
    assert methods[-1] == ("GET", "/v2/entries")


async def test_a_failure_midway_says_exactly_what_exists(store: Store) -> None:
    store.update("users", 102, {"edit_lock": "2026-11-23"})
    forms = [DAY[0], DAY[1] | {"user": "102"}, DAY[2]]
    async with office_of(store) as office:
        result = await office.call("log_entries", entries=forms)
        assert result.is_error
        assert "Stopped at entry 2 of 3: Clockodo answered 403" in said(result)
        assert "Written before that: 1 entry (entry number: id) 1: 401." in said(result)
        assert "Not sent: entry 3." in said(result)
        assert "Correct entry 2, and call again with the entries from number 2 on, without the others." in said(result)
        assert [row["id"] for row in created(store)] == [401]
        facts(await office.call("undo_change", change_id=1))
    assert created(store) == []


async def test_progress_is_told_entry_by_entry(office: Office) -> None:
    told: list[tuple[float, float | None]] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total))

    await office.assistant.call_tool("log_entries", {"entries": DAY}, progress_callback=on_progress)
    assert told == [(1, 3), (2, 3), (3, 3)]


async def test_hostile_texts_in_many_entries_stay_in_their_cells(office: Office) -> None:
    hostile = "a | b\n| 9 | fake |\n```x``` \u202e"
    result = await office.call("log_entries", entries=[DAY[0] | {"text": hostile}])
    assert len([line for line in said(result).splitlines() if line.startswith("| ")]) == 3
    assert "```" not in said(result)


# Copying


async def test_yesterday_is_copied_to_today_and_a_second_time_nothing_is(office: Office) -> None:
    source = [r for r in office.store.entries() if r["users_id"] == 101 and r["time_since"].startswith("2026-11-24")]
    result = await office.call("copy_entries", period="yesterday", to="2026-11-28")
    made = created(office.store)
    assert [r["time_since"][10:] for r in made] == [
        r["time_since"][10:] for r in sorted(source, key=lambda r: r["time_since"])
    ]
    for row, old in zip(made, sorted(source, key=lambda r: r["time_since"]), strict=True):
        for name in ("customers_id", "projects_id", "services_id", "texts_id", "duration", "lumpsum"):
            assert row[name] == old[name]
    assert f"Created {len(source)} entries" in said(result)
    again = await office.call("copy_entries", period="yesterday", to="2026-11-28")
    assert said(again).count("it is there already (entry ") == len(source)
    assert len(created(office.store)) == len(source)
    facts(await office.call("undo_change"))
    assert created(office.store) == []


async def test_a_week_goes_weekday_to_weekday_over_the_change_of_the_clocks(office: Office) -> None:
    """The clocks go back on Sunday 2026-10-25: nine o'clock stays nine o'clock."""
    for day in (19, 21):
        office.store.add_entry(
            users_id=102, customers_id=1001, services_id=502, duration=3600, text=f"Day {day}",
            time_since=f"2026-10-{day}T07:00:00Z", time_until=f"2026-10-{day}T08:00:00Z",
        )  # fmt: skip
    facts(await office.call("copy_entries", period="2026-W43", to="2026-10-29", user="102"))
    copied = [row for row in created(office.store) if row["id"] > 402]
    assert [(row["time_since"], row["users_id"]) for row in copied if (row["text"] or "").startswith("Day")] == [
        ("2026-10-26T08:00:00Z", 102), ("2026-10-28T08:00:00Z", 102),
    ]  # fmt: skip


async def test_what_cannot_be_copied_is_named_or_refused(office: Office) -> None:
    add = office.store.add_entry
    common: dict[str, Any] = {"users_id": 101, "customers_id": 1001, "services_id": 502}
    add(**common, projects_id=2003, duration=60, time_since="2026-06-01T07:00:00Z", time_until="2026-06-01T07:01:00Z")
    add(**common, billable=2, duration=60, time_since="2026-06-01T08:00:00Z", time_until="2026-06-01T08:01:00Z")
    add(**common, duration=5400, time_since="2026-06-01T09:00:00Z", time_until="2026-06-01T11:00:00Z", hourly_rate=1.0)
    add(**common, time_since="2026-06-01T12:00:00Z")
    result = await office.call("copy_entries", period="2026-06-01", to="2026-06-02")
    assert "project Newsletter 2024 is completed" in said(result)
    assert "it is running" in said(result)
    assert "1 billed entries are copied as billable" in said(result)
    assert [(r["billable"], r["duration"], r["hourly_rate"]) for r in created(office.store)[4:]] == [
        (1, 60, 95.0),
        (1, 5400, 95.0),
    ]
    office.store.add_entry(**common, duration=60, time_since="2026-03-22T01:30:00Z", time_until="2026-03-22T01:31:00Z")
    skipped = await office.call("copy_entries", period="2026-03-22", to="2026-03-29")
    assert skipped.is_error
    assert "the clocks skip this time" in said(skipped)
    for arguments, words in (
        ({"period": "2026-01-01", "to": "today"}, "nothing to copy"),
        ({"period": "last_week", "to": "this_month"}, "give a period of the same length"),
        ({"period": "last_week"}, "to: give a day or a period"),
        ({"to": "today"}, "period: give a day or a period"),
        ({"period": "2020-01-01..2026-12-31", "to": "2027-01-01", "user": "all"}, "more than the 200"),
    ):
        refused = await office.call("copy_entries", **arguments)
        assert refused.is_error, arguments
        assert words in said(refused), said(refused)


# Correcting


async def agreed(office: Office, **arguments: object) -> Any:
    preview = facts(await office.call("update_entries", **arguments))
    assert preview["done"] == "preview"
    return await office.call("update_entries", **arguments, confirm=preview["confirm"])


async def test_a_month_is_marked_as_billed_after_a_preview_and_taken_back_as_one(office: Office) -> None:
    before = office.store.entries()
    wanted = {
        "period": "2026-11",
        "customer": "Acme GmbH",
        "billable": "billable",
        "set_billable": "billed",
        "user": "all",
    }
    november = ("2026-10-31T23", "2026-11-30T23")
    mine = [
        row["id"] for row in before
        if row["customers_id"] == 1001 and row["billable"] == 1 and november[0] <= row["time_since"] < november[1]
    ]  # fmt: skip
    preview = await office.call("update_entries", **wanted)
    assert f"Not done yet. Would change {len(mine)} entries" in said(preview)
    assert "billable → billed" in said(preview)
    assert office.store.entries() == before
    result = await office.call("update_entries", **wanted, confirm=facts(preview)["confirm"])
    assert f"Updated {len(mine)} entries" in said(result)
    assert sorted(row["id"] for row in office.store.entries() if row["billable"] == 2 and row["id"] in mine) == sorted(
        mine
    )
    again = await office.call("update_entries", **wanted)
    assert facts(again)["totals"] == {"entries": 0, "seconds": 0, "hours": "0:00", "billable_seconds": 0}
    undone = await office.call("undo_change")
    assert "Acme GmbH › Relaunch Website" in said(undone)
    assert "customer 1001" not in said(undone)
    stamps = ("time_last_change", "time_insert")
    plain = [
        [{k: v for k, v in row.items() if k not in stamps} for row in rows] for rows in (before, office.store.entries())
    ]
    assert plain[0] == plain[1]


async def test_entries_are_moved_by_their_ids_and_what_does_not_fit_is_left_out(office: Office) -> None:
    lump = office.store.add_entry(
        type=3, users_id=101, customers_id=1001, lumpsum_services_id=601, lumpsum_services_amount=2.0,
        time_since="2026-11-20T06:00:00Z",
    )  # fmt: skip
    preview = await office.call(
        "update_entries", ids=[2, 3, lump, 9999], set_project="Relaunch Website", set_service="Design"
    )
    assert "There is no entry 9999." in said(preview)
    assert f"Entry {lump}: service=503: entry {lump} is a lump sum service" in said(preview)
    result = await agreed(office, ids=[2, 3, lump, 9999], set_project="Relaunch Website", set_service="Design")
    moved = [row for row in office.store.entries() if row["id"] in (2, 3)]
    assert {(row["customers_id"], row["projects_id"], row["services_id"]) for row in moved} == {(1001, 2001, 503)}
    assert "Acme GmbH › Relaunch Website | Design" in said(result)


async def test_the_code_holds_for_what_was_shown_only(office: Office) -> None:
    arguments = {"ids": [2, 3], "set_text": "Same"}
    code = facts(await office.call("update_entries", **arguments))["confirm"]
    office.store.update("entries", 3, {"billable": 2})
    other = await office.call("update_entries", **arguments, confirm=code)
    assert facts(other)["done"] == "preview"
    assert "The code does not fit" in said(other)
    assert {row["text"] for row in office.store.entries() if row["id"] in (2, 3)} != {"Same"}


async def test_a_refusal_of_some_does_not_stop_the_others_and_a_second_call_goes_on(store: Store) -> None:
    store.update("users", 102, {"edit_lock": "2026-11-20"})
    ids = [store.add_entry(
        users_id=102, customers_id=1001, services_id=502, duration=60,
        time_since=f"2026-11-{day}T06:00:00Z", time_until=f"2026-11-{day}T06:01:00Z",
    ) for day in (19, 23, 24)]  # fmt: skip
    async with office_of(store) as office:
        result = await agreed(office, ids=ids, set_text="Fixed")
        assert result.is_error
        assert "2 of 3 entries were changed." in said(result)
        assert f"Entry {ids[0]}: Clockodo answered 403" in said(result)
        store.update("users", 102, {"edit_lock": None})
        rest = await agreed(office, ids=ids, set_text="Fixed")
        assert "Updated 1 entry" in said(rest)
        assert "2 that are so already." in said(rest)
    assert {row["text"] for row in store.entries() if row["id"] in ids} == {"Fixed"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"period": "2026-11"}, "say what is to change"),
        ({"set_billable": "billed"}, "say which entries"),
        ({"ids": [2], "period": "2026-11", "set_billable": "billed"}, "not both"),
        ({"ids": [2], "set_project": "Wartung"}, "call again with set_project='<the id of the right one>'."),
        ({"ids": [2], "set_billable": "maybe"}, "set_billable='maybe'"),
        ({"ids": [2], "set_project": "Newsletter 2024"}, "completed"),
        ({"ids": list(range(1, 502)), "set_billable": "billed"}, "ids"),
    ],
)
async def test_a_change_that_cannot_be_is_refused(office: Office, arguments: dict[str, Any], words: str) -> None:
    before = office.store.entries()
    result = await office.call("update_entries", **arguments)
    assert result.is_error
    assert words in said(result)
    assert office.store.entries() == before


async def test_with_always_many_entries_wait_for_a_code_too(store: Store) -> None:
    account = settings().model_copy(update={"confirm": "always"})
    async with office_of(store, account=account) as office:
        for tool, arguments in (
            ("log_entries", {"entries": DAY}), ("copy_entries", {"period": "yesterday", "to": "2026-11-28"}),
        ):  # fmt: skip
            before = store.entries()
            preview = await office.call(tool, **arguments)
            assert "Not done yet. This would create" in said(preview)
            assert store.entries() == before
            code = said(preview).partition("confirm='")[2].partition("'")[0]
            facts(await office.call(tool, **arguments, confirm=code))
            assert store.entries() != before


@pytest.mark.parametrize(
    ("since", "until", "copied"),
    [
        ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", ("2026-10-26T01:30:00Z", "2026-10-26T02:30:00Z")),
        ("2026-10-25T00:45:00Z", "2026-10-25T01:15:00Z", ("2026-10-26T01:45:00Z", "2026-10-26T02:15:00Z")),
    ],
)
async def test_what_ends_earlier_on_the_wall_than_it_began_is_copied_as_long_as_it_lasted(
    office: Office, since: str, until: str, copied: tuple[str, str]
) -> None:
    night = {"project": "Relaunch Website", "service": "Design"}
    facts(await office.call("create_time_entry", **night, time_since=since, time_until=until))
    answer = await office.call("copy_entries", period="2026-10-25", to="2026-10-26")
    assert "at the same times" not in said(answer)
    newest = max(office.store.entries(), key=lambda one: int(one["id"]))
    assert (newest["time_since"], newest["time_until"]) == copied


@pytest.mark.parametrize(
    ("day", "to", "was", "now"),
    [("2026-10-24", "2026-10-31", "9:00", "8:00"), ("2026-03-28", "2026-04-04", "7:00", "8:00")],
)
async def test_a_night_that_is_copied_out_of_a_clock_change_says_its_other_hours(
    office: Office, day: str, to: str, was: str, now: str
) -> None:
    night = {"project": "Relaunch Website", "service": "Design", "time_since": f"{day}T22:00"}
    until = f"{day[:-2]}{int(day[-2:]) + 1}T06:00"
    facts(await office.call("create_time_entry", **night, time_until=until))
    copied = said(await office.call("copy_entries", period=day, to=to))
    assert f"The clocks changed in it, so its {was} h are {now} h at the same times." in copied


async def test_what_is_of_somebody_who_is_inactive_is_not_copied(office: Office) -> None:
    office.store.update("entries", 10, {"users_id": 105})
    assert office.store.one("SELECT active FROM users WHERE id = 105") == {"active": 0}
    copied = await office.call("copy_entries", period="2026-11-24", to="2026-11-21", user="all")
    assert not copied.is_error
    assert "is inactive" in said(copied)
    assert not [one for one in office.store.entries() if one["time_since"] > "2026-11-21T" and one["users_id"] == 105][
        1:
    ]


async def test_a_person_who_is_inactive_is_refused_before_the_first_entry_is_written(office: Office) -> None:
    before = len(office.store.entries())
    name = office.store.one("SELECT name FROM users WHERE id = 105")
    assert name
    place = {"customer": "1001", "service": "502"}
    hours = [place | {"time_since": f"2026-11-21T0{hour}:00", "duration": "1h"} for hour in (6, 7)]
    refused = await office.call("log_entries", entries=[hours[0], hours[1] | {"user": name["name"]}])
    assert "takes no new entries, since it is inactive" in said(refused)
    assert len(office.store.entries()) == before
    assert not (await office.call("list_entries", user=name["name"], period="2026")).is_error
