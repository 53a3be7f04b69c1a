"""One connection, byte by byte: heads that do not come, are too large, or want something else."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.listening import listen
from codestral_ls.gateway.protocol import HEAD_BYTES, MOST_FIELDS, GatewayProtocol, State
from codestral_ls.gateway.server import Server, config_of
from codestral_ls.gateway.settings import GatewaySettings

PATIENCE = 10.0
"""For what comes at once unless it never does."""
GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


class Alone:
    """What a server needs of a gateway."""

    own = GatewaySettings(drain_seconds=0.0)
    is_draining = False


async def read_back(request: Request) -> Response:
    """Says what came."""
    return PlainTextResponse(await request.body())


async def refuse(_request: Request) -> Response:
    """Answers before anything of the body was read."""
    return PlainTextResponse("no", 413, headers={"Connection": "close"})


async def ignore(_request: Request) -> Response:
    """The same, and the connection may go on."""
    return PlainTextResponse("no", 413)


ROUTES = [
    Route("/", read_back, methods=["GET", "POST"]),
    Route("/refuse", refuse, methods=["POST"]),
    Route("/ignore", ignore, methods=["POST"]),
]


class Talk:
    """A connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self) -> tuple[int, bytes, bytes]:
        """Status, head and body of the next reply."""
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return int(head.split()[1]), head.lower(), await self._reader.readexactly(length)

    async def rest(self) -> bytes:
        """All that comes until the server closes."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.read()


@asynccontextmanager
async def serving(state: State | None = None) -> AsyncIterator[Server]:
    """A server with the routes of this file, until the block ends."""
    ready = asyncio.Event()
    server = Server(
        config_of(Starlette(routes=ROUTES), None),
        cast("Gateway", Alone()),
        state=state,
        on_ready=ready.set,
    )
    sockets = listen("127.0.0.1", 0)
    task = asyncio.create_task(server.serve(list(sockets)))
    try:
        await ready.wait()
        yield server
    finally:
        server.end()
        await task


@asynccontextmanager
async def talking(server: Server) -> AsyncIterator[Talk]:
    """A connection, until the block ends."""
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Talk(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def protocol_of(server: Server) -> GatewayProtocol:
    """The server's end of the only connection."""
    (only,) = server.server_state.connections
    return cast("GatewayProtocol", only)


async def test_requests_on_one_connection_are_answered_one_after_the_other() -> None:
    """Also those that come at once, and those between which empty lines stand."""
    async with serving() as server, talking(server) as talk:
        await talk.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab" + GET)
        assert (await talk.reply())[2] == b"ab"
        assert (await talk.reply())[2] == b""
        await talk.send(b"\r\n\r\n")
        await talk.send(GET)
        assert (await talk.reply())[0] == 200
        assert protocol_of(server).is_idle


async def test_a_head_that_does_not_come_to_its_end_is_given_up() -> None:
    """However slowly it goes on; the client is told."""
    async with serving(State(head_seconds=0.1)) as server, talking(server) as talk:
        await talk.send(GET)
        assert (await talk.reply())[0] == 200
        await talk.send(b"GET / HTTP/1.1\r\nX-Slow: ")
        status, head, body = await talk.reply()
        assert status == 408
        assert b"connection: close" in head
        assert json.loads(body)["error"]["code"] == "timeout"
        assert await talk.rest() == b""


async def test_a_connection_on_which_nothing_is_asked_is_closed() -> None:
    """Without a word: browsers open some in advance."""
    async with serving(State(head_seconds=0.1)) as server, talking(server) as talk:
        assert await talk.rest() == b""


async def test_a_connection_waits_longer_between_two_requests() -> None:
    """The time for a head begins with its first byte."""
    async with serving(State(head_seconds=0.1)) as server, talking(server) as talk:
        await talk.send(GET)
        assert (await talk.reply())[0] == 200
        await asyncio.sleep(0.15)  # more than a head may take: that nothing happens is the test
        await talk.send(GET)
        assert (await talk.reply())[0] == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX: " + b"a" * HEAD_BYTES + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 40 * HEAD_BYTES,
        b"GET /" + b"a" * HEAD_BYTES + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * (MOST_FIELDS + 2) + b"\r\n",
    ],
    ids=["field", "endless", "address", "fields"],
)
async def test_a_head_that_is_too_large_is_refused(head: bytes) -> None:
    """Before it is kept in memory."""
    async with serving() as server, talking(server) as talk:
        with contextlib.suppress(ConnectionError):
            await talk.send(head)
        status, _, body = await talk.reply()
        assert status == 431
        assert json.loads(body)["error"]["code"] == "head_too_large"


