"""Finding the places that look like the cursor's, and what stands after them."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

from codestral_ls.fim.lines import (
    gap_above,
    indent_of,
    is_word,
    line_above,
    line_end,
    line_start,
    slope_of,
    unit_of,
    written_after,
)
from codestral_ls.model import Prompt

TOKEN = re.compile(r"\w+|[^\w\s]")
OPENING = {")": "(", "]": "[", "}": "{"}

NEAR_CHARS = 8_000
"""Of the document, to find the lines around the cursor: enough unless it is minified."""
LINES_ABOVE = 8
"""That are compared: as many lines of three tokens as make `LONGEST_TOKENS`."""
LONGEST_TOKENS = 24
"""Some eight lines; a match that is longer counts no more."""
NEARLY_LONGEST = 2
"""Tokens by which a match may be shorter than the longest and still have a vote."""
MOST_MATCHES = 400
"""Places that are compared, the nearest texts first."""
KEY_CHARS = 200
"""Before the cursor, of which an end is looked for elsewhere."""
SHORT_CHARS = 4
"""Below, a piece of a word is looked for with the character before it."""
SHORT_LINE = 12
"""Characters; the same for the line above the cursor."""
LONGEST_CHARS = 200
"""Of a continuation: longer ones are data, and nobody reads them as ghost text."""
EFFORT = 16_000_000
"""Characters that one question may look through, 0.4 to 1 ns each: eight times all texts. Of real
questions over 2 MB one in two takes 4 million, one in twenty 12 million."""
HIT_CHARS = 1_500
"""What a place found costs, in characters that could have been looked through meanwhile."""


class Effort:
    """What is left of the characters that one question may look through.

    When nothing is left, what has been found by then decides.
    """

    def __init__(self, chars: int = EFFORT) -> None:
        self.left = chars


class Cursor(NamedTuple):
    """What is known of the place to be filled in.

    `own` is the head without indentation, `above` holds the stripped lines above,
    `upper` is what to look for to find the first of them elsewhere,
    `below` is the next line; blank lines do not count. `gap` tells whether the line right above is
    blank, `slope` whether the cursor is indented more (1) or less (-1) than the one that counts.
    `unit` is one step of indentation. `tokens` are the last ones of `own` and of each line above.
    """

    head: str
    tail: str
    own: str
    above: tuple[str, ...]
    gap: bool
    slope: int
    upper: str
    below: str
    unit: str
    tokens: tuple[list[str], ...]


class Match(NamedTuple):
    """A place that looks like the cursor's: `at` is where its continuation begins."""

    text: str
    at: int
    length: int


def cursor_of(prompt: Prompt) -> Cursor:
    """Looks around the cursor."""
    *before, head = prompt.prefix[-NEAR_CHARS:].split("\n")
    tail, *after = prompt.suffix[:NEAR_CHARS].split("\n")
    written = [line for line in before if line.strip()]
    above = tuple(line.strip() for line in islice(reversed(written), LINES_ABOVE))
    own = head.lstrip()
    return Cursor(
        head=head,
        tail=tail.rstrip(),
        own=own,
        above=above,
        gap=bool(before) and not before[-1].strip(),
        slope=slope_of(written[-1], head) if written else 0,
        upper=_upper(written[-1]) if written else "",
        below=next((line.rstrip() for line in after if line.strip()), ""),
        unit=unit_of(prompt.prefix + prompt.suffix),
        tokens=tuple(_last_tokens(line) for line in (own, *above)),
    )


def find_matches(cursor: Cursor, texts: Sequence[str], effort: Effort) -> list[Match]:
    """Returns the longest matches and those nearly as long, the nearest first."""
    places: dict[tuple[int, int], Match] = {}
    for order, at in islice(_places(cursor, texts, effort), MOST_MATCHES):
        if (order, at) not in places:
            text = texts[order]
            places[order, at] = Match(text, at, _length(cursor, text, at))
    longest = max((match.length for match in places.values()), default=0)
    return [
        match
        for _, match in sorted(places.items(), key=lambda place: place[0])
        if match.length >= longest - NEARLY_LONGEST
    ]


def _places(cursor: Cursor, texts: Sequence[str], effort: Effort) -> Iterator[tuple[int, int]]:
    """Yields the number of a text and a place in it: after the same line, then the same words."""
    if cursor.upper:
        for order, text in enumerate(texts):
            yield from ((order, at) for at in _below(cursor, text, effort))
    for key in _keys(cursor.head, texts, effort):
        for order, text in enumerate(texts):
            yield from ((order, at + len(key)) for at in find_words(key, text, effort))


