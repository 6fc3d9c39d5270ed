"""The kinds of change: how each is sent, and how one sees whether it has happened."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ConfigDict, TypeAdapter

from clockodo_mcp.account.caller import Account
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.failures import NotFound, OutcomeUnknown, Refused
from clockodo_mcp.api.models import Entry, EntryChange, EntryQuery, NewEntry, TimeEntry
from clockodo_mcp.api.models.clock import ClockStart
from clockodo_mcp.domain.differences import is_booking_of, is_like, is_start_of, taken
from clockodo_mcp.reading.entries import in_its_day
from clockodo_mcp.writing.changes import Action
from clockodo_mcp.writing.journal import Journal

CLOCKS = timedelta(seconds=2)
"""By how much our idea of Clockodo's clock may be off: its `Date` has whole seconds."""

DOUBTFUL = timedelta(seconds=60)
"""An entry inserted this long before an attempt began is not taken for it, and not ruled out either: clocks step."""

NEW: TypeAdapter[NewEntry] = TypeAdapter(NewEntry, config=ConfigDict(defer_build=True))


class Ambiguous(Exception):
    """Whether a create has happened cannot be told from what is there.

    `found` are equal entries, fewer than equal open intents; or none, and `like` are entries that differ from what was
    sent only in what Clockodo may have written in its own way.
    """

    def __init__(self, found: Sequence[Entry] = (), like: Sequence[Entry] = ()) -> None:
        super().__init__()
        self.found = found
        self.like = like


@dataclass(frozen=True)
class Intent:
    """A change as it was noted: its id in the journal, what is sent, the entry before, and when it began."""

    change: int
    action: Action
    sent: dict[str, object]
    before: Entry | None
    began: datetime


class Attempt(ABC):
    """One change: how it is sent, and how one sees whether it has happened. `notes` are what sending it has shown.

    Raises pydantic's `ValidationError` where it is made of what cannot be sent.
    """

    notes: Sequence[str] = ()

    def __init__(self, clockodo: Clockodo, account: Account, journal: Journal, intent: Intent) -> None:
        self._clockodo = clockodo
        self._account = account
        self._journal = journal
        self._intent = intent
        self._read(intent.sent)

    @abstractmethod
    def _read(self, sent: dict[str, object]) -> None:
        """Take in what is sent."""

    @property
    def _before(self) -> Entry:
        assert self._intent.before is not None, "what is edited or deleted was read first"
        return self._intent.before

    async def _whole(self, entry: Entry) -> Entry:
        """An entry as the list of its day has it."""
        return (await in_its_day(self._clockodo, entry, (await self._account.caller()).zone)).entry

    async def _claimed(self, entry: Entry) -> bool:
        """Whether an entry comes from another change of ours."""
        return await self._journal.claimed(entry.id, but_for=self._intent.change)

    @abstractmethod
    async def send(self, *, again: bool) -> Entry:
        """Send it; the entry as it is then."""

    @abstractmethod
    async def look(self, age: timedelta | None = None) -> Entry | None:
        """The entry where it has happened, None where it has not. `age` is how long ago it began, where known exactly.

        Raises:
            Ambiguous: it cannot be told.
        """


class _Create(Attempt):
    def _read(self, sent: dict[str, object]) -> None:
        self._new = NEW.validate_python(sent)

    async def send(self, *, again: bool) -> Entry:  # noqa: ARG002 - the same each time
        return await self._clockodo.add_entry(self._new)

    async def look(self, age: timedelta | None = None) -> Entry | None:
        users_id = self._new.users_id or (await self._account.caller()).id
        asked = EntryQuery(
            time_since=self._new.time_since,
            time_until=self._new.time_since,
            users_id=users_id,
            customers_id=self._new.customers_id,
            enhanced_list=True,
        )
        there = (await self._clockodo.entries(asked)).entries
        # By the clock of the answer that was just read, where we know how long ago the attempt was.
        began = self._intent.began if age is None else self._clockodo.server_time() - age
        ours = [one for one in there if is_like(one, self._new, users_id) and not await self._claimed(one)]
        fresh = [one for one in ours if one.time_insert is None or one.time_insert >= began - CLOCKS]
        found = [one for one in fresh if is_booking_of(one, self._new, users_id)]
        if found and len(found) >= await self._journal.same_open(self._intent.action, self._intent.sent):
            return found[0]
        doubtful = [one for one in ours if one.time_insert is not None and one.time_insert >= began - DOUBTFUL]
        like = fresh or [one for one in doubtful if is_booking_of(one, self._new, users_id)]
        if found or like:
            raise Ambiguous(found, like)
        return None


class _Edit(Attempt):
    def _read(self, sent: dict[str, object]) -> None:
        self._change = EntryChange.model_validate(sent)

    async def send(self, *, again: bool) -> Entry:  # noqa: ARG002 - the same each time: an edit done twice is one edit
        return await self._clockodo.edit_entry(self._before.id, self._change)

    async def look(self, age: timedelta | None = None) -> Entry | None:  # noqa: ARG002 - an entry has one state
        entry = await self._whole(await self._clockodo.entry(self._before.id))
        return entry if taken(self._before, entry, self._change) else None


