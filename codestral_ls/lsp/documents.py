"""Open documents: a line store, position units, snapshots. Pure: knows neither LSP types nor I/O.

A document is a list of lines with their ends; an edit replaces only the lines that it touches, so
a keystroke costs the same in 100 000 lines as in 100. Lines end at LF, CRLF and CR, as LSP says;
`str.splitlines` would also split at form feeds and U+2028 and put every later edit into the wrong
line.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from codestral_ls.lsp.marks import Mark, move, move_all
from codestral_ls.model import Budget, Edit, Position, Snapshot

Unit = Literal["utf-8", "utf-16", "utf-32"]

SHORT_LINE = 8
"""Characters: lines are on average longer, so that so many more need not be looked at."""

HEAD_LINES, HEAD_CHARS = 120, 6000
"""Of the beginning of a document, in which its imports are looked for behind a licence."""

MOST_MARKS = 32
"""In a document, the latest ones: 2 µs for each key."""
MOST_MARKED_LINES = 1000
"""That are looked through for a marked text."""

_HALVES = ("utf-16-le", "surrogatepass")
_CONTINUATIONS = bytes(range(0x80, 0xC0))
"""Bytes of UTF-8 that begin no character."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")


@dataclass(frozen=True, slots=True)
class Point:
    """A place as a client says it: `units` of the negotiated encoding into the line."""

    line: int
    units: int


def split_lines(text: str) -> list[str]:
    """Splits text into lines with their ends; the last one has none and may be empty."""
    if "\r" not in text:
        lines = text.split("\n")
        last = lines.pop()
        return [line + "\n" for line in lines] + [last]
    lines = _LINE.findall(text)
    if not lines or lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return lines


def code_points(line: str, units: int, unit: Unit) -> int:
    """Units into a line -> code points, clamped before the line's end.

    A place inside of a character (half a surrogate pair) counts as the place behind it.
    """
    content = line.rstrip("\r\n")
    if unit == "utf-32" or content.isascii():
        return min(units, len(content))
    # By whole encoded texts and not by characters: minified lines have millions of them.
    head = content[:units]
    if unit == "utf-16":
        return len(head.encode("utf-16-le", "surrogatepass")[: 2 * units].decode(*_HALVES))
    return len(head.encode("utf-8", "surrogatepass")[:units].translate(None, _CONTINUATIONS))


