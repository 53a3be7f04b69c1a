"""Happenings become sums, times become buckets, and names hold no path."""

import math
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.happenings import Accepted, Happening, Labels, RequestEnded, Retained
from codestral_ls.statistics.figures import Sum, figures
from codestral_ls.statistics.latency import (
    LEAST_SECONDS,
    MOST_SECONDS,
    bucket_of,
    percentile,
)
from codestral_ls.statistics.names import MOST_NAMES, NAME_CHARS, OTHER, bounded, cleaned
from codestral_ls.statistics.tally import MOST_AMOUNT, Measure, Place, tally
from tests.counted import HAPPENINGS, LABELS, call, request

DAY = 739_000


def sums_of(*happenings: Happening) -> dict[tuple[str, str, str], int]:
    """What is added, by kind, outcome and measure; buckets are left out."""
    return {
        (place.series.kind, place.series.outcome, place.series.measure): n
        for place, n in tally(happenings, DAY).items()
        if not place.bucket
    }


@given(HAPPENINGS, st.data())
def test_batches_add_up_to_the_same_in_any_order(
    happenings: list[Happening], data: st.DataObject
) -> None:
    """Whoever writes first, and however much at once."""
    shuffled = data.draw(st.permutations(happenings))
    cut = data.draw(st.integers(0, len(shuffled)))
    together: Counter[Place] = Counter()
    for batch in (shuffled[:cut], shuffled[cut:]):
        together.update(tally(batch, DAY))
    assert together == tally(happenings, DAY)


@given(HAPPENINGS)
def test_every_happening_is_one_event(happenings: list[Happening]) -> None:
    """No more and no less."""
    places = tally(happenings, DAY).items()
    assert sum(n for place, n in places if place.series.measure == Measure.EVENTS) == len(
        happenings
    )


@given(HAPPENINGS)
def test_requests_are_counted_by_their_outcome(happenings: list[Happening]) -> None:
    """An answer and its absence may share a name."""
    ended = [each for each in happenings if isinstance(each, RequestEnded)]
    sums = (
        Sum(place.series.kind, place.series.outcome, place.series.measure, place.bucket, n)
        for place, n in tally(happenings, DAY).items()
    )
    found = figures(sums)
    assert found.outcomes == Counter(each.outcome for each in ended)
    assert found.answers == sum(each.answered for each in ended)


def test_money_is_exact() -> None:
    """A tenth is not one in binary, and ten of them are one all the same."""
    assert sums_of(*[call(cost=0.1)] * 10)["call", "", "billionths"] == 1_000_000_000


def test_tokens_without_a_price_are_counted_apart() -> None:
    """Nobody knows what they cost, and that is not the same as nothing."""
    sums = sums_of(call(priced=False), call(priced=False, prompt_tokens=0), call(cost=0.5))
    assert sums["call", "", "tokens without a price"] == 1100
    assert ("call", "", "tokens without a price") not in sums_of(call(), call(local=True))


def test_local_calls_are_told_apart() -> None:
    """They do not count against anybody's budget."""
    assert ("local call", "", "events") in sums_of(call(local=True))
    assert ("call", "", "events") not in sums_of(call(local=True))


def test_parts_are_told_from_whole_answers() -> None:
    """Someone who takes a word at a time has accepted one in part, and all its letters."""
    part = Accepted(labels=LABELS, chars=4, partly=True)
    parts = [part, part, replace(part, further=True)]
    assert sums_of(*parts, Accepted(labels=LABELS, chars=5)) == {
        ("partly accepted", "", "events"): 2,
        ("partly accepted", "", "characters"): 12,
        ("accepted", "", "events"): 1,
        ("accepted", "", "characters"): 5,
    }


def test_what_is_still_there_is_weighed_by_its_characters() -> None:
    """Half of a long text counts for more than a short one."""
    retained = Retained(labels=LABELS, after=30, share=0.5, chars=40)
    assert sums_of(retained)["retained", "30", "kept characters"] == 20


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, -5, 10**400])
def test_senseless_numbers_of_a_server_do_no_harm(wrong: float) -> None:
    """They are held within bounds, in which millions of them fit into a sum."""
    sums = sums_of(call(prompt_tokens=wrong, completion_tokens=1))
    assert 0 <= sums.get(("call", "", "prompt tokens"), 0) <= MOST_AMOUNT
    assert sums["call", "", "completion tokens"] == 1


@pytest.mark.parametrize("seconds", [math.nan, -1.0, 0.0, LEAST_SECONDS])
def test_the_quickest_times_share_a_bucket(seconds: float) -> None:
    """Nobody needs to tell them apart."""
    assert bucket_of(seconds) == 1


def test_there_is_an_end_to_buckets() -> None:
    """A clock that jumps must not make the file grow."""
    assert bucket_of(math.inf) == bucket_of(MOST_SECONDS) == 207


@given(st.lists(st.floats(LEAST_SECONDS, MOST_SECONDS), min_size=1), st.sampled_from([0.5, 0.95]))
def test_percentiles_are_within_five_percent(times: list[float], share: float) -> None:
    """Of the time that is really at that place."""
    exact = sorted(times)[math.ceil(len(times) * share) - 1]
    found = percentile(Counter(bucket_of(each) for each in times), share)
    assert abs(found - exact) <= 0.05 * exact


def test_there_is_no_percentile_of_nothing() -> None:
    """It is 0."""
    assert percentile({}, 0.5) == 0.0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("codestral-2508", "codestral-2508"),
        ("mistralai/codestral-2508", "codestral-2508"),
        ("/home/jane/models/x.gguf", "x.gguf"),
        ("C:\\Users\\jane\\x.gguf", "x.gguf"),
        ("/home/jane/models/", "models"),
        ("qwen2.5-coder:7b", "qwen2.5-coder:7b"),
        ("=cmd()|'x", "cmd()--x"),
        ("a\x1b[31m\n\ud800", "a--31m--"),
        ("x" * 100, "x" * NAME_CHARS),
        ("https://jane:secret@host", "host"),
        ("https://jane:sec/ret@host/m?api_key=secret", "m"),
        ("https://jane:sec#ret@host", ""),
        ("http://host/v1?api_key=secret#secret", "v1"),
        ("publisher/codestral@2405", "codestral@2405"),
        ("c#", "c#"),
        ("", ""),
    ],
)
def test_names_hold_no_path_and_nothing_odd(name: str, expected: str) -> None:
    """Models are called whatever a server likes."""
    assert cleaned(name) == expected


def test_a_provider_is_counted_without_its_address() -> None:
    """Where somebody's own server stands is nobody's business."""
    labels = Labels(language="go", provider="llama.cpp@http://box:8012", model="m")
    (place, *_) = tally([request(labels=labels)], DAY)
    assert place.series.provider == "llama.cpp"


def test_there_are_not_endlessly_many_names() -> None:
    """What is known keeps its name, what comes after the last one that fits is another."""
    names = [f"name {number}" for number in range(MOST_NAMES + 5)]
    called = bounded(["known", *names], ["known"])
    assert called["known"] == "known"
    assert len(set(called.values())) == MOST_NAMES + 1
    assert called[names[-1]] == OTHER
