"""What the places found say, and how likely that makes each continuation. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from codestral_ls.context.matching.continuations import continuation
from codestral_ls.context.matching.cursor import Cursor
from codestral_ls.context.matching.places import SHORTEST_ALIKE, SHORTEST_EXACT, Place
from codestral_ls.context.matching.renaming import Renaming, pair_names
from codestral_ls.context.matching.tokens import Tokenizer

LONGEST_AFTER = 12
"""Tokens below the cursor that are compared with those below a place."""
EQUAL = 1.5
"""What an equal token weighs beside one of the same class; with 0.75 or 3 it is much the same."""
EXACT_LEVELS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30)
RENAMED_LEVELS = (0, 6, 8, 10, 12, 14, 17, 20, 24, 28, 32, 38, 44, 50, 60)
UNSEEN = 0.001
"""The share of what nothing speaks for."""


class Vote(NamedTuple):
    """A place with what it says; `score` tells how much it looks like the cursor's.

    What stands below counts as much as what stands before, and no more than that.
    """

    place: Place
    text: str
    replaced: int
    score: float
    renaming: Renaming | None = None


def collect_votes(
    cursor: Cursor, places: Sequence[Place], tokenizer: Tokenizer
) -> tuple[list[Vote], list[Vote]]:
    """Returns what places say as they stand, and what they say with the names of the cursor."""
    exact: list[Vote] = []
    renamed: list[Vote] = []
    for place in places:
        ids, classes = _after(cursor, place)
        plain = continuation(cursor, place, tokenizer, None)
        if place.exact >= SHORTEST_EXACT:
            exact.append(Vote(place, plain.text, 0, place.exact + min(ids, place.exact)))
        if place.alike >= SHORTEST_ALIKE:
            score = place.alike + EQUAL * place.equal + min(ids + classes, place.alike)
            renaming = _renaming(cursor, place, tokenizer)
            said = continuation(cursor, place, tokenizer, renaming) if renaming else plain
            renamed.append(Vote(place, said.text, said.replaced, score, renaming))
    return [v for v in exact if _counts(cursor, v)], [v for v in renamed if _counts(cursor, v)]


def _counts(cursor: Cursor, vote: Vote) -> bool:
    """Whether a vote is one: where another word stands than the one begun, nothing is said."""
    return bool(vote.text or not cursor.piece)


def _renaming(cursor: Cursor, place: Place, tokenizer: Tokenizer) -> Renaming | None:
    if place.equal == place.alike:
        return None
    theirs = tokenizer.words_before(place.text, place.at, place.alike)
    names = pair_names(theirs, cursor.words, cursor.before.classes[::-1])
    return Renaming(names) if names else None


def _after(cursor: Cursor, place: Place) -> tuple[int, int]:
    """How many tokens below a place's line are those below the cursor's, and of their classes."""
    text, below = place.text, cursor.below
    end = text.ends[text.line_at(place.at)]
    if not below.classes or text.classes[end : end + 1] != below.classes[0]:
        return 0, 0
    return (
        _common(text.ids[end : end + LONGEST_AFTER], below.ids),
        _common(text.classes[end : end + LONGEST_AFTER], below.classes),
    )


def _common(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def shares(votes: Sequence[Vote], levels: Sequence[int]) -> dict[str, float]:
    """How likely each text is: its share of the best votes, mixed with that of all more.

    From one level of scores to the next one above, what was likely before counts as many votes as
    there are different texts (Witten and Bell's smoothing of n-grams, here of whole rests).
    """
    ranked = sorted(votes, key=lambda vote: -vote.score)
    found = {vote.text: UNSEEN for vote in ranked}
    scale = 1.0  # of all values in `found`, so that a level touches but the texts it has
    count = len(ranked)
    for level in levels:
        while count and ranked[count - 1].score < level:
            count -= 1
        if not count:
            break
        counts = Counter([vote.text for vote in ranked[:count]])
        scale *= len(counts) / (count + len(counts))
        for text, number in counts.items():
            found[text] += number / (count + len(counts)) / scale
    return {text: scale * value for text, value in found.items()}
