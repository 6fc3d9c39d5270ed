"""The laws: what holds whatever happens on the line. Each function says what is against it."""

import json

from mcp.types import CallToolResult

from tests.conftest import said
from tests.faults.rig import SECRET, Rig


def journal_agrees(rig: Rig) -> list[str]:
    """What the journal says of each change since the mark is what the database holds."""
    created, edited, _ = rig.effects()
    present = {row["id"]: row for row in rig.store.entries()}
    wrong = []
    claimed: set[int] = set()
    changes = rig.changes()
    gone = {row["entry_id"] for row in changes if row["action"] == "delete" and row["state"] == "done"}
    last = {row["entry_id"]: row["id"] for row in changes if row["state"] == "done"}
    for row in changes:
        id, state, action = row["entry_id"], row["state"], row["action"]
        if state in ("pending", "unknown"):
            wrong.append(f"change {row['id']} is left {state}")
        elif action in ("create", "start"):
            if state == "done" and (id not in created | gone or id in claimed):
                wrong.append(f"change {row['id']} says that entry {id} was created")
            claimed |= {id} if state == "done" else set()
        elif action == "update" and state == "done" and id not in gone:
            # A later change of ours may have set these fields again.
            wanted = json.loads(row["sent"]) if last[id] == row["id"] else {}
            missing = [name for name, value in wanted.items() if id not in present or present[id][name] != value]
            if missing:
                wrong.append(f"change {row['id']} says that entry {id} was changed: {missing} of {wanted}")
        elif action == "update" and id in edited:
            wrong.append(f"change {row['id']} says that entry {id} was not changed, but it was")
        elif action in ("stop", "move") and id not in gone and last.get(id, 0) <= row["id"]:
            now = present[id]
            moved = action == "move" and now["time_since"] == json.loads(row["sent"])["time_since"]
            if (state == "done") != (moved or (action == "stop" and now["time_until"] is not None)):
                wrong.append(f"change {row['id']} says {state} of the {action} of entry {id}")
        elif action == "delete" and (state == "done") != (id not in present):
            wrong.append(f"change {row['id']} says {state} of the deletion of {id}")
    if created - claimed:
        wrong.append(f"entries {created - claimed} are in no change")
    return wrong


def speaks_well(result: CallToolResult) -> list[str]:
    """No secret, no traceback, no raw answer, no crash is in what the model reads."""
    text = said(result)
    bad = [word for word in (SECRET, "Traceback", "http://", "<html", "<b>", "pydantic", "_sandbox") if word in text]
    crashed = "by a fault of this server" in text or text.startswith("Error executing tool")
    return [f"the answer contains {word!r}: {text}" for word in bad] + (["a crash: " + text] if crashed else [])
