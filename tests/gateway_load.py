"""Clients that keep their connections, go elsewhere when refused, and notice each lost reply."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.gateway_process import Reply, bearer

HEAD_END = b"\r\n\r\n"


class Lost(ConnectionError):
    """A request was sent, and no whole reply to it came."""


class Wire(asyncio.Protocol):
    """One connection and one request at a time; only replies that tell their length are read."""

    def __init__(self) -> None:
        self.is_open = False
        self._data = bytearray()
        self._reply: asyncio.Future[Reply] | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The server has accepted."""
        self._transport, self.is_open = transport, True

    def data_received(self, data: bytes) -> None:
        """Reads on until the reply is whole."""
        self._data += data
        end = self._data.find(HEAD_END)
        if end < 0 or self._reply is None:
            return
        head, begin = bytes(self._data[:end]), end + len(HEAD_END)
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        whole = begin + int(headers["content-length"])
        if len(self._data) < whole:
            return
        reply = Reply(int(first.split(" ", 2)[1]), headers, bytes(self._data[begin:whole]))
        self._data.clear()
        if headers.get("connection", "").lower() == "close":
            self.close()
        waiting, self._reply = self._reply, None
        if not waiting.done():
            waiting.set_result(reply)

    def eof_received(self) -> None:
        """The server closes."""
        self.connection_lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end; whoever waits has lost the reply."""
        self.is_open = False
        waiting, self._reply = self._reply, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(Lost(f"after {len(self._data)} bytes: {exc}"))

    def ask(self, data: bytes) -> asyncio.Future[Reply]:
        """Sends a request."""
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return self._reply

    def close(self) -> None:
        """Hangs up."""
        self.is_open = False
        self._transport.close()


class Client:
    """Stays with one gateway while its connection lasts; `ports` are those it may go to."""

    def __init__(self, ports: Sequence[int], first: int = 0) -> None:
        begin = first % len(ports)
        self._ports = itertools.cycle([*ports[begin:], *ports[:begin]])
        self._tries = 2 * len(ports)
        self._wire = Wire()

    async def ask(self, data: bytes) -> Reply:
        """The reply; raises Lost, or ConnectionRefusedError if nobody listens at all."""
        if not self._wire.is_open:
            self._wire = await self._connect()
        return await self._wire.ask(data)

    async def _connect(self) -> Wire:
        loop = asyncio.get_running_loop()
        for port in itertools.islice(self._ports, self._tries):
            try:
                _, wire = await loop.create_connection(Wire, "127.0.0.1", port)
            except ConnectionRefusedError:
                continue
            return wire
        raise ConnectionRefusedError("nobody listens")

    def close(self) -> None:
        """Hangs up."""
        if self._wire.is_open:
            self._wire.close()


def request(path: str, body: Mapping[str, object], token: str = "") -> bytes:
    """The bytes of a request in JSON."""
    data = json.dumps(body).encode()
    headers = {"Host": "127.0.0.1", "Content-Type": "application/json", **bearer(token)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\n{lines}Content-Length: {len(data)}\r\n\r\n"
    return head.encode("latin-1") + data


@dataclass(kw_only=True)
class Load:
    """Several clients that ask one request after another until told to stop.

    `make` gives the request of a number; each number is asked once. `lost` are requests without a
    reply, `statuses` counts the others, `bodies` are those of refusals, `came` is set by each.
    """

    ports: Sequence[int]
    make: Callable[[int], bytes]
    clients: int = 8
    statuses: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def around(self, events: Awaitable[None]) -> None:
        """Runs while something happens."""
        numbers = itertools.count()
        stop = asyncio.Event()
        runs = [self._run(Client(self.ports, each), numbers, stop) for each in range(self.clients)]
        running = asyncio.gather(*runs)
        try:
            await events
        finally:
            stop.set()
            await running

    async def until(self, enough: int) -> None:
        """Returns when so many more replies have come."""
        goal = self.statuses.total() + enough
        while self.statuses.total() < goal:
            self.came.clear()
            await self.came.wait()

    async def _run(
        self, client: Client, numbers: "itertools.count[int]", stop: asyncio.Event
    ) -> None:
        while not stop.is_set():
            try:
                reply = await client.ask(self.make(next(numbers)))
            except ConnectionError as error:
                self.lost.append(f"{type(error).__name__}: {error}")
                await asyncio.sleep(0.01)
                continue
            self.statuses[reply.status] += 1
            self.came.set()
            if reply.status == 200:
                self.sources[str(reply.json.get("source"))] += 1
            else:
                self.bodies.append(reply.body)
        client.close()
