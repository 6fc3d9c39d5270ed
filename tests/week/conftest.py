"""What a machine lacks (a browser, Node, Playwright) skips these tests with the reason; `.ci/run` installs it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from clockodo_mcp.sandbox import Store
from tests.week.pages import Missing, Shown, a_browser, borrowed, bundled, page_of

if TYPE_CHECKING:
    from playwright.async_api import Browser


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def host_script() -> str:
    try:
        return bundled()
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def axe(host_script: str) -> str:
    return (borrowed() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
async def browser() -> "AsyncIterator[Browser]":
    async with AsyncExitStack() as stack:
        try:
            found = await stack.enter_async_context(a_browser())
        except Missing as missing:
            pytest.skip(str(missing))
        yield found


Show = Callable[..., Any]


@pytest.fixture
async def show(browser: "Browser", host_script: str, store: Store) -> "AsyncIterator[Show]":
    """Opens pages; each is closed with the test, and must have had no error and no violation of the policy."""
    opened: list[Shown] = []
    async with AsyncExitStack() as stack:

        async def shown(**how: Any) -> Shown:
            one = await stack.enter_async_context(page_of(browser, host_script, how.pop("of", store), **how))
            opened.append(one)
            return one

        yield shown
    for one in opened:
        assert one.problems == []
