"""Several servers of one user count to the same file."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codestral_ls.statistics.report import read
from tests.counted import LOCK, PROCESS, count_at_once, counted, events, happening_of, request

PROCESSES, COUNT = 8, 500


def test_eight_servers_lose_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The sums are exact, though all of them make the file and write at the same time."""
    path = tmp_path / "state" / "statistics.sqlite3"
    said = count_at_once(path, PROCESSES, COUNT)
    record_property("longest_note_ms", max(each["longest_note"] for each in said) * 1000)
    report = read(path, 2)
    alone = tmp_path / "alone.sqlite3"
    counted(alone, *(happening_of(number) for number in range(PROCESSES * COUNT)))
    assert events(report) == PROCESSES * COUNT
    assert report.total == read(alone, 2).total


def test_a_file_that_somebody_holds_does_not_hold_a_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Closing gives up while the other one still holds it, and says so."""
    path = tmp_path / "statistics.sqlite3"
    counted(path, request())
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"locked\n"
        counted(path, request())
        assert process.poll() is None
    assert "some are lost" in caplog.text
    counted(path, request())
    assert read(path, 2).total.requests == 2


def test_a_server_that_is_killed_leaves_what_was_written(tmp_path: Path) -> None:
    """And a file that others can go on with."""
    path = tmp_path / "statistics.sqlite3"
    program = PROCESS.replace("statistics.close()", "time.sleep(60)").replace(
        "lambda *_: None", "lambda *_: print('written', flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path), "0", "100"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"written\n"
        process.kill()
    counted(path, *(happening_of(number) for number in range(20)))
    assert events(read(path, 2)) == 120