class _Delete(Attempt):
    def _read(self, sent: dict[str, object]) -> None:
        """Nothing but the id is sent."""

    async def send(self, *, again: bool) -> Entry:
        try:
            await self._clockodo.delete_entry(self._before.id)
        except NotFound:
            if not again or await self._by_another():
                raise
        return self._before

    async def look(self, age: timedelta | None = None) -> Entry | None:  # noqa: ARG002 - an entry is there or not
        try:
            await self._clockodo.entry(self._before.id)
        except NotFound:
            return None if await self._by_another() else self._before
        return None

    async def _by_another(self) -> bool:
        return await self._journal.deleted(self._before.id, but_for=self._intent.change)


class _Start(Attempt):
    """Begins an entry, and ends the one that runs: Clockodo does both or neither."""

    def _read(self, sent: dict[str, object]) -> None:
        self._new = ClockStart.model_validate(sent)

    async def send(self, *, again: bool) -> Entry:  # noqa: ARG002 - the same each time
        clock = await self._clockodo.start_clock(self._new)
        running, stopped, planned = clock.running, clock.stopped, self._intent.before
        if stopped is not None and stopped.id != (planned.id if planned else None):
            self.notes = [f"Entry {stopped.id}, which somebody had started meanwhile, was stopped by this start."]
        if running is None:
            raise OutcomeUnknown(200, reason="the answer to a start names nothing that runs", answered=True)
        return running

    async def look(self, age: timedelta | None = None) -> Entry | None:
        caller = await self._account.caller()
        running = (await self._clockodo.clock()).running
        now = self._clockodo.server_time()
        began = self._intent.began if age is None else now - age
        # Not only what runs: when this is settled the next day, what was started has been stopped.
        asked = EntryQuery(
            time_since=self._new.time_since or began - DOUBTFUL,
            time_until=now + CLOCKS,
            users_id=caller.id,
            customers_id=self._new.customers_id,
            enhanced_list=True,
        )
        there = [*(await self._clockodo.entries(asked)).entries]
        if running is not None and running.id not in [one.id for one in there]:
            there.append(await self._whole(running))
        ours = [one for one in there if isinstance(one, TimeEntry) and not await self._claimed(one)]
        fresh = [one for one in ours if _is_since(one, began - CLOCKS)]
        found = [one for one in fresh if is_start_of(one, self._new)]
        if found and len(found) >= await self._journal.same_open(self._intent.action, self._intent.sent):
            return found[0]
        clocked = [one for one in fresh if one.clocked or one.running]
        like = [one for one in clocked if one.customers_id == self._new.customers_id]
        # The very start that was sent: whatever its stamps say, it is not without effect.
        like = like or [one for one in ours if one.time_since == self._new.time_since and is_start_of(one, self._new)]
        like = like or [one for one in ours if _is_since(one, began - DOUBTFUL) and is_start_of(one, self._new)]
        if found or like:
            raise Ambiguous(found, like)
        return None


def _is_since(entry: TimeEntry, moment: datetime) -> bool:
    """Whether an entry was made after a moment, as far as it tells: what is clocked from an earlier start says so."""
    made = [one for one in (entry.time_clocked_since, entry.time_insert) if one is not None]
    return not made or max(made) >= moment


class _Stop(Attempt):
    def _read(self, sent: dict[str, object]) -> None:
        self._until = EntryChange.model_validate(sent).time_until

    async def send(self, *, again: bool) -> Entry:  # noqa: ARG002 - what runs no longer is looked at each time
        try:
            stopped = (await self._clockodo.stop_clock(self._before.id, self._until)).stopped
        except NotFound:
            if (stopped := await self.look()) is None:
                raise
        if stopped is None:
            raise OutcomeUnknown(200, reason="the answer to a stop names nothing that was stopped", answered=True)
        return stopped

    async def look(self, age: timedelta | None = None) -> Entry | None:  # noqa: ARG002 - it runs or it does not
        entry = await self._clockodo.entry(self._before.id)
        return None if entry.time_until is None else await self._whole(entry)


class _Move(Attempt):
    """Moves the start of an entry, as long as it is where it was seen."""

    def _read(self, sent: dict[str, object]) -> None:
        self._change = EntryChange.model_validate(sent)

    async def send(self, *, again: bool) -> Entry:  # noqa: ARG002 - guarded by the start that was there
        assert self._change.time_since is not None, "a move has a start"
        try:
            return await self._clockodo.move_clock(
                self._before.id, self._change.time_since, before=self._before.time_since
            )
        except Refused:
            # An attempt before may have arrived after we looked: then the start is where it should be.
            if (found := await self.look()) is None:
                raise
            return found

    async def look(self, age: timedelta | None = None) -> Entry | None:  # noqa: ARG002 - an entry has one start
        entry = await self._clockodo.entry(self._before.id)
        return await self._whole(entry) if entry.time_since == self._change.time_since else None


ATTEMPTS: Mapping[Action, type[Attempt]] = {
    Action.CREATE: _Create, Action.UPDATE: _Edit, Action.DELETE: _Delete,
    Action.START: _Start, Action.STOP: _Stop, Action.MOVE: _Move,
}  # fmt: skip
"""How each kind of change is carried out."""
