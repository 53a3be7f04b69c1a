"""Secrets in a text, and the text with placeholders in their place. Pure.

A placeholder is as long as what it stands for and has no line ends, so every offset and every line
of the text stays what it was.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from codestral_ls.context.secret_assignments import find_assigned, find_unfinished
from codestral_ls.context.secret_blocks import find_blocks
from codestral_ls.context.secret_kinds import (
    CLUES,
    DIGITLESS,
    JOINTS,
    MARKS,
    PLAIN,
    RUN,
    RUN_REACH,
    TOKENS,
    WHOLE,
)
from codestral_ls.context.secret_values import looks_generated, looks_real

PLACEHOLDER = "REDACTED"
"""Repeated, and cut to length."""
CUT = "token or key"
_CUT = re.compile(r"[A-Za-z0-9+/=_.~-]{16,512}(?=\\{0,3}[\"'`])")
ROUNDS = 8
"""At most, of looking at what was hidden: made-up text alone takes more than two."""


class Finding(NamedTuple):
    """Where a secret of some kind stands, without the beginning that tells its kind."""

    kind: str
    start: int
    end: int


class Redacted(NamedTuple):
    """A text that may leave, and what was hidden in it, in order and without overlaps."""

    text: str
    found: tuple[Finding, ...]


def redact(text: str, *, cursor: int = -1) -> Redacted:
    """Returns a text of the same length and lines, in which secrets are placeholders.

    What is on both sides of a cursor belongs into one text: a secret may span it, and what is
    being typed at a cursor is hidden from its second key on.
    """
    found = find_secrets(text)
    if cursor >= 0:
        typed = (Finding(*each) for each in find_unfinished(text, cursor))
        found = _merged([*found, *typed])
    hidden = _hide(text, found)
    # What was hidden may have kept a name from its value; hardly ever it takes a third look.
    for _ in range(ROUNDS):
        more = find_secrets(hidden) if found else ()
        if not more:
            break
        found = _merged([*found, *more])
        hidden = _hide(text, found)
    return Redacted(hidden, found)


def _hide(text: str, found: tuple[Finding, ...]) -> str:
    parts, at = [], 0
    for _, start, end in found:
        parts += [text[at:start], placeholder(end - start)]
        at = end
    return "".join([*parts, text[at:]])


def find_secrets(text: str) -> tuple[Finding, ...]:
    """Returns where secrets stand in a text, in order, without overlaps and placeholders."""
    lowered = _lowered(text)
    known = [*find_blocks(text), *_tokens(text), *_clues(text, lowered)]
    ends = {end for _, _, end in known}
    # What is known by its mark keeps it, although the whole value was assigned.
    assigned = [each for each in find_assigned(text, lowered) if each[2] not in ends]
    merged = _merged([Finding(*each) for each in (*known, *assigned, *_cut(text))])
    return tuple(each for each in merged if not _is_placeholder(text[each.start : each.end]))


def placeholder(length: int) -> str:
    """Returns what stands for a secret of `length` characters."""
    return (PLACEHOLDER * (length // len(PLACEHOLDER) + 1))[:length]


def _is_placeholder(text: str) -> bool:
    return text in placeholder(len(text) + len(PLACEHOLDER))


def holds_placeholder(text: str, *, before: str = "") -> bool:
    """Whether a text, or the place where it joins what is `before` it, shows a placeholder."""
    size = len(PLACEHOLDER)
    joined = before[1 - size :] + text if before else text
    turns = PLACEHOLDER * 2
    return any(turns[turn : turn + size] in joined for turn in range(size))


def _lowered(text: str) -> str:
    """Returns a text in lower case, character by character; one capital becomes two otherwise."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text.replace("\u0130", "i").lower()


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    done = 0
    for run in RUN.finditer(text):
        start = run.start()
        if PLAIN.fullmatch(run[0]) and not run[0].startswith(DIGITLESS):
            continue
        if start and text[start - 1] in JOINTS:
            start = max(0, start - RUN_REACH)
        for mark in MARKS.finditer(text, max(done, start), run.end() + 1):
            if mark.start() < done:  # within one that was read to its end already
                continue
            whole = WHOLE.match(text, mark.start())
            if whole and whole.lastindex:
                start, done = whole.end(whole.lastindex), whole.end()
                if looks_real(text[start:done]):
                    yield TOKENS[whole.lastindex - 1].kind, start, done


def _clues(text: str, lowered: str) -> Iterator[tuple[str, int, int]]:
    for clue in CLUES:
        at = lowered.find(clue.words)
        while at >= 0:
            found = clue.pattern.match(text, at)
            if found and clue.accepts(found[1]):
                yield clue.kind, *found.span(1)
            at = lowered.find(clue.words, at + len(clue.words))


def _cut(text: str) -> Iterator[tuple[str, int, int]]:
    """Yields the rest of a value that was cut off where a text begins, in a very long line."""
    rest = _CUT.match(text)
    if rest and looks_generated(rest[0]):
        yield CUT, *rest.span()


def _merged(found: list[Finding]) -> tuple[Finding, ...]:
    """Joins what overlaps; the first that begins gives its kind."""
    merged: list[Finding] = []
    for each in sorted(found, key=lambda each: (each.start, each.end)):
        if merged and each.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = last._replace(end=max(last.end, each.end))
        else:
            merged.append(each)
    return tuple(merged)
