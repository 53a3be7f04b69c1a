"""TLS in front of a plain server, and a proxy that leads names of the world to this machine."""

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from urllib.parse import urlsplit

import trustme


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """What a server with this certificate works with."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


class Bridge:
    """Hands bytes on between whoever comes and the server at an address."""

    def __init__(self, targets: Mapping[str, str]) -> None:
        self.asked_for: list[str] = []
        self._targets = targets
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def end(self) -> None:
        """Hangs up."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = self._targets.get("")
        if target is None:  # a proxy: the first line says where to
            head = await reader.readuntil(b"\r\n\r\n")
            name = head.split()[1].decode().rpartition(":")[0]
            self.asked_for.append(name)
            target = self._targets[name]
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        place = urlsplit(target)
        back, onward = await asyncio.open_connection(place.hostname, place.port)
        try:
            await asyncio.gather(_copy(reader, onward), _copy(back, writer))
        finally:
            onward.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def encrypted(target: str, context: ssl.SSLContext) -> AsyncIterator[str]:
    """An https address for a server that speaks plain http."""
    async with _listening(Bridge({"": target}), context) as port:
        yield f"https://127.0.0.1:{port}"


@asynccontextmanager
async def proxying(
    targets: Mapping[str, str], context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[str, Bridge]]:
    """The address of a proxy that leads each name to an address of this machine."""
    bridge = Bridge(targets)
    async with _listening(bridge, context) as port:
        yield f"{'https' if context else 'http'}://127.0.0.1:{port}", bridge


@asynccontextmanager
async def _listening(bridge: Bridge, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    server = await asyncio.start_server(bridge.serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await bridge.end()
        await server.wait_closed()


@contextmanager
def refusing(context: ssl.SSLContext) -> Iterator[str]:
    """The https address of a server whose alerts arrive; asyncio's servers send none."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_refuse, args=(listener, context))
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _refuse(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        # Closing before all is read would reset the connection, and the alert would be lost.
        with context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) as peer:
            with suppress(OSError):
                peer.do_handshake()
            with suppress(OSError):
                socket.socket.shutdown(peer, socket.SHUT_WR)
                while os.read(peer.fileno(), 65536):
                    pass
