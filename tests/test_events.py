"""Bytes of a stream, however they are cut, are the events that were sent."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.errors import BrokenReply, Unavailable
from codestral_ls.fim.complaints import Complaint
from codestral_ls.fim.dialects import DIALECTS
from codestral_ls.fim.events import MAX_LINE, EventTooLarge, JsonLines, ServerSentEvents
from codestral_ls.fim.reading import StreamReading
from codestral_ls.model import Chunk, Usage

WIRE = Path(__file__).parent / "wire"
STREAMS = sorted(path.name for path in WIRE.glob("stream-200*.sse"))


def events(*pieces: bytes) -> list[str]:
    parser = ServerSentEvents()
    return [*(event for piece in pieces for event in parser.feed(piece)), *parser.finish()]


def read(stream: bytes) -> list[Chunk]:
    """The chunks of a whole stream."""
    chunks: list[Chunk] = []

    def more(chunk: Chunk) -> bool:
        chunks.append(chunk)
        return True

    reading = StreamReading(DIALECTS["mistral"], more)
    assert reading.feed(stream)
    reading.end()
    return chunks


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data:a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b": ping\n\ndata: a\n\n", ["a"]),
        (b"event: x\nid: 1\ndata: a\ndata: b\n\n", ["a\nb"]),
        (b"data: a", ["a"]),
        (b"data:  two blanks\n\n", [" two blanks"]),
        (b"\n\n\n", []),
    ],
)
def test_events_are_read_as_the_standard_says(stream: bytes, expected: list[str]) -> None:
    """Line ends of all three kinds, comments, other fields, and an end without a blank line."""
    assert events(stream) == expected


def test_unicode_line_separators_are_text() -> None:
    """JSON may carry U+2028, U+0085 and form feeds as they are inside a string."""
    text = "a\u2028b\u0085c\fd\x1ce"
    assert events(f"data: {text}\n\n".encode()) == [text]


@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1)),
    cuts=st.lists(st.integers(min_value=1, max_value=7)),
    end=st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_where_the_stream_is_cut_does_not_matter(
    texts: list[str], cuts: list[int], end: bytes
) -> None:
    """Chunk borders fall inside characters, line ends and field names."""
    stream = b"".join(b"data: " + text.encode() + end + end for text in texts)
    pieces, at = [], 0
    for size in cuts:
        pieces.append(stream[at : at + size])
        at += size
    assert events(*pieces, stream[at:]) == texts


def test_a_line_without_end_is_given_up() -> None:
    """An endpoint cannot fill the memory."""
    parser = ServerSentEvents()
    assert list(parser.feed(b"x" * MAX_LINE)) == []
    with pytest.raises(EventTooLarge):
        list(parser.feed(b"x"))


@pytest.mark.parametrize("name", STREAMS)
def test_every_recorded_stream_is_read_to_its_end(name: str) -> None:
    """Padding, pings, missing [DONE], null and list content: the text and the reason come out."""
    chunks = read((WIRE / name).read_bytes())
    expected = {
        "stream-200-empty.sse": ("", "stop"),
        "stream-200-length.sse": ("x = [1, 2,", "length"),
        "stream-200-nodone.sse": ("x", "stop"),
    }
    text, reason = expected.get(name, (None, "stop"))
    assert "".join(chunk.finish_reason for chunk in chunks) == reason
    assert chunks[-1].usage is not None or chunks[-1] == Chunk()
    if text is not None:
        assert "".join(chunk.text for chunk in chunks) == text


def test_the_nasty_stream_keeps_its_text() -> None:
    """A raw line separator in a string, a list of parts, and null."""
    chunks = read((WIRE / "stream-200-nasty.sse").read_bytes())
    text = "".join(chunk.text for chunk in chunks)
    assert text.startswith("a")
    assert text.endswith("é😀list")
    assert chunks[-1].usage == Usage(prompt_tokens=19, completion_tokens=12)


def test_a_stream_that_ends_in_the_middle_is_broken() -> None:
    """Half an answer is none."""
    stream = (WIRE / "stream-200.sse").read_bytes()
    with pytest.raises(BrokenReply):
        read(stream[: len(stream) // 2])


def test_an_error_in_the_middle_of_a_stream_is_an_error() -> None:
    """It comes after the 200, as an event of its own."""
    with pytest.raises(Complaint) as caught:
        read(b'data: {"object": "error", "message": "overloaded", "type": "x"}\n\n')
    error = caught.value.error(str)
    assert type(error) is Unavailable
    assert "overloaded" in str(error)


@pytest.mark.parametrize("event", ["", "[]", "5", "{", '{"choices": [5]}', "\x00", "[" * 60_000])
def test_what_is_no_chunk_is_a_broken_reply(event: str) -> None:
    """Whatever an endpoint sends, a reader raises nothing but the documented errors."""
    with pytest.raises(BrokenReply):
        DIALECTS["mistral"].read(event)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: (
    st.lists(inner) | st.dictionaries(
        st.sampled_from(["object", "choices", "delta", "message", "content", "usage", "text",
                         "finish_reason", "error", "detail", "loc", "prompt_tokens"]), inner)
)))  # fmt: skip
def test_no_json_upsets_the_reader(value: object) -> None:
    """Any JSON is a chunk or one of two errors."""
    try:
        chunk = DIALECTS["mistral"].read(json.dumps(value))
    except (BrokenReply, Complaint):
        return
    assert isinstance(chunk.text, str)


@pytest.mark.parametrize(
    "behind", [b"data: {", b"data: [5]\n\n", b'data: {"object": "error", "message": "late"}\n\n']
)
def test_nothing_behind_the_finish_reason_spoils_an_answer(behind: bytes) -> None:
    """It is complete, whatever a server says then."""
    stream = b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'
    assert [chunk.text for chunk in read(stream + behind)] == ["x"]


def test_an_event_without_end_is_a_broken_reply() -> None:
    """Unless the answer was complete before."""
    line = b"data: " + b"x" * MAX_LINE
    with pytest.raises(BrokenReply, match="without end"):
        read(line)
    stream = b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'
    assert [chunk.text for chunk in read(stream + line)] == ["x"]


@pytest.mark.parametrize("count", [True, -5, 1.5, "7", None, [1]])
def test_what_is_no_count_is_none(count: object) -> None:
    """JSON's true is no token."""
    reply = {"choices": [], "usage": {"prompt_tokens": count, "completion_tokens": 3}}
    chunk = DIALECTS["mistral"].read(json.dumps(reply))
    assert chunk.usage == Usage(prompt_tokens=0, completion_tokens=3)


@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"))),
    cuts=st.lists(st.integers(min_value=1, max_value=7)),
    end=st.sampled_from(["\n", "\r\n", "\n\n"]),
    last=st.booleans(),
)
def test_lines_are_events_however_they_are_cut(
    texts: list[str],
    cuts: list[int],
    end: str,
    last: bool,  # noqa: FBT001 - drawn by name
) -> None:
    """Blank ones are none; the last one may have no end."""
    stream = end.join(texts).encode() + (end.encode() if last else b"")
    parser, found, at = JsonLines(), list[str](), 0
    for size in [*cuts, len(stream)]:
        found += parser.feed(stream[at : at + size])
        at += size
    found += parser.finish()
    assert found == [text for text in texts if text.strip()]


def test_a_json_line_without_end_is_given_up() -> None:
    """An endpoint cannot fill the memory."""
    with pytest.raises(EventTooLarge):
        list(JsonLines().feed(b"x" * (MAX_LINE + 1)))
