"""What one run has shown."""

from dataclasses import dataclass, field
from typing import Any

TAIL = 40
"""Characters before the cursor by which a text is known again."""


@dataclass(slots=True)
class Shown:
    """A ghost that came on the screen: when, in which piece, at which place, and its text."""

    time: float
    hole: int
    at: int
    text: str


@dataclass(slots=True)
class Tally:
    """Counts of a run; times are of the monotonic clock, which all processes share."""

    needed: int = 0
    """Keys that the text takes without help."""
    keys: int = 0
    """Keys hit for it, accepts among them."""
    slip_keys: int = 0
    """Slips and the backspaces after them, which would be there without help too."""
    accepts: int = 0
    accepted_chars: int = 0
    in_view: int = 0
    """Keys before which a right ghost was in view."""
    requests: int = 0
    stale: int = 0
    corrupted_lines: int = 0
    items: list[tuple[float, float]] = field(default_factory=list)
    """Asked and answered, for each reply that brought text."""
    empty_screen: list[float] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    seconds: float = 0.0
    unanswered: int = 0
    errors: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    calls: list[dict[str, Any]] = field(default_factory=list)
    """What the oracle says of its calls."""
    texts: set[str] = field(default_factory=set)
    """The ends of all texts that ever stood before the cursor."""
    said: list[str] = field(default_factory=list)

    @property
    def all_keys(self) -> int:
        return self.keys + self.slip_keys

    @property
    def saved(self) -> float:
        return 1 - self.keys / self.needed if self.needed else 0.0
