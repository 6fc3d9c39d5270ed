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
    1: ("services_id", "duration", "time_clocked_since"),
    2: ("services_id", "lumpsum"),
    3: ("lumpsum_services_id", "lumpsum_services_amount"),
}
FLAGS = {"clocked": "json(iif(e.clocked, 'true', 'false'))", "clocked_offline": "json('false')"}
NAMES = {
    "customers_name": "c.name",
    "projects_name": "p.name",
    "subprojects_name": "s.name",
    "users_name": "u.name",
    "text": "t.text",
}
OFFSET = "e.duration - (unixepoch(e.time_until) - unixepoch(e.time_since))"

FROM = """FROM entries e JOIN customers c ON c.id = e.customers_id JOIN users u ON u.id = e.users_id
  LEFT JOIN projects p ON p.id = e.projects_id LEFT JOIN subprojects s ON s.id = e.subprojects_id
  LEFT JOIN services v ON v.id = e.services_id LEFT JOIN lumpsum_services l ON l.id = e.lumpsum_services_id
  LEFT JOIN texts t ON t.id = e.texts_id"""


def entry_as_json(user: Row, *, enhanced: bool = False, hard_budget_revenue: bool = False) -> str:
    """The SQL expression that writes an entry as Clockodo answers it.

    The fields of its type; names and text in enhanced lists; money with the right. SQLite writes it, since a page of
    a thousand entries takes Python four times as long.
    """
    money = sees_all(user)
    counted = "1" if hard_budget_revenue else "coalesce(p.budget_hard, 0) = 0"
    arms = []
    for type_, own in OF_TYPE.items():
        fields = {name: f"e.{name}" for name in (*COMMON, *own)}
        if type_ == 1:
            fields |= {**FLAGS, "time_last_change_worktime": "e.time_last_change"}
        if enhanced:
            fields |= NAMES | ({"lumpsum_services_price": "l.price"} if type_ == 3 else {"services_name": "v.name"})
            if money:
                fields["revenue"] = f"round(coalesce({REVENUE}, 0) * ({counted}), 2)"
        written = "json_object(" + ", ".join(f"'{name}', {value}" for name, value in fields.items()) + ")"
        if type_ == 1:
            # Absent, not null: the object is opened again for what an entry may lack.
            optional = f"iif({OFFSET} <> 0, ',\"offset\":' || ({OFFSET}), '')"
            if money:
                optional += " || iif(e.hourly_rate IS NOT NULL, ',\"hourly_rate\":' || e.hourly_rate, '')"
            written = f"substr({written}, 1, length({written}) - 1) || {optional} || '}}'"
        arms.append(f"WHEN {type_} THEN {written}")
    return f"CASE e.type {' '.join(arms)} END"


def page_of_entries(store: Store, query: dict[str, str], user: Row, *, at_most: int = LARGEST_PAGE) -> bytes:
    """`GET /v2/entries` as JSON, by start and id. A page has `at_most` entries, whatever was asked for."""
    rules.only_known(query, LIST_PARAMETERS)
    where, values = rules.selection(query, user, billable=(0, 1, 2, 12))
    size = rules.integer(query.get("items_per_page", str(LARGEST_PAGE)), "items_per_page", 1, LARGEST_PAGE)
    size = min(size, at_most)
    page = rules.integer(query.get("page", "1"), "page", 1)
    enhanced = rules.boolean(query.get("enhanced_list", "false"), "enhanced_list")
    name = "calc_also_revenues_for_projects_with_hard_budget"
    hard = rules.boolean(query.get(name, "false"), name)
    joined = "LEFT JOIN projects p ON p.id = e.projects_id" if "(p." in where else ""
    count = store.counted(f"SELECT count(*) FROM entries e {joined} WHERE {where}", values)  # noqa: S608 - bound
    ids = f"SELECT e.id FROM entries e {joined} WHERE {where} ORDER BY e.time_since, e.id LIMIT ? OFFSET ?"  # noqa: S608
    one = entry_as_json(user, enhanced=enhanced, hard_budget_revenue=hard)
    rows = store.tuples(
        f"SELECT {one} {FROM} WHERE e.id IN ({ids}) ORDER BY e.time_since, e.id",
        [*values, size, (page - 1) * size],
    )
    paging = {"items_per_page": size, "current_page": page, "count_pages": -(-count // size), "count_items": count}
    filters = {key[7:-1]: value for key, value in query.items() if key.startswith("filter[")}
    head = json.dumps({"paging": paging, "filter": filters or None}, ensure_ascii=False)
    return f'{head[:-1]}, "entries": [{",".join(row[0] for row in rows)}]}}'.encode()


def one_entry(store: Store, id: int, user: Row) -> bytes:
    """`{"entry": ...}` of an entry that is visible."""
    visible_entry(store, id, user)
    written = store.tuples(f"SELECT {entry_as_json(user)} {FROM} WHERE e.id = ?", (id,))[0][0]
    return f'{{"entry": {written}}}'.encode()


def visible_entry(store: Store, id: int, user: Row) -> Row:
    """One entry, or 404 where there is none or it may not be seen."""
    row = store.one("SELECT * FROM entries WHERE id = ?", (id,))
    if row is None or (row["users_id"] != user["id"] and not sees_all(user)):
        raise Refused(404, "The entry was not found")
    return row


def add_entry(store: Store, body: dict[str, Any], user: Row, *, now: datetime) -> int:
    """`POST /v2/entries` for all three types; the new id. `now` is aware."""
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
        entry.setdefault("hourly_rate", hourly_rate(store, entry))
    stamp = now.astimezone(UTC).strftime(MOMENT)
    entry |= {"texts_id": store.texts_id(text), "time_insert": stamp, "time_last_change": stamp}
    return store.insert("entries", entry)


def edit_entry(store: Store, id: int, body: dict[str, Any], user: Row, *, now: datetime) -> None:
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
    store.update("entries", id, {**fields, "time_last_change": now.astimezone(UTC).strftime(MOMENT)})


def delete_entry(store: Store, id: int, user: Row) -> None:
    """`DELETE /v2/entries/{id}`."""
    rules.allowed_to_write(store, visible_entry(store, id, user), user)
    store.delete_entry(id)


def hourly_rate(store: Store, entry: Row) -> float | None:
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
