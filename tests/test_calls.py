"""What holds for every call: one answer in words, one account, one moment, and advice that can be followed."""

import logging
import re
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx2
import pytest
from mcp import Client
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.types import CallToolResult, ElicitRequestFormParams, ElicitResult
from pydantic import TypeAdapter, ValidationError

from clockodo_mcp.api.pacing import Pace
from clockodo_mcp.app import App
from clockodo_mcp.asking import find_or_ask
from clockodo_mcp.call import Call
from clockodo_mcp.protocol.boundary import Boundary
from clockodo_mcp.resolving import objects
from clockodo_mcp.resolving.finding import Finding, Found, Words
from clockodo_mcp.sandbox import Store, create_app, fill
from clockodo_mcp.server import build_server
from clockodo_mcp.tools import TOOLSETS
from clockodo_mcp.writing.changes import ToolCall
from tests.conftest import NOW, Office, facts, office_of, said, settings

pytestmark = pytest.mark.anyio

ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
BOOK = {"project": "Relaunch Website", "service": "Design", "time_since": "2026-11-24T06:00", "duration": "2h"}
TOOLS = {tool.name for tools in TOOLSETS.values() for tool in tools}


class Person:
    """Takes a while for each answer, by a clock that walks; remembers what was asked."""

    def __init__(self, choose: int, takes: timedelta = timedelta()) -> None:
        self.asked: list[ElicitRequestFormParams] = []
        self.moment = NOW
        self._choose, self._takes = choose, takes

    def now(self) -> datetime:
        return self.moment

    async def __call__(self, _: Any, params: ElicitRequestFormParams) -> ElicitResult:
        self.asked.append(params)
        self.moment += self._takes
        choices = params.requested_schema["properties"]["choice"]["enum"]
        return ElicitResult(action="accept", content={"choice": choices[self._choose]})


async def test_an_answer_is_words_alone_unless_structured_content_is_wished(store: Store) -> None:
    """Hosts hand their model structured content alone where there is any, and it reads none of the words."""
    plain = settings().model_copy(update={"structured": False})
    async with office_of(store, account=plain) as office:
        for tool in (await office.assistant.list_tools()).tools:
            assert tool.output_schema is None, tool.name
        listed = await office.call("list_entries", period="2026-10")
        assert listed.structured_content is None
        assert "90 entries, 120:45 h (90:00 h billable or billed), revenue 8,122.50." in said(listed)
        made = await office.call("create_time_entry", **BOOK)
        assert made.structured_content is None
        assert "06:00–08:00 | 2:00 | Acme GmbH › Relaunch Website | Design | billable |" in said(made)


async def test_structured_content_is_complete_where_it_is_wished(store: Store) -> None:
    async with office_of(store) as office:
        made = facts(await office.call("create_time_entry", **(BOOK | {"billable": ""})))
        assert {"done", "timezone", "entry", "change", "day_seconds", "notes", "warnings", "undo"} <= made.keys()
        entry = made["entry"]
        assert isinstance(entry, dict)
        assert (entry["seconds"], entry["hours"]) == (7200, "2:00")


@ERAS
async def test_what_a_slow_person_agrees_to_is_asked_once_and_booked_as_it_was_shown(
    store: Store, mode: Literal["auto", "legacy"]
) -> None:
    """The entry ends now, and by the answer now is another minute: the call goes on in the moment in which it began."""
    person = Person(0, takes=timedelta(seconds=70))
    always = settings().model_copy(update={"confirm": "always"})
    before = len(store.entries())
    async with office_of(store, account=always, mode=mode, elicitation_callback=person, now=person.now) as office:
        made = await office.call("create_time_entry", customer="1001", service="501", duration="1h")
    assert not made.is_error, said(made)
    [asked] = person.asked
    assert "2026-11-25 15:30–16:30" in asked.message
    assert len(store.entries()) == before + 1
    assert store.entries()[-1]["time_until"] == "2026-11-25T15:30:00Z"


@ERAS
async def test_many_entries_ask_about_a_name_like_a_single_one(store: Store, mode: Literal["auto", "legacy"]) -> None:
    person = Person(1)
    forms = [BOOK, {"project": "Wartung", "service": "Design", "time_since": "2026-11-24T04:00", "duration": "1h"}]
    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        facts(await office.call("log_entries", entries=forms))
    assert [one.message for one in person.asked] == ["Entry 2: Which project is meant by 'Wartung'?"]
    assert store.entries()[-1]["projects_id"] == 2005


@ERAS
async def test_one_change_for_many_asks_about_a_name_too(store: Store, mode: Literal["auto", "legacy"]) -> None:
    person = Person(0)
    async with office_of(store, mode=mode, elicitation_callback=person) as office:
        facts(await office.call("update_entries", ids=[2, 3], set_project="Wartung"))
    named, agreed = (one.message for one in person.asked)
    assert named == "Which project is meant by 'Wartung'?"
    assert agreed.startswith("This would change 2 entries, 2:15 h:\n- entry 2: ")
    assert "project 'Kassensystem' → 'Wartung'" in agreed


