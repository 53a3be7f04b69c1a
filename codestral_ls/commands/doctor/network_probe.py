"""The way to an endpoint, a stage at a time: name, connection, TLS. Nothing secret is sent."""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

import anyio
from anyio.abc import ByteStream
from anyio.streams.tls import TLSAttribute, TLSStream

from codestral_ls.addresses import is_loopback
from codestral_ls.commands.doctor.certificates import issuer_in, issuer_of
from codestral_ls.commands.doctor.findings import (
    Finding,
    failed,
    fine,
    split_advice,
    unchecked,
    warned,
)
from codestral_ls.commands.doctor.providers import Advice, place_of
from codestral_ls.commands.doctor.proxies import Proxy, ProxyRefused, open_tunnel
from codestral_ls.fim.certificates import trouble
from codestral_ls.fim.threads import in_thread

MOST_ADDRESSES = 4
HUNG_UP = (anyio.BrokenResourceError, anyio.EndOfStream, OSError)
LOOKED_INTO = "Check the clock, `endpoint`, and what looks into connections on the way."


class NetworkProbe:
    """The way to one address: directly, until `take` names a proxy."""

    def __init__(self, url: str, *, advice: Advice) -> None:
        self._host, self._port = place_of(url)
        self._is_tls = urlsplit(url).scheme == "https"
        self._advice = advice
        self._proxy: Proxy | None = None
        # Until `take` there is none: to build one reads files, which may hang.
        self._tls: ssl.SSLContext | None = None
        self._addresses: tuple[str, ...] = ()

    def take(self, proxy: Proxy | None, tls: ssl.SSLContext) -> None:
        """Goes through this proxy, and trusts those whom the context trusts."""
        self._proxy, self._tls = proxy, tls

    async def look_up(self) -> Finding:
        """Whether the name of the host, or of the proxy, has an address."""
        host, port = self._first
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            rows = await in_thread(look_up)
        except (OSError, UnicodeError) as error:
            said = getattr(error, "strerror", "") or "it is no name"
            return failed(f"{host} has no address: {said}", self._advised(self._advice.address))
        self._addresses = tuple(dict.fromkeys(str(row[4][0]) for row in rows))[:MOST_ADDRESSES]
        shown = ", ".join(self._addresses)
        return fine(shown if shown == host else f"{host} is {shown}")

    async def connect(self) -> Finding:
        """Whether a connection comes about, and the proxy lets it through."""
        host, port = self._first
        try:
            async with self._line():
                pass
        except ProxyRefused as refusal:
            return failed(refusal.found, refusal.advice)
        except HUNG_UP as error:
            return failed(
                f"{host} port {port}: {_why(error)}", self._advised(self._advice.connection)
            )
        if self._proxy is None:
            return fine(f"port {port} of {host} is open")
        through = f", and lets through to {self._host}" if self._is_tunnel else ""
        return fine(f"{self._proxy.shown} is there{through}")

    async def shake_hands(self) -> Finding:
        """Whether the host proves who it is."""
        if not self._is_tls:
            return _unencrypted(self._host)
        if self._proxy is not None and not self._is_tunnel:
            return unchecked("behind a SOCKS proxy it is the call below that shows it")
        try:
            async with self._line() as line, _encrypted(line, self._host, self._tls) as tls:
                shaken = tls.extra_attributes[TLSAttribute.ssl_object]()
                certificate = shaken.getpeercert() or {}
                issuer = issuer_in(certificate) or "nobody who is named"
                ends = certificate.get("notAfter", "?")
                return fine(f"{shaken.version()}; certificate by {issuer}, good until {ends}")
        except ssl.SSLError as error:
            reason = error.reason or type(error).__name__
            words = trouble(error).replace("{host}", self._host) or f"TLS fails: {reason}."
            found, advice = split_advice(words, LOOKED_INTO)
            issuer = await self._issuer() if isinstance(error, ssl.SSLCertVerificationError) else ""
            return failed(found + f"; it was issued by {issuer}" * bool(issuer), advice)
        except HUNG_UP:
            found = f"{self._host} hangs up instead of answering"
            return failed(found, self._advised(LOOKED_INTO))

    async def _issuer(self) -> str:
        """Who has issued the certificate that is not trusted; nothing is sent there."""
        careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # reads no file, which may hang
        careless.check_hostname = False
        careless.verify_mode = ssl.CERT_NONE
        try:
            async with self._line() as line, _encrypted(line, self._host, careless) as tls:
                shown = tls.extra_attributes[TLSAttribute.ssl_object]().getpeercert(
                    binary_form=True
                )
                return issuer_of(shown or b"")
        except (*HUNG_UP, ProxyRefused):
            return ""

    @property
    def _first(self) -> tuple[str, int]:
        """The host and the port to which the first connection goes."""
        return self._proxy.place if self._proxy else (self._host, self._port)

    @property
    def _is_tunnel(self) -> bool:
        return self._is_tls and self._proxy is not None and self._proxy.scheme.startswith("http")

    def _advised(self, advice: str) -> str:
        if self._proxy is None:
            return advice
        return f"Check {self._proxy.by}, which names {self._proxy.shown}, and whether it runs."

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[ByteStream]:
        """A connection to the host, or as far as one can be looked at."""
        proxy = self._proxy
        stream: ByteStream = await _open(self._addresses, self._first[1])
        try:
            if proxy is not None and proxy.scheme == "https":
                stream = await TLSStream.wrap(
                    stream,
                    hostname=proxy.place[0],
                    ssl_context=self._tls,
                    standard_compatible=False,
                )
            if proxy is not None and self._is_tunnel:
                await open_tunnel(stream, proxy, self._host, self._port)
            yield stream
        finally:
            await anyio.aclose_forcefully(stream)


async def _open(addresses: tuple[str, ...], port: int) -> ByteStream:
    """The first connection that comes about, of attempts that run at once.

    Raises:
        OSError: there is none.
    """
    opened: list[ByteStream] = []
    errors: list[OSError] = []

    async def attempt(address: str) -> None:
        try:
            stream = await anyio.connect_tcp(address, port)
        except OSError as error:
            errors.append(error)
        else:
            opened.append(stream)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for address in addresses:
            group.start_soon(attempt, address)
    for spare in opened[1:]:
        await anyio.aclose_forcefully(spare)
    if not opened:
        raise errors[0] if errors else OSError("it has no address")
    return opened[0]


@asynccontextmanager
async def _encrypted(
    line: ByteStream, host: str, context: ssl.SSLContext | None
) -> AsyncIterator[TLSStream]:
    tls = await TLSStream.wrap(line, hostname=host, ssl_context=context, standard_compatible=False)
    try:
        yield tls
    finally:
        await anyio.aclose_forcefully(tls)


def _why(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(cause, OSError):
        return cause.strerror or type(cause).__name__
    return "it hangs up at once"


def _unencrypted(host: str) -> Finding:
    if is_loopback(host):
        return fine("none is needed on this machine")
    words = "none: who is on the way can read your code, and a key if there is one"
    return warned(words, "Let the server speak https, or put something in front of it that does.")
