"""Reports of a year: what a co-worker should have worked, and has.

Source: OpenAPI `getUserreports`, `getUserReportById`. Only the year itself (`type` 0). What counts, since the OpenAPI
does not say: holidays and approved absences lower the target, home office and work elsewhere do not; hours count on the
local day on which they start; `diff` is about the days up to today.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from clockodo_mcp.sandbox import queries, rules
from clockodo_mcp.sandbox.holidays import holiday_dates
from clockodo_mcp.sandbox.rules import Refused, moment
from clockodo_mcp.sandbox.store import Row, Store
from clockodo_mcp.sandbox.timesheets import WEEKDAYS

REPORTED_YEARS = (1910, 2027)
HOLIDAYS_QUOTA = 30.0
ABSENT_AS = {
    1: "regular_holidays", 2: "special_leaves", 4: "sick_self", 5: "sick_child", 6: "school",
    7: "maternity_protection", 8: "home_office", 9: "out_of_office", 10: "special_leaves", 11: "sick_self",
    12: "sick_child", 13: "quarantine", 14: "military_service", 15: "sick_self",
}  # fmt: skip
"""Absence type: where its days are summed. Overtime reductions (3) are hours."""
AT_WORK = (8, 9)
SURCHARGES = ("saturday", "sunday", "nonbusiness", "nonbusiness_special", "night", "night_increased")


def user_reports(store: Store, query: QueryParams, user: Row, now: datetime) -> Row:
    """`GET /userreports`: of every co-worker that the caller may see."""
    year = _year(query)
    return {"userreports": [_report(store, one, year, now) for one in queries.visible_users(store, None, user)]}


def user_report(store: Store, id: int, query: QueryParams, user: Row, now: datetime) -> Row:
    """`GET /userreports/{id}`: of one."""
    year = _year(query)
    return {"userreport": _report(store, queries.visible_user(store, id, user), year, now)}


def _year(query: QueryParams) -> int:
    if query.get("type", "0") != "0":
        raise Refused(400, "The sandbox reports years only, type 0", "type")
    return rules.integer(query.get("year", ""), "year", *REPORTED_YEARS)


def _report(store: Store, owner: Row, year: int, now: datetime) -> Row:
    zone = ZoneInfo(owner["timezone"])
    today = now.astimezone(zone).date()
    targets = store.all("SELECT * FROM target_hours WHERE users_id = ? ORDER BY date_since", (owner["id"],))
    away = store.all("SELECT * FROM absences WHERE users_id = ? AND status = 1 ORDER BY id", (owner["id"],))
    closed = holiday_dates(year)
    absent = dict.fromkeys(ABSENT_AS.values(), 0.0)
    target, due, workdays = 0.0, 0.0, 0
    day = date(year, 1, 1)
    while day.year == year:
        hours = 0.0 if day in closed else hours_of_day(targets, day)
        workdays += hours > 0
        for row in away:
            if hours and row["type"] in ABSENT_AS and row["date_since"] <= day.isoformat() <= row["date_until"]:
                share = 0.5 if row["count_days"] == 0.5 else 1.0
                absent[ABSENT_AS[row["type"]]] += share
                hours *= 1.0 if row["type"] in AT_WORK else 1.0 - share
        target += hours
        due += hours if day <= today else 0.0
        day += timedelta(days=1)
    worked = _worked(store, owner["id"], year, zone)
    used, planned = _reductions(away, year, today)
    return {
        "users_id": owner["id"], "users_name": owner["name"], "users_number": owner["number"],
        "users_email": owner["email"], "sum_target": target * 3600 if targets else None, "sum_hours": worked,
        "sum_reduction_used": used, "sum_reduction_planned": planned, "overtime_carryover": 0, "overtime_reduced": 0,
        "diff": worked - due * 3600 - used, "holidays_quota": HOLIDAYS_QUOTA if targets else 0.0, "holidays_carry": 0.0,
        "sum_absence": absent, "surcharges": dict.fromkeys(SURCHARGES, 0), "workdays": workdays, "month_details": None,
    }  # fmt: skip


def hours_of_day(targets: list[Row], day: date) -> float:
    """The target hours that hold on a day, holidays aside."""
    for row in targets:
        if row["date_since"] <= day.isoformat() <= (row["date_until"] or "9999"):
            return float(row[WEEKDAYS[day.weekday()]])
    return 0.0


def _worked(store: Store, users_id: int, year: int, zone: ZoneInfo) -> float:
    rows = store.tuples(
        "SELECT time_since, duration FROM entries"
        " WHERE users_id = ? AND duration IS NOT NULL AND time_since BETWEEN ? AND ?",
        (users_id, f"{year - 1}-12-30", f"{year + 1}-01-02"),
    )
    return float(sum(n for since, n in rows if moment(since, "time_since").astimezone(zone).year == year))


def _reductions(away: list[Row], year: int, today: date) -> tuple[float, float]:
    """Seconds of overtime taken off in a year, until today and after."""
    hours = [0.0, 0.0]
    for row in away:
        if row["type"] == 3 and row["date_since"].startswith(str(year)):
            hours[row["date_since"] > today.isoformat()] += row["count_hours"]
    return hours[0] * 3600, hours[1] * 3600