@ERAS
async def test_what_nobody_answers_can_be_agreed_to_in_the_chat(store: Store, mode: Literal["auto", "legacy"]) -> None:
    """Headless hosts declare forms and close them: then the preview comes with its code, as where no form is."""
    asked: list[str] = []

    async def closes(_: Any, params: ElicitRequestFormParams) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="cancel")

    texts = [one["texts_id"] for one in store.entries()]
    async with office_of(store, mode=mode, elicitation_callback=closes) as office:
        preview = await office.call("update_entries", ids=[2, 3], set_text="Sprint")
        assert "Not done yet. This would change 2 entries, 2:15 h:" in said(preview)
        assert [one["texts_id"] for one in store.entries()] == texts
        code = said(preview).partition("confirm='")[2].partition("'")[0]
        done = await office.call("update_entries", ids=[2, 3], set_text="Sprint", confirm=code)
    assert not done.is_error, said(done)
    assert len(asked) == 1
    assert sum(one["texts_id"] != old for one, old in zip(store.entries(), texts, strict=True)) == 2


async def test_what_a_host_adds_for_itself_is_no_argument(office: Office) -> None:
    """Gemini CLI sends its own `wait_for_previous` along with every call."""
    assert "Wed 2026-11-25" in said(await office.call("list_entries", period="today", wait_for_previous=True))


async def test_choices_are_in_the_text_where_a_form_is_closed(store: Store) -> None:
    """Headless hosts declare forms and cancel them."""

    async def cancels(_: Any, params: ElicitRequestFormParams) -> ElicitResult:
        return ElicitResult(action="cancel")

    async with office_of(store, elicitation_callback=cancels) as office:
        refused = await office.call("create_time_entry", **(BOOK | {"project": "Wartung"}))
    assert refused.is_error
    assert "Acme GmbH › Wartung (id 2002), Acme Retail AG › Wartung (id 2005)" in said(refused)
    assert "Nothing was done. Nobody chose one of these." in said(refused)


async def test_everything_that_is_wrong_is_said_at_once_with_what_was_understood(store: Store) -> None:
    before = store.entries()
    async with office_of(store) as office:
        refused = await office.call(
            "create_time_entry", customer="Hotel", project="Fotoz-Archiv", service="Skydiving",
            time_since="2026-11-24T06:00", duration="a while", billable="billable",
        )  # fmt: skip
    lines = said(refused).splitlines()
    assert lines[0] == "3 things are wrong. Nothing was done."
    assert [line.partition(":")[0] for line in lines[1:4]] == [
        "- project='Fotoz-Archiv'", "- service='Skydiving'", "- duration='a while'",
    ]  # fmt: skip
    # Where the choices are few they are all listed, and nobody else's projects are among them.
    assert "Beratung (id 501)" in lines[2]
    assert "Hotel Bergblick › Fotos (id 2007)" in lines[1]
    assert "Acme" not in lines[1]
    assert lines[4].startswith(
        "Understood: Hotel Bergblick (id 1003). Call again with project='<the id of the right one>'"
    )
    assert store.entries() == before


async def test_two_accounts_in_one_process_share_nothing() -> None:
    """Two journals, two catalogues, two callers, at the same time."""
    stores = [Store(), Store()]
    for store in stores:
        fill(store, now=NOW)
    only = stores[0].add_project(1006, "Zollpapiere")
    async with office_of(stores[0]) as one, office_of(stores[1]) as other:
        counts = [len(store.entries()) for store in stores]
        booked = await one.call("create_time_entry", project=str(only), service="501", duration="15m")
        assert facts(booked)["change"] == 1
        assert [len(store.entries()) for store in stores] == [counts[0] + 1, counts[1]]
        assert facts(await other.call("list_changes"))["changes"] == 0
        assert facts(await one.call("search_catalog", query="Zollpapiere"))["found"] == 1
        assert facts(await other.call("search_catalog", query="Zollpapiere"))["found"] == 0
        refused = await other.call("undo_change")
        assert "There is nothing to undo" in said(refused)
        facts(await one.call("undo_change"))
        assert [len(store.entries()) for store in stores] == counts
    for store in stores:
        store.close()


class Broken(httpx2.AsyncBaseTransport):
    """Fails in a way that nobody has foreseen, once it is told to."""

    def __init__(self, store: Store) -> None:
        self.fails = False
        self._sound = httpx2.ASGITransport(app=create_app(store, now=lambda: NOW))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.fails:
            raise LookupError(f"no such thing as {request.headers['X-ClockodoApiKey']}")
        return await self._sound.handle_async_request(request)


