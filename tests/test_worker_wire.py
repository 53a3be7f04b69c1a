"""What the server and its worker process say to each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.context.index import wire
from codestral_ls.context.index.question import Question
from codestral_ls.context.index.wire import (
    At,
    BrokenFrame,
    Change,
    Close,
    Configure,
    FilesChanged,
    Forget,
    Frames,
    Message,
    Open,
    Progress,
    Propose,
    Rank,
    Reply,
    Status,
    apply,
    build,
    difference,
    encode,
)
from codestral_ls.model import Parameters, Prompt, Snippet

TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too
TEXTS = st.lists(TEXT).map(tuple)
PROMPTS = st.builds(
    Prompt,
    uri=TEXT,
    language=TEXT,
    prefix=TEXT,
    suffix=TEXT,
    path=TEXT,
    parameters=st.builds(
        Parameters, max_tokens=st.integers(), temperature=st.floats(0, 1), stop=TEXTS
    ),
    snippets=st.lists(st.builds(Snippet, path=TEXT, text=TEXT)).map(tuple),
)
QUESTIONS = st.builds(Question, path=TEXT, language=TEXT, before=TEXT, after=TEXT, open=TEXTS)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(Configure, folders=TEXTS, disabled_paths=TEXTS, skip=TEXTS, rank=st.booleans()),
    st.builds(Open, path=TEXT, language=TEXT, text=TEXT),
    st.builds(Change, path=TEXT, start=st.integers(), end=st.integers(), text=TEXT),
    st.builds(Close, path=TEXT),
    st.builds(FilesChanged, uris=TEXTS),
    st.builds(Rank, id=st.integers(), question=QUESTIONS),
    st.builds(Propose, id=st.integers(), prompt=PROMPTS),
    st.builds(Status, id=st.integers()),
    st.builds(Forget, id=st.integers()),
    st.builds(Reply, id=st.integers(), result=TEXT, error=TEXT),
    st.builds(At, path=TEXT),
    st.builds(Progress, counts=st.just({"files": 1}), seconds=st.floats(0, 1), done=st.booleans()),
)


@given(st.lists(MESSAGES), st.integers(1, 50))
def test_messages_arrive_as_they_were_sent(messages: list[Message], size: int) -> None:
    """In order and whole, however the pipe cuts them, with every character an editor may send."""
    data = b"".join(map(encode, messages))
    frames = Frames()
    found: list[Message] = []
    for start in range(0, len(data), size):
        found += frames.feed(data[start : start + size])
    assert found == messages


def test_frame_that_is_too_long_is_refused_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A length beyond the bound is a mistake, and what follows cannot be read."""
    long = encode(At(path="x" * 100))
    monkeypatch.setattr(wire, "MOST_BYTES", 50)
    with pytest.raises(BrokenFrame):
        encode(At(path="x" * 100))
    with pytest.raises(BrokenFrame):
        list(Frames().feed(long[:4]))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"{}",
        b'{"kind":"Nobody"}',
        b'{"kind":["At"]}',
        b'{"kind":"At"}',
        b'{"kind":"At","path":"a","more":1}',
        b'{"kind":"FilesChanged","uris":1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    """Nobody has to guess what it meant, and its text is in no error."""
    with pytest.raises(BrokenFrame, match=r"^\w+ in a frame of \d+ bytes$"):
        list(Frames().feed(len(body).to_bytes(4, "big") + body))


def test_messages_before_a_broken_one_are_heard() -> None:
    """They have been said."""
    messages = Frames().feed(encode(At(path="a")) + b"\0\0\0\0")
    assert next(messages) == At(path="a")
    with pytest.raises(BrokenFrame):
        next(messages)


@given(TEXT, TEXT, TEXT, TEXT)
def test_difference_makes_the_new_text_of_the_old(head: str, old: str, new: str, tail: str) -> None:
    """It holds nothing of what both begin and end with."""
    change = difference("p", head + old + tail, head + new + tail)
    assert apply(change, head + old + tail) == head + new + tail
    assert len(change.text) <= len(new)


def test_results_become_values() -> None:
    """As they were before JSON made dictionaries of them."""
    found = [{"path": "a.py", "text": "x = 1"}]
    assert build(tuple[Snippet, ...], found) == (Snippet(path="a.py", text="x = 1"),)
