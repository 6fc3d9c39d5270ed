"""What is to be done to one entry, before it is sent: what a person consents to, and what the writer carries out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clockodo_mcp.api.models import Billable, Entry, EntryChange, NewEntry, TimeEntry
from clockodo_mcp.api.models.clock import ClockStart
from clockodo_mcp.speech import Said, joined, say


@dataclass(frozen=True)
class Create:
    """Store a new entry."""

    new: NewEntry


@dataclass(frozen=True)
class Edit:
    """Change fields of an entry; `before` is how it was read."""

    before: Entry
    change: EntryChange


@dataclass(frozen=True)
class Delete:
    """Remove an entry."""

    before: Entry


@dataclass(frozen=True)
class Start:
    """Start the clock, and so stop what runs."""

    new: ClockStart
    stops: TimeEntry | None = None


@dataclass(frozen=True)
class Stop:
    """Stop the clock on an entry, now or at a moment, with another text where one is given."""

    before: TimeEntry
    until: datetime | None = None
    text: str = ""


@dataclass(frozen=True)
class Move:
    """Move the start of what runs, if it still is where it was read."""

    before: TimeEntry
    start: datetime


Command = Create | Edit | Delete | Start | Stop | Move


def fingerprint(commands: Sequence[Command]) -> str:
    """Equal as long as the same would be done to the same stored state."""
    return "\n".join(_written(one) for one in commands)


def _written(command: Command) -> str:
    parts = [type(command).__name__]
    for value in vars(command).values():
        written = getattr(value, "model_dump_json", None)
        parts.append(written(exclude_unset=isinstance(value, EntryChange)) if written else str(value))
    return " ".join(parts)


def reasons_for_care(entry: Entry, caller: int) -> Said:
    """Why an entry should not be changed in passing; empty where it may."""
    reasons = [
        say("It is already billed.") if entry.billable == Billable.BILLED else "",
        say("It belongs to another person.") if entry.users_id != caller else "",
    ]
    return joined(" ", reasons)


def reasons_for_care_of(entries: Sequence[Entry], caller: int) -> list[Said]:
    """As `reasons_for_care`, of many: how many of them each is about."""
    counted = Counter(care for entry in entries if (care := reasons_for_care(entry, caller)))
    return [
        say("{count} of {all}: {reason}", count=count, all=len(entries), reason=reason)
        for reason, count in counted.items()
    ]
