"""A body as a document around a cursor."""

import pytest

from codestral_ls.gateway.asking import line_end_of, read_body, snapshot_of
from codestral_ls.model import Budget, Snapshot
from codestral_ls.wishes import EVERYBODY

BUDGET = Budget(prefix_chars=10, suffix_chars=6)


def snapshot(prefix: str, suffix: str = "", **fields: str) -> Snapshot:
    """What is made of a text around a cursor, with little room."""
    body = read_body({"prefix": prefix, "suffix": suffix, **fields})
    return snapshot_of(body, BUDGET, EVERYBODY)


def test_what_is_too_far_away_is_left_out() -> None:
    """Its lines are counted, and of its head the whole lines are kept for imports."""
    made = snapshot("import a\nimport b\nx = 1\ny = ", "2\n3\n4\n5\n6\n")
    assert (made.prefix, made.suffix) == ("x = 1\ny = ", "2\n3\n4\n")
    assert (made.lines_above, made.lines_below) == (2, 2)
    assert made.head == "import a\nimport b\n"


def test_what_fits_stands_there_as_it_is() -> None:
    """There is no head then: it would be told twice."""
    made = snapshot("a\nb = ", "1\n")
    assert (made.prefix, made.suffix, made.head) == ("a\nb = ", "1\n", "")
    assert (made.lines_above, made.lines_below) == (0, 0)


def test_room_is_counted_in_what_is_left_of_line_ends() -> None:
    """Two characters for each are one."""
    made = snapshot("a\r\nb\r\nc\r\nd\r\ne\r\n", "1\r\n2\r\n3\r\n")
    assert (made.prefix, made.suffix) == ("a\nb\nc\nd\ne\n", "1\n2\n3\n")


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("", "gateway:///untitled"),
        ("src/a b.py", "gateway:///src/a%20b.py"),
        ("/src/a#b?.py", "gateway:///src/a%23b%3F.py"),
        ("///../etc/passwd", "gateway:///../etc/passwd"),
        ("\ud800.py", "gateway:///%3F.py"),
    ],
)
def test_a_path_is_a_name(path: str, uri: str) -> None:
    """Of nothing that is here."""
    made = snapshot_of(
        read_body({"prefix": ""}).model_copy(update={"path": path}), BUDGET, EVERYBODY
    )
    assert made.uri == uri


@pytest.mark.parametrize(
    ("text", "line_end"),
    [("", ""), ("a", ""), ("a\nb\r\n", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb\n", "\r"), ("\r", "\r")],
)
def test_the_first_line_says_how_lines_end(text: str, line_end: str) -> None:
    """A text with both is one in which somebody has made a mistake further down."""
    assert line_end_of(text) == line_end
