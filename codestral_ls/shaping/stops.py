"""How much is wanted at a place, and when a growing text holds all of it. Pure."""

from dataclasses import dataclass

from codestral_ls.model import Snapshot

BLOCK_OPENERS = (":", "{", "(", "[", "=>", "->", "do", "then", "begin")
"""Line ends after which the lines that follow are what is wanted."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many lines to show at most; a blank line ends several of them."""

    lines: int


LINE = Extent(1)


def wanted_extent(snapshot: Snapshot, rest: str, max_lines: int, *, fresh: bool) -> Extent:
    """The rest of the line inside of one; a block on an empty line or behind what opens one.

    A text that was begun earlier (not `fresh`) may go on behind a line that it has just ended.
    """
    head = snapshot.line_head.rstrip()
    if snapshot.line_tail.strip():
        return LINE
    goes_on = not fresh and rest.startswith("\n")
    return Extent(max_lines) if not head or head.endswith(BLOCK_OPENERS) or goes_on else LINE


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
