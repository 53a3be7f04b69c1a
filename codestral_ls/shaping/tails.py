"""What stands behind the cursor in its line, and how a text gets along with it. Pure.

A text and a tail go together if, read one behind the other, they close just what is open at the
cursor and not closed below, and leave nothing open themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from codestral_ls.lexis import BRACKETS
from codestral_ls.shaping.pairs import holds_pair, is_own_end
from codestral_ls.shaping.scan import Open, match_brackets
from codestral_ls.shaping.surroundings import BELOW, NOWHERE, Pending, Surroundings

_BY_CHANCE = 2
"""Characters of a word in which two texts agree without saying the same."""
_PART_OF_TAIL = 12
"""Characters: who repeats a tail comes to its end, or at least so far."""
_LONGEST_TAIL = 40
"""Characters of closers that are looked at: nobody's line ends in more."""
_OPEN_ANGLE = re.compile(r"<[\w.:-]+(?:\s[^<>]*)?$|\w<[^<>()=;]*$")
_ANGLE = re.compile(r"<(?![<= -])|(?<![-=])>(?!=)")
_TAGS = re.compile(r"[\s\"'}]*/?>(?:</[\w.:-]*>)*[\s;,)]*")
_WORD = re.compile(r"\w")
_QUOTES = "\"'`"
_PUNCTUATION = re.compile(r"[^\s)\]}>\"'`]*$")
_MOST_OVERLAPS = 20
"""Ways in which two texts may overlap: only rows of the same character have more."""
_UNFINISHED = re.compile(r"(?:[(\[{,=+*/&|:?]|=>)\s*$")
_SAYS_ENOUGH = 8
"""Characters of a whole tail that nobody writes twice by chance."""


@dataclass(frozen=True, slots=True)
class _Balance:
    """The closers of what a text has not opened, what it leaves open, and the string it is in."""

    closers: tuple[str, ...]
    opened: int
    inside: str


def _balance(text: str, around: Surroundings) -> _Balance:
    scanned = around.scan_behind(text)
    opened: list[Open] = []
    closers = tuple(mark.char for mark in match_brackets(scanned.marks, opened))
    return _Balance(closers, len(opened), scanned.inside)


def goes_with_tail(text: str, replaced: int, around: Surroundings) -> bool:
    """Whether a text can stand in front of the tail, less what it replaces of it."""
    if not text and not replaced:
        return True
    before = _balance(around.tail, around)
    after = _balance(text + around.tail[replaced:], around)
    if after.opened > before.opened or after.inside != before.inside:
        return False
    if after.closers == before.closers:
        return True
    count = len(after.closers)
    if count > len(around.pending):
        return False
    closed, open_still = around.pending[:count], around.pending[count:]
    return (
        tuple(each.closer for each in closed) == after.closers
        and all(each.at != BELOW and not _is_given_up(each, closed[0]) for each in closed)
        and all(each.at < 0 for each in open_still)
    )


def _is_given_up(opened: Pending, innermost: Pending) -> bool:
    """Whether a bracket was left open in a line above, and the code went on as if it were not.

    A text that closes it would double the closer of what is open in the line.
    """
    above = opened.line_start < innermost.line_start
    return opened.at == NOWHERE and above and opened.column >= innermost.column


def imbalance(text: str, replaced: int, around: Surroundings) -> int:
    """How many brackets and strings would have no partner in the line as it would be."""
    if goes_with_tail(text, replaced, around):
        return 0
    after = _balance(text + around.tail[replaced:], around)
    return max(1, after.opened + len(after.closers))


def join_with_tail(text: str, around: Surroundings) -> tuple[str, int]:
    """The text, less what the tail says again, and how much of the tail it takes the place of."""
    tagged = _in_place_of_tags(text, around)
    if tagged is not None:
        return tagged
    if around.tail_closes and len(_balance(text, around).closers) <= _LONGEST_TAIL:
        return next(_ways(text, around), (text, 0))
    trimmed = _without_overlap(text, around)
    if around.in_comment or goes_with_tail(trimmed, 0, around):
        return trimmed, 0
    cuts = (_without_overlap(each, around) for each in _cut_at_closers(trimmed, around))
    return next(cuts, trimmed), 0


