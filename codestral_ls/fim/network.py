"""Connections to an endpoint, and what their errors mean; the only module that knows httpx.

Imported in a thread when the first call goes out, because it takes 100 ms.

HTTP/1.1 on purpose: httpcore sends no RST_STREAM, so a call cancelled over HTTP/2 is generated and
billed to its end, while a closed HTTP/1.1 connection stops it.
"""

import os
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.request import getproxies

import httpx

from codestral_ls.addresses import host_of
from codestral_ls.errors import BrokenReply, FimError, Refused, Unavailable
from codestral_ls.fim.certificates import tls_context, trouble
from codestral_ls.fim.routes import Network, Server, proxy_for

KEEPALIVE_SECONDS = 90.0
"""httpx' own 5 s are shorter than a pause for thought; edges keep idle connections for 75 s or
more, and one that has gone meanwhile costs a single retry."""
KEPT_ALIVE = 100
"""An editor has one or two; a gateway for a team has as many as it asks at the same time."""
LONGEST_QUEUE = 1.0
"""Seconds; whoever waits longer for a free connection would be late in any case."""
MAX_CONNECTIONS = 1000
"""Without a bound, slots that were lost would never be noticed."""


class Reply:
    """The head of a reply, and a way to read its body."""

    def __init__(self, response: httpx.Response, server: Server) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = dict(response.headers)
        self._response = response
        self._server = server
        self._pieces: AsyncIterator[bytes] = response.aiter_raw()

    async def read(self) -> bytes:
        """The next piece of the body as it came; empty at its end."""
        with _meaning(self._server):
            return await anext(self._pieces, b"")

    async def body(self, most: int) -> bytes:
        """So many bytes of the body, decompressed: a few of them may stand for gigabytes.

        Raises:
            FimError: it breaks off, or is compressed otherwise than once by gzip or deflate.
        """
        inflate = _inflating(self.headers.get("content-encoding", ""))
        body = bytearray()
        try:
            while len(body) <= most and (data := await self.read()):
                body += inflate(data, most + 1 - len(body))
        except zlib.error:
            words = f"{self._server.host} sends a body that is not compressed as it says."
            raise BrokenReply(words) from None
        return bytes(body[:most])


