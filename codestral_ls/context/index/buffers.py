"""The documents that are open in the editor, and where they were changed last. Pure.

What is being worked on shows in several files.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from codestral_ls.context.index.words import hash_name, names_in

MOST_PLACES = 8
NEAR_LINES = 3
"""Places with fewer lines between them are one."""
PLACE_LINES = 12
"""Of one place, from its end: more was pasted or generated, not thought about just now."""


class Change(NamedTuple):
    """The lines from `first` to before `old_end` became those from `first` to before `new_end`."""

    first: int
    old_end: int
    new_end: int


class Place(NamedTuple):
    """The lines of a file from `first` to before `end`, as they are numbered now."""

    path: str
    first: int
    end: int


def find_change(old: Sequence[str], new: Sequence[str]) -> Change:
    """Returns the least stretch of lines outside of which two texts are equal."""
    most = min(len(old), len(new))
    first = next((n for n in range(most) if old[n] != new[n]), most)
    most -= first
    last = next((n for n in range(1, most + 1) if old[-n] != new[-n]), most + 1) - 1
    return Change(first, len(old) - last, len(new) - last)


def note_change(places: Sequence[Place], path: str, change: Change) -> tuple[Place, ...]:
    """Returns the places with a new one at their head; those in the same file move along."""
    latest = Place(path, change.first, change.new_end)
    grown = change.new_end - change.old_end
    kept = []
    for place in places:
        if place.path != path or place.end + NEAR_LINES <= change.first:
            kept.append(place)
        elif place.first - NEAR_LINES >= change.old_end:
            kept.append(Place(path, place.first + grown, place.end + grown))
        else:  # they touch
            first = min(place.first, latest.first)
            end = max(place.end + grown, latest.end)
            latest = Place(path, max(first, end - PLACE_LINES), end)
    return (latest, *kept)[:MOST_PLACES]


def forget_places(places: Sequence[Place], path: str) -> tuple[Place, ...]:
    """Returns the places that are not in a file."""
    return tuple(place for place in places if place.path != path)


class Buffer:
    """An open document: its lines and its names, which a keystroke changes by a line.

    `is_stale` says that the index knows an older version. That of the document in which somebody
    types need not be known: it is no source for itself.
    """

    __slots__ = ("is_stale", "language", "lines", "names", "path")

    def __init__(self, path: str, language: str, text: str) -> None:
        self.path, self.language = path, language
        self.lines = text.split("\n")
        self.names = _counted(self.lines)
        self.is_stale = True

    @property
    def text(self) -> str:
        """The whole document."""
        return "\n".join(self.lines)

    def replace(self, language: str, text: str) -> Change | None:
        """Takes a new version; returns what changed, if anything did."""
        lines = text.split("\n")
        if lines == self.lines and language == self.language:
            return None
        change = find_change(self.lines, lines)
        self.names.subtract(_counted(self.lines[change.first : change.old_end]))
        self.names.update(_counted(lines[change.first : change.new_end]))
        self.lines, self.language, self.is_stale = lines, language, True
        return change

    def names_now(self) -> set[int]:
        """Returns the hashes of all names that the document has."""
        return {name for name, count in self.names.items() if count > 0}


def _counted(lines: Sequence[str]) -> Counter[int]:
    return Counter(map(hash_name, names_in("\n".join(lines))))
