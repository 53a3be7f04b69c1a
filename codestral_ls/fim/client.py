"""One streamed call to a FIM endpoint: key, deadline, reply, and errors that give nothing away."""

import asyncio
import json
import logging
import math
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from codestral_ls import __version__
from codestral_ls.errors import BrokenReply, FimError, Refused, TimedOut, Unauthorized, Unavailable
from codestral_ls.fim.apart import Apart
from codestral_ls.fim.complaints import Complaint, presentable, without_key
from codestral_ls.fim.failures import failure
from codestral_ls.fim.limits import rate_limits
from codestral_ls.fim.providers import Endpoint
from codestral_ls.fim.reading import StreamReading
from codestral_ls.fim.trace import Trace
from codestral_ls.model import Chunk, Prompt

if TYPE_CHECKING:
    from codestral_ls.fim.network import Connections, Reply

DRAIN_SECONDS = 0.25
"""After the last event the final chunk of the body is read, or the connection is lost for reuse."""
CLOSE_SECONDS = 1.0
"""For calls that are under way to end, which takes them a millisecond."""
MAX_ERROR_BODY = 64 * 1024
MAX_REPLY_BODY = 256 * 1024

_WITHHELD = (
    "{} was not sent, because the address is plain http on another machine: use https, or set "
    "`api_key` to send a key nevertheless."
)

