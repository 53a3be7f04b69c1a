"""One call to a real endpoint on loopback: streaming, failing, and being cancelled."""

import asyncio
import json
from typing import Literal

import pytest

from codestral_ls.errors import BrokenReply, Refused, TimedOut, Unauthorized, Unavailable
from codestral_ls.fim.reading import MAX_REPLY_CHARS
from codestral_ls.kinds import Secret
from codestral_ls.model import Chunk
from codestral_ls.settings import Settings
from tests.fim_client import (
    PROMPT,
    Reader,
    client_for,
    client_of,
    endpoint_of,
    speaking,
    talking,
)
from tests.fim_endpoint import Behaviour, Reply

CHUNKED = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
ANSWER = b'data: {"choices":[{"delta":{"content":"x = 1"},"finish_reason":"stop"}]}\n\n'


def in_chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def test_a_call_is_streamed_with_reason_and_usage() -> None:
    """The text comes in pieces; the last one carries what it cost."""
    async with talking(Behaviour(text="return a + b")) as (client, endpoint):
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text == "return a + b"
        assert len([chunk for chunk in reader.chunks if chunk.text]) > 1
        assert reader.chunks[-1].finish_reason == "stop"
        assert reader.chunks[-1].usage is not None
        call = endpoint.completions[0]
        assert call.header("accept-encoding") == "identity"
        assert call.header("authorization") == "Bearer test-key-0000"


async def test_calls_share_one_connection() -> None:
    """Reading a stream to its end gives its connection back."""
    async with talking() as (client, endpoint):
        await client.warm()
        for _ in range(5):
            await client.ask(PROMPT, Reader())
        assert endpoint.connections_opened == 1


async def test_warming_sends_no_key_and_no_text() -> None:
    """Any answer will do, so nothing is given away for it."""
    async with talking() as (client, endpoint):
        await client.warm()
        (call,) = endpoint.calls
        assert (call.method, call.header("authorization"), call.raw_body) == ("HEAD", "", b"")


async def test_having_enough_closes_the_connection() -> None:
    """The endpoint stops generating, which is what stops the bill."""
    async with talking(Behaviour(text="word " * 50, per_token=0.005)) as (client, endpoint):
        await client.ask(PROMPT, Reader(enough=10))
        await asyncio.to_thread(
            endpoint.wait_until, lambda: endpoint.completions[0].hung_up_at is not None
        )
        assert endpoint.completions[0].tokens < 20
        assert endpoint.completions[0].tokens_after_hang_up == 0


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(first_token=5.0),
        Behaviour(head_after=5.0),
        Behaviour(stall=5.0),
        Behaviour(first_token=5.0, ping_every=0.05),
    ],
)
async def test_the_deadline_is_for_the_whole_call(behaviour: Behaviour) -> None:
    """Pings keep a read timeout from ever coming, but not the deadline."""
    async with talking(behaviour, timeout=0.3) as (client, _):
        with pytest.raises(TimedOut, match=r"within 0\.3 s"):
            await client.ask(PROMPT, Reader())


@pytest.mark.parametrize("trouble", ["error", "cut"])
async def test_a_stream_that_breaks_is_an_error(trouble: Literal["error", "cut"]) -> None:
    """An error event after the 200, or a connection that ends in the middle."""
    async with talking(Behaviour(text="a b c d", trouble=trouble)) as (client, _):
        with pytest.raises((Unavailable, BrokenReply)):
            await client.ask(PROMPT, Reader())


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(text="é😀 \u2028 x", split_characters=True),
        Behaviour(text="a b", content="list"),
        Behaviour(text="a b", content="null"),
        Behaviour(text="a b", done=False),
        Behaviour(text="a b", padding=False, crlf=True),
        Behaviour(text="a b", tokens_per_chunk=3, ping_every=0.001, per_token=0.003),
    ],
)
async def test_every_way_to_write_a_stream_is_read(behaviour: Behaviour) -> None:
    """Servers differ in line ends, padding, pings and how they cut."""
    async with talking(behaviour) as (client, _):
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text == behaviour.text


async def test_a_wrong_key_is_unauthorized_and_does_not_appear() -> None:
    """The message says where it came from, not which one was sent."""
    async with talking(key=Secret("wrong-key-1111")) as (client, _):
        with pytest.raises(Unauthorized) as caught:
            await client.ask(PROMPT, Reader())
        assert "wrong-key" not in str(caught.value)
        assert "MISTRAL_API_KEY" in str(caught.value)


@pytest.mark.parametrize("key", ["127.0.0.1", "Unauthorized", "the", "{said}", "[key]", ".*"])
async def test_a_key_that_is_a_word_of_the_message_does_not_appear(key: str) -> None:
    """Whatever a key looks like: it is left out, and the message is made all the same."""
    async with talking(key=Secret(key)) as (client, _):
        with pytest.raises(Unauthorized) as caught:
            await client.ask(PROMPT, Reader())
        words = str(caught.value).replace("[key]", "").split()
        assert key not in words
        assert "MISTRAL_API_KEY" in str(caught.value)


