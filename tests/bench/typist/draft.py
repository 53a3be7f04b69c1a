"""The text as the editor holds it: what stands before the cursor and what behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .pairs import closings
from .samples import Hole

Json = dict[str, Any]
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}


@dataclass(frozen=True, slots=True)
class Closer:
    """Text behind the cursor that the editor has put there, and its place in the true text."""

    start: int
    text: str


class Draft:
    """A document being typed.

    What stands before the cursor is the head of the true text, save for a slip. Offsets count the
    characters of the document as it is.
    """

    def __init__(self, hole: Hole, *, closes: bool) -> None:
        self.hole = hole
        self.before, self.after = hole.head, hole.tail
        self.version = 0
        self.unit = "utf-16"
        self._slipped = False
        self._closers: list[Closer] = []
        self._closings = closings(hole.text, hole.language) if closes else {}

    @property
    def text(self) -> str:
        return self.before + self.after

    @property
    def at(self) -> int:
        """The cursor."""
        return len(self.before)

    @property
    def slipped(self) -> bool:
        return self._slipped

    @property
    def done(self) -> bool:
        return self.at >= self.hole.end and not self._closers and not self._slipped

    def type_next(self) -> Json | None:
        """The next right key; returns the change, None if only the cursor moved."""
        truth, at = self.hole.text, self.at
        character = truth[at]
        if self._closers and self._closers[0].start == at:
            return self._step_over()
        if character == "\n":
            return self._new_line()
        closing = self._closings.get(at)
        # As VS Code does it: no quotes behind a word.
        word_before = truth[at - 1].isalnum() and not character.isspace() and character in "\"'`"
        if closing is None or closing >= self.hole.end or word_before:
            return self.replace(at, at, character)
        change = self.replace(at, at, character + truth[closing])
        self._move(-1)
        self._closers.insert(0, Closer(closing, truth[closing]))
        return change

    def type_wrong(self, character: str) -> Json:
        """A slip."""
        self._slipped = True
        return self.replace(self.at, self.at, character)

    def take_back(self) -> Json:
        """A backspace."""
        self._slipped = False
        return self.replace(self.at - 1, self.at, "")

    def fits(self, start: int, covers: int, text: str) -> int | None:
        """Where the cursor would be in the true text if `text` replaced what is given.

        From `start` to `covers` characters behind the cursor. None if something would be wrong.
        """
        end = start + len(text)
        if self._slipped or not self.at < end <= self.hole.end:
            return None
        if self.hole.text[start:end] != text:
            return None
        left = "".join(closer.text for closer in self._closers if closer.start >= end)
        return end if self.after[covers:] == left + self.hole.tail else None

    def accept(self, start: int, covers: int, text: str) -> Json:
        """Puts a suggestion in; the brackets that it takes the place of are no longer awaited."""
        end = self.at + covers
        change = self.replace(start, end, text)
        self._closers = [closer for closer in self._closers if closer.start >= self.at]
        return change

    def replace(self, start: int, end: int, text: str) -> Json:
        """Replaces a part and puts the cursor behind it."""
        ends = {"start": self.position(start), "end": self.position(end)}
        whole = self.text
        self.before, self.after = whole[:start] + text, whole[end:]
        return {"range": ends, "text": text}

    def position(self, offset: int) -> Json:
        """A place as the protocol counts."""
        whole = self.before if offset <= self.at else self.text
        line_start = whole.rfind("\n", 0, offset) + 1
        line = whole.count("\n", 0, line_start)
        return {"line": line, "character": self._length(whole[line_start:offset])}

    def offset(self, position: Json) -> int:
        """The place that the protocol's place means; line and character are clamped."""
        whole, start = self.text, 0
        for _ in range(position["line"]):
            found = whole.find("\n", start)
            if found < 0:
                return len(whole)
            start = found + 1
        end = whole.find("\n", start)
        line = whole[start : end if end >= 0 else len(whole)]
        if self.unit not in _UNITS:
            return start + min(len(line), int(position["character"]))
        encoding, size = _UNITS[self.unit]
        head = line.encode(encoding)[: position["character"] * size]
        return start + len(head.decode(encoding, "ignore"))

    def corrupted_lines(self) -> int:
        """Lines that are not those of the true text."""
        return count_differing(self.text.split("\n"), self.hole.text.split("\n"))

    def _length(self, text: str) -> int:
        if self.unit not in _UNITS:
            return len(text)
        encoding, size = _UNITS[self.unit]
        return len(text.encode(encoding)) // size

    def _move(self, by: int) -> None:
        whole, at = self.text, self.at + by
        self.before, self.after = whole[:at], whole[at:]

    def _step_over(self) -> Json | None:
        closer = self._closers.pop(0)
        blanks = len(closer.text) - len(closer.text.lstrip())
        if blanks:  # the bracket stands on a line of its own: a key down, then one to its end
            self._move(blanks)
            self._closers.insert(0, Closer(closer.start + blanks, closer.text[blanks:]))
            return None
        return self.replace(self.at, self.at + 1, closer.text)

    def _new_line(self) -> Json:
        truth, at = self.hole.text, self.at
        stop = at + 1
        while truth[stop : stop + 1] in (" ", "\t") and stop < self.hole.end:
            stop += 1
        inserted = truth[at:stop]
        below = self._line_below()
        if not below:
            return self.replace(at, at, inserted)
        closer = self._closers[0]
        blanks = below.removesuffix(closer.text)
        change = self.replace(at, at, inserted + blanks)
        self._move(-len(blanks))
        self._closers[0] = Closer(closer.start - len(blanks), below)
        return change

    def _line_below(self) -> str:
        """Where Enter is hit between two brackets, the line that the closing one gets."""
        truth, at = self.hole.text, self.at
        if not self._closers or self._closings.get(at - 1) != self._closers[0].start:
            return ""
        end = self._closers[0].start
        line_end = truth.rfind("\n", 0, end)
        own_line = line_end > at and not truth[line_end:end].strip()
        return truth[line_end : end + 1] if own_line else ""


def count_differing(lines: Sequence[str], others: Sequence[str]) -> int:
    """How many lines of two texts differ."""
    pairs = zip(lines, others, strict=False)
    return sum(one != other for one, other in pairs) + abs(len(lines) - len(others))
