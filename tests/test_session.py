"""How requests are sent: words, waits and openings, over real connections and small real apps."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from clockodo_mcp.api import foreign
from clockodo_mcp.api.client import Clockodo
from clockodo_mcp.api.failures import OutcomeUnknown, TooManyRequests, Unavailable, Unusable, WindowsFull
from clockodo_mcp.api.models import EntryChange
from clockodo_mcp.api.pacing import Pace, Retries, Window
from clockodo_mcp.sandbox import Store, create_app
from tests.conftest import NOW, settings

pytestmark = pytest.mark.anyio

ONE_A_MINUTE = [Window(1, 60)]
ME: dict[str, Any] = {"data": {"id": 7, "name": "Mara"}}


class Waits:
    """Pauses between attempts, which are noted and take no time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def answering(*answers: Callable[[], Response]) -> tuple[Starlette, list[str]]:
    """An app that gives these answers one after the other, the last one for ever; and the methods it was asked with."""
    asked: list[str] = []

    async def answer(request: Request) -> Response:
        asked.append(request.method)
        return answers[min(len(asked), len(answers)) - 1]()

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "PUT", "DELETE"])]), asked


def client(app: Starlette, **more: Any) -> Clockodo:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    usual: dict[str, Any] = {"pace": Pace(()), "sleep": Waits(), "now": lambda: NOW, "chance": random.Random(1)}
    return Clockodo(settings(), transport=transport, **(usual | more))


# Whose words they are


@pytest.mark.parametrize(
    "answer",
    [
        lambda: HTMLResponse("<h1>Sign in</h1>"),
        lambda: Response(b'{"data": {"id": ', media_type="application/json"),
        lambda: JSONResponse({"data": "surprise"}),
        lambda: JSONResponse({}, 302, {"Location": "http://127.0.0.1/elsewhere"}),
    ],
)
async def test_our_own_words_are_a_reason_and_not_clockodos(answer: Callable[[], Response]) -> None:
    app, _ = answering(answer)
    async with client(app) as clockodo:
        with pytest.raises(Unavailable) as read:
            await clockodo.me()
        with pytest.raises(OutcomeUnknown) as written:
            await clockodo.edit_entry(5, EntryChange(text="x"))
    for error in (read.value, written.value):
        assert error.clockodo_says == ""
        assert error.reason
        assert f"({error.reason})" in str(error)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda: JSONResponse({"data": "surprise"}), "is not what Clockodo documents"),
        (lambda: JSONResponse({}, 302, {"Location": "http://127.0.0.1/elsewhere"}), "check CLOCKODO_BASE_URL"),
    ],
)
async def test_what_would_be_answered_the_same_again_is_not_asked_again(
    answer: Callable[[], Response], said: str
) -> None:
    """Unlike what was cut off on the way, or a proxy's page."""
    app, asked = answering(answer)
    async with client(app) as clockodo:
        with pytest.raises(Unusable, match=said):
            await clockodo.me()
    assert asked == ["GET"]


@pytest.mark.parametrize(
    "answer",
    [lambda: HTMLResponse("<h1>Busy</h1>"), lambda: Response(b'{"data": {"id": ', media_type="application/json")],
)
async def test_what_was_spoiled_on_the_way_is_asked_again(answer: Callable[[], Response]) -> None:
    app, asked = answering(answer, lambda: JSONResponse(ME))
    async with client(app) as clockodo:
        assert (await clockodo.me()).id == ME["data"]["id"]
    assert asked == ["GET", "GET"]


async def test_what_clockodo_says_is_said_in_its_name() -> None:
    app, _ = answering(lambda: JSONResponse({"error": {"message": "Database is down."}}, 500))
    async with client(app) as clockodo:
        with pytest.raises(Unavailable, match=r"Clockodo answered 500: Database is down\. Try again") as read:
            await clockodo.me()
        with pytest.raises(OutcomeUnknown, match=r"lost \(Database is down\.\)") as written:
            await clockodo.edit_entry(5, EntryChange(text="x"))
    for error in (read.value, written.value):
        assert (error.clockodo_says, error.reason, error.why) == ("Database is down.", "", "Database is down.")


async def test_a_line_that_never_stood_is_our_reason() -> None:
    """Nothing listens on port 9."""
    async with Clockodo(settings("http://127.0.0.1:9/api"), pace=Pace(()), sleep=Waits()) as clockodo:
        with pytest.raises(Unavailable, match=r"could not be reached \(no connection\)") as caught:
            await clockodo.me()
    assert (caught.value.clockodo_says, caught.value.reason, caught.value.sent) == ("", "no connection", False)


