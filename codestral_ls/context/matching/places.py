"""Finding the places that look like the cursor's. Pure."""

from collections.abc import Iterator, Sequence
from itertools import islice
from operator import eq
from typing import NamedTuple

from codestral_ls.context.matching.cursor import Cursor
from codestral_ls.context.matching.tokens import Tokens

MOST_PLACES = 60
"""Of either sort that are compared, the longest matches and the nearest texts first. With 300
no more answers are right."""
SHORTEST_EXACT = 1
SHORTEST_ALIKE = 3
EXACT_SLACK, ALIKE_SLACK = 2, 3
"""Tokens by which a match may be shorter than the longest and still be compared at once."""


class Place(NamedTuple):
    """A token of a text that may come next at the cursor, and how much before it is as there.

    `exact` counts the same tokens right before both, `alike` those of the same classes; of these
    are `equal` the same.
    """

    text: Tokens
    at: int
    exact: int
    alike: int
    equal: int


def find_places(cursor: Cursor, texts: Sequence[Tokens]) -> list[Place]:
    """Returns the places with the longest matches.

    The texts begin with the lines above the cursor, of which the last ones come first.
    """
    ids, classes = cursor.before
    found = dict.fromkeys(_search(ids, [text.ids for text in texts], SHORTEST_EXACT, EXACT_SLACK))
    alike = _search(classes, [text.classes for text in texts], SHORTEST_ALIKE, ALIKE_SLACK)
    found.update(dict.fromkeys(alike))
    return [_compared(cursor, texts[order], at) for order, at in found]


def _compared(cursor: Cursor, text: Tokens, at: int) -> Place:
    ids, classes = cursor.before
    alike = _common(classes, text.classes, at)
    equal = sum(map(eq, ids[len(ids) - alike :], text.ids[at - alike : at]))
    exact = alike if equal == alike else _common(ids, text.ids, at)
    return Place(text, at, exact, alike, equal)


def _search(
    before: str, strings: Sequence[str], least: int, slack: int
) -> Iterator[tuple[int, int]]:
    """Yields where tokens stand that follow the longest end of `before`, then a shorter one."""
    size = _longest(before, strings)
    left = MOST_PLACES
    while size >= least and left > 0:
        size = max(least, size - slack)
        for place in islice(_occurrences(before[len(before) - size :], strings), left):
            yield place
            left -= 1
        size = size // 2 if size > least else 0


def _longest(before: str, strings: Sequence[str]) -> int:
    """How long an end of `before` occurs: one that does has only ends that do.

    So the search can double its steps and then halve them.
    """
    found, missing = 0, 1
    while missing <= len(before) and _occurs(before[-missing:], strings):
        found, missing = missing, missing * 2
    missing = min(missing, len(before) + 1)
    while missing - found > 1:
        middle = (found + missing) // 2
        if _occurs(before[-middle:], strings):
            found = middle
        else:
            missing = middle
    return found


def _occurs(key: str, strings: Sequence[str]) -> bool:
    """Whether some string has `key` before its own end."""
    return any(0 <= string.find(key) < len(string) - len(key) for string in strings)


def _occurrences(key: str, strings: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yields the number of a string and an index behind `key` in it."""
    size = len(key)
    above = strings[0]
    at = above.rfind(key, 0, len(above) - 1)
    while at >= 0:
        yield 0, at + size
        at = above.rfind(key, 0, at + size - 1)
    for order, string in enumerate(strings[1:], 1):
        at = string.find(key, 0, len(string) - 1)
        while at >= 0:
            yield order, at + size
            at = string.find(key, at + 1, len(string) - 1)


def _common(before: str, string: str, at: int) -> int:
    """How many of the last tokens are those before an index."""
    low, high = 0, min(len(before), at)
    if string.endswith(before[len(before) - high :], 0, at):
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if string.endswith(before[len(before) - middle :], 0, at):
            low = middle
        else:
            high = middle - 1
    return low