HEADERS = {
    "Content-Type": "application/json",
    "Accept": "text/event-stream",
    "Accept-Encoding": "identity",  # nobody may hold a stream back to compress it
    "User-Agent": f"codestral-ls/{__version__}",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How to get there: seconds for a whole call, proxy, certificates."""

    timeout: float
    proxy: str = ""
    ca_file: str = ""
    trust_env: bool = True


class FimClient:
    """Calls one endpoint over one pool of kept-alive connections.

    Belongs to the event loop in which it is first used; `close` it there.
    """

    def __init__(self, endpoint: Endpoint, network: Network, trace: Trace | None = None) -> None:
        self._endpoint = endpoint
        self._network = network
        self._trace = trace or Trace()
        self._calls = Apart()
        self._building = asyncio.Lock()
        self._connections: Connections | None = None
        self._closed = asyncio.Event()

    async def ask(self, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        """Streams one call; see `model.Ask`. Cancelling the caller closes the connection.

        Whatever goes wrong is a FimError, also an end that `close` has put to the call.
        """
        try:
            complete = await self._calls.run(partial(self._ask, prompt, more))
        except Exception as error:  # noqa: BLE001 - callers pause after any failure, of whatever kind
            raise self._presentable(error, prompt) from None
        if not complete:
            raise _closed()

    async def warm(self) -> None:
        """Builds the client and opens a connection, so that the first call need not wait for it."""
        await self._calls.run(self._warm)

    async def close(self) -> None:
        """Ends what is under way and closes all connections."""
        self._closed.set()
        await self._calls.end(CLOSE_SECONDS)
        connections, self._connections = self._connections, None
        if connections is not None:
            await self._calls.run(connections.close)
        await anyio.to_thread.run_sync(self._trace.close)

    def _presentable(self, error: Exception, prompt: Prompt) -> FimError:
        """The error as the user may see it: in place of anything foreign, without key and code."""
        endpoint = self._endpoint
        if isinstance(error, Complaint):
            error = error.error(partial(presentable, prompt=prompt, key=endpoint.key))
            if isinstance(error, Refused) and endpoint.withheld:
                error.args = (f"{error} {_WITHHELD.format(endpoint.withheld)}",)
        elif not isinstance(error, FimError):
            name, places = type(error).__name__, traceback.format_tb(error.__traceback__)
            log.error("%s, not foreseen\n%s", name, "".join(places))  # its message may hold code
            error = BrokenReply(f"The call to {endpoint.host} has failed: {name}.")
        error.args = (without_key(str(error), endpoint.key),)
        return error

    async def _warm(self) -> None:
        with anyio.move_on_after(self._network.timeout):
            try:
                connections = await self._connected()
                # Without the key: the connection is all that is wanted.
                await connections.warm(self._endpoint.origin, HEADERS)
            except FimError as error:
                log.info("not connected yet: %s", error)
            except Exception as error:  # noqa: BLE001 - the first call will tell
                log.info("not connected yet: %s", type(error).__name__)

    async def _connected(self) -> "Connections":
        async with self._building:
            if self._closed.is_set():
                raise _closed()
            if self._connections is None:
                connections = await anyio.to_thread.run_sync(
                    _connect, self._endpoint, self._network
                )
                if self._closed.is_set():
                    with anyio.CancelScope(shield=True):
                        await connections.close()
                    raise _closed()
                self._connections = connections
            return self._connections

    async def _ask(self, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        endpoint = self._endpoint
        if endpoint.needs_key and not endpoint.key:
            raise Unauthorized(f"There is no API key for {endpoint.host}. Set {endpoint.key_name}.")
        key = {"Authorization": f"Bearer {endpoint.key.reveal()}"} if endpoint.key else {}
        payload = endpoint.dialect.payload(prompt, endpoint.model)
        body = json.dumps(payload, separators=(",", ":"))
        answer: list[str] = []

        def heard(chunk: Chunk) -> bool:
            answer.append(chunk.text)
            return more(chunk)

        error = ""
        try:
            with anyio.fail_after(self._network.timeout) as deadline:
                connections = await self._connected()
                async with connections.post(
                    endpoint.url, {**HEADERS, **key}, body.encode()
                ) as reply:
                    await self._read(reply, heard, deadline)
        except TimeoutError:
            error = f"{endpoint.host} has not answered within {self._network.timeout:g} s."
            raise TimedOut(error) from None
        except Exception as raised:
            error = type(raised).__name__
            raise
        finally:
            self._trace.write(endpoint.url, payload, "".join(answer), error)

    async def _read(
        self, reply: "Reply", more: Callable[[Chunk], bool], deadline: anyio.CancelScope
    ) -> None:
        endpoint = self._endpoint
        if reply.status != HTTPStatus.OK:
            raise await self._refusal(reply)
        more(Chunk(limits=rate_limits(reply.headers)))
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            whole = await reply.body(MAX_REPLY_BODY)
            more(endpoint.dialect.read(whole.decode("utf-8", "replace")))
        elif kind == "text/event-stream":
            await _pump(reply, StreamReading(endpoint.dialect, more), deadline)
        else:
            raise Complaint(
                Refused,
                f"{endpoint.host} answers with a content type{{said}} which no FIM endpoint uses. "
                "Check `endpoint`.",
                kind or "none",
            )

    async def _refusal(self, reply: "Reply") -> Complaint:
        log.error(
            "HTTP %d from %s, correlation id %.64s",
            reply.status,
            self._endpoint.host,
            without_key(reply.headers.get("mistral-correlation-id", "-"), self._endpoint.key),
        )
        try:
            body = await reply.body(MAX_ERROR_BODY)
        except FimError:
            body = b""  # the status says enough
        return failure(reply.status, reply.headers, body, host=self._endpoint.host)


def _connect(endpoint: Endpoint, network: Network) -> "Connections":
    from codestral_ls.fim.network import Connections

    return Connections(
        host=endpoint.host,
        proxy=network.proxy,
        ca_file=network.ca_file,
        trust_env=network.trust_env,
        patience=min(1.0, network.timeout / 2),
    )


async def _pump(reply: "Reply", reading: StreamReading, deadline: anyio.CancelScope) -> None:
    while not reading.finished:
        data = await reply.read()
        if not data:
            break
        if not reading.feed(data):
            return  # closing the connection is what ends the generation, and the bill
    if reading.finished:
        await _drain(reply, reading, deadline)
    reading.end()


async def _drain(reply: "Reply", reading: StreamReading, deadline: anyio.CancelScope) -> None:
    """Reads what is left behind a complete answer, which no error can spoil any more."""
    deadline.deadline = math.inf
    with anyio.move_on_after(DRAIN_SECONDS):
        try:
            while data := await reply.read():
                reading.feed(data)
        except FimError as error:
            log.info("a complete answer, but then: %s", error)


def _closed() -> Unavailable:
    return Unavailable("The call was broken off, because the settings have changed.")
