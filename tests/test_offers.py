"""What a host hands its model before any call: each tool whole, and how much all of it weighs."""

import json
import re
from collections.abc import AsyncIterator

import pytest
from mcp import Client

from clockodo_mcp.sandbox import Store
from clockodo_mcp.tools import TOOLSETS
from tests import snapshots
from tests.conftest import office_of, settings

pytestmark = pytest.mark.anyio

TOOLS = sorted(tool.name for tools in TOOLSETS.values() for tool in tools)

MOST_TOKENS = 7100
"""Of all tools and the instructions, at four characters a token: every conversation pays them."""

LONGEST_DESCRIPTION = 650
"""Characters. create_time_entry, which is called most, has 646, and no other more than 417."""


@pytest.fixture
async def assistant() -> AsyncIterator[Client]:
    """Of a server with its default settings; nothing is asked of Clockodo, so nothing is in there."""
    store = Store()
    async with office_of(store, account=settings().model_copy(update={"structured": False})) as office:
        yield office.assistant
    store.close()


@pytest.mark.parametrize("name", TOOLS)
async def test_a_tool_is_offered_as_it_is_stored(assistant: Client, name: str, pytestconfig: pytest.Config) -> None:
    [tool] = [one for one in (await assistant.list_tools()).tools if one.name == name]
    offer = tool.model_dump(mode="json", by_alias=True, exclude_none=True)
    text = json.dumps(offer, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    snapshots.is_as_stored(f"tools/{name}.json", text, renew=pytestconfig.getoption("snapshots"))


async def test_every_offered_tool_is_stored_and_nothing_else_is(assistant: Client) -> None:
    offered = {tool.name for tool in (await assistant.list_tools()).tools}
    assert offered == set(TOOLS) == snapshots.names("tools")


async def test_the_tools_and_the_instructions_stay_affordable(assistant: Client) -> None:
    characters = len(assistant.instructions or "")
    for tool in (await assistant.list_tools()).tools:
        offer = {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
        characters += len(json.dumps(offer, ensure_ascii=False))
        assert len(tool.description or "") <= LONGEST_DESCRIPTION, tool.name
    assert characters / 4 <= MOST_TOKENS


@pytest.mark.parametrize("toolsets", [("clock",), ("entries",), ("reports", "catalog"), ("bulk", "changes")])
async def test_nothing_speaks_of_a_tool_that_is_not_offered(store: Store, toolsets: tuple[str, ...]) -> None:
    few = settings().model_copy(update={"toolsets": toolsets})
    everything = {one.name for of_set in TOOLSETS.values() for one in of_set}
    async with office_of(store, account=few) as office:
        tools = (await office.assistant.list_tools()).tools
        missing = everything - {one.name for one in tools}
        spoken = [office.assistant.instructions or "", *(one.description or "" for one in tools)]
    assert missing
    assert not [name for name in missing for text in spoken if re.search(rf"\b{name}\b", text)]
    assert all(text.rstrip().endswith((".", "}.")) for text in spoken)
