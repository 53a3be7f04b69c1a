"""Proxies: which one the client takes to an endpoint, who decided on it, and the way through."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

import anyio
from anyio.abc import ByteStream

from codestral_ls.commands.doctor.providers import place_of
from codestral_ls.fim.routes import Network, proxy_for
from codestral_ls.kinds import PROXY

MOST_HEAD = 16 * 1024
SHORTEST_STATUS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy, and what decided on it; the address may hold a password."""

    url: str = field(repr=False)
    by: str

    @property
    def scheme(self) -> str:
        """How it is spoken to."""
        return urlsplit(self.url).scheme

    @property
    def place(self) -> tuple[str, int]:
        """Its host and port."""
        return place_of(self.url)

    @property
    def shown(self) -> str:
        """How messages call it: without credentials."""
        host, port = self.place
        return f"{self.scheme}://{bracketed(host)}:{port}"


def bracketed(host: str) -> str:
    """A host as it stands in an address."""
    return f"[{host}]" if ":" in host else host


class ProxyRefused(Exception):
    """There is no way through a proxy: why, and what to do."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(found)
        self.found = found
        self.advice = advice


def chosen_proxy(url: str, network: Network, system: Mapping[str, str]) -> Proxy | None:
    """The proxy that the client takes to an address; `system` are the variables by scheme.

    Raises:
        ProxyRefused: what stands there is no address of a proxy.
    """
    variables = {"all": network.proxy} if network.proxy else system
    address = proxy_for(url, variables)
    if not address:
        return None
    scheme = urlsplit(url).scheme
    variable = f"{scheme if variables.get(scheme) else 'all'}_proxy".upper()
    by = "`proxy`" if network.proxy else f"the variable {variable}"
    try:
        PROXY.parse(address)
    except ValueError as error:  # its words quote nothing
        why = str(error) or "it begins with something else"
        found = f"{by} does not name a proxy: {why}"
    else:
        return Proxy(url=address, by=by)
    raise ProxyRefused(found, f"Correct {by}, or remove it. It takes {PROXY.allowed}.")


async def open_tunnel(stream: ByteStream, proxy: Proxy, host: str, port: int) -> None:
    """Asks for a connection to the host; what is sent afterwards goes there.

    Raises:
        ProxyRefused: there will be none.
    """
    target = f"{bracketed(host)}:{port}"
    lines = (f"CONNECT {target} HTTP/1.1", f"Host: {target}", "Accept: */*", *_credentials(proxy))
    await stream.send("".join(f"{line}\r\n" for line in (*lines, "")).encode())
    status = _status(await _head(stream))
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        has = "does not accept these credentials" if _credentials(proxy) else "wants credentials"
        raise ProxyRefused(
            f"{proxy.shown} {has} (407)",
            f"Put the right user and password into {proxy.by}: http://USER:PASSWORD@HOST:PORT.",
        )
    if status:
        raise ProxyRefused(
            f"{proxy.shown} lets nobody through to {target} ({status})",
            f"Ask who runs the proxy to allow {target}, or name another one in {proxy.by}.",
        )
    raise ProxyRefused(
        f"{proxy.shown} does not answer as a proxy does",
        f"Check {proxy.by}: host, port, and whether it begins with http://.",
    )


async def _head(stream: ByteStream) -> bytes:
    head = b""
    try:
        while b"\r\n\r\n" not in head and len(head) < MOST_HEAD:
            head += await stream.receive()
    except (anyio.EndOfStream, anyio.BrokenResourceError):
        pass
    return head


def _status(head: bytes) -> int:
    """The status in the head of a reply; 0 if that is none."""
    words = head.split(b"\r\n", 1)[0].split()
    if len(words) < SHORTEST_STATUS or not words[0].startswith(b"HTTP/"):
        return 0
    return int(words[1]) if words[1].isdigit() and len(words[1]) == len("200") else 0


def _credentials(proxy: Proxy) -> tuple[str, ...]:
    parts = urlsplit(proxy.url)
    if not parts.username:
        return ()
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return (f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}",)
