"""Whether a server beside us can be used, when it is looked at again, and what is said of it."""

import logging
from collections.abc import Callable

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0
"""Seconds between two looks, doubled with each that finds nothing."""
QUIET_SECONDS = 60.0
"""One that comes and goes is reported once in this time, not at each turn."""

log = logging.getLogger(__name__)


class Absence:
    """A server is there until it fails, and again when a look at it says so."""

    def __init__(self, place: str, now: Callable[[], float]) -> None:
        self._place = place
        self._now = now
        self._reason = ""
        self._pause = FIRST_PAUSE
        self._told = False
        self._told_at = float("-inf")
        self._back_at = float("-inf")

    @property
    def is_well(self) -> bool:
        """Whether it can be used."""
        return not self._reason

    def begin(self, reason: str) -> bool:
        """It has failed; whether that was not known yet."""
        begun = self.is_well
        self._reason = reason
        if begun and self._now() - self._back_at > QUIET_SECONDS:
            self._pause = FIRST_PAUSE
        self._tell()
        return begun

    def pause(self) -> float:
        """How long to wait before the next look."""
        pause, self._pause = self._pause, min(LONGEST_PAUSE, 2 * self._pause)
        return pause

    def end(self) -> None:
        """It is there again."""
        if self.is_well:
            return
        self._reason = ""
        self._back_at = self._now()
        if self._told:
            self._told = False
            # As loud as that it was gone: whoever has read that waits for this.
            log.warning("Redis at %s is used again: texts and limits are shared.", self._place)

    def _tell(self) -> None:
        if self._told or self._now() - self._told_at < QUIET_SECONDS:
            return
        self._told, self._told_at = True, self._now()
        log.warning(
            "Redis at %s is not used for now, because %s. Nobody has to wait for it: until it is"
            " back, texts and limits are this gateway's own, and calls are not shared with others.",
            self._place,
            self._reason,
        )
