"""Replies of servers that are broken or mean harm: bounded, and clean when they are handed on."""

import gzip
import json
import zlib
from typing import Any

import pytest

from codestral_ls.errors import BrokenReply, Refused, Unauthorized, Unavailable
from codestral_ls.fim.client import MAX_REPLY_BODY
from codestral_ls.fim.dialects import DIALECTS
from codestral_ls.fim.events import MAX_LINE, EventTooLarge, ServerSentEvents
from codestral_ls.fim.reading import StreamReading
from codestral_ls.kinds import Secret
from codestral_ls.model import Chunk
from codestral_ls.settings import Settings
from tests.fim_client import PROMPT, Reader, client_of, endpoint_of, speaking, talking
from tests.fim_endpoint import Behaviour, Reply

ANSWER = json.dumps({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}).encode()
BOMB = gzip.compress(b" " * 50_000_000)
HEAD = b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\n\r\n"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(ANSWER)),
        ("GZIP", gzip.compress(ANSWER)),
        ("deflate", zlib.compress(ANSWER)),
        ("identity", ANSWER),
    ],
)
async def test_a_body_that_is_compressed_once_is_read(encoding: str, body: bytes) -> None:
    """Nobody has asked for it, but some gateways do it all the same."""
    reply = Reply(body=body, headers={"content-encoding": encoding})
    async with talking(Behaviour(reply=reply)) as (client, _):
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text == "x"


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd"])
async def test_a_body_that_is_compressed_otherwise_is_broken(encoding: str) -> None:
    """Twice compressed, some kilobytes stand for gigabytes. Of an error the status is enough."""
    for status, kind in ((200, BrokenReply), (500, Unavailable)):
        reply = Reply(status=status, body=BOMB, headers={"content-encoding": encoding})
        async with talking(Behaviour(reply=reply)) as (client, _):
            with pytest.raises(kind):
                await client.ask(PROMPT, Reader())


async def test_no_more_is_decompressed_than_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small body may stand for any number of bytes."""
    sizes: list[int] = []
    plain = zlib.decompressobj

    class Watched:
        def __init__(self, bits: int) -> None:
            self._inner = plain(bits)

        def decompress(self, data: bytes, most: int) -> bytes:
            sizes.append(len(out := self._inner.decompress(data, most)))
            return out

    monkeypatch.setattr(zlib, "decompressobj", Watched)
    reply = Reply(body=BOMB, headers={"content-encoding": "gzip"})
    async with talking(Behaviour(reply=reply)) as (client, _):
        with pytest.raises(BrokenReply):
            await client.ask(PROMPT, Reader())
    assert sum(sizes) == MAX_REPLY_BODY + 1


async def test_an_error_without_an_end_is_still_that_error() -> None:
    """The status says which, so that a refused key can be read again."""
    async with speaking(HEAD % 401 + b'{"detail":"Unauth', hold=True) as speaker:
        client = client_of(endpoint_of(Settings(endpoint=speaker.url, api_key=Secret("key-0000"))))
        with pytest.raises(Unauthorized):
            await client.ask(PROMPT, Reader())
        await client.close()


def test_an_event_of_endless_lines_is_given_up() -> None:
    """Each of them may be short."""
    events = ServerSentEvents()
    line = b"data: " + b"x" * 65_000 + b"\n"
    for _ in range(MAX_LINE // len(line) + 1):  # many events are none too many
        assert len(list(events.feed(line + b"\n"))) == 1
    for _ in range(MAX_LINE // len(line)):
        assert list(events.feed(line)) == []
    with pytest.raises(EventTooLarge):
        list(events.feed(line))


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("body", [b"{}", b'{"choices": null}', b'{"choices": []}', b'{"done": 0}'])
async def test_a_whole_reply_without_an_answer_is_broken(name: str, body: bytes) -> None:
    """It would count as a success that has nothing to offer."""
    async with speaking(HEAD % 200 + body) as speaker:
        settings = Settings(provider=name, endpoint=speaker.url, model="qwen")
        client = client_of(endpoint_of(settings))
        with pytest.raises(BrokenReply, match="no answer"):
            await client.ask(PROMPT, Reader())
        await client.close()


def streamed(*deltas: dict[str, Any]) -> list[Chunk]:
    """What is handed on of a stream of choices."""
    reader = Reader()
    reading = StreamReading(DIALECTS["openai"], reader)
    for delta in deltas:
        reading.feed(b"data: " + json.dumps(delta).encode() + b"\n\n")
    reading.end()
    return reader.chunks


def test_text_behind_the_end_is_no_part_of_it() -> None:
    """But the bill may come there."""
    chunks = streamed(
        {"choices": [{"text": "a", "finish_reason": "stop"}]},
        {"choices": [{"text": " and more"}], "usage": {"prompt_tokens": 7}},
    )
    assert [each.text for each in chunks] == ["a", ""]
    assert chunks[1].usage is not None
    assert chunks[1].usage.prompt_tokens == 7


TEXT = "\ud800 return\x1b[2J\t\x00a\r\n\x9bb"
PLAIN = "\ufffd return[2J\ta\r\nb"


async def test_no_control_character_gets_into_an_editor() -> None:
    """Nor half a character, which strict readers of JSON refuse; streamed or whole."""
    choice = {"text": TEXT, "finish_reason": "stop"}
    assert streamed({"choices": [choice]})[0].text == PLAIN
    async with speaking(HEAD % 200 + json.dumps({"choices": [choice]}).encode()) as speaker:
        settings = Settings(provider="vllm", endpoint=speaker.url, model="qwen")
        client = client_of(endpoint_of(settings))
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text == PLAIN
        await client.close()


async def test_no_control_character_gets_onto_a_terminal() -> None:
    """What a server says of an error is shown by `complete`."""
    body = json.dumps({"message": "\x1b]0;title\x07 no \u202e such\u2028thing"}).encode()
    async with talking(Behaviour(reply=Reply(status=404, body=body))) as (client, _):
        with pytest.raises(Refused) as caught:
            await client.ask(PROMPT, Reader())
        assert str(caught.value).isprintable()
        assert "(]0;title no such thing)" in str(caught.value)


@pytest.mark.parametrize("count", [10**400, 10**30, 10_000_001])
def test_a_number_of_tokens_that_cannot_be_is_none(count: int) -> None:
    """It would use up a budget, or end in an overflow."""
    end = {"choices": [{"text": "a", "finish_reason": "stop"}]}
    (chunk,) = streamed(end | {"usage": {"prompt_tokens": 5, "completion_tokens": count}})
    assert chunk.usage is not None
    assert (chunk.usage.prompt_tokens, chunk.usage.completion_tokens) == (5, 0)
