"""The pause after an error."""

import pytest

from codestral_ls.errors import FimError, RateLimited, Refused, TimedOut, Unavailable
from codestral_ls.reuse.pace import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    RATE_LIMIT_SECONDS,
    REFUSED_SECONDS,
    Breaker,
)


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (Refused("no"), REFUSED_SECONDS),
        (RateLimited("slow", retry_after=7.0), 7.0),
        (RateLimited("slow"), RATE_LIMIT_SECONDS),
        (Unavailable("down"), FIRST_PAUSE),
    ],
)
def test_requests_are_kept_back_for_as_long_as_the_cause_asks(
    hand: Hand, error: FimError, seconds: float
) -> None:
    """Nothing goes out before the pause is over, then a single probe."""
    breaker = Breaker(hand, jitter=lambda: 0.0)
    breaker.fail(error)
    hand.now += seconds - 0.1
    assert breaker.blocked_by(invoked=False) is error
    hand.now += 0.2
    assert breaker.blocked_by(invoked=False) is None
    breaker.probe()
    assert breaker.blocked_by(invoked=False) is error


def test_success_ends_the_pause(hand: Hand) -> None:
    """After an answer requests flow as before."""
    breaker = Breaker(hand, jitter=lambda: 0.0)
    breaker.fail(Unavailable("down"))
    breaker.succeed()
    assert breaker.blocked_by(invoked=False) is None


def test_pauses_grow_with_each_failure_up_to_a_minute(hand: Hand) -> None:
    """A server that stays down is asked ever more rarely."""
    breaker = Breaker(hand, jitter=lambda: 0.0)
    pauses = []
    for _ in range(8):
        breaker.fail(Unavailable("down"))
        start = hand.now
        while breaker.blocked_by(invoked=False) is not None:
            hand.now += 0.5
        pauses.append(hand.now - start)
    assert pauses == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE]


def test_rate_limits_that_do_not_say_how_long_grow_as_well(hand: Hand) -> None:
    """A key that stays over its limit is used ever more rarely."""
    breaker = Breaker(hand, jitter=lambda: 0.0)
    for seconds in (RATE_LIMIT_SECONDS, 2 * RATE_LIMIT_SECONDS, 4 * RATE_LIMIT_SECONDS):
        breaker.fail(RateLimited("slow"))
        hand.now += seconds - 0.1
        assert breaker.blocked_by(invoked=False) is not None
        hand.now += 0.2
        assert breaker.blocked_by(invoked=False) is None


def test_a_thousand_failures_are_survived(hand: Hand) -> None:
    """A machine that is offline for a week."""
    breaker = Breaker(hand, jitter=lambda: 0.0)
    for _ in range(2000):
        breaker.fail(Unavailable("down"))
    hand.now += LONGEST_PAUSE + 1
    assert breaker.blocked_by(invoked=False) is None


def test_one_missed_deadline_is_bad_luck_and_two_are_a_state(hand: Hand) -> None:
    """A single slow answer does not silence the next one."""
    breaker = Breaker(hand, jitter=lambda: 0.0)
    breaker.fail(TimedOut("late"))
    assert breaker.blocked_by(invoked=False) is None
    breaker.fail(TimedOut("late"))
    assert breaker.blocked_by(invoked=False) is not None


def test_pauses_differ_a_little() -> None:
    """Not all editors of a team come back at the same moment."""
    hand = Hand()
    breaker = Breaker(hand, jitter=lambda: 1.0)
    breaker.fail(Unavailable("down"))
    hand.now += 1.2 * FIRST_PAUSE
    assert breaker.blocked_by(invoked=False) is not None
    hand.now += 0.1 * FIRST_PAUSE
    assert breaker.blocked_by(invoked=False) is None


def test_an_explicit_trigger_goes_through_except_into_a_rate_limit(hand: Hand) -> None:
    """Who asks by hand may have mended what was wrong."""
    breaker = Breaker(hand, jitter=lambda: 0.0)
    breaker.fail(Refused("no"))
    assert breaker.blocked_by(invoked=True) is None
    breaker.fail(RateLimited("slow"))
    assert breaker.blocked_by(invoked=True) is not None
