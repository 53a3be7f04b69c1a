"""The endpoint: listens, decides what a request deserves, and remembers."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from typing import TypeVar

from . import replies
from .behaviour import DEFAULT, Behaviour, Script
from .connection import Connection
from .exchange import Exchange
from .generation import Generation, generate, prompt_tokens
from .records import Call
from .replies import Reply
from .schema import parse

# Retired by Mistral, and the only model of the European reseller whose path has this prefix.
REGION, REGIONAL_MODEL = "/mistral/eu", "codestral-2501"
FIM, MODELS = "/v1/fim/completions", "/v1/models"
ROUTES = {"/": "HEAD", FIM: "POST", REGION + FIM: "POST", MODELS: "GET"}


class Endpoint:
    """What it has seen may be read, and `behaviour` replaced, from any thread at any time."""

    def __init__(self, behaviour: Script) -> None:
        self.behaviour = behaviour
        self.url = ""
        self.calls: list[Call] = []
        self.connections_opened = 0
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._changed = threading.Condition()
        self._counted = 0
        self._tokens_spent = 0

    @property
    def completions(self) -> list[Call]:
        """The calls that asked for a completion, warm-ups and the rest left out."""
        return [call for call in list(self.calls) if call.path.endswith(FIM)]

    @property
    def connections_open(self) -> int:
        """How many connections neither side has closed."""
        return sum(not it.gone.done() for it in list(self._connections.values()))

    def wait_until(self, condition: Callable[[], bool], timeout: float = 5.0) -> None:
        """Blocks until the records fulfil a condition; on the endpoint's loop, use `to_thread`."""
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise TimeoutError(f"never happened in {len(self.calls)} calls: {self.calls}")

    async def listen(self, port: int) -> asyncio.Server:
        """Opens the port; 0 takes a free one."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._welcome, "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def hang_up(self) -> None:
        """Closes all connections, whatever they are doing."""
        tasks = dict(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in tasks.values():
            await connection.abort()

    def _welcome(self) -> Connection:
        self.connections_opened += 1
        return Connection(self.connections_opened, self._begin, self._notify)

    def _begin(self, connection: Connection) -> None:
        task = asyncio.create_task(self._serve(connection))
        self._connections[task] = connection
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._connections[task]
        self._notify()

    async def _serve(self, connection: Connection) -> None:
        self._notify()
        try:
            # The client may leave at any moment, which is for the records and no error.
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._answer(connection):
                    pass
        finally:
            await connection.close()

    async def _answer(self, connection: Connection) -> bool:
        call = await connection.receive()
        self.calls.append(call)
        self._notify()
        behaviour = (
            self.behaviour if isinstance(self.behaviour, Behaviour) else self.behaviour(call.body)
        )
        outcome = self._judge(call, behaviour)
        number = len(self.calls)
        headers = self._headers(behaviour, outcome, number)
        await Exchange(connection, call, behaviour, headers).run(outcome, number)
        call.ended = not connection.gone.done()
        connection.call = None
        self._notify()
        if behaviour.after_reply == "die":
            self.calls.append(await connection.receive())
        closing = call.header("connection").lower() == "close"
        return behaviour.after_reply == "keep" and not closing

    def _judge(self, call: Call, behaviour: Behaviour) -> Reply | Generation:
        if routed := _route(call):
            return routed
        if behaviour.reply:
            return behaviour.reply
        scheme, _, key = call.header("authorization").partition(" ")
        if scheme.lower() != "bearer" or key not in behaviour.keys:
            return replies.unauthorized(behaviour.persona)
        if call.path == MODELS:
            return replies.model_list(behaviour.models, behaviour.context)
        self._counted += 1
        if self._counted > behaviour.requests_per_minute:
            return replies.sample("errors/429-rate.json")
        return _complete(call, behaviour)

    def _headers(
        self, behaviour: Behaviour, outcome: Reply | Generation, number: int
    ) -> dict[str, str]:
        cost = outcome.usage["total_tokens"] if isinstance(outcome, Generation) else 0
        self._tokens_spent += cost
        requests, minute = behaviour.requests_per_minute, behaviour.tokens_per_minute
        month = 80 * minute
        return {
            "mistral-correlation-id": f"01900000-0000-7000-8000-{number:012x}",
            "x-ratelimit-limit-req-minute": str(requests),
            "x-ratelimit-remaining-req-minute": str(max(0, requests - self._counted)),
            "x-ratelimit-limit-tokens-minute": str(minute),
            "x-ratelimit-remaining-tokens-minute": str(max(0, minute - self._tokens_spent)),
            "x-ratelimit-limit-tokens-month": str(month),
            "x-ratelimit-remaining-tokens-month": str(max(0, month - self._tokens_spent)),
            "x-ratelimit-tokens-query-cost": str(cost),
            **behaviour.headers,
        }

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _route(call: Call) -> Reply | None:
    """The reply to what is not for the API."""
    method = ROUTES.get(call.path)
    if method is None:
        return replies.sample("errors/404-route.json")
    if call.method != method:
        return replies.wrong_method(method)
    return Reply() if method == "HEAD" else None


def _complete(call: Call, behaviour: Behaviour) -> Reply | Generation:
    request = parse(call.raw_body)
    if isinstance(request, list):
        return replies.invalid(behaviour.persona, request)
    regional = call.path.startswith(REGION) and request.model == REGIONAL_MODEL
    if request.model not in behaviour.models and not regional:
        return replies.unknown_model(request.model)
    size = prompt_tokens(request)
    if size > behaviour.context:
        return replies.too_long(size, behaviour.context)
    return generate(request, behaviour)


AnyEndpoint = TypeVar("AnyEndpoint", bound=Endpoint)


def serve(behaviour: Script = DEFAULT, *, port: int = 0) -> AbstractAsyncContextManager[Endpoint]:
    """Runs an endpoint in the current event loop."""
    return running(Endpoint(behaviour), port)


def serve_in_thread(
    behaviour: Script = DEFAULT, *, port: int = 0
) -> AbstractContextManager[Endpoint]:
    """Runs an endpoint in a thread of its own, for tests that drive processes or block."""
    return running_in_thread(Endpoint(behaviour), port)


@asynccontextmanager
async def running(endpoint: AnyEndpoint, port: int) -> AsyncIterator[AnyEndpoint]:
    """Runs an endpoint of any kind in the current event loop."""
    server = await endpoint.listen(port)
    try:
        yield endpoint
    finally:
        server.close()
        await endpoint.hang_up()
        await server.wait_closed()


@contextmanager
def running_in_thread(endpoint: AnyEndpoint, port: int) -> Iterator[AnyEndpoint]:
    """Runs an endpoint of any kind in a thread of its own."""
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        stop = asyncio.Event()
        async with running(endpoint, port):
            started.set_result((asyncio.get_running_loop(), stop))
            await stop.wait()

    def run_thread() -> None:
        try:
            asyncio.run(run())
        except OSError as error:  # the port is taken
            started.set_exception(error)

    thread = threading.Thread(target=run_thread, name="endpoint")
    thread.start()
    loop, stop = started.result()
    try:
        yield endpoint
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
