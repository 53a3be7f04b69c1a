"""One streamed call to a FIM endpoint; the only module that knows httpx.

HTTP/1.1 on purpose: httpcore sends no RST_STREAM, so a call cancelled over HTTP/2 is generated and
billed to its end, while a closed HTTP/1.1 connection stops it.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from codestral_ls import __version__
from codestral_ls.fim.events import EventTooLarge
from codestral_ls.fim.failures import failure
from codestral_ls.fim.limits import rate_limits
from codestral_ls.fim.providers import Endpoint
from codestral_ls.fim.reading import StreamReading
from codestral_ls.model import (
    BrokenReply,
    Chunk,
    FimError,
    Prompt,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
)

if TYPE_CHECKING:
    import httpx

KEEPALIVE_SECONDS = 90.0
"""httpx' own 5 s are shorter than a pause for thought; edges keep idle connections for 75 s or
more, and one that has gone meanwhile costs a single retry."""
DRAIN_SECONDS = 0.25
"""After the last event the final chunk of the body is read, or the connection is lost for reuse."""
MAX_ERROR_BODY = 64 * 1024
MAX_REPLY_BODY = 256 * 1024

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

    def __init__(self, endpoint: Endpoint, network: Network) -> None:
        self._endpoint = endpoint
        self._network = network
        self._building = asyncio.Lock()
        self._client: httpx.AsyncClient | None = None
        self._calls: dict[asyncio.Task[None], anyio.CancelScope] = {}

    async def ask(self, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        """Streams one call; see `model.Ask`. Cancelling the caller closes the connection."""
        await self._apart(self._ask(prompt, more))

    async def warm(self) -> None:
        """Builds the client and opens a connection, so that the first call need not wait for it."""
        await self._apart(self._warm())

    async def _apart(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs work in a task of its own, which only its anyio scope can cancel.

        Native asyncio cancellation must never reach httpx: httpcore shields its clean-up with
        anyio, which `Task.cancel` ignores, and loses a slot of the pool now and then (402 of 3 000
        in a test; encode/httpcore#1093).
        """
        scope = anyio.CancelScope()

        async def run() -> None:
            with scope:
                await work

        task = asyncio.create_task(run())
        self._calls[task] = scope
        task.add_done_callback(self._forget)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            scope.cancel()
            raise

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._calls[task]
        if not task.cancelled():
            task.exception()  # of a call that nobody waits for any more

    async def _warm(self) -> None:
        with anyio.move_on_after(self._network.timeout):
            try:
                client = await self._connected()
                # Without the key: any answer will do, the connection is what is wanted.
                await client.head(self._endpoint.origin)
            except FimError as error:
                log.info("not connected yet: %s", error)
            except Exception as error:  # noqa: BLE001 - httpx raises by half a dozen bases
                log.info("not connected yet: %s", type(error).__name__)

    async def close(self) -> None:
        """Ends what is under way and closes all connections."""
        for scope in self._calls.values():
            scope.cancel()
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _connected(self) -> "httpx.AsyncClient":
        """The client, built in a thread on first use: imports and TLS context take 100 ms."""
        async with self._building:
            if self._client is None:
                self._client = await anyio.to_thread.run_sync(_build_client, self._network)
            return self._client

    async def _ask(self, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        endpoint = self._endpoint
        if endpoint.needs_key and not endpoint.key:
            raise Unauthorized(f"There is no API key for {endpoint.host}. Set {endpoint.key_name}.")
        body = json.dumps(endpoint.dialect.body(prompt, endpoint.model), separators=(",", ":"))
        try:
            with anyio.fail_after(self._network.timeout):
                await self._send(body.encode(), more)
        except TimeoutError:
            seconds = f"{self._network.timeout:g}"
            raise TimedOut(f"{endpoint.host} has not answered within {seconds} s.") from None

    async def _send(self, body: bytes, more: Callable[[Chunk], bool]) -> None:
        """Sends once, and once more if a connection from the pool turned out to be dead."""
        import httpx

        client = await self._connected()
        attempt = _Attempt()
        try:
            await self._stream(client, body, more, attempt)
        except httpx.TransportError as error:
            if attempt.fresh or attempt.answered or isinstance(error, httpx.PoolTimeout):
                raise await self._unavailable(error) from None
            try:
                await self._stream(client, body, more, _Attempt())
            except httpx.TransportError as again:
                raise await self._unavailable(again) from None

    async def _unavailable(self, error: Exception) -> Unavailable:
        import httpx

        if isinstance(error, httpx.PoolTimeout) and self._client is not None:
            client, self._client = self._client, None  # better a new pool than a stuck one
            await client.aclose()
        cause = str(error) or type(error).__name__
        return Unavailable(
            f"{self._endpoint.host} cannot be reached ({cause}). "
            "Check `endpoint`, the network and the proxy."
        )

    async def _stream(
        self,
        client: "httpx.AsyncClient",
        body: bytes,
        more: Callable[[Chunk], bool],
        attempt: "_Attempt",
    ) -> None:
        import httpx

        endpoint = self._endpoint
        key = {"Authorization": f"Bearer {endpoint.key.reveal()}"} if endpoint.key else {}
        # Not `client.build_request`, which merges URL, headers and cookies anew for each call.
        request = httpx.Request(
            "POST",
            endpoint.url,
            content=body,
            headers={**HEADERS, **key},
            extensions={"trace": attempt.trace, "timeout": client.timeout.as_dict()},
        )
        response = await client.send(request, stream=True)
        try:
            attempt.answered = True
            await self._read(response, more)
        finally:
            await response.aclose()

    async def _read(self, response: "httpx.Response", more: Callable[[Chunk], bool]) -> None:
        endpoint = self._endpoint
        if response.status_code != 200:  # noqa: PLR2004 - no other status carries a completion
            text = await _bounded_body(response, MAX_ERROR_BODY)
            if endpoint.key:  # some gateways quote the key that they refuse
                text = text.replace(endpoint.key.reveal().encode(), b"[key]")
            log.error(
                "HTTP %d from %s, correlation id %s",
                response.status_code,
                endpoint.host,
                response.headers.get("mistral-correlation-id", "-"),
            )
            raise failure(response.status_code, dict(response.headers), text, host=endpoint.host)
        more(Chunk(limits=rate_limits(response.headers)))
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            whole = await _bounded_body(response, MAX_REPLY_BODY)
            more(endpoint.dialect.read(whole.decode("utf-8", "replace")))
        elif kind == "text/event-stream":
            await self._read_events(response, more)
        else:
            raise Refused(
                f"{endpoint.host} answers with {kind or 'no content type'}, which no FIM endpoint "
                "does. Check `endpoint`."
            )

    async def _read_events(self, response: "httpx.Response", more: Callable[[Chunk], bool]) -> None:
        try:
            await self._pump(response, StreamReading(self._endpoint.dialect, more))
        except EventTooLarge:
            raise BrokenReply("The endpoint sends an event without end.") from None

    async def _pump(self, response: "httpx.Response", reading: StreamReading) -> None:
        pieces = response.aiter_raw()
        async for data in pieces:
            if not reading.feed(data):
                return  # closing the connection is what ends the generation, and the bill
            if reading.finished:
                break
        with anyio.move_on_after(DRAIN_SECONDS):
            async for data in pieces:
                reading.feed(data)
        reading.end()


@dataclass(slots=True)
class _Attempt:
    """What is known of an attempt: was the connection new, had an answer begun."""

    fresh: bool = False
    answered: bool = False

    async def trace(self, event: str, _info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.started":
            self.fresh = True


async def _bounded_body(response: "httpx.Response", most: int) -> bytes:
    body = bytearray()
    async for data in response.aiter_bytes():
        body += data
        if len(body) > most:
            break
    return bytes(body[:most])


def _build_client(network: Network) -> "httpx.AsyncClient":
    """Builds the client. Odd environments make httpx raise a dozen kinds of errors here."""
    import ssl

    import httpx

    try:
        verify: ssl.SSLContext | bool = True
        if network.ca_file:
            verify = ssl.create_default_context()
            verify.load_verify_locations(network.ca_file)
        return httpx.AsyncClient(
            verify=verify,
            proxy=network.proxy or None,
            trust_env=network.trust_env,
            follow_redirects=False,
            timeout=httpx.Timeout(network.timeout, pool=min(1.0, network.timeout)),
            limits=httpx.Limits(max_keepalive_connections=4, keepalive_expiry=KEEPALIVE_SECONDS),
            headers=HEADERS,
        )
    except Exception as error:  # noqa: BLE001 - ImportError, ValueError, OSError, InvalidURL ...
        cause = str(error) or type(error).__name__
        raise Refused(
            f"The HTTP client cannot be set up: {cause}. Check `proxy`, "
            "`ca_file` and the variables HTTPS_PROXY, ALL_PROXY, NO_PROXY and SSL_CERT_FILE."
        ) from None
