"""Text out of the Markdown around it, while it comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.fim.dialects import DIALECTS
from codestral_ls.fim.fences import Unfencing
from codestral_ls.fim.reading import StreamReading
from tests.fim_client import Reader


def unfenced(*pieces: str) -> str:
    cleaning = Unfencing()
    return "".join([*map(cleaning.feed, pieces), cleaning.finish()])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("return a", "return a"),
        ("", ""),
        ("\n    return a\n", "\n    return a\n"),
        ("```python\nreturn a\n```", "return a"),
        ("```\nreturn a\n```\nThis adds.", "return a"),
        ("\n```c++\n  a;\n\n  b;\n```\n", "  a;\n\n  b;"),
        ("```python\nreturn a", "return a"),
        ("```python\n```", ""),
        ("```python\nreturn a\n``", "return a\n``"),
        ("``a``", "``a``"),
        ("`", "`"),
        ("```inline``` code", "```inline``` code"),
        ("x = 1\n```\ny", "x = 1\n```\ny"),
        ("```md\n```py\nx\n```\n", "```py\nx"),
    ],
)
def test_a_fence_around_a_text_is_taken_off(text: str, expected: str) -> None:
    """With the talk behind it; fences anywhere else belong to the text."""
    assert unfenced(text) == expected
    assert unfenced(*text) == expected


@given(st.lists(st.sampled_from(["`", "``", "```", "py", "\n", " ", "a = 1", "# b"]), max_size=12))
def test_where_the_text_is_cut_does_not_matter(pieces: list[str]) -> None:
    """Inside of fences too."""
    assert unfenced(*pieces) == unfenced("".join(pieces))


@given(st.text("`a \n", max_size=20).filter(lambda text: not text.lstrip().startswith("`")))
def test_a_text_without_a_fence_in_front_is_left_alone(text: str) -> None:
    """Whatever stands in it."""
    assert unfenced(*text) == text


def said(*texts: str, reason: str = "stop") -> tuple[str, list[str], bool]:
    """Text and reasons that a caller gets, and whether the answer is complete."""
    reader = Reader()
    reading = StreamReading(DIALECTS["chat"], reader)
    for text in texts:
        content = text.replace("\n", "\\n")
        reading.feed(b'data: {"choices":[{"delta":{"content":"%b"}}]}\n\n' % content.encode())
    before = reading.finished
    reading.feed(b'data: {"choices":[{"delta":{},"finish_reason":"%b"}]}\n\n' % reason.encode())
    reading.feed(b"data: [DONE]\n\n")
    reading.end()
    reasons = [chunk.finish_reason for chunk in reader.chunks if chunk.finish_reason]
    return "".join(chunk.text for chunk in reader.chunks), reasons, before


def test_the_closing_fence_ends_the_answer() -> None:
    """What the model goes on to explain is not waited for, and cannot spoil the reason."""
    assert said("```", "py\n", "a = 1\n", "```", "\nThis", reason="length") == (
        *("a = 1", ["stop"]),
        True,
    )


def test_what_was_held_back_comes_with_the_end() -> None:
    """A text that might have gone on as a fence."""
    assert said("``", reason="length") == ("``", ["length"], False)
    assert said("```py\na\n", reason="length") == ("a\n", ["length"], False)


def test_the_text_comes_no_later_than_its_end() -> None:
    """Whoever knows that an answer is complete may look at it."""
    reader = Reader()
    reading = StreamReading(DIALECTS["chat"], reader)
    reading.feed(b'data: {"choices":[{"delta":{"content":"``"},"finish_reason":"stop"}]}\n\n')
    assert reading.finished
    assert reader.text == "``"


def test_an_end_without_a_reason_loses_nothing_either() -> None:
    """`[DONE]` may come by itself."""
    reader = Reader()
    reading = StreamReading(DIALECTS["chat"], reader)
    reading.feed(b'data: {"choices":[{"delta":{"content":"``"}}]}\n\ndata: [DONE]\n\n')
    reading.end()
    assert "".join(chunk.text for chunk in reader.chunks) == "``"
