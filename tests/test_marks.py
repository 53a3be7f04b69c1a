"""Marks that move with edits, and how much of a text is still there."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.lsp.documents import MOST_MARKED_LINES, MOST_MARKS, Document, Point
from codestral_ls.lsp.marks import MOST_CHARS, kept_share
from codestral_ls.model import Position

URI = "file:///project/sample.py"
TEXT = "one\ntwo three\nfour\n"


def marked(text: str, piece: str) -> Document:
    """A document in which the first place of a piece is marked."""
    document = Document(URI, "python", text)
    before = text[: text.index(piece)]
    line = before.count("\n")
    start = Position(line=line, character=len(before) - before.rfind("\n") - 1)
    assert document.mark(piece, start) is not None
    return document


def now(document: Document) -> str:
    """What stands in the only mark."""
    (mark,) = document.marks
    return document.marked(mark)


@pytest.mark.parametrize(
    ("start", "end", "text", "kept"),
    [
        ((0, 0), (0, 0), "zero\n", "three"),  # above
        ((0, 0), (1, 0), "", "three"),
        ((1, 0), (1, 0), "x", "three"),  # before it in its line
        ((0, 3), (1, 0), "", "three"),
        ((1, 4), (1, 4), "x", "three"),  # at its beginning
        ((1, 9), (1, 9), "x", "three"),  # at its end
        ((1, 9), (2, 0), "", "three"),
        ((2, 0), (2, 4), "y\nz", "three"),  # below
        ((1, 6), (1, 6), "--", "th--ree"),  # inside of it
        ((1, 6), (1, 6), "\n", "th\nree"),
        ((1, 5), (1, 8), "", "te"),
        ((1, 4), (1, 9), "", ""),  # all of it
        ((0, 0), (2, 4), "a\nb", "a\nb"),
        ((1, 2), (1, 6), "+", "+ree"),  # over its beginning
        ((1, 7), (2, 2), "+", "thr+"),  # over its end
    ],
)
def test_a_mark_follows_its_text(
    start: tuple[int, int], end: tuple[int, int], text: str, kept: str
) -> None:
    """Whatever is typed outside stays outside; what takes its place belongs to it."""
    document = marked(TEXT, "three")
    document.edit(Point(*start), Point(*end), text, "utf-32")
    assert now(document) == kept


@given(st.data())
def test_a_mark_holds_its_text_through_edits_elsewhere(data: st.DataObject) -> None:
    """Any edits before and behind, in any order, with any line ends."""
    head, tail = "a\nbc\r\nd", "e\nf\r\n"
    document = marked(head + "<text\nof two>" + tail, "<text\nof two>")
    pieces = st.sampled_from(["", "x", "\n", "yy\nz", "\r\n"])
    for _ in range(data.draw(st.integers(1, 6))):
        ((top, first), (bottom, last)) = (document.marks[0].start, document.marks[0].end)
        if data.draw(st.booleans()):
            start, end = (bottom, last), (bottom, last + data.draw(st.integers(0, 2)))
        else:
            start, end = (top, max(first - data.draw(st.integers(0, 2)), 0)), (top, first)
        document.edit(Point(*start), Point(*end), data.draw(pieces), "utf-32")
        assert now(document) == "<text\nof two>"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("zero\none\ntwo three\nfour\n", "three"),
        ("one\ntwo three\n", "three"),
        ("two three\n4\n", "two three\n4\n"),
        ("one\n2 three\nfour\n", "2 three\n"),
        ("", ""),
    ],
)
def test_a_mark_follows_a_new_text_for_all(text: str, kept: str) -> None:
    """Of clients that send the whole document; the lines around are what it is known by."""
    document = marked(TEXT, "three")
    document.replace(text)
    assert now(document) == kept


def test_a_text_that_ends_at_the_caret_is_marked() -> None:
    """What was accepted elsewhere than it was meant for, since the text had moved."""
    document = Document(URI, "python", "a\n\nb\n")
    document.edit(Point(1, 0), Point(1, 0), "if x:\n    y()", "utf-32")
    assert document.mark("x:\n    y()", Position(line=0, character=0)) is not None
    assert now(document) == "x:\n    y()"
    assert document.mark("if y:\n    y()", Position(line=0, character=0)) is None
    assert document.mark("\n" * 9, Position(line=0, character=0)) is None


def test_a_text_is_marked_in_a_document_with_other_line_ends() -> None:
    """Answers have LF; the document keeps what it has."""
    document = Document(URI, "python", "a\r\n  b\r\n")
    assert document.mark("a\n  b", Position(line=0, character=0)) is not None
    assert now(document) == "a\n  b"


def test_the_latest_marks_are_kept() -> None:
    """So that a key costs the same after any number of acceptances."""
    document = Document(URI, "python", "x" * 100)
    for character in range(MOST_MARKS + 5):
        document.mark("x", Position(line=0, character=character))
    assert len(document.marks) == MOST_MARKS
    assert document.marks[-1].start == (0, MOST_MARKS + 4)


def test_what_is_looked_through_is_bounded() -> None:
    """Though the mark may have taken in a whole file."""
    document = marked("a b c\n", "b")
    document.edit(Point(0, 0), Point(0, 5), "line\n" * 9999, "utf-32")
    assert now(document) == "line\n" * MOST_MARKED_LINES


# --- how much is left


@pytest.mark.parametrize(
    ("text", "there", "share"),
    [
        ("a = b", "a = b", 1),
        ("a = b", "x a = b y", 1),
        ("a=b", "a  =\n b", 1),
        ("abc + d", "abc - d", 0.8),
        ("abc + d", "", 0),
        ("total = count", "count = total", 5 / 11),
        ("return value", "return values", 6 / 11),
        (" \n", "x", 1),
    ],
)
def test_words_and_signs_in_order_count(text: str, there: str, share: float) -> None:
    """Blanks do not; a word that was changed is gone."""
    assert kept_share(text, there) == pytest.approx(share)


WORDS = st.lists(st.sampled_from(["aaa", "b", "cc", "dddd", "+"]), max_size=9).map(" ".join)


@given(WORDS, WORDS)
def test_the_share_is_that_of_the_longest_common_subsequence(text: str, there: str) -> None:
    """As the table of the textbook has it, with words for letters and their lengths for ones."""
    words, others = re.findall(r"\S+", text), re.findall(r"\S+", there)
    row = [0] * (len(others) + 1)
    for word in words:
        above, row = row, [0]
        for number, other in enumerate(others):
            same = above[number] + len(word) if word == other else 0
            row.append(max(above[number + 1], row[number], same))
    whole = len("".join(words))
    assert kept_share(text, there) == pytest.approx(row[-1] / whole if whole else 1)


def test_only_the_beginning_of_a_long_text_is_looked_for() -> None:
    """The time for it is bounded."""
    rng = random.Random(5)  # noqa: S311 - a test's own text
    words = [f"w{rng.randrange(50)}" for _ in range(9000)]
    text = " ".join(words)
    assert kept_share(text, text[:MOST_CHARS] + " x") == 1
