"""Public holidays: Germany's nationwide ones, in one group that is everybody's.

Source: OpenAPI `getUsersNonbusinessDaysV2`. The ids of days and group are ours.
"""

from datetime import date, datetime, timedelta

from starlette.datastructures import QueryParams

from clockodo_mcp.sandbox import queries, rules
from clockodo_mcp.sandbox.store import Row, Store

GROUP = 901
FIRST_DAY = 911
LARGEST_PAGE = 100

DAYS: tuple[tuple[str, tuple[int, int] | int], ...] = (
    ("Neujahr", (1, 1)),
    ("Karfreitag", -2),
    ("Ostermontag", 1),
    ("Tag der Arbeit", (5, 1)),
    ("Christi Himmelfahrt", 39),
    ("Pfingstmontag", 50),
    ("Tag der Deutschen Einheit", (10, 3)),
    ("1. Weihnachtstag", (12, 25)),
    ("2. Weihnachtstag", (12, 26)),
)
"""Name, and month and day, or days from Easter Sunday."""
ONCE = ("Reformationstag", date(2017, 10, 31))
"""Nationwide only in its 500th year."""


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the anonymous algorithm of 1876.

    >>> easter(2026), easter(2038), easter(2000)
    (datetime.date(2026, 4, 5), datetime.date(2038, 4, 25), datetime.date(2000, 4, 23))
    """
    century, of_century = divmod(year, 100)
    golden = year % 19
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def holidays(year: int) -> list[Row]:
    """The nonbusiness days of a year, by date, as Clockodo answers them."""
    days = []
    for number, (name, when) in enumerate(DAYS):
        if isinstance(when, int):
            falls, fields = easter(year) + timedelta(days=when), {"special_id": number + 1}
        else:
            falls, fields = date(year, *when), {"day": when[1], "month": when[0]}
        days.append(_day(FIRST_DAY + number, name, falls, fields))
    name, falls = ONCE
    if year == falls.year:
        fields = {"day": falls.day, "month": falls.month, "year": falls.year}
        days.append(_day(FIRST_DAY + len(DAYS), name, falls, fields))
    return sorted(days, key=lambda one: str(one["evaluated_date"]))


def holiday_dates(year: int) -> set[date]:
    """On which days of a year nobody works."""
    return {date.fromisoformat(one["evaluated_date"]) for one in holidays(year)}


def users_nonbusiness_days(store: Store, query: QueryParams, user: Row, now: datetime) -> Row:
    """`GET /v2/usersNonbusinessDays`: for each co-worker, those of a `year`, by default the current one."""
    rules.only_known(query, {"year", "page", "items_per_page"})
    days = holidays(_year(query, now))
    users = queries.visible_users(store, None, user)
    paging, data = queries.page_of([{"users_id": one["id"], "days": days} for one in users], query, LARGEST_PAGE)
    return {"paging": paging, "data": data}


def _year(query: QueryParams, now: datetime) -> int:
    return rules.integer(query.get("year", str(now.year)), "year", *queries.YEARS)


def _day(id: int, name: str, falls: date, fields: dict[str, int]) -> Row:
    kind = "SPECIAL" if "special_id" in fields else "DISTINCT_ONCE" if "year" in fields else "DISTINCT_RECURRING"
    return {
        "id": id, "nonbusiness_group_id": GROUP, "type": kind, "name": name, "half_day": False,
        "surcharge_special": False, "evaluated_date": falls.isoformat(), **fields,
    }  # fmt: skip
