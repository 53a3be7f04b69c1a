"""The statistics of a gateway that several people share: who has asked for what."""

import csv
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from codestral_ls.commands.stats import run_stats
from codestral_ls.configuration import statistics_file
from codestral_ls.statistics import opening
from codestral_ls.statistics.database import Database, connect
from codestral_ls.statistics.names import MOST_OWNERS, OTHER
from codestral_ls.statistics.plain import plain
from codestral_ls.statistics.report import as_json, read, read_rows
from codestral_ls.statistics.schema import MIGRATIONS, NewerFile, migrate
from codestral_ls.statistics.tally import tally
from codestral_ls.statistics.telling import NO_USER, users
from tests.counted import LABELS, call, counted, request

FIRST = MIGRATIONS[:1]
ANN, BOB = replace(LABELS, owner="ann"), replace(LABELS, owner="bob@example.com")
TEAM = (
    *(request(labels=ANN), request("cache", labels=ANN), call(labels=ANN, cost=0.5)),
    *(request("empty", answered=False, labels=BOB), call(labels=BOB, cost=0.25)),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "statistics.sqlite3"


def make_old(path: Path) -> None:
    """A file as the first version made it, with a request and a call."""
    with closing(connect(str(path), 1.0)) as connection:
        migrate(connection, FIRST)
        for place, n in tally([request(), call(cost=2.0)], 739_000).items():
            series = place.series[:6]
            connection.execute(
                "INSERT OR IGNORE INTO series"
                " (language, provider, model, kind, outcome, measure) VALUES (?, ?, ?, ?, ?, ?)",
                series,
            )
            connection.execute(
                "INSERT INTO counts SELECT ?, max(id), ?, ? FROM series",
                (place.day, place.bucket, n),
            )


def test_what_everybody_asked_for_is_told_apart(path: Path) -> None:
    """By name, and what it has cost."""
    counted(path, *TEAM)
    found = dict(read(path, 1).users)
    assert set(found) == {"ann", "bob@example.com"}
    assert (found["ann"].requests, found["ann"].reused, found["ann"].cost) == (2, 1, 0.5)
    assert (found["bob@example.com"].answers, found["bob@example.com"].cost) == (0, 0.25)


def test_the_figures_of_all_are_those_of_everybody_together(path: Path) -> None:
    """Names split sums and lose nothing."""
    counted(path, *TEAM, request())
    report = read(path, 1)
    assert report.total.requests == sum(each.requests for _, each in report.users) == 4
    assert report.total.cost == pytest.approx(0.75)
    assert [name for name, _ in report.languages] == [LABELS.language]


def test_an_editor_alone_sees_no_table_of_users(path: Path) -> None:
    """Nobody has a name there."""
    counted(path, request(), call())
    report = read(path, 1)
    assert report.users == ()
    assert users(report).rows == ()
    assert "User" not in plain(report, is_on=True)
    assert as_json(report)["users"] == []


def test_users_have_a_table_of_their_own(path: Path) -> None:
    """With requests, calls, tokens and cost; those without a name are called so."""
    counted(path, *TEAM, request())
    sheet = users(read(path, 1))
    assert sheet.header[0] == "User"
    rows = {row[0]: row[1:] for row in sheet.rows}
    assert rows["ann"] == ("2", "2", "50%", "1", "1k", "50", "0.50")
    assert rows["bob@example.com"] == ("1", "0", "0%", "1", "1k", "50", "0.25")
    assert rows[NO_USER][0] == "1"
    assert "bob@example.com" in plain(read(path, 1), is_on=True)


def test_programs_read_users_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In JSON a list, in CSV a column."""
    environ = {"CODESTRAL_LS_STATE": str(tmp_path), "CODESTRAL_LS_CONFIG": str(tmp_path / "none")}
    counted(statistics_file(environ), *TEAM)
    assert run_stats(days=1, as_json=True, as_csv=False, environ=environ) == 0
    told = {each["user"]: each for each in json.loads(capsys.readouterr().out)["users"]}
    assert told["ann"]["cost"] == 0.5
    assert told["bob@example.com"]["requests"] == 1
    assert run_stats(days=1, as_json=False, as_csv=True, environ=environ) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert sum(float(row["cost"]) for row in rows if row["user"] == "ann") == 0.5
    assert run_stats(days=1, as_json=False, as_csv=False, environ=environ) == 0
    assert "bob@example.com" in capsys.readouterr().out


def test_names_are_made_harmless(path: Path) -> None:
    """A path is none any more, and no spreadsheet takes a name for a formula."""
    labels = [replace(LABELS, owner=name) for name in ("/home/jane/secret", "=1+1", "a\x1b[31m")]
    counted(path, *(request(labels=each) for each in labels))
    assert {name for name, _ in read(path, 1).users} == {
        "secret",
        "1+1",
        "a-[31m".replace("[", "-"),
    }


def test_there_are_not_endlessly_many_users(path: Path) -> None:
    """From some number on they are counted together."""
    many = MOST_OWNERS + 50
    database = Database(path)
    names = (replace(LABELS, owner=f"user {number}") for number in range(many))
    while batch := list(islice(names, 400)):
        database.add(tally((request(labels=each) for each in batch), 739_000).items(), 739_000)
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        ((found,),) = connection.execute("SELECT count(DISTINCT owner) FROM series").fetchall()
        ((others,),) = connection.execute(
            "SELECT sum(n) FROM counts JOIN series ON id = series"
            " WHERE owner = ? AND measure = 'events'",
            (OTHER,),
        ).fetchall()
    assert (found, others) == (MOST_OWNERS + 1, 50)


def test_a_file_of_the_first_version_goes_on(path: Path) -> None:
    """What it holds is nobody's by name; what comes is added to it."""
    make_old(path)
    before = [row.amounts for row in read_rows(path, 739_000)]
    counted(path, request(labels=ANN), request())
    rows = read_rows(path, 739_000)
    assert before == [row.amounts for row in rows if row.day.toordinal() == 739_000]
    assert {row.user for row in rows} == {"", "ann"}
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert "owned" not in tables


def test_the_first_version_leaves_a_newer_file_alone(path: Path) -> None:
    """Its server may run on while another one has been updated."""
    counted(path, request(labels=ANN))
    old = Database(path, FIRST)
    with pytest.raises(NewerFile):
        old.add(tally([request()], 739_000).items(), 739_000)
    old.close()


def test_a_file_of_the_first_version_is_read_where_it_cannot_be_changed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a medium or in a folder that cannot be written to."""
    make_old(path)
    before = path.read_bytes()
    address = f"{path.as_uri()}?immutable=1"
    monkeypatch.setattr(opening, "_opened", lambda _: connect(address, 1.0, is_address=True))
    assert [(row.kind, row.user) for row in read_rows(path, 739_000)] == [
        ("answer", ""),
        ("call", ""),
    ]
    assert path.read_bytes() == before
