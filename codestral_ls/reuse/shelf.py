"""Values that were used last, each until its time and all within bounds."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class _Placed(NamedTuple, Generic[T]):
    value: T
    until: float


class Shelf(Generic[T]):
    """So many values of so much size altogether; times are seconds of the caller's clock."""

    def __init__(self, most: int, most_size: int, size_of: Callable[[str, T], int]) -> None:
        self._most = most
        self._most_size = most_size
        self._size_of = size_of
        self._placed: OrderedDict[str, _Placed[T]] = OrderedDict()  # the one used last at the end
        self._size = 0

    def __len__(self) -> int:
        return len(self._placed)

    def put(self, key: str, value: T, until: float) -> None:
        """Takes in a value until a time, and lets go of those that were not used for longest."""
        self.drop(key)
        size = self._size_of(key, value)
        if size > self._most_size:
            return
        self._placed[key] = _Placed(value, until)
        self._size += size
        while len(self._placed) > self._most or self._size > self._most_size:
            self.drop(next(iter(self._placed)))

    def get(self, key: str, now: float) -> T | None:
        """The value for a key, if it is there and not too old."""
        placed = self._placed.get(key)
        if placed is None:
            return None
        if placed.until <= now:
            self.drop(key)
            return None
        self._placed.move_to_end(key)
        return placed.value

    def drop(self, key: str) -> None:
        """Lets go of what there is for a key."""
        placed = self._placed.pop(key, None)
        if placed is not None:
            self._size -= self._size_of(key, placed.value)

    def clear(self) -> None:
        """Lets go of everything."""
        self._placed.clear()
        self._size = 0
