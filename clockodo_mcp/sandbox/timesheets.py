"""What time is measured against: target hours, absences, and the times at which somebody worked.

Source: OpenAPI `getTargethours`, `getAbsencesV4`, `getWorkTimesV2`.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from clockodo_mcp.sandbox import queries, rules
from clockodo_mcp.sandbox.rules import MOMENT, Refused, moment, sees_all
from clockodo_mcp.sandbox.store import Row, Store

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

ABSENCE_TYPES = range(1, 16)
"""1 holiday, 3 reduction of overtime, 4 sick, 8 home office, 9 out of office; the others are listed in the OpenAPI."""
ABSENCE_STATUSES = range(5)
"""Enquired, approved, declined, approval cancelled, cancelled."""
SICK_TYPES = (4, 5)
SCOPES = ("manageableAbsences", "viewableAbsences")
PRIVATE = ("type", "note", "sick_note", "count_hours", "date_enquired", "date_approved", "approved_by")
"""Only of one's own absences, or with the right to administer them."""


def target_hours(store: Store, query: QueryParams, user: Row, _: datetime) -> Row:
    """`GET /targethours`: hours of each weekday and from when to when they hold; `date_until` null goes on."""
    ids = {one["id"] for one in queries.visible_users(store, queries.several(query, "users_id", 1), user)}
    rows = store.all("SELECT * FROM target_hours ORDER BY users_id, date_since")
    return {"targethours": [_target_hours(row) for row in rows if row["users_id"] in ids]}


def absences(store: Store, query: QueryParams, user: Row, _: datetime) -> Row:
    """`GET /v4/absences`, whole and without paging, by date.

    An absence belongs to every year that it touches. Without the right to administer them, other people's absences
    show their dates but not their kind, and `scope=manageableAbsences` leaves them out.
    """
    scope = query.get("scope", "viewableAbsences")
    if scope not in SCOPES:
        raise Refused(400, "scope has an unknown value", "scope")
    years = queries.several(query, "filter[year]", *queries.YEARS)
    chosen = {
        "users_id": queries.several(query, "filter[users_id]", 1),
        "type": queries.several(query, "filter[type]", ABSENCE_TYPES[0], ABSENCE_TYPES[-1]),
        "status": queries.several(query, "filter[status]", ABSENCE_STATUSES[0], ABSENCE_STATUSES[-1]),
    }
    sql, values = "SELECT a.* FROM absences a JOIN users u ON u.id = a.users_id", list[object]()
    if (given := query.get("filter[users_active]")) is not None:
        sql, values = f"{sql} WHERE u.active = ?", [rules.boolean(given, "filter[users_active]")]
    shown = []
    for row in store.all(f"{sql} ORDER BY a.date_since, a.id", values):
        mine = sees_all(user) or row["users_id"] == user["id"]
        touched = range(int(row["date_since"][:4]), int(row["date_until"][:4]) + 1)
        if years is not None and years.isdisjoint(touched):
            continue
        if any(ids is not None and row[name] not in ids for name, ids in chosen.items()):
            continue
        if mine or scope == "viewableAbsences":
            shown.append(_absence(row, mine=mine))
    return {"data": shown}


def work_times(store: Store, query: QueryParams, user: Row, now: datetime) -> Row:
    """`GET /v2/workTimes`: when somebody worked, by local day; `time_until` null still runs.

    All three parameters are required. Ours: the times follow from the entries; what touches or overlaps is one
    interval, which ends at local midnight at the latest; days without work are left out.
    """
    rules.only_known(query, {"date_since", "date_until", "users_id"})
    first, last = queries.day(query, "date_since"), queries.day(query, "date_until")
    if last < first:
        raise Refused(400, "date_until must not lie before date_since", "date_until")
    owner = queries.visible_user(store, rules.integer(query.get("users_id", ""), "users_id"), user)
    days = intervals(store, owner, first, last, now)
    shown = [
        {
            "date": day.isoformat(),
            "users_id": owner["id"],
            "offset": 0,
            "intervals": [
                {"time_since": since.strftime(MOMENT), "time_until": until and until.strftime(MOMENT)}
                for since, until in spans
            ],
        }
        for day, spans in sorted(days.items())
    ]
    return {"paging": queries.one_page(shown), "work_time_days": shown}


def intervals(
    store: Store, owner: Row, first: date, last: date, now: datetime
) -> dict[date, list[tuple[datetime, datetime | None]]]:
    """The spans in UTC in which somebody worked, by local day; None ends a span that still runs."""
    zone = ZoneInfo(owner["timezone"])
    rows = store.all(
        "SELECT time_since, time_until FROM entries WHERE type = 1 AND users_id = ? AND time_since < ?"
        " AND (time_until IS NULL OR time_until > ?) ORDER BY time_since, id",
        (
            owner["id"],
            _midnight(last + timedelta(days=1), zone).strftime(MOMENT),
            _midnight(first, zone).strftime(MOMENT),
        ),
    )
    days: dict[date, list[tuple[datetime, datetime | None]]] = {}
    for row in rows:
        start = moment(row["time_since"], "time_since")
        end = moment(row["time_until"], "time_until") if row["time_until"] else max(now, start)
        while True:
            day = start.astimezone(zone).date()
            midnight = _midnight(day + timedelta(days=1), zone)
            goes_on = row["time_until"] is None and end < midnight
            if first <= day <= last:
                _add(days.setdefault(day, []), start, None if goes_on else min(end, midnight))
            if end < midnight or (end == midnight and row["time_until"]):
                break
            start = midnight
    return days


def _add(spans: list[tuple[datetime, datetime | None]], start: datetime, end: datetime | None) -> None:
    if not spans or (spans[-1][1] is not None and spans[-1][1] < start):
        spans.append((start, end))
        return
    since, until = spans[-1]
    spans[-1] = (since, None if until is None or end is None else max(until, end))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def _target_hours(row: Row) -> Row:
    fixed = {
        "type": "weekly", "surcharge_models_id": None, "test_data": False, "absence_fixed_credit": False,
        "compensation_daily": 0, "compensation_monthly": 0,
    }  # fmt: skip
    return {**row, **fixed}


def _absence(row: Row, *, mine: bool) -> Row:
    sick_note = bool(row["sick_note"]) if row["type"] in SICK_TYPES else None
    return {name: value for name, value in (row | {"sick_note": sick_note}).items() if mine or name not in PRIVATE}