async def test_without_a_key_nothing_is_sent_to_a_vendor() -> None:
    """The message names the variable that is missing."""
    client = client_of(endpoint_of(Settings(provider="codestral")))
    with pytest.raises(Unauthorized, match="CODESTRAL_API_KEY"):
        await client.ask(PROMPT, Reader())
    await client.close()


async def test_an_unknown_model_is_refused() -> None:
    """A mistake that no retry mends."""
    async with talking(model="codestral-0000") as (client, _):
        with pytest.raises(Refused, match="Invalid model"):
            await client.ask(PROMPT, Reader())


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=200, content_type="text/html", body=b"<html>sign in</html>"),
        Reply(status=307, headers={"location": "http://127.0.0.1:9/"}, body=b""),
    ],
)
async def test_what_is_no_fim_endpoint_is_said_so(reply: Reply) -> None:
    """A captive portal, or an address that has moved: the key does not follow."""
    async with talking(Behaviour(reply=reply)) as (client, _):
        with pytest.raises(Refused, match="endpoint"):
            await client.ask(PROMPT, Reader())


async def test_a_reply_that_was_not_streamed_is_read_too() -> None:
    """Some gateways answer in one piece whatever was asked."""
    body = (
        b'{"object":"chat.completion","choices":[{"index":0,"message":{"content":"whole"},'
        b'"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}'
    )
    reply = Reply(status=200, body=body)
    async with talking(Behaviour(reply=reply)) as (client, _):
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert (reader.text, reader.chunks[-1].finish_reason) == ("whole", "stop")


@pytest.mark.parametrize(
    "behind",
    [b"", in_chunk(b"data: [DONE]\n\n"), in_chunk(b"data: {"), in_chunk(b"data: [[\n\n"), b"junk"],
)
async def test_a_sloppy_end_does_not_spoil_an_answer(behind: bytes) -> None:
    """The server hangs up without the last chunk, or says nonsense behind the finish reason."""
    async with speaking(CHUNKED + in_chunk(ANSWER) + behind) as speaker:
        client, reader = client_for(speaker.url), Reader()
        await client.ask(PROMPT, reader)
        assert (reader.text, reader.chunks[-1].finish_reason) == ("x = 1", "stop")
        await client.close()


async def test_an_answer_that_came_in_time_is_not_late() -> None:
    """The deadline is not for what the server leaves out behind it."""
    async with speaking(CHUNKED + in_chunk(ANSWER), hold=True) as speaker:
        client, reader = client_for(speaker.url, timeout=0.15), Reader()
        await client.ask(PROMPT, reader)
        assert reader.text == "x = 1"
        await client.close()


async def test_text_without_end_is_given_up() -> None:
    """An endpoint cannot fill the memory."""
    event = {"choices": [{"delta": {"content": "x" * (MAX_REPLY_CHARS // 2 + 1)}}]}
    body = f"data: {json.dumps(event)}\n\n".encode()
    async with speaking(CHUNKED + in_chunk(body) + in_chunk(body), hold=True) as speaker:
        client, reader = client_for(speaker.url), Reader()
        with pytest.raises(BrokenReply, match="far more text"):
            await client.ask(PROMPT, reader)
        assert len(reader.text) < MAX_REPLY_CHARS
        await client.close()


NESTED = b"[" * 60_000


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(status=422, body=b'{"detail":[{"loc":null,"msg":"no"}]}'), Refused, "no"),
        (Reply(status=400, body=NESTED), Refused, "HTTP 400"),
        (Reply(body=NESTED), BrokenReply, "not JSON"),
        (
            Reply(body=b"data: " + NESTED + b"\n\n", content_type="text/event-stream"),
            BrokenReply,
            "not JSON",
        ),
        (
            Reply(status=503, body=b"no gzip", headers={"content-encoding": "gzip"}),
            Unavailable,
            "HTTP 503",
        ),
        (Reply(body=b"no gzip", headers={"content-encoding": "gzip"}), BrokenReply, "compressed"),
        (Reply(status=204, body=b""), BrokenReply, "HTTP 204"),
    ],
)
async def test_every_odd_reply_is_an_error_of_ours(
    reply: Reply, kind: type[Exception], words: str
) -> None:
    """What escaped the tree of errors would not pause the next request."""
    async with talking(Behaviour(reply=reply)) as (client, _):
        with pytest.raises(kind, match=words) as caught:
            await client.ask(PROMPT, Reader())
        assert type(caught.value) is kind


async def test_what_nobody_has_foreseen_is_an_error_of_ours_too() -> None:
    """Its message could hold code, so that only its name is told."""

    def more(_: Chunk) -> bool:
        raise ZeroDivisionError("x = y / 0")

    async with talking() as (client, _):
        with pytest.raises(BrokenReply, match="ZeroDivisionError") as caught:
            await client.ask(PROMPT, more)
        assert "y / 0" not in str(caught.value)
