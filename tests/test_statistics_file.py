"""The file of the statistics: where it lies, who reads it, and what may be wrong with it."""

import os
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from codestral_ls.configuration import statistics_file, user_file
from codestral_ls.happenings import Labels
from codestral_ls.statistics.database import KEPT_DAYS, Database
from codestral_ls.statistics.names import MOST_NAMES
from codestral_ls.statistics.opening import Unreadable
from codestral_ls.statistics.report import read
from codestral_ls.statistics.schema import MIGRATIONS, NewerFile, migrate, version_of, writing
from codestral_ls.statistics.tally import tally
from tests.counted import call, counted, request

DAY = 739_000
LATER: Sequence[Sequence[str]] = (*MIGRATIONS, ("ALTER TABLE series ADD COLUMN colour TEXT",))
posix = pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "statistics.sqlite3"


def value(path: Path, statement: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchone()[0]


def test_the_state_directory_can_be_chosen(tmp_path: Path) -> None:
    """By a variable."""
    chosen = statistics_file({"CODESTRAL_LS_STATE": str(tmp_path)})
    assert chosen == tmp_path / "statistics.sqlite3"


def test_it_lies_in_the_users_state_otherwise() -> None:
    """In a folder of our name."""
    found = statistics_file({})
    assert found.is_absolute()
    assert "codestral-ls" in found.parts


def test_a_home_that_is_not_there_is_no_folder_called_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made or read in whatever folder the editor stands in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    chosen = {"CODESTRAL_LS_STATE": "~/state", "CODESTRAL_LS_CONFIG": "~/config"}
    unset: dict[str, str] = {}
    for environ in (unset, chosen):
        counted(statistics_file(environ), request())
        assert str(user_file(environ)).startswith(os.devnull)
    assert list(tmp_path.iterdir()) == []


def test_a_tilde_is_the_users_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """In both variables; a shell does not replace it everywhere."""
    monkeypatch.setattr(os.path, "expanduser", lambda path: path.replace("~", "/home/jane"))
    chosen = {"CODESTRAL_LS_STATE": "~/state", "CODESTRAL_LS_CONFIG": "~/my.toml"}
    assert statistics_file(chosen) == Path("/home/jane/state/statistics.sqlite3").absolute()
    assert user_file(chosen) == Path("/home/jane/my.toml")


@posix
def test_only_the_user_reads_it(path: Path) -> None:
    """Neither the file nor the folder that is made for it."""
    counted(path, request())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@posix
def test_rights_of_others_are_taken_away(path: Path) -> None:
    """Whoever gave them: a restored backup, or an umask."""
    counted(path, request())
    path.chmod(0o644)
    counted(path, request())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_older_file_is_migrated(path: Path) -> None:
    """What was counted stays."""
    counted(path, request())
    database = Database(path, LATER)
    database.add(tally([request()], DAY).items(), DAY)
    database.close()
    assert value(path, "PRAGMA user_version") == len(LATER)
    assert value(path, "SELECT count(*) FROM series WHERE colour IS NULL")
    assert value(path, "SELECT count(DISTINCT day) FROM counts") == 2


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    """All of its statements are carried out, or none."""
    counted(path, request())
    broken = (*MIGRATIONS, ("CREATE TABLE half (a)", "no statement"))
    database = Database(path, broken)
    with pytest.raises(sqlite3.OperationalError):
        database.add([], DAY)
    assert value(path, "PRAGMA user_version") == len(MIGRATIONS)
    assert not value(path, "SELECT count(*) FROM sqlite_master WHERE name = 'half'")


def test_a_newer_file_is_left_alone(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is written, which is said."""
    newer = Database(path, LATER)
    newer.add([], DAY)
    newer.close()
    before = path.read_bytes()
    counted(path, request(), request())
    assert path.read_bytes() == before
    assert caplog.text.count("newer version of codestral-ls") == 1
    with pytest.raises(Unreadable, match="newer version"):
        read(path, 30)


def test_a_file_that_is_migrated_while_it_is_open_is_left_alone(path: Path) -> None:
    """The user may update one editor's server while another one's runs."""
    old = Database(path)
    old.add(tally([request()], DAY).items(), DAY)
    newer = Database(path, LATER)
    newer.add([], DAY)
    with pytest.raises(NewerFile):
        old.add(tally([request()], DAY).items(), DAY)
    old.close()
    newer.close()


@pytest.mark.parametrize("kind", ["text", "truncated", "foreign"])
def test_a_broken_or_foreign_file_is_set_aside(
    path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It keeps its content under another name, and counting begins anew."""
    counted(path, request())
    if kind == "foreign":
        path.unlink()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE somebodys (a)")
    else:
        damaged = path.read_bytes()[:5000] if kind == "truncated" else b"no database\n" * 500
        path.write_bytes(damaged)
    content = path.read_bytes()
    with pytest.raises(Unreadable):
        read(path, 30)
    counted(path, request(), request())
    (aside,) = [each for each in path.parent.iterdir() if each.name.endswith("-broken.sqlite3")]
    assert aside.read_bytes() == content
    assert caplog.text.count("they begin anew") == 1
    assert read(path, 30).total.requests == 2


def test_a_file_that_another_server_has_replaced_is_not_set_aside(path: Path) -> None:
    """Both have seen the broken one."""
    path.parent.mkdir()
    path.write_bytes(b"no database\n" * 500)
    slow = Database(path)
    with pytest.raises(sqlite3.DatabaseError):
        slow.add([], DAY)
    path.rename(path.with_name("aside"))
    counted(path, request())
    assert slow.set_aside() is None
    assert read(path, 2).total.requests == 1


def test_a_file_that_is_being_made_is_not_foreign(path: Path) -> None:
    """Between two looks at it, another server may make its tables."""
    path.parent.mkdir()
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as one,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        one.execute("PRAGMA journal_mode = WAL")

        def make(statement: str) -> None:
            if "user_version" in statement:
                migrate(other, MIGRATIONS)

        one.set_trace_callback(make)
        assert version_of(one, MIGRATIONS) == 0
        assert version_of(one, MIGRATIONS) == len(MIGRATIONS)


def test_the_right_to_write_is_had_by_one(path: Path) -> None:
    """From the start of a transaction, not from its first change on."""
    counted(path, request())
    with (
        closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as one,
        closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other,
        writing(one),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        writing(other).__enter__()


def test_a_file_without_its_tables_is_set_aside(path: Path) -> None:
    """Somebody has played with it."""
    counted(path, request())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE counts")
    counted(path, request())
    assert read(path, 30).total.requests == 1


def test_a_file_that_is_removed_is_made_again(path: Path) -> None:
    """The user may do so at any time; nothing is counted to a file that nobody sees."""
    database = Database(path)
    database.add(tally([request()] * 5, DAY).items(), DAY)
    for each in path.parent.iterdir():
        each.unlink()
    database.add(tally([call(cost=0.5)], DAY).items(), DAY)
    assert database.totals(DAY) == (1, 0.5)
    database.close()
    assert value(path, "SELECT count(*) FROM series WHERE kind = 'answer'") == 0


def test_todays_totals_are_those_of_calls_that_cost(path: Path) -> None:
    """Neither other days' nor those of the user's own machine."""
    database = Database(path)
    database.add(tally([call(cost=0.25)] * 3, DAY).items(), DAY)
    database.add(tally([call(cost=0.25), call(local=True)], DAY + 1).items(), DAY + 1)
    assert database.totals(DAY + 1) == (1, 0.25)
    assert database.totals(DAY + 2) == (0, 0.0)
    database.close()


def test_old_days_are_forgotten(path: Path) -> None:
    """The file does not grow for ever."""
    database = Database(path)
    for day in (DAY, DAY + KEPT_DAYS + 1, DAY + KEPT_DAYS + 2):
        database.add(tally([request()], day).items(), day)
    database.close()
    assert value(path, "SELECT min(day) FROM counts") == DAY + KEPT_DAYS + 1


def test_a_clock_that_is_years_ahead_once_deletes_nothing(path: Path) -> None:
    """Neither on that day nor when it is right again."""
    database = Database(path)
    for day in (DAY, DAY + 10 * KEPT_DAYS, DAY + 1, DAY + 2):
        database.add(tally([request()], day).items(), day)
    database.close()
    assert value(path, "SELECT count(DISTINCT day) FROM counts") == 4


@posix
def test_what_is_no_file_is_left_as_it_is(path: Path) -> None:
    """A device or a pipe has rights that others rely on."""
    path.parent.mkdir()
    os.mkfifo(path)
    path.chmod(0o666)
    counted(path, request())
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_the_number_of_names_is_bounded(path: Path) -> None:
    """Over all batches; nothing is lost for it."""
    database = Database(path)
    for start in (0, MOST_NAMES - 10):
        names = [f"language {number}" for number in range(start, start + MOST_NAMES)]
        ended = [request(labels=Labels(language=each)) for each in names]
        database.add(tally(ended, DAY).items(), DAY)
    database.close()
    assert value(path, "SELECT count(DISTINCT language) FROM series") == MOST_NAMES + 1
    assert value(path, "SELECT count(*) FROM series WHERE language = 'other'")
    total = "SELECT sum(n) FROM counts JOIN series ON id = series WHERE measure = 'events'"
    assert value(path, total) == 2 * MOST_NAMES
