"""How a gateway ends: with every reply given that somebody has asked for."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import anyio
import pytest

from codestral_ls.gateway.app import build_app
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.listening import listen
from codestral_ls.gateway.server import LINGER_SECONDS, Server, config_of
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.reuse.pace import Clock
from tests.gateway_app import gateway_over
from tests.scripted import ScriptedProvider

PATIENCE = 10.0
"""For what comes at once unless it never does."""
FAST = 10
"""So much faster than usual the clock of these servers goes."""
CLOCK = Clock(
    now=lambda: time.monotonic() * FAST, sleep=lambda seconds: anyio.sleep(seconds / FAST)
)


class Served:
    """A gateway that serves in this process, and what a test looks at."""

    def __init__(self, server: Server, provider: ScriptedProvider, gateway: Gateway) -> None:
        self.server = server
        self.provider = provider
        self.gateway = gateway
        self.port = 0
        self.task: asyncio.Task[None]

    async def ended(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await asyncio.shield(self.task)


class Client:
    """A connection that is kept for several requests."""

    def __init__(self, served: Served) -> None:
        self._port = served.port
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def ask(self, prefix: str = "a = ") -> None:
        body = json.dumps({"prefix": prefix}).encode()
        head = "POST /complete HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        self._writer.write(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await self._writer.drain()

    async def reply(self) -> tuple[int, bool]:
        """The status of the next reply, and whether it is the last one on this connection."""
        async with asyncio.timeout(PATIENCE):
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await self._reader.readexactly(length)
        return int(head.split()[1]), b"connection: close" in head

    async def is_closed(self) -> bool:
        """Whether the server closes it, with nothing more to say."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.read() == b""


@asynccontextmanager
async def serving(folder: Path, *, drain_seconds: float = 60.0) -> AsyncIterator[Served]:
    """A gateway over a provider of a test's own, which ends with the block if it has not before."""
    provider = ScriptedProvider("b + c\n")
    own = GatewaySettings(drain_seconds=drain_seconds)
    async with gateway_over(provider.provider(), folder, own=own) as gateway:
        ready = asyncio.Event()
        config = config_of(build_app(gateway), None)
        server = Server(config, gateway, on_ready=ready.set, clock=CLOCK)
        served = Served(server, provider, gateway)
        sockets = listen("127.0.0.1", 0)
        served.port = sockets[0].getsockname()[1]
        served.task = asyncio.create_task(server.serve(list(sockets)))
        await ready.wait()
        try:
            yield served
        finally:
            server.end()
            await served.task


async def until(condition: Callable[[], object]) -> None:
    """Returns as soon as a condition holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - it is brought about elsewhere
            await asyncio.sleep(0.001)


async def test_a_request_that_is_under_way_has_its_reply(tmp_path: Path) -> None:
    """Its client is told to go elsewhere with the next one, and the server ends."""
    async with serving(tmp_path) as served, Client(served) as client:
        served.provider.gate.clear()
        await client.ask()
        await until(lambda: served.provider.prompts)
        served.server.drain()
        assert served.gateway.is_draining
        served.provider.gate.set()
        assert await client.reply() == (200, True)
        await served.ended()
        assert served.provider.cancelled == 0


async def test_who_asks_while_it_is_to_end_is_answered(tmp_path: Path) -> None:
    """On connections that are there, and on new ones: load balancers need a moment."""
    async with serving(tmp_path) as served, Client(served) as old, Client(served) as idle:
        await old.ask()
        assert await old.reply() == (200, False)
        served.server.drain()
        await old.ask("b = ")
        assert await old.reply() == (200, True)
        async with Client(served) as new:
            await new.ask("c = ")
            assert await new.reply() == (200, True)
        assert await idle.is_closed()
        await served.ended()


async def test_nobody_is_let_in_any_more_after_that(tmp_path: Path) -> None:
    """While one that takes long still has its reply."""
    async with serving(tmp_path) as served, Client(served) as client:
        served.provider.gate.clear()
        await client.ask()
        await until(lambda: served.provider.prompts)
        served.server.drain()

        async def is_refused() -> bool:
            try:
                async with asyncio.timeout(0.5), Client(served):
                    return False
            except TimeoutError:  # the first attempt was passed over in silence
                return False
            except ConnectionRefusedError:
                return True

        async with asyncio.timeout(PATIENCE):
            while not await is_refused():  # noqa: ASYNC110 - only another attempt tells
                await asyncio.sleep(0.01)
        assert not served.task.done()
        served.provider.gate.set()
        assert await client.reply() == (200, True)
        await served.ended()


async def test_a_connection_on_which_nothing_is_asked_is_closed_at_last(tmp_path: Path) -> None:
    """Not at once: its client may be about to ask."""
    async with serving(tmp_path) as served, Client(served) as client:
        await client.ask()
        await client.reply()
        began = CLOCK.now()
        served.server.drain()
        assert await client.is_closed()
        assert CLOCK.now() - began >= LINGER_SECONDS
        await served.ended()


async def test_a_reply_that_takes_too_long_is_broken_off(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """So is the call to the model; how many there were is told."""
    async with serving(tmp_path, drain_seconds=3.0) as served, Client(served) as client:
        served.provider.gate.clear()
        await client.ask()
        await until(lambda: served.provider.prompts)
        served.server.drain()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await client.reply()
        await served.ended()
        await until(lambda: served.provider.cancelled == 1)
        assert "1 requests were broken off" in caplog.text


async def test_a_second_wish_ends_it_at_once(tmp_path: Path) -> None:
    """Whoever is waiting."""
    async with serving(tmp_path) as served, Client(served) as client:
        served.provider.gate.clear()
        await client.ask()
        await until(lambda: served.provider.prompts)
        served.server.drain()
        served.server.end()
        await served.ended()
        await until(lambda: served.provider.cancelled == 1)


async def test_nothing_is_waited_for_where_nobody_is_connected(tmp_path: Path) -> None:
    """Whoever ends it by hand gets the terminal back."""
    async with serving(tmp_path) as served:
        began = CLOCK.now()
        served.server.drain()
        await served.ended()
        assert CLOCK.now() - began < LINGER_SECONDS


async def test_no_reply_is_lost_under_load(tmp_path: Path) -> None:
    """Thirty clients ask as fast as they can, until they are sent elsewhere or are not let in."""
    lost: list[str] = []
    answered = 0

    async def keep_asking(served: Served, number: int) -> None:
        nonlocal answered
        turn = 0
        while True:
            try:
                async with asyncio.timeout(0.5):  # the system asks again after a second
                    client = await Client(served).__aenter__()
            except (ConnectionRefusedError, TimeoutError):
                return
            is_last = False
            while not is_last:
                turn += 1
                try:
                    await client.ask(f"a{number}_{turn} = ")
                    status, is_last = await client.reply()
                except (OSError, asyncio.IncompleteReadError) as error:
                    lost.append(repr(error))
                    return
                assert status == 200
                answered += 1
            await client.__aexit__()

    async with serving(tmp_path) as served:
        clients = [asyncio.create_task(keep_asking(served, number)) for number in range(30)]
        await until(lambda: answered >= 60)
        served.server.drain()
        await served.ended()
        await asyncio.wait(clients)
        assert not lost
        assert [task.exception() for task in clients] == [None] * 30
