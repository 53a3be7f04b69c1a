"""What calls may cost in a day: counted, warned of and bounded. Pure; `today` is handed in."""

from collections.abc import Callable
from enum import IntEnum

WARNED_SHARE = 0.8
"""Of the day's bound, from which on the user is told."""


class _Band(IntEnum):
    """How near the bound is."""

    FAR = 0
    NEAR = 1
    REACHED = 2


class DailyLimit:
    """Calls and money of one day, for all servers that tell each other; a new day begins anew.

    What calls under way will cost at least is held back for them: many at once would all begin
    before the first one is paid. A bound of 0 is none. `changed` is called when the share passes
    what the user should know of.
    """

    def __init__(self, today: Callable[[], int], changed: Callable[[], None]) -> None:
        self._today = today
        self._changed = changed
        self._most_requests, self._most_money = 0, 0.0
        self._day, self._requests, self._cost = 0, 0, 0.0
        self._held = 0.0
        self._told = (0, _Band.FAR)

    def bound(self, requests: int, money: float) -> None:
        """Takes the most that a day may cost."""
        self._most_requests, self._most_money = requests, money
        self._told = self._to_tell

    @property
    def is_bound(self) -> bool:
        """Whether there is a bound at all."""
        return bool(self._most_requests or self._most_money)

    def begin(self, held: float = 0.0) -> None:
        """A call goes out that will cost so much at least."""
        self._count(requests=1, held=held)

    def undo(self, held: float = 0.0) -> None:
        """One has not gone out after all."""
        self._count(requests=-1, held=-held)

    def pay(self, cost: float, held: float = 0.0) -> None:
        """A call has cost something; what was held back for it is free again."""
        self._count(cost=cost, held=-held)

    def learn(self, day: int, requests: int, cost: float) -> None:
        """Totals of a day from everybody who counts; own calls may not be in them yet."""
        if day < self._day:
            return
        self._turn(day)
        self._requests, self._cost = max(self._requests, requests), max(self._cost, cost)
        self._tell()

    @property
    def share(self) -> float:
        """How much of the day's bound is used up: 1 is all of it, 0 without a bound."""
        requests, money = self._spent()
        of_requests = requests / self._most_requests if self._most_requests else 0.0
        return max(of_requests, money / self._most_money if self._most_money else 0.0)

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may go out today."""
        return self.share >= 1

    @property
    def words(self) -> str:
        """What is used up, and what can be done about it; "" while that is far."""
        band = self._band
        if band is _Band.FAR:
            return ""
        requests, cost = self._spent()
        money = cost / self._most_money if self._most_money else 0.0
        if self._most_requests and requests / self._most_requests >= money:
            used = f"{requests} of {self._most_requests} requests"
            setting = "daily_requests"
        else:
            used, setting = f"{_sum(cost)} of {_sum(self._most_money)}", "daily_budget"
        if band is _Band.NEAR:
            return f"{used} of today are used up. `{setting}` is the bound."
        return f"{used} of today are used up. Raise `{setting}`, or wait until tomorrow."

    @property
    def _band(self) -> _Band:
        share = self.share
        return _Band((share >= WARNED_SHARE) + (share >= 1))

    def _spent(self) -> tuple[int, float]:
        """Requests and money of today, with what calls under way will cost."""
        if self._today() != self._day:
            return 0, self._held
        return self._requests, self._cost + self._held

    def _count(self, *, requests: int = 0, cost: float = 0.0, held: float = 0.0) -> None:
        self._turn(self._today())
        self._requests = max(0, self._requests + requests)
        self._cost += cost
        self._held = max(0.0, self._held + held)
        self._tell()

    def _turn(self, day: int) -> None:
        if day != self._day:
            self._day, self._requests, self._cost = day, 0, 0.0

    @property
    def _to_tell(self) -> tuple[int, _Band]:
        """Near or reached are news on each day again; to be far from the bound is none."""
        band = self._band
        return (self._day if band else 0), band

    def _tell(self) -> None:
        before, self._told = self._told, self._to_tell
        if self._told != before:
            self._changed()


def _sum(money: float) -> str:
    """Money in two decimals, or in as many as show something of it."""
    return f"{money:.2f}" if money >= 0.1 or not money else f"{money:.2g}"  # noqa: PLR2004 - tenths
