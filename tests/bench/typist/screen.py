"""The ghost on the screen, and what is right of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .draft import Draft
from .hand import LEAST_ACCEPTED, SEEN_AFTER


@dataclass(slots=True)
class Ghost:
    """A suggestion as it is drawn.

    It replaces what stands from `start` to `covers` characters behind the cursor. `current` says
    that the editor would put it in as it is drawn now.
    """

    start: int
    covers: int
    text: str
    command: Mapping[str, Any] | None
    current: bool

    def rest(self, draft: Draft) -> str | None:
        """What is drawn behind the cursor; None if the text before it is not the ghost's head."""
        typed = draft.before[self.start :]
        if self.start > draft.at or not self.text.startswith(typed):
            return None
        return self.text[len(typed) :]


@dataclass(frozen=True, slots=True)
class Right:
    """What may be accepted: all of the ghost or its first line, up to a place; in view since."""

    end: int
    whole: bool
    since: float


class Screen:
    """What the typist looks at."""

    def __init__(self) -> None:
        self.ghost: Ghost | None = None
        self.right: Right | None = None
        self.changed = asyncio.Event()

    def show(self, ghost: Ghost | None, draft: Draft, now: float) -> None:
        """Draws a ghost, or none."""
        self.ghost = ghost
        self.look(draft, now)

    def look(self, draft: Draft, now: float) -> None:
        """Judges anew what is drawn."""
        found = self._judge(draft)
        last = self.right
        if found is None:
            self.right = None
        elif last is None or (last.end, last.whole) != found:
            self.right = Right(*found, now)
        self.changed.set()

    def accept_at(self) -> float | None:
        """When the typist will have seen enough; None if there is nothing to be accepted."""
        if self.right is None or self.ghost is None or not self.ghost.current:
            return None
        return self.right.since + SEEN_AFTER

    def _judge(self, draft: Draft) -> tuple[int, bool] | None:
        ghost = self.ghost
        rest = ghost.rest(draft) if ghost else None
        if not ghost or not rest:
            return None
        end = draft.fits(ghost.start, ghost.covers, ghost.text)
        whole = end is not None
        if end is None:
            end = draft.fits(draft.at, 0, first_line(rest))
        if end is None or len(draft.hole.text[draft.at : end].strip()) < LEAST_ACCEPTED:
            return None
        return end, whole


def first_line(text: str) -> str:
    """The text up to the end of its first line that is not blank."""
    end = text.find("\n", len(text) - len(text.lstrip()))
    return text if end < 0 else text[:end]