def _ways(text: str, around: Surroundings) -> Iterator[tuple[str, int]]:
    """In which a text can stand in front of a tail of closers, the best first."""
    tail, said = around.tail.rstrip()[:_LONGEST_TAIL], text.rstrip()
    for size in range(min(len(said), len(tail)), 0, -1):
        seam = len(said) - size
        if not said.endswith(tail[:size]) or is_own_end(said, seam, around.snapshot):
            continue
        if goes_with_tail(said[:seam], 0, around):
            yield said[:seam], 0
    if goes_with_tail(text, 0, around) and not _closes_unread(text, around):
        yield text, 0
    for size in range(len(tail), 0, -1):
        if _is_brought(tail[:size], said) and goes_with_tail(said, size, around):
            yield (text if tail[size:] else said), size
    yield from ((each, 0) for each in _cut_at_closers(text, around))


def _cut_at_closers(text: str, around: Surroundings) -> Iterator[str]:
    """The text up to where it closes what the tail closes, the most of it first."""
    marks = match_brackets(around.scan_behind(text).marks, [])[: len(around.pending) + 1]
    for mark in reversed(marks[:_LONGEST_TAIL]):
        if goes_with_tail(text[: mark.at], 0, around):
            yield text[: mark.at]


def _closes_unread(text: str, around: Surroundings) -> bool:
    """Whether a text closes the tail's first closer where none are read: comments and strings."""
    first = around.tail.lstrip()[:1]
    unread = around.in_comment or around.lexis.prose
    if first and first in _QUOTES:
        return unread and text.count(first) % 2 == 1
    opener = next((each for each, closer in BRACKETS.items() if closer == first), "")
    return bool(opener) and (unread or around.in_string) and text.count(first) > text.count(opener)


def _in_place_of_tags(text: str, around: Surroundings) -> tuple[str, int] | None:
    """A text that brings the rest of a tag or of type arguments, as the editor has closed them."""
    tail, said = around.tail.rstrip(), text.rstrip()
    if ">" not in tail or said.endswith(tail) or not _OPEN_ANGLE.search(around.head):
        return None
    if _TAGS.fullmatch(tail):
        last = tail[max(tail.rfind("<"), 0) :]
        own = holds_pair(said, len(said) - len(last), around.snapshot)
        if said.endswith(last) and not own and said != last and _is_brought(tail, said):
            return said, len(tail)
    if tail[0] != ">" or not around.tail_closes:
        return None
    opened = 0
    for match in _ANGLE.finditer(said):
        opened += 1 if match.group() == "<" else -1
        if opened < 0:
            return (said[: match.start()], 0) if match.end() == len(said) else (said, 1)
    return None


def _is_brought(replaced: str, text: str) -> bool:
    """Whether a text brings all that it takes the place of, in order and with what ends it.

    VS Code 1.139 would not draw it otherwise.
    """
    rest = iter(text)
    return all(each in rest for each in replaced) and text.endswith(
        _PUNCTUATION.findall(replaced)[0]
    )


def _without_overlap(text: str, around: Surroundings) -> str:
    tail, said = around.tail.rstrip(), text.rstrip()
    sizes = range(min(len(said), len(tail)), 0, -1)
    for size in islice((each for each in sizes if said.endswith(tail[:each])), _MOST_OVERLAPS):
        overlap = tail[:size]
        chars = _PART_OF_TAIL if _WORD.search(tail[size:]) else _BY_CHANCE
        by_chance = size <= chars and any(each.isalnum() for each in overlap)
        seam = len(said) - size
        if by_chance:
            continue
        long = size == len(tail) >= _SAYS_ENOUGH
        own = _is_own_half(said, seam, around) if long else is_own_end(said, seam, around.snapshot)
        if not own:
            return _without_overlap(said[:seam], around)
    return text


def _is_own_half(text: str, seam: int, around: Surroundings) -> bool:
    """Of a long tail, quotes alone do not say so if the line comes out right without."""
    return holds_pair(text, seam, around.snapshot) or not goes_with_tail(text[:seam], 0, around)


def closers_for(text: str, around: Surroundings) -> str:
    """What closes all that a text leaves open; empty if nothing stands in it yet.

    A bracket at the end of a line is closed in a line of its own.
    """
    opened: list[Open] = []
    scanned = around.scan_behind(text)
    match_brackets(scanned.marks, opened)
    if scanned.inside or not opened or _UNFINISHED.search(text):
        return ""
    closers = ""
    for each in reversed(opened):
        line = text[each.line_start :].partition("\n")
        if line[1] and line[0].rstrip().endswith(text[each.at]):
            standing = line[0] if each.line_start else around.head + line[0]
            closers += "\n" + standing[: len(standing) - len(standing.lstrip())]
        closers += each.closer
    return closers
