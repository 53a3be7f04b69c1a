"""How the replies of each wire format are read."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.errors import BrokenReply
from codestral_ls.fim.complaints import Complaint
from codestral_ls.fim.dialects import DIALECTS
from codestral_ls.fim.reading import StreamReading
from codestral_ls.model import Chunk, Usage
from tests.fim_client import Reader

OTHERS = Path(__file__).parent / "wire" / "others"


def read(name: str, stream: bytes) -> list[Chunk]:
    """The chunks of a whole stream, cut at every byte."""
    reader = Reader()
    reading = StreamReading(DIALECTS[name], reader)
    for at in range(len(stream)):
        assert reading.feed(stream[at : at + 1])
    reading.end()
    return reader.chunks


STREAMS = {
    "llama-infill.sse": ("llama.cpp", "return n // 2\n\n\nprint(half(8))", "stop", (22, 8, 21)),
    "llama-infill-stop-word.sse": ("llama.cpp", "return n // 2\n", "stop", (22, 6, 21)),
    "llama-infill-utf8.sse": ("llama.cpp", "日", "length", (8, 6, 0)),
    "llama-completions.sse": (
        *("openai", "return n // 2\n\n\nprint(half(8))", "stop"),
        (18, 8, 17),
    ),
    "deepseek.sse": ("openai", "return a + b", "stop", (19, 4, 0)),
    "ollama.ndjson": ("ollama", "return a + b", "stop", (17, 4, 0)),
}


@pytest.mark.parametrize("name", STREAMS)
def test_every_recorded_stream_is_read_to_its_end(name: str) -> None:
    """Text, reason and bill, however the stream is cut."""
    dialect, text, reason, (prompt, completion, cached) = STREAMS[name]
    chunks = read(dialect, (OTHERS / name).read_bytes())
    assert "".join(chunk.text for chunk in chunks) == text
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == [reason]
    (usage,) = [chunk.usage for chunk in chunks if chunk.usage]
    counted = Usage(prompt_tokens=prompt, completion_tokens=completion, cached_tokens=cached)
    assert replace(usage, prompt_chars=0) == counted
    assert bool(usage.prompt_chars) is (dialect == "llama.cpp")  # which quotes the prompt


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_ends_in_the_middle_is_broken(name: str) -> None:
    """Half an answer is none."""
    stream = (OTHERS / name).read_bytes()
    with pytest.raises(BrokenReply):
        read(STREAMS[name][0], stream[: stream.index(b"\n") + 1])


def test_a_whole_reply_is_read_like_the_end_of_a_stream() -> None:
    """Some proxies collect streams."""
    chunk = DIALECTS["llama.cpp"].read((OTHERS / "llama-infill-whole.json").read_text())
    assert (chunk.text, chunk.finish_reason) == ("return n // 2\n\n\nprint(half(8))", "stop")
    message = {"choices": [{"message": {"content": "x"}, "finish_reason": "length"}]}
    assert DIALECTS["chat"].read(json.dumps(message)) == Chunk(text="x", finish_reason="length")


@pytest.mark.parametrize(
    ("name", "event", "said"),
    [
        ("mistral", {"object": "error", "message": "no"}, "no"),
        ("llama.cpp", {"error": {"code": 500, "message": "no", "type": "server_error"}}, "no"),
        ("ollama", {"error": "no"}, "no"),
        ("openai", {"error": {"message": "no"}}, "no"),
        (
            "chat",
            {"error": {"code": 502, "message": "no"}, "choices": [{"finish_reason": "error"}]},
            "no",
        ),
    ],
)
def test_an_error_in_the_middle_is_one(name: str, event: object, said: str) -> None:
    """Whatever came before it is not a whole answer."""
    with pytest.raises(Complaint) as raised:
        DIALECTS[name].read(json.dumps(event))
    assert raised.value.said == said


def test_what_a_model_thinks_to_itself_is_no_text() -> None:
    """It comes in a field of its own, where the content may be null."""
    event = {"choices": [{"delta": {"content": None, "reasoning": "Hm"}, "finish_reason": None}]}
    assert DIALECTS["chat"].read(json.dumps(event)) == Chunk()


@pytest.mark.parametrize(
    "told",
    [
        {"prompt_tokens_details": {"cached_tokens": 7}},
        {"prompt_tokens_details": None, "num_cached_tokens": 7},
        {"prompt_cache_hit_tokens": 7, "prompt_cache_miss_tokens": 2},
    ],
)
@pytest.mark.parametrize("name", ["mistral", "openai", "template", "chat"])
def test_cached_tokens_are_counted_in_every_spelling(name: str, told: dict[str, object]) -> None:
    """OpenAI's and Mistral's new one, Mistral's older one, and DeepSeek's."""
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10, **told}
    chunk = DIALECTS[name].read(json.dumps({"choices": [], "usage": usage}))
    assert chunk.usage == Usage(prompt_tokens=9, completion_tokens=1, cached_tokens=7)


def test_a_null_error_is_none() -> None:
    """Some gateways always send the key."""
    event = {"error": None, "choices": [{"text": "x", "finish_reason": None}]}
    assert DIALECTS["openai"].read(json.dumps(event)) == Chunk(text="x")


KEYS = (
    *("choices", "delta", "message", "text", "content", "finish_reason", "usage", "response"),
    *("done", "done_reason", "stop", "stop_type", "timings", "cache_n", "prompt_tokens", "error"),
)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
        ),
    ),
    st.sampled_from(sorted(DIALECTS)),
)
def test_no_event_upsets_a_reader(event: object, name: str) -> None:
    """Any JSON is a chunk, a broken reply or a complaint."""
    with suppress(BrokenReply, Complaint):
        assert isinstance(DIALECTS[name].read(json.dumps(event)), Chunk)