@pytest.mark.parametrize(("status", "why"), [(0, "no answer"), (502, "Clockodo answered 502")])
def test_without_any_words_the_status_is_the_reason(status: int, why: str) -> None:
    assert OutcomeUnknown(status).why == why


# The library's failures


def classes(of: type[BaseException]) -> set[type[BaseException]]:
    return {of} | {one for below in of.__subclasses__() for one in classes(below)}


def test_every_failure_of_httpx2_is_in_the_table_or_known_never_to_come() -> None:
    """A new one in the library is looked at before it is shipped."""
    exported = {one for one in vars(httpx2).values() if isinstance(one, type) and issubclass(one, Exception)}
    roots = {one for one in exported if not issubclass(one, Warning)}
    grown = {one for root in roots for one in classes(root) if one.__module__.partition(".")[0] == "httpx2"}
    assert grown == set(foreign.MEANINGS) | foreign.NEVER_COME
    assert not set(foreign.MEANINGS) & foreign.NEVER_COME
    assert all(issubclass(one, httpx2.RequestError) for one in foreign.MEANINGS)


def test_the_most_specific_class_decides() -> None:
    class SlowRead(httpx2.ReadTimeout):
        pass

    class Odd(httpx2.RequestError):
        pass

    slow, odd = foreign.unavailable(SlowRead("x")), foreign.unavailable(Odd("secret"))
    assert (slow.reason, slow.sent, slow.late) == ("no answer in time", True, True)
    assert (odd.reason, odd.sent, odd.late) == ("the connection broke", True, False)
    assert "secret" not in str(odd)


def test_what_never_left_is_told_from_what_may_have_arrived() -> None:
    unsent = {kind.__name__ for kind, meaning in foreign.MEANINGS.items() if not meaning.sent}
    late = {kind.__name__ for kind, meaning in foreign.MEANINGS.items() if meaning.late}
    assert unsent == {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
    assert late == {"ReadTimeout", "TimeoutException"}


@asynccontextmanager
async def refusing_proxy() -> AsyncIterator[str]:
    """A proxy that lets nobody through."""

    async def refuse(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, refuse)
        yield f"http://127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}"  # noqa: S610 - this is not Django
        group.cancel_scope.cancel()


async def test_a_write_that_a_proxy_refused_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Waits()
    async with refusing_proxy() as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        async with Clockodo(settings("https://clockodo.invalid/api"), pace=Pace(()), sleep=waits) as clockodo:
            with pytest.raises(Unavailable, match="the proxy refused") as caught:
                await clockodo.delete_entry(5)
    assert not caught.value.sent
    assert len(waits.seconds) == 3


# Waiting


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.slow
async def test_full_windows_are_refused_here_without_another_try(store: Store, write: bool) -> None:
    """Clockodo was not asked, so no 429 is put in its mouth."""
    waits, app = Waits(), create_app(store)
    async with client(app, pace=Pace(ONE_A_MINUTE), sleep=waits, retries=Retries(total=1)) as clockodo:
        await clockodo.me()
        with pytest.raises(WindowsFull, match="nothing was sent") as caught:
            await (clockodo.delete_entry(1) if write else clockodo.me())
    assert (caught.value.status, caught.value.clockodo_says) == (0, "")
    assert not isinstance(caught.value, TooManyRequests)
    assert (waits.seconds, len(app.state.sandbox.seen)) == ([], 1)


async def test_all_waits_of_a_request_together_have_one_ceiling() -> None:
    """Of eight seconds, seven go to what Clockodo asked for; its place in the windows may take the rest."""
    waits = Waits()
    app, asked = answering(lambda: JSONResponse({}, 429, {"Retry-After": "7"}), lambda: JSONResponse(ME))
    async with client(app, pace=Pace(ONE_A_MINUTE), sleep=waits, retries=Retries(total=8)) as clockodo:
        with anyio.fail_after(5), pytest.raises(WindowsFull):
            await clockodo.me()
    assert (asked, waits.seconds) == (["GET"], [7.0])


# Opening


async def test_an_account_can_be_opened_again(store: Store) -> None:
    clockodo = client(create_app(store))
    for _ in range(2):
        async with clockodo:
            assert (await clockodo.me()).id == 101


async def test_a_closed_account_sends_nothing(store: Store) -> None:
    app = create_app(store)
    clockodo = client(app)
    with pytest.raises(RuntimeError, match="async with"):
        await clockodo.me()
    async with clockodo:
        pass
    with pytest.raises(RuntimeError, match="async with"):
        await clockodo.me()
    assert not app.state.sandbox.seen
