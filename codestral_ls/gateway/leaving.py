"""Work that ends when the client hangs up."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

T = TypeVar("T")


class Gone(Exception):
    """Whoever asked has hung up: nobody reads a reply."""


async def hang_up(receive: Receive) -> None:
    """Waits until the client of a request, whose body has been read, has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def while_there(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """What work brings, for a client whose request was read to its end.

    Raises:
        Gone: the client has hung up before; the work is cancelled and over by then.
    """
    working, watching = asyncio.create_task(work), asyncio.create_task(hang_up(receive))
    try:
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        working.cancel()
        await asyncio.wait((working,))
    finally:
        watching.cancel()
        working.cancel()
    if not working.cancelled():
        working.exception()  # or asyncio complains that nobody has asked for it
    raise Gone
