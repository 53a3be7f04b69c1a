"""Several texts for one place: which of them differ, and which is the likeliest. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from codestral_ls.model import Answer, Snapshot
from codestral_ls.shaping.surroundings import look_around
from codestral_ls.shaping.syntax import error_count
from codestral_ls.shaping.tails import imbalance

_TOKEN = re.compile(r"\w+|[^\w\s]")


class Candidate(NamedTuple):
    """An answer; `cut_off` says that it ends where the model was stopped."""

    answer: Answer
    cut_off: bool = False


class _Rank(NamedTuple):
    """What speaks against a candidate, the weightiest first."""

    errors: int
    unmatched: int
    cut_off: bool
    dissent: float


def ranked(candidates: Sequence[Candidate], snapshot: Snapshot) -> list[Answer]:
    """The likeliest first: what parses, what closes its brackets, what has come to an end.

    Between equals, what the others say as well; then the order in which they came.
    """
    answers = [each.answer for each in candidates]
    if len(answers) < 2:  # noqa: PLR2004 - nothing to compare
        return answers
    words = [frozenset(_TOKEN.findall(each.text)) for each in answers]
    ranks = [
        _Rank(
            errors=_errors(answer, snapshot),
            unmatched=_unmatched(answer, snapshot),
            cut_off=cut_off,
            dissent=-_agreement(words[index], words[:index] + words[index + 1 :]),
        )
        for index, (answer, cut_off) in enumerate(candidates)
    ]
    return [answers[index] for index in sorted(range(len(answers)), key=ranks.__getitem__)]


def distinct(answers: Sequence[Answer], snapshot: Snapshot) -> list[Answer]:
    """Of those that leave the same in the line, but for blanks, the first."""
    kept: dict[str, Answer] = {}
    for answer in answers:
        line = answer.text + snapshot.line_tail[answer.replaces :]
        kept.setdefault("".join(line.split()), answer)
    return list(kept.values())


def _errors(answer: Answer, snapshot: Snapshot) -> int:
    """As the grammar sees them; where there is none, all are equal."""
    after = snapshot.suffix[answer.replaces :]
    return error_count(snapshot.language, snapshot.prefix, answer.text, after) or 0


def _unmatched(answer: Answer, snapshot: Snapshot) -> int:
    """Brackets without a partner in the document as it would be."""
    return imbalance(answer.text, answer.replaces, look_around(snapshot))


def _agreement(words: frozenset[str], others: Sequence[frozenset[str]]) -> float:
    """How much of its words a text shares with each of the others, in the mean."""
    shares = [len(words & each) / max(1, len(words | each)) for each in others]
    return sum(shares) / len(shares)