def unit_length(text: str, unit: Unit) -> int:
    """How many units of the encoding a text takes."""
    if unit == "utf-32" or text.isascii():
        return len(text)
    if unit == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Document:
    """The text of one open document, kept up with the editor's.

    `edits` counts its changes; `last_edit` is the kind of the latest one and `caret` where it
    ended, which is where the cursor most probably is, though no editor tells. `marks` are places
    that move with the text.
    """

    def __init__(self, uri: str, language: str, text: str) -> None:
        self.uri = uri
        self.language = language
        self.edits = 0
        self.last_edit = Edit.TYPED
        self.caret: Position | None = None
        self.marks: list[Mark] = []
        self._lines = split_lines(text)
        self._text: str | None = text

    @property
    def line_count(self) -> int:
        """How many lines there are, an empty one behind the last line end included."""
        return len(self._lines)

    @property
    def text(self) -> str:
        """The whole text: O(document) after an edit, so nothing on a keystroke's path reads it."""
        if self._text is None:
            self._text = "".join(self._lines)
        return self._text

    def replace(self, text: str) -> None:
        """Takes a new text for the whole document."""
        old, self._lines = self._lines, split_lines(text)
        move_all(self.marks, old, self._lines)
        self._text = text
        self.edits += 1
        self.last_edit = Edit.TYPED
        self.caret = None

    def edit(self, start: Point, end: Point, text: str, unit: Unit) -> None:
        """Replaces a range. Places beyond the text are clamped, reversed ones swapped."""
        first, last = sorted((self._place(start, unit), self._place(end, unit)))
        (top, head), (bottom, tail) = first, last
        lines = self._lines
        changed = lines[top][:head] + text + lines[bottom][tail:]
        if top > 0 and changed.startswith("\n") and lines[top - 1].endswith("\r"):
            top -= 1  # the CR above and this LF have become one line end
            changed = lines[top] + changed
        replacement = split_lines(changed)
        if bottom + 1 < len(lines):
            replacement.pop()  # the empty text behind the last line's end
        lines[top : bottom + 1] = replacement
        self._text = None
        self.edits += 1
        self.last_edit = edit_kind(text, replaced=first != last)
        caret = end_of(text, *first)  # beyond the text where an LF has joined a CR above it
        self.caret = replace(caret, line=min(caret.line, len(lines) - 1))
        if self.marks:
            move(self.marks, first, last, (self.caret.line, self.caret.character))

    def position(self, point: Point, unit: Unit) -> Position:
        """Where a client's place is, in code points, clamped to the document."""
        line, character = self._place(point, unit)
        return Position(line=line, character=character)

    def line_end(self, line: int) -> str:
        """What ends a line, or the one above it if it is the last; LF if there is nothing yet."""
        for each in reversed(self._lines[max(0, line - 1) : line + 1]):
            if end := each[len(each.rstrip("\r\n")) :]:
                return end
        return "\n"

    def units(self, position: Position, unit: Unit) -> int:
        """The units into its line at which a position is."""
        return unit_length(self._lines[position.line][: position.character], unit)

    def snapshot(self, position: Position, budget: Budget) -> Snapshot:
        """The document around a position; its cost does not depend on the document's size."""
        prefix = self._above(position, budget.prefix_chars)
        suffix = self._below(position, budget.suffix_chars)
        above = position.line - prefix.count("\n")
        below = len(self._lines) - 1 - position.line - suffix.count("\n")
        head = lf("".join(self._lines[: min(above, HEAD_LINES)]))[:HEAD_CHARS]
        return Snapshot(
            uri=self.uri,
            language=self.language,
            prefix=prefix,
            suffix=suffix,
            head=head[: head.rfind("\n") + 1],
            lines_above=above,
            lines_below=below,
        )

    def mark(self, text: str, start: Position) -> Mark | None:
        """Marks a text that stands there, or ends at the caret; None if it does not."""
        for begin in filter(None, (start, self._start_before_caret(text))):
            end = end_of(text, begin.line, begin.character)
            mark = Mark((begin.line, begin.character), (end.line, end.character))
            if self.marked(mark) == text:
                self.marks = [*self.marks[1 - MOST_MARKS :], mark]
                return mark
        return None

    def marked(self, mark: Mark) -> str:
        """What stands in a mark by now, with LF line ends."""
        (top, head), (bottom, tail) = mark.start, mark.end
        lines = self._lines[top : min(bottom + 1, top + MOST_MARKED_LINES)]
        if len(lines) == bottom + 1 - top:
            lines[-1] = lines[-1][:tail]
        return lf("".join(lines)[head:])

    def _start_before_caret(self, text: str) -> Position | None:
        """Where a text begins that ends at the caret."""
        if self.caret is None:
            return None
        first, *more = text.split("\n")
        line = self.caret.line - len(more)
        if line < 0:
            return None
        end = len(self._lines[line].rstrip("\r\n")) if more else self.caret.character
        return Position(line=line, character=end - len(first)) if end >= len(first) else None

    def _place(self, point: Point, unit: Unit) -> tuple[int, int]:
        lines = self._lines
        if point.line >= len(lines):
            return len(lines) - 1, len(lines[-1])
        return point.line, code_points(lines[point.line], point.units, unit)

    def _above(self, position: Position, most: int) -> str:
        head = self._lines[position.line][: position.character]
        near = self._lines[max(0, position.line - most // SHORT_LINE) : position.line]
        count = _fitting(reversed(near), most - len(head))
        return lf("".join(near[len(near) - count :]) + head)[-most:]

    def _below(self, position: Position, most: int) -> str:
        tail = self._lines[position.line][position.character :]
        near = self._lines[position.line + 1 : position.line + 1 + most // SHORT_LINE]
        count = _fitting(near, most - len(tail))
        return lf(tail + "".join(near[:count]))[:most]


def _fitting(lines: Iterable[str], budget: int) -> int:
    """How many of the first lines fit into a number of characters."""
    return bisect_right(list(accumulate(map(len, lines))), budget)


def edit_kind(text: str, *, replaced: bool) -> Edit:
    """What an edit most probably was: a key (a line end with its indentation is one) or more."""
    if not text:
        return Edit.DELETED if replaced else Edit.TYPED
    one_key = len(text) == 1 or (text[0] in "\r\n" and not text.strip())
    return Edit.TYPED if one_key else Edit.INSERTED


def end_of(text: str, line: int, character: int) -> Position:
    """Where a text ends that begins at a place."""
    lines = split_lines(text)
    begins = character if len(lines) == 1 else 0
    return Position(line=line + len(lines) - 1, character=begins + len(lines[-1]))


def lf(text: str) -> str:
    """The text with LF line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
