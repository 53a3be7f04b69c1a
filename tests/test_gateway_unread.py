"""Clients of a gateway that ask and do not read: they hold no place for ever."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.protocol import State
from codestral_ls.gateway.server import Server, config_of
from codestral_ls.gateway.settings import GatewaySettings

PATIENCE = 10.0
"""For what comes soon unless it never does."""
BUFFERS = 4096
"""Of both ends of a connection, so that little is on its way."""


class Alone:
    """What a server needs of a gateway."""

    own = GatewaySettings(drain_seconds=0.0)
    is_draining = False


async def much(request: Request) -> Response:
    """Far more than fits on the way to a client."""
    headers = {"Connection": request.query_params.get("connection", "keep-alive")}
    return PlainTextResponse("a" * int(request.query_params["size"]), headers=headers)


@asynccontextmanager
async def serving(read_seconds: float) -> AsyncIterator[tuple[Server, socket.socket]]:
    """A server, and a connection to it that reads nothing by itself."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFERS)
    config = config_of(Starlette(routes=[Route("/", much)]), None)
    ready = asyncio.Event()
    state = State(read_seconds=read_seconds)
    server = Server(config, cast("Gateway", Alone()), state=state, on_ready=ready.set)
    task = asyncio.create_task(server.serve([listener]))
    await ready.wait()
    with closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFERS)
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, listener.getsockname())
        try:
            yield server, client
        finally:
            server.end()
            await task


async def until(is_so: Callable[[], bool]) -> None:
    """Waits for something that nobody tells."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 - it is uvicorn's state
            await asyncio.sleep(0.01)


async def ask(client: socket.socket, query: str) -> None:
    """Sends a request."""
    request = b"GET /?%b HTTP/1.1\r\nHost: h\r\n\r\n" % query.encode("ascii")
    await asyncio.get_running_loop().sock_sendall(client, request)


@pytest.mark.parametrize("query", ["size=4000000", "size=50000&connection=close"])
async def test_who_does_not_read_a_reply_is_let_go(query: str) -> None:
    """Whether some of it is still to be written, or all is and only has to be read."""
    async with serving(0.1) as (server, client):
        state = server.server_state
        await ask(client, query)
        await until(lambda: bool(state.total_requests or state.tasks))
        await until(lambda: not state.connections)


async def test_who_reads_slowly_gets_all() -> None:
    """As long as there is some progress."""
    async with serving(PATIENCE) as (_, client):
        await ask(client, "size=400000&connection=close")
        received = 0
        async with asyncio.timeout(PATIENCE):
            while data := await asyncio.get_running_loop().sock_recv(client, 2048):
                received += len(data)
        assert received > 400_000
