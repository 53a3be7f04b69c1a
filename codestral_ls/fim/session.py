"""A session with one endpoint: its key, its connections, and one exchange over them."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import anyio

from codestral_ls import __version__
from codestral_ls.errors import FimError, TimedOut, Unauthorized, Unavailable
from codestral_ls.fim.complaints import Complaint, without_key
from codestral_ls.fim.failures import failure
from codestral_ls.fim.keys import Key
from codestral_ls.fim.providers import Endpoint
from codestral_ls.fim.routes import Network, Server
from codestral_ls.fim.siblings import Siblings
from codestral_ls.fim.threads import begin
from codestral_ls.kinds import Secret, secrets_in

if TYPE_CHECKING:
    from codestral_ls.fim.network import Connections, Reply

MAX_ERROR_BODY = 64 * 1024
ERROR_SECONDS = 0.5
"""For what a server says of an error; the status says enough."""
HEADERS = {
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",  # nobody may hold a stream back to compress it
    "User-Agent": f"codestral-ls/{__version__}",
}

T = TypeVar("T")
Read = Callable[["Reply", anyio.CancelScope], Awaitable[T]]
"""Reads a reply with status 200, within a deadline."""

log = logging.getLogger(__name__)


class Message(NamedTuple):
    """What is sent: a JSON object, or None with a GET; and how loud its failure is in the log."""

    method: str
    url: str
    body: Mapping[str, Any] | None
    level: int = logging.ERROR


class _KeyRefused(Exception):
    """HTTP 401: another key may be the right one."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__()
        self.complaint = complaint


class Session:
    """Belongs to the event loop in which it is first used; `close` it there.

    No native cancellation may reach it: see `apart`.
    """

    def __init__(self, endpoint: Endpoint, network: Network) -> None:
        self.key = Key(endpoint.key, host=endpoint.host)
        self._in_address = secrets_in(endpoint.url)
        self._endpoint = endpoint
        self._network = network
        self._siblings = Siblings(endpoint, lambda url: _connect(network, url, None))
        self._connections: asyncio.Future[Connections] | None = None
        self._closed = asyncio.Event()
        self._streams = ", ".join(sorted(endpoint.dialect.content_types))

    async def exchange(self, message: Message, read: Read[T], seconds: float = 0.0) -> T:
        """Sends a request and reads the reply, all of it within the deadline or so many seconds.

        A key that is refused is read again from where it is kept, and if it has become another one,
        the request is sent once more.

        Raises:
            FimError: the request has failed.
            Complaint: the endpoint says that it has failed.
        """
        timeout = seconds or self._network.timeout
        try:
            with anyio.fail_after(timeout) as deadline:
                return await self._exchange(partial(self._send, message, read), deadline)
        except TimeoutError:
            late = f"{self._endpoint.host} has not answered within {timeout:g} s."
            if self._connections is not None and not self._connections.done():
                late = (
                    f"The files with certificates have not been read within {timeout:g} s. "
                    "Check `ca_file`, `client_cert` and SSL_CERT_FILE."
                )
        if not self.key.is_read:
            late = (
                f"The key of {self.key.origin} has not come within {timeout:g} s (`timeout_ms`). "
                f"It is waited for {self.key.seconds:g} s in all, for the next call to take it."
            )
        raise TimedOut(late)

    async def warm(self) -> None:
        """Reads the key and opens a connection, so that the first call need not wait for them."""
        with anyio.move_on_after(self._network.timeout):
            try:
                await self.key.get()
                connections = await self._connected()
                # Without the key: the connection is all that is wanted.
                async with connections.request("HEAD", self._endpoint.origin, HEADERS) as reply:
                    await reply.body(0)
            except FimError as error:
                log.info("not connected yet: %s", self.without_keys(str(error)))
            except Exception as error:  # noqa: BLE001 - the first call will tell
                log.info("not connected yet: %s", type(error).__name__)

    def without_keys(self, text: str) -> str:
        """The text without any key that was read so far, and without what the address holds."""
        for secret in (*self.key.seen, *self._in_address):
            text = without_key(text, secret)
        return text

    def end(self) -> None:
        """Lets nothing begin any more."""
        self._closed.set()
        self.key.close()

    async def close(self) -> None:
        """Closes all connections."""
        building, self._connections = self._connections, None
        if building is not None and building.done() and building.exception() is None:
            await building.result().close()  # before that it has opened nothing

    async def _exchange(
        self,
        send: Callable[[Secret, anyio.CancelScope], Awaitable[T]],
        deadline: anyio.CancelScope,
    ) -> T:
        renewed = False
        while True:
            key = await self.key.get()
            try:
                return await send(key, deadline)
            except _KeyRefused as refused:
                complaint = refused.complaint
            if renewed or not await self.key.renew(key):
                break
            renewed = True
        seconds = (deadline.deadline - anyio.current_time()) / 2
        advice = await self._siblings.advice_on(key, seconds)
        raise Unauthorized(advice) if advice else complaint

    async def _send(
        self,
        message: Message,
        read: Read[T],
        key: Secret,
        deadline: anyio.CancelScope,
    ) -> T:
        method, url, body, level = message
        streamed = body is not None and body.get("stream")
        headers = {**HEADERS, "Accept": self._streams if streamed else "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key.reveal()}"
        content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        connections = await self._connected()
        async with connections.request(method, url, headers, content) as reply:
            if reply.status == HTTPStatus.OK:
                return await read(reply, deadline)
            complaint = await self._complaint(reply, level)
            raise _KeyRefused(complaint) if reply.status == HTTPStatus.UNAUTHORIZED else complaint

    async def _complaint(self, reply: "Reply", level: int) -> Complaint:
        log.log(
            level,
            "HTTP %d from %s, correlation id %.64s",
            reply.status,
            self._endpoint.host,
            self.without_keys(reply.headers.get("mistral-correlation-id", "-")),
        )
        body = b""
        with anyio.move_on_after(ERROR_SECONDS), suppress(FimError):
            body = await reply.body(MAX_ERROR_BODY)
        return failure(reply.status, reply.headers, body, endpoint=self._endpoint)

    async def _connected(self) -> "Connections":
        """The connections. Callers at once share one building, and leave it to the next ones.

        It reads certificates, from a drive that may be gone: what hangs is not begun again.
        """
        if self._closed.is_set():
            raise closed()
        building = self._connections
        if building is None or (building.done() and building.exception() is not None):
            place = self._network, self._endpoint.url, self._endpoint.server
            building = self._connections = begin(partial(_connect, *place), "connections")
        connections = await asyncio.shield(building)
        if self._closed.is_set():
            raise closed()
        return connections


def closed() -> Unavailable:
    """What a call gets that was ended from outside."""
    return Unavailable("The call was broken off, because the settings have changed.")


def _connect(network: Network, url: str, server: Server | None) -> "Connections":
    from codestral_ls.fim.network import Connections  # noqa: PLC0415 - httpx and TLS are not start-up's business

    return Connections(network, url, server)
