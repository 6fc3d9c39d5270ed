"""Reads that run at the same time."""

from collections.abc import Awaitable, Callable

import anyio


async def at_once(*reads: Callable[[], Awaitable[object]]) -> None:
    """Run independent reads at the same time. The first failure is raised alone, not in a group."""
    failures: list[Exception] = []

    async def run(read: Callable[[], Awaitable[object]]) -> None:
        try:
            await read()
        except Exception as error:  # noqa: BLE001 - raised below: passing the group, it would come out wrapped in one
            failures.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for read in reads:
            group.start_soon(run, read)
    if failures:
        raise failures[0]
