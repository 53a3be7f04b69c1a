"""Never too often: debounce, superseding, and the pause after an error. The clock is injected."""

import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio

from codestral_ls.errors import FimError, RateLimited, Refused, TimedOut

REFUSED_SECONDS = 300.0
"""Nobody mends a key or a model's name between two keystrokes; a change of settings ends it."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds after the first failure of a server, doubled with each further one."""
RATE_LIMIT_SECONDS = 10.0
"""After the first 429 that does not say how long, doubled with each further one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Seconds that only go forward, a way to let them pass, and what the clock on the wall says."""

    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    epoch: Callable[[], float] = time.time


def seconds_left(epoch: float) -> float:
    """How many seconds the day has left at some time, where the user is."""
    tomorrow = datetime.fromtimestamp(epoch).astimezone().date() + timedelta(days=1)
    return datetime.combine(tomorrow, datetime.min.time()).astimezone().timestamp() - epoch


SYSTEM_CLOCK = Clock(now=time.monotonic, sleep=anyio.sleep)


class Lanes:
    """At most one request is under way in a lane: entering it supersedes who is there."""

    def __init__(self) -> None:
        self._scopes: dict[str, anyio.CancelScope] = {}

    @contextmanager
    def enter(self, lane: str) -> Iterator[anyio.CancelScope]:
        """A scope that the next one to enter cancels; `cancel_called` says so."""
        self.clear(lane)
        with anyio.CancelScope() as scope:
            self._scopes[lane] = scope
            try:
                yield scope
            finally:
                if self._scopes.get(lane) is scope:
                    del self._scopes[lane]

    def clear_all(self) -> None:
        """Supersedes everybody."""
        for lane in tuple(self._scopes):
            self.clear(lane)

    def clear(self, lane: str) -> None:
        """Supersedes whoever is in the lane."""
        occupant = self._scopes.pop(lane, None)
        if occupant is not None:
            occupant.cancel()


class Breaker:
    """Keeps requests back after a failure, and lets a single one through to see if it is over."""

    def __init__(
        self, now: Callable[[], float], jitter: Callable[[], float] = random.random
    ) -> None:
        self._now = now
        self._jitter = jitter
        self._cause: FimError | None = None
        self._until = 0.0
        self._failures = 0
        self._probing = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing has failed lately."""
        return self._cause is None

    @property
    def cause(self) -> FimError | None:
        """The failure since which nothing was answered; None while all is well."""
        return self._cause

    @property
    def retry_in(self) -> float:
        """Seconds until a request may try again; 0 if it may now."""
        return max(0.0, self._until - self._now()) if self._cause is not None else 0.0

    @property
    def is_due(self) -> bool:
        """Whether something has failed, and it is time to see if that is over."""
        return self._cause is not None and self._now() >= self._until

    @property
    def lets_pass(self) -> bool:
        """Whether a request may go out that somebody else could answer as well.

        A rate limit is over when its time is, and what it says it says at once. Of anything else
        nobody knows, and to find out may take as long as the deadline.
        """
        return self.is_closed or (self.is_due and isinstance(self._cause, RateLimited))

    def blocked_by(self, *, invoked: bool) -> FimError | None:
        """The failure for which a request must not be sent now.

        One that the user asks for goes through, except into a rate limit.
        """
        cause = self._cause
        if cause is None or (invoked and not isinstance(cause, RateLimited)):
            return None
        return cause if self._now() < self._until else None

    def probe(self) -> None:
        """A call goes out: after a failure it is the only one, until it is known how it went."""
        if self._cause is not None:  # if it comes to nothing, the next one may try in a second
            self._until = self._now() + FIRST_PAUSE
            self._probing = True

    def fail(self, error: FimError) -> None:
        """A call has failed. A first missed deadline is bad luck, not a state.

        Those that were under way by then, and fail as well, are no further failures.
        """
        under_way = self._cause is not None and not self._probing and self._now() < self._until
        self._failures += not under_way
        self._probing = False
        if isinstance(error, TimedOut) and self._failures == 1:
            return
        self._cause = error
        self._until = self._now() + self._pause(error)

    def succeed(self) -> None:
        """A call has been answered."""
        self._cause = None
        self._failures = 0
        self._probing = False

    def _pause(self, error: FimError) -> float:
        if isinstance(error, Refused):
            return REFUSED_SECONDS
        if isinstance(error, RateLimited) and error.retry_after:
            return error.retry_after
        first = RATE_LIMIT_SECONDS if isinstance(error, RateLimited) else FIRST_PAUSE
        grown = min(LONGEST_PAUSE, first * 2.0 ** min(self._failures - 1, 10))
        return grown * (1 + self._jitter() / 4)  # not all editors of a team at the same moment
