"""Work that blocks, in daemon threads: none of them keeps a process alive that wants to end.

Threads of a pool are waited for when Python ends, and what hangs (a drive that is gone, a pipe
without a writer) would be waited for forever.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def begin(work: Callable[[], T], name: str = "work") -> "asyncio.Future[T]":
    """Begins the work in a thread of its own; the future is its end, which may never come."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    future.add_done_callback(_forget)

    def settle(result: T | None, error: Exception | None) -> None:
        if future.done():  # cancelled meanwhile
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type] # None only if that is what T is
        else:
            future.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except Exception as raised:  # noqa: BLE001 - raised where it is awaited
            error = raised
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


async def in_thread(work: Callable[[], T]) -> T:
    """The result of the work. Whoever is cancelled does not wait for it any more."""
    return await begin(work)


def _forget(future: "asyncio.Future[T]") -> None:
    if not future.cancelled():
        future.exception()  # of work that nobody waits for any more
