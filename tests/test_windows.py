"""Windows of bounds: what slides, what ends with the day, and when there is room again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.reuse.tier import Charge
from codestral_ls.reuse.windows import (
    Bound,
    Wait,
    Window,
    bound_of,
    left_of_day,
    longest_wait,
    take,
    taken,
    turn,
    wait,
)

MINUTE = 60_000
HOUR_LEFT = 3_600_000
DAY = 739_000

amounts = st.integers(0, 50) | st.integers(0, 10**7)
windows = st.builds(Window, number=st.integers(0, 50), taken=amounts, before=amounts)
charges = st.builds(
    Charge,
    st.just("a"),
    amounts,
    st.integers(1, 10**7),
    seconds=st.sampled_from([1, 7, 60]),
    day=st.just(0),
)
times = st.integers(0, 60 * MINUTE)


def request(limit: int = 10, amount: int = 1) -> Charge:
    return Charge("requests", amount, limit)


def test_what_was_taken_a_minute_ago_counts_less_and_less() -> None:
    """All of it as the next minute begins, half of it in its middle, none of it at its end."""
    window = Window(number=1, taken=10)
    assert wait(window, request(), 2 * MINUTE, 0) == 6000
    assert wait(window, request(), 2 * MINUTE + MINUTE // 2, 0) == 0
    assert wait(window, request(amount=6), 2 * MINUTE + MINUTE // 2, 0) > 0
    assert wait(window, request(amount=10), 3 * MINUTE, 0) == 0


def test_a_full_minute_waits_for_the_next_one_to_begin_and_to_fade() -> None:
    """That is longer than the minute itself has left."""
    assert wait(Window(number=1, taken=10), request(), MINUTE + 50_000, 0) > 10_000


def test_what_a_day_took_counts_until_the_day_is_over() -> None:
    """Nothing of it fades."""
    money = Charge("money", 1, 10, day=DAY)
    assert wait(Window(taken=9), money, 0, HOUR_LEFT) == 0
    assert wait(Window(taken=10), money, 0, HOUR_LEFT) == HOUR_LEFT
    assert wait(Window(taken=10), money, 0, 0) == 1


def test_more_than_the_limit_fits_once_when_nothing_else_is_taken() -> None:
    """It would have to wait for ever otherwise; whoever comes after it waits for it to fade."""
    large = request(limit=10, amount=500)
    assert wait(Window(), large, 0, 0) == 0
    assert wait(Window(taken=1), large, 0, 0) > 0
    after = taken({}, [large], 0)[bound_of(large)]
    assert wait(after, request(), 0, 0) > MINUTE


def test_to_take_nothing_needs_room_as_well() -> None:
    """What a call will cost may not be known before it; a bound that is used up is one still."""
    assert wait(Window(taken=9), request(amount=0), 0, 0) == 0
    assert wait(Window(taken=10), request(amount=0), 0, 0) > 0


def test_a_limit_of_0_is_none() -> None:
    """As everywhere in the settings."""
    assert wait(Window(taken=10**9), request(limit=0), 0, 0) == 0


def test_what_is_given_back_was_taken_now_or_in_the_minute_before() -> None:
    """A call may end in another minute than it began in; nobody gains by that."""
    assert take(Window(1, 10, 7), -4) == Window(1, 6, 7)
    assert take(Window(1, 3, 7), -5) == Window(1, 0, 5)
    assert take(Window(1, 3, 7), -50) == Window(1, 0, 0)


def test_a_clock_that_is_put_back_opens_no_bound() -> None:
    """The window goes on as if it had just begun."""
    window = Window(number=5, taken=10)
    assert turn(window, 3 * MINUTE, MINUTE) == window
    assert wait(window, request(), 3 * MINUTE, 0) > 0


def test_after_two_minutes_nothing_is_left() -> None:
    """A pause makes a new beginning."""
    assert turn(Window(1, 10, 10), 3 * MINUTE, MINUTE) == Window(3, 0, 0)


def test_the_bound_that_is_without_room_for_longest_is_named() -> None:
    """To come back when another one has some would be of no use."""
    full = {Bound("a", 60, 0): Window(0, 9, 0), Bound("b", 0, DAY): Window(0, 9, 0)}
    both = [Charge("a", 1, 9), Charge("b", 1, 9, day=DAY), Charge("c", 1, 9)]
    assert longest_wait(full, both, 0, HOUR_LEFT) == Wait("b", HOUR_LEFT)
    assert longest_wait(full, both[2:], 0, HOUR_LEFT) is None
    assert longest_wait(full, both, 0, 1) == Wait("a", wait(Window(0, 9, 0), both[0], 0, 0))


def test_days_and_lengths_are_bounds_of_their_own() -> None:
    """Also if they have one name."""
    made = taken({}, [Charge("a", 1, 9), Charge("a", 2, 9, 7), Charge("a", 3, 9, day=DAY)], 0)
    assert {bound: window.taken for bound, window in made.items()} == {
        Bound("a", 60, 0): 1,
        Bound("a", 7, 0): 2,
        Bound("a", 0, DAY): 3,
    }


@given(window=windows, charge=charges, at=times)
def test_who_waits_as_long_as_told_gets_in_and_not_a_moment_sooner(
    window: Window, charge: Charge, at: int
) -> None:
    """If nobody else takes anything meanwhile."""
    ms = wait(window, charge, at, 0)
    assert wait(window, charge, at + ms, 0) == 0
    if ms:
        assert wait(window, charge, at + ms - 1, 0) == 1


@given(
    window=windows,
    charge=charges,
    at=times,
    amount=st.integers(-1000, 1000),
    later=st.integers(0, 10**5),
)
def test_bounds_only_get_wider_while_time_passes(
    window: Window, charge: Charge, at: int, amount: int, later: int
) -> None:
    """And no amount that is given back makes a window that owes something."""
    bound = bound_of(charge)
    made = taken({bound: window}, [charge._replace(amount=amount)], at)[bound]
    assert made.taken >= 0
    assert made.before >= 0
    assert max(0, wait(made, charge, at, 0) - later) == wait(made, charge, at + later, 0)


@pytest.mark.parametrize("per_minute", [1, 7, 60, 1000])
def test_nobody_gets_more_than_twice_the_limit_in_any_minute(per_minute: int) -> None:
    """And over a long time, no more than the limit: asked for all the time, by whoever waits."""
    charge = request(limit=per_minute)
    state: dict[Bound, Window] = {}
    at, given_at = 0, []
    while at < 20 * MINUTE:
        longest = longest_wait(state, [charge], at, 0)
        if longest is None:
            state |= taken(state, [charge], at)
            given_at.append(at)
        else:
            at += longest.ms
    most = max(sum(begin <= each < begin + MINUTE for each in given_at) for begin in given_at[::50])
    assert most <= 2 * per_minute
    assert len(given_at) <= per_minute * 21


def test_a_day_ends_at_the_same_moment_everywhere() -> None:
    """Of UTC, as those that are named in charges."""
    noon = 1_795_521_600.0
    assert left_of_day(noon) == 12 * HOUR_LEFT
    assert left_of_day(noon + 12 * 3600 - 0.001) == 1
    assert left_of_day(noon + 12 * 3600) == 24 * HOUR_LEFT
