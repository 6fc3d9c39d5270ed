"""The sandbox misbehaves on order: what a client sees of each fault, and what the database then holds."""

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx2
import pytest
from anyio.lowlevel import checkpoint

from clockodo_mcp.cli import demo_account
from clockodo_mcp.sandbox import Store, create_app, fill
from clockodo_mcp.sandbox.app import Seen
from clockodo_mcp.sandbox.faults import KINDS, Faults
from clockodo_mcp.sandbox.seed import SANDBOX_KEY, SANDBOX_USER, WORKER_KEY, WORKER_USER
from clockodo_mcp.sandbox.serve import listening
from tests.conftest import NOW

pytestmark = pytest.mark.anyio

HEADERS = {
    "X-ClockodoApiUser": SANDBOX_USER,
    "X-ClockodoApiKey": SANDBOX_KEY,
    "X-Clockodo-External-Application": "tests;t@example.com",
}
WORK = {
    "customers_id": 1001, "services_id": 501, "billable": 1,
    "time_since": "2026-11-20T05:00:00Z", "time_until": "2026-11-20T06:00:00Z",
}  # fmt: skip
SPAN = {"time_since": "2026-01-01T00:00:00Z", "time_until": "2026-12-31T00:00:00Z"}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for the file, since a server takes longer to end than all its tests together."""
    return "asyncio"


@dataclass
class Scene:
    """A sandbox that may misbehave, served over TCP, and a client of it."""

    store: Store
    faults: Faults
    seen: list[Seen]
    client: httpx2.AsyncClient

    async def arm(self, *faults: dict[str, object]) -> None:
        answer = await self.client.post("/_sandbox/faults", json={"faults": faults})
        assert answer.status_code == 200, answer.text

    async def fired(self) -> list[int]:
        return [one["fired"] for one in (await self.client.get("/_sandbox/faults")).json()["faults"]]

    async def work(self) -> httpx2.Response:
        return await self.client.post("/api/v2/entries", json=WORK)

    async def statuses(self, count: int, path: str = "/api/v4/users/me", method: str = "GET") -> list[int]:
        return [(await self.client.request(method, path)).status_code for _ in range(count)]

    def noted(self) -> list[tuple[str, int | None, str | None]]:
        return [(one.method, one.status, one.fault) for one in self.seen]


@asynccontextmanager
async def staged() -> AsyncIterator[Scene]:
    store = Store()
    fill(store, now=NOW)
    app = create_app(store, faults=True, now=lambda: NOW)
    async with listening(app) as url, httpx2.AsyncClient(base_url=url.removesuffix("/api"), headers=HEADERS) as client:
        yield Scene(store, app.state.faults, app.state.sandbox.seen, client)
    store.close()


@pytest.fixture(scope="module")
async def stage() -> AsyncIterator[Scene]:
    async with staged() as scene:
        yield scene


@pytest.fixture
def scene(stage: Scene, caplog: pytest.LogCaptureFixture) -> Iterator[Scene]:
    """The one stage, put in order after each test. To the server itself a fault is no reason to complain."""
    yield stage
    assert caplog.get_records("call") == []
    stage.faults.armed = []
    stage.faults.sleep = anyio.sleep
    stage.seen.clear()


class Wait:
    """A sleep that lasts until the test ends it."""

    def __init__(self, scene: Scene) -> None:
        self.begun, self.over, self.seconds = anyio.Event(), anyio.Event(), 0.0
        scene.faults.sleep = self

    async def __call__(self, seconds: float) -> None:
        self.seconds = seconds
        self.begun.set()
        await self.over.wait()


async def test_a_status_comes_instead_of_the_request(scene: Scene) -> None:
    before = scene.store.entries()
    await scene.arm({"kind": "status", "method": "POST", "status": 429, "headers": {"Retry-After": "1"}})
    answer = await scene.work()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert "429" in answer.json()["error"]["message"]
    assert scene.store.entries() == before
    assert scene.noted() == [("POST", 429, "status")]


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("busy", "text/plain; charset=utf-8", "busy"),
        ({"error": {"message": "no"}}, "application/json", '{"error":{"message":"no"}}'),
    ],
)
async def test_the_body_of_a_status_is_a_text_or_json(scene: Scene, body: object, kind: str, text: str) -> None:
    await scene.arm({"kind": "status", "status": 403, "body": body})
    answer = await scene.work()
    assert (answer.status_code, answer.headers["Content-Type"], answer.text) == (403, kind, text)


async def test_a_status_after_comes_although_the_request_was_carried_out(scene: Scene) -> None:
    before = scene.store.entries()
    await scene.arm({"kind": "status_after", "status": 502, "body": "bad gateway"})
    answer = await scene.work()
    assert (answer.status_code, answer.text) == (502, "bad gateway")
    assert len(scene.store.entries()) == len(before) + 1
    assert scene.noted() == [("POST", 502, "status_after")]


@pytest.mark.parametrize(("kind", "stored"), [("close_before", 0), ("close_after", 1)])
async def test_a_closed_connection_gives_no_answer_and_only_after_it_something_is_stored(
    scene: Scene, kind: str, stored: int
) -> None:
    before = scene.store.entries()
    await scene.arm({"kind": kind})
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.NetworkError)):
        await scene.work()
    assert len(scene.store.entries()) == len(before) + stored
    assert scene.noted() == [("POST", None, kind)]
    assert (await scene.work()).status_code == 200


@pytest.mark.parametrize("kind", ["close_before", "close_after"])
async def test_not_a_byte_comes_before_a_connection_is_closed(scene: Scene, kind: str) -> None:
    await scene.arm({"kind": kind})
    url = scene.client.base_url
    async with await anyio.connect_tcp(url.host, url.port or 0) as stream:
        lines = ["GET /api/v4/users/me HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in HEADERS.items())]
        await stream.send("\r\n".join([*lines, "", ""]).encode())
        with pytest.raises(anyio.EndOfStream):
            await stream.receive()


async def test_before_a_delay_nothing_is_stored_and_after_it_the_answer_is_the_usual_one(scene: Scene) -> None:
    count = len(scene.store.entries())
    await scene.arm({"kind": "delay_before", "seconds": 7})
    wait, answers = Wait(scene), list[httpx2.Response]()

    async def work() -> None:
        answers.append(await scene.work())

    async with anyio.create_task_group() as group:
        group.start_soon(work)
        await wait.begun.wait()
        assert (wait.seconds, len(scene.store.entries()), scene.noted()) == (7, count, [("POST", None, "delay_before")])
        wait.over.set()
    assert answers[0].json()["entry"]["id"] == scene.store.entries()[-1]["id"]
    assert len(scene.store.entries()) == count + 1
    assert scene.noted() == [("POST", 200, "delay_before")]


async def test_a_delayed_request_is_carried_out_even_when_its_client_has_left(scene: Scene) -> None:
    """What makes a retry after a timeout dangerous."""
    count = len(scene.store.entries())
    await scene.arm({"kind": "delay_before", "seconds": 7})
    wait = Wait(scene)
    async with anyio.create_task_group() as group:
        group.start_soon(scene.work)
        await wait.begun.wait()
        group.cancel_scope.cancel()
    assert len(scene.store.entries()) == count
    wait.over.set()
    with anyio.fail_after(2):
        while len(scene.store.entries()) == count:
            await checkpoint()


async def test_a_delay_after_stores_at_once_and_answers_later(scene: Scene) -> None:
    count = len(scene.store.entries())
    await scene.arm({"kind": "delay_after", "seconds": 7})
    wait, answers = Wait(scene), list[httpx2.Response]()

    async def work() -> None:
        answers.append(await scene.work())

    async with anyio.create_task_group() as group:
        group.start_soon(work)
        await wait.begun.wait()
        assert (wait.seconds, len(scene.store.entries()), answers) == (7, count + 1, [])
        assert scene.noted() == [("POST", None, "delay_after")]
        wait.over.set()
    assert answers[0].json()["entry"]["id"] == scene.store.entries()[-1]["id"]


async def test_a_delay_takes_its_seconds(scene: Scene) -> None:
    await scene.arm({"kind": "delay_before", "seconds": 0.05})
    start = time.monotonic()
    assert (await scene.work()).status_code == 200
    assert time.monotonic() - start >= 0.05


async def test_an_answer_that_is_cut_announces_all_and_brings_half(scene: Scene) -> None:
    count = len(scene.store.entries())
    await scene.arm({"kind": "cut"})
    async with scene.client.stream("POST", "/api/v2/entries", json=WORK) as answer:
        parts = answer.aiter_raw()
        got = await anext(parts)
        with pytest.raises(httpx2.RemoteProtocolError):
            await anext(parts)
    assert answer.status_code == 200
    assert len(got) == int(answer.headers["Content-Length"]) // 2
    assert got.startswith(b'{"entry":')
    assert len(scene.store.entries()) == count + 1
    assert scene.noted() == [("POST", 200, "cut")]


@pytest.mark.parametrize(
    ("kind", "more", "status", "stored"),
    [("html", {}, 200, 0), ("html", {"status": 502}, 502, 0), ("html_after", {}, 200, 1)],
)
async def test_a_proxy_shows_its_page(
    scene: Scene, kind: str, more: dict[str, object], status: int, stored: int
) -> None:
    count = len(scene.store.entries())
    await scene.arm({"kind": kind, **more})
    answer = await scene.work()
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert len(scene.store.entries()) == count + stored


@pytest.mark.parametrize(("kind", "stored"), [("garbage", 0), ("garbage_after", 1)])
async def test_garbage_says_that_it_is_json(scene: Scene, kind: str, stored: int) -> None:
    count = len(scene.store.entries())
    await scene.arm({"kind": kind})
    answer = await scene.work()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    with pytest.raises(ValueError, match="Expecting"):
        answer.json()
    assert len(scene.store.entries()) == count + stored


async def page(scene: Scene, number: int, **more: Any) -> list[int]:
    query = {**SPAN, "items_per_page": 5, "page": number, **more}
    answer = await scene.client.get("/api/v2/entries", params=query)
    return [entry["id"] for entry in answer.json()["entries"]]


@pytest.mark.parametrize(
    "filters", [{}, {"filter[customers_id]": 1005}, {"filter[billable]": 0}, {"filter[text]": "Daily"}]
)
async def test_an_entry_that_somebody_adds_pushes_the_pages_on(scene: Scene, filters: dict[str, object]) -> None:
    """The second page begins with what the first one ended with, whatever the list is filtered by."""
    first, before = await page(scene, 1, **filters), scene.store.entries()
    await scene.arm({"kind": "drift", "change": "add"})
    second = await page(scene, 2, **filters)
    assert second[0] == first[-1]
    [added] = [row for row in scene.store.entries() if row not in before]
    assert (added["time_since"], added["time_insert"]) == (SPAN["time_since"], "2026-11-25T15:30:00Z")
    assert await page(scene, 1, **filters) == [added["id"], *first[:-1]]
    scene.store.delete_entry(added["id"])


async def test_an_entry_that_somebody_deletes_pulls_the_pages_back(scene: Scene) -> None:
    """The first entry of the second page is never seen."""
    first, second = await page(scene, 1), await page(scene, 2)
    await scene.arm({"kind": "drift", "change": "delete"})
    assert (await page(scene, 2))[:-1] == second[1:]
    assert first[0] not in {row["id"] for row in scene.store.entries()}


async def test_drift_counts_lists_of_entries_only(scene: Scene) -> None:
    count = len(scene.store.entries())
    await scene.arm({"kind": "drift", "change": "add"})
    await scene.statuses(2)
    await scene.client.get(f"/api/v2/entries/{scene.store.entries()[0]['id']}")
    assert (await scene.fired(), len(scene.store.entries())) == ([0], count)
    await page(scene, 1)
    assert (await scene.fired(), len(scene.store.entries())) == ([1], count + 1)


async def test_into_a_span_without_entries_somebody_adds_one_that_the_caller_sees(scene: Scene) -> None:
    await scene.arm({"kind": "drift", "change": "add"})
    empty = {"time_since": "2031-01-01T00:00:00Z", "time_until": "2031-12-31T00:00:00Z"}
    worker = {"X-ClockodoApiUser": WORKER_USER, "X-ClockodoApiKey": WORKER_KEY}
    answer = await scene.client.get("/api/v2/entries", params=empty, headers=worker)
    [entry] = answer.json()["entries"]
    assert (entry["time_since"], entry["users_id"]) == (empty["time_since"], 102)


async def test_while_the_sandbox_refuses_nobody_can_connect_and_then_it_is_there_again(scene: Scene) -> None:
    count, url = len(scene.store.entries()), urlsplit(str(scene.client.base_url))
    address = (url.hostname, url.port)
    await scene.arm({"kind": "refuse", "method": "POST", "seconds": 7})
    wait = Wait(scene)
    idle = await anyio.connect_tcp(url.hostname or "", url.port or 0)
    assert (await scene.statuses(1)) == [200]
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.NetworkError)):
        await scene.work()
    with pytest.raises(anyio.EndOfStream):
        await idle.receive()
    await idle.aclose()
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)
    with pytest.raises(httpx2.ConnectError):
        await scene.work()
    assert (wait.seconds, len(scene.store.entries())) == (7, count)
    assert scene.noted()[1:] == [("POST", None, "refuse")]
    wait.over.set()
    with anyio.fail_after(2):
        while True:
            try:
                assert (await scene.work()).status_code == 200
                break
            except httpx2.ConnectError:
                await checkpoint()
    assert len(scene.store.entries()) == count + 1


async def test_a_sandbox_that_refuses_can_be_ended() -> None:
    async with staged() as scene:
        await scene.arm({"kind": "refuse", "seconds": 3600})
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.NetworkError)):
            await scene.work()


def test_every_kind_is_ordered_somewhere_in_this_file() -> None:
    text = Path(__file__).read_text()
    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({}, [503, 200, 200, 200, 200]),
        ({"nth": 2}, [200, 503, 200, 200, 200]),
        ({"nth": 2, "times": 3}, [200, 503, 503, 503, 200]),
        ({"nth": 0}, [503, 503, 503, 503, 503]),
        ({"probability": 1}, [503, 503, 503, 503, 503]),
        ({"probability": 0}, [200, 200, 200, 200, 200]),
    ],
)
async def test_the_nth_request_is_hit_and_then_as_many_as_were_ordered(
    scene: Scene, order: dict[str, object], expected: list[int]
) -> None:
    await scene.arm({"kind": "status", "status": 503, **order})
    assert await scene.statuses(5) == expected
    assert await scene.fired() == [expected.count(503)]


async def test_only_requests_of_the_method_and_below_the_path_count(scene: Scene) -> None:
    id = scene.store.entries()[0]["id"]
    await scene.arm({"kind": "status", "status": 503, "method": "GET", "path": "/api/v2/entries", "nth": 2})
    requests = [
        ("GET", "/api/v2/entrygroups", 400), ("POST", "/api/v2/entries", 400), ("GET", f"/api/v2/entries/{id}", 200),
        ("GET", "/_sandbox/requests", 200), ("GET", f"/api/v2/entries/{id}", 503), ("GET", "/api/v2/entries", 400),
    ]  # fmt: skip
    for method, path, status in requests:
        assert (await scene.client.request(method, path)).status_code == status, path
    shown = (await scene.client.get("/_sandbox/faults")).json()["faults"]
    assert [(one["matched"], one["fired"]) for one in shown] == [(3, 1)]


async def test_the_same_seed_hits_the_same_requests_and_another_hits_others(scene: Scene) -> None:
    rounds = []
    for seed in (7, 7, 8):
        await scene.arm({"kind": "status", "status": 503, "probability": 0.3, "seed": seed})
        rounds.append(await scene.statuses(40))
    assert rounds[0] == rounds[1] != rounds[2]
    assert 4 <= rounds[0].count(503) <= 20


async def test_each_fault_counts_for_itself_and_the_first_that_is_due_happens(scene: Scene) -> None:
    await scene.arm(
        {"kind": "status", "status": 500}, {"kind": "status", "status": 502, "times": 2}, {"kind": "html", "nth": 4}
    )
    assert await scene.statuses(3) == [500, 502, 200]
    assert (await scene.client.get("/api/v4/users/me")).text.startswith("<!DOCTYPE")
    assert await scene.fired() == [1, 1, 1]


async def test_arming_replaces_and_begins_to_count_anew_and_nothing_armed_is_all_well(scene: Scene) -> None:
    order: dict[str, object] = {"kind": "status", "status": 503, "nth": 2}
    await scene.arm(order)
    await scene.statuses(1)
    await scene.arm(order)
    assert await scene.statuses(2) == [200, 503]
    assert (await scene.client.get("/_sandbox/faults")).json() == {"faults": [{**order, "matched": 2, "fired": 1}]}
    await scene.arm()
    assert await scene.statuses(2) == [200, 200]
    await scene.arm(order)
    assert (await scene.client.delete("/_sandbox/faults")).json() == {"faults": []}
    assert await scene.statuses(2) == [200, 200]


async def test_requests_that_were_hit_are_listed_with_their_fault_and_others_with_none(scene: Scene) -> None:
    await scene.arm({"kind": "close_before"}, {"kind": "delay_after", "seconds": 0, "nth": 2})
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.NetworkError)):
        await scene.work()
    await scene.statuses(2)
    listed = (await scene.client.get("/_sandbox/requests")).json()
    shown = [(one["method"], one["path"], one["status"], one["fault"]) for one in listed["requests"]]
    assert shown == [
        ("POST", "/api/v2/entries", None, "close_before"),
        ("GET", "/api/v4/users/me", 200, "delay_after"),
        ("GET", "/api/v4/users/me", 200, None),
    ]


ONE: dict[str, object] = {"kind": "status", "status": 503}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "The body is not JSON."),
        (b"[]", "The body must be an object"),
        ({}, "The body must be an object"),
        ({"faults": {}}, "The body must be an object"),
        ({"faults": [], "fault": 1}, "have nothing else"),
        ({"faults": [7]}, "Fault 1 must be an object."),
        ({"faults": [ONE, {"kind": "stauts"}]}, "Fault 2 has no known kind; the kinds are status, status_after,"),
        ({"faults": [{"kind": ["cut"]}]}, "Fault 1 has no known kind"),
        ({"faults": [{**ONE, "seconds": 1}]}, "Fault 1 (status) has no field seconds; it may have method, path,"),
        ({"faults": [{"kind": "delay_before"}]}, "Fault 1 (delay_before) needs seconds."),
        ({"faults": [{**ONE, "method": "post"}]}, "method must be GET,"),
        ({"faults": [{**ONE, "path": "/_sandbox"}]}, "path must be a path in /api"),
        ({"faults": [{**ONE, "nth": -1}]}, "nth must be a whole number"),
        ({"faults": [{**ONE, "nth": True}]}, "nth must be a whole number"),
        ({"faults": [{**ONE, "times": 0}]}, "times must be a whole number from 1"),
        ({"faults": [{**ONE, "probability": 2}]}, "probability must be a number from 0 to 1"),
        ({"faults": [{**ONE, "probability": 0.5, "nth": 1}]}, "probability stands instead of nth and times"),
        ({"faults": [{**ONE, "seed": 7}]}, "seed belongs to a probability"),
        ({"faults": [{"kind": "status", "status": 204}]}, "status must be a status from 200 to 599"),
        ({"faults": [{**ONE, "headers": {"Content-Length": "1"}}]}, "headers must be an object of ASCII texts"),
        ({"faults": [{**ONE, "headers": {"Retry-After": 1}}]}, "headers must be an object of ASCII texts"),
        ({"faults": [{"kind": "drift", "change": "swap"}]}, "change must be add or delete"),
        (b'{"faults": [{"kind": "delay_after", "seconds": NaN}]}', "seconds must be a number from 0 to 86400"),
    ],
)
async def test_a_wrong_fault_is_refused_with_a_sentence_and_what_was_armed_stays(
    scene: Scene, body: object, sentence: str
) -> None:
    await scene.arm({"kind": "html"})
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = await scene.client.post("/_sandbox/faults", **content)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]["message"]
    assert [one.fault.kind for one in scene.faults.armed] == ["html"]


async def test_without_faults_and_in_the_demo_none_can_be_armed(store: Store) -> None:
    _, demo = demo_account()
    for transport in (httpx2.ASGITransport(app=create_app(store)), demo):
        async with httpx2.AsyncClient(transport=transport, base_url="http://x", headers=HEADERS) as client:
            for method in ("GET", "POST", "DELETE"):
                assert (await client.request(method, "/_sandbox/faults", json={"faults": [ONE]})).status_code == 404
            assert (await client.get("/api/v4/users/me")).status_code == 200


@pytest.mark.parametrize("kind", [kind for kind, how in KINDS.items() if how.closes])
async def test_without_a_socket_a_closed_connection_is_an_error_and_nothing_else(store: Store, kind: str) -> None:
    app, before = create_app(store, faults=True), store.entries()
    fault = {"kind": kind, **({"seconds": 1} if kind == "refuse" else {})}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://x", headers=HEADERS) as client:
        assert (await client.post("/_sandbox/faults", json={"faults": [fault]})).status_code == 200
        with pytest.raises(RuntimeError, match=f"The fault {kind} closes a connection: serve the sandbox over TCP"):
            await client.post("/api/v2/entries", json=WORK)
    assert store.entries() == before


async def test_without_a_socket_all_other_faults_happen_as_well(store: Store) -> None:
    transport = httpx2.ASGITransport(app=create_app(store, faults=True))
    async with httpx2.AsyncClient(transport=transport, base_url="http://x", headers=HEADERS) as client:
        await client.post("/_sandbox/faults", json={"faults": [{"kind": "status_after", "status": 500}]})
        count = len(store.entries())
        assert (await client.post("/api/v2/entries", json=WORK)).status_code == 500
    assert len(store.entries()) == count + 1


async def test_new_and_changed_entries_are_stamped_with_the_time_that_the_sandbox_is_given(scene: Scene) -> None:
    made = (await scene.work()).json()["entry"]
    assert (made["time_insert"], made["time_last_change"]) == ("2026-11-25T15:30:00Z",) * 2
    scene.store.update("entries", made["id"], {"time_last_change": "2020-01-01T00:00:00Z"})
    changed = (await scene.client.put(f"/api/v2/entries/{made['id']}", json={"billable": 0})).json()["entry"]
    assert changed["time_last_change"] == "2026-11-25T15:30:00Z"


@pytest.mark.slow
def test_the_command_serves_faults_when_told_to_and_says_nothing_of_them() -> None:
    command = [sys.executable, "-m", "clockodo_mcp", "sandbox", "--port", "0", "--entries", "0", "--faults"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        url = process.stderr.readline().split("CLOCKODO_BASE_URL=")[1].split()[0]
        control = f"{url.removesuffix('/api')}/_sandbox/faults"
        try:
            with httpx2.Client(headers=HEADERS) as client:
                faults = [
                    {"kind": kind, "nth": nth} for nth, kind in enumerate(["close_before", "close_after", "cut"], 1)
                ]
                assert client.post(control, json={"faults": faults}).status_code == 200
                for _ in faults:
                    with pytest.raises((httpx2.RemoteProtocolError, httpx2.NetworkError)):
                        client.get(f"{url}/v4/users/me")
                assert client.get(f"{url}/v4/users/me").status_code == 200
        finally:
            process.terminate()
        assert process.stderr.read() == ""
