"""What a body may be, and what is said of one that is something else."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Message

from codestral_ls.gateway.bodies import parse_object, read_json
from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.leaving import Gone
from codestral_ls.gateway.settings import GatewaySettings
from tests.gateway_app import asking, gateway_over, serving
from tests.scripted import ScriptedProvider

JSON = "application/json"
SMALL = GatewaySettings(max_body=1000)


async def post(
    folder: Path, content: bytes | AsyncIterator[bytes], **headers: str
) -> httpx.Response:
    """The reply to a body."""
    fields = {
        "Content-Type": JSON,
        **{key.replace("_", "-"): each for key, each in headers.items()},
    }
    async with asking(ScriptedProvider("b").provider(), folder, own=SMALL) as client:
        return await client.post("/complete", content=content, headers=fields)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Expecting value, line 1, column 1"),
        (b"{", "line 1, column 2"),
        (b'{"prefix": "a",}', "line 1, column 16"),
        (b"prefix=a", "Expecting value"),
        (b'{"prefix": "a"} x', "Extra data"),
        (b'{"prefix": "\x01"}', "Invalid control character"),
        (b'{"prefix": "\\q"}', "Invalid \\escape"),
        (b"[]", "no JSON object"),
        (b'"prefix"', "no JSON object"),
        (b"null", "no JSON object"),
        (b'{"prefix": "a", "prefix": "b"}', "same name is there twice"),
        (b'{"prefix": "a", "x": [{"y": 1, "y": 2}]}', "same name is there twice"),
        (b'{"max_tokens": NaN}', "NaN is no number"),
        (b'{"max_tokens": -Infinity}', "-Infinity is no number"),
        (b'{"max_tokens": 1e999}', "number is too large"),
        (b'{"max_tokens": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"prefix": ' + b"[" * 100_000, "nested too deep"),
        (b'{"prefix": ' + b'{"a":' * 100_000, "nested too deep"),
        (b'{"prefix": "\xff"}', "see its byte 12"),
        (b'{"prefix": "\xc3', "see its byte 12"),
        ('{"prefix": "a"}'.encode("utf-16"), "no UTF-8"),
        (b"\x1f\x8b\x08\x00", "no UTF-8"),
    ],
)
def test_what_is_no_object_is_said_to_be_none(body: bytes, words: str) -> None:
    """What is wrong and where; never what stands there."""
    with pytest.raises(Refusal) as caught:
        parse_object(body)
    assert (caught.value.status, caught.value.code) == (400, "invalid_json")
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1, "b": [true, null, 1.5]}', {"a": 1, "b": [True, None, 1.5]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "ü\U0001f600"}'.encode(), {"a": "ü\U0001f600"}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a": ["\\uD83D x"], "\\ude00": {"b": "\\ude00"}}', {"a": ["� x"], "�": {"b": "�"}}),
        (b'{"a": "\\\\ud83d"}', {"a": "\\ud83d"}),
        (b'{"a": "\\u0000"}', {"a": "\x00"}),
    ],
)
def test_what_is_one_is_read(body: bytes, value: dict[str, object]) -> None:
    """Half of an emoji becomes what UTF-8 can carry."""
    assert parse_object(body) == value


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "text/json", "application/jsonp", "application/json; charset=latin-1"],
)
async def test_only_json_is_taken(tmp_path: Path, kind: str) -> None:
    """A form of a page, which may be sent without asking, is never JSON."""
    reply = await post(tmp_path, b'{"prefix": "a"}', Content_Type=kind)
    assert (reply.status_code, reply.json()["error"]["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "kind",
    [
        JSON,
        "Application/JSON",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"; x=y',
    ],
)
async def test_json_is_known_by_any_spelling(tmp_path: Path, kind: str) -> None:
    """Of its type and of UTF-8."""
    assert (await post(tmp_path, b'{"prefix": "a"}', Content_Type=kind)).status_code == 200


@pytest.mark.parametrize(
    ("coding", "status"), [("gzip", 415), ("identity", 200), ("br, gzip", 415)]
)
async def test_a_body_is_not_unpacked(tmp_path: Path, coding: str, status: int) -> None:
    """A small one could become a very large one."""
    reply = await post(tmp_path, b'{"prefix": "a"}', Content_Encoding=coding)
    assert reply.status_code == status


async def parts(*given: bytes) -> AsyncIterator[bytes]:
    """A body whose length is not known before."""
    for each in given:
        yield each


async def test_a_body_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    """Whether its length was said before or not; one that just fits is."""
    fits = b'{"prefix": "%b"}' % (b"a" * (1000 - 14))
    assert len(fits) == 1000
    for body in (fits + b" ", parts(fits, b" "), parts(b" " * 600, b" " * 600)):
        reply = await post(tmp_path, body)
        assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too_large")
        assert reply.headers["Connection"] == "close"
    for body in (fits, parts(fits[:10], b"", fits[10:])):
        assert (await post(tmp_path, body)).status_code == 200


async def test_no_length_is_too_long_to_be_read(tmp_path: Path) -> None:
    """Python refuses to read numbers of some thousand digits."""
    reply = await post(tmp_path, b"{}", Content_Length="9" * 5000)
    assert reply.status_code == 413


async def test_who_sends_too_much_still_reads_why(tmp_path: Path) -> None:
    """Through a socket: a connection that is closed under the hands of who writes says nothing."""
    over = gateway_over(ScriptedProvider("b").provider(), tmp_path, own=SMALL)
    fields, tried = {"Content-Type": JSON}, (b"x" * 3_000_000, parts(*[b"x" * 100_000] * 30))
    async with over as gateway, serving(gateway) as url, httpx.AsyncClient() as client:
        for content in tried:
            reply = await client.post(f"{url}/complete", content=content, headers=fields)
            assert reply.status_code == 413


async def test_who_asks_before_sending_too_much_need_not_send_it(tmp_path: Path) -> None:
    """`Expect: 100-continue`, as curl has it."""
    over = gateway_over(ScriptedProvider("b").provider(), tmp_path, own=SMALL)
    async with over as gateway, serving(gateway) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        head = "POST /complete HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: 5000\r\nExpect: 100-continue\r\n\r\n".encode())
        status = await reader.readline()
        writer.close()
    assert status.startswith(b"HTTP/1.1 413")


def request_of(messages: Iterable[Message]) -> Request:
    """A request whose body comes in messages; behind them nothing comes any more."""
    left = iter(messages)

    async def receive() -> Message:
        message = next(left, None)
        if message is None:
            await asyncio.Event().wait()
        assert message is not None
        return message

    headers = [(b"content-type", b"application/json")]
    return Request({"type": "http", "headers": headers}, receive)


def part(body: bytes, *, more: bool = True) -> Message:
    """A piece of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """One whose bodies are small."""
    async with gateway_over(ScriptedProvider("").provider(), tmp_path, own=SMALL) as gateway:
        yield gateway


async def test_a_body_must_come_in_time(gateway: Gateway) -> None:
    """As a whole: one byte now and then holds nobody up."""
    for messages in ([], [part(b"{"), part(b'"')]):
        with pytest.raises(Refusal) as caught:
            await read_json(request_of(messages), gateway, seconds=0.01)
        assert (caught.value.status, caught.value.code) == (408, "slow_body")
        assert caught.value.headers == {"Connection": "close"}


async def test_who_hangs_up_in_mid_body_is_gone(gateway: Gateway) -> None:
    """There is nobody to tell that it is not whole."""
    with pytest.raises(Gone):
        await read_json(request_of([part(b"{"), {"type": "http.disconnect"}]), gateway)


async def test_a_body_comes_in_any_pieces(gateway: Gateway) -> None:
    """Also cut inside of a character."""
    text = '{"a": "ü"}'.encode()
    pieces = [part(text[:8]), part(b""), part(text[8:], more=False)]
    assert await read_json(request_of(pieces), gateway) == {"a": "ü"}
