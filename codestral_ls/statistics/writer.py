"""What is not written yet, and how it gets into the file, whatever is wrong with that."""

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from codestral_ls.happenings import Happening
from codestral_ls.statistics.database import Database, is_broken, is_busy
from codestral_ls.statistics.schema import ForeignFile, NewerFile
from codestral_ls.statistics.tally import Place, tally

MOST_PENDING = 20_000
"""Sums to keep while nothing can be written, 5 MB: weeks of one user's work."""
MOST_AT_ONCE = 2_000
"""Sums of one transaction: others wait for their turn no longer than 30 ms."""
RETRY_SECONDS = 1.0
MOST_RETRY_SECONDS = 60.0

log = logging.getLogger(__name__)


class Writer:
    """Keeps sums until they are written. For one thread; nothing here raises."""

    def __init__(
        self,
        path: Path,
        on_totals: Callable[[int, int, float], None],
        *,
        most_pending: int = MOST_PENDING,
    ) -> None:
        self.retry_seconds = 0.0
        """When to try again what has failed; 0 if nothing has."""
        self.is_busy = False
        """Whether it failed because somebody else holds the file."""
        self._path = path
        self._on_totals = on_totals
        self._most_pending = most_pending
        self._database = Database(path)
        self._pending: Counter[Place] = Counter()
        self._told: set[str] = set()
        self._has_set_aside = False

    @property
    def pending(self) -> int:
        """How many sums are not written yet."""
        return len(self._pending)

    def take(self, happenings: Iterable[Happening], day: int) -> None:
        """Adds what happened to the sums that wait; without room for new ones they are left out."""
        for place, n in tally(happenings, day).items():
            if place in self._pending or len(self._pending) < self._most_pending:
                self._pending[place] += n
            else:
                self._tell("some are left out", "there are too many to keep them in memory")

    def write(self, today: int) -> None:
        """Writes what waits, then tells today's totals; what cannot be written waits on."""
        try:
            while self._pending:
                rows = list(islice(self._pending.items(), MOST_AT_ONCE))
                self._database.add(rows, today)
                for place, _ in rows:
                    del self._pending[place]
            totals = self._database.totals(today)
        except NewerFile:
            self._pending.clear()
            self.retry_seconds, self.is_busy = 0.0, False
            self._tell("nothing is counted", f"{self._path} is of a newer version of codestral-ls")
            return
        except (OSError, sqlite3.Error, ForeignFile) as error:
            if self._set_aside(error):
                self.write(today)
            else:
                self._fail(error)
            return
        self.retry_seconds, self.is_busy = 0.0, False
        self._hand_over(today, totals.requests, totals.cost)

    def close(self) -> None:
        """Gives the file back."""
        self._database.close()
        if self._pending:
            self._tell("some are lost", f"{self._path} could not be written before the end")

    def _fail(self, error: Exception) -> None:
        self.is_busy = is_busy(error)
        if self.is_busy:
            self.retry_seconds = RETRY_SECONDS
            return
        doubled = min(self.retry_seconds * 2, MOST_RETRY_SECONDS)
        self.retry_seconds = max(doubled, RETRY_SECONDS)
        self._database.close()  # a descriptor may be what is wrong
        why = str(error) or type(error).__name__
        self._tell("they wait in memory", f"{self._path} cannot be written: {why}")

    def _set_aside(self, error: Exception) -> bool:
        """Renames a broken file, so that there can be a new one; whether this is so now.

        Once in a process: whatever breaks a second file is not cured by a third.
        """
        if self._has_set_aside or not is_broken(error):
            return False
        self._has_set_aside = True
        try:
            aside = self._database.set_aside()
        except OSError:
            return False
        if aside is not None:
            why = str(error) or "it belongs to another program"
            self._tell("they begin anew", f"{self._path} is called {aside.name} now: {why}")
        return True

    def _hand_over(self, day: int, requests: int, cost: float) -> None:
        try:
            self._on_totals(day, requests, cost)
        except Exception as error:  # noqa: BLE001 - the loop that it wakes may have ended
            log.debug("nobody takes the totals: %s", error)

    def _tell(self, what: str, why: str) -> None:
        """Once for each kind of trouble."""
        if what not in self._told:
            self._told.add(what)
            log.warning("statistics: %s, since %s", what, why)
