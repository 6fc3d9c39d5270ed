"""The client against the sandbox and against servers that misbehave: small real ASGI apps, no mock of our own code."""

import json
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import httpx2
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.failures import (
    ClockodoError,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Refused,
    ShiftedWhileReading,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from clockodo_mcp.api.models import (
    Entry,
    EntryChange,
    EntryPage,
    EntryQuery,
    LumpsumServiceEntry,
    LumpsumValue,
    NewEntry,
    NewLumpsumServiceEntry,
    NewLumpsumValue,
    NewTimeEntry,
    TimeEntry,
)
from clockodo_mcp.api.pacing import Pace, Window
from clockodo_mcp.sandbox import Store, create_app
from tests.conftest import NOW, settings

pytestmark = pytest.mark.anyio

YEAR = EntryQuery(
    time_since=datetime(2025, 11, 26, tzinfo=UTC), time_until=datetime(2026, 12, 1, tzinfo=UTC), enhanced_list=True
)
ME = {"data": {"id": 7, "name": "Mara"}}


def client(app: Starlette, *, sleep: Callable[[float], object] | None = None) -> Clockodo:
    """A client on an ASGI app, whose waits take no time: `sleep` is told how long they would be."""

    async def waited(seconds: float) -> None:
        if sleep is not None:
            sleep(seconds)

    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return Clockodo(
        settings(), transport=transport, pace=Pace(()), sleep=waited, now=lambda: NOW, chance=random.Random(1)
    )


def scripted(*answers: Callable[[], Response]) -> tuple[Starlette, list[str]]:
    """An app that gives these answers one after the other, the last one for ever; and the methods it was asked with."""
    asked: list[str] = []

    async def answer(request: Request) -> Response:
        asked.append(request.method)
        return answers[min(len(asked), len(answers)) - 1]()

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "PUT", "DELETE"])]), asked


def good() -> Response:
    return JSONResponse(ME)


class CutOff(Response):
    """Sends half of what it announced."""

    def __init__(self) -> None:
        super().__init__(json.dumps(ME)[:12], media_type="application/json")


@pytest.mark.parametrize(
    ("bad", "pause"),
    [
        (lambda: JSONResponse({}, 429, {"Retry-After": "7"}), 7.0),
        (lambda: JSONResponse({}, 429, {"Retry-After": "Wed, 25 Nov 2026 15:30:09 GMT"}), 9.0),
        (lambda: JSONResponse({}, 429, {"Retry-After": "soon"}), 0.4),
        (lambda: JSONResponse({"error": {"message": "oops"}}, 500), 0.4),
        (lambda: HTMLResponse("<h1>Bad gateway</h1>", 502), 0.4),
        (lambda: HTMLResponse("<h1>Sign in to the proxy</h1>", 200), 0.4),
        (CutOff, 0.4),
    ],
)
async def test_a_read_is_tried_again_after_a_pause(bad: Callable[[], Response], pause: float) -> None:
    waits: list[float] = []
    app, asked = scripted(bad, good)
    async with client(app, sleep=waits.append) as clockodo:
        assert (await clockodo.me()).id == 7
    assert asked == ["GET", "GET"]
    [waited] = waits
    assert waited == pause if pause > 1 else pause / 2 <= waited <= pause


async def test_a_read_ends_after_four_attempts_with_growing_pauses() -> None:
    waits: list[float] = []
    app, asked = scripted(lambda: JSONResponse({}, 503))
    async with client(app, sleep=waits.append) as clockodo:
        with pytest.raises(Unavailable, match=r"answered 503.*Try again in a minute"):
            await clockodo.me()
    assert len(asked) == 4
    assert waits[0] < waits[1] < waits[2]


async def test_a_retry_after_longer_than_we_wait_is_said_at_once() -> None:
    waits: list[float] = []
    app, asked = scripted(lambda: JSONResponse({}, 429, {"Retry-After": "3600"}))
    async with client(app, sleep=waits.append) as clockodo:
        with pytest.raises(TooManyRequests):
            await clockodo.me()
    assert (len(asked), waits) == (1, [])


@pytest.mark.parametrize("answer", [lambda: JSONResponse({}, 500), lambda: HTMLResponse("<p>?"), CutOff])
async def test_a_write_whose_answer_is_lost_is_sent_once_and_said_to_be_unknown(answer: Callable[[], Response]) -> None:
    app, asked = scripted(answer)
    async with client(app) as clockodo:
        for write in (clockodo.delete_entry(5), clockodo.edit_entry(5, EntryChange(text="x"))):
            with pytest.raises(OutcomeUnknown, match="may or may not have happened"):
                await write
    assert asked == ["DELETE", "PUT"]


