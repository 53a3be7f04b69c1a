"""The hand: when the next key comes and whether it is the right one.

Everything depends on the seed and the place alone, so that every server meets the same hand.
"""

# ruff: noqa: S311 - what is drawn here must be the same each time

import math
import random
from dataclasses import dataclass

WORD, BURST = 0.160, 0.095
"""Seconds between keys in a word, medians."""
BURST_SHARE = 0.3
PAUSE, PAUSE_SHARE = 0.55, 0.18
"""After a character that is no letter."""
LINE_START = 0.75
SPREAD, PAUSE_SPREAD = 0.35, 0.5
"""Sigma of the lognormal distributions, of keys and of pauses."""
SLIP_SHARE = 0.015
NOTICED_AFTER = 0.25
SEEN_AFTER = 0.4
"""A ghost is accepted when its right part has been in view for so long."""
LEAST_ACCEPTED = 4
"""Characters; for fewer nobody looks up."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The hand of one run."""

    seed: int

    def interval(self, hole: int, text: str, at: int) -> float:
        """Seconds from the last key to the one at a place."""
        rng = random.Random(f"interval/{self.seed}/{hole}/{at}")
        before = text[at - 1 : at]
        line_head = text[text.rfind("\n", 0, at) + 1 : at]
        if not line_head.strip() and text[at : at + 1] != "\n":
            return _lognormal(rng, LINE_START, PAUSE_SPREAD)
        if not before.isalpha():
            paused = rng.random() < PAUSE_SHARE
            return _lognormal(rng, PAUSE, PAUSE_SPREAD) if paused else _lognormal(rng, WORD)
        word = at
        while word > 0 and text[word - 1].isalnum():
            word -= 1
        burst = random.Random(f"burst/{self.seed}/{hole}/{word}").random() < BURST_SHARE
        return _lognormal(rng, BURST if burst else WORD)

    def slip(self, hole: int, text: str, at: int) -> str:
        """The wrong letter that is hit first, or nothing."""
        rng = random.Random(f"slip/{self.seed}/{hole}/{at}")
        if not text[at].isalpha() or rng.random() >= SLIP_SHARE:
            return ""
        return rng.choice([it for it in "etaoinsrhl" if it != text[at].lower()])

    def until_noticed(self, hole: int, at: int) -> float:
        """Seconds from a slip to the backspace."""
        return _lognormal(random.Random(f"noticed/{self.seed}/{hole}/{at}"), NOTICED_AFTER)


def _lognormal(rng: random.Random, median: float, spread: float = SPREAD) -> float:
    return rng.lognormvariate(math.log(median), spread)
