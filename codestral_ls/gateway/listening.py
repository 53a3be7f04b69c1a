"""The sockets that a gateway listens on, and how its address is written."""

import ctypes
import errno
import os
import selectors
import socket
import struct
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress

BACKLOG = 2048
"""Connections that wait to be accepted; more than one burst of all editors of a team."""
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the user chooses it, with tokens
"""Every address of this machine, and one at which it is reached from itself."""


class NotListening(OSError):
    """Nothing can be listened on there; the message is for the user."""


def listen(host: str, port: int) -> tuple[socket.socket, ...]:
    """A socket for each address of the host, all on the same port; 0 is any that is free.

    Raises:
        NotListening: there is no such address here, or somebody else has the port.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no name"
        raise NotListening(f"there is no host {host} on this machine: {why}") from None
    with ExitStack() as opened:
        sockets: list[socket.socket] = []
        absent: OSError | None = None
        for family, kind, _, _, address in dict.fromkeys(found):
            chosen = port or (sockets[0].getsockname()[1] if sockets else 0)
            try:
                bound = _bind(family, kind, (address[0], chosen, *address[2:]))
            except OSError as error:
                # A name may have an address of a kind that is switched off here.
                if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                    raise NotListening(_why(error, host, chosen)) from None
                absent = error
                continue
            sockets.append(opened.enter_context(bound))
        if not sockets:
            raise NotListening(_why(absent or OSError(), host, port))
        opened.pop_all()
    return tuple(sockets)


def close_door(listener: socket.socket) -> None:
    """Tells nobody any more that he is connected; who is on the way in still is let in.

    Whoever was told so and is not accepted before the socket is closed is met with a reset, behind
    which no client can know what became of its request. On Linux the system is made to drop the
    first packet of each new connection: its sender tries again after a second, and is refused.
    """
    with suppress(OSError):
        if sys.platform == "linux":
            program = ctypes.create_string_buffer(b"".join(SILENCE))
            where = struct.pack("HP", len(SILENCE), ctypes.addressof(program))
            listener.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, where)
        else:
            listener.listen(0)


def is_somebody_waiting(listeners: Sequence[socket.socket]) -> bool:
    """Whether there is a connection that was not accepted yet."""
    with selectors.DefaultSelector() as selector:
        for each in listeners:
            selector.register(each, selectors.EVENT_READ)
        return bool(selector.select(0))


ATTACH_FILTER = 26
"""SO_ATTACH_FILTER, of which Python has no name."""
SILENCE = tuple(
    struct.pack("HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the byte with the flags of the TCP header
        (0x45, 0, 1, 0x02),  # go on if SYN is among them, or skip one
        (0x06, 0, 0, 0),  # drop the packet
        (0x06, 0, 0, 0xFFFFFFFF),  # take all of it
    )
)
"""A program for Berkeley's packet filter."""


def _bind(family: int, kind: int, address: tuple[object, ...]) -> socket.socket:
    bound = socket.socket(family, kind)
    try:
        if os.name == "posix":  # elsewhere it lets two programs listen on one port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            both = address[0] == "::" and socket.has_dualstack_ipv6()
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not both)
        # Connections inherit it: a client that is gone without a word does not stay for ever.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
        bound.setblocking(False)
    except BaseException:
        bound.close()
        raise
    return bound


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use: another gateway may be running; choose another port"
            " with --port, or --port 0 for any that is free"
        )
    if error.errno == errno.EACCES:
        return f"port {port} may not be listened on by this user; those from 1024 on may"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"this machine has no address {host}"
    return f"port {port} of {host} cannot be listened on: {error.strerror or error}"


def address_of(sockets: Sequence[socket.socket], host: str, *, is_tls: bool) -> tuple[str, str]:
    """Where the gateway listens as the user has called it, and where a browser here finds it."""
    port = sockets[0].getsockname()[1]
    scheme = "https" if is_tls else "http"
    return tuple(  # type: ignore[return-value]  # two, since two stand here
        f"{scheme}://{f'[{each}]' if ':' in each else each}:{port}"
        for each in (host, WILDCARDS.get(host, host))
    )