async def test_a_write_that_never_left_is_tried_again_and_then_said_not_to_be_reachable() -> None:
    """Nothing listens on port 9, so nothing can have been sent."""
    waits: list[float] = []

    async def waited(seconds: float) -> None:
        waits.append(seconds)

    async with Clockodo(settings("http://127.0.0.1:9/api"), pace=Pace(()), sleep=waited) as clockodo:
        with pytest.raises(Unavailable) as caught:
            await clockodo.delete_entry(5)
    assert not caught.value.sent
    assert len(waits) == 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (409, Refused),
        (410, Refused),
        (422, Refused),
    ],
)
async def test_both_shapes_of_errors_are_read_into_the_same_words(status: int, kind: type[ClockodoError]) -> None:
    old = {"error": {"message": "No such thing", "fields": ["customers_id"]}}
    new = {"errors": [{"type": "X", "message": "No such thing", "details": None, "path": ["customers_id"]}]}
    said = set()
    for body in (old, new):
        app, _ = scripted(lambda body=body: JSONResponse(body, status))  # type: ignore[misc]
        async with client(app) as clockodo:
            with pytest.raises(kind) as caught:
                await clockodo.me()
        assert (caught.value.status, caught.value.fields) == (status, ("customers_id",))
        assert not caught.value.retryable
        said.add(str(caught.value))
    assert len(said) == 1


def types(body: object) -> list[type]:
    paging = {"items_per_page": 9, "current_page": 1, "count_pages": 1, "count_items": 9}
    page = EntryPage.read(json.dumps({"paging": paging, "entries": body, "unheard_of": 1}).encode())
    return [type(entry) for entry in page.entries]


def test_the_fields_of_an_entry_decide_whatever_its_label_says() -> None:
    """Sources disagree about 2 and 3, so a label can be wrong or missing."""
    common = {"id": 1, "customers_id": 1, "users_id": 1, "billable": 1, "time_since": "2026-01-01T00:00:00Z", "new": 1}
    worked = {**common, "services_id": 1, "duration": 60, "time_until": "2026-01-01T00:01:00Z"}
    value = {**common, "services_id": 1, "lumpsum": 0.0}
    service = {**common, "lumpsum_services_id": 4, "lumpsum_services_amount": 2}
    for label in ({}, {"type": 1}, {"type": 2}, {"type": 3}, {"type": 9}, {"type": "x"}):
        found = types([{**one, **label} for one in (worked, value, service)])
        assert found == [TimeEntry, LumpsumValue, LumpsumServiceEntry], label


TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)
COMMON = {
    "customers_id": st.just(1001),
    "billable": st.sampled_from([0, 1, 2]),
    "projects_id": st.none() | st.just(2001),
    "text": TEXT,
}
START = st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2026-11-01")).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
MONEY = st.decimals(0, 10_000, places=2).map(float)
NEW: st.SearchStrategy[NewEntry] = st.one_of(
    st.builds(
        lambda start, minutes, **rest: NewTimeEntry(time_since=start, time_until=start + minutes, **rest),
        START,
        st.timedeltas(min_value=datetime.resolution * 60_000_000, max_value=datetime.resolution * 86_400_000_000).map(
            lambda span: span - span % (datetime.resolution * 1_000_000)
        ),
        services_id=st.just(502),
        **COMMON,
    ),
    st.builds(NewLumpsumValue, time_since=START, services_id=st.just(501), lumpsum=MONEY, **COMMON),
    st.builds(
        NewLumpsumServiceEntry,
        time_since=START,
        lumpsum_services_id=st.just(601),
        lumpsum_services_amount=MONEY,
        **COMMON,
    ),
)


@pytest.mark.slow
@given(new=NEW)
@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_an_entry_of_any_type_comes_back_as_it_was_sent(store: Store, new: NewEntry) -> None:
    async with client(create_app(store)) as clockodo:
        stored = await clockodo.add_entry(new)
        assert await clockodo.entry(stored.id) == stored
        asked = EntryQuery(time_since=new.time_since, time_until=new.time_since, enhanced_list=True)
        [listed] = [entry for entry in (await clockodo.entries(asked)).entries if entry.id == stored.id]
        sent = new.model_dump(exclude_none=True)
        assert {name: getattr(listed, name) for name in sent} == sent
        await clockodo.delete_entry(stored.id)
        with pytest.raises(NotFound):
            await clockodo.entry(stored.id)


async def ids(clockodo: Clockodo, items_per_page: int) -> list[int]:
    found = []
    async with clockodo.entry_pages(YEAR, items_per_page=items_per_page) as pages:
        async for page in pages:
            found += [entry.id for entry in page.entries]
    return found


@pytest.mark.parametrize("size", [7, 100, 1000])
async def test_pages_come_in_order_and_complete(store: Store, size: int) -> None:
    async with client(create_app(store)) as clockodo:
        found = await ids(clockodo, size)
    rows = sorted(store.entries(), key=lambda row: (row["time_since"], row["id"]))
    assert found == [row["id"] for row in rows if row["time_since"] >= "2025-11-26"]


