"""When to wait before asking, by the place and by the user's own cadence. Pure."""

from collections import deque
from typing import Literal

from codestral_ls.model import Edit, Request, Snapshot

FAST_GAP = 0.4
"""Seconds; longer gaps between keys are thought, not typing."""
KNOWN_GAPS, KEPT_GAPS = 20, 100
FIRST_WAIT, LONGEST_WAIT = 0.2, 0.4
REMOTE_FACTOR, LOCAL_FACTOR = 2.0, 1.0
"""Times the mean gap between keys. In simulated typing 1.75 asks 15 % more often than 2.0 for
half a point of keys saved; a fixed wait fits neither fast nor slow hands; and a local model costs
nothing per call."""
FRUGAL_IN_WORD, FRUGAL_ELSEWHERE = 0.25, 0.1

Debounce = Literal["auto", "frugal"] | int
"""How the user wants it: a rule, or milliseconds."""


class Rhythm:
    """The gaps between the latest keys."""

    def __init__(self) -> None:
        self._gaps: deque[float] = deque(maxlen=KEPT_GAPS)
        self._last: float | None = None

    def key(self, now: float) -> None:
        """Takes note of a key."""
        if self._last is not None and 0 < now - self._last < FAST_GAP:
            self._gaps.append(now - self._last)
        self._last = now

    def since_key(self, now: float) -> float:
        """Seconds since the last key; 0 if there was none."""
        return max(0.0, now - self._last) if self._last is not None else 0.0

    @property
    def cadence(self) -> float | None:
        """The mean gap in seconds, once enough of them are known."""
        if len(self._gaps) < KNOWN_GAPS:
            return None
        return sum(self._gaps) / len(self._gaps)


def pause_seconds(
    request: Request, debounce: Debounce, rhythm: Rhythm, now: float, factor: float
) -> float:
    """How long an automatic request waits before it becomes a call."""
    if isinstance(debounce, int):
        return debounce / 1000
    in_word = request.edit is not Edit.INSERTED and ends_in_word(request.snapshot)
    if debounce == "frugal":
        return FRUGAL_IN_WORD if in_word else FRUGAL_ELSEWHERE
    if not in_word:
        return 0.0
    cadence = rhythm.cadence
    wanted = FIRST_WAIT if cadence is None else factor * cadence - rhythm.since_key(now)
    return min(LONGEST_WAIT, max(0.0, wanted))


def ends_in_word(snapshot: Snapshot) -> bool:
    """Whether the next key probably goes on with a word."""
    last = snapshot.prefix[-1:]
    return last.isalnum() or last == "_"
