"""What the sandbox accepts: parameters, moments, foreign keys, rights. As strict as the real one, or stricter.

Sources: seed document "Manage entries" for entries; OpenAPI for the rest.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from clockodo_mcp.sandbox.store import Row, Store

MOMENT = "%Y-%m-%dT%H:%M:%SZ"
MOMENT_SHAPE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

ID_FILTERS = (
    "users_id",
    "customers_id",
    "projects_id",
    "subprojects_id",
    "services_id",
    "lumpsum_services_id",
    "texts_id",
)
BUDGETS = {
    "strict": "p.budget_amount IS NOT NULL AND p.budget_hard",
    "strict-completed": "p.budget_amount IS NOT NULL AND p.budget_hard AND p.completed",
    "strict-incomplete": "p.budget_amount IS NOT NULL AND p.budget_hard AND NOT p.completed",
    "soft": "p.budget_amount IS NOT NULL AND NOT p.budget_hard",
    "soft-completed": "p.budget_amount IS NOT NULL AND NOT p.budget_hard AND p.completed",
    "soft-incomplete": "p.budget_amount IS NOT NULL AND NOT p.budget_hard AND NOT p.completed",
    "without": "p.budget_amount IS NULL",
    "without-strict": "p.budget_amount IS NULL OR NOT p.budget_hard",
}
"""The seed document's words for `filter[budget_type]`, over the project `p` of an entry."""

COMMON_FIELDS = {"customers_id", "projects_id", "subprojects_id", "users_id", "billable", "text", "time_since"}
FIELDS_OF_TYPE = {
    1: COMMON_FIELDS | {"services_id", "time_until", "duration", "hourly_rate"},
    2: COMMON_FIELDS | {"services_id", "lumpsum"},
    3: COMMON_FIELDS | {"lumpsum_services_id", "lumpsum_services_amount"},
}
REQUIRED_OF_TYPE = {
    1: ("customers_id", "services_id", "billable", "time_since", "time_until"),
    2: ("customers_id", "services_id", "lumpsum", "billable", "time_since"),
    3: ("customers_id", "lumpsum_services_id", "lumpsum_services_amount", "billable", "time_since"),
}
EMPTIED_BY: dict[str, object] = {"projects_id": 0, "subprojects_id": 0, "text": ""}
"""What empties a field. There is no null. Source: OpenAPI `createEntryV2`, `updateEntryByIdV2`."""

INTEGERS = {
    "customers_id",
    "projects_id",
    "subprojects_id",
    "users_id",
    "services_id",
    "lumpsum_services_id",
    "billable",
    "duration",
}
NUMBERS = {"lumpsum", "lumpsum_services_amount", "hourly_rate"}


class Refused(Exception):
    """The answer is no: status, message, and the fields that are wrong."""

    def __init__(self, status: int, message: str, *fields: str) -> None:
        super().__init__(message)
        self.status, self.message, self.fields = status, message, fields


def moment(value: object, field: str) -> datetime:
    """A moment in the one accepted form, ISO 8601 in UTC with seconds and `Z`."""
    if isinstance(value, str) and MOMENT_SHAPE.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass  # the shape is right, the date is not: refused below
    raise Refused(400, f"The parameter {field} must be a date and time in ISO 8601 UTC.", field)


def integer(value: str, field: str, low: int = 0, high: int = 2**63 - 1) -> int:
    """A whole number of a query."""
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise Refused(400, f"The parameter {field} must be an integer from {low} to {high}.", field)
    return int(value)


def boolean(value: str, field: str) -> bool:
    """A truth value of a query."""
    if value not in ("true", "false", "1", "0"):
        raise Refused(400, f"The parameter {field} must be a boolean.", field)
    return value in ("true", "1")


def only_known(given: Iterable[str], known: set[str]) -> None:
    """Refuse parameters that the endpoint does not have."""
    unknown = [name for name in given if name not in known]
    if unknown:
        raise Refused(400, f"Unknown parameter: {', '.join(unknown)}", *unknown)


def sees_all(user: Row) -> bool:
    """Whether somebody sees rates, revenues and other people's entries."""
    return bool(user["role"] in ("owner", "manager"))


