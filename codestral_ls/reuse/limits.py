"""Never over the rate limit: a small bucket, in which the newest request takes the next free slot.

What the limit is comes from the settings or from the endpoint's headers. Pure but for the clock
that is handed in.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from codestral_ls.model import RateLimits

MINUTE = 60.0
BUCKET = 4
"""Requests that may go out at once. Measured by simulation: 3 to 5 lose nothing against an exact
window at 60 a minute, 10 lose two points of keys saved at 30."""
SHARE = 0.9
"""Of the limit: the rest is for others who use the same key."""


@dataclass(slots=True)
class _Spent:
    at: float
    tokens: int


class Allowance:
    """When the next request may go out under a limit of requests and of tokens per minute.

    A limit of 0 is none. The bucket and its refill together stay within the limit in any minute.
    """

    def __init__(self, now: Callable[[], float], requests: int = 0, tokens: int = 0) -> None:
        self._now = now
        self._chosen = RateLimits(requests=requests, tokens=tokens)
        self._requests, self._tokens = requests, tokens
        self._filled_at, self._bucket = now(), float(BUCKET)
        self._blocked_until = 0.0
        self._spent: deque[_Spent] = deque()

    def learn(self, limits: RateLimits) -> None:
        """Takes over what the endpoint says of itself; the lower of two limits counts."""
        if not self._requests:  # nothing was counted so far but this first call
            self._bucket, self._filled_at = BUCKET - 1.0, self._now()
        self._requests = _lower(self._chosen.requests, limits.requests)
        self._tokens = _lower(self._chosen.tokens, limits.tokens)
        no_request_left = limits.requests > 0 >= limits.requests_left
        no_token_left = limits.tokens > 0 >= limits.tokens_left
        if no_request_left or no_token_left:
            self._blocked_until = self._now() + MINUTE / max(1, self._requests)

    def wait_seconds(self, tokens: int) -> float:
        """How long a request of so many tokens has to wait."""
        now = self._now()
        return max(
            self._blocked_until - now, self._for_a_slot(now), self._for_tokens(now, tokens), 0.0
        )

    def has_room(self) -> bool:
        """Whether there is enough left for a request that nobody has asked for."""
        now = self._now()
        free = now >= self._blocked_until and self._for_tokens(now, self._largest()) <= 0
        return free and (not self._requests or self._filled(now) >= 2)  # noqa: PLR2004 - one stays for the user

    def _largest(self) -> int:
        return max((each.tokens for each in self._spent), default=0)

    def spend(self, tokens: int) -> None:
        """A request of so many tokens goes out."""
        now = self._now()
        self._bucket, self._filled_at = max(0.0, self._filled(now) - 1), now
        self._spent.append(_Spent(now, tokens))

    def give_back(self, tokens: int) -> None:
        """The last request of so many tokens has not gone out after all."""
        self._bucket = min(self._size(), self._bucket + 1)
        for each in reversed(self._spent):
            if each.tokens == tokens:
                self._spent.remove(each)
                return

    def _size(self) -> float:
        return min(BUCKET, max(1.0, self._requests * SHARE / 2))

    def _rate(self) -> float:
        """Slots per second: what the limit leaves once the bucket has been emptied."""
        return max(0.5, self._requests * SHARE - self._size()) / MINUTE

    def _filled(self, now: float) -> float:
        return min(self._size(), self._bucket + (now - self._filled_at) * self._rate())

    def _for_a_slot(self, now: float) -> float:
        if not self._requests:
            return 0.0
        return max(0.0, (1 - self._filled(now)) / self._rate())

    def _for_tokens(self, now: float, tokens: int) -> float:
        while self._spent and self._spent[0].at <= now - MINUTE:
            self._spent.popleft()
        over = sum(each.tokens for each in self._spent) + tokens - self._tokens * SHARE
        if not self._tokens or over <= 0:
            return 0.0
        for each in self._spent:
            over -= each.tokens
            if over <= 0:
                return each.at + MINUTE - now
        return self._spent[-1].at + MINUTE - now if self._spent else 0.0


def _lower(one: int, other: int) -> int:
    return min(one, other) if one and other else one or other
