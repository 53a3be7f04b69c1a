"""What a hole is, and when it is one that somebody would stand in."""

import re
from dataclasses import dataclass

from tests.bench.holes.source import Source

MOST_LINES, FEWEST_CHARS = 10, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A span of a source that is missing. `closer_end` is where the closer of its block ends."""

    kind: str
    start: int
    end: int
    closer_end: int = 0


def hole(source: Source, kind: str, start: int, end: int, closer_end: int = 0) -> Hole | None:
    """Make a hole, unless what is missing is too long or says too little."""
    middle = source.text[start:end]
    if source.text[end : end + 1] == "\n" and _goes_on_alike(source, end):
        return None
    if re.fullmatch(r"\w\w", source.text[max(0, start - 1) : start] + source.text[end : end + 1]):
        return None  # would stand inside of a word, where nothing is shown on purpose
    said = len(re.sub(r"\s", "", middle))
    if said < FEWEST_CHARS or middle.strip("\n").count("\n") >= MOST_LINES:
        return None
    return Hole(kind=kind, start=start, end=end, closer_end=closer_end or end)


def _goes_on_alike(source: Source, end: int) -> bool:
    """Whether the next line is the same as the last one: who can tell then which of them it is?"""
    number = source.number(end)
    last = source.line(number).rstrip()
    following = (source.line(each) for each in range(number + 1, len(source.lines)))
    return next((line.rstrip() == last for line in following if line.strip()), False)
