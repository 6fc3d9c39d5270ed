"""Many entries at once: edit or delete everything that a span and filters select, after a confirmation.

Source: OpenAPI `updateEntrygroupV2`, `deleteEntrygroupV2`. The first call answers a `confirm_key` and how many entries
it is about; the same call with the key acts. Ours: the key holds for exactly these entries, all or none are changed,
what is null is as if left out, and an entry keeps what its type does not have.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from clockodo_mcp.sandbox import rules
from clockodo_mcp.sandbox.rules import MOMENT, Refused
from clockodo_mcp.sandbox.store import Row, Store

SPAN = ("time_since", "time_until")
FILTERS = {*rules.ID_FILTERS, "billable", "text", "budget_type"}
CHANGES = {
    "users_id", "customers_id", "projects_id", "subprojects_id", "services_id", "lumpsum_services_id", "billable",
    "text", "hourly_rate",
}  # fmt: skip


def edit_group(store: Store, body: dict[str, Any], user: Row, now: datetime) -> Row:
    """`PUT /v2/entrygroups`: give the selected entries new values."""
    rules.only_known(body, {*SPAN, *CHANGES, "filter", "confirm_key"})
    given = body.get("filter") or {}
    if not isinstance(given, dict):
        raise Refused(400, "filter must be an object", "filter")
    rules.only_known(given, FILTERS)
    query = {name: str(body[name]) for name in SPAN if body.get(name) is not None}
    query |= {f"filter[{name}]": str(value) for name, value in given.items() if value is not None}
    changes = {name: body[name] for name in sorted(CHANGES) if body.get(name) is not None}
    if not changes:
        raise Refused(400, "There is nothing to change", *sorted(CHANGES))
    of_type = {type_: _of_type(changes, type_) for type_ in rules.FIELDS_OF_TYPE}
    entries = [entry for entry in _selected(store, query, user) if of_type[entry["type"]]]
    for entry in entries:
        rules.allowed_to_write(store, entry, user)
        fields = of_type[entry["type"]]
        rules.checked_entry(store, {**entry, **fields}, user, given=set(fields))
    if confirm := _confirmation(body.get("confirm_key"), ["PUT", user["id"], query, changes], entries):
        return confirm
    with store.transaction():
        for entry in entries:
            fields = dict(of_type[entry["type"]])
            if "text" in fields:
                fields["texts_id"] = store.texts_id(fields.pop("text"))
            store.update("entries", entry["id"], {**fields, "time_last_change": now.strftime(MOMENT)})
    return {"success": True, "edited_entries": len(entries)}


def delete_group(store: Store, query: dict[str, str], user: Row) -> Row:
    """`DELETE /v2/entrygroups`: delete the selected entries."""
    rules.only_known(query, {*SPAN, *(f"filter[{name}]" for name in FILTERS), "confirm_key"})
    asked = {name: value for name, value in query.items() if name != "confirm_key"}
    entries = _selected(store, asked, user)
    for entry in entries:
        rules.allowed_to_write(store, entry, user)
    if confirm := _confirmation(query.get("confirm_key"), ["DELETE", user["id"], asked], entries):
        return confirm
    with store.transaction():
        for entry in entries:
            store.delete_entry(entry["id"])
    return {"success": True, "edited_entries": len(entries)}


def _selected(store: Store, query: dict[str, str], user: Row) -> list[Row]:
    where, values = rules.selection(query, user, billable=(0, 1, 2))
    sql = f"SELECT e.* FROM entries e LEFT JOIN projects p ON p.id = e.projects_id WHERE {where} ORDER BY e.id"  # noqa: S608
    return store.all(sql, values)


def _of_type(changes: Row, type_: int) -> Row:
    return rules.checked_fields({k: v for k, v in changes.items() if k in rules.FIELDS_OF_TYPE[type_]}, type_)


def _confirmation(key: object, asked: list[object], entries: list[Row]) -> Row | None:
    """The first answer; None where the request brings the key that belongs to it."""
    about = json.dumps([asked, [entry["id"] for entry in entries]], sort_keys=True)
    expected = hashlib.sha256(about.encode()).hexdigest()[:32]
    if key is None:
        return {"confirm_key": expected, "affected_entries": len(entries)}
    if key != expected:
        raise Refused(400, "The confirm_key does not belong to this request", "confirm_key")
    return None
