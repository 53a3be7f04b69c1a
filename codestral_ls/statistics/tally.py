"""Happenings -> sums that can be added up in any order and in any batches. Pure.

All amounts are whole numbers, so that sums are exact whoever adds them: money in billionths.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from codestral_ls.happenings import (
    Accepted,
    CallEnded,
    CallUsed,
    Displayed,
    Happening,
    Labels,
    RequestEnded,
    Retained,
)
from codestral_ls.statistics.latency import bucket_of
from codestral_ls.statistics.names import cleaned, cleaned_labels

NANOS = 1_000_000_000
"""Parts of one unit of money: a token of the cheapest models costs 20 to 300 of them."""
MOST_AMOUNT = 2**40
"""Of one happening: what a broken server counts must not overflow the 2**63 of a sum."""


class Kind(StrEnum):
    """What was counted."""

    ANSWER = "answer"
    NOTHING = "nothing"
    CALL = "call"
    LOCAL_CALL = "local call"
    USED = "used later"
    DISPLAYED = "displayed"
    ACCEPTED = "accepted"
    PARTLY = "partly accepted"
    RETAINED = "retained"


class Measure(StrEnum):
    """In what it was counted; `SECONDS` and `FIRST` count how many fell into a bucket."""

    EVENTS = "events"
    CHARS = "characters"
    KEPT = "kept characters"
    WAITED = "waited microseconds"
    SECONDS = "seconds"
    FIRST = "seconds to the first token"
    PROMPT = "prompt tokens"
    COMPLETION = "completion tokens"
    CACHED = "cached tokens"
    ESTIMATED = "estimated tokens"
    UNSEEN_PROMPT = "prompt tokens of what was not shown"
    UNSEEN_COMPLETION = "completion tokens of what was not shown"
    MONEY = "billionths"
    UNPRICED = "tokens without a price"


class Series(NamedTuple):
    """What one sum is of. `outcome` is the source or reason, or how long after (retained).

    `owner` is who asked through a gateway; editors of this machine's user have none.
    """

    language: str
    provider: str
    model: str
    kind: str
    outcome: str
    measure: str
    owner: str = ""


class Place(NamedTuple):
    """Where an amount is added: `bucket` is 0 for what has none, `day` the date's ordinal."""

    day: int
    series: Series
    bucket: int


_Key = tuple[Kind, str, Measure, int]
"""Of a part of a happening: kind, outcome, measure, bucket."""
_Part = tuple[_Key, int]


def tally(happenings: Iterable[Happening], day: int) -> Counter[Place]:
    """The sums of what happened on a day."""
    parts: dict[tuple[Labels, _Key], int] = {}
    for happening in happenings:
        labels = happening.labels
        for key, amount in _parts(happening):
            if amount:
                place = labels, key
                parts[place] = parts.get(place, 0) + amount
    sums: Counter[Place] = Counter()
    for (labels, (kind, outcome, measure, bucket)), amount in parts.items():
        language, provider, model, owner = cleaned_labels(labels)
        what = kind.value, cleaned(outcome), measure.value
        series = Series(language, provider, model, *what, owner)
        sums[Place(day, series, bucket)] += amount
    return sums


def _parts(happening: Happening) -> Iterator[_Part]:
    match happening:
        case RequestEnded():
            yield from _of_request(happening)
        case CallEnded():
            yield from _of_call(happening)
        case CallUsed():
            yield from _amounts(
                (Kind.USED, ""),
                (Measure.PROMPT, happening.prompt_tokens),
                (Measure.COMPLETION, happening.completion_tokens),
            )
        case Displayed():
            yield from _amounts((Kind.DISPLAYED, ""), (Measure.CHARS, happening.chars))
        case Accepted():
            kind = Kind.PARTLY if happening.partly else Kind.ACCEPTED
            events = 0 if happening.further else 1
            yield from _amounts((kind, ""), (Measure.CHARS, happening.chars), events=events)
        case Retained():
            share = min(max(happening.share, 0.0), 1.0)
            yield from _amounts(
                (Kind.RETAINED, str(happening.after)),
                (Measure.CHARS, happening.chars),
                (Measure.KEPT, share * happening.chars),
            )


def _of_request(ended: RequestEnded) -> Iterator[_Part]:
    if not ended.answered:
        yield from _amounts((Kind.NOTHING, ended.outcome))
        return
    yield from _amounts(
        (Kind.ANSWER, ended.outcome),
        (Measure.CHARS, ended.chars),
        (Measure.WAITED, ended.waited * 1e6),
    )
    yield (Kind.ANSWER, ended.outcome, Measure.SECONDS, bucket_of(ended.total)), 1


def _of_call(ended: CallEnded) -> Iterator[_Part]:
    kind = Kind.LOCAL_CALL if ended.local else Kind.CALL
    prompt, completion = ended.prompt_tokens, ended.completion_tokens
    unseen = 0 if ended.shown else 1
    yield from _amounts(
        (kind, ended.failure),
        (Measure.PROMPT, prompt),
        (Measure.COMPLETION, completion),
        (Measure.CACHED, ended.cached_tokens),
        (Measure.ESTIMATED, (prompt + completion) * ended.estimated),
        (Measure.UNSEEN_PROMPT, prompt * unseen),
        (Measure.UNSEEN_COMPLETION, completion * unseen),
        (Measure.MONEY, ended.cost * NANOS),
        (Measure.UNPRICED, 0 if ended.priced else prompt + completion),
    )
    if not ended.failure:
        yield (kind, "", Measure.SECONDS, bucket_of(ended.total)), 1
    if ended.first_token > 0:
        yield (kind, ended.failure, Measure.FIRST, bucket_of(ended.first_token)), 1


def _amounts(
    of: tuple[Kind, str], *amounts: tuple[Measure, float], events: int = 1
) -> Iterator[_Part]:
    """An event, and what it adds to other sums."""
    yield (*of, Measure.EVENTS, 0), events
    for measure, amount in amounts:
        held = min(amount, MOST_AMOUNT) if amount > 0 else 0  # neither negative nor NaN
        yield (*of, measure, 0), round(held)
