"""How much is wanted at a place, and when a growing text holds all of it. Pure."""

import re
from collections import Counter
from dataclasses import dataclass

from codestral_ls.model import Snapshot

_BLOCK_OPENER = re.compile(r"(?:[:{(\[]|=>|->|(?<![\w.])(?:do|then|begin))$")
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_LONG_QUOTES = ('"""', "'''")
_STRING = re.compile(
    r"""
      "(?:\\.|[^"\\\n])*"
    | '(?:\\.|[^'\\\n])*'
    | `(?:\\.|[^`\\\n])*`
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How many lines to show at most; a blank line ends several of them."""

    lines: int


LINE = Extent(1)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """How many brackets a text closes without having opened them, and how many it leaves open."""

    closers: int
    openers: int


def unmatched(text: str) -> Unmatched:
    """Counts brackets, except in strings that end in their line."""
    closers, openers = 0, Counter[str]()
    for character in _STRING.sub("", text):
        if character in _CLOSERS.values():
            openers[character] += 1
        elif character in _CLOSERS:
            if openers[_CLOSERS[character]]:
                openers[_CLOSERS[character]] -= 1
            else:
                closers += 1
    return Unmatched(closers, openers.total())


def leaves_open(text: str, snapshot: Snapshot) -> bool:
    """Whether a text would stand as a fragment in front of closing brackets."""
    head, tail = snapshot.line_head, snapshot.line_tail
    if not unmatched(tail).closers:
        return False
    if any(text.count(quotes) % 2 for quotes in _LONG_QUOTES):
        return True
    return unmatched(head + text + tail).openers > unmatched(head + tail).openers


def wanted_extent(snapshot: Snapshot, rest: str, max_lines: int, *, fresh: bool) -> Extent:
    """The rest of the line inside of one; a block on an empty line or behind what opens one.

    In front of closing brackets, as many lines as it takes until the text has closed its own. A
    text that was begun earlier (not `fresh`) may go on behind a line that it has just ended.
    """
    if snapshot.line_tail.strip():
        return Extent(_lines_until_closed(snapshot, rest, max_lines))
    head = snapshot.line_head.rstrip()
    goes_on = not fresh and rest.startswith("\n")
    return Extent(max_lines) if not head or _BLOCK_OPENER.search(head) or goes_on else LINE


def _lines_until_closed(snapshot: Snapshot, rest: str, max_lines: int) -> int:
    """A text that closes more than it has opened repeats the tail, and ends there as well."""
    lines = rest.split("\n", max_lines)
    for count in range(1, max_lines):
        text = "\n".join(lines[:count])
        if not leaves_open(text, snapshot) or unmatched(text).closers:
            return count
    return max_lines


def cut_at(text: str, extent: Extent) -> tuple[str, bool]:
    """The text up to where the extent ends, and whether it has come to that end.

    Blank lines at the very beginning of several lines count for nothing.
    """
    start = len(text) - len(text.lstrip("\n")) if extent.lines > 1 else 0
    blank = text.find("\n\n", start) if extent.lines > 1 else -1
    end = start - 1
    for _ in range(extent.lines):
        end = text.find("\n", end + 1)
        if end < 0:
            break
    ends = [place for place in (blank, end) if place >= start]
    return (text[: min(ends)], True) if ends else (text, False)
