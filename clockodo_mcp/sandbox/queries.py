"""Parameters of a query as several endpoints have them: years, people, pages, and filters with several values."""

from starlette.datastructures import QueryParams

from clockodo_mcp.sandbox import rules
from clockodo_mcp.sandbox.rules import Refused, sees_all
from clockodo_mcp.sandbox.store import Row, Store

YEARS = (2000, 2037)
"""The years that absences and nonbusiness days know. Source: OpenAPI."""


def several(query: QueryParams, name: str, low: int = 0, high: int = 2**63 - 1) -> set[int] | None:
    """The whole numbers of a filter: one, some with commas, or repeated as `name[]`. None where it does not filter.

    Source: OpenAPI, `csv-string`.
    """
    given = [*query.getlist(name), *query.getlist(f"{name}[]")]
    if not given:
        return None
    return {rules.integer(one, name, low, high) for value in given for one in value.split(",")}


def visible_user(store: Store, id: int, user: Row, field: str = "users_id") -> Row:
    """A co-worker: oneself, or anybody with the right to see all."""
    found = store.one("SELECT * FROM users WHERE id = ?", (id,)) if sees_all(user) or id == user["id"] else None
    if found is None:
        raise Refused(403 if not sees_all(user) else 404, "You may not see this co-worker, or there is none", field)
    return found


def visible_users(store: Store, ids: set[int] | None, user: Row) -> list[Row]:
    """The active co-workers out of `ids` that the caller may see; None means all. Others are left out silently."""
    rows = store.all("SELECT * FROM users WHERE active ORDER BY id")
    return [row for row in rows if (ids is None or row["id"] in ids) and (sees_all(user) or row["id"] == user["id"])]


def page_of(rows: list[Row], query: QueryParams, largest: int) -> tuple[Row, list[Row]]:
    """The paging and rows of the page that the query asks for."""
    size = rules.integer(query.get("items_per_page", str(largest)), "items_per_page", 1, largest)
    page = rules.integer(query.get("page", "1"), "page", 1)
    paging = {
        "items_per_page": size, "current_page": page, "count_pages": -(-len(rows) // size), "count_items": len(rows),
    }  # fmt: skip
    return paging, rows[(page - 1) * size : page * size]
