"""Snapshots: what the engine sees of a document, and what taking them costs."""

from collections.abc import Iterable
from typing import Any, SupportsIndex

import pytest

from codestral_ls.lsp.documents import SHORT_LINE, Document, Point
from codestral_ls.model import Budget, Position, Snapshot

LINE = "0123456789 0123456789 0123456789 012345\n"
BUDGET = Budget(prefix_chars=6000, suffix_chars=2000)


def document(text: str) -> Document:
    """An open document."""
    return Document("file:///a.py", "python", text)


def snapshot(text: str, line: int, character: int) -> Snapshot:
    """The snapshot at a place."""
    return document(text).snapshot(Position(line=line, character=character), BUDGET)


def test_snapshot_carries_what_the_document_is() -> None:
    """Address and language go with the text."""
    taken = snapshot("ab\ncd", 1, 1)
    assert (taken.uri, taken.language) == ("file:///a.py", "python")
    assert (taken.prefix, taken.suffix) == ("ab\nc", "d")
    assert (taken.line_head, taken.line_tail) == ("c", "d")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_snapshot_has_line_feeds_only(end: str) -> None:
    """Whatever the document ends its lines with."""
    taken = snapshot(end.join(["a", "b", "cd", "e", ""]), 2, 1)
    assert (taken.prefix, taken.suffix) == ("a\nb\nc", "d\ne\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_excerpt_is_bounded_and_begins_at_a_line(end: str) -> None:
    """Of a large document, as many whole lines as there is room for."""
    line = LINE.rstrip("\n") + end
    taken = snapshot(line * 5000, 2500, 11)
    assert 0.95 * BUDGET.prefix_chars < len(taken.prefix) <= BUDGET.prefix_chars
    assert 0.95 * BUDGET.suffix_chars < len(taken.suffix) <= BUDGET.suffix_chars
    assert taken.prefix.startswith(LINE)
    assert taken.prefix.endswith(LINE + LINE[:11])
    assert taken.suffix.startswith(LINE[11:] + LINE)
    assert taken.suffix.endswith(LINE)
    assert "\r" not in taken.prefix + taken.suffix


def test_endless_line_is_cut_around_the_cursor() -> None:
    """Minified text has one line; what is nearest to the cursor counts."""
    taken = snapshot("a" * 100_000 + "b" * 100_000, 0, 100_000)
    assert taken.prefix == "a" * BUDGET.prefix_chars
    assert taken.suffix == "b" * BUDGET.suffix_chars


def test_endless_line_next_to_the_cursor_is_left_out() -> None:
    """A line that does not fit whole is not begun in its middle."""
    taken = snapshot("x" * 100_000 + "\nab\n" + "y" * 100_000, 1, 1)
    assert (taken.prefix, taken.suffix) == ("a", "b\n")


def test_snapshot_is_not_touched_by_later_edits() -> None:
    """It is a value."""
    target = document("ab\ncd\n")
    taken = target.snapshot(Position(line=0, character=1), BUDGET)
    target.edit(Point(0, 0), Point(2, 0), "else", "utf-16")
    assert (taken.prefix, taken.suffix) == ("a", "b\ncd\n")


class CountingList(list[str]):
    """A list that counts how many items are read or written through it."""

    def __init__(self, items: Iterable[str]) -> None:
        super().__init__(items)
        self.touched = 0

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        self.touched += len(found) if isinstance(index, slice) else 1
        return found

    def __setitem__(self, index: Any, value: Any) -> None:
        self.touched += len(value) if isinstance(index, slice) else 1
        super().__setitem__(index, value)

    def __iter__(self) -> Any:
        self.touched += len(self)
        return super().__iter__()

    def pop(self, index: SupportsIndex = -1) -> str:
        """Counts as one."""
        self.touched += 1
        return super().pop(index)


def touched_by_a_key(line_count: int) -> int:
    """How many lines one typed character and the snapshot behind it look at."""
    target = document(LINE * line_count)
    lines = CountingList(target._lines)  # noqa: SLF001 - the store itself is what is watched
    target._lines = lines  # noqa: SLF001
    middle = line_count // 2
    target.edit(Point(middle, 5), Point(middle, 5), "x", "utf-16")
    target.snapshot(target.position(Point(middle, 6), "utf-16"), BUDGET)
    assert target._lines is lines  # noqa: SLF001
    return lines.touched


def test_a_key_costs_the_same_in_a_document_of_any_size() -> None:
    """As many lines are looked at in 100 000 as in 5 000: those that the budget may hold."""
    small, large = touched_by_a_key(5_000), touched_by_a_key(100_000)
    assert small == large
    assert large < 3 * (BUDGET.prefix_chars + BUDGET.suffix_chars) // SHORT_LINE
