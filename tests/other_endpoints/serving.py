"""The server: listens, lets the kind that it is decide, and remembers."""

import asyncio
from contextlib import AbstractAsyncContextManager, AbstractContextManager

from tests.fim_endpoint import Call, Endpoint, Reply
from tests.fim_endpoint.connection import Connection
from tests.fim_endpoint.endpoint import running, running_in_thread

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


def serve_other(other: Other, *, port: int = 0) -> AbstractAsyncContextManager[OtherEndpoint]:
    """Runs a server in the current event loop."""
    return running(OtherEndpoint(other), port)


def serve_other_in_thread(other: Other, *, port: int = 0) -> AbstractContextManager[OtherEndpoint]:
    """Runs a server in a thread of its own, for tests that drive processes or block."""
    return running_in_thread(OtherEndpoint(other), port)
