"""Sample data about days: target hours and absences of the sample people. Nothing in it is random."""

from datetime import date, timedelta

from clockodo_mcp.sandbox.holidays import holiday_dates
from clockodo_mcp.sandbox.store import Row, Store
from clockodo_mcp.sandbox.timesheets import WEEKDAYS

TARGETS_SINCE = "2020-01-01"
VACATION, SICK = 1, 4
ENQUIRED, APPROVED = 0, 1


def fill_days(store: Store, mara: int, jonas: int, today: date) -> None:
    """Mara works 8 hours from Monday to Friday, Jonas 6 until Thursday; both were away, and plan to be.

    Eight weeks ago, before the entries of the usual sample, Mara had two days off and then a sick day; last Friday half
    a day off; and the week in four weeks is asked for. Jonas had a day off in the week before Mara's, and was sick on
    the latest day, a week ago or earlier, on which he has no entry.
    """
    for user, hours, days in ((mara, 8.0, 5), (jonas, 6.0, 4)):
        store.add_target_hours(user, TARGETS_SINCE, **dict.fromkeys(WEEKDAYS[:days], hours))
    monday = today - timedelta(days=today.weekday())
    off, asked = monday - timedelta(weeks=8), monday + timedelta(weeks=4)
    friday = monday - timedelta(days=3)
    sick = _free_day(store, jonas, today - timedelta(days=7))
    for user, first, last, fields in (
        (mara, off, off + timedelta(days=1), {"type": VACATION}),
        (mara, off + timedelta(days=2), None, {"type": SICK, "sick_note": 1, "note": "Grippe"}),
        (mara, friday, None, {"type": VACATION, "count_days": 0.5}),
        (mara, asked, asked + timedelta(days=4), {"type": VACATION, "status": ENQUIRED}),
        (jonas, off - timedelta(days=7), None, {"type": VACATION, "public_note": "Umzug"}),
        (jonas, sick, None, {"type": SICK, "sick_note": 0, "note": "Migräne"}),
    ):
        row = _counted(first, last or first, fields)
        approval = {"date_approved": row["date_enquired"], "approved_by": mara} if row["status"] == APPROVED else {}
        store.insert("absences", {"users_id": user, **row, **approval})


def _counted(first: date, last: date, fields: Row) -> Row:
    """An absence with its days but holidays, and the day on which it was told or asked for."""
    closed = holiday_dates(first.year) | holiday_dates(last.year)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    told = first if fields["type"] == SICK else first - timedelta(days=30)
    return {
        "date_since": first.isoformat(), "date_until": last.isoformat(), "status": APPROVED,
        "count_days": float(sum(day not in closed for day in days)), "date_enquired": told.isoformat(), **fields,
    }  # fmt: skip


def _free_day(store: Store, user: int, latest: date) -> date:
    """The latest day from Monday to Thursday, holidays aside, on which nothing is booked."""
    day = latest
    while (
        day.weekday() > 3
        or day in holiday_dates(day.year)
        or store.one("SELECT id FROM entries WHERE users_id = ? AND time_since LIKE ?", (user, f"{day}%"))
    ):
        day -= timedelta(days=1)
    return day
