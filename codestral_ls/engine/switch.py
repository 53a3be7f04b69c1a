"""Ghost text off and on at a key: by a switch, or for a while."""

import asyncio
import math
from collections.abc import Callable

from codestral_ls.reuse.pace import Clock

MINUTE = 60.0


class Switch:
    """What was switched by hand, beside the settings; `changed` is called when it changes.

    A pause needs a running event loop, in which it comes to its end.
    """

    def __init__(self, clock: Clock, changed: Callable[[], None], *, enabled: bool) -> None:
        self._clock = clock
        self._changed = changed
        self._enabled = enabled
        self._chosen: bool | None = None
        self._until = 0.0
        self._end: asyncio.Task[None] | None = None

    @property
    def is_on(self) -> bool:
        """Whether there is ghost text at all: what was chosen last counts."""
        return self._enabled if self._chosen is None else self._chosen

    @property
    def snoozed_for(self) -> float:
        """Seconds that are left of the pause; 0 if there is none."""
        return max(0.0, self._until - self._clock.now()) if self._until else 0.0

    @property
    def words(self) -> str:
        """Why there is nothing; "" if only the settings say so."""
        if not self.is_on:
            return "switched off by hand, until it is switched on again" if self._enabled else ""
        minutes = math.ceil(self.snoozed_for / MINUTE)
        return f"for another {minutes} min" if minutes else ""

    def follow(self, *, enabled: bool) -> None:
        """Takes the setting, which has the last word until the switch is used again."""
        self._enabled, self._chosen = enabled, None

    def toggle(self) -> bool:
        """Switches ghost text off, or on; returns whether it is on now."""
        self._chosen = not self.is_on
        self._changed()
        return self._chosen

    def pause(self, seconds: float) -> None:
        """No ghost text while typing for so long, from now on."""
        self.close()
        self._until = self._clock.now() + seconds
        self._end = asyncio.create_task(self._resume_after(seconds))
        self._changed()

    def resume(self) -> None:
        """Ends the pause, if there is one."""
        self.close()
        if self._until:
            self._until = 0.0
            self._changed()

    def close(self) -> None:
        """Waits for nothing any more."""
        if self._end is not None and self._end is not asyncio.current_task():
            self._end.cancel()
        self._end = None

    async def _resume_after(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self.resume()
