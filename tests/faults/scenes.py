"""The table of faults as data: what is called, which requests that makes, and what may happen to each of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from clockodo_mcp.sandbox import Store, fill
from tests.faults.rig import PATIENT

START = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
"""The moment at which each case begins: a Wednesday afternoon in Berlin."""

HELD = PATIENT + 0.2
"""Seconds until an answer that comes a little later than a server waits for it."""

Arguments = dict[str, Any]
Call = tuple[str, Arguments]
Fault = dict[str, Any]

FAULTS: dict[str, Fault] = {
    "500": {"kind": "status", "status": 500},
    "503_retry_after": {"kind": "status", "status": 503, "headers": {"Retry-After": "1"}},
    "504": {"kind": "status", "status": 504},
    "429": {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}},
    "500_after": {"kind": "status_after", "status": 500},
    "close_before": {"kind": "close_before"},
    "close_after": {"kind": "close_after"},
    "delay_before": {"kind": "delay_before", "seconds": HELD},
    "delay_after": {"kind": "delay_after", "seconds": HELD},
    "cut": {"kind": "cut"},
    "html": {"kind": "html"},
    "html_after": {"kind": "html_after", "status": 502},
    "garbage": {"kind": "garbage"},
    "garbage_after": {"kind": "garbage_after"},
    "refuse": {"kind": "refuse", "seconds": 0.5},
    "drift_add": {"kind": "drift", "change": "add"},
    "drift_delete": {"kind": "drift", "change": "delete"},
}
"""Name: what the sandbox is told to do. `_after` has carried the request out, `_before` has not."""

# Requests, as the sandbox notes them; the ids in their paths do not matter.
LIST = "GET /api/v2/entries"
ADD = "POST /api/v2/entries"
GET = "GET /api/v2/entries/{id}"
EDIT = "PUT /api/v2/entries/{id}"
DELETE = "DELETE /api/v2/entries/{id}"
GROUPS = "GET /api/v2/entrygroups"
CLOCK = "GET /api/v2/clock"
CLOCK_ON = "POST /api/v2/clock"
CLOCK_OFF = "DELETE /api/v2/clock/{id}"
CLOCK_MOVE = "PUT /api/v2/clock/{id}"
ME = "GET /api/v4/users/me"
CUSTOMERS = "GET /api/v3/customers"
PROJECTS = "GET /api/v4/projects"
SERVICES = "GET /api/v4/services"
TARGET_HOURS = "GET /api/targethours"
ABSENCES = "GET /api/v4/absences"
HOLIDAYS = "GET /api/v2/usersNonbusinessDays"


@dataclass(frozen=True)
class Scene:
    """A call of a tool, and the requests that it makes where nothing goes wrong.

    `writes` says what becomes of one entry: create, update, delete; a switch of the clock creates one and edits one,
    both or neither. `many` entries are written one by one. `prepare` are calls before it, and `lost` says that the
    answer to the last of them never came. `previewed` is a call that only shows at first, with a code for the second.
    A `cold` server has just started and has nothing in memory.
    """

    name: str
    tool: str
    arguments: Arguments = field(hash=False)
    requests: tuple[str, ...]
    writes: str = ""
    prepare: tuple[Call, ...] = field(default=(), hash=False)
    lost: bool = False
    many: int = 0
    previewed: bool = False
    cold: bool = False

    def cases(self) -> list[tuple[str, int]]:
        """Each fault at the first, the second and the last request; shifting pages where a list of entries is read."""
        found = []
        for name, fault in FAULTS.items():
            count = len(self.requests)
            if fault["kind"] == "drift":
                # Entries that somebody else adds or deletes could not be told from those of a write.
                count = 0 if self.writes else self.requests.count(LIST)
            found += [(name, nth) for nth in sorted({1, 2, count}) if 1 <= nth <= count]
        return found


TIME = {"customer": "1001", "project": "2001", "service": "502", "billable": "billable", "text": "Fault"}
HALF_AN_HOUR = TIME | {"time_since": "2026-11-24T05:00", "duration": "30m"}
ON_A_DAY = TIME | {"time_since": "2026-11-24", "duration": "30m"}
FLAT = TIME | {"lumpsum": 250, "time_since": "2026-11-24T10:00"}
TEXTS = {"ids": [2, 3], "set_text": "Same"}
PIECES = {
    "customer": "1001", "lumpsum_service": "601", "amount": 3, "billable": "billable", "time_since": "2026-11-24T10:00",
}  # fmt: skip
BY_NAME = {"project": "Zollpapiere", "time_since": "2026-11-24T05:00", "duration": "30m"}
ALL = {"period": "2020-01-01..2027-12-31", "user": "all"}
HOURS = ("05:00", "06:00")
TWO = {"entries": [TIME | {"time_since": f"2026-11-24T{hour}", "duration": "1m"} for hour in HOURS]}

CREATE: Call = ("create_time_entry", HALF_AN_HOUR)
UPDATE: Call = ("update_entry", {"id": 2, "text": "Changed"})
REMOVE: Call = ("delete_entry", {"id": 2})
STOP: Call = ("stop_clock", {})
BEGIN: Call = ("start_clock", TIME)
MOVE: Call = ("adjust_clock", {"time_since": "2026-11-25T10:30Z"})
LOG: Call = ("log_entries", TWO)
ON_MONDAY: tuple[Call, ...] = tuple(
    ("create_time_entry", TIME | {"text": "Copied", "time_since": f"2026-11-23T{hour}", "duration": "1m"})
    for hour in HOURS
)
COPY = {"period": "2026-11-23", "to": "2026-11-28", "text": "Copied"}

SCENES = [
    Scene("context", "get_context", {}, (LIST,)),
    Scene("list", "list_entries", {"period": "2026-10"}, (LIST,)),
    Scene("list_with_totals", "list_entries", ALL, (LIST, GROUPS)),
    Scene("list_of_a_kind", "list_entries", ALL | {"entry_type": "time"}, (LIST, LIST, LIST)),
    Scene("unknown_name", "list_entries", {"customer": "Niemand & Nichts"}, (CUSTOMERS, PROJECTS)),
    Scene("get", "get_entry", {"id": 2}, (GET, LIST)),
    Scene("create", *CREATE, (ADD, LIST), "create"),
    Scene("create_on_a_day", "create_time_entry", ON_A_DAY, (LIST, ADD, LIST), "create"),
    Scene("lump_sum", "create_lumpsum_entry", FLAT, (ADD, LIST), "create"),
    Scene("pieces", "create_lumpsum_entry", PIECES, (ADD, LIST), "create"),
    Scene("update", "update_entry", {"id": 2, "text": "Changed", "duration": "20m"}, (GET, LIST, EDIT, LIST), "update"),
    Scene("split", "split_entry", {"id": 2, "after": "30s"}, (GET, LIST, EDIT, ADD, LIST), "switch"),
    Scene("delete", *REMOVE, (GET, LIST, DELETE), "delete"),
    Scene("undo_create", "undo_change", {}, (GET, LIST, DELETE), "delete", prepare=(CREATE,)),
    Scene("undo_update", "undo_change", {}, (GET, LIST, EDIT, LIST), "update", prepare=(UPDATE,)),
    Scene("undo_delete", "undo_change", {}, (ADD, LIST), "create", prepare=(REMOVE,)),
    Scene("clock", "get_clock", {}, (CLOCK, LIST)),
    Scene("start", *BEGIN, (CLOCK, CLOCK_ON, LIST), "create", prepare=(STOP,)),
    Scene("switch", "start_clock", TIME | {"switch": True}, (CLOCK, LIST, CLOCK_ON, LIST), "switch"),
    Scene("stop", *STOP, (CLOCK, CLOCK_OFF, LIST), "update"),
    Scene("stop_with_text", "stop_clock", {"text": "Fault"}, (CLOCK, LIST, EDIT, CLOCK_OFF, LIST), "update"),
    Scene("move", *MOVE, (CLOCK, CLOCK_MOVE, LIST), "update"),
    Scene("undo_start", "undo_change", {}, (GET, LIST, DELETE), "delete", prepare=(STOP, BEGIN)),
    Scene("undo_move", "undo_change", {}, (GET, LIST, CLOCK_MOVE, LIST), "update", prepare=(MOVE,)),
    Scene("summary", "summarize_entries", {"period": "2026-10", "group_by": ["customer"]}, (GROUPS,)),
    Scene("summary_compared", "summarize_entries", {"period": "2026-10", "compare_to": "previous"}, (GROUPS, GROUPS)),
    Scene("summary_by_weekday", "summarize_entries", ALL | {"group_by": ["weekday"]}, (GROUPS, PROJECTS)),
    Scene("timesheet", "check_timesheet", {"period": "2026-10"}, (LIST, TARGET_HOURS, ABSENCES, HOLIDAYS)),
    Scene("week", "show_week", {"week": "2026-W47"}, (LIST, TARGET_HOURS, ABSENCES, HOLIDAYS)),
    Scene("export", "export_entries", ALL | {"path": "all.csv", "overwrite": True}, (LIST, LIST, LIST)),
    Scene("log", *LOG, (ADD, ADD, LIST), "create", many=2),
    Scene("copy", "copy_entries", COPY, (LIST, LIST, ADD, ADD, LIST), "create", prepare=ON_MONDAY, many=2),
    Scene("update_many", "update_entries", TEXTS, (GET, GET, LIST, EDIT, EDIT), "update", many=2, previewed=True),
    Scene("undo_many", "undo_change", {}, (LIST, DELETE, DELETE), "delete", prepare=(LOG,), many=2),
    Scene("changes", "list_changes", {}, (LIST,), "create", prepare=(CREATE,), lost=True),
    Scene("cold_search", "search_catalog", {"query": "relaunch"}, (CUSTOMERS, PROJECTS, SERVICES, ME, LIST), cold=True),
    Scene("cold_create", "create_time_entry", BY_NAME, (ME, PROJECTS, SERVICES, LIST, ADD, LIST), "create", cold=True),
]  # fmt: skip


def filled() -> Store:
    """Enough entries for three pages, and a project with one usual service."""
    store = Store()
    fill(store, entries=230, now=START)
    project = store.add_project(1006, "Zollpapiere")
    for hour in range(4):
        store.add_entry(
            users_id=101, customers_id=1006, projects_id=project, services_id=503, duration=60,
            time_since=f"2026-11-25T0{hour}:00:00Z", time_until=f"2026-11-25T0{hour}:01:00Z",
        )  # fmt: skip
    return store