def _keys(head: str, texts: Sequence[str], effort: Effort) -> list[str]:
    """Returns the longest end of `head` that occurs in `texts`, and one a little shorter.

    An end that is found has only ends that are found, so the search can double its steps and then
    halve them. It begins with short ends: what is found costs less than what is not.
    """
    line = "\n" + head
    starts = [token.start() for token in TOKEN.finditer(line, max(0, len(line) - KEY_CHARS))]
    keys = [_key(line, start) for start in reversed(starts[: max(1, len(starts) - 1)])]
    found, missing = 0, 1
    while missing <= len(keys) and _occurs(keys[missing - 1], texts, effort):
        found, missing = missing, missing * 2
    missing = min(missing, len(keys) + 1)
    while missing - found > 1:
        middle = (found + missing) // 2
        if _occurs(keys[middle - 1], texts, effort):
            found = middle
        else:
            missing = middle
    return [keys[n - 1] for n in (found, found - NEARLY_LONGEST) if n > 0]


def _occurs(key: str, texts: Sequence[str], effort: Effort) -> bool:
    return any(next(find_words(key, text, effort), -1) >= 0 for text in texts)


def _key(line: str, start: int) -> str:
    """Returns the end of `line`; with the character before it if it is a short piece of a word.

    Otherwise most of the places found would be inside of words: 20 ms for a letter in 2 MB.
    """
    short = len(line) - start < SHORT_CHARS and is_word(line[start])
    return line[start - short :]


def find_words(key: str, text: str, effort: Effort) -> Iterator[int]:
    """Yields the places of `key` that do not begin inside a word."""
    inside = is_word(key[0])
    start = 0
    while effort.left > 0:
        at = text.find(key, start)
        effort.left -= (at if at >= 0 else len(text)) - start + HIT_CHARS
        if at < 0:
            break
        if not (inside and at and is_word(text[at - 1])):
            yield at
        start = at + 1


def _below(cursor: Cursor, text: str, effort: Effort) -> Iterator[int]:
    """Yields where the cursor would stand in the lines that follow a line like the one above it."""
    key = cursor.upper + "\n"
    head = cursor.own
    for at in find_words(key, text, effort):
        if text[line_start(text, at + 1) : at].strip():
            continue
        line = written_after(text, at + len(key))
        if line >= 0 and text.startswith(head, line):
            yield line + len(head)


def _length(cursor: Cursor, text: str, at: int) -> int:
    """Counts the tokens before `at` that also stand before the cursor, indentation apart."""
    start = line_start(text, at)
    line = text[start:at].lstrip()
    length = 0
    for own, tokens in zip((cursor.own, *cursor.above), cursor.tokens, strict=True):
        if own != line:
            pairs = zip(reversed(tokens), reversed(_last_tokens(line)), strict=False)
            length += sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            break
        length += len(tokens) + 1
        if length >= LONGEST_TOKENS or start == 0:
            break
        line, start = line_above(text, start)
    return min(length, LONGEST_TOKENS)


def _last_tokens(line: str) -> list[str]:
    return TOKEN.findall(line, max(0, len(line) - KEY_CHARS))


def continuation(cursor: Cursor, match: Match) -> str:
    """Returns what stands after a match in its line, as it would have to stand at the cursor.

    Nothing (the empty string) means that this match speaks against any text here.
    """
    text, at, _ = match
    rest = text[at : line_end(text, at)].rstrip()
    if cursor.tail:
        rest = _fitting(rest, cursor.tail)
    if not rest.strip() or "\r" in rest or len(rest) >= LONGEST_CHARS:
        return ""
    if not cursor.own:
        start = line_start(text, at)
        slope = slope_of(text[line_above(text, start)[1] : start], text[start : at + 1])
        if slope > cursor.slope == 0:
            rest = cursor.unit + rest
        elif slope != cursor.slope:
            return ""
        if cursor.gap != gap_above(text, start):
            return ""
    return "" if cursor.head + rest == cursor.below else rest


def _fitting(rest: str, tail: str) -> str:
    """Cuts `rest` where `tail` begins, brackets closed; nothing if it has no such place."""
    wanted = tail.lstrip()
    opened: list[str] = []
    for at, character in enumerate(rest):
        if not opened and rest.startswith(wanted, at):
            fits = not (at and is_word(rest[at - 1]) and is_word(wanted[0]))
            if fits:
                return rest[:at].rstrip() if tail != wanted else rest[:at]
        if character in OPENING.values():
            opened.append(character)
        elif opened and OPENING.get(character) == opened[-1]:
            opened.pop()
    return ""


def _upper(line: str) -> str:
    """Returns how to look for `line`: a short one with the character before it, to find fewer."""
    stripped = line.strip()
    return stripped if len(stripped) >= SHORT_LINE else (indent_of(line)[-1:] or "\n") + stripped
