"""Texts that were accepted, as they move with the edits around them, and what is left. Pure."""

import re
from collections.abc import Iterable, Sequence

Place = tuple[int, int]
"""A line and how many characters into it; as tuples they compare at once."""

MOST_CHARS = 2000
"""Of an accepted text that are looked for, in four times as many that stand there now: 2 ms."""

_WORD = re.compile(r"\w+|[^\w\s]")


class Mark:
    """From where to where a text stands. `moved` changes it in place: each key goes through all."""

    __slots__ = ("end", "start")

    def __init__(self, start: Place, end: Place) -> None:
        self.start = start
        self.end = end


def move(marks: Iterable[Mark], start: Place, end: Place, after: Place) -> None:
    """Follows an edit: what stood from `start` to `end` has become a text that ends at `after`.

    A text typed at either end of a mark stays outside. What takes the place of a mark or of one end
    of it belongs to it, for it may be the same text in another form.
    """
    for mark in marks:
        if start >= mark.end:
            continue
        if end > mark.start:
            mark.end = after if end >= mark.end else _shifted(mark.end, end, after)
            mark.start = min(mark.start, start)
        elif end[0] == mark.start[0] or end[0] != after[0]:
            mark.start = _shifted(mark.start, end, after)
            mark.end = _shifted(mark.end, end, after)


def _shifted(place: Place, end: Place, after: Place) -> Place:
    """Where a place is, behind an edit, once that has moved its end."""
    line, character = place
    if line == end[0]:
        character += after[1] - end[1]
    return line + after[0] - end[0], character


def move_all(marks: Sequence[Mark], old: Sequence[str], new: Sequence[str]) -> None:
    """Follows a change of the whole text, by the lines that are still there before and behind."""
    if not marks:
        return
    most = min(len(old), len(new))
    above = next((at for at in range(most) if old[at] != new[at]), most)
    rest = range(1, most - above + 1)
    below = next((at - 1 for at in rest if old[-at] != new[-at]), most - above)
    move(marks, (above, 0), (len(old) - below, 0), (len(new) - below, 0))


def kept_share(text: str, now: str) -> float:
    """How much of a text is left in what stands in its place: its words and signs, in order.

    Blanks do not count, and a word by its length. The longest common subsequence, in the bits of
    whole numbers: an addition for each character instead of a row of a table.
    """
    if text == now:
        return 1.0
    masks: dict[str, int] = {}
    size = 0
    for word in _WORD.findall(text[:MOST_CHARS]):
        masks[word] = masks.get(word, 0) | ((1 << len(word)) - 1) << size
        size += len(word)
    every = (1 << size) - 1
    free = every  # the bits of what has found no counterpart yet
    for word in _WORD.findall(now[: 4 * MOST_CHARS]):
        mask = masks.get(word)
        for _ in word if mask else ():
            taken = free & (mask or 0)
            free = ((free + taken) | (free - taken)) & every
    return 1 - free.bit_count() / size if size else 1.0
