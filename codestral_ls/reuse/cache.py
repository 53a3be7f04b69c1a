"""Never ask twice: answers by the place for which they were given.

An entry is found again when the document around the cursor is what it was (wherever in the file
that stands now), or when the user has since typed the head of the answer.
"""

from dataclasses import dataclass

from codestral_ls.model import Answer, Nothing, Outcome, Snapshot

PLACE_BEFORE, PLACE_AFTER = 400, 200
"""Characters that make a place: enough to tell places apart, robust to edits far away."""
MAX_ENTRIES = 500
ANSWER_SECONDS, NOTHING_SECONDS = 600.0, 30.0
"""How long entries live. That the model had nothing to say is worth less than what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What stands around a cursor."""

    language: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A remembered outcome; `typed` characters of the answer stand in the document by now."""

    outcome: Outcome
    typed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    outcome: Outcome
    until: float


def place_of(snapshot: Snapshot) -> Place:
    """The place of a snapshot."""
    return Place(
        language=snapshot.language,
        before=snapshot.prefix[-PLACE_BEFORE:],
        after=snapshot.suffix[:PLACE_AFTER],
    )


class Cache:
    """The most recent outcomes, newest first. Times are seconds of the caller's clock."""

    def __init__(self) -> None:
        self._entries: dict[Place, _Entry] = {}  # oldest first

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, place: Place, outcome: Outcome, now: float) -> None:
        """Remembers an outcome for its place."""
        seconds = ANSWER_SECONDS if isinstance(outcome, Answer) else NOTHING_SECONDS
        self._entries.pop(place, None)
        self._entries[place] = _Entry(outcome=outcome, until=now + seconds)
        if len(self._entries) > MAX_ENTRIES:
            del self._entries[next(iter(self._entries))]

    def find(self, snapshot: Snapshot, now: float) -> Found | None:
        """The outcome for this very place, or the newest answer that has been typed into."""
        here = place_of(snapshot)
        entry = self._entries.get(here)
        if entry is not None and entry.until > now:
            return Found(outcome=entry.outcome, typed=0)
        for place, entry in reversed(self._entries.items()):
            if place.after != here.after or place.language != here.language:
                continue
            if entry.until <= now or isinstance(entry.outcome, Nothing):
                continue
            typed = _typed_since(place.before, entry.outcome.text, snapshot.prefix)
            if typed is not None:
                return Found(outcome=entry.outcome, typed=typed)
        return None


def _typed_since(before: str, text: str, prefix: str) -> int | None:
    """How much of `text` stands behind `before` at the end of `prefix`; None if it does not fit.

    Something other than blanks must be left to show.
    """
    if len(before) < PLACE_BEFORE:  # the place reaches up to the head of the file
        return _fits(prefix[len(before) :], text) if prefix.startswith(before) else None
    start = max(0, len(prefix) - len(before) - len(text))
    found = prefix.rfind(before, start)
    while found >= 0:
        typed = _fits(prefix[found + len(before) :], text)
        if typed is not None:
            return typed
        found = prefix.rfind(before, start, found + len(before) - 1)
    return None


def _fits(typed: str, text: str) -> int | None:
    left = text.removeprefix(typed)
    return len(typed) if typed and len(left) < len(text) and left.strip() else None
