"""Bodies that broken clients send to a real gateway: told what is wrong, and nothing more."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.gateway_bytes import (
    GOOD,
    HEAD,
    SECONDS,
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


BODIES = {
    "nothing": (b"", 400),
    "no JSON": (b"prefix=1", 400),
    "half": (GOOD[:10], 400),
    "null": (b"null", 400),
    "a list": (b"[]", 400),
    "a text": (b'"prefix"', 400),
    "a number": (b"1e999", 400),
    "not a number": (b'{"prefix": NaN}', 400),
    "infinite": (b'{"prefix": "", "max_tokens": Infinity}', 400),
    "a huge number": (b'{"prefix": "", "max_tokens": 1' + b"0" * 10_000 + b"}", 400),
    "deep": (b"[" * 100_000, 400),
    "deep in a field": (b'{"prefix": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400),
    "bad UTF-8": (b'{"prefix": "\xff\xfe"}', 400),
    "overlong UTF-8": (b'{"prefix": "\xc0\xaf"}', 400),
    "UTF-16": (GOOD.decode().encode("utf-16"), 400),
    "two values": (GOOD + GOOD, 400),
    "the same field twice": (b'{"prefix": "a", "prefix": "b"}', 400),
    "no field": (b"{}", 400),
    "wrong type": (b'{"prefix": 1}', 400),
    "a truth": (b'{"prefix": "", "max_tokens": true}', 400),
    "a fraction": (b'{"prefix": "", "max_tokens": 1.5}', 400),
    "unknown field": (b'{"prefix": "", "SECRET-FIELD": 1}', 400),
    "prototype": (b'{"prefix": "", "__proto__": {"a": 1}}', 400),
    "below": (b'{"prefix": "", "max_tokens": -1}', 400),
    "above": (b'{"prefix": "", "candidates": 6}', 400),
    "five stops": (b'{"prefix": "", "stop": ["a", "b", "c", "d", "e"]}', 400),
    "an unknown trigger": (b'{"prefix": "", "trigger": "SECRET-VALUE"}', 400),
    "an unknown model": (b'{"prefix": "", "model": "SECRET-VALUE"}', 400),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_wrong_is_told_so(gateway: GatewayProcess, name: str) -> None:
    """The reply says which field and why, without a word of what was in it."""
    body, status = BODIES[name]
    reply = gateway.post("/complete", body)
    assert reply.status == status, reply.body
    assert reply.json["error"]["code"]
    assert reply.json["error"]["message"]
    assert b"SECRET-VALUE" not in reply.body


ODD = {
    "half a pair": '"\\ud83d"',
    "the other half": '"\\ude00"',
    "null characters": '"\\u0000\\u0000"',
    "a byte order mark": '"\\ufeffdef a():\\n"',
    "separators": '"\\u2028\\u2029\\u0085"',
    "carriage returns": '"a\\r\\nb\\rc\\n"',
    "beyond the plane": '"\\ud83d\\ude00 = "',
    "right to left": '"\\u202e\\u2066 = "',
    "empty": '""',
    "blank": '"   "',
    "one long line": json.dumps("x" * 200_000),
    "many lines": json.dumps("\n" * 200_000),
    "many brackets": json.dumps("(" * 100_000),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("language", ["python", ""])
def test_odd_texts_are_completed_or_not(gateway: GatewayProcess, name: str, language: str) -> None:
    """Whatever a document holds, it is no error."""
    body = f'{{"prefix": {ODD[name]}, "suffix": {ODD[name]}, "language": "{language}"}}'
    reply = gateway.post("/complete", body.encode())
    assert reply.status == 200, reply.body
    reply = gateway.post(
        "/raw/v1/fim/completions", f'{{"prompt": {ODD[name]}, "suffix": {ODD[name]}}}'.encode()
    )
    assert reply.status in {200, 400, 422}, reply.body  # 400: too long for the model


# --- sizes and times


def test_a_huge_body_is_refused_before_it_is_read(gateway: GatewayProcess) -> None:
    """Who announces more than is taken is told so at once."""
    assert statuses(exchange(gateway, HEAD + b"Content-Length: 9000000000\r\n\r\n{")) == [413]


def test_a_huge_body_in_chunks_is_refused(gateway: GatewayProcess) -> None:
    """Who announces nothing is cut off where it is too much."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    received = exchange(gateway, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 40)
    assert_refused(received, 413)


def test_a_client_that_leaves_in_the_middle_is_let_go(gateway: GatewayProcess) -> None:
    """Half a body and an end of it are nobody's error."""
    received = exchange(gateway, HEAD + b"Content-Length: 100\r\n\r\n{", leaves=True)
    assert_refused(received)


def test_a_body_in_pieces_is_read_as_one(gateway: GatewayProcess) -> None:
    """The network cuts where it likes."""
    with closing(socket.create_connection(("127.0.0.1", gateway.port), SECONDS)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(data := with_headers(b"Connection: close"))):
            client.sendall(data[at : at + 1])
        reply = http.client.HTTPResponse(client)
        reply.begin()
        assert reply.status == 200
