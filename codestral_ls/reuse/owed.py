"""What was taken of bounds while nobody could be told. Pure."""

from collections.abc import Sequence

from codestral_ls.reuse.tier import Charge
from codestral_ls.reuse.windows import Bound, bound_of

_Key = tuple[Bound, int]


class Owed:
    """Amounts, to be settled later; those of a minute that is long over count nowhere."""

    def __init__(self) -> None:
        self._amounts: dict[_Key, int] = {}

    def __bool__(self) -> bool:
        return bool(self._amounts)

    def add(self, charges: Sequence[Charge], now: float) -> None:
        """These were taken."""
        for charge in charges:
            key = bound_of(charge), _minute(charge, now)
            self._amounts[key] = self._amounts.get(key, 0) + charge.amount
        self._forget(now)

    def take(self, now: float) -> list[Charge]:
        """What is to be settled; from here on it is the caller's."""
        self._forget(now)
        sums: dict[Bound, int] = {}
        for (bound, _), amount in self._amounts.items():
            sums[bound] = sums.get(bound, 0) + amount
        self._amounts.clear()
        return [
            Charge(bound.name, amount, 0, bound.seconds, bound.day)
            for bound, amount in sums.items()
            if amount
        ]

    def _forget(self, now: float) -> None:
        for bound, minute in tuple(self._amounts):
            if bound.seconds and minute < int(now // bound.seconds) - 1:
                del self._amounts[bound, minute]


def _minute(charge: Charge, now: float) -> int:
    return 0 if charge.day else int(now // charge.seconds)
