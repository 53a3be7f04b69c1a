"""The tables of the statistics, and files of another age or another kind."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

APPLICATION = 0x636C7331
"""Marks a file as ours ("cls1"), where `file` and SQLite look for it."""

MIGRATIONS: Sequence[Sequence[str]] = (
    (
        """
        CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            language TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
            kind TEXT NOT NULL, outcome TEXT NOT NULL, measure TEXT NOT NULL,
            UNIQUE (language, provider, model, kind, outcome, measure)
        )
        """,
        """
        CREATE TABLE counts (
            day INTEGER NOT NULL, series INTEGER NOT NULL, bucket INTEGER NOT NULL,
            n INTEGER NOT NULL,
            PRIMARY KEY (day, series, bucket)
        ) WITHOUT ROWID
        """,
    ),
    (  # who asked, where several share a gateway; SQLite cannot change what is unique in a table
        """
        CREATE TABLE owned (
            id INTEGER PRIMARY KEY,
            language TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
            kind TEXT NOT NULL, outcome TEXT NOT NULL, measure TEXT NOT NULL,
            owner TEXT NOT NULL,
            UNIQUE (language, provider, model, kind, outcome, measure, owner)
        )
        """,
        """
        INSERT INTO owned
        SELECT id, language, provider, model, kind, outcome, measure, '' FROM series
        """,
        "DROP TABLE series",
        "ALTER TABLE owned RENAME TO series",
    ),
)
"""What makes version 1 of an empty file, version 2 of version 1, and so on."""


class NewerFile(Exception):
    """A later version of the program made the file; it is left alone."""


class ForeignFile(Exception):
    """A database, but not of this program."""


def migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]]) -> None:
    """Brings the file to the version that the migrations lead to, if it is an older one.

    Raises:
        NewerFile: it is a newer one.
        ForeignFile: it is something else.
    """
    if version_of(connection, migrations) == len(migrations):
        return
    with writing(connection):
        # Looked at again: another server may have done it while this one waited for the lock.
        for statements in migrations[version_of(connection, migrations) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")


def version_of(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]]) -> int:
    """The version of a file's tables, 0 for an empty file.

    Raises:
        NewerFile: it is newer than what the migrations lead to.
        ForeignFile: it is something else.
    """
    with _of_one_moment(connection):
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION and (application or version or tables):
        raise ForeignFile
    if version > len(migrations):
        raise NewerFile
    return int(version)


@contextmanager
def _of_one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is read while the block runs is from one state of the file.

    Tables that another server makes just now would be a foreign file's otherwise.
    """
    begins = not connection.in_transaction
    if begins:
        connection.execute("BEGIN")
    try:
        yield
    finally:
        if begins and connection.in_transaction:  # some errors have ended it already
            connection.execute("ROLLBACK")


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Holds the right to write while the block runs; what fails in it leaves no trace."""
    # At once, since a reader cannot become a writer where another one has written meanwhile.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