class Drifting:
    """A sandbox in which somebody adds or deletes entries of this year before chosen requests, 100 entries a page."""

    def __init__(self, store: Store, at: dict[int, str]) -> None:
        self.app = create_app(store)
        self.store = store
        self.at = at
        self.requests = 0

    def ids(self) -> set[int]:
        return {row["id"] for row in self.store.entries() if row["time_since"] >= "2026"}

    async def __call__(self, scope: dict[str, object], receive: object, send: object) -> None:
        self.requests += 1
        change = self.at.get(self.requests)
        if change in ("delete", "swap"):
            first = min((row for row in self.store.entries() if row["time_since"] >= "2026"), key=lambda row: row["time_since"])  # fmt: skip  # noqa: E501
            self.store.delete_entry(first["id"])
        if change in ("add", "swap"):
            self.store.add_entry(
                users_id=101, customers_id=1001, services_id=501, duration=60,
                time_since="2026-01-01T00:00:00Z", time_until="2026-01-01T00:01:00Z",
            )  # fmt: skip
        query = scope["query_string"]
        assert isinstance(query, bytes)
        fewer = query.replace(b"items_per_page=1000", b"items_per_page=100")
        await self.app({**scope, "query_string": fewer}, receive, send)  # type: ignore[arg-type]


@pytest.mark.slow
@given(at=st.dictionaries(st.integers(1, 14), st.sampled_from(["add", "delete", "swap"]), max_size=5))
@examples(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_entries_that_shift_between_pages_are_never_lost_or_counted_twice(
    store: Store, at: dict[int, str]
) -> None:
    """Whatever was there all the time is read exactly once; shifted three times is said, never hidden."""
    drifting = Drifting(store, at)
    before = drifting.ids()
    asked = YEAR.model_copy(update={"time_since": datetime(2026, 1, 1, tzinfo=UTC)})

    def take(so_far: list[int], entries: list[Entry]) -> list[int]:
        return [*so_far, *(entry.id for entry in entries)]

    transport = httpx2.ASGITransport(app=drifting)  # type: ignore[arg-type]
    async with Clockodo(settings(), transport=transport, pace=Pace(()), now=lambda: NOW) as clockodo:
        try:
            found = await clockodo.fold_entries(asked, list[int], take)
        except ShiftedWhileReading as error:
            assert "call again" in str(error)
            assert at
        else:
            assert len(found) == len(set(found))
            assert set(found) >= before & drifting.ids()
    assert drifting.requests >= 4


async def test_leaving_early_ends_the_requests_that_are_on_the_way(store: Store) -> None:
    app = create_app(store)
    async with client(app) as clockodo, clockodo.entry_pages(YEAR, items_per_page=5) as pages:
        async for _ in pages:
            break
    assert len(app.state.sandbox.seen) < 20


@pytest.fixture
async def worker(store: Store) -> AsyncIterator[Clockodo]:
    from clockodo_mcp.sandbox.seed import WORKER_KEY, WORKER_USER

    transport = httpx2.ASGITransport(app=create_app(store))
    async with Clockodo(settings(user=WORKER_USER, key=WORKER_KEY), transport=transport, pace=Pace(())) as clockodo:
        yield clockodo


async def test_without_the_right_money_is_absent_and_not_zero(worker: Clockodo) -> None:
    entries = (await worker.entries(YEAR)).entries
    assert entries
    assert {entry.users_id for entry in entries} == {102}
    assert {entry.revenue for entry in entries} == {None}
    assert {entry.hourly_rate for entry in entries if isinstance(entry, TimeEntry)} == {None}
    assert {group.revenue for group in await worker.entrygroups(YEAR, ["customers_id"])} == {None}


async def test_groups_are_nested_and_add_up_to_the_entries(store: Store) -> None:
    async with client(create_app(store)) as clockodo:
        entries = (await clockodo.entries(YEAR)).entries
        groups = await clockodo.entrygroups(YEAR, ["customers_id", "projects_id", "month"])
    seconds = sum(entry.duration or 0 for entry in entries if isinstance(entry, TimeEntry))
    assert sum(group.duration for group in groups) == seconds
    for group in groups:
        assert group.sub_groups is not None
        assert sum(one.duration for one in group.sub_groups) == group.duration
        for project in group.sub_groups:
            assert {len(month.group) for month in project.sub_groups or []} == {6}
    assert any(one.group == "0" for group in groups for one in group.sub_groups or [])


async def test_the_request_windows_are_kept_on_our_side(store: Store) -> None:
    """Three a minute: the fourth has to wait, and is not sent meanwhile."""
    import anyio

    app = create_app(store)
    transport = httpx2.ASGITransport(app=app)
    async with Clockodo(settings(), transport=transport, pace=Pace([Window(3, 60)])) as clockodo:
        for _ in range(3):
            await clockodo.me()
        with anyio.move_on_after(0.3) as waiting:
            await clockodo.me()
    assert waiting.cancelled_caught
    assert len(app.state.sandbox.seen) == 3
