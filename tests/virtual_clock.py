"""A clock that stands still until a test lets time pass."""

import asyncio
import heapq

from codestral_ls.reuse.pace import Clock


class VirtualTime:
    """Time for an engine under test: `pass_time` wakes whoever has slept long enough."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self.clock = Clock(now=lambda: self._now, sleep=self._sleep)

    @property
    def sleeping(self) -> int:
        """How many wait for time to pass."""
        return sum(not waker.done() for _, _, waker in self._sleepers)

    async def pass_time(self, seconds: float) -> None:
        """Moves time on and lets everybody act who can."""
        await settle()
        self.wake(seconds)
        await settle()

    def wake(self, seconds: float) -> None:
        """Moves time on; whoever has slept long enough runs when tasks do."""
        self._now += seconds
        while self._sleepers and self._sleepers[0][0] <= self._now:
            waker = heapq.heappop(self._sleepers)[2]
            if not waker.done():
                waker.set_result(None)

    async def _sleep(self, seconds: float) -> None:
        waker = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, id(waker), waker))
        await waker


async def settle() -> None:
    """Lets all tasks run until they wait for something."""
    for _ in range(20):
        await asyncio.sleep(0)
