"""Prompts, resources and their completions, as a host shows them to a person."""

from typing import Literal

import pytest
from mcp import MCPError
from mcp.types import INVALID_PARAMS, PromptReference, ResourceTemplateReference, TextContent

from clockodo_mcp.protocol.prompts import load_prompts
from clockodo_mcp.sandbox import Store
from tests.conftest import Office, office_of

pytestmark = pytest.mark.anyio


async def test_every_prompt_renders_with_and_without_what_may_be_left_out(office: Office) -> None:
    tools = {tool.name for tool in (await office.assistant.list_tools()).tools}
    for prompt in (await office.assistant.list_prompts()).prompts:
        assert prompt.title
        assert prompt.description
        required = {one.name: "Something" for one in prompt.arguments or () if one.required}
        everything = {one.name: f"my {one.name}" for one in prompt.arguments or ()}
        for given in (required, everything):
            [message] = (await office.assistant.get_prompt(prompt.name, given)).messages
            assert isinstance(message.content, TextContent)
            text = message.content.text
            assert "$" not in text
            for value in given.values():
                assert value in text
            assert ("(not given)" in text) == (given != everything)
            named = {word.strip("`") for word in text.split() if word.startswith("`") and "_" in word}
            assert {word.rstrip("`.,;") for word in named} <= tools, prompt.name


async def test_the_prompts_are_in_the_wheel_as_in_the_checkout() -> None:
    assert [prompt.name for prompt in load_prompts()] == [
        "fill_gaps", "log_from_git", "log_my_day", "month_end_check", "standup", "weekly_review",
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_resources_say_what_the_tools_say(store: Store, mode: Literal["auto", "legacy"]) -> None:
    async with office_of(store, mode=mode) as office:
        for uri, words in (
            ("clockodo://me", "Mara Lindner (id 101, owner)"),
            ("clockodo://customers", "| 1001 | Acme GmbH | K-100 |"),
            ("clockodo://services", "| 501 | Beratung |"),
            ("clockodo://projects", "Acme GmbH › Relaunch Website"),
            ("clockodo://projects?customer=Hotel%20Bergblick", "Hotel Bergblick › Fotos"),
            ("clockodo://entries/2026-11-24", "Tue 2026-11-24 (Europe/Berlin)"),
            ("clockodo://entries/last_week", "Mon 2026-11-16 – Sun 2026-11-22"),
            ("clockodo://entry/2", "Entry 2 (Europe/Berlin)"),
        ):
            [content] = (await office.assistant.read_resource(uri)).contents
            assert content.mime_type == "text/markdown"
            assert words in content.text, uri  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("clockodo://entry/999999", "404"),
        ("clockodo://entry/four", "read by its number"),
        ("clockodo://entries/someday", "write a period"),
        ("clockodo://projects?customer=Nobody", "no customer has this name"),
    ],
)
async def test_a_resource_that_cannot_be_read_says_why(office: Office, uri: str, words: str) -> None:
    with pytest.raises(MCPError, match=words):
        await office.assistant.read_resource(uri)


async def test_a_client_may_keep_the_catalogue_for_minutes_and_entries_not_at_all(office: Office) -> None:
    kept = {uri: await office.assistant.read_resource(uri) for uri in ("clockodo://customers", "clockodo://entry/2")}
    assert {result.cache_scope for result in kept.values()} == {"private"}
    assert [result.ttl_ms for result in kept.values()] == [300_000, 0]


@pytest.mark.parametrize(
    ("ref", "argument", "typed", "expected"),
    [
        (PromptReference(name="log_my_day"), "day", "yes", ["yesterday"]),
        (PromptReference(name="weekly_review"), "period", "last w", ["last_week"]),
        (PromptReference(name="month_end_check"), "month", "2026-10", ["2026-10"]),
        (PromptReference(name="month_end_check"), "customer", "mueller", ["Bäckerei Müller & Söhne"]),
        (PromptReference(name="log_from_git"), "project", "relaunch", ["Relaunch Website"]),
        (PromptReference(name="log_from_git"), "git_log", "x", []),
        (ResourceTemplateReference(uri="clockodo://projects{?customer}"), "customer", "hotel", ["Hotel Bergblick"]),
        (ResourceTemplateReference(uri="clockodo://entries/{day}"), "day", "2026-11-24", ["2026-11-24"]),
    ],
)
async def test_arguments_complete(
    office: Office, ref: PromptReference | ResourceTemplateReference, argument: str, typed: str, expected: list[str]
) -> None:
    answer = await office.assistant.complete(ref, {"name": argument, "value": typed})
    assert answer.completion.values == expected


async def test_entries_complete_with_the_latest_first(office: Office) -> None:
    ref = ResourceTemplateReference(uri="clockodo://entry/{id}")
    offered = (await office.assistant.complete(ref, {"name": "id", "value": ""})).completion
    assert offered.values[0] == "1"
    assert len(offered.values) == 100
    assert offered.has_more


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("log_from_git", {}, "the prompt log_from_git needs git_log: The output of: git log"),
        ("log_from_git", {"project": "Relaunch"}, "needs git_log"),
        ("log_my_week", {}, "there is no prompt 'log_my_week'. Offered are: fill_gaps, log_from_git"),
    ],
)
async def test_a_prompt_that_cannot_be_made_says_why(
    office: Office, name: str, arguments: dict[str, str], words: str
) -> None:
    with pytest.raises(MCPError) as refused:
        await office.assistant.get_prompt(name, arguments)
    assert words.lower() in str(refused.value).lower()
    assert refused.value.code == INVALID_PARAMS
