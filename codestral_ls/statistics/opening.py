"""The file of the statistics, opened to be read."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from codestral_ls.statistics.database import connect, is_busy
from codestral_ls.statistics.schema import (
    MIGRATIONS,
    ForeignFile,
    NewerFile,
    migrate,
    version_of,
)

BUSY_SECONDS = 2.0
"""Somebody waits for the figures, and nobody writes for longer."""

_SOUND = (
    """
    CREATE TEMP VIEW amounts AS
    SELECT day, series, bucket, CAST(n AS INTEGER) AS n FROM counts
    WHERE typeof(day) = 'integer' AND typeof(bucket) = 'integer'
    """,
    """
    CREATE TEMP VIEW labels AS
    SELECT
        id, CAST(language AS TEXT) AS language, CAST(provider AS TEXT) AS provider,
        CAST(model AS TEXT) AS model, CAST(kind AS TEXT) AS kind,
        CAST(outcome AS TEXT) AS outcome, CAST(measure AS TEXT) AS measure,
        {owner} AS owner
    FROM series
    """,
)
"""The tables as they should be: SQLite keeps values of any type in any column."""
_OWNER, _NO_OWNER = "CAST(owner AS TEXT)", "''"


class Unreadable(Exception):
    """The file cannot be read; the message is for the user."""


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that sees one state of the file, None if there is nothing in it yet.

    It has `amounts` (day, series, bucket, n) and `labels` (id, language, provider, model, kind,
    outcome, measure, owner), with numbers and texts alone, whatever is in the file.

    Raises:
        Unreadable: there is a file, but it cannot be read.
    """
    try:
        if not path.exists():
            yield None
            return
        with contextlib.closing(_opened(path)) as connection:
            version = version_of(connection, MIGRATIONS)
            if version:
                owner = _OWNER if _is_current(connection) else _NO_OWNER
                for view in _SOUND:
                    connection.execute(view.format(owner=owner))
            connection.execute("BEGIN")
            yield connection if version else None
    except NewerFile:
        raise Unreadable(f"{path} was written by a newer version of codestral-ls") from None
    except ForeignFile:
        raise Unreadable(f"{path} belongs to another program") from None
    except (OSError, sqlite3.Error) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from None


def _is_current(connection: sqlite3.Connection) -> bool:
    """Whether the tables are of this version; they are not where an old file cannot be changed."""
    try:
        migrate(connection, MIGRATIONS)  # where only an older server has written
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
            return False
        raise
    return True


def _opened(path: Path) -> sqlite3.Connection:
    """A connection that makes no file; of a medium that cannot be written to as well."""
    address = path.absolute().as_uri()
    # With the right to write, since reading in WAL mode makes two files beside it, which the last
    # one to close removes.
    connection = connect(f"{address}?mode=rw", BUSY_SECONDS, is_address=True)
    try:
        version_of(connection, MIGRATIONS)
    except sqlite3.OperationalError as error:
        connection.close()
        if is_busy(error):
            raise
        return connect(f"{address}?immutable=1", BUSY_SECONDS, is_address=True)
    except BaseException:
        connection.close()
        raise
    return connection
