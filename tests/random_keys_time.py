"""Time that passes only when a simulated editor waits, for the server and its client alike."""

import asyncio
import heapq
import random
from collections.abc import Callable

from tests.virtual_clock import VirtualTime, settle

HASTE = 0.15
"""Of all pauses and keys, those that come while something is on its way to the client."""
MOST_TURNS = 20
"""Turns of the event loop until all has arrived."""


class Alarm:
    """Something that a client will do; cancelled, it does not."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act
        self.is_set = True

    def cancel(self) -> None:
        """Calls it off."""
        self.is_set = False


class Timeline(VirtualTime):
    """A virtual clock that also wakes clients, and skips the time in which nothing is due."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = random.Random(f"time {seed}")  # noqa: S311 - the same every time
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._count = 0

    @property
    def now(self) -> float:
        """The present time."""
        return self._now

    def set_alarm(self, seconds: float, act: Callable[[], None]) -> Alarm:
        """Has something done later."""
        alarm = Alarm(act)
        self._count += 1
        heapq.heappush(self._alarms, (self._now + seconds, self._count, alarm))
        return alarm

    async def _sleep(self, seconds: float) -> None:
        """As it is, but of two who wake at the same moment, the first to sleep comes first.

        Without that, a run played again would not be the same one.
        """
        waker = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._now + seconds, self._count, waker))
        await waker

    async def let_pass(self, seconds: float) -> None:
        """Lets time pass from one thing that is due to the next; in haste, to the first only."""
        end = self._now + seconds
        await settle()
        hasty = self.is_hasty()
        while (due := min(end, self._next_due())) < end:
            self._go_to(due)
            if hasty:
                for _ in range(self._dice.randrange(MOST_TURNS)):
                    await asyncio.sleep(0)
                return
            await settle()
        self._go_to(end)
        await settle()

    async def pass_until(self, happens: Callable[[], bool], seconds: float) -> None:
        """Lets time pass up to the very turn in which something happens, or for so long."""
        end = self._now + seconds
        while True:
            for _ in range(MOST_TURNS):
                if happens():
                    return
                await asyncio.sleep(0)
            if (due := self._next_due()) > end:
                return
            self._go_to(due)

    def is_hasty(self) -> bool:
        """Whether the next thing is done in haste."""
        return self._dice.random() < HASTE

    def _go_to(self, due: float) -> None:
        self._now = max(self._now, due)
        self.wake(0.0)
        while self._alarms and self._alarms[0][0] <= self._now:
            alarm = heapq.heappop(self._alarms)[2]
            if alarm.is_set:
                alarm.act()

    def _next_due(self) -> float:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        while self._alarms and not self._alarms[0][2].is_set:
            heapq.heappop(self._alarms)
        sleepers = self._sleepers[0][0] if self._sleepers else float("inf")
        alarms = self._alarms[0][0] if self._alarms else float("inf")
        return min(sleepers, alarms)
