"""The gate: how likely a continuation is to be the right one, and what speaks for it. Pure."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from codestral_ls.context.matching.cursor import Cursor
from codestral_ls.context.matching.tokens import NAME, TOKEN, class_of, id_of
from codestral_ls.context.matching.votes import (
    EXACT_LEVELS,
    RENAMED_LEVELS,
    UNSEEN,
    Vote,
    shares,
)

CANDIDATES = 5
"""Continuations with the most votes that are weighed; a sixth is never the likeliest."""

# Fitted (logistic regression) by tests/bench/offline_fit.py on 10 000 holes in 31 packages: 15 of
# Python, the others of Go, Rust, TypeScript, JavaScript and Java; for 1 and `Evidence` in its
# order. On holes of each kind in others, measured by tests/bench/offline.py with `ENOUGH_TYPING`
# (and with `ENOUGH_BY_HAND`):
#
#                                 15 packages of Python     14 of Go, Rust, TS, JS and Java
#                                    shown   of these exact          shown   of these exact
#     rest of a line, from a word    32 (38) %   78 (70) %          33 (40) %   81 (73) %
#     rest of a line, any column     39 (45) %   85 (79) %          48 (56) %   83 (79) %
#     a block, from an empty line    23 (30) %   67 (59) %          34 (42) %   69 (64) %
#     end of a line                   3  (5) %    0      %           4  (5) %    0      %
#
# Exact blocks are so in all lines that are proposed; at ends of lines nothing was to be proposed.
# With 2 MB of texts, p50 is 4 ms and p95 7 ms, the first time in a document 10 ms; no text known
# takes more than 7 ms.
WEIGHTS = (-4.8, 3.2, 1.55, 0.8, 0.45, 0.7, -0.45, -1.2, -0.2, -0.45, 0.3)


class Evidence(NamedTuple):
    """What speaks for a continuation and against it.

    `exact` and `renamed` are how likely it is for either matcher, `votes` is the logarithm of the
    renamed ones for it, `score` that of its best one's score. `followed`: the same line comes next
    at a place that says so and at the cursor. `unknown` counts names that the document does not
    have. `replaced`: some names are others at all its places, so that the exact matcher cannot
    know it. `tokens` and `chars` are the logarithms of how long it is; `line`: nothing stands
    before it in its line.
    """

    exact: float
    renamed: float
    votes: float
    score: float
    followed: bool
    unknown: int
    replaced: bool
    tokens: float
    chars: float
    line: bool


class Candidate(NamedTuple):
    """A continuation, the votes for it, and what is known of it."""

    text: str
    votes: Sequence[Vote]
    evidence: Evidence

    @property
    def confidence(self) -> float:
        """How likely it is to be the right one, from 0 to 1."""
        values = (1.0, *self.evidence)
        score = sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True))
        return 1 / (1 + math.exp(-score))


def weigh(cursor: Cursor, exact: Sequence[Vote], renamed: Sequence[Vote]) -> Iterator[Candidate]:
    """Yields the continuations with the most votes."""
    exact_shares, renamed_shares = shares(exact, EXACT_LEVELS), shares(renamed, RENAMED_LEVELS)
    total = {
        text: exact_shares.get(text, 0.0) + renamed_shares.get(text, 0.0)
        for text in (exact_shares | renamed_shares)
        if text
    }
    for text in sorted(total, key=lambda text: -total[text])[:CANDIDATES]:
        words = TOKEN.findall(cursor.piece + text)
        replaced = text not in exact_shares
        votes = [vote for vote in (*exact, *renamed) if vote.text == text]
        yield Candidate(
            text,
            votes,
            Evidence(
                exact=(renamed_shares if replaced else exact_shares).get(text, UNSEEN),
                renamed=renamed_shares.get(text, UNSEEN),
                votes=math.log1p(sum(vote.text == text for vote in renamed)),
                score=math.log1p(max(vote.score for vote in votes)),
                followed=any(_followed(cursor, vote) for vote in votes),
                unknown=_unknown(cursor, words),
                replaced=replaced,
                tokens=math.log1p(len(words)),
                chars=math.log1p(len(text)),
                line=cursor.is_indent,
            ),
        )


def _followed(cursor: Cursor, vote: Vote) -> bool:
    """Whether the same line comes next at a place and at the cursor."""
    text, at, *_ = vote.place
    below = text.written_below(text.line_at(at))
    return bool(cursor.next) and below.strip() == cursor.next.lstrip()


def _unknown(cursor: Cursor, words: Sequence[str]) -> int:
    """Counts the names among tokens that the document does not have."""
    known = (cursor.before.ids, cursor.above.ids, cursor.below.ids)
    names = {id_of(word) for word in words if class_of(word) == NAME}
    return sum(not any(name in ids for ids in known) for name in names)
