"""Work that somebody waits for: it ends when they hang up, and may show how far it has come."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from starlette.datastructures import Headers
from starlette.types import Receive, Send

from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.leaving import Gone, hang_up
from codestral_ls.gateway.replies import STREAM_HEADERS, error_of, event

T = TypeVar("T")
Grow = Callable[[str], None]
Work = Callable[[Grow], Coroutine[Any, Any, T]]
"""What is to be done; it is given what to tell each time that there is more text."""


class Attended(Generic[T]):
    """Work under way for a client, and how far it has come."""

    def __init__(self, work: Work[T], receive: Receive) -> None:
        self._text = ""
        self._stirs = asyncio.Event()
        self._work = asyncio.create_task(work(self._grow))
        self._watch = asyncio.create_task(hang_up(receive))
        for task in (self._work, self._watch):
            task.add_done_callback(lambda _: self._stirs.set())

    async def growth(self) -> AsyncIterator[str]:
        """Each text that is new, or the latest of several, until the work is done.

        Raises:
            Gone: the client does not wait for that.
        """
        told = ""
        while not self._work.done():
            if self._watch.done():
                raise Gone
            if self._text != told:
                told = self._text
                yield told
            else:
                await self._stirs.wait()
                self._stirs.clear()

    async def result(self) -> T:
        """What the work comes to.

        Raises:
            Gone: the client does not wait for that.
        """
        async for _ in self.growth():
            pass
        return self._work.result()

    async def end(self) -> bool:
        """Ends what is still under way; whether there was anything."""
        self._watch.cancel()
        was_under_way = self._work.cancel()
        if was_under_way:
            await asyncio.wait({self._work})
        if not self._work.cancelled():
            self._work.exception()  # or asyncio complains that nobody has asked for it
        return was_under_way

    def _grow(self, text: str) -> None:
        self._text = text
        self._stirs.set()


@asynccontextmanager
async def attended(
    work: Work[T], receive: Receive, leave: Callable[[], None]
) -> AsyncIterator[Attended[T]]:
    """Does something for a client, until the block ends; `leave` ends what is left behind then."""
    attended = Attended(work, receive)
    try:
        yield attended
    finally:
        if await attended.end():
            leave()


class EventStream:
    """A reply in events. Its status goes out with the first one, so that a failure has its own."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def tell(self, name: str, value: object) -> None:
        """Sends an event."""
        await self._write(event(name, value), more=True)

    async def end(self, name: str, value: object) -> None:
        """Sends the last one."""
        await self._write(event(name, value), more=False)

    async def fail(self, refusal: Refusal) -> None:
        """Says why there will be no more, if anything has been said."""
        if self.has_begun:
            await self.end("error", error_of(refusal))

    async def _write(self, data: bytes, *, more: bool) -> None:
        if not self.has_begun:
            self.has_begun = True
            headers = Headers(STREAM_HEADERS).raw
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": data, "more_body": more})
