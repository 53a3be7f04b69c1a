"""What several servers share: texts, who is asking already, and what has been used up.

`Tier` is the face; in memory it is one server's own, in Redis that of all who use it. No method
raises anything but cancellation, and none takes longer than a user could notice.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Charge(NamedTuple):
    """An amount to be taken of one bound.

    `limit` is the most within `seconds`, in a window that slides; with a `day` (the ordinal of
    one of UTC) it is the most of that day. Amounts are whole numbers: money is in billionths. An
    amount of 0 fits where there is some room, one above the limit where nothing else is taken; a
    limit of 0 is none. No two charges that are made together are of one bound.
    """

    name: str
    amount: int
    limit: int
    seconds: int = 60
    day: int = 0


class Denial(NamedTuple):
    """The bound that has no room, and after how many seconds it will have some."""

    name: str
    retry_after: float


class Tier(Protocol):
    """Shared by all who use the same one."""

    async def recall(self, key: str) -> bytes | None:
        """What is kept for a key; None if nothing is, or it cannot be known in time."""

    async def keep(self, key: str, value: bytes, seconds: float) -> None:
        """Keeps a value for so long, and lets go of the claim to its key."""

    async def claim(self, key: str, seconds: float) -> bool:
        """Whether the caller is the one to ask for a key; for so long nobody else is."""

    async def release(self, key: str) -> None:
        """Lets go of a claim of this server: somebody else may ask."""

    async def charge(self, charges: Sequence[Charge]) -> Denial | None:
        """Takes all of them, or none if one bound has no room."""

    async def settle(self, charges: Sequence[Charge]) -> None:
        """Takes all of them whatever the bounds are; what was taken too much is a negative one."""

    async def close(self) -> None:
        """Gives back what it holds."""

    @property
    def is_well(self) -> bool:
        """Whether sharing works at this moment."""
