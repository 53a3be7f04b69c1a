"""The tier of a single server: texts and bounds in its own memory."""

from collections.abc import Sequence

from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock
from codestral_ls.reuse.shelf import Shelf
from codestral_ls.reuse.tier import Charge, Denial
from codestral_ls.reuse.windows import Bound, Window, bound_of, left_of_day, longest_wait, taken

MAX_BYTES = 64_000_000
ENTRY_BYTES = 200
"""What an entry takes beside its key and its value."""
SWEPT_EVERY = 1000
"""Charges, after which windows that are over are forgotten."""


class MemoryTier:
    """Texts, the most recently used longest, and what was taken of bounds."""

    def __init__(self, clock: Clock = SYSTEM_CLOCK, most_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._texts: Shelf[bytes] = Shelf(most_bytes // ENTRY_BYTES, most_bytes, _size)
        self._windows: dict[Bound, Window] = {}
        self._charged = 0

    async def recall(self, key: str) -> bytes | None:
        """What is kept for a key."""
        return self._texts.get(key, self._clock.now())

    async def keep(self, key: str, value: bytes, seconds: float) -> None:
        """Keeps a value for so long, or until others need its room."""
        if seconds > 0:
            self._texts.put(key, value, self._clock.now() + seconds)
        else:
            self._texts.drop(key)

    async def claim(self, key: str, seconds: float) -> bool:  # noqa: ARG002 - of the protocol
        """There is nobody else: calls of one server join each other before they come here."""
        return True

    async def release(self, key: str) -> None:
        """Nothing was claimed."""

    async def charge(self, charges: Sequence[Charge]) -> Denial | None:
        """Takes all of them, or none if one bound has no room."""
        if not charges:
            return None
        left = left_of_day(self._clock.epoch())
        wait = longest_wait(self._windows, charges, self._now(), left)
        if wait is not None:
            return Denial(wait.name, wait.ms / 1000)
        self.take(charges)
        return None

    async def settle(self, charges: Sequence[Charge]) -> None:
        """Takes all of them whatever the bounds are."""
        self.take(charges)

    async def close(self) -> None:
        """Forgets everything."""
        self._texts.clear()
        self._windows.clear()

    @property
    def is_well(self) -> bool:
        """It always is."""
        return True

    def take(self, charges: Sequence[Charge]) -> None:
        """Takes all of them at once."""
        self._windows.update(taken(self._windows, charges, self._now()))
        before, self._charged = self._charged, self._charged + len(charges)
        if before // SWEPT_EVERY != self._charged // SWEPT_EVERY:
            self._sweep()

    def learn(self, charge: Charge, day_taken: int) -> None:
        """Takes over what others know to have been taken of a day."""
        bound = bound_of(charge)
        known = self._windows.get(bound, Window())
        self._windows[bound] = known._replace(taken=max(known.taken, day_taken))

    def _now(self) -> int:
        return int(self._clock.now() * 1000)

    def _sweep(self) -> None:
        """Forgets windows that count no longer, and days before yesterday."""
        today = max((bound.day for bound in self._windows), default=0)
        now = self._now()
        for bound, window in tuple(self._windows.items()):
            over = not bound.day and now // (bound.seconds * 1000) > window.number + 1
            if over or 0 < bound.day < today - 1:
                del self._windows[bound]


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value) + ENTRY_BYTES
