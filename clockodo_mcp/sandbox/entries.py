"""The entries endpoint: list, get, add, edit, delete."""

import json
from datetime import UTC, datetime
from typing import Any

from clockodo_mcp.sandbox import rules
from clockodo_mcp.sandbox.groups import REVENUE
from clockodo_mcp.sandbox.rules import MOMENT, Refused, sees_all
from clockodo_mcp.sandbox.store import Row, Store

LIST_PARAMETERS = {
    "time_since", "time_until", "enhanced_list", "page", "items_per_page",
    "calc_also_revenues_for_projects_with_hard_budget",
    *(f"filter[{name}]" for name in (*rules.ID_FILTERS, "billable", "text", "budget_type")),
}  # fmt: skip
LARGEST_PAGE = 1000

COMMON = ("id", "type", "users_id", "customers_id", "projects_id", "subprojects_id", "billable", "texts_id",
  "time_since", "time_until", "time_insert", "time_last_change")  # fmt: skip
OF_TYPE = {
    1: ("services_id", "duration", "clocked", "time_clocked_since", "hourly_rate"),
    2: ("services_id", "lumpsum"),
    3: ("lumpsum_services_id", "lumpsum_services_amount"),
}

ENHANCED = f"""SELECT e.*, c.name AS customers_name, p.name AS projects_name, s.name AS subprojects_name,
    u.name AS users_name, coalesce(v.name, l.name) AS services_name, t.text, l.price AS lumpsum_services_price,
    ({REVENUE}) AS revenue, p.budget_hard
  FROM entries e JOIN customers c ON c.id = e.customers_id JOIN users u ON u.id = e.users_id
    LEFT JOIN projects p ON p.id = e.projects_id LEFT JOIN subprojects s ON s.id = e.subprojects_id
    LEFT JOIN services v ON v.id = e.services_id LEFT JOIN lumpsum_services l ON l.id = e.lumpsum_services_id
    LEFT JOIN texts t ON t.id = e.texts_id"""  # noqa: S608 - no values inside


def shown(row: Row, user: Row, *, enhanced: bool = False, hard_budget_revenue: bool = False) -> Row:
    """An entry as Clockodo answers it: fields of its type, names and text in enhanced lists, money with the right."""
    entry = {name: row[name] for name in (*COMMON, *OF_TYPE[row["type"]])}
    money = sees_all(user)
    if row["type"] == 1:
        entry["clocked"] = bool(row["clocked"])
        entry["clocked_offline"] = False
        entry["time_last_change_worktime"] = row["time_last_change"]
        span = rules.span_seconds(row)
        if span is not None and row["duration"] is not None and row["duration"] != span:
            entry["offset"] = row["duration"] - span
        if not money or entry["hourly_rate"] is None:
            del entry["hourly_rate"]
    if enhanced:
        names = ["customers_name", "projects_name", "subprojects_name", "users_name", "text"]
        names.append("lumpsum_services_price" if row["type"] == 3 else "services_name")
        entry |= {name: row[name] for name in names}
        if money:
            counted = hard_budget_revenue or not row["budget_hard"]
            entry["revenue"] = round(row["revenue"] or 0.0, 2) if counted else 0.0
    return entry


