"""What the model knows of the text, and how it is wrong. Deterministic for a seed and a place."""

# ruff: noqa: S311 - what is drawn here must be the same each time

import random
import re
from dataclasses import dataclass

from .pairs import closings
from .samples import Hole, hole

SKILL = 0.45
"""Share of the lines that are known beforehand."""
SPOILT = 0.1
"""Share of the answers that are corrupted."""
CLOSERS_OVERLOOKED = 0.5
"""How often the bracket that the editor has put behind the cursor is written once more."""
ENDS_AT_BLANK_LINE, ENDS_BEFORE_UNKNOWN = 0.3, 0.5
MOST_LINES = 12
_CLOSING = ")]}\"'`"
_WORD = re.compile(r"[A-Za-z_]\w{2,}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a prompt ends."""

    hole: Hole
    at: int


class Knowledge:
    """A model that knows the pieces of one seed."""

    def __init__(self, seed: int, holes: int, *, perfect: bool) -> None:
        self._seed, self._count, self._perfect = seed, holes, perfect
        self._last = 0

    def place(self, prompt: str, suffix: str) -> Place | None:
        """Where in which piece the prompt ends; None if it never ends so in the true text."""
        order = sorted(range(self._count), key=lambda number: abs(number - self._last))
        for size in (300, 60):  # the shorter one for prompts that begin near
            tail = prompt[-size:]
            for number in order:
                piece = hole(self._seed, number)
                if piece.tail[:40].strip() and piece.tail[:40] not in suffix:
                    continue
                first = max(0, piece.start - len(tail))
                found = piece.text.find(tail, first, piece.end)
                if found >= 0 and found + len(tail) >= piece.start:
                    self._last = number
                    return Place(piece, found + len(tail))
        return None

    def guess(self, prompt: str) -> str:
        """What is written where the text is not known: words, and never by luck the right ones."""
        rng = random.Random(f"guess/{self._seed}/{prompt[-60:]}")
        return _words(rng, prompt[-2000:] or "value", "")

    def continuation(self, place: Place, suffix: str) -> str:
        """The answer for a place."""
        piece, at = place.hole, place.at
        rng = random.Random(f"answer/{self._seed}/{piece.number}/{at}")
        end = self._closed_at(place, suffix)
        overlooked = not self._perfect and rng.random() < CLOSERS_OVERLOOKED
        text = self._as_known(piece, at, piece.end if end is None or overlooked else end)
        if not self._perfect and rng.random() < SPOILT:
            return _spoil(rng, text, piece, suffix)
        return text

    def _as_known(self, piece: Hole, at: int, end: int) -> str:
        text, written, lines = piece.text, "", 0
        while at < end and lines < MOST_LINES:
            stop = min(_line_end(text, at), end)
            line = _line_start(text, at)
            rng = random.Random(f"line/{self._seed}/{piece.number}/{line}")
            known_from, diverges = self._known_from(rng, text, line)
            if at < known_from and text[at:stop].strip():
                if lines and rng.random() < ENDS_BEFORE_UNKNOWN:
                    break
                return written + self._wrong(piece, at, max(at, min(diverges, stop)))
            written += text[at:stop]
            at, lines = stop, lines + 1
            if at < end:
                following = text[at + 1 : _line_end(text, at + 1)]
                if not following.strip() and rng.random() < ENDS_AT_BLANK_LINE:
                    break
                # The line end belongs to the next line: nothing is written for its sake alone.
                written += "\n"
                at += 1
        return written.rstrip("\n")

    def _known_from(self, rng: random.Random, text: str, line: int) -> tuple[int, int]:
        """Where in a line the model sees how it goes on, and where it would go wrong before."""
        stop = _line_end(text, line)
        start = stop - len(text[line:stop].lstrip())
        beforehand, after, wrong = rng.random() < SKILL, rng.uniform(0.1, 0.8), rng.random()
        if beforehand:
            return line, line
        known = start + int((stop - start) * after)
        diverges = start + int((known - start) * wrong)
        while diverges > start and (text[diverges].isalnum() or text[diverges] == "_"):
            diverges -= 1
        return known, diverges

    def _wrong(self, piece: Hole, at: int, diverges: int) -> str:
        text = piece.text
        rng = random.Random(f"wrong/{self._seed}/{piece.number}/{diverges}")
        return text[at:diverges] + _words(rng, text, text[diverges : diverges + 1])

    def _closed_at(self, place: Place, suffix: str) -> int | None:
        """Where the bracket that the editor has put behind the cursor stands in the true text."""
        piece, at = place.hole, place.at
        pending = suffix.partition(piece.tail[:40])[0] if piece.tail else ""
        first = pending.lstrip()[:1]
        if not first or first not in _CLOSING:
            return None
        pairs = closings(piece.text, piece.language).items()
        opened = [
            (opener, end)
            for opener, end in pairs
            if piece.start <= opener < at <= end < piece.end and piece.text[end] == first
        ]
        if not opened:
            return None
        end = max(opened)[1]
        blanks = len(pending) - len(pending.lstrip())
        return max(at, end - blanks)


def _spoil(rng: random.Random, text: str, piece: Hole, suffix: str) -> str:
    """Corrupts an answer in one of the ways in which models do."""
    first, _, rest = text.partition("\n")
    below = next((line for line in suffix.split("\n")[1:] if line.strip()), "")
    words = list(_WORD.finditer(first))
    kind = rng.choice(("closer", "below", "word", "more"))
    if kind == "closer" and first[-1:] in (")", "]", "}"):
        return first + first[-1] + ("\n" + rest if rest else "")
    if kind == "below" and below:
        return f"{first}\n{below}"
    if kind == "word" and words:
        word = rng.choice(words)
        other = _words(rng, piece.text, word.group()[0]).split("(")[0]
        return text[: word.start()] + other + text[word.end() :]
    more = "\n".join(_words(rng, piece.text, "") for _ in range(2))
    return f"{text}\n{more}"


def _words(rng: random.Random, text: str, unlike: str) -> str:
    """Something that could stand in this text, but does not begin like the right thing."""
    words = sorted({word for word in _WORD.findall(text) if word[0] != unlike}) or ["other"]
    one, two = rng.choice(words), rng.choice(words)
    return f"{one}({two})"


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
