"""Pure rules, with properties across both clock changes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockodo_mcp.domain.moments import DAY, hours, parse_duration, parse_moment
from clockodo_mcp.domain.periods import parse_period
from clockodo_mcp.errors import Refusal

ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "UTC", "Asia/Kathmandu", "Australia/Lord_Howe")]
)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@given(st.integers(1, DAY // 60), ZONES)
def test_a_duration_in_hours_and_minutes_is_read_back(minutes: int, zone: ZoneInfo) -> None:
    assert parse_duration(f"{minutes}m") == minutes * 60
    assert parse_duration(hours(minutes * 60)) == minutes * 60
    assert parse_duration(f"{minutes // 60}h {minutes % 60}min") == minutes * 60


@given(st.text(max_size=20))
def test_anything_else_is_refused_or_within_a_day(text: str) -> None:
    try:
        assert 0 < parse_duration(text) <= DAY
    except Refusal as error:
        assert "\n" not in str(error)


@given(DAYS, ZONES)
def test_days_follow_each_other_without_a_gap(day: date, zone: ZoneInfo) -> None:
    today = parse_period(day.isoformat(), zone=zone, today=day, weekstart_monday=True)
    tomorrow = parse_period((day + timedelta(days=1)).isoformat(), zone=zone, today=day, weekstart_monday=True)
    assert today.end == tomorrow.start
    assert timedelta(hours=22) < today.end - today.start < timedelta(hours=26)


@given(DAYS, ZONES, st.booleans())
def test_named_periods_hold_today_and_join_with_the_last(day: date, zone: ZoneInfo, monday: bool) -> None:
    for unit in ("week", "month", "year"):
        this, last = (
            parse_period(f"{which}_{unit}", zone=zone, today=day, weekstart_monday=monday) for which in ("this", "last")
        )
        assert last.end == this.start
        assert this.start <= datetime(day.year, day.month, day.day, 12, tzinfo=zone) < this.end


@given(st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2100-01-01")), ZONES)
def test_a_local_time_is_exact_or_refused(moment: datetime, zone: ZoneInfo) -> None:
    local = moment.replace(microsecond=0)
    try:
        parsed = parse_moment(local.isoformat(), zone=zone, today=date(2026, 1, 1), argument="time_since")
    except Refusal as error:
        assert "skip" in str(error) or "twice" in str(error)
    else:
        assert parsed.astimezone(zone).replace(tzinfo=None) == local


def test_both_included_means_the_whole_last_day_and_the_last_second() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    period = parse_period("2026-10-24..2026-10-25", zone=berlin, today=date(2026, 1, 1), weekstart_monday=True)
    assert period.end - period.start == timedelta(hours=49)
    exact = parse_period(
        "2026-10-24T10:00..2026-10-24T11:00", zone=berlin, today=date(2026, 1, 1), weekstart_monday=True
    )
    assert exact.last == datetime(2026, 10, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-W54", "2026-Q5", "2026-02-30", "..", "2026-02-02..2026-02-01", "0000", "x" * 500]
)
def test_a_period_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        parse_period(text, zone=ZoneInfo("UTC"), today=date(2026, 1, 1), weekstart_monday=True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-11-31", "there is no such day: 2026-11 has 30 days; ask which one is meant."),
        ("2026-02-29", "there is no such day: 2026-02 has 28 days; ask which one is meant."),
        ("2026-13-01", "there is no such day; ask which one is meant."),
    ],
)
def test_a_day_that_the_calendar_lacks_is_said_to_be_none(text: str, why: str) -> None:
    about: dict[str, Any] = {"zone": ZoneInfo("Europe/Berlin"), "today": date(2026, 11, 25)}
    with pytest.raises(Refusal) as refused:
        parse_period(text, weekstart_monday=True, **about)
    assert refused.value.why == why
    with pytest.raises(Refusal) as refused:
        parse_moment(f"{text}T09:00", argument="time_since", **about)
    assert refused.value.why == why
    assert f"{text}T09:00" in str(refused.value)


@pytest.mark.parametrize("text", ["tomorrow 09:00", "morgen um 9 Uhr", "tomorrow at 9:00"])
def test_tomorrow_has_moments_too(text: str) -> None:
    told = parse_moment(text, zone=ZoneInfo("Europe/Berlin"), today=date(2026, 11, 25), argument="time_since")
    assert told == datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "dates"), [("last week", "Mon 2026-11-16 – Sun 2026-11-22"), ("tomorrow", "Thu 2026-11-26")]
)
def test_periods_are_read_as_people_say_them(words: str, dates: str) -> None:
    period = parse_period(words, zone=ZoneInfo("Europe/Berlin"), today=date(2026, 11, 25), weekstart_monday=True)
    assert period.dates == dates
