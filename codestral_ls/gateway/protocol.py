"""One connection: uvicorn's, with bounds of time and size for heads, and errors in our own form.

Of itself uvicorn waits without end for a head that does not come, keeps one in memory whatever its
size, and closes a connection on which a body is still coming, so that its client is told of a reset
instead of the reply.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from codestral_ls.gateway.closing import LINGER_SECONDS, LingeringTransport

HEAD_SECONDS = 10.0
"""From the first byte (of a new connection: from its beginning) to the end of the head."""
READ_SECONDS = 60.0
"""For a client to read some of what waits for it; who never does would hold a place for ever."""
HEAD_BYTES = 32_768
MOST_FIELDS = 100
UPGRADING = frozenset({b"connection", b"upgrade", b"http2-settings"})
VERSIONS = frozenset({"1.0", "1.1"})
BAD, LATE, LARGE, FULL = 400, 408, 431, 503
_SAID: Mapping[int, tuple[str, str]] = {
    BAD: ("bad_request", "This is no request of HTTP/1.0 or HTTP/1.1."),
    LATE: ("timeout", "The head of the request did not come in time."),
    LARGE: ("head_too_large", "The head of the request is larger than those of any client."),
    FULL: ("too_many_connections", "There is no room for another connection. Try again soon."),
}


class Unknown(Exception):
    """A request of another version of HTTP; the parser passes it on as an error of its own."""


class TooLarge(Exception):
    """The head of a request is larger than those of any client; passed on likewise."""


class State(ServerState):
    """What all connections share; 0: any number of them."""

    def __init__(
        self,
        *,
        most_connections: int = 0,
        head_seconds: float = HEAD_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        super().__init__()
        self.most_connections = most_connections
        self.head_seconds = head_seconds
        self.read_seconds = read_seconds


class GatewayProtocol(HttpToolsProtocol):
    """A connection whose heads come in time and are of a usual size, or which is closed."""

    def __init__(
        self,
        config: Config,
        server_state: State,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._state = server_state
        self._begun = False
        self._asked = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._read_timer: asyncio.TimerHandle | None = None
        self._fed = 0
        self._counted = 0

    @property
    def is_idle(self) -> bool:
        """Whether no request has begun that is not answered."""
        return not self._begun and (not self._asked or self.cycle.response_complete)

    def is_body_coming(self) -> bool:
        """Whether the client has not yet sent all of the request that was begun last."""
        return self._begun or (self._asked and self.cycle.more_body)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes a connection, if there is room for one."""
        plain = cast("asyncio.Transport", transport)
        lingering = LingeringTransport(plain, self, self._state.read_seconds)
        super().connection_made(cast("asyncio.Transport", lingering))
        most = self._state.most_connections
        if most and len(self.connections) > most:
            self._refuse(FULL)
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Lets go of the timers."""
        for each in (self._head_timer, self._body_timer, self._read_timer):
            _cancel(each)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client reads more slowly than is written: one that does not read at all is let go."""
        super().pause_writing()
        self._read_timer = self.loop.call_later(self._state.read_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read on."""
        _cancel(self._read_timer)
        self._read_timer = None
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """Reads on; what comes behind a refusal is dropped."""
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        self._fed += len(data)
        self._feed(data)
        if self.transport.is_closing():
            return
        if not self.is_body_coming():
            self._fed = 0
        elif self._fed > HEAD_BYTES:  # of a head, or of fields behind a body
            self._refuse(LARGE)
            return
        if self.is_idle and not self._head_timer and not self.timeout_keep_alive_task:
            # Empty lines between requests have ended the wait for the next one.
            self._await_next()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(LARGE if self._is_large() else BAD)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay(data[upgrade.args[0] :])

    def _stay(self, rest: bytes) -> None:
        """Reads a request as one of HTTP/1.1 whose client would rather speak something else.

        The parser takes what follows its head for that something. Clients in Java ask so for
        HTTP/2, and send the body of HTTP/1.1 at once.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(BAD)
            return
        kept = [field for field in self.headers if field[0] not in UPGRADING]
        if any(b"close" in value.lower() for name, value in self.headers if name == b"connection"):
            kept.append((b"connection", b"close"))
        head = [b"%b %b HTTP/1.1" % (method, self.url), *(b"%b: %b" % field for field in kept)]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's own
        self._feed(b"\r\n".join((*head, b"", rest)))

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._begun = True
        self._counted = 0
        if not self._head_timer:
            self._await_head()

    def on_url(self, url: bytes) -> None:
        """Counts the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Counts a field; those behind the body are none of the head's."""
        if self._begun:
            self._count(len(name) + len(value))
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there: the request can be answered."""
        if self.parser.should_upgrade():
            return
        if self.parser.get_http_version() not in VERSIONS:
            raise Unknown
        self._begun = False
        self._fed = 0
        _cancel(self._head_timer)
        self._head_timer = None
        super().on_headers_complete()
        self._asked = True

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._fed = 0
        if not self._begun:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The end of a request, or of the head of one that is read once more."""
        if not self._begun:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Waits for the next request, or a little for the rest of one that is answered already."""
        super().on_response_complete()
        if self.cycle.more_body and not self.transport.is_closing() and not self._body_timer:
            self._body_timer = self.loop.call_later(LINGER_SECONDS, self._end_body)

    def _count(self, size: int) -> None:
        self._counted += size
        if self._is_large():
            raise TooLarge

    def _is_large(self) -> bool:
        return self._counted > HEAD_BYTES or len(self.headers or ()) > MOST_FIELDS

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self._state.head_seconds, self._end_head)

    def _await_next(self) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _end_head(self) -> None:
        self._head_timer = None
        if self._begun:
            self._refuse(LATE)
        elif self.is_idle:  # a connection on which nothing was ever asked
            self.transport.close()

    def _end_body(self) -> None:
        self._body_timer = None
        if self.cycle.more_body and self.cycle.response_complete:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        """Says why nothing more is read, unless a reply is under way, and closes."""
        if not self._asked or self.cycle.response_complete:
            self.transport.write(_refusal(status, self.server_state.default_headers))
        self.transport.close()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def _refusal(status: int, fields: list[tuple[bytes, bytes]]) -> bytes:
    code, message = _SAID[status]
    body = json.dumps({"error": {"code": code, "message": message, "field": ""}}).encode()
    head = [
        *fields,
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
        *([(b"retry-after", b"1")] if status == FULL else []),
    ]
    return b"".join(
        (STATUS_LINE[status], *(b"%b: %b\r\n" % field for field in head), b"\r\n", body)
    )
