"""What strangers send around a body, to a real gateway: headers, paths, and what is no HTTP."""

import contextlib
import ssl
from collections.abc import Iterator

import pytest

from tests.gateway_bytes import (
    GOOD,
    HEAD,
    assert_goes_on,
    assert_refused,
    exchange,
    statuses,
    talkative_gateway,
    with_headers,
)
from tests.gateway_process import GatewayProcess


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """One for all: whatever came before, it has to answer the next."""
    with talkative_gateway(tmp_path_factory.mktemp("state")) as it:
        yield it


@pytest.fixture(autouse=True)
def _goes_on(gateway: GatewayProcess) -> Iterator[None]:
    """After each test it answers as ever."""
    yield
    assert_goes_on(gateway)


SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
FRAMING = {
    "both lengths": HEAD
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + SMUGGLED,
    "both, the other way": HEAD
    + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"
    + SMUGGLED,
    "two lengths": HEAD
    + b"Content-Length: %d\r\nContent-Length: 0\r\n\r\n" % len(GOOD)
    + GOOD
    + SMUGGLED,
    "a list of lengths": HEAD + b"Content-Length: 0, 5\r\n\r\n" + SMUGGLED,
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n" + SMUGGLED,
    "a signed length": HEAD + b"Content-Length: +5\r\n\r\n" + SMUGGLED,
    "a length in words": HEAD + b"Content-Length: five\r\n\r\n" + SMUGGLED,
    "a length beyond all": HEAD + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n" + SMUGGLED,
    "an obscured encoding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunked, not last": HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a blank before the colon": HEAD + b"Content-Length : 5\r\n\r\n" + SMUGGLED,
    "a folded header": HEAD + b"X-Folded: a\r\n Content-Length: 5\r\n\r\n" + SMUGGLED,
    "a bad size of a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a huge size of a chunk": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"f" * 30
    + b"\r\n\r\n",
    "a null in a header": with_headers(b"X-Null: a\0b"),
    "a line feed in a header": with_headers(b"X-Feed: a\nb"),
    "a header without a name": with_headers(b": nothing"),
    "a header without a colon": with_headers(b"nothing"),
    "a header beyond ASCII": with_headers(b"X-Caf\xe9: a"),
    "a very long header": with_headers(b"X-Long: " + b"a" * 300_000),
    "very many headers": with_headers(*(b"X-%d: a" % each for each in range(20_000))),
    "a very long path": b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "no version": b"GET /v1/models\r\n\r\n",
    "an old version": b"GET /v1/models HTTP/0.9\r\n\r\n",
    "a version of tomorrow": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no HTTP": b"\0\1\2\3" * 100 + b"\r\n\r\n",
    "another protocol": b"EHLO example.org\r\n\r\n",
}


@pytest.mark.parametrize("name", FRAMING)
def test_a_request_in_a_wrong_frame_is_refused(gateway: GatewayProcess, name: str) -> None:
    """What two servers could read in two ways is one refusal, and nothing behind it is read."""
    assert_refused(exchange(gateway, FRAMING[name]))


def test_a_client_that_speaks_tls_is_let_go(gateway: GatewayProcess) -> None:
    """Nobody listens for TLS here, and the hello is no request."""
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = context.wrap_bio(incoming, outgoing, server_hostname="gateway.example")
    with contextlib.suppress(ssl.SSLWantReadError):
        hello.do_handshake()
    assert_refused(exchange(gateway, outgoing.read()))


# --- headers that want to be believed

TRICKS = {
    "another host": (b"Host: evil.example", {400, 403}),
    "a host with a user": (b"Host: 127.0.0.1@evil.example", {400, 403}),
    "a host that looks like ours": (b"Host: 127.0.0.1.evil.example", {400, 403}),
    "a host that begins like ours": (b"Host: localhost.evil.example", {400, 403}),
    "a wrong port": (b"Host: 127.0.0.1:99999999", {200, 400, 403}),
    "a page of a stranger": (b"Origin: https://evil.example", {403}),
    "a page of nobody": (b"Origin: null", {403}),
    "a page that looks like ours": (b"Origin: http://127.0.0.1.evil.example", {403}),
    "a page across sites": (b"Sec-Fetch-Site: cross-site", {403}),
    "through a proxy": (b"X-Forwarded-For: 127.0.0.1", {403}),
    "forwarded": (b"Forwarded: for=127.0.0.1", {403}),
    "by way of": (b"Via: 1.1 proxy", {403}),
    "for somebody": (b"X-Real-IP: 127.0.0.1", {403}),
    "another method": (b"X-HTTP-Method-Override: DELETE", {200}),
    "another path": (b"X-Original-URL: /metrics", {200}),
    "packed": (b"Content-Encoding: gzip", {415}),
    "an expectation": (b"Expect: 200-ok", {200, 417}),
    "another protocol": (b"Upgrade: websocket\r\nConnection: Upgrade", {200, 400, 403, 426}),
}


@pytest.mark.parametrize("name", TRICKS)
def test_headers_are_not_believed(gateway: GatewayProcess, name: str) -> None:
    """A page of a stranger, a proxy in front and a name that is not ours are no way in."""
    line, allowed = TRICKS[name]
    data = with_headers(line, b"Connection: close")
    if line.startswith(b"Host"):
        data = data.replace(b"Host: 127.0.0.1\r\n", b"", 1)
    (status,) = statuses(exchange(gateway, data))
    assert status in allowed


@pytest.mark.parametrize(
    ("kind", "status"),
    [("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("multipart/form-data", 415),
     ("application/json; charset=latin-1", 415), ("application/json;charset=UTF-8", 200),
     ("APPLICATION/JSON", 200), ("", 415), ("application/json, text/plain", 415)],
)  # fmt: skip
def test_only_json_is_taken(gateway: GatewayProcess, kind: str, status: int) -> None:
    """What a form of a stranger's page can send is not taken."""
    assert gateway.post("/complete", GOOD, **{"content-type": kind}).status == status


PATHS = ["/nothing", "//complete", "/complete/", "/complete/..", "/../complete", "/%00",
         "/complete%00", "/complete%2f", "/playground/../../settings.py",
         "/playground/..%2f..%2fsettings.py",
         "/playground/%2e%2e/settings.py", "/playground/....//settings.py", "/playground/%5c..%5c",
         "/playground//etc/passwd", "/%ff%fe", "/" + "a/" * 3000, "/complete;a=b", "/.env",
         "http://evil.example/complete", "/playground/playground.js%00.png"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS", "TRACE", "HEAD"])
def test_paths_that_lead_nowhere(gateway: GatewayProcess, path: str, method: str) -> None:
    """Nothing outside of the routes can be reached, whatever the way there is written like."""
    data = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    assert_refused(exchange(gateway, data.encode()), 204, 400, 403, 404, 405, 414, 415, 431)


def test_requests_one_behind_the_other_are_answered_in_order(gateway: GatewayProcess) -> None:
    """A client may send the next request before the reply; nobody gets another's."""
    first = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    last = b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    assert statuses(exchange(gateway, first + with_headers() + last)) == [200, 200, 404]