def _inflating(encoding: str) -> Callable[[bytes, int], bytes]:
    """What makes a piece of a body out of what came, and so many bytes at most."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return lambda data, most: data[:most]
    if encoding in {"gzip", "x-gzip", "deflate"}:
        return zlib.decompressobj(zlib.MAX_WBITS | _EITHER_HEADER).decompress
    raise BrokenReply("The endpoint sends a body that is compressed although nobody asked for it.")


_EITHER_HEADER = 32
"""Of gzip or of zlib, as zlib itself finds out."""


class Connections:
    """A pool of kept-alive connections, for one endpoint and in one event loop.

    Its `timeout` is the caller's affair; here the only one is for a free connection.
    """

    def __init__(self, network: Network, url: str, server: Server | None = None) -> None:
        """Reads the environment and the certificates. `server` is what messages say of it.

        Raises:
            Refused: one of them cannot be used.
        """
        self._server = server or Server(host_of(url))
        self._timeout = httpx.Timeout(None, pool=min(LONGEST_QUEUE, network.timeout / 2))
        # Not httpx' own reading of the environment: see `proxy_for`.
        system = getproxies() if network.trust_env else {}
        self._proxy = proxy_for(url, {"all": network.proxy} if network.proxy else system)
        self._tls = tls_context(network, os.environ if network.trust_env else {})
        self._client = self._build()
        self._under_way = 0

    async def warm(self, url: str, headers: Mapping[str, str]) -> None:
        """Opens a connection; any answer will do."""
        with _meaning(self._server):
            await self._client.head(url, headers=headers)

    @asynccontextmanager
    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> AsyncIterator[Reply]:
        """Sends a request. Leaving before the body has been read closes the connection."""
        # Not `build_request`, which merges URL, headers and cookies anew for each call.
        request = partial(httpx.Request, method, url, headers=headers, content=body)
        self._under_way += 1
        try:
            with _meaning(self._server):
                response = await self._answered(request)
            try:
                yield Reply(response, self._server)
            finally:
                await response.aclose()
        finally:
            self._under_way -= 1

    async def close(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    async def _answered(self, request: Callable[..., httpx.Request]) -> httpx.Response:
        """Sends once, and once more if a connection from the pool turned out to be dead.

        llama.cpp closes each one behind a stream, although its headers say that it keeps them.
        """
        attempt = _Attempt()
        try:
            return await self._send(request, attempt)
        except httpx.PoolTimeout:
            await self._replace_stuck_pool()
            raise
        except httpx.TransportError:
            if attempt.fresh:
                raise
        return await self._send(request, _Attempt())

    async def _send(
        self, build: Callable[..., httpx.Request], attempt: "_Attempt"
    ) -> httpx.Response:
        request = build(extensions={"trace": attempt.trace, "timeout": self._timeout.as_dict()})
        # Or httpx would send credentials of the address instead of the key.
        auth = httpx.Auth() if "authorization" in request.headers else httpx.USE_CLIENT_DEFAULT
        return await self._client.send(request, stream=True, auth=auth)

    async def _replace_stuck_pool(self) -> None:
        if self._under_way <= MAX_CONNECTIONS:  # without this one: slots are lost, not in use
            stuck, self._client = self._client, self._build()
            await stuck.aclose()

    def _proxy_with_tls(self) -> httpx.Proxy:
        """One that speaks TLS itself shows a certificate of the same authorities as endpoints."""
        encrypted = self._proxy.startswith("https:")
        return httpx.Proxy(self._proxy, ssl_context=self._tls if encrypted else None)

    def _build(self) -> httpx.AsyncClient:
        try:
            return httpx.AsyncClient(
                verify=self._tls,
                proxy=self._proxy_with_tls() if self._proxy else None,
                trust_env=False,
                follow_redirects=False,
                timeout=self._timeout,
                limits=httpx.Limits(
                    max_connections=MAX_CONNECTIONS,
                    max_keepalive_connections=KEPT_ALIVE,
                    keepalive_expiry=KEEPALIVE_SECONDS,
                ),
            )
        except ImportError:
            raise Refused(
                'A SOCKS proxy needs one more package: install "httpx[socks]" into the environment '
                "of codestral-ls, or check `proxy` and the variable ALL_PROXY."
            ) from None
        except Exception as error:  # noqa: BLE001 - odd environments raise a dozen kinds, and their words quote passwords
            raise Refused(
                f"The HTTP client cannot be set up ({type(error).__name__}). Check `proxy` and the "
                "variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."
            ) from None


@dataclass(slots=True)
class _Attempt:
    """Whether a connection was opened for an attempt."""

    fresh: bool = False

    async def trace(self, event: str, _info: dict[str, Any]) -> None:
        if event.endswith("connect_tcp.started"):
            self.fresh = True


@contextmanager
def _meaning(server: Server) -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise meaning(error, server) from None


_MEANINGS: tuple[tuple[tuple[type[Exception], ...], type[FimError], str], ...] = (
    (
        (httpx.LocalProtocolError, UnicodeEncodeError),
        Refused,
        "HTTP cannot carry the request to {host}. Check the API key.",
    ),
    (
        (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError),  # the last by idna
        Refused,
        "The address cannot be used. Check {address_in} and the proxy.",
    ),
    (
        (httpx.DecodingError,),
        BrokenReply,
        "{host} sends a body that is not compressed as it says.",
    ),
    ((httpx.PoolTimeout,), Unavailable, "All connections to {host} are in use."),
    (
        (httpx.RemoteProtocolError,),
        Unavailable,
        "{host} broke the connection off ({cause}). {check}",
    ),
    (
        (httpx.TransportError, OSError),
        Unavailable,
        "{host} cannot be reached ({cause}). {check}",
    ),
    ((Exception,), BrokenReply, "The call to {host} has failed ({cause})."),
)
"""The most specific first."""


def meaning(error: Exception, server: Server) -> FimError:
    """The error for what httpx raises, in words that quote neither request nor proxy address."""
    if isinstance(error, httpx.TransportError | OSError) and (words := trouble(error)):
        words = words.replace("`endpoint`", server.address_in)
        return Unavailable(words.replace("{host}", server.host))
    if isinstance(error, httpx.ConnectError) and server.absent:
        return Unavailable(f"Nothing listens at {server.host}. {server.absent}")
    kind, words = next((each[1:]) for each in _MEANINGS if isinstance(error, each[0]))
    return kind(words.format(cause=_cause(error), **server._asdict()))


def _cause(error: Exception) -> str:
    match error:
        case httpx.ProxyError():  # a status and whatever the proxy says of it
            status = str(error)[:3]
            return f"the proxy answers {status}" if status.isdecimal() else "the proxy refuses"
        case httpx.ProtocolError():  # behind the colon h11 quotes what came
            return str(error).partition(":")[0] or type(error).__name__
        case httpx.TransportError() | OSError():
            return str(error) or type(error).__name__
    return type(error).__name__
