"""Work in tasks of its own, which only their anyio scopes can cancel.

Native asyncio cancellation must never reach httpx: httpcore shields its clean-up with anyio, which
`Task.cancel` ignores, and loses a slot of the pool now and then (402 of 3 000 in a test;
encode/httpcore#1093).
"""

import asyncio
from collections.abc import Awaitable, Callable

import anyio


class Apart:
    """What is under way, and a way to end it all."""

    def __init__(self) -> None:
        self._scopes: dict[asyncio.Task[None], anyio.CancelScope] = {}

    async def run(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Runs work to its end; False if it was ended by `end` before that.

        A native cancellation of the caller ends the work too, but does not wait for it.
        """
        scope = anyio.CancelScope()

        async def run_in_scope() -> None:
            with scope:
                await work()

        task = asyncio.create_task(run_in_scope())
        self._scopes[task] = scope
        task.add_done_callback(self._forget)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            scope.cancel()
            raise
        return not scope.cancelled_caught

    async def end(self, seconds: float) -> None:
        """Ends everything and waits until it has ended, at most so long."""
        for scope in self._scopes.values():
            scope.cancel()
        if self._scopes:
            await asyncio.wait(tuple(self._scopes), timeout=seconds)

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._scopes[task]
        if not task.cancelled():
            task.exception()  # of work that nobody waits for any more
