"""Bytes for a real gateway as they are, right and wrong, and what it has made of them."""

import contextlib
import re
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.fim_endpoint import Behaviour, serve_in_thread
from tests.gateway_process import GatewayProcess

SECONDS = 20.0
GOOD = b'{"prefix": "def add(a, b):\\n    "}'
HEAD = b"POST /complete HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@contextmanager
def talkative_gateway(state: Path) -> Iterator[GatewayProcess]:
    """A gateway that logs all it ever does, and the model behind it."""
    with (
        serve_in_thread(Behaviour(text="return a + b")) as endpoint,
        GatewayProcess(state, endpoint=endpoint.url, log_level="debug") as gateway,
    ):
        yield gateway


def assert_goes_on(gateway: GatewayProcess) -> None:
    """It answers as ever, and has told nobody about its insides."""
    reply = gateway.complete()
    assert reply.status == 200, reply
    assert reply.json["completion"] == "return a + b"
    assert "Traceback" not in gateway.log
    assert 'File "' not in gateway.log


def exchange(gateway: GatewayProcess, data: bytes, *, leaves: bool = False) -> bytes:
    """All that comes back for some bytes until the gateway hangs up, as it has to."""
    with closing(socket.create_connection(("127.0.0.1", gateway.port), SECONDS)) as client:
        received = b""
        with contextlib.suppress(ConnectionError):  # it may hang up before it has read all
            client.sendall(data)
            if leaves:
                client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while data := client.recv(65_536):
                received += data
        return received


def statuses(received: bytes) -> list[int]:
    """Of each reply in what came back."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def with_headers(*lines: bytes, body: bytes = GOOD) -> bytes:
    """A good request with further headers."""
    length = b"Content-Length: %d\r\n" % len(body)
    return HEAD + length + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def assert_refused(received: bytes, *allowed: int) -> None:
    """Exactly one reply, which says that the client is wrong, or nothing at all."""
    assert len(statuses(received)) <= 1, received
    for status in statuses(received):
        assert status in (allowed or range(400, 500)), received
    assert b"Traceback" not in received
