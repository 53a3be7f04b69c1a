"""How a connection is closed on which the client still sends: not before it could read the reply.

A socket that is closed with unread bytes sends a reset, on which the client's system throws away
what the client has not read. So the gateway says that it has said all, and reads on for a while.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

LINGER_SECONDS = 5.0
"""In which a client can send a body of the largest size allowed, or sees that nobody wants it."""


class Receiver(Protocol):
    """What is asked before a connection is closed."""

    def is_body_coming(self) -> bool:
        """Whether the client has not yet sent all of what it has begun."""


class LingeringTransport:
    """A transport that is closed at once if all was read, and else reads on for a while.

    A client that does not read what was written to it is given `unread_seconds` to do so.
    """

    def __init__(
        self, transport: asyncio.Transport, receiver: Receiver, unread_seconds: float
    ) -> None:
        self._transport = transport
        self._receiver = receiver
        self._unread_seconds = unread_seconds
        self._is_closing = False
        self.write: Callable[[bytes], None] = transport.write
        self.pause_reading: Callable[[], None] = transport.pause_reading
        self.resume_reading: Callable[[], None] = transport.resume_reading
        self.get_extra_info: Callable[..., Any] = transport.get_extra_info

    def is_closing(self) -> bool:
        """Whether nothing more is to be written or read."""
        return self._is_closing or self._transport.is_closing()

    def close(self) -> None:
        """Says that all is said; the connection ends when the client has seen it, or soon."""
        if self.is_closing():
            return
        self._is_closing = True
        if not self._receiver.is_body_coming() or not self._transport.can_write_eof():
            self._close()
            return
        self._transport.write_eof()
        self._transport.resume_reading()
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._close)

    def _close(self) -> None:
        """Ends the connection when the client has read all that was written, or soon."""
        is_unread = self._transport.get_write_buffer_size() > 0
        self._transport.close()
        if is_unread:
            asyncio.get_running_loop().call_later(self._unread_seconds, self._transport.abort)

    def abort(self) -> None:
        """Ends the connection at once, with what was not sent yet."""
        self._is_closing = True
        self._transport.abort()
