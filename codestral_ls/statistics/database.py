"""The file that all servers of a user add to: SQLite, for which eight writers are no matter."""

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from codestral_ls.statistics.names import MOST_NAMES, MOST_OWNERS, bounded
from codestral_ls.statistics.schema import (
    MIGRATIONS,
    ForeignFile,
    migrate,
    version_of,
    writing,
)
from codestral_ls.statistics.tally import NANOS, Kind, Measure, Place

BUSY_SECONDS = 0.2
"""Another server needs 1 ms for its batch; whoever holds the file longer is not waited for."""
KEPT_DAYS = 3 * 366
"""Then a day is forgotten. A year of 1 000 000 happenings takes 4 MB."""
BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""Damaged, no database, or (since our statements are right) without the tables it should have."""

_PART_OF_SERIES = """
    INSERT OR IGNORE INTO series (language, provider, model, kind, outcome, measure, owner)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_ADD = """
    INSERT INTO counts (day, series, bucket, n)
    SELECT ?, id, ?, ? FROM series
    WHERE language = ? AND provider = ? AND model = ? AND kind = ? AND outcome = ? AND measure = ?
        AND owner = ?
    ON CONFLICT (day, series, bucket) DO UPDATE SET n = n + excluded.n
"""
_FORGET = """
    DELETE FROM counts WHERE day < (SELECT max(day) FROM counts WHERE day < ?) - ?
"""
"""Counted from the day before today that has counts: a clock that is years ahead for once must not
delete everything."""
_TOTAL = """
    SELECT coalesce(sum(CAST(n AS INTEGER)), 0) FROM counts JOIN series ON series.id = counts.series
    WHERE day = ? AND kind = ? AND measure = ?
"""
_MOST = (
    *(("language", MOST_NAMES), ("provider", MOST_NAMES), ("model", MOST_NAMES)),
    ("owner", MOST_OWNERS),
)
"""How many different names there may be of what."""


class Totals(NamedTuple):
    """What all servers together asked providers for on a day that are not local, and its cost."""

    requests: int
    cost: float


class Database:
    """One connection, opened when it is needed, for one thread."""

    def __init__(self, path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
        self._path = path
        self._migrations = migrations
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[int, int] | None = None
        self._names: dict[str, set[str]] = {}
        self._forgotten = 0

    def add(self, rows: Iterable[tuple[Place, int]], today: int) -> None:
        """Adds amounts to what is there: all of them or, where it raises, none.

        Raises:
            OSError, sqlite3.Error, NewerFile, ForeignFile: it cannot be done, or not now.
        """
        connection = self._opened()
        with writing(connection):
            version_of(connection, self._migrations)  # a newer server may have migrated it
            rows = _renamed(connection, list(rows), self._names)
            connection.executemany(_PART_OF_SERIES, {place.series for place, _ in rows})
            connection.executemany(
                _ADD, [(place.day, place.bucket, n, *place.series) for place, n in rows]
            )
            if self._forgotten != today:
                connection.execute(_FORGET, (today, KEPT_DAYS))
        self._forgotten = today

    def totals(self, day: int) -> Totals:
        """What was asked for on a day; raises as `add` does."""
        connection = self._opened()
        kind = Kind.CALL.value
        (requests,) = connection.execute(_TOTAL, (day, kind, Measure.EVENTS.value)).fetchone()
        (nanos,) = connection.execute(_TOTAL, (day, kind, Measure.MONEY.value)).fetchone()
        return Totals(requests, nanos / NANOS)

    def close(self) -> None:
        """Gives the connection back; it is opened again when it is needed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def set_aside(self) -> Path | None:
        """Renames a broken file; says what it is called now, None if another server did it.

        Raises:
            OSError: it cannot be renamed.
        """
        self.close()
        if self._seen is None or _identity(self._path) != self._seen:
            return None
        now = datetime.now().astimezone()
        # The process as well: a name that is taken would be overwritten.
        stem = f"{self._path.stem}-{now:%Y-%m-%d-%H%M%S}-{os.getpid()}"
        aside = self._path.with_name(f"{stem}-broken{self._path.suffix}")
        self._path.rename(aside)
        for ending in ("-wal", "-shm"):  # a new file would take them for its own
            with contextlib.suppress(FileNotFoundError):
                part = self._path.with_name(self._path.name + ending)
                part.rename(aside.with_name(aside.name + ending))
        return aside

    def _opened(self) -> sqlite3.Connection:
        """The connection, to the file that lies there now: the user may have removed it."""
        if self._connection is not None and _identity(self._path) == self._seen:
            return self._connection
        self.close()
        _make_private(self._path)
        self._seen = _identity(self._path)
        connection = connect(str(self._path), BUSY_SECONDS)
        try:
            version_of(connection, self._migrations)  # before anything is written
            # Readers and a writer at once. Where a file system cannot do it, it stays as it was.
            connection.execute("PRAGMA journal_mode = WAL")
            # A power failure may take the last seconds, but breaks nothing.
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection, self._migrations)
        except BaseException:
            connection.close()
            raise
        self._connection, self._names = connection, {}
        return connection


def connect(database: str, timeout: float, *, is_address: bool = False) -> sqlite3.Connection:
    """A connection without transactions that nobody has begun; a name may be no UTF-8."""
    connection = sqlite3.connect(database, timeout, isolation_level=None, uri=is_address)
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    return connection


def is_broken(error: Exception) -> bool:
    """Whether the file will never be of use again."""
    if isinstance(error, sqlite3.Error):
        # The low byte is the kind of the error. Python's own errors have no code.
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in BROKEN
    return isinstance(error, ForeignFile)


def is_busy(error: Exception) -> bool:
    """Whether somebody else holds the file."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _renamed(
    connection: sqlite3.Connection, rows: list[tuple[Place, int]], names: dict[str, set[str]]
) -> list[tuple[Place, int]]:
    """The rows with as many different names as the file may hold.

    Of these `names` are known already: none is ever removed, and with a thousand users it takes
    24 ms to read them all.
    """
    called = {}
    for field, most in _MOST:
        wanted = dict.fromkeys(getattr(place.series, field) for place, _ in rows)
        known = names.setdefault(field, set())
        if not wanted.keys() <= known:
            read = connection.execute(f"SELECT DISTINCT {field} FROM series")  # noqa: S608 - one of the names above
            known.update(name for (name,) in read)
        called[field] = bounded(wanted, known, most)
    return [
        (
            place._replace(
                series=place.series._replace(
                    language=called["language"][place.series.language],
                    provider=called["provider"][place.series.provider],
                    model=called["model"][place.series.model],
                    owner=called["owner"][place.series.owner],
                )
            ),
            n,
        )
        for place, n in rows
    ]


def _make_private(path: Path) -> None:
    """Makes the file and its folder, for the user alone; takes others' rights to the file away.

    Raises:
        OSError: this cannot be done, or it is no file.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):  # a device, whose rights are everybody's
            raise OSError("it is no file")
        if os.name == "posix" and mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
