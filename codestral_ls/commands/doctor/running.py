"""Runs checks: all at once that do not depend on each other, and none longer than it may."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

from codestral_ls.commands.doctor.findings import (
    Check,
    Finding,
    Result,
    failed,
    unchecked,
)

TIDY_SECONDS = 0.5
"""For checks that were broken off, to end the processes that they have started."""
NO_TIME = "no time was left for it"


class Run:
    """One run of checks, which share a deadline: `until` on the clock `now`."""

    def __init__(self, *, until: float, now: Callable[[], float]) -> None:
        self._until, self._now = until, now
        self._tasks: dict[str, asyncio.Task[Result]] = {}
        self._looks: set[asyncio.Task[Finding]] = set()

    @property
    def seconds_left(self) -> float:
        """Until the deadline; never negative."""
        return max(0.0, self._until - self._now())

    async def results(self, checks: Sequence[Check]) -> AsyncIterator[Result]:
        """The results in the order of the checks, each as soon as it and those before are there.

        What a check needs comes before it, here or in an earlier call.
        """
        for check in checks:
            before = dict(self._tasks)
            self._tasks[check.name] = asyncio.create_task(self._result(check, before))
        for check in checks:
            yield await self._tasks[check.name]

    def break_off(self) -> None:
        """Ends all that is still looked at."""
        for look in self._looks:
            look.cancel()

    async def tidy(self) -> bool:
        """Waits a little for what was broken off; False if something did not end even so."""
        if self._looks:
            await asyncio.wait(self._looks, timeout=TIDY_SECONDS)
        return all(look.done() for look in self._looks)

    async def _result(self, check: Check, tasks: Mapping[str, asyncio.Task[Result]]) -> Result:
        for need in check.needs:
            blocker = (await tasks[need]).blocker
            if blocker:
                finding = unchecked(f"not looked at, because of: {blocker}")
                return Result(name=check.name, finding=finding, blocked_by=blocker)
        seconds = min(check.seconds, self.seconds_left)
        if not seconds:
            return Result(name=check.name, finding=unchecked(NO_TIME), blocked_by=check.name)
        began = self._now()
        looking = asyncio.create_task(_look(check))
        self._looks.add(looking)
        # Not a time-out that cancels and waits: what hangs in a thread may never end.
        done, _ = await asyncio.wait({looking}, timeout=seconds)
        if not done:
            looking.cancel()
        finding = looking.result() if done else failed(f"no result in {seconds:.2g} s", check.late)
        return Result(
            name=check.name, finding=finding, seconds=self._now() - began, is_late=not done
        )


async def _look(check: Check) -> Finding:
    try:
        return await check.look()
    except Exception as error:  # noqa: BLE001 - one check that breaks must not hide the others
        return mistake(error)


def mistake(error: Exception) -> Finding:
    """What an error of our own comes to: its kind and its place, since its words may be secret."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__} in line {place.lineno} of {Path(place.filename).name}"
    return failed(f"the check itself has failed: {where}", "Please report this as a bug.")
