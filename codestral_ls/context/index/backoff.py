"""How long to wait before what has failed is tried again. Pure."""

from dataclasses import dataclass

FIRST_SECONDS, MOST_SECONDS = 1.0, 60.0
GOOD_SECONDS = 300.0
"""Of work, after which a failure is not counted with those before."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """The seconds to wait after the next failure: twice as long each time."""

    seconds: float = FIRST_SECONDS

    def after(self, worked_seconds: float) -> tuple[float, "Backoff"]:
        """What to wait after a failure that came behind some work, and what holds from then on."""
        seconds = FIRST_SECONDS if worked_seconds >= GOOD_SECONDS else self.seconds
        return seconds, Backoff(min(2 * seconds, MOST_SECONDS))
