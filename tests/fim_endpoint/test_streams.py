"""Streams, one misbehaviour at a time."""

import json
import time

import httpx
import pytest

from . import Behaviour, Reply, sample, serve_in_thread
from .asking import BODY, ask, client, events, text
from .endpoint import FIM

TEXT = "return é😀\u2028"


def _stream(behaviour: Behaviour) -> httpx.Response:
    with serve_in_thread(behaviour) as endpoint:
        return ask(endpoint, stream=True)


def test_stream_has_the_documented_shape() -> None:
    """Events have the keys of the sample's, at every level, in the same order."""
    reply = _stream(Behaviour(text="a b"))
    got = events(reply)
    expected = events(httpx.Response(200, content=sample("stream-200.sse").body))
    assert [_shape(it) for it in got] == [_shape(it) for it in expected]
    assert text(reply) == "a b"
    assert reply.content.endswith(b"\n\ndata: [DONE]\n\n")
    assert reply.headers["content-type"] == "text/event-stream"
    assert got[-1]["choices"][0]["finish_reason"] == "stop"


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(it) for key, it in value.items() if key != "finish_reason"}
    return [_shape(it) for it in value] if isinstance(value, list) else type(value)


def test_whole_reply_says_what_the_stream_says() -> None:
    """The two forms differ in nothing but form."""
    with serve_in_thread() as endpoint:
        whole, stream = ask(endpoint).json(), ask(endpoint, stream=True)
    assert whole["choices"][0]["message"]["content"] == text(stream)
    assert whole["usage"] == events(stream)[-1]["usage"]


def test_padding_and_done_can_be_left_out() -> None:
    """Older replies have no padding; some proxies lose the last line."""
    reply = _stream(Behaviour(padding=False, done=False))
    assert not any("p" in event for event in events(reply))
    assert b"[DONE]" not in reply.content
    assert any("p" in event for event in events(_stream(Behaviour())))


def test_several_tokens_fit_in_a_chunk() -> None:
    """Role, three chunks for eight tokens, end."""
    reply = _stream(Behaviour(text="a b c d e f g h", tokens_per_chunk=3))
    assert len(events(reply)) == 5
    assert events(reply)[-1]["usage"]["completion_tokens"] == 8


def test_line_ends_can_be_crlf() -> None:
    """No line end is left as LF alone."""
    content = _stream(Behaviour(crlf=True)).content
    assert content.count(b"\r\n") == content.count(b"\n") > 0


def test_unicode_is_raw_and_can_be_split_inside_characters() -> None:
    """Pieces on the wire need not be text, and U+2028 is not escaped."""
    with (
        serve_in_thread(Behaviour(text=TEXT, split_characters=True)) as endpoint,
        client(endpoint) as http,
        http.stream("POST", FIM, json=BODY | {"stream": True}) as reply,
    ):
        pieces = list(reply.iter_raw())
    assert any(piece.endswith("😀".encode()[:1]) for piece in pieces)
    assert "\u2028".encode() in b"".join(pieces)
    assert text(httpx.Response(200, content=b"".join(pieces))) == TEXT


def test_content_can_be_lists_of_parts() -> None:
    """Each content is a list, in whole replies too."""
    with serve_in_thread(Behaviour(text="x", content="list")) as endpoint:
        stream, whole = ask(endpoint, stream=True), ask(endpoint).json()
    parts = [{"type": "text", "text": "x"}]
    assert events(stream)[1]["choices"][0]["delta"]["content"] == parts
    assert whole["choices"][0]["message"]["content"] == parts


def test_empty_content_can_be_null() -> None:
    """Only what is empty is null."""
    reply = _stream(Behaviour(text="x", content="null"))
    contents = [event["choices"][0]["delta"]["content"] for event in events(reply)]
    assert contents == [None, "x", None]


def test_pings_fill_the_wait() -> None:
    """Comments come while the first token does not."""
    reply = _stream(Behaviour(ping_every=0.01, first_token=0.2))
    assert reply.content.startswith(b": ping\n\n")
    assert reply.content.count(b": ping\n\n") > 2


def test_error_can_end_a_stream() -> None:
    """After a 200 and some text an error is all that can be said."""
    reply = _stream(Behaviour(text="a b c", trouble="error", trouble_after=2))
    assert text(reply) == "a b"
    assert events(reply)[-1] == json.loads(sample("errors/500.json").body)
    assert b"[DONE]" not in reply.content


def test_stream_can_be_cut_inside_a_chunk() -> None:
    """The connection is gone before the chunk is whole."""
    with serve_in_thread(Behaviour(text="a b c", trouble="cut")) as endpoint:
        with pytest.raises(httpx.RemoteProtocolError):
            ask(endpoint, stream=True)
        endpoint.wait_until(lambda: endpoint.connections_open == 0)
        call = endpoint.calls[0]
    assert not call.ended
    assert call.hung_up_at is None


@pytest.mark.parametrize(
    ("behaviour", "least"),
    [
        (Behaviour(head_after=0.05), 0.05),
        (Behaviour(first_token=0.05), 0.05),
        (Behaviour(text="a b c", per_token=0.02), 0.04),
        (Behaviour(stall=0.05), 0.05),
        (Behaviour(head_after=0.05, reply=sample("errors/500.json")), 0.05),
    ],
)
def test_slowness_is_as_ordered(behaviour: Behaviour, least: float) -> None:
    """It takes that long, and not for ever."""
    with serve_in_thread(behaviour) as endpoint:
        begin = time.monotonic()
        ask(endpoint, stream=True)
        endpoint.wait_until(lambda: endpoint.calls[0].ended)
        assert least <= time.monotonic() - begin < 2


def test_head_and_role_come_before_a_slow_first_token() -> None:
    """A client can tell a slow model from a dead host."""
    with serve_in_thread(Behaviour(first_token=0.2)) as endpoint, client(endpoint) as http:
        begin = time.monotonic()
        with http.stream("POST", FIM, json=BODY | {"stream": True}) as reply:
            pieces = reply.iter_raw()
            assert b'"role"' in next(pieces)
            assert time.monotonic() - begin < 0.2
            assert b"[DONE]" in b"".join(pieces)


def test_reply_may_not_be_what_it_says() -> None:
    """False content type, an error with status 200, a redirect, a huge text."""
    assert _stream(Behaviour(content_type="text/html")).headers["content-type"] == "text/html"
    error = Behaviour(reply=Reply(body=sample("errors/500.json").body))
    assert _stream(error).json()["object"] == "error"
    away = Reply(status=307, headers={"location": "http://127.0.0.1:9/"})
    assert _stream(Behaviour(reply=away)).is_redirect
    huge = Behaviour(text="x" * 2**21, tokens_per_chunk=2**20)
    assert len(text(_stream(huge))) == 2**21