def selection(query: Mapping[str, str], user: Row, *, billable: tuple[int, ...]) -> tuple[str, list[object]]:
    """The WHERE clause of a query of entries `e` with project `p`, and its values.

    An entry belongs to a span when it starts in it, both ends included.
    """
    for name in ("time_since", "time_until"):
        if name not in query:
            raise Refused(400, f"Required parameter missing: {name}", name)
    since, until = moment(query["time_since"], "time_since"), moment(query["time_until"], "time_until")
    if until < since:
        raise Refused(400, "time_until must not lie before time_since", "time_until")
    where, values = ["e.time_since BETWEEN ? AND ?"], [query["time_since"], query["time_until"]]
    bound: list[object] = list(values)
    for name in ID_FILTERS:
        if (given := query.get(f"filter[{name}]")) is not None:
            where.append(f"e.{name} = ?")
            bound.append(integer(given, f"filter[{name}]"))
    if (given := query.get("filter[billable]")) is not None:
        value = integer(given, "filter[billable]")
        if value not in billable:
            raise Refused(400, "filter[billable] has an unknown value", "filter[billable]")
        where.append("e.billable > 0" if value == 12 else "e.billable = ?")
        bound += [] if value == 12 else [value]
    if (given := query.get("filter[text]")) is not None:
        where.append("e.texts_id IN (SELECT id FROM texts WHERE text = ?)")
        bound.append(given)
    if (given := query.get("filter[budget_type]")) is not None:
        if given not in BUDGETS:
            raise Refused(400, "filter[budget_type] has an unknown value", "filter[budget_type]")
        where.append(f"({BUDGETS[given]})")
    if not sees_all(user):
        where.append("e.users_id = ?")
        bound.append(user["id"])
    return " AND ".join(where), bound


def entry_type(body: Mapping[str, object]) -> int:
    """The type that the fields of a body show."""
    return 3 if "lumpsum_services_id" in body else 2 if "lumpsum" in body else 1


def checked_fields(body: Mapping[str, Any], type_: int) -> Row:
    """A body whose names and types are right for the type of entry. Text stays text, moments stay strings.

    What empties a field is None in what is returned.
    """
    only_known(body, FIELDS_OF_TYPE[type_])
    for name, value in body.items():
        if name in INTEGERS:
            good = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        elif name in NUMBERS:
            good = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        elif name == "text":
            good = isinstance(value, str) and len(value) <= 1000
        else:
            good = bool(moment(value, name))
        if not good:
            raise Refused(400, f"The parameter {name} has a wrong value.", name)
    if "billable" in body and body["billable"] not in (0, 1, 2):
        raise Refused(400, "billable must be 0, 1 or 2", "billable")
    return {name: None if EMPTIED_BY.get(name, ...) == value else value for name, value in body.items()}


def checked_entry(store: Store, entry: Row, user: Row, *, given: set[str]) -> None:
    """Refuse an entry that does not hang together. `given` are the fields that the request changes.

    A foreign key must exist; a newly given one must be active; a project belongs to its customer and is not
    completed; the end is not before the start; the day is not behind the edit lock.
    """
    tables = {
        "customers_id": "customers", "projects_id": "projects", "subprojects_id": "subprojects",
        "services_id": "services", "lumpsum_services_id": "lumpsum_services", "users_id": "users",
    }  # fmt: skip
    found: dict[str, Row] = {}
    for field, table in tables.items():
        if entry.get(field) is None:
            continue
        row = store.one(f"SELECT * FROM {table} WHERE id = ?", (entry[field],))  # noqa: S608 - our own table names
        if row is None:
            raise Refused(400, f"There is no such object: {field} {entry[field]}", field)
        if field in given and not row["active"]:
            raise Refused(400, f"The object is inactive: {field} {entry[field]}", field)
        found[field] = row
    project, subproject = found.get("projects_id"), found.get("subprojects_id")
    if project and project["customers_id"] != entry["customers_id"]:
        raise Refused(400, "The project does not belong to the customer", "projects_id")
    if project and project["completed"] and "projects_id" in given:
        raise Refused(400, "The project is completed", "projects_id")
    if subproject and subproject["projects_id"] != entry.get("projects_id"):
        raise Refused(400, "The subproject does not belong to the project", "subprojects_id")
    if entry.get("time_until") is not None and entry["time_until"] < entry["time_since"]:
        raise Refused(400, "time_until must not lie before time_since", "time_until")
    allowed_to_write(store, entry, user)


def allowed_to_write(store: Store, entry: Row, user: Row) -> None:
    """Own entries only without the right to see all; no day up to the person's edit lock."""
    if entry["users_id"] != user["id"] and not sees_all(user):
        raise Refused(403, "You may not change the entries of other co-workers", "users_id")
    owner = store.one("SELECT edit_lock, timezone FROM users WHERE id = ?", (entry["users_id"],))
    if owner and owner["edit_lock"]:
        local = moment(entry["time_since"], "time_since").astimezone(ZoneInfo(owner["timezone"]))
        if local.date().isoformat() <= owner["edit_lock"]:
            raise Refused(403, f"Entries up to {owner['edit_lock']} are locked", "time_since")


def span_seconds(entry: Row) -> int | None:
    """Seconds from start to end; None while it runs, and for lump sums."""
    if entry["type"] != 1 or entry.get("time_until") is None:
        return None
    return int((moment(entry["time_until"], "time_until") - moment(entry["time_since"], "time_since")).total_seconds())
