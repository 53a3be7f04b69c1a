"""All servers' totals of a day, which a budget is held against."""

import queue
import sqlite3
import threading
from pathlib import Path

import pytest

from codestral_ls.statistics import store, writer
from codestral_ls.statistics.database import Database, Totals
from codestral_ls.statistics.store import Statistics
from tests.counted import call, counted

Told = tuple[int, int, float]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "statistics.sqlite3"


def test_totals_are_told_at_once_where_they_are_wanted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A budget may be spent already, and a second without knowing it would be paid for."""
    monkeypatch.setattr(store, "BATCH_SECONDS", 3600.0)
    counted(path, call(cost=0.5))
    told: queue.Queue[Told] = queue.Queue()
    statistics = Statistics(path, lambda *totals: told.put(totals))
    statistics.watch_totals(wanted=True)
    assert told.get()[1:] == (1, 0.5)
    statistics.note(call(cost=0.25))
    assert told.get()[1:] == (2, 0.75)
    statistics.close()


def test_what_others_spend_is_told_while_nothing_happens_here(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They spend from the same budget."""
    monkeypatch.setattr(store, "WATCH_SECONDS", 0.001)
    told: queue.Queue[Told] = queue.Queue()
    statistics = Statistics(path, lambda *totals: told.put(totals))
    statistics.watch_totals(wanted=True)
    assert told.get()[1:] == (0, 0.0)
    counted(path, call(cost=0.5))
    while told.get()[1:] != (1, 0.5):
        pass
    statistics.close()


@pytest.mark.parametrize(
    ("wanted", "patience"), [((True,), store.WATCH_SECONDS), ((True, False), None)]
)
def test_nobody_looks_at_totals_that_are_not_wanted(
    path: Path, wanted: tuple[bool, ...], patience: float | None
) -> None:
    """Without a budget the thread sleeps until something happens."""
    asleep: queue.Queue[float | None] = queue.Queue()

    class Woken(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            asleep.put(timeout)
            return super().wait(timeout)

    statistics = Statistics(path, lambda *_: None)
    statistics._woken = Woken()  # noqa: SLF001 - for how long a thread sleeps is seen nowhere else
    for each in wanted:
        statistics.watch_totals(wanted=each)
    statistics.flush()
    while asleep.get() != patience:
        pass
    statistics.close()


def test_totals_that_could_not_be_read_are_read_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may hold the file just when a server starts, which has nothing to write then."""
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(store, "WATCH_SECONDS", 3600.0)
    totals, busy = Database.totals, sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    refusals = [busy, busy]

    def totals_at_last(database: Database, day: int) -> Totals:
        if refusals:
            raise refusals.pop()
        return totals(database, day)

    monkeypatch.setattr(Database, "totals", totals_at_last)
    told: queue.Queue[Told] = queue.Queue()
    statistics = Statistics(path, lambda *totals: told.put(totals))
    statistics.watch_totals(wanted=True)
    assert told.get()[1:] == (0, 0.0)
    statistics.close()
