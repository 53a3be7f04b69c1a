"""The server: listens, lets the kind that it is decide, and remembers."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager

from tests.fim_endpoint import Call, Endpoint, Reply
from tests.fim_endpoint.connection import Connection

from . import llama, ollama, openai
from .behaviour import Other, Stream

ASKING = ("/infill", "/generate", "/completions")


class OtherEndpoint(Endpoint):
    """What it has seen may be read, and `other` replaced, from any thread at any time."""

    def __init__(self, other: Other) -> None:
        super().__init__(lambda _: (_ for _ in ()).throw(AssertionError("not Mistral's")))
        self.other = other

    @property
    def completions(self) -> list[Call]:
        """The calls that asked for a completion, warm-ups and the rest left out."""
        return [call for call in list(self.calls) if call.path.endswith(ASKING)]

    async def _answer(self, connection: Connection) -> bool:
        call = await connection.receive()
        self.calls.append(call)
        self._notify()
        behaviour = self.other
        outcome = behaviour.reply or answer(call, behaviour)
        if isinstance(outcome, Reply):
            await connection.send(outcome, {})
        else:
            await self._stream(connection, call, outcome, behaviour)
        call.ended = not connection.gone.done()
        connection.call = None
        self._notify()
        hangs_up = isinstance(outcome, Stream) and outcome.hangs_up
        return not hangs_up and call.header("connection").lower() != "close"

    async def _stream(
        self, connection: Connection, call: Call, stream: Stream, behaviour: Other
    ) -> None:
        await connection.begin(stream.content_type, {})
        due = connection.loop.time()
        for event in stream.troubled(behaviour):
            if event.text and behaviour.per_token:
                due += behaviour.per_token
                await asyncio.wait([connection.gone], timeout=due - connection.loop.time())
            if connection.gone.done():
                raise ConnectionAbortedError("the client hung up")
            call.tokens += event.text
            await connection.chunk(event.data)
        if behaviour.trouble == "cut":
            await connection.cut(b"data: {")
        await connection.end()


def answer(call: Call, behaviour: Other) -> Reply | Stream:
    """What a request deserves from a server of this kind."""
    if behaviour.kind == "llama.cpp":
        return llama.answer(call, behaviour)
    if behaviour.kind == "ollama":
        return ollama.answer(call, behaviour)
    return openai.answer(call, behaviour)


@asynccontextmanager
async def serve_other(other: Other, *, port: int = 0) -> AsyncIterator[OtherEndpoint]:
    """Runs a server in the current event loop."""
    endpoint = OtherEndpoint(other)
    server = await endpoint.listen(port)
    try:
        yield endpoint
    finally:
        server.close()
        await endpoint.hang_up()
        await server.wait_closed()


@contextmanager
def serve_other_in_thread(other: Other, *, port: int = 0) -> Iterator[OtherEndpoint]:
    """Runs a server in a thread of its own, for tests that drive processes or block."""
    started: Future[tuple[OtherEndpoint, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        stop = asyncio.Event()
        async with serve_other(other, port=port) as endpoint:
            started.set_result((endpoint, asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="other-endpoint")
    thread.start()
    endpoint, loop, stop = started.result()
    try:
        yield endpoint
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
