"""How the file of tokens is written: JSON, for its user alone, and always whole."""

import contextlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from codestral_ls.gateway.users import Bounds

if os.name == "posix":
    import fcntl

VERSION = 1
NAME = re.compile(r"[\w.@-]{1,40}", re.ASCII)
"""Of users, as they stand in the file, in metrics and in the statistics."""
ID_CHARS = 8
ID = re.compile(rf"[0-9a-f]{{{ID_CHARS}}}")
SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_BYTES = 20_000_000
LATEST = 253_402_300_799
"""The end of the year 9999, behind which no date is."""


class BrokenFile(Exception):
    """The file cannot be read, or it is not what it should be; the message is for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is kept of a token; times are in seconds since 1970, 0 for one that never comes.

    With one for `metrics` those of all users can be read.
    """

    id: str
    name: str
    sha256: str
    created: int
    expires: int
    bounds: Bounds
    metrics: bool = False

    def is_over(self, now: float) -> bool:
        """Whether it has expired."""
        return bool(self.expires) and now >= self.expires


def read_records(path: Path) -> tuple[Record, ...]:
    """The records in a file; none if there is no such file.

    Raises:
        BrokenFile: it cannot be read, or it is not what it should be.
    """
    try:
        return _records(json.loads(_text(path)))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise BrokenFile(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        why = f"{path} is no file of tokens: put a sound copy in its place, or remove it"
        raise BrokenFile(why) from None


def write_records(path: Path, records: Sequence[Record]) -> None:
    """Puts a file in the place of the old one, for its user alone.

    Raises:
        OSError: that is impossible.
    """
    target = Path(os.path.realpath(path))  # the file itself, where a link leads to it
    text = json.dumps(
        {"version": VERSION, "tokens": [_written(each) for each in records]}, indent=2
    )
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
            _give_to_owner(file.fileno(), target)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _give_to_owner(descriptor: int, target: Path) -> None:
    """Leaves the file to whom the old one belongs, or to whom its folder does.

    Root makes tokens for a gateway that runs as somebody else, who must be able to read them.
    """
    if os.name == "posix" and os.geteuid() == 0:
        owned = (target if target.exists() else target.parent).stat()
        os.fchown(descriptor, owned.st_uid, owned.st_gid)


@contextlib.contextmanager
def changing(path: Path) -> Iterator[None]:
    """Keeps all others from changing the file until the block ends.

    Raises:
        OSError: there is no folder for it, and none can be made.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = path.with_name(path.name + ".lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name == "posix":
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # which lets go of the lock


def _text(path: Path) -> bytes:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & stat.S_IWOTH:
            raise BrokenFile(f"everybody may write to {path}: run chmod 600 on it")
        text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise ValueError
    return text


def _written(record: Record) -> Mapping[str, object]:
    row = asdict(record)
    bounds = row.pop("bounds")
    return {**row, **bounds}


def _records(found: Any) -> tuple[Record, ...]:  # noqa: ANN401 - JSON
    if found["version"] != VERSION:
        raise ValueError
    records = tuple(_record(each) for each in found["tokens"])
    if len({each.id for each in records}) < len(records):
        raise ValueError
    return records


def _record(row: Mapping[str, Any]) -> Record:
    for name, form in (("id", ID), ("name", NAME), ("sha256", SHA256)):
        if not form.fullmatch(row[name]):
            raise ValueError
    bounds = {each.name: each.metadata["kind"].parse(row[each.name]) for each in fields(Bounds)}
    return Record(
        id=row["id"],
        name=row["name"],
        sha256=row["sha256"],
        created=_time(row["created"]),
        expires=_time(row["expires"]),
        bounds=Bounds(**bounds),
        metrics=row["metrics"] is True,
    )


def _time(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LATEST:
        raise ValueError
    return value
