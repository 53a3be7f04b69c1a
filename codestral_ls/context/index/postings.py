"""Where each word stands: numbers under keys, in arrays that take four bytes for each. Pure."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

MOST = 600
"""A word in more chunks tells none of them apart; 802 of 204 000 words make 45 % of all entries."""
FRESH_ENTRIES = 1 << 16
"""That many are laid down at once: 25 ms, once in some hundred files; twice as many take 7 MB."""
DEAD_SHARE = 1 / 3
"""Of a segment's numbers; then it is written anew without them."""
OFTEN = 24
"""Times in one segment, below which no word reaches `MOST` in any workspace that is read."""


class _Segment(NamedTuple):
    """Sorted keys, and the values of the n-th from `ends[n - 1]` to `ends[n]`."""

    keys: "array[int]"
    ends: "array[int]"
    values: "array[int]"

    def find(self, key: int) -> "array[int]":
        at = bisect_left(self.keys, key)
        if at == len(self.keys) or self.keys[at] != key:
            return self.values[:0]
        return self.values[self.ends[at - 1] if at else 0 : self.ends[at]]

    def items(self) -> Iterator[tuple[int, "array[int]"]]:
        start = 0
        for key, end in zip(self.keys, self.ends, strict=True):
            yield key, self.values[start:end]
            start = end


class Postings:
    """Numbers under keys: only ever growing numbers are added, so that each segment holds a range.

    `is_alive` tells of a number whether it still counts; what does not is left out in passing.
    """

    def __init__(
        self,
        *,
        is_alive: Callable[[int], bool],
        most: int = MOST,
        fresh_entries: int = FRESH_ENTRIES,
    ) -> None:
        self._is_alive, self._most, self._fresh_entries = is_alive, most, fresh_entries
        self._segments: list[_Segment] = []
        self._bounds = [0]  # the n-th segment holds numbers from the n-th bound to before the next
        self._dead: list[int] = []
        self._fresh: dict[int, list[int]] = {}
        self._entries, self._has_died = 0, False
        self._common: set[int] = set()

    def add(self, keys: Iterable[int], number: int) -> None:
        """Puts a number, greater than all before it, under each of some keys."""
        fresh, common = self._fresh, self._common
        for key in keys:
            if key not in common:
                fresh.setdefault(key, []).append(number)
                self._entries += 1
        if self._entries >= self._fresh_entries:
            self._lay_down(number + 1)

    def find(self, key: int) -> list[int]:
        """Returns the numbers under a key in rising order, dead ones among them.

        A key with too many has none.
        """
        if key in self._common:
            return []
        found: list[int] = []
        for segment in self._segments:
            found.extend(segment.find(key))
        found.extend(self._fresh.get(key, ()))
        return found if len(found) <= self._most else []

    def has(self, key: int) -> bool:
        """Whether there is a number under a key, be it a dead one."""
        return key in self._fresh or any(len(each.find(key)) for each in self._segments)

    def bury(self, first: int, end: int) -> None:
        """Takes note that the numbers from `first` to before `end` have ceased to count."""
        self._has_died |= end > self._bounds[-1]
        for at, (least, bound) in enumerate(pairwise(self._bounds)):
            self._dead[at] += max(0, min(end, bound) - max(first, least))
            if self._dead[at] > DEAD_SHARE * (bound - least):
                self._segments[at] = _written(self._living(dict(self._segments[at].items())))
                self._dead[at] = 0

    def _lay_down(self, end: int) -> None:
        """Turns what is fresh into a segment, unless most of it has died meanwhile."""
        if self._has_died:
            self._fresh, self._has_died = self._living(self._fresh), False
        for key in [key for key, numbers in self._fresh.items() if len(numbers) >= OFTEN]:
            if self._count(key) > self._most:
                self._common.add(key)
                del self._fresh[key]
        self._entries = sum(map(len, self._fresh.values()))
        if self._entries < self._fresh_entries / 2:
            return
        self._segments.append(_written(self._fresh))
        self._bounds.append(end)
        self._dead.append(0)
        self._fresh, self._entries = {}, 0

    def _count(self, key: int) -> int:
        return sum(len(each.find(key)) for each in self._segments) + len(self._fresh[key])

    def _living(self, numbers: Mapping[int, Iterable[int]]) -> dict[int, list[int]]:
        is_alive, common = self._is_alive, self._common
        kept = {
            key: [number for number in values if is_alive(number)]
            for key, values in numbers.items()
            if key not in common
        }
        return {key: values for key, values in kept.items() if values}


def _written(numbers: Mapping[int, Iterable[int]]) -> _Segment:
    segment = _Segment(array("I", sorted(numbers)), array("I"), array("I"))
    for key in segment.keys:
        segment.values.extend(numbers[key])
        segment.ends.append(len(segment.values))
    return segment
