"""The framer: bodies out of bytes, whatever the bytes are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.lsp.framing import MAX_BODY, MAX_HEADER, Framer

GOOD = b"Content-Length: 4\r\n\r\ngood"


def bodies(*pieces: bytes) -> list[bytes]:
    """What one framer makes of pieces that come one after another."""
    framer = Framer()
    return [body for piece in pieces for body in framer.feed(piece)]


def frame(body: bytes) -> bytes:
    """A body with the header that the protocol wants."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 2\r\n\r\n",
        b"content-length: 2\r\n\r\n",
        b"CONTENT-LENGTH:2\r\n\r\n",
        b"Content-Length :\t2  \r\n\r\n",
        b"Content-Length: 2\n\n",
        b"Content-Length: 2\r\n\n",
        b"Content-Length: 2\n\r\n",
        b"Content-Length: 00002\r\n\r\n",
        b"Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 9\r\nContent-Length: 2\r\n\r\n",
        b"garbage\r\nContent-Length: 2\r\n\r\n",
        b"garbage\r\n\r\nContent-Length: 2\r\n\r\n",
        b"\r\n\r\n\r\n\r\nContent-Length: 2\r\n\r\n",
        b"\xff\xfe\x00\nContent-Length: 2\r\n\r\n",
    ],
)
def test_headers_that_clients_write_are_understood(header: bytes) -> None:
    """Lower case, bare line feeds, other headers and noise in front make no difference."""
    assert bodies(header + b"{}" + GOOD) == [b"{}", b"good"]


@pytest.mark.parametrize(
    "length",
    [
        b"",
        b"abc",
        b"-5",
        b"+5",
        b"5.0",
        b"5 bytes",
        b"0x5",
        b"1e1",
        b"\xd9\xa3",
        b"5000000000",
        b"9" * 12,
        b"9" * 400,
        b"%d" % (MAX_BODY + 1),
    ],
)
def test_message_with_unusable_length_costs_only_itself(length: bytes) -> None:
    """What is no number, or more than can be meant, is passed over up to the next header."""
    broken = b"Content-Length: %b\r\n\r\n" % length + b'{"jsonrpc":"2.0"}'
    assert bodies(broken + GOOD) == [b"good"]


def test_largest_length_is_waited_for() -> None:
    """The limit itself is a message."""
    framer = Framer()
    assert list(framer.feed(b"Content-Length: %d\r\n\r\n" % MAX_BODY)) == []
    assert [len(body) for body in framer.feed(bytes(MAX_BODY))] == [MAX_BODY]


def test_length_too_small_loses_one_message() -> None:
    """The rest of the body stands before the next header, in the same line."""
    assert bodies(b'Content-Length: 4\r\n\r\n{"a": 1}' + GOOD) == [b'{"a"', b"good"]


def test_length_too_large_swallows_and_recovers() -> None:
    """The body takes from what follows; then the next header is found again."""
    swallowed = b"Content-Length: 20\r\n\r\n{}" + frame(b'{"lost": 1}')
    first, *others = bodies(swallowed + GOOD)
    assert first.startswith(b"{}Content-Length")
    assert others == [b"good"]


def test_text_that_looks_like_a_header_is_no_header() -> None:
    """A document about HTTP, whose rest is passed over, does not become a length."""
    rest = rb'"text": "Content-Length: 3\r\n\r\nabc"}'
    assert bodies(b"Content-Length: 1\r\n\r\n{" + rest + GOOD) == [b"{", b"good"]


def test_no_body_is_an_empty_body() -> None:
    """Length 0 is a message like any other; that it is no JSON is not said here."""
    assert bodies(b"Content-Length: 0\r\n\r\n" + GOOD) == [b"", b"good"]


def test_noise_without_end_is_not_kept() -> None:
    """Bytes in which no header can begin any more are let go."""
    framer = Framer()
    for _ in range(40):
        assert list(framer.feed(b"x" * MAX_HEADER)) == []
    assert len(framer._buffer) <= MAX_HEADER  # noqa: SLF001 - memory shows nowhere else
    assert list(framer.feed(b"\r\n" + GOOD)) == [b"good"]


def test_every_split_of_a_stream_gives_the_same() -> None:
    """Wherever the pipe cuts, headers and bodies come out whole."""
    stream = frame(b"one") + b"noise\n" + b"content-length: 3\n\ntwo" + frame(b"") + GOOD
    expected = [b"one", b"two", b"", b"good"]
    for at in range(len(stream) + 1):
        assert bodies(stream[:at], stream[at:]) == expected
    assert bodies(*(bytes([byte]) for byte in stream)) == expected


BODY = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([b"", b"\r\n\r\n", b"\n\n", b"Content-Length: 3\r\n\r\nabc", b"\r\n"]),
)


@given(st.lists(BODY, max_size=8), st.data())
def test_bodies_come_out_as_they_went_in(sent: list[bytes], data: st.DataObject) -> None:
    """Any bodies, cut at any places, are the same bodies."""
    stream = b"".join(map(frame, sent))
    place = st.integers(min_value=0, max_value=len(stream))
    cuts = sorted({0, len(stream), *data.draw(st.lists(place, max_size=12), label="cuts")})
    pieces = [stream[start:end] for start, end in pairwise(cuts)]
    assert bodies(*pieces) == sent


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(noise: bytes) -> None:
    """Behind any noise, and behind the body that it may happen to announce, a message is read."""
    framer = Framer()
    list(framer.feed(noise + b"\r\n\r\n"))
    wanted = framer._expected  # noqa: SLF001 - a body that the noise has announced
    filler = b"" if wanted is None else b"." * (wanted - len(framer._buffer))  # noqa: SLF001
    assert list(framer.feed(filler + GOOD))[-1] == b"good"
