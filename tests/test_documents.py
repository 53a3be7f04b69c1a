"""Documents: what an edit means, wherever a client says that it is."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codestral_ls.lsp.documents import Document, Point, Unit, code_points, split_lines, unit_length
from codestral_ls.model import Budget, Position

UNITS: tuple[Unit, ...] = ("utf-8", "utf-16", "utf-32")
FAR = 2**31 - 1


def document(text: str) -> Document:
    """An open document."""
    return Document("file:///a.py", "python", text)


def edited(
    text: str, start: tuple[int, int], end: tuple[int, int], new: str, unit: Unit = "utf-16"
) -> str:
    """The text after one edit."""
    target = document(text)
    target.edit(Point(*start), Point(*end), new, unit)
    assert target.line_count == len(split_lines(target.text))
    return target.text


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("abc\ndef\n", (0, 9), "abcX\ndef\n"),
        ("abc\ndef", (1, 9), "abc\ndefX"),
        ("abc\ndef\n", (0, 4), "abcX\ndef\n"),
        ("abc", (7, 0), "abcX"),
        ("abc\n", (1, 5), "abc\nX"),
        ("abc\n", (FAR, FAR), "abc\nX"),
        ("", (0, 0), "X"),
        ("a😀b", (0, 2), "a😀Xb"),
        ("a😀b", (0, 3), "a😀Xb"),
        ("abc\r\ndef", (0, 3), "abcX\r\ndef"),
        ("abc\r\ndef", (0, 4), "abcX\r\ndef"),
        ("abc\r\ndef", (0, 5), "abcX\r\ndef"),
        ("abc\rdef", (0, 4), "abcX\rdef"),
        ("abc\rdef", (1, 0), "abc\rXdef"),
        ("\r\n\r\n", (1, 1), "\r\nX\r\n"),
    ],
)
def test_places_beyond_a_line_are_clamped(text: str, place: tuple[int, int], expected: str) -> None:
    """Beyond the line's end, the document's end, or into a character: the nearest place behind."""
    assert edited(text, place, place, "X") == expected


@pytest.mark.parametrize("separator", "\f\v\x1c\x1d\x1e\x85\u2028\u2029")
def test_only_lf_crlf_and_cr_end_lines(separator: str) -> None:
    """What `str.splitlines` splits at besides is text to a client."""
    assert edited(f"a{separator}b\nc", (1, 0), (1, 1), "X") == f"a{separator}b\nX"


def test_reversed_range_is_swapped() -> None:
    """The insertion is not lost."""
    assert edited("abcdef\nghi", (1, 1), (0, 2), "X") == "abXhi"
    assert edited("abcdef", (0, 4), (0, 2), "X") == "abXef"


def test_lone_surrogate_is_kept() -> None:
    """Half a character is counted and edited around, in every unit."""
    for unit in UNITS:
        behind = unit_length("\ud83d", unit)
        assert edited("\ud83dab", (0, behind), (0, behind), "X", unit) == "\ud83dXab"


@pytest.mark.parametrize(
    ("unit", "starts"),
    [("utf-8", (0, 1, 3, 6, 10)), ("utf-16", (0, 1, 2, 3, 5)), ("utf-32", (0, 1, 2, 3, 4))],
)
def test_units_are_those_of_the_encoding(unit: Unit, starts: tuple[int, ...]) -> None:
    """A character takes 1 to 4 units in UTF-8, 1 or 2 in UTF-16 and 1 in UTF-32."""
    text = "aé€😀"
    for index, units in enumerate(starts):
        assert unit_length(text[:index], unit) == units
        assert code_points(text, units, unit) == index
        assert document(text).units(Position(line=0, character=index), unit) == units


def test_line_end_that_an_edit_completes_is_one() -> None:
    """CR above and LF below a deleted text become one line end."""
    target = document("a\rb\nc")
    target.edit(Point(1, 0), Point(1, 1), "", "utf-16")
    assert (target.text, target.line_count) == ("a\r\nc", 2)
    target.edit(Point(1, 0), Point(1, 0), "X", "utf-16")
    assert target.text == "a\r\nXc"


def test_line_end_that_an_edit_parts_is_two() -> None:
    """Text cannot come between CR and LF of one line end, but may bring its own halves."""
    target = document("ab")
    target.edit(Point(0, 1), Point(0, 1), "\r", "utf-16")
    target.edit(Point(1, 0), Point(1, 0), "\n", "utf-16")
    assert (target.text, target.line_count) == ("a\r\nb", 2)


def test_whole_text_is_replaced() -> None:
    """Lines and text are those of the new one, and edits go on from there."""
    target = document("abc\ndef\n")
    target.replace("x\r\ny")
    assert (target.text, target.line_count) == ("x\r\ny", 2)
    target.edit(Point(1, 1), Point(9, 9), "z", "utf-16")
    assert target.text == "x\r\nyz"


# --- against a model that is too simple to be wrong

PIECE = st.sampled_from(["\n", "\r", "\r\n", "\f", "\u2028", "é", "😀", "a", "b c", "\t", ""])
TEXT = st.lists(PIECE, max_size=14).map("".join)
NUMBER = st.one_of(st.integers(0, 6), st.integers(0, 30), st.just(FAR))
POINT = st.tuples(NUMBER, NUMBER)
EDITS = st.lists(st.tuples(POINT, POINT, TEXT), max_size=6)


def naive_offset(text: str, place: tuple[int, int], unit: Unit) -> int:
    """Walks through the whole text, a character at a time."""
    line, units = place
    offset = 0
    while line and offset < len(text):
        if text[offset] == "\n" or (text[offset] == "\r" and text[offset + 1 : offset + 2] != "\n"):
            line -= 1
        offset += 1
    if line:
        return len(text)
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[unit]
    seen = 0
    while offset < len(text) and text[offset] not in "\r\n" and seen < units:
        seen += len(text[offset].encode(unit if unit == "utf-8" else f"{unit}-le")) // size
        offset += 1
    return offset


@settings(max_examples=300)
@given(TEXT, EDITS, st.sampled_from(UNITS))
@example("a\rb\nc", [((1, 0), (1, 1), "")], "utf-16")
def test_edits_agree_with_a_naive_model(
    text: str,
    edits: list[tuple[tuple[int, int], tuple[int, int], str]],
    unit: Unit,
) -> None:
    """Any text, any ranges, any units: the document is what one string would be."""
    target = document(text)
    for start, end, new in edits:
        first, last = sorted((naive_offset(text, start, unit), naive_offset(text, end, unit)))
        text = text[:first] + new + text[last:]
        target.edit(Point(*start), Point(*end), new, unit)
        assert "".join(target._lines) == text  # noqa: SLF001 - `text` might be a remembered one
        assert target._lines == split_lines(text)  # noqa: SLF001 - as if opened just now


@given(TEXT, POINT, st.sampled_from(UNITS))
def test_positions_agree_with_a_naive_model(text: str, place: tuple[int, int], unit: Unit) -> None:
    """The place is found, told again in the same units, and parts the snapshot."""
    target = document(text)
    position = target.position(Point(*place), unit)
    offset = naive_offset(text, place, unit)
    back = Point(position.line, target.units(position, unit))
    assert target.position(back, unit) == position
    snapshot = target.snapshot(position, Budget(prefix_chars=6000, suffix_chars=2000))
    assert snapshot.prefix == _lf(text[:offset])
    assert snapshot.suffix == _lf(text[offset:])


@given(TEXT)
def test_split_lines_loses_nothing(text: str) -> None:
    """Lines are the text, all but the last end, and none ends within."""
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line.endswith(("\n", "\r")) for line in lines[:-1])
    assert not lines[-1].endswith(("\n", "\r"))
    assert not any(set("\r\n") & set(line.rstrip("\r\n")) for line in lines)


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
