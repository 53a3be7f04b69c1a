"""Connections to an endpoint, and what their errors mean; the only module that knows httpx.

Imported in a thread when the first call goes out, because it takes 100 ms.

HTTP/1.1 on purpose: httpcore sends no RST_STREAM, so a call cancelled over HTTP/2 is generated and
billed to its end, while a closed HTTP/1.1 connection stops it.
"""

import os
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from codestral_ls.errors import BrokenReply, FimError, Refused, Unavailable

KEEPALIVE_SECONDS = 90.0
"""httpx' own 5 s are shorter than a pause for thought; edges keep idle connections for 75 s or
more, and one that has gone meanwhile costs a single retry."""
KEPT_ALIVE = 4
MAX_CONNECTIONS = 100
"""Without a bound, slots that were lost would never be noticed."""


class Reply:
    """The head of a reply, and a way to read its body."""

    def __init__(self, response: httpx.Response, host: str) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = dict(response.headers)
        self._response = response
        self._host = host
        self._pieces: AsyncIterator[bytes] = response.aiter_raw()

    async def read(self) -> bytes:
        """The next piece of the body as it came; empty at its end."""
        with _meaning(self._host):
            return await anext(self._pieces, b"")

    async def body(self, most: int) -> bytes:
        """So many bytes of the body, decompressed."""
        body = bytearray()
        with _meaning(self._host):
            async for data in self._response.aiter_bytes():
                body += data
                if len(body) > most:
                    break
        return bytes(body[:most])


class Connections:
    """A pool of kept-alive connections, for one endpoint and in one event loop.

    `patience` is how long a call waits for a free connection, in seconds. It is the only timeout:
    the caller's deadline is for everything.
    """

    def __init__(
        self, *, host: str, proxy: str, ca_file: str, trust_env: bool, patience: float
    ) -> None:
        """Reads the environment and the certificates.

        Raises:
            Refused: one of them cannot be used.
        """
        self._host = host
        self._proxy = proxy
        self._trust_env = trust_env
        self._timeout = httpx.Timeout(None, pool=patience)
        self._certificates = _certificates(ca_file, trust_env=trust_env)
        self._client = self._build()
        self._under_way = 0

    async def warm(self, url: str, headers: Mapping[str, str]) -> None:
        """Opens a connection; any answer will do."""
        with _meaning(self._host):
            await self._client.head(url, headers=headers)

    @asynccontextmanager
    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> AsyncIterator[Reply]:
        """Sends a request. Leaving before the body has been read closes the connection."""
        self._under_way += 1
        try:
            with _meaning(self._host):
                response = await self._answered(url, headers, body)
            try:
                yield Reply(response, self._host)
            finally:
                await response.aclose()
        finally:
            self._under_way -= 1

    async def close(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    async def _answered(self, url: str, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        """Sends once, and once more if a connection from the pool turned out to be dead."""
        attempt = _Attempt()
        try:
            return await self._send(url, headers, body, attempt)
        except httpx.PoolTimeout:
            await self._replace_stuck_pool()
            raise
        except httpx.TransportError:
            if attempt.fresh:
                raise
        return await self._send(url, headers, body, _Attempt())

    async def _send(
        self, url: str, headers: Mapping[str, str], body: bytes, attempt: "_Attempt"
    ) -> httpx.Response:
        # Not `build_request`, which merges URL, headers and cookies anew for each call.
        request = httpx.Request(
            "POST",
            url,
            content=body,
            headers=headers,
            extensions={"trace": attempt.trace, "timeout": self._timeout.as_dict()},
        )
        return await self._client.send(request, stream=True)

    async def _replace_stuck_pool(self) -> None:
        if self._under_way <= MAX_CONNECTIONS:  # without this one: slots are lost, not in use
            stuck, self._client = self._client, self._build()
            await stuck.aclose()

    def _build(self) -> httpx.AsyncClient:
        try:
            return httpx.AsyncClient(
                verify=self._certificates,
                proxy=self._proxy or None,
                trust_env=self._trust_env,
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


def _certificates(ca_file: str, *, trust_env: bool) -> ssl.SSLContext:
    try:
        if not ca_file:
            return httpx.create_ssl_context(trust_env=trust_env)
        context = ssl.create_default_context()
        context.load_verify_locations(ca_file)
    except (OSError, ValueError) as error:
        named = (ca_file, "`ca_file`")
        if not ca_file:
            named = (os.environ.get("SSL_CERT_FILE", ""), "the variable SSL_CERT_FILE")
        said = getattr(error, "strerror", "") or type(error).__name__
        raise Refused(f"No certificates in {named[0]!r}: {said}. Check {named[1]}.") from None
    return context


@contextmanager
def _meaning(host: str) -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise meaning(error, host) from None


_CHECK = "Check `endpoint`, the network and the proxy."
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], type[FimError], str], ...] = (
    (
        (httpx.LocalProtocolError, UnicodeEncodeError),
        Refused,
        "HTTP cannot carry the request to {host}. Check the API key.",
    ),
    (
        (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError),  # the last by idna
        Refused,
        "The address cannot be used. Check `endpoint` and the proxy.",
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
        "{host} broke the connection off ({cause}). " + _CHECK,
    ),
    (
        (httpx.TransportError, OSError),
        Unavailable,
        "{host} cannot be reached ({cause}). " + _CHECK,
    ),
    ((Exception,), BrokenReply, "The call to {host} has failed ({cause})."),
)
"""The most specific first."""


def meaning(error: Exception, host: str) -> FimError:
    """The error for what httpx raises, in words that quote neither request nor proxy address."""
    kind, words = next((each[1:]) for each in _MEANINGS if isinstance(error, each[0]))
    return kind(words.format(host=host, cause=_cause(error)))


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
