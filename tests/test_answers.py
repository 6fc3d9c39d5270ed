"""The whole answer of each tool, as a model reads it: one call that does it, and one that is refused."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from mcp.types import CallToolResult, ResourceLink

from clockodo_mcp.sandbox import Store
from tests import snapshots
from tests.conftest import office_of, said, settings
from tests.test_offers import TOOLS

pytestmark = pytest.mark.anyio

Call = tuple[str, dict[str, Any]]

DESIGN = {"project": "Relaunch Website", "service": "Design"}
BOOK = DESIGN | {"time_since": "2026-11-24T06:00", "duration": "2h", "text": "Kick-off"}
EARLY = BOOK | {"time_since": "yesterday 05:00", "duration": "45m", "text": "Daily"}
CODE = {"confirm": "CODE"}
"""Stands for the code of the latest preview, which is random."""

NEVER_REFUSES = {"get_context", "get_clock"}
"""They take no arguments."""

CALLS: dict[str, list[Call]] = {
    "get_context": [("get_context", {})],
    "search_catalog": [("search_catalog", {"query": "wartung"}), ("search_catalog", {"query": "x", "customer": "zz"})],
    "list_entries": [("list_entries", {"period": "yesterday"}), ("list_entries", {"customer": "zzzz"})],
    "get_entry": [("get_entry", {"id": 2}), ("get_entry", {"id": 999999})],
    "create_time_entry": [("create_time_entry", BOOK), ("create_time_entry", {"project": "Wartung", "duration": "1h"})],
    "create_lumpsum_entry": [
        ("create_lumpsum_entry", {"customer": "Acme GmbH", "lumpsum_service": "Anfahrt", "amount": 30}),
        ("create_lumpsum_entry", {"customer": "Acme GmbH", "lumpsum": 5, "amount": 2}),
    ],
    "update_entry": [("update_entry", {"id": 2, "duration": "1h30m"}), ("update_entry", {"id": 2, "lumpsum": 5})],
    "split_entry": [
        ("split_entry", {"which": "code review", "at": "12:00", "service": "Design"}),
        ("split_entry", {"id": 10, "at": "14:00"}),
    ],
    "delete_entry": [("delete_entry", {"id": 3}), ("delete_entry", {"id": 3})],
    "get_clock": [("get_clock", {})],
    "start_clock": [("start_clock", DESIGN), ("start_clock", DESIGN | {"switch": True})],
    "stop_clock": [("stop_clock", {}), ("stop_clock", {})],
    "adjust_clock": [("adjust_clock", {"time_since": "15:00"}), ("adjust_clock", {"time_since": "2026-11-20 09:00"})],
    "summarize_entries": [
        ("summarize_entries", {"period": "2026-10", "group_by": ["customer", "project"], "user": "all"}),
        ("summarize_entries", {"group_by": ["colour"]}),
    ],
    "check_timesheet": [("check_timesheet", {"period": "last_week"}), ("check_timesheet", {"rules": ["lunch"]})],
    "show_week": [("show_week", {}), ("show_week", {"week": "2026-11"})],
    "export_entries": [("export_entries", {"period": "2026-10"}), ("export_entries", {"period": "2026-10"})],
    "log_entries": [
        ("log_entries", {"entries": [BOOK, EARLY]}),
        ("log_entries", {"entries": [BOOK, {"project": "Wartung", "duration": "1h"}]}),
    ],
    "copy_entries": [
        ("copy_entries", {"period": "yesterday", "to": "2026-11-28"}),
        ("copy_entries", {"period": "2020-01-01", "to": "today"}),
    ],
    "update_entries": [
        ("update_entries", {"ids": [2, 3], "set_text": "Sprint"}),
        ("update_entries", {"ids": [2, 3], "set_text": "Sprint"} | CODE),
        ("update_entries", {"ids": [2, 3]}),
    ],
    "list_changes": [
        ("create_time_entry", BOOK),
        ("update_entry", {"id": 2, "text": "Sprint"}),
        ("delete_entry", {"id": 3}),
        ("list_changes", {"period": "today"}),
        ("list_changes", {"period": "someday"}),
    ],
    "undo_change": [("undo_change", {}), ("create_time_entry", BOOK), ("undo_change", {"change_id": 1})],
}
"""Of each tool, one after another in one office; those of another tool prepare it."""


def whole(result: CallToolResult) -> str:
    files = [
        f"[{one.name}, {one.mime_type}, {one.size} bytes]" for one in result.content if isinstance(one, ResourceLink)
    ]
    return "\n".join([said(result), *files])


@pytest.mark.parametrize("name", TOOLS)
async def test_a_tool_answers_as_it_is_stored(
    store: Store, name: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    code, parts, kinds = "", [f"# {name}"], set()
    async with office_of(store, account=settings().model_copy(update={"structured": False})) as office:
        for tool, arguments in CALLS[name]:
            sent = arguments | ({"confirm": code} if "confirm" in arguments else {})
            result = await office.call(tool, **sent)
            assert result.structured_content is None
            answer = whole(result).replace(f"{tmp_path / 'exports'}{os.sep}", "FOLDER/exports/")
            code = "".join(re.findall(r"confirm='(\w+)'", answer))
            if code:
                answer = answer.replace(code, "CODE")
            if tool == name:
                kinds.add(result.is_error)
                refused = "\n\nRefused:" if result.is_error else ""
                parts.append(f"```\n{tool} {json.dumps(arguments, ensure_ascii=False)}\n```{refused}\n\n{answer}")
    assert kinds == ({False} if name in NEVER_REFUSES else {False, True})
    snapshots.is_as_stored(f"answers/{name}.md", "\n\n".join(parts) + "\n", renew=pytestconfig.getoption("snapshots"))


def test_every_tool_has_its_answer_and_nothing_else_has() -> None:
    assert set(TOOLS) == CALLS.keys() == snapshots.names("answers")
