"""HTTP/1.1 on one connection: reads requests, writes replies, knows when the client has gone."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from http import HTTPStatus

from .payloads import split_characters
from .records import Call
from .replies import Reply
from .schema import read_json


class Connection(asyncio.StreamReaderProtocol):
    """One client's connection.

    `gone` is done when the client has left or was left, even while nobody reads; `lost` when the
    socket is closed as well.
    """

    def __init__(
        self, number: int, begin: Callable[["Connection"], None], changed: Callable[[], None]
    ) -> None:
        self.number = number
        self.call: Call | None = None
        self.loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[None] = self.loop.create_future()
        self.lost: asyncio.Future[None] = self.loop.create_future()
        self._begin = begin
        self._changed = changed
        self._reader = asyncio.StreamReader(limit=2**20)
        self._writer: asyncio.StreamWriter
        super().__init__(self._reader, self._connected)

    def eof_received(self) -> bool | None:
        """Takes the end of what the client sends for its leaving: HTTP clients half-close never."""
        self._leave()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed by either side, or reset."""
        super().connection_lost(exc)
        self.lost.set_result(None)
        if self.call:
            self._leave()
        else:
            # Our own hanging up: the socket is still open here, and other threads may not be told
            # otherwise.
            self.loop.call_soon(self._leave)

    async def receive(self) -> Call:
        """Reads the next request. Raises IncompleteReadError when there is none."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, target, _ = first.split(" ")
        pairs = [line.partition(":") for line in lines]
        headers = tuple((name, value.strip()) for name, _, value in pairs)
        length = next((int(value) for name, value in headers if name.lower() == LENGTH), 0)
        raw = await self._reader.readexactly(length)
        self.call = Call(
            connection=self.number,
            method=method,
            path=target.partition("?")[0],
            headers=headers,
            raw_body=raw,
            body=_json_object(raw),
            arrived_at=self.loop.time(),
        )
        return self.call

    async def send(self, reply: Reply, headers: Mapping[str, str]) -> None:
        """Sends a whole reply."""
        fields = {"content-type": reply.content_type, LENGTH: str(len(reply.body))}
        body = b"" if self.call and self.call.method == "HEAD" else reply.body
        await self._write(self._head(reply.status, {**fields, **headers, **reply.headers}) + body)

    async def begin(self, content_type: str, headers: Mapping[str, str]) -> None:
        """Sends the head of a reply that comes in chunks."""
        fields = {"content-type": content_type, "transfer-encoding": "chunked"}
        await self._write(self._head(HTTPStatus.OK, {**fields, **headers}))

    async def chunk(self, data: bytes, *, split: bool = False) -> None:
        """Sends a chunk, or several: one for each cut through a character."""
        parts = split_characters(data) if split else [data]
        for part in parts:
            await self._write(b"%x\r\n%b\r\n" % (len(part), part))
            if len(parts) > 1:
                await asyncio.sleep(0.001)  # or the kernel would join the segments again

    async def end(self) -> None:
        """Ends a reply that came in chunks."""
        await self._write(b"0\r\n\r\n")

    async def cut(self, data: bytes) -> None:
        """Sends half of a chunk and hangs up."""
        self.call = None
        await self._write(b"%x\r\n%b" % (len(data), data[: len(data) // 2]))
        raise ConnectionAbortedError("cut on request")

    async def close(self) -> None:
        """Hangs up when all is written."""
        self.call = None
        self._writer.close()
        await asyncio.wait([self.lost])  # unlike awaiting it, survives being cancelled

    async def abort(self) -> None:
        """Hangs up at once."""
        self._writer.transport.abort()
        await asyncio.wait([self.lost])

    def _connected(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._begin(self)

    def _head(self, status: int, headers: Mapping[str, str]) -> bytes:
        if self.call:
            self.call.status = status
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{fields}\r\n".encode("latin-1")

    async def _write(self, data: bytes) -> None:
        # A deaf endpoint goes on after the client has left, but has nobody to write to.
        if not self.gone.done():
            self._writer.write(data)
            await self._writer.drain()

    def _leave(self) -> None:
        if self.gone.done():
            return
        self.gone.set_result(None)
        if self.call:
            self.call.hung_up_at = self.loop.time()
        self._changed()


LENGTH = "content-length"


def _json_object(raw: bytes) -> dict[str, object]:
    with contextlib.suppress(ValueError):
        value = read_json(raw)
        if isinstance(value, dict):
            return value
    return {}