def page_of_entries(store: Store, query: dict[str, str], user: Row) -> bytes:
    """`GET /v2/entries` as JSON, by start and id."""
    rules.only_known(query, LIST_PARAMETERS)
    where, values = rules.selection(query, user, billable=(0, 1, 2, 12))
    size = rules.integer(query.get("items_per_page", str(LARGEST_PAGE)), "items_per_page", 1, LARGEST_PAGE)
    page = rules.integer(query.get("page", "1"), "page", 1)
    enhanced = rules.boolean(query.get("enhanced_list", "false"), "enhanced_list")
    name = "calc_also_revenues_for_projects_with_hard_budget"
    hard = rules.boolean(query.get(name, "false"), name)
    joined = "LEFT JOIN projects p ON p.id = e.projects_id" if " p." in where or "(p." in where else ""
    count = store.tuples(f"SELECT count(*) FROM entries e {joined} WHERE {where}", values)[0][0]  # noqa: S608 - bound
    ids = f"SELECT e.id FROM entries e {joined} WHERE {where} ORDER BY e.time_since, e.id LIMIT ? OFFSET ?"  # noqa: S608
    rows = store.all(
        f"{ENHANCED} WHERE e.id IN ({ids}) ORDER BY e.time_since, e.id", [*values, size, (page - 1) * size]
    )
    paging = {"items_per_page": size, "current_page": page, "count_pages": -(-count // size), "count_items": count}
    filters = {key[7:-1]: value for key, value in query.items() if key.startswith("filter[")}
    found = [shown(row, user, enhanced=enhanced, hard_budget_revenue=hard) for row in rows]
    return json.dumps({"paging": paging, "filter": filters or None, "entries": found}, ensure_ascii=False).encode()


def visible_entry(store: Store, id: int, user: Row) -> Row:
    """One entry, or 404 where there is none or it may not be seen."""
    row = store.one("SELECT * FROM entries WHERE id = ?", (id,))
    if row is None or (row["users_id"] != user["id"] and not sees_all(user)):
        raise Refused(404, "The entry was not found")
    return row


def add_entry(store: Store, body: dict[str, Any], user: Row) -> Row:
    """`POST /v2/entries` for all three types."""
    type_ = rules.entry_type(body)
    missing = [name for name in rules.REQUIRED_OF_TYPE[type_] if body.get(name) is None]
    if missing:
        raise Refused(400, f"Required parameter missing: {', '.join(missing)}", *missing)
    fields = rules.checked_fields(body, type_)
    entry: Row = {"type": type_, "users_id": user["id"], **{k: v for k, v in fields.items() if v is not None}}
    rules.checked_entry(store, entry, user, given=set(body))
    text = entry.pop("text", None)
    if type_ == 1:
        entry.setdefault("duration", rules.span_seconds(entry))
        entry.setdefault("hourly_rate", _rate(store, entry))
    now = datetime.now(UTC).strftime(MOMENT)
    entry |= {"texts_id": store.texts_id(text), "time_insert": now, "time_last_change": now}
    return visible_entry(store, store.insert("entries", entry), user)


def edit_entry(store: Store, id: int, body: dict[str, Any], user: Row) -> Row:
    """`PUT /v2/entries/{id}`: only what is given changes. New times without a duration make the duration anew."""
    before = visible_entry(store, id, user)
    rules.allowed_to_write(store, before, user)
    fields = rules.checked_fields(body, before["type"])
    after = {**before, **fields}
    rules.checked_entry(store, after, user, given=set(fields))
    if "text" in fields:
        fields["texts_id"] = store.texts_id(fields.pop("text"))
    if fields.keys() & {"time_since", "time_until"} and "duration" not in fields:
        fields["duration"] = rules.span_seconds(after)
    store.update("entries", id, {**fields, "time_last_change": datetime.now(UTC).strftime(MOMENT)})
    return visible_entry(store, id, user)


def delete_entry(store: Store, id: int, user: Row) -> None:
    """`DELETE /v2/entries/{id}`."""
    rules.allowed_to_write(store, visible_entry(store, id, user), user)
    store.delete_entry(id)


def _rate(store: Store, entry: Row) -> float | None:
    """The project's hourly rate, else the customer's, else the service's."""
    for table, id in (
        ("projects", entry.get("projects_id")),
        ("customers", entry["customers_id"]),
        ("services", entry["services_id"]),
    ):
        row = store.one(f"SELECT hourly_rate FROM {table} WHERE id = ?", (id,)) if id else None  # noqa: S608 - our tables
        if row and row["hourly_rate"] is not None:
            return float(row["hourly_rate"])
    return None