@pytest.mark.parametrize("path", [b"/", b"/ignore"])
@pytest.mark.parametrize("field", [b"X: " + b"a" * 1000, b"X: a\r\n" * 100])
async def test_fields_behind_a_body_end_as_well(path: bytes, field: bytes) -> None:
    """Joining pieces without end would hold up everybody, also where the reply is given already."""
    async with serving() as server, talking(server) as talk:
        head = b"POST %b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" % path
        await talk.send(head + b"1\r\na\r\n0\r\n" + field)
        protocol, sent = protocol_of(server), 0
        while not protocol.transport.is_closing() and sent < 100 * HEAD_BYTES:
            sent += len(field)
            with contextlib.suppress(ConnectionError):
                await talk.send(field)
            await asyncio.sleep(0)
        assert protocol.transport.is_closing()


async def test_a_body_in_small_pieces_is_one_of_any_size() -> None:
    """What stands between them is not counted as if it were a head."""
    piece = b"1;%b\r\na\r\n" % (b"b" * 1000)
    async with serving() as server, talking(server) as talk:
        head = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        await talk.send(head)
        for _ in range(100):
            await talk.send(piece)
        await talk.send(b"0\r\nX: y\r\n\r\n" + GET)
        assert (await talk.reply())[2] == b"a" * 100
        assert (await talk.reply())[0] == 200


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # the beginning of TLS
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/0.9\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nX : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\nb\r\n\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
        b"CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused_in_our_own_form(data: bytes) -> None:
    """And the connection with it: where the next one begins is not known."""
    async with serving() as server, talking(server) as talk:
        await talk.send(data)
        status, head, body = await talk.reply()
        assert status == 400
        assert b"connection: close" in head
        assert b"server:" not in head
        assert json.loads(body)["error"]["code"] == "bad_request"
        assert await talk.rest() == b""


@pytest.mark.parametrize("split", [False, True])
async def test_a_client_that_would_rather_speak_http_2_is_answered(split: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """Java's asks so with its first request, whose body is one of HTTP/1.1."""
    head = (
        b"POST / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nHost: h\r\n"
        b"Content-Length: 4\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA\r\nUpgrade: h2c\r\n\r\n"
    )
    async with serving() as server, talking(server) as talk:
        for _ in range(2):
            if split:
                await talk.send(head + b"b")
                await asyncio.sleep(0)
                await talk.send(b"ody")
            else:
                await talk.send(head + b"body")
            status, _, body = await talk.reply()
            assert (status, body) == (200, b"body")
        await talk.send(GET)
        assert (await talk.reply())[0] == 200


async def test_an_upgrade_that_is_to_be_the_last_request_closes() -> None:
    """The other thing that the field `Connection` said is heeded."""
    async with serving() as server, talking(server) as talk:
        await talk.send(
            b"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n"
        )
        assert (await talk.reply())[0] == 200
        assert await talk.rest() == b""


async def test_a_reply_before_the_body_has_come_reaches_its_client() -> None:
    """Who is still sending is not met with a reset, which would take the reply away."""
    size = 4_000_000
    async with serving() as server, talking(server) as talk:
        await talk.send(b"POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // 100_000):
            await talk.send(b"a" * 100_000)
        assert (await talk.reply())[0] == 413
        assert await talk.rest() == b""


async def test_a_body_that_nobody_wanted_does_not_disturb_the_next_request() -> None:
    """If it comes at all, it is passed over."""
    async with serving() as server, talking(server) as talk:
        await talk.send(b"POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n")
        assert (await talk.reply())[0] == 413
        await talk.send(b"abc" + GET)
        assert (await talk.reply())[0] == 200


async def test_there_is_a_most_number_of_connections() -> None:
    """One more is told to come again."""
    async with (
        serving(State(most_connections=1)) as server,
        talking(server) as first,
        talking(server) as second,
    ):
        status, head, _ = await second.reply()
        assert status == 503
        assert b"retry-after: 1" in head
        await first.send(GET)
        assert (await first.reply())[0] == 200
