"""What of a document is parsed around a text, given excerpts that are cut anywhere. Pure.

The likeliest to parse are just the lines that hold the cursor's line, which are the less indented
ones above and below. The lines in between come second: among them may be what makes sense of the
cursor's line, such as the beginning of a string, and errors, and halves of things.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from codestral_ls.grammars import Grammar
from codestral_ls.lexis import BRACKETS

NEAR_LINES, NEAR_CHARS = 60, 4000
"""Of what stands above the cursor, a screenful; so much is parsed in 0.4 ms."""
BELOW_LINES, BELOW_CHARS = 30, 2000
"""Half as much below, where what matters is what closes."""
FAR_CHARS = 16_000
"""Of what may hold the cursor's line: 400 lines of 40 characters, of which few are parsed."""
LONG_LINE = 400
"""Characters: a longer line is data or minified, and nothing that holds others."""
_NO_INDENTATION = 1 << 30
"""Columns: what nothing is indented as far as."""
_ARGUMENT_LINES, _BRANCH_LINES = 8, 12
"""Lines of a head with its parameters, and of the branch before an `else`: of more, the grammar
needs no more than the first one to go on."""
GOES_ON = re.compile(
    r"[ \t]*(?:[)\]}>{]|</|\*/|#\s*el|#\s*end|"
    r"(?:and|case|catch|default|do|done|elif|else|elseif|elsif|end|ensure|esac|except|fi|"
    r"finally|in|or|rescue|then|until|when)\b)"
)
"""A line that belongs to what a line of the same indentation began."""
_TAG = re.compile(r"<\?|\?>")
_ASIDE = re.compile(r"[ \t]*(?:#|//|$)")
"""Comments, directives and blank lines, whose indentation says nothing."""
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is parsed on both sides of a text."""

    above: str
    below: str


@dataclass(frozen=True, slots=True)
class _Hold:
    """What holds a line: numbered lines above it, and the least indentation that they reach."""

    parts: tuple[tuple[int, str], ...]
    level: int


def indentation(line: str) -> int:
    """How many blanks a line begins with."""
    return len(line) - len(line.lstrip(" \t"))


def excerpts(grammar: Grammar, before: str, text: str, after: str) -> Iterator[Excerpt]:
    """What to parse around a text, the likeliest first."""
    *above, head = before[-FAR_CHARS:].split("\n")
    begun = next((line for line in (head + text).split("\n") if line.strip()), "")
    hold = _hold(above, begun)
    yield from _around(grammar, above, head, begun, after, hold)
    if hold.parts and not hold.parts[0][0]:
        # That may be half a line, or the only one of its indentation that is not cut off.
        rest = above[1:]
        yield from _around(grammar, rest, head, begun, after, _hold(rest, begun))


def _around(  # noqa: PLR0913, PLR0917 - the parts of a document, and what was found in them
    grammar: Grammar, above: list[str], head: str, begun: str, after: str, hold: _Hold
) -> Iterator[Excerpt]:
    near = _near(above)
    tail, *below = after[:FAR_CHARS].split("\n")
    del below[-1:]  # it may be cut; closers take its place
    held = [part for _, part in hold.parts]
    farther = [part for number, part in hold.parts if number < near]
    for shown, rest in (
        (held, _closing(below, begun, hold)),
        ([*farther, *above[near:]], _following(below, hold)),
    ):
        upper = "\n".join([*shown, head])[-2 * NEAR_CHARS :]
        lower = "\n".join([tail[:BELOW_CHARS], *rest, ""])
        for opening, closing in (("", ""), *(grammar.holders if hold.level else ())):
            yield Excerpt(_tag(grammar, upper) + opening + upper, lower + closing)


def _tag(grammar: Grammar, above: str) -> str:
    """What makes code of lines that come without their beginning, unless a tag does already."""
    first = _TAG.search(above) if grammar.opening_tag else None
    return "" if first is not None and first[0] != "?>" else grammar.opening_tag


def _hold(above: list[str], begun: str) -> _Hold:
    """Which lines hold a line, by their indentation."""
    level, goes_on = indentation(begun), bool(GOES_ON.match(begun))
    parts: list[tuple[int, str]] = []
    below = len(above)
    for number in range(len(above) - 1, -1, -1):
        line = above[number]
        if not level and not goes_on:
            break
        if indentation(line) < level + goes_on and not _ASIDE.match(line):
            branch = goes_on and indentation(line) == level and below - number <= _BRANCH_LINES
            lines = above[number:below]
            level, goes_on = indentation(line), bool(GOES_ON.match(line))
            if len(line) <= LONG_LINE:
                parts.append((number, "\n".join(lines) if branch else _with_arguments(lines)))
            below = number
    if goes_on and parts:  # what it goes on with is cut off
        parts = [part for part in parts if indentation(part[1]) > level]
        level += 1
    return _Hold(tuple(reversed(parts)), level)


def _with_arguments(lines: list[str]) -> str:
    """The first of some lines, with the next ones as far as a parenthesis goes that they close."""
    if ")" in _closers(lines[0]):
        for count in range(2, min(len(lines), _ARGUMENT_LINES) + 1):
            several = "\n".join(lines[:count])
            if ")" not in _closers(several):
                return several
    return lines[0]


def _near(above: list[str]) -> int:
    """The number of the line with which to begin: the first of the least indented ones near by."""
    sizes = accumulate(len(line) + 1 for line in reversed(above[-NEAR_LINES:]))
    first = len(above) - sum(1 for size in sizes if size <= NEAR_CHARS)
    starts = [
        (indentation(above[number]), number)
        for number in range(first, len(above))
        if not _ASIDE.match(above[number]) and not GOES_ON.match(above[number])
    ]
    return min(starts)[1] if starts else first


def _closing(below: list[str], begun: str, hold: _Hold) -> list[str]:
    """The lines below that go on with the cursor's line, and those that close what holds it."""
    kept: list[str] = []
    room, bound, closed, others = BELOW_CHARS, indentation(begun), _NO_INDENTATION, False
    for line in below:
        if not line.strip():
            continue
        size = indentation(line)
        if size < hold.level or room < 0:
            break
        goes_on = GOES_ON.match(line) and (size < bound or not others)
        if size <= bound:
            bound, others = size, not goes_on
            closed = min(closed, size) if goes_on else closed
        if not others:
            kept.append(line[:BELOW_CHARS])
            room -= len(line)
    return kept + _missing(hold, closed)


def _following(below: list[str], hold: _Hold) -> list[str]:
    """The next lines as far as they are held, and farther below only the less indented ones."""
    kept: list[str] = []
    room, lowest = BELOW_CHARS, _NO_INDENTATION
    for number, line in enumerate(below):
        size = indentation(line) if line.strip() else _NO_INDENTATION
        if size < hold.level or (not lowest and number >= BELOW_LINES):
            break
        if (number < BELOW_LINES and room > 0) or size < lowest:
            kept.append(line[:BELOW_CHARS])
            room -= len(line)
            lowest = min(lowest, size)
    return kept + _missing(hold, lowest)


def _missing(hold: _Hold, closed: int) -> list[str]:
    """Closers for what is less indented than the least indented line that closes something."""
    parts = (_closers(part) for _, part in reversed(hold.parts) if indentation(part) < closed)
    return [part for part in parts if part]


def _closers(text: str) -> str:
    """What closes the brackets or the comment that a text leaves open."""
    if text.lstrip().startswith("/*") and "*/" not in text:
        return "*/"
    due: list[str] = []
    for character in _STRING.sub("", text):
        if character in BRACKETS:
            due.append(BRACKETS[character])
        elif due and character == due[-1]:
            due.pop()
    return "".join(reversed(due))
