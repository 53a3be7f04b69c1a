"""The script that Redis runs reckons as windows.py does: compared in a real Redis."""

from collections.abc import Iterator, Sequence

import pytest
import redis
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from codestral_ls.reuse.redis_scripts import TAKE
from codestral_ls.reuse.tier import Charge
from codestral_ls.reuse.windows import Bound, Window, bound_of, longest_wait, taken
from tests.redis_server import redis_server

pytestmark = pytest.mark.redis

SCRIPT = "local now = tonumber(table.remove(ARGV))\n" + TAKE
"""With a clock that the test sets."""
LEFT = 12_345

amounts = st.integers(-20, 20) | st.integers(-(10**7), 10**7) | st.sampled_from([0, 10**12, 2**45])
limits = st.integers(0, 30) | st.integers(0, 10**7) | st.sampled_from([10**12, 2**46])
charges = st.builds(
    Charge,
    st.sampled_from("ab"),
    amounts,
    limits,
    seconds=st.sampled_from([1, 60]),
    day=st.sampled_from([0, 0, 739_000]),
)
steps = st.tuples(
    st.integers(0, 900) | st.integers(0, 90_000),
    st.sampled_from(["ask", "ask", "settle"]),
    st.lists(charges, max_size=4, unique_by=bound_of),
)


@pytest.fixture(scope="module")
def connection() -> Iterator["redis.Redis"]:
    """A real Redis, spoken to without a tier."""
    with redis_server() as server, redis.Redis(port=server.port) as client:
        yield client


def in_redis(
    connection: "redis.Redis", mode: str, charges: Sequence[Charge], now: int
) -> list[int]:
    keys = [str(bound_of(charge)) for charge in charges]
    values: list[str | int] = [mode]
    for charge in charges:
        length = 0 if charge.day else charge.seconds * 1000
        values += [charge.amount, charge.limit, length, LEFT]
    answer = connection.eval(SCRIPT, len(keys), *keys, *values, now)
    assert isinstance(answer, list)
    return answer


def in_python(
    windows: dict[Bound, Window], mode: str, charges: Sequence[Charge], now: int
) -> list[int]:
    longest = longest_wait(windows, charges, now, LEFT) if mode == "ask" else None
    if longest is not None:
        waits = [longest_wait(windows, [charge], now, LEFT) for charge in charges]
        return [1 + [each.ms if each else 0 for each in waits].index(longest.ms), longest.ms]
    windows |= taken(windows, charges, now)
    return [0, *(windows[bound_of(charge)].taken for charge in charges)]


def requests(amount: int) -> list[Charge]:
    return [Charge("a", amount, 10)]


@example(
    begin=0,
    play=[
        (0, "settle", requests(10)),
        (60_000, "settle", requests(1)),
        (0, "settle", requests(-5)),
        (0, "ask", requests(6)),
        (0, "ask", requests(6)),
    ],
)
@given(begin=st.integers(0, 2 * 10**12), play=st.lists(steps, max_size=12))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_redis_and_memory_come_to_the_same_results(
    connection: "redis.Redis", begin: int, play: list[tuple[int, str, list[Charge]]]
) -> None:
    """Step by step, to the last digit: who is let in, who waits, for how long, what is taken."""
    connection.flushall()
    windows: dict[Bound, Window] = {}
    now = begin
    for pause, mode, made in play:
        now += pause
        expected = in_python(windows, mode, made, now)
        assert in_redis(connection, mode, made, now) == expected


def test_what_counts_no_longer_is_forgotten_by_redis(connection: "redis.Redis") -> None:
    """A window after the next one, a day after tomorrow."""
    connection.flushall()
    made = [Charge("a", 1, 9), Charge("b", 1, 9, day=739_000)]
    in_redis(connection, "ask", made, 0)
    lives = [connection.pttl(str(bound_of(charge))) for charge in made]
    assert lives[0] == pytest.approx(120_000, abs=30_000)
    assert lives[1] == pytest.approx(172_800_000, abs=30_000)
