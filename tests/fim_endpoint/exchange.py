"""One answer, at the pace that the behaviour asks for, until it ends or the client hangs up."""

import asyncio
from collections.abc import Mapping

from . import payloads
from .behaviour import Behaviour
from .connection import Connection
from .generation import Generation
from .records import Call
from .replies import Reply


class Exchange:
    """Raises ConnectionError when the client has left, unless the behaviour is deaf to that."""

    def __init__(
        self, connection: Connection, call: Call, behaviour: Behaviour, headers: Mapping[str, str]
    ) -> None:
        self._connection = connection
        self._call = call
        self._behaviour = behaviour
        self._headers = headers
        # Absolute, so that the timer's imprecision does not add up over the tokens.
        self._due = call.arrived_at + behaviour.head_after
        self._streams = False

    async def run(self, outcome: Reply | Generation, number: int) -> None:
        """Answers; `number` tells this completion from others."""
        if isinstance(outcome, Reply):
            await self._wait()
            await self._connection.send(outcome, self._headers)
        elif outcome.request.stream:
            await self._stream(payloads.stream(outcome, self._behaviour, number))
        else:
            self._due += self._behaviour.first_token
            await self._generate(len(outcome.pieces))
            reply = payloads.whole(outcome, self._behaviour, number)
            await self._connection.send(reply, self._headers)

    async def _stream(self, events: list[payloads.Event]) -> None:
        behaviour, connection = self._behaviour, self._connection
        await self._wait()
        await connection.begin(behaviour.content_type or "text/event-stream", self._headers)
        self._streams = True
        if behaviour.ping_every:
            await connection.chunk(payloads.ping(behaviour))
        trouble = payloads.trouble_index(behaviour, len(events))
        for index, event in enumerate(events):
            if index == 1:
                self._due += behaviour.first_token
                await self._wait()
            if index == trouble:
                self._due += behaviour.stall
                await self._wait()
            await self._generate(event.tokens)
            if index == trouble and behaviour.trouble == "cut":
                await connection.cut(event.data)
            await connection.chunk(event.data, split=behaviour.split_characters)
        await connection.end()

    async def _generate(self, tokens: int) -> None:
        for _ in range(tokens):
            await self._wait()
            self._due += self._behaviour.per_token
            self._call.tokens += 1
            self._call.tokens_after_hang_up += self._connection.gone.done()

    async def _wait(self) -> None:
        """Until the next thing is due, with pings if asked for."""
        gone, deaf = self._connection.gone, self._behaviour.deaf
        while (left := self._due - self._connection.loop.time()) > 0:
            ping_every = self._behaviour.ping_every if self._streams else 0.0
            step = min(left, ping_every or left)
            # Not `gone` itself when deaf: it may be done already, and the wait would be none.
            await (asyncio.sleep(step) if deaf else asyncio.wait([gone], timeout=step))
            if gone.done() and not deaf:
                break
            if step < left:
                await self._connection.chunk(payloads.ping(self._behaviour))
        if gone.done() and not deaf:
            raise ConnectionAbortedError("the client hung up")
