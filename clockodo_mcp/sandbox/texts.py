"""Suggestions of texts that were used before.

Source: OpenAPI `getEntriesTextsV3`. That the latest comes first, and how many where nothing is said, is ours.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from clockodo_mcp.sandbox import queries, rules
from clockodo_mcp.sandbox.rules import MOMENT, Refused, sees_all
from clockodo_mcp.sandbox.store import Row, Store

MODES = ("add", "edit", "reports")
ITEMS = 20
MOST_ITEMS = 800
LONGEST_TERM = 1000


def entries_texts(store: Store, query: QueryParams, user: Row, _: datetime) -> Row:
    """`GET /v3/entriesTexts`: texts that contain `term`, whatever its case, of the entries that the filters leave.

    With `mode` `add` or `edit` they are the caller's own texts, with `reports` all that the caller may see (ours).
    """
    mode, term = query.get("mode"), query.get("term", "")
    if mode not in MODES:
        raise Refused(400, f"mode must be one of {', '.join(MODES)}", "mode")
    if len(term) > LONGEST_TERM:
        raise Refused(400, f"term is longer than {LONGEST_TERM} characters", "term")
    items = rules.integer(query.get("items", str(ITEMS)), "items", 1, MOST_ITEMS)
    where, values = _selection(query, user)
    if (mode != "reports" and "filter[users_id]" not in query) or not sees_all(user):
        where.append("e.users_id = ?")
        values.append(user["id"])
    rows = store.all(
        "SELECT t.id, t.text FROM entries e JOIN texts t ON t.id = e.texts_id"  # noqa: S608 - values are bound
        f" WHERE {' AND '.join(where)} GROUP BY t.id ORDER BY max(e.time_since) DESC, t.id",
        values,
    )
    found = [row for row in rows if term.casefold() in row["text"].casefold()][:items]
    return {"data": [{"id": row["id"], "label": row["text"], "value": row["text"]} for row in found]}


def _selection(query: QueryParams, user: Row) -> tuple[list[str], list[object]]:
    where, values = ["1"], list[object]()
    for name in ("customers_id", "projects_id", "services_id", "users_id"):
        if (ids := queries.several(query, f"filter[{name}]", 1)) is not None:
            where.append(f"e.{name} IN ({', '.join('?' * len(ids))})")
            values += sorted(ids)
    if (given := query.get("filter[billable]")) is not None:
        billable = rules.integer(given, "filter[billable]")
        if billable not in (0, 1, 2, 12):
            raise Refused(400, "filter[billable] has an unknown value", "filter[billable]")
        where.append("e.billable > 0" if billable == 12 else f"e.billable = {billable}")
    for name, sign, after in (("time_since", ">=", 0), ("time_until", "<", 1), ("day", ">=", 0), ("day", "<", 1)):
        field = f"filter[{name}]"
        if field in query:
            local = datetime.combine(queries.day(query, field) + timedelta(days=after), time.min)
            where.append(f"e.time_since {sign} ?")
            values.append(local.replace(tzinfo=ZoneInfo(user["timezone"])).astimezone(UTC).strftime(MOMENT))
    return where, values
