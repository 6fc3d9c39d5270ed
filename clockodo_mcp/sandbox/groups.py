"""Entrygroups: sums over entries, nested, with the real one's oddities.

`group` is a string, but the number 0 where there is no project; a month is `YYYYMM`. Days are local to the caller.
Source: OpenAPI `getEntrygroupsV2`.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from clockodo_mcp.sandbox.rules import Refused, moment, sees_all, selection
from clockodo_mcp.sandbox.store import Row, Store

BY_TABLE = {
    "customers_id": "customers", "projects_id": "projects", "subprojects_id": "subprojects", "services_id": "services",
    "users_id": "users", "lumpsum_services_id": "lumpsum_services",
}  # fmt: skip
BY_TIME = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y%m", "year": "%Y"}
GROUPINGS = {*BY_TABLE, *BY_TIME, "texts_id", "billable", "is_lumpsum"}

REVENUE = """CASE e.type WHEN 2 THEN e.lumpsum WHEN 3 THEN e.lumpsum_services_amount * l.price
  ELSE coalesce(e.duration, 0) / 3600.0 * coalesce(e.hourly_rate, 0) END * (e.billable > 0)"""
"""An entry's revenue. Nothing where it is not billable."""

QUARTER = "substr(e.time_since, 1, 14) || printf('%02d:00Z', substr(e.time_since, 15, 2) / 15 * 15)"
"""The quarter of an hour that an entry begins in: no zone's day begins inside one."""

JOINS = """entries e LEFT JOIN projects p ON p.id = e.projects_id
  LEFT JOIN lumpsum_services l ON l.id = e.lumpsum_services_id"""


def entry_groups(store: Store, query: dict[str, str], grouping: list[str], user: Row) -> list[Row]:
    """The groups of a query. A running entry has no duration and adds none."""
    wrong = [name for name in grouping if name not in GROUPINGS]
    if not grouping or wrong:
        raise Refused(400, f"Unknown grouping: {', '.join(wrong) or 'none given'}", "grouping")
    where, values = selection(query, user, billable=(0, 1, 2))
    keys = [_key(name) for name in grouping]
    hard = (
        ""
        if query.get("calc_also_revenues_for_projects_with_hard_budget") in ("true", "1")
        else " * (coalesce(p.budget_hard, 0) = 0)"
    )
    sql = f"""SELECT {", ".join(keys)}, sum(coalesce(e.duration, 0)), sum(({REVENUE}){hard})
      FROM {JOINS} WHERE {where} GROUP BY {", ".join(str(n + 1) for n in range(len(keys)))}"""  # noqa: S608 - values are bound
    zone = ZoneInfo(user["timezone"])
    tree: dict[Any, list[Any]] = {}
    for *path, seconds, revenue in store.tuples(sql, values):
        level = tree
        for name, raw in zip(grouping, path, strict=True):
            key = _local(raw, name, zone) if name in BY_TIME else raw
            node = level.setdefault(key, [0, 0.0, {}])
            node[0] += seconds
            node[1] += revenue or 0.0
            level = node[2]
    return _groups(store, tree, grouping, shows_money=sees_all(user))


def _key(name: str) -> str:
    if name in BY_TIME:
        return QUARTER
    return "e.type > 1" if name == "is_lumpsum" else f"e.{name}"


def _local(quarter: str, name: str, zone: ZoneInfo) -> str:
    start: datetime = moment(quarter, "time_since").astimezone(zone)
    return start.strftime(BY_TIME[name])


def _groups(store: Store, level: dict[Any, list[Any]], grouping: list[str], *, shows_money: bool) -> list[Row]:
    name, *deeper = grouping
    groups = []
    for key in sorted(level, key=lambda one: (one is None, one)):
        seconds, revenue, below = level[key]
        nothing: object = 0 if name == "projects_id" else ""
        group: Row = {
            "group": nothing if key is None else str(key),
            "name": _name(store, name, key),
            "grouped_by": name,
            "duration": seconds,
            "restrictions": {},
        }
        if shows_money:
            group["revenue"] = round(revenue, 2)
        if deeper:
            group["sub_groups"] = _groups(store, below, deeper, shows_money=shows_money)
        groups.append(group)
    return groups


def _name(store: Store, grouped_by: str, key: object) -> str:
    if key is None:
        return ""
    if grouped_by == "texts_id":
        row = store.one("SELECT text AS name FROM texts WHERE id = ?", (key,))
    elif grouped_by in BY_TABLE:
        row = store.one(f"SELECT name FROM {BY_TABLE[grouped_by]} WHERE id = ?", (key,))  # noqa: S608 - our own tables
    else:
        return str(key)
    return str(row["name"]) if row else ""
