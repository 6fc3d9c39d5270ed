"""Writing exactly once: every change is noted before it is sent, and a lost answer is settled by looking.

Clockodo has no key by which it would know a repeated request, so a request whose answer was lost is not simply
repeated. We look whether it has happened, send it once more where it has not, and where even looking fails, we say
that the outcome is unknown, keep the intent in the journal, and settle it at the next opportunity. What may still be
under way (nobody answered in time) is not sent again at all. A call that is cancelled or a host that hangs up does not
interrupt a change under way.
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import anyio
from anyio.abc import TaskGroup
from pydantic import ValidationError

from clockodo_mcp.account.caller import Account
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.failures import ClockodoError, NotFound, OutcomeUnknown
from clockodo_mcp.api.models import Entry
from clockodo_mcp.api.models.entries import is_at_the_end_of_time
from clockodo_mcp.domain.commands import Command, Create, Start
from clockodo_mcp.domain.differences import differences, with_text
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.writing.attempts import ATTEMPTS, Ambiguous, Attempt, Intent
from clockodo_mcp.writing.changes import Action, Change, Ended, State, ToolCall, as_sent
from clockodo_mcp.writing.journal import Journal
from clockodo_mcp.writing.journal_file import JournalUnavailable
from clockodo_mcp.writing.outcomes import HAPPENED, DidNotHappen, Done, EndOfTime, Interrupted, StillUnknown, UnderWay
from clockodo_mcp.writing.turns import Turns

PAUSES = (0.0, 0.4, 1.2)
"""Seconds before each look at whether a lost change has happened: it may become visible a moment later."""

PAUSES_OF_A_BROKEN_LINE = (0.0, 0.4, 1.2, 2.4, 4.0)
"""The same where nobody said that it is over: behind a line that broke, the request may still be under way."""

DELIVERED_TWICE = timedelta(seconds=60)
"""Within this time the same call after an unknown outcome is taken for the same intention."""

SENT_WITHIN = timedelta(minutes=5)
"""The last attempt of a change is sent within this time of its beginning, whatever it had to wait for."""

LOOKS_AGAIN = 0.1
"""Seconds between two looks at what another process is carrying out."""

RESUMED_WITHIN = timedelta(hours=1)
"""Within this time the same call with many changes goes on where it broke off."""

PART = " It is a part of that call, which broke off: the rest of it is not written. The part can be undone{goes_on}."
GOES_ON = ", or the same call made again, which goes on with it within an hour"

log = logging.getLogger(__name__)


@dataclass
class _Waiter:
    """Whoever waits for a change: still there, or gone while it is under way; and its id, once it is noted."""

    gone: bool = False
    change: int | None = None


class Unfinished(NamedTuple):
    """A batch that broke off, or of whose end nobody heard, and what is `done` of it."""

    batch: int
    began: datetime
    done: list[Change]


class Writer:
    """Sends changes for one account, each noted in the journal. `group` outlives the calls that ask for changes."""

    def __init__(
        self,
        clockodo: Clockodo,
        account: Account,
        journal: Journal,
        group: TaskGroup,
        *,
        timeout: float,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        self._clockodo = clockodo
        self._account = account
        self._journal = journal
        self._group = group
        self._arrives = timedelta(seconds=2 * timeout)
        self._sleep = sleep
        self._clock = clock
        self.turns = Turns()
        self._unnoted: dict[int, Callable[[], Awaitable[None]]] = {}
        self._creating = anyio.Lock()
        self._settling = anyio.Lock()
        self._under_way = 0
        self._idle = anyio.Event()

    async def write(
        self, call: ToolCall, command: Command, *, undoes: int | None = None, seen: int | None = None
    ) -> Done:
        """Carry out a command, once; `undoes` is the change that it takes back. No edit of what another process has
        changed since the change `seen`.

        What makes an entry follows one another: two equal ones that both were lost could not be told apart.

        Raises:
            Stale: another call has written since this one began to read.
            ClockodoError: nothing was stored.
            ChangedMeanwhile, DidNotHappen, StillUnknown, JournalUnavailable
        """
        action, sent, before = as_sent(command)

        async def work(waiter: _Waiter) -> Done:
            return await self._carry_out(waiter, call, action, sent, before=before, undoes=undoes, seen=seen)

        async def work_once(waiter: _Waiter) -> Done:
            async with self._creating:
                # Before anything else is settled: what this call was delivered for may be open itself.
                return await self._repeated(call) or await work(waiter)

        return await self._through(call, work_once if isinstance(command, Create | Start) else work)

    async def batch(self, call: ToolCall, keys: Collection[int], undoes: int | None = None) -> tuple[int, list[Change]]:
        """The batch of the same call that did not come to its end, with what it has done; else a new one, which may
        take another one back. `keys` are of all that is to be done.

        Only in the call's turn: then whatever has not come to its end has broken off.
        """
        earlier = await self.unfinished(call, undoes)
        if earlier is None:
            return await self._journal.new_batch(call, self._clockodo.server_time(), len(keys), undoes), []
        await self._journal.take_batch(earlier.batch, len({*keys} | {one.item for one in earlier.done}))
        return earlier.batch, earlier.done

    async def unfinished(self, call: ToolCall, undoes: int | None = None) -> Unfinished | None:
        """The batch of the same call that broke off, or of whose end nobody heard; None where there is none.

        Raises:
            StillUnknown: whether one of its changes has happened is not known, so what is left is not either.
        """
        since = self._clockodo.server_time() - RESUMED_WITHIN
        resumed = await self._journal.batch_to_resume(call, since, undoes)
        # Where somebody knew of it, the same call means something new.
        if resumed is None or await self._journal.is_known(resumed[0]):
            return None
        batch, began = resumed
        changes = await self._ended_elsewhere(lambda: self._journal.of_batch(batch))
        if any(one.state in (State.UNKNOWN, State.PENDING) for one in changes):
            await self.settle()
            changes = await self._journal.of_batch(batch)
        if (undo := await self._journal.open_undo(batch)) is not None:
            await self.settle()
            undo = await self._journal.open_undo(batch)
        for one in [*changes, *([undo] if undo else [])]:
            if one.state in (State.UNKNOWN, State.PENDING):
                raise StillUnknown(one.id, "it is not certain to be there, and may still arrive")
        return Unfinished(batch, began, [one for one in changes if one.state is State.DONE])

    async def _ended_elsewhere(self, read: Callable[[], Awaitable[list[Change]]]) -> list[Change]:
        """Changes, once no other process is carrying them out.

        Raises:
            StillUnknown: one still does.
        """
        begun = self._clock()
        while (other := await self._journal.under_way_elsewhere(changes := await read())) is not None:
            if not await self._may_wait(begun):
                raise StillUnknown(other.id, "another server is still carrying it out")
        return changes

    async def _may_wait(self, begun: float) -> bool:
        """Pause before the next look at what another process carries out; False where that takes too long."""
        if self._clock() - begun > self._arrives.total_seconds():
            return False
        await self._sleep(LOOKS_AGAIN)
        return True

    async def end_batch(self, batch: int, ended: Ended) -> None:
        """A call with many changes ended: where all is done, the same call means something new, else it goes on."""
        with suppress(JournalUnavailable):  # what was done is in it already
            await self._journal.end_batch(batch, ended)

    async def latest(self) -> int:
        """The last change of this account that is no undo and not undone, once nobody is carrying it out; 0 for none.

        Also one of which nobody knows whether it has happened.

        Raises:
            UnderWay: another call is still carrying it out.
        """
        while (change := await self._journal.latest()) is not None:
            await self.settle()
            await self.carried_out(change.id)
            settled = await self._journal.change(change.id)
            if settled is not None and settled.state is not State.NOT_DONE:
                return change.id
        return 0

    async def carried_out(self, change: int) -> None:
        """Return when nobody is carrying out a change, or the call with many that it belongs to.

        Raises:
            UnderWay: somebody still is.
        """
        begun = self._clock()
        while await self._journal.is_under_way(change):
            if not await self._may_wait(begun):
                raise UnderWay(change)

    async def written_before(self, call: ToolCall) -> set[int]:
        """The entries that the same call has written, where it was delivered before and nobody heard of its end."""
        lost = await self._lost_calls(call)
        if any(one.state is not State.DONE for one in lost):
            await self.settle()
            lost = await self._lost_calls(call)
        earlier = await self.unfinished(call)
        done = [*(earlier.done if earlier else ()), *(one for one in lost if one.state is State.DONE)]
        return {one.entry_id for one in done if one.entry_id is not None}

    async def settle(self) -> list[str]:
        """Look at everything whose outcome is open; a sentence for each that is settled now, or still is not.

        Done before each change. Reads only; one request or two for each open change. What cannot be read stays open.
        """
        said = []
        async with self._settling:
            await self._note_again()
            for change in await self._journal.open():
                try:
                    state = await self._settle_one(change)
                except ClockodoError:
                    said.append(f"Change {change.id} ({change.tool}) is still unknown: Clockodo could not be asked.")
                    break  # nor for the next ones, and each try takes its time
                settled = await self._journal.change(change.id) or change
                what = {
                    State.DONE: f"has happened: entry {settled.entry_id}",
                    State.NOT_DONE: "has not happened",
                }.get(state, "is not certain to have happened; look at the entries")
                said.append(f"Change {change.id} ({change.tool}), whose answer was lost, {what}.")
                if state is State.DONE and change.batch and await self._is_part(change.batch):
                    is_late = self._clockodo.server_time() >= change.began + RESUMED_WITHIN
                    said[-1] += PART.format(goes_on="" if is_late else GOES_ON)
        return said

    async def _is_part(self, batch: int) -> bool:
        """Whether of a call with many changes something is not done, and nobody is carrying it out."""
        changes = await self._journal.of_batch(batch)
        done = sum(one.state is State.DONE for one in changes)
        return done < await self._journal.size_of(batch) and not await self._journal.is_under_way(changes[0].id)

    async def lost_call(self, call: ToolCall, within: timedelta = DELIVERED_TWICE) -> Change | None:
        """What the same call, delivered a moment ago, was about, if its outcome was unknown then."""
        return next(iter(await self._lost_calls(call, within)), None)

    async def happened(self, call: ToolCall, within: timedelta = DELIVERED_TWICE) -> Done | None:
        """What the same call has done, delivered before, if nobody heard of it; None where it did nothing.

        `within` an hour where the same call, made again, would mean something else: another entry, or twice as much.
        """
        lost = await self.lost_call(call, within)
        if lost is not None and lost.state is not State.DONE:
            await self.settle()
            lost = await self._journal.change(lost.id)
        if lost is None or lost.state is not State.DONE or (entry := lost.after or lost.before) is None:
            return None
        return Done(lost.id, entry, [HAPPENED], earlier=True, before=lost.before)

    async def _lost_calls(self, call: ToolCall, within: timedelta = DELIVERED_TWICE) -> list[Change]:
        now = self._clockodo.server_time()
        return await self._journal.lost_calls(call, now - within, now - RESUMED_WITHIN)

    @asynccontextmanager
    async def answering(self, change: int, batch: int | None = None) -> AsyncGenerator[None]:
        """While the answer about a change or a batch is made: a caller that leaves now does not know what happened."""
        try:
            yield
            if batch is not None:
                with suppress(JournalUnavailable):  # what was done is in it already
                    await self._journal.tell_batch(batch)
        except anyio.get_cancelled_exc_class():
            await self._lose(change)
            raise

    async def tell(self, done: Done, entry: Entry | None) -> None:
        """Note that the caller hears of a change: from now on the same call means something new.

        The journal gets the entry with its names and text, if it still is as the change left it.
        """
        as_left = entry is not None and not differences(done.entry, entry)
        with suppress(JournalUnavailable):  # the change itself is in it already
            await self._journal.tell(done.change, entry if as_left else None)

    async def finish(self, within: float) -> None:
        """Wait for changes under way, at most `within` seconds. What is left is in the journal."""
        with anyio.move_on_after(within, shield=True):
            while self._under_way:
                self._idle = anyio.Event()
                await self._idle.wait()

    async def _lose(self, change: int) -> None:
        with suppress(JournalUnavailable):  # the change itself is in it already
            await self._journal.lose(change, now=self._clockodo.server_time())

    async def _through(self, call: ToolCall, work: Callable[[_Waiter], Awaitable[Done]]) -> Done:
        """Run to the end, whatever becomes of the caller; one that leaves does not know what has happened."""
        results: list[Done] = []
        failures: list[Exception] = []
        done, waiter = anyio.Event(), _Waiter()

        async def run() -> None:
            try:
                async with self.turns.taken(call.turn):
                    result = await work(waiter)
                    if waiter.gone:  # also if it left while the outcome was noted
                        await self._lose(result.change)
                results.append(result)
            except Exception as error:  # noqa: BLE001 - raised below, to the caller, if it still is there
                failures.append(error)
            finally:
                self._under_way -= 1
                self._idle.set()
                done.set()

        self._under_way += 1
        self._group.start_soon(run)
        try:
            await done.wait()
        except anyio.get_cancelled_exc_class():
            waiter.gone = True
            if waiter.change is not None:  # another server may be sent the same call before this one is done
                await self._lose(waiter.change)
            raise
        if failures:
            raise failures[0]
        if not results:
            raise Interrupted
        return results[0]

    async def _carry_out(
        self,
        waiter: _Waiter,
        call: ToolCall,
        action: Action,
        sent: dict[str, object],
        *,
        before: Entry | None = None,
        undoes: int | None,
        seen: int | None = None,
    ) -> Done:
        if before is not None and is_at_the_end_of_time(before):
            raise EndOfTime(before.id)
        settled = await self.settle()
        if waiter.gone:
            raise Interrupted  # it waited behind others, and nobody expects it any more
        began = self._clockodo.server_time()
        # What cannot be sent is not noted either: made once before, it raises here.
        self._attempt(Intent(0, action, sent, before, began))
        id = waiter.change = await self._journal.begin(
            call, action, sent, began=began, before=before, undoes=undoes, seen=seen
        )
        if waiter.gone:
            # Whoever goes on with its call, perhaps another process, may have looked before this was noted.
            await self._end(id, State.NOT_DONE)
            raise Interrupted
        attempt = self._attempt(Intent(id, action, sent, before, began))
        try:
            after, notes = await self._once(id, attempt)
        except StillUnknown:
            raise
        except ClockodoMcpError:
            await self._end(id, State.NOT_DONE)
            raise
        after = with_text(after, before, sent)
        # For somebody who has gone, what happened is unknown: the same call may come again.
        if not await self._end(id, State.DONE, after=after, lost=waiter.gone):
            notes.append(
                "It happened, but the journal could not be written afterwards; it is noted with the next change."
            )
        return Done(id, after, [*settled, *notes])

    def _attempt(self, intent: Intent) -> Attempt:
        """Raises pydantic's `ValidationError` for what cannot be sent."""
        return ATTEMPTS[intent.action](self._clockodo, self._account, self._journal, intent)

    async def _once(self, id: int, attempt: Attempt) -> tuple[Entry, list[str]]:
        """Send, and where the answer is lost look, and where nothing happened send once more."""
        begun = self._clock()
        for again in (False, True):
            try:
                after = await attempt.send(again=again)
            except OutcomeUnknown as lost:
                if (found := await self._looked_for(id, attempt, lost, begun)) is not None:
                    return found, [f"The answer was lost ({lost.why}); it has happened, once."]
            else:
                sent_again = ["The first attempt was lost without effect, so it was sent again."] if again else []
                return after, [*attempt.notes, *sent_again]
        raise DidNotHappen

    async def _looked_for(self, id: int, attempt: Attempt, lost: OutcomeUnknown, begun: float) -> Entry | None:
        """What became of a lost change; None where it certainly has not happened.

        Raises:
            StillUnknown: looking failed, or it cannot be told, or it may still be under way.
            NotFound: the entry that was to be changed is gone.
        """
        try:
            for pause in PAUSES if lost.answered or lost.late else PAUSES_OF_A_BROKEN_LINE:
                await self._sleep(pause)
                age = timedelta(seconds=self._clock() - begun)
                if (found := await attempt.look(age)) is not None:
                    return found
        except NotFound:
            raise
        except Ambiguous as doubt:
            await self._end(id, State.UNKNOWN, late=True)
            ids = ", ".join(str(one.id) for one in (*doubt.found, *doubt.like))
            raise StillUnknown(id, f"entry {ids} may be it, or somebody else's") from doubt
        except ClockodoMcpError as error:
            await self._end(id, State.UNKNOWN, late=True)
            raise StillUnknown(id, "looking what became of it failed, too") from error
        if lost.late:
            await self._end(id, State.UNKNOWN, late=True)
            raise StillUnknown(id, "it is not there so far, but Clockodo may still be carrying it out")
        return None

    async def _repeated(self, call: ToolCall) -> Done | None:
        """The same call with an unknown outcome a moment ago, settled; None where there is none or it did not happen.

        Raises:
            StillUnknown: it still is.
        """

        async def delivered_before() -> list[Change]:
            return [one for one in await self._lost_calls(call) if one.item == call.item][:1]

        prior = next(iter(await self._ended_elsewhere(delivered_before)), None)
        if prior is None:
            return None
        try:
            async with self._settling:
                state = prior.state if prior.state is State.DONE else await self._settle_one(prior)
        except ClockodoError as error:
            raise StillUnknown(prior.id, "Clockodo cannot be asked what became of it") from error
        if state is State.UNKNOWN:
            raise StillUnknown(prior.id, "it is not certain to be there, and may still arrive")
        settled = await self._journal.change(prior.id)
        if state is State.NOT_DONE or settled is None or settled.after is None:
            return None
        return Done(prior.id, settled.after, [HAPPENED], earlier=True)

    async def _settle_one(self, change: Change) -> State:
        """Find out what became of an open change and note it.

        Raises:
            ClockodoError: it cannot be read now.
        """
        intent = Intent(change.id, change.action, dict(change.sent), change.before, change.began)
        now = self._clockodo.server_time()
        if change.state is State.PENDING:
            # When a process that has ended sent it last is not known; the first look starts the time that it may take.
            over = now >= change.began + SENT_WITHIN
        else:
            over = not change.late or now >= (change.ended or change.began) + self._arrives
        found: Entry | None = None
        try:
            found = await self._attempt(intent).look()
            state = State.DONE if found else State.NOT_DONE if over else State.UNKNOWN
        except NotFound:
            state = State.NOT_DONE
        except ValidationError:
            # What has no form in which it could be sent was never sent, and holds up nothing.
            state = State.NOT_DONE
        except Ambiguous as doubt:
            state = State.UNKNOWN
            if over and doubt.found:
                # As many equal intents as entries have happened; which of them are which makes no difference.
                older = await self._journal.same_open(change.action, change.sent, before=change.id)
                found = doubt.found[older] if older < len(doubt.found) else None
                state = State.DONE if found else State.NOT_DONE
        # What a dead process left counts as lost from now on, so that its call is not carried out a second time; but
        # not for ever: the same words mean something new by then.
        lost = change.state is State.PENDING and now < change.began + RESUMED_WITHIN
        await self._end(change.id, state, after=found, late=state is State.UNKNOWN, lost=lost)
        settled = await self._journal.change(change.id)
        return settled.state if settled else state

    async def _end(
        self, id: int, state: State, *, after: Entry | None = None, late: bool = False, lost: bool = False
    ) -> bool:
        """Note an outcome; False where the journal fails now: what happened is true all the same, and noted later."""
        now = self._clockodo.server_time()
        note = partial(self._journal.end, id, state, now=now, after=after, late=late, lost=lost)
        try:
            await note()
        except JournalUnavailable:
            log.warning("the outcome of change %s could not be noted", id, exc_info=True)
            self._unnoted[id] = note
            return False
        return True

    async def _note_again(self) -> None:
        """Note what could not be noted before."""
        for id, end in list(self._unnoted.items()):
            with suppress(JournalUnavailable):  # it stays for the next time
                await end()
                del self._unnoted[id]
