"""The limit of a day: what is counted, when it warns, and when it is empty."""

from codestral_ls.reuse.daily_limit import DailyLimit

TODAY = 739_000


class Days:
    """A day in a test's hands, and the shares at which a limit said that something has changed."""

    def __init__(self, requests: int = 0, money: float = 0.0) -> None:
        self.today = TODAY
        self.said: list[float] = []
        self.daily_limit = DailyLimit(
            lambda: self.today, lambda: self.said.append(self.daily_limit.share)
        )
        self.daily_limit.bound(requests, money)


def daily_limit(requests: int = 0, money: float = 0.0) -> tuple[DailyLimit, list[float]]:
    days = Days(requests, money)
    return days.daily_limit, days.said


def test_without_a_bound_nothing_is_ever_spent() -> None:
    """A bound of 0 is none."""
    each, said = daily_limit()
    each.begin()
    each.pay(1000.0)
    assert (each.share, each.is_spent, each.words, said) == (0, False, "", [])


def test_requests_warn_at_80_percent_and_end_at_the_bound() -> None:
    """Each is told once."""
    each, said = daily_limit(requests=10)
    for count in range(1, 13):
        each.begin()
        assert each.is_spent is (count >= 10)
        assert bool(each.words) is (count >= 8)
    assert said == [0.8, 1.0]
    assert "12 of 10 requests" in each.words
    assert "`daily_requests`" in each.words


def test_money_is_counted_beside_requests() -> None:
    """What is nearer to its bound counts, and is named."""
    each, said = daily_limit(requests=100, money=2.0)
    each.begin()
    each.pay(1.7)
    assert each.share == 0.85
    assert "1.70 of 2.00" in each.words
    assert "`daily_budget`" in each.words
    each.pay(0.5)
    assert each.is_spent
    assert len(said) == 2


def test_a_new_day_begins_anew_and_that_is_told() -> None:
    """What was spent yesterday is over, also if the first call of today ends at the bound."""
    days = Days(requests=2)
    each = days.daily_limit
    each.begin()
    each.begin()
    assert each.is_spent
    days.today += 1
    assert (each.is_spent, each.words) == (False, "")
    each.begin()
    assert each.share == 0.5
    assert days.said == [1.0, 0.5]


def test_totals_of_all_servers_count_and_own_calls_are_not_forgotten() -> None:
    """The larger of both: what was written down lags behind."""
    each, said = daily_limit(requests=10, money=1.0)
    for _ in range(3):
        each.begin()
    each.learn(TODAY, 2, 0.0)
    assert each.share == 0.3
    each.learn(TODAY, 7, 0.25)
    assert each.share == 0.7
    each.begin()
    assert each.share == 0.8
    each.learn(TODAY, 7, 1.5)
    assert each.share == 1.5
    assert len(said) == 2


def test_totals_of_another_day_are_of_no_use_today() -> None:
    """Those of yesterday come late; those of tomorrow say that it has come."""
    days = Days(requests=10)
    each = days.daily_limit
    each.begin()
    each.learn(TODAY - 1, 100, 0.0)
    assert each.share == 0.1
    days.today += 1
    each.learn(TODAY + 1, 4, 0.0)
    assert each.share == 0.4


def test_another_bound_counts_at_once() -> None:
    """The user has raised it."""
    each, _ = daily_limit(requests=1)
    each.begin()
    assert each.is_spent
    each.bound(2, 0.0)
    assert each.share == 0.5


def test_calls_under_way_are_held_for_and_paid_at_their_end() -> None:
    """Over midnight as well; a bound of money is not passed by all that begin at once."""
    days = Days(money=1.0)
    each = days.daily_limit
    each.begin(0.25)
    each.begin(0.25)
    assert each.share == 0.5
    each.pay(0.5, 0.25)
    assert each.share == 0.75
    days.today += 1
    assert each.share == 0.25
    each.pay(0.125, 0.25)
    assert each.share == 0.125


def test_a_call_that_never_began_is_not_counted() -> None:
    """Neither as a request nor as money; what is left of yesterday is not taken from today."""
    days = Days(requests=4, money=1.0)
    days.daily_limit.begin(0.75)
    days.daily_limit.undo(0.75)
    assert days.daily_limit.share == 0
    days.daily_limit.begin(0.75)
    days.today += 1
    days.daily_limit.undo(0.75)
    days.daily_limit.begin()
    assert days.daily_limit.share == 0.25


def test_to_reach_another_bound_is_news() -> None:
    """As is to reach that of another day, however suddenly."""
    days = Days(requests=1)
    days.daily_limit.begin()
    days.daily_limit.bound(2, 0.0)
    days.daily_limit.begin()
    assert days.said == [1.0, 1.0]
    days.today += 1
    days.daily_limit.learn(days.today, 5, 0.0)
    assert days.said == [1.0, 1.0, 2.5]


def test_small_sums_are_told_so_that_they_can_be_told_apart() -> None:
    """In as many decimals as show something."""
    days = Days(money=0.004)
    days.daily_limit.pay(0.0035)
    assert days.daily_limit.words.startswith("0.0035 of 0.004 of today")
