"""The clock: one running entry for each co-worker. See, start, stop, and move what was clocked.

Source: OpenAPI `getClockV2`, `createClockV2`, `updateClockByIdV2`, `deleteClockByIdV2`; Clockodo's page about the clock
for what `billable` is when it is left out. What both leave open is decided here, and said to be ours.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from clockodo_mcp.sandbox import entries, rules
from clockodo_mcp.sandbox.rules import MOMENT, Refused, moment
from clockodo_mcp.sandbox.store import Row, Store

LONGEST = timedelta(hours=24)

START_FIELDS = rules.FIELDS_OF_TYPE[1] - {"users_id", "time_until", "duration", "hourly_rate"}
MOVE_FIELDS = {"time_since", "time_since_before"}


def read_clock(store: Store, user: Row, now: datetime) -> Row:
    """`GET /v2/clock`: what runs for the caller, or null. `stopped` is null, since looking stops nothing (ours)."""
    return _answer(store, user, now, running=running_entry(store, user["id"]), stopped=None)


def start_clock(store: Store, body: dict[str, Any], user: Row, now: datetime) -> Row:
    """`POST /v2/clock`: begins an entry, and ends the one that runs where the new one starts.

    `time_since` defaults to now. It does not lie in the future, nor before the start of the entry that runs, which is
    a conflict (both ours).
    """
    rules.only_known(body, START_FIELDS)
    missing = [name for name in ("customers_id", "services_id") if name not in body]
    if missing:
        raise Refused(400, f"Required parameter missing: {', '.join(missing)}", *missing)
    entry = {"users_id": user["id"], "time_since": now.strftime(MOMENT), **rules.checked_fields(body, 1)}
    text = entry.pop("text", None)
    new = _ready_to_start(store, entry, user, now)
    before = running_entry(store, new["users_id"])
    if before and before["time_since"] > new["time_since"]:
        raise Refused(409, f"The clock runs since {before['time_since']}", "time_since")
    if before:
        rules.allowed_to_write(store, before, user)
    with store.transaction():
        cut = before is not None and _stop(store, before, moment(new["time_since"], "time_since"), now)
        store.insert("entries", {**new, "texts_id": store.texts_id(text)})
    running = running_entry(store, new["users_id"])
    return _answer(store, user, now, running=running, stopped=before, stopped_has_been_truncated=cut)


def stop_clock(store: Store, id: int, query: dict[str, str], user: Row, now: datetime) -> Row:
    """`DELETE /v2/clock/{id}`: ends an entry at `time_until` or now.

    An end in the future is refused; an entry that does not run is not found (both ours).
    """
    rules.only_known(query, {"time_until"})
    entry = entries.visible_entry(store, id, user)
    if not runs(entry):
        raise Refused(404, "The clock does not run on this entry")
    until = moment(query["time_until"], "time_until") if "time_until" in query else now
    if until > now:
        raise Refused(400, "time_until must not lie in the future", "time_until")
    rules.checked_entry(store, {**entry, "time_until": until.strftime(MOMENT)}, user, given={"time_until"})
    cut = _stop(store, entry, until, now)
    running = running_entry(store, entry["users_id"])
    return _answer(store, user, now, running=running, stopped=entry, stopped_has_been_truncated=cut)


def move_clock(store: Store, id: int, body: dict[str, Any], user: Row, now: datetime) -> Row:
    """`PUT /v2/clock/{id}`: another start, unless somebody was faster.

    `time_since_before` must still be so where it is given, else it is a conflict. No entry becomes longer than 24
    hours. Overlaps are not looked for, so `overlapping_correction` is null (ours).
    """
    rules.only_known(body, MOVE_FIELDS)
    entry = entries.visible_entry(store, id, user)
    rules.allowed_to_write(store, entry, user)
    if entry["type"] != 1:
        raise Refused(400, "Only time entries have a duration", "id")
    since = moment(body.get("time_since"), "time_since")
    before = body.get("time_since_before", entry["time_since"])
    if moment(before, "time_since_before") != moment(entry["time_since"], "time_since"):
        raise Refused(409, f"time_since is {entry['time_since']} by now", "time_since_before")
    until = now if runs(entry) else moment(entry["time_until"], "time_until")
    if not timedelta(0) <= until - since <= LONGEST:
        raise Refused(400, "The entry would end before it starts, or last longer than 24 hours", "time_since")
    after: Row = {"time_since": since.strftime(MOMENT)}
    if not runs(entry):
        after["duration"] = int((until - since).total_seconds())
    rules.checked_entry(store, {**entry, **after}, user, given=set(after))
    store.update("entries", id, {**after, "time_last_change": now.strftime(MOMENT)})
    return {
        "updated": _shown(store, entry, user),
        "running": _shown(store, running_entry(store, entry["users_id"]), user),
        "overlapping_correction": None,
        "current_time": now.strftime(MOMENT),
    }


def runs(entry: Row) -> bool:
    """Whether the clock runs on an entry."""
    return bool(entry["type"] == 1 and entry["time_until"] is None)


def running_entry(store: Store, users_id: int) -> Row | None:
    """What runs for a co-worker."""
    return store.one("SELECT * FROM entries WHERE users_id = ? AND type = 1 AND time_until IS NULL", (users_id,))


def _ready_to_start(store: Store, entry: Row, user: Row, now: datetime) -> Row:
    rules.checked_entry(store, {**entry, "type": 1}, user, given=set(entry))
    if moment(entry["time_since"], "time_since") > now:
        raise Refused(400, "time_since must not lie in the future", "time_since")
    moments = dict.fromkeys(("time_clocked_since", "time_insert", "time_last_change"), now.strftime(MOMENT))
    defaults = {"type": 1, "clocked": 1, "billable": _default_billable(store, entry)}
    return {**defaults, **entry, **moments, "hourly_rate": entries.hourly_rate(store, entry)}


def _default_billable(store: Store, entry: Row) -> int:
    """The project's default, else the customer's."""
    table, id = ("projects", entry["projects_id"]) if entry.get("projects_id") else ("customers", entry["customers_id"])
    row = store.one(f"SELECT billable_default FROM {table} WHERE id = ?", (id,))  # noqa: S608 - our own table names
    return int(row["billable_default"]) if row else 1


def _stop(store: Store, entry: Row, until: datetime, now: datetime) -> bool:
    """End an entry, and say whether it was cut at 24 hours."""
    since = moment(entry["time_since"], "time_since")
    end = min(until, since + LONGEST)
    ended = {"time_until": end.strftime(MOMENT), "duration": int((end - since).total_seconds())}
    store.update("entries", entry["id"], {**ended, "time_last_change": now.strftime(MOMENT)})
    return end < until


def _answer(store: Store, user: Row, now: datetime, *, running: Row | None, stopped: Row | None, **more: bool) -> Row:
    entry, ended = _shown(store, running, user), _shown(store, stopped, user)
    return {"running": entry, "stopped": ended, "current_time": now.strftime(MOMENT), **more}


def _shown(store: Store, entry: Row | None, user: Row) -> Row | None:
    """An entry as it stands now, as the entries endpoint answers it."""
    shown: Row | None = json.loads(entries.one_entry(store, entry["id"], user))["entry"] if entry else None
    return shown