@pytest.mark.parametrize(
    ("tool", "arguments", "ends"),
    [
        ("list_entries", {}, "Nothing was changed."),
        (
            "delete_entry",
            {"id": 3},
            "It may or may not have been carried out. To settle it and see what became of it, call list_changes.",
        ),
    ],
)
async def test_a_fault_of_ours_is_reported_by_a_number_that_its_log_has_too(
    store: Store, caplog: pytest.LogCaptureFixture, tool: str, arguments: dict[str, Any], ends: str
) -> None:
    """The person's report leads to the traceback; the model reads none of it, and what it may do next."""
    transport = Broken(store)
    server = build_server(settings(), transport=transport, now=lambda: NOW, pace=Pace(()))
    async with Client(server) as assistant:
        await assistant.call_tool("get_context", {})
        transport.fails = True
        failed = await assistant.call_tool(tool, arguments)
    assert failed.is_error
    match = re.fullmatch(rf"{tool} failed by a fault of this server, report ([0-9a-f]{{8}})\. (.*)", said(failed))
    assert match, said(failed)
    assert match[2] == ends + " Tell the person, and do not repeat the call."
    [logged] = [text for one in caplog.records if match[1] in (text := logging.Formatter().format(one))]
    assert "LookupError: no such thing" in logged


def test_only_what_pydantic_says_of_the_arguments_is_the_models_mistake() -> None:
    """The same error out of a tool's body, or from before it ran, is a fault of ours."""
    [tool] = [one for tools in TOOLSETS.values() for one in tools if one.name == "get_entry"]
    boundary = Boundary(tool, ["get_entry"], {"id": {"type": "integer"}})
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, int]).validate_python({"id": "secret"})
    wrong = caught.value
    refused = boundary.failure(caused_by(wrong, ToolError("sdk")), {"id": "secret"})
    assert isinstance(refused, CallToolResult)
    assert said(refused) == "get_entry: id must be of type integer. Nothing was done."
    for error in (wrong, caused_by(wrong, UnexpectedToolError("sdk")), ToolError("secret"), ValueError("secret")):
        with pytest.raises(UnexpectedToolError, match="failed by a fault of this server, report") as fault:
            boundary.failure(error, {"id": "secret"})
        assert "secret" not in str(fault.value)
        assert fault.value.__cause__ in (wrong, error)


def caused_by(cause: Exception, error: Exception) -> Exception:
    error.__cause__ = cause
    return error


async def test_a_finding_that_waits_for_one_that_is_not_looked_up_is_an_error_and_no_endless_search(
    store: Store,
) -> None:
    """A mistake in a tool: what `find_or_ask` is handed must hold what it depends on, as its part."""
    missing = objects.open_service("no such service")

    async def look(call: Call, _: Words) -> Found[int | None]:
        return Found(await missing.value(call))

    transport = httpx2.ASGITransport(app=create_app(store, now=lambda: NOW))
    async with App(settings(), transport=transport, now=lambda: NOW, pace=Pace(())).opened() as app:
        call = Call(app, await app.account.caller(), NOW, ToolCall("get_entry", {}), ())
        with pytest.raises(AssertionError, match="not among its parts"):
            await find_or_ask(call, Finding(look))


@pytest.mark.parametrize("toolset", list(TOOLSETS))
async def test_only_what_is_offered_is_advised(store: Store, toolset: str) -> None:
    """Right and wrong calls of each tool of a set alone: no answer names a tool that is not there."""
    alone = settings().model_copy(update={"toolsets": (toolset,)})
    calls: dict[str, list[dict[str, Any]]] = {
        "list_entries": [{"customer": "zzzz"}, {"customer": "9999", "period": "2020"}],
        "get_entry": [{"id": 999999}],
        "create_time_entry": [
            BOOK,
            {"duration": "1h"},
            BOOK | {"project": "Newsletter 2024"},
            BOOK | {"service": "9999"},
        ],
        "create_lumpsum_entry": [{"customer": "1001", "lumpsum": 5, "amount": 2}],
        "update_entry": [{"id": 2, "text": "x"}, {"id": 2}, {"id": 2, "lumpsum": 5}],
        "delete_entry": [{"id": 3}, {"id": 999999}],
        "get_clock": [{}],
        "start_clock": [{"project": "Relaunch Website", "service": "Design"}, {}],
        "stop_clock": [{"time_until": "03:00"}, {}, {}],
        "adjust_clock": [{"time_since": "15:00"}, {"time_since": "2026-11-20"}],
        "check_timesheet": [{}],
        "show_week": [{}],
        "log_entries": [{"entries": [BOOK]}, {"entries": [{"project": "zzzz"}]}],
        "copy_entries": [{"period": "2020-01-01", "to": "today"}],
        "undo_change": [{}, {"change_id": 99}],
    }
    async with office_of(store, account=alone) as office:
        offered = {tool.name for tool in (await office.assistant.list_tools()).tools}
        for tool in sorted(offered):
            for arguments in calls.get(tool, [{}]):
                text = said(await office.call(tool, **arguments))
                named = {name for name in TOOLS if re.search(rf"\b{name}\b", text)}
                assert named <= offered, (tool, arguments, text)
