"""Sums -> the figures that a user wants to see. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from codestral_ls.model import Reason, Source
from codestral_ls.statistics.latency import percentile
from codestral_ls.statistics.tally import NANOS, Kind, Measure

REUSED = frozenset({Source.CACHE.value, Source.TYPED_THROUGH.value, Source.JOINED.value})
"""Answers for which nobody was asked once more."""
UNWANTED = frozenset(
    each.value
    for each in (
        *(Reason.DISABLED, Reason.SNOOZED, Reason.MANUAL_ONLY),
        *(Reason.LANGUAGE_OFF, Reason.DENIED),
    )
)
"""Reasons by which the user has said that there should be no answer."""


class Sum(NamedTuple):
    """One sum out of the file."""

    kind: str
    outcome: str
    measure: str
    bucket: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Seconds that half of all, and 19 of 20, do not exceed; 0 where there are none."""

    count: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """What was still there of accepted text, `after` seconds: characters, of how many."""

    after: int
    kept: int
    chars: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return share_of(self.kept, self.chars)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that is known of a day, of a language, or of all.

    `outcomes` counts requests by where the answer came from, or by why there was none; `unwanted`
    are those that the user wanted no answer for. `displayed` is what the editors have told of, 0 if
    they do not. `saved` counts characters that were accepted. `wasted` are tokens of calls of which
    nothing was ever shown, `estimated` those that the provider did not count, and what the
    `unpriced` ones cost is not known: it is not in `cost`.
    """

    outcomes: Mapping[str, int]
    unwanted: int
    answers: int
    reused: int
    modelled: int
    displayed: int
    accepted: int
    partly: int
    saved: int
    still: tuple[Still, ...]
    calls: int
    local_calls: int
    failures: Mapping[str, int]
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    estimated_tokens: int
    wasted_tokens: int
    unpriced_tokens: int
    cost: float
    waited: float
    answer_latency: Latency
    first_token_latency: Latency
    call_latency: Latency

    @property
    def requests(self) -> int:
        """All requests that have an outcome."""
        return sum(self.outcomes.values())

    @property
    def wanted(self) -> int:
        """Requests that should have been answered."""
        return self.requests - self.unwanted

    @property
    def shown(self) -> int:
        """Answers that were on a screen: as the editor says or, where it does not, all of them."""
        return self.displayed or self.answers

    @property
    def is_told(self) -> bool:
        """Whether an editor has ever said what became of an answer: not all of them can."""
        return bool(self.displayed or self.accepted or self.partly)

    @property
    def reuse_share(self) -> float:
        """Of answers by a model, those that needed no request of their own."""
        return share_of(self.reused, self.reused + self.modelled)

    @property
    def acceptance(self) -> float:
        """The share of shown answers that were accepted as a whole; two counts, hence at most 1."""
        return min(1.0, share_of(self.accepted, self.shown))

    @property
    def known_cost(self) -> float | None:
        """The cost as far as it is known; None if nothing of it is."""
        return known_cost(self.cost, self.unpriced_tokens)


def figures(sums: Iterable[Sum]) -> Figures:
    """The figures that sums of any days and labels make together."""
    totals: Counter[tuple[str, str]] = Counter()
    events: defaultdict[str, Counter[str]] = defaultdict(Counter)
    retained: defaultdict[int, Counter[str]] = defaultdict(Counter)
    buckets: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for kind, outcome, measure, bucket, n in sums:
        if bucket:
            buckets[_SAME.get(kind, kind), measure][bucket] += n
            continue
        totals[_SAME.get(kind, kind), measure] += n
        if measure == Measure.EVENTS:
            events[kind][outcome] += n
        if kind == Kind.RETAINED and outcome.isdecimal():
            retained[int(outcome)][measure] += n
    called, answered = events[Kind.CALL] + events[Kind.LOCAL_CALL], events[Kind.ANSWER]
    answers = answered.total()
    unseen = totals[Kind.CALL, Measure.UNSEEN_PROMPT] + totals[Kind.CALL, Measure.UNSEEN_COMPLETION]
    used = totals[Kind.USED, Measure.PROMPT] + totals[Kind.USED, Measure.COMPLETION]
    waited = totals[Kind.ANSWER, Measure.WAITED] / 1e6
    return Figures(
        outcomes=_by_number(answered + events[Kind.NOTHING]),
        unwanted=sum(n for outcome, n in events[Kind.NOTHING].items() if outcome in UNWANTED),
        answers=answers,
        reused=sum(n for outcome, n in answered.items() if outcome in REUSED),
        modelled=answered[Source.MODEL],
        displayed=totals[Kind.DISPLAYED, Measure.EVENTS],
        accepted=totals[Kind.ACCEPTED, Measure.EVENTS],
        partly=totals[Kind.PARTLY, Measure.EVENTS],
        saved=totals[Kind.ACCEPTED, Measure.CHARS] + totals[Kind.PARTLY, Measure.CHARS],
        still=tuple(
            Still(after=after, kept=counts[Measure.KEPT], chars=counts[Measure.CHARS])
            for after, counts in sorted(retained.items())
        ),
        calls=called.total(),
        local_calls=events[Kind.LOCAL_CALL].total(),
        failures=_by_number(Counter({name: n for name, n in called.items() if name})),
        prompt_tokens=totals[Kind.CALL, Measure.PROMPT],
        completion_tokens=totals[Kind.CALL, Measure.COMPLETION],
        cached_tokens=totals[Kind.CALL, Measure.CACHED],
        estimated_tokens=totals[Kind.CALL, Measure.ESTIMATED],
        # What is used later may have been called for on the day before.
        wasted_tokens=max(0, unseen - used),
        unpriced_tokens=totals[Kind.CALL, Measure.UNPRICED],
        cost=totals[Kind.CALL, Measure.MONEY] / NANOS,
        waited=waited / answers if answers else 0.0,
        answer_latency=_latency(buckets[Kind.ANSWER, Measure.SECONDS]),
        first_token_latency=_latency(buckets[Kind.CALL, Measure.FIRST]),
        call_latency=_latency(buckets[Kind.CALL, Measure.SECONDS]),
    )


_SAME: Mapping[str, str] = {Kind.LOCAL_CALL.value: Kind.CALL.value}
"""Kinds whose sums are added to those of another."""


def known_cost(cost: float, unpriced_tokens: int) -> float | None:
    """A cost as far as it is known; None if nothing of it is, which is not the same as 0."""
    return None if unpriced_tokens and not cost else cost


def share_of(part: float, whole: float) -> float:
    """A share from 0 to 1; 0 of nothing."""
    return part / whole if whole else 0.0


def _by_number(counts: Counter[str]) -> Mapping[str, int]:
    """The most frequent first; equal ones by name."""
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _latency(counts: Mapping[int, int]) -> Latency:
    return Latency(
        count=sum(counts.values()), p50=percentile(counts, 0.5), p95=percentile(counts, 0.95)
    )
