"""Counting in the background, whatever becomes of the file."""

import queue
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codestral_ls.days import local_day
from codestral_ls.happenings import Labels
from codestral_ls.statistics import store
from codestral_ls.statistics.database import Database
from codestral_ls.statistics.report import read
from codestral_ls.statistics.store import Statistics
from codestral_ls.statistics.writer import (
    MOST_AT_ONCE,
    MOST_RETRY_SECONDS,
    Writer,
)
from tests.counted import call, counted, events, happening_of, request

DAY = 739_000
Told = tuple[int, int, float]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "statistics.sqlite3"


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file of this process may grow beyond 4 KB, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def nobody(*_: object) -> None:
    """Takes totals and forgets them."""


def test_nothing_is_lost_on_closing(path: Path) -> None:
    """Also what was noted just before."""
    counted(path, *(happening_of(number) for number in range(1000)))
    assert events(read(path, 2)) == 1000


def test_closing_tries_again_while_somebody_else_writes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All servers may close at the same time, with their editor."""
    add, busy = Database.add, sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    refusals = [busy, busy]

    def add_at_last(*arguments: Any) -> None:
        if refusals:
            raise refusals.pop()
        add(*arguments)

    monkeypatch.setattr(Database, "add", add_at_last)
    counted(path, request())
    assert read(path, 2).total.requests == 1


def test_nothing_is_made_before_something_happens(path: Path) -> None:
    """Neither a file nor a thread, and SQLite is not imported."""
    before = threading.active_count()
    statistics = Statistics(path, nobody)
    assert threading.active_count() == before
    statistics.close()
    assert not path.exists()
    program = (
        "import sys, codestral_ls.configuration, codestral_ls.statistics.store\n"
        "sys.exit('sqlite3' in sys.modules or 'rich' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_it_is_written_while_the_server_runs(path: Path) -> None:
    """And all servers' totals of the day are told, from the thread."""
    counted(path, call(cost=0.5))
    told: queue.Queue[tuple[Told, str]] = queue.Queue()

    def on_totals(*totals: float) -> None:
        told.put(((int(totals[0]), int(totals[1]), totals[2]), threading.current_thread().name))

    statistics = Statistics(path, on_totals, today=lambda: today)
    today = local_day()
    statistics.note(call(cost=0.25))
    assert told.get() == ((today, 2, 0.75), "statistics")
    statistics.note(call(cost=0.25))
    assert told.get() == ((today, 3, 1.0), "statistics")
    statistics.close()


def test_what_was_noted_can_be_had_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a second time, and after that the server counts on; nobody waits for the next batch."""
    monkeypatch.setattr(store, "BATCH_SECONDS", 3600.0)
    monkeypatch.setattr(store, "FLUSH_SECONDS", 3600.0)
    statistics = Statistics(path, nobody)
    for number in (1, 2, 3):
        statistics.note(request())
        statistics.flush()
        assert read(path, 2).total.requests == number
    statistics.note(request())
    statistics.close()
    assert read(path, 2).total.requests == 4
    statistics.flush()


def test_whoever_wants_it_at_once_does_not_wait_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may hold the file."""
    released, write = threading.Event(), Writer.write

    def write_later(writer: Writer, today: int) -> None:
        released.wait()
        write(writer, today)

    monkeypatch.setattr(Writer, "write", write_later)
    monkeypatch.setattr(store, "FLUSH_SECONDS", 0.01)
    statistics = Statistics(path, nobody)
    statistics.note(request())
    statistics.flush()
    assert not path.exists()
    released.set()
    statistics.close()
    assert read(path, 2).total.requests == 1


def test_where_nothing_was_noted_there_is_nothing_to_wait_for(path: Path) -> None:
    """No thread is started for it."""
    before = threading.active_count()
    statistics = Statistics(path, nobody)
    statistics.flush()
    assert threading.active_count() == before
    statistics.close()


def test_whoever_takes_the_totals_may_fail(path: Path) -> None:
    """A loop that has ended, for one; counting goes on."""

    def ended(*_: object) -> None:
        raise RuntimeError("Event loop is closed")

    statistics = Statistics(path, ended)
    statistics.note(request())
    statistics.close()
    assert read(path, 2).total.requests == 1


def test_what_comes_after_the_end_is_not_counted(path: Path) -> None:
    """Closing twice does no harm."""
    statistics = Statistics(path, nobody)
    statistics.close()
    statistics.note(request())
    statistics.close()
    assert not path.exists()


def test_a_day_ends_at_midnight(path: Path) -> None:
    """What waits to be written keeps the day on which it happened."""
    writer = Writer(path, nobody)
    writer.take([request()], local_day() - 1)
    writer.take([request()], local_day())
    writer.write(local_day())
    writer.close()
    assert [figures.requests for _, figures in read(path, 3).days] == [1, 1]


@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_loses_nothing(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It waits in memory until there is room, and is told once."""
    writer = Writer(path, nobody)
    waits = []
    for number in range(10):
        writer.take([happening_of(number)], local_day())
        writer.write(local_day())
        waits.append(writer.retry_seconds)
    assert writer.pending
    assert waits[0] < waits[1]
    assert waits[-1] == MOST_RETRY_SECONDS
    assert caplog.text.count("they wait in memory") == 1
    soft = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, soft))
    writer.write(local_day())
    assert writer.retry_seconds == 0
    writer.close()
    assert events(read(path, 2)) == 10


def test_a_folder_that_cannot_be_made_loses_nothing(tmp_path: Path) -> None:
    """Such as one below a home that is no folder; it may come about later."""
    file = tmp_path / "file"
    file.touch()
    writer = Writer(file / "state" / "statistics.sqlite3", nobody)
    writer.take([request()], local_day())
    writer.write(local_day())
    assert writer.pending
    file.unlink()
    writer.write(local_day())
    writer.close()
    assert read(file / "state" / "statistics.sqlite3", 2).total.requests == 1


def test_memory_is_bounded_while_nothing_can_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is counted already goes on being counted, new kinds are left out, and that is said."""
    writer = Writer(tmp_path / "file" / "statistics.sqlite3", nobody, most_pending=10)
    (tmp_path / "file").touch()
    for number in range(100):
        writer.take([request(labels=Labels(language=f"{number}"))], DAY)
    writer.write(DAY)
    assert writer.pending == 10
    assert "some are left out" in caplog.text
    writer.close()


def test_much_is_written_in_several_transactions(path: Path) -> None:
    """So that other servers have their turn in between."""
    writer = Writer(path, nobody)
    days = range(local_day() - MOST_AT_ONCE // 4, local_day() + 1)
    for day in days:
        writer.take([call(cost=0.1, first_token=0.2)], day)
    assert writer.pending > MOST_AT_ONCE
    writer.write(local_day())
    assert writer.pending == 0
    writer.close()
    assert read(path, len(days)).total.calls == len(days)
