"""When to wait, and how often to ask."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.model import Edit, RateLimits
from codestral_ls.reuse.limits import BUCKET, MINUTE, SHARE, Allowance
from codestral_ls.reuse.rhythm import (
    FIRST_WAIT,
    FRUGAL_ELSEWHERE,
    FRUGAL_IN_WORD,
    KNOWN_GAPS,
    LONGEST_WAIT,
    REMOTE_FACTOR,
    Debounce,
    Rhythm,
    pause_seconds,
)
from tests.marked import request


def typing(gap: float, keys: int) -> tuple[Rhythm, float]:
    """The rhythm of so many keys, and the time of the last one."""
    rhythm, now = Rhythm(), 0.0
    for _ in range(keys):
        now += gap
        rhythm.key(now)
    return rhythm, now


def pause(
    marked: str, debounce: Debounce = "auto", gap: float = 0.16, keys: int = 50, later: float = 0.0
) -> float:
    rhythm, now = typing(gap, keys)
    return pause_seconds(request(marked), debounce, rhythm, now + later, REMOTE_FACTOR)


@pytest.mark.parametrize("marked", ["‸\n", "    ‸\n", "x = ‸\n", "foo(‸)\n", "a.‸\n", "x: ‸"])
def test_there_is_no_wait_where_a_word_has_ended(marked: str) -> None:
    """At the start of a line and after anything that is no letter."""
    assert pause(marked) == 0


def test_in_a_word_the_wait_follows_the_users_cadence() -> None:
    """A fast typist waits less, a slow one more, nobody longer than is worth it."""
    assert pause("val‸\n", gap=0.1) == pytest.approx(REMOTE_FACTOR * 0.1)
    assert pause("val‸\n", gap=0.2) == pytest.approx(REMOTE_FACTOR * 0.2)
    assert pause("val‸\n", gap=0.35) == LONGEST_WAIT
    assert pause("val‸\n", gap=0.16, later=0.1) == pytest.approx(REMOTE_FACTOR * 0.16 - 0.1)
    assert pause("val‸\n", gap=0.16, later=5) == 0


def test_until_the_cadence_is_known_the_wait_is_an_average_one() -> None:
    """Pauses for thought tell nothing of it."""
    assert pause("val‸\n", keys=KNOWN_GAPS) == FIRST_WAIT
    assert pause("val‸\n", gap=3.0, keys=100) == FIRST_WAIT


def test_text_that_came_at_once_is_no_word_being_typed() -> None:
    """After accepting, the next piece is wanted now."""
    accepted = replace(request("value‸\n"), edit=Edit.INSERTED)
    rhythm, now = typing(0.16, 50)
    assert pause_seconds(accepted, "auto", rhythm, now, REMOTE_FACTOR) == 0


def test_other_rules_are_what_they_say() -> None:
    """A number of milliseconds, or the frugal rule."""
    assert pause("val‸\n", 120) == pause("x = ‸\n", 120) == 0.12
    assert pause("val‸\n", "frugal") == FRUGAL_IN_WORD
    assert pause("x = ‸\n", "frugal") == FRUGAL_ELSEWHERE


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def sent_at(limit: int, gaps: list[float]) -> list[float]:
    """When requests go out that are wanted after these gaps, the newest taking the next slot."""
    hand = Hand()
    allowance = Allowance(hand, requests=limit)
    times = []
    for gap in gaps:
        hand.now += gap
        if allowance.wait_seconds(100) <= 0:
            allowance.spend(100)
            times.append(hand.now)
    return times


@given(
    limit=st.integers(1, 120),
    gaps=st.lists(st.floats(0.0, 5.0, allow_nan=False), min_size=1, max_size=400),
)
def test_no_minute_holds_more_requests_than_the_limit(limit: int, gaps: list[float]) -> None:
    """Bucket and refill together stay within it, wherever the minute begins."""
    times = sent_at(limit, gaps)
    for start in times:
        assert sum(start <= each < start + MINUTE for each in times) <= limit


def test_the_first_requests_go_out_at_once_and_the_rest_in_time() -> None:
    """A burst of typing is what the bucket is for."""
    assert len(sent_at(60, [0.0] * 20)) == BUCKET
    assert len(sent_at(60, [0.1] * 6000)) == pytest.approx(10 * 60 * SHARE, rel=0.1)


def test_without_a_limit_nothing_waits() -> None:
    """Most keys tell theirs with the first reply."""
    assert len(sent_at(0, [0.0] * 100)) == 100


def test_limits_are_learned_from_replies() -> None:
    """The lower one of what the user and the endpoint say counts; nothing left means waiting."""
    hand = Hand()
    allowance = Allowance(hand, requests=100)
    allowance.learn(RateLimits(requests=30, requests_left=29))
    for _ in range(BUCKET):
        allowance.spend(10)
    assert allowance.wait_seconds(10) > 0
    fresh = Allowance(hand)
    fresh.learn(RateLimits(requests=60, requests_left=0))
    assert fresh.wait_seconds(10) == pytest.approx(1.0)


def test_tokens_count_too() -> None:
    """A request waits until enough of the last minute's tokens have passed out of it."""
    hand = Hand()
    allowance = Allowance(hand, tokens=10_000)
    allowance.spend(5000)
    hand.now += 20
    allowance.spend(4000)
    assert allowance.wait_seconds(1000) == pytest.approx(40)
    hand.now += 41
    assert allowance.wait_seconds(1000) == 0


def test_nothing_is_asked_ahead_when_little_is_left() -> None:
    """The last slot is for what the user wants."""
    allowance = Allowance(Hand(), requests=30)
    assert allowance.has_room()
    for _ in range(BUCKET - 1):
        allowance.spend(10)
    assert not allowance.has_room()
