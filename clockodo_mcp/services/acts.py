"""The kinds of change: how each is sent, and how one sees whether it has happened."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.errors import NotFound
from clockodo_mcp.api.models import Entry, EntryChange, EntryQuery, NewEntry
from clockodo_mcp.domain.differences import is_booking_of, not_taken
from clockodo_mcp.services.account import Account
from clockodo_mcp.services.entries import in_its_day
from clockodo_mcp.services.journal import Action, Journal

CLOCKS = timedelta(seconds=2)
"""By how much our idea of Clockodo's clock may be off: its `Date` has whole seconds."""

NEW: TypeAdapter[NewEntry] = TypeAdapter(NewEntry)


class Act(ABC):
    """One change: how it is sent, and how one sees whether it has happened."""

    @abstractmethod
    async def send(self, *, again: bool) -> Entry:
        """Send it; the entry as it is then."""

    @abstractmethod
    async def look(self) -> Entry | None:
        """The entry where it has happened, None where it has not."""


class Ambiguous(Exception):
    """Fewer new entries than equal open intents: which of them has happened cannot be said."""


class _Create(Act):
    def __init__(
        self, clockodo: Clockodo, account: Account, journal: Journal, sent: dict[str, object], began: datetime
    ) -> None:
        self._clockodo = clockodo
        self._account = account
        self._journal = journal
        self._sent = sent
        self._new = NEW.validate_python(sent)
        self._began = began

    async def send(self, *, again: bool) -> Entry:  # noqa: ARG002 - the same each time
        return await self._clockodo.add_entry(self._new)

    async def look(self) -> Entry | None:
        users_id = self._new.users_id or (await self._account.caller()).id
        asked = EntryQuery(
            time_since=self._new.time_since,
            time_until=self._new.time_since,
            users_id=users_id,
            customers_id=self._new.customers_id,
            enhanced_list=True,
        )
        found = [one for one in (await self._clockodo.entries(asked)).entries if self._is_it(one, users_id)]
        if 0 < len(found) < self._journal.same_open(Action.CREATE, self._sent):
            raise Ambiguous
        return found[0] if found else None

    def _is_it(self, entry: Entry, users_id: int) -> bool:
        fresh = entry.time_insert is not None and entry.time_insert >= self._began - CLOCKS
        return fresh and is_booking_of(entry, self._new, users_id) and not self._journal.claimed(entry.id)


class _Edit(Act):
    def __init__(self, clockodo: Clockodo, account: Account, before: Entry, sent: dict[str, object]) -> None:
        self._clockodo = clockodo
        self._account = account
        self._before = before
        self._change = EntryChange.model_validate(sent)

    async def send(self, *, again: bool) -> Entry:  # noqa: ARG002 - the same each time: an edit done twice is one edit
        return await self._clockodo.edit_entry(self._before.id, self._change)

    async def look(self) -> Entry | None:
        zone = (await self._account.caller()).zone
        entry = (await in_its_day(self._clockodo, await self._clockodo.entry(self._before.id), zone)).entry
        return None if not_taken(entry, self._change) else entry


class _Delete(Act):
    def __init__(self, clockodo: Clockodo, before: Entry) -> None:
        self._clockodo = clockodo
        self._before = before

    async def send(self, *, again: bool) -> Entry:
        try:
            await self._clockodo.delete_entry(self._before.id)
        except NotFound:
            if not again:
                raise
        return self._before

    async def look(self) -> Entry | None:
        try:
            await self._clockodo.entry(self._before.id)
        except NotFound:
            return self._before
        return None


def act_of(
    clockodo: Clockodo,
    account: Account,
    journal: Journal,
    action: Action,
    sent: dict[str, object],
    before: Entry | None,
    began: datetime,
) -> Act:
    """The change that an intent stands for. `sent` is its body, `before` the entry it changes, `began` when."""
    if action is Action.CREATE:
        return _Create(clockodo, account, journal, sent, began)
    assert before is not None, "what is edited or deleted was read first"
    return _Edit(clockodo, account, before, sent) if action is Action.UPDATE else _Delete(clockodo, before)
