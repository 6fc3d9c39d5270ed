"""What time is measured against: target hours and absences.

Source: OpenAPI `getTargethours`, `getAbsencesV4`.
"""

from datetime import datetime

from starlette.datastructures import QueryParams

from clockodo_mcp.sandbox import queries
from clockodo_mcp.sandbox.rules import sees_all
from clockodo_mcp.sandbox.store import Row, Store

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

SICK_TYPES = (4, 5)
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
    show their dates but not their kind.
    """
    years = queries.several(query, "filter[year]", *queries.YEARS)
    people = queries.several(query, "filter[users_id]", 1)
    shown = []
    for row in store.all("SELECT * FROM absences ORDER BY date_since, id"):
        touched = range(int(row["date_since"][:4]), int(row["date_until"][:4]) + 1)
        if years is not None and years.isdisjoint(touched):
            continue
        if people is None or row["users_id"] in people:
            shown.append(_absence(row, mine=sees_all(user) or row["users_id"] == user["id"]))
    return {"data": shown}


def _target_hours(row: Row) -> Row:
    fixed = {
        "type": "weekly", "surcharge_models_id": None, "test_data": False, "absence_fixed_credit": False,
        "compensation_daily": 0, "compensation_monthly": 0,
    }  # fmt: skip
    return {**row, **fixed}


def _absence(row: Row, *, mine: bool) -> Row:
    sick_note = bool(row["sick_note"]) if row["type"] in SICK_TYPES else None
    return {name: value for name, value in (row | {"sick_note": sick_note}).items() if mine or name not in PRIVATE}
