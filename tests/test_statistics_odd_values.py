"""A file in which there are values that nobody can have counted."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from codestral_ls.statistics.report import as_json, read, read_rows
from codestral_ls.statistics.telling import chart, summary, uses
from tests.counted import call, counted, request


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE series SET model = CAST(x'ff' AS TEXT)",
        "UPDATE series SET language = x'ff00' WHERE kind = 'call'",
        "UPDATE counts SET n = 'many'",
        "UPDATE counts SET n = 2.5",
        "INSERT INTO counts SELECT day - 0.5, series, bucket, n FROM counts",
        "INSERT INTO counts SELECT day, series, 'x', n FROM counts",
        "UPDATE counts SET bucket = 100000 WHERE bucket",
    ],
)
def test_odd_values_are_survived(tmp_path: Path, change: str) -> None:
    """SQLite keeps them; they are shown as far as that can be done, and counting goes on."""
    path = tmp_path / "statistics.sqlite3"
    counted(path, call(), request())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(change)
        connection.commit()
    assert list(print_all(path))
    requests = read(path, 2).total.requests
    counted(path, request())
    assert read(path, 2).total.requests == requests + 1
    assert list(tmp_path.glob("*broken*")) == []


def print_all(path: Path) -> Iterator[object]:
    """Everything that is made of a report."""
    report = read(path, 2)
    yield json.dumps(as_json(report))
    yield from (
        *summary(report),
        *chart(report, ascii_only=True),
        uses(report),
        *read_rows(path, 2),
    )
